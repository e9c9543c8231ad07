"""How the worlds of a scenario begin, drawn once for all plans that begin alike.

Money, posts, work, stages and order say nothing of what the cities were before the start, so plans
that differ in these alone have the same worlds. What the draws may depend on is all that they are
given: the rest of the scenario is taken away first. Called by `plan`. Not here: the draws
(`worlds`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from kla_sim.engine.filtered import forget_unchosen
from kla_sim.engine.posterior import PosteriorRow
from kla_sim.engine.unknowns import Unknowns
from kla_sim.engine.worlds import World, draw_world, row_of, under_law
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.paths import matching_paths, with_changes

_LATER = (
    "name", "horizon", "target", "worlds", "resources", "accounts", "upkeep", "learning", "policy",
    "attainment_claim", "sources", "assumptions", "waive", "levers", "evaluation.calendar",
    "cities.*.name", "cities.*.population", "cities.*.multipliers", "cities.*.done",
    "cities.*.zones.planned",
)  # fmt: skip
"""Paths that no draw of the start looks at."""

_LATER_IF_OBSERVED = (
    "work.*.*.name", "work.*.*.duration", "work.*.*.after", "work.*.*.needs",
    "work.*.*.cost", "work.*.*.paid_by", "work.*.*.window", "work.*.*.success", "work.*.*.rework",
    "work.*.*.rank", "observed.spent", "evaluation.cycles.*.cancelled", "evaluation.cycles.*.slip",
    "evaluation.cycles.*.award",
)  # fmt: skip
_LATER_IF_NOTHING_OBSERVED = (
    "work", "effects", "indicators", "cities.*.districts", "cities.*.zones.existing",
    "evaluation.cycles",
)  # fmt: skip
"""What the zones and work observed have taken off a gap is a part of what was observed."""


class Beginning(NamedTuple):
    """What one world draws of what is not known at the start."""

    row: PosteriorRow | None  # of the posterior; None = the scenario writes its law
    cities: World


_MOST_KEPT = 4
_kept: dict[tuple[str, int, tuple[int | None, ...]], list[Beginning]] = {}
"""The latest beginnings by all that they depend on, the latest used last."""


def begin_worlds(
    scenario: Scenario,
    seed: int,
    worlds: Sequence[int | None],
    report: Callable[[int, int], None] | None = None,
) -> list[Beginning]:
    """Return how worlds begin; the same ones once only.

    Parameters
    ----------
    worlds : their numbers; None = the central case.
    report : called before each world with how many are made and how many there will be.
    """
    before = before_start(scenario)
    key = (repr(before), seed, tuple(worlds))
    begun = _kept.pop(key, None)
    if begun is None:
        begun, unknowns = [], Unknowns(before)
        for world in worlds:
            if report:
                report(len(begun), len(worlds))
            here = unknowns.in_world(seed, world)
            row = row_of(here, seed, world)
            begun.append(Beginning(row, draw_world(under_law(here, row), row, seed, world)))
        forget_unchosen()
    _kept[key] = begun
    for oldest in list(_kept)[:-_MOST_KEPT]:
        _kept.pop(oldest, None)
    return begun


def before_start(scenario: Scenario) -> Scenario:
    """Return what worlds are drawn from: the scenario without what only matters later.

    Whatever is taken away is None, so that a draw that asks for it fails instead of going by a part
    that two plans need not share.
    """
    by_status = _LATER_IF_OBSERVED if scenario.observed else _LATER_IF_NOTHING_OBSERVED
    later = [path for one in (*_LATER, *by_status) for path in matching_paths(scenario, one)]
    before = with_changes(scenario, {path: lambda _: None for path in dict.fromkeys(later)})
    uncertain = {
        pattern: entry
        for pattern, entry in scenario.uncertain.items()
        if matching_paths(before, pattern)
    }
    return before.model_copy(update={"uncertain": uncertain})
