"""Tiles and the cloud of cost and date as data: where regions lie, who arrives, what is reached."""

import csv
import io

import invented
import numpy as np
import pytest

from kla_sim import language
from kla_sim.analysis.summary import CostAndDate
from kla_sim.report.arrival_figures import cost_and_date, frontier
from kla_sim.report.drawing import draw, to_csv
from kla_sim.report.tile_figures import tile_map

SIX = [
    "Jakarta Pusat", "Jakarta Utara", "Jakarta Barat", "Jakarta Selatan", "Jakarta Timur",
    "Kepulauan Seribu",
]  # fmt: skip


@pytest.fixture(autouse=True)
def english():
    language.use("en")


def read_csv(figure):
    return list(csv.DictReader(io.StringIO(to_csv(figure).decode())))


def test_the_six_regions_lie_as_on_a_map():
    figure = tile_map(invented.summary([500] * 6, 10, names=SIX), "")
    at = dict(zip(figure.tile_labels, figure.places, strict=True))
    middle = at["Jakarta Pusat"]
    assert at["Jakarta Utara"] == (middle[0] - 1, middle[1])
    assert at["Jakarta Selatan"] == (middle[0] + 1, middle[1])
    assert at["Jakarta Barat"] == (middle[0], middle[1] - 1)
    assert at["Jakarta Timur"] == (middle[0], middle[1] + 1)
    assert at["Kepulauan Seribu"][0] < at["Jakarta Utara"][0]


def test_regions_are_known_by_any_spelling_of_their_names():
    names = ["Kota Adm. Jakarta Pusat", "KOTA ADMINISTRASI JAKARTA TIMUR"]
    figure = tile_map(invented.summary([500] * 2, 10, names=names), "")
    assert (figure.places, figure.n_rows, figure.n_columns) == (((2, 1), (2, 2)), 4, 3)


@pytest.mark.parametrize(
    ("n", "size", "last"),
    [(1, (1, 1), (0, 0)), (5, (2, 3), (1, 1)), (12, (3, 4), (2, 3)), (60, (10, 6), (9, 5)),
     (70, (10, 6), (9, 5))],
)  # fmt: skip
def test_other_regions_stand_in_their_order_in_a_grid(n, size, last):
    figure = tile_map(invented.summary([500] * n, 10, names=[f"Kota {k}" for k in range(n)]), "")
    assert (figure.n_rows, figure.n_columns) == size
    assert figure.shown().places[-1] == last
    assert len(figure.table().rows) == n * 5 * 6


def test_a_tile_holds_the_categories_on_the_last_day_of_each_year():
    summary = invented.summary()
    figure = tile_map(summary, "footer")
    assert figure.year_labels == ("2022", "2023", "2024", "2025", "2026")
    # an award of July holds from then on: the year's end has what the curve has from that day
    np.testing.assert_array_equal(figure.shares, summary.curve.standing.transpose(1, 0, 2))
    rows = read_csv(figure)
    assert list(rows[0]) == ["city", "year", "category", "share"]
    assert float(rows[6]["share"]) == summary.curve.standing[1, 0, 0]


def test_a_tile_says_what_is_likeliest_and_the_odds_of_the_target():
    summary = invented.summary()
    standing = np.zeros_like(summary.curve.standing)
    standing[..., 3] = 0.6
    standing[..., 4] = 0.4
    standing[:, 1] = [0, 0, 0, 0.3, 0.5, 0.2]
    figure = tile_map(summary._replace(curve=summary.curve._replace(standing=standing)), "")
    assert [labels[-1] for labels in figure.likeliest_labels] == [
        "nindya 60 %", "utama 50 %", "nindya 60 %",
    ]  # fmt: skip
    assert figure.reached_labels == ("≥ utama: 40 %", "≥ utama: 70 %", "≥ utama: 45 %")
    assert figure.title == "On 31 December 2026, 1 of 3 regions most likely hold utama or above"
    assert figure.alt == (
        f"{figure.title}. Jakarta Pusat: nindya 60 %; Jakarta Utara: utama 50 %; "
        "Jakarta Barat: nindya 60 %."
    )


def cloud(day, spent, budget=10e9):
    """Return the cloud of a few futures."""
    summary = invented.summary(n=1000)
    costs = CostAndDate(
        budget, np.array(spent, dtype=float), np.array(day), invented.odds(300, 1000), 0.25
    )
    return cost_and_date(summary._replace(costs=costs), "footer")


def test_the_frontier_is_the_least_cost_that_holds_a_share_of_all_futures_by_each_day():
    day = np.array([100, 100, 200, 200, -1])
    spent = np.array([5.0, 3.0, 1.0, 9.0, 2.0])
    # two of five by day 100 need 5; by day 200 the two cheapest of four need 3
    assert frontier(day, spent, 0.4).tolist() == [[100.0, 5.0], [200.0, 3.0]]
    assert frontier(day, spent, 0.6).tolist() == [[200.0, 5.0]]
    assert frontier(day, spent, 0.8).tolist() == [[200.0, 9.0]]
    assert frontier(day, spent, 0.81).tolist() == []
    assert frontier(np.full(3, -1), np.ones(3), 0.5).tolist() == []


def test_futures_are_told_by_day_of_arrival_and_those_that_never_do_apart():
    figure = cloud([250, -1, 250, 617, -1, -1, -1, -1], [1e9] * 8)
    assert figure.day_labels == (
        (-1, "never by the end", "62 %"), (250, "Jul 2023", "25 %"), (617, "Jul 2024", "12 %"),
    )  # fmt: skip
    rows = read_csv(figure)
    assert [row["date"] for row in rows[:4]] == ["2023-07-22", "", "2023-07-22", "2024-07-23"]
    assert figure.quadrant_label == "In time and within the budget: 30 % (27-33 %)"
    assert figure.budget.label == "Budget Rp 10.0 billion (exceeded in 25 % of futures)"
    assert figure.frontiers == ()
    assert figure.frontier_note == (
        "A joint confidence of 50 %, 70 %, 80 % is reached on no day and at no cost up to the end."
    )


def test_a_level_that_is_reached_has_a_line_and_the_others_are_named():
    figure = cloud([250] * 7 + [-1] * 3, range(10))
    assert [label for label, _ in figure.frontiers] == [
        "joint confidence of 50 %", "joint confidence of 70 %",
    ]  # fmt: skip
    assert figure.frontiers[1][1].tolist() == [[250.0, 6.0]]
    assert "of 80 % is reached" in figure.frontier_note


@pytest.mark.parametrize(
    ("spent", "low"), [([4e9, 9e9], 4e9), ([3.9e9, 9e9], 0.0), ([0.0, 0.0], 0.0)]
)
def test_the_axis_of_cost_leaves_out_what_no_future_costs_and_says_so(spent, low):
    figure = cloud([250, -1], spent)
    assert (figure.y.low, figure.y.high) == (low, 10e9)
    assert ("(from 4 on)" in figure.y.label) == (low > 0)


def test_of_a_plan_without_money_the_cloud_is_drawn_as_well():
    for day in ([-1, -1], [0, 0]):
        draw(cloud(day, [0.0, 0.0], budget=0.0))
