"""The evaluation: which cycles are held, scores on evidence days, awards, and who is at the target.

The twin of `engine/reference/jury.py`; the rule of the jury itself stands in `engine/jury.py`. The
city order of the policy stands here too, because it goes by published scores.
"""

from __future__ import annotations

import numpy as np

from kla_sim.domain.categories import MAXIMUM_SCORE
from kla_sim.engine.code_cache import inner
from kla_sim.engine.compiled.layout import Layout
from kla_sim.engine.compiled.sets import sort_cities
from kla_sim.engine.compiled.state import BRINGS_AWARD, BRINGS_CLOSING, Now, State
from kla_sim.engine.compiled.zones import write_factors, write_remainders
from kla_sim.engine.draws import uniform
from kla_sim.engine.formulas import background_step, clip_score, noise_factor, normal_quantile
from kla_sim.engine.jury import award_of, category_of, verified_score
from kla_sim.engine.replications import CANCELLED, HELD, MERGED, Replications
from kla_sim.engine.structure.codes import CLOSEST, FEWEST_STARTED, LISTED, LOWEST_SCORE

_NEVER = 2**62


@inner()
def begin_jury(layout: Layout, state: State, out: Replications, now: Now) -> None:
    """Give every city the gap and standing of its world, and the order of the list."""
    live = state.live[0]
    live.gap_day = 0
    live.remainder_day = -1
    live.noted_day = 0
    live.is_order_stale = True
    for city in range(state.cities.shape[0]):
        one = state.cities[city]
        one.gap = layout.cities_at_start[now.world, city].gap
        one.standing = layout.cities_at_start[now.world, city].standing
        one.published = layout.cities[city].policy_score
        state.order[city] = layout.listed_order[city]
    write_factors(layout, state, now.world, True, state.start_factors)
    _note_standing(layout, state, out, now)


@inner()
def settle_calendar(layout: Layout, state: State, out: Replications, now: Now) -> None:
    """Say which cycles are held and when, from the last cycle backwards."""
    streams, row = layout.streams, now.row
    next_held = _NEVER
    for cycle in range(layout.cycles.shape[0] - 1, -1, -1):
        state.evidence_on[cycle] = -1
        state.award_on[cycle] = -1
        plan, values = layout.cycles[cycle], layout.cycle_values[now.world, cycle]
        if values.cancelled > 0.0:
            drawn = uniform(layout.seed, streams.cancelled[cycle], now.replication, 0)
            if drawn < values.cancelled:
                out.cycle_state[row, cycle] = CANCELLED
                continue
        evidence, award = plan.evidence_day, plan.award_day
        if values.slip > 0.0:
            drawn = uniform(layout.seed, streams.slip[cycle], now.replication, 0)
            if drawn < values.slip:
                evidence, award = plan.slipped_evidence_day, plan.slipped_award_day
        if evidence >= next_held:
            out.cycle_state[row, cycle] = MERGED
            continue
        out.cycle_state[row, cycle] = HELD
        next_held = evidence
        state.evidence_on[cycle], state.award_on[cycle] = evidence, award
        out.evidence_day[row, cycle], out.award_day[row, cycle] = evidence, award
        if evidence <= layout.sizes.horizon_day:
            state.days[evidence].brings |= BRINGS_CLOSING
        if award <= layout.sizes.horizon_day:
            state.days[award].brings |= BRINGS_AWARD


@inner()
def move_background(layout: Layout, state: State, out: Replications, now: Now, cycle: int) -> None:
    """B9: the background moves on scheduled evidence days, held or not."""
    write_remainders(layout, state, now)
    days = now.day - state.live[0].gap_day
    state.live[0].gap_day = now.day
    for city in range(state.cities.shape[0]):
        one = state.cities[city]
        chance = state.chances.background[city * layout.cycles.shape[0] + cycle]
        one.gap = background_step(
            one.gap,
            layout.cities_at_start[now.world, city].rate,
            layout.world_values[now.world].volatility,
            days,
            normal_quantile(chance),
        )
        out.gap[now.row, city, cycle] = one.gap
        out.remainder[now.row, city, cycle] = one.remainder


@inner()
def close_evidence(layout: Layout, state: State, out: Replications, now: Now) -> None:
    """B9: the jury sees what stands on this day, cycle by cycle whose evidence closes."""
    for cycle in range(layout.cycles.shape[0]):
        if state.evidence_on[cycle] == now.day:
            out.n_events[now.row] += 1
            write_remainders(layout, state, now)
            _verify(layout, state, out, now, cycle)


@inner()
def _verify(layout: Layout, state: State, out: Replications, now: Now, cycle: int) -> None:
    streams, row = layout.streams, now.row
    values, own = layout.world_values[now.world], layout.cycle_values[now.world, cycle]
    n_cycles = layout.cycles.shape[0]
    chance = uniform(layout.seed, streams.strictness[cycle], now.replication, 0)
    strictness = own.strictness_mean + own.strictness_sd * normal_quantile(chance)
    for city in range(state.cities.shape[0]):
        one = state.cities[city]
        score = clip_score(MAXIMUM_SCORE - one.gap * one.remainder)
        place = city * n_cycles + cycle
        width = state.chances.width[place]
        wide = noise_factor(values.tail_share, values.tail_factor, width)
        noise = own.noise * wide * normal_quantile(state.chances.noise[place])
        verified = verified_score(score, strictness, noise)
        out.score[row, city, cycle] = score
        out.verified[row, city, cycle] = verified
        out.claimed[row, city, cycle] = clip_score(
            verified / layout.cities_at_start[now.world, city].claimed_ratio
        )


@inner()
def publish(layout: Layout, state: State, out: Replications, now: Now) -> None:
    """B10: awards, at most one step above the standing category where the cap applies."""
    for cycle in range(layout.cycles.shape[0]):
        if state.award_on[cycle] == now.day:
            out.n_events[now.row] += 1
            _award(layout, state, out, now, cycle)
            if now.day <= layout.sizes.deadline_day:
                _note_standing(layout, state, out, now)
    if layout.sizes.priority in (LOWEST_SCORE, CLOSEST):
        state.live[0].is_order_stale = True


@inner()
def _award(layout: Layout, state: State, out: Replications, now: Now, cycle: int) -> None:
    values = layout.world_values[now.world]
    for city in range(state.cities.shape[0]):
        one = state.cities[city]
        verified = out.verified[now.row, city, cycle]
        place = city * layout.cycles.shape[0] + cycle
        one.standing = award_of(
            verified,
            one.standing,
            values.bounds,
            state.chances.cap[place] < values.one_step_up,
            state.chances.confirmation[place] < values.confirmation,
            state.chances.reach[place] < values.kla_reach,
        )
        out.category[now.row, city, cycle] = one.standing
        one.published = verified


@inner()
def _note_standing(layout: Layout, state: State, out: Replications, now: Now) -> None:
    """Note who is at the target; what a later award of the same day replaces never stood."""
    row = now.row
    if now.day > state.live[0].noted_day and out.is_met[row]:
        out.is_met_once[row] = True
    state.live[0].noted_day = now.day
    is_met = True
    for city in range(state.cities.shape[0]):
        standing = state.cities[city].standing
        out.standing[row, city] = standing
        is_met = is_met and standing >= layout.sizes.target
    out.is_met[row] = is_met


@inner()
def order_cities(layout: Layout, state: State, world: int) -> None:
    """Put the cities into the order of the policy; ties keep the listed order."""
    priority, target, bounds = (
        layout.sizes.priority,
        layout.sizes.target,
        layout.world_values[world].bounds,
    )
    if priority == LISTED:
        return
    for city in range(state.cities.shape[0]):
        one = state.cities[city]
        if priority == LOWEST_SCORE:
            state.key[city] = one.published
        elif priority == FEWEST_STARTED:
            state.key[city] = one.n_started
        elif category_of(one.published, bounds) >= target:
            state.key[city] = np.inf
        else:
            state.key[city] = bounds[target - 1] - one.published
    sort_cities(state.order, state.key, layout.cities)
