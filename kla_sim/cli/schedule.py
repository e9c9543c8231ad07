"""What `run --central` prints: one schedule without chance, in place of odds."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from kla_sim.cli.output import new_table, print_json, print_lines, print_table
from kla_sim.cli.scenarios import print_warnings
from kla_sim.cli.timelines import show_timelines
from kla_sim.language import describe_fault, text

if TYPE_CHECKING:
    from pathlib import Path

    import typer

    from kla_sim.errors import Fault
    from kla_sim.experiment.schedule import Schedule
    from kla_sim.scenario.loading import LoadedScenario

_ = partial(text, "central")

_OF_CHANCE = ("precision", "shard", "keep", "label", "executor")
"""Options of `run` that say something of many futures, or of where they are kept."""


def refuse_options_of_chance(context: typer.Context) -> None:
    """Refuse options that make no sense where there is one future, which is not kept.

    Raises
    ------
    UsageError : one of them, or another number of futures than 1, was given.
    """
    from kla_sim.errors import UsageError

    def is_given(name: str) -> bool:
        source = context.get_parameter_source(name)
        return source is not None and source.name == "COMMANDLINE"

    given = [f"--{name}" for name in _OF_CHANCE if is_given(name)]
    if is_given("replications") and context.params["replications"] != 1:
        given.insert(0, "-n")
    if given:
        raise UsageError("central_is_one", names=", ".join(given))


def show_schedule(
    loaded: LoadedScenario,
    path: str,
    overrides: tuple[str, ...],
    warnings: list[Fault],
    out: Path | None,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Print the schedule of a plan without chance, and draw it.

    Parameters
    ----------
    out : where results go; None = nothing is drawn. For programs nothing is.
    """
    from kla_sim.experiment.schedule import schedule

    found = schedule(loaded.scenario)
    if as_json:
        print_json(_document(found, loaded, path, overrides, warnings))
        return
    if not quiet:
        if warnings:
            print_warnings(warnings)
        _say(found, loaded, overrides)
    if out is not None:
        show_timelines(
            found.future, loaded, overrides, out, seed=None, is_whole=False, is_quiet=quiet
        )


def _document(
    found: Schedule,
    loaded: LoadedScenario,
    path: str,
    overrides: tuple[str, ...],
    warnings: list[Fault],
) -> dict[str, Any]:
    from kla_sim.scenario.loading import digest

    target = loaded.scenario.target
    return {
        "schema_version": 1,
        "scenario": {
            "name": loaded.scenario.name,
            "digest": digest(loaded.scenario),
            "path": path,
            "overrides": list(overrides),
        },
        "central": True,
        "target": {"category": target.category, "deadline": target.deadline.isoformat()},
        **found.document(),
        "warnings": [describe_fault(fault) for fault in warnings],
    }


def _say(found: Schedule, loaded: LoadedScenario, overrides: tuple[str, ...]) -> None:
    from kla_sim.report.schedule_words import city_cells, headline, late_lines, score_cells
    from kla_sim.report.words import phrase_plan

    scenario, labels = loaded.scenario, found.plan.labels
    print_lines(
        [
            _("title", scenario=phrase_plan(scenario.name, overrides)),
            *headline(found, scenario),
        ]
    )
    zones = new_table(
        _("zones_title"),
        *(_(f"column_{name}") for name in ("city", "planned", "in_time", "late", "never", "wait")),
        numbers=(1, 2, 3, 4),
    )
    scores = new_table(
        _("scores_title"),
        _("column_city"), *map(str, labels.cycles), _("column_standing"),
        numbers=tuple(range(1, 1 + len(labels.cycles))),
    )  # fmt: skip
    for city, name in zip(labels.cities, labels.city_names, strict=True):
        zones.add_row(name, *city_cells(found, city, scenario))
        scores.add_row(name, *score_cells(found, city))
    print_table(zones)
    print_table(scores)
    late = late_lines(found, scenario)
    print_lines([*([_("late_title")] if late else []), *late, _("note")])
