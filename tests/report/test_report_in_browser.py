"""The report in a real browser: fits one page, a phone and a reader who hears it; runs nothing."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from kla_sim import language
from kla_sim.report.blocks import (
    Chapter,
    Command,
    Part,
    Picture,
    Points,
    Table,
    Terms,
    Words,
)
from kla_sim.report.charts import Axis, Tick
from kla_sim.report.document import html_document
from kla_sim.report.range_charts import Dots
from tests.report.conftest import perform

PAYLOADS = {
    "script": "<script>window.hit = 1; alert(1)</script>",
    "image": '"><img src=x onerror="window.hit=1;alert(1)">',
    "apostrophe": "' onmouseover='window.hit=1' autofocus onfocus='window.hit=1",
    "style": "</style><script>window.hit=1</script><style>*{background:url(http://x.invalid/a)}",
    "title": "</title><script>window.hit=1</script>",
    "svg": '</text></svg><svg onload="window.hit=1"><script>window.hit=1</script>',
    "cdata": "]]><script>window.hit=1</script><![CDATA[",
    "template": "{{7*7}} {% raw %} ${7*7} #{7*7} {{''.__class__}}",
    "address": "javascript:window.hit=1 data:text/html,<script>window.hit=1</script>",
    "formula": "=cmd|'/C calc'!A0",
    "direction": "\u202etxt.exe\u202c \u2066a\u2069 \u200f",
    "long": "R" + "a" * 5_000,
}
"""What would run, fetch or turn something if a text were ever taken for more than text."""

A4_WIDTH, A4_HEIGHT = 180 / 25.4 * 96, 269 / 25.4 * 96
"""What the margins of a printed page leave, in the pixels of CSS."""

SLOW = pytest.mark.long


@pytest.fixture(scope="module")
def reports(tmp_path_factory, results, kaltara, facilitators):
    """The reports on a run and on two, by language."""
    folder = tmp_path_factory.mktemp("reports")
    for chosen in language.LANGUAGES:
        one, two = folder / f"one.{chosen}.html", folder / f"two.{chosen}.html"
        perform("report", kaltara, "--out", one, "--language", chosen, "--quiet")
        perform(
            "report", kaltara, facilitators, "--results", results, "--out", two,
            "--language", chosen, "--quiet",
        )  # fmt: skip
    return folder


def show(page, path):
    """Open a report, and note what a dialog would say."""
    page.dialogs = []
    page.on("dialog", lambda dialog: (page.dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(path.as_uri())


def assert_nothing_ran(page, path):
    assert page.evaluate("window.hit") is None
    assert page.dialogs == []
    assert [address for address in page.requested if address != path.as_uri()] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("chosen", language.LANGUAGES)
@pytest.mark.parametrize("kind", ["one", "two"])
def test_axe_finds_no_fault(page, reports, kind, chosen, scheme):
    page.emulate_media(color_scheme=scheme)
    show(page, reports / f"{kind}.{chosen}.html")
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []


@pytest.mark.parametrize("kind", ["one", "two"])
def test_report_asks_for_nothing_and_runs_nothing(page, reports, kind):
    path = reports / f"{kind}.id.html"
    show(page, path)
    assert_nothing_ran(page, path)


@pytest.mark.parametrize("kind", ["one", "two"])
@pytest.mark.parametrize("width", [320, 360, 768])
def test_page_does_not_scroll_sideways_on_a_phone(page, reports, kind, width):
    page.set_viewport_size({"width": width, "height": 740})
    show(page, reports / f"{kind}.id.html")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    letters = page.evaluate("parseFloat(getComputedStyle(document.querySelector('td')).fontSize)")
    assert letters >= 12


def test_dark_report_is_dark_and_figures_stay_on_light_paper(page, reports):
    page.emulate_media(color_scheme="dark")
    show(page, reports / "one.id.html")
    colour = "e => getComputedStyle(document.querySelector(e)).backgroundColor"
    assert page.evaluate(colour, "html") == "rgb(22, 25, 28)"
    assert page.evaluate(colour, "figure .scroll") == "rgb(255, 255, 255)"


def printed_pages(page):
    """Return how many pages Chromium prints of what is shown."""
    return len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(prefer_css_page_size=True)))


def first_section_alone(page):
    page.evaluate("document.querySelectorAll('section:not(.first)').forEach(e => e.remove())")


@pytest.mark.parametrize("chosen", language.LANGUAGES)
@pytest.mark.parametrize("kind", ["one", "two"])
def test_first_section_fits_one_page_of_paper(page, reports, kind, chosen):
    show(page, reports / f"{kind}.{chosen}.html")
    assert printed_pages(page) > 3
    first_section_alone(page)
    assert printed_pages(page) == 1
    page.set_viewport_size({"width": int(A4_WIDTH), "height": int(A4_HEIGHT)})
    page.emulate_media(media="print")
    assert page.evaluate("document.querySelector('.first').getBoundingClientRect().bottom") > 300


def test_printed_page_is_not_shrunk_by_a_wide_table(page, reports):
    show(page, reports / "one.id.html")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": int(A4_WIDTH), "height": int(A4_HEIGHT)})
    wide = page.evaluate(
        "[...document.querySelectorAll('table')].filter(t => t.getBoundingClientRect().right"
        " > innerWidth + 1).map(t => t.caption.textContent)"
    )
    assert wide == []


def chapter_of(words):
    """Return a chapter in which every block says the same words in every place."""
    table = Table(words, (words, words, words), [(words, words, words)], bars=(0.5,))
    blocks = (
        Words(words),
        Words(words, "warning"),
        Points((words, words)),
        Terms(((words, words),)),
        Command(words),
        table,
        Picture("dots"),
        Part(words, (Words(words), table)),
    )
    return Chapter("answer", words, blocks)


def dots_of(words):
    """Return a figure in which everything that has a name has this one."""
    return Dots(
        "dots", words, words,
        x=Axis(words, 0.0, 1.0, (Tick(0.0, words), Tick(1.0, words))),
        row_keys=("a", "b"), row_labels=(words, words),
        series_keys=("s",), series_labels=(words,),
        points=np.array([[(0.1, 0.2, 0.3), (0.4, 0.5, 0.6)]]),
        table_names=("run", "city", "low", "odds", "high"),
    )  # fmt: skip


@pytest.mark.parametrize("kind", PAYLOADS)
def test_no_block_takes_a_text_for_more_than_text(page, tmp_path, kind):
    words = PAYLOADS[kind]
    chapters = [chapter_of(words), chapter_of(words)._replace(key="more", blocks=())]
    figure = dots_of(words)
    document = html_document(words, [words, words], chapters, {"dots": lambda: figure})
    path = tmp_path / "report.html"
    path.write_text(document, encoding="utf-8")
    show(page, path)
    page.hover("h1")
    page.keyboard.press("Tab")
    assert_nothing_ran(page, path)
    assert page.locator("main svg").count() == 1
    assert page.evaluate("[...document.querySelectorAll('script, img, style')].length") == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if kind not in ("direction", "long"):
        assert page.locator("h1").text_content() == words
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200f]", document)


def plan_of(folder, shift):
    """Write a plan in which every text holds a payload, another one in each place."""
    kinds = list(PAYLOADS)
    values = iter([PAYLOADS[kinds[(place + shift) % len(kinds)]] for place in range(20)])

    def text(most=10_000):
        return json.dumps(next(values)[:most])

    source = Path(__file__).parents[1] / "data" / "broken" / "plan.yaml"
    (folder / "plan.yaml").write_text(source.read_text("utf-8"), encoding="utf-8")
    path = folder / "named.yaml"
    path.write_text(
        f"extends: plan.yaml\nname: {text(200)}\n"
        f"cities: {{timur: {{name: {text()}}}, barat: {{name: {text()}}}}}\n"
        f"resources: {{facilitators: {{name: {text()}}}, trainers: {{name: {text()}}}}}\n"
        f"work: {{zone: {{site: {{name: {text()}}}}}}}\n"
        f"attainment_claim: {{date: 2023-01-01, value: 90%, said_by: {text()}}}\n"
        f"sources: {{cities.timur.population: {{source: {text()}}}}}\n"
        f"assumptions: {{effects: {{why: {text()}}}}}\n"
        f"waive: {{ASSUMPTION: {text()}}}\n",
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize(
    "shift", [0, 4, *(pytest.param(k, marks=SLOW) for k in (1, 2, 3, 5, 6, 7, 8, 9, 10, 11))]
)
def test_no_text_of_a_scenario_runs_in_its_report(page, tmp_path, shift):
    plan = plan_of(tmp_path, shift)
    results = tmp_path / "results"
    perform("run", plan, "-n", 30, "--no-plots", "--quiet", "--out", results)
    for chosen in language.LANGUAGES:
        path = tmp_path / f"{chosen}.html"
        perform(
            "report", "latest", "--results", results, "--out", path, "--language", chosen,
            "--quiet",
        )  # fmt: skip
        show(page, path)
        assert_nothing_ran(page, path)
        assert page.evaluate("document.querySelectorAll('script, img').length") == 0
        page.set_viewport_size({"width": 360, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.requested.clear()
    first_section_alone(page)
    assert printed_pages(page) == 1


def test_no_text_of_a_manifest_from_elsewhere_runs_in_its_report(page, tmp_path, facilitators):
    copy = tmp_path / facilitators.name
    copy.mkdir()
    for path in facilitators.iterdir():
        if path.is_file() and path.suffix != ".html":
            (copy / path.name).write_bytes(path.read_bytes())
    manifest = json.loads((copy / "manifest.json").read_text())
    evil = "".join(value for kind, value in PAYLOADS.items() if kind != "long")
    manifest |= {
        "python": evil, "cpu_family": evil, "commit": evil, "command": [evil], "label": evil,
        "packages": {evil: evil}, "overrides": [f"a={evil}"],
    }  # fmt: skip
    change = {"path": evil, "before": evil, "after": evil, "file": evil, "line": 3}
    manifest["origin"] = {
        "files": [evil, evil], "changed": [change], "set_here": [change], "n_added": {evil: 2}
    }  # fmt: skip
    (copy / "manifest.json").write_text(json.dumps(manifest))
    path = tmp_path / "report.html"
    perform("report", copy, "--out", path, "--language", "en", "--quiet")
    show(page, path)
    assert_nothing_ran(page, path)
    assert page.evaluate("document.querySelectorAll('script, img').length") == 0
