"""What would help most, looked for beside an answer: whatever goes wrong there hides no number."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from kla_sim.cli.listing import print_blocks
from kla_sim.cli.output import tell_on_terminal
from kla_sim.language import number, text

if TYPE_CHECKING:
    from kla_sim.analysis.remedies import Remedies
    from kla_sim.experiment.run import StoredRun
    from kla_sim.experiment.takeover import Takeover

_ = partial(text, "first_screen")


def look_for_remedies(
    run: StoredRun, n_workers: int, takeover: Takeover | None = None, *, is_quiet: bool
) -> Remedies:
    """Return what would help most in a run; where that fails, say so and return nothing."""
    from kla_sim.analysis.remedies import withhold
    from kla_sim.experiment.remedies import find_remedies

    try:
        with tell_on_terminal(is_quiet=is_quiet) as tell:
            return find_remedies(
                run,
                n_workers,
                takeover,
                lambda done, asked: tell(_("trying", done=number(done), asked=number(asked))),
            )
    except Exception as error:
        from kla_sim.report.files import reason_of

        print_blocks([_("failed_why", reason=reason_of(error).rstrip("."))], sys.stderr)
        return withhold("failed")
