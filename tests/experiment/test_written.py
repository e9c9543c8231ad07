"""The plan of a stored run as its planner wrote it, or as the run keeps it."""

import json
from types import SimpleNamespace

import pytest

from kla_sim.experiment.written import plan_as_written
from kla_sim.scenario.loading import digest, dump_scenario, read_scenario, resolve

PLAN = "extends: shipped:kaltara_2022\nname: Rencana\nworlds: 7\n"


@pytest.fixture
def folder(tmp_path):
    """Return a run's folder that keeps its plan and notes where it came from."""
    source = tmp_path / "plan.yaml"
    source.write_text(PLAN, encoding="utf-8")
    loaded = read_scenario(source)
    kept = tmp_path / "run"
    kept.mkdir()
    (kept / "scenario.yaml").write_text(dump_scenario(loaded), encoding="utf-8")
    note(kept, {"scenario": {"path": str(source)}})
    manifest = SimpleNamespace(digest=digest(loaded.scenario), overrides=[], model_version=2)
    return SimpleNamespace(path=kept, manifest=manifest, source=source)


def note(kept, document):
    (kept / "summary.json").write_text(json.dumps(document), encoding="utf-8")


def place_of_worlds(folder):
    (leaf,) = [leaf for leaf in resolve(plan_as_written(folder)) if leaf.path == "worlds"]
    return leaf.file.rpartition("/")[2], leaf.value


def test_the_planners_own_file_is_told_while_it_means_what_was_run(folder):
    assert place_of_worlds(folder) == ("plan.yaml", "7")
    folder.source.write_text("# a comment changes nothing\n" + PLAN, encoding="utf-8")
    assert place_of_worlds(folder) == ("plan.yaml", "7")


def test_what_was_set_on_the_command_line_counts_as_part_of_it(folder):
    folder.manifest.overrides = ["worlds=9"]
    assert place_of_worlds(folder) == ("scenario.yaml", "7")  # 9 was not what this run had


@pytest.mark.parametrize("text", [PLAN.replace("7", "8"), "x: [", "", "\x00", "a: &a [*a, *a]"])
def test_a_file_that_says_something_else_gives_way_to_the_copy(folder, text):
    folder.source.write_text(text, encoding="utf-8")
    assert place_of_worlds(folder) == ("scenario.yaml", "7")


@pytest.mark.parametrize(
    "document",
    [{}, [], None, {"scenario": None}, {"scenario": {"path": 5}}, {"scenario": {"path": "\x00"}},
     {"scenario": {"path": "/dev/zero"}}, {"scenario": {"path": "/nowhere/x.yaml"}},
     {"scenario": {"path": "."}}],
    ids=str,
)  # fmt: skip
def test_whatever_is_noted_of_its_origin_the_copy_is_there(folder, document):
    note(folder.path, document)
    assert place_of_worlds(folder) == ("scenario.yaml", "7")


def test_without_any_answer_beside_it_the_copy_is_there(folder):
    (folder.path / "summary.json").unlink()
    assert place_of_worlds(folder) == ("scenario.yaml", "7")
