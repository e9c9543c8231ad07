"""What is tried for the first screen, how it is ranked, and how a kept answer is read back."""

import json
import math

import numpy as np
import pytest

from kla_sim.analysis.differences import Outcomes
from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.relieved import Remedy
from kla_sim.analysis.remedies import (
    WITHHELD,
    Remedies,
    largest_lacks,
    ranked,
    read_remedies,
    remedy_of,
    withhold,
)
from kla_sim.engine.structure import Labels

CAUSES = ["window", "wip_limit", "trainers", "account:province", "account:city"]
LABELS = Labels(
    ["barat", "timur"], ["Barat", "Timur"], [], [], ["trainers"],
    ["province", "barat", "timur"], [], [], CAUSES, None,
)  # fmt: skip


def estimate(value, half=0.01):
    return Estimate(value, value - half, value + half, 0.95, "paired_clustered", 600)


def remedy(kind, gain, regions=0.0, subject=""):
    return Remedy(kind, subject, 3, 7, 1, 3, 0.3 + gain, estimate(gain), estimate(regions), 0)


def test_lacks_are_those_of_the_most_days_and_nothing_that_nobody_waited_for():
    waits = np.array(
        [[5.0, 0.0, 0.0, 1.0, 0.0], [20.0, 0.0, 40.0, 2.0, 3.0], [0.0, 0.0, 2.0, 0.0, 7.0]]
    )
    assert largest_lacks(LABELS, waits, np.array([0.0, 11.0])) == [
        ("pool", "trainers"),  # 42
        ("windows", ""),  # 25
        ("upkeep", ""),  # 11 days dormant
        ("account", "accounts.cities.timur"),  # 7, and 3 in barat
        ("account", "accounts.province"),  # 3
    ]
    assert largest_lacks(LABELS, np.zeros((3, 5)), np.zeros(2)) == []


def outcomes(is_met, all_cities, cities):
    n = len(is_met)
    return Outcomes(
        0, 2, np.array(is_met), np.array(all_cities), np.array(cities), np.array([0]),
        np.zeros((2, 1, 3), np.int64), np.zeros(n),
    )  # fmt: skip


def test_a_remedy_counts_both_ways_on_the_same_futures():
    planned = outcomes(
        [1, 0, 0, 0], [0.8, 0.1, 0.1, 0.0], [[1, 0.8], [0.5, 0.2], [0.2, 0.5], [0, 0]]
    )
    relieved = outcomes(
        [0, 1, 1, 0], [0.4, 0.9, 0.5, 0.2], [[1, 0.4], [1, 0.9], [1, 0.5], [0.5, 0.4]]
    )
    planned, relieved = (
        one._replace(is_met=one.is_met.astype(bool)) for one in (planned, relieved)
    )
    found = remedy_of("pool", "trainers", 5_000, planned, relieved)
    assert (found.rescued, found.n_failed, found.harmed, found.n_met) == (2, 3, 1, 1)
    assert found.odds == pytest.approx(0.5)  # 2.0 of 4
    assert found.difference.value == pytest.approx(0.25)  # from 1.0 of 4
    assert found.expected_cities.value == pytest.approx((5.7 - 3.2) / 4)
    assert (found.kind, found.subject, found.price) == ("pool", "trainers", 5_000)


def test_the_best_comes_first_and_where_odds_are_rare_by_the_number_of_regions():
    by_odds, by_number = remedy("windows", 0.05, 0.1), remedy("upkeep", 0.02, 0.4)
    assert ranked([by_number, by_odds], 0.3) == (by_odds, by_number)
    assert ranked([by_odds, by_number], 0.019) == (by_number, by_odds)


def test_the_best_is_one_that_helps_noticeably():
    weak, tiny = remedy("windows", 0.01), remedy("windows", 0.0004, 0.02)
    assert Remedies(600, 0.3, (weak,), None).best is None  # 0.00 to 0.02
    assert Remedies(600, 0.3, (remedy("upkeep", 0.011), weak), None).best.kind == "upkeep"
    tiny = tiny._replace(difference=estimate(0.0004, 0.0001))
    assert Remedies(600, 0.3, (tiny,), None).best is None
    assert Remedies(600, 0.3, (tiny._replace(difference=estimate(0.0006, 1e-4)),), None).best
    assert Remedies(600, 0.01, (tiny,), None).best == tiny  # 0.02 regions, 0.01 to 0.03
    assert Remedies(600, 0.3, (), None).best is None


FOUND = Remedies(
    600,
    0.3,
    (
        remedy("account", 0.05, 0.1, "accounts.province")._replace(price=10**9),
        remedy("upkeep", 0.02),
    ),
    remedy("unlimited", 0.2, 0.5),
)


def test_what_is_kept_is_read_back_as_it_was():
    kept = json.loads(json.dumps(FOUND.document()))
    assert read_remedies(kept) == FOUND
    assert kept["tried"][0]["price_of_a_point"] == pytest.approx(10**9 / 5)
    for reason in WITHHELD:
        kept = json.loads(json.dumps(withhold(reason).document()))
        assert (kept["odds"], kept["withheld"]) == (None, reason)
        assert read_remedies(kept).withheld == reason


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("withheld",), "rain"),
        (("replications",), -1),
        (("replications",), True),
        (("odds",), "0.3"),
        (("odds",), math.nan),
        (("tried",), None),
        (("tried",), [7]),
        (("tried", 0, "relieved"), ["pool"]),
        (("tried", 0, "price"), 0.5),
        (("tried", 0, "difference"), {}),
        (("tried", 0, "difference", "low"), 10**400),
        (("unlimited",), {}),
    ],
)
def test_what_was_changed_is_not_read_back(path, value):
    kept = json.loads(json.dumps(FOUND.document()))
    *way, last = path
    place = kept
    for key in way:
        place = place[key]
    place[last] = value
    assert read_remedies(kept) is None
    assert read_remedies(None) is None
    assert read_remedies([]) is None
