"""The commands on the award record: bad panels, refusals, and what they print and leave."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from kla_sim.cli import main
from kla_sim.domain.record import read_panel, shipped
from kla_sim.engine.posterior import load_posterior, rows_to_csv
from kla_sim.errors import ScenarioError, UsageError
from kla_sim.experiment.backtest import backtest_panel, forecast_rolling, with_unknown_strictness
from kla_sim.experiment.calibrate import CalibrationRequest, calibrate
from kla_sim.experiment.dki_case import dki_case

HEADER = "city,province,y2021,y2022,y2023\n"


def panel(folder: Path, content: str) -> Path:
    path = folder / "panel.csv"
    path.write_text(content, encoding="utf-8")
    return path


def some_moves(folder: Path, n: int) -> Path:
    rows = [f"Kab. {number},Riau,madya,madya,nindya" for number in range(n)]
    return panel(folder, HEADER + "\n".join(rows) + "\n")


def command(*words: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main([*words, "--language", "en"])
    return int(stopped.value.code or 0)


def test_shipped_panel_is_read_and_the_row_without_award_is_named() -> None:
    read = read_panel()
    assert len(read.record.places) == 222
    assert len(read.record.pairs()) == 228
    assert [(notice.line, notice.place) for notice in read.notices] == [(132, "Kab. Bangka")]
    assert "Kab. Bangka" not in read.record.places


@pytest.mark.parametrize(
    ("content", "code", "line", "column"),
    [
        (HEADER + "Kab. A,Riau,madya,nindia,\n", "panel_category_near", 2, 4),
        (HEADER + "Kab. A,Riau,madya,,\nKab. B,Riau,gold,,\n", "panel_category_unknown", 3, 3),
        ("city,province,y2022,y2022\nKab. A,Riau,madya,\n", "table_column_twice", 1, 4),
        ("city,province,y2022,y2024\nKab. A,Riau,madya,\n", "panel_year_unknown", 1, 4),
        ("city,province,y2022\nKab. A,Riau,madya\n", "panel_years_missing", 1, 1),
        (
            HEADER + "Kab. A,Riau,madya,,\nKab. B,Riau,,,none\nKab. A,Riau,,,utama\n",
            "panel_place_twice",
            4,
            1,
        ),
        (HEADER + "Kab. A,Riau,madya\n", "table_row_length", 2, 1),
        (HEADER + ",Riau,madya,,\n", "panel_place_unnamed", 2, 1),
        ("city,y2021,y2022\nKab. A,madya,\n", "panel_column_missing", 1, 1),
        (HEADER, "panel_empty", 1, 1),
        ("", "panel_column_missing", 1, 1),
    ],
)
def test_broken_panel_is_refused_with_file_and_line(
    tmp_path: Path, content: str, code: str, line: int, column: int
) -> None:
    path = panel(tmp_path, content)
    with pytest.raises(ScenarioError) as refused:
        read_panel(path)
    fault = refused.value.faults[0]
    assert (fault.code, fault.line, fault.column) == (code, line, column)
    assert fault.file == str(path)


def test_every_fault_of_a_panel_is_told_at_once(tmp_path: Path) -> None:
    content = HEADER + "Kab. A,Riau,gold,,\nKab. A,Riau,madya,silver,\nKab. B,Riau,madya\n"
    with pytest.raises(ScenarioError) as refused:
        read_panel(panel(tmp_path, content))
    assert [fault.line for fault in refused.value.faults] == [2, 3, 3, 4]


@pytest.mark.parametrize("name", ["calibrate", "backtest"])
def test_broken_panel_ends_with_code_2_and_a_message_in_the_chosen_language(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = panel(tmp_path, HEADER + "Kab. A,Riau,madya,nindia,\n")
    assert command(name, "--panel", str(path), "--out", str(tmp_path / "out")) == 2
    assert f"{path}:2:4  y2022: nindia (Kab. A)" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_place_without_award_is_named_with_its_line_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = panel(tmp_path, HEADER + "Kab. A,Riau,madya,madya,\nKab. B,Riau,,,\n")
    words = ("backtest", "--panel", str(path), "--no-plots", "--out", str(tmp_path))
    assert command(*words) == 0
    assert f"{path}:3  No award of Kab. B is known" in capsys.readouterr().out


def test_a_quiet_back_test_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = panel(tmp_path, HEADER + "Kab. A,Riau,madya,madya,\n")
    words = ("backtest", "--panel", str(path), "--no-plots", "--quiet", "--out", str(tmp_path))
    assert command(*words) == 0
    assert capsys.readouterr().out == ""


def test_fewer_than_30_pairs_are_never_fitted_in_silence(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        calibrate(CalibrationRequest(some_moves(tmp_path, 14)))
    assert refused.value.code == "too_few_pairs"
    assert refused.value.fields == {"found": 28, "needed": 30}


def test_unknown_province_and_year_are_refused() -> None:
    for request, code in (
        (CalibrationRequest(leave_out=("Atlantis",)), "province_unknown"),
        (CalibrationRequest(until=2016), "no_evaluation_until"),
    ):
        with pytest.raises(UsageError) as refused:
            calibrate(request)
        assert refused.value.code == code


def test_panel_without_two_adjacent_awards_cannot_be_scored(tmp_path: Path) -> None:
    path = panel(tmp_path, HEADER + "Kab. A,Riau,madya,,nindya\n")
    with pytest.raises(UsageError) as refused:
        backtest_panel(path, "2025")
    assert refused.value.code == "panel_without_moves"


def test_panel_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    latin = tmp_path / "latin.csv"
    latin.write_bytes("city,province,y2022,y2023\nKab. É,Riau,,\n".encode("latin-1"))
    for path, code, line, column in (
        (tmp_path / "nothing.csv", "no_such_file", 0, 0),
        (latin, "table_not_utf8", 2, 6),
        (tmp_path, "table_is_a_folder", 0, 0),
    ):
        with pytest.raises(ScenarioError) as refused:
            read_panel(path)
        (fault,) = refused.value.faults
        assert (fault.code, fault.line, fault.column) == (code, line, column)
        assert fault.file == str(path)


def test_a_panel_as_an_indonesian_spreadsheet_writes_it_is_scored_as_the_plain_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = HEADER + "Kab. Sleman,DI Yogyakarta,madya,madya,nindya\nKota Bogor,Jawa Barat,,madya,\n"
    other = plain.replace(",", ";").replace("Kab. Sleman", " KABUPATEN SLEMAN ").upper()
    documents = []
    for content in (plain.encode(), f"sep=;\r\n{other}".replace("\n", "\r\n").encode("utf-16")):
        path = tmp_path / "panel.csv"
        path.write_bytes(content)
        assert command("backtest", "--panel", str(path), "--json", "--no-plots") == 0
        documents.append(json.loads(capsys.readouterr().out))
    assert documents[0] == documents[1]
    assert documents[0]["places_seen_in_fit"] == 1


def test_a_province_is_left_out_however_it_is_written(tmp_path: Path) -> None:
    path = some_moves(tmp_path, 20)
    with pytest.raises(UsageError) as refused:
        calibrate(CalibrationRequest(path, leave_out=(" RIAU ",)))
    assert refused.value.code == "too_few_pairs"
    with pytest.raises(UsageError) as refused:
        calibrate(CalibrationRequest(path, leave_out=("Riaw",)))
    assert refused.value.fields == {"value": "Riaw", "nearest": "Riau"}


def test_year_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    path = panel(tmp_path, "y2022,province,y2021,city\nmadya,Riau,pratama,Kab. A\n")
    record = read_panel(path).record
    assert record.years == (2021, 2022)
    assert record.category.tolist() == [[1, 2]]


def test_lines_are_counted_through_cells_that_span_lines(tmp_path: Path) -> None:
    content = 'city,province,y2022,y2023,notes\nKab. A,Riau,madya,,"two\nlines"\nKab. B,Riau,x,,\n'
    with pytest.raises(ScenarioError) as refused:
        read_panel(panel(tmp_path, content))
    assert refused.value.faults[0].line == 4


def test_missing_sampler_names_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "emcee", None)
    with pytest.raises(UsageError) as refused:
        calibrate(CalibrationRequest(some_moves(tmp_path, 20), n_steps=6))
    assert refused.value.code == "extra_missing"
    assert refused.value.fields == {"extra": "analysis"}


@pytest.fixture(scope="module")
def small_panel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = shipped("kla_awards_panel.csv").splitlines()
    names = lines[0].split(",")
    kept = [names.index(name) for name in ("city", "province", "y2022", "y2023")]
    rows = []
    for line in lines[1:]:
        cells = line.split(",")
        row = [cells[place] for place in kept]
        if row[2] and row[3]:
            rows.append(",".join(row))
    content = "city,province,y2022,y2023\n" + "\n".join(rows) + "\n"
    return panel(tmp_path_factory.mktemp("small"), content)


def test_same_record_and_seed_give_the_same_rows_and_another_seed_does_not(
    small_panel: Path,
) -> None:
    request = CalibrationRequest(small_panel, n_steps=6, n_rows=20, n_checks=5)
    first, second = calibrate(request), calibrate(request)
    other = calibrate(request._replace(seed=2))
    assert rows_to_csv(first.rows) == rows_to_csv(second.rows)
    assert rows_to_csv(first.rows) != rows_to_csv(other.rows)
    assert first.meta == second.meta
    assert first.meta["moves"] == len(read_panel(small_panel).record.pairs())
    assert {check.what for check in first.checks} == {"total", "move"}


def test_calibrate_leaves_a_posterior_that_can_be_loaded(
    small_panel: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--panel", str(small_panel), "--steps", "6", "--out", str(tmp_path), "--json")
    assert command("calibrate", *words) == 0
    document = json.loads(capsys.readouterr().out)
    loaded = load_posterior(document["file"])
    assert len(loaded.rows) == document["posterior"]["rows"]
    assert loaded.fitted_until == 2023
    shared = [row.rate_spread * row.province_share**0.5 for row in loaded.rows]
    assert document["tau"]["p50"] == pytest.approx(np.median(shared))
    assert 0 < document["tau"]["p5"] < document["tau"]["p50"] < document["tau"]["p95"]
    folder = tmp_path / "calibration"
    for name in ("parameters", "totals", "moves"):
        files = {f"{name}.en.svg", f"{name}.en.png", f"{name}.csv"}
        assert files <= {path.name for path in folder.iterdir()}


def test_shipped_posteriors_say_what_they_know() -> None:
    everything, until_2022 = load_posterior("2025"), load_posterior("2022")
    assert everything.fitted_until == 2025
    assert everything.left_out == ()
    assert until_2022.fitted_until == 2022
    assert until_2022.left_out == ("DKI Jakarta",)
    assert set(until_2022.rows[0].strictness) == {2017, 2018, 2019, 2021, 2022}
    assert all(200 <= len(one.rows) <= 500 for one in (everything, until_2022))
    assert all(one.meta["largest_r_hat"] < 1.1 for one in (everything, until_2022))


def test_unknown_posterior_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError) as refused:
        load_posterior("2030")
    assert refused.value.fields == {"value": "2030", "known": "2022, 2025"}


def test_another_panel_is_scored_in_the_promised_shape(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = HEADER + "Kab. New,Atlantis,madya,madya,nindya\nKota Next,Atlantis,,pratama,none\n"
    path = panel(tmp_path, content)
    words = ("--panel", str(path), "--json", "--out", str(tmp_path), "--no-plots")
    assert command("backtest", *words) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["schema_version"], document["forecasts"], document["cities"]) == (1, 3, 2)
    for score in ("log_score", "rps"):
        assert {"model", "table_of_moves", "no_change"} <= set(document[score])
    assert {"low", "high", "forecast", "observed", "n"} <= set(document["calibration"][0])
    assert document["places_seen_in_fit"] == 0


def test_places_known_to_the_fit_are_counted(tmp_path: Path) -> None:
    path = panel(tmp_path, HEADER + "Kota Bogor,Jawa Barat,madya,nindya,nindya\n")
    assert backtest_panel(path, "2025").seen_in_fit == 1


def test_unknown_juries_have_the_spread_of_the_row() -> None:
    row = load_posterior("2025").rows[0]
    drawn = [one.strictness[2031] for one in with_unknown_strictness([row], 2031)]
    assert np.mean(drawn) == pytest.approx(0.0, abs=1e-9)
    assert np.std(drawn) == pytest.approx(row.strictness_sd)
    assert len(with_unknown_strictness([row], 2031, 2032)) == len(drawn) ** 2


def test_rolling_forecasts_need_30_pairs_before_them(tmp_path: Path) -> None:
    record = read_panel(some_moves(tmp_path, 20)).record
    assert forecast_rolling(record, seed=1) is None


@pytest.mark.long
def test_dki_case_scores_nine_stated_and_three_inferred_outcomes_apart() -> None:
    case = dki_case()
    assert sum(one.is_stated for one in case.forecasts) == 9
    assert len(case.forecasts) == 12
    for one in case.forecasts:
        for chances in one.chances.values():
            assert chances.sum() == pytest.approx(1.0)
    by_hand = -np.mean([np.log(one.chances["model"][one.outcome]) for one in case.forecasts])
    assert case.log_score["all"]["model"] == pytest.approx(by_hand)
    seribu = next(one for one in case.forecasts if "Seribu" in one.region and one.year == 2025)
    assert seribu.outcome == 1
