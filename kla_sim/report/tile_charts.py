"""The shape of a figure of tiles. `tile_figures` fills it, `tile_drawing` draws it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kla_sim.arrays import FloatArray
from kla_sim.report.charts import Figure, Places, Table, picked, rows_by_keys, taken


@dataclass(frozen=True)
class Tiles(Figure):
    """Regions where they lie, roughly: a tile each, in it a stacked bar per year.

    The last year's likeliest series is written large; `places` are (row, column) from the upper
    left. In a template: a tile at its place, its bars from the bottom to the top by `shares`.
    """

    tile_keys: tuple[str, ...]
    tile_labels: tuple[str, ...]
    places: tuple[tuple[int, int], ...]  # (n_tiles,) row and column
    n_rows: int
    n_columns: int
    year_labels: tuple[str, ...]
    series_keys: tuple[str, ...]  # from the worst to the best
    series_labels: tuple[str, ...]
    looks: tuple[int, ...]  # (n_series,) place in the palette of categories
    target: int  # the first series at which the target is reached
    shares: FloatArray  # (n_tiles, n_years, n_series)
    likeliest: tuple[tuple[int, ...], ...]  # (n_tiles, n_years) place of the series
    likeliest_labels: tuple[tuple[str, ...], ...]  # (n_tiles, n_years) its name and share
    reached_labels: tuple[str, ...]  # (n_tiles,) the odds of the target in the last year
    table_names: tuple[str, str, str, str]
    drawn_tiles: Places = None
    drawn_years: Places = None

    def shown(self) -> Tiles:
        """Return what is drawn of it."""
        tiles, years = self.drawn_tiles, self.drawn_years
        return replace(
            self,
            tile_keys=picked(self.tile_keys, tiles),
            tile_labels=picked(self.tile_labels, tiles),
            year_labels=picked(self.year_labels, years),
            shares=taken(taken(self.shares, tiles, 0), years, 1),
            likeliest=tuple(picked(row, years) for row in picked(self.likeliest, tiles)),
            likeliest_labels=tuple(
                picked(row, years) for row in picked(self.likeliest_labels, tiles)
            ),
            reached_labels=picked(self.reached_labels, tiles),
        )

    def parts(self) -> tuple[str, ...]:
        """Return each tile with what it most likely is in the last year."""
        return tuple(
            f"{label}: {years[-1]}"
            for label, years in zip(self.tile_labels, self.likeliest_labels, strict=True)
        )

    def table(self) -> Table:
        """Return one row per tile, year and series."""
        keys = self.tile_keys, self.year_labels, self.series_keys
        return Table(self.table_names, rows_by_keys(keys, self.shares))
