"""Drawings: the same bytes every time, no text outside the sheet, none over another."""

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import invented
import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.text import Text

from kla_sim import language
from kla_sim.report import drawing
from kla_sim.report.bar_charts import Bars
from kla_sim.report.charts import Axis, Tick
from kla_sim.report.comparison import compare_makers
from kla_sim.report.drawing import _own_settings, draw, write_figures
from kla_sim.report.figures import Caption, run_makers
from kla_sim.report.files import same_reason
from kla_sim.report.sheet import spread, text_width, wrap

LONG = Caption(" / ".join(["Rencana dengan nama yang panjang"] * 4), "0123abcd", 1, 1000, "0.1.0")
EXAMPLES = {
    "three cities": invented.summary,
    "one city": lambda: invented.summary((870,), 870),
    "nothing reached": lambda: invented.summary((0, 0, 0, 0, 0, 0), 0, curve=(0,) * 5),
    "all reached": lambda: invented.summary((1000,) * 6, 1000, curve=(0, 1, 1, 1, 1)),
    "many cities with long names": invented.many_cities,
    "twelve cities": lambda: invented.many_cities(12),
    "an early deadline": lambda: invented.summary(deadline_day=400),
    "forty award years": lambda: invented.summary((100,) * 6, 3, last_year=2062),
    "forty award years of one city": lambda: invented.summary((870,), 870, last_year=2062),
    "a hundred award years": lambda: invented.summary((100, 200), 3, last_year=2122),
    "seventy cities over forty years": lambda: invented.summary(
        [10 * place for place in range(70)], 0, last_year=2062
    ),
    "names of one endless word": lambda: invented.summary(
        names=["Kota" * 75, "kabupaten_" * 30, "K"]
    ),
}
_SAID = ("title", "desc")
SLOW = {"seventy cities over forty years", "many cities with long names"}


def figures_of(summary):
    figures = invented.made(run_makers(summary, invented.scenario(), invented.CAPTION))
    others = [summary, invented.summary((1, 2, 3), 1), invented.summary((900, 950, 990), 870)]
    names = ["Kaltara 2022-2026", "Setengah uang", "Dua fasilitator lagi per wilayah"]
    return [*figures, *compared(others, names)]


def compared(summaries, names):
    scenarios = [invented.scenario()] * len(summaries)
    return invented.made(compare_makers(summaries, scenarios, names, LONG))


def texts_of(canvas):
    """Return each visible text with its box in pixels."""
    canvas.draw_without_rendering()
    renderer = canvas.canvas.get_renderer()
    return [
        (text.get_text(), text.get_window_extent(renderer))
        for text in canvas.findobj(Text)
        if text.get_visible() and text.get_text().strip()
    ]


@pytest.mark.parametrize(
    ("example", "spoken"),
    [
        *(
            pytest.param(example, "id", marks=[pytest.mark.long] * (example in SLOW))
            for example in EXAMPLES
        ),
        ("three cities", "en"),
        ("one city", "en"),
    ],
)
def test_texts_stay_on_the_sheet_and_apart(example, spoken):
    language.use(spoken)
    _check_texts(figures_of(EXAMPLES[example]()))


@pytest.mark.parametrize("spoken", ["id", "en"])
def test_texts_of_many_runs_that_end_apart_stay_on_the_sheet_and_apart(spoken):
    language.use(spoken)
    summaries = [
        invented.summary((10 * place, 700, 450), 20 * place, last_year=2026 + 4 * (place % 2))
        for place in range(12)
    ]
    names = [f"Rencana dengan nama yang panjang sekali nomor {place}" for place in range(12)]
    _check_texts(compared(summaries, names))


@pytest.mark.parametrize("n_panels", [1, 2])
@pytest.mark.parametrize("end", [4.0, 3.6, 0.4, 0.0])
def test_what_is_written_at_the_end_of_a_long_bar_stays_on_the_sheet(end, n_panels):
    values = np.array([[[1.0]] * (n_panels - 1) + [[end]], [[0.5]] * n_panels])
    blank = ("",) * (n_panels - 1)
    _check_texts([Bars(
        "bars", "Judul", "Kaki", x=Axis("Poin", 0.0, 4.0, (Tick(0.0, "0"), Tick(4.0, "4"))),
        row_keys=("a", "b"), row_labels=("Jakarta Selatan", "Jakarta Timur"),
        panel_keys=("1", "2")[:n_panels], panel_labels=("",) * n_panels,
        series_keys=("s",), series_labels=("Sebab",), values=values,
        part_labels=((("",),) * n_panels,) * 2,
        end_labels=((*blank, "35,4 dari 62,6 yang kurang"), (*blank, "1,0")),
        palette="series", looks=(0,), table_names=("row", "panel", "series", "value"),
    )])  # fmt: skip


def _check_texts(figures):
    for figure in figures:
        with _own_settings():
            canvas = draw(figure)
            texts = texts_of(canvas)
        width, height = canvas.bbox.width, canvas.bbox.height
        for words, box in texts:
            inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1
            assert inside, (figure.name, words)
        for place, (words, box) in enumerate(texts):
            for others, other in texts[place + 1 :]:
                across = min(box.x1, other.x1) - max(box.x0, other.x0)
                along = min(box.y1, other.y1) - max(box.y0, other.y0)
                assert across <= 2 or along <= 5, (figure.name, words, others)


HASH_ALL = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import invented
from kla_sim import language
language.use("id")
print(invented.digest_of_plots(Path(sys.argv[2])))
"""


def test_files_are_the_same_bytes_in_any_process(tmp_path):
    digests = set()
    for seed, timezone in (("0", "UTC"), ("12345", "Asia/Jakarta")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": timezone}
        done = subprocess.run(
            [sys.executable, "-c", HASH_ALL, str(Path(__file__).parent), str(tmp_path / timezone)],
            capture_output=True, encoding="utf-8", env=environment, check=True,
        )  # fmt: skip
        digests.add(done.stdout.strip())
    language.use("id")
    assert digests == {invented.digest_of_plots(tmp_path / "here")}


def test_a_users_own_settings_change_nothing(tmp_path):
    plain = invented.digest_of_plots(tmp_path / "plain")
    with mpl.rc_context({"font.size": 30, "lines.linewidth": 9, "axes.facecolor": "red"}):
        assert invented.digest_of_plots(tmp_path / "own") == plain
        assert mpl.rcParams["font.size"] == 30


def test_files_are_written_by_name_without_a_date(tmp_path):
    language.use("id")
    makers = run_makers(invented.summary(), invented.scenario(), invented.CAPTION)
    written, missing = write_figures(makers, tmp_path / "plots")
    assert missing == {}
    assert len(written) == 3 * len(invented.PLOTS)
    assert {path.name for path in written} >= {"odds.csv", "odds.id.svg", "odds.id.png"}
    assert {path.suffix for path in written} == {".csv", ".svg", ".png"}
    for path in written:
        content = path.read_bytes()
        assert b"dc:date" not in content
        assert b"Matplotlib" not in content
        if path.suffix == ".png":
            assert content.startswith(b"\x89PNG")


def test_a_figure_that_fails_does_not_take_the_others_with_it(tmp_path):
    def fail():
        raise ZeroDivisionError("nothing to divide by")

    makers = run_makers(invented.summary(), invented.scenario(), invented.CAPTION)
    drawn = write_figures({**makers, "categories": fail}, tmp_path)
    assert drawn.missing == {"categories": "ZeroDivisionError: nothing to divide by"}
    assert len(drawn.written) == 3 * len(invented.PLOTS) - 3


def test_a_folder_that_cannot_be_written_is_one_reason_for_all(tmp_path):
    (tmp_path / "plots").write_text("no folder", encoding="utf-8")
    makers = run_makers(invented.summary(), invented.scenario(), invented.CAPTION)
    drawn = write_figures(makers, tmp_path / "plots")
    assert drawn.written == []
    ((reason, names),) = same_reason(drawn)
    assert names == invented.PLOTS
    assert str(tmp_path / "plots") in reason
    assert "Error" not in reason


def test_the_numbers_of_a_figure_are_kept_where_its_drawing_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(drawing, "_METADATA", {"nonsense": {}})
    makers = run_makers(invented.summary(), invented.scenario(), invented.CAPTION)
    drawn = write_figures({"odds": makers["odds"]}, tmp_path)
    assert [path.name for path in drawn.written] == ["odds.csv"]
    assert list(drawn.missing) == ["odds"]


def test_a_line_that_ends_early_is_drawn_to_its_own_horizon_and_not_beyond():
    early, late = invented.summary(), invented.summary(last_year=2030)
    figure = compared([early, late], ["A", "B"])[0]
    with _own_settings():
        (axes,) = draw(figure).axes
    ends = []
    for line in axes.lines:
        if line.get_drawstyle() == "steps-post":
            ends.append(float(line.get_xdata()[-1]))
        elif line.get_linestyle() != "None" and len(line.get_xdata()) == 3:
            assert line.get_color() == axes.lines[-1].get_color()  # leads to the label of B only
    assert ends == [early.horizon_day, late.horizon_day]
    assert early.horizon_day < late.horizon_day


def test_a_sign_that_the_font_lacks_is_no_word_on_standard_error(tmp_path):
    summary = invented.summary(names=["Kota \N{SNOWMAN}\N{GRINNING FACE}\u4e2d", "B", "C"])
    makers = run_makers(summary, invented.scenario(), invented.CAPTION)
    assert write_figures(makers, tmp_path).missing == {}


DRAW_ONE = """
import sys
sys.path.insert(0, sys.argv[1])
import invented
from pathlib import Path
from kla_sim.report.drawing import write_figures
from kla_sim.report.figures import run_makers
makers = run_makers(invented.summary(), invented.scenario(), invented.CAPTION)
drawn = write_figures({"odds": makers["odds"]}, Path(sys.argv[2]))
print(len(drawn.written), drawn.missing)
"""


@pytest.mark.parametrize(
    "foreign",
    [
        {"MPLBACKEND": "module://matplotlib_inline.backend_inline"},
        {"MPLBACKEND": "nonsense"},
        {"MATPLOTLIBRC": "{folder}/matplotlibrc"},
        {"HOME": "/dev/null", "XDG_CONFIG_HOME": "", "XDG_CACHE_HOME": "", "MPLCONFIGDIR": ""},
        {"MPLCONFIGDIR": "/dev/null/nowhere"},
    ],
)
def test_what_the_environment_says_of_matplotlib_neither_stops_nor_is_heard(tmp_path, foreign):
    (tmp_path / "matplotlibrc").write_text("backend: nonsense\nnonsense\n", encoding="utf-8")
    environment = {
        **os.environ,
        **{name: value.format(folder=tmp_path) for name, value in foreign.items()},
    }
    done = subprocess.run(
        [sys.executable, "-c", DRAW_ONE, str(Path(__file__).parent), str(tmp_path / "plots")],
        capture_output=True, encoding="utf-8", env=environment, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert (done.stdout.strip(), done.stderr) == ("3 {}", "")


def test_a_word_too_wide_for_a_line_is_cut():
    lines = wrap("x" * 300, 9, 2.0)
    assert len(lines) > 5
    assert "".join(lines) == "x" * 300
    assert all(text_width(line, 9) <= 2.0 for line in lines)


def test_a_text_of_few_lines_keeps_its_beginning_and_its_end():
    words = "Rencana pertama " + "dan seterusnya " * 40 + "sampai versi 7"
    lines = wrap(words, 9, 2.0, most=3)
    assert len(lines) <= 3
    assert lines[0].startswith("Rencana pertama")
    assert lines[-1].endswith("versi 7")
    assert "…" in "".join(lines)
    assert all(text_width(line, 9) <= 2.0 for line in lines)


def test_a_dollar_sign_in_a_name_is_a_dollar_sign():
    summary = invented.summary(names=["A $x^2$ B", "C", "D"])
    for figure in figures_of(summary)[:6]:
        with _own_settings():
            words = [words for words, _ in texts_of(draw(figure))]
        assert figure.name in {"attainment", "cost-and-date"} or any(
            "$x^2$" in text for text in words
        )


@given(
    places=st.lists(st.floats(0, 1), min_size=1, max_size=12),
    gap=st.floats(0.001, 0.3),
)
def test_labels_are_spread_in_order_inside_and_apart(places, gap):
    moved = spread(places, gap, 0.0, 1.0)
    kept = min(gap, 1.0 / max(len(places) - 1, 1))
    ordered = [moved[place] for place in sorted(range(len(places)), key=lambda i: places[i])]
    assert all(b - a >= kept - 1e-9 for a, b in pairwise(ordered))
    assert min(moved) >= -1e-9
    assert max(moved) <= 1 + 1e-9


def test_labels_that_do_not_touch_are_left_alone():
    assert spread([0.1, 0.9, 0.5], 0.1, 0.0, 1.0) == [0.1, 0.9, 0.5]


def test_lines_break_evenly_and_never_within_a_date_or_before_a_percent_sign():
    words = "Peluang semua 6 wilayah pada 31 Desember 2026: sekitar 3 dari 10 (26-35 %)"
    for width in (1.5, 2.0, 3.0, 4.0, 6.0):
        lines = wrap(words, 12, width)
        assert " ".join(lines).replace("\u00a0", " ") == words
        assert any("31\u00a0Desember\u00a02026" in line for line in lines)
        assert not any(line.startswith("%") for line in lines)
        assert all(text_width(line, 12) <= width or " " not in line for line in lines)


def test_a_drawing_says_to_who_does_not_see_it_what_it_shows(tmp_path):
    language.use("id")
    summary = invented.summary(names=["A & <B>", "C", "D"])
    makers = run_makers(summary, invented.scenario(), invented.CAPTION)
    write_figures(makers, tmp_path)
    for name, make in makers.items():
        root = ET.parse(tmp_path / f"{name}.id.svg").getroot()
        words = {tag: root.findtext(f"{{http://www.w3.org/2000/svg}}{tag}") for tag in _SAID}
        figure = make()
        assert words == {"title": figure.title, "desc": figure.alt}
        assert root.get("role") == "img"
        assert figure.alt.startswith(figure.title)
        assert len(figure.alt) > len(figure.title)


def test_of_many_parts_the_first_are_told_and_how_many_there_are():
    language.use("en")
    figure = run_makers(invented.many_cities(), invented.scenario(), invented.CAPTION)["tiles"]()
    assert figure.alt.endswith("; and 26 more.")
    assert figure.alt.count("Kabupaten Ogan Komering") == 12
