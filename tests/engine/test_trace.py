"""One future told in full: the same as in any run, and word for word what the golden file says."""

from pathlib import Path

import numpy as np
import pytest
from plans import city, scenario

from kla_sim.engine.plan import compile_plan
from kla_sim.engine.reference import simulate, trace
from kla_sim.experiment.trace import trace_document, trace_future
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.shipped import shipped_scenario

GOLDEN = Path(__file__).parent / "golden" / "small_plan.txt"


WORK = {
    "province": {"rule": {"duration": {"low": 20, "likely": 40, "high": 90}}},
    "city": {"task_force": {"duration": 14}},
    "zone": {
        "site": {
            "duration": {"low": 20, "likely": 30, "high": 70},
            "after": ["city.task_force"],
            "needs": {"facilitators": 1},
            "cost": 30_000,
            "paid_by": {"city": "100%"},
        },
        "school": {
            "duration": 25,
            "after": ["site", "province.rule"],
            "success": 0.5,
            "rework": 0.4,
            "cost": 20_000,
            "paid_by": {"province": "50%", "city": "50%"},
            "opens": "education_culture",
        },
        "launch": {"duration": 5, "after": ["school"], "launches": True},
    },
}
"""The work of `small_plan`."""


def small_plan():
    """Return a plan of one city in which every kind of event happens within two years."""
    return scenario(
        start="2023-01-01",
        horizon="2024-12-31",
        cities={
            "kota": city(
                zones={"existing": 1, "planned": {2023: 1, 2024: 1}},
                baseline={"score": 740, "sd": 10},
            )
        },
        resources={
            "facilitators": {
                "scope": "city",
                "capacity": [
                    {"from": "2023-01-01", "posts": 1},
                    {"from": "2024-03-01", "posts": 2},
                ],
                "turnover": 0.6,
                "replacement": {"low": 20, "likely": 40, "high": 90},
            }
        },
        accounts={
            "province": {2023: 40_000, 2024: 40_000},
            "cities": {"kota": {2023: 90_000, 2024: 90_000}},
            "release": {"1 Februari": "60%", "1 Juli": "40%"},
            "lapse": "100%",
            "shock": {"common": 0.05, "own": 0.1},
        },
        work=WORK,
        upkeep={"per_zone": 5_000, "paid_by": {"city": "100%"}},
        effects={"services": {"education_culture": 0.4}},
        background={"rate": {"median": 0.05, "spread": 0.3}, "volatility": 34},
        learning={"rate": 0.9, "floor": 0.6},
        evaluation={
            "strictness": 15,
            "noise": 10,
            "one_step_up": 0.98,
            "cycles": {
                year: {"evidence_closes": f"{year}-06-15", "award": f"{year}-07-23"}
                for year in (2023, 2024)
            },
        },
    )


def told(plan, replication):
    """Return a future as lines: the events, then the days waited."""
    future = trace_future(plan, 1, replication)
    lines = [
        f"{event.day:4} {event.what:12} {event.subject:28} "
        + " ".join(f"{key}={shown(value)}" for key, value in event.detail.items())
        for event in future.trace.events
    ]
    waits = trace_document(future)["waits"]
    lines += [
        f"wait {owner}: {cause} {days}" for owner in waits for cause, days in waits[owner].items()
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def shown(value):
    """Return a value as told: points to six decimals, the same on any processor."""
    return f"{value:.6f}" if isinstance(value, float) else value


def test_trace_is_word_for_word_the_golden_file(request):
    found = told(small_plan(), 4)
    if request.config.getoption("--refresh-golden"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(found, encoding="utf-8")
    assert found == GOLDEN.read_text(encoding="utf-8")


def test_golden_trace_shows_every_kind_of_event():
    kinds = {line.split()[1] for line in GOLDEN.read_text(encoding="utf-8").splitlines()}
    assert kinds >= {
        "start", "complete", "rework", "launch", "stage", "year", "release", "lapse", "upkeep",
        "capacity", "departure", "replacement", "evidence", "award",
    }  # fmt: skip


def assert_row_equals(result, run, row):
    for name, found, expected in zip(result._fields, result, run, strict=True):
        np.testing.assert_array_equal(found[0], expected[row], err_msg=name)


@pytest.mark.parametrize("replication", [0, 4, 11])
def test_traced_replication_equals_that_of_a_run(replication):
    plan = compile_plan(small_plan().model_copy(update={"worlds": 5}), 7)
    assert_row_equals(trace(plan, replication)[0], simulate(plan, 0, 12), replication)


def test_traced_replication_of_the_shipped_plan_equals_that_of_a_run_cut_anywhere():
    shipped = load_scenario(shipped_scenario("kaltara_2022")).model_copy(update={"worlds": 4})
    plan = compile_plan(shipped, 1)
    assert_row_equals(trace(plan, 9)[0], simulate(plan, 8, 11), 1)


def test_replication_is_the_same_in_any_order_and_number():
    plan = compile_plan(small_plan().model_copy(update={"worlds": 3}), 7)
    whole = simulate(plan, 0, 10)
    for first, last in ((0, 1), (3, 7), (9, 10)):
        part = simulate(plan, first, last)
        for found, expected in zip(part, whole, strict=True):
            np.testing.assert_array_equal(found, expected[first:last])


def test_attempts_and_books_of_a_trace_agree():
    future = trace_future(small_plan(), 1, 4)
    paid = sum(attempt.cost for one in future.trace.attempts for attempt in one)
    upkeep = sum(e.detail["cost"] for e in future.trace.events if e.what == "upkeep")
    assert upkeep > 0
    assert paid + upkeep == future.result.spent.sum()
    released = sum(e.detail["amount"] for e in future.trace.events if e.what == "release")
    lapsed = sum(e.detail["amount"] for e in future.trace.events if e.what == "lapse")
    assert (released, lapsed) == (future.result.released.sum(), future.result.lapsed.sum())


def test_what_ends_on_new_year_day_is_told_before_the_year_begins():
    work = {"city": {name: {"duration": 365} for name in "abc"}}
    plan = compile_plan(scenario(work=work, horizon="2024-06-30"), 1)
    told = [(event.day, event.what) for event in trace(plan, 0)[1].events]
    assert told == [
        (0, "year"), *[(0, "start")] * 3, *[(365, "complete")] * 3, (365, "year")
    ]  # fmt: skip


def test_events_are_completions_calendar_items_and_starts():
    plan = compile_plan(load_scenario(shipped_scenario("kaltara_2022")), 1)
    result, log = trace(plan, 17)
    s = plan.structure
    attempts = [attempt for attempts in log.attempts for attempt in attempts]
    told = [event.what for event in log.events]
    expected = (
        len(attempts)
        + sum(attempt.finish <= s.horizon_day for attempt in attempts)
        + int((s.agenda_day <= s.horizon_day).sum())
        + told.count("departure")
        + told.count("replacement")
        + (told.count("evidence") + told.count("award")) // s.n_cities
    )
    assert result.n_events[0] == expected
    assert len(attempts) == told.count("start") > 100
