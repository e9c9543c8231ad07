"""The tornado of what would have been but for one thing: rows, title, axis and table."""

import csv
import io

import invented
import numpy as np
import pytest

from kla_sim import language
from kla_sim.analysis.estimate import Estimate
from kla_sim.report.drawing import draw, to_csv
from kla_sim.report.tornado_figures import but_for_tornado
from kla_sim.report.waiting_figures import waiting


@pytest.fixture(autouse=True)
def english():
    language.use("en")


def gain(value, half):
    return Estimate(value, value - half, value + half, 0.95, "paired", 1000)._asdict()


def case(relieved, points, half=0.01, subject="", rescued=0, harmed=0):
    """Return an entry of `but_for`; the number of regions grows ten times as fast as the odds."""
    return {
        "relieved": relieved, "subject": subject, "rescued": rescued, "of_failed": 900,
        "harmed": harmed, "of_met": 100, "odds": 0.1 + points, "difference": gain(points, half),
        "expected_cities": gain(10 * points, 10 * half), "price": 0, "price_of_a_point": None,
    }  # fmt: skip


CASES = [
    case("calendar", 0.07, rescued=80, harmed=10),
    case("pool", 0.004, subject="facilitators", rescued=5, harmed=1),
    case("account", -0.03, subject="accounts.province", harmed=30),
]


def drawn(cases=CASES, *, is_rare=False):
    return but_for_tornado(cases, invented.scenario(), "footer", is_rare=is_rare)


def test_gains_are_points_with_their_intervals_and_the_futures_they_turn():
    figure = drawn()
    np.testing.assert_allclose(figure.points, [[6, 7, 8], [-0.6, 0.4, 1.4], [-4, -3, -2]])
    assert figure.is_shown == (True, False, True)
    assert figure.count_labels == (("+7.0", "80", "10"), ("+0.4", "5", "1"), ("-3.0", "0", "30"))
    assert figure.footer == (
        "Rescued: of 900 futures that fail; harmed: of 100 that succeed; one thing is relieved "
        "at a time. footer"
    )
    rows = list(csv.DictReader(io.StringIO(to_csv(figure).decode())))
    assert rows[1]["subject"] == "facilitators"
    assert (float(rows[0]["points_low"]), float(rows[0]["rescued"])) == (pytest.approx(6.0), 80.0)


def test_its_title_names_what_adds_most_of_what_is_shown_to_add():
    assert drawn().title == (
        "What adds most if it is relieved: every evaluation on time, "
        "+7.0 percentage points (6.0 to 8.0)"
    )
    assert drawn(CASES[1:]).title == "No single relief is shown to add anything"
    assert "one post more: Fasilitator Kaltara" in drawn().row_labels[1]


def test_where_odds_are_rare_regions_are_drawn():
    figure = drawn(is_rare=True)
    np.testing.assert_allclose(figure.points[0], [0.6, 0.7, 0.8])
    assert figure.count_labels[0][0] == "+0.700"
    assert figure.table().columns[2:5] == ("regions_low", "regions", "regions_high")
    assert figure.title.endswith("+0.700 regions (0.600 to 0.800)")


@pytest.mark.parametrize(
    ("points", "ends"),
    [((0.07, -0.03), (-10, 10)), ((0.07, 0.0), (-2, 10)), ((0.004, 0.0), (-2, 2)),
     ((0.0, -0.3), (-50, 10))],
)  # fmt: skip
def test_its_axis_ends_at_fixed_places(points, ends):
    figure = drawn([case("calendar", value) for value in points])
    assert (figure.x.low, figure.x.high) == pytest.approx(ends)
    assert 0.0 in [tick.place for tick in figure.x.ticks]


def test_of_many_reliefs_the_first_are_drawn_and_all_are_in_the_table():
    figure = drawn([case("calendar", 0.3 - 0.01 * place) for place in range(40)])
    assert len(figure.shown().row_labels) == len(figure.shown().points) == 25
    assert len(figure.table().rows) == 40
    assert figure.footer.startswith("Drawn: 25 of 40 reliefs, the largest; all are in the CSV. ")
    draw(figure)


def test_what_relief_adds_stands_beside_the_causes_of_waiting():
    summary = invented.summary()
    days = np.zeros_like(summary.wait_days)
    days[1:, invented.CAUSES.index("facilitators")] = 800.0
    days[1:, invented.CAUSES.index("account:city")] = 400.0
    summary = invented.with_means(summary, wait_days=days)
    money = [
        case("account", points, subject=f"accounts.cities.{city}")
        for city, points in (("jakarta_pusat", 0.001), ("jakarta_utara", 0.002))
    ]
    figure = waiting(summary, invented.scenario(), "", [*CASES, *money])
    assert figure.title.endswith("; if it is relieved: +0.4 percentage points (-0.6 to 1.4)")
    assert figure.series_labels == (
        "Fasilitator Kaltara (Sudin PPAPP) (relieved: +0.4 points)",
        "region money (relieved: +0.2 points)",  # the larger of the two
    )
    plain = waiting(summary, invented.scenario(), "")
    assert "relieved" not in plain.title + " ".join(plain.series_labels)
