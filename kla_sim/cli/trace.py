"""The command `trace`: one future with its events, schedule, cash and categories."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from kla_sim.cli import options
from kla_sim.cli.output import new_table, print_json, print_lines, print_table, table_width
from kla_sim.cli.scenarios import issue, print_set_warnings, read, set_warnings
from kla_sim.cli.timelines import show_timelines
from kla_sim.language import number, text

if TYPE_CHECKING:
    from kla_sim.experiment.trace import Future

_ = partial(text, "answers")

_MONEY = ("appropriated", "released", "spent", "lapsed", "held")
_NARROWEST_GANTT, _WIDEST_GANTT = 20, 100


def trace(
    scenario: options.ScenarioName = options.DEFAULT_SCENARIO,
    replication: options.Replication = 0,
    seed: options.Seed = 1,
    overrides: options.Overrides = None,
    central: options.Central = False,
    out: options.Out = options.RESULTS,
    details: Annotated[
        bool, typer.Option("--details", help=text("schedules", "opt_details"))
    ] = False,
    no_plots: options.NoPlots = False,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Print one future: events, schedule, cash and categories; draw it, but for programs."""
    from kla_sim.cli.run import changes_of
    from kla_sim.experiment.trace import trace_document, trace_future
    from kla_sim.report.words import phrase_plan

    loaded = read(scenario, overrides)
    future = trace_future(loaded.scenario, seed, replication, central=central)
    warnings = set_warnings(loaded)
    changes = changes_of(scenario, loaded, overrides)
    plan = phrase_plan(loaded.scenario.name, changes)
    if as_json:
        said = {"warnings": [issue(fault) for fault in warnings]}
        print_json({"schema_version": 1, **trace_document(future), **said})
        return
    if not quiet:
        print_set_warnings(warnings)
    title = (
        text("central", "trace_title", scenario=plan)
        if central
        else _("trace_title", replication=replication, scenario=plan, seed=seed)
    )
    print_lines([title, ""])
    _print_events(future)
    _print_schedule(future)
    _print_cash(future)
    _print_standing(future)
    if not no_plots:
        show_timelines(
            future,
            loaded,
            changes,
            out,
            seed=None if central else seed,
            is_whole=details,
            is_quiet=quiet,
        )


def _print_events(future: Future) -> None:
    from kla_sim.report.event_words import phrase_detail, phrase_subject, phrase_what

    labels = future.plan.labels
    table = new_table(
        _("trace_events"),
        *(_(f"column_{name}") for name in ("day", "date", "what", "subject", "detail")),
        numbers=(0,),
        whole=(4,),
    )
    for event in future.trace.events:
        table.add_row(
            str(event.day),
            (labels.start + dt.timedelta(days=event.day)).isoformat(),
            phrase_what(event),
            phrase_subject(event, labels),
            phrase_detail(event),
        )
    print_table(table)


def _print_schedule(future: Future) -> None:
    """Draw each activity's attempts over the whole time, a column per equal stretch of days."""
    labels, horizon = future.plan.labels, future.plan.structure.horizon_day + 1
    room = table_width() - max(map(len, labels.activities), default=0) - 6
    n_columns = min(max(room, _NARROWEST_GANTT), _WIDEST_GANTT)
    years = [" "] * n_columns
    for year in labels.years:
        first = (dt.date(year, 1, 1) - labels.start).days * n_columns // horizon
        if 0 <= first <= n_columns - 4:
            years[first : first + 4] = str(year)
    table = new_table(_("trace_schedule"), _("column_activity"), "".join(years))
    for name, attempts in zip(labels.activities, future.trace.attempts, strict=True):
        if attempts:
            bar = [" "] * n_columns
            for attempt in attempts:
                first = attempt.start * n_columns // horizon
                last = (min(attempt.finish, horizon) - 1) * n_columns // horizon
                bar[first : last + 1] = "█" * (last + 1 - first)
            table.add_row(name, "".join(bar).rstrip())
    print_table(table)


def _print_cash(future: Future) -> None:
    labels, result = future.plan.labels, future.result
    table = new_table(
        _("trace_cash"),
        *(_(f"column_{name}") for name in ("account", "year", *_MONEY)),
        numbers=tuple(range(1, 2 + len(_MONEY))),
    )
    names = (_("province"), *labels.city_names)
    for place, account in enumerate(names):
        for column, year in enumerate(labels.years):
            amounts = (int(getattr(result, field)[0, place, column]) for field in _MONEY)
            millions = [number(amount / 1e6, 1) for amount in amounts]
            table.add_row(account, str(year), *millions)
    print_table(table)


def _print_standing(future: Future) -> None:
    from kla_sim.experiment.trace import trace_document

    standing = trace_document(future)["standing"]
    names = dict(zip(future.plan.labels.cities, future.plan.labels.city_names, strict=True))
    print_lines(
        [_("trace_standing"), *(f"  {names[city]}: {held}" for city, held in standing.items())]
    )
