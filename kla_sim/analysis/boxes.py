"""Readable rules for when something happens: boxes of at most three conditions, held to the proof.

Boxes are searched for in two thirds of the worlds and judged in the last third, since futures of
one world hang together. What luck alone finds is measured by the same search on outcomes that
changed worlds. Called by `experiment.discover`, which knows what the columns are.

References
----------
Friedman, J. H. and Fisher, N. I. (1999). Bump hunting in high-dimensional data. Statistics and
Computing 9, 123-143. doi:10.1023/A:1008894516817
Bryant, B. P. and Lempert, R. J. (2010). Thinking inside the box: a participatory, computer-assisted
approach to scenario discovery. Technological Forecasting and Social Change 77(1), 34-49.
doi:10.1016/j.techfore.2009.08.002
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kla_sim.analysis.box_search import Condition, Search, inside, rounded_bounds
from kla_sim.analysis.estimate import Estimate, estimate_share
from kla_sim.arrays import BoolArray, FloatArray, IntArray

MOST_RULES = 3
LEAST_EACH = 30
"""Futures that happen so, and that do not, below which nothing can be said of either."""

_HELD_OUT = 3
"""Each third world is held out."""

_SHUFFLES = 19
"""The best of so many shuffles is exceeded by luck with a chance of 5 %."""

_SEED = 19_990_601


class Rule(NamedTuple):
    """A box and what happens inside, among the futures in which no rule before it holds.

    Attributes
    ----------
    conditions : that all hold.
    coverage : share of all that happens that lies inside.
    density : share of the futures inside in which it happens.
    baseline : the same of all the futures that are left to this rule.
    held_out : the density in the worlds that the search did not see.
    held_out_baseline : the baseline there.
    """

    conditions: tuple[Condition, ...]
    coverage: float
    density: float
    baseline: float
    held_out: Estimate
    held_out_baseline: float


class Rules(NamedTuple):
    """What the search found.

    Attributes
    ----------
    rules : the best first.
    baseline : share of all futures in which it happens.
    held_out_baseline : the same in the worlds that the search does not see.
    quality, luck : of the first box found, and what luck alone reaches: no rule is one below it.
    looked_at : (n_boxes, 2) coverage and density of the boxes on the way, none of them worse in
        both than another.
    """

    rules: list[Rule]
    baseline: float
    held_out_baseline: float
    quality: float
    luck: float
    looked_at: FloatArray


def find_rules(values: FloatArray, happens: BoolArray, world: IntArray, n_worlds: int) -> Rules:
    """Return at most three rules for when something happens; none where luck does as well.

    Parameters
    ----------
    values : (n, n_columns) what is known of each future; NaN = nothing, and no condition holds.
    happens : (n,) in which futures it does.
    world : (n,) number of the world of each.
    """
    is_held = world % _HELD_OUT == _HELD_OUT - 1
    search = Search(values[~is_held], [rounded_bounds(column) for column in values.T])
    seen = happens[~is_held]
    luck = _quality_of_luck(search, seen, world[~is_held])
    left = np.ones(len(happens), dtype=bool)
    first = box = search.best(seen, left[~is_held])
    rules: list[Rule] = []
    while box is not None and box.quality > luck:
        is_inside = left & inside(values, box.conditions)
        rule = _judged(box.conditions, is_inside, left, happens, is_held, world, n_worlds)
        if rule is None:
            break
        rules.append(rule)
        left &= ~is_inside
        if len(rules) == MOST_RULES or not happens[left & ~is_held].any():
            break
        box = search.best(seen, left[~is_held])
    return Rules(
        rules=rules,
        baseline=float(happens.mean()),
        held_out_baseline=float(happens[is_held].mean()),
        quality=first.quality if first else 0.0,
        luck=luck,
        looked_at=search.front(seen),
    )


def _judged(
    conditions: tuple[Condition, ...],
    is_inside: BoolArray,
    left: BoolArray,
    happens: BoolArray,
    is_held: BoolArray,
    world: IntArray,
    n_worlds: int,
) -> Rule | None:
    """Return a rule with its numbers; None where held-out worlds do not bear it out."""
    is_proof = is_inside & is_held
    if not is_proof.any():
        return None
    held_out = estimate_share(
        np.bincount(world[is_proof & happens], minlength=n_worlds).astype(float),
        np.bincount(world[is_proof], minlength=n_worlds).astype(float),
    )
    baseline = float(happens[left & is_held].mean())
    if held_out.low <= baseline:
        return None
    return Rule(
        conditions,
        coverage=float(happens[is_inside].sum() / happens.sum()),
        density=float(happens[is_inside].mean()),
        baseline=float(happens[left].mean()),
        held_out=held_out,
        held_out_baseline=baseline,
    )


def _quality_of_luck(search: Search, happens: BoolArray, world: IntArray) -> float:
    """Return the best quality that the search reaches where worlds have the outcomes of others."""
    rng = np.random.default_rng(_SEED)
    present, places = np.unique(world, return_inverse=True)
    order = np.argsort(places, kind="stable")
    sizes = np.bincount(places)
    first = np.cumsum(sizes) - sizes
    within = np.empty(len(world), dtype=np.int64)
    within[order] = np.arange(len(world)) - first[places[order]]
    everywhere = np.ones(len(world), dtype=bool)
    best = 0.0
    for _shuffle in range(_SHUFFLES):
        other = rng.permutation(len(present))[places]
        taken = order[first[other] + within % sizes[other]]
        box = search.best(happens[taken], everywhere)
        best = max(best, box.quality if box else 0.0)
    return best
