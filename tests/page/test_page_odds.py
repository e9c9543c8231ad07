"""The odds of the page: those of `run` with the same values, and never those of an old text."""

import re
from types import SimpleNamespace

import pytest
from page_serving import PLAN, client_of, events, pieces, question, write_plan

from kla_sim import language
from kla_sim.analysis.estimate import Estimate
from kla_sim.experiment.run import RunRequest, run
from kla_sim.page.answers import odds_piece
from kla_sim.page.folder import Folder
from kla_sim.page.levers import levers_of, overrides_of
from kla_sim.page.odds import LOOKS, Look, NotWantedError, Wish, looks
from kla_sim.scenario.loading import digest, dump_scenario, load_scenario, read_scenario

NUMBER = re.compile(r'<data id="number" value="([^"]+)" data-n="(\d+)"')

MOVED = {
    "policy.wip_limit": "5",
    "policy.priority": "lowest_score_first",
    "accounts.province": "15000",
    "resources.facilitators.per_city.jakarta_barat": "6",
    "cities.jakarta_pusat.zones.planned.2024": "4",
    "effects.services.health_welfare": "30",
}


@pytest.fixture
def plan(tmp_path):
    return write_plan(tmp_path)


def odds_of_run(path, overrides, n, folder, seed=1):
    loaded = read_scenario(path, overrides=overrides)
    request = RunRequest(
        loaded.scenario, digest(loaded.scenario), dump_scenario(loaded), n, seed, "compiled",
        results=folder,
    )  # fmt: skip
    return run(request).run.summary.all_cities.value


def numbers(found):
    return {int(n): float(value) for html in pieces(found, "odds")
            for value, n in NUMBER.findall(html)}  # fmt: skip


@pytest.mark.parametrize("name", MOVED)
def test_a_lever_moves_the_odds_exactly_as_run_with_the_same_value(plan, tmp_path, name):
    scenario = load_scenario(plan)
    overrides = overrides_of(levers_of(scenario, scenario), {name: MOVED[name]})
    assert overrides
    found = numbers(events(client_of(plan), "/odds", question(plan, lever=f"{name}={MOVED[name]}")))
    assert tuple(found) == LOOKS
    for n in (LOOKS[0], LOOKS[-1]):
        assert found[n] == odds_of_run(plan, overrides, n, tmp_path / f"results-{n}")


def test_several_levers_and_another_seed_say_what_run_says(plan, tmp_path):
    scenario = load_scenario(plan)
    overrides = overrides_of(levers_of(scenario, scenario), MOVED)
    form = question(plan, lever=[f"{name}={value}" for name, value in MOVED.items()], seed="7")
    found = numbers(events(client_of(plan), "/odds", form))
    assert found[2_000] == odds_of_run(plan, overrides, 2_000, tmp_path / "results", seed=7)


@pytest.mark.parametrize("name", MOVED)
def test_the_text_that_a_lever_writes_is_the_plan_that_was_reckoned(plan, name):
    scenario = load_scenario(plan)
    overrides = overrides_of(levers_of(scenario, scenario), {name: MOVED[name]})
    form = question(plan, lever=f"{name}={MOVED[name]}")
    found = events(client_of(plan), "/odds", form)
    (text,) = [event["text"] for event in found if "text" in event]
    wanted = read_scenario(plan, overrides=overrides).scenario
    assert digest(read_scenario(plan, text=text).scenario) == digest(wanted)
    for comment in ("# Rencana uji: komentar ini tetap", "# sedikit saja"):
        assert comment in text


def test_levers_follow_the_text(plan):
    text = PLAN.replace("wip_limit: 3", "wip_limit: 4")
    found = events(client_of(plan), "/odds", question(plan, text, edited="yes"))
    (values,) = [event["values"] for event in found if "values" in event]
    assert values["policy.wip_limit"] == 4
    assert values["accounts.province"] == 21_300
    assert 'data-lever="policy.wip_limit"' in pieces(found, "levers")[0]


def test_a_new_total_is_split_over_the_years_in_the_old_proportions_to_the_rupiah(plan):
    scenario = load_scenario(plan)
    sets = overrides_of(levers_of(scenario, scenario), {"accounts.province": "10650"})
    assert sets == [
        "accounts.province.2022=200 juta",
        "accounts.province.2023=2100 juta",
        "accounts.province.2024=2600 juta",
        "accounts.province.2025=3000 juta",
        "accounts.province.2026=2750 juta",
    ]


def test_faults_stand_at_their_lines_and_the_old_odds_are_said_to_be_old(plan):
    text = PLAN.replace("wip_limit: 3", "wip_limit: tiga")
    found = events(client_of(plan), "/odds", question(plan, text))
    assert not pieces(found, "odds")
    (faults,), (gutter,) = pieces(found, "faults"), pieces(found, "gutter")
    assert 'data-line="7"' in faults
    assert "rencana.yaml:7:21" in faults
    assert [place for place, line in enumerate(gutter.split("<li"), 0) if "fault" in line] == [7]
    assert "teks sebelumnya" in found[-1]["announce"]


@pytest.mark.parametrize(
    "text", ["", "x", "{", "extends: ../lain.yaml", "a: &a [*a]", "\x01", "[" * 50]
)
def test_any_text_is_answered(plan, text):
    found = events(client_of(plan), "/odds", question(plan, text))
    assert not pieces(found, "odds")
    assert found[-1]["announce"]


@pytest.mark.parametrize(
    "lever",
    ["policy.wip_limit=", "policy.wip_limit=x", "policy.wip_limit=nan", "policy.wip_limit=1e999",
     "policy.wip_limit=2.5", "policy.wip_limit=-1", "policy.priority=none", "nothing=1", "=", "",
     "accounts.province=-5", "cities.jakarta_pusat.zones.planned.2024=99999999"],
)  # fmt: skip
def test_a_value_that_no_lever_takes_changes_nothing_and_is_said(plan, lever):
    found = events(client_of(plan), "/odds", question(plan, lever=lever))
    assert not pieces(found, "odds")
    assert not [event for event in found if "text" in event]
    assert found[-1]["announce"]


def test_every_lever_of_every_shipped_scenario_reads_back_from_the_text_it_writes(tmp_path):
    from kla_sim.scenario.editing import text_with

    folder = Folder(write_plan(tmp_path))
    for name in ("shipped:kaltara_2022", "shipped:kaltara_2026", "shipped:two_more_facilitators"):
        opened = folder.open(name)
        scenario = read_scenario(opened.path, text=opened.text).scenario
        levers = levers_of(scenario, scenario)
        assert len(levers) > 20
        for lever in levers[:: max(1, len(levers) // 12)]:
            value = lever.options[0] if lever.options else str(lever.high)
            sets = overrides_of(levers, {lever.name: value})
            text = text_with(opened.path, opened.text, sets)
            after = read_scenario(opened.path, text=text).scenario
            (now,) = [one.value for one in levers_of(after, scenario) if one.name == lever.name]
            assert now == pytest.approx(float(value)) if not lever.options else now == value


def test_an_answer_that_nobody_wants_is_given_up_before_its_next_step(plan):
    wish = Wish()
    found = looks(load_scenario(plan), 1, wish)
    assert next(found).n == LOOKS[0]
    wish.end()
    with pytest.raises(NotWantedError):
        next(found)


def test_the_page_is_answered_in_the_language_that_was_chosen(plan):
    client = client_of(plan)
    shown = client.post("/", data=question(plan, PLAN + "# belum disimpan\n", language="en"))
    assert '<html lang="en">' in shown.text
    assert "# belum disimpan" in shown.text
    found = events(client, "/odds", question(plan))
    assert found[-1]["announce"].startswith("The odds are now")
    assert language.current() == "id"


def test_the_plan_here_is_compared_with_the_saved_one_future_by_future(plan):
    client = client_of(plan)
    same = events(client, "/compare", question(plan))
    assert "sama dengan yang tersimpan" in pieces(same, "comparison")[-1]
    form = question(plan, lever="accounts.province=15000")
    told = pieces(events(client, "/compare", form), "comparison")[-1]
    assert "poin persen" in told
    sentences = re.findall(r"<p>([^<]+)</p>", told)
    assert sentences
    assert [sentence for sentence in sentences if sentence[0].islower()] == []
    other = question(plan, PLAN.replace("worlds: 60", "worlds: 61"))
    refused = events(client, "/compare", other)
    assert "61" in refused[-1]["announce"]


@pytest.mark.parametrize(("high", "is_said"), [(0.01, True), (0.03, False)])
def test_an_interval_that_may_be_narrow_is_said_to_be_beside_it(plan, high, is_said):
    language.use("en")
    found = SimpleNamespace(
        n_worlds=200, labels=SimpleNamespace(city_names=["Barat", "Timur"])
    )  # fmt: skip
    odds = Estimate(0.005, 0.001, high, 0.95, "conditional_clustered", 2_000)
    expected = Estimate(0.5, 0.4, 0.6, 0.95, "clustered", 2_000)
    look = Look(found, None, odds, [odds, odds], expected)
    html = odds_piece("plan.yaml", look, load_scenario(plan))["html"]
    assert ("This interval may be narrow: of kinds of worlds rarer than 1.8 %" in html) is is_said
    assert ('id="narrow"' in html) is is_said
