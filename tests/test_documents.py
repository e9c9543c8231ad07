"""Documents keep what they promise: examples load, links lead somewhere, the snippet runs."""

import math
import re
from pathlib import Path

import pytest

from kla_sim.engine.replications import Attempts, Replications
from kla_sim.engine.results import results_of
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
    assert load_scenario(tmp_path / "variant.yaml").resources["facilitators"].capacity == 5


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


def rows_of_dictionary(table, places, spoken):
    """Return the rows of the data dictionary for one table of results."""
    for name, result in results_of(table).items():
        column = ".".join([name, *(places[axis] for axis in result.axes)])
        low, high = result.low, result.high
        above = f"≥ {low:g}" if low > -math.inf else ""
        values = f"{low:g} ... {high:g}" if high < math.inf else above
        yield f"| `{column}` | {result.dtype.name} | {values} | {result.meaning(spoken)} |"


@pytest.mark.parametrize(
    ("spoken", "places"),
    [
        (
            "en",
            {
                "cities": "CITY", "cycles": "CYCLE", "accounts": "ACCOUNT", "years": "YEAR",
                "causes": "CAUSE", "pools": "POOL", "activities": "ACTIVITY",
            },
        ),
        (
            "id",
            {
                "cities": "WILAYAH", "cycles": "SIKLUS", "accounts": "ANGGARAN", "years": "TAHUN",
                "causes": "SEBAB", "pools": "PEGAWAI", "activities": "KEGIATAN",
            },
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("table", [Replications, Attempts])
def test_the_data_dictionary_is_that_of_the_table_of_results(request, spoken, places, table):
    page = ROOT / "docs" / "results.md"
    text = page.read_text(encoding="utf-8")
    begin, end = (f"<!-- {word} {table.__name__} {spoken} -->\n" for word in ("begin", "end"))
    before, _, rest = text.partition(begin)
    found, _, after = rest.partition(end)
    heading = "".join(found.splitlines(keepends=True)[:2])
    rows = "".join(f"{row}\n" for row in rows_of_dictionary(table, places, spoken))
    if request.config.getoption("--refresh-golden"):
        page.write_text(f"{before}{begin}{heading}{rows}{end}{after}", encoding="utf-8")
    else:
        assert found == heading + rows
