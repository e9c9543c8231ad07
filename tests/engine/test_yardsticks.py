"""The bare loops beside which `bench` reads the engines do what they say."""

import heapq
import math

import numpy as np
import pytest
import simpy
from plans import city, scenario

from kla_sim.engine.draws import sample, uniform
from kla_sim.engine.formulas import (
    EXPONENTIAL,
    FIXED,
    LOGNORMAL,
    NORMAL,
    UNIFORM,
    quantile,
)
from kla_sim.engine.plan import compile_plan
from kla_sim.engine.yardsticks import draws_of, run_draws, run_heap, run_simpy_timeouts
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.shipped import shipped_scenario


def test_the_heap_of_the_yardstick_pops_in_order():
    heap, popped = list(range(16)), []
    for number in range(200):
        popped.append(heapq.heappop(heap))
        heapq.heappush(heap, popped[-1] + 1 + number * 7919 % 199)
    assert [run_heap(n, 16) for n in range(1, 201)] == popped


def test_the_simpy_yardstick_waits_as_often_as_asked(monkeypatch):
    times = []
    original = simpy.Environment.timeout
    monkeypatch.setattr(
        simpy.Environment,
        "timeout",
        lambda env, delay: times.append(env.now) or original(env, delay),
    )
    run_simpy_timeouts(5)
    assert times == [0, 1, 2, 3, 4]


def test_the_yardstick_of_draws_takes_every_draw_of_a_future_once():
    plan = compile_plan(load_scenario(shipped_scenario("kaltara_2022"), overrides=["worlds=1"]), 1)
    seed, streams, rows, tables = draws_of(plan)
    assert len(set(streams.tolist())) == len(streams)
    s, values = plan.structure, plan.values[0]
    drawn = sample(seed, s.duration_stream, s.act_kind, values.duration, tables, 3, 0)
    is_duration = np.isin(streams, s.duration_stream)
    found = [
        quantile(row, uniform(seed, number, 3, 0), tables)
        for number, row in zip(streams, rows, strict=True)
    ]
    is_fixed = values.duration[s.act_kind, 0] == FIXED
    assert np.array(found)[is_duration].tolist() == drawn[~is_fixed].tolist()
    assert run_draws(seed, streams, rows, tables, 3, 4) == pytest.approx(sum(found), rel=1e-12)


def small(**accounts):
    """Return a plan of two cities in which something of every kind is drawn, and something not."""
    cycles = {2023: {"evidence_closes": "2023-03-01", "award": "2023-06-01"}}
    work = {
        "a": {"duration": {"distribution": "uniform", "low": 1, "high": 3}, "success": "50%"},
        "b": {"duration": 5, "needs": {"staff": 1, "guests": 1}},
    }
    staff = {"scope": "city", "capacity": 1, "turnover": 0.5, "replacement": 30}
    return scenario(
        cities={name: city() for name in ("barat", "timur")},
        work={"city": work},
        resources={"staff": staff, "guests": {"scope": "city", "capacity": 1}},
        evaluation={"noise": 15, "one_step_up": "90%", "cycles": cycles},
        accounts={"release": {"1 Januari": "100%"}, "lapse": "100%", **accounts},
    )


def rows_of(found, streams):
    """Return the rows of streams, in their order."""
    _, all_streams, rows, _ = found
    place = {number: rows[at].tolist() for at, number in enumerate(all_streams.tolist())}
    return [place.get(number) for number in np.ravel(streams).tolist()]


def test_draws_of_a_small_plan_are_these_and_what_is_fixed_is_not_drawn():
    plan = compile_plan(small(shock={"own": 0.2}), 3)
    s, found = plan.structure, draws_of(plan)
    assert rows_of(found, s.duration_stream) == [[UNIFORM, 1, 3, 0, 0], None] * 2
    assert rows_of(found, s.cost_stream) == [None] * 4
    assert rows_of(found, s.acceptance_stream) == [[UNIFORM, 0, 1, 0, 0], None] * 2
    leaves = [EXPONENTIAL, 365.25 / 0.5, 0, 0, 0]
    departures = rows_of(found, s.departure_stream)
    assert (departures.count(leaves), departures.count(None)) == (2, 2)
    sigma = math.sqrt(math.log(1.04))  # of a coefficient of variation of 0.2
    shock = [LOGNORMAL, -sigma * sigma / 2, sigma, 0, 0]
    assert rows_of(found, s.own_shock_stream) == [pytest.approx(shock)] * 3
    for streams in (s.background_stream, s.noise_stream):
        assert rows_of(found, streams) == [[NORMAL, 0, 1, 0, 0]] * 2
    assert rows_of(found, s.cap_stream) == [[UNIFORM, 0, 1, 0, 0]] * 2
    assert len(found[1]) == 2 + 2 + 2 + 3 + 2 * 3
    assert found[0] == 3
    calm = draws_of(compile_plan(small(), 3))
    assert rows_of(calm, s.own_shock_stream) == [None] * 3


def test_the_sum_of_a_few_futures_is_that_of_their_draws():
    seed, streams, rows, tables = draws_of(compile_plan(small(shock={"own": 0.2}), 3))
    total = 0.0
    for future in (4, 5, 6):
        for number, row in zip(streams, rows, strict=True):
            total += quantile(row, uniform(seed, number, future, 0), tables)
    assert run_draws(seed, streams, rows, tables, 4, 7) == pytest.approx(total, rel=1e-12)
