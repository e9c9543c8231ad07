"""What a document says of a run itself: which plan, which futures, which version."""

from __future__ import annotations

from kla_sim import __version__
from kla_sim.experiment.run import StoredRun
from kla_sim.language import number, text
from kla_sim.report.figures import Caption
from kla_sim.report.words import phrase_plan
from kla_sim.store import Manifest


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


def phrase_unfinished(manifest: Manifest, n: str) -> str:
    """Say of how many futures that were asked for there are so many."""
    asked = number(manifest.replications_asked - manifest.first)
    return text("reporting", "fact_n_of", n=n, asked=asked)
