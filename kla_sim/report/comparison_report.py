"""The report on several runs side by side: paired differences in words, tables and common axes.

Called by the command line and the page; the runs pair (`experiment.compare` refuses those that do
not). The first run is what the others are compared with.
"""

from __future__ import annotations

from functools import partial

from kla_sim import __version__
from kla_sim.analysis.budgets import budget_differences
from kla_sim.analysis.differences import RARE
from kla_sim.analysis.summary import Summary
from kla_sim.experiment.compare import Comparison
from kla_sim.experiment.run import StoredRun
from kla_sim.language import day, number, text
from kla_sim.language.safe import brief
from kla_sim.report.blocks import Block, Chapter, Command, Part, Picture, Points, Table, Words
from kla_sim.report.budget_words import phrase_budgets
from kla_sim.report.chapters.changes import changed_parts
from kla_sim.report.chapters.glossary import glossary_chapter
from kla_sim.report.chapters.opening import short_name
from kla_sim.report.chapters.repeat import command_of
from kla_sim.report.chapters.standing import standing_chapter, standing_title
from kla_sim.report.comparison import compare_makers
from kla_sim.report.difference_figures import compare_differences
from kla_sim.report.difference_words import Names, phrase_pair, phrase_rare, phrase_verdict
from kla_sim.report.document import html_document
from kla_sim.report.figures import Caption
from kla_sim.report.side_by_side import Makers
from kla_sim.report.words import (
    phrase_day,
    phrase_difference,
    phrase_expected,
    phrase_interval,
    phrase_share,
)

_ = partial(text, "reporting")
_of_compare = partial(text, "answers")

_LONGEST_NAME, _LONGEST_TITLE = 80, 160
_MOST_ROWS = 45
_ON_PAGE = 8
"""Plans that the first page ranks."""


def comparison_report(
    runs: list[StoredRun], pairs: list[Comparison], names: list[str], caption: Caption
) -> str:
    """Return the report on several runs as one HTML document.

    Parameters
    ----------
    pairs : every run but the first, compared with the first.
    names : what the plans are called, all unlike.
    caption : what stands below the figures that show all of them.
    """
    names = [brief(name, _LONGEST_NAME) for name in names]
    odds = [run.summary.all_cities.value for run in runs]
    is_rare = len(runs[0].summary.cities) > 1 and max(odds) < RARE
    makers = _makers(runs, pairs, names, caption, is_rare=is_rare)
    chapters = [
        _first_page(runs, pairs, names, is_rare=is_rare),
        Chapter("figures", _("figures_title"), tuple(Picture(name) for name in makers)),
        _regions(runs, pairs, names),
        _what_changed(runs, names),
        standing_chapter(runs[0].scenario),
        glossary_chapter(),
        _repeating(runs, names),
    ]
    title = brief(_("compare_title", names=" / ".join(names)), _LONGEST_TITLE)
    return html_document(title, _facts(runs), chapters, makers)


def _first_page(
    runs: list[StoredRun], pairs: list[Comparison], names: list[str], *, is_rare: bool
) -> Chapter:
    """Return the plans ranked, and of each what differs from the first."""
    ranking, n_more = _ranking(runs, names, is_rare=is_rare)
    blocks: list[Block] = [ranking]
    if n_more:
        blocks.append(Words(_("plans_more", n=number(n_more)), "note"))
    if is_rare:
        blocks.append(Words(phrase_rare()))
    labels = runs[0].plan.labels
    for name, run, pair in list(zip(names[1:], runs[1:], pairs, strict=True))[:_ON_PAGE]:
        subject = Names(names[0], name, list(labels.city_names), labels.start)
        said = phrase_pair(pair.differences, subject, is_rare=is_rare)
        money = phrase_budgets(budget_differences(runs[0].scenario, run.scenario), names[0], name)
        blocks.append(Part(name, (Points((*said, *money[:1])),)))
    blocks.append(Words(_("compare_caution", chapter=standing_title()), "warning"))
    return Chapter("answer", _("answer_title"), tuple(blocks))


def _ranking(runs: list[StoredRun], names: list[str], *, is_rare: bool) -> tuple[Table, int]:
    """Return the plans, the best first by what leads, and how many are left out."""
    summaries = [run.summary for run in runs]
    led = [s.expected_cities.value if is_rare else s.all_cities.value for s in summaries]
    order = sorted(range(len(names)), key=lambda place: -led[place])[:_ON_PAGE]
    rows = [
        (
            _("compare_base", name=names[place]) if place == 0 else names[place],
            phrase_share(summaries[place].all_cities),
            phrase_interval(summaries[place].all_cities),
            _expected(summaries[place]),
        )
        for place in order
    ]
    deadline = phrase_day(summaries[0], summaries[0].deadline_day)
    columns = tuple(_(f"column_{name}") for name in ("plan", "odds", "interval", "expected"))
    bars = tuple(summaries[place].all_cities.value for place in order)
    caption = _("ranking_caption", deadline=deadline)
    return Table(caption, columns, rows, bars=bars), len(names) - len(order)


def _expected(summary: Summary) -> str:
    value, interval = phrase_expected(summary.expected_cities, len(summary.cities))
    return f"{value} ({interval})"


def _regions(runs: list[StoredRun], pairs: list[Comparison], names: list[str]) -> Chapter:
    """Return for each plan but the first the odds of each region, and in words what differs."""
    first = runs[0]
    blocks: list[Block] = []
    columns = (_("column_region"), names[0], "", _("column_difference"), _("column_verdict"))
    for name, run, pair in zip(names[1:], runs[1:], pairs, strict=True):
        cities = run.plan.labels.cities
        rows = [
            (
                short_name(city),
                phrase_share(first.summary.cities[place]),
                phrase_share(run.summary.cities[cities.index(pair.cities[place])]),
                phrase_difference(pair.differences.cities[place]),
                phrase_verdict(pair.differences.cities[place]),
            )
            for place, city in enumerate(first.plan.labels.city_names[:_MOST_ROWS])
        ]
        heads = (*columns[:2], name, *columns[3:])
        caption = _("pair_caption", a=names[0], b=name, n=number(pair.last - pair.first))
        blocks.append(Table(caption, heads, rows, texts=(0, 4)))
    return Chapter("regions", _("regions_title"), tuple(blocks))


def _what_changed(runs: list[StoredRun], names: list[str]) -> Chapter:
    parts = tuple(
        Part(name, tuple(changed_parts(run.folder.manifest)))
        for name, run in zip(names, runs, strict=True)
    )
    return Chapter("changes", _("changes_title"), parts)


def _repeating(runs: list[StoredRun], names: list[str]) -> Chapter:
    """Return the command that repeats each run."""
    blocks: list[Block] = []
    for name, run in zip(names, runs, strict=True):
        manifest = run.folder.manifest
        blocks += [
            Words(_("repeat_named", name=name, digest=manifest.digest)),
            Command(command_of(manifest, run.folder.path.name, run.summary.n)),
        ]
    return Chapter("repeat", _("repeat_title"), tuple(blocks))


def _makers(
    runs: list[StoredRun],
    pairs: list[Comparison],
    names: list[str],
    caption: Caption,
    *,
    is_rare: bool,
) -> Makers:
    summaries = [run.summary for run in runs]
    scenarios = [run.scenario for run in runs]
    found = [pair.differences for pair in pairs]
    differences = partial(compare_differences, summaries, found, names, caption, is_rare=is_rare)
    return {
        "compare-differences": differences,
        **compare_makers(summaries, scenarios, names, caption),
    }


def _facts(runs: list[StoredRun]) -> list[str]:
    counts = sorted({run.summary.n for run in runs})
    n = number(counts[0]) if len(counts) == 1 else f"{number(counts[0])}-{number(counts[-1])}"
    manifest = runs[0].folder.manifest
    made = max((run.folder.manifest.end or run.folder.manifest.start) for run in runs)
    return [
        _("fact_n", n=n),
        _("fact_worlds", n=number(runs[0].scenario.worlds)),
        _("fact_made", date=day(made.date())),
        _("fact_seed", seed=str(manifest.seed), version=__version__),
    ]
