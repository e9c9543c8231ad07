"""The shapes of figures: what is drawn of many entries, and a table that always holds all."""

import datetime as dt
import math

import numpy as np

from kla_sim.report.bar_charts import Bars, Columns
from kla_sim.report.charts import Axis, Tick, picked, rows_by_keys
from kla_sim.report.line_charts import Mark, Span, StepLine, Steps, Trend
from kla_sim.report.range_charts import Dots, Ranges
from kla_sim.report.score_charts import Growth

AXIS = Axis("", 0.0, 1.0, ())
HEAD = ("name", "title", "footer")
START = dt.date(2023, 12, 30)


def numbers(*shape):
    """Return 0, 1, 2 ... in this shape: every place holds a number of its own."""
    return np.arange(float(np.prod(shape))).reshape(shape)


def bars(**drawn):
    return Bars(
        *HEAD, x=AXIS,
        row_keys=("r0", "r1", "r2"), row_labels=("R0", "R1", "R2"),
        panel_keys=("p0", "p1"), panel_labels=("P0", "P1"),
        series_keys=("s0", "s1"), series_labels=("S0", "S1"),
        values=numbers(3, 2, 2),
        part_labels=tuple(
            tuple((f"{row}{panel}a", f"{row}{panel}b") for panel in range(2)) for row in range(3)
        ),
        end_labels=(("00", "01"), ("10", "11"), ("20", "21")),
        palette="series", looks=(0, 1), table_names=("row", "panel", "series", "value"), **drawn,
    )  # fmt: skip


def test_places_that_are_drawn_are_picked_in_their_order():
    assert picked("abc", None) == ("a", "b", "c")
    assert picked("abc", (2, 0)) == ("c", "a")
    assert picked("abc", ()) == ()


def test_a_table_has_a_row_for_each_combination_of_keys_with_all_numbers_there():
    keys = ("a", "b"), ("x", "y")
    assert rows_by_keys(keys, numbers(2, 2)) == [
        ("a", "x", 0.0), ("a", "y", 1.0), ("b", "x", 2.0), ("b", "y", 3.0),
    ]  # fmt: skip
    assert rows_by_keys((("a",), ("x", "y")), np.array([[[1, 2], [3, 4]]])) == [
        ("a", "x", 1.0, 2.0), ("a", "y", 3.0, 4.0),
    ]  # fmt: skip
    assert rows_by_keys((("a", "b"), ()), np.zeros((2, 0))) == []


def test_of_bars_some_rows_and_panels_are_drawn_and_the_table_holds_all():
    figure = bars(drawn_rows=(0, 2), drawn_panels=(1,))
    shown = figure.shown()
    assert (shown.row_keys, shown.row_labels) == (("r0", "r2"), ("R0", "R2"))
    assert (shown.panel_keys, shown.panel_labels) == (("p1",), ("P1",))
    assert shown.values.tolist() == [[[2.0, 3.0]], [[10.0, 11.0]]]
    assert shown.part_labels == ((("01a", "01b"),), (("21a", "21b"),))
    assert shown.end_labels == (("01",), ("21",))
    table = figure.table()
    assert table.columns == ("row", "panel", "series", "value")
    assert len(table.rows) == 12
    assert table.rows[:3] == [
        ("r0", "p0", "s0", 0.0), ("r0", "p0", "s1", 1.0), ("r0", "p1", "s0", 2.0),
    ]  # fmt: skip
    assert table.rows[-1] == ("r2", "p1", "s1", 11.0)
    assert bars().shown().values.shape == (3, 2, 2)


def test_of_columns_some_runs_are_drawn_and_the_table_holds_all():
    figure = Columns(
        *HEAD, panel_keys=("province", "cities"), panel_labels=("P", "C"), y=AXIS,
        year_labels=("2023", "2024"), run_keys=("a", "b"), appropriated_label="",
        spent_labels=("in a", "in b"), lapsed_label="", rest_label="",
        appropriated=numbers(2, 2, 2),
        spent=numbers(2, 2, 2) + 10, lapsed=numbers(2, 2, 2) + 20,
        column_labels=((("a0", "a1"), ("a2", "a3")), (("b0", "b1"), ("b2", "b3"))),
        drawn_runs=(1,),
    )  # fmt: skip
    shown = figure.shown()
    assert (shown.run_keys, shown.spent_labels) == (("b",), ("in b",))
    assert shown.appropriated.tolist() == [[[4.0, 5.0], [6.0, 7.0]]]
    assert shown.spent.tolist() == [[[14.0, 15.0], [16.0, 17.0]]]
    assert shown.lapsed.tolist() == [[[24.0, 25.0], [26.0, 27.0]]]
    assert shown.column_labels == ((("b0", "b1"), ("b2", "b3")),)
    assert figure.table().columns == ("run", "account", "year", "appropriated", "spent", "lapsed")
    assert figure.table().rows[1] == ("a", "province", "2024", 1.0, 11.0, 21.0)
    assert figure.table().rows[-2:] == [
        ("b", "cities", "2023", 6.0, 16.0, 26.0), ("b", "cities", "2024", 7.0, 17.0, 27.0),
    ]  # fmt: skip


def test_of_ranges_some_panels_are_drawn_and_the_table_holds_all():
    figure = Ranges(
        *HEAD, panel_axes=(AXIS, AXIS), bands=(), panel_keys=("a", "b"), panel_labels=("A", "B"),
        cycle_labels=("2024",), kind_keys=("verified", "claimed"), kind_labels=("V", "C"),
        points=numbers(2, 2, 1, 3), drawn_panels=(1,),
        table_names=("score", "city", "cycle", "p10", "p50", "p90"),
    )  # fmt: skip
    shown = figure.shown()
    assert (shown.panel_keys, shown.panel_labels) == (("b",), ("B",))
    assert len(shown.panel_axes) == 1
    assert shown.points.tolist() == [[[[3.0, 4.0, 5.0]]], [[[9.0, 10.0, 11.0]]]]
    assert figure.table().columns == ("score", "city", "cycle", "p10", "p50", "p90")
    assert figure.table().rows == [
        ("verified", "a", "2024", 0.0, 1.0, 2.0), ("verified", "b", "2024", 3.0, 4.0, 5.0),
        ("claimed", "a", "2024", 6.0, 7.0, 8.0), ("claimed", "b", "2024", 9.0, 10.0, 11.0),
    ]  # fmt: skip


def test_of_dots_some_runs_and_rows_are_drawn_and_the_table_holds_all():
    figure = Dots(
        *HEAD, x=AXIS, row_keys=("all", "a"), row_labels=("All", "A"), series_keys=("x", "y", "z"),
        series_labels=("X", "Y", "Z"), points=numbers(3, 2, 3), drawn_rows=(1,),
        drawn_series=(0, 2), table_names=("run", "city", "low", "odds", "high"),
    )  # fmt: skip
    shown = figure.shown()
    assert (shown.row_keys, shown.row_labels) == (("a",), ("A",))
    assert (shown.series_keys, shown.series_labels) == (("x", "z"), ("X", "Z"))
    assert shown.points.tolist() == [[[3.0, 4.0, 5.0]], [[15.0, 16.0, 17.0]]]
    assert figure.table().columns == ("run", "city", "low", "odds", "high")
    assert figure.table().rows[1:3] == [("x", "a", 3.0, 4.0, 5.0), ("y", "all", 6.0, 7.0, 8.0)]


def test_steps_are_written_by_date_and_after_them_the_intervals():
    figure = Steps(
        *HEAD, start=START, x=AXIS, y=AXIS,
        lines=(
            StepLine("a", "A", np.array([0, 2]), np.array([0.1, 0.2])),
            StepLine("all", "All", np.array([1]), np.array([0.3])),
        ),
        levels=(), deadline=Tick(0.0, ""), spans=(Span("all", 367, 0.4, 0.35, 0.45),),
    )  # fmt: skip
    table = figure.table()
    assert table.columns == ("line", "date", "odds", "low", "high")
    assert [row[:3] for row in table.rows] == [
        ("a", "2023-12-30", 0.1), ("a", "2024-01-01", 0.2), ("all", "2023-12-31", 0.3),
        ("all", "2024-12-31", 0.4),
    ]  # fmt: skip
    assert all(math.isnan(end) for row in table.rows[:3] for end in row[3:])
    assert table.rows[3][3:] == (0.35, 0.45)


def test_a_trend_is_written_by_date_and_after_it_what_was_said():
    figure = Trend(
        *HEAD, start=START, x=AXIS, y=AXIS, days=np.array([0, 2]), mean=np.array([0.5, 0.6]),
        p10=np.array([0.4, 0.45]), p90=np.array([0.55, 0.7]), line_label="", band_label="",
        said=(Mark("claimed", 1, 0.8, ""),), deadline=Tick(0.0, ""),
    )  # fmt: skip
    table = figure.table()
    assert table.columns == ("series", "date", "mean", "p10", "p90")
    assert table.rows[:2] == [
        ("simulated", "2023-12-30", 0.5, 0.4, 0.55), ("simulated", "2024-01-01", 0.6, 0.45, 0.7),
    ]  # fmt: skip
    assert table.rows[2][:3] == ("claimed", "2023-12-31", 0.8)
    assert all(math.isnan(end) for end in table.rows[2][3:])


def test_growth_is_written_line_by_line():
    figure = Growth(
        *HEAD, x=AXIS, y=AXIS, sizes=np.array([6.0, 60.0]), keys=("a", "b"), labels=("A", "B"),
        values=numbers(2, 2), table_names=("line", "cities", "seconds"),
    )  # fmt: skip
    table = figure.table()
    assert table.columns == ("line", "cities", "seconds")
    assert table.rows == [("a", 6.0, 0.0), ("a", 60.0, 1.0), ("b", 6.0, 2.0), ("b", 60.0, 3.0)]
