"""The command that measures speed: engines side by side, start-up, growth and memory."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kla_sim.cli import options
from kla_sim.cli.output import new_table, print_json, print_lines, print_table, tell_on_terminal
from kla_sim.cli.plots import show_plots
from kla_sim.language import number, text

if TYPE_CHECKING:
    from kla_sim.report.files import Drawn

_ = partial(text, "bench")


def bench(
    quick: Annotated[bool, typer.Option("--quick", help=_("opt_quick"))] = False,
    page: Annotated[bool, typer.Option("--page", help=text("page", "opt_page"))] = False,
    out: options.Out = options.RESULTS,
    no_plots: options.NoPlots = False,
    as_json: options.Json = False,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Measure, print a table, and draw how time grows."""
    if page:
        _bench_page(as_json=as_json, quiet=quiet)
        return
    from kla_sim.experiment.bench import Effort, measure

    with tell_on_terminal(is_quiet=quiet or as_json) as tell:
        document = measure(Effort.of(is_quick=quick), lambda step: tell(_(f"step_{step}")))
    if as_json:
        print_json({"schema_version": 1, **document})
    elif not quiet:
        _print_engines(document)
        _print_growth(document)
        _print_runs(document)
    if not no_plots:
        folder = out / "bench"
        show_plots(partial(_draw, document, folder), folder, is_quiet=quiet or as_json)


def _bench_page(*, as_json: bool, quiet: bool) -> None:
    """Measure how fast the page answers a key, beside its goals."""
    from kla_sim.errors import UsageError

    try:
        from kla_sim.page.speed import measure
    except ImportError as error:
        raise UsageError("extra_missing", extra="page") from error
    with tell_on_terminal(is_quiet=quiet or as_json) as tell:
        document = measure(lambda step: tell(text("page", f"bench_step_{step}")))
    if as_json:
        print_json({"schema_version": 1, "page": document})
    elif not quiet:
        _print_page(document)


def _print_page(document: dict[str, Any]) -> None:
    _p = partial(text, "page")
    title = _p(f"bench_by_{document['by']}", rounds=number(document["rounds"]))
    table = new_table(title, _("column_what"), _p("bench_ms"), _("column_goal"), numbers=(1, 2))
    goals, futures = document["goals"], document["futures"]
    first, last = number(futures[0]), number(futures[1])
    for name, label in (
        ("number_ms", _p("bench_number", n=first)),
        ("interval_ms", _p("bench_interval", n=first)),
        ("all_ms", _p("bench_all", n=last)),
    ):
        goal = _("at_most", value=number(goals[name])) if name in goals else ""
        table.add_row(label, number(document[name]), goal)
    print_table(table)


def _draw(document: dict[str, Any], folder: Path) -> Drawn:
    from kla_sim.report.bench_figures import bench_makers
    from kla_sim.report.drawing import write_figures

    return write_figures(bench_makers(document), folder)


def _machine_line(document: dict[str, Any]) -> str:
    machine = document["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return _(
        "machine_line",
        processor=machine["processor"],
        cores=number(machine["cores"]),
        python=machine["python"],
        packages=packages,
    )


def _print_engines(document: dict[str, Any]) -> None:
    yardsticks, engines = document["yardsticks"], document["engines"]
    table = new_table(
        _("engines_title", scenario=document["scenario"]),
        _("column_what"),
        "",
        _("column_goal"),
        numbers=(1, 2),
    )
    goals = document["goals"]
    for name, figures in engines.items():
        table.add_row(_(f"rate_{name}"), number(figures["replications_per_second"]))
    at_least = _("at_least", value=number(goals["ratio"]))
    table.add_row(_("ratio"), number(document["ratio"], 1), at_least)
    for name, figures in engines.items():
        goal = goals.get(f"{name}_ns_per_event")
        told = _("at_most", value=number(goal)) if goal else ""
        table.add_row(_(f"per_event_{name}"), number(figures["ns_per_event"]), told)
    table.add_row(_("simpy_timeout"), number(yardsticks["simpy_timeout_ns"]))
    table.add_row(_("heap"), number(yardsticks["heap_push_pop_ns"], 1))
    table.add_row(_("draws_future"), number(yardsticks["draws_ns_per_future"] / 1000, 1))
    table.add_row(_("draws_event"), number(yardsticks["draws_ns_per_event"], 1))
    table.add_row(
        _("reference_over_timeout"), number(yardsticks["reference_over_simpy_timeout"], 2)
    )
    table.add_row(_("compiled_over_heap"), number(yardsticks["compiled_over_heap"], 2))
    sizes = [number(row["cities"]) for row in document["growth"]]
    table.add_row(
        _("growth_ratio", many=sizes[-1], few=sizes[0]),
        number(document["growth_ratio"], 2),
        _("at_most", value=number(goals["growth_ratio"], 1)),
    )
    threads = document["threads"]
    table.add_row(_("threads"), number(threads["2"] / threads["1"], 2))
    for state in ("cold", "cached"):
        table.add_row(_(f"start_up_{state}"), number(document["start_up"][f"{state}_seconds"], 1))
    table.add_row(_("variance_ratio"), number(document["variance_ratio"], 2))
    print_lines([_machine_line(document)])
    print_table(table)


def _print_growth(document: dict[str, Any]) -> None:
    rows = [
        (
            number(row["cities"]),
            number(row["activities"]),
            number(1000 * row["seconds_per_replication"], 2),
            number(row["ns_per_activity"]),
        )
        for row in document["growth"]
    ]
    _print_rows("growth", ("cities", "activities", "milliseconds", "per_activity"), rows)


def _print_runs(document: dict[str, Any]) -> None:
    rows = [
        (
            number(row["replications"]),
            number(row["seconds"], 1),
            number(row["simulation_seconds"], 1),
            number(row["memory_mb"]),
        )
        for row in document["runs"]
    ]
    _print_rows("runs", ("replications", "seconds", "simulation", "memory"), rows)


def _print_rows(name: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print a table of numbers."""
    headings = (_(f"column_{column}") for column in columns)
    table = new_table(_(f"{name}_title"), *headings, numbers=tuple(range(len(columns))))
    for row in rows:
        table.add_row(*row)
    print_table(table)
