"""The evaluation: which cycles are held, scores on evidence days, awards, and who is at the target.

The city order of the policy stands here too, because it goes by published scores.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kla_sim.domain.categories import MAXIMUM_SCORE
from kla_sim.engine.formulas import (
    background_step,
    clip_score,
    noise_factor,
)
from kla_sim.engine.jury import award_of, category_of, verified_score
from kla_sim.engine.reference.clock import Clock
from kla_sim.engine.reference.facts import Facts, Luck
from kla_sim.engine.reference.trace import Journal
from kla_sim.engine.replications import CANCELLED, HELD, MERGED, Replications
from kla_sim.engine.structure.codes import AWARD, EVIDENCE
from kla_sim.engine.values import Values
from kla_sim.engine.worlds import World

Remainder = Callable[[int], float]
"""City number to what Kaltara and wide work leave of its gap."""


class Jury:
    """Scores and awards of all cities."""

    def __init__(
        self,
        facts: Facts,
        world: World,
        values: Values,
        luck: Luck,
        clock: Clock,
        journal: Journal,
    ) -> None:
        s = facts.structure
        self._facts, self._s, self._world, self._values = facts, s, world, values
        self._luck, self._clock, self._tell = luck, clock, journal.tell
        self._gap: list[float] = world.gap.tolist()
        self._gap_day = 0
        self._standing: list[int] = world.standing.tolist()
        self.published: list[float] = facts.plan.policy_score.tolist()
        by_cycle = (s.n_cities, s.n_cycles)
        self._score = np.full(by_cycle, np.nan)
        self._verified = np.full(by_cycle, np.nan)
        self._gaps = np.full(by_cycle, np.nan)
        self._remainders = np.full(by_cycle, np.nan)
        self._category = np.full(by_cycle, -1, np.int8)
        self._cycle_state = [HELD] * s.n_cycles
        self._evidence_day = [-1] * s.n_cycles
        self._award_day = [-1] * s.n_cycles
        self._standing_on_deadline = self._standing
        self._is_met = self._is_met_once = False
        self._noted_day = 0
        self._note_standing()

    def settle_calendar(self, close: Callable[[int], None], publish: Callable[[int], None]) -> None:
        """Say which cycles are held and when, from the last cycle backwards."""
        s, values = self._s, self._values
        next_held: int | None = None
        for cycle in reversed(range(s.n_cycles)):
            if self._luck.uniform(s.cancelled_stream[cycle]) < values.cancelled[cycle]:
                self._cycle_state[cycle] = CANCELLED
                continue
            evidence, award = int(s.cycle_evidence_day[cycle]), int(s.cycle_award_day[cycle])
            if self._luck.uniform(s.slip_stream[cycle]) < values.slip[cycle]:
                evidence = int(s.cycle_slipped_evidence_day[cycle])
                award = int(s.cycle_slipped_award_day[cycle])
            if next_held is not None and evidence >= next_held:
                self._cycle_state[cycle] = MERGED
                continue
            next_held = evidence
            self._evidence_day[cycle], self._award_day[cycle] = evidence, award
            # evidence closes after every background step of the same day
            self._clock.at(evidence, EVIDENCE, s.n_cycles + cycle, lambda n: close(n - s.n_cycles))
            self._clock.at(award, AWARD, cycle, publish)

    def move_background(self, cycle: int, remainder: Remainder) -> None:
        """B9: the background moves on scheduled evidence days, held or not."""
        days = self._clock.today - self._gap_day
        self._gap_day = self._clock.today
        for city, gap in enumerate(self._gap):
            innovation = self._luck.normal(self._s.background_stream[city, cycle])
            self._gap[city] = background_step(
                gap, float(self._world.rate[city]), self._values.volatility, days, innovation
            )
            self._gaps[city, cycle] = self._gap[city]
            self._remainders[city, cycle] = remainder(city)

    def close_evidence(self, cycle: int, remainder: Remainder) -> None:
        """B9: the jury sees what stands on this day."""
        s, values = self._s, self._values
        strictness = values.strictness_mean[cycle] + values.strictness_sd[
            cycle
        ] * self._luck.normal(s.strictness_stream[cycle])
        for city in range(s.n_cities):
            score = self._latent_score(city, remainder)
            wide = noise_factor(
                values.tail_share,
                values.tail_factor,
                self._luck.uniform(s.noise_stream[city, cycle], 1),
            )
            noise = values.noise[cycle] * wide * self._luck.normal(s.noise_stream[city, cycle])
            self._score[city, cycle] = score
            self._verified[city, cycle] = verified_score(score, strictness, noise)
            labels = self._facts.plan.labels
            self._tell("evidence", labels.cities[city], cycle=labels.cycles[cycle], score=score)

    def publish(self, cycle: int) -> None:
        """B10: awards, at most one step above the standing category where the cap applies."""
        values = self._values
        for city, standing in enumerate(self._standing):
            verified = float(self._verified[city, cycle])
            habits = (values.one_step_up, values.confirmation, values.kla_reach)
            is_capped, is_confirmed, is_reached = (
                self._luck.uniform(self._s.cap_stream[city, cycle], use) < chance
                for use, chance in enumerate(habits)
            )
            category = award_of(
                verified, standing, values.bounds, is_capped, is_confirmed, is_reached
            )
            self._standing[city] = category
            self._category[city, cycle] = category
            self.published[city] = verified
            labels = self._facts.plan.labels
            self._tell(
                "award",
                labels.cities[city],
                cycle=labels.cycles[cycle],
                verified=verified,
                category=category,
            )
        self._note_standing()

    def _latent_score(self, city: int, remainder: Remainder) -> float:
        return float(clip_score(MAXIMUM_SCORE - self._gap[city] * remainder(city)))

    def _note_standing(self) -> None:
        """Note who is at the target; what a later award of the same day replaces never stood."""
        today = self._clock.today
        if today <= self._s.deadline_day:
            if today > self._noted_day:
                self._is_met_once |= self._is_met
            self._noted_day = today
            self._standing_on_deadline = list(self._standing)
            self._is_met = min(self._standing) >= self._s.target

    def distance_to_target(self, city: int) -> tuple[bool, float]:
        """Return a key: cities in a band below the target first, the smallest shortfall first."""
        score = self.published[city]
        if category_of(score, self._values.bounds) >= self._s.target:
            return True, 0.0
        return False, float(self._values.bounds[self._s.target - 1]) - score

    def write(self, out: Replications) -> None:
        """Write scores, awards and whether the target was met."""
        out.is_met[...] = self._is_met
        out.is_met_once[...] = self._is_met_once or self._is_met
        out.standing[:] = self._standing_on_deadline
        out.category[:] = self._category
        out.score[:] = self._score
        out.verified[:] = self._verified
        out.gap[:] = self._gaps
        out.remainder[:] = self._remainders
        for (city, cycle), verified in np.ndenumerate(self._verified):
            if not np.isnan(verified):
                ratio = self._world.claimed_ratio[city]
                out.claimed[city, cycle] = clip_score(verified / ratio)
        out.cycle_state[:] = self._cycle_state
        out.evidence_day[:] = self._evidence_day
        out.award_day[:] = self._award_day
