"""Documents keep what they promise: examples load, links lead somewhere, the snippet runs."""

import re
from pathlib import Path

import pytest

from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.shipped import shipped_scenario

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_LINK = re.compile(r"\]\(([^)#:]+)\)")
_COMMAND = re.compile(r"python -m kla_sim ([a-z]+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_to_a_file_leads_to_one(document):
    links = _LINK.findall(document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_named_exists(document):
    from kla_sim.cli.app import app

    known = {command.name for command in app.registered_commands}
    named = set(_COMMAND.findall(document.read_text(encoding="utf-8")))
    assert named <= known


@pytest.mark.parametrize(("name", "plan"), [("id", "rencana.yaml"), ("en", "plan.yaml")])
def test_the_variant_of_each_tutorial_loads(tmp_path, name, plan):
    tutorial = (ROOT / "docs" / f"tutorial.{name}.md").read_text(encoding="utf-8")
    (variant,) = re.findall(r"```yaml\n(.*?)```", tutorial, flags=re.DOTALL)
    (tmp_path / plan).write_bytes(shipped_scenario("kaltara_2022").read_bytes())
    (tmp_path / "variant.yaml").write_text(variant, encoding="utf-8")
    assert load_scenario(tmp_path / "variant.yaml").resources["facilitators"].capacity == 6


def test_the_python_of_the_readme_imports_what_there_is(monkeypatch):
    (snippet,) = re.findall(
        r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL
    )
    runnable, _, last = snippet.rstrip().rpartition("\n")
    assert last.startswith("folder = open_run(")  # of a run that only its reader has
    monkeypatch.chdir(ROOT)
    names = {}
    exec(runnable, names)
    assert names["scenario"].name == "Kaltara 2022-2026"
    assert callable(names["open_run"])
