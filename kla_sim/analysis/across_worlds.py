"""What plans do in the worlds that may be true: the worst of them, and what a wrong choice costs.

The luck of few futures makes the worst world look worse and the best plan look better than they
are. So worlds and plans are picked by one half of the futures of each world and judged by the
other, and the two ways round are averaged. Called by `compare --worlds`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kla_sim.analysis.differences import Outcomes
from kla_sim.analysis.estimate import MINIMUM_PER_WORLD, share_of_worlds_above
from kla_sim.arrays import FloatArray

_WORST = 0.1


class AcrossWorlds(NamedTuple):
    """One plan across the worlds.

    Attributes
    ----------
    worst_tenth : mean odds in the tenth of the worlds where they are lowest.
    regret : odds given up, in the mean world, for not having the plan that is best there.
    share_above : share of the worlds with odds above the threshold asked for; None where rare odds
        rest on few worlds.
    """

    worst_tenth: float
    regret: float
    share_above: float | None


def across_worlds(plans: list[Outcomes], threshold: float) -> list[AcrossWorlds] | None:
    """Return what each plan does across the worlds.

    Parameters
    ----------
    plans : outcomes of the same replications.
    threshold : odds of which it is said in how many worlds they are exceeded.

    Returns
    -------
    None where there is one world only, or a world with fewer than MINIMUM_PER_WORLD futures

    References
    ----------
    Savage, L. J. (1951). The theory of statistical decision. Journal of the American Statistical
    Association 46(253), 55-67. doi:10.1080/01621459.1951.10500768 (regret)
    """
    first = plans[0]
    if first.n_worlds < 2 or len(first.is_met) < first.n_worlds * MINIMUM_PER_WORLD:
        return None
    halves = np.stack([_halves(plan) for plan in plans])
    return [
        AcrossWorlds(_worst_tenth(halves[place]), _regret(halves, place), _above(plan, threshold))
        for place, plan in enumerate(plans)
    ]


def _halves(plan: Outcomes) -> FloatArray:
    """Return the odds in each world from its even and its odd replications, (2, n_worlds)."""
    numbers = np.arange(plan.first, plan.first + len(plan.is_met))
    world, half = numbers % plan.n_worlds, numbers // plan.n_worlds % 2
    odds = np.zeros((2, plan.n_worlds))
    for side in (0, 1):
        of_side = half == side
        sums = np.bincount(world[of_side], plan.all_cities[of_side], plan.n_worlds)
        odds[side] = sums / np.bincount(world[of_side], minlength=plan.n_worlds)
    return odds


def _worst_tenth(odds: FloatArray) -> float:
    """Return the mean odds in the worst worlds; (2, n_worlds) odds by halves."""
    n_worst = max(1, round(_WORST * odds.shape[1]))
    worst = [np.argsort(odds[side], kind="stable")[:n_worst] for side in (0, 1)]
    return float(np.mean([odds[1 - side][worst[side]] for side in (0, 1)]))


def _regret(odds: FloatArray, place: int) -> float:
    """Return the mean odds given up by one plan; (n_plans, 2, n_worlds) odds by halves."""
    worlds = np.arange(odds.shape[2])
    lost = [
        odds[odds[:, side].argmax(axis=0), 1 - side, worlds] - odds[place, 1 - side]
        for side in (0, 1)
    ]
    return float(np.mean(lost))


def _above(plan: Outcomes, threshold: float) -> float | None:
    world = np.arange(plan.first, plan.first + len(plan.is_met)) % plan.n_worlds
    sums, squares = (
        np.bincount(world, chances, plan.n_worlds).astype(float)
        for chances in (plan.all_cities, plan.all_cities**2)
    )
    sizes = np.bincount(world, minlength=plan.n_worlds).astype(float)
    return share_of_worlds_above(threshold, sums, sizes, squares)
