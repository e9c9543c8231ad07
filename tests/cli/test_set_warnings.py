"""What `--set` makes certain is said by every command that takes it, in text and in JSON."""

import json

import pytest

from kla_sim.cli import main

GIVEN = "accounts.province.2024=5 miliar"
CODE = "UNCERTAINTY_OF_OTHERS_REMOVED"
COMMANDS = {
    "validate": [],
    "lint": [],
    "resolve": [],
    "trace": ["--replication", "0"],
    "run": ["-n", "2", "--engine", "reference", "--no-plots", "--workers", "1"],
}


@pytest.fixture
def said(tmp_path, capsys, monkeypatch):
    """Run a command on kaltara_2022 and return what it prints."""
    monkeypatch.chdir(tmp_path)

    def run(command, *words):
        with pytest.raises(SystemExit) as stop:
            main([command, "kaltara_2022", *COMMANDS[command], *words, "--language", "en"])
        assert stop.value.code == 0
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_becomes_certain(said, command):
    text = said(command, "--set", GIVEN)
    (line,) = [line for line in text.splitlines() if f"[{CODE}]" in line]
    assert line.startswith("--set  accounts.province.2024: ")
    for year in (2022, 2023, 2025, 2026):
        assert f"accounts.province.{year}" in line


@pytest.mark.parametrize("command", COMMANDS)
def test_every_document_says_what_becomes_certain(said, command):
    document = json.loads(said(command, "--set", GIVEN, "--json"))
    found = document["issues" if command == "lint" else "warnings"]
    messages = [entry if isinstance(entry, str) else entry["message"] for entry in found]
    assert sum("`accounts.province.*` no longer applies" in message for message in messages) == 1


def test_lint_says_what_the_accounts_come_to_and_how_far_a_year_reaches(said):
    document = json.loads(said("lint", "--json"))["money"]
    assert document["total"] == 46_830_000_000
    assert sum(document["accounts"]["accounts.province"].values()) == 21_300_000_000
    (reach,) = document["reaches"]
    assert (reach["year"], reach["last"], len(reach["accounts"])) == (2023, 2026, 6)
    text = said("lint")
    assert "All accounts together, 2022 to 2026: Rp 46,830,000,000." in text
    assert "What is listed for 2023 also holds in the years up to 2026: accounts.cities." in text
