"""Figures as data: the numbers of the summary, fixed axes, complete texts."""

import csv
import io
import math

import invented
import numpy as np
import pytest

from kla_sim import language
from kla_sim.analysis.differences import Differences
from kla_sim.analysis.estimate import Estimate
from kla_sim.report.bar_charts import Bars, Columns
from kla_sim.report.comparison import compare_makers
from kla_sim.report.drawing import draw, to_csv
from kla_sim.report.figures import run_makers
from kla_sim.report.line_charts import Trend
from kla_sim.report.range_charts import Dots, Ranges
from kla_sim.report.time_charts import Arrivals

NAMES = invented.PLOTS


def figures_of(summary, scenario=None):
    figures = invented.made(run_makers(summary, scenario or invented.scenario(), invented.CAPTION))
    return {figure.name: figure for figure in figures}


def compared(*summaries, names=("A", "B", "C")):
    names = list(names[: len(summaries)])
    scenarios = [invented.scenario()] * len(summaries)
    figures = invented.made(compare_makers(list(summaries), scenarios, names, invented.CAPTION))
    return {figure.name: figure for figure in figures}


def read_csv(figure):
    return list(csv.DictReader(io.StringIO(to_csv(figure).decode())))


def test_a_run_has_its_figures_with_the_caption_in_their_footer():
    language.use("en")
    summary = invented.summary()
    province = summary.wait_days[0].sum()
    figures = figures_of(summary)
    assert list(figures) == NAMES
    caption = "Kaltara 2022-2026 · digest 0123abcd · seed 1 · 1,000 futures · kla_sim 0.1.0"
    assert {name: figure.footer for name, figure in figures.items()} == {
        **dict.fromkeys(NAMES, caption),
        "cost-and-date": "Each dot is one future (the first 1,000; shares and lines are counted "
        "from 1,000). Spending cannot exceed the year's budget after its shocks: a lack of money "
        f"shows as lateness. {caption}",
        "waiting": "Activities that wait at the same time count each for itself. Not with it is "
        f"the work of the province: {province:,.0f} days. {caption}",
        "tiles": "The category held at the end of each year; the layout of the regions is "
        f"simplified. {caption}",
        "categories": "Counted by the award of each evaluation. The odds on the deadline count "
        "the category held that day: where the last evaluation is cancelled or late, that of an "
        f"earlier one still stands. {caption}",
    }


def test_odds_over_time_are_the_curve_of_the_summary():
    summary = invented.summary()
    figure = figures_of(summary)["odds"]
    assert isinstance(figure, Arrivals)
    assert figure.joint.key == "all_cities"
    np.testing.assert_array_equal(figure.joint.values, summary.curve.joint)
    np.testing.assert_array_equal(figure.joint.ends[:-1], summary.curve.ends[:-1])
    odds = summary.all_cities
    assert figure.joint.ends[-1].tolist() == [odds.low, odds.high]
    for place, curve in enumerate(figure.others):
        np.testing.assert_array_equal(curve.days, summary.curve.days)
        np.testing.assert_array_equal(curve.values, summary.curve.cities[:, place])
        assert np.isnan(curve.ends[:-1]).all()
        assert curve.ends[-1].tolist() == [summary.cities[place].low, summary.cities[place].high]
    assert figure.deadline.place == summary.deadline_day


def test_without_kaltara_has_a_line_where_any_future_differs():
    summary = invented.summary()
    assert figures_of(summary)["odds"].without is None
    bare = summary.without_kaltara._replace(
        all_cities=invented.odds(120, 1000), difference=Estimate(0.18, 0.1, 0.2, 0.95, "", 1000)
    )
    line = figures_of(summary._replace(without_kaltara=bare))["odds"].without
    np.testing.assert_array_equal(line.values, summary.curve.without)
    assert line.label.endswith(": 12 %")


def test_a_curve_ends_with_the_odds_on_the_deadline_or_with_what_an_interval_allows():
    language.use("en")
    figure = figures_of(invented.summary((0, 700, 1000), 0))["odds"]
    assert [curve.label for curve in (*figure.others, figure.joint)] == [
        "Jakarta Pusat: <0.4 %", "Jakarta Utara: 70 %", "Jakarta Barat: >99.6 %",
        "All regions: <0.4 %",
    ]  # fmt: skip


def test_a_curve_says_on_which_day_it_reaches_a_half_and_four_fifths_or_that_it_never_does():
    language.use("en")
    figure = figures_of(invented.summary((400, 700, 900), 600, curve=(0, 0.2, 0.5, 0.6, 0.6)))
    joint = figure["odds"].joint
    assert [(reach.level, reach.day, reach.label) for reach in joint.reaches] == [
        (0.5, invented.AWARD_DAYS[1], "P50: 23 July 2024"),
        (0.8, None, "P80: not reached by 31 December 2026"),
    ]  # fmt: skip
    assert joint.rest_label == "40 % of futures are not there on 31 December 2026"
    # of a region from 0 to 90 % in equal steps: 22, 45, 68 and 90 %
    third = figure["odds"].others[2]
    assert [reach.label for reach in third.reaches] == ["P50: Jul 2025", "P80: Jul 2026"]
    held = figures_of(invented.summary((900,), 900, curve=(0.9, 0.9, 0.9, 0.9, 0.9)))["odds"]
    assert [reach.label for reach in held.joint.reaches] == [
        "P50: from the start", "P80: from the start",
    ]  # fmt: skip


def test_where_awards_follow_the_deadline_a_region_is_told_on_both_days():
    language.use("en")
    figure = figures_of(invented.summary((400, 700, 900), 100, deadline_day=400))["odds"]
    assert figure.others[0].label == "Jakarta Pusat: 40 % → 40 %"
    assert figure.footer.startswith(
        "Numbers of the regions: on the deadline → on 31 December 2026. "
    )
    assert figure.deadline.label == "Deadline 19 December 2023: 10 %"


def test_of_many_cities_the_twelve_weakest_have_a_panel_and_all_are_in_the_table():
    language.use("en")
    figure = figures_of(invented.many_cities())["odds"]
    assert [curve.key for curve in figure.shown()] == [f"city_{place}" for place in range(12)]
    assert figure.footer.startswith("Drawn: 12 of 38 regions, those with the lowest odds;")
    assert {row["line"] for row in read_csv(figure)} == {
        "all_cities", *(f"city_{place}" for place in range(38)),
    }  # fmt: skip


def test_one_city_has_one_curve_and_no_panels():
    figure = figures_of(invented.summary((870,), 870))["odds"]
    assert (figure.joint.key, figure.others) == ("city_0", ())


def test_categories_are_the_shares_of_the_summary_and_the_title_names_the_rarest():
    language.use("en")
    summary = invented.summary()
    figure = figures_of(summary)["categories"]
    assert isinstance(figure, Bars)
    np.testing.assert_array_equal(figure.values, summary.category_shares)
    reached = summary.category_shares[:, -1, 4:6].sum(axis=1)
    name = summary.labels.city_names[int(reached.argmin())]
    assert figure.title == (
        f"In the 2026 evaluation {name} is least often awarded utama or above: "
        f"{100 * reached.min():.0f} % of futures"
    )
    assert figure.series_keys[-1] == "no_award"


@pytest.mark.parametrize(
    ("target", "groups"),
    [
        (1, [("no category", 0, (0,)), ("pratama", 1, (1,)), ("higher", 2, (2, 3, 4, 5))]),
        (3, [("lower", 1, (0, 1)), ("madya", 2, (2,)), ("nindya", 3, (3,)),
             ("higher", 4, (4, 5))]),
        (4, [("lower", 2, (0, 1, 2)), ("nindya", 3, (3,)), ("utama", 4, (4,)), ("KLA", 5, (5,))]),
        (5, [("lower", 3, (0, 1, 2, 3)), ("utama", 4, (4,)), ("KLA", 5, (5,))]),
    ],
)  # fmt: skip
def test_categories_far_from_the_target_are_drawn_as_one(target, groups):
    language.use("en")
    summary = invented.summary()._replace(target=target)
    figure = figures_of(summary)["categories"]
    assert [tuple(group) for group in figure.groups] == [*groups, ("no award that year", 6, (6,))]
    shown = figure.shown()
    assert shown.looks == tuple(look for _label, look, _series in figure.groups)
    for place, (_label, _look, series) in enumerate(figure.groups):
        np.testing.assert_allclose(
            shown.values[..., place], summary.category_shares[..., list(series)].sum(axis=2)
        )
    assert len(figure.table().rows) == 3 * 4 * 7


def test_spending_is_the_money_of_the_summary_per_account():
    language.use("en")
    summary = invented.summary()
    figure = figures_of(summary)["spending"]
    assert isinstance(figure, Columns)
    for field in ("appropriated", "spent", "lapsed"):
        np.testing.assert_array_equal(getattr(figure, field)[0], getattr(summary.money, field))
    assert figure.title == (
        "Of Rp 40.0 billion appropriated, 75 % is spent and 20 % lapses; "
        "5 % is still held at the end"
    )
    assert figure.column_labels[0][0] == ("75",) * 5


def test_of_few_futures_a_share_of_none_is_no_claim_and_attainment_has_no_band():
    language.use("en")
    few = invented.summary((1, 0, 1), 0, n=1)
    shares = np.zeros_like(few.category_shares)
    shares[..., 3] = 1.0
    unknown = [point._replace(p10=math.nan, p90=math.nan) for point in few.attainment]
    figures = figures_of(few._replace(category_shares=shares, attainment=unknown))
    assert figures["categories"].title.endswith("awarded utama or above: <97.5 % of futures")
    assert figures["categories"].part_labels[0][0][1] == ">2.5 %"
    assert figures["attainment"].band_label == ""
    assert "nan" not in " ".join(figure.title for figure in figures.values()).lower()
    for figure in figures.values():
        draw(figure)


def test_spending_of_many_cities_is_drawn_together():
    summary = invented.many_cities()
    figure = figures_of(summary)["spending"]
    assert figure.panel_keys == ("province", "cities")
    np.testing.assert_allclose(figure.spent[0, 0], summary.money.spent[0])
    np.testing.assert_allclose(figure.spent[0, 1], summary.money.spent[1:].sum(axis=0))


def test_waiting_is_drawn_by_zone_and_cause_for_every_region_that_has_zones():
    summary = invented.summary()
    figure = figures_of(summary)["waiting"]
    assert figure.series_keys == tuple(invented.CAUSES)
    np.testing.assert_array_equal(figure.values[1:, 0, :], summary.wait_days[1:] / invented.ZONES)
    assert np.isnan(figure.values[0]).all()
    assert figure.row_keys == ("province", "city_0", "city_1", "city_2")
    assert figure.shown().row_keys == ("city_0", "city_1", "city_2")


def test_small_causes_are_gathered_and_the_sum_is_kept():
    summary = invented.summary()
    resources = [f"pool_{place}" for place in range(9)]
    labels = summary.labels._replace(causes=[*invented.CAUSES[:2], *resources])
    days = np.arange(4.0 * 11).reshape(4, 11)
    pools = {key: invented.scenario().resources["rbra_jury"] for key in resources}
    scenario = invented.scenario().model_copy(update={"resources": pools})
    figure = figures_of(
        invented.with_means(summary, wait_days=days)._replace(labels=labels), scenario
    )["waiting"]
    assert len(figure.series_keys) == 9
    assert figure.series_keys[-1] == "others"
    np.testing.assert_allclose(
        figure.values.sum(axis=2)[1:, 0], days.sum(axis=1)[1:] / invented.ZONES
    )


def test_causes_keep_their_look_whatever_their_size():
    """Two runs can be laid side by side: a colour belongs to a cause and not to a rank."""
    summary = invented.summary()
    figure = figures_of(
        invented.with_means(summary, wait_days=summary.wait_days * [0, 1, 9, 1, 1, 1])
    )["waiting"]
    assert dict(zip(figure.series_keys, figure.looks, strict=True)) == {
        cause: place for place, cause in enumerate(invented.CAUSES) if place
    }


def test_scores_are_both_kinds_with_their_bands():
    language.use("en")
    summary = invented.summary()
    summary = summary._replace(claimed=summary.verified + 150.0)
    figure = figures_of(summary)["scores"]
    assert isinstance(figure, Ranges)
    np.testing.assert_array_equal(figure.points[0], summary.verified)
    np.testing.assert_array_equal(figure.points[1], summary.claimed)
    assert [band.place for band in figure.bands] == [0, 500, 600, 700, 800, 900]
    assert figure.title == "Claimed scores lie about 150 points above verified scores"
    assert tuple(figure.level) == (800.0, "target: utama, 800 points")


def test_where_claims_reach_the_top_it_is_said_that_the_excess_is_at_least_so_large():
    language.use("en")
    summary = invented.summary()
    claimed = summary.verified + 150.0
    claimed[1, 2] = 1000.0
    figure = figures_of(summary._replace(claimed=claimed))["scores"]
    assert figure.title == (
        "Claimed scores lie at least 150 points above verified scores; "
        "many stand at the top of 1,000"
    )


def test_scores_that_no_cycle_published_are_left_out():
    summary = invented.summary()
    nothing = np.full_like(summary.verified, np.nan)
    figure = figures_of(summary._replace(verified=nothing, claimed=nothing))["scores"]
    assert all(row["p50"] == "" for row in read_csv(figure))
    assert {(axis.low, axis.high) for axis in figure.panel_axes} == {(400, 1000)}


def test_attainment_is_drawn_beside_the_claim_and_the_verified_scores():
    language.use("en")
    summary = invented.summary()
    figure = figures_of(summary)["attainment"]
    assert isinstance(figure, Trend)
    np.testing.assert_array_equal(figure.mean, [point.mean for point in summary.attainment])
    assert [(mark.key, mark.day, mark.value) for mark in figure.said] == [
        ("verified", 0, 0.732), ("claimed", 0, 0.8),
    ]  # fmt: skip
    assert figure.title == (
        "Province attainment rises from 73 % to 81 % on 15 June 2026 (8 in 10 futures: 78-84 %), "
        "but that is a mean: the odds that all 3 regions hold utama or above are 30 %"
    )
    assert [tick.place for tick in figure.y.ticks] == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]


def test_axes_are_the_same_for_two_runs_of_one_calendar():
    low, high = (
        figures_of(invented.summary(hits, joint, seed=seed))
        for hits, joint, seed in (((10, 20, 30), 5, 1), ((900, 800, 990), 790, 2))
    )
    for name in ("odds", "attainment"):
        assert (low[name].x, low[name].y) == (high[name].x, high[name].y)
    assert low["categories"].x == high["categories"].x
    assert low["scores"].panel_axes == high["scores"].panel_axes
    assert low["spending"].y == high["spending"].y
    assert low["cost-and-date"].x == high["cost-and-date"].x
    assert low["cost-and-date"].y == high["cost-and-date"].y
    assert low["tiles"].places == high["tiles"].places


@pytest.mark.parametrize("highest", [0.0, 0.4, 1.0, 7.0, 99.0, 101.0, 8.1e8, 1.2e9, 3.3e12])
def test_round_axes_hold_the_highest_value_and_waste_little(highest):
    from kla_sim.report.scales import count_axis, rupiah_axis

    for axis in (count_axis("", highest), rupiah_axis(highest)):
        assert axis.high >= highest
        assert axis.high <= max(1.0, 1.6 * highest)
        assert axis.ticks[0].place == 0.0
        assert math.isclose(axis.ticks[-1].place, axis.high)
        assert len({tick.label for tick in axis.ticks}) == len(axis.ticks)


@pytest.mark.parametrize(
    ("highest", "labels"), [(1.0, "0 1"), (2.0, "0 1 2"), (2.4, "0 1 2"), (40.0, "0 10 20 30 40")]
)
def test_the_axis_of_posts_has_no_half_post(highest, labels):
    from kla_sim.report.scales import whole_axis

    axis = whole_axis("", highest)
    assert " ".join(tick.label for tick in axis.ticks) == labels
    assert axis.high >= highest


def test_every_figure_reads_back_from_its_csv():
    summary = invented.summary()
    figures = figures_of(summary) | compared(summary, invented.summary((10, 20, 990), 5))
    for figure in figures.values():
        table = figure.table()
        read = read_csv(figure)
        assert len(read) == len(table.rows) > 0
        for row, cells in zip(read, table.rows, strict=True):
            for column, cell in zip(table.columns, cells, strict=True):
                if isinstance(cell, str):
                    assert row[column] == cell
                elif math.isnan(cell):
                    assert row[column] == ""
                else:
                    assert float(row[column]) == cell


def test_csv_holds_the_arrays_of_the_summary():
    summary = invented.summary()
    figures = figures_of(summary)
    shares = [float(row["share"]) for row in read_csv(figures["categories"])]
    np.testing.assert_array_equal(shares, summary.category_shares.ravel())
    days = [row["days_per_zone"] for row in read_csv(figures["waiting"])]
    n_causes = len(invented.CAUSES)
    assert days[:n_causes] == [""] * n_causes
    np.testing.assert_array_equal(
        list(map(float, days[n_causes:])), summary.wait_days[1:].ravel() / invented.ZONES
    )
    joint = [row for row in read_csv(figures["odds"]) if row["line"] == "all_cities"]
    np.testing.assert_array_equal([float(row["odds"]) for row in joint], summary.curve.joint)
    assert (joint[-1]["date"], float(joint[-1]["high"])) == ("2026-07-23", summary.all_cities.high)


def test_csv_is_the_same_in_any_language():
    summary = invented.summary()
    files = []
    for spoken in ("id", "en"):
        language.use(spoken)
        files.append([to_csv(figure) for figure in figures_of(summary).values()])
    assert files[0] == files[1]


def test_comparison_lays_runs_on_common_axes():
    language.use("en")
    first, second = invented.summary(), invented.summary((500, 700, 900), 450)
    figures = compared(first, second)
    assert list(figures) == [
        "compare-odds",
        "compare-cities",
        "compare-waiting",
        "compare-spending",
    ]
    np.testing.assert_array_equal(figures["compare-odds"].lines[1].values, second.curve.joint)
    dots = figures["compare-cities"]
    assert isinstance(dots, Dots)
    assert dots.row_keys == ("all_cities", "city_0", "city_1", "city_2")
    np.testing.assert_array_equal(
        dots.points[:, :, 1], [[0.3, 0.4, 0.7, 0.45], [0.45, 0.5, 0.7, 0.9]]
    )
    assert dots.title == "Largest difference in Jakarta Barat: odds from 45 % to 90 %"
    waits = figures["compare-waiting"]
    n_zones = 3 * invented.ZONES
    np.testing.assert_allclose(waits.values[1, 0], second.wait_days.sum(axis=0) / n_zones)
    assert figures["compare-spending"].panel_keys == ("province", "cities")


def paired(odds, *cities):
    """Return differences of these values, each with an interval of a point on either side."""
    estimates = [
        Estimate(value, value - 0.01, value + 0.01, 0.95, "", 1000) for value in (odds, *cities)
    ]
    nothing = Estimate(0.0, 0.0, 0.0, 0.95, "", 1000)
    return Differences(
        estimates[0], estimates[0], 0, 0, nothing, estimates[1:], [], nothing, None, None
    )


def with_pair(hits, joint, pair):
    """Return the figures of the usual run, A, and of another, B, that differs by a pair."""
    runs = [invented.summary(), invented.summary(hits, joint)]
    makers = compare_makers(runs, [invented.scenario()] * 2, ["A", "B"], invented.CAPTION, [pair])
    return {name: make() for name, make in makers.items()}


def test_intervals_of_a_comparison_are_those_of_the_differences_from_the_first_run():
    language.use("en")
    figures = with_pair((430, 700, 450), 320, paired(0.02, 0.03, 0.0, 0.0))
    dots = figures["compare-cities"]
    np.testing.assert_allclose(dots.points[0, :2], [[0.3] * 3, [0.4] * 3])
    np.testing.assert_allclose(dots.points[1, :2], [[0.31, 0.32, 0.33], [0.42, 0.43, 0.44]])
    assert dots.footer.startswith("Lines: 95 % intervals of the difference from A. ")
    own, row = invented.odds(320, 1000), read_csv(dots)[4]  # its own interval stays in the table
    assert (float(row["low"]), float(row["high"])) == (own.low, own.high)
    odds = figures["compare-odds"]
    (span,) = odds.spans
    assert span.key == "B"
    np.testing.assert_allclose(span[2:], [0.32, 0.31, 0.33])
    assert odds.x.label == "upright line: 95 % interval of the difference from A"


def test_where_no_difference_is_shown_no_run_and_no_region_is_named_the_best():
    language.use("en")
    figures = with_pair((410, 700, 450), 310, paired(0.005, 0.005, 0.0, 0.0))
    assert figures["compare-odds"].title == (
        "Joint odds on 31 December 2026 from 30 % to 31 %: none is shown to differ from A"
    )
    assert figures["compare-cities"].title == (
        "In no region are the odds shown to differ (all 95 % intervals hold zero)"
    )


@pytest.mark.parametrize(
    ("hits", "high", "n_levels"),
    [(0, 0.02, 0), (8, 0.02, 0), (30, 0.05, 0), (300, 0.5, 1), (600, 1.0, 2)],
)
def test_low_odds_are_compared_on_an_axis_that_ends_at_a_fixed_step(hits, high, n_levels):
    curve = (0.0, 0.0, 0.0, 0.0, hits / 1000)
    odds = compared(*[invented.summary(joint_hits=hits, curve=curve)] * 2)["compare-odds"]
    assert (odds.y.low, odds.y.high) == (0.0, high)
    assert len(odds.levels) == n_levels


def test_runs_that_wait_as_long_have_no_loser():
    language.use("en")
    title = compared(invented.summary(), invented.summary())["compare-waiting"].title
    assert title.startswith("The activities of a zone wait as long in all runs: ")


def test_comparison_of_runs_with_other_cities_leaves_gaps():
    first, second = invented.summary((400, 700, 450)), invented.summary((500, 700), 100)
    dots = compared(first, second)["compare-cities"]
    assert np.isnan(dots.points[1, 3]).all()
    assert read_csv(dots)[-1]["odds"] == ""


def test_comparison_places_runs_by_the_calendar():
    import datetime as dt

    first = invented.summary()
    later = first._replace(
        labels=first.labels._replace(start=invented.START + dt.timedelta(days=100)),
        horizon_day=first.horizon_day - 100,
        deadline_day=first.deadline_day - 100,
    )
    odds = compared(first, later)["compare-odds"]
    assert odds.lines[1].days[0] == 100
    assert [span.day for span in odds.spans] == [first.deadline_day] * 2
    assert odds.x.high == first.horizon_day


@pytest.mark.parametrize("spoken", ["id", "en"])
def test_every_text_is_there_in_both_languages(spoken):
    language.use(spoken)
    falling = invented.summary()
    falling = invented.with_means(falling, wait_days=falling.wait_days * 0)._replace(
        attainment=falling.attainment[::-1], claimed=falling.verified
    )
    still = falling._replace(attainment=[falling.attainment[0]] * 2)
    for summary in (falling, still, invented.many_cities(9), invented.summary((5,), 5)):
        for figure in (figures_of(summary) | compared(summary, summary)).values():
            assert figure.title
            assert "{" not in figure.title


def waits(summary, *rows):
    """Return the summary with days waited of the province and the cities, by `invented.CAUSES`."""
    days = np.zeros_like(summary.wait_days)
    for place, row in enumerate(rows):
        days[place] = row
    return invented.with_means(summary, wait_days=days)


@pytest.mark.parametrize(
    ("spoken", "largest", "nothing"),
    [
        (
            "en",
            "The activities of a zone wait 100 days in all on average; largest cause: "
            "region money, 50 %",
            "No work waits",
        ),
        (
            "id",
            "Kegiatan sebuah kawasan menunggu rata-rata 100 hari seluruhnya; sebab terbesar: "
            "anggaran wilayah, 50 %",
            "Tidak ada kegiatan yang menunggu",
        ),
    ],
)
def test_the_largest_cause_of_waiting_is_said_with_the_days_of_a_zone(spoken, largest, nothing):
    language.use(spoken)
    # 2,400 days in 24 zones: 200 in each of the first region's, 50 in those of the others
    summary = waits(
        invented.summary(), (0, 100, 0, 0, 0, 300), (300, 0, 600, 0, 0, 700), (400, 0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0, 400),
    )  # fmt: skip
    figure = figures_of(summary)["waiting"]
    assert figure.title == largest
    assert [label for (label,) in figure.end_labels] == ["", "200", "50", "50"]
    assert (figure.x.low, figure.x.high) == (0.0, 200.0)
    assert figures_of(waits(summary))["waiting"].title == nothing


@pytest.mark.parametrize(
    ("points", "title"),
    [
        (0.9, "Claimed and verified scores are the same in this scenario"),
        (1.0, "Claimed scores lie about 1 points above verified scores"),
        (41.0, "Claimed scores lie about 41 points above verified scores"),
    ],
)
def test_claims_a_point_above_what_is_verified_are_worth_a_word(points, title):
    language.use("en")
    summary = invented.summary()
    figure = figures_of(summary._replace(claimed=summary.verified + points))["scores"]
    assert figure.title == title


def test_the_excess_of_claims_is_the_middle_one_of_all_cities_and_cycles():
    language.use("en")
    summary = invented.summary((100, 100, 100), 0)
    excess = np.arange(12.0).reshape(3, 4)[:, :, None] * 10.0  # 0 to 110, the middle 55
    excess[2, 3] = np.nan  # without the highest 50
    figure = figures_of(summary._replace(claimed=summary.verified + excess))["scores"]
    assert figure.title == "Claimed scores lie about 50 points above verified scores"


@pytest.mark.parametrize(("lowest", "low"), [(401.0, 400), (400.0, 400), (399.0, 300), (0.0, 0)])
def test_the_scores_begin_at_400_or_the_hundred_below_the_lowest(lowest, low):
    summary = invented.summary()
    verified = summary.verified.copy()
    verified[1, 1, 0] = lowest
    figure = figures_of(summary._replace(verified=verified))["scores"]
    for axis in figure.panel_axes:
        assert (axis.low, axis.high) == (low, 1000)
        assert [tick.place for tick in axis.ticks] == list(range(low, 1001, 100))


def test_the_attainment_of_every_day_is_in_the_table_with_its_tenths():
    summary = invented.summary()
    points = [*summary.attainment]
    points[1] = points[1]._replace(mean=0.751, p10=0.62, p90=0.83)
    rows = read_csv(figures_of(summary._replace(attainment=points))["attainment"])
    assert rows[1] == {
        "series": "simulated", "date": "2023-06-15", "mean": "0.751", "p10": "0.62", "p90": "0.83",
    }  # fmt: skip
    assert [row["series"] for row in rows] == ["simulated"] * 5 + ["verified", "claimed"]
    assert rows[-1] == {
        "series": "claimed", "date": "2022-11-14", "mean": "0.8", "p10": "", "p90": "",
    }  # fmt: skip


def test_a_plan_without_money_spends_nothing_of_nothing():
    language.use("en")
    summary = invented.summary()
    nothing = type(summary.money)(*(0 * amounts for amounts in summary.money))
    figure = figures_of(invented.with_means(summary, **nothing._asdict()))["spending"]
    assert figure.title == "Of Rp 0 appropriated, 0 % is spent and 0 % lapses"
    assert figure.column_labels[0][0] == ("",) * 5


def money_of(summary, spent):
    """Return the summary with 100 million a year and account, of which so many are spent."""
    amounts = np.full_like(summary.money.spent, 100e6)
    kept = summary.money._replace(appropriated=amounts, spent=amounts * spent, lapsed=0 * amounts)
    return invented.with_means(summary, **kept._asdict())


@pytest.mark.parametrize(
    ("spoken", "titles"),
    [
        (
            "en",
            [
                "Highest joint odds on 31 December 2026: B, 45 % (41-49 %)",
                "Largest difference in Jakarta Barat: odds from 45 % to 90 %",
                "The activities of a zone wait longest in A: 38 days (shortest 25)",
                "Most money is spent in C: Rp 1.5 billion",
            ],
        ),
        (
            "id",
            [
                "Peluang bersama tertinggi pada 31 Desember 2026: rencana B, 45 % (41-49 %)",
                "Perbedaan terbesar di Jakarta Barat: peluangnya 45 % sampai 90 %",
                "Kegiatan sebuah kawasan paling lama menunggu pada rencana A: 38 hari "
                "(tersingkat 25)",
                "Anggaran paling banyak terserap pada rencana C: Rp 1,5 miliar",
            ],
        ),
    ],
)
def test_titles_of_a_comparison_name_the_run_and_its_number(spoken, titles):
    language.use(spoken)
    runs = [
        waits(money_of(invented.summary(hits, joint), spent), days)
        for hits, joint, spent, days in (
            ((400, 700, 450), 300, 0.25, (900,) + (0,) * 5),
            ((500, 700, 900), 450, 0.5, (0,) * 5 + (800,)),
            ((450, 700, 500), 300, 0.75, (100,) * 6),
        )
    ]
    figures = compared(*runs)
    assert [figure.title for figure in figures.values()] == titles
    assert figures["compare-waiting"].x.high == 40.0  # the round number above 900 / 24 zones
    waiting = [row for row in read_csv(figures["compare-waiting"])
               if row["cause"] == "account:city"]  # fmt: skip
    np.testing.assert_allclose(
        [float(row["days_per_zone"]) for row in waiting], [0.0, 800 / 24, 100 / 24]
    )
    spending = read_csv(figures["compare-spending"])
    assert {(row["run"], row["account"], row["spent"]) for row in spending} == {
        ("A", "province", "25000000.0"), ("A", "cities", "75000000.0"),
        ("B", "province", "50000000.0"), ("B", "cities", "150000000.0"),
        ("C", "province", "75000000.0"), ("C", "cities", "225000000.0"),
    }  # fmt: skip


def test_runs_that_do_not_differ_are_said_to_be_the_same():
    language.use("en")
    figures = compared(invented.summary(), invented.summary((404, 700, 450)))
    assert figures["compare-odds"].title == (
        "Joint odds on 31 December 2026 are the same in all runs: 30 %, about 3 in 10 (27-33 %)"
    )
    assert figures["compare-cities"].title == "The odds of each region are the same in all runs"
    more_than_half_a_point = compared(invented.summary(), invented.summary((406, 700, 450)))
    assert more_than_half_a_point["compare-cities"].title == (
        "Largest difference in Jakarta Pusat: odds from 40 % to 41 %"
    )


def test_runs_that_end_on_other_days_are_not_called_the_largest():
    language.use("en")
    first, second = invented.summary(), invented.summary(last_year=2028)
    figures = compared(*(waits(money_of(run, 0.5), (100,) * 6) for run in (first, second)))
    odds = figures["compare-odds"]
    assert odds.x.label == "each line ends at its own horizon"
    assert [line.end for line in odds.lines] == [first.horizon_day, second.horizon_day]
    assert [line.label.partition(" by ")[2] for line in odds.lines] == [
        "31 December 2026", "31 December 2028",
    ]  # fmt: skip
    assert odds.x.high == second.horizon_day
    assert figures["compare-waiting"].title == (
        "The activities of a zone wait as long in all runs: 25 days"
    )
    assert figures["compare-spending"].title == (
        "Money spent, counted to the horizon of each: Rp 1.4 billion in B"
    )


def test_of_many_runs_the_first_and_the_best_seven_are_drawn_and_all_are_in_the_table():
    language.use("en")
    runs = [invented.summary(joint_hits=100 + 10 * place) for place in range(10)]
    figures = compared(*runs, names="ABCDEFGHIJ")
    drawn = (0, 3, 4, 5, 6, 7, 8, 9)
    odds = figures["compare-odds"]
    assert tuple(place for place, line in enumerate(odds.lines) if line.label) == drawn
    assert [line.weight for line in odds.lines].count("faint") == 2
    assert odds.x.label == "thin lines: 2 other runs"
    assert figures["compare-cities"].drawn_series == drawn
    shown = figures["compare-cities"].shown()
    assert shown.series_keys == tuple("ADEFGHIJ")
    np.testing.assert_array_equal(
        shown.points[:, 0, 1], [0.1, 0.13, 0.14, 0.15, 0.16, 0.17, 0.18, 0.19]
    )
    assert figures["compare-spending"].shown().run_keys == tuple("ADEFGHIJ")
    assert figures["compare-spending"].shown().spent.shape[0] == 8
    assert len(read_csv(figures["compare-cities"])) == 40
