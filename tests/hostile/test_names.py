"""Names are text: no output interprets one, loses one, or is broken by one."""

import csv
import io
import json
import os
import pty
import select
import subprocess
import sys
import xml.etree.ElementTree as ET
from html import unescape
from pathlib import Path

import pytest
from names import HOSTILE

import kla_sim
from kla_sim import language
from kla_sim.cli import main
from kla_sim.cli.output import new_table, print_lines, print_table
from kla_sim.language.safe import MOST_SIGNS, brief, for_csv, for_file_name, shown
from kla_sim.scenario.loading import dump_scenario, load_scenario, read_scenario
from kla_sim.store import to_json

ROOT = Path(kla_sim.__file__).parents[1]
PLAN = Path(__file__).parents[1] / "data" / "broken" / "plan.yaml"
OBEYED = ("\x1b", "\x07", "\x9b", "\u202e", "\u202c", "\u200f", "\u2066", "\x7f")


def scenario_named(folder, name, file="named.yaml"):
    """Write a plan in which everything that has a name has this one."""
    quoted = json.dumps(name)
    short = json.dumps(brief(name, 200))
    (folder / "plan.yaml").write_text(PLAN.read_text(encoding="utf-8"), encoding="utf-8")
    path = folder / file
    path.write_text(
        f"extends: plan.yaml\nname: {short}\n"
        f"cities: {{timur: {{name: {quoted}}}, barat: {{name: {quoted}}}}}\n"
        f"resources: {{facilitators: {{name: {quoted}}}, trainers: {{name: {quoted}}}}}\n"
        f"work: {{zone: {{site: {{name: {quoted}}}}}}}\n"
        f"attainment_claim: {{date: 2023-01-01, value: 90%, said_by: {quoted}}}\n"
        f"sources: {{cities.timur.population: {{source: {quoted}}}}}\n"
        f"assumptions: {{effects: {{why: {quoted}}}}}\n"
        f"waive: {{ASSUMPTION: {quoted}}}\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def say(capsys, tmp_path, monkeypatch):
    """Run a command in a folder of its own; return what it said, which nothing may obey."""
    monkeypatch.chdir(tmp_path)

    def run(*words, code=0):
        with pytest.raises(SystemExit) as stop:
            main([*map(str, words), "--language", "en"])
        said = capsys.readouterr()
        assert stop.value.code == code, said.err
        assert "Traceback" not in said.err
        assert not [sign for sign in OBEYED if sign in said.out + said.err]
        return said.out

    return run


FEW = ("closing markup", "direction", "formula", "lines")


@pytest.mark.parametrize(
    "kind",
    [kind if kind in FEW else pytest.param(kind, marks=pytest.mark.long) for kind in HOSTILE],
)
def test_every_command_prints_a_name_as_it_is(say, tmp_path, kind):
    name = HOSTILE[kind]
    cell, whole, title = brief(shown(name)).strip(), shown(name), shown(brief(name, 200))
    path = scenario_named(tmp_path, name)
    few = ("-n", 2, "--engine", "reference")
    assert "valid" in say("validate", path.name)
    say("lint", path.name)
    resolved = say("resolve", path.name)
    assert resolved.count(whole) >= 6
    said = say("run", path.name, *few, "--no-plots")
    assert said.count(cell) >= 2, "the cities in the table"
    assert f"according to {whole}" in said or whole in said
    assert title in say("trace", path.name, "--no-plots")
    document = json.loads(say("run", path.name, *few, "--no-plots", "--json"))
    assert document["scenario"]["name"] == brief(name, 200)
    (run,) = [entry for entry in (tmp_path / "results").iterdir() if entry.is_dir()]
    assert run.resolve().parent == (tmp_path / "results").resolve()
    assert run.name in say("runs")
    assert len(run.name.encode()) < 200
    kept = load_scenario(run / "scenario.yaml")
    assert kept.cities["barat"].name == name
    assert kept.attainment_claim.said_by == name
    compared = say("compare", run.name, run.name, "--no-plots")
    assert run.name in compared
    other = tmp_path / "other.yaml"
    other.write_text("extends: named.yaml\nname: Lain\npolicy: {wip_limit: 1}\n", encoding="utf-8")
    compared = say("compare", path.name, "other.yaml", *few, "--no-plots")
    assert brief(shown(brief(name, 200))).strip() in compared
    assert cell in say("trail", run.name)
    for shard in ("1/2", "2/2"):
        say("run", path.name, *few, "--no-plots", "--shard", shard)
    shards = sorted((tmp_path / "results").glob("*shard*"))
    merged = say("merge", *shards, "--out", "merged")
    assert "merged" in merged


def test_a_scenario_of_hostile_names_reads_back_the_same(tmp_path):
    for name in HOSTILE.values():
        loaded = read_scenario(scenario_named(tmp_path, name))
        copy = tmp_path / "copy.yaml"
        copy.write_text(dump_scenario(loaded), encoding="utf-8")
        assert load_scenario(copy) == loaded.scenario


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_a_field_of_a_sentence_is_not_a_sentence(spoken):
    language.use(spoken)
    for name in HOSTILE.values():
        said = language.text("answers", "valid", file=name)
        assert shown(name) in said
        assert not [sign for sign in OBEYED if sign in said]


def test_tables_and_lines_print_markup_as_it_is(capsys):
    table = new_table("[b]Judul[/b]", "[draf]", "b", whole=(1,))
    table.add_row("[/b] :smile: \x1b[31m", "x" * 300)
    table.add_row("y" * 300, "\u202e")
    print_table(table)
    print_lines(["[/b] :smile: \x1b[31m\x9bm"])
    said = capsys.readouterr().out
    assert "[b]Judul[/b]" in said
    assert "[draf]" in said
    assert said.count("[/b] :smile: <U+001B>[31m") == 2
    assert "x" * 300 in said
    assert f"{'y' * (MOST_SIGNS - 1)}…" in said
    assert "y" * MOST_SIGNS not in said
    assert not [sign for sign in OBEYED if sign in said]


def test_controls_and_marks_of_direction_are_seen_and_letters_stay():
    assert shown("a\x1b[31m\x00\x7f\x9b") == "a<U+001B>[31m<U+0000><U+007F><U+009B>"
    assert shown("\u202eabc\u2069\u200e") == "<U+202E>abc<U+2069><U+200E>"
    assert shown("a\n\tb\r\n") == "a b"
    assert shown("\udc80\uffff") == "<U+DC80><U+FFFF>"
    for name in ("Réncana 漢字 \u0627\u0644", "\U0001f468\u200d\U0001f469", "e\u0301", "a\u00a0b"):
        assert shown(name) == name


def test_json_holds_every_sign_and_prints_none_that_is_obeyed():
    text = [chr(code) for code in range(0x10000)]
    written = to_json({"name": text})
    assert json.loads(written) == {"name": text}
    assert not [sign for sign in OBEYED if sign in written]
    assert written.encode().decode() == written


@pytest.mark.parametrize("sign", "=+-@\t\r＝＋－＠")
def test_no_cell_of_a_csv_is_a_formula(sign):
    assert for_csv(f"{sign}1") == f"'{sign}1"
    assert for_csv(-1.5) == -1.5
    assert for_csv("Rencana = 1") == "Rencana = 1"


def test_a_file_name_holds_letters_and_digits_only_and_fits():
    assert for_file_name("../../etc/passwd\x00") == "etc_passwd"
    assert for_file_name("Rencana: KECIL (2)") == "rencana_kecil_2"
    assert for_file_name("[/]") == "run"
    assert for_file_name("x" * 300) == "x" * 60
    assert for_file_name("漢" * 300) == "漢" * 26, "bytes count, and no sign is cut in two"


def makers(names):
    """Return what makes every figure of a run and a comparison with these names in them."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "report"))
    import invented

    from kla_sim.report.comparison import compare_makers
    from kla_sim.report.figures import Caption, run_makers

    summary = invented.summary([100] * len(names), 50, names=names)
    scenario = invented.scenario()
    claim = scenario.attainment_claim.model_copy(update={"said_by": names[0]})
    resource = scenario.resources["facilitators"].model_copy(update={"name": names[0]})
    scenario = scenario.model_copy(
        update={
            "attainment_claim": claim,
            "resources": {**scenario.resources, "facilitators": resource},
        }
    )
    caption = Caption(names[0], "0123abcd", 1, 1000, "0.1.0")
    runs = [summary] * 2
    return {
        **run_makers(summary, scenario, caption),
        **compare_makers(runs, [scenario] * 2, [names[0], names[1]], caption),
    }


@pytest.mark.long
@pytest.mark.parametrize("first", HOSTILE)
def test_every_plot_is_well_formed_with_the_names_in_it(first, tmp_path):
    names = [HOSTILE[first], *(HOSTILE[kind] for kind in HOSTILE if kind != first)]
    assert_plots_are_whole(names, tmp_path)


def test_plots_are_well_formed_with_the_names_in_them(tmp_path):
    assert_plots_are_whole([HOSTILE["tags"], HOSTILE["long"], HOSTILE["mathematics"]], tmp_path)


def assert_plots_are_whole(names, folder):
    from kla_sim.report.drawing import write_figures

    drawn = ""
    for name, make in makers(names).items():
        written, missing = write_figures({name: make}, folder)
        assert missing == {}
        files = {path.suffix[1:]: path.read_bytes() for path in written}
        parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))
        root = ET.fromstring(files["svg"], parser=parser)
        drawn += "\n".join(node.text or "" for node in root.iter() if node.tag is ET.Comment)
        assert files["png"].startswith(b"\x89PNG")
        assert files["png"][16:20] == (1296).to_bytes(4, "big"), "as wide as any other plot"
        rows = list(csv.reader(io.StringIO(files["csv"].decode(), newline="")))
        assert {len(row) for row in rows} == {len(rows[0])}
        for cell in (cell for row in rows for cell in row):
            assert not cell.startswith(("=", "+", "@"))
            assert cell[:1] != "-" or float(cell) < 0
        if name.startswith("compare") and "run" in rows[0]:
            place = rows[0].index("run")
            assert {row[place] for row in rows[1:]} == {str(for_csv(given)) for given in names[:2]}
    assert not [sign for sign in OBEYED if sign in drawn]
    words = "".join(unescape(drawn).split())
    for given in names:
        assert "".join(shown(given)[:20].split()) in words


def on_terminal(*words, cwd):
    """Run a command on a pseudo terminal; return all that reached it."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "kla_sim", *words, "--language", "en"],
        cwd=cwd,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "COLUMNS": "80", "TERM": "xterm", "PYTHONPATH": str(ROOT)},
    )
    os.close(theirs)
    said = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            some = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not some:
            break
        said += some
    process.wait(timeout=60)
    os.close(ours)
    return said.decode("utf-8", "replace")


TITLE = "\x1b]0;taken\x07"
"""What would rename the window of a terminal."""


@pytest.mark.parametrize(
    "words",
    [
        ("validate", f"{TITLE}.yaml"),
        ("run", "plan.yaml", "--label", TITLE),
        ("run", "plan.yaml", "--set", f"name={TITLE}"),
        ("run", "plan.yaml", "--set", f"{TITLE}=3"),
        ("compare", TITLE, TITLE),
        (f"run{TITLE}",),
    ],
    ids=["file", "label", "value", "path", "run", "command"],
)
def test_nothing_from_the_command_line_is_obeyed_by_a_terminal(tmp_path, words):
    (tmp_path / "plan.yaml").write_text(PLAN.read_text(encoding="utf-8"), encoding="utf-8")
    said = on_terminal(*words, cwd=tmp_path)
    assert "U+001B" in said
    assert "\x1b]" not in said
    assert "\x07" not in said
    assert "Traceback" not in said


def test_a_name_is_not_obeyed_by_a_terminal(tmp_path):
    scenario_named(tmp_path, HOSTILE["direction"] + " [draf] [/b]")
    said = on_terminal(
        "run", "named.yaml", "-n", "2", "--engine", "reference", "--no-plots", cwd=tmp_path
    )
    assert "[draf]" in said
    assert "<U+202E>" in said
    assert not [sign for sign in OBEYED[3:] if sign in said]


def test_a_label_without_text_is_refused(say, tmp_path):
    scenario_named(tmp_path, "Rencana")
    for label in ("a\x1bb", "a\x7f", "\u2028", "\udc80"):
        say("run", "named.yaml", "-n", 1, "--label", label, code=2)
    assert not (tmp_path / "results").exists()
