"""What `sensitivity --method` says of a scenario: which of its uncertain numbers move the odds."""

from __future__ import annotations

from functools import partial

from kla_sim.analysis.designs import Effect, Interval
from kla_sim.engine.in_worlds import Unknown
from kla_sim.experiment.study import FUTURES_OF_A_POINT, Study
from kla_sim.language import number, text
from kla_sim.report.unknown_words import phrase_unknown
from kla_sim.report.words import phrase_percent
from kla_sim.scenario.model import Scenario

_ = partial(text, "sensitivity")

COLUMNS = {"sobol": ("first_order", "total_order"), "morris": ("mu_star", "sigma")}


def phrase_studied(found: Study) -> str:
    """Return in words what is looked at."""
    return _("outcome_expected" if found.is_rare else "outcome_odds")


def phrase_study(found: Study, scenario: Scenario) -> list[str]:
    """Say which uncertain number moves the odds most, and how it was looked at."""
    unknown, effect = found.ranked()[0]
    fields = {"m": number(len(found.unknowns)), "outcome": phrase_studied(found)}
    leading = effect.total if found.method == "sobol" else effect.main
    headline = _("study_none", **fields)
    if leading.low is not None and leading.low > 0.0:
        name = phrase_unknown(unknown, scenario)
        value = _with_unit(found, leading.value)
        headline = _(f"study_headline_{found.method}", unknown=name, value=value, **fields)
    points, futures = number(found.n_points), number(FUTURES_OF_A_POINT)
    return [headline, _("study_note", points=points, futures=futures)]


def effect_cells(
    found: Study, unknown: Unknown, effect: Effect, scenario: Scenario
) -> tuple[str, ...]:
    """Return the cells of one row: what, and its two measures with their intervals."""
    return (phrase_unknown(unknown, scenario), *(_cell(found, part) for part in effect))


def _cell(found: Study, part: Interval) -> str:
    """Return a measure with its interval, in the unit that the column names."""
    scale = scale_of(found)
    digits = 1 if scale > 1.0 else 3
    value, *ends = [number(scale * end, digits) for end in part if end is not None]
    return f"{value} ({ends[0]}; {ends[1]})" if ends else value


def scale_of(found: Study) -> float:
    """Return by what measures are multiplied to be in percent; regions are left as they are."""
    return 1.0 if found.method == "morris" and found.is_rare else 100.0


def _with_unit(found: Study, value: float) -> str:
    if found.method == "sobol":
        return phrase_percent(value)
    if found.is_rare:
        return _("in_regions", value=number(value, 3))
    return _("in_points", value=number(100 * value, 1))


def column_names(found: Study) -> list[str]:
    """Return the headings of both measures, with their unit."""
    unit = _("unit_regions" if found.is_rare else "unit_points")
    return [_(f"measure_{name}", unit=unit) for name in COLUMNS[found.method]]
