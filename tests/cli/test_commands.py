"""Commands as their users meet them: exit codes, languages, JSON, and nothing written in vain."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kla_sim.scenario.shipped import shipped_scenario

CONFORMANCE = Path(__file__).parents[1] / "data" / "conformance"
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "KLA_SIM_LANGUAGE"}


def kla_sim(*words, cwd, language="en", **environment):
    """Run a command as a user would, in a folder of its own."""
    command = [sys.executable, "-m", "kla_sim", *map(str, words)]
    if language and "--help" not in words:
        command += ["--language", language]
    return subprocess.run(
        command,
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        env={**ENVIRONMENT, **environment},
        check=False,
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Two small runs to look at."""
    folder = tmp_path_factory.mktemp("work")
    for scenario in ("kaltara_2022", "weakest_first"):
        done = kla_sim("run", scenario, "-n", 12, "--engine", "reference", cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


def test_run_says_the_odds_and_writes_results_and_plots(finished):
    done = kla_sim("run", "-n", 12, "--engine", "reference", cwd=finished)
    assert "Odds that all 6 regions hold category utama or above on 31 December 2026" in done.stdout
    assert "12 read from earlier results" in done.stdout
    run = next((finished / "results").glob("kaltara_2022_2026-*-1"))
    assert {"manifest.json", "scenario.yaml", "summary.json"} <= {p.name for p in run.iterdir()}
    plots = sorted(path.suffix for path in (run / "plots").iterdir())
    assert plots == [".csv"] * 9 + [".png"] * 9 + [".svg"] * 9


def test_run_speaks_indonesian_where_nothing_is_said(finished):
    done = kla_sim(
        "run", "-n", 12, "--engine", "reference", cwd=finished, language=None, LANG="C", LC_ALL="C"
    )
    said = "Peluang semua 6 wilayah berpredikat Utama atau lebih pada 31 Desember 2026"
    assert said in done.stdout


def test_json_is_one_document_with_the_fixed_names(finished):
    done = kla_sim("run", "-n", 12, "--engine", "reference", "--json", cwd=finished)
    document = json.loads(done.stdout)
    assert {
        "schema_version", "scenario", "run", "engine", "replications", "seed", "seconds", "target",
        "odds", "worlds", "weakest_city", "expected_cities", "reached_50", "reached_80",
        "attainment", "categories", "money", "waiting_days", "warnings",
    } <= set(document)  # fmt: skip
    assert {"all_cities", "all_cities_at_once_ever", "cities"} <= set(document["odds"])
    assert set(document["odds"]["all_cities"]) == {
        "value", "low", "high", "level", "method", "replications",
    }  # fmt: skip
    assert done.stderr == ""


def test_trace_equals_the_same_replication_of_a_run(finished):
    done = kla_sim("trace", "kaltara_2022", "--replication", 7, "--json", cwd=finished)
    document = json.loads(done.stdout)
    import pyarrow.parquet as pq

    run = next((finished / "results").glob("kaltara_2022_2026-*-1"))
    row = pq.read_table(run / "part-00000.parquet").slice(7, 1).to_pydict()
    for city, awards in document["scores"].items():
        for year, award in awards.items():
            assert award["verified"] == row[f"verified.{city}.{year}"][0]
    for account, waits in document["waits"].items():
        for cause, days in waits.items():
            assert days == row[f"wait_days.{account}.{cause}"][0]


def test_trace_prints_events_schedule_and_cash(finished):
    done = kla_sim("trace", "kaltara_2022", "--replication", 3, "--details", cwd=finished)
    for title in ("Future number 3", "Evaluations", "Events", "Schedule", "Cash by year"):
        assert title in done.stdout


def test_compare_sets_runs_side_by_side(finished):
    done = kla_sim(
        "compare", "kaltara_2022", "weakest_first", "-n", 12, "--engine", "reference",
        "--json", cwd=finished,
    )  # fmt: skip
    pair = json.loads(done.stdout)["pairs"][0]
    assert pair["won"] + pair["lost"] + pair["same"] == 12
    assert set(pair) >= {"a", "b", "difference", "won", "lost", "same"}


def test_a_scenario_compared_with_itself_shows_no_difference(finished):
    done = kla_sim(
        "compare", "kaltara_2022", "kaltara_2022", "-n", 12, "--engine", "reference",
        "--no-plots", cwd=finished,
    )  # fmt: skip
    assert "Not one of these futures changes" in done.stdout


def test_compare_stores_whole_runs_and_names_scenarios(tmp_path):
    change = "resources: {facilitators: {capacity: 8}}"
    plan = f"extends: shipped:kaltara_2022\nname: Dua kali lipat\n{change}\n"
    (tmp_path / "plan.yaml").write_text(plan, encoding="utf-8")
    words = ("kaltara_2022", "plan.yaml", "-n", 4, "--no-plots", "--engine", "reference")
    done = kla_sim("compare", *words, cwd=tmp_path)
    assert "Dua kali lipat against Kaltara 2022-2026: " in done.stdout
    listed = kla_sim("runs", cwd=tmp_path).stdout
    assert listed.count(" complete") == 2
    assert len(list(tmp_path.glob("results/*/summary.json"))) == 2


def test_runs_lists_what_is_there(finished):
    done = kla_sim("runs", "--json", cwd=finished)
    names = [run["scenario"] for run in json.loads(done.stdout)["runs"]]
    assert len(names) == 2


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_wrong_scenario_ends_with_2_and_writes_nothing(tmp_path, language):
    (tmp_path / "wrong.yaml").write_text(
        "extends: shipped:kaltara_2022\nlearning: {rate: 3}\nworldz: 5\n", encoding="utf-8"
    )
    done = kla_sim("run", "wrong.yaml", "-n", 10, cwd=tmp_path, language=language)
    assert done.returncode == 2
    assert "wrong.yaml:2:" in done.stderr
    assert "wrong.yaml:3:" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["wrong.yaml"]


@pytest.mark.parametrize(
    "words",
    [
        ("run", "nowhere.yaml"),
        ("run", "kaltara_2022", "--set", "cities.jakarta_barat.districts=none"),
        ("run", "kaltara_2022", "--set", "nonsense"),
        ("run", "--seed", "-1"),
        ("run", "-n", "0"),
        ("run", "--engine", "magic"),
        ("run", "--language", "fr"),
        ("compare", "kaltara_2022"),
        ("compare", "kaltara_2022", "nowhere"),
        ("trace", "kaltara_2022", "--replication", "-1"),
        ("new", "taken.yaml"),
        ("nonsense",),
    ],
)
def test_a_users_mistake_ends_with_2_without_a_traceback(tmp_path, words):
    (tmp_path / "taken.yaml").write_text("mine\n", encoding="utf-8")
    done = kla_sim(*words, cwd=tmp_path, language=None)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "results").exists()
    assert (tmp_path / "taken.yaml").read_text(encoding="utf-8") == "mine\n"


def test_new_writes_a_scenario_that_runs(tmp_path):
    made = kla_sim("new", "mine.yaml", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "schema.id.json").exists()
    checked = kla_sim("validate", "mine.yaml", "--json", cwd=tmp_path)
    assert json.loads(checked.stdout)["issues"] == []


def test_resolve_names_the_file_and_line_of_every_value(tmp_path):
    done = kla_sim("resolve", "half_the_money", "--json", cwd=tmp_path)
    values = json.loads(done.stdout)["values"]
    files = {entry["file"].rpartition("/")[2] for entry in values}
    assert {"base.yaml", "kaltara_2022.yaml", "half_the_money.yaml"} <= files
    assert all(entry["line"] > 0 for entry in values)


def test_set_replaces_a_value_and_changes_the_digest(tmp_path):
    plain = kla_sim("run", "-n", 2, "--no-plots", "--engine", "reference", "--json", cwd=tmp_path)
    changed = kla_sim(
        "run", "-n", 2, "--no-plots", "--engine", "reference", "--json",
        "--set", "policy.wip_limit=1", cwd=tmp_path,
    )  # fmt: skip
    one, two = json.loads(plain.stdout), json.loads(changed.stdout)
    assert one["scenario"]["digest"] != two["scenario"]["digest"]


def test_help_loads_no_heavy_library(tmp_path):
    script = (
        "import sys\n"
        "from kla_sim.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numba', 'matplotlib', 'scipy.stats', 'dask', 'pyarrow'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_command_has_help_in_both_languages(tmp_path, language):
    done = kla_sim("--help", cwd=tmp_path, KLA_SIM_LANGUAGE=language)
    assert done.returncode == 0
    expected = {"id": "Jalankan simulasi suatu skenario", "en": "Simulate a scenario"}[language]
    assert expected in done.stdout


@pytest.mark.parametrize("spoken", ["id", "en"])
def test_help_of_commands_is_sentences_that_ask_and_of_options_words(tmp_path, spoken):
    script = (
        "import json, typer\nfrom kla_sim.cli.app import app\n"
        "commands = typer.main.get_command(app).commands.values()\n"
        "told = [[c.help, [getattr(p, 'help', None) or '' for p in c.params]] for c in commands]\n"
        "print(json.dumps(told))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, check=True, text=True,
        env={**os.environ, "KLA_SIM_LANGUAGE": spoken},
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert len(told) > 20
    for said, options in told:
        assert said[0].isupper()
        assert said.endswith(".")
        assert not re.match("Me[lmny]", said)  # `Cari`, not `Mencari`
        for words in filter(None, options):
            assert not words.endswith(".") or words.endswith((", atau .", " or ."))
            assert not re.match("[A-Z][a-z]", words)


def test_the_conformance_cases_come_out_of_trace_json(tmp_path):
    case = CONFORMANCE / "case-12.yaml"
    done = kla_sim("trace", case, "--replication", 0, "--json", cwd=tmp_path)
    document = json.loads(done.stdout)
    expected = json.loads(case.with_suffix(".json").read_text(encoding="utf-8"))
    assert document["activities"] == expected["activities"]
    assert document["standing"] == expected["standing"]


def test_a_shipped_scenario_is_found_from_any_folder(tmp_path):
    done = kla_sim("validate", cwd=tmp_path)
    assert done.returncode == 2
    assert kla_sim("validate", "kaltara_2022", cwd=tmp_path).returncode == 0
    assert kla_sim("validate", shipped_scenario("base"), cwd=tmp_path).returncode == 2


def test_a_piped_table_breaks_no_entry(finished):
    done = kla_sim("trace", "--replication", 3, "--details", cwd=finished, COLUMNS="80")
    events = [line for line in done.stdout.splitlines() if ", Gugus tugas kelurahan " in line]
    assert events
    assert any("until day" in line and "costs Rp" in line for line in events)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rnu"], "Perintah rnu tidak ada. Maksudnya run?"),
        (["run", "--sed", "3"], "Opsi --sed tidak ada. Yang mirip: --seed, --set, --shard."),
        (["run", "--seed", "x"], "Nilai --seed tidak dapat dipakai; yang diharapkan: angka >= 0."),
        (["run", "--engine", "x"], "yang diharapkan: compiled, reference."),
        (["new"], "FILE belum ditulis."),
        (["run", "a", "b"], "Ada kata yang berlebih"),
        (["run", "-n"], "Opsi -n memerlukan nilai"),
    ],
)
def test_a_wrong_command_line_is_explained_in_the_language_spoken(tmp_path, words, said):
    done = kla_sim(*words, cwd=tmp_path, language=None, KLA_SIM_LANGUAGE="id")
    assert done.returncode == 2
    assert said in done.stderr
    assert not done.stdout


def test_help_keeps_no_english_word_of_typer_in_indonesian(tmp_path):
    for words in ([], ["run"], ["new"]):
        done = kla_sim(*words, "--help", cwd=tmp_path, language=None, KLA_SIM_LANGUAGE="id")
        assert done.returncode == 0
        assert "Pemakaian: " in done.stdout
        for english in (
            "Usage",
            "Arguments",
            "Options:",
            "Commands",
            "default",
            "required",
            "Show",
        ):
            assert english not in done.stdout, words


def test_a_fault_of_the_program_is_called_one_and_shows_where_it_is(monkeypatch, capsys):
    from kla_sim import cli, language
    from kla_sim.cli import app

    def broken(*words, **settings):
        raise ZeroDivisionError("nothing to divide by")

    monkeypatch.setattr(app, "app", broken)
    with pytest.raises(SystemExit) as ended:
        cli.main(["runs", "--language", "id"])
    language.use("id")
    said = capsys.readouterr().err.splitlines()
    assert ended.value.code == 1
    assert said[0].startswith("Traceback")
    assert said[-1].startswith("Kesalahan pada kla_sim sendiri, bukan pada masukan Anda: nothing")
