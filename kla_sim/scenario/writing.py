"""A tree written out again: as YAML that reads back as the same, and value by value.

Called by `loading` for the resolved scenario that a run keeps and `resolve` shows.
"""

from __future__ import annotations

from collections.abc import Iterator

from kla_sim.scenario.nodes import Mapping, Scalar, Sequence, Tree
from kla_sim.scenario.syntax import Place

Keys = tuple[str, ...]


def leaves(tree: Tree, path: Keys = ()) -> Iterator[tuple[Keys, str]]:
    """Yield every value of a tree as it was written, with its path; a list is one value."""
    if isinstance(tree, Mapping):
        for key, entry in tree.entries.items():
            yield from leaves(entry.value, (*path, key))
    elif isinstance(tree, Scalar):
        yield path, tree.text
    else:
        yield path, _inline(tree)


def _inline(tree: Tree) -> str:
    """Write a value on one line."""
    if isinstance(tree, Scalar):
        return _scalar(tree)
    if isinstance(tree, Sequence):
        return f"[{', '.join(map(_inline, tree.items))}]"
    pairs = (f"{_quoted(entry.key)}: {_inline(entry.value)}" for entry in tree.entries.values())
    return f"{{{', '.join(pairs)}}}"


def _scalar(scalar: Scalar) -> str:
    """Write a value so that it reads back as the same: only numbers, flags and null stay plain."""
    value = scalar.value()
    return _quoted(value) if isinstance(value, str) else scalar.text or "null"


def _quoted(text: str) -> str:
    """Return a text in YAML's double quotes, or plain where that is safe."""
    is_text = isinstance(Scalar(text, True, Place("")).value(), str)
    if is_text and text.replace("_", "").isalnum() and text.isascii():
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    escaped = escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f'"{escaped}"'


def yaml_lines(tree: Mapping, indent: str = "") -> Iterator[str]:
    """Yield a tree as lines of YAML that read back as the same."""
    for entry in tree.entries.values():
        key = _quoted(entry.key)
        if isinstance(entry.value, Mapping) and _is_deep(entry.value):
            yield f"{indent}{key}:"
            yield from yaml_lines(entry.value, indent + "  ")
        else:
            yield f"{indent}{key}: {_inline(entry.value)}"


def _is_deep(tree: Mapping) -> bool:
    """Return whether a mapping is written over several lines: it holds mappings or much else."""
    n_signs = sum(len(entry.key) + len(_inline(entry.value)) + 4 for entry in tree.entries.values())
    return n_signs > 90 or any(isinstance(entry.value, Mapping) for entry in tree.entries.values())
