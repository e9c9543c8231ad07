"""The joint back test: its cases, what it says and draws, and what it refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from kla_sim import language
from kla_sim.analysis.award_forecasts import moves_of
from kla_sim.analysis.joint_forecasts import (
    INDEPENDENT,
    JOINT_FORECASTERS,
    LAW,
    TABLE,
    JointCase,
    count_chances,
    joint_scores,
    mixed_counts,
)
from kla_sim.cli import joint as shown
from kla_sim.cli import main
from kla_sim.domain.record import AwardRecord, read_panel
from kla_sim.errors import UsageError
from kla_sim.experiment import joint
from kla_sim.experiment.joint import (
    JointBackTest,
    Thin,
    backtest_joint,
    cases_of,
    group_of_provinces,
    joint_document,
    score_cases,
)
from kla_sim.report.drawing import write_figures
from kla_sim.report.joint_figures import joint_makers


def invented_case(generator: np.random.Generator, number: int, *, is_right: bool) -> JointCase:
    """Return a case of places that move together; the forecasts know it, or are all too high."""
    n_places = int(generator.integers(3, 8))
    logits = np.sort(generator.normal(0.0, 1.5, (4, n_places)), axis=0)[::-1]
    common = generator.normal(0.0, 1.5, 31)
    reached = 1.0 / (1.0 + np.exp(-(logits[:, None, :] + common[None, :, None])))
    state = int(generator.integers(31))
    counts = tuple(int(np.sum(generator.random(n_places) < one[state])) for one in reached)
    if not is_right:
        counts = (0,) * 4
    weights = np.full(31, 1 / 31)
    chances = {
        LAW: np.stack([mixed_counts(one, weights) for one in reached]),
        INDEPENDENT: count_chances(reached.mean(axis=1)),
        TABLE: count_chances(np.full((4, n_places), 0.5)),
    }
    return JointCase(f"Provinsi {number % 9}", 2021 + number % 3, n_places, counts, chances)


def invented(n: int = 40, *, is_right: bool = True, seed: int = 1) -> joint.JointTest:
    generator = np.random.default_rng(seed)
    cases = [invented_case(generator, number, is_right=is_right) for number in range(n)]
    return score_cases(cases, (Thin("Aceh", 2022, 2), Thin("Riau", 2022, 1)), (2018,))


def command(*words: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main([*words, "--language", "en"])
    return int(stopped.value.code or 0)


def small_record(places: int = 4) -> AwardRecord:
    provinces = ("Riau",) * places + ("Aceh",) * 2
    category = np.array([[1, 2]] * places + [[1, 1], [2, -1]])
    return AwardRecord(
        tuple(f"Kab. {number}" for number in range(places + 2)),
        provinces,
        (2021, 2022),
        category,
        np.zeros(category.shape, bool),
    )


def test_provinces_of_equal_size_are_left_out_in_the_order_of_their_names():
    record = read_panel().record
    cases, _ = cases_of(moves_of(record), record)
    group = group_of_provinces(cases, record)
    order = sorted(group, key=lambda name: (-record.provinces.count(name), name))
    sizes = [record.provinces.count(name) for name in group]
    assert len(set(sizes)) < len(sizes)  # so that names do decide
    assert list(group) == order
    assert list(group.values()) == [place % joint.N_GROUPS for place in range(len(order))]


def test_a_case_needs_three_places_and_what_is_thinner_is_named() -> None:
    record = small_record(4)
    cases, thin = cases_of(moves_of(record), record)
    assert [(name, evaluation, len(moves.place)) for name, evaluation, moves in cases] == [
        ("Riau", 1, 4)
    ]
    assert thin == (Thin("Aceh", 2022, 1),)
    record = small_record(2)
    assert cases_of(moves_of(record), record) == (
        [],
        (Thin("Aceh", 2022, 1), Thin("Riau", 2022, 2)),
    )


def test_the_shipped_record_has_25_cases_of_11_provinces() -> None:
    record = read_panel().record
    moves = moves_of(record)
    cases, thin = cases_of(moves, record)
    assert (len(cases), len({name for name, _, _ in cases})) == (25, 11)
    known = sum(len(case.place) for _, _, case in cases) + sum(one.n_places for one in thin)
    assert known == len(moves.place) == 228


def test_differences_are_those_of_the_scores_by_case() -> None:
    test = invented()
    law, alone = joint_scores(test.cases, LAW), joint_scores(test.cases, INDEPENDENT)
    for field in ("log_score", "rps", "all_log_score"):
        difference = test.differences[field][INDEPENDENT]
        by_case = getattr(law, field) - getattr(alone, field)
        assert difference.value == pytest.approx(by_case.mean())
        assert difference.low < difference.value < difference.high
        assert getattr(test, field)[LAW] == pytest.approx(getattr(law, field).mean())


def test_places_that_move_together_are_told_from_independent_ones_where_cases_are_many() -> None:
    test = invented(400)
    assert test.differences["log_score"][INDEPENDENT].high < 0
    with language.speaking("en"):
        assert shown.verdict_line(test).startswith(
            "That places of a province move together makes the forecast better: log score -0."
        )
    with language.speaking("id"):
        assert "membuat prakiraan lebih baik" in shown.verdict_line(test)


def test_an_interval_that_holds_zero_is_said_to_tell_nothing() -> None:
    test = invented(12)
    assert test.differences["log_score"][INDEPENDENT].low < 0
    assert test.differences["log_score"][INDEPENDENT].high > 0
    with language.speaking("en"):
        assert shown.verdict_line(test).startswith("The record cannot tell whether")
    with language.speaking("id"):
        assert shown.verdict_line(test).startswith("Catatan tidak dapat menentukan")


@pytest.mark.parametrize(("is_right", "spoken"), [(True, "en"), (False, "en"), (False, "id")])
def test_fifths_outside_what_is_allowed_are_marked(
    is_right: bool, spoken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with language.speaking(spoken):
        shown.print_joint(JointBackTest(invented(is_right=is_right), None))
    said = capsys.readouterr().out
    rows = [line for line in said.splitlines() if line.count("%") == 5 and "–" not in line]
    assert len(rows) == 3
    assert ("✗" in rows[0]) != is_right


def test_what_makes_no_case_and_what_cannot_be_forecast_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with language.speaking("en"):
        shown.print_joint(JointBackTest(invented(), invented(20)))
        shown.print_joint(JointBackTest(invented(), None))
    said = capsys.readouterr().out
    assert (
        "Not counted: 2 pairs of a province and an evaluation with fewer than 3 such places"
        " (3 places in all)." in said
    )
    assert "Not forecast for want of pairs before them: evaluations 2018." in said
    assert "Rolling in time, nothing can be tested" in said
    assert "share a jury that nobody knew before" in said


def test_the_document_is_whole_and_plain_json() -> None:
    document = json.loads(json.dumps(joint_document(JointBackTest(invented(), invented(20)))))
    assert set(document) == {"left_out", "rolling"}
    for way, n in (("left_out", 40), ("rolling", 20)):
        part = document[way]
        assert (part["cases"], part["provinces"]) == (n, 9)
        for field in ("log_score", "rps", "all_log_score"):
            assert set(part[field]) == set(JOINT_FORECASTERS)
            assert set(part["differences"][field]) == {INDEPENDENT, TABLE}
        for name in JOINT_FORECASTERS:
            assert sum(part["pit"][name]) == pytest.approx(1.0)
            assert sum(band["n"] for band in part["calibration_of_all"][name]) == 4 * n
        assert part["too_few_places"][0] == {"province": "Aceh", "year": 2022, "n_places": 2}
    assert "rolling" not in joint_document(JointBackTest(invented(), None))


def test_figures_are_drawn_in_both_languages_beside_one_table_of_numbers(tmp_path: Path) -> None:
    tested = JointBackTest(invented(), invented(20))
    for spoken in ("id", "en"):
        with language.speaking(spoken):
            drawn = write_figures(joint_makers(tested), tmp_path)
        assert drawn.missing == {}
    names = {path.name for path in tmp_path.iterdir()}
    for figure in ("joint_pit", "joint_calibration"):
        assert {f"{figure}.csv", f"{figure}.id.png", f"{figure}.en.svg"} <= names
    with (tmp_path / "joint_pit.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 3 * 5
    first = [float(row["share"]) for row in rows if row["way"] == "joint_left_out"][:5]
    assert first == pytest.approx(tested.left_out.pit[LAW])
    with (tmp_path / "joint_calibration.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["n"]) for row in rows if row["forecast_by"] == LAW) == 4 * 60


def test_another_panel_is_refused_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ("backtest", "--joint", "--panel", str(tmp_path / "panel.csv"), "--out", str(out))
    assert command(*words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Give --panel or --joint, not both." in said.err
    assert not out.exists()


def test_a_record_without_cases_or_pairs_is_refused() -> None:
    with pytest.raises(UsageError) as refused:
        backtest_joint(small_record(4), seed=1)
    assert refused.value.code == "too_few_pairs"
    places = 34
    many = AwardRecord(
        tuple(f"Kab. {number}" for number in range(places)),
        tuple(f"Provinsi {number // 2}" for number in range(places)),
        (2021, 2022),
        np.array([[1, 2]] * places),
        np.zeros((places, 2), bool),
    )
    with pytest.raises(UsageError) as refused:
        backtest_joint(many, seed=1)
    assert (refused.value.code, refused.value.fields) == ("joint_without_cases", {"least": 3})


@pytest.mark.long
def test_whole_provinces_are_forecast_by_laws_that_never_saw_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record = read_panel().record
    chosen = ("Jawa Timur", "Jawa Tengah", "Riau", "Sulawesi Selatan", "Jawa Barat")
    record = record.of(np.array([name in chosen for name in record.provinces]))
    monkeypatch.setattr(joint, "N_GROUPS", 2)
    steps = []
    tested = backtest_joint(record, 1, lambda way, done, asked: steps.append((way, done, asked)))
    assert steps[:2] == [("joint_left_out", 0, 2), ("joint_left_out", 1, 2)]
    assert steps[-1][0] == "joint_rolling"
    n_cases = len(cases_of(moves_of(record), record)[0])
    assert len(tested.left_out.cases) == n_cases
    assert tested.rolling is not None
    assert len(tested.rolling.cases) < n_cases
    for case in (*tested.left_out.cases, *tested.rolling.cases):
        number = np.arange(case.n_places + 1)
        for chances in case.chances.values():
            np.testing.assert_allclose(chances.sum(axis=1), 1.0)
        # what is shared moves the spread of the count, never its mean
        np.testing.assert_allclose(
            case.chances[LAW] @ number, case.chances[INDEPENDENT] @ number, atol=1e-9
        )
        alone = case.chances[INDEPENDENT] @ number**2
        assert (case.chances[LAW] @ number**2 > alone - 1e-9).all()
