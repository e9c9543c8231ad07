"""The plan of a stored run as its planner wrote it, or as the run keeps it."""

from types import SimpleNamespace

import pytest

from kla_sim.experiment.written import plan_as_written
from kla_sim.scenario.loading import digest, dump_scenario, read_scenario, resolve
from kla_sim.scenario.origin import origin_of, shown_file
from kla_sim.scenario.shipped import shipped_scenario

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
    manifest = SimpleNamespace(
        digest=digest(loaded.scenario), overrides=[], model_version=2, origin=origin_of(loaded)
    )
    return SimpleNamespace(path=kept, manifest=manifest, source=source)


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


@pytest.mark.parametrize("file", ["/dev/zero", "/nowhere/x.yaml", ".", "\x00", "shipped:none", ""])
def test_whatever_is_noted_of_its_origin_the_copy_is_there(folder, file):
    folder.manifest.origin = folder.manifest.origin._replace(files=(file,))
    assert place_of_worlds(folder) == ("scenario.yaml", "7")


@pytest.mark.parametrize("origin", [None, SimpleNamespace(files=[])])
def test_a_run_that_notes_no_file_is_told_from_its_copy(folder, origin):
    folder.manifest.origin = origin
    assert place_of_worlds(folder) == ("scenario.yaml", "7")


def test_a_shipped_plan_is_found_again_by_its_name(folder):
    loaded = read_scenario(shipped_scenario("kaltara_2022"))
    folder.manifest.origin, folder.manifest.digest = origin_of(loaded), digest(loaded.scenario)
    assert folder.manifest.origin.files[0] == "shipped:kaltara_2022"
    (leaf,) = [leaf for leaf in resolve(plan_as_written(folder)) if leaf.path == "name"]
    assert leaf.file == str(shipped_scenario("kaltara_2022"))


def test_report_and_table_name_a_file_and_a_line_alike(folder):
    (change,) = [one for one in folder.manifest.origin.changed if one.path == "worlds"]
    (leaf,) = [leaf for leaf in resolve(plan_as_written(folder)) if leaf.path == "worlds"]
    assert (change.file, change.line) == (shown_file(leaf.file), leaf.line)
    assert (change.before, change.after, leaf.line) == ("200", "7", 3)
