"""The stages of a search for the best plan: search, narrowing, a choice on fresh numbers.

Plans are looked for on one block of futures each (`search`), the likely ones on more (OCBA), and
the finalists on futures and worlds that none has been chosen by, in a knockout with a promise (KN).
An observation of the knockout is the mean of a batch: ten worlds that no other batch has, ten
futures in each, the same for all plans. So batches are independent of each other, and near normal.
Called by `optimise`, which says where the work is done and where it is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kla_sim.analysis.differences import RARE
from kla_sim.analysis.estimate import LEVEL, estimate_chance
from kla_sim.analysis.selection import Knockout, allotment, knockout, level_of_each
from kla_sim.arrays import FloatArray
from kla_sim.experiment.blocks import Trials, joined
from kla_sim.experiment.journal import BLOCK, GROUPS, PER_GROUP, Outcome
from kla_sim.experiment.optimum import (
    RULES,
    Optimum,
    Request,
    Stage,
    Standing,
    Step,
    Tell,
    standing_of,
    unbeaten,
    under_rule,
)
from kla_sim.experiment.search import Tried, search
from kla_sim.scenario.candidates import Candidate, Space

FRESH = 1_000
"""Number of the first block that chooses among finalists; the search uses those before."""

BATCH_WORLDS = 10
"""Worlds whose futures make one observation of the knockout, so many that means are near normal."""

FIRST_BLOCKS, MOST_BLOCKS = 4, 24
"""Fresh blocks of every finalist, and at most of those that are hard to tell apart."""

APART_ODDS, APART_EXPECTED = 0.005, 0.02
"""The smallest difference worth detecting: of the odds, and of the number of cities."""

_FINALISTS_BY_SCORE, _FINALISTS = 4, 10
_NARROWED, _NARROWING_ROUNDS, _NARROWING_BLOCKS = 24, 3, 12
_DIFFERENT = 0.1
"""Two plans closer than this in their levers are variations of one."""

ALTERNATIVES = 3
_FRONT = 8


class Stages:
    """One search: what it asks, and where it looks.

    Parameters
    ----------
    tell : hears how far it is.
    """

    def __init__(self, request: Request, space: Space, trials: Trials, tell: Tell) -> None:
        self.request, self.space, self.trials, self.tell = request, space, trials, tell
        (first,) = trials.look([(space.given, 0)])
        self.is_rare = request.odds is None and float(first.odds.mean()) / PER_GROUP < RARE
        self.apart = APART_EXPECTED if self.is_rare else APART_ODDS
        self.dearest = max(1, space.given.cost)
        self.n_judged, self.best_so_far = 0, 0.0

    def _say(self, stage: Stage, done: int, asked: int, best: float) -> None:
        self.tell(Step(stage, done, asked, best, self.is_rare))

    def lead(self, outcome: Outcome) -> FloatArray:
        """Return what leads, summed by group."""
        return outcome.expected if self.is_rare else outcome.odds

    def value(self, outcome: Outcome) -> float:
        """Return the mean of what leads."""
        return float(self.lead(outcome).sum() / outcome.sizes.sum())

    def score(self, candidate: Candidate, value: float) -> float:
        """Return how good a plan is: what leads; where it reaches the odds asked for, its cost."""
        if self.request.odds is None or value < self.request.odds:
            return value
        return 1.0 + 1.0 / (1.0 + candidate.cost / self.dearest)

    def run(self) -> Optimum:
        """Search, narrow down, choose, and look at what the choice is held against."""
        tried = search(self.space, self.request.n_trials, self.request.seed, self.judge)
        outcomes = self.narrowed(tried)
        finalists = self.finalists(tried, outcomes)
        if self.request.odds is None:
            looked, decided = self.knocked_out(finalists)
            best, promised = decided.best, LEVEL if decided.is_decided else None
        else:
            looked, best, promised = self.cheapest(finalists, self.request.odds)
        return self.told(tried, outcomes, finalists, looked, best, promised)

    def judge(self, candidates: Sequence[Candidate]) -> list[float]:
        """Return the scores of some plans on the first block of the search."""
        outcomes = self.trials.look([(candidate, 0) for candidate in candidates])
        values = [self.value(outcome) for outcome in outcomes]
        self.n_judged += len(values)
        self.best_so_far = max([self.best_so_far, *values])
        self._say("search", self.n_judged, self.request.n_trials, self.best_so_far)
        return [self.score(*pair) for pair in zip(candidates, values, strict=True)]

    def narrowed(self, tried: list[Tried]) -> dict[int, Outcome]:
        """Return more of the likely plans, futures going where they decide; by place in `tried`."""
        places = sorted(range(len(tried)), key=lambda place: -tried[place].score)[:_NARROWED]
        if self.request.odds is not None:  # luck made the cheapest: dearer ones are needed as well
            by_odds = sorted(range(len(tried)), key=lambda place: -self._value_of(tried[place]))
            places = list(dict.fromkeys([*places[: _NARROWED // 2], *by_odds[: _NARROWED // 2]]))
        n_blocks = dict.fromkeys(places, 1)
        outcomes = self._looked(tried, n_blocks)
        for done in range(_NARROWING_ROUNDS if len(places) > 1 else 0):
            scores = [self.score(tried[p].candidate, self.value(outcomes[p])) for p in places]
            spreads = [float(self.lead(outcomes[p]).std() / PER_GROUP) for p in places]
            total = sum(n_blocks.values()) + _NARROWING_BLOCKS
            wanted = allotment(np.array(scores), np.array(spreads), total)
            short = dict(zip(places, wanted.tolist(), strict=True))
            for _ in range(_NARROWING_BLOCKS):
                n_blocks[max(places, key=lambda p: short[p] - n_blocks[p])] += 1
            outcomes = self._looked(tried, n_blocks)
            best = max(map(self.value, outcomes.values()))
            self._say("narrow", done + 1, _NARROWING_ROUNDS, best)
        return outcomes

    def _looked(self, tried: list[Tried], n_blocks: dict[int, int]) -> dict[int, Outcome]:
        wanted = [(place, number) for place, n in n_blocks.items() for number in range(n)]
        found = self.trials.look([(tried[p].candidate, number) for p, number in wanted])
        by_place: dict[int, list[Outcome]] = {}
        for (place, _), outcome in zip(wanted, found, strict=True):
            by_place.setdefault(place, []).append(outcome)
        return {place: joined(blocks) for place, blocks in by_place.items()}

    def finalists(self, tried: list[Tried], outcomes: dict[int, Outcome]) -> list[Candidate]:
        """Return the best few plans, and others nearly as good that lie far from all of them.

        Where odds are asked for, the others are those with the highest odds, whatever they cost.
        """

        def score(place: int) -> float:
            return self.score(tried[place].candidate, self.value(outcomes[place]))

        ranked = sorted(outcomes, key=lambda place: -score(place))
        chosen = ranked[:_FINALISTS_BY_SCORE]
        rest = ranked[_FINALISTS_BY_SCORE:]
        while rest and len(chosen) < _FINALISTS:
            if self.request.odds is None:
                taken = max(rest, key=lambda place: self._nearest(tried, place, chosen))
            else:
                taken = max(rest, key=lambda place: self.value(outcomes[place]))
            chosen.append(taken)
            rest.remove(taken)
        return [tried[place].candidate for place in chosen]

    def _nearest(self, tried: list[Tried], place: int, chosen: list[int]) -> float:
        here = tried[place].candidate.places
        return min(self.space.distance(here, tried[p].candidate.places) for p in chosen)

    def fresh(self, plans: Sequence[Candidate], n_blocks: int) -> list[Outcome]:
        """Return what fresh blocks say of some plans."""
        numbers = range(FRESH, FRESH + n_blocks)
        found = self.trials.look([(plan, number) for plan in plans for number in numbers])
        return [joined(found[start : start + n_blocks]) for start in range(0, len(found), n_blocks)]

    def knocked_out(self, finalists: list[Candidate]) -> tuple[list[Outcome], Knockout]:
        """Choose among finalists by KN; those still in get more blocks until it is decided."""
        n_first = FIRST_BLOCKS * GROUPS // BATCH_WORLDS
        outcomes = self.fresh(finalists, FIRST_BLOCKS)
        n_blocks = FIRST_BLOCKS
        while True:
            decided = knockout(self._batches(outcomes, n_blocks), n_first, self.apart)
            n_out = len(finalists) - int(decided.alive.sum())
            self._say("choose", n_out + 1, len(finalists), self.value(outcomes[decided.best]))
            if decided.is_decided or n_blocks == MOST_BLOCKS:
                return outcomes, decided
            n_blocks += 1
            alive = np.flatnonzero(decided.alive)
            more = self.fresh([finalists[place] for place in alive], n_blocks)
            for place, outcome in zip(alive, more, strict=True):
                outcomes[place] = outcome

    def _batches(self, outcomes: Sequence[Outcome], n_blocks: int) -> FloatArray:
        """Return the means of batches, (k, n); after a plan is out they are not looked at."""
        table = np.full((len(outcomes), n_blocks * GROUPS // BATCH_WORLDS), -np.inf)
        for row, outcome in zip(table, outcomes, strict=True):
            sums = self.lead(outcome).reshape(-1, BATCH_WORLDS).sum(axis=1)
            row[: len(sums)] = sums / (BATCH_WORLDS * PER_GROUP)
        return table

    def cheapest(
        self, finalists: list[Candidate], odds: float
    ) -> tuple[list[Outcome], int, float | None]:
        """Choose the cheapest finalist whose odds are shown to reach those asked for.

        The intervals hold for all finalists together (Bonferroni), so that the one chosen reaches
        the odds with the probability promised, however it was chosen.
        """
        n_blocks = 2 * FIRST_BLOCKS
        outcomes = self.fresh(finalists, n_blocks)
        level = level_of_each(len(finalists))
        lows = [estimate_chance(found.odds, found.sizes, level).low for found in outcomes]
        shown = [place for place, low in enumerate(lows) if low >= odds]
        if shown:
            return outcomes, min(shown, key=lambda place: finalists[place].cost), LEVEL
        return outcomes, max(range(len(lows)), key=lambda p: self.value(outcomes[p])), None

    def told(
        self,
        tried: list[Tried],
        outcomes: dict[int, Outcome],
        finalists: list[Candidate],
        looked: list[Outcome],
        best: int,
        promised: float | None,
    ) -> Optimum:
        """Return all that was found, each plan set against the best on the same fresh futures."""
        champion, of_best = finalists[best], looked[best]
        others = [
            standing_of("", plan, found, of_best)
            for place, (plan, found) in enumerate(zip(finalists, looked, strict=True))
            if place != best
        ]
        alternatives = self._alternatives(champion, others)
        given = self.space.given
        rules = [under_rule(given, rule) for rule in RULES]
        bases = self.fresh([given, *rules], FIRST_BLOCKS)
        self._say("hold", 1, 2, self.value(of_best))
        pareto = self._front(tried, finalists)
        fronts = self.fresh(pareto, FIRST_BLOCKS)
        shift = self.value(bases[0]) - self._value_of(Tried(given, 0.0))
        chosen = standing_of("best", champion, of_best, of_best)
        looked_at = [standing_of("", *pair, of_best) for pair in zip(pareto, fronts, strict=True)]
        return Optimum(
            space=self.space,
            is_rare=self.is_rare,
            seen=[(one.candidate.cost, self._value_of(one) + shift) for one in tried],
            best=chosen,
            alternatives=alternatives,
            given=standing_of("given", given, bases[0], of_best),
            rules=[
                standing_of(*parts, of_best) for parts in zip(RULES, rules, bases[1:], strict=True)
            ],
            front=unbeaten([chosen, *others, *looked_at], is_rare=self.is_rare),
            promised=promised,
            n_finalists=len(finalists),
            n_futures=BLOCK * self.trials.n_looked_at,
            n_kept=BLOCK * self.trials.n_kept,
            apart=self.apart,
        )

    def _value_of(self, one: Tried) -> float:
        (outcome,) = self.trials.look([(one.candidate, 0)])
        return self.value(outcome)

    def _alternatives(self, champion: Candidate, others: list[Standing]) -> list[Standing]:
        """Return at most three plans not shown to be worse than the best by much, far apart."""
        near = [one for one in others if self._is_near(one)]
        chosen: list[Standing] = []
        while near and len(chosen) < ALTERNATIVES:
            taken = [champion, *(one.plan for one in chosen)]

            def apart(one: Standing, taken: list[Candidate] = taken) -> float:
                return min(self.space.distance(one.plan.places, plan.places) for plan in taken)

            farthest = max(near, key=apart)
            if apart(farthest) < _DIFFERENT:
                break
            near.remove(farthest)
            chosen.append(farthest._replace(name=f"alternative_{len(chosen) + 1}"))
        return chosen

    def _is_near(self, one: Standing) -> bool:
        """Return whether a plan is nearly as good: at most twice what is worth detecting."""
        if self.request.odds is not None:
            return one.odds.value >= self.request.odds
        return one.behind(is_rare=self.is_rare).value <= 2 * self.apart

    def _front(self, tried: list[Tried], finalists: list[Candidate]) -> list[Candidate]:
        """Return unbeaten plans on the numbers of the search, spread over the costs."""
        known = {repr(plan.changes) for plan in finalists}
        ranked = sorted(tried, key=lambda one: (one.candidate.cost, -self._value_of(one)))
        front, highest = list[Candidate](), -np.inf
        for one in ranked:
            value = self._value_of(one)
            if value > highest:
                highest = value
                front.append(one.candidate)
        front = [plan for plan in front if repr(plan.changes) not in known]
        if len(front) <= _FRONT:
            return front
        steps = np.linspace(0, len(front) - 1, _FRONT).round().astype(int)
        return [front[step] for step in steps]
