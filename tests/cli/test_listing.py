"""Long lists: whole lines for other programs, readable at any width on a terminal."""

from __future__ import annotations

import sys

import pytest

from kla_sim.cli.listing import print_blocks, print_placed

ROWS = [
    ("cities.barat.districts:", "8", "plans/plan.yaml:14"),
    ("sources.cities.*.award.source:", "a long sentence of many words " * 6, "/far/base.yaml:120"),
    ("work.zone.x:", "1", "/near/base.yaml:7"),
    ("a_path_that_is_longer_than_any_terminal." * 3, "5", "plans/plan.yaml:9"),
]


@pytest.mark.parametrize("width", [80, 120])
def test_values_fit_the_terminal_with_their_places_at_the_right(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    print_placed(ROWS)
    lines = capsys.readouterr().out.splitlines()
    first = next(line for line in lines if line.startswith("cities.barat"))
    assert first.startswith("cities.barat.districts: 8 ")
    assert first.endswith(" plan.yaml:14")
    assert len(first) == width
    assert [line for line in lines if len(line) > width] == [
        line for line in lines if line.startswith("a_path")
    ]
    head = next(place for place, line in enumerate(lines) if line.startswith("sources"))
    assert lines[head].endswith(" /far/base.yaml:120")
    assert lines[head + 1].startswith("    a long sentence")
    assert lines[-1] == "plan.yaml = plans/plan.yaml"


def test_other_programs_get_one_line_for_each_value(capsys: pytest.CaptureFixture[str]) -> None:
    print_placed(ROWS)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(ROWS)
    assert lines[0] == "plans/plan.yaml:14  cities.barat.districts: 8"


def test_blocks_are_indented_where_they_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    print_blocks(["word " * 30, "short"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("  word")
    assert lines[-1] == "short"
    assert max(map(len, lines)) <= 80


def test_faults_on_a_terminal_end_lines_between_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    print_blocks(["plan.yaml:63:32  cities.pusat.sd: -3 is below 0, the least allowed"], sys.stderr)
    assert capsys.readouterr().err.splitlines() == [
        "plan.yaml:63:32  cities.pusat.sd: -3 is",
        "  below 0, the least allowed",
    ]
