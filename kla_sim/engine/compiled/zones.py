"""The zones: what they have earned, which are in progress, launched, dormant for want of upkeep.

The twin of `engine/reference/zones.py`, and what Kaltara and wide work leave of each city's gap.
"""

from __future__ import annotations

from kla_sim.arrays import FloatArray, IntArray
from kla_sim.engine.code_cache import inner
from kla_sim.engine.compiled.layout import Layout, Records
from kla_sim.engine.compiled.state import Now, State, note_spell
from kla_sim.engine.compiled.treasury import account_of, pay
from kla_sim.engine.compiled.waiting import wake_behind_limit
from kla_sim.engine.formulas import learning_multiplier, part_of, service_factor
from kla_sim.engine.replications import Replications
from kla_sim.engine.spells import DORMANT
from kla_sim.engine.structure.codes import INTEGRATION, LAUNCH, N_GROUPS


@inner(forceinline=True)
def start_zone(state: State, zone: int, city: int) -> None:
    """Take a place in progress with the first start of any activity."""
    state.zones[zone].is_started = True
    state.cities[city].n_in_progress += 1
    state.cities[city].n_started += 1


@inner(forceinline=True)
def leave_zone(
    layout: Layout, state: State, out: Replications, now: Now, zone: int, city: int
) -> None:
    """Count an activity as over; let the next zone pass the limit if that ended the progress."""
    state.zones[zone].n_left -= 1
    if state.zones[zone].n_left == 0 and state.zones[zone].is_started:
        state.cities[city].n_in_progress -= 1
        wake_behind_limit(layout, state, out, now, 1 + city)


@inner(forceinline=True)
def earn_marks(left: IntArray, kind: Records) -> bool:
    """Earn the marks of a completed activity; return whether that launched the zone.

    Parameters
    ----------
    left : (N_GROUPS + 2,) activities of the zone that are still behind each mark.
    """
    if kind.opens >= 0:
        left[kind.opens] -= 1
    if kind.integrates:
        left[INTEGRATION] -= 1
    if kind.launches:
        left[LAUNCH] -= 1
        return bool(left[LAUNCH] == 0)
    return False


@inner(forceinline=True)
def launch(state: State, out: Replications, now: Now, zone: int, city: int) -> None:
    """Note that a zone is launched today."""
    one = state.launched[state.live[0].n_launched]
    one.zone, one.city, one.day = zone, city, now.day
    state.live[0].n_launched += 1
    state.cities[city].n_launched += 1
    out.launches[now.row, city, now.year] += 1


@inner(forceinline=True)
def learned(layout: Layout, state: State, world: int, city: int) -> float:
    """Return the learning multiplier for work that starts now in a city."""
    n_launched, one = state.live[0].n_launched, state.cities[city]
    if one.learned_at != n_launched:
        one.learned_at = n_launched
        values = layout.world_values[world]
        one.learned = learning_multiplier(
            values.learning_rate,
            values.learning_floor,
            values.learning_transfer,
            one.n_launched,
            n_launched - one.n_launched,
        )
    return float(one.learned)


@inner()
def owe_upkeep(layout: Layout, state: State, out: Replications, now: Now, year: int) -> None:
    """B1: last year's unpaid upkeep is void; every launched zone owes anew and lies dormant."""
    live, launched = state.live[0], state.launched
    count_dormant(state, out, now)
    for zone in range(state.zones.shape[0]):
        state.zones[zone].is_dormant = False
    for city in range(state.cities.shape[0]):
        state.cities[city].n_dormant_existing = 0
    live.n_owed = 0
    if layout.year_day[year] != now.day:
        return
    live.dormant_since = now.day
    for place in range(live.n_launched):
        if launched[place].day < now.day:
            state.owed[live.n_owed] = place
            live.n_owed += 1
            _set_dormant(state, launched[place], True)


@inner(forceinline=True)
def _set_dormant(state: State, one: Records, is_dormant: bool) -> None:
    if one.zone >= 0:
        state.zones[one.zone].is_dormant = is_dormant
    else:
        state.cities[one.city].n_dormant_existing += 1 if is_dormant else -1


@inner()
def count_dormant(state: State, out: Replications, now: Now) -> None:
    """Book the days that zones whose upkeep is unpaid have lain dormant until today."""
    for place in range(state.live[0].n_owed):
        city = state.launched[state.owed[place]].city
        out.dormant_days[now.row, city] += now.day - state.live[0].dormant_since
        note_spell(state, now.row, city, DORMANT, state.live[0].dormant_since, now.day)


@inner()
def pay_upkeep(layout: Layout, state: State, out: Replications, now: Now) -> None:
    """B3: a first charge, oldest launch first, passing over what cannot be paid."""
    live = state.live[0]
    upkeep, n_pays = layout.world_values[now.world].upkeep, layout.sizes.n_upkeep_pays
    part_0 = 0
    if n_pays == 1:
        part_0 = upkeep
    elif n_pays == 2:
        part_0 = part_of(upkeep, layout.upkeep_share[0])
    part_1 = upkeep - part_0 if n_pays == 2 else 0
    n_unpaid = 0
    for place in range(live.n_owed):
        entry = state.owed[place]
        one = state.launched[entry]
        account_0 = account_of(layout.upkeep_payer[0], 1 + one.city)
        account_1 = account_of(layout.upkeep_payer[1], 1 + one.city)
        if (part_0 > 0 and state.queues[account_0].balance < part_0) or (
            part_1 > 0 and state.queues[account_1].balance < part_1
        ):
            state.owed[n_unpaid] = entry
            n_unpaid += 1
            continue
        pay(state, out, now, account_0, part_0)
        pay(state, out, now, account_1, part_1)
        out.dormant_days[now.row, one.city] += now.day - live.dormant_since
        note_spell(state, now.row, one.city, DORMANT, live.dormant_since, now.day)
        _set_dormant(state, one, False)
    live.n_owed = n_unpaid


@inner()
def write_factors(
    layout: Layout, state: State, world: int, is_start: bool, factors: FloatArray
) -> None:
    """Write what Kaltara leaves of each group's gap, by funded zones over districts.

    Parameters
    ----------
    is_start : count the zones that exist when the scenario starts, none of them dormant.
    factors : (n_cities, N_GROUPS) receives shares.
    """
    values = layout.world_values[world]
    for city in range(factors.shape[0]):
        plan = layout.cities[city]
        existing = plan.reference if is_start else plan.existing
        districts = layout.city_values[world, city].districts
        funded = existing - state.cities[city].n_dormant_existing
        n_integrated = funded
        for zone in range(plan.zone_first, plan.zone_last):
            one = state.zones[zone]
            if not one.is_dormant and one.marks_left[INTEGRATION] == 0:
                n_integrated += one.marks_left[LAUNCH] == 0
        for group in range(N_GROUPS):
            n_open = funded
            for zone in range(plan.zone_first, plan.zone_last):
                one = state.zones[zone]
                n_open += not one.is_dormant and one.marks_left[group] == 0
            factors[city, group] = service_factor(
                values.effect[group],
                n_open / districts,
                values.integration,
                n_integrated / districts,
            )


@inner()
def write_remainders(layout: Layout, state: State, now: Now) -> None:
    """Write the share of each city's gap at the start that Kaltara and wide work leave today.

    Factors are multiplied in the order of the plan, not of the scan, as in the reference engine.
    """
    if state.live[0].remainder_day == now.day:
        return
    state.live[0].remainder_day = now.day
    write_factors(layout, state, now.world, False, state.factors)
    for city in range(state.cities.shape[0]):
        total = 0.0
        for group in range(N_GROUPS):
            left = layout.city_values[now.world, city].group_weight[group] * (
                state.factors[city, group] / state.start_factors[city, group]
            )
            for owner in (0, 1 + city):
                for number in range(layout.groups[owner].act_first, layout.groups[owner].wide_last):
                    act = layout.of_number[number]
                    if state.works[act].is_complete and not layout.acts_at_start[act].is_done:
                        kind = layout.acts[act].kind
                        left *= 1.0 - layout.kind_values[now.world, kind].closes_gap[group]
            total += left
        state.cities[city].remainder = total
