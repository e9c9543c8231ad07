"""Schedules drawn: no text outside the sheet or over another, same bytes, odd names and sizes."""

import pytest
from matplotlib.colors import to_hex
from small_schedules import CITY, ZONE, makers_of, scenario, small
from test_drawing import _check_texts

from kla_sim import language
from kla_sim.report.drawing import _drawable, draw, write_figures
from kla_sim.report.gantt_drawing import _PERIODS

ODD_NAMES = ["<script>alert(1)</script>", "=1+1", "\u202eabc\u202d", "K" * 5000, "Kota " * 300]


def odd_names():
    cities = {
        f"k{place}": {**CITY, "name": name, "zones": {"existing": 1, "planned": 2}}
        for place, name in enumerate(ODD_NAMES)
    }
    zone = {key: {**ZONE[key], "name": ODD_NAMES[place]} for place, key in enumerate(ZONE)}
    crew = {"name": "S" * 3000, "scope": "city", "capacity": 1}
    return scenario(cities, zone, resources={"crew": crew})


def checked(makers):
    _check_texts([_drawable(make()) for make in makers.values()])


@pytest.mark.parametrize("spoken", ["id", "en"])
def test_texts_of_schedules_stay_on_the_sheet_and_apart(spoken):
    language.use(spoken)
    checked(small())


def test_texts_with_odd_names_stay_on_the_sheet_and_apart():
    checked(makers_of(odd_names()))


@pytest.mark.parametrize("horizon", ["2023-01-01", "2023-02-10", "2023-12-31"])
def test_texts_of_a_short_plan_stay_on_the_sheet_and_apart(horizon):
    plan = scenario(horizon=horizon, target={"category": "utama", "deadline": horizon})
    checked(makers_of(plan, n=1))


def test_the_median_of_work_lies_over_the_span_it_may_take():
    canvas = draw(small()["gantt-kota"]())
    colours = [to_hex(bar.get_facecolor()) for bar in canvas.axes[0].patches]
    work, span = (to_hex(_PERIODS[key]["facecolor"]) for key in ("work", "span"))
    assert colours.count(work) > 0 < colours.count(span)
    last_span = len(colours) - 1 - colours[::-1].index(span)
    assert colours.index(work) > last_span  # of one zorder, the later lies above


def test_schedules_are_the_same_bytes_twice_and_hold_no_script(tmp_path):
    language.use("id")
    makers = makers_of(odd_names())
    few = {name: makers[name] for name in ("gantt", "staff-use", "trace-3")}
    written = []
    for place in ("one", "two"):
        drawn = write_figures(few, tmp_path / place)
        assert drawn.missing == {}
        written.append([path.read_bytes() for path in drawn.written])
    assert written[0] == written[1]
    assert not any(b"<script>" in content for content in written[0][1::3])
