"""Numbers without a reason: neither source nor assumption, or a source that speaks of others.

A path under `sources` or `assumptions` covers every number below it, and `*` any one key. Numbers
that describe no part of the world do not count: the version, worlds, ranks, levers, and the ranges
of `uncertain`. Defaults that nobody wrote do not count either.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from kla_sim.scenario.checks import Problem
from kla_sim.scenario.loading import LoadedScenario
from kla_sim.scenario.merging import SET
from kla_sim.scenario.model import Window
from kla_sim.scenario.nodes import node_at, plain_values
from kla_sim.scenario.paths import written_below

Keys = tuple[str, ...]

_OF_NO_WORLD = frozenset(
    ("schema_version", "worlds", "levers", "uncertain", "sources", "assumptions", "waive")
)
_NO_FACTS = frozenset(("rank", "observed"))


class _Gap(NamedTuple):
    """A path below which no number has a reason: how many there are, and the first of them."""

    path: Keys
    n_numbers: int
    first: Keys


def find_without_reason(loaded: LoadedScenario) -> Iterator[Problem]:
    """Yield what is wrong with the reasons of a scenario's numbers."""
    scenario = loaded.scenario
    covered = _tree_of([*scenario.sources, *scenario.assumptions])
    for key, part in _written(scenario):
        if key not in _OF_NO_WORLD:
            for gap in _gaps(part, (key,), _below([covered], key))[0]:
                fields = {"count": gap.n_numbers, "first": ".".join(gap.first)}
                yield Problem("NUMBER_WITHOUT_REASON", gap.path, fields)
    yield from _stale_sources(loaded)


def _tree_of(patterns: list[str]) -> dict[str, Any]:
    """Return patterns as nested dicts by key; the key "" ends a pattern."""
    tree: dict[str, Any] = {}
    for pattern in patterns:
        node = tree
        for key in pattern.split("."):
            node = node.setdefault(key, {})
        node[""] = {}
    return tree


def _below(nodes: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    return [node[name] for node in nodes for name in (key, "*") if name in node]


def _gaps(part: Any, path: Keys, nodes: list[dict[str, Any]]) -> tuple[list[_Gap], bool]:
    """Return the gaps at and below a path, and whether anything there has a reason."""
    if any("" in node for node in nodes):
        return [], True
    if _is_number(part):
        return [_Gap(path, 1, path)], False
    if isinstance(part, list):
        count = sum(1 for _ in _numbers(part, path))
        return ([_Gap(path, count, path)] if count else []), False
    gaps: list[_Gap] = []
    has_reason = False
    for key, below in _written(part):
        found, has = _gaps(below, (*path, key), _below(nodes, key))
        gaps += found
        has_reason = has_reason or has
    if len(gaps) > 1 and not has_reason:
        gaps = [_Gap(path, sum(gap.n_numbers for gap in gaps), gaps[0].first)]
    return gaps, has_reason


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _written(part: Any) -> Iterator[tuple[str, Any]]:
    """Yield the keys that somebody wrote, with their values."""
    if isinstance(part, Window):
        return
    yield from written_below(part, _NO_FACTS)


def _numbers(part: Any, path: Keys) -> Iterator[tuple[Keys, float]]:
    """Yield every written number with its path; numbers in a list stand at the list's own."""
    if _is_number(part):
        yield path, part
    elif isinstance(part, list):
        for item in part:
            yield from ((path, number) for _, number in _numbers(item, path))
    else:
        for key, below in _written(part):
            yield from _numbers(below, (*path, key))


def _stale_sources(loaded: LoadedScenario) -> Iterator[Problem]:
    """Yield numbers of a variant that the source it inherits does not speak of, once per cause.

    A source goes on speaking of the number that was replaced; of a number that is new below a path
    with `*`, such as that of a city more, it never spoke.
    """
    if loaded.parent is None:
        return
    replaced: dict[Keys, list[Keys]] = {}
    new: dict[Keys, list[tuple[Keys, Keys]]] = {}
    for path, pattern in _under_inherited_sources(loaded):
        before = node_at(loaded.parent, path)
        if before is None:
            new.setdefault(path[:2], []).append((path, pattern))
        elif plain_values(before) != plain_values(node_at(loaded.tree, path) or before):
            replaced.setdefault(pattern, []).append(path)
    for pattern, (first, *others) in replaced.items():
        fields = {"source": ".".join(pattern), "also": [".".join(path) for path in others]}
        yield Problem("SOURCE_OF_ANOTHER_NUMBER", first, fields)
    for owner, entries in new.items():
        fields = {
            "numbers": ", ".join(".".join(path) for path, _ in entries),
            "sources": ", ".join(dict.fromkeys(".".join(pattern) for _, pattern in entries)),
        }
        yield Problem("SOURCE_OF_OTHERS", owner, fields, True)


def _under_inherited_sources(loaded: LoadedScenario) -> Iterator[tuple[Keys, Keys]]:
    """Yield the numbers that a variant wrote with the inherited source over each, if no own is."""
    tops, scenario = (str(loaded.path), SET), loaded.scenario
    inherited: dict[str, list[Keys]] = {}
    own: list[Keys] = []
    for section in ("sources", "assumptions"):
        for pattern in getattr(scenario, section):
            keys = tuple(pattern.split("."))
            if loaded.place((section, pattern)).file in tops:
                own.append(keys)
            elif section == "sources":
                inherited.setdefault(keys[0], []).append(keys)
    for key, part in _written(scenario):
        patterns = [*inherited.get(key, []), *inherited.get("*", [])]
        for path, _ in _numbers(part, (key,)) if patterns else ():
            stale = next((pattern for pattern in patterns if _covers(pattern, path)), None)
            is_own = any(_covers(pattern, path) for pattern in own)
            if stale and not is_own and loaded.place(path).file == str(loaded.path):
                yield path, stale


def _covers(pattern: Keys, path: Keys) -> bool:
    return len(pattern) <= len(path) and all(
        part in ("*", key) for part, key in zip(pattern, path, strict=False)
    )
