"""The command `trace`: one future with its events, schedule, cash and categories."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from kla_sim.cli import options
from kla_sim.cli.output import Table, new_table, print_json, print_lines, print_table, table_width
from kla_sim.cli.scenarios import issue, print_set_warnings, read, set_warnings
from kla_sim.cli.timelines import show_timelines
from kla_sim.language import category, number, text

if TYPE_CHECKING:
    from kla_sim.experiment.trace import Future
    from kla_sim.report.future_words import Names
    from kla_sim.scenario.model import Scenario

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
        bool, typer.Option("--details", help=text("tracing", "opt_details"))
    ] = False,
    no_plots: options.NoPlots = False,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Tell one future by region and year, and draw it; with details, every event."""
    from kla_sim.cli.run import changes_of
    from kla_sim.experiment.trace import trace_document, trace_future
    from kla_sim.report.future_words import names_of
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
    print_lines([title])
    _print_story(future, loaded.scenario)
    if details:
        names = names_of(future, loaded.scenario)
        _print_events(future, names)
        _print_schedule(future, names)
        _print_cash(future)
    else:
        print_lines([text("tracing", "more")])
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


def _print_story(future: Future, scenario: Scenario) -> None:
    """Print whether the target is met, and scores, zones and money by region and year."""
    from kla_sim.domain.categories import CATEGORIES
    from kla_sim.report import future_words as words

    labels, shown = future.plan.labels, words.shown_regions(future)
    n_more = len(labels.cities) - len(shown)
    more = [text("tracing", "more_regions", n=number(n_more))] if n_more else []
    print_lines([words.verdict(future), *more, ""])
    evaluations = _table("evaluations", "evaluation", "evidence", "award")
    for row in words.evaluation_rows(future):
        evaluations.add_row(*row)
    scores = _table("scores", "region", *map(str, labels.cycles), "standing")
    zones = _table("zones", "region", *map(str, labels.years), "planned", "wait")
    for place in shown:
        name, held = labels.city_names[place], future.result.standing[0, place]
        scores.add_row(name, *words.score_cells(future, place), category(CATEGORIES[held]))
        zones.add_row(name, *words.launch_cells(future, place, scenario))
    years = _table("years", "year", "appropriated", "spent", "lapsed", *words.COUNTED)
    for row in words.year_rows(future):
        years.add_row(*row)
    for table in (evaluations, scores, zones, years):
        print_table(table)


def _table(title: str, *columns: str) -> Table:
    """Return a table of the story; years stand over their columns as they are."""
    heads = [one if one.isdigit() else text("tracing", f"column_{one}") for one in columns]
    last = len(columns) - 1
    numbers = range(1, last if title == "zones" else last + 1)
    return new_table(
        text("tracing", f"{title}_title"),
        *heads,
        numbers=() if title == "evaluations" else tuple(numbers),
    )


def _print_events(future: Future, names: Names) -> None:
    from kla_sim.report.future_words import event_rows

    table = new_table(
        _("trace_events"),
        *(_(f"column_{name}") for name in ("day", "date", "what", "subject", "detail")),
        numbers=(0,),
        whole=(3, 4),
    )
    for row in event_rows(future, names):
        table.add_row(*row)
    print_table(table)


def _print_schedule(future: Future, names: Names) -> None:
    """Draw each activity's attempts over the whole time, a column per equal stretch of days."""
    labels, horizon = future.plan.labels, future.plan.structure.horizon_day + 1
    drawn = [
        (names.of(address), attempts)
        for address, attempts in zip(labels.activities, future.trace.attempts, strict=True)
        if attempts
    ]
    room = table_width() - max((len(name) for name, _attempts in drawn), default=0) - 6
    n_columns = min(max(room, _NARROWEST_GANTT), _WIDEST_GANTT)
    years = [" "] * n_columns
    for year in labels.years:
        first = (dt.date(year, 1, 1) - labels.start).days * n_columns // horizon
        if 0 <= first <= n_columns - 4:
            years[first : first + 4] = str(year)
    table = new_table(_("trace_schedule"), _("column_activity"), "".join(years), whole=(0,))
    for name, attempts in drawn:
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
