"""The report on one run: its chapters in order, and the figures in them.

Called by the command line and the page; the material is gathered by `experiment.material`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from kla_sim import __version__
from kla_sim.analysis.differences import RARE
from kla_sim.experiment.futures_schedule import FuturesSchedule
from kla_sim.experiment.material import Material
from kla_sim.experiment.run import StoredRun
from kla_sim.language import day, number, text
from kla_sim.language.safe import brief
from kla_sim.report.blocks import Block, Chapter, Picture
from kla_sim.report.captions import caption_of, phrase_unfinished
from kla_sim.report.chapters.changes import changes_chapter
from kla_sim.report.chapters.checklist import checklist_chapter
from kla_sim.report.chapters.course import course_chapter
from kla_sim.report.chapters.glossary import glossary_chapter
from kla_sim.report.chapters.means import means_chapter
from kla_sim.report.chapters.numbers import numbers_chapter
from kla_sim.report.chapters.opening import opening
from kla_sim.report.chapters.repeat import repeat_chapter
from kla_sim.report.chapters.schedule import schedule_chapter
from kla_sim.report.chapters.scores import claims_chapter, without_chapter
from kla_sim.report.chapters.standing import standing_chapter, standing_title
from kla_sim.report.chapters.why import relieved_in, why_chapter
from kla_sim.report.document import html_document
from kla_sim.report.drawable import Drawable
from kla_sim.report.figures import run_makers
from kla_sim.report.ledger_figures import explain_makers
from kla_sim.report.schedule_figures import Shown, schedule_makers
from kla_sim.report.side_by_side import Beside, Makers
from kla_sim.report.tornado_figures import but_for_tornado
from kla_sim.report.use_figures import Used, use_makers
from kla_sim.report.words import phrase_plan

_ = partial(text, "reporting")

_LONGEST_TITLE = 120

_PLACES = {
    "odds": "course",
    "categories": "course",
    "attainment": "course",
    "tiles": "course",
    "cost-and-date": "means",
    "staff-use": "means",
    "cash-use": "means",
    "but-for": "why",
    "spending": "means",
    "waiting": "means",
    "scores": "claims",
    "lost-points": "why",
    "lost-days": "why",
}
"""The chapter in which a figure stands; one that is not named comes in a chapter of its own."""


def early_makers(run: StoredRun) -> Makers:
    """Return what makes the figures of a report that a run alone decides; see `Beside.begin`."""
    makers = run_makers(run.summary, run.scenario, caption_of(run, run.summary.n))
    return {name: make for name, make in makers.items() if name != "waiting"}


def run_report(material: Material, beside: Beside | None = None) -> str:
    """Return the report on a run as one HTML document.

    Parameters
    ----------
    beside : where figures of `early_makers` are being drawn already.
    """
    makers = _makers(material)
    in_chapter = _placed(makers)
    scenario = material.run.scenario
    chapters = [
        opening(material, standing_title(), _("course_title")),
        why_chapter(material, in_chapter.get("why", [])),
        course_chapter(material, in_chapter.get("course", [])),
        means_chapter(material, in_chapter.get("means", [])),
        *schedule_chapter(material, in_chapter.get("schedule", [])),
        *_only_pictures("other", in_chapter),
        claims_chapter(material, in_chapter.get("claims", [])),
        without_chapter(material),
        numbers_chapter(material),
        changes_chapter(material),
        standing_chapter(scenario),
        checklist_chapter(material),
        glossary_chapter(),
        repeat_chapter(material),
    ]
    return html_document(_title(material), _facts(material), chapters, makers, beside)


def _makers(material: Material) -> Makers:
    """Return what makes each figure of the report, in the order in which they were thought of."""
    run, found = material.run, material.why
    caption = caption_of(run, run.summary.n)
    cases = [case.document() for case in material.cases]
    makers: dict[str, Callable[[], Drawable]] = {
        **run_makers(run.summary, run.scenario, caption, cases)
    }
    relieved = relieved_in(material)
    if relieved:
        n = relieved[0].n_failed + relieved[0].n_met
        makers["but-for"] = partial(
            but_for_tornado,
            [one.document() for one in relieved],
            run.scenario,
            caption._replace(replications=n).footer(),
            is_rare=run.summary.all_cities.value < RARE,
        )
    if found is not None and found.n_failed:
        footer = caption._replace(replications=found.ledgers.n).footer()
        makers |= explain_makers(found.ledgers, found.plan, run.scenario, footer)
    if material.schedule is not None:
        n = material.schedule.moments.n
        footer = caption._replace(replications=n).footer()
        makers |= _of_schedule(material.schedule, run, footer)
    return makers


def _of_schedule(
    found: FuturesSchedule, run: StoredRun, footer: str
) -> dict[str, Callable[[], Drawable]]:
    """Return what makes the schedule of the zones, and the use of money and staff by month."""
    used = Used(found.staff, found.cash, found.moments.n, run.plan, run.scenario, footer)
    makers: dict[str, Callable[[], Drawable]] = {**use_makers(used)}
    if run.plan.structure.n_zones:
        makers |= schedule_makers(Shown(found.moments, run.plan, run.scenario, footer))
    return makers


def _placed(names: Iterable[str]) -> dict[str, list[Block]]:
    """Return the figures of each chapter."""
    found: dict[str, list[Block]] = {}
    for name in names:
        found.setdefault(_chapter_of(name), []).append(Picture(name))
    return found


def _chapter_of(name: str) -> str:
    return "schedule" if name.startswith("gantt") else _PLACES.get(name, "other")


def _only_pictures(key: str, placed: dict[str, list[Block]]) -> list[Chapter]:
    return [Chapter(key, _(f"{key}_title"), tuple(placed[key]))] if key in placed else []


def _title(material: Material) -> str:
    run = material.run
    return brief(phrase_plan(run.scenario.name, run.folder.manifest.overrides), _LONGEST_TITLE)


def _facts(material: Material) -> list[str]:
    manifest, run = material.run.folder.manifest, material.run
    n = number(run.summary.n)
    return [
        _("fact_n", n=n) if manifest.is_finished else phrase_unfinished(manifest, n),
        _("fact_worlds", n=number(run.scenario.worlds)),
        _("fact_made", date=day((manifest.end or manifest.start).date())),
        _(
            "fact_identity",
            digest=manifest.digest[:8],
            seed=str(manifest.seed),
            version=__version__,
        ),
    ]
