"""The commands and where each is written."""

from __future__ import annotations

from functools import partial

import typer

from kla_sim.cli import (
    bench,
    calibration,
    compare,
    discover,
    explain,
    export,
    gantt,
    merge,
    migrate,
    optimise,
    report,
    run,
    runs,
    scenarios,
    selftest,
    sensitivity,
    solve,
    trace,
    trail,
    ui,
)
from kla_sim.cli.wording import Command, Group
from kla_sim.language import text

_ = partial(text, "answers")

app = typer.Typer(
    cls=Group,
    help=_("app_help"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command("run", cls=Command, help=_("help_run"))(run.run)
app.command("validate", cls=Command, help=_("help_validate"))(scenarios.validate)
app.command("lint", cls=Command, help=_("help_lint"))(scenarios.lint)
app.command("resolve", cls=Command, help=_("help_resolve"))(scenarios.resolve)
app.command("schema", cls=Command, help=_("help_schema"))(scenarios.schema)
app.command("new", cls=Command, help=_("help_new"))(scenarios.new)
app.command("trace", cls=Command, help=_("help_trace"))(trace.trace)
app.command("compare", cls=Command, help=_("help_compare"))(compare.compare)
app.command("explain", cls=Command, help=_("help_explain"))(explain.explain)
app.command("gantt", cls=Command, help=text("schedules", "help"))(gantt.gantt)
app.command("optimise", cls=Command, help=text("optimising", "help"))(optimise.optimise)
app.command("sensitivity", cls=Command, help=text("sensitivity", "help"))(sensitivity.sensitivity)
app.command("discover", cls=Command, help=text("discovering", "help"))(discover.discover)
app.command("solve", cls=Command, help=text("solving", "help"))(solve.solve)
app.command("merge", cls=Command, help=_("help_merge"))(merge.merge)
app.command("report", cls=Command, help=text("reporting", "help"))(report.report)
app.command("export", cls=Command, help=text("tables", "help_export"))(export.export)
app.command("migrate", cls=Command, help=text("migrating", "help"))(migrate.migrate)
app.command("runs", cls=Command, help=_("help_runs"))(runs.runs)
app.command("bench", cls=Command, help=text("bench", "help"))(bench.bench)
app.command("selftest", cls=Command, help=text("selftest", "help"))(selftest.selftest)
app.command("calibrate", cls=Command, help=text("calibration", "help_calibrate"))(
    calibration.calibrate
)
app.command("backtest", cls=Command, help=text("calibration", "help_backtest"))(
    calibration.backtest
)
app.command("trail", cls=Command, help=text("trail", "help"))(trail.trail)
app.command("ui", cls=Command, help=text("page", "help"))(ui.ui)
