"""Two scenarios part by part: in what they differ, and plans that take some parts of each.

What only explains a plan (its name, sources, assumptions, waived warnings) is no difference. Called
by `compare`, which asks what each changed part does to the odds.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from pydantic import ValidationError

from kla_sim.scenario.checks import check_plan
from kla_sim.scenario.loading import LoadedScenario
from kla_sim.scenario.merging import Keys
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.nodes import Entry, Mapping, Tree, plain_values
from kla_sim.scenario.writing import leaves

_EXPLAINS = frozenset(
    ("schema_version", "name", "sources", "assumptions", "waive", "attainment_claim", "levers")
)
MOST_BLOCKS = 6
"""Parts told apart: of so many there are 64 mixtures."""


class Change(NamedTuple):
    """One written value that differs; None where a scenario does not give it."""

    path: str
    before: str | None
    after: str | None


class Block(NamedTuple):
    """A part of the plan that is taken whole from one scenario or the other.

    Attributes
    ----------
    roots : the keys below which everything is taken from one scenario.
    changes : what differs below.
    """

    roots: tuple[Keys, ...]
    changes: tuple[Change, ...]

    @property
    def name(self) -> str:
        """The paths of the part."""
        return ", ".join(".".join(root) for root in self.roots)


def changed_blocks(a: LoadedScenario, b: LoadedScenario) -> list[Block]:
    """Return the parts in which two scenarios differ, in the order of the files, at most 6."""
    old, new = (dict(leaves(loaded.tree)) for loaded in (a, b))
    changed = [
        keys
        for keys in dict.fromkeys((*old, *new))
        if keys[0] not in _EXPLAINS and old.get(keys) != new.get(keys)
    ]
    for depth in (2, 1):
        grouped: dict[Keys, list[Change]] = {}
        for keys in changed:
            change = Change(".".join(keys), old.get(keys), new.get(keys))
            grouped.setdefault(keys[:depth], []).append(change)
        if len(grouped) <= MOST_BLOCKS:
            break
    blocks = [Block((root,), tuple(changes)) for root, changes in grouped.items()]
    while len(blocks) > MOST_BLOCKS:
        smallest = sorted(blocks, key=lambda block: len(block.changes))[:2]
        blocks = joined(blocks, *(blocks.index(block) for block in smallest))
    return blocks


def joined(blocks: list[Block], one: int, other: int) -> list[Block]:
    """Return the blocks with two of them made one, at the place of the earlier."""
    first, second = sorted((one, other))
    both = Block(
        blocks[first].roots + blocks[second].roots, blocks[first].changes + blocks[second].changes
    )
    return [*blocks[:first], both, *blocks[first + 1 : second], *blocks[second + 1 :]]


def mixed(a: LoadedScenario, b: LoadedScenario, blocks: Collection[Block]) -> Scenario | None:
    """Return scenario a with some blocks as they are in b; None where that is no valid scenario."""
    tree: Tree | None = _without(a.tree)
    for block in blocks:
        for root in block.roots:
            tree = _replaced(tree, _at(b.tree, root), root)
    assert isinstance(tree, Mapping)
    try:
        scenario = Scenario.model_validate(plain_values(tree), by_alias=True, by_name=False)
    except ValidationError:
        return None
    return None if any(check_plan(scenario, tree)) else scenario


def _without(tree: Mapping) -> Mapping:
    """Return a tree without what explains, but for what every scenario needs."""
    kept = _EXPLAINS - {"schema_version", "name"}
    return Mapping({k: v for k, v in tree.entries.items() if k not in kept}, tree.place)


def _at(tree: Tree, keys: Keys) -> Entry | None:
    entry = None
    for key in keys:
        entry = tree.entries.get(key) if isinstance(tree, Mapping) else None
        if entry is None:
            return None
        tree = entry.value
    return entry


def _replaced(tree: Tree | None, entry: Entry | None, keys: Keys) -> Tree | None:
    """Return a tree with another entry at some keys, or without it."""
    first, *rest = keys
    entries = dict(tree.entries) if isinstance(tree, Mapping) else {}
    if not rest:
        if entry is None:
            entries.pop(first, None)
        else:
            entries[first] = entry
    elif first in entries or entry is not None:
        below = entries.get(first)
        value = _replaced(below.value if below else None, entry, tuple(rest))
        assert isinstance(value, Mapping)
        entries[first] = Entry(first, value.place, value)
    place = tree.place if tree is not None else entry.place if entry else None
    assert place is not None
    return Mapping(entries, place)
