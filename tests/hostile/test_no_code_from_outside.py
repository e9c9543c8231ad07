"""Nothing that comes from outside is ever run: no source makes code of text or of bytes."""

import ast
from pathlib import Path

import pytest

import kla_sim
from kla_sim.errors import ScenarioError
from kla_sim.scenario.loading import read_scenario

PACKAGE = Path(kla_sim.__file__).parent
MAKERS = {"eval", "exec", "compile", "__import__"}
CARRIERS = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "runpy", "code"}
MADE_HERE = {("experiment/blocks.py", "pickle")}
"""What was pickled by the same program for its own workers, and is never kept (`Block.given`)."""


def trees():
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def test_no_source_makes_code_of_text():
    found = {
        (name, node.func.id)
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id in MAKERS
    }
    assert found == set()


def test_no_source_reads_what_can_carry_code():
    found = set()
    for name, tree in trees():
        for node in ast.walk(tree):
            named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            named += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found |= {(name, one.split(".")[0]) for one in named}
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                found.add((name, "pickle"))
    assert {one for one in found if one[1] in CARRIERS} == MADE_HERE


def test_blocks_are_unpickled_from_nothing_but_their_own_argument():
    tree = ast.parse((PACKAGE / "experiment" / "blocks.py").read_text(encoding="utf-8"))
    loads = [
        node for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pickle.loads"
    ]  # fmt: skip
    assert [ast.unparse(one.args[0]) for one in loads] == ["given"]
    calls = [
        node for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "_read_given"
    ]  # fmt: skip
    assert [ast.unparse(one.args[0]) for one in calls] == ["block.given"]


@pytest.mark.parametrize(
    "written",
    [
        "!!python/object/apply:os.system ['touch made']",
        "!!python/name:os.system",
        "!python/object:os.system {}",
        "!<tag:yaml.org,2002:python/module:os> ''",
    ],
)
def test_tags_that_other_readers_obey_are_refused(tmp_path, monkeypatch, written):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.yaml").write_text(
        f"extends: shipped:kaltara_2022\nname: {written}\n", encoding="utf-8"
    )
    with pytest.raises(ScenarioError) as refused:
        read_scenario(tmp_path / "s.yaml")
    assert "tag_refused" in {fault.code for fault in refused.value.faults}
    assert [path.name for path in tmp_path.iterdir()] == ["s.yaml"]
