"""When zones and their work begin and are done over futures: days worked by hand."""

import math

import numpy as np
import pytest
from plans import city
from two_zones import TWO_TRANCHES, WORK, of_chance, two_zones

from kla_sim.analysis.milestones import moments
from kla_sim.engine.plan import compile_plan
from kla_sim.experiment.futures_schedule import futures_schedule, gantt_of, schedule_document


def days_of(of):
    """Return the day of each thing where all futures are alike."""
    assert (of.days[:, :1] == of.days).all()
    return of.days[:, 1].tolist()


def test_zones_and_their_work_have_the_days_worked_by_hand():
    found = gantt_of(compile_plan(two_zones(), 1), 0, 10)
    assert found.n == 10
    assert days_of(found.zone_start) == [0, 365]
    assert days_of(found.zone_open) == [150, 515]
    assert days_of(found.zone_launch) == [160, 525]
    assert days_of(found.start) == [0, 100, 150, 365, 465, 515]
    assert days_of(found.done) == [100, 150, 160, 465, 515, 525]
    assert found.zone_launch.share.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_either_engine_tells_the_same_schedule(engine):
    plan = compile_plan(two_zones(release=TWO_TRANCHES), 1)
    found = gantt_of(plan, 5, 9, engine)
    assert days_of(found.zone_launch) == [341, 707]


def test_what_a_future_does_not_reach_is_after_the_horizon_and_not_left_out():
    found = gantt_of(compile_plan(two_zones(n=3), 1), 0, 4)
    # the third zone waits for money and never begins
    assert days_of(found.zone_start) == [0, 365, math.inf]
    assert found.zone_launch.share.tolist() == [1.0, 1.0, 0.0]


def test_quantiles_are_days_of_futures_and_of_all_of_them():
    days = np.array([[10 * k, 5] for k in range(1, 11)])
    days[7:, 0] = 100  # three of ten do not come to it
    found = moments(days, 99)
    assert found.days.tolist() == [[10.0, 50.0, math.inf], [5.0, 5.0, 5.0]]
    assert found.share.tolist() == [0.7, 1.0]
    one = moments(np.array([[42]]), 99)
    assert one.days.tolist() == [[42.0, 42.0, 42.0]]


def test_a_zone_without_services_or_launch_says_so():
    work = {"zone": {"site": {**WORK["zone"]["site"], "cost": 0}}}
    found = gantt_of(compile_plan(two_zones(work=work, n=1), 1), 0, 3)
    assert math.isnan(found.zone_open.share[0])
    assert found.zone_launch.share.tolist() == [0.0]
    assert days_of(found.done) == [100]


def test_work_done_before_the_start_is_done_on_day_0():
    place = city(zones={"existing": 0, "planned": 0}, done=["force"])
    plan = two_zones(cities={"kota": place}, work={"city": {"force": {"duration": 9}}})
    found = gantt_of(compile_plan(plan, 1), 0, 3)
    assert (days_of(found.start), days_of(found.done)) == ([0], [0])
    assert found.zone_start.days.shape == (0, 3)


def test_futures_in_pieces_are_those_in_one(monkeypatch):
    from kla_sim.experiment import futures_schedule as module

    plan = compile_plan(of_chance(), 1)
    whole = futures_schedule(plan, 3, 28)
    monkeypatch.setattr(module, "_MOST_CELLS", 1)
    pieces = futures_schedule(plan, 3, 28)
    for one, other in zip(whole.moments[1:], pieces.moments[1:], strict=True):
        np.testing.assert_array_equal(one.days, other.days)
    np.testing.assert_array_equal(whole.staff.quantiles, pieces.staff.quantiles)
    np.testing.assert_array_equal(whole.cash.at_limit, pieces.cash.at_limit)
    assert np.ptp(whole.moments.zone_launch.days[0]) > 0  # futures differ


def test_the_document_holds_dates_and_use():
    plan = compile_plan(two_zones(n=3), 1)
    found = schedule_document(plan, futures_schedule(plan, 0, 4))
    assert found["replications"] == 4
    launched = {"p10": "2023-06-10", "p50": "2023-06-10", "p90": "2023-06-10", "share": 1.0}
    assert found["zones"]["kota/zone-1"]["launched"] == launched
    assert found["zones"]["kota/zone-3"]["begun"] == {
        "p10": None, "p50": None, "p90": None, "share": 0.0,
    }  # fmt: skip
    assert found["activities"]["kota/zone-2/site"]["done"]["p50"] == "2024-04-10"
    assert found["staff"]["kota/crew"]["2023-04"]["p50"] == pytest.approx(10 / 30)
    assert found["cash"]["kota"]["2023-04"] == {
        "least": 1300, "p10": 1300, "p50": 1300, "p90": 1300, "most": 1300, "limit": 2000,
        "share_at_limit": pytest.approx(20 / 30),
    }  # fmt: skip
