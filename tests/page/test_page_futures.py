"""Single simulations, pictures and runs: what the page shows is what was reckoned."""

import json
import re

import pytest
from page_serving import PLAN, client_of, events, pieces, question, write_plan

from kla_sim.domain.categories import CATEGORIES
from kla_sim.experiment.trace import trace_future
from kla_sim.language import category
from kla_sim.report.future_words import names_of
from kla_sim.scenario.loading import load_scenario


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """Return a client, the form of a question, and the name of what was answered to it."""
    plan = write_plan(tmp_path_factory.mktemp("rencana"), PLAN.replace("worlds: 60 ", "worlds: 6 "))
    client, form = client_of(plan), question(plan)
    found = events(client, "/odds", form)
    name = re.search(r'name="answered" value="([^"]+)"', pieces(found, "futures")[-1])[1]
    return client, {**form, "answered": name}, load_scenario(plan), found


def listed(answered, outcome):
    client, form, _scenario, _found = answered
    html = pieces(events(client, "/futures", {**form, "outcome": outcome}), "found")[-1]
    return html, [int(row) for row in re.findall(r'data-future="(\d+)"', html)]


def test_every_simulation_either_reaches_the_target_or_misses_it(answered):
    counts = []
    for outcome in ("met", "missed"):
        html, rows = listed(answered, outcome)
        counts.append(int(re.search(r": ([\d.]+) dari 2\.000", html)[1].replace(".", "")))
        for row in rows[:2]:
            assert trace_future(answered[2], 1, row).result.is_met[0] == (outcome == "met")
    assert sum(counts) == 2_000
    assert min(counts) > 0


def test_simulations_are_picked_by_a_region_that_fails_and_by_its_category(answered):
    _html, failed = listed(answered, "failed:jakarta_pusat")
    assert trace_future(answered[2], 1, failed[0]).result.standing[0, 0] < 4
    _html, held = listed(answered, "held:jakarta_pusat:nindya")
    assert trace_future(answered[2], 1, held[0]).result.standing[0, 0] == 3


def test_a_replayed_simulation_is_the_one_that_trace_tells(answered):
    client, form, scenario, _found = answered
    story = pieces(events(client, "/replay", {**form, "future": "17"}), "story")[-1]
    future = trace_future(scenario, 1, 17)
    launches = [one for one in future.trace.events if one.what == "launch"]
    assert launches
    assert story.count("<td>diluncurkan</td>") == len(launches)
    names = names_of(future, scenario)
    assert all(f"<td>{names.of(one.subject)}</td>" in story for one in launches)
    assert names.of("jakarta_pusat/zone-1") == "Jakarta Pusat, kawasan 1"
    held = CATEGORIES[future.result.standing[0, 0]]
    assert f"<li>Jakarta Pusat: {category(held)}</li>" in story
    assert category(held) != held
    picture = client.get(f"/picture/{form['answered']}/17.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert picture.text.count("M0-6L6 5H-6Z") == len(launches)


@pytest.mark.parametrize("future", ["", "-1", "2000", "x", "1" * 30, "٣"])
def test_a_number_that_is_no_simulation_is_said_to_be_none(answered, future):
    client, form, _scenario, _found = answered
    found = events(client, "/replay", {**form, "future": future})
    assert not pieces(found, "story")
    assert "0 sampai 1.999" in found[-1]["announce"]


@pytest.mark.parametrize("outcome", ["", "x", "failed:", "held:jakarta_pusat:x", "met:"])
def test_an_outcome_that_there_is_not_is_said_to_be_none(answered, outcome):
    client, form, _scenario, _found = answered
    found = events(client, "/futures", {**form, "outcome": outcome})
    assert not pieces(found, "found")
    assert found[-1]["announce"]


def test_what_was_forgotten_is_said_to_be(answered):
    client, form, _scenario, _found = answered
    found = events(client, "/replay", {**form, "answered": "x", "future": "1"})
    assert "ditinggalkan" in found[-1]["announce"]
    assert client.get("/picture/x/tiles.svg").status_code == 404
    assert client.get(f"/picture/{form['answered']}/x.svg").status_code == 404


def test_pictures_show_a_tile_per_region_and_a_row_per_zone(answered):
    client, form, _scenario, found = answered
    html = pieces(found, "pictures")[-1]
    assert html.count("<img ") == len(re.findall(r'alt="[^"]{30,}"', html)) == 2
    tiles = client.get(f"/picture/{form['answered']}/tiles.svg").text
    assert tiles.count("<g transform") == 6 + 6  # regions, and categories in the legend
    gantt = client.get(f"/picture/{form['answered']}/gantt.svg").text
    assert len(re.findall(r">Kawasan \d+<", gantt)) == 34
    for picture in (tiles, gantt):
        assert "<script" not in picture
        assert "style=" not in picture


def test_a_run_that_is_not_known_is_said_not_to_be(answered):
    client, form, _scenario, _found = answered
    for route in ("/follow", "/stop"):
        assert "runs" in events(client, route, {**form, "run": "99"})[-1]["announce"]
    assert client.get("/report/99").status_code == 200
    assert "belum selesai" in client.get("/report/99").text


@pytest.mark.parametrize("n", ["", "0", "x", "10.000", "99999999999"])
def test_a_number_of_simulations_that_cannot_be_is_refused_before_a_run_begins(answered, n):
    client, form, _scenario, _found = answered
    found = events(client, "/run", {**form, "n": n})
    assert not pieces(found, "run")
    assert found[-1]["announce"]


@pytest.mark.parametrize(
    ("text", "moved", "is_of_file", "overrides"),
    [
        (PLAN, {}, True, []),
        (PLAN, {"lever": "policy.wip_limit=2"}, True, ["policy.wip_limit=2"]),
        (PLAN + "# typed, not saved\n", {}, False, []),
    ],
)
def test_a_run_from_the_page_remembers_its_file_where_its_text_is_that_of_the_file(
    tmp_path, text, moved, is_of_file, overrides
):
    plan = write_plan(tmp_path, PLAN)
    found = events(client_of(plan), "/run", {**question(plan), "text": text, "n": "10", **moved})
    assert pieces(found, "run")
    (manifest,) = (plan.parent / "results").glob("*/manifest.json")
    kept = json.loads(manifest.read_text("utf-8"))
    assert kept["overrides"] == overrides
    files = [str(plan), "shipped:kaltara_2022", "shipped:base"]
    assert (kept["origin"]["files"] if kept["origin"] else None) == (files if is_of_file else None)
