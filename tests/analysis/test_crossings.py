"""Where a noisy curve reaches a level: roots that are known, crossings, whole numbers, coverage."""

import numpy as np
import pytest
from scipy.stats import norm

from kla_sim.analysis.crossings import trace_curve
from kla_sim.analysis.estimate import Estimate
from kla_sim.experiment.coverage.of_others import crossing_held

SCAN = [1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0]


def known(curve, half=0.02):
    """Return what estimates a curve of known heights, the interval as wide everywhere."""
    asked = []

    def estimate_at(value):
        asked.append(value)
        height = float(curve(value))
        return Estimate(height, height - half, height + half, 0.95, "known", 100)

    estimate_at.asked = asked
    return estimate_at


def test_a_straight_line_is_solved_exactly_with_the_ends_of_its_interval():
    """Height 0.2 + 0.2 (x - 1) reaches 0.5 at 2.5; +-0.02 there is +-0.1 along the line."""
    found = trace_curve(known(lambda x: 0.2 * x), SCAN, 0.5)
    (crossing,) = found.crossings
    assert crossing.value == pytest.approx(2.5, abs=1e-9)
    assert (crossing.low, crossing.high) == pytest.approx((2.4, 2.6), abs=1e-9)
    assert crossing.rises
    assert crossing.is_alone


def test_the_root_of_a_known_curve_is_found_in_few_points():
    estimate_at = known(lambda x: norm.cdf(2 * (x - 1.7)))
    (crossing,) = trace_curve(estimate_at, SCAN, 0.8).crossings
    root = 1.7 + norm.ppf(0.8) / 2
    slope = 2 * norm.pdf(norm.ppf(0.8))
    assert crossing.value == pytest.approx(root, abs=1e-3)
    assert crossing.high - crossing.low == pytest.approx(0.04 / slope, rel=0.05)
    assert len(estimate_at.asked) <= len(SCAN) + 6


def test_every_crossing_of_a_curve_that_turns_is_found():
    """More is not always better: up at 1.2, down again at 2.0, up at 2.8."""
    found = trace_curve(known(lambda x: 0.5 + (x - 1.2) * (x - 2.0) * (x - 2.8)), SCAN, 0.5)
    assert [one.value for one in found.crossings] == pytest.approx([1.2, 2.0, 2.8], abs=2e-3)
    assert [one.rises for one in found.crossings] == [True, False, True]
    assert all(one.is_alone for one in found.crossings)


def test_crossings_that_noise_alone_could_make_are_said_to_be_unclear():
    found = trace_curve(known(lambda x: 0.5 + 0.01 * np.sin(4 * x), half=0.05), SCAN, 0.5)
    roots = [np.pi / 2, 3 * np.pi / 4]
    assert [one.value for one in found.crossings] == pytest.approx(roots, abs=5e-3)
    assert not any(one.is_alone for one in found.crossings)
    assert all(one.low is None and one.high is None for one in found.crossings)


def test_an_interval_that_goes_beyond_the_range_has_no_end_there():
    (crossing,) = trace_curve(known(lambda x: 0.2 * x, half=0.3), SCAN, 0.5).crossings
    assert crossing.low is None
    assert crossing.high is None


def test_a_level_that_is_never_reached_leaves_the_best_point():
    found = trace_curve(known(lambda x: 0.6 - (x - 2.0) ** 2 / 10), SCAN, 0.7)
    assert found.crossings == []
    assert found.best.value == 2.0
    assert found.best.estimate.value == pytest.approx(0.6)


def test_a_level_met_everywhere_has_no_crossing():
    assert trace_curve(known(lambda x: 0.2 * x), SCAN, 0.1).crossings == []


def test_whole_numbers_are_tried_alone_and_the_first_that_suffices_is_named():
    """Heights 0.1 k: 0.55 lies between 5 and 6; +-0.02 reaches neither."""
    estimate_at = known(lambda k: 0.1 * k)
    (crossing,) = trace_curve(estimate_at, [1.0, 4.0, 7.0, 10.0], 0.55, is_whole=True).crossings
    assert (crossing.value, crossing.low, crossing.high) == (6.0, 6.0, 6.0)
    assert all(value == int(value) for value in estimate_at.asked)


def test_the_interval_of_whole_numbers_holds_all_that_may_be_the_first():
    """Heights 0.1 k +- 0.12: at 0.55, 5 may suffice (0.62) and 6 may not (0.48); 4 cannot."""
    estimate_at = known(lambda k: 0.1 * k, half=0.12)
    (crossing,) = trace_curve(estimate_at, [1.0, 4.0, 7.0, 10.0], 0.55, is_whole=True).crossings
    assert (crossing.value, crossing.low, crossing.high) == (6.0, 5.0, 7.0)


def test_the_interval_covers_the_true_root_as_often_as_it_says():
    """Of 200 samples 95 % promised; below 180 has a chance under 0.003."""
    assert crossing_held(200, seed=20221114) >= 180
