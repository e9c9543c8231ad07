"""The shapes of figures that hold the program itself to account: its forecasts and its speed.

Filled by `backtest_figures`, `joint_figures` and `bench_figures`; `drawing` draws them.
"""

from __future__ import annotations

from dataclasses import dataclass

from kla_sim.arrays import FloatArray
from kla_sim.report.charts import Axis, Figure, Table


@dataclass(frozen=True)
class _InPanels(Figure):
    """What is drawn in panels of like axes."""

    x: Axis
    y: Axis
    panel_keys: tuple[tuple[str, ...], ...]
    panel_labels: tuple[str, ...]
    n_columns: int
    table_names: tuple[str, ...]  # of the parts of a panel's key

    def parts(self) -> tuple[str, ...]:
        """Return what each panel is of."""
        return self.panel_labels


@dataclass(frozen=True)
class Reliability(_InPanels):
    """Chances given beside the shares that came true, with the band that right ones would keep."""

    points: tuple[FloatArray, ...]  # per panel (n_points, 4) forecast, observed, band's ends
    counts: tuple[tuple[int, ...], ...]  # per panel and point, the chances in it
    count_labels: tuple[tuple[str, ...], ...]
    point_label: str
    right_label: str
    band_label: str

    def table(self) -> Table:
        """Return one row per panel and point."""
        return Table(
            (*self.table_names, "forecast", "observed", "n", "band_low", "band_high"),
            [
                (*keys, forecast, observed, n, low, high)
                for keys, points, counts in zip(
                    self.panel_keys, self.points, self.counts, strict=True
                )
                for (forecast, observed, low, high), n in zip(points.tolist(), counts, strict=True)
            ],
        )


@dataclass(frozen=True)
class Histograms(_InPanels):
    """Shares by equal bins, a panel each, with the band that even ones would keep."""

    edges: FloatArray  # (n_bins + 1,)
    shares: FloatArray  # (n_panels, n_bins)
    bands: FloatArray  # (n_panels, 2)
    share_label: str
    even_label: str
    band_label: str

    def table(self) -> Table:
        """Return one row per panel and bin."""
        edges = self.edges.tolist()
        return Table(
            (*self.table_names, "low", "high", "share", "band_low", "band_high"),
            [
                (*keys, low, high, float(share), *band)
                for keys, shares, band in zip(
                    self.panel_keys, self.shares, self.bands.tolist(), strict=True
                )
                for low, high, share in zip(edges[:-1], edges[1:], shares, strict=True)
            ],
        )


@dataclass(frozen=True)
class Growth(Figure):
    """How measured figures grow with a size: labelled lines on logarithmic scales."""

    x: Axis
    y: Axis
    sizes: FloatArray  # (n_sizes,)
    keys: tuple[str, ...]
    labels: tuple[str, ...]
    values: FloatArray  # (n_lines, n_sizes)
    table_names: tuple[str, str, str]

    def parts(self) -> tuple[str, ...]:
        """Return the lines."""
        return self.labels

    def table(self) -> Table:
        """Return one row per line and size."""
        return Table(
            self.table_names,
            [
                (key, float(size), float(value))
                for key, row in zip(self.keys, self.values, strict=True)
                for size, value in zip(self.sizes, row, strict=True)
            ],
        )
