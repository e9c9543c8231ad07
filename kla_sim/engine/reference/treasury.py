"""The accounts of province and cities: appropriations, tranches, payments, what lapses."""

from __future__ import annotations

import numpy as np

from kla_sim.engine.draws import uniforms
from kla_sim.engine.formulas import LOGNORMAL, part_of, quantile, whole_rupiah
from kla_sim.engine.reference.clock import Clock
from kla_sim.engine.reference.facts import Facts
from kla_sim.engine.reference.trace import Journal
from kla_sim.engine.replications import Replications
from kla_sim.engine.structure.codes import PROVINCE
from kla_sim.engine.values import Values

Part = tuple[int, int, int]
"""Account, rupiah, and the cause of a wait for it."""


class Treasury:
    """Balances in whole rupiah; account 0 is the province's, 1 + city a city's."""

    def __init__(
        self, facts: Facts, values: Values, clock: Clock, replication: int, journal: Journal
    ) -> None:
        s = facts.structure
        self._facts, self._s, self._values, self._clock = facts, s, values, clock
        self._tell = journal.tell
        self.balance = [0] * s.n_accounts
        self._released = [[0] * s.n_years for _ in range(s.n_accounts)]
        self._spent = [[0] * s.n_years for _ in range(s.n_accounts)]
        self._lapsed = [[0] * s.n_years for _ in range(s.n_accounts)]
        self._held = [[0] * s.n_years for _ in range(s.n_accounts)]
        self._appropriated = self._draw_appropriations(replication)
        self._shares: list[int] = s.release_share.tolist()

    def _draw_appropriations(self, replication: int) -> list[list[int]]:
        """Draw each year's amounts: the plan's, times a common shock, times an own one."""
        s, values, seed = self._s, self._values, self._facts.plan.seed
        common = uniforms(seed, s.common_shock_stream, replication, 0)
        own = uniforms(seed, s.own_shock_stream.ravel(), replication, 0)
        own = own.reshape(s.n_accounts, s.n_years)
        return [
            [
                whole_rupiah(
                    values.appropriation[account, year]
                    * _shock(values.common_shock, common[year])
                    * _shock(values.own_shock, own[account, year])
                )
                for year in range(s.n_years)
            ]
            for account in range(s.n_accounts)
        ]

    def end_year(self, year: int) -> None:
        """B1: the share that lapses is lost, booked in the year that ended."""
        for account, balance in enumerate(self.balance):
            lost = part_of(balance, self._values.lapse)
            self.balance[account] = balance - lost
            self._lapsed[account][year] = lost
            self._held[account][year] = balance - lost
            if lost:
                self._tell("lapse", self._facts.plan.labels.accounts[account], amount=lost)

    def release(self, number: int) -> None:
        """B2: one tranche of every account's appropriation; the last listed takes the rest."""
        year, tranche = divmod(number, len(self._shares))
        for account, amounts in enumerate(self._appropriated):
            part = _tranche(amounts[year], self._shares, tranche)
            self.balance[account] += part
            self._released[account][year] += part
            if part:
                self._tell("release", self._facts.plan.labels.accounts[account], amount=part)
        self._clock.look_again(0)

    def take_spent(self) -> None:
        """Take off what was paid this year before the status date, as far as the account holds."""
        year = self._facts.year_of_day[self._clock.today]
        for account, spent in enumerate(self._s.spent_before.tolist()):
            part = max(0, min(spent, self.balance[account]))
            self.balance[account] -= part
            self._spent[account][year] += part

    def split(self, amount: int, pays: list[tuple[int, int]], group: int) -> list[Part]:
        """Split an amount over its payers; the last listed takes the rest."""
        parts = []
        left = amount
        for place, (payer, share) in enumerate(pays):
            part = left if place == len(pays) - 1 else part_of(amount, share)
            left -= part
            account = 0 if payer == PROVINCE else group
            parts.append((account, part, self._facts.account_cause[payer]))
        return parts

    def can_pay(self, parts: list[Part]) -> bool:
        """Return whether every account holds its part; nothing to pay never fails."""
        return all(part <= 0 or self.balance[account] >= part for account, part, _ in parts)

    def pay(self, parts: list[Part]) -> None:
        """Take the parts from their accounts."""
        year = self._facts.year_of_day[self._clock.today]
        for account, part, _ in parts:
            if part > 0:
                self.balance[account] -= part
                self._spent[account][year] += part
                self._clock.look_again(account)

    def write(self, out: Replications) -> None:
        """Write the books; what is held at the horizon stands in its year."""
        out.appropriated[:] = self._appropriated
        out.released[:] = self._released
        out.spent[:] = self._spent
        out.lapsed[:] = self._lapsed
        out.held[:] = self._held
        out.held[:, self._facts.year_of_day[self._s.horizon_day]] = self.balance


def _tranche(amount: int, shares: list[int], tranche: int) -> int:
    if tranche < len(shares) - 1:
        return part_of(amount, shares[tranche])
    return amount - sum(part_of(amount, share) for share in shares[:-1])


def _shock(sigma: float, probability: float) -> float:
    """Return a lognormal factor of mean 1."""
    row = np.array([LOGNORMAL, -sigma * sigma / 2.0, sigma, 0.0, 0.0])
    return float(quantile(row, probability, np.zeros((1, 1))))
