"""What was changed: the files behind the plan, values set for this run, values it overrides."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from kla_sim.experiment.material import Material
from kla_sim.language import number, text
from kla_sim.language.safe import brief
from kla_sim.report.blocks import Block, Chapter, Part, Table, Words
from kla_sim.store import KeptChange, Manifest

_ = partial(text, "reporting")

_MOST_ROWS, _LONGEST = 80, 120


def changes_chapter(material: Material) -> Chapter:
    """Return what differs from the plan that is extended, as the run has kept it."""
    parts = changed_parts(material.run.folder.manifest)
    return Chapter("changes", _("changes_title"), tuple(parts))


def changed_parts(manifest: Manifest) -> list[Block]:
    """Return the files behind the plan of a run, and what is changed in it."""
    origin = manifest.origin
    if origin is None:
        return [Words(_("origin_unknown"))]
    chain = " → ".join(brief(name, _LONGEST) for name in origin.files)
    blocks: list[Block] = [
        Words(_("chain" if len(origin.files) > 1 else "chain_one", chain=chain)),
        Part(_("set_title"), _set_here(origin.set_here)),
    ]
    if len(origin.files) > 1:
        title = _("changed_title", base=brief(origin.files[1], _LONGEST))
        blocks.append(Part(title, _against(origin.changed, origin.n_added)))
    return blocks


def _set_here(changes: Sequence[KeptChange]) -> tuple[Block, ...]:
    if not changes:
        return (Words(_("set_none")),)
    return _listed(changes, _("set_caption", n=number(len(changes))))


def _against(changes: Sequence[KeptChange], n_added: dict[str, int]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    if changes:
        blocks += _listed(changes, _("changed_caption", n=number(len(changes))))
    else:
        blocks.append(Words(_("changed_none")))
    if n_added:
        parts = ", ".join(f"{key} {number(n)}" for key, n in n_added.items())
        blocks.append(Words(_("added", parts=brief(parts, 600))))
    return tuple(blocks)


def _listed(changes: Sequence[KeptChange], caption: str) -> tuple[Block, ...]:
    columns = tuple(_(f"column_{name}") for name in ("path", "before", "after", "place"))
    rows = [
        (
            brief(change.path, _LONGEST),
            brief(change.before, _LONGEST) or _("no_value"),
            brief(change.after, _LONGEST) or _("removed"),
            _place(change),
        )
        for change in changes[:_MOST_ROWS]
    ]
    table = Table(caption, columns, rows, texts=(0, 1, 2, 3))
    if len(changes) <= _MOST_ROWS:
        return (table,)
    return table, Words(_("rows_more", n=number(len(changes) - _MOST_ROWS)), "note")


def _place(change: KeptChange) -> str:
    if not change.file:
        return "-"
    file = brief(change.file, _LONGEST)
    return f"{file}:{change.line}" if change.line else file
