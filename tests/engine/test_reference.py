"""The rules of the model one by one, each on a plan small enough to work by hand."""

import math

import numpy as np
import pytest
from plans import city, filled_days, scenario, traced

from kla_sim.domain.indicators import GROUPS
from kla_sim.engine.formulas import part_of, whole_days
from kla_sim.engine.plan import compile_plan
from kla_sim.engine.reference import simulate, trace


def money(released="100%", **amounts):
    """Return accounts of 2023 paid out on 1 January, or as `released` says."""
    release = {"1 Januari": "100%"} if released == "100%" else released
    cities = {name: {2023: amount} for name, amount in amounts.items() if name != "province"}
    return {
        "province": {2023: amounts.get("province", 0)},
        "cities": cities,
        "grows": 0,
        "release": release,
        "lapse": "100%",
    }


def evaluation(cycles, **changes):
    """Return an evaluation that caps every award at one step up."""
    found = {
        year: {"evidence_closes": evidence, "award": award, **own}
        for year, (evidence, award, own) in cycles.items()
    }
    return {"one_step_up": "100%", **changes, "cycles": found}


def starts(plan, **which):
    """Return the day each activity first starts."""
    return {name: attempts[0][0] for name, attempts in traced(plan, **which)["activities"].items()}


@pytest.mark.parametrize(("days", "whole"), [(0.2, 1), (1.49, 1), (1.5, 2), (2.5, 3), (3.49, 3)])
def test_durations_round_half_up_and_last_a_day_at_least(days, whole):
    plan = scenario(work={"city": {"a": {"duration": days}}})
    assert traced(plan)["activities"]["kota/a"] == [[0, whole]]


def test_duration_is_multiplied_before_it_is_rounded():
    work = {"city": {"a": {"duration": 2.5}}, "zone": {"z": {"duration": 10}}}
    cities = {
        "kota": city(multipliers={"duration": 1.8, "cost": 1}, zones={"existing": 3, "planned": 1})
    }
    plan = scenario(cities=cities, work=work, learning={"rate": 0.9, "floor": 0.1})
    found = traced(plan)["activities"]
    assert found["kota/a"] == [[0, 5]]  # 2.5 x 1.8 = 4.5
    assert found["kota/zone-1/z"] == [[0, 15]]  # 10 x 1.8 x 0.9^log2(4) = 14.58


def test_work_past_the_horizon_keeps_its_planned_finish_but_not_its_effect():
    work = {"city": {"a": {"duration": 400, "closes_gap": {"institutions": "50%"}}}}
    assert traced(scenario(work=work))["activities"] == {"kota/a": [[0, 400]]}


def test_posts_freed_in_the_morning_serve_the_same_day():
    work = {
        "city": {
            "a": {"duration": 3, "needs": {"staff": 1}},
            "b": {"duration": 3, "needs": {"staff": 1}},
        }
    }
    plan = scenario(work=work, resources={"staff": {"scope": "city", "capacity": 1}})
    document = traced(plan)
    assert document["activities"] == {"kota/a": [[0, 3]], "kota/b": [[3, 6]]}
    assert document["waits"]["kota"] == {"staff": 3}


def one_post(cities=None, **changes):
    """Return a plan in which all activities of a day compete for the province's only post."""
    changes.setdefault("resources", {"staff": {"scope": "province", "capacity": 1}})
    return scenario(cities=cities, **changes)


def activity(days=1, **changes):
    return {"duration": days, "needs": {"staff": 1}, **changes}


def test_province_goes_first_then_city_work_then_zones_in_order_then_rank():
    plan = one_post(
        cities={"kota": city(zones={"planned": 2})},
        work={
            "zone": {"late": activity(rank=1), "soon": activity(rank=-1)},
            "city": {"own": activity(rank=5)},
            "province": {"wide": activity(rank=9)},
        },
    )
    order = sorted(starts(plan).items(), key=lambda item: item[1])
    assert [name for name, _ in order] == [
        "province/wide",
        "kota/own",
        "kota/zone-1/soon",
        "kota/zone-1/late",
        "kota/zone-2/soon",
        "kota/zone-2/late",
    ]


def test_listed_order_may_be_given_by_the_policy():
    cities = {name: city() for name in ("barat", "pusat", "timur")}
    policy = {"priority": "listed", "order": ["timur", "barat", "pusat"]}
    plan = one_post(cities, work={"city": {"a": activity()}}, policy=policy)
    assert starts(plan) == {"timur/a": 0, "barat/a": 1, "pusat/a": 2}


def test_closest_to_target_first_puts_cities_at_the_target_last():
    scores = {"atas": 850, "jauh": 500, "tepat": 800, "dekat": 790}
    cities = {name: city(baseline={"score": score}) for name, score in scores.items()}
    policy = {"priority": "closest_to_target_first"}
    plan = one_post(cities, work={"city": {"a": activity()}}, policy=policy)
    assert starts(plan) == {"tepat/a": 0, "dekat/a": 1, "jauh/a": 2, "atas/a": 3}


def test_policy_goes_by_baselines_as_written_and_not_as_drawn():
    cities = {
        "satu": city(baseline={"score": 651, "sd": 200}),
        "dua": city(baseline={"score": 650, "sd": 200}),
        "tiga": city(baseline={"category": "nindya"}),  # centre 750
    }
    plan = one_post(
        cities,
        work={"city": {"a": activity()}},
        policy={"priority": "lowest_score_first"},
        worlds=20,
    )
    gaps = np.array([world.gap for world in compile_plan(plan, 1).worlds])
    assert (gaps[:, 0] > gaps[:, 1]).any()
    for replication in range(20):
        assert starts(plan, replication=replication) == {"dua/a": 0, "satu/a": 1, "tiga/a": 2}


def test_policy_goes_by_published_scores_from_the_award_day_on():
    cities = {"satu": city(baseline={"score": 600}), "dua": city(baseline={"score": 650})}
    work = {
        "city": {
            "lift": {"duration": 1, "closes_gap": dict.fromkeys(["institutions"], "90%")},
            "late": {**activity(), "window": {"from": "1 Maret", "to": "1 April"}},
        },
        "province": {},
    }
    cities["dua"]["done"] = ["lift"]  # only the first city rises, by 45 of its 400 points
    plan = one_post(
        cities,
        work=work,
        policy={"priority": "lowest_score_first"},
        evaluation=evaluation({2023: ("2023-02-01", "2023-03-01", {})}),
    )
    scores = traced(plan)["scores"]
    assert scores["satu"]["2023"]["verified"] == pytest.approx(645)
    assert starts(plan)["satu/late"] == 59
    better = {**cities, "satu": city(baseline={"score": 640})}
    found = starts(plan.model_copy(update={"cities": scenario(cities=better).cities}))
    assert (found["dua/late"], found["satu/late"]) == (59, 60)  # 650 against 680.5 points


def test_fewest_started_first_counts_zones_ahead_with_any_start():
    cities = {name: city(zones={"planned": 2}) for name in ("satu", "dua")}
    work = {"zone": {"a": activity(), "b": activity()}}
    policy = {"priority": "fewest_started_first"}
    found = starts(one_post(cities, work=work, policy=policy))
    order = sorted(found, key=found.__getitem__)
    assert order == [
        "satu/zone-1/a",
        "dua/zone-1/a",
        "satu/zone-1/b",
        "satu/zone-2/a",
        "dua/zone-1/b",
        "dua/zone-2/a",
        "satu/zone-2/b",
        "dua/zone-2/b",
    ]


def test_work_is_all_or_nothing():
    work = {
        "city": {
            "both": {"duration": 2, "needs": {"staff": 1, "car": 1}},
            "staff_only": {"duration": 5, "needs": {"staff": 1}},
            "car_only": {"duration": 4, "needs": {"car": 1}, "rank": -1},
        }
    }
    pools = {name: {"scope": "city", "capacity": 1} for name in ("staff", "car")}
    document = traced(scenario(work=work, resources=pools))
    assert document["activities"]["kota/car_only"] == [[0, 4]]
    assert document["activities"]["kota/staff_only"] == [[0, 5]]
    assert document["activities"]["kota/both"] == [[5, 7]]
    # at the end of days 0 to 3 both are taken and staff is listed first; on day 4 the car is free
    assert document["waits"]["kota"] == {"staff": 5}


def test_cause_is_the_first_failing_check_at_the_end_of_the_day():
    work = {
        "city": {
            "first": {
                "duration": 3,
                "needs": {"staff": 1},
                "cost": 60,
                "paid_by": {"city": "100%"},
                "rank": 1,
            },
            "second": {"duration": 1, "cost": 100, "paid_by": {"city": "100%"}, "rank": 0},
            "third": {"duration": 9, "needs": {"staff": 1}, "rank": 2},
        }
    }
    accounts = money(kota=200, released={"1 Januari": "30%", "5 Januari": "70%"})
    resources = {"staff": {"scope": "city", "capacity": 1}}
    document = traced(scenario(work=work, accounts=accounts, resources=resources))
    # 60 rupiah on day 0: `second` lacks money, `first` takes the post and all 60
    assert document["activities"]["kota/first"] == [[0, 3]]
    assert document["activities"]["kota/second"] == [[4, 5]]
    assert document["activities"]["kota/third"] == [[3, 12]]
    assert document["waits"]["kota"] == {"account:city": 4, "staff": 3}


def test_start_of_a_lower_rank_changes_the_cause_of_a_higher_one_the_same_day():
    work = {
        "city": {
            "big": {"duration": 1, "needs": {"staff": 2, "car": 1}},
            "car": {"duration": 2, "needs": {"car": 1}},
            "small": {"duration": 4, "needs": {"staff": 1}},
        }
    }
    pools = {
        "car": {"scope": "city", "capacity": 1},
        "staff": {
            "scope": "city",
            "capacity": [{"from": "2023-01-01", "posts": 1}, {"from": "2023-01-04", "posts": 3}],
        },
    }
    work["city"]["car"]["rank"] = -1
    document = traced(scenario(work=work, resources=pools))
    assert document["activities"]["kota/big"] == [[3, 4]]
    assert document["waits"]["kota"] == {"staff": 3}
    work["city"]["big"]["needs"] = {"staff": 1, "car": 1}
    work["city"]["small"]["rank"] = 1
    document = traced(scenario(work=work, resources=pools))
    # the post is still free when `big` is looked at, but `small` has it at the end of the day
    assert document["activities"]["kota/big"] == [[3, 4]]
    assert document["waits"]["kota"] == {"staff": 3}


def test_waits_count_the_horizon_day():
    work = {"city": {"a": {"duration": 1, "window": {"from": "1 Februari", "to": "1 Februari"}}}}
    plan = scenario(work=work, start="2023-02-02", horizon="2023-12-31")
    assert traced(plan)["waits"]["kota"] == {"window": 333}


def test_window_wraps_over_new_year_with_both_ends():
    window = {"from": "30 Desember", "to": "2 Januari"}
    kit = {f"a{days}": {"duration": 1, "after": [f"w{days}"], "window": window} for days in (1, 2)}
    kit |= {f"w{days}": {"duration": days} for days in (1, 2)}
    document = traced(scenario(work={"city": kit}))
    assert document["activities"]["kota/a1"] == [[1, 2]]  # 2 January
    assert document["activities"]["kota/a2"] == [[363, 364]]  # 30 December
    assert document["waits"]["kota"] == {"window": 361}


def test_window_is_checked_before_the_limit_and_the_limit_before_staff():
    work = {
        "zone": {
            "a": {
                "duration": 10,
                "needs": {"staff": 1},
                "window": {"from": "1 Januari", "to": "4 Januari"},
            }
        }
    }
    plan = scenario(
        cities={"kota": city(zones={"planned": 3})},
        work=work,
        policy={"wip_limit": 2},
        resources={"staff": {"scope": "city", "capacity": 1}},
    )
    # zone 1 starts; zone 2 lacks staff on 4 days (zone 3 too), then both lack the window
    assert traced(plan)["waits"]["kota"] == {"staff": 8, "window": 2 * 361}
    tight = plan.model_copy(update={"policy": plan.policy.model_copy(update={"wip_limit": 1})})
    assert traced(tight)["waits"]["kota"] == {"wip_limit": 8, "window": 2 * 361}


def test_nothing_needed_never_fails_even_below_zero_free_posts():
    steps = [{"from": "2023-01-01", "posts": 2}, {"from": "2023-01-03", "posts": 1}]
    work = {
        "city": {
            "long": {"duration": 10, "needs": {"staff": 2}},
            "none": {"duration": 1, "after": ["wait"], "needs": {"staff": 0}, "cost": 0},
            "some": {"duration": 1, "after": ["wait"], "needs": {"staff": 1}},
            "wait": {"duration": 4},
        }
    }
    resources = {"staff": {"scope": "city", "capacity": steps}}
    document = traced(scenario(work=work, resources=resources))
    assert document["activities"]["kota/none"] == [[4, 5]]
    assert document["activities"]["kota/some"] == [[10, 11]]


def test_part_of_zero_rupiah_never_fails():
    work = {
        "city": {"a": {"duration": 1, "cost": 1, "paid_by": {"city": "50%", "province": "50%"}}}
    }
    plan = scenario(work=work, accounts=money(province=1))
    document = traced(plan)
    assert document["activities"]["kota/a"] == [[0, 1]]
    assert document["money"]["province"]["2023"]["spent"] == 1


def test_of_two_steps_on_one_day_the_last_listed_holds():
    steps = [{"from": "2023-01-01", "posts": 1}, {"from": "2023-01-01", "posts": 0}]
    plan = one_post(
        work={"city": {"a": activity()}},
        resources={"staff": {"scope": "province", "capacity": steps}},
    )
    assert traced(plan)["activities"] == {}


def test_failed_work_is_ready_again_at_once_at_the_factor_of_rework():
    work = {
        "city": {
            "a": {
                "duration": 4,
                "cost": 10,
                "paid_by": {"city": "100%"},
                "success": "20%",
                "rework": "60%",
            }
        }
    }
    plan = compile_plan(scenario(work=work, accounts=money(kota=1000)), 1)
    result, log = trace(plan, 3)
    attempts = log.attempts[0]
    assert len(attempts) > 2
    assert [one.finish - one.start for one in attempts] == [4] + [2] * (len(attempts) - 1)
    assert [one.start for one in attempts] == [0] + [4 + 2 * k for k in range(len(attempts) - 1)]
    assert result.spent[0, 1, 0] == 10 + 6 * (len(attempts) - 1)


def test_given_up_work_takes_with_it_what_waits_for_it_through_the_kits():
    work = {
        "province": {"rule": {"duration": 1, "success": "0.0000001%"}},
        "city": {
            "plan": {"duration": 1, "after": ["province.rule"]},
            "own": {"duration": 30},
        },
        "zone": {
            "site": {"duration": 5},
            "school": {"duration": 1, "after": ["city.plan", "site"]},
            "sign": {"duration": 1, "after": ["school"]},
        },
    }
    cities = {"kota": city(zones={"planned": 2}, done=[])}
    plan = compile_plan(scenario(cities=cities, work=work, policy={"wip_limit": 1}), 1)
    result, log = trace(plan, 0)
    named = dict(zip(plan.labels.activities, log.attempts, strict=True))
    assert len(named["province/rule"]) == 20
    assert named["kota/plan"] == named["kota/zone-1/school"] == []
    assert named["kota/own"][0].finish == 30
    given_up = {n for n, is_so in zip(plan.labels.activities, log.given_up, strict=True) if is_so}
    assert given_up == set(plan.labels.activities) - {
        "kota/own",
        "kota/zone-1/site",
        "kota/zone-2/site",
    }
    # the first zone holds its place until the rest of it is given up on day 20
    assert named["kota/zone-2/site"][0].start == 20
    assert dict(zip(plan.labels.causes, result.wait_days[0, 1], strict=True))["wip_limit"] == 20


def test_work_done_before_the_start_is_not_given_up_with_its_predecessor():
    work = {
        "city": {
            "first": {"duration": 1, "success": "0.0000001%"},
            "second": {"duration": 1, "after": ["first"]},
            "third": {"duration": 1, "after": ["second"]},
        }
    }
    plan = compile_plan(scenario(cities={"kota": city(done=["second"])}, work=work), 1)
    _, log = trace(plan, 0)
    assert log.given_up == [True, False, False]
    assert [len(attempts) for attempts in log.attempts] == [20, 0, 1]


def test_a_stage_before_the_start_opens_on_day_0_and_one_beyond_the_horizon_never():
    zones = {"planned": {2024: 1, 2021: 1, 2023: 1, 2025: 1}}
    plan = scenario(
        cities={"kota": city(zones=zones)},
        work={"zone": {"a": {"duration": 1}}},
        start="2023-06-01",
        horizon="2024-12-31",
    )
    document = traced(plan)
    assert document["activities"] == {
        "kota/zone-1/a": [[0, 1]],
        "kota/zone-2/a": [[0, 1]],
        "kota/zone-3/a": [[214, 215]],
    }
    assert document["waits"]["kota"] == {}


def test_learning_counts_launched_zones_at_the_moment_of_start():
    work = {"zone": {"a": {"duration": 100, "launches": True}}}
    cities = {
        "satu": city(zones={"planned": 3}),
        "dua": city(zones={"planned": 1, "existing": 1}),
    }
    plan = scenario(
        cities=cities,
        work=work,
        policy={"wip_limit": 1},
        learning={"rate": 0.8, "floor": 0.66, "transfer": 0.5},
    )
    found = traced(plan)["activities"]
    first = whole_days(100 * 0.8 ** math.log2(1.5))  # one zone elsewhere
    assert found["dua/zone-1/a"] == [[0, 80]]  # one own zone
    assert found["satu/zone-1/a"] == [[0, first]]
    second = whole_days(100 * 0.8 ** math.log2(1 + 1 + 0.5 * 2))
    assert found["satu/zone-2/a"] == [[first, first + second]]
    assert found["satu/zone-3/a"] == [[first + second, first + second + 66]]


def test_tranches_dated_before_the_start_count_on_day_0_and_the_last_listed_takes_the_rest():
    release = {"1 Oktober": "33.33%", "1 Februari": "33.33%", "1 Juni": "33.34%"}
    work = {"city": {"a": {"duration": 1, "cost": 33, "paid_by": {"city": "100%"}}}}
    changes = {"work": work, "start": "2023-03-01", "horizon": "2023-07-01"}
    plan = scenario(accounts=money(kota=101, released=release), **changes)
    document = traced(plan)
    assert document["activities"]["kota/a"] == [[0, 1]]
    assert document["money"]["kota"]["2023"]["released"] == 33 + (101 - 33 - 33)


def test_parts_of_a_cost_are_whole_and_the_last_listed_pays_the_rest():
    work = {
        "city": {
            "a": {"duration": 1, "cost": 101, "paid_by": {"city": "33.33%", "province": "66.67%"}}
        }
    }
    cities = {"kota": city(multipliers={"duration": 1, "cost": 1.005})}
    plan = scenario(cities=cities, work=work, accounts=money(province=500, kota=500))
    books = traced(plan)["money"]  # 101 x 1.005 = 101.505, so 102: 33 and 69
    assert books["kota"]["2023"]["spent"] == 33
    assert books["province"]["2023"]["spent"] == 69


def test_what_lapses_is_rounded_down_and_booked_in_the_year_that_ended():
    accounts = {**money(kota=7), "lapse": "50%"}
    plan = scenario(accounts=accounts, horizon="2025-01-01")
    books = traced(plan)["money"]["kota"]
    assert [books[year]["lapsed"] for year in ("2023", "2024", "2025")] == [3, 5, 0]  # 7, 4 + 7


def test_large_amounts_split_exactly():
    amount = 9_000_000_000_000_001  # times 10,000 it would leave 64 bits
    assert part_of(amount, 9999) == amount * 9999 // 10000


def test_cost_is_never_below_zero():
    cost = {"low": 1, "likely": 2, "high": 300, "meaning": "p10-p90"}  # begins below 0
    work = {
        "city": {
            f"a{k}": {"duration": 1, "cost": cost, "paid_by": {"city": "100%"}} for k in range(60)
        }
    }
    plan = compile_plan(scenario(work=work, accounts=money(kota=10**9)), 1)
    assert plan.values[0].cost[0, 1] < 0
    _, log = trace(plan, 0)
    costs = [attempts[0].cost for attempts in log.attempts]
    assert min(costs) == 0
    assert max(costs) > 0


def with_upkeep(amount, n_existing=1, **changes):
    cities = changes.pop("cities", {"kota": city(zones={"existing": n_existing, "planned": 0})})
    upkeep = {"per_zone": amount, "paid_by": {"city": "100%"}}
    return scenario(cities=cities, upkeep=upkeep, **changes)


def test_existing_zones_owe_upkeep_on_a_start_on_new_year_day_before_any_work():
    work = {"city": {"a": {"duration": 1, "cost": 50, "paid_by": {"city": "100%"}}}}
    plan = with_upkeep(60, work=work, accounts=money(kota=100))
    document = traced(plan)
    assert document["activities"] == {}
    assert document["money"]["kota"]["2023"]["spent"] == 60
    later = plan.model_copy(update={"start": plan.start.replace(day=2)})
    assert traced(later)["money"]["kota"]["2023"]["spent"] == 50


def test_zone_is_dormant_from_new_year_to_the_day_of_payment_and_void_at_year_end():
    accounts = {
        "cities": {"kota": {2023: 0, 2024: 100, 2025: 30}},
        "release": {"11 Januari": "50%", "21 Januari": "50%"},
        "lapse": "100%",
    }
    plan = with_upkeep(80, accounts=accounts, horizon="2025-12-31")
    document = traced(plan)
    assert document["dormant_days"]["kota"] == 365 + 20 + 365
    assert [entry["spent"] for entry in document["money"]["kota"].values()] == [0, 80, 0]


def test_upkeep_is_paid_oldest_launch_first_passing_over_what_cannot_be_paid():
    work = {"zone": {"a": {"duration": 10, "launches": True}}}
    cities = {
        "satu": city(zones={"existing": 0, "planned": 1}, multipliers={"duration": 2, "cost": 1}),
        "dua": city(zones={"existing": 0, "planned": 1}),
    }
    upkeep = {"per_zone": 10, "paid_by": {"province": "90%", "city": "10%"}}
    accounts = {
        "province": {2023: 0, 2024: 9},
        "cities": {"satu": {2023: 0, 2024: 1}, "dua": {2023: 0, 2024: 1}},
        "release": {"1 Januari": "100%"},
        "lapse": "0%",
    }
    plan = scenario(
        cities=cities, work=work, upkeep=upkeep, accounts=accounts, horizon="2024-01-31"
    )
    document = traced(plan)
    assert document["dormant_days"] == {"satu": 31, "dua": 0}  # the second launched 10 days earlier
    poor = accounts | {"cities": {"satu": {2023: 0, 2024: 1}, "dua": {2023: 0, 2024: 0}}}
    plan = scenario(cities=cities, work=work, upkeep=upkeep, accounts=poor, horizon="2024-01-31")
    assert traced(plan)["dormant_days"] == {"satu": 0, "dua": 31}


def test_a_zone_launched_on_new_year_day_owes_from_the_next():
    work = {"zone": {"a": {"duration": 365, "launches": True}}}
    plan = with_upkeep(
        1,
        cities={"kota": city(zones={"planned": 1})},
        work=work,
        horizon="2025-01-10",
    )
    assert traced(plan)["dormant_days"]["kota"] == 10


def test_services_of_a_dormant_zone_do_not_count():
    accounts = {
        "cities": {"kota": {2023: 5}},
        "grows": 0,
        "release": {"1 Juli": "100%"},
        "lapse": "100%",
    }
    plan = with_upkeep(
        5,
        n_existing=5,
        accounts=accounts,
        effects={"services": {"institutions": 0.8}, "integration": 0.5},
        evaluation=evaluation({2023: ("2023-06-30", "2023-07-30", {})}),
    )
    score = traced(plan)["scores"]["kota"]["2023"]["score"]
    before = (1 - 0.8 * 0.5) * (1 - 0.5 * 0.5)
    others = 1 - 0.5 * 0.5
    assert score == pytest.approx(1000 - 350 * (3 / 24 / before + 21 / 24 / others))


def test_frozen_city_keeps_its_band_at_the_very_bounds():
    bands = {499.9: "none", 500: "pratama", 600: "pratama", 700: "madya", 800: "nindya"}
    bands |= {900: "utama", 600.1: "madya", 700.1: "nindya", 800.1: "utama", 900.1: "kla"}
    cities = {
        f"kota{k}": city(baseline={"score": score}, award={"category": "kla", "date": "2022-01-01"})
        for k, score in enumerate(bands)
    }
    plan = scenario(cities=cities, evaluation=evaluation({2023: ("2023-06-30", "2023-07-30", {})}))
    assert list(traced(plan)["standing"].values()) == list(bands.values())


@pytest.mark.parametrize("seed", range(10))
def test_frozen_city_keeps_its_very_score_whatever_its_profile(seed):
    shares = np.random.default_rng(seed).integers(0, 11, (40, len(GROUPS))) / 10
    shares[:, seed % len(GROUPS)] = 0.3  # a city has some gap
    cities = {
        f"kota{k}": city(baseline={"score": 500, "profile": dict(zip(GROUPS, row, strict=True))})
        for k, row in enumerate(shares.tolist())
    }
    plan = scenario(cities=cities, evaluation=evaluation({2023: ("2023-06-30", "2023-07-30", {})}))
    document = traced(plan)
    assert {years["2023"]["score"] for years in document["scores"].values()} == {500.0}
    assert set(document["standing"].values()) == {"pratama"}


def test_wide_work_closes_a_share_of_the_gap_but_not_when_done_before_the_start():
    work = {
        "province": {"p": {"duration": 1, "closes_gap": {"civil_rights": "50%"}}},
        "city": {
            "c": {"duration": 1, "closes_gap": {"civil_rights": "20%", "institutions": "10%"}},
            "late": {"duration": 300, "closes_gap": {"institutions": "90%"}},
        },
    }
    cities = {"satu": city(), "dua": city(done=["c"])}
    plan = scenario(
        cities=cities, work=work, evaluation=evaluation({2023: ("2023-01-02", "2023-07-30", {})})
    )
    scores = {name: years["2023"]["score"] for name, years in traced(plan)["scores"].items()}
    rest = 18 / 24
    assert scores["satu"] == pytest.approx(1000 - 350 * (3 * 0.9 + 3 * 0.4) / 24 - 350 * rest)
    assert scores["dua"] == pytest.approx(1000 - 350 * (3 + 3 * 0.5) / 24 - 350 * rest)


def test_services_count_from_completion_and_integration_only_when_launched():
    work = {
        "zone": {
            "a": {"duration": 10, "opens": "institutions"},
            "b": {"duration": 20, "opens": "institutions"},
            "c": {"duration": 20, "integrates": True},
            "d": {"duration": 30, "launches": True},
        }
    }
    cycles = {
        year: (f"2023-01-{day}", f"2023-{month}-01", {})
        for year, day, month in ((2021, 20, "03"), (2022, 21, "04"), (2023, 31, "05"))
    }
    plan = scenario(
        cities={"kota": city(zones={"planned": 4})},
        work=work,
        effects={"services": {"institutions": 0.5}, "integration": 0.25},
        evaluation=evaluation(cycles),
    )
    years = traced(plan)["scores"]["kota"]
    scores = [years[year]["score"] for year in ("2021", "2022", "2023")]
    one_service = 3 / 24 * (1 - 0.5 * 0.4) + 21 / 24
    assert scores == pytest.approx([650, 1000 - 350 * one_service, 1000 - 350 * one_service * 0.9])


def test_coverage_is_at_most_one():
    plan = scenario(
        cities={"kota": city(districts=2, zones={"existing": 3, "planned": 1})},
        work={"zone": {"a": {"duration": 1, "opens": "institutions", "launches": True}}},
        effects={"services": {"institutions": 0.9}},
        evaluation=evaluation({2023: ("2023-01-20", "2023-03-20", {})}),
    )
    assert traced(plan)["scores"]["kota"]["2023"]["score"] == pytest.approx(650)


def test_profile_says_where_the_gap_lies():
    profile = {
        "institutions": 0.0,
        "civil_rights": 1.0,
        "family_care": 1.0,
        "health_welfare": 1.0,
        "education_culture": 1.0,
        "special_protection": 0.5,
    }
    work = {"city": {"c": {"duration": 1, "closes_gap": {"institutions": "100%"}}}}
    plan = scenario(
        cities={"kota": city(baseline={"score": 650, "profile": profile})},
        work=work,
        evaluation=evaluation({2023: ("2023-01-20", "2023-03-20", {})}),
    )
    assert traced(plan)["scores"]["kota"]["2023"]["score"] == pytest.approx(1000 - 350 * 2 / 5)


def test_background_moves_on_scheduled_days_even_when_the_cycle_is_cancelled_or_slips():
    cycles = {
        2023: ("2023-07-01", "2023-08-01", {"cancelled": "100%"}),
        2024: ("2024-07-01", "2024-08-01", {"slip": {"chance": "100%", "months": 3}}),
        2025: ("2025-07-01", "2025-08-01", {}),
    }
    plan = scenario(
        background={"rate": {"median": 0.3}, "volatility": 0},
        evaluation=evaluation(cycles),
        horizon="2025-12-31",
    )
    years = traced(plan)["scores"]["kota"]
    assert set(years) == {"2024", "2025"}
    for year, days in (("2024", 547), ("2025", 912)):
        assert years[year]["score"] == pytest.approx(1000 - 350 * math.exp(-0.3 * days / 365.25))
    assert years["2024"]["evidence_day"] == 547 + 92


def test_gap_is_at_least_one_point():
    plan = scenario(
        cities={"kota": city(baseline={"score": 1000})},
        evaluation=evaluation({2023: ("2023-01-20", "2023-03-20", {})}),
    )
    assert traced(plan)["scores"]["kota"]["2023"]["score"] == pytest.approx(999)


def test_latent_score_is_clipped_before_the_jury_adds_to_it():
    strictness = {"mean": 400, "sd": 0}
    cycles = {
        2022: ("2023-01-20", "2023-03-20", {"strictness": strictness}),
        2023: ("2023-02-20", "2023-04-20", {"strictness": {"mean": -900, "sd": 0}}),
    }
    years = traced(scenario(evaluation=evaluation(cycles)))["scores"]["kota"]
    assert [years[year]["score"] for year in years] == pytest.approx([650, 650])
    assert [years[year]["verified"] for year in years] == [1000, 0]
    assert [years[year]["category"] for year in years] == ["nindya", "none"]


SLIPS = {"slip": {"chance": "100%", "months": 12}}


def held(plan):
    return {
        year: (award["evidence_day"], award["award_day"])
        for year, award in traced(plan)["scores"]["kota"].items()
    }


def test_slip_of_months_ends_on_the_last_day_of_a_shorter_month():
    own = {"slip": {"chance": "100%", "months": 6}}
    plan = scenario(
        evaluation=evaluation({2023: ("2023-08-31", "2023-12-31", own)}), horizon="2024-12-31"
    )
    assert held(plan) == {"2023": (365 + 31 + 28, 365 + 181)}  # 29 February, 30 June 2024


def test_cycles_merge_from_the_last_backwards_into_the_next_one_held():
    days = {year: (f"{year}-06-01", f"{year}-08-01") for year in (2023, 2024, 2025)}
    every = {year: (*two, SLIPS) for year, two in days.items()}
    plan = scenario(evaluation=evaluation(every), horizon="2026-12-31")
    assert list(held(plan)) == ["2023", "2024", "2025"]  # all slip, none overtakes another
    some = {**every, 2025: (*days[2025], {})}
    # 2024 slips onto the evidence day of 2025 and merges; 2023 slips to 2024, before 2025
    assert list(
        held(
            plan.model_copy(update={"evaluation": scenario(evaluation=evaluation(some)).evaluation})
        )
    ) == ["2023", "2025"]
    gone = {
        2023: (*days[2023], {"slip": {"chance": "100%", "months": 24}}),
        2024: (*days[2024], {"cancelled": "100%"}),
        2025: (*days[2025], {}),
    }
    plan = scenario(evaluation=evaluation(gone), horizon="2026-12-31")
    assert list(held(plan)) == ["2025"]


def test_latest_published_award_stands_even_when_its_evidence_is_older():
    cycles = {
        2023: ("2023-02-01", "2023-10-01", {"strictness": {"mean": -60, "sd": 0}}),
        2024: ("2023-05-01", "2023-07-01", {"strictness": {"mean": 100, "sd": 0}}),
    }
    document = traced(scenario(evaluation=evaluation(cycles)))
    assert document["scores"]["kota"]["2024"]["category"] == "nindya"
    assert document["scores"]["kota"]["2023"]["category"] == "pratama"
    assert document["standing"]["kota"] == "pratama"


def test_evidence_and_award_may_fall_on_the_start_day():
    plan = scenario(evaluation=evaluation({2023: ("2023-01-01", "2023-01-01", {})}))
    assert held(plan) == {"2023": (0, 0)}
    assert traced(plan)["standing"]["kota"] == "madya"


def test_cap_goes_by_the_category_standing_on_the_award_day():
    up = {"strictness": {"mean": 300, "sd": 0}}
    cycles = {
        2022: ("2023-01-05", "2023-06-01", up),
        2023: ("2023-01-06", "2023-06-01", up),
        2024: ("2023-01-07", "2023-07-01", up),
    }
    years = traced(scenario(evaluation=evaluation(cycles)))["scores"]["kota"]
    assert [award["category"] for award in years.values()] == ["nindya", "utama", "kla"]
    free = scenario(evaluation=evaluation(cycles, one_step_up="0%"))
    years = traced(free)["scores"]["kota"]
    assert [award["category"] for award in years.values()] == ["kla", "kla", "kla"]


def test_none_is_a_result_and_replaces_what_stood():
    plan = scenario(
        cities={"kota": city(baseline={"score": 450})},
        evaluation=evaluation({2023: ("2023-01-05", "2023-06-01", {})}),
    )
    assert traced(plan)["standing"]["kota"] == "none"


HIGH = {"strictness": {"mean": 200, "sd": 0}}
LOW = {"strictness": {"mean": -100, "sd": 0}}
NINDYA = {"category": "nindya", "date": "2022-01-01"}


def outcome(cycles, deadline="2023-12-31", start_category=NINDYA):
    plan = scenario(
        cities={"kota": city(award=start_category)},
        evaluation=evaluation(cycles),
        target={"category": "utama", "deadline": deadline},
    )
    result = simulate(compile_plan(plan, 1), 0, 1)
    return bool(result.is_met[0]), bool(result.is_met_once[0]), int(result.standing[0, 0])


def test_award_counts_on_the_deadline_and_not_after_it():
    cycles = {2023: ("2023-05-01", "2023-07-01", HIGH)}
    assert outcome(cycles, deadline="2023-07-01") == (True, True, 4)
    assert outcome(cycles, deadline="2023-06-30") == (False, False, 3)


def test_target_met_once_is_remembered_when_it_is_lost():
    cycles = {
        2022: ("2023-05-01", "2023-07-01", HIGH),
        2023: ("2023-06-01", "2023-08-01", LOW),
    }
    assert outcome(cycles) == (False, True, 1)


def test_award_replaced_on_the_same_day_never_stood():
    cycles = {
        2022: ("2023-05-01", "2023-07-01", HIGH),
        2023: ("2023-06-01", "2023-07-01", LOW),
    }
    assert outcome(cycles) == (False, False, 1)


def test_category_held_at_the_start_counts_until_the_first_award():
    utama = {"category": "utama", "date": "2022-07-22"}
    assert outcome({}, start_category=utama) == (True, True, 4)
    cycles = {2022: ("2023-05-01", "2023-07-01", LOW)}
    assert outcome(cycles, start_category=utama) == (False, True, 1)


def test_post_works_if_its_number_is_within_capacity_and_it_is_filled():
    steps = [
        {"from": "2023-01-01", "posts": 3},
        {"from": "2023-06-01", "posts": 1},
        {"from": "2024-06-01", "posts": 2},
    ]
    replacement = {"distribution": "uniform", "low": 30, "high": 200}
    resources = {
        "staff": {
            "scope": "province",
            "capacity": steps,
            "turnover": 3,
            "replacement": replacement,
        }
    }
    plan = scenario(resources=resources, horizon="2025-12-31")
    days = np.arange((plan.horizon - plan.start).days + 1)
    capacity = np.where(days < 151, 3, np.where(days < 151 + 366, 1, 2))
    for replication in range(10):
        filled = sum(
            (post <= capacity)
            & filled_days(f"province/staff/post-{post}", len(days), replication, 3, (30, 200))
            for post in (1, 2, 3)
        )
        result = simulate(compile_plan(plan, 1), replication, replication + 1)
        assert result.filled_days[0, 0] == filled.sum()
        assert result.vacant_days[0, 0] == (capacity - filled).sum()
