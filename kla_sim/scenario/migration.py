"""Scenario files of earlier schemas, brought to the present one step at a time.

There has been one schema so far, so that `STEPS` is empty and the present one has nothing to do; a
schema that comes after it adds the step that leads to it. Comments and the order of keys stay.
Called by the command `migrate`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from kla_sim.errors import UsageError
from kla_sim.reading import read_bounded
from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.parsing import MOST_BYTES

PRESENT = 1
"""The schema that the program reads."""

Step = Callable[[Any], None]
"""Changes the round-trip tree of a file of one schema into that of the next."""

STEPS: Mapping[int, Step] = {}
"""From each earlier schema to the one after it."""


class Migrated(NamedTuple):
    """A scenario file in the present schema."""

    before: int
    after: int
    text: str


def migrate_scenario(path: Path) -> Migrated:
    """Return a scenario file as the present schema writes it; the file itself is left alone.

    Raises
    ------
    ScenarioError : the file has faults, which are told first.
    UsageError : its schema is newer than the program, or unknown.
    """
    try:
        text = read_bounded(path, MOST_BYTES, follows_links=True).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""  # the reader of scenarios says what is wrong
    before = _schema_of(text, path)
    if before == PRESENT:
        read_scenario(path)
        return Migrated(PRESENT, PRESENT, text)
    return Migrated(before, PRESENT, _carried(text, before))


def _schema_of(text: str, path: Path) -> int:
    """Return the schema that a file says it has; one that says nothing has the present one."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    from kla_sim.scenario.parsing import parse_yaml

    if parse_yaml(text, str(path)).faults:
        return PRESENT
    try:
        tree = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, RecursionError):
        return PRESENT
    found = tree.get("schema_version", PRESENT) if isinstance(tree, dict) else PRESENT
    if isinstance(found, int) and found > PRESENT:
        raise UsageError("schema_newer", path=str(path), found=found, present=PRESENT)
    if not isinstance(found, int) or isinstance(found, bool) or not _leads_here(found):
        raise UsageError("schema_unknown", path=str(path), found=str(found)[:60], present=PRESENT)
    return found


def _leads_here(schema: int) -> bool:
    return all(step in STEPS for step in range(schema, PRESENT))


def _carried(text: str, schema: int) -> str:
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4_096
    tree = yaml.load(text)
    for step in range(schema, PRESENT):
        STEPS[step](tree)
        tree["schema_version"] = step + 1
    written = io.StringIO()
    yaml.dump(tree, written)
    return written.getvalue()
