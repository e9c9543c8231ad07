"""What can be changed in a module: the mutants of the library mutmut, one changed place each.

mutmut itself leaves out every function with a decorator, that is, nearly all of the engine, and
what stands outside functions; only its making of mutants is used here. `hunt` runs them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType
from typing import NamedTuple

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import MutationVisitor
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

ROOT = Path(__file__).resolve().parents[2]


class Mutant(NamedTuple):
    """One module with one place changed."""

    path: str  # from the root of the project
    line: int
    function: str  # "" outside functions
    before: str  # the changed lines, without spaces at their ends, joined by " / "
    after: str
    source: str

    @property
    def module(self) -> str:
        """The name by which the module is imported."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells the mutant from others, also after lines have moved."""
        return (self.path, self.function, self.before, self.after)


class _Visitor(MutationVisitor):
    """Makes mutants of functions with decorators too."""

    METADATA_DEPENDENCIES = (*MutationVisitor.METADATA_DEPENDENCIES, PositionProvider)

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        return not isinstance(node, cst.FunctionDef) and super()._skip_node_and_children(node)


def mutants_of(path: str, size: int | None = None, seed: int = 1) -> list[Mutant]:
    """Return so many mutants of a file by lot; a larger sample begins with a smaller one."""
    text = (ROOT / path).read_text()
    wrapper = MetadataWrapper(cst.parse_module(text))
    visitor = _Visitor(mutation_operators, IgnoredCode(set(), set(), set()))
    wrapper.visit(visitor)
    positions = wrapper.resolve(PositionProvider)
    spans = list(_functions(wrapper.module, positions))
    random.Random(f"{seed} {path}").shuffle(visitor.mutations)
    found: dict[str, Mutant] = {}
    for change in visitor.mutations:
        if len(found) == size:
            break
        where = positions[change.original_node]
        new = wrapper.module.code_for_node(change.mutated_node).strip()
        source = _replaced(text, where, new)
        if source != text and source not in found:
            before, after = _changed_lines(text, source)
            function = next(
                (name for name, first, last in spans if first <= where.start.line <= last), ""
            )
            found[source] = Mutant(path, where.start.line, function, before, after, source)
    return list(found.values())


def codes_of(source: str, path: str) -> dict[str, list[CodeType]]:
    """Return the code of the functions and methods by qualified name, with all that is inside them.

    Under "" stands what runs as the module is loaded: itself and the bodies of its classes.
    """
    found: dict[str, list[CodeType]] = {"": []}

    def gather(body: CodeType) -> None:
        inside = [one for one in body.co_consts if isinstance(one, CodeType)]
        rest = tuple(one for one in body.co_consts if not isinstance(one, CodeType))
        found[""].append(body.replace(co_consts=rest))
        for code in inside:
            if code.co_flags & CO_OPTIMIZED:
                found.setdefault(code.co_qualname, []).append(code)
            else:
                gather(code)

    gather(compile(source, path, "exec"))
    return found


def _replaced(text: str, where: object, new: str) -> str:
    lines = text.splitlines(keepends=True)
    start, end = where.start, where.end  # type: ignore[attr-defined]
    first = sum(map(len, lines[: start.line - 1])) + start.column
    last = sum(map(len, lines[: end.line - 1])) + end.column
    return text[:first] + new + text[last:]


def _functions(module: cst.Module, positions: object) -> Iterator[tuple[str, int, int]]:
    """Yield the outermost functions and methods with their first and last lines."""
    for part in module.body:
        inside = part.body.body if isinstance(part, cst.ClassDef) else [part]
        for one in inside:
            if isinstance(one, cst.FunctionDef):
                where = positions[one]  # type: ignore[index]
                name = one.name.value
                if isinstance(part, cst.ClassDef):
                    name = f"{part.name.value}.{name}"
                yield name, where.start.line, where.end.line


def _changed_lines(text: str, source: str) -> tuple[str, str]:
    """Return what differs, line by line from where the texts part to where they meet again."""
    old, new = ([line.strip() for line in one.splitlines()] for one in (text, source))
    first = next(i for i, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1])
    last = 0
    while old[-1 - last] == new[-1 - last] and first + last < min(len(old), len(new)):
        last += 1
    return tuple(  # type: ignore[return-value]
        " / ".join(lines[first : max(first + 1, len(lines) - last)]) for lines in (old, new)
    )
