"""A new scenario: valid, explained in one's language, equal in odds to the one it copies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kla_sim import language as spoken
from kla_sim.errors import UsageError
from kla_sim.scenario.lint import lint_loaded
from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.schema import refuse_other_schema, write_schema
from kla_sim.scenario.shipped import shipped_names, shipped_scenario
from kla_sim.scenario.starting import new_scenario, starting_text

WHOLE = [name for name in shipped_names() if name != "base"]


def dumped(path: Path) -> dict[str, Any]:
    return read_scenario(path).scenario.model_dump(exclude={"name"})


@pytest.mark.parametrize("source", WHOLE)
def test_a_copy_means_the_same_as_its_source_and_is_clean(tmp_path: Path, source: str) -> None:
    file, *schemas = new_scenario(tmp_path / "rencana.yaml", source=source, language="id")
    assert dumped(file) == dumped(shipped_scenario(source))
    assert read_scenario(file).scenario.name.endswith("(rencana)")
    assert {fault.code for fault in lint_loaded(read_scenario(file))} <= {"WAIVER_NOT_NEEDED"}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        path.name for path in (file, *schemas)
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [("id", ["Yang pertama layak diubah", "Banyaknya kecamatan"]),
     ("en", ["What to change first", "How many districts"])],
)  # fmt: skip
def test_comments_speak_the_chosen_language_and_name_its_schema(
    tmp_path: Path, language: str, words: list[str]
) -> None:
    file, *_ = new_scenario(tmp_path / "plan.yaml", source="kaltara_2022", language=language)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0] == f"# yaml-language-server: $schema=schema.{language}.json"
    text = "\n".join(lines)
    for phrase in (*words, f"python -m kla_sim run {file}"):
        assert phrase in text
    comments = [line for line in lines if line.lstrip().startswith("#")]
    assert all(len(line) <= 100 for line in comments if str(tmp_path) not in line)
    with spoken.speaking("en" if language == "id" else "id"):
        assert spoken.text("schema", "Scenario.accounts") not in text


def test_every_part_has_its_sentence_above_it(tmp_path: Path) -> None:
    file, *_ = new_scenario(tmp_path / "plan.yaml", source="kaltara_2022", language="en")
    lines = file.read_text(encoding="utf-8").splitlines()
    parts = [place for place, line in enumerate(lines) if line[:1].isalpha()]
    assert len(parts) > 10
    assert all(lines[place - 1].startswith("# ") for place in parts)


def test_the_schema_beside_it_accepts_it(tmp_path: Path) -> None:
    file, *schemas = new_scenario(tmp_path / "plan.yaml", source="kaltara_2022", language="id")
    for schema in schemas:
        done = subprocess.run(
            [sys.executable, "-m", "check_jsonschema", "--schemafile", schema, file],
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def test_a_second_scenario_may_share_the_schemas(tmp_path: Path) -> None:
    new_scenario(tmp_path / "one.yaml", source="kaltara_2022", language="id")
    new_scenario(tmp_path / "two.yaml", source="no_kaltara", language="en")
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize(
    ("file", "source", "code"),
    [
        ("taken.yaml", "kaltara_2022", "file_exists"),
        ("plan.txt", "kaltara_2022", "not_a_yaml_name"),
        ("plan", "kaltara_2022", "not_a_yaml_name"),
        ("plan.yaml", "kaltara", "unknown_source"),
        ("plan.yaml", "base", "source_not_whole"),
        ("taken.yaml/plan.yaml", "kaltara_2022", "cannot_write"),
    ],
)
def test_a_mistake_is_named_and_writes_nothing(
    tmp_path: Path, file: str, source: str, code: str
) -> None:
    (tmp_path / "taken.yaml").write_text("mine\n", encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        new_scenario(tmp_path / file, source=source, language="id")
    assert refused.value.code == code
    for language in ("id", "en"):
        with spoken.speaking(language):
            sentence = spoken.describe(refused.value)
            assert any(name in sentence for name in (file, source, "schema.id.json"))
    assert [path.name for path in tmp_path.iterdir()] == ["taken.yaml"]
    assert (tmp_path / "taken.yaml").read_text(encoding="utf-8") == "mine\n"


@pytest.mark.parametrize("language", ["id", "en"])
def test_another_schema_is_never_overwritten(tmp_path: Path, language: str) -> None:
    other = tmp_path / f"schema.{language}.json"
    other.write_text(json.dumps({"type": "object"}), encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        new_scenario(tmp_path / "plan.yaml", source="kaltara_2022", language="id")
    assert refused.value.code == "schema_file_differs"
    assert [path.name for path in tmp_path.iterdir()] == [other.name]
    assert json.loads(other.read_text(encoding="utf-8")) == {"type": "object"}


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_in_a_schemas_place_is_refused_unread(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "schema.id.json")
    for write in (
        lambda: write_schema(tmp_path, "id"),
        lambda: refuse_other_schema(tmp_path, "id"),
    ):
        with pytest.raises(UsageError) as refused:
            write()
        assert refused.value.code == "schema_file_differs"


def test_a_source_that_extends_a_file_beside_it_extends_the_shipped_one(tmp_path: Path) -> None:
    original = "# header\nschema_version: 1\nextends: kaltara_2022.yaml  # beside\nname: Uji\n"
    with spoken.speaking("id"):
        text = starting_text(original, "plan.yaml", "variant")
    assert "\nextends: shipped:kaltara_2022  # beside\n" in text
    (tmp_path / "plan.yaml").write_text(text + "worlds: 5\n", encoding="utf-8")
    assert read_scenario(tmp_path / "plan.yaml").scenario.worlds == 5
