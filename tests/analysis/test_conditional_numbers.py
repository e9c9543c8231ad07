"""Conditional odds future by future: the numbers of a few futures of each odd calendar.

That they are right on average says `test_conditional`, of 10,000 futures each; here each number has
to stay what it is. `--refresh-golden` writes them anew.
"""

import csv
from pathlib import Path

import numpy as np
import pytest
from evaluations import scenario
from scipy.stats import norm
from test_conditional import ODD, cycles, slip

from kla_sim.analysis.conditional import (
    conditional_chances,
    last_cycle,
    select_rows,
    world_numbers,
)
from kla_sim.engine import reference
from kla_sim.engine.plan import compile_plan

GOLDEN = Path(__file__).parent / "golden" / "conditional.csv"
FIRST, N = 5, 10


def futures_of(plan):
    return reference.simulate(plan, FIRST, FIRST + N)


def numbers_of(case):
    """Return the chances of all cities and of each, a row a future."""
    plan = compile_plan(scenario(**ODD[case]), 3)
    found = conditional_chances(plan, FIRST, futures_of(plan))
    return np.column_stack([found.all_cities, found.cities])


@pytest.fixture(scope="module")
def golden(request):
    if request.config.getoption("--refresh-golden"):
        GOLDEN.parent.mkdir(exist_ok=True)
        with GOLDEN.open("w", newline="", encoding="utf-8") as table:
            rows = csv.writer(table, lineterminator="\n")
            rows.writerow(["case", "future", "all", "each"])
            for case in ODD:
                for future, (whole, *each) in enumerate(numbers_of(case), FIRST):
                    rows.writerow(
                        [case, future, f"{whole:.12f}", " ".join(f"{x:.12f}" for x in each)]
                    )
    found = {}
    with GOLDEN.open(newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            numbers = [float(row["all"]), *map(float, row["each"].split())]
            found.setdefault(row["case"], []).append(numbers)
    return found


@pytest.mark.parametrize("case", ODD)
def test_the_chances_of_a_few_futures_are_these(case, golden):
    assert numbers_of(case) == pytest.approx(np.array(golden[case]), abs=1e-9)


def test_what_worlds_draw_is_collected_by_world():
    plan = compile_plan(scenario(**ODD["worlds differ"]), 3)
    found = world_numbers(plan)
    assert found.gap.shape == found.left.shape == found.rate.shape == found.standing.shape == (7, 3)
    for number, (world, values) in enumerate(zip(plan.worlds, plan.values, strict=True)):
        assert found.gap[number].tolist() == world.gap.tolist()
        assert found.left[number].tolist() == world.left.tolist()
        assert found.rate[number].tolist() == world.rate.tolist()
        assert found.standing[number].tolist() == world.standing.tolist()
        for name, field in (
            ("volatility", "volatility"),
            ("cap", "one_step_up"),
            ("tail_share", "tail_share"),
            ("tail_factor", "tail_factor"),
            ("confirmation", "confirmation"),
            ("kla_reach", "kla_reach"),
            ("cancelled", "cancelled"),
            ("slip", "slip"),
            ("strictness_mean", "strictness_mean"),
            ("strictness_sd", "strictness_sd"),
            ("noise", "noise"),
        ):
            np.testing.assert_array_equal(
                getattr(found, name)[number], getattr(values, field), err_msg=name
            )
        assert found.bound[number] == values.bounds[plan.structure.target - 1]
    assert found.standing.dtype == np.int64


@pytest.mark.parametrize(
    ("deadline", "last"),
    [
        ("2025-12-31", 2),
        ("2025-07-23", 2),
        ("2025-07-22", 1),
        ("2023-07-23", 0),
        ("2023-07-22", None),
    ],
)
def test_the_last_cycle_is_the_last_whose_award_comes_by_the_deadline(deadline, last):
    target = {"category": "nindya", "deadline": deadline}
    calm = {"calendar": {"cancelled": "20%", "slip": {"chance": "0%", "months": 0}}}
    plan = compile_plan(scenario(target=target, evaluation=calm), 1)
    assert last_cycle(plan.structure) == last


@pytest.mark.parametrize(
    "evaluation",
    [
        cycles(2023, 2024, 2025, of_2024={"evidence_closes": "2023-06-15"}),  # on one day
        cycles(2023, 2024, 2025, of_2024={"award": "2025-07-24"}),  # after that of later evidence
        {**slip(18), **cycles(2023, 2024, 2025, of_2023={"award": "2024-05-01"})},
    ],
)
def test_calendars_out_of_order_have_no_last_cycle(evaluation):
    plan = compile_plan(scenario(evaluation=evaluation), 3)
    assert last_cycle(plan.structure) is None
    futures = futures_of(plan)
    found = conditional_chances(plan, FIRST, futures)
    is_met = futures.standing >= plan.structure.target
    assert found.all_cities.tolist() == is_met.all(axis=1).astype(float).tolist()
    assert found.cities.tolist() == is_met.astype(float).tolist()


def test_chances_are_those_of_the_worlds_of_the_replications_however_many_at_once(monkeypatch):
    plan = compile_plan(scenario(**ODD["worlds differ"]), 3)
    futures = futures_of(plan)
    whole = conditional_chances(plan, FIRST, futures)
    monkeypatch.setattr("kla_sim.analysis.conditional._CELLS", 6)
    pieces = conditional_chances(plan, FIRST, futures, world_numbers(plan))
    np.testing.assert_array_equal(pieces.all_cities, whole.all_cities)
    np.testing.assert_array_equal(pieces.cities, whole.cities)
    assert np.ptp(whole.all_cities) > 0.05


def test_rows_are_selected_of_every_result():
    plan = compile_plan(scenario(), 3)
    futures = futures_of(plan)
    some = select_rows(futures, slice(2, 5))
    for name, one, other in zip(futures._fields, some, futures, strict=True):
        np.testing.assert_array_equal(one, other[2:5], err_msg=name)


@pytest.mark.parametrize("target", ["nindya", "utama"])
def test_of_a_city_below_its_target_by_two_the_cap_lets_few_through(target):
    """One evaluation, a city of madya: nindya is one step up, utama two."""
    from evaluations import city

    plan = compile_plan(
        scenario(
            cities={"a": city(810, "madya", zones={"planned": 0})},
            target={"category": target, "deadline": "2025-12-31"},
            background={"rate": {"median": 0.05}, "volatility": 24.0},
            evaluation={
                **cycles(2023),
                "one_step_up": "75%",
                "noise": 7.0,
                "strictness": {"mean": -4, "sd": 9},
                "calendar": {"cancelled": "10%"},
            },
        ),
        5,
    )
    days = int(plan.structure.cycle_evidence_day[0])
    left = np.exp(-0.05 * days / 365.25)
    spread = 24.0**2 * (1 - left**2) / 0.1 + 7.0**2 + 9.0**2
    bound = {"nindya": 700, "utama": 800}[target]
    above = norm.sf((bound - (1000 - 190 * left) + 4) / np.sqrt(spread))
    expected = 0.9 * above * {"nindya": 1.0, "utama": 0.25}[target]
    found = conditional_chances(plan, FIRST, futures_of(plan))
    assert found.all_cities == pytest.approx(np.full(N, expected), rel=1e-7)
    assert found.cities[:, 0] == pytest.approx(found.all_cities)
