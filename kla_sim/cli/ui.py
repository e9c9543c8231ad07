"""The command `ui`: the local page of a scenario."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from kla_sim.cli import options
from kla_sim.cli.output import print_lines
from kla_sim.cli.scenarios import find_scenario
from kla_sim.language import current, text

if TYPE_CHECKING:
    from kla_sim.experiment.run import RunOutcome

_ = partial(text, "page")

_PORT = 8_765


def ui(
    scenario: options.ScenarioName = options.DEFAULT_SCENARIO,
    port: options.Port = _PORT,
    out: options.Out = options.RESULTS,
    language: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Serve the page until it is stopped."""
    from kla_sim.errors import UsageError

    try:
        from kla_sim.page.runs import Runs
        from kla_sim.page.serve import serve
    except ImportError as error:
        raise UsageError("extra_missing", extra="page") from error

    path = find_scenario(scenario)
    if not path.is_file():
        raise UsageError("page_no_file", file=str(path))

    def tell(address: str) -> None:
        print_lines([address] if quiet else [_("address", address=address), _("how_to_stop")])

    serve(path, port, current(), Runs(out, partial(_keep, str(path))), tell)


def _keep(path: str, outcome: RunOutcome) -> None:
    """Write the answer of a run beside its futures, as the command `run` does."""
    from kla_sim.cli.remedies import look_for_remedies
    from kla_sim.cli.run import keep_answer, run_document

    remedies = look_for_remedies(outcome.run, os.cpu_count() or 1, is_quiet=True)
    document = run_document(outcome.run, remedies, outcome.seconds, path)
    keep_answer(outcome, document, outcome.run.summary.n)
