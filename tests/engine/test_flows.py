"""Money and posts day by day: known on a plan worked by hand, the engine's own sums on any plan."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plans import city, scenario
from strategies import scenarios
from test_observed import observed_in
from two_zones import TWO_TRANCHES, two_zones

from kla_sim.analysis.flows import cash_of
from kla_sim.analysis.milestones import done_days, launch_days
from kla_sim.analysis.posts import capacity_by_day, posts_at_work, posts_filled
from kla_sim.engine import compiled, reference
from kla_sim.engine.plan import compile_plan
from kla_sim.experiment.trace import trace_future
from kla_sim.scenario.observed import Observed
from tests.without_compiler import sized


def moved(plan, n=1, tell=compiled.simulate_telling):
    results, spells = tell(plan, 0, n)
    return results, spells, cash_of(plan, 0, results, spells)


def listed(flows):
    """Return (account, day, rupiah) of all that is not nothing, in order."""
    columns = (flows.account, flows.day, flows.rupiah)
    return sorted(row for row in zip(*(c.tolist() for c in columns), strict=True) if row[2])


def by_year(plan, flows, n, shift=0):
    s = plan.structure
    sums = np.zeros((n, s.n_accounts, s.n_years), np.int64)
    np.add.at(sums, (flows.row, flows.account, s.year_of_day[flows.day] - shift), flows.rupiah)
    return sums


def check_sums(plan, first, n, tell):
    """Hold money by year and account, and post-days by pool, against those of the engine."""
    results, spells = tell(plan, first, first + n)
    cash, s = cash_of(plan, first, results, spells), plan.structure
    np.testing.assert_array_equal(by_year(plan, cash.released, n), results.released)
    np.testing.assert_array_equal(by_year(plan, cash.spent, n), results.spent)
    np.testing.assert_array_equal(by_year(plan, cash.lapsed, n, shift=1), results.lapsed)
    np.testing.assert_array_equal(posts_at_work(s, spells).sum(axis=2), results.busy_days)
    filled = posts_filled(plan, first, n)
    np.testing.assert_array_equal(filled.sum(axis=2), results.filled_days)
    vacant = capacity_by_day(s)[None] - filled
    np.testing.assert_array_equal(vacant.sum(axis=2), results.vacant_days)
    return results, cash


def test_each_payment_has_its_day_account_and_amount():
    cash = moved(compile_plan(two_zones(), 1))[2]
    assert listed(cash.released) == [(0, 0, 500), (0, 365, 500), (1, 0, 2000), (1, 365, 2000)]
    assert listed(cash.spent) == [
        (0, 100, 300), (0, 465, 300),
        (1, 0, 1000), (1, 100, 300), (1, 365, 300), (1, 365, 1000), (1, 465, 300),
    ]  # fmt: skip
    assert listed(cash.lapsed) == [(0, 365, 200), (1, 365, 700)]


def test_upkeep_that_has_to_wait_is_paid_when_dormancy_ends():
    plan = compile_plan(two_zones(release=TWO_TRANCHES), 1)
    results, _, cash = moved(plan)
    assert results.dormant_days.tolist() == [[547 - 365]]
    assert [row for row in listed(cash.spent) if row[0] == 1] == [
        (1, 181, 1000), (1, 281, 300), (1, 547, 300), (1, 547, 1000), (1, 647, 300),
    ]  # fmt: skip


def test_upkeep_that_is_never_paid_moves_no_money():
    accounts = {"cities": {"kota": {2023: 2000, 2024: 100}}, "province": {2023: 500, 2024: 500},
                "release": {"1 Januari": "100%"}, "lapse": "100%"}  # fmt: skip
    plan = compile_plan(two_zones(n=1, accounts=accounts), 1)
    results, _, cash = moved(plan)
    assert results.dormant_days.tolist() == [[366]]
    assert [row for row in listed(cash.spent) if row[0] == 1] == [(1, 0, 1000), (1, 100, 300)]


def test_posts_at_work_are_those_of_the_crew_on_its_days():
    plan = compile_plan(two_zones(), 1)
    at_work = posts_at_work(plan.structure, moved(plan)[1])
    assert np.flatnonzero(np.diff(at_work[0, 0], prepend=0)).tolist() == [0, 100, 365, 465]
    assert at_work[0, 0, [0, 99, 100, 364, 365, 464, 465]].tolist() == [1, 1, 0, 0, 1, 1, 0]


def test_launches_have_their_days():
    plan = compile_plan(two_zones(), 1)
    unlaunched = compile_plan(two_zones(work={"zone": {"site": {"duration": 10}}}), 1)
    found = [
        launch_days(one.structure, done_days(one.structure, moved(one)[1])).tolist()
        for one in (plan, unlaunched)
    ]
    assert found == [[[160, 525]], [[731, 731]]]


def test_a_vacant_post_is_one_less_until_somebody_comes():
    crew = {"scope": "city", "capacity": 2, "turnover": 1.5,
            "replacement": {"distribution": "uniform", "low": 30, "high": 60}}  # fmt: skip
    plan = compile_plan(two_zones(resources={"crew": crew}), 1)
    filled = posts_filled(plan, 0, 40)
    results = check_sums(plan, 0, 40, compiled.simulate_telling)[0]
    assert results.vacant_days.sum() > 40 * 30
    assert set(np.unique(filled)) == {0, 1, 2}
    assert (filled[:, 0, 0] == 2).all()


@settings(max_examples=sized(80, 15), deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios(), st.integers(0, 500))
def test_money_and_posts_add_up_to_those_of_the_compiled_engine(plan, first):
    check_sums(compile_plan(plan, 7), first, 5, compiled.simulate_telling)


@settings(max_examples=sized(25, 10), deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios())
def test_money_and_posts_add_up_to_those_of_the_reference_engine(plan):
    check_sums(compile_plan(plan, 7), 3, 2, reference.simulate_telling)


def begun_plan():
    """Return a plan seen on a status date: work under way, money spent, a zone launched."""
    return two_zones(
        n=3,
        horizon="2025-12-31",
        resources={"crew": {"scope": "city", "capacity": 2, "turnover": 0.5,
                            "replacement": {"low": 20, "likely": 40, "high": 90}}},
        accounts={"cities": {"kota": {2023: 40 * 10**6, 2024: 40 * 10**6, 2025: 40 * 10**6}},
                  "province": {2023: 90 * 10**6, 2024: 90 * 10**6, 2025: 90 * 10**6},
                  "release": {"1 Januari": "33.33%", "1 Juli": "66.67%"}, "lapse": "50%"},
    )  # fmt: skip


@pytest.mark.parametrize("day", [60, 130, 400])
def test_money_and_posts_add_up_from_a_status_date(day):
    plan = begun_plan()
    seen = observed_in(plan, trace_future(plan, 1, 0), day)
    plan = plan.model_copy(update={"observed": Observed.model_validate(seen)})
    results, cash = check_sums(compile_plan(plan, 1), 0, 8, compiled.simulate_telling)
    # of the 20 million spent before, as much as the first tranche of 33.33 % holds, in each future
    today = (cash.spent.day == 0) & (cash.spent.account == 1)
    assert cash.spent.rupiah[today].tolist().count(13_332_000) == 8
    assert results.spent.sum() > 0


def test_a_plan_without_work_moves_only_what_is_released_and_lapses():
    plan = compile_plan(
        scenario(
            cities={"kota": city()},
            accounts={"province": {2023: 70}, "release": {"1 Maret": "100%"}, "lapse": "100%"},
        ),
        1,
    )
    cash = moved(plan)[2]
    assert (listed(cash.released), listed(cash.spent)) == ([(0, 59, 70)], [])
