"""Figures as data: the numbers of the summary, fixed axes, complete texts."""

import csv
import io
import math

import invented
import numpy as np
import pytest

from kla_sim import language
from kla_sim.report.charts import Bars, Columns, Dots, Ranges, Steps, Trend
from kla_sim.report.comparison import compare_makers
from kla_sim.report.drawing import draw, to_csv
from kla_sim.report.figures import run_makers

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
    figures = figures_of(invented.summary())
    assert list(figures) == NAMES
    caption = "Kaltara 2022-2026 · digest 0123abcd · seed 1 · 1,000 futures · kla_sim 0.1.0"
    assert {name: figure.footer for name, figure in figures.items()} == {
        **dict.fromkeys(NAMES, caption),
        "tiles": "The category held at the end of each year; the layout of the regions is "
        f"simplified. {caption}",
        "categories": "Counted by the award of each cycle. The odds on the deadline count the "
        "category held that day: where the last cycle is cancelled or late, that of an earlier "
        f"cycle still stands. {caption}",
    }


def test_odds_over_time_are_the_curve_of_the_summary():
    summary = invented.summary()
    figure = figures_of(summary)["odds"]
    assert isinstance(figure, Steps)
    *cities, joint = figure.lines
    assert joint.key == "all_cities"
    assert joint.weight == "main"
    np.testing.assert_array_equal(joint.values, summary.curve.joint)
    for place, line in enumerate(cities):
        np.testing.assert_array_equal(line.days, summary.curve.days)
        np.testing.assert_array_equal(line.values, summary.curve.cities[:, place])
    (span,) = figure.spans
    odds = summary.all_cities
    assert (span.day, span.value, span.low, span.high) == (
        summary.deadline_day, odds.value, odds.low, odds.high,
    )  # fmt: skip
    assert [level.place for level in figure.levels] == [0.5, 0.8]
    assert figure.deadline.place == summary.deadline_day


def test_a_line_ends_with_the_odds_on_the_deadline_or_with_what_an_interval_allows():
    language.use("en")
    figure = figures_of(invented.summary((0, 700, 1000), 0))["odds"]
    assert [line.label for line in figure.lines] == [
        "Jakarta Pusat: <0.4 %", "Jakarta Utara: 70 %", "Jakarta Barat: >99.6 %",
        "All regions: <0.4 %",
    ]  # fmt: skip


def test_of_many_cities_only_the_weakest_are_named():
    language.use("en")
    figure = figures_of(invented.many_cities())["odds"]
    named = [line.key for line in figure.lines if line.label]
    assert named == ["city_0", "city_1", "city_2", "all_cities"]
    assert figure.x.label == "thin lines: 35 other regions"
    assert sum(line.weight == "faint" for line in figure.lines) == 35


def test_one_city_has_one_line():
    figure = figures_of(invented.summary((870,), 870))["odds"]
    assert [(line.key, line.weight) for line in figure.lines] == [("city_0", "main")]


def test_categories_are_the_shares_of_the_summary_and_the_title_names_the_rarest():
    language.use("en")
    summary = invented.summary()
    figure = figures_of(summary)["categories"]
    assert isinstance(figure, Bars)
    np.testing.assert_array_equal(figure.values, summary.category_shares)
    reached = summary.category_shares[:, -1, 4:6].sum(axis=1)
    name = summary.labels.city_names[int(reached.argmin())]
    assert figure.title == (
        f"In the 2026 cycle {name} is least often awarded utama or above: "
        f"{100 * reached.min():.0f} % of futures"
    )
    assert figure.series_keys[-1] == "no_award"


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
    assert figures["categories"].part_labels[0][0][3] == ">2.5 %"
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


def test_waiting_is_drawn_by_place_and_cause_and_keeps_its_sum():
    summary = invented.summary()
    figure = figures_of(summary)["waiting"]
    assert figure.series_keys == tuple(invented.CAUSES)
    np.testing.assert_array_equal(figure.values[:, 0, :], summary.wait_days)
    assert figure.row_keys == ("province", "city_0", "city_1", "city_2")


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
    np.testing.assert_allclose(figure.values.sum(axis=2)[:, 0], days.sum(axis=1))


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
    figure = figures_of(summary)["scores"]
    assert isinstance(figure, Ranges)
    np.testing.assert_array_equal(figure.points[0], summary.verified)
    np.testing.assert_array_equal(figure.points[1], summary.claimed)
    assert [band.place for band in figure.bands] == [0, 500, 600, 700, 800, 900]
    assert figure.title == "Claimed scores lie about 210 points above verified scores"


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
        "Province attainment rises from 73 % to 81 % on 15 June 2026 (8 in 10 futures: 78-84 %)"
    )


def test_axes_are_the_same_for_two_runs_of_one_calendar():
    low, high = (
        figures_of(invented.summary(hits, joint, seed=seed))
        for hits, joint, seed in (((10, 20, 30), 5, 1), ((900, 800, 990), 790, 2))
    )
    for name in ("odds", "attainment"):
        assert (low[name].x, low[name].y) == (high[name].x, high[name].y)
    assert low["categories"].x == high["categories"].x
    assert low["scores"].panel_axes == high["scores"].panel_axes
    assert low["spending"].panel_axes == high["spending"].panel_axes


@pytest.mark.parametrize("highest", [0.0, 0.4, 1.0, 7.0, 99.0, 101.0, 8.1e8, 1.2e9, 3.3e12])
def test_round_axes_hold_the_highest_value_and_waste_little(highest):
    from kla_sim.report.scales import days_axis, rupiah_axis

    for axis in (days_axis(highest), rupiah_axis(highest)):
        assert axis.high >= highest
        assert axis.high <= max(1.0, 1.6 * highest)
        assert axis.ticks[0].place == 0.0
        assert math.isclose(axis.ticks[-1].place, axis.high)
        assert len({tick.label for tick in axis.ticks}) == len(axis.ticks)


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
    days = [float(row["days"]) for row in read_csv(figures["waiting"])]
    np.testing.assert_array_equal(days, summary.wait_days.ravel())
    joint = [row for row in read_csv(figures["odds"]) if row["line"] == "all_cities"]
    np.testing.assert_array_equal([float(row["odds"]) for row in joint[:-1]], summary.curve.joint)
    assert (joint[-1]["date"], float(joint[-1]["high"])) == ("2026-12-31", summary.all_cities.high)


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
    np.testing.assert_allclose(waits.values[1, 0], second.wait_days.sum(axis=0))
    assert figures["compare-spending"].panel_keys == ("province", "cities")


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
            "Largest cause of waiting: city money, 50 % of 2,000 activity-days",
            "No work waits",
        ),
        (
            "id",
            "Penyebab menunggu terbesar: anggaran wilayah, 50 % dari 2.000 hari-kegiatan",
            "Tidak ada kegiatan yang menunggu",
        ),
    ],
)
def test_the_largest_cause_of_waiting_is_said_with_its_share_of_all_days(spoken, largest, nothing):
    language.use(spoken)
    summary = waits(invented.summary(), (0, 100, 0, 0, 0, 400), (300, 0, 600, 0, 0, 600))
    figure = figures_of(summary)["waiting"]
    assert figure.title == largest
    # 500 and 1,500 days: the axis ends at the next round number
    assert [label for (label,) in figure.end_labels] == [
        text.replace(",", "." if spoken == "id" else ",") for text in ("500", "1,500", "0", "0")
    ]
    assert (figure.x.low, figure.x.high) == (0.0, 1500.0)
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


@pytest.mark.parametrize(("p10", "ticks"), [
    (0.5, [0.5, 0.6, 0.7, 0.8, 0.9, 1.0]), (0.49, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
])  # fmt: skip
def test_attainment_is_drawn_on_half_the_scale_while_all_of_it_lies_there(p10, ticks):
    summary = invented.summary()
    points = [*summary.attainment]
    points[2] = points[2]._replace(p10=p10)
    figure = figures_of(summary._replace(attainment=points))["attainment"]
    assert [tick.place for tick in figure.y.ticks] == ticks


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
                "Work waits longest in A: 900 activity-days",
                "Most money is spent in C: Rp 1.5 billion",
            ],
        ),
        (
            "id",
            [
                "Peluang bersama tertinggi pada 31 Desember 2026: rencana B, 45 % (41-49 %)",
                "Perbedaan terbesar di Jakarta Barat: peluangnya 45 % sampai 90 %",
                "Kegiatan paling lama menunggu pada rencana A: 900 hari-kegiatan",
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
    assert figures["compare-waiting"].x.high == 1000.0  # the round number above 900
    waiting = read_csv(figures["compare-waiting"])
    assert [row["days"] for row in waiting if row["cause"] == "account:city"] == [
        "0.0", "800.0", "100.0",
    ]  # fmt: skip
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
        "Waiting, counted to the horizon of each: 600 activity-days in A"
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
