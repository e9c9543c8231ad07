"""The options that commands share, described in the current language."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from kla_sim.language import text

_ = partial(text, "answers")

ScenarioName = Annotated[str, typer.Argument(metavar="SCENARIO", help=_("arg_scenario"))]
Json = Annotated[bool, typer.Option("--json", help=_("opt_json"))]
Quiet = Annotated[bool, typer.Option("--quiet", help=_("opt_quiet"))]
Language = Annotated[Literal["id", "en"] | None, typer.Option(help=_("opt_language"))]
Replications = Annotated[
    int, typer.Option("-n", "--replications", min=1, metavar="N", help=_("opt_n"))
]
Seed = Annotated[int, typer.Option(min=0, metavar="N", help=_("opt_seed"))]
EngineName = Literal["compiled", "reference"]
Engine = Annotated[EngineName, typer.Option(help=_("opt_engine"))]
Workers = Annotated[int | None, typer.Option(min=1, metavar="N", help=_("opt_workers"))]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help=_("opt_set"))
]
Central = Annotated[bool, typer.Option("--central", help=_("opt_central"))]
Label = Annotated[str, typer.Option(metavar="LABEL", help=_("opt_label"))]
Out = Annotated[Path, typer.Option(metavar="FOLDER", help=_("opt_out"))]
Executor = Annotated[str, typer.Option(metavar="EXECUTOR", help=_("opt_executor"))]
Shard = Annotated[str | None, typer.Option("--shard", metavar="I/N", help=_("opt_shard"))]
Precision = Annotated[float | None, typer.Option(metavar="HALF_WIDTH", help=_("opt_precision"))]
Keep = Annotated[Literal["activities"] | None, typer.Option(help=_("opt_keep"))]
NoPlots = Annotated[bool, typer.Option("--no-plots", help=_("opt_no_plots"))]

DEFAULT_ENGINE: EngineName = "compiled"
DEFAULT_SCENARIO = "kaltara_2022"
DEFAULT_REPLICATIONS = 10_000
RESULTS = Path("results")
