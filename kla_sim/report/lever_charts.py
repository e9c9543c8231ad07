"""The shapes of figures over levers: a curve along one, and a map over two."""

from __future__ import annotations

from dataclasses import dataclass

from kla_sim.arrays import FloatArray
from kla_sim.report.charts import Axis, Figure, Table, Tick


@dataclass(frozen=True)
class LeverCurve(Figure):
    """Estimates along a lever with their band, the level wanted, and where it is reached."""

    x: Axis
    y: Axis
    points: FloatArray  # (n_points, 4) lever, low, value, high; by rising lever
    band_label: str
    level: Tick
    crossings: FloatArray  # (n_crossings, 3) lever, low, high; within the axis
    crossing_labels: tuple[str, ...]

    def table(self) -> Table:
        """Return one row per point of the curve, then one per crossing."""
        points = [("curve", *row) for row in self.points.tolist()]
        crossings = [
            ("crossing", value, low, self.level.place, high)
            for value, low, high in self.crossings.tolist()
        ]
        return Table(("kind", "lever", "low", "value", "high"), [*points, *crossings])


@dataclass(frozen=True)
class LeverMap(Figure):
    """Estimates over two levers, with lines of equal height."""

    x: Axis
    y: Axis
    xs: FloatArray  # (n_x,)
    ys: FloatArray  # (n_y,)
    points: FloatArray  # (n_x, n_y, 3) low, value, high
    point_labels: tuple[tuple[str, ...], ...]  # (n_x, n_y)
    levels: tuple[Tick, ...]  # by rising height

    def reaches(self, level: Tick) -> bool:
        """Whether a line of this height runs over the map."""
        values = self.points[:, :, 1]
        return bool(values.min() < level.place <= values.max())

    def table(self) -> Table:
        """Return one row per point of the map."""
        return Table(
            ("first", "second", "low", "value", "high"),
            [
                (x, y, *self.points[i, j].tolist())
                for i, x in enumerate(self.xs.tolist())
                for j, y in enumerate(self.ys.tolist())
            ],
        )
