"""Plans whose law is known: simulated means and shares against it, by z-score.

Seeds are fixed, so a test passes always or never. The limit of 3.89 belongs to a level of 1 in
10,000; with it a deviation of 6.2 standard errors is found with power 0.99. Each test compares with
the law of the variable as rounded to whole days, not with its continuous cousin.
"""

import math
from itertools import pairwise

import numpy as np
import pytest
from plans import city, scenario
from scipy import integrate, stats

from kla_sim.engine.plan import compile_plan
from kla_sim.engine.reference import simulate, trace
from kla_sim.engine.replications import CANCELLED, HELD, MERGED

LIMIT = float(stats.norm.isf(1e-4 / 2))
LAST_DAY = 4000


def assert_mean(values, mean, sd=None):
    """Compare a sample mean; the standard deviation is the law's, or else the sample's."""
    sd = np.std(values, ddof=1) if sd is None else sd
    z = (np.mean(values) - mean) / (sd / math.sqrt(len(values)))
    assert abs(z) < LIMIT, z


def assert_share(claims, share):
    """Compare the share of true claims with a probability."""
    assert_mean(np.asarray(claims, float), share, math.sqrt(share * (1 - share)))


def attempts_of(plan, n):
    """Return for n replications the attempts at each activity by name."""
    compiled = compile_plan(plan, 1)
    names = compiled.labels.activities
    return [dict(zip(names, trace(compiled, i)[1].attempts, strict=True)) for i in range(n)]


def results_of(plan, n):
    return simulate(compile_plan(plan, 1), 0, n)


def whole_day_law(law):
    """Return the probabilities of 0 to LAST_DAY days of a duration rounded half up, at least 1."""
    at_most = law.cdf(np.arange(LAST_DAY + 1) + 0.5)
    at_most[0] = 0.0
    return np.diff(at_most, prepend=0.0)


def exponential(mean):
    return {"distribution": "exponential", "mean": mean}


def mean_and_sd(probabilities):
    days = np.arange(len(probabilities))
    mean = (days * probabilities).sum()
    return mean, math.sqrt(((days - mean) ** 2 * probabilities).sum())


def test_chain_of_exponential_activities_is_the_sum_of_its_rounded_parts():
    means = (2, 5, 30)
    names = [f"a{k}" for k in range(3)]
    kit = {
        name: {"duration": exponential(mean), "after": names[max(0, k - 1) : k]}
        for k, (name, mean) in enumerate(zip(names, means, strict=True))
    }
    found = attempts_of(scenario(work={"city": kit}), 4000)
    total = np.array([one["kota/a2"][0].finish for one in found])
    law = [1.0]
    for mean in means:
        law = np.convolve(law, whole_day_law(stats.expon(scale=mean)))
    assert_mean(total, *mean_and_sd(law))
    for days in (10, 25, 40, 80):
        assert_share(total <= days, law[: days + 1].sum())


def test_parallel_chains_end_together_with_the_product_of_their_chances():
    kit = {
        "left": {"duration": exponential(20)},
        "right": {"duration": exponential(15)},
        "more": {"duration": exponential(5), "after": ["right"]},
        "join": {"duration": 1, "after": ["left", "more"]},
    }
    found = attempts_of(scenario(work={"city": kit}), 4000)
    start = np.array([one["kota/join"][0].start for one in found])
    left, right, more = (whole_day_law(stats.expon(scale=mean)) for mean in (20, 15, 5))
    both = np.cumsum(left) * np.cumsum(np.convolve(right, more)[: LAST_DAY + 1])
    assert_mean(start, *mean_and_sd(np.diff(both, prepend=0.0)))
    for days in (8, 15, 30, 60):
        assert_share(start <= days, both[days])


def test_one_post_serves_a_queue_one_after_the_other_in_order():
    kit = {
        f"a{k}": {"duration": exponential(10 + k), "needs": {"staff": 1}, "rank": -k}
        for k in range(4)
    }
    resources = {"staff": {"scope": "city", "capacity": 1}}
    found = attempts_of(scenario(work={"city": kit}, resources=resources), 3000)
    law = np.array([1.0])
    for k in reversed(range(4)):
        law = np.convolve(law, whole_day_law(stats.expon(scale=10 + k)))
        finish = [one[f"kota/a{k}"][0].finish for one in found]
        assert_mean(finish, *mean_and_sd(law))
    for one in found:
        for before, after in pairwise([f"kota/a{k}" for k in reversed(range(4))]):
            assert one[after][0].start == one[before][0].finish


def test_fixed_queue_on_one_post_is_the_schedule_worked_by_hand():
    days = {"a": (5, 0, 2), "b": (3, 1, 0), "c": (7, 0, 1)}  # duration, ready, rank
    kit = {
        name: {"duration": d, "needs": {"staff": 1}, "rank": rank, "after": [f"w{ready}"]}
        for name, (d, ready, rank) in days.items()
        if ready
    } | {
        name: {"duration": d, "needs": {"staff": 1}, "rank": rank}
        for name, (d, ready, rank) in days.items()
        if not ready
    }
    kit["w1"] = {"duration": 1}
    resources = {"staff": {"scope": "city", "capacity": 1}}
    (found,) = attempts_of(scenario(work={"city": kit}, resources=resources), 1)
    schedule = {name: found[f"kota/{name}"][0][:2] for name in days}
    # c begins (rank 1 before 2); b has the best rank but comes on day 1 and waits for day 7
    assert schedule == {"c": (0, 7), "b": (7, 10), "a": (10, 15)}


@pytest.mark.parametrize("seed", range(12))
def test_plan_without_chance_ends_on_its_critical_path(seed):
    generator = np.random.default_rng(seed)
    n = 25
    before = {
        k: sorted({int(j) for j in generator.integers(0, k, 3)}) if k else [] for k in range(n)
    }
    days = generator.integers(1, 12, n)
    kit = {
        f"a{k}": {"duration": int(days[k]), "after": [f"a{j}" for j in before[k]]}
        for k in generator.permutation(n)
    }
    (found,) = attempts_of(scenario(work={"city": kit}), 1)
    longest = {}
    for k in range(n):
        longest[k] = max((longest[j] for j in before[k]), default=0) + days[k]
    assert {k: found[f"kota/a{k}"][0].finish for k in range(n)} == longest


def test_failed_attempts_follow_the_negative_binomial():
    success, n_chain = 0.6, 3
    names = [f"a{k}" for k in range(n_chain)]
    kit = {
        name: {"duration": 2, "success": success, "rework": 0.5, "after": names[max(0, k - 1) : k]}
        for k, name in enumerate(names)
    }
    found = attempts_of(scenario(work={"city": kit}), 5000)
    failures = np.array([sum(len(one[f"kota/{a}"]) for a in names) - n_chain for one in found])
    law = stats.nbinom(n_chain, success)
    assert_mean(failures, law.mean(), law.std())
    for count in range(9):
        assert_share(failures <= count, law.cdf(count))
    finish = np.array([one["kota/a2"][-1].finish for one in found])
    assert (finish == 2 * n_chain + failures).all()


def test_given_up_after_twenty_failures_as_often_as_the_geometric_says():
    kit = {"a": {"duration": 1, "success": 0.1}}
    compiled = compile_plan(scenario(work={"city": kit}), 1)
    given_up = [trace(compiled, i)[1].given_up[0] for i in range(4000)]
    assert_share(given_up, 0.9**20)


def test_posts_are_filled_as_an_alternating_renewal_process_says():
    turnover, vacancy, n_days = 4.0, 40, 731
    resources = {
        "staff": {
            "scope": "province",
            "capacity": 3,
            "turnover": turnover,
            "replacement": exponential(vacancy),
        }
    }
    result = results_of(scenario(resources=resources, horizon="2024-12-31"), 3000)
    stay = whole_day_law(stats.expon(scale=365.25 / turnover))
    renewal = np.convolve(stay, whole_day_law(stats.expon(scale=vacancy)))
    filled = np.zeros(n_days)
    for day in range(n_days):
        again = renewal[1 : day + 1] @ filled[day - 1 :: -1][:day] if day else 0.0
        filled[day] = 1 - stay[: day + 1].sum() + again
    assert_mean(result.filled_days[:, 0], 3 * filled.sum())
    assert (result.filled_days + result.vacant_days == 3 * n_days).all()


def test_shocks_have_mean_1_and_share_a_common_part():
    amount, common, own = 10**12, 0.2, 0.3
    accounts = {
        "province": {2023: amount},
        "cities": {"kota": {2023: amount}},
        "release": {"1 Januari": "100%"},
        "grows": 0,
        "lapse": "100%",
        "shock": {"common": common, "own": own},
    }
    result = results_of(scenario(accounts=accounts, horizon="2024-12-31"), 6000)
    ratio = result.appropriated / amount
    spread = math.sqrt((1 + common**2) * (1 + own**2) - 1)
    for account in (0, 1):
        for year in (0, 1):
            assert_mean(ratio[:, account, year], 1.0, spread)
            assert_mean(ratio[:, account, year] ** 2, 1 + spread**2)
    assert_mean(ratio[:, 0, 0] * ratio[:, 1, 0], 1 + common**2)
    assert_mean(ratio[:, 0, 0] * ratio[:, 0, 1], 1.0)
    assert_share(ratio[:, 0, 0] < 1.1, stats.norm.cdf(upper(1.1, common, own)))
    assert (result.released == result.appropriated).all()


def upper(ratio, common, own):
    variance = math.log(1 + common**2) + math.log(1 + own**2)
    return (math.log(ratio) + variance / 2) / math.sqrt(variance)


def one_cycle(evidence="2023-06-01", award="2023-08-01", **changes):
    cycle = {"evidence_closes": evidence, "award": award}
    return {"one_step_up": "0%", **changes, "cycles": {2023: cycle}}


def test_verified_score_of_a_frozen_city_is_the_normal_tail():
    cities = {name: city(baseline={"score": score}) for name, score in (("a", 790), ("b", 805))}
    plan = scenario(cities=cities, evaluation=one_cycle(strictness=15, noise=10))
    result = results_of(plan, 6000)
    is_there = result.category[:, :, 0] >= 4
    spread = math.hypot(15, 10)
    assert_share(is_there[:, 0], stats.norm.sf((800 - 790) / spread))
    assert_share(is_there[:, 1], stats.norm.sf((800 - 805) / spread))
    both, _ = integrate.quad(
        lambda z: (
            stats.norm.pdf(z)
            * stats.norm.sf((10 - 15 * z) / 10)
            * stats.norm.sf((-5 - 15 * z) / 10)
        ),
        -8,
        8,
    )
    assert_share(is_there.all(axis=1), both)
    assert (result.is_met == is_there.all(axis=1)).all()
    assert result.score[:, 0, 0] == pytest.approx(np.full(6000, 790.0))


@pytest.mark.parametrize("cap", [0.0, 0.7, 0.985, 1.0])
def test_jumps_of_two_steps_are_as_rare_as_the_cap_says(cap):
    plan = scenario(
        cities={"kota": city(baseline={"score": 850})}, evaluation=one_cycle(one_step_up=cap)
    )
    category = results_of(plan, 4000).category[:, 0, 0]
    assert set(category.tolist()) <= {3, 4}  # madya before
    share = (category == 4).mean()
    if cap in (0, 1):
        assert share == 1 - cap
    else:
        assert_share(category == 4, 1 - cap)


def test_cycles_are_cancelled_slip_and_merge_as_often_as_written():
    cancelled, slip = 0.15, 0.25
    cycles = {
        year: {"evidence_closes": f"{year}-06-01", "award": f"{year}-08-01"}
        for year in (2023, 2024)
    }
    evaluation = {
        "calendar": {"cancelled": cancelled, "slip": {"chance": slip, "months": 12}},
        "cycles": cycles,
    }
    result = results_of(scenario(evaluation=evaluation, horizon="2025-12-31"), 6000)
    state, day = result.cycle_state, result.evidence_day
    assert_share(state[:, 1] == CANCELLED, cancelled)
    assert_share(day[:, 1] == 151 + 731, (1 - cancelled) * slip)
    # 2023 slips onto the day of 2024, which is held there, unless that is cancelled or slips too
    merged = (1 - cancelled) * slip * (1 - cancelled) * (1 - slip)
    assert_share(state[:, 0] == MERGED, merged)
    assert_share(state[:, 0] == HELD, 1 - cancelled - merged)
    assert (day[state != HELD] == -1).all()
    assert (result.category[:, 0, 0][state[:, 0] == HELD] >= 0).all()


@pytest.mark.parametrize("rate", [0.0, 0.08])
def test_background_gap_follows_the_law_of_its_steps(rate):
    cycles = {
        2023: {"evidence_closes": "2023-04-01", "award": "2023-08-01"},
        2024: {"evidence_closes": "2024-09-01", "award": "2024-12-01", "cancelled": 1.0},
    }
    plan = scenario(
        cities={"a": city(baseline={"score": 500}), "b": city(baseline={"score": 600})},
        background={"rate": {"median": rate}, "volatility": 30},
        evaluation={"cycles": cycles},
        horizon="2024-12-31",
    )
    gap = results_of(plan, 5000).gap
    for cycle, days in ((0, 90), (1, 609)):
        years = days / 365.25
        variance = 900 * (-math.expm1(-2 * rate * years) / (2 * rate) if rate else years)
        for place, start in ((0, 500), (1, 400)):
            mean = start * math.exp(-rate * years)
            assert_mean(gap[:, place, cycle], mean, math.sqrt(variance))
            squares = (gap[:, place, cycle] - mean) ** 2
            assert_mean(squares, variance, math.sqrt(2) * variance)
    centred = gap - gap.mean(axis=0)
    assert_mean(centred[:, 0, 1] * centred[:, 1, 1], 0.0)  # cities move on their own


def test_background_is_reflected_at_1_point():
    plan = scenario(
        cities={"kota": city(baseline={"score": 998})},
        background={"rate": {"median": 0.0}, "volatility": 5},
        evaluation=one_cycle(evidence="2024-01-01", award="2024-02-01"),
        horizon="2024-12-31",
    )
    gap = results_of(plan, 5000).gap[:, 0, 0]
    sd = 5 * math.sqrt(365 / 365.25)
    assert gap.min() >= 1
    for points in (2, 5, 9):
        assert_share(
            gap <= points, stats.norm.cdf(points - 2, 0, sd) - stats.norm.cdf(-points, 0, sd)
        )


N_WORLDS = 3000


def worlds_of(**changes):
    baseline = changes.pop("baseline")
    award = {"category": "unknown", "date": "2022-01-01"}
    cities = {"kota": city(baseline=baseline, award=award)}
    plan = compile_plan(scenario(cities=cities, worlds=N_WORLDS, **changes), 1)
    return plan.worlds


def scores_at_start(**changes):
    return np.array([1000 - world.gap[0] for world in worlds_of(**changes)])


def assert_law(values, law):
    assert stats.kstest(values, law.cdf).pvalue > 1e-4


def test_baseline_score_is_drawn_around_what_is_written_less_the_fall_of_its_stage():
    fall = {"distribution": "uniform", "low": 50, "high": 200}
    evaluation = {"cycles": {}, "stage_fall": {"province": fall}}
    baseline = {"score": 750, "sd": 10, "stage": "province"}
    scores = scores_at_start(baseline=baseline, evaluation=evaluation)
    assert_mean(scores, 750 - 125, math.hypot(10, 150 / math.sqrt(12)))
    plain = scores_at_start(baseline={"score": 750, "sd": 10, "stage": "final"})
    assert_law(plain, stats.norm(750, 10))


def test_drawn_baseline_stays_within_0_and_1000_points():
    scores = scores_at_start(baseline={"score": 50, "sd": 100})
    assert scores.min() == 0
    assert_share(scores == 0, stats.norm.cdf(0, 50, 100))
    scores = scores_at_start(baseline={"score": 950, "sd": 100})
    assert_share(scores == 999, stats.norm.sf(999, 950, 100))  # the gap is at least 1 point


def test_baseline_category_is_uniform_in_its_band_and_stands_at_the_start():
    worlds = worlds_of(baseline={"category": "nindya"})
    assert_law([1000 - world.gap[0] for world in worlds], stats.uniform(700, 100))
    assert {int(world.standing[0]) for world in worlds} == {3}


def test_self_assessment_is_multiplied_by_a_drawn_ratio_and_clipped():
    ratio = {"distribution": "uniform", "low": 0.6, "high": 0.83}
    scores = scores_at_start(baseline={"self_assessment": 900, "ratio": ratio})
    assert_law(scores, stats.uniform(540, 207))
    high = {"distribution": "uniform", "low": 0.9, "high": 1.4}
    scores = scores_at_start(baseline={"self_assessment": 900, "ratio": high})
    assert_share(scores == 999, 1 - (1000 / 900 - 0.9) / 0.5)  # the gap is at least 1 point


def test_unknown_category_at_the_start_is_that_of_the_drawn_score():
    worlds = worlds_of(baseline={"score": 710, "sd": 40})
    standing = np.array([world.standing[0] for world in worlds])
    assert_share(standing >= 3, stats.norm.sf(700, 710, 40))


def test_rate_is_lognormal_around_the_common_median():
    background = {"rate": {"median": 0.05, "spread": 0.3}, "volatility": 0}
    rates = [world.rate[0] for world in worlds_of(baseline={"score": 700}, background=background)]
    assert_law(np.log(rates), stats.norm(math.log(0.05), 0.3))


def test_uncertain_numbers_follow_their_range_by_factor_and_by_value():
    uncertain = {
        "work.zone.*.duration": {"low": 0.8, "likely": 1.0, "high": 1.5, "by": "factor"},
        "effects.integration": {"low": 0.0, "likely": 0.1, "high": 0.25, "by": "value"},
    }
    plan = compile_plan(
        scenario(
            work={
                "zone": {
                    "a": {"duration": {"low": 10, "likely": 20, "high": 40}},
                    "b": {"duration": 50},
                }
            },
            effects={"integration": 0.1},
            uncertain=uncertain,
            worlds=N_WORLDS,
        ),
        1,
    )
    fixed = np.array([values.duration[1, 1] for values in plan.values])
    low = np.array([values.duration[0, 1] for values in plan.values])
    assert_law(fixed / 50, stats.beta(1 + 4 * 2 / 7, 5 - 4 * 2 / 7, 0.8, 0.7))
    np.testing.assert_allclose(low / 10, fixed / 50)  # one path with * shares one draw
    effect = np.array([values.integration for values in plan.values])
    assert_law(effect, stats.beta(1 + 4 * 0.4, 5 - 4 * 0.4, 0, 0.25))
    assert abs(stats.pearsonr(fixed, effect).statistic) * math.sqrt(N_WORLDS) < LIMIT
