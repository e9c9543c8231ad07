"""What `selftest --intervals` prints: how often intervals hold, beside what they promise."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import typer

from kla_sim.cli.output import new_table, print_json, print_lines, print_table, tell_on_terminal
from kla_sim.language import number, percent, text

if TYPE_CHECKING:
    from kla_sim.experiment.coverage.trials import Coverage

_ = partial(text, "intervals")


def show_intervals(
    trials: int, seed: int, n_workers: int, *, is_quick: bool, as_json: bool, is_quiet: bool
) -> None:
    """Measure coverage, print a table, and exit with 1 where less is kept than is said."""
    from kla_sim.experiment.coverage.table import intervals_document, measure

    with tell_on_terminal(is_quiet=is_quiet or as_json) as tell:
        tell(_("step_futures"))
        found = measure(
            trials,
            seed,
            n_workers,
            lambda done, asked: tell(_("step", done=number(done), asked=number(asked))),
            with_flagship=not is_quick,
        )
    document = intervals_document(found)
    if as_json:
        print_json({"schema_version": 1, **document})
    elif not is_quiet or not document["passed"]:
        _print(found)
    if not document["passed"]:
        raise typer.Exit(1)


def _print(found: list[Coverage]) -> None:
    columns = ("interval", "setting", "promised", "measured", "error", "trials", "verdict")
    table = new_table(_("title"), *(_(f"column_{name}") for name in columns), numbers=(2, 3, 4, 5))
    for one in found:
        table.add_row(
            _(f"of_{_key(one.name)}"),
            one.setting,
            percent(one.promised),
            percent(one.measured, 1),
            percent(one.standard_error, 1),
            number(one.trials),
            _verdict(one),
        )
    print_table(table)
    print_lines([_("explained")])
    short = [one for one in found if not one.is_kept]
    print_lines([_("not_kept", n=number(len(short))) if short else _("all_kept")])


def _key(name: str) -> str:
    """Return the name of a promise as the key of a text."""
    return name.replace(",", "").replace(" ", "_").lower()


def _verdict(one: Coverage) -> str:
    if not one.is_kept:
        return _("verdict_short")
    return _("verdict_known", share=percent(one.known)) if one.known else _("verdict_kept")
