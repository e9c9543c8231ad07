"""The accounts of province and cities: appropriations, tranches, payments, what lapses.

The twin of `engine/reference/treasury.py`; what a fall or rise of an account means to waiting work
stands in `waiting`.
"""

from __future__ import annotations

from kla_sim.arrays import IntArray
from kla_sim.engine.code_cache import inner
from kla_sim.engine.compiled.layout import Layout
from kla_sim.engine.compiled.state import Now, State
from kla_sim.engine.compiled.waiting import EVERYTHING, account_fell, bit_of, touch
from kla_sim.engine.draws import uniform
from kla_sim.engine.formulas import lognormal_quantile, part_of, whole_rupiah
from kla_sim.engine.replications import Replications
from kla_sim.engine.structure.codes import CITY, FIRST_RESOURCE_CAUSE, PROVINCE


@inner(forceinline=True)
def account_cause(layout: Layout, payer: int) -> int:
    """Return the cause of waiting for an account."""
    return int(FIRST_RESOURCE_CAUSE + layout.pool_of.shape[1] + payer)


@inner()
def draw_appropriations(layout: Layout, state: State, out: Replications, now: Now) -> None:
    """Draw each year's amounts: the plan's, times a common shock, times an own one."""
    n_groups, n_years = state.queues.shape[0], layout.year_day.shape[0]
    values = layout.world_values[now.world]
    common_sigma, own_sigma = values.common_shock, values.own_shock
    for year in range(n_years):
        common = 1.0
        if common_sigma > 0.0:
            stream = layout.streams.common_shock[year]
            common = _shock(common_sigma, uniform(layout.seed, stream, now.replication, 0))
        for account in range(n_groups):
            own = 1.0
            if own_sigma > 0.0:
                own = _shock(own_sigma, state.chances.own_shock[account * n_years + year])
            amount = float(layout.appropriation[now.world, account, year])
            out.appropriated[now.row, account, year] = whole_rupiah(amount * common * own)


@inner(forceinline=True)
def _shock(sigma: float, probability: float) -> float:
    """Return a lognormal factor of mean 1."""
    return lognormal_quantile(-sigma * sigma / 2.0, sigma, probability)


@inner()
def end_year(layout: Layout, state: State, out: Replications, now: Now, year: int) -> None:
    """B1: the share that lapses is lost, booked in the year that ended."""
    for account in range(state.queues.shape[0]):
        lapsed = part_of(state.queues[account].balance, layout.world_values[now.world].lapse)
        state.queues[account].balance -= lapsed
        out.lapsed[now.row, account, year] = lapsed
        out.held[now.row, account, year] = state.queues[account].balance
        account_fell(state, account)


@inner()
def release(layout: Layout, state: State, out: Replications, now: Now, number: int) -> None:
    """B2: one tranche of every account's appropriation; the last listed takes the rest."""
    n_tranches = layout.release_share.shape[0]
    year, tranche = number // n_tranches, number % n_tranches
    for account in range(state.queues.shape[0]):
        amount = out.appropriated[now.row, account, year]
        if tranche < n_tranches - 1:
            part = part_of(amount, layout.release_share[tranche])
        else:
            part = amount
            for earlier in range(n_tranches - 1):
                part -= part_of(amount, layout.release_share[earlier])
        state.queues[account].balance += part
        out.released[now.row, account, year] += part
        if part > 0:
            _account_rose(layout, state, account)
        elif part < 0:
            state.live[0].province_fell = state.live[0].province_fell or account == 0
            touch(state, account, EVERYTHING)


@inner(forceinline=True)
def _account_rose(layout: Layout, state: State, account: int) -> None:
    """Look again at work that an account held up and may hold up no longer."""
    balance = state.queues[account].balance
    if balance >= state.queues[account].blocked_money[1]:
        touch(state, account, bit_of(account_cause(layout, CITY)))
    if account == 0:
        for group in range(state.queues.shape[0]):
            if balance >= state.queues[group].blocked_money[0]:
                touch(state, group, bit_of(account_cause(layout, PROVINCE)))


@inner()
def take_spent(layout: Layout, state: State, out: Replications, now: Now) -> None:
    """Take off what was paid this year before the status date, as far as the account holds."""
    for account in range(state.queues.shape[0]):
        balance = state.queues[account].balance
        part = max(0, min(layout.groups[account].spent_before, balance))
        state.queues[account].balance = balance - part
        out.spent[now.row, account, now.year] += part


@inner(forceinline=True)
def split(parts: IntArray, amount: int, n_pays: int, share: int) -> None:
    """Split an amount over at most two payers; the last listed takes the rest.

    Parameters
    ----------
    parts : (2,) receives rupiah.
    share : of the first, hundredths of a percent.
    """
    parts[0] = 0
    parts[1] = 0
    if n_pays == 1:
        parts[0] = amount
    elif n_pays == 2:
        parts[0] = part_of(amount, share)
        parts[1] = amount - parts[0]


@inner(forceinline=True)
def account_of(payer: int, group: int) -> int:
    """Return the account from which a payer pays for a group's work."""
    return 0 if payer == PROVINCE else group


@inner(forceinline=True)
def pay(state: State, out: Replications, now: Now, account: int, part: int) -> None:
    """Take a part from its account."""
    if part > 0:
        state.queues[account].balance -= part
        out.spent[now.row, account, now.year] += part
        account_fell(state, account)
