"""The plot of `optimise`: what plans cost and what they reach, the unbeaten ones joined."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from kla_sim.arrays import FloatArray
from kla_sim.experiment.optimum import Optimum, Standing
from kla_sim.language import number, percent, rupiah, text
from kla_sim.report.charts import Axis, Tick
from kla_sim.report.choice_charts import Front, FrontMark
from kla_sim.report.figures import Caption
from kla_sim.report.optimise_words import phrase_name

_ = partial(text, "optimising")

_BILLION = 1e9
_MOST_TICKS = 7
_LEAST_SPAN = 1e-6


def front_figure(found: Optimum, caption: Caption) -> Front:
    """Return the plans by cost and by what leads, on fresh futures."""
    front = [_mark(one, found, "front") for one in found.front]
    named = [
        *(_mark(one, found, "rule") for one in found.rules),
        _mark(found.given, found, "given"),
        *(_mark(one, found, "alternative") for one in found.alternatives),
        _mark(found.best, found, "best"),
    ]
    marks = (*front, *named)
    seen = np.array(found.seen, dtype=float)
    values = np.array([end for mark in marks for end in (mark.low, mark.high)] + list(seen[:, 1]))
    costs = np.array([mark.cost for mark in marks] + list(seen[:, 0]))
    cheapest = found.front[0]
    return Front(
        "front",
        _(
            "front_title_regions" if found.is_rare else "front_title_odds",
            n=number(len(found.seen)),
            best=_value(found.best.leading(is_rare=found.is_rare).value, found),
            cost=rupiah(found.best.plan.cost),
            less=_value(cheapest.leading(is_rare=found.is_rare).value, found),
            cheapest=rupiah(cheapest.plan.cost),
        ),
        f"{caption.footer()} · {_('front_note')}",
        x=_axis(_("cost_axis"), costs / _BILLION, number, _BILLION),
        y=_axis(_("regions_axis"), values, number)
        if found.is_rare
        else _axis(_("odds_axis"), values, percent),
        seen=seen,
        seen_label=_("tried"),
        marks=marks,
        kind_labels={
            kind: _(f"kind_{kind}") for kind in ("front", "rule", "given", "alternative", "best")
        },
    )


def _mark(one: Standing, found: Optimum, kind: str) -> FrontMark:
    """Return a plan; its interval is that of its difference from the best plan."""
    best = found.best.leading(is_rare=found.is_rare).value
    behind = one.behind(is_rare=found.is_rare)
    here = best - behind.value
    is_best = one.name == "best"
    low, high = (here, here) if is_best else (best - behind.high, best - behind.low)
    return FrontMark(
        one.name or "front", phrase_name(one), kind, float(one.plan.cost), here, low, high
    )


def _value(value: float, found: Optimum) -> str:
    return number(value, 2) if found.is_rare else percent(value, 1)


def _axis(
    label: str, values: FloatArray, word: Callable[[float, int], str], size: float = 1.0
) -> Axis:
    """Return an axis between the round numbers around some values."""
    low, high = float(values.min()), float(values.max())
    rough = max(high - low, _LEAST_SPAN, 0.01 * abs(high)) / (_MOST_TICKS - 2)
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * next(m for m in (1.0, 2.0, 5.0, 10.0) if m * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step), math.ceil(high / step)
    last += first == last
    scale = 100.0 if word is percent else 1.0
    digits = max(0, -math.floor(math.log10(step * scale * (1 + 1e-9))))
    ticks = tuple(Tick(k * step * size, word(k * step, digits)) for k in range(first, last + 1))
    return Axis(label, ticks[0].place, ticks[-1].place, ticks)
