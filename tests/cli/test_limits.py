"""What is too long, too deep or no regular file is refused in a sentence, by every command."""

import json
import os

import pytest

from kla_sim import language
from kla_sim.cli import main
from kla_sim.domain.posterior_table import PLAIN_PARAMETERS
from kla_sim.errors import UsageError
from kla_sim.experiment.run import Shard

DIGITS = "9" * 5_000


@pytest.fixture
def refused(tmp_path, capsys, monkeypatch):
    """Run a command in an empty folder; return what it said after ending with 2."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        with pytest.raises(SystemExit) as stopped:
            main([*words, "--language", "en"])
        said = capsys.readouterr().err
        assert stopped.value.code == 2
        assert "Traceback" not in said
        return said.rstrip("\n")

    return run


@pytest.mark.parametrize("version", ["99999999999999999999", "-" + "9" * 20, DIGITS, "1e300", "2"])
def test_a_version_of_any_length_is_refused_with_its_place(refused, tmp_path, version):
    (tmp_path / "s.yaml").write_text(
        f"extends: shipped:kaltara_2022\nschema_version: {version}\n", encoding="utf-8"
    )
    said = refused("validate", "s.yaml")
    assert said.startswith("s.yaml:2:17  schema_version: ")
    assert said.endswith(" is not one of the choices. Choose one of: 1.")
    assert len(said) < 200


@pytest.mark.parametrize(
    ("key", "column"), [("worlds", 9), ("start", 8), ("horizon", 10), ("cities", 9)]
)
def test_5000_digits_are_refused_wherever_they_stand(refused, tmp_path, key, column):
    (tmp_path / "s.yaml").write_text(
        f"extends: shipped:kaltara_2022\n{key}: {DIGITS}\n", encoding="utf-8"
    )
    assert refused("validate", "s.yaml").startswith(f"s.yaml:2:{column}  {key}: ")


@pytest.mark.parametrize(
    "override", [f"worlds={DIGITS}", f"accounts.province.{DIGITS}=1", f"{DIGITS}=1"]
)
def test_5000_digits_are_refused_on_the_command_line(refused, override):
    assert refused("validate", "kaltara_2022", "--set", override).startswith("--set  ")


@pytest.mark.parametrize("depth", [31, 990, 100_000])
def test_a_path_deeper_than_any_scenario_is_refused(refused, depth):
    said = refused("validate", "kaltara_2022", "--set", f"{'a.' * (depth - 1)}a=1")
    assert said == (
        f"--set  The path `{'a.' * 28}a...` is nested {depth:,} levels deep where a scenario has "
        "at most 30. Check its points."
    )


def test_a_path_of_30_parts_is_judged_by_its_keys(refused):
    said = refused("validate", "kaltara_2022", "--set", f"{'a.' * 29}a=1")
    assert said.startswith("--set  a: The key a is unknown.")


def test_a_posterior_that_is_no_regular_file_is_refused_with_its_place(refused, tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "device.csv").symlink_to("/dev/zero")
    for name in ("pipe.csv", "folder.csv", "device.csv", "none.csv", f"{'a' * 300}.csv"):
        (tmp_path / "s.yaml").write_text(
            f"extends: shipped:kaltara_2022\nbackground: {{posterior: {name}}}\n", encoding="utf-8"
        )
        said = refused("validate", "s.yaml")
        assert said.startswith("s.yaml:2:25  background.posterior: The posterior's table ")


@pytest.mark.parametrize("name", ["a\\0b.csv", "a\\0b"])
def test_a_nul_in_the_name_of_a_posterior_is_refused_with_its_place(refused, tmp_path, name):
    (tmp_path / "s.yaml").write_text(
        f'extends: shipped:kaltara_2022\nbackground: {{posterior: "{name}"}}\n', encoding="utf-8"
    )
    assert refused("validate", "s.yaml").startswith("s.yaml:2:25  background.posterior: ")


def test_faults_of_a_posterior_are_told_by_validate_with_its_lines(refused, tmp_path):
    names = [*PLAIN_PARAMETERS, "strictness_2022"]
    rows = [["0.5"] * len(names), ["0.5"] * len(names)]
    rows[0][2], rows[1][0], rows[1][6] = "x", "-1", "2"
    lines = [";".join(row) for row in (names, *rows)]
    (tmp_path / "law.csv").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "law.json").write_text('{"fitted_until": 2022}', encoding="utf-8")
    (tmp_path / "s.yaml").write_text(
        "extends: shipped:kaltara_2026\nworldz: 3\nbackground: {posterior: law.csv}\n",
        encoding="utf-8",
    )
    found = [line.partition(" ")[0] for line in refused("validate", "s.yaml").splitlines()]
    assert found == ["s.yaml:2:1", "law.csv:2:3", "law.csv:3:1", "law.csv:3:7"]


@pytest.mark.parametrize(
    "notes",
    ["", "[]", '"fitted_until"', "{}", '{"fitted_until": []}', '{"fitted_until": 1e400}',
     f'{{"fitted_until": {DIGITS}}}', '{"fitted_until": 99999}', "[" * 100_000,
     '{"fitted_until": 2022, "left_out": [1]}', '{"fitted_until": 2022, "left_out": 1}'],
)  # fmt: skip
def test_notes_beside_a_posterior_that_say_nothing_are_refused(refused, tmp_path, notes):
    names = [*PLAIN_PARAMETERS, "strictness_2022"]
    table = ",".join(names) + "\n" + ",".join(["0.5"] * len(names)) + "\n"
    (tmp_path / "law.csv").write_text(table, encoding="utf-8")
    (tmp_path / "law.json").write_text(notes, encoding="utf-8")
    (tmp_path / "panel.csv").write_text(
        "city,province,y2021,y2022\nKab. A,Riau,madya,madya\n", encoding="utf-8"
    )
    said = refused("backtest", "--panel", "panel.csv", "--posterior", "law.csv", "--no-plots")
    assert said.startswith("Beside the posterior's table law.csv no JSON file says `fitted_until`.")


@pytest.mark.parametrize(
    ("command", "option"),
    [("calibrate", "--panel"), ("backtest", "--panel"), ("trail", "--awards")],
)
def test_a_table_that_is_no_regular_file_is_refused(refused, tmp_path, command, option):
    os.mkfifo(tmp_path / "pipe.csv")
    for name in ("pipe.csv", "/dev/zero"):
        assert refused(command, option, name) == (
            f"{name}  {name} is not a regular file. Save the table as a CSV file and name that."
        )
    assert refused(command, option, ".").endswith(
        "is a folder where a table is needed. Name a CSV file in it."
    )
    (tmp_path / "none.csv").touch()
    assert "none.csv:1:1  " in refused(command, option, "none.csv")


@pytest.mark.parametrize(
    ("command", "option"),
    [("calibrate", "--panel"), ("backtest", "--panel"), ("trail", "--awards")],
)
def test_a_cell_of_200000_characters_is_refused_with_its_place(refused, tmp_path, command, option):
    (tmp_path / "t.csv").write_text(
        "city,province,y2021,y2022,region,evaluation_year,category\n"
        f"Kab. A,{'x' * 200_000},madya,,Kab. A,2023,madya\n",
        encoding="utf-8",
    )
    assert refused(command, option, "t.csv").startswith(
        "t.csv:2:2  This cell is longer than 32,767"
    )


@pytest.mark.parametrize("text", ["1/" + DIGITS, "\N{ARABIC-INDIC DIGIT ONE}/2", "1_0/20", "", "1"])
def test_a_shard_is_refused_below_the_command_line_too(text):
    with pytest.raises(UsageError) as wrong:
        Shard.parse(text)
    assert wrong.value.code == "shard_unclear"
    assert len(wrong.value.fields["value"]) <= 60


@pytest.mark.parametrize("value", [10**30, -(10**30), pytest.param(10**5_000, id="long")])
def test_a_sentence_takes_a_number_of_any_length(value):
    language.use("en")
    said = language.describe(UsageError("seed_out_of_range", value=value))
    assert said.startswith(f"The seed {'-' if value < 0 else ''}10^")
    assert json.dumps(said)
