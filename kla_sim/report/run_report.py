"""The report on one run: its chapters in order, and the figures in them.

Called by the command line and the page; the material is gathered by `experiment.material`.
"""

from __future__ import annotations

from functools import partial

from kla_sim import __version__
from kla_sim.experiment.material import Material
from kla_sim.language import day, number, text
from kla_sim.language.safe import brief
from kla_sim.report.chapters.opening import opening
from kla_sim.report.document import html_document
from kla_sim.report.words import phrase_plan

_ = partial(text, "reporting")

_LONGEST_TITLE = 120


def run_report(material: Material) -> str:
    """Return the report on a run as one HTML document."""
    chapters = [opening(material, "x", "y"), opening(material, "x", "y")._replace(key="b")]
    return html_document(_title(material), _facts(material), chapters, {})


def _title(material: Material) -> str:
    run = material.run
    return brief(phrase_plan(run.scenario.name, run.folder.manifest.overrides), _LONGEST_TITLE)


def _facts(material: Material) -> list[str]:
    manifest, run = material.run.folder.manifest, material.run
    return [
        _("fact_n", n=number(run.summary.n)),
        _("fact_worlds", n=number(run.scenario.worlds)),
        _("fact_made", date=day((manifest.end or manifest.start).date())),
        _("fact_identity", digest=manifest.digest[:8], seed=str(manifest.seed), version=__version__),
    ]
