"""What the page asks, what it is answered with, and what all answers share."""

from __future__ import annotations

from typing import Any, NamedTuple

from kla_sim.errors import UsageError
from kla_sim.page.folder import Folder, Opened
from kla_sim.page.odds import Memory
from kla_sim.page.runs import Runs
from kla_sim.page.views import render

Event = dict[str, Any]
"""One event of an answer, for the script of the page: `id` and `html` of a piece to be put in its
place, `text` of the scenario, `values` of levers, `announce` = a sentence for the status, `note` =
what is said of odds that are no longer those of what stands on the page, `saved`
= the text is now on disk, `again` = the odds are to be asked anew."""


class Asked(NamedTuple):
    """What the page sends with every question.

    Attributes
    ----------
    name : of the scenario, as it was opened.
    text : of the scenario, as it stands on the page.
    mark : hash of the file when it was opened.
    moved : levers that the text does not say yet, with their values.
    is_edited : whether somebody wrote in the text since it was last answered.
    more : what else the form holds, by its names.
    """

    name: str
    text: str
    mark: str
    seed: int
    moved: dict[str, str]
    is_edited: bool
    more: dict[str, str]


class Desk(NamedTuple):
    """What the answers share: the folder, the latest questions, and the runs."""

    folder: Folder
    memory: Memory
    runs: Runs


def opened_of(desk: Desk, asked: Asked) -> Opened:
    """Return the file that was opened as it stands on disk; the text of the page where it is gone.

    Raises
    ------
    UsageError : its name leads out of the folder.
    """
    try:
        return desk.folder.open(asked.name)
    except UsageError as error:
        if error.code == "page_outside":
            raise
        return Opened(asked.name, desk.folder.path_of(asked.name), asked.text, "")


def piece(id_: str, template: str, **values: Any) -> Event:
    """Return the event that puts a piece of the page in its place."""
    return {"id": id_, "html": render(template, **values)}


def opened_piece(opened: Opened) -> Event:
    """Return the event by which the page goes on with a file as it is now."""
    return piece("opened", "opened", opened=opened)
