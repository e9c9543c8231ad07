"""What the map of tiles shows: which category each region most likely holds, year by year.

The six regions of Jakarta lie as they do on a map, roughly; those of any other plan stand in their
order in a grid. Nothing here knows how it is drawn.
"""

from __future__ import annotations

import datetime as dt
import math
from functools import partial

import numpy as np

from kla_sim.analysis.summary import Summary
from kla_sim.arrays import FloatArray
from kla_sim.domain.categories import CATEGORIES
from kla_sim.domain.places import bare_place
from kla_sim.language import category, number, text
from kla_sim.report.limits import noted, spread_cycles, weakest_cities
from kla_sim.report.tile_charts import Tiles
from kla_sim.report.words import phrase_day, phrase_percent, phrase_share

_ = partial(text, "plots")

_MAP = {
    "kepulauan seribu": (0, 0),
    "jakarta utara": (1, 1),
    "jakarta barat": (2, 0),
    "jakarta pusat": (2, 1),
    "jakarta timur": (2, 2),
    "jakarta selatan": (3, 1),
}
"""Row and column of each region: the islands off the coast, the mainland around its middle."""

_MAP_SIZE = (4, 3)
_MOST_COLUMNS = 6


def tile_map(summary: Summary, footer: str) -> Tiles:
    """Return the category held at the end of each year, a tile per region.

    Parameters
    ----------
    summary : of a run, or of a `Tally` while futures pass.
    """
    labels, target, one_city = summary.labels, summary.target, len(summary.labels.cities) == 1
    shares = _by_year(summary)
    likeliest = shares.argmax(axis=2)
    drawn, years = weakest_cities(summary), spread_cycles(len(labels.years))
    names = labels.city_names if drawn is None else [labels.city_names[k] for k in drawn]
    places, size = _places(names)
    names_of = tuple(category(name) for name in CATEGORIES)
    is_likely = [place for place, one in enumerate(likeliest[:, -1]) if one >= target]
    return Tiles(
        "tiles",
        _(
            "tiles_title_one" if one_city else "tiles_title",
            n=number(len(is_likely)),
            of=number(len(labels.cities)),
            category=CATEGORIES[target],
            likely=names_of[int(likeliest[0, -1])],
            city=labels.city_names[0],
            date=phrase_day(summary, _last_days(summary)[-1]),
        ),
        noted(noted(_("tiles_note", footer=footer), "cities", drawn, len(labels.cities)),
              "years", years, len(labels.years)),
        tile_keys=tuple(labels.cities),
        tile_labels=tuple(labels.city_names),
        places=places,
        n_rows=size[0],
        n_columns=size[1],
        year_labels=tuple(map(str, labels.years)),
        series_keys=CATEGORIES,
        series_labels=names_of,
        looks=tuple(range(len(CATEGORIES))),
        target=target,
        shares=shares,
        likeliest=tuple(map(tuple, likeliest.tolist())),
        likeliest_labels=_likeliest_labels(shares, summary.n),
        reached_labels=tuple(_reached(summary, shares)),
        table_names=("city", "year", "category", "share"),
        drawn_tiles=drawn,
        drawn_years=years,
    )  # fmt: skip


def _likeliest_labels(shares: FloatArray, n: int) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(
            _(
                "likeliest",
                category=CATEGORIES[int(year.argmax())],
                share=phrase_percent(float(year.max()), n),
            )
            for year in years
        )
        for years in shares
    )


def _last_days(summary: Summary) -> list[int]:
    """Return the last day of each year, the horizon in the last one."""
    start = summary.labels.start
    return [
        min((dt.date(year, 12, 31) - start).days, summary.horizon_day)
        for year in summary.labels.years
    ]


def _by_year(summary: Summary) -> FloatArray:
    """Return the shares of the categories held on the last day of each year."""
    curve = summary.curve
    rows = np.searchsorted(curve.days, _last_days(summary), side="right") - 1
    return np.asarray(curve.standing[rows].transpose(1, 0, 2))


def _reached(summary: Summary, shares: FloatArray) -> list[str]:
    """Return the odds of the target at the end: those of the deadline where it falls there."""
    rows = np.searchsorted(
        summary.curve.days, [summary.deadline_day, summary.horizon_day], side="right"
    )
    reached = shares[:, -1, summary.target :].sum(axis=1)
    odds = (
        [phrase_share(one) for one in summary.cities]
        if rows[0] == rows[1]
        else [phrase_percent(float(share), summary.n) for share in reached]
    )
    return [_("reached", category=CATEGORIES[summary.target], odds=one) for one in odds]


def _places(names: list[str]) -> tuple[tuple[tuple[int, int], ...], tuple[int, int]]:
    """Return row and column of each region, and how many rows and columns there are."""
    known = [_MAP.get(bare_place(name)) for name in names]
    places = tuple(place for place in known if place is not None)
    if len(names) > 1 and len(set(places)) == len(names):
        return places, _MAP_SIZE
    n_columns = min(_MOST_COLUMNS, math.ceil(math.sqrt(len(names))))
    n_rows = -(-len(names) // n_columns)
    return tuple(divmod(place, n_columns) for place in range(len(names))), (n_rows, n_columns)
