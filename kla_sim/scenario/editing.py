"""Values written into the text of a scenario as `--set` would set them, all else left as it is.

Comments, order and spelling stay: ruamel's round trip writes the lines that change, and every other
line is the one that stood there. What uncertainty a value set by hand drops is dropped in the text
too, so that the text alone reads as what was set. Called by the page.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from kla_sim.errors import UsageError
from kla_sim.scenario.loading import LoadedScenario, digest, read_scenario
from kla_sim.scenario.merging import Keys, uncertain_patterns
from kla_sim.scenario.nodes import normal_key

_WIDEST = 1_000_000


def text_with(path: Path, text: str, overrides: Iterable[str]) -> str:
    """Return the text of a scenario with values set in it.

    Parameters
    ----------
    path : of the file whose text it is.
    text : reads as a valid scenario.
    overrides : `path=value` texts, as after `--set`.

    Raises
    ------
    ScenarioError : a value is wrong.
    UsageError : the text cannot say what was set; it would have to be written by hand.
    """
    overrides = list(overrides)
    if not overrides:
        return text
    loaded = read_scenario(path, overrides=overrides, text=text)
    yaml = _round_trip()
    root = yaml.load(text)
    before = _dumped(yaml, root)
    for override in overrides:
        written, _, value = override.partition("=")
        _put(root, tuple(map(normal_key, written.split("."))), yaml.load(value))
    for dropped in loaded.dropped:
        _drop_uncertainty(root, dropped.pattern, loaded)
    found = _with_old_lines(text, before, _dumped(yaml, root))
    if digest(read_scenario(path, text=found).scenario) != digest(loaded.scenario):
        raise UsageError("lever_not_writable", value=overrides[-1])
    return found


def _round_trip() -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.representer import RoundTripRepresenter

    class Representer(RoundTripRepresenter):
        """Writes what takes a key away as a word that can be seen."""

    Representer.add_representer(
        type(None), lambda own, _: own.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    yaml = YAML()
    yaml.Representer = Representer
    yaml.preserve_quotes = True
    yaml.width = _WIDEST
    return yaml


def _dumped(yaml: Any, root: Any) -> str:
    stream = io.StringIO()
    yaml.dump(root, stream)
    return stream.getvalue()


def _put(root: Any, keys: Keys, value: Any) -> None:
    node = root
    for key in keys[:-1]:
        own = _own_key(node, key)
        if not isinstance(node.get(own), dict):
            node[own] = {}
        node = node[own]
    node[_own_key(node, keys[-1])] = value


def _own_key(node: Any, key: str) -> Any:
    """Return how a mapping spells a key; a new year is a number, as people write it."""
    for own in node:
        if normal_key(str(own)) == key:
            return own
    return int(key) if key.isascii() and key.isdigit() else key


def _drop_uncertainty(root: Any, pattern: str, loaded: LoadedScenario) -> None:
    """Take an entry of `uncertain` away; one that the extended file writes is removed by null."""
    is_inherited = loaded.parent is not None and pattern in uncertain_patterns(loaded.parent)
    if is_inherited:
        _put(root, ("uncertain", pattern), None)
    elif isinstance(root.get("uncertain"), dict):
        root["uncertain"].pop(pattern, None)


def _with_old_lines(text: str, before: str, after: str) -> str:
    """Return the text after a change, each line that did not change as it was.

    Parameters
    ----------
    before, after : the text as a round trip writes it, without the change and with it. Where that
        moves lines, the round trip's own lines are taken.
    """
    old, first, second = text.splitlines(True), before.splitlines(True), after.splitlines(True)
    if len(old) != len(first):
        return after
    lines: list[str] = []
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    for kind, low, high, start, stop in matcher.get_opcodes():
        lines += old[low:high] if kind == "equal" else second[start:stop]
    return "".join(lines)
