"""The summary and its document, number by number: four futures whose right answer can be reckoned.

The futures stand in `four_futures`; every number below follows from them with pencil and paper.
"""

import math

import four_futures
import numpy as np
import pytest

from kla_sim.analysis.conditional import select_rows
from kla_sim.analysis.counting import Tally
from kla_sim.analysis.counting.awards import standing_on
from kla_sim.analysis.document import summary_document
from kla_sim.analysis.estimate import Estimate, WorldRange
from kla_sim.analysis.possible import is_possible
from kla_sim.engine.replications import Replications

MILLION = 1_000_000
CATEGORIES = ("none", "pratama", "madya", "nindya", "utama", "kla", "no_award")
FIELDS = ("appropriated", "released", "spent", "lapsed", "held")
CAUSES = ("window", "wip_limit", "facilitators", "account:province", "account:city")


def summarised(plan, futures):
    tally = Tally(plan)
    tally.add(0, futures)
    return tally.summarise()


@pytest.fixture(scope="module")
def summary():
    plan = four_futures.plan()
    return summarised(plan, four_futures.futures(plan))


@pytest.fixture(scope="module")
def document(summary):
    return summary_document(summary)


def known(document):
    """Return an estimate without its ends; chances are counted in parts of 2**-30."""
    return round(document["value"], 8), document["method"], document["replications"]


def test_the_four_futures_are_such_as_an_engine_returns():
    plan = four_futures.plan()
    assert is_possible(plan, 0, four_futures.futures(plan))


def test_what_was_asked_is_said_with_its_date(summary, document):
    assert document["target"] == {"category": "utama", "deadline": "2024-12-31"}
    assert (summary.n, summary.target, summary.deadline_day, summary.horizon_day) == (
        4,
        4,
        730,
        730,
    )


def test_without_cycles_everybody_stands_where_he_began():
    plan = four_futures.plan()
    nothing = four_futures.futures(plan)._replace(
        award_day=np.zeros((4, 0), np.int32), category=np.zeros((4, 2, 0), np.int8)
    )
    starts = np.array([[2, 1]] * 4)
    assert standing_on(730, starts, nothing).tolist() == starts.tolist()


def test_odds_are_the_mean_of_the_four_chances(document):
    odds = document["odds"]
    assert known(odds["all_cities"]) == (0.7, "conditional", 4)  # 1, 0.2, 0.8, 0.8
    assert known(odds["cities"]["barat"]) == (0.9, "conditional", 4)  # 1, 1, 0.8, 0.8
    assert known(odds["cities"]["timur"]) == (0.75, "conditional", 4)  # 1, 0.2, 0.8, 1
    assert document["weakest_city"] == "timur"
    assert known(document["expected_cities"]) == (1.65, "clustered", 4)
    assert document["may_be_narrow"] == []  # one world
    assert odds["variance_ratio"] is None  # of four chances nobody knows how they vary


def test_the_document_names_the_odds_whose_intervals_may_be_narrow(summary):
    narrow = Estimate(0.99, 0.985, 0.995, 0.95, "conditional_clustered", 4_000)
    many = summary._replace(n=4_000, worlds=WorldRange(200, None, None, None, None))
    found = many._replace(all_cities=narrow, cities=[summary.cities[0], narrow])
    assert summary_document(found)["may_be_narrow"] == ["all_cities", "timur"]


def test_counting_says_two_of_four_and_how_far_that_is_from_the_odds(document):
    counted = document["odds"]["counted"]
    assert known(counted) == (0.5, "binomial", 4)
    # Clopper and Pearson for 2 of 4
    assert (round(counted["low"], 4), round(counted["high"], 4)) == (0.0676, 0.9324)
    less = document["odds"]["counted_less_conditional"]
    assert known(less) == (-0.2, "paired", 4)
    assert round(less["z"], 8) == -0.8  # 2 met, 2.8 expected, a variance of 0.48 taken as 1
    # Student's 3.1824 of 3 degrees, times 1 / 4; no difference is below -1
    assert (round(less["low"], 4), round(less["high"], 4)) == (-0.9956, 0.5956)


def test_met_at_once_ever_adds_the_future_that_lost_it_again(document):
    odds = document["odds"]["all_cities_at_once_ever"]
    assert known(odds) == (0.95, "conditional", 4)  # 2.8 and the second future, of 4
    assert 0.0 < odds["low"] < 0.95 < odds["high"] == 1.0


def test_claims_that_are_50_points_higher_reach_the_target_in_three_of_four(document):
    # the second future's last claim for timur is 840; the third's last is that of 2023, 780 and 770
    assert known(document["odds"]["on_claimed_scores"]) == (0.75, "binomial", 4)


@pytest.mark.parametrize(("claimed", "share"), [(800.0, 0.5), (800.5, 0.75), (840.0, 0.75)])
def test_a_claim_of_the_bound_itself_is_no_claim_of_the_category(claimed, share):
    plan = four_futures.plan()
    futures = four_futures.futures(plan)
    futures.claimed[1, 1, 1] = claimed
    document = summary_document(summarised(plan, futures))
    assert document["odds"]["on_claimed_scores"]["value"] == share


def test_without_kaltara_nobody_meets_the_target_and_two_futures_are_won(document):
    without = document["without_kaltara"]  # 700 and 600 points in every future
    assert known(without["all_cities"]) == (0.0, "conditional", 4)
    assert known(without["difference"]) == (0.7, "paired", 4)
    assert (without["won"], without["lost"], without["same"]) == (2, 0, 2)


def test_the_curve_is_counted_before_the_deadline_and_ends_with_the_odds(summary):
    assert summary.curve.days.tolist() == [0, 203, 569]
    np.testing.assert_allclose(summary.curve.joint, [0.0, 0.5, 0.7], atol=1e-9)
    expected = [[0.0, 0.0], [0.5, 0.75], [0.9, 0.75]]
    np.testing.assert_allclose(summary.curve.cities, expected, atol=1e-9)


@pytest.mark.parametrize(
    ("joint", "half", "most"),
    [
        ([0.5, 0.7, 0.9], "2023-01-01", "2024-07-23"),
        ([0.1, 0.5, 0.8], "2023-07-23", "2024-07-23"),
        ([0.1, 0.8, 0.8], "2023-07-23", "2023-07-23"),
        ([0.0, 0.49, 0.79], "2024-07-23", None),
        ([0.0, 0.0, 0.49], None, None),
    ],
)
def test_50_and_80_percent_are_reached_on_the_first_day_that_has_them(summary, joint, half, most):
    curve = summary.curve._replace(joint=np.array(joint))
    document = summary_document(summary._replace(curve=curve))
    assert (document["reached_50"], document["reached_80"]) == (half, most)


def test_attainment_weighs_scores_by_people_and_has_no_spread_of_four(document):
    points = document["attainment"]
    assert [point["date"] for point in points] == ["2023-01-01", "2023-06-15", "2024-06-15"]
    # four of five people live in barat: 700 and 600 points at the start
    means = [0.68, (0.824 + 0.824 + 0.728 + 0.748) / 4, (0.86 + 0.838 + 0.844 + 0.916) / 4]
    assert [point["mean"] for point in points] == pytest.approx(means, abs=1e-9)
    assert all(point["p10"] is None and point["p90"] is None for point in points)


def test_categories_are_shares_of_all_futures_those_without_an_award_among_them(document):
    found = {
        (city, year): [document["categories"][city][year][name] for name in CATEGORIES]
        for city in ("barat", "timur")
        for year in ("2023", "2024")
    }
    assert found == {
        ("barat", "2023"): [0, 0, 0, 0.5, 0.5, 0, 0],
        ("barat", "2024"): [0, 0, 0, 0, 0.5, 0.25, 0.25],
        ("timur", "2023"): [0, 0, 0, 0.25, 0.75, 0, 0],
        ("timur", "2024"): [0, 0, 0, 0.25, 0.5, 0, 0.25],
    }


def test_money_is_the_mean_rupiah_of_each_account_and_year(document):
    assert {
        (account, year): [amounts[field] / MILLION for field in FIELDS]
        for account, years in document["money"].items()
        for year, amounts in years.items()
    } == {
        ("province", "2023"): [400, 360, 357, 0, 3],
        ("province", "2024"): [200, 180, 181, 1, 1],
        ("barat", "2023"): [100, 90, 88, 2, 0],
        ("barat", "2024"): [100, 90, 88, 0, 2],
        ("timur", "2023"): [0, 0, 0, 0, 0],
        ("timur", "2024"): [100, 90, 87, 3, 0],
    }


def test_waiting_is_mean_days_by_place_and_cause(document):
    assert {
        place: [days[cause] for cause in CAUSES] for place, days in document["waiting_days"].items()
    } == {
        "province": [0, 0, 0.25, 0, 0],
        "barat": [3, 0, 3, 0, 0],
        "timur": [0, 0, 0, 0, 6],
    }


def test_a_cause_that_held_up_nobody_has_a_share_of_nothing(document):
    shares = [document["waiting_shares"][cause] for cause in CAUSES]
    assert shares == [0.25, 0, 0.75, 0, 1]


def test_posts_zones_and_sleep_are_means_over_the_futures(document):
    posts = document["posts"]["province/facilitators"]
    assert posts == {"busy": 130.0, "filled": 702.0, "vacant": 1.5}
    assert document["dormant_days"] == {"barat": 2.0, "timur": 1.25}
    assert document["launches"] == {
        "barat": {"2023": 0.5, "2024": 1.0},
        "timur": {"2023": 0.75, "2024": 0.25},
    }


def test_of_four_futures_the_middle_score_is_said_and_no_spread(summary):
    # the cycle of 2024 published three times: 850, 850, 940 and 900, 790, 820
    assert summary.verified[:, :, 1].tolist() == [[730.0, 850.0], [820.0, 820.0]]
    assert summary.claimed[:, :, 1].tolist() == [[780.0, 900.0], [870.0, 870.0]]
    assert np.isnan(summary.verified[:, :, [0, 2]]).all()


def copies(futures, n):
    return Replications(*(np.concatenate([array] * n) for array in futures))


@pytest.mark.parametrize(("n_copies", "is_known"), [(12, False), (13, True)])
def test_from_50_futures_on_the_tenths_on_both_sides_are_said(n_copies, is_known):
    plan = four_futures.plan()
    summary = summarised(plan, copies(four_futures.futures(plan), n_copies))
    first = summary.verified[:, 0]  # of 48 or 52 futures; the second year's are 36 or 39
    if is_known:
        assert first.tolist() == [[730.0, 730.0, 820.0], [720.0, 820.0, 840.0]]
        point = summary.attainment[1]
        assert (point.p10, point.p90) == pytest.approx((0.728, 0.824))
    else:
        assert first[:, 1].tolist() == [730.0, 820.0]
        assert np.isnan(first[:, [0, 2]]).all()
        assert math.isnan(summary.attainment[1].p10)
    assert np.isnan(summary.verified[:, 1][:, [0, 2]]).all()


def test_tenths_are_those_of_the_ordered_scores():
    plan = four_futures.plan()
    futures = copies(four_futures.futures(plan), 25)
    futures.verified[:, 0, 0] = np.arange(700.0, 800.0)[::-1]
    summary = summarised(plan, futures)
    assert summary.verified[0, 0].tolist() == [709.0, 749.0, 789.0]  # the 10th, 50th, 90th of 100


def test_two_worlds_share_the_futures_by_turns():
    plan = four_futures.plan(worlds=2)
    summary = summarised(plan, four_futures.futures(plan))
    document = summary_document(summary)
    assert known(document["odds"]["all_cities"]) == (0.7, "conditional_clustered", 4)
    assert document["worlds"] == {
        "n": 2, "p10": None, "p50": None, "p90": None, "share_of_variance": None,
        "withheld": "few_futures",
    }  # fmt: skip
    tally = Tally(plan)
    tally.add(0, select_rows(four_futures.futures(plan), slice(0, 1)))
    tally.add(1, select_rows(four_futures.futures(plan), slice(1, 4)))
    chances, sizes = tally.chances_by_world()
    assert chances.tolist() == pytest.approx([1.0 + 0.8, 0.2 + 0.8])
    assert sizes.tolist() == [2.0, 2.0]
    assert tally.n == 4
    assert tally.odds == pytest.approx(0.7)
