"""Money and posts day by day on odd plans: to the rupiah and the day those of the engine."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from odd_plans import SeededChoices, odd_plan, odd_plans

from kla_sim.analysis.flows import cash_of
from kla_sim.analysis.posts import capacity_by_day, posts_at_work, posts_filled
from kla_sim.analysis.use_over_time import monthly_use
from kla_sim.engine import compiled
from kla_sim.engine.plan import compile_plan
from kla_sim.scenario.model import Scenario
from tests.without_compiler import sized

SEEDS = sized(120, 40)


def check(mapping):
    """Hold the sums over the months of an odd plan against the engine; return what was spent."""
    plan = compile_plan(Scenario.model_validate(mapping), 1)
    results, spells = compiled.simulate_telling(plan, 0, 2)
    s, cash = plan.structure, cash_of(plan, 0, results, spells)
    use = monthly_use(plan, 0, cash, spells)
    for name in ("released", "spent", "lapsed"):
        by_month, by_year = getattr(use, name), getattr(results, name)
        np.testing.assert_array_equal(by_month.sum(axis=2), by_year.sum(axis=2), name)
    balance = (use.released - use.spent - use.lapsed).cumsum(axis=2)
    assert balance.min() >= 0
    last_year = s.year_of_day[s.horizon_day]
    np.testing.assert_array_equal(balance[:, :, -1], results.held[:, :, last_year])
    np.testing.assert_array_equal(use.post_days.sum(axis=2), results.busy_days)
    np.testing.assert_array_equal(posts_at_work(s, spells).sum(axis=2), results.busy_days)
    filled = posts_filled(plan, 0, 2)
    np.testing.assert_array_equal(filled.sum(axis=2), results.filled_days)
    vacant = capacity_by_day(s)[None] - filled
    np.testing.assert_array_equal(vacant.sum(axis=2), results.vacant_days)
    # a day of waiting counts once, however much work waits
    accounts = [results.wait_days[:, :, -2].sum(axis=1), results.wait_days[:, :, -1]]
    assert (use.days_waited[:, 0].sum(axis=1) <= accounts[0] + accounts[1][:, 0]).all()
    assert (use.days_waited[:, 1:].sum(axis=2) <= accounts[1][:, 1:]).all()
    return results


@settings(max_examples=sized(120, 15), deadline=None, suppress_health_check=list(HealthCheck))
@given(odd_plans())
def test_use_by_month_adds_up_to_the_engines_totals(plan):
    check(plan)


def test_many_odd_plans_spend_wait_and_lie_dormant():
    found = [check(odd_plan(SeededChoices(seed))) for seed in range(SEEDS)]
    assert sum(one.spent.sum() > 0 for one in found) > SEEDS // 2
    assert sum(one.dormant_days.sum() > 0 for one in found) > SEEDS // 5
    assert sum(one.wait_days[:, :, -2:].sum() > 0 for one in found) > SEEDS // 5


@pytest.mark.long
@pytest.mark.parametrize("shard", range(10))
def test_use_by_month_adds_up_on_thousands_of_odd_plans(shard):
    for seed in range(shard * 300, shard * 300 + 300):
        check(odd_plan(SeededChoices(seed)))
