"""The STRESS-DES checklist, filled in from scenario and run: what a reviewer asks of a simulation.

References
----------
Monks, T., Currie, C. S. M., Onggo, B. S., Robinson, S., Kunc, M. and Taylor, S. J. E. (2019).
Strengthening the reporting of empirical simulation studies: introducing the STRESS guidelines.
Journal of Simulation 13(1), 55-67. doi:10.1080/17477778.2018.1442155
"""

from __future__ import annotations

from functools import partial
from typing import Any

from kla_sim.analysis.estimate import LEVEL
from kla_sim.engine.structure.kinds import list_kinds
from kla_sim.experiment.material import Material
from kla_sim.language import day, number, percent, rupiah, text
from kla_sim.language.safe import brief
from kla_sim.report.blocks import Chapter, Part, Table, Terms, Words
from kla_sim.report.words import phrase_cause
from kla_sim.scenario.model import Activity, Scenario

_ = partial(text, "stress")

SECTIONS: dict[str, tuple[str, ...]] = {
    "objectives": ("purpose", "outputs", "aims"),
    "logic": (
        "overview", "base_logic", "scenario_logic", "algorithms", "entities", "activities",
        "resources", "queues", "entry_exit",
    ),
    "data": ("sources", "parameters", "preprocessing", "assumptions"),
    "experimentation": ("initialisation", "run_length", "estimation"),
    "implementation": ("software", "sampling", "execution", "system"),
    "access": ("sharing",),
}  # fmt: skip
"""The sections of the checklist in its order, each with its items; 2.5 is split as there."""

_KITS = ("province", "city", "zone")
_MOST_KINDS = 60
_LONGEST = 60


def checklist_chapter(material: Material) -> Chapter:
    """Return the checklist, each item answered with the values of the run."""
    facts = _facts(material)
    parts = [
        Part(
            _("section_title", number=str(place), title=_(f"section_{section}")),
            (
                Terms(
                    tuple(
                        (_(f"item_{item}"), _(f"said_{_key(item, material)}", **facts))
                        for item in items
                    )
                ),
                *((_activities(material.run.scenario),) if section == "logic" else ()),
            ),
        )
        for place, (section, items) in enumerate(SECTIONS.items(), start=1)
    ]
    return Chapter("stress", _("title"), (Words(_("reference"), "note"), *parts))


def _key(item: str, material: Material) -> str:
    """Return which of two answers to an item fits the run."""
    scenario, manifest = material.run.scenario, material.run.folder.manifest
    if item == "initialisation" and scenario.observed is not None:
        return "initialisation_observed"
    if item == "run_length" and manifest.precision:
        return "run_length_precision"
    if item == "preprocessing" and scenario.background.posterior is None:
        return "preprocessing_plain"
    return item


def _facts(material: Material) -> dict[str, Any]:
    """Return the values that the answers name."""
    run, manifest, scenario = material.run, material.run.folder.manifest, material.run.scenario
    structure, labels = run.plan.structure, run.plan.labels
    origin, observed = manifest.origin, scenario.observed
    appropriated = float(run.summary.money.appropriated.sum())
    evaluations = [scenario.evaluation.cycles[year] for year in labels.cycles]
    return {
        "name": brief(scenario.name, _LONGEST),
        "n_cities": number(structure.n_cities),
        "n_zones": number(structure.n_zones),
        "n_standing": number(float(structure.existing_zones.sum())),
        "n_activities": number(structure.n_activities),
        "n_kinds": number(len(list_kinds(scenario))),
        "n_indicators": number(len(scenario.indicators)),
        "category": scenario.target.category,
        "deadline": day(scenario.target.deadline),
        "start": day(scenario.start),
        "horizon": day(scenario.horizon),
        "n_days": number(structure.horizon_day),
        "status": day(observed.date) if observed else "",
        "n_cycles": number(len(evaluations)),
        "cycles": ", ".join(map(str, labels.cycles)) or "-",
        "resources": _some([phrase_cause(name, scenario) for name in scenario.resources]),
        "causes": _some([phrase_cause(cause, scenario) for cause in labels.causes]),
        "n_accounts": number(len(labels.accounts)),
        "budget": rupiah(appropriated),
        "priority": scenario.policy.priority,
        "n_sources": number(len(scenario.sources)),
        "n_assumptions": number(len(scenario.assumptions)),
        "n_uncertain": number(len(scenario.uncertain)),
        "posterior": scenario.background.posterior or "",
        "n": number(run.summary.n),
        "n_worlds": number(scenario.worlds),
        "level": percent(LEVEL),
        "precision": number(100 * manifest.precision, 2),
        "seed": str(manifest.seed),
        "engine": manifest.engine,
        "python": manifest.python,
        "packages": ", ".join(f"{name} {version}" for name, version in manifest.packages.items()),
        "cpu": manifest.cpu_family,
        "digest": manifest.digest[:8],
        "files": _some(list(origin.files)) if origin else "scenario.yaml",
        "model_version": str(manifest.model_version),
    }


def _some(words: list[str], most: int = 12) -> str:
    more = [f"+{len(words) - most}"] * (len(words) > most)
    return ", ".join([*(brief(word, _LONGEST) for word in words[:most]), *more]) or "-"


def _activities(scenario: Scenario) -> Table:
    """Return every kind of work: after what, how long, with whom, at what price."""
    kinds = list_kinds(scenario)
    rows = [
        (
            brief(kind.activity.name or kind.name, _LONGEST),
            _(f"kit_{_KITS[kind.kit]}"),
            _some(kind.activity.after, 5),
            _range(kind.activity.duration, is_money=False),
            _needs(kind.activity, scenario),
            _range(kind.activity.cost, is_money=True),
        )
        for kind in kinds[:_MOST_KINDS]
    ]
    columns = ("work", "kit", "after", "days", "needs", "cost")
    return Table(
        _("activities_caption", n=number(len(kinds))),
        tuple(_(f"column_{name}") for name in columns),
        rows,
        texts=(0, 1, 2, 4),
    )


def _needs(activity: Activity, scenario: Scenario) -> str:
    parts = [f"{phrase_cause(name, scenario)} {n}" for name, n in activity.needs.items()]
    return _some(parts, 4)


def _range(law: Any, *, is_money: bool) -> str:
    """Return the reach of a duration in days or a cost, its likely value in the middle."""
    ends = [getattr(law, name, None) for name in ("low", "likely", "high")]
    if isinstance(law, int | float):
        ends = [law]
    shown = [end for end in ends if isinstance(end, int | float)]
    if not shown:
        return str(getattr(law, "distribution", "-"))
    if is_money:
        return " - ".join(rupiah(end) for end in shown)
    return " - ".join(number(end) for end in shown)
