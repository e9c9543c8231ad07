"""One future told: what each zone did from day to day, dormancy and money, worked by hand."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from plans import city
from strategies import scenarios
from two_zones import TWO_TRANCHES, WORK, two_zones

from kla_sim.analysis.one_future import balance_of, one_future
from kla_sim.engine.spells import DORMANT, REWORK
from kla_sim.engine.spells import WORK as AT_WORK
from kla_sim.experiment.trace import trace_future
from tests.without_compiler import sized


def told(plan, replication=0, seed=1):
    future = trace_future(plan, seed, replication)
    return one_future(future.plan, replication, future.result, future.trace)


CREW, PROVINCE, REGION = 2, 3, 4
"""Causes of the plan of two zones."""


def test_each_zone_has_its_days_of_work_and_of_waiting():
    found = told(two_zones())
    first, second = found.zones
    assert (first.name, first.zone, first.launch_day) == ("kota/zone-1", 0, 160)
    assert first.stretches == [(AT_WORK, 0, 160)]
    assert second.launch_day == 525
    assert second.stretches == [(CREW, 0, 100), (REGION, 100, 365), (AT_WORK, 365, 525)]


def test_each_piece_of_work_has_its_own_days():
    found = told(two_zones())
    assert found.works[0] == [(AT_WORK, 0, 100)]
    assert found.works[3] == [(CREW, 0, 100), (REGION, 100, 365), (AT_WORK, 365, 465)]
    assert found.given_up == [False] * 6


def test_a_launched_zone_is_dormant_until_its_upkeep_is_paid():
    first, second = told(two_zones(release=TWO_TRANCHES)).zones
    assert first.stretches[-1] == (DORMANT, 365, 547)
    assert DORMANT not in [one.kind for one in second.stretches]


def test_a_zone_that_is_never_paid_is_dormant_to_the_horizon():
    accounts = {"cities": {"kota": {2023: 2000, 2024: 100}}, "province": {2023: 500, 2024: 500},
                "release": {"1 Januari": "100%"}, "lapse": "100%"}  # fmt: skip
    (zone,) = told(two_zones(n=1, accounts=accounts)).zones
    assert zone.stretches == [(AT_WORK, 0, 160), (DORMANT, 365, 731)]


def test_zones_that_stand_from_the_start_have_one_row_where_they_sleep():
    place = city(zones={"existing": 2, "planned": 0})
    accounts = {"cities": {"kota": {2023: 300, 2024: 700}}, "release": {"1 Juli": "100%"},
                "lapse": "100%"}  # fmt: skip
    (row,) = told(two_zones(cities={"kota": place}, accounts=accounts)).zones
    # in 2023 one of them is paid on 1 July (day 181), the other not at all; in 2024 both on day 547
    assert (row.name, row.zone) == ("kota/existing", -1)
    assert row.stretches == [(DORMANT, 0, 547)]
    paid = {
        **accounts,
        "cities": {"kota": {2023: 700, 2024: 700}},
        "release": {"1 Januari": "100%"},
    }
    assert told(two_zones(cities={"kota": place}, accounts=paid)).zones == []


def test_work_that_is_refused_is_done_again_and_given_up_in_the_end():
    site = {"duration": 5, "success": "0.0001%", "rework": "100%"}
    work = {"zone": {"site": site, "launch": {**WORK["zone"]["launch"], "after": ["site"]}}}
    found = told(two_zones(n=1, work=work))
    assert found.works[0][:2] == [(AT_WORK, 0, 5), (REWORK, 5, 10)]
    assert found.zones[0].stretches == [(AT_WORK, 0, 5), (REWORK, 5, 100)]
    assert found.given_up == [True, True]
    assert found.zones[0].launch_day == -1


def test_the_cause_that_holds_most_work_is_that_of_the_zone():
    window = {"window": {"from": "1 Mei", "to": "31 Mei"}}
    work = {"zone": {
        "a": {"duration": 3, "needs": {"crew": 2}},
        "b": {"duration": 3, **window}, "c": {"duration": 3, **window},
    }}  # fmt: skip
    crew = {"scope": "city", "capacity": [{"from": "2023-01-01", "posts": 1},
                                          {"from": "2023-06-20", "posts": 2}]}  # fmt: skip
    (zone,) = told(two_zones(n=1, work=work, resources={"crew": crew})).zones
    # until May two pieces wait for the window (120 days), then one for a second post (day 170)
    assert zone.stretches == [(0, 0, 120), (AT_WORK, 120, 123), (CREW, 123, 170),
                              (AT_WORK, 170, 173)]  # fmt: skip


def test_the_balance_of_an_account_rises_by_releases_and_falls_by_payments():
    cash = told(two_zones()).cash
    region = balance_of(cash, [1], 730)
    assert region.days.tolist() == [0, 100, 365, 465, 730]
    assert region.released.tolist() == [2000, 2000, 4000, 4000, 4000]
    assert region.spent.tolist() == [1000, 1300, 2600, 2900, 2900]
    assert region.lapsed.tolist() == [0, 0, 700, 700, 700]
    both = balance_of(cash, [0, 1], 730)
    assert both.released[-1] - both.spent[-1] - both.lapsed[-1] == 4000 + 1000 - 2900 - 600 - 900


@settings(max_examples=sized(60, 12), deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios())
def test_stretches_add_up_to_the_days_of_the_engine(plan):
    found = told(plan, 3, seed=7)
    s, result = found.plan.structure, found.result
    waits = np.zeros((1 + s.n_cities, s.n_causes), np.int64)
    for act, stretches in enumerate(found.works):
        for one in stretches:
            if one.kind >= 0:
                waits[1 + s.act_city[act], one.kind] += one.last - one.first
    np.testing.assert_array_equal(waits, result.wait_days[0])
    for place in range(s.n_cities):
        asleep = sum(
            one.last - one.first
            for zone in found.zones
            if zone.city == place
            for one in zone.stretches
            if one.kind == DORMANT
        )
        if s.existing_zones[place] <= 1:
            assert asleep == result.dormant_days[0, place]
        else:  # those that stand from the start have one row together
            assert asleep <= result.dormant_days[0, place]
        launched = [zone for zone in found.zones if zone.city == place and zone.launch_day >= 0]
        assert len(launched) == result.launches[0, place].sum()
    for zone in found.zones:
        ends = [one.last for one in zone.stretches if one.kind != DORMANT]
        firsts = [one.first for one in zone.stretches if one.kind != DORMANT]
        assert all(last <= first for last, first in zip(ends, firsts[1:], strict=False))
