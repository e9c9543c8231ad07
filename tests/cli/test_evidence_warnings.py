"""What the command line says of scores, histories and provinces, and where it says it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kla_sim.cli import main

LOW = "cities: {jakarta_timur: {baseline: {score: 404}}}\n"
REASON = "sources: {cities.jakarta_timur.baseline.score: {source: uji, date: 2022-05-24}}\n"


def command(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        main(list(words))
    assert stopped.value.code in (None, 0)
    return capsys.readouterr().out


@pytest.fixture
def variant(tmp_path: Path) -> Path:
    path = tmp_path / "uji.yaml"
    path.write_text(f"extends: shipped:kaltara_2022\nname: Uji\n{LOW}{REASON}", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "by the history beside it a score near 836 was to be expected; one as far off as"),
        ("id", "menurut history di sampingnya, nilai yang wajar ialah sekitar 836; nilai sejauh"),
    ],
)
def test_a_score_that_contradicts_its_history_is_warned_of_where_it_stands(
    capsys: pytest.CaptureFixture[str], variant: Path, language: str, said: str
) -> None:
    out = " ".join(command(capsys, "lint", str(variant), "--language", language).split())
    place = f"{variant}:3:44 cities.jakarta_timur.baseline.score: {said}"
    assert place in out
    assert "[SCORE_CONTRADICTS_HISTORY]" in out


def test_the_warning_can_be_waived_and_the_waiver_is_looked_at(
    capsys: pytest.CaptureFixture[str], variant: Path
) -> None:
    waiver = "waive: {SCORE_CONTRADICTS_HISTORY: nilai ini memang dari tahun lain}\n"
    text = variant.read_text(encoding="utf-8")
    variant.write_text(text + waiver, encoding="utf-8")
    found = json.loads(command(capsys, "lint", str(variant), "--json"))
    assert found["issues"] == []
    variant.write_text(text.replace("404", "804").replace(REASON, "") + waiver, encoding="utf-8")
    found = json.loads(command(capsys, "lint", str(variant), "--json"))
    assert "WAIVER_NOT_NEEDED" in {issue["code"] for issue in found["issues"]}


def test_a_run_warns_before_it_answers_and_tells_its_odds_over_tau(
    capsys: pytest.CaptureFixture[str], variant: Path, tmp_path: Path
) -> None:
    words = ("run", str(variant), "-n", "60", "--set", "worlds=30", "--engine", "reference")
    words += ("--no-plots", "--json", "--out", str(tmp_path / "out"), "--language", "en")
    document = json.loads(command(capsys, *words))
    assert [word for word in document["warnings"] if "a score near 836 was to be expected" in word]
    weak, strong = document["tau"]
    assert 0.0 < weak["low"] <= weak["high"] < strong["low"] <= strong["high"]
    for part in (weak, strong):
        assert part["odds"]["replications"] == 20
        assert part["odds"]["low"] <= part["odds"]["value"] <= part["odds"]["high"]


def test_a_run_of_a_plan_without_a_province_tells_no_odds_over_tau(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words = ("run", "kaltara_2022", "-n", "30", "--set", "worlds=30", "--set", "province=null")
    words += ("--no-plots", "--json", "--out", str(tmp_path), "--engine", "reference")
    assert json.loads(command(capsys, *words))["tau"] == []
