"""The command `migrate`: old scenarios and run folders in the present form."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kla_sim.cli import options
from kla_sim.cli.output import print_json, print_lines
from kla_sim.language import text

if TYPE_CHECKING:
    from kla_sim.experiment.migrate import Outcome

_ = partial(text, "migrating")


def migrate(
    old: Annotated[Path, typer.Argument(metavar="OLD", help=_("arg_old"))],
    out: Annotated[Path | None, typer.Option("--out", metavar="NEW", help=_("opt_out"))] = None,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Bring a file or folder to the present form, or say that nothing is to be done."""
    from kla_sim.experiment.migrate import migrate as bring

    outcome = bring(old, out)
    if as_json:
        document = {
            "path": str(outcome.path),
            "from_schema": outcome.before,
            "to_schema": outcome.after,
            "noted": list(outcome.noted),
            "model_version": outcome.model_version,
            "has_changed": outcome.has_changed,
        }
        print_json({"schema_version": 1, **document})
    elif not quiet:
        print_lines(_told(outcome))


def _told(outcome: Outcome) -> list[str]:
    path = str(outcome.path)
    lines = []
    if outcome.before != outcome.after:
        lines.append(_("migrated", path=path, before=outcome.before, after=outcome.after))
    elif outcome.noted:
        lines.append(_("noted", path=path, files=", ".join(outcome.noted)))
    else:
        lines.append(_("nothing_to_do", path=path, schema=outcome.after))
    if outcome.is_of_old_model:
        lines.append(_("old_model", version=outcome.model_version))
    return lines
