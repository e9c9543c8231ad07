"""What is drawn of more than a sheet can hold, and the sentence that says so.

The tables beside the drawings always hold everything.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from kla_sim.analysis.summary import Summary
from kla_sim.language import number, text
from kla_sim.report.charts import Places

_ = partial(text, "figures")

MOST_CITIES = 60
MOST_CYCLES = 6
MOST_RUNS = 8


def weakest_cities(summary: Summary) -> Places:
    """Return the places of the cities drawn: all, or those with the lowest odds."""
    return weakest_of(summary, MOST_CITIES)


def weakest_of(summary: Summary, most: int) -> Places:
    """Return the places of so many cities with the lowest odds; None where all are drawn."""
    return _first([city.value for city in summary.cities], most)


def spread_cycles(n_cycles: int) -> Places:
    """Return the places of the cycles drawn: all, or evenly from the first to the last."""
    if n_cycles <= MOST_CYCLES:
        return None
    places = np.rint(np.linspace(0, n_cycles - 1, MOST_CYCLES)).astype(int)
    return tuple(places.tolist())


def best_runs(summaries: list[Summary]) -> Places:
    """Return the places of the runs drawn: all, or the first and those with the highest odds."""
    odds = [-summary.all_cities.value for summary in summaries]
    return _first([min(odds) - 1.0, *odds[1:]], MOST_RUNS)


def noted(footer: str, what: str, places: Places, n: int) -> str:
    """Return a footer that begins with how many of these are drawn, where not all are."""
    if places is None:
        return footer
    note = _(f"drawn_{what}", drawn=number(len(places)), n=number(n))
    return f"{note} {footer}"


def below(places: Places, offset: int = 1) -> Places:
    """Return places moved down by rows that are always drawn, which come first."""
    return None if places is None else (*range(offset), *(place + offset for place in places))


def _first(values: list[float], most: int) -> Places:
    """Return the places of the lowest values, in their order; None if all are drawn."""
    if len(values) <= most:
        return None
    return tuple(sorted(np.argsort(np.array(values), kind="stable")[:most].tolist()))
