"""Histories of awards: draws against a simulation of the law that keeps what fits the history."""

import datetime as dt

import numpy as np
import pytest

from kla_sim.engine import beliefs as known
from kla_sim.engine import past
from kla_sim.engine.filtered import _filtered_once, filtered
from kla_sim.engine.plan import compile_plan
from kla_sim.engine.posterior import law_of
from kla_sim.engine.unknowns import Unknowns
from kla_sim.engine.worlds import baseline_centre, row_of, under_law
from kla_sim.errors import ScenarioError
from kla_sim.scenario.loading import digest, dump_scenario, load_scenario, read_scenario
from kla_sim.scenario.shipped import shipped_scenario
from tests.engine.laws import YEARS, Places, row, write_posterior

KOTA_ON_JAVA = 3
START = dt.date(2022, 11, 14)
CATEGORIES = {"none": 0, "pratama": 1, "madya": 2, "nindya": 3, "utama": 4}

PLAN = """
schema_version: 1
name: Riwayat
start: 2022-11-14
horizon: 2024-12-31
target: {{category: utama, deadline: 2024-12-31}}
worlds: {worlds}
cities:
  kota:
    name: Kota
    districts: 4
    population: 1000000
    {city}
    award: {{category: {award}, date: 2022-07-22}}
    baseline: {{history: {history}}}
accounts: {{release: {{1 Januari: 100%}}, lapse: 100%}}
background: {{posterior: kecil.csv}}
evaluation:
  {evaluation}
  cycles: {{2023: {{evidence_closes: 2023-06-15, award: 2023-07-23}}}}
"""


@pytest.fixture
def plan_of(tmp_path):
    """Return a scenario with one city of some history, beside a small posterior."""

    def make(history, *, award="unknown", worlds=3, city="", evaluation=""):
        write_posterior(tmp_path)
        path = tmp_path / "riwayat.yaml"
        content = PLAN.format(
            history=history, award=award, worlds=worlds, city=city, evaluation=evaluation
        )
        path.write_text(content, encoding="utf-8")
        return read_scenario(path)

    return make


def kept(history, n, seed):
    """Return gap, rate and standing after 2022 of simulated places with this history."""
    law = law_of(row(), KOTA_ON_JAVA)
    places = Places(np.random.default_rng(seed), law, n)
    for year, before in zip(YEARS, (2017, *YEARS), strict=False):
        for _ in range(year - before):
            places.move(1.0)
        award = places.judge(row().strictness[year])
        if year in history:
            places.keep(award == CATEGORIES[history[year]])
    return places


def drawn(history, standing, n):
    """Return gaps, rates and standings at n by n equal steps of the uniform numbers."""
    awards = tuple(CATEGORIES[history[year]] if year in history else known.UNSEEN for year in YEARS)
    behind = past.Past(START, (("kota", None, (KOTA_ON_JAVA, awards)),), (), YEARS)
    beliefs = filtered(behind, row(), lambda name: 0.5).after[KOTA_ON_JAVA, awards].whole()
    rng = np.random.default_rng(8)
    law = law_of(row(), KOTA_ON_JAVA)
    draws = [known.draw(beliefs, law, standing, tuple(rng.random(3))) for _ in range(n)]
    return (np.array(values) for values in zip(*draws, strict=True))


@pytest.mark.parametrize(
    ("history", "standing"),
    [
        ({2018: "pratama", 2019: "madya", 2021: "nindya", 2022: "nindya"}, 3),
        ({2018: "pratama", 2022: "nindya"}, 3),
        ({2019: "madya", 2021: "madya"}, None),
        ({2017: "madya", 2021: "nindya", 2022: "madya"}, 2),
    ],
)
def test_draws_agree_with_places_that_were_simulated_and_fit_the_history(history, standing):
    places = kept(history, 200_000, seed=3)
    n = len(places.gap)
    assert n > 4_000  # a mean gap is then known to half a point
    gap, rate, held = drawn(history, standing, 20_000)
    for simulated, own in (
        (places.gap, gap),
        (places.gap < 300.0, gap < 300.0),
        (places.gap**2, gap**2),
        (np.log(places.rate), np.log(rate)),
        (np.log(places.rate) > -2.5, np.log(rate) > -2.5),
        (np.log(places.rate) * places.gap, np.log(rate) * gap),
        (places.standing == 3, held == 3),
    ):
        error = np.hypot(np.std(simulated) / np.sqrt(n), np.std(own) / np.sqrt(len(own)))
        z = (np.mean(simulated) - np.mean(own)) / max(error, 1e-12)
        assert abs(z) < 4.0


def test_a_better_history_gives_a_smaller_gap():
    worse, _, _ = drawn({2021: "pratama", 2022: "madya"}, 2, 2_000)
    better, _, _ = drawn({2021: "madya", 2022: "nindya"}, 3, 2_000)
    assert better.mean() < worse.mean() - 40.0


def under_own_law(scenario, world):
    here = Unknowns(scenario).in_world(7, world)
    return under_law(here, row_of(here, 7, world))


def test_each_world_uses_one_row_for_all_numbers_of_the_law(plan_of):
    scenario = plan_of("{2021: madya, 2022: nindya}", award="nindya", worlds=40).scenario
    seen = set()
    for world in range(40):
        here = under_own_law(scenario, world)
        place = round((here.background.rate.median - 0.04) / 0.002)
        assert here.background.volatility == 28.0 + 0.5 * place
        assert (here.evaluation.noise, here.evaluation.one_step_up) == (12.0, 0.97)
        assert here.evaluation.strictness.sd == 18.0
        assert (here.evaluation.tail_share, here.evaluation.confirmation) == (0.06, 0.05)
        seen.add(place)
    assert len(seen) > 12  # of 20 rows


def test_what_the_scenario_writes_stands(plan_of):
    scenario = plan_of(
        "{2022: nindya}", award="nindya", evaluation="noise: 3\n  one_step_up: 50%"
    ).scenario
    here = under_own_law(scenario, 0).evaluation
    assert (here.noise, here.one_step_up, here.confirmation) == (3.0, 0.5, 0.05)


def test_the_central_case_is_the_median_row(plan_of):
    scenario = plan_of("{2022: nindya}", award="nindya").scenario
    here = under_own_law(scenario, None).background
    assert here.rate.median == pytest.approx(0.04 + 0.002 * 9.5)
    assert here.volatility == pytest.approx(28.0 + 0.5 * 9.5)


def test_the_award_given_stands_and_an_unknown_one_is_drawn(plan_of):
    given = compile_plan(plan_of("{2019: madya}", award="nindya", worlds=60).scenario, 1)
    assert {int(world.standing[0]) for world in given.worlds} == {3}
    unknown = compile_plan(plan_of("{2019: madya}", worlds=60).scenario, 1)
    assert len({int(world.standing[0]) for world in unknown.worlds}) > 1


def test_the_policy_goes_by_the_band_of_the_last_award(plan_of):
    scenario = plan_of("{2022: nindya, 2019: madya}", award="nindya").scenario
    assert baseline_centre(scenario, scenario.cities["kota"]) == 750.0


def test_another_city_moves_nobody_elses_draw(plan_of, tmp_path):
    loaded = plan_of("{2019: madya, 2022: nindya}", award="nindya")
    path = tmp_path / "dua.yaml"
    more = """
extends: riwayat.yaml
cities:
  lain:
    name: Lain
    districts: 2
    population: 5000
    status: kabupaten
    award: {category: pratama, date: 2022-07-22}
    baseline: {history: {2021: none, 2022: pratama}}
"""
    path.write_text(more, encoding="utf-8")
    alone = compile_plan(loaded.scenario, 5)
    both = compile_plan(read_scenario(path).scenario, 5)
    for one, two in zip(alone.worlds, both.worlds, strict=True):
        assert (one.gap[0], one.rate[0]) == (two.gap[0], two.rate[0])


def test_the_digest_knows_the_content_of_the_posterior_and_not_its_folder(plan_of, tmp_path):
    first = plan_of("{2022: nindya}", award="nindya")
    elsewhere = tmp_path / "lain"
    elsewhere.mkdir()
    for name in ("kecil.csv", "kecil.json", "riwayat.yaml"):
        (elsewhere / name).write_bytes((tmp_path / name).read_bytes())
    assert digest(read_scenario(elsewhere / "riwayat.yaml").scenario) == digest(first.scenario)
    table = tmp_path / "kecil.csv"
    table.write_text(table.read_text().replace("34.0", "34.5"), encoding="utf-8")
    lines = table.read_text().splitlines()
    table.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    assert digest(read_scenario(first.path).scenario) != digest(first.scenario)


def test_a_run_folder_finds_its_posterior_again_and_refuses_another_content(plan_of, tmp_path):
    loaded = plan_of("{2022: nindya}", award="nindya")
    folder = tmp_path / "results" / "run"
    folder.mkdir(parents=True)
    kept = folder / "scenario.yaml"
    kept.write_text(dump_scenario(loaded), encoding="utf-8")
    again = read_scenario(kept)
    assert digest(again.scenario) == digest(loaded.scenario)
    assert np.array_equal(
        compile_plan(again.scenario, 1).worlds[0].gap,
        compile_plan(loaded.scenario, 1).worlds[0].gap,
    )
    write_posterior(tmp_path, n_rows=19)
    with pytest.raises(ScenarioError) as refused:
        read_scenario(kept)
    assert [fault.code for fault in refused.value.faults] == ["posterior_changed"]


def test_a_spoiled_table_is_refused_by_name(plan_of, tmp_path):
    loaded = plan_of("{2022: nindya}", award="nindya")
    table = tmp_path / "kecil.csv"
    table.write_text(table.read_text().replace("volatility", "volatilitas"), encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        read_scenario(loaded.path)
    (fault,) = refused.value.faults
    assert (fault.code, fault.file, fault.line) == ("posterior_column_missing", str(table), 1)
    assert fault.fields["name"] == "volatility"


def test_two_hundred_worlds_of_six_cities_share_their_kernels(monkeypatch):
    calls = []
    made = known.kernel_of
    _filtered_once.cache_clear()  # other plans may have filtered a row of these worlds
    monkeypatch.setattr(known, "kernel_of", lambda law, years: calls.append(1) or made(law, years))
    scenario = load_scenario(shipped_scenario("kaltara_2026")).model_copy(update={"worlds": 5})
    plan = compile_plan(scenario, 1)
    n_rows = len({values.volatility for values in plan.values})
    assert n_rows > 2  # worlds may choose the same row
    assert len(calls) == n_rows * 2  # one for the cities and one for the regency
