"""Phase B: the calendar of a day, in the order of its items.

The agenda lists what is known beforehand, sorted by item; upkeep, the turns of posts, evidence that
closes and awards fall in between. What each item does stands with what it changes.
"""

from __future__ import annotations

from kla_sim.engine.code_cache import inner
from kla_sim.engine.compiled.completions import begin_stage
from kla_sim.engine.compiled.jury import close_evidence, move_background, publish
from kla_sim.engine.compiled.layout import Layout
from kla_sim.engine.compiled.staff import step_capacity, turn_posts
from kla_sim.engine.compiled.state import (
    BRINGS_AWARD,
    BRINGS_CLOSING,
    BRINGS_POST,
    Now,
    State,
)
from kla_sim.engine.compiled.treasury import end_year, release, take_spent
from kla_sim.engine.compiled.waiting import turn_window
from kla_sim.engine.compiled.zones import owe_upkeep, pay_upkeep
from kla_sim.engine.replications import Replications
from kla_sim.engine.structure.codes import (
    AWARD,
    CAPACITY,
    RELEASE,
    REPLACEMENT,
    STAGE,
    WINDOW,
    YEAR,
)


@inner(forceinline=True)
def run_calendar(layout: Layout, state: State, out: Replications, now: Now, brings: int) -> None:
    """Let happen what the calendar holds for today.

    Parameters
    ----------
    brings : what the day brings beside the agenda, as bits.
    """
    is_money_due, is_turn_due = now.day == 0, brings & BRINGS_POST != 0
    while True:
        item = _next_item(layout, state, now.day)
        if is_money_due and item > RELEASE:
            is_money_due = False
            if now.day == 0 and layout.sizes.has_past:
                take_spent(layout, state, out, now)
            if state.live[0].n_owed > 0:
                pay_upkeep(layout, state, out, now)
        if is_turn_due and item > REPLACEMENT:
            is_turn_due = False
            turn_posts(layout, state, out, now)
        if item == AWARD:
            break
        number = layout.agenda[state.live[0].next_item].number
        state.live[0].next_item += 1
        out.n_events[now.row] += 1
        if item == YEAR:
            is_money_due = True
            if number > 0:
                end_year(layout, state, out, now, number - 1)
            owe_upkeep(layout, state, out, now, number)
        elif item == RELEASE:
            is_money_due = True
            release(layout, state, out, now, number)
        elif item == CAPACITY:
            step_capacity(layout, state, out, now, number)
        elif item == STAGE:
            begin_stage(layout, state, number)
        elif item == WINDOW:
            turn_window(layout, state, out, now, number)
        else:
            move_background(layout, state, out, now, number)
    if brings & BRINGS_CLOSING:
        close_evidence(layout, state, out, now)
    if brings & BRINGS_AWARD:
        publish(layout, state, out, now)


@inner(forceinline=True)
def _next_item(layout: Layout, state: State, day: int) -> int:
    """Return the agenda's next item of today; AWARD, which it never holds, when none is left."""
    place = state.live[0].next_item
    if place < layout.agenda.shape[0] and layout.agenda[place].day == day:
        return int(layout.agenda[place].what)
    return AWARD
