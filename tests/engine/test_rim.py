"""The rim of counting: just below each bound the engines agree, just above it a plan is refused.

A bound is worked out here anew, from the widths of the engines' whole numbers.
"""

import numpy as np
import pytest
from plans import city, scenario
from scipy import stats
from test_equality import differences

from kla_sim.analysis.counting.means import exact_sums
from kla_sim.engine import compiled, reference
from kla_sim.engine.formulas import lognormal_quantile, part_of, whole_days, whole_rupiah
from kla_sim.engine.plan import compile_plan
from kla_sim.engine.values import TableBook, distribution_row
from kla_sim.scenario.checks import check_plan
from kla_sim.scenario.distributions import Exponential, Lognormal, Normal, Pert, Uniform
from kla_sim.scenario.nodes import Mapping, Place
from tests.without_compiler import sized

NOTHING = Mapping({}, Place(""))
LARGEST_CHANCE = 1.0 - 2.0**-53
LARGEST_NORMAL = float(stats.norm.isf(2.0**-53))


def refused(plan):
    """Return code and path of what the checks refuse."""
    return [(problem.code, ".".join(problem.path)) for problem in check_plan(plan, NOTHING)]


def run_both(plan, n=2):
    """Return the same replications of both engines, which have to agree in every bit."""
    made = compile_plan(plan, 1)
    slow, kept_slow = reference.simulate_keeping(made, 0, n)
    fast, kept_fast = compiled.simulate_keeping(made, 0, n)
    assert differences(slow, fast) == []
    for one, other in zip(kept_slow, kept_fast, strict=True):
        assert (one == other).all()
    return fast, kept_fast


def lasting(days, *, multiplier=1000.0, rework=1.0):
    work = {"city": {"long": {"duration": days, "rework": rework}}}
    multipliers = {"duration": multiplier, "cost": 1}
    return scenario(cities={"kota": city(multipliers=multipliers)}, work=work)


def test_the_longest_work_ends_after_the_horizon_and_not_before_the_start():
    plan = lasting(1_000_000)
    assert refused(plan) == []
    _, kept = run_both(plan)
    assert kept.finish.tolist() == [[1_000_000_000]] * 2
    assert refused(lasting(1_000_000, rework=1.0001)) == [
        ("duration_beyond", "work.city.long.duration")
    ]


def costing(cost, *, uncertain=None, **changes):
    """Return a plan whose work costs that much, times 1000 in its city, and is never affordable."""
    work = {"city": {"dear": {"duration": 1, "cost": cost, "paid_by": {"city": "100%"}, **changes}}}
    cities = {"kota": city(multipliers={"duration": 1, "cost": 1000})}
    return scenario(cities=cities, work=work, uncertain=uncertain or {}, worlds=3)


def test_the_dearest_work_is_waited_for_and_its_cost_is_not_0():
    """900 trillion times 1000 times 4.444 stays below 4 x 10^18; nobody can pay it."""
    plan = costing(900_000_000_000_000, rework=4.444)
    assert refused(plan) == []
    result, _ = run_both(plan)
    assert result.spent.sum() == 0
    assert result.wait_days[:, 1, -1].tolist() == [365, 365]
    above = costing(900_000_000_000_000, rework=4.445)
    assert refused(above) == [("cost_beyond", "work.city.dear.cost")]


def test_uncertain_factors_count_at_the_upper_end_of_their_range():
    def plan(high_cost, high_rework):
        uncertain = {
            "work.city.dear.cost": {"low": 0.5, "likely": 1, "high": high_cost, "by": "factor"},
            "work.city.dear.rework": {"low": 1, "likely": 2, "high": high_rework, "by": "value"},
        }
        return costing(400_000_000_000_000, rework=2, uncertain=uncertain)

    # 400 trillion x 1000 x 2 x 5 = 4 x 10^18
    assert refused(plan(2, 5)) == []
    run_both(plan(2, 5), 6)
    assert refused(plan(2, 5.001)) == [("cost_beyond", "work.city.dear.cost")]
    assert refused(plan(2.001, 5)) == [("cost_beyond", "work.city.dear.cost")]
    assert refused(plan(2.26, 2)) == [
        ("uncertain_end_impossible", "uncertain.work.city.dear.cost.high")
    ]


@pytest.mark.parametrize(
    "law",
    [
        Pert[float](low=1, likely=2, high=9),
        Pert[float](low=1, likely=2, high=9, meaning="p10-p90"),
        Uniform[float](distribution="uniform", low=1, high=9),
        Normal[float](distribution="normal", mean=0, sd=3),
        Normal[float](distribution="normal", mean=5, sd=3),
        Lognormal[float](distribution="lognormal", mean=5, sd=50),
        Lognormal[float](distribution="lognormal", mean=1e-300, sd=1e6),
        Exponential[float](distribution="exponential", mean=3),
    ],
)
def test_no_draw_is_larger_than_the_largest(law):
    from kla_sim.engine.formulas import quantile

    book = TableBook()
    row = distribution_row(law, book)
    drawn = quantile(row, LARGEST_CHANCE, book.array())
    assert np.isfinite(drawn)
    assert drawn <= law.largest() * (1 + 1e-12)
    assert drawn == pytest.approx(law.largest(), rel=1e-3)


def test_a_heavy_tail_is_refused_where_its_largest_draw_is_too_long():
    """A lognormal of mean 1000 days ends, at the largest draw, where its own formula says."""

    def plan(sd):
        law = {"distribution": "lognormal", "mean": 1000, "sd": sd}
        return scenario(work={"city": {"long": {"duration": law}}})

    def largest(sd):
        variance = np.log1p((sd / 1000) ** 2)
        return 1000 * np.exp(-variance / 2 + np.sqrt(variance) * LARGEST_NORMAL)

    assert largest(5_000) < 1e9 < largest(20_000)
    assert refused(plan(5_000)) == []
    assert refused(plan(20_000)) == [("duration_beyond", "work.city.long.duration")]
    run_both(plan(5_000), 20)


def shocked(amount):
    accounts = {
        "province": dict.fromkeys(range(2023, 2026), amount),
        "release": {"1 Januari": "100%"},
        "lapse": 0,
        "shock": {"common": 10, "own": 10},
    }
    return scenario(horizon="2025-12-31", accounts=accounts)


def test_accounts_stay_within_64_bits_at_the_largest_shocks():
    sigma = np.sqrt(np.log1p(100.0))
    largest = np.exp(-sigma * sigma / 2 + sigma * LARGEST_NORMAL)
    bound = 4e18 / (3 * largest * largest)
    below, above = int(bound * (1 - 1e-9)), int(bound * (1 + 1e-9)) + 1
    assert refused(shocked(below)) == []
    assert refused(shocked(above)) == [("account_beyond", "accounts.province")]
    shock = lognormal_quantile(-sigma * sigma / 2, sigma, LARGEST_CHANCE)
    at_most = [whole_rupiah(below * shock * shock)] * 3
    assert sum(at_most) <= 4 * 10**18 < 2**63
    result, _ = run_both(shocked(below), 50)
    assert (result.held >= 0).all()
    assert (result.released == result.appropriated).all()


def test_the_largest_amounts_of_a_century_are_held_and_spent():
    accounts = {
        "province": dict.fromkeys(range(2023, 2124), 900_000_000_000_000),
        "cities": {"kota": dict.fromkeys(range(2023, 2124), 900_000_000_000_000)},
        "release": {"1 Januari": "33.33%", "1 Juli": "66.67%"},
        "lapse": 0,
    }
    dear = {"duration": 1, "cost": 900_000_000_000_000}
    work = {
        "province": {"dear": {**dear, "paid_by": {"province": "100%"}}},
        "city": {"dear": {**dear, "paid_by": {"province": "33.33%", "city": "66.67%"}}},
    }
    plan = scenario(horizon="2123-12-31", accounts=accounts, work=work)
    assert refused(plan) == []
    result, _ = run_both(plan, 1)
    assert result.spent[0].sum() == 2 * 900_000_000_000_000
    assert result.held[0, :, -1].sum() == 200 * 900_000_000_000_000


def test_an_account_that_grows_in_some_world_is_refused():
    def plan(high):
        accounts = {
            "province": {2023: 100_000_000_000_000},
            "grows": 1,
            "release": {"1 Januari": "100%"},
            "lapse": 0,
        }
        uncertain = {"accounts.grows": {"low": 0, "likely": 1, "high": high, "by": "value"}}
        return scenario(horizon="2026-12-31", accounts=accounts, uncertain=uncertain)

    assert refused(plan(1.08)) == []  # 100 x 2.08^3 is 899.9 trillion
    assert refused(plan(1.09)) == [("account_grows_too_large", "accounts.province")]


def with_zones(existing, planned, **changes):
    zones = {"existing": existing, "planned": planned}
    return scenario(cities={"kota": city(zones=zones)}, **changes)


def test_as_many_zones_as_16_bits_count_are_launched_in_a_year():
    work = {"zone": {"open": {"duration": 1, "launches": True}}}
    plan = with_zones(0, 32_767, work=work)
    assert refused(plan) == []
    result = compiled.simulate(compile_plan(plan, 1), 0, 1)
    assert result.launches.max() == 32_767
    assert refused(with_zones(1, 32_767, work=work)) == [("too_many_zones", "cities.kota.zones")]


def test_zones_dormant_for_a_century_are_counted():
    upkeep, n = {"per_zone": 1, "paid_by": {"city": "100%"}}, sized(32_767, 1_000)
    plan = with_zones(n, 0, horizon="2123-01-01", upkeep=upkeep)
    assert refused(plan) == []
    result = compiled.simulate(compile_plan(plan, 1), 0, 1)
    # nothing is ever paid, from the first day to the last
    assert result.dormant_days.tolist() == [[n * 36_525]]
    assert 32_767 * 36_525 < 2**31


@pytest.mark.long
def test_engines_agree_on_as_many_zones_as_can_be():
    work = {"zone": {"open": {"duration": 1, "launches": True}}}
    run_both(with_zones(0, 32_767, work=work), 1)
    run_both(with_zones(0, 32_767, work=work, resources=staffed(50_000, "2023-12-31").resources), 1)


def waiting(horizon):
    """Return a plan of 65,534 pieces of work that wait for money from the first to the last day."""
    dear = {"duration": 1, "cost": 1, "paid_by": {"city": "100%"}}
    return with_zones(0, 32_767, horizon=horizon, work={"zone": {"one": dear, "two": dear}})


def test_days_waited_are_counted_up_to_32_bits():
    """2^31 - 1 days over 65,534 pieces of work are 32,769 days: up to 19 September 2112."""
    plan = waiting("2112-09-19")
    assert (plan.horizon - plan.start).days + 1 == 32_769
    assert refused(plan) == []
    result = compiled.simulate(compile_plan(plan, 1), 0, 1)
    assert result.wait_days[0, 1].sum() == 65_534 * 32_769 == 2**31 - 2
    assert refused(waiting("2112-09-20")) == [("too_many_waits", "cities.kota.zones")]


def staffed(posts, horizon):
    return scenario(horizon=horizon, resources={"staff": {"scope": "province", "capacity": posts}})


def test_days_of_posts_are_counted_up_to_32_bits():
    """Beside room for 100 million events of work: 56,058 posts over 100 years."""
    most = (2**31 - 1 - 100_000_000) // 36_524
    plan = staffed(most, "2122-12-31")
    assert (plan.horizon - plan.start).days + 1 == 36_524
    assert refused(plan) == []
    result = compiled.simulate(compile_plan(plan, 1), 0, 1)
    assert result.filled_days.tolist() == [[most * 36_524]]
    assert refused(staffed(most + 1, "2122-12-31")) == [
        ("too_many_posts", "resources.staff.capacity")
    ]


def test_work_and_its_links_are_counted():
    def plan(n_kinds, n_links, n_zones):
        names = [f"k{number}" for number in range(n_kinds)]
        zone = {
            name: {"duration": 1, "after": names[: min(place, n_links)]}
            for place, name in enumerate(names)
        }
        cities = {f"kota_{n}": city(zones={"planned": n_zones}) for n in range(4)}
        return scenario(cities=cities, work={"zone": zone})

    assert refused(plan(25, 0, 20_000)) == []
    assert refused(plan(25, 0, 20_001)) == [("too_much_work", "cities")]
    # 60 kinds of which most wait for 50 others: 1,725 links a zone
    assert refused(plan(60, 50, 7_000)) == []
    assert refused(plan(60, 50, 7_400)) == [("too_many_links", "cities")]


def test_city_work_counts_towards_all_work():
    cities = {f"kota_{n}": city() for n in range(500)}
    kit = {f"k{number}": {"duration": 1} for number in range(4_001)}
    assert refused(scenario(cities=cities, work={"city": kit})) == [("too_much_work", "cities")]


@pytest.mark.parametrize("turnover", [1e-15, 5e-324])
def test_who_hardly_ever_leaves_stays(turnover):
    staff = {"scope": "city", "capacity": 3, "turnover": turnover, "replacement": 5}
    result, _ = run_both(scenario(resources={"staff": staff}), 20)
    assert result.vacant_days.sum() == 0


def test_scalar_rules_stop_at_the_rim():
    assert whole_days(float("inf")) == 1_000_000_000
    assert whole_rupiah(1e300) == 4 * 10**18
    assert whole_rupiah(9.3e18) == 4 * 10**18
    assert part_of(4 * 10**18, 10_000) == 4 * 10**18
    assert part_of(4 * 10**18, 9_999) == 4 * 10**18 * 9_999 // 10_000


def test_sums_over_futures_are_exact_beyond_64_bits():
    amounts = np.full((1000, 2), 4 * 10**18, np.int64)
    assert exact_sums(amounts).tolist() == [4 * 10**21] * 2
    signed = np.array([[-(2**62)], [-(2**62)], [-(2**62)], [-1]], np.int64)
    assert exact_sums(signed).tolist() == [-3 * 2**62 - 1]
