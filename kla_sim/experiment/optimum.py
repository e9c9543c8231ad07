"""What a search for the best plan is asked and has found, and what fresh futures say of plans.

Filled by `stages`, told by `report.optimise_words`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from kla_sim.analysis.estimate import (
    Estimate,
    estimate_amount_difference,
    estimate_chance,
    estimate_difference,
    estimate_mean,
)
from kla_sim.experiment.batches import EngineName
from kla_sim.experiment.journal import Outcome
from kla_sim.scenario.candidates import Candidate, Space, candidate_of
from kla_sim.scenario.loading import LoadedScenario

RULES = ("listed", "lowest_score_first", "closest_to_target_first", "fewest_started_first")
"""The built-in rules under which the given plan is looked at as well."""


@dataclass(frozen=True)
class Request:
    """What to optimise, and how hard to try."""

    loaded: LoadedScenario
    n_trials: int
    seed: int
    engine: EngineName
    odds: float | None  # least cost for these odds; None = the best odds


Stage = Literal["begin", "search", "narrow", "choose", "hold"]


class Step(NamedTuple):
    """How far a search is: the stage, how much of it is done, and the best leading value so far."""

    stage: Stage
    done: int
    asked: int
    best: float = 0.0
    is_rare: bool = False


Tell = Callable[[Step], None]
"""Is told how far a search is."""


_SAME_COST = 1.005
"""Plans whose costs differ by less are not told apart by them."""


class Standing(NamedTuple):
    """What fresh futures say of a plan.

    Attributes
    ----------
    name : best, alternative_1, ..., given, or the rule under which the given plan stands.
    spent : rupiah in a future, on average.
    less_odds, less_expected : odds of the best plan, and its number of cities at the target, less
        those of this plan, over the futures that both were looked at in.
    n_worlds : in which it was looked at.
    """

    name: str
    plan: Candidate
    odds: Estimate
    expected: Estimate
    spent: Estimate
    less_odds: Estimate
    less_expected: Estimate
    n_worlds: int

    def leading(self, *, is_rare: bool) -> Estimate:
        """Return what plans are ranked by: where odds are rare, the number of cities."""
        return self.expected if is_rare else self.odds

    def behind(self, *, is_rare: bool) -> Estimate:
        """Return by how much the best plan leads."""
        return self.less_expected if is_rare else self.less_odds

    def document(self) -> dict[str, Any]:
        """Return one plan of `optimise --json`."""
        return {
            "name": self.name,
            "cost": self.plan.cost,
            "changes": {".".join(path): _plain(value) for path, value in self.plan.changes.items()},
            "odds": self.odds._asdict(),
            "expected_cities": self.expected._asdict(),
            "spent": self.spent._asdict(),
            "best_less_this": {
                "odds": self.less_odds._asdict(),
                "expected_cities": self.less_expected._asdict(),
            },
        }


@dataclass(frozen=True)
class Optimum:
    """All that was found.

    Attributes
    ----------
    is_rare : the odds of the given plan lie so low that the expected number of cities leads.
    seen : of each plan tried, cost and the leading value on the numbers of the search, less the
        given plan's there, plus the given plan's on fresh ones.
    alternatives : nearly as good as the best, and really different.
    given, rules : the given plan as it is, and under each built-in rule.
    front : plans that no other of them beats in cost and leading value.
    promised : probability with which the choice is right; None where it could not be decided.
    n_finalists : plans that the choice was made among.
    n_futures : all that were looked at; `n_kept` : those of them that the journal held already.
    apart : the smallest difference that the promise speaks of.
    """

    space: Space
    is_rare: bool
    seen: list[tuple[int, float]]
    best: Standing
    alternatives: list[Standing]
    given: Standing
    rules: list[Standing]
    front: list[Standing]
    promised: float | None
    n_finalists: int
    n_futures: int
    n_kept: int
    apart: float

    def document(self) -> dict[str, Any]:
        """Return what `optimise --json` says of the plans."""
        own = self.best.plan.places
        return {
            "leading": "expected_cities" if self.is_rare else "odds",
            "plans_tried": len(self.seen),
            "finalists": self.n_finalists,
            "futures": self.n_futures,
            "correct_selection": self.promised,
            "indifference": self.apart,
            "best": self.best.document(),
            "alternatives": [
                {**one.document(), "distance": self.space.distance(own, one.plan.places)}
                for one in self.alternatives
            ],
            "given": self.given.document(),
            "rules": [one.document() for one in self.rules],
            "front": [one.document() for one in self.front],
        }


def under_rule(given: Candidate, rule: str) -> Candidate:
    """Return the given plan under a built-in rule."""
    return candidate_of(given.scenario, given.places, {("policy", "priority"): rule})


def standing_of(name: str, plan: Candidate, found: Outcome, best: Outcome) -> Standing:
    """Return what fresh futures say of a plan, and how far it lies behind the best on them."""
    n, most = min(len(found.odds), len(best.odds)), float(found.cities.shape[1])
    sizes = found.sizes[:n]
    return Standing(
        name=name,
        plan=plan,
        odds=estimate_chance(found.odds, found.sizes),
        expected=estimate_mean(found.expected, found.sizes, (0.0, most)),
        spent=estimate_amount_difference(found.spent, found.sizes),
        less_odds=estimate_difference(best.odds[:n] - found.odds[:n], sizes),
        less_expected=estimate_mean(best.expected[:n] - found.expected[:n], sizes, (-most, most)),
        n_worlds=int((found.sizes > 0).sum()),
    )


def unbeaten(plans: Sequence[Standing], *, is_rare: bool) -> list[Standing]:
    """Return the plans than which no cheaper one is as good, the cheapest first."""
    front, highest = list[Standing](), float("-inf")
    ranked = sorted(plans, key=lambda one: (one.plan.cost, -one.leading(is_rare=is_rare).value))
    for one in ranked:
        if one.leading(is_rare=is_rare).value > highest:
            highest = one.leading(is_rare=is_rare).value
            if front and one.plan.cost <= _SAME_COST * front[-1].plan.cost:
                front.pop()
            front.append(one)
    return front


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(below) for key, below in value.items()}
    return value.model_dump(mode="json", by_alias=True) if hasattr(value, "model_dump") else value
