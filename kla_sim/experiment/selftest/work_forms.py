"""Closed forms of work: chains, what waits for the last of several, queues, and rework.

Each form builds a plan whose law is known (`laws`), simulates it, and compares.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import stats

from kla_sim.arrays import FloatArray
from kla_sim.experiment.selftest import laws
from kla_sim.experiment.selftest.laboratory import Form, Found, Laboratory
from kla_sim.experiment.selftest.numbers import (
    Number,
    law_numbers,
    mean_number,
    share_number,
    zero,
)
from kla_sim.experiment.selftest.small_plans import chain, city, exponential, scenario
from kla_sim.scenario.model import Scenario

_ONE_POST = {"staff": {"scope": "city", "capacity": 1}}
_QUANTILES = (0.1, 0.5, 0.9)


def _exponential(mean: float) -> FloatArray:
    return laws.whole_days(stats.expon(scale=mean))


def _erlang(laboratory: Laboratory) -> Iterator[Number]:
    """Compare a chain of eight equal exponential activities."""
    found = laboratory.run(scenario(work={"city": chain(*[{"duration": exponential(20)}] * 8)}))
    law = laws.sum_of(*[_exponential(20)] * 8)
    yield from law_numbers("finish_day", found.finishes("kota/a7"), law, _QUANTILES)


def _hypoexponential(laboratory: Laboratory) -> Iterator[Number]:
    """Compare a chain of exponential activities of different means."""
    means = (2, 5, 30)
    kit = chain(*({"duration": exponential(mean)} for mean in means))
    found = laboratory.run(scenario(work={"city": kit}))
    law = laws.sum_of(*map(_exponential, means))
    yield from law_numbers("finish_day", found.finishes("kota/a2"), law, _QUANTILES)


def _every_distribution(laboratory: Laboratory) -> Iterator[Number]:
    """Compare a chain of one activity of each distribution that a planner may write."""
    of_log = np.sqrt(np.log1p((12 / 30) ** 2))
    kinds = [
        ({"low": 21, "likely": 35, "high": 70}, stats.beta(1 + 8 / 7, 5 - 8 / 7, 21, 49)),
        ({"distribution": "uniform", "low": 3, "high": 28}, stats.uniform(3, 25)),
        (
            {"distribution": "triangular", "low": 2, "likely": 13, "high": 29},
            stats.triang(11 / 27, 2, 27),
        ),
        (
            {"distribution": "normal", "mean": 10, "sd": 8},
            stats.truncnorm(-10 / 8, np.inf, 10, 8),
        ),
        (
            {"distribution": "lognormal", "mean": 30, "sd": 12},
            stats.lognorm(of_log, scale=30 * np.exp(-(of_log**2) / 2)),
        ),
        (exponential(15), stats.expon(scale=15)),
        (
            {"distribution": "discrete", "values": [3, 40], "chances": [0.25, 0.75]},
            stats.rv_discrete(values=([3, 40], [0.25, 0.75])),
        ),
        (12, stats.rv_discrete(values=([12], [1.0]))),
    ]
    found = laboratory.run(
        scenario(work={"city": chain(*({"duration": days} for days, _ in kinds))})
    )
    law = laws.sum_of(*(laws.whole_days(of_kind) for _, of_kind in kinds))
    yield from law_numbers("finish_day", found.finishes("kota/a7"), law, _QUANTILES)
    for place, (_, of_kind) in enumerate(kinds[:-1]):
        before = found.finishes(f"kota/a{place - 1}") if place else 0
        alone = laws.whole_days(of_kind)
        mean, sd = laws.moments(alone)
        days = found.finishes(f"kota/a{place}") - before
        yield mean_number(f"duration_{place + 1}", days, mean, sd)


def _last_of_chains(laboratory: Laboratory) -> Iterator[Number]:
    """Compare the start of what waits for the later of two parallel chains."""
    kit = {
        "left": {"duration": exponential(20)},
        "right": {"duration": exponential(15)},
        "more": {"duration": exponential(5), "after": ["right"]},
        "join": {"duration": 1, "after": ["left", "more"]},
    }
    found = laboratory.run(scenario(work={"city": kit}))
    left, right, more = map(_exponential, (20, 15, 5))
    law = laws.last_of(left, laws.sum_of(right, more))
    yield from law_numbers("start_day", found.starts("kota/join"), law, _QUANTILES)


def _one_post_in_order(laboratory: Laboratory) -> Iterator[Number]:
    """Compare work that one post takes by rank, one piece after the other without a pause."""
    kit = {
        f"a{k}": {"duration": exponential(10 + k), "needs": {"staff": 1}, "rank": -k}
        for k in range(4)
    }
    found = laboratory.run(scenario(work={"city": kit}, resources=_ONE_POST))
    law, order = np.ones(1), [f"kota/a{k}" for k in reversed(range(4))]
    for k in reversed(range(4)):
        law = laws.sum_of(law, _exponential(10 + k))
    yield from law_numbers("finish_day", found.finishes(order[-1]), law, _QUANTILES)
    yield mean_number("first_finish_day", found.finishes(order[0]), *laws.moments(_exponential(13)))
    pauses = sum(
        int(np.sum(found.starts(after) != found.finishes(before)))
        for before, after in pairwise(order)
    )
    yield zero("pauses", pauses)


_CUSTOMERS = 10


def _line(capacity: int, gap: float, service: Any) -> Scenario:
    """Return a plan in which pieces of work arrive at random and wait for posts in line."""
    kit: dict[str, Any] = {}
    for k in range(_CUSTOMERS):
        before = {"after": [f"arrival{k - 1}"]} if k else {}
        kit[f"arrival{k}"] = {"duration": exponential(gap), **before}
        kit[f"work{k}"] = {
            "duration": service,
            "after": [f"arrival{k}"],
            "needs": {"staff": 1},
            "rank": k,
        }
    return scenario(
        work={"city": kit}, resources={"staff": {"scope": "city", "capacity": capacity}}
    )


def _waits(found: Found) -> list[FloatArray]:
    """Return the wait of each customer, days in each future."""
    return [
        (found.starts(f"kota/work{k}") - found.finishes(f"kota/arrival{k}")).astype(float)
        for k in range(_CUSTOMERS)
    ]


def _compare_line(found: Found, expected: list[FloatArray]) -> Iterator[Number]:
    waits = _waits(found)
    means = [laws.moments(law)[0] for law in expected]
    yield mean_number("all_waits", np.sum(waits, axis=0), sum(means))
    cause = found.plan.labels.causes.index("staff")
    booked = found.results.wait_days[:, 1, cause]
    yield zero("waits_not_booked", np.sum(booked != np.sum(waits, axis=0)))
    for place in (_CUSTOMERS // 2, _CUSTOMERS - 1):
        law = expected[place]
        yield mean_number(f"wait_{place + 1}", waits[place], *laws.moments(law))
        yield share_number(f"wait_{place + 1} = 0", waits[place] == 0, law[0])
        yield share_number(f"wait_{place + 1} <= 5", waits[place] <= 5, law[:6].sum())


def _one_server(laboratory: Laboratory) -> Iterator[Number]:
    """Compare waits for one post, arrivals each seven days, six of work (M/D/1 in whole days)."""
    found = laboratory.run(_line(1, 7, 6))
    gap = _exponential(7)
    yield from _compare_line(found, laws.waits_for_one_post(gap, laws.always(6), _CUSTOMERS))


def _one_server_exponential(laboratory: Laboratory) -> Iterator[Number]:
    """Compare waits for one post with exponential work (M/M/1 in whole days)."""
    found = laboratory.run(_line(1, 7, exponential(6)))
    expected = laws.waits_for_one_post(_exponential(7), _exponential(6), _CUSTOMERS)
    yield from _compare_line(found, expected)


def _two_servers(laboratory: Laboratory) -> Iterator[Number]:
    """Compare waits for two posts with exponential work (M/M/2 in whole days)."""
    found = laboratory.run(_line(2, 4, exponential(8)))
    expected = laws.waits_for_two_posts(_exponential(4), _exponential(8), _CUSTOMERS, most=160)
    yield from _compare_line(found, expected)


def _k_of_n(laboratory: Laboratory) -> Iterator[Number]:
    """Compare the launch of the third of five zones, and how many there are in the year."""
    n, k, mean = 5, 3, 300
    plan = scenario(
        cities={"kota": city(zones={"planned": n})},
        work={"zone": {"site": {"duration": exponential(mean), "launches": True}}},
    )
    found = laboratory.run(plan)
    ends = np.sort([found.finishes(f"kota/zone-{j + 1}/site") for j in range(n)], axis=0)
    law = _exponential(mean)
    yield from law_numbers("third_launch_day", ends[k - 1], laws.kth_of(law, k, n), _QUANTILES)
    in_year = float(law[:365].sum())
    launched = found.results.launches[:, 0, 0]
    of_zones = stats.binom(n, in_year)
    yield mean_number("launched_in_year", launched, of_zones.mean(), of_zones.std())
    yield share_number("launched_in_year >= 3", launched >= k, of_zones.sf(k - 1))


def _rework(laboratory: Laboratory) -> Iterator[Number]:
    """Compare failed attempts before three successes."""
    success, n = 0.6, 3
    kit = chain(*[{"duration": 2, "success": success, "rework": 0.5}] * n)
    found = laboratory.run(scenario(work={"city": kit}))
    failures = sum(found.counts(f"kota/a{k}") for k in range(n)) - n
    law = stats.nbinom(n, success)
    yield mean_number("failures", failures, law.mean(), law.std())
    for count in (0, 2, 5):
        yield share_number(f"failures <= {count}", failures <= count, law.cdf(count))
    yield zero("days_of_rework", np.sum(found.finishes("kota/a2") != 2 * n + failures))


def _given_up(laboratory: Laboratory) -> Iterator[Number]:
    """Compare how often work is given up after twenty failures, with what waits for it."""
    kit = {"a": {"duration": 1, "success": 0.1}, "b": {"duration": 1, "after": ["a"]}}
    found = laboratory.run(scenario(work={"city": kit}))
    yield share_number("given_up", found.starts("kota/b") == -1, 0.9**20)
    counts = found.counts("kota/a")
    tries = np.minimum(np.arange(1, 60), 20)
    chances = stats.geom(0.1).pmf(np.arange(1, 60))
    chances[-1] = 1.0 - chances[:-1].sum()
    mean = float(tries @ chances)
    sd = float(np.sqrt((tries - mean) ** 2 @ chances))
    yield mean_number("attempts", counts, mean, sd)


def _window(laboratory: Laboratory) -> Iterator[Number]:
    """Compare waits for a window of work that is ready on a random day."""
    kit = chain(
        {"duration": exponential(50)},
        {"duration": 1, "window": {"from": "1 Maret", "to": "1 Mei"}},
    )
    found = laboratory.run(scenario(work={"city": kit}, horizon="2025-12-31"))
    ready = _exponential(50)
    dates = [dt.date(2023, 1, 1) + dt.timedelta(days=day) for day in range(len(ready) + 366)]
    is_open = np.array([(3, 1) <= (date.month, date.day) <= (5, 1) for date in dates])
    waits = np.array([np.argmax(is_open[day:]) for day in range(len(ready))], float)
    mean = float(waits @ ready)
    sd = float(np.sqrt((waits - mean) ** 2 @ ready))
    waited = found.starts("kota/a1") - found.finishes("kota/a0")
    yield mean_number("wait", waited, mean, sd)
    yield share_number("wait = 0", waited == 0, float(ready[waits == 0].sum()))


FORMS = (
    Form("erlang_chain", 150_000, _erlang),
    Form("hypoexponential_chain", 300_000, _hypoexponential),
    Form("every_distribution", 100_000, _every_distribution),
    Form("last_of_chains", 250_000, _last_of_chains),
    Form("one_post_in_order", 200_000, _one_post_in_order),
    Form("one_server_fixed", 100_000, _one_server),
    Form("one_server_exponential", 100_000, _one_server_exponential),
    Form("two_servers_exponential", 100_000, _two_servers),
    Form("k_of_n", 150_000, _k_of_n),
    Form("rework", 250_000, _rework),
    Form("given_up", 400_000, _given_up),
    Form("window", 250_000, _window),
)
