"""What stands below the figures of a run: which plan, which futures, which version."""

from __future__ import annotations

from kla_sim import __version__
from kla_sim.experiment.run import StoredRun
from kla_sim.report.figures import Caption
from kla_sim.report.words import phrase_plan


def caption_of(run: StoredRun, n: int) -> Caption:
    """Return what stands below the figures of so many futures of a run."""
    manifest = run.folder.manifest
    return Caption(
        scenario=phrase_plan(run.scenario.name, manifest.overrides),
        digest=manifest.digest[:8],
        seed=manifest.seed,
        replications=n,
        version=__version__,
    )
