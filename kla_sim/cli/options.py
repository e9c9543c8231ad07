"""The options that commands share, described in the current language.

Every number is read by `whole`, `Precision` or `Shard`, hence by the rules of scenarios. What is
wrong with paths and text is found for all commands at once (`wording.Command`).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from kla_sim.language import text

_ = partial(text, "answers")

MOST_REPLICATIONS = 2**32 - 1
MOST_RECKONED = 10**18
"""Of which `run` says what they would take; beyond `MOST_REPLICATIONS` it does no more."""

MOST_SEED = 2**64 - 1
MOST_WORKERS = 4_096
MOST_PORT = 65_535


def whole(*names: str, least: int, most: int, description: str) -> Any:
    """Return an option that takes a whole number between two bounds."""

    def read(given: str | int) -> int:
        from kla_sim.scenario.arguments import Whole

        return Whole(names[0], least, most).read(given) if isinstance(given, str) else given

    return typer.Option(*names, min=least, metavar="N", parser=read, help=description)


def _read_shard(given: str) -> str:
    from kla_sim.scenario.arguments import read_shard

    return read_shard(given, "--shard", MOST_REPLICATIONS)


def _read_precision(given: str) -> float:
    from kla_sim.scenario.arguments import read_precision

    return read_precision(given, "--precision")


ScenarioName = Annotated[str, typer.Argument(metavar="SCENARIO", help=_("arg_scenario"))]
Json = Annotated[bool, typer.Option("--json", help=_("opt_json"))]
Quiet = Annotated[bool, typer.Option("--quiet", help=_("opt_quiet"))]
Language = Annotated[Literal["id", "en"] | None, typer.Option(help=_("opt_language"))]
Replications = Annotated[
    int, whole("--replications", "-n", least=1, most=MOST_REPLICATIONS, description=_("opt_n"))
]
Port = Annotated[
    int, whole("--port", least=0, most=MOST_PORT, description=text("page", "opt_port"))
]
ReplicationsOfRun = Annotated[
    int, whole("--replications", "-n", least=1, most=MOST_RECKONED, description=_("opt_n"))
]
Seed = Annotated[int, whole("--seed", least=0, most=MOST_SEED, description=_("opt_seed"))]
Replication = Annotated[
    int,
    whole("--replication", least=0, most=MOST_REPLICATIONS - 1, description=_("opt_replication")),
]
EngineName = Literal["compiled", "reference"]
Engine = Annotated[EngineName, typer.Option(help=_("opt_engine"))]
Workers = Annotated[
    int | None, whole("--workers", least=1, most=MOST_WORKERS, description=_("opt_workers"))
]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help=_("opt_set"))
]
Central = Annotated[bool, typer.Option("--central", help=_("opt_central"))]
Label = Annotated[str, typer.Option(metavar="LABEL", help=_("opt_label"))]
Out = Annotated[Path, typer.Option(metavar="FOLDER", help=_("opt_out"))]
Executor = Annotated[str, typer.Option(metavar="EXECUTOR", help=_("opt_executor"))]
Shard = Annotated[
    str | None,
    typer.Option("--shard", metavar="I/N", parser=_read_shard, help=_("opt_shard")),
]
Precision = Annotated[
    float | None,
    typer.Option(
        "--precision", metavar="HALF_WIDTH", parser=_read_precision, help=_("opt_precision")
    ),
]
Keep = Annotated[Literal["activities"] | None, typer.Option(help=_("opt_keep"))]
NoPlots = Annotated[bool, typer.Option("--no-plots", help=_("opt_no_plots"))]

DEFAULT_ENGINE: EngineName = "compiled"
DEFAULT_SCENARIO = "kaltara_2022"
DEFAULT_REPLICATIONS = 10_000
RESULTS = Path("results")
