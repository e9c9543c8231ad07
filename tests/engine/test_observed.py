"""What was observed: the rest of a future goes on from a status date, the same in both engines."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from plans import city, scenario, traced
from strategies import scenarios
from test_equality import differences

from kla_sim.analysis.counting import Tally
from kla_sim.engine import compiled, reference
from kla_sim.engine.formulas import EXPONENTIAL, days_left, quantile, whole_days
from kla_sim.engine.plan import compile_plan
from kla_sim.engine.values import TableBook, distribution_row
from kla_sim.experiment.trace import trace_future
from kla_sim.scenario.checks import check_plan
from kla_sim.scenario.distributions import Pert
from kla_sim.scenario.nodes import Mapping, Place
from kla_sim.scenario.observed import Observed
from tests.without_compiler import sized

NOTHING = Mapping({}, Place(""))


def observed_in(plan, future, day):
    """Return what somebody would have noted of a future by a day, as a mapping."""
    log, labels = future.trace, future.plan.labels

    def date(number):
        return plan.start + dt.timedelta(days=int(number))

    finished = {e.subject: e.day for e in log.events if e.what == "complete" and e.day < day}
    launched = {e.subject: e.day for e in log.events if e.what == "launch" and e.day < day}
    work = {}
    for name, attempts in zip(labels.activities, log.attempts, strict=True):
        begun = [attempt for attempt in attempts if attempt.start < day]
        if not begun or name.rpartition("/")[0] in launched:
            continue
        if name in finished:
            work[name] = {"started": date(begun[-1].start), "finished": date(finished[name])}
        elif begun[-1].finish > day:
            work[name] = {"started": date(begun[-1].start)}
    zones = {}
    for zone, on in launched.items():
        owner, number = zone.split("/zone-")
        zones.setdefault(owner, {})[int(number)] = date(on)
    awards = {}
    for place, year in enumerate(labels.cycles):
        if 0 <= future.result.award_day[0, place] < day:
            held = future.result.category[0, :, place]
            names = ("none", "pratama", "madya", "nindya", "utama", "kla")
            if plan.evaluation.cycles[year].award < date(day):
                awards[year] = dict(
                    zip(labels.cities, (names[number] for number in held), strict=True)
                )
    spent = {"province": 50_000_000, "cities": {labels.cities[0]: 20_000_000}}
    return {
        "date": date(day), "awards": awards, "launched": zones, "work": work, "spent": spent
    }  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios(), st.integers(5, 95))
def test_engines_agree_from_any_status_date(plan, percent):
    n_days = (plan.target.deadline - plan.start).days
    day = n_days * percent // 100
    assume(day > 1)
    seen = observed_in(plan, trace_future(plan, 1, 0), day)
    law = {"tail_share": 0.3, "tail_factor": 3.0, "confirmation": 0.2}
    changes = {
        "observed": Observed.model_validate(seen),
        "evaluation": plan.evaluation.model_copy(update=law),
    }
    rest = compile_plan(plan.model_copy(update=changes), 2)
    assert differences(reference.simulate(rest, 0, 4), compiled.simulate(rest, 0, 4)) == []


def a_plan(changes=None, own=None, **observed):
    """Return a plan of two zones with one facilitator, half of it observed."""
    work = {
        "city": {"task_force": {"duration": 20, "closes_gap": {"institutions": 0.2}}},
        "zone": {
            "site": {"duration": 30, "needs": {"staff": 1}, "after": ["city.task_force"]},
            "opening": {"duration": 10, "after": ["site"], "launches": True, "integrates": True},
        },
    }
    seen = {"date": "2023-06-01", **observed}
    parts = {
        "horizon": "2024-12-31",
        "work": work,
        "resources": {"staff": {"scope": "city", "capacity": 1}},
        "accounts": {
            "cities": {"kota": {2023: 100_000_000, 2024: 100_000_000}},
            "release": {"1 Januari": "100%"},
            "lapse": "100%",
        },
        "effects": {"services": {}, "integration": 0.2},
        "observed": seen,
        **(changes or {}),
    }
    return scenario(cities={"kota": city(**{"zones": {"planned": 3}, **(own or {})})}, **parts)


def test_nothing_observed_is_a_start_on_that_day_with_the_numbers_kept():
    plan = compile_plan(a_plan(), 1)
    assert plan.labels.start == dt.date(2023, 6, 1)
    assert traced(a_plan())["activities"]["kota/task_force"] == [[0, 20]]


def test_work_finished_is_done_and_work_in_progress_ends_as_if_never_interrupted():
    found = traced(
        a_plan(
            work={
                "kota/task_force": {"started": "2023-04-01", "finished": "2023-04-21"},
                "kota/zone-1/site": {"started": "2023-05-20"},
            }
        )
    )["activities"]
    assert "kota/task_force" not in found
    assert found["kota/zone-1/site"] == [[0, 18]]  # 12 of 30 days are gone
    assert found["kota/zone-2/site"] == [[18, 48]]  # the one facilitator is busy until then


def test_launched_zones_are_there_and_the_others_keep_their_numbers():
    observed = {
        "launched": {"kota": {1: "2023-05-01"}},
        "work": {"kota/task_force": {"started": "2023-02-01", "finished": "2023-02-21"}},
    }
    plan = compile_plan(a_plan(**observed), 1)
    assert [name for name in plan.labels.activities if "zone" in name] == [
        "kota/zone-2/site", "kota/zone-2/opening", "kota/zone-3/site", "kota/zone-3/opening",
    ]  # fmt: skip
    with_all = compile_plan(a_plan(), 1)
    place = with_all.labels.activities.index("kota/zone-3/site")
    mine = plan.labels.activities.index("kota/zone-3/site")
    assert plan.structure.duration_stream[mine] == with_all.structure.duration_stream[place]


def test_a_zone_launched_since_the_start_lifts_the_score():
    cycles = {2024: {"evidence_closes": "2023-06-02", "award": "2023-12-01"}}
    evaluation = {"one_step_up": "100%", "cycles": cycles}
    scores = []
    for launched in ({}, {"kota": {1: "2023-05-01"}}):
        document = traced(a_plan({"evaluation": evaluation}, launched=launched))
        scores.append(document["scores"]["kota"]["2024"]["score"])
    assert scores[0] == 650.0
    # one zone for ten districts, integrated: 2 % of a gap of 350 points
    assert scores[1] == pytest.approx(657.0)


def test_money_spent_is_off_the_account_and_in_the_books():
    found = traced(a_plan(spent={"cities": {"kota": 30_000_000}}))["money"]["kota"]["2023"]
    assert found == {"released": 100_000_000, "spent": 30_000_000, "lapsed": 70_000_000}
    more = traced(a_plan(spent={"cities": {"kota": 300_000_000}}))["money"]["kota"]["2023"]
    assert more == {"released": 100_000_000, "spent": 100_000_000, "lapsed": 0}


def test_an_award_observed_stands_and_moves_the_gap():
    cycles = {2023: {"evidence_closes": "2023-02-01", "award": "2023-03-01"}}
    gaps = {}
    changes = {
        "evaluation": {"noise": 10, "strictness": 10, "cycles": cycles},
        "background": {"rate": {"median": 0.05, "spread": 0.3}, "volatility": 30.0},
        "worlds": 200,
    }
    for award in ("madya", "nindya"):
        own = {"baseline": {"score": 690.0, "sd": 30.0}}
        compiled_plan = compile_plan(a_plan(changes, own, awards={2023: {"kota": award}}), 1)
        assert compiled_plan.structure.n_cycles == 0
        held = {int(world.standing[0]) for world in compiled_plan.worlds}
        assert held == {{"madya": 2, "nindya": 3}[award]}
        gaps[award] = np.array([world.gap[0] for world in compiled_plan.worlds])
        assert compiled_plan.policy_score[0] == {"madya": 650.0, "nindya": 750.0}[award]
    assert gaps["nindya"].mean() < gaps["madya"].mean() - 15.0


def test_observed_awards_agree_with_futures_that_had_them():
    """The gap on the status date against simulated futures that were given just this award."""
    n = sized(8_000, 1_000)
    cycles = {2023: {"evidence_closes": "2023-06-15", "award": "2023-07-23"}}
    evaluation = {
        "noise": 15, "strictness": {"mean": -5, "sd": 20}, "tail_share": 0.1, "tail_factor": 3,
        "one_step_up": 0.9, "confirmation": 0.1, "cycles": cycles,
    }  # fmt: skip
    changes = {
        "evaluation": evaluation,
        "background": {"rate": {"median": 0.06, "spread": 0.5}, "volatility": 40.0},
    }
    own_city = {"baseline": {"score": 690.0, "sd": 40.0}, "zones": {"planned": 0}}
    free = compile_plan(a_plan({**changes, "worlds": n, "observed": None}, own_city), 1)
    futures = compiled.simulate(free, 0, n)
    kept = futures.gap[futures.category[:, 0, 0] == 3, 0, 0]
    seen = {
        "date": "2023-07-24",
        "awards": {2023: {"kota": "nindya"}},
        # in every free future it was finished on this day, and closed 2.5 % of the gap
        "work": {"kota/task_force": {"started": "2023-01-01", "finished": "2023-01-21"}},
    }
    rest = compile_plan(a_plan({**changes, "worlds": n // 4, "observed": seen}, own_city), 2)
    own = np.array([world.gap[0] for world in rest.worlds])
    # the 39 days since evidence closed take 0.6 % of the gap and spread it
    kept = kept * np.exp(-0.06 * 39 / 365.25)
    for f in (np.array, lambda gap: (gap > 300.0).astype(float)):
        error = np.hypot(np.std(f(kept)) / len(kept) ** 0.5, np.std(f(own)) / len(own) ** 0.5)
        assert abs(np.mean(f(kept)) - np.mean(f(own))) < 4.0 * error


@pytest.mark.parametrize("gone", [1, 10, 40, 200])
def test_days_left_follow_the_law_of_a_duration_that_is_longer(gone):
    row = np.array([EXPONENTIAL, 30.0, 0.0, 0.0, 0.0])
    chances = (np.arange(4_000) + 0.5) / 4_000
    left = np.array([days_left(row, u, np.zeros((1, 1)), 1.0, 1.0, gone) for u in chances])
    # without memory: as long as from the beginning, up to rounding to whole days
    assert left.mean() == pytest.approx(1.0 / -np.expm1(-1 / 30.0), rel=0.01)


def test_days_left_agree_with_durations_that_were_long_enough():
    book = TableBook()
    row = distribution_row(Pert(low=10.0, likely=30.0, high=90.0), book)
    tables, chances = book.array(), (np.arange(20_000) + 0.5) / 20_000
    whole = np.array([whole_days(quantile(row, u, tables) * 1.2 * 0.9) for u in chances])
    left = np.array([days_left(row, u, tables, 1.2, 0.9, 40) for u in chances[::10]])
    assert left.mean() == pytest.approx((whole[whole > 40] - 40).mean(), rel=0.005)
    assert left.min() == 1


def test_work_that_should_have_ended_ends_tomorrow():
    row = np.array([0.0, 20.0, 0.0, 0.0, 0.0])
    assert days_left(row, 0.5, np.zeros((1, 1)), 1.0, 1.0, 25) == 1


IMPOSSIBLE = {
    "observed_date_outside": {"date": "2022-12-31"},
    "observed_cycle_unknown": {"awards": {2023: {"kota": "madya"}}},
    "unknown_city_near": {"spent": {"cities": {"kot": 5}}},
    "observed_zone_unknown": {"launched": {"kota": {4: "2023-05-01"}}},
    "observed_day_outside": {"launched": {"kota": {1: "2023-06-02"}}},
    "observed_work_unknown_near": {"work": {"kota/task_forc": {"started": "2023-02-01"}}},
    "observed_finished_early": {
        "work": {"kota/task_force": {"started": "2023-02-01", "finished": "2023-02-01"}}
    },
    "observed_before_predecessor": {"work": {"kota/zone-1/site": {"started": "2023-02-01"}}},
    "observed_work_of_launched": {
        "launched": {"kota": {1: "2023-05-01"}},
        "work": {
            "kota/task_force": {"started": "2023-02-01", "finished": "2023-02-21"},
            "kota/zone-1/site": {"started": "2023-03-01"},
        },
    },
    "observed_zone_is_launched": {
        "work": {
            "kota/task_force": {"started": "2023-02-01", "finished": "2023-02-21"},
            "kota/zone-1/site": {"started": "2023-03-01", "finished": "2023-04-01"},
            "kota/zone-1/opening": {"started": "2023-04-02", "finished": "2023-04-12"},
        },
    },
}


@pytest.mark.parametrize("code", IMPOSSIBLE)
def test_impossible_observations_are_refused(code):
    assert [problem.code for problem in check_plan(a_plan(**IMPOSSIBLE[code]), NOTHING)] == [code]


def test_attainment_on_the_status_date_counts_zones_launched_since_the_start():
    seen = {"launched": {"kota": {1: "2023-05-01"}}}
    attained = []
    for observed in ({}, seen):
        plan = compile_plan(a_plan(**observed), 1)
        tally = Tally(plan)
        tally.add(0, compiled.simulate(plan, 0, 4))
        attained.append(tally.summarise().attainment[0].mean)
    assert attained == pytest.approx([0.650, 0.657])
