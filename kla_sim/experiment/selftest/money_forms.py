"""Closed forms of posts and money: renewal, shocks, rounded costs, and what waits for a release."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from scipy import stats

from kla_sim.experiment.selftest import laws
from kla_sim.experiment.selftest.laboratory import Form, Laboratory
from kla_sim.experiment.selftest.numbers import Number, mean_number, share_number, zero
from kla_sim.experiment.selftest.small_plans import chain, exponential, scenario


def _posts(laboratory: Laboratory) -> Iterator[Number]:
    """Compare posts that people leave and successors fill: alternating renewal in whole days."""
    turnover, vacancy, n_days, n_posts = 4.0, 40, 731, 3
    resources = {
        "staff": {
            "scope": "province",
            "capacity": n_posts,
            "turnover": turnover,
            "replacement": exponential(vacancy),
        }
    }
    found = laboratory.run(scenario(resources=resources, horizon="2024-12-31")).results
    means = laws.DAYS_PER_YEAR / turnover, vacancy
    stay, gap = (laws.whole_days(stats.expon(scale=mean)) for mean in means)
    filled = n_posts * float(laws.days_filled(stay, gap, n_days).sum())
    yield mean_number("filled_days", found.filled_days[:, 0], filled)
    days = found.filled_days[:, 0] + found.vacant_days[:, 0]
    yield zero("days_not_counted", np.sum(days != n_posts * n_days))


def _shocks(laboratory: Laboratory) -> Iterator[Number]:
    """Compare lognormal shocks: a part common to the accounts of a year, and one of their own."""
    amount, common, own = 10**12, 0.2, 0.3
    accounts = {
        "province": {2023: amount},
        "cities": {"kota": {2023: amount}},
        "release": {"1 Januari": "100%"},
        "grows": 0,
        "lapse": "100%",
        "shock": {"common": common, "own": own},
    }
    found = laboratory.run(scenario(accounts=accounts, horizon="2024-12-31")).results
    ratio = found.appropriated / amount
    spread = math.sqrt((1 + common**2) * (1 + own**2) - 1)
    yield mean_number("appropriated", ratio[:, 0, 0], 1.0, spread)
    for account, year in ((0, 1), (1, 0), (1, 1)):
        yield mean_number(f"appropriated_{account}_{year}", ratio[:, account, year], 1.0, spread)
    yield mean_number("square", ratio[:, 0, 0] ** 2, 1 + spread**2)
    yield mean_number("accounts_of_a_year", ratio[:, 0, 0] * ratio[:, 1, 0], 1 + common**2)
    yield mean_number("years_of_an_account", ratio[:, 0, 0] * ratio[:, 0, 1], 1.0)
    variance = math.log(1 + common**2) + math.log(1 + own**2)
    below = stats.norm.cdf((math.log(1.1) + variance / 2) / math.sqrt(variance))
    yield share_number("appropriated <= 1.1", ratio[:, 0, 0] < 1.1, float(below))
    yield zero("not_released", np.sum(found.released != found.appropriated))


def _costs(laboratory: Laboratory) -> Iterator[Number]:
    """Compare costs that are drawn, rounded to whole rupiah, and shared by two accounts."""
    kit = {
        "a": {
            "duration": 1,
            "cost": {"distribution": "uniform", "low": 100, "high": 900},
            "paid_by": {"city": "75%", "province": "25%"},
        }
    }
    accounts = {
        "province": {2023: 1_000},
        "cities": {"kota": {2023: 1_000}},
        "release": {"1 Januari": "100%"},
        "lapse": "100%",
    }
    found = laboratory.run(scenario(work={"city": kit}, accounts=accounts)).results
    spent = found.spent[:, :, 0].astype(float)
    yield mean_number("spent", spent.sum(axis=1), 500.0)
    yield zero("shares_not_whole", np.sum(spent[:, 1] != np.floor(spent.sum(axis=1) * 0.75)))
    held = found.held[:, :, 0] + found.lapsed[:, :, 0]
    yield zero("not_in_the_books", np.sum(held + found.spent[:, :, 0] != 1_000))


def _release(laboratory: Laboratory) -> Iterator[Number]:
    """Compare waits of work, ready on a random day, for the money that comes on 1 July."""
    release = 181
    kit = chain(
        {"duration": exponential(90)},
        {"duration": 1, "cost": 100, "paid_by": {"city": "100%"}},
    )
    accounts = {"cities": {"kota": {2023: 100}}, "release": {"1 Juli": "100%"}, "lapse": "0%"}
    found = laboratory.run(
        scenario(work={"city": kit}, accounts={**accounts, "grows": 0}, horizon="2023-12-31")
    )
    ready = laws.whole_days(stats.expon(scale=90))[:365]
    waits = np.maximum(release - np.arange(len(ready)), 0).astype(float)
    mean = float(waits @ ready)
    sd = math.sqrt(float(waits**2 @ ready) - mean**2)
    cause = found.plan.labels.causes.index("account:city")
    booked = found.results.wait_days[:, 1, cause]
    yield mean_number("wait", booked, mean, sd)
    early = float(ready[: release + 1].sum())
    yield share_number("begun_on_release", found.starts("kota/a1") == release, early)


FORMS = (
    Form("posts", 150_000, _posts),
    Form("shocks", 400_000, _shocks),
    Form("costs", 300_000, _costs),
    Form("release", 300_000, _release),
)
