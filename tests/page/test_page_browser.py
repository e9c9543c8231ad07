"""The page in a real browser: levers, hammering, saving, hostile texts, readers of all kinds."""

import itertools
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from page_serving import PLAN as LARGER
from page_serving import served, write_plan
from playwright.sync_api import expect

from kla_sim.scenario.loading import dump_scenario, load_scenario, read_scenario
from kla_sim.scenario.shipped import shipped_scenario

PLAN = LARGER.replace("worlds: 60 ", "worlds: 6 ")
SECOND = 1_000
PATIENCE = 120 * SECOND

PAYLOADS = [
    '<script>window.hacked=1</script>',
    '"><img src=x onerror=window.hacked=1>',
    "' onmouseover='window.hacked=1",
    "</textarea><script>window.hacked=1</script>",
    "javascript:window.hacked=1",
    "{{ 7*7 }}{% raw %}",
    "<svg/onload=window.hacked=1>",
    "]]><script>window.hacked=1</script>",
    "=cmd|' /C calc'!A0",
    "\u202eterbalik\u202c \u2066x\u2069",
    "&lt;b&gt; &amp; <b>tebal</b>",
    "data: x\n\nevent: y",
]  # fmt: skip

RECORD = """
window.seen = [];
const look = () => {
  const odds = document.getElementById("odds");
  const number = document.getElementById("number");
  const lever = document.querySelector('[data-lever="policy.wip_limit"] input[type=number]');
  if (number && !odds.hasAttribute("aria-busy"))
    window.seen.push([lever.value, number.dataset.n, number.value]);
};
const all = {childList: true, subtree: true, attributes: true};
new MutationObserver(look).observe(document.body, all);
"""


@pytest.fixture
def plan(tmp_path):
    return write_plan(tmp_path, PLAN)


def settle(page):
    """Wait until the last odds are there and everything else has followed."""
    expect(page.locator("#odds[aria-busy]")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator("#status")).not_to_be_empty(timeout=PATIENCE)


def lever(page, name, kind="number"):
    return page.locator(f'[data-lever="{name}"] input[type={kind}]')


def odds(page):
    return page.get_attribute("#number", "value")


def test_slider_number_and_text_are_one_and_the_odds_follow(plan, page):
    with served(plan) as (address, _server):
        page.goto(address)
        assert "token" not in page.url
        settle(page)
        before = odds(page)
        slider, field = (lever(page, "accounts.province", kind) for kind in ("range", "number"))
        slider.focus()
        slider.press("Home")
        assert field.input_value() == slider.input_value() == "14900"
        settle(page)
        low = odds(page)
        assert float(low) < float(before)
        text = page.input_value("#text")
        read = read_scenario(plan, text=text).scenario
        assert sum(read.accounts.province.values()) == 14_900_000_000
        assert "# tiga kawasan" in text
        expect(slider).to_be_focused()
        page.fill("#text", PLAN)
        settle(page)
        assert field.input_value() == "21300"
        assert odds(page) == before
        assert all(one.startswith(address.split("/?")[0]) for one in page.requested)


def test_sixty_rounds_of_hammering_show_no_number_of_an_old_value(plan, page):
    with served(plan) as (address, _server):
        page.goto(address)
        settle(page)
        field = lever(page, "policy.wip_limit")
        known = {}
        for value in "23456":
            field.fill(value)
            page.evaluate(RECORD) if value == "2" else None
            settle(page)
        known = {(value, n): shown for value, n, shown in page.evaluate("window.seen")}
        assert len({value for value, _n in known}) == 5
        page.evaluate("window.seen.length = 0")
        for place in range(60):
            field.fill("23456"[place * 7 % 5])
            page.wait_for_timeout((0, 20, 70, 150, 400, 90)[place % 6])
        settle(page)
        seen = page.evaluate("window.seen")
        assert seen
        for value, n, shown in seen:
            assert known.get((value, n), shown) == shown, (value, n)
        assert page.input_value("#text").count("wip_limit: ") == 1
        assert f"wip_limit: {field.input_value()}" in page.input_value("#text")


def test_a_fault_is_told_at_its_line_and_the_last_good_odds_stay_as_old(plan, page):
    with served(plan) as (address, _server):
        page.goto(address)
        settle(page)
        before = page.inner_text("#number")
        page.fill("#text", PLAN.replace("wip_limit: 3", "wip_limit: tiga"))
        expect(page.locator("#gutter li.fault")).to_have_count(1, timeout=PATIENCE)
        expect(page.locator("#status")).to_contain_text("teks sebelumnya")
        assert page.inner_text("#number") == before
        expect(page.locator("#odds")).to_have_attribute("aria-busy", "true")
        expect(page.locator("#odds")).to_have_attribute(
            "data-note", re.compile("sebelum kesalahan")
        )
        page.click("#faults [data-line]")
        expect(page.locator("#text")).to_be_focused()
        at = page.evaluate("document.getElementById('text').selectionStart")
        assert page.input_value("#text")[at:].startswith("policy:")
        tops = page.evaluate(
            "[document.querySelector('#gutter li.fault').getBoundingClientRect().top,"
            " document.getElementById('text').getBoundingClientRect().top,"
            " parseFloat(getComputedStyle(document.getElementById('text')).lineHeight)]"
        )
        assert (tops[0] - tops[1]) / tops[2] == pytest.approx(6.4, abs=0.5)  # the seventh line


def test_caret_and_focus_survive_what_the_server_puts_in_place(plan, page):
    with served(plan) as (address, _server):
        page.goto(address)
        settle(page)
        page.focus("#text")
        page.evaluate("document.getElementById('text').setSelectionRange(40, 40)")
        page.keyboard.type("# x")
        settle(page)
        expect(page.locator("#text")).to_be_focused()
        assert page.evaluate("document.getElementById('text').selectionStart") == 43


def test_saving_shows_the_change_and_keeps_comments(plan, page):
    with served(plan) as (address, _server):
        page.goto(address)
        settle(page)
        lever(page, "policy.wip_limit").fill("5")
        settle(page)
        page.click('[data-ask="/difference"]')
        expect(page.locator("#saving .added")).to_have_text(
            "+policy: {wip_limit: 5}   # tiga kawasan"
        )
        page.click('[data-ask="/save"]')
        expect(page.locator("#saving .fine")).to_be_visible()
        assert plan.read_text(encoding="utf-8") == PLAN.replace("wip_limit: 3", "wip_limit: 5")
        plan.write_text(PLAN + "# dari penyunting lain\n", encoding="utf-8")
        lever(page, "policy.wip_limit").fill("6")
        settle(page)
        page.click('[data-ask="/difference"]')
        expect(page.locator("#saving [role=alert]")).to_contain_text("diubah program lain")
        page.click('[data-ask="/take"]')
        expect(page.locator("#text")).to_have_value(
            PLAN + "# dari penyunting lain\n", timeout=PATIENCE
        )
        kept = (plan.parent / "rencana-2.yaml").read_text(encoding="utf-8")
        assert kept == PLAN.replace("wip_limit: 3", "wip_limit: 6")


def test_a_whole_run_has_progress_and_is_a_stored_run(plan, page, tmp_path):
    with served(plan) as (address, _server):
        page.goto(address)
        settle(page)
        page.fill("input[name=n]", "1500")
        page.click('[data-ask="/run"]')
        expect(page.locator("#run")).to_contain_text("1.500 dari 1.500", timeout=PATIENCE)
        expect(page.locator("#run")).to_contain_text("Selesai", timeout=PATIENCE)
        report = page.get_attribute("#run a", "href")
        page.goto(address.split("/?")[0] + report, timeout=PATIENCE)
        expect(page.locator("body")).to_contain_text("Rencana uji")
    (folder,) = (tmp_path / "results").iterdir()
    assert load_scenario(folder / "scenario.yaml").policy.wip_limit == 3


def test_a_run_is_stopped_by_hand_and_keeps_what_it_has(plan, page, tmp_path):
    with served(plan) as (address, _server):
        page.goto(address)
        settle(page)
        page.fill("input[name=n]", "900000")
        page.click('[data-ask="/run"]')
        page.click("#stop-run")
        expect(page.locator("#run")).to_contain_text("Dihentikan", timeout=PATIENCE)
        expect(page.locator("#stop-run")).to_have_count(0)


def test_when_the_server_is_gone_the_page_says_so_and_keeps_the_text(plan, page):
    with served(plan) as (address, _server):
        page.goto(address)
        settle(page)
    page.fill("#text", PLAN + "# ditulis sesudahnya\n")
    expect(page.locator("#lost")).to_be_visible(timeout=PATIENCE)
    assert page.input_value("#text") == PLAN + "# ditulis sesudahnya\n"


def test_two_hundred_quick_changes_leave_nothing_behind(plan, page):
    import gc
    import threading

    import psutil

    with served(plan) as (address, server):
        page.goto(address)
        settle(page)
        field = lever(page, "policy.wip_limit")

        def hammer(n):
            for place in range(n):
                field.fill("23456"[place % 5])
                page.wait_for_timeout(70)
            settle(page)
            gc.collect()

        hammer(60)
        before = psutil.Process().memory_info().rss
        n_threads = threading.active_count()
        hammer(200)
        assert threading.active_count() <= n_threads + 2
        assert psutil.Process().memory_info().rss - before < 60e6
        page.wait_for_timeout(2 * SECOND)
        assert len(server.server_state.connections) <= 6
        assert len(server.server_state.tasks) == 0


def hostile_plan(rotation):
    """Return a scenario in which every text that people write is a payload."""
    payloads = itertools.cycle(PAYLOADS[rotation:] + PAYLOADS[:rotation])
    text = dump_scenario(read_scenario(shipped_scenario("kaltara_2022"), overrides=["worlds=4"]))

    def swap(match):
        payload = next(payloads).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{match[1]}: "{payload}"'

    return re.sub(r'\b(name|why|source|said_by): "(?:[^"\\]|\\.)*"', swap, text)


@pytest.mark.parametrize("rotation", [0, 5])
def test_every_text_of_a_scenario_is_shown_and_none_is_obeyed(tmp_path, page, rotation):
    plan = write_plan(tmp_path, hostile_plan(rotation), "=1+1 <img src=x>.yaml")
    said = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda message: said.append(message.text))
    with served(plan) as (address, _server):
        page.goto(address)
        settle(page)
        page.click('[data-ask="/futures"]')
        page.locator('[data-ask="/replay"]').first.click()
        expect(page.locator("#story h3")).to_be_visible(timeout=PATIENCE)
        for summary in page.locator("#story summary").all():
            summary.click()
        lever(page, "policy.wip_limit").fill("5")
        settle(page)
        page.click('[data-ask="/compare"]')
        expect(page.locator("#comparison")).to_contain_text("poin", timeout=PATIENCE)
        page.click('[data-ask="/difference"]')
        expect(page.locator("#target")).to_be_visible()
        assert page.evaluate("window.hacked") is None
        assert (
            page.locator("main script, main b, main svg, main img:not([src^='/picture/'])").count()
            == 0
        )
        shown = page.inner_text("main")
        cities = load_scenario(plan).cities.values()
        assert any("<" in city.name for city in cities)
        assert all(
            city.name.split("\n")[0][:12] in shown for city in cities if city.name[0] != "\u202e"
        )
        for image in page.locator("img").all():
            assert image.evaluate("one => one.complete && one.naturalWidth > 0")
    assert said == []


STATES = ["fresh", "fault", "everything"]


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_in_any_state(plan, page, language, scheme):
    page.emulate_media(color_scheme=scheme)
    with served(plan, language=language) as (address, _server):
        page.goto(address)
        settle(page)
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        check(page)
        page.click('[data-ask="/futures"]')
        page.locator('[data-ask="/replay"]').first.click()
        expect(page.locator("#story h3")).to_be_visible(timeout=PATIENCE)
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        lever(page, "policy.wip_limit").fill("5")
        settle(page)
        page.click('[data-ask="/difference"]')
        expect(page.locator("#target")).to_be_visible()
        page.click('[data-ask="/compare"]')
        expect(page.locator("#comparison p").first).to_be_visible(timeout=PATIENCE)
        page.fill("input[name=n]", "500")
        page.click('[data-ask="/run"]')
        expect(page.locator("#run a")).to_be_visible(timeout=PATIENCE)
        check(page)
        page.fill("#text", "cities: [")
        expect(page.locator("#gutter li.fault")).to_have_count(1, timeout=PATIENCE)
        check(page)


def check(page):
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []


@pytest.mark.parametrize("width", [320, 768])
def test_nothing_is_cut_off_on_a_narrow_screen(plan, page, width):
    page.set_viewport_size({"width": width, "height": 700})
    with served(plan) as (address, _server):
        page.goto(address)
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        check(page)
        for name in ("policy.wip_limit", "accounts.province"):
            box = lever(page, name).bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width


def test_all_is_reached_and_worked_by_the_keyboard(plan, page):
    with served(plan) as (address, _server):
        page.goto(address)
        settle(page)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        reached = set()
        for _ in range(60):
            page.keyboard.press("Tab")
            reached.add(
                page.evaluate("document.activeElement.dataset.ask || document.activeElement.id")
            )
        assert {"open", "text", "/compare", "/difference", "/run", "/futures"} <= reached


def test_the_language_is_switched_and_unsaved_text_stays(plan, page):
    with served(plan) as (address, _server):
        page.goto(address)
        settle(page)
        page.fill("#text", PLAN + "# belum disimpan\n")
        settle(page)
        page.click("button[name=language][value=en]")
        expect(page.locator("h1")).to_have_text("The odds of Kaltara")
        settle(page)
        assert page.input_value("#text") == PLAN + "# belum disimpan\n"
        assert page.locator("html").get_attribute("lang") == "en"
