"""The bare loops beside which `bench` reads the engines do what they say."""

import heapq

import numpy as np
import pytest
import simpy

from kla_sim.engine.draws import sample, uniform
from kla_sim.engine.formulas import FIXED, quantile
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
