"""The figures of `bench`: how the time of a future grows with cities, and a run with futures."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from kla_sim.arrays import FloatArray
from kla_sim.language import number, text
from kla_sim.report.charts import Axis, Tick
from kla_sim.report.drawable import Drawable
from kla_sim.report.score_charts import Growth

_ = partial(text, "bench")


def bench_makers(document: dict[str, Any]) -> dict[str, Callable[[], Drawable]]:
    """Return what makes the figures of a `bench` document, by their names."""
    footer = _(
        "figure_footer",
        processor=document["machine"]["processor"],
        cores=number(document["machine"]["cores"]),
        python=document["machine"]["python"],
        version=document["machine"]["packages"]["kla_sim"],
    )
    return {
        "bench_growth": partial(_by_activities, document["growth"], footer),
        "bench_runs": partial(_by_replications, document["runs"], footer),
    }


def _by_activities(growth: list[dict[str, Any]], footer: str) -> Growth:
    sizes = np.array([row["activities"] for row in growth], dtype=float)
    values = np.array([[1000.0 * row["seconds_per_replication"] for row in growth]])
    in_proportion = values[0, 0] * sizes / sizes[0]
    return _growth(
        "bench_growth",
        _("growth_figure_title"),
        footer,
        sizes,
        ("measured", "in_proportion"),
        np.vstack([values, in_proportion]),
        ("activities", "milliseconds"),
    )


def _by_replications(runs: list[dict[str, Any]], footer: str) -> Growth:
    return _growth(
        "bench_runs",
        _("runs_figure_title"),
        footer,
        np.array([row["replications"] for row in runs], dtype=float),
        ("seconds_in_all", "seconds_simulating"),
        np.array([[row[key] for row in runs] for key in ("seconds", "simulation_seconds")]),
        ("replications", "seconds"),
    )


def _growth(
    name: str,
    title: str,
    footer: str,
    sizes: FloatArray,
    keys: tuple[str, ...],
    values: FloatArray,
    axes: tuple[str, str],
) -> Growth:
    return Growth(
        name,
        title,
        footer,
        x=_powers_of_ten(_(f"axis_{axes[0]}"), sizes),
        y=_powers_of_ten(_(f"axis_{axes[1]}"), values),
        sizes=sizes,
        keys=keys,
        labels=tuple(_(f"line_{key}") for key in keys),
        values=values,
        table_names=("line", *axes),
    )


def _powers_of_ten(label: str, values: FloatArray) -> Axis:
    """Return a logarithmic axis from the power of ten below the values to the one above."""
    low = math.floor(math.log10(float(values.min())))
    high = math.ceil(math.log10(float(values.max())))
    ticks = tuple(
        Tick(10.0**power, number(10.0**power, max(0, -power)))
        for power in range(low, max(high, low + 1) + 1)
    )
    return Axis(label, ticks[0].place, ticks[-1].place, ticks)
