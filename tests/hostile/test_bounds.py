"""Every cap on what comes from outside, at its bound and one beyond (docs/robustness.md)."""

import json
import re
from pathlib import Path

import pytest
from tampering import edit
from test_tampered_folders import PLAN

from kla_sim.cli import options
from kla_sim.domain import limits, tables
from kla_sim.domain.record import read_panel
from kla_sim.errors import ScenarioError, StoreError, UsageError
from kla_sim.experiment import journal, run, trail
from kla_sim.reading import UnfitFileError, read_bounded
from kla_sim.scenario import distributions, layers, parsing
from kla_sim.scenario.arguments import Whole
from kla_sim.scenario.checks import calendar, names
from kla_sim.scenario.loading import read_scenario
from kla_sim.store import manifest

DOCUMENT = Path(__file__).parents[2] / "docs" / "robustness.md"

CAPS = {
    "bytes of a scenario file": parsing.MOST_BYTES,
    "levels of nesting": parsing.MOST_DEPTH,
    "values, aliases followed": parsing.MOST_NODES,
    "files that extend each other": layers._MOST_LAYERS,
    "letters of a name": names._MOST_SIGNS,
    "years from start to horizon": calendar._MOST_YEARS,
    "worlds": 100_000,
    "posts of a resource": 100_000,
    "values of a discrete law": distributions.MOST_DISCRETE,
    "zones of a region": limits.MOST_ZONES,
    "pieces of work": limits.MOST_ACTIVITIES,
    "links between pieces of work": limits.MOST_LINKS,
    "futures of a run": run.MOST_REPLICATIONS,
    "workers": options.MOST_WORKERS,
    "bytes of a table": tables.MOST_BYTES,
    "lines of a table": tables.MOST_LINES,
    "columns of a table": tables.MOST_COLUMNS,
    "letters of a cell": tables.MOST_SIGNS,
    "bytes of a manifest": manifest.MOST_BYTES,
    "rows of a part": manifest.MOST_ROWS_OF_PART,
    "bytes of a journal": journal.MOST_BYTES,
    "bytes of a forecast": trail._MOST_BYTES,
}


def test_the_document_names_every_cap_with_its_value():
    rows = re.findall(
        r"^\| ([^|]+?) \| ([0-9,]+) \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert {name: int(value.replace(",", "")) for name, value in rows} == CAPS


def codes_of(path, overrides=()):
    """Return the codes of the faults of a scenario."""
    try:
        read_scenario(path, overrides=overrides)
    except ScenarioError as error:
        return {fault.code for fault in error.faults}
    return set()


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN, encoding="utf-8")
    return path


@pytest.mark.parametrize(("more", "codes"), [(0, set()), (1, {"file_too_large"})])
def test_a_file_has_a_largest_size(plan, more, codes):
    room = parsing.MOST_BYTES - len(PLAN) - 2
    plan.write_text(f"{PLAN}#{'x' * (room + more)}\n", encoding="utf-8")
    assert codes_of(plan) == codes


@pytest.mark.parametrize(("more", "code"), [(0, "unknown_key"), (1, "too_deep")])
def test_nesting_has_a_deepest_level(plan, more, code):
    depth = parsing.MOST_DEPTH - 1 + more  # the scenario itself is one
    plan.write_text(f"{PLAN}x: {'[' * depth}{']' * depth}\n", encoding="utf-8")
    assert code in codes_of(plan)


@pytest.mark.parametrize(("more", "code"), [(0, "unknown_key"), (1, "too_many_values")])
def test_aliases_are_counted_as_what_they_stand_for(tmp_path, more, code):
    path = tmp_path / "aliases.yaml"
    tenth = parsing.MOST_NODES // 10
    # the list and its values, eight more times, and so many values beside that all come to the cap
    named = ", ".join(["1"] * (tenth - 1))
    rest = parsing.MOST_NODES - 9 * tenth - 12 + more
    text = f"a: &a [{named}]\n" + "".join(f"b{n}: *a\n" for n in range(8))
    path.write_text(f"{text}c: [{', '.join(['1'] * rest)}]\n", encoding="utf-8")
    found = codes_of(path)
    assert code in found
    assert ("too_many_values" in found) == bool(more)


@pytest.mark.parametrize(("more", "codes"), [(0, set()), (1, {"extends_too_long"})])
def test_files_extend_each_other_so_often_and_no_more(plan, tmp_path, more, codes):
    n = layers._MOST_LAYERS + more
    before = "plan.yaml"
    for number in range(n - 1):
        path = tmp_path / f"v{number}.yaml"
        path.write_text(f"extends: {before}\n", encoding="utf-8")
        before = path.name
    assert codes_of(tmp_path / before) == codes


@pytest.mark.parametrize(
    ("path", "most", "form", "code"),
    [
        ("worlds", 100_000, "{}", "too_large"),
        ("name", names._MOST_SIGNS, "x", "name_too_long"),
        ("cities.kota.zones.existing", limits.MOST_ZONES, "{}", "too_large"),
    ],
)
def test_a_value_has_a_largest_one(plan, path, most, form, code):
    at, beyond = (form.format(n) if "{" in form else form * n for n in (most, most + 1))
    assert codes_of(plan, [f"{path}={at}"]) == set()
    assert len(codes_of(plan, [f"{path}={beyond}"])) == 1


@pytest.mark.parametrize(("year", "is_refused"), [(2122, False), (2123, True)])
def test_a_plan_has_a_farthest_horizon(plan, year, is_refused):
    assert bool(codes_of(plan, [f"horizon={year}-03-01"])) == is_refused


@pytest.mark.parametrize(
    ("name", "most"), [("-n", run.MOST_REPLICATIONS), ("--workers", options.MOST_WORKERS)]
)
def test_numbers_of_the_command_line_have_a_largest_one(name, most):
    assert Whole(name, 1, most).read(str(most)) == most
    with pytest.raises(UsageError) as refused:
        Whole(name, 1, most).read(str(most + 1))
    assert refused.value.fields["most"] == str(most)


def table_codes(path):
    try:
        read_panel(path)
    except ScenarioError as error:
        return {fault.code for fault in error.faults}
    return set()


HEAD = "city,province,y2021,y2022"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (lambda more: f"{HEAD}\n" + "\n" * (tables.MOST_LINES - 2 + more) + "Kab. A,Riau,madya,\n",
         "table_too_long"),
        (lambda more: HEAD + "," * (tables.MOST_COLUMNS - 4 + more) + "\nKab. A,Riau,madya,\n",
         "table_too_wide"),
        (lambda more: f"{HEAD},note\nKab. A,Riau,madya,,{'x' * (tables.MOST_SIGNS + more)}\n",
         "table_cell_too_long"),
        (lambda more: f"{HEAD}\nKab. A,Riau,madya,\n".ljust(tables.MOST_BYTES - 1 + more) + "\n",
         "table_too_large"),
    ],
    ids=["lines", "columns", "cell", "bytes"],
)  # fmt: skip
def test_a_table_has_a_largest_size(tmp_path, text, code):
    path = tmp_path / "panel.csv"
    path.write_text(text(0), encoding="utf-8")
    assert code not in table_codes(path)
    path.write_text(text(1), encoding="utf-8")
    assert code in table_codes(path)


@pytest.mark.parametrize("most", [manifest.MOST_BYTES, trail._MOST_BYTES])
def test_a_file_of_a_run_is_refused_unread_one_byte_beyond(tmp_path, most):
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(most)
    assert len(read_bounded(path, most)) == most
    with path.open("ab") as file:
        file.write(b"x")
    with pytest.raises(UnfitFileError):
        read_bounded(path, most)


def test_a_part_has_a_largest_number_of_rows(tmp_path):
    most = manifest.MOST_ROWS_OF_PART
    document = {
        "scenario": "x", "digest": "0" * 8, "seed": 1, "engine": "compiled",
        "replications_asked": 10**6, "python": "", "packages": {}, "cpu_family": "",
        "commit": None, "is_tree_clean": None, "start": "2026-01-01T00:00:00Z", "command": [],
    }  # fmt: skip
    (tmp_path / "manifest.json").write_text(json.dumps(document), encoding="utf-8")
    for n_rows in (most, most + 1):
        part = {"file": "part-00000.parquet", "first": 0, "last": n_rows, "sha256": "0" * 64}
        edit(tmp_path, parts=[part], replications_done=n_rows)
        if n_rows == most:
            assert manifest.read_manifest(tmp_path)[0].n == most
        else:
            with pytest.raises(StoreError) as refused:
                manifest.read_manifest(tmp_path)
            assert refused.value.fields["what"] == "parts"
