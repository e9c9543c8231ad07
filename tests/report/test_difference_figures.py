"""The plot of paired differences: which numbers it holds, what it is called, how much is drawn."""

import csv
import io

import invented
import numpy as np
import pytest

from kla_sim import language
from kla_sim.analysis.differences import Differences, HalfDates
from kla_sim.analysis.estimate import Estimate
from kla_sim.report.difference_figures import compare_differences
from kla_sim.report.drawing import to_csv

NEVER = HalfDates(None, None, None, 0.0, 0.0)


@pytest.fixture(autouse=True)
def english():
    language.use("en")


def estimate(value, half):
    return Estimate(value, value - half, value + half, 0.95, "paired_clustered", 1000)


def found(odds, expected, n_cities=3):
    """Differences of the odds, and as large ones in every city with a half-width of 1 point."""
    return Differences(
        odds=odds,
        counted=odds,
        won=0,
        lost=0,
        expected_cities=expected,
        cities=[estimate(0.01 * (place + 1), 0.01) for place in range(n_cities)],
        half_dates=[NEVER] * (n_cities + 1),
        spent=estimate(0.0, 1.0),
        needed_odds=None,
        needed_expected=None,
    )


def drawn(*pairs, is_rare=False):
    names = ["Base", *"ABCDEFGHIJ"[: len(pairs)]]
    summaries = [invented.summary(joint_hits=100 + 10 * place) for place in range(len(names))]
    return compare_differences(summaries, list(pairs), names, invented.CAPTION, is_rare=is_rare)


def test_it_holds_every_plan_against_the_first_in_points():
    figure = drawn(found(estimate(0.02, 0.005), estimate(0.1, 0.2)))
    rows = list(csv.DictReader(io.StringIO(to_csv(figure).decode())))
    assert [row["city"] for row in rows][:2] == ["all_cities", "city_0"]
    assert [row["run"] for row in rows] == ["A"] * 4
    np.testing.assert_allclose(figure.points[0, 0], [1.5, 2.0, 2.5])
    np.testing.assert_allclose(figure.points[0, 1:, 1], [1, 2, 3])
    assert (figure.x.low, figure.x.high, figure.level) == (0.0, 4.0, 0.0)
    assert figure.x.label == "Difference in odds from Base, percentage points"


def test_its_title_names_the_largest_difference_that_is_shown():
    unsure = found(estimate(0.05, 0.06), estimate(0.3, 0.1))
    sure = found(estimate(-0.02, 0.005), estimate(0.1, 0.05))
    assert drawn(unsure, sure).title == (
        "Largest difference: B, -2.0 percentage points (-2.5 to -1.5)"
    )
    assert drawn(unsure).title == "No plan is shown to differ from Base"


def test_where_odds_are_rare_its_title_goes_by_the_number_of_regions():
    assert drawn(found(estimate(0.001, 0.002), estimate(0.3, 0.1)), is_rare=True).title == (
        "Largest difference: A, +0.300 regions (0.200 to 0.400)"
    )


def test_of_many_plans_those_with_the_best_odds_are_drawn():
    figure = drawn(*[found(estimate(0.02, 0.005), estimate(0.1, 0.2))] * 9)
    assert figure.drawn_series == (2, 3, 4, 5, 6, 7, 8)
    assert figure.shown().series_keys == tuple("CDEFGHI")
    assert len(figure.table().rows) == 9 * 4
