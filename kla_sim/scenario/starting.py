"""A first scenario for a planner: the text of a shipped one, explained, with the schema beside it.

The numbers are those of the shipped file, so that the copy runs at once and gives the same odds.
Its comments say, in the planner's language, what each part means and which numbers to change first.
Called by the command `new`.
"""

from __future__ import annotations

import difflib
import json
import re
import textwrap
from pathlib import Path

from kla_sim import language as spoken
from kla_sim.errors import ScenarioError, UsageError
from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.schema import refuse_other_schema, write_schema
from kla_sim.scenario.shipped import shipped_names, shipped_scenario
from kla_sim.writing import full_error, remove_left_by_the_dead, write_whole_new

SUFFIXES = (".yaml", ".yml")
WIDTH = 96

_KEY = re.compile(r"^( {4})?([a-z_]+):")
_NAME = re.compile(r"^name: *(.+?) *$", re.M)
_EXTENDS = re.compile(r"^(extends: *)(\S+)", re.M)
_SENTENCE_OF_CITY_KEY = {"name": "", "zones": "Zones.planned"}


def new_scenario(file: Path, *, source: str, language: str) -> list[Path]:
    """Write a commented copy of a shipped scenario, and the schemas beside it.

    Returns
    -------
    The files that make up the new scenario: the scenario, then its schemas.

    Raises
    ------
    UsageError : the file or another schema is already there, the name is no YAML file's, or no
        whole scenario of the name `source` is shipped. Nothing is written then.
    """
    if file.suffix not in SUFFIXES:
        raise UsageError("not_a_yaml_name", file=str(file))
    remove_left_by_the_dead(file)
    if file.exists():
        raise UsageError("file_exists", file=str(file))
    with spoken.speaking(language):
        text = starting_text(_whole_source(source), str(file), source)
    try:
        for chosen in spoken.LANGUAGES:
            refuse_other_schema(file.parent, chosen)
        schemas = [write_schema(file.parent, chosen) for chosen in spoken.LANGUAGES]
        write_whole_new(file, text.encode())
    except OSError as error:
        full = full_error(file, error)
        raise full or UsageError("cannot_write", path=str(file), reason=error) from error
    return [file, *schemas]


def starting_text(original: str, file: str, source: str) -> str:
    """Return the text of a new scenario, in the current language.

    Parameters
    ----------
    original : the text of the shipped scenario.
    file, source : the new file and the shipped scenario, as one would name them to a command.
    """
    header = spoken.text("starting", "header", file=file, source=source)
    lines = [f"# yaml-language-server: $schema=schema.{spoken.current()}.json"]
    lines += [f"# {line}".rstrip() for line in header.split("\n")]
    return "\n".join(lines) + "\n" + _explained(_own(original, Path(file).stem))


def _whole_source(source: str) -> str:
    """Return the text of a shipped scenario that can be run by itself."""
    name = source.removeprefix("shipped:")
    if name not in shipped_names():
        near = difflib.get_close_matches(name, shipped_names(), n=1, cutoff=0.0)
        raise UsageError("unknown_source", name=name, nearest=near[0])
    path = shipped_scenario(name)
    try:
        read_scenario(path)
    except ScenarioError as error:
        raise UsageError("source_not_whole", name=name) from error
    return path.read_text(encoding="utf-8")


def _own(original: str, stem: str) -> str:
    """Return the shipped text without its header, named anew and extending shipped files only."""
    lines = original.splitlines()
    first = next(place for place, line in enumerate(lines) if not line.startswith("#"))
    body = "\n".join(lines[first:]) + "\n"
    body = _NAME.sub(lambda match: f"name: {_quoted(match[1], stem)}", body, count=1)
    return _EXTENDS.sub(lambda match: match[1] + _from_shipped(match[2]), body, count=1)


def _quoted(name: str, stem: str) -> str:
    return json.dumps(f"{name.strip(chr(34))} ({stem})", ensure_ascii=False)


def _from_shipped(extended: str) -> str:
    """Name a file that stands beside a shipped one from anywhere."""
    return extended if extended.startswith("shipped:") else f"shipped:{Path(extended).stem}"


def _explained(body: str) -> str:
    """Put a sentence above each part, and above each key of the first city."""
    explained: list[str] = []
    part, seen = "", set[str]()
    for line in body.splitlines():
        match = _KEY.match(line)
        if match and not match[1]:
            part = match[2]
            if explained and explained[-1]:
                explained.append("")
            explained += _comment("extends" if part == "extends" else f"Scenario.{part}", "")
        elif match and part == "cities" and match[2] not in seen:
            seen.add(match[2])
            sentence = _SENTENCE_OF_CITY_KEY.get(match[2], f"City.{match[2]}")
            explained += _comment(sentence, match[1]) if sentence else []
        explained.append(line)
    return "\n".join(explained) + "\n"


def _comment(sentence: str, indent: str) -> list[str]:
    words = spoken.text("schema", sentence)
    start = f"{indent}# "
    return textwrap.wrap(words, WIDTH, initial_indent=start, subsequent_indent=start)
