"""The list of shown intervals is that of the code, and each is measured or says why not."""

import ast
from pathlib import Path

import kla_sim
from kla_sim.analysis.document_schema import run_schema
from kla_sim.experiment.coverage import table
from kla_sim.experiment.coverage.shown import SHOWN

PACKAGE = Path(kla_sim.__file__).parent
LAYERS = ("analysis", "experiment", "report", "cli", "page")
CALLED = ("experiment.coverage.", "experiment.selftest.")  # measure, show none of their own

STATISTICS = {"quantile", "percentile", "nanquantile", "nanpercentile", "betaincinv", "stdtrit",
              "bdtrik", "ndtri"}  # fmt: skip
"""What no interval is made without."""

MAKERS = {
    "estimate_chance", "estimate_share", "estimate_mean", "estimate_difference", "mean_changes",
    "estimate_amount_difference", "estimate_paired_difference", "estimate_by_betting",
    "check_against_counting", "range_across_worlds", "share_of_worlds_above", "odds_over_tau",
    "mean_difference", "allowed_shares", "calibration_bands", "half_dates", "differences", "pawn",
    "finding_out", "effects", "trace_curve", "knockout", "moments", "quantiles_of_bins",
}  # fmt: skip
"""Functions that return intervals."""

METHODS = {"chance", "share", "difference"}
"""Of sums over groups: `counting.by_world.Groups`."""


def modules():
    """Yield the dotted name and the tree of every module that may show an interval."""
    for layer in LAYERS:
        for path in sorted((PACKAGE / layer).rglob("*.py")):
            name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
            if not name.startswith(CALLED):
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def kinds():
    """Return the names of the types that hold a value with two ends."""
    found = set()
    for name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and name.startswith(("analysis.", "experiment.")):
                fields = {
                    part.target.id for part in node.body if isinstance(part, ast.AnnAssign)
                }  # fmt: skip
                if {"low", "high"} <= fields or {"p10", "p90"} <= fields:
                    found.add(node.name)
    return found


def calls(node, scope, wanted):
    """Yield the functions, by their dotted names, that call something wanted."""
    for below in ast.iter_child_nodes(node):
        if isinstance(below, ast.FunctionDef | ast.ClassDef):
            yield from calls(below, (*scope, below.name), wanted)
            continue
        if isinstance(below, ast.Call):
            of = below.func
            name = of.id if isinstance(of, ast.Name) else getattr(of, "attr", "")
            is_method = isinstance(of, ast.Attribute) and name in METHODS
            if name in wanted or (is_method and _is_of_groups(of.value)):
                yield ".".join(scope)
        yield from calls(below, scope, wanted)


def _is_of_groups(value):
    return "groups" in ast.unparse(value) or ast.unparse(value) == "self"


def test_every_function_that_makes_an_interval_stands_in_the_list():
    wanted = STATISTICS | MAKERS | kinds()
    found = {
        f"{name}.{function}" for name, tree in modules() for function in calls(tree, (), wanted)
    }
    assert sorted(found - set(SHOWN)) == []
    assert sorted(set(SHOWN) - found) == []


def test_every_type_with_two_ends_is_known():
    assert {"Estimate", "Worth", "Influence", "Interval", "HalfDates", "Crossing"} <= kinds()


def test_each_is_measured_or_says_why_not_and_nothing_is_measured_for_nobody():
    names = {promise.name for promise in table.promises()}
    measured = {name for shown in SHOWN.values() for name in shown.by}
    assert measured == names
    assert all(bool(shown.by) != bool(shown.why) for shown in SHOWN.values())


def estimates_of(schema, path=()):
    """Yield where the document of a run holds a value with two ends."""
    if schema.get("$ref") == "#/$defs/estimate" or {"low", "high"} <= set(
        schema.get("properties", {})
    ):
        yield ".".join(path)
    for name, below in schema.get("properties", {}).items():
        yield from estimates_of(below, (*path, name))
    for below in (schema.get("items"), schema.get("additionalProperties")):
        if isinstance(below, dict):
            yield from estimates_of(below, (*path, "*"))
    for below in schema.get("anyOf", ()):
        yield from estimates_of(below, path)


ANSWER = {
    "odds.all_cities": "counting.odds.OddsCounter.all_cities",
    "odds.counted": "counting.odds.OddsCounter.counted",
    "odds.counted_less_conditional": "counting.odds.OddsCounter.check",
    "odds.all_cities_at_once_ever": "counting.odds.OddsCounter.at_once_ever",
    "odds.on_claimed_scores": "counting.otherwise.ClaimCounter.summarise",
    "odds.cities.*": "counting.odds.OddsCounter.cities",
    "without_kaltara.all_cities": "counting.otherwise.WithoutKaltaraCounter.summarise",
    "without_kaltara.difference": "counting.otherwise.WithoutKaltaraCounter.summarise",
    "tau.*": "counting.odds.OddsCounter.over_tau",
    "tau.*.odds": "counting.odds.OddsCounter.over_tau",
    "expected_cities": "counting.odds.OddsCounter.expected_cities",
    "remedies.tried.*.difference": "remedies.remedy_of",
    "remedies.tried.*.expected_cities": "remedies.remedy_of",
    "remedies.unlimited.difference": "remedies.remedy_of",
    "remedies.unlimited.expected_cities": "remedies.remedy_of",
}


def test_every_interval_of_an_answer_is_made_by_a_function_of_the_list():
    assert set(estimates_of(run_schema("en"))) == set(ANSWER)
    assert all(SHOWN[f"analysis.{function}"].by for function in ANSWER.values())
