"""The figures of `solve`: the numbers that they draw, the lines they have, and their words."""

import numpy as np
import pytest
from invented import CAPTION
from test_drawing import _check_texts

from kla_sim import language
from kla_sim.analysis.crossings import Crossing, Curve, Point
from kla_sim.analysis.estimate import Estimate
from kla_sim.experiment.solve import Goal, Map, Question, Solution
from kla_sim.report.drawing import write_figures
from kla_sim.report.solve_figures import curve_makers, lever_curve, lever_map, map_makers
from kla_sim.report.solve_words import answer, first_reached, map_lines, narrow_lines
from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.shipped import shipped_scenario
from kla_sim.scenario.varying import read_lever

PATH = shipped_scenario("kaltara_2022")
LOADED = read_scenario(PATH)


@pytest.fixture(autouse=True)
def _english():
    language.use("en")


def estimate(value):
    return Estimate(value, value - 0.05, value + 0.05, 0.95, "known", 100)


def question(level, *levers):
    found = tuple(read_lever(LOADED.scenario, *lever) for lever in levers)
    return Question(LOADED, PATH, (), Goal("odds", level), found, 100, 1, "compiled", 1)


MONEY, POSTS = ("accounts", "1:3"), ("resources.facilitators.capacity", "2:4")
POINTS = [Point(1.0, estimate(0.3)), Point(2.0, estimate(0.5)), Point(3.0, estimate(0.4))]
CROSSINGS = [Crossing(1.5, 1.25, None, True, True), Crossing(3.0, 2.5, 3.0, False, False)]
SOLVED = Solution(Curve(POINTS, CROSSINGS), False, (46_830_000_000, 70_245_000_000), 30e9, [])
MAP = Map(
    ([1.0, 2.0, 3.0], [2.0, 3.0, 4.0]),
    [[estimate(0.1 * i + 0.2 * j) for j in range(3)] for i in range(1, 4)],
)


def test_the_curve_holds_points_and_crossings_an_open_end_at_the_end_of_the_axis():
    figure = lever_curve(question(0.4, MONEY), SOLVED, "")
    rows = figure.table().rows
    assert rows[1] == ("curve", 2.0, 0.45, 0.5, 0.55)
    assert rows[3] == ("crossing", 1.5, 1.25, 0.4, 3.0)
    assert figure.title == "For joint odds of 40 %, accounts takes at least 1.50 times"


def test_low_odds_are_drawn_on_the_lowest_fifth():
    low = [Point(value, estimate(0.1)) for value in (1.0, 3.0)]
    solution = SOLVED._replace(curve=Curve(low, []))
    assert lever_curve(question(0.15, MONEY), solution, "").y.high == 0.2
    assert lever_curve(question(0.4, MONEY), solution, "").y.high == 1.0


def test_a_map_names_the_lines_that_it_reaches_and_says_which_it_does_not():
    figure = lever_map(question(0.5, MONEY, POSTS), MAP, "")
    assert [(tick.place, tick.label) for tick in figure.levels] == [
        (0.5, "joint odds of 50 %"), (0.7, "70 %"), (0.8, "80 % (not reached on this map)"),
    ]  # fmt: skip
    assert figure.points.shape == (3, 3, 3)
    assert np.allclose(figure.points[2, 1], (0.45, 0.5, 0.55))


def test_the_title_of_a_map_claims_the_goal_only_where_it_is_reached():
    levers = "accounts and resources.facilitators.capacity"
    reached = lever_map(question(0.5, MONEY, POSTS), MAP, "").title
    assert reached == f"Where {levers} reach joint odds of 50 %"
    missed = lever_map(question(0.9, MONEY, POSTS), MAP, "").title
    assert missed == f"No values of {levers} on this map reach joint odds of 90 %"


def test_between_the_points_of_a_map_the_least_lies_on_a_straight_line():
    assert first_reached([1.0, 2.0, 3.0], [0.1, 0.3, 0.7], 0.4, is_whole=False) == 2.25
    assert first_reached([1.0, 2.0, 3.0], [0.1, 0.3, 0.7], 0.4, is_whole=True) == 3.0
    assert first_reached([1.0, 2.0], [0.5, 0.3], 0.4, is_whole=False) == 1.0
    assert first_reached([1.0, 2.0], [0.1, 0.3], 0.4, is_whole=False) is None
    told = map_lines(question(0.5, MONEY, POSTS), MAP)
    assert told[1:] == [
        "  resources.facilitators.capacity 2: not enough within the range",
        "  resources.facilitators.capacity 3: 3.00 times",
        "  resources.facilitators.capacity 4: 1.00 times",
    ]


def test_the_answer_says_the_least_what_falls_again_and_what_it_costs():
    told = answer(question(0.4, MONEY), SOLVED)
    assert told[:4] == [
        "For joint odds of 40 %, accounts takes at least 1.50 times "
        "(95% interval: 1.25 times to above the range).",
        "More is not always better: at 3.00 times (95% interval: 2.50 times to 3.00 times) "
        "it falls below again.",
        "Between these points the curve runs so close to the goal that the futures counted do not "
        "tell on which side it lies.",
        "Budget of all accounts and years: Rp 70.2 billion there, Rp 46.8 billion as planned; "
        "spent on average Rp 30.0 billion.",
    ]


def test_both_figures_are_written_in_full(tmp_path):
    makers = {
        **curve_makers(question(0.4, MONEY), SOLVED, CAPTION),
        **map_makers(question(0.5, MONEY, POSTS), MAP, CAPTION),
    }
    assert write_figures(makers, tmp_path).missing == {}
    assert len(list(tmp_path.iterdir())) == 6


def test_texts_stay_on_the_sheet_and_apart():
    _check_texts(
        [
            lever_curve(question(0.4, MONEY), SOLVED, CAPTION.footer()),
            lever_map(question(0.5, MONEY, POSTS), MAP, CAPTION.footer()),
        ]
    )


def test_values_at_which_odds_leave_no_room_for_unseen_worlds_are_named():
    rare = Estimate(0.004, 0.001, 0.009, 0.95, "known", 100)
    points = [Point(1.0, rare), Point(2.0, estimate(0.5)), Point(3.0, rare)]
    solved = SOLVED._replace(curve=Curve(points, []))
    asked = question(0.5, MONEY)._replace(replications=2_000)
    assert narrow_lines(asked, solved) == [
        "Intervals that may be narrow, because of kinds of worlds rarer than 1.8 % none may be "
        "among these 200: 1.00 times, 3.00 times."
    ]
    regions = asked._replace(goal=Goal("regions", 3.0))
    assert narrow_lines(regions, solved) == narrow_lines(asked, SOLVED) == []
