"""Figures of fits and back tests as data, from small ones whose right values stand here."""

import csv
import io
from itertools import product

import numpy as np
import pytest

from kla_sim import language
from kla_sim.analysis.forecast_scores import CalibrationBand
from kla_sim.experiment.backtest import BackTest, Forecasts, score
from kla_sim.experiment.calibrate import Calibration, PredictiveCheck
from kla_sim.experiment.joint import JointBackTest, JointTest
from kla_sim.report.backtest_figures import backtest_makers
from kla_sim.report.calibration_figures import calibration_makers
from kla_sim.report.drawing import to_csv, write_figures
from kla_sim.report.joint_figures import joint_makers

FORECASTERS = ("model", "independent_places", "table_of_moves")
CHECKS = (
    PredictiveCheck("total", 2022, "utama", 8.0, 2.0, 5.0, 9.0),
    PredictiveCheck("total", 2022, "none", 300.0, 150.0, 180.0, 210.0),
    PredictiveCheck("total", 2023, "none", 155.0, 120.0, 160.0, 190.0),
    PredictiveCheck("move", 2023, "rise", 0.3, 0.2, 0.25, 0.4),
)


def fitted():
    return Calibration(
        rows=(),
        meta={"fitted_until": 2023, "left_out": [], "seed": 7},
        parameters={"volatility": (10.0, 20.0, 40.0), "kota_rate": (-1.0, 1.0, 3.0)},
        prior={"volatility": (5.0, 10.0, 20.0), "kota_rate": (-1.0, 0.0, 1.0)},
        r_hat={},
        effective={},
        accepted=0.2,
        checks=CHECKS,
        sensitivity=(),
        notices=(),
    )


def forecasts(n=6):
    """Return forecasts that give what came a half, and a table that gives it a quarter."""
    outcome = np.zeros(n, dtype=np.int64)
    given = {"model": 0.5, "pooled": 0.5, "logit": 0.5, "table_of_moves": 0.25, "no_change": 0.25}
    chances = {name: np.tile([part, *[(1 - part) / 4] * 4], (n, 1)) for name, part in given.items()}
    year = np.array([2022] * (n - 1) + [2023])
    return Forecasts(np.arange(n), year, outcome, outcome, chances)


def scored():
    one, other = forecasts(6), forecasts(4)
    return BackTest(score(one), score(other), one, other, (), 0)


class Case:
    """As much of a case as is counted."""

    def __init__(self, province):
        self.province = province


def joint_test(n_cases):
    band = CalibrationBand(0.0, 0.2, 0.1, 0.3, n_cases, 0.05, 0.25)
    return JointTest(
        cases=tuple(Case(f"Provinsi {number % 4}") for number in range(n_cases)),
        log_score={}, rps={}, all_log_score={}, differences={},
        pit={name: [0.1, 0.2, 0.3, 0.2, 0.2] for name in FORECASTERS},
        pit_band=(0.05, 0.35),
        all_bands={name: [band] for name in FORECASTERS},
        thin=(), unfitted=(),
    )  # fmt: skip


def rows_of(figure):
    return list(csv.DictReader(io.StringIO(to_csv(figure).decode())))


def test_a_number_moves_in_deviations_of_its_prior_on_the_scale_of_the_prior():
    with language.speaking("en"):
        figure = calibration_makers(fitted())["parameters"]()
    assert figure.title.startswith("Seeing the record moves 2 of 2 numbers")
    before, after = figure.points
    assert before[0] == pytest.approx([-1.6449, 0.0, 1.6449], abs=1e-4)
    assert after[0] == pytest.approx([0.0, 1.6449, 3.2897], abs=1e-4)  # doubled, on a log scale
    assert after[1] == pytest.approx([-1.6449, 1.6449, 4.9346], abs=1e-4)
    row = rows_of(figure)[2]
    assert (row["range"], row["parameter"]) == ("posterior", "volatility")
    assert [row[name] for name in ("p5", "p50", "p95")] == ["10.0", "20.0", "40.0"]


def test_a_number_that_stays_within_a_deviation_of_its_prior_is_not_counted_as_moved():
    near = fitted()._replace(
        parameters={"volatility": (5.0, 6.0, 20.0), "kota_rate": (-1.0, 0.6, 3.0)}
    )
    with language.speaking("en"):
        title = calibration_makers(near)["parameters"]().title
    assert title.startswith("Seeing the record moves 1 of 2 numbers")  # -1.21 and +0.99 deviations


def test_totals_stand_by_category_and_those_outside_are_counted():
    with language.speaking("en"):
        figure = calibration_makers(fitted())["totals"]()
    assert figure.panel_keys == ("none", "utama")
    assert figure.cycle_labels == ("2022", "2023")
    assert figure.points[0, 0].tolist() == [[150.0, 180.0, 210.0], [120.0, 160.0, 190.0]]
    assert figure.points[1, 1, 0].tolist() == [8.0] * 3
    assert np.isnan(figure.points[:, 1, 1]).all()
    assert "1 of 3 numbers of the record" in figure.title
    assert [axis.high for axis in figure.panel_axes] == [300.0, 10.0]


def test_the_score_of_an_evaluation_has_the_interval_of_its_places():
    figure = backtest_makers(scored())["score_by_evaluation"]()
    assert figure.series_keys == ("left_out", "rolling")
    better = -np.log(0.5) + np.log(0.25)
    assert figure.points[:, 0] == pytest.approx(np.full((2, 3), better))
    assert [row["n"] for row in rows_of(figure)] == ["5.0", "1.0", "3.0", "1.0"]
    alone = figure.points[0, 1]
    assert alone[1] == pytest.approx(better)
    assert np.isnan(alone[[0, 2]]).all()  # of one place there is no interval


def test_the_interval_of_an_evaluation_is_as_wide_as_few_places_ask():
    one = forecasts(4)
    one.chances["model"][:3, 0] = (0.25, 0.5, 0.75)
    found = backtest_makers(BackTest(score(one), None, one, None, (), 0))
    low, middle, high = found["score_by_evaluation"]().points[0, 0]
    by_hand = np.log(0.25) - np.log([0.25, 0.5, 0.75])
    half = 4.302653 * by_hand.std(ddof=1) / np.sqrt(3)  # Student's t with 2 degrees, 97.5 %
    assert middle == pytest.approx(by_hand.mean())
    assert (middle - low, high - middle) == pytest.approx((half, half))


def test_a_title_counts_the_evaluations_of_both_ways():
    better, worse = forecasts(6), forecasts(4)
    worse.chances["table_of_moves"][:] = 0.75
    tested = BackTest(score(better), score(worse), better, worse, (), 0)
    alone = tested._replace(rolling=None, rolling_forecasts=None)
    with language.speaking("en"):
        titles = [backtest_makers(one)["score_by_evaluation"]().title for one in (tested, alone)]
    assert "in 1 of 4 evaluations tested" in titles[0]
    assert titles[0].endswith("worse in 1")
    assert "in 1 of 2 evaluations tested" in titles[1]
    assert titles[1].endswith("worse in 0")


def test_a_title_counts_the_groups_of_chances_of_both_ways_of_single_places():
    with language.speaking("en"):
        figure = backtest_makers(scored())["calibration"]()
    n_groups = [len(points) for points in figure.points]
    assert min(n_groups) > 0
    assert f"of {sum(n_groups)} groups of the chances" in figure.title


def test_a_title_counts_the_groups_of_chances_and_the_fifths_of_both_ways():
    ahead = joint_test(18)
    ahead.pit["model"][:] = (0.45, 0.2, 0.15, 0.15, 0.05)  # the first lies above, the last on it
    ahead.all_bands["model"][0] = ahead.all_bands["model"][0]._replace(observed=0.2)
    made = joint_makers(JointBackTest(joint_test(25), ahead))
    with language.speaking("en"):
        assert "in 9 of 10 fifths of the model's forecasts" in made["joint_pit"]().title
        assert made["joint_calibration"]().title.endswith(
            "in 1 of 2 groups of the chances that the model gave"
        )


def test_a_footer_counts_the_cases_of_each_way_apart():
    with language.speaking("en"):
        figures = [
            make() for make in joint_makers(JointBackTest(joint_test(25), joint_test(18))).values()
        ]
    for figure in figures:
        assert figure.footer.startswith(
            "25 cases of 4 provinces (provinces left out); "
            "18 cases of 4 provinces (rolling in time)."
        )
        assert figure.panel_keys == tuple(product(("joint_left_out", "joint_rolling"), FORECASTERS))


def test_the_numbers_of_joint_figures_are_those_of_the_test():
    made = joint_makers(JointBackTest(joint_test(25), None))
    fifths = rows_of(made["joint_pit"]())
    assert [float(row["share"]) for row in fifths[:5]] == [0.1, 0.2, 0.3, 0.2, 0.2]
    assert {(row["band_low"], row["band_high"]) for row in fifths} == {("0.05", "0.35")}
    assert rows_of(made["joint_calibration"]())[2] == {
        "way": "joint_left_out", "forecast_by": "table_of_moves", "forecast": "0.1",
        "observed": "0.3", "n": "25", "band_low": "0.05", "band_high": "0.25",
    }  # fmt: skip


@pytest.mark.parametrize("spoken", ["id", "en"])
def test_every_figure_is_drawn_beside_one_table_of_its_numbers(tmp_path, spoken):
    with language.speaking(spoken):
        makers = {
            **calibration_makers(fitted()),
            **backtest_makers(scored()),
            **joint_makers(JointBackTest(joint_test(25), joint_test(18))),
        }
        drawn = write_figures(makers, tmp_path)
    assert drawn.missing == {}
    assert {path.name for path in drawn.written} == {
        name
        for figure in makers
        for name in (f"{figure}.csv", f"{figure}.{spoken}.svg", f"{figure}.{spoken}.png")
    }
