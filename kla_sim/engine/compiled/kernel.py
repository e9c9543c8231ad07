"""The kernel: replications one after the other, day by day, in the three phases of docs/model.md.

A day is visited if the agenda holds it or something brings it up. Same rules in the same order as
the reference engine, and the same scalar functions, so that results are equal bit for bit. Each
phase stands in a file of its own, all share one `State`.
"""

from __future__ import annotations

from kla_sim.engine.code_cache import inner, njit
from kla_sim.engine.compiled.begin import begin
from kla_sim.engine.compiled.calendar import run_calendar
from kla_sim.engine.compiled.completions import complete_work
from kla_sim.engine.compiled.layout import Layout
from kla_sim.engine.compiled.pointers import pointer_to
from kla_sim.engine.compiled.staff import count_days
from kla_sim.engine.compiled.starts import start_work
from kla_sim.engine.compiled.state import BRINGS_WORK, Now, State
from kla_sim.engine.compiled.waiting import book_wait
from kla_sim.engine.compiled.zones import count_dormant
from kla_sim.engine.replications import Attempts, Replications
from kla_sim.engine.structure.codes import LIMIT_CAUSE, WINDOW_CAUSE


@njit(nogil=True, is_long=True)
def run_replications(
    first: int, last: int, layout: Layout, state: State, out: Replications, kept: Attempts
) -> None:
    """Run replications first to last - 1 and write them into rows 0, 1, ... of the results.

    Parameters
    ----------
    state : see `empty_state`; of these replications alone while they run.
    kept : receives when each activity was at work, unless it has no rows.
    """
    _run(first, last, pointer_to(layout), pointer_to(state), pointer_to(out), pointer_to(kept))


@inner()
def _run(
    first: int, last: int, layout: Layout, state: State, out: Replications, kept: Attempts
) -> None:
    horizon_day, live = layout.sizes.horizon_day, state.live[0]
    for replication in range(first, last):
        live.row, live.world = replication - first, replication % layout.sizes.n_worlds
        row, world = live.row, live.world
        begin(layout, state, out, kept, Now(replication, row, world, 0, layout.year_of_day[0]))
        day = _next_day(layout, state, 0)
        while day <= horizon_day:
            now = Now(replication, row, world, day, layout.year_of_day[day])
            brings = state.days[day].brings
            state.days[day].brings = 0
            if brings & BRINGS_WORK:
                complete_work(layout, state, out, now)
            run_calendar(layout, state, out, now, brings)
            start_work(layout, state, out, kept, now)
            day = _next_day(layout, state, day + 1)
        year = layout.year_of_day[horizon_day]
        end(layout, state, out, Now(replication, row, world, horizon_day + 1, year))


@inner(forceinline=True)
def _next_day(layout: Layout, state: State, day: int) -> int:
    """Return the first day from a day on on which something happens, at most horizon_day + 1."""
    place = state.live[0].next_item
    agenda_day = layout.sizes.horizon_day + 1
    if place < layout.agenda.shape[0]:
        agenda_day = min(agenda_day, layout.agenda[place].day)
    while day < agenda_day and state.days[day].brings == 0:
        day += 1
    return day


@inner()
def end(layout: Layout, state: State, out: Replications, now: Now) -> None:
    """Count everything to the end of the horizon day.

    Parameters
    ----------
    now : the day after the horizon.
    """
    for group in range(state.queues.shape[0]):
        first = layout.groups[group].act_first
        for spot in range(first, first + state.queues[group].n_queued):
            held = state.queue[spot]
            book_wait(state, out, now, group, held.act, held.cause)
        act = state.queues[group].behind_limit
        while act >= 0:
            book_wait(state, out, now, group, act, LIMIT_CAUSE)
            act = state.works[act].next
        out.held[now.row, group, now.year] = state.queues[group].balance
    for window in range(state.before_window.shape[0]):
        act = state.before_window[window]
        while act >= 0:
            book_wait(state, out, now, layout.acts[act].group, act, WINDOW_CAUSE)
            act = state.works[act].next
    for pool in range(state.pools.shape[0]):
        count_days(state, out, now, pool)
    count_dormant(state, out, now)
    out.is_met_once[now.row] = out.is_met_once[now.row] or out.is_met[now.row]
