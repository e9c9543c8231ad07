"""Which value of a variant makes the file that it extends wrong: the fault is told there, once.

A rule between two values is broken by whoever wrote last. A fault of an extended file that is not
there without the variant is traced by taking the variant's entries away, one at a time. Called by
`loading`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from kla_sim.errors import Fault
from kla_sim.scenario.faults import fault_at
from kla_sim.scenario.merging import Keys, Layer
from kla_sim.scenario.nodes import Mapping, Sequence, Tree, child_of, node_at

Judge = Callable[[list[Layer]], list[Fault]]
"""Returns every fault of layers laid over each other."""

_MOST_TRIALS, _MOST_VALUES = 200, 200_000
"""Trials, and values judged in all of them: about a second; beyond it faults stay in place."""
_OF_INHERITED = ("unknown_key", "unknown_key_near", "baseline_twice", "background_twice")
"""Faults of a key beside others, which the variant can remove."""


class _Culprit(NamedTuple):
    """An entry of a layer."""

    layer: int
    path: Keys


def blame_variants(faults: list[Fault], layers: list[Layer], judge: Judge) -> list[Fault]:
    """Move the faults of extended files to the values of variants that caused them.

    Parameters
    ----------
    layers : of the scenario, the one that was written last first.
    """
    if len(layers) == 1:
        return faults
    trials = _Trials(faults, layers, judge)
    told: dict[_Culprit, list[Fault]] = {}
    kept = []
    for fault in faults:
        culprit = trials.culprit_of(fault)
        if culprit is None:
            kept.append(fault)
        else:
            told.setdefault(culprit, []).append(fault)
    return kept + [_told_at(layers, culprit, found) for culprit, found in told.items()]


class _Trials:
    """Judges a scenario with parts of its variants taken away, each part once."""

    def __init__(self, faults: list[Fault], layers: list[Layer], judge: Judge) -> None:
        self._all = {(fault.code, fault.path) for fault in faults}
        self._layers = layers
        self._judge = judge
        self._found: dict[_Culprit, set[tuple[str, str]]] = {}
        n_values = sum(_count(layer.tree) for layer in layers)
        self._most = min(_MOST_TRIALS, _MOST_VALUES // max(n_values, 1))

    def culprit_of(self, fault: Fault) -> _Culprit | None:
        """Return the smallest entry above a fault's file without which it would not be there."""
        own = self._layer_of(fault)
        for layer in range(own):
            if self._vanishes(fault, _Culprit(layer, ())):
                return self._narrowed(fault, _Culprit(layer, ()))
        return None

    def _layer_of(self, fault: Fault) -> int:
        """Return the lowest layer of a fault's file; the uppermost for a file that is unknown."""
        places = [
            place
            for place, layer in enumerate(self._layers)
            if layer.tree.place.file == fault.file and fault.line
        ]
        return places[-1] if places else 0

    def _narrowed(self, fault: Fault, culprit: _Culprit) -> _Culprit:
        tree = self._layers[culprit.layer].tree
        for below in _below(tree, culprit):
            if self._vanishes(fault, below):
                return self._narrowed(fault, below)
        return culprit

    def _vanishes(self, fault: Fault, culprit: _Culprit) -> bool:
        """Return whether a fault is gone without an entry, and no other has come."""
        if culprit not in self._found:
            if len(self._found) >= self._most:
                return False
            layers = list(self._layers)
            layer = layers[culprit.layer]
            tree = _without(layer.tree, culprit.path)
            layers[culprit.layer] = layer._replace(tree=tree)
            found = self._judge(layers)
            self._found[culprit] = {(fault.code, fault.path) for fault in found}
        left = self._found[culprit]
        return (fault.code, fault.path) not in left and left <= self._all


def _count(tree: Tree) -> int:
    if isinstance(tree, Mapping):
        return 1 + sum(_count(entry.value) for entry in tree.entries.values())
    return 1 + sum(map(_count, tree.items)) if isinstance(tree, Sequence) else 1


def _below(tree: Mapping, culprit: _Culprit) -> Iterator[_Culprit]:
    node = tree
    for key in culprit.path:
        below = child_of(node, key)
        if not isinstance(below, Mapping):
            return
        node = below
    for key in node.entries:
        yield _Culprit(culprit.layer, (*culprit.path, key))


def _without(tree: Mapping, path: Keys) -> Mapping:
    """Return a tree without the entry at a path; an empty path takes away everything."""
    if not path:
        return Mapping({}, tree.place)
    entries = dict(tree.entries)
    entry = entries.pop(path[0])
    if len(path) > 1 and isinstance(entry.value, Mapping):
        entries[path[0]] = entry._replace(value=_without(entry.value, path[1:]))
        entries = {key: entries[key] for key in tree.entries}
    return Mapping(entries, tree.place)


def _told_at(layers: list[Layer], culprit: _Culprit, faults: list[Fault]) -> Fault:
    """Return one fault at the variant's entry that names the first of what it makes wrong."""
    tree = layers[culprit.layer].tree
    if culprit.path and _is_beside(culprit.path, faults):
        chosen = (*culprit.path, "distribution")
        path = chosen if node_at(tree, chosen) else culprit.path
        first = min(faults, key=lambda fault: (fault.line, fault.column))
        keys = ", ".join(f"`{fault.path.rpartition('.')[2]}: null`" for fault in faults)
        where = f"{first.file}:{first.line}:{first.column}"
        return fault_at(tree, "inherits_keys", path, keys=keys, place=where)
    code = "breaks_others" if len(faults) == 1 else "breaks_others_more"
    return fault_at(tree, code, culprit.path, what=faults[0], count=len(faults))


def _is_beside(path: Keys, faults: list[Fault]) -> bool:
    """Return whether all that is wrong are keys that stand beside a variant's, or in it."""
    owners = (".".join(path), ".".join(path[:-1]))
    return all(
        fault.code in _OF_INHERITED and fault.path.rpartition(".")[0] in owners for fault in faults
    )
