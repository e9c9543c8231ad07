"""Numbers on the command line follow the rules of scenarios, whatever command takes them."""

import json

import pytest
import typer

from kla_sim.cli import main
from kla_sim.cli.app import app
from kla_sim.errors import UsageError
from kla_sim.scenario.arguments import Whole, read_precision, read_shard

COMMANDS = typer.main.get_command(app).commands
READINGS = {"id": "2.000 dapat berarti 2 atau 2000", "en": "2.000 may mean 2 or 2000"}


def takes_numbers(param):
    """Whether a parameter takes a number: by its type, or by what its place is called in help."""
    kind = param.type_descriptor.annotation
    return kind in (int, float) or (param.metavar or "") in ("N", "I/N", "HALF_WIDTH")


NUMERIC = [
    (name, max(param.opts, key=len), param.metavar)
    for name, command in COMMANDS.items()
    for param in command.params
    if takes_numbers(param)
]


def refusal(words, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(words)
    said = capsys.readouterr()
    assert stopped.value.code == 2
    assert "Traceback" not in said.err
    return said


def test_the_walk_meets_the_numbers_that_are_known():
    assert {
        ("run", "--replications", "N"), ("run", "--seed", "N"), ("run", "--workers", "N"),
        ("run", "--precision", "HALF_WIDTH"), ("run", "--shard", "I/N"),
        ("trace", "--replication", "N"), ("trace", "--seed", "N"),
        ("compare", "--replications", "N"), ("compare", "--seed", "N"),
        ("compare", "--workers", "N"), ("calibrate", "--until", "N"),
        ("calibrate", "--seed", "N"), ("calibrate", "--steps", "N"), ("backtest", "--seed", "N"),
    } <= set(NUMERIC)  # fmt: skip


@pytest.mark.parametrize("spoken", ["id", "en"])
@pytest.mark.parametrize(("command", "option", "metavar"), NUMERIC)
def test_a_number_with_two_readings_is_refused_by_every_command(
    command, option, metavar, spoken, capsys
):
    given = "2.000/4" if metavar == "I/N" else "2.000"
    said = refusal([command, option, given, "--language", spoken], capsys)
    assert said.err.startswith(f"{option} {READINGS[spoken]}")
    assert said.out == ""


@pytest.mark.parametrize(("command", "option", "metavar"), NUMERIC)
@pytest.mark.parametrize("digits", ["9" * 5_000, "-" + "9" * 5_000, str(10**30)])
def test_a_number_of_any_length_is_refused_by_every_command(
    command, option, metavar, digits, capsys
):
    given = f"1/{digits}" if metavar == "I/N" else digits
    said = refusal([command, f"{option}={given}", "--language", "en"], capsys)
    assert len(said.err) < 400
    assert "9" * 30 in said.err or "10000000000" in said.err


def test_the_refusal_stands_in_the_json_document(capsys):
    said = refusal(["run", "-n", "10.000", "--json", "--language", "en"], capsys)
    document = json.loads(said.out)
    assert document == {
        "schema_version": 1,
        "error": "--replications 10.000 may mean 10 or 10000. Write 10 or 10000, without a "
        "separator.",
    }


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10000", 10_000),
        (" 7 ", 7),
        ("+5", 5),
        ("1e4", 10_000),
        ("2.0", 2),
        ("2,0", 2),
        ("2.430.000", 2_430_000),
        ("2,430,000", 2_430_000),
        ("007", 7),
        ("0" * 5_000 + "7", 7),
        ("4294967295", 4_294_967_295),
    ],
)
def test_a_whole_number_is_read_as_a_count_of_a_scenario(text, number):
    assert Whole("-n", 1, 2**32 - 1).read(text) == number


@pytest.mark.parametrize(
    ("text", "code", "fields"),
    [
        ("10.000", "number_ambiguous_whole", {"decimal": "10", "whole": "10000"}),
        ("10,000", "number_ambiguous_whole", {"decimal": "10", "whole": "10000"}),
        ("2.500", "number_ambiguous", {"decimal": "2.5", "whole": "2500"}),
        ("10 000", "number_respell", {"whole": "10000"}),
        ("10\N{NO-BREAK SPACE}000", "number_respell", {"whole": "10000"}),
        ("10_000", "number_respell", {"whole": "10000"}),
        ("10'000", "number_respell", {"whole": "10000"}),
        ("\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT TWO}", "number_respell", {"whole": "12"}),
        ("\N{ARABIC-INDIC DIGIT THREE}", "number_respell", {"whole": "3"}),
        ("1_0", "number_unreadable", {"least": "1"}),
        ("banyak", "number_unreadable", {"least": "1"}),
        ("true", "number_unreadable", {"least": "1"}),
        ("nan", "number_unreadable", {"least": "1"}),
        ("0x10", "number_unreadable", {"least": "1"}),
        ("2.5", "number_not_whole", {}),
        ("1e-1", "number_not_whole", {}),
        ("12.34.567", "number_unreadable", {"least": "1"}),
        ("-0", "number_below", {"least": "1"}),
        ("-3", "number_below", {"least": "1"}),
        ("4294967296", "number_above", {"most": "4294967295"}),
    ],
)
def test_what_is_no_whole_number_in_range_is_refused_with_what_to_write(text, code, fields):
    with pytest.raises(UsageError) as refused:
        Whole("-n", 1, 2**32 - 1).read(text)
    assert refused.value.code == code
    shown = text.replace("\N{NO-BREAK SPACE}", "U+00A0")
    assert refused.value.fields == {"name": "-n", "value": shown, **fields}


@pytest.mark.parametrize("text", ["", " ", "\t"])
def test_a_blank_is_no_number(text):
    for read in (
        Whole("-n", 1, 9).read,
        lambda given: read_precision(given, "--precision"),
        lambda given: read_shard(f"{given}/3", "--shard", 9),
    ):
        with pytest.raises(UsageError) as refused:
            read(text)
        assert refused.value.code == "number_blank"


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("0.01", 0.01), ("0,01", 0.01), ("1%", 0.01), ("1 %", 0.01), ("1 persen", 0.01),
        ("12,5%", 0.125), ("0.125", 0.125), ("1e-2", 0.01), ("1.250%", 0.0125),
    ],
)  # fmt: skip
def test_a_precision_is_read_as_a_ratio_of_a_scenario(text, share):
    assert read_precision(text, "--precision") == share


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2.000", "precision_ambiguous"),
        ("2,000", "precision_ambiguous"),
        ("0", "precision_out_of_range"),
        ("0.5", "precision_out_of_range"),
        ("50%", "precision_out_of_range"),
        ("-0.1", "precision_out_of_range"),
        ("1e400", "precision_out_of_range"),
        ("9" * 5_000, "precision_out_of_range"),
        ("nan", "precision_unreadable"),
        (".nan", "precision_unreadable"),
        ("sedikit", "precision_unreadable"),
        ("\N{FULLWIDTH DIGIT ZERO}.1", "precision_unreadable"),
    ],
)
def test_what_is_no_precision_is_refused(text, code):
    with pytest.raises(UsageError) as refused:
        read_precision(text, "--precision")
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("3", "shard_unclear"),
        ("4/3", "shard_unclear"),
        ("1/2/3", "number_unreadable"),
        ("0/3", "number_below"),
        ("1/2.000", "number_ambiguous_whole"),
        ("\N{ARABIC-INDIC DIGIT ONE}/2", "number_respell"),
    ],
)
def test_what_is_no_shard_is_refused(text, code):
    with pytest.raises(UsageError) as refused:
        read_shard(text, "--shard", 2**32 - 1)
    assert refused.value.code == code


def test_a_shard_is_two_whole_numbers():
    assert read_shard(" 3 / 40 ", "--shard", 2**32 - 1) == "3/40"


def test_default_numbers_pass_as_they_are():
    for command in COMMANDS.values():
        for param in command.params:
            if takes_numbers(param) and param.default is not None:
                assert isinstance(param.default, int | float)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["runs", "--out", "a" * 300], "--out aaa"),
        (["merge", "a/" * 2_500], "SHARD ... a/a"),
        (["new", "a" * 300 + ".yaml"], "FILE aaa"),
        (["trail", "--awards", "a" * 300], "--awards aaa"),
        (["calibrate", "--panel", "a" * 300], "--panel aaa"),
    ],
)
def test_a_path_too_long_is_refused_before_anything_begins(
    words, said, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    found = refusal([*words, "--language", "en"], capsys).err
    assert found.startswith(said)
    assert "is too long" in found
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ["run", "--label", "\udcff"],
        ["run", "--out", "\udcff"],
        ["validate", "\udcff.yaml"],
        ["validate", "kaltara_2022", "--set", "name=\udcff"],
        ["compare", "a", "\ud800"],
        ["calibrate", "--leave-out", "\udcff"],
        ["backtest", "--posterior", "\udcff"],
    ],
)
def test_bytes_that_are_not_utf8_are_refused_wherever_they_stand(
    words, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    said = refusal([*words, "--json", "--language", "en"], capsys)
    assert "holds bytes that are not UTF-8" in json.loads(said.out)["error"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ["run", "--label", "a\0b"],
        ["runs", "--out", "a\0b"],
        ["validate", "a\0b.yaml"],
        ["trail", "--awards", "a\0b"],
        ["calibrate", "--panel", "a\0b"],
    ],
)
def test_a_nul_is_refused_wherever_it_stands(words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "U+0000" in refusal([*words, "--language", "en"], capsys).err
    assert list(tmp_path.iterdir()) == []
