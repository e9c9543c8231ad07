"""The command `selftest`: one table, a document, and exit code 1 where a number is wrong."""

import json

import pytest

from kla_sim.cli import main
from kla_sim.experiment.selftest import suite
from kla_sim.experiment.selftest.numbers import Check, Number


@pytest.fixture
def found(monkeypatch):
    """Let the command find what a test says."""

    def give(*checks, skipped=()):
        monkeypatch.setattr(suite, "examine", lambda *_: suite.Selftest(checks, skipped, 5.0))

    return give


def selftest(*words):
    with pytest.raises(SystemExit) as ended:
        main(["selftest", *words])
    return ended.value.code or 0


RIGHT = Check("rework", (Number("failures", 2.0, 2.001, 0.01), Number("rest", 0.0, 0.0)))
WRONG = Check("money", (Number("released", 100.0, 100.0), Number("overdrawn", 0.0, 3.0)))


def test_a_right_program_ends_with_0_and_one_line_a_check(found, capsys):
    found(RIGHT)
    assert selftest("--language", "en") == 0
    told = capsys.readouterr().out
    row = next(line for line in told.splitlines() if "negative binomial" in line)
    # (5 + 2.326) x 0.01 / 2 = 3.7 %
    assert row.split()[-6:] == ["2", "2.001", "0.1", "3.7", "%", "right"]
    assert "Every number is right." in told


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "number overdrawn: expected 0.0, got 3.0 (z must be equal)."),
        ("id", "angka overdrawn: seharusnya 0.0, didapat 3.0 (z harus sama)."),
    ],
)
def test_a_wrong_number_is_named_and_ends_with_1(found, capsys, language, line):
    found(RIGHT, WRONG)
    assert selftest("--language", language) == 1
    assert line in capsys.readouterr().out


def test_a_wrong_number_is_named_even_when_quiet(found, capsys):
    found(WRONG)
    assert selftest("--quiet", "--language", "en") == 1
    assert "overdrawn" in capsys.readouterr().out
    found(RIGHT)
    assert selftest("--quiet") == 0
    assert capsys.readouterr().out == ""


def test_what_is_left_out_is_said_with_the_line_that_adds_it(found, capsys):
    found(RIGHT, skipped=("dask",))
    assert selftest("--language", "en") == 0
    assert "kla_sim[cluster]" in capsys.readouterr().out


def test_the_document_is_one_with_its_version(found, capsys):
    found(RIGHT, WRONG)
    assert selftest("--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["schema_version"] == 1
    assert [check["passed"] for check in document["checks"]] == [True, True, True, False]
    assert document["passed"] is False


def test_the_quick_selftest_passes(capsys):
    assert selftest("--quick", "--json", "--workers", "1") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["passed"]
    assert len({check["check"] for check in document["checks"]}) >= 34
    assert sum(check["z"] is not None for check in document["checks"]) > 150


@pytest.mark.parametrize(
    ("measured", "code", "words"),
    [(0.96, 0, "Every interval keeps"), (0.5, 1, "1 intervals hold the truth less often")],
)
def test_intervals_are_told_with_promise_and_measure(monkeypatch, capsys, measured, code, words):
    from kla_sim.experiment.coverage import table
    from kla_sim.experiment.coverage.trials import Coverage

    found = [Coverage("region 0", "kaltara_2022, 50", 0.95, None, measured, 400)]
    monkeypatch.setattr(table, "measure", lambda *_, **__: found)
    with pytest.raises(SystemExit) as ended:
        main(["selftest", "--intervals", "--language", "en"])
    assert (ended.value.code or 0) == code
    told = capsys.readouterr().out
    assert words in told
    assert f"{100 * measured:.1f} %" in told
