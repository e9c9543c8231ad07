"""The command `selftest`: the program held against closed forms, books, and other ways to run.

With `--intervals` it measures how often its intervals hold (`intervals`).
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from kla_sim.cli import options
from kla_sim.cli.output import new_table, print_json, print_lines, print_table, tell_on_terminal
from kla_sim.language import number, percent, text

if TYPE_CHECKING:
    from kla_sim.experiment.selftest.numbers import Check, Number
    from kla_sim.experiment.selftest.suite import Selftest

_ = partial(text, "selftest")


def selftest(
    quick: Annotated[bool, typer.Option("--quick", help=_("opt_quick"))] = False,
    of_intervals: Annotated[bool, typer.Option("--intervals", help=_("opt_intervals"))] = False,
    trials: Annotated[
        int, options.whole("--trials", least=20, most=100_000, description=_("opt_trials"))
    ] = 400,
    seed: options.Seed = 1,
    workers: options.Workers = None,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Compare, print one table, and exit with 1 where a number is not what it must be."""
    from kla_sim.cli.intervals import show_intervals
    from kla_sim.experiment.selftest.suite import Effort, examine, selftest_document

    n_workers = workers or os.cpu_count() or 1
    if of_intervals:
        asked = trials // 10 if quick else trials
        show_intervals(asked, seed, n_workers, is_quick=quick, as_json=as_json, is_quiet=quiet)
        return
    with tell_on_terminal(is_quiet=quiet or as_json) as tell:
        found = examine(
            Effort.of(is_quick=quick),
            seed,
            n_workers,
            lambda step: tell(_(f"step_{step}")),
        )
    if as_json:
        print_json({"schema_version": 1, **selftest_document(found)})
    elif not quiet or not found.is_passed:
        _print(found)
    if not found.is_passed:
        raise typer.Exit(1)


def _print(found: Selftest) -> None:
    table = new_table(
        _("title"),
        *(
            _(f"column_{name}")
            for name in ("check", "expected", "got", "z", "detectable", "passed")
        ),
        numbers=(1, 2, 3, 4),
    )
    for check in found.checks:
        table.add_row(*_row(check, found.limit))
    print_table(table)
    for check in found.checks:
        print_lines([_wrong_line(check, one) for one in check.wrong(found.limit)])
    print_lines([_("skipped", name=_(f"check_way_{name}")) for name in found.skipped])
    n_numbers = sum(len(check.numbers) for check in found.checks)
    print_lines(
        [
            _("numbers", n=number(n_numbers), checks=number(len(found.checks))),
            _("alarm", limit=number(found.limit, 2)),
            _("all_passed" if found.is_passed else "not_passed"),
        ]
    )


def _row(check: Check, limit: float) -> tuple[str, ...]:
    """Return the row of a check: its first number, and the z-score furthest from 0."""
    from kla_sim.experiment.selftest.numbers import detectable

    first = check.numbers[0]
    scores = [one.z for one in check.numbers if one.z is not None]
    seen = detectable(first, limit)
    return (
        _(f"check_{check.name}"),
        _figure(first.expected),
        _figure(first.got),
        number(max(scores, key=abs), 1) if scores else _("equal"),
        percent(seen, 1) if seen is not None else "",
        _("right" if not check.wrong(limit) else "wrong"),
    )


def _figure(value: float) -> str:
    """Return a figure with four digits that count, a whole one with all."""
    if value == int(value):
        return number(int(value))
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    return number(value, max(0, 4 - whole))


def _wrong_line(check: Check, one: Number) -> str:
    return _(
        "wrong_number",
        check=_(f"check_{check.name}"),
        name=one.name,
        expected=repr(one.expected),
        got=repr(one.got),
        z=number(one.z, 1) if one.z is not None else _("must_be_equal"),
    )
