"""Odd plans without chance, each with its exact result: every day, rupiah and point must agree."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from plans import traced

from kla_sim.scenario.loading import load_scenario

CASES = Path(__file__).parents[1] / "data" / "conformance"
NAMES = sorted((path.stem for path in CASES.glob("case-*.yaml")), key=lambda name: int(name[5:]))


def without_nothing(value):
    """Drop entries that are zero or empty: documents may leave them out."""
    if isinstance(value, dict):
        kept = {key: without_nothing(entry) for key, entry in value.items()}
        return {key: entry for key, entry in kept.items() if entry not in (0, {}, [])}
    return value


def assert_same(document, name):
    """Compare exactly, but for points: the order in which floats multiply is nobody's rule."""
    expected = json.loads((CASES / f"{name}.json").read_text())
    points = pop_points(document)
    assert points == pytest.approx(pop_points(expected), rel=0, abs=1e-9)
    assert without_nothing(document) == without_nothing(expected)


def pop_points(document):
    """Take latent and verified scores out of a document, by city, year and name."""
    return {
        (city, year, name): award.pop(name)
        for city, years in document["scores"].items()
        for year, award in years.items()
        for name in ("score", "verified")
    }


def test_all_cases_are_there():
    assert len(NAMES) == 26


@pytest.mark.parametrize("name", NAMES)
def test_case_comes_out_exactly(name):
    assert_same(traced(load_scenario(CASES / f"{name}.yaml")), name)


def test_command_prints_what_the_function_returns(tmp_path):
    words = [str(CASES / "case-1.yaml"), "--replication", "0", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "kla_sim", "trace", *words],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document.pop("schema_version") == 1
    assert_same(document, "case-1")
