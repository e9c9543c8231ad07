"""The trail: forecasts are kept as they were, and scored against awards that came later."""

import datetime as dt
import json
import math
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from kla_sim.analysis.award_forecasts import Moves, forecast_no_change, moves_of
from kla_sim.cli import main
from kla_sim.domain.awards import read_awards
from kla_sim.domain.record import read_panel
from kla_sim.errors import IncompleteError, ScenarioError, StoreError
from kla_sim.experiment import trail
from kla_sim.experiment.run import RunRequest, run
from kla_sim.scenario.loading import digest, dump_scenario, read_scenario
from kla_sim.scenario.shipped import shipped_scenario
from kla_sim.store import writing

N = 300


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Return a results folder with one run, and the run."""
    folder = tmp_path_factory.mktemp("results")
    loaded = read_scenario(shipped_scenario("no_kaltara"), overrides=["worlds=20"])
    request = RunRequest(
        scenario=loaded.scenario,
        digest=digest(loaded.scenario),
        resolved=dump_scenario(loaded),
        replications=N,
        engine="compiled",
        results=folder,
    )
    return folder, run(request).run


def test_a_forecast_holds_the_shares_of_futures_in_which_an_award_is_published(results):
    folder, stored = results
    forecast = trail.keep(stored, folder)
    assert forecast.seen_from == dt.date(2022, 11, 14)
    shares = stored.summary.category_shares[1, 0]
    published = 1.0 - shares[-1]
    assert forecast.held[2023] == pytest.approx(published)
    chances = forecast.awards[2023]["jakarta_utara"]
    assert chances["utama"] == pytest.approx((shares[4] + shares[5]) / published)
    assert sum(chances.values()) == pytest.approx(1.0)
    assert forecast.standing["jakarta_utara"]["nindya"] == 1.0


def test_keeping_it_again_changes_nothing_and_another_forecast_is_refused(results):
    folder, stored = results
    kept = trail.keep(stored, folder)
    before = kept.path.read_bytes()
    left = kept.path.parent / ".writer"  # of one that was killed once it had kept the forecast
    left.write_text('{"process": 1, "machine": "x"}', encoding="utf-8")
    trail.keep(stored, folder)
    assert kept.path.read_bytes() == before
    assert not left.exists()
    assert trail.kept(folder) == [kept]
    document = json.loads(before)
    document["held"]["2023"] = 0.5
    kept.path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(StoreError) as refused:
        trail.keep(stored, folder)
    assert refused.value.code == "trail_differs"
    kept.path.write_bytes(before)


def test_scores_are_those_of_the_chances_smoothed_beside_nothing_changes(results):
    folder, stored = results
    forecast = trail.keep(stored, folder)
    awards = {("Kota Adm. Jakarta Utara", 2023): "utama", ("Kota Adm. Jakarta Utara", 2022): "kla"}
    (scored,) = trail.score([forecast], awards)
    chances = forecast.awards[2023]["jakarta_utara"]
    own = (chances["utama"] * N + 0.5) / (N + 2.5)
    assert (scored.city, scored.year, scored.outcome) == ("Jakarta Utara", 2023, "utama")
    assert scored.chance == pytest.approx(own)
    earlier = moves_of(read_panel().record.until(2022))
    stays = forecast_no_change(earlier, Moves(*(np.array([3]),) * 4))[0]
    assert scored.log_score == pytest.approx((-math.log(own), -math.log(stays[4])))
    # nothing changes: cumulative 1/4 of the rest at each bound up to nindya, all of it past that
    below = np.cumsum(stays)[:4]
    assert scored.rps[1] == pytest.approx(np.mean(below**2))


def test_awards_before_the_status_date_are_no_forecasts(results):
    folder, stored = results
    forecast = trail.keep(stored, folder)._replace(seen_from=dt.date(2024, 1, 1))
    awards = read_awards().categories
    assert {one.year for one in trail.score([forecast], awards)} == {2025}


def test_a_broken_table_of_awards_is_refused_with_its_lines(tmp_path):
    table = tmp_path / "awards.csv"
    content = "region,evaluation_year,category\nKota X,2026,emas\nKota X,26,utama\n"
    table.write_text(content, encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        read_awards(table)
    found = [(fault.code, fault.line) for fault in refused.value.faults]
    assert found == [("panel_category_unknown", 2), ("award_year_unclear", 3)]
    table.write_text("region,category\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        read_awards(table)
    assert [fault.fields["name"] for fault in refused.value.faults] == ["evaluation_year"]


def test_a_broken_forecast_is_named(tmp_path):
    (tmp_path / "trail").mkdir()
    (tmp_path / "trail" / "x.json").write_text("{}", encoding="utf-8")
    with pytest.raises(StoreError) as refused:
        trail.kept(tmp_path)
    assert refused.value.code == "trail_broken"


def test_a_forecast_that_was_edited_is_refused_or_passed_over_by_name(results, tmp_path):
    folder, stored = results
    kept = trail.keep(stored, folder)
    (tmp_path / "trail").mkdir()
    document = json.loads(kept.path.read_bytes())
    for name, edited in {
        "good": document,
        "edited": {**document, "replications": 10**6},
        "no_chances": {**document, "sha256": None, "standing": {"jakarta_utara": {"utama": 2.0}}},
        "no_years": {**document, "sha256": None, "awards": {"x": {}}},
    }.items():
        (tmp_path / "trail" / f"{name}.json").write_text(json.dumps(edited), encoding="utf-8")
    (tmp_path / "trail" / "deep.json").write_text("[" * 100_000, encoding="utf-8")
    os.mkfifo(tmp_path / "trail" / "pipe.json")
    told = []
    found = trail.kept(tmp_path, told.append)
    assert [forecast.path.stem for forecast in found] == ["good"]
    named = sorted(error.fields["path"].rpartition("/")[2] for error in told)
    assert named == ["deep.json", "edited.json", "no_chances.json", "no_years.json", "pipe.json"]
    with pytest.raises(StoreError):
        trail.kept(tmp_path)


def test_two_that_keep_forecasts_at_once_take_turns(results, tmp_path, monkeypatch):
    _, stored = results
    monkeypatch.setattr(trail, "PATIENCE", 0.0)
    held = writing(tmp_path / "trail")
    with ThreadPoolExecutor(1) as other:
        other.submit(held.__enter__).result()
        with pytest.raises(IncompleteError) as refused:
            trail.keep(stored, tmp_path)
        other.submit(held.__exit__, None, None, None).result()
    assert refused.value.code == "folder_busy"
    assert trail.kept(tmp_path) == []


@pytest.mark.parametrize(
    ("language", "words"), [("id", "Rata-rata 12 prakiraan"), ("en", "Mean of 12 forecasts")]
)
def test_the_command_keeps_lists_and_scores(results, capsys, language, words):
    folder, _ = results
    with pytest.raises(SystemExit) as stop:
        main(["trail", "latest", "--out", str(folder), "--language", language])
    assert stop.value.code == 0
    assert words in capsys.readouterr().out


def test_the_command_speaks_json(results, capsys):
    folder, stored = results
    trail.keep(stored, folder)
    with pytest.raises(SystemExit):
        main(["trail", "--json", "--out", str(folder)])
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {"schema_version", "forecasts", "scores"}
    assert set(document["scores"][0]["rps"]) == {"model", "no_change"}


def awards_table(folder, *rows):
    path = folder / "awards.csv"
    path.write_text("region;evaluation_year;category\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "region",
    [
        "Kota Adm. Jakarta Utara",
        "KOTA ADM. JAKARTA UTARA",
        " kota  administrasi jakarta\N{NO-BREAK SPACE}utara ",
        "Jakarta Utara",
    ],
)
def test_a_region_is_found_however_it_is_written(results, tmp_path, region):
    folder, stored = results
    forecast = trail.keep(stored, folder)
    table = read_awards(awards_table(tmp_path, f"{region};2023,0;Utama"))
    assert trail.strangers([forecast], table) == ()
    (scored,) = trail.score([forecast], table.categories)
    assert (scored.city, scored.year, scored.outcome) == ("Jakarta Utara", 2023, "utama")


def test_a_city_is_not_found_inside_another_word(results):
    folder, stored = results
    forecast = trail.keep(stored, folder)._replace(cities={"seri": "Seribu", "utara": "Utara"})
    assert trail._city_of(forecast, "Kota Adm. Jakarta Utara") == "utara"
    assert trail._city_of(forecast, "Kab. Adm. Kepulauan Seribu") == "seri"
    assert trail._city_of(forecast, "Kab. Sepuluhseribu") is None


def test_a_region_that_no_forecast_knows_is_named_with_its_line(results, tmp_path):
    folder, stored = results
    forecast = trail.keep(stored, folder)
    rows = ("Kota Bandung;2023;utama", "Jakarta Utra;2023;utama", "KOTA BANDUNG;2025;utama")
    table = read_awards(awards_table(tmp_path, *rows))
    assert [
        (one.code, one.line, one.place, one.nearest) for one in trail.strangers([forecast], table)
    ] == [
        ("region_unknown", 2, "Kota Bandung", ""),
        ("region_unknown_near", 3, "Jakarta Utra", "Jakarta Utara"),
    ]


def test_two_names_of_one_city_in_one_year_are_refused(results, tmp_path):
    folder, stored = results
    forecast = trail.keep(stored, folder)
    rows = ("Jakarta Utara;2023;utama", "Kota Adm. Jakarta Utara;2023;nindya")
    with pytest.raises(ScenarioError) as refused:
        trail.strangers([forecast], read_awards(awards_table(tmp_path, *rows)))
    (fault,) = refused.value.faults
    assert (fault.code, fault.line, fault.column) == ("award_twice", 3, 1)
    assert fault.fields == {"place": "Jakarta Utara", "year": "2023", "first": 2}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "id",
            "Tidak ada prakiraan yang mengenal wilayah Jakarta Utra; penghargaannya tidak dinilai. "
            "Maksudnya Jakarta Utara?",
        ),
        (
            "en",
            "No forecast knows the region Jakarta Utra; its awards are not scored. Did you mean "
            "Jakarta Utara?",
        ),
    ],
)
def test_the_command_says_which_regions_it_left_out(results, tmp_path, capsys, language, sentence):
    folder, stored = results
    trail.keep(stored, folder)
    table = awards_table(tmp_path, "Jakarta Utra;2023;utama")
    words = ["trail", "--out", str(folder), "--awards", str(table), "--language", language]
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 0
    assert f"{table}:2  {sentence}" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main([*words, "--json"])
    document = json.loads(capsys.readouterr().out)
    (notice,) = document["notices"]
    assert (notice["line"], notice["message"]) == (2, sentence)
    assert document["scores"] == []
