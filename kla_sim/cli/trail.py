"""The command `trail`: forecasts kept over time, and how good they were."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kla_sim.cli import options
from kla_sim.cli.finding import find, say_passed_over
from kla_sim.cli.notices import notice_entries, print_notices
from kla_sim.cli.output import new_table, print_json, print_lines, print_table
from kla_sim.language import category, day, number, text

if TYPE_CHECKING:
    from kla_sim.experiment.trail import Forecast, Scored

_ = partial(text, "trail")


def trail(
    names: Annotated[list[str] | None, typer.Argument(metavar="RUN...", help=_("arg_runs"))] = None,
    awards: Annotated[Path | None, typer.Option("--awards", help=_("opt_awards"))] = None,
    with_registered: Annotated[
        bool, typer.Option("--registered", help=_("opt_registered"))
    ] = False,
    out: options.Out = options.RESULTS,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Keep what runs forecast, list what was kept, and score it by the awards that have come."""
    from kla_sim.domain.awards import read_awards
    from kla_sim.experiment.run import read_run
    from kla_sim.experiment.trail import (
        keep,
        kept,
        registered,
        score,
        strangers,
        trail_document,
    )

    came = read_awards(awards)
    runs = [read_run(find(name, out)) for name in names or []]
    added = [keep(run, out) for run in runs]
    forecasts = [*(registered() if with_registered else []), *kept(out, say_passed_over)]
    notices = strangers(forecasts, came) if awards and forecasts else ()
    scored = score(forecasts, came.categories)
    if as_json:
        document = trail_document(forecasts, scored)
        if awards:
            document["notices"] = notice_entries(notices, "trail")
        print_json({"schema_version": 1, **document})
        return
    if not quiet:
        print_lines([_("kept", file=str(forecast.path)) for forecast in added])
    if not forecasts:
        print_lines([_("none_kept", folder=str(out))])
        return
    print_notices(notices, "trail")
    _print_forecasts(forecasts)
    _print_scores(scored)


def _print_forecasts(forecasts: list[Forecast]) -> None:
    """Print each city's next award as the forecasts see it."""
    from kla_sim.report.words import phrase_percent

    table = new_table(
        _("forecasts_title"),
        *(_(f"column_{name}") for name in ("seen_from", "scenario", "cycle", "city", "likely")),
    )
    for forecast in forecasts:
        for year in sorted(forecast.awards)[:1]:
            for city, chances in forecast.awards[year].items():
                ranked = sorted(chances.items(), key=lambda item: -item[1])[:3]
                likely = (f"{category(key)} {phrase_percent(chance)}" for key, chance in ranked)
                table.add_row(
                    day(forecast.seen_from),
                    forecast.scenario,
                    str(year),
                    forecast.cities[city],
                    ", ".join(likely),
                )
    print_table(table)


def _print_scores(scored: list[Scored]) -> None:
    from kla_sim.report.words import phrase_percent

    if not scored:
        print_lines([_("nothing_came")])
        return
    table = new_table(
        _("scores_title"),
        *(
            _(f"column_{name}")
            for name in ("seen_from", "cycle", "city", "outcome", "chance", "log", "rps")
        ),
        numbers=(4, 5, 6),
    )
    for one in scored:
        pairs = [" / ".join(number(x, 2) for x in pair) for pair in (one.log_score, one.rps)]
        table.add_row(
            day(one.seen_from),
            str(one.year),
            one.city,
            category(one.outcome),
            phrase_percent(one.chance),
            *pairs,
        )
    print_table(table)
    n = len(scored)
    means = [
        number(sum(pair[place] for pair in pairs) / n, 2)
        for pairs in ([one.log_score for one in scored], [one.rps for one in scored])
        for place in (0, 1)
    ]
    log, log_stays, rps, rps_stays = means
    fields = {"log": log, "log_stays": log_stays, "rps": rps, "rps_stays": rps_stays}
    print_lines([_("scores_mean", n=number(n), **fields)])
