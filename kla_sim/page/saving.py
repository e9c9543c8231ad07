"""Saving: the changes are shown first, and nothing that somebody else has written is written over.

Where the file was changed meanwhile both versions are kept, and the reader decides which goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff
from functools import partial
from typing import Any

from kla_sim.errors import UsageError
from kla_sim.language import text
from kla_sim.page.events import Asked, Desk, Event, opened_of, opened_piece, piece
from kla_sim.page.folder import SHIPPED, Opened
from kla_sim.page.odds import Wish
from kla_sim.store.files import hash_of

_ = partial(text, "page")

_MOST_LINES = 2_000


def difference(desk: Desk, asked: Asked, _wish: Wish) -> Iterator[Event]:
    """Yield what saving would change in the file as it is now."""
    yield _shown(desk, asked, opened_of(desk, asked))


def save(desk: Desk, asked: Asked, _wish: Wish) -> Iterator[Event]:
    """Save the text under the name asked for, once its changes have been seen.

    Raises
    ------
    UsageError : the name leads out of the folder, or is another file's.
    StoreError : it cannot be written.
    """
    opened, target = opened_of(desk, asked), asked.more.get("target", "").strip()
    if asked.moved or asked.more.get("shown") != hash_of(asked.text.encode()):
        yield _shown(desk, asked, opened)
        return
    is_own = target == opened.name
    if is_own and opened.mark not in ("", asked.mark):
        yield _shown(desk, asked, opened)
        return
    if not is_own and desk.folder.is_there(target):
        raise UsageError("page_name_taken", file=target)
    saved = desk.folder.save(target, asked.text, opened.mark if is_own else "")
    yield opened_piece(saved)
    yield {"saved": True}
    yield piece("saving", "saved", file=target)
    yield {"announce": _("saved", file=target)}


def take(desk: Desk, asked: Asked, _wish: Wish) -> Iterator[Event]:
    """Go on with the file as it is on disk, after saving the text of the page beside it."""
    kept = desk.folder.free_name(asked.name)
    desk.folder.save(kept, asked.text, "")
    opened = desk.folder.open(asked.name)
    yield opened_piece(opened)
    yield {"text": opened.text, "saved": True}
    yield piece("saving", "saved", file=kept)
    yield {"announce": _("saved", file=kept), "again": True}


def _shown(desk: Desk, asked: Asked, opened: Opened) -> Event:
    is_changed = not opened.name.startswith(SHIPPED) and asked.mark != opened.mark
    name = opened.path.name
    is_free = not desk.folder.is_there(name)
    own = name if is_free or not opened.name.startswith(SHIPPED) else desk.folder.free_name(name)
    return piece(
        "saving",
        "difference",
        lines=list(_lines(opened, asked.text)),
        is_changed=is_changed,
        is_pending=bool(asked.moved),
        target=desk.folder.free_name(name) if is_changed else own,
        shown=hash_of(asked.text.encode()),
    )


def _lines(opened: Opened, news: str) -> Iterator[dict[str, Any]]:
    """Yield the lines of the difference between a file and a text, the first of very many."""
    found = unified_diff(opened.text.splitlines(), news.splitlines(), lineterm="", n=2)
    for place, line in enumerate(found):
        if place >= _MOST_LINES:
            yield {"kind": "", "words": "…"}
            return
        if place > 1:
            kind = {"+": "added", "-": "taken"}.get(line[:1], "")
            yield {"kind": kind, "words": line}
