"""Every assumption with its range and reason, what is drawn anew, what has a source, what has none.

Values stand as the planner wrote them, under their paths in the scenario file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from kla_sim.experiment.material import Material
from kla_sim.language import day, number, text
from kla_sim.language.safe import brief
from kla_sim.report.blocks import Block, Chapter, Part, Table, Words
from kla_sim.scenario.lint.reasons import find_without_reason
from kla_sim.scenario.loading import LoadedScenario
from kla_sim.scenario.nodes import Mapping, Scalar, Tree, node_at
from kla_sim.scenario.paths import matching_paths

_ = partial(text, "reporting")

_LONGEST_VALUE, _LONGEST_REASON = 200, 700
_NO_NUMBERS = ("name", "after", "scope", "opens", "integrates", "launches")
"""Keys of work and staff that say what they are, not how much.
"""
_MOST_OF_PATTERN = 8
_MOST_GAPS = 40


def numbers_chapter(material: Material) -> Chapter:
    """Return every assumption, unknown and source."""
    loaded = material.loaded
    blocks: list[Block] = [
        Words(_("numbers_note"), "note"),
        Part(_("assumptions_title"), _assumptions(loaded)),
        Part(_("uncertain_numbers_title"), _uncertain(loaded)),
        Part(_("sources_title"), _sources(loaded)),
        Part(_("gaps_title"), _gaps(loaded)),
    ]
    return Chapter("numbers", _("numbers_title"), tuple(blocks))


def _assumptions(loaded: LoadedScenario) -> tuple[Block, ...]:
    rows = [
        (
            path,
            _value(loaded, path),
            _range(loaded, path) if entry.range is not None else "-",
            _cut(entry.why),
        )
        for path, entry in loaded.scenario.assumptions.items()
    ]
    if not rows:
        return (Words(_("assumptions_none")),)
    return (_table("assumptions_caption", ("path", "value", "range", "why"), rows),)


def _uncertain(loaded: LoadedScenario) -> tuple[Block, ...]:
    """Return the numbers drawn anew for each combination of assumptions; all follow PERT."""
    rows = []
    for pattern, entry in loaded.scenario.uncertain.items():
        ends = [
            _written(loaded, ("uncertain", pattern, name)) for name in ("low", "likely", "high")
        ]
        law = _("pert_p10" if entry.meaning == "p10-p90" else "pert")
        rows.append((pattern, " - ".join(ends), _(f"by_{entry.by}"), law))
    fitted = loaded.scenario.background.posterior
    said = Words(_("posterior_drawn", name=fitted)) if fitted else None
    if not rows:
        return (*([said] if said else []), Words(_("uncertain_none")))
    table = _table("uncertain_caption", ("path", "ends", "by", "law"), rows)
    return (table, *([said] if said else []))


def _sources(loaded: LoadedScenario) -> tuple[Block, ...]:
    rows = [
        (path, _value(loaded, path), _cut(entry.source), day(entry.date) if entry.date else "-")
        for path, entry in loaded.scenario.sources.items()
    ]
    if not rows:
        return (Words(_("sources_none")),)
    return (_table("sources_caption", ("path", "value", "source", "date"), rows),)


def _gaps(loaded: LoadedScenario) -> tuple[Block, ...]:
    """Return the numbers that have neither a source nor an assumption."""
    found = [
        problem
        for problem in find_without_reason(loaded)
        if problem.code == "NUMBER_WITHOUT_REASON"
    ]
    if not found:
        return (Words(_("gaps_none")),)
    rows = [
        (".".join(map(str, problem.path)), number(problem.fields["count"]), problem.fields["first"])
        for problem in found[:_MOST_GAPS]
    ]
    columns = tuple(_(f"column_{name}") for name in ("path", "count", "first"))
    table = Table(_("gaps_caption", n=number(len(found))), columns, rows, texts=(0, 2))
    return (table,)


def _table(caption: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    names = tuple(_(f"column_{name}") for name in columns)
    return Table(_(caption, n=number(len(rows))), names, rows, texts=(0, 1, 2, 3))


def _value(loaded: LoadedScenario, pattern: str) -> str:
    """Return what stands at a pattern, as written; of several places the first few."""
    paths = matching_paths(loaded.scenario, pattern)
    trees = [(path, node_at(loaded.tree, path)) for path in paths]
    written = [(path, tree) for path, tree in trees if tree is not None]
    if not written:
        return "-"
    if len(written) == 1:
        return _cut(_plain(written[0][1]), _LONGEST_VALUE)
    stars = [place for place, key in enumerate(pattern.split(".")) if key == "*"]
    shown = [
        f"{'.'.join(path[place] for place in stars)}: {_plain(tree)}"
        for path, tree in written[:_MOST_OF_PATTERN]
    ]
    more = [_("and_more", n=number(len(written) - len(shown)))] * (len(written) > len(shown))
    return _cut("; ".join([*shown, *more]), _LONGEST_VALUE)


def _plain(tree: Tree) -> str:
    """Return a value on one line, without the braces of YAML around it."""
    if isinstance(tree, Scalar):
        return tree.text
    if isinstance(tree, Mapping):
        return ", ".join(_entries(tree))
    return ", ".join(map(_plain, tree.items))


def _entries(tree: Mapping) -> Iterator[str]:
    for entry in tree.entries.values():
        if entry.key in _NO_NUMBERS:
            continue
        is_deep = isinstance(entry.value, Mapping)
        value = f"({_plain(entry.value)})" if is_deep else _plain(entry.value)
        yield f"{entry.key} {value}"


def _range(loaded: LoadedScenario, path: str) -> str:
    """Return the ends of an assumption's range as written."""
    ends = [_written(loaded, ("assumptions", path, "range", place)) for place in (0, 1)]
    return " - ".join(ends)


def _written(loaded: LoadedScenario, path: tuple[str | int, ...]) -> str:
    tree = node_at(loaded.tree, path)
    return "-" if tree is None else _plain(tree)


def _cut(words: str, most: int = _LONGEST_REASON) -> str:
    return brief(words, most)
