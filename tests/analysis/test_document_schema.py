"""The schema of what a run answers holds for every kind of run, and for nothing else."""

import copy
import json
import subprocess
import sys

import pytest
from jsonschema import Draft202012Validator

from kla_sim.analysis.document_schema import run_schema
from kla_sim.cli import main
from kla_sim.engine.replications import Replications
from kla_sim.engine.results import results_of

ONE_CITY = """\
schema_version: 1
extends: shipped:kaltara_2022
name: One city
worlds: 3
cities:
  jakarta_pusat: null
  jakarta_utara: null
  jakarta_selatan: null
  jakarta_timur: null
  kepulauan_seribu: null
accounts:
  cities:
    jakarta_pusat: null
    jakarta_utara: null
    jakarta_selatan: null
    jakarta_timur: null
    kepulauan_seribu: null
resources:
  facilitators:
    per_city: null
"""
PLAIN = ("run", "-n", "6", "--set", "worlds=3")
CONTRACT = Draft202012Validator(
    run_schema("en"), format_checker=Draft202012Validator.FORMAT_CHECKER
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return a folder with a scenario of one city."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "one.yaml").write_text(ONE_CITY, encoding="utf-8")
    return folder


def ask(capsys, *words):
    with pytest.raises(SystemExit) as stopped:
        main([str(word) for word in words])
    said = capsys.readouterr()
    assert stopped.value.code == 0, said.err
    return json.loads(said.out)


@pytest.mark.parametrize(
    "words",
    [
        PLAIN,
        ("run", "-n", "1", "--set", "worlds=1"),
        ("run", "-n", "70", "--set", "worlds=3", "--keep", "activities"),
        (*PLAIN, "--engine", "reference"),
        ("run", "-n", "700", "--set", "worlds=3", "--precision", "0.3"),
        ("run", "kaltara_2026", "-n", "6", "--set", "worlds=3"),
        ("run", "one.yaml", "-n", "6"),
        ("run", "-n", "40", "--set", "worlds=40"),
    ],
    ids=" ".join,
)
def test_what_a_run_keeps_and_prints_is_what_its_schema_says(
    place, tmp_path, capsys, monkeypatch, words
):
    monkeypatch.chdir(place)
    printed = ask(capsys, *words, "--no-plots", "--json", "--out", tmp_path)
    CONTRACT.validate(printed)
    kept = json.loads((tmp_path / printed["run"] / "summary.json").read_text(encoding="utf-8"))
    CONTRACT.validate(kept)


def test_shards_and_what_they_are_merged_into_hold_to_the_schema(place, capsys, monkeypatch):
    monkeypatch.chdir(place)
    shards = [
        ask(capsys, *PLAIN, "--shard", f"{number}/2", "--json", "--out", "shards")
        for number in (1, 2)
    ]
    merged = ask(capsys, "merge", *(shard["run"] for shard in shards), "--json", "--out", "whole")
    for document in (*shards, merged):
        CONTRACT.validate(document)
    assert merged["replications"] == sum(shard["replications"] for shard in shards)


@pytest.fixture(scope="module")
def document(place):
    """Return the document of a run of 60 futures."""
    words = ["run", "-n", "60", "--set", "worlds=3", "--label", "broken", "--no-plots", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "kla_sim", *words],
        cwd=place, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def at(document, path):
    """Return what stands at a path; `*` = the first entry, whatever its name."""
    for name in path:
        document = document[next(iter(document)) if name == "*" else name]
    return document


def test_every_record_refuses_what_it_does_not_name_and_misses_what_it_does(document):
    def records(value, path=()):
        if isinstance(value, dict):
            yield path, value
            for name, entry in value.items():
                yield from records(entry, (*path, name))

    n_records = n_maps = 0
    for path, record in list(records(document)):
        changed = copy.deepcopy(document)
        at(changed, path)["another_name"] = None
        assert not CONTRACT.is_valid(changed), path  # neither record nor map holds null there
        for name in record:
            changed = copy.deepcopy(document)
            del at(changed, path)[name]
            if CONTRACT.is_valid(changed):
                n_maps += 1  # the names of a map are the scenario's
            else:
                n_records += 1
    assert n_records > 100
    assert n_maps > 100


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema_version",), 2),
        (("engine",), "simpy"),
        (("replications",), 1.5),
        (("seconds",), -1.0),
        (("target", "deadline"), "31 December 2026"),
        (("target", "category"), "best"),
        (("odds", "all_cities", "value"), "0.1"),
        (("odds", "cities", "*", "low"), None),
        (("odds", "counted_less_conditional", "z"), None),
        (("without_kaltara", "won"), 0.5),
        (("worlds", "n"), None),
        (("precision",), 0.01),
        (("reached_50",), 2026),
        (("attainment", 0, "mean"), None),
        (("categories", "*", "*", "utama"), 1.2),
        (("money", "*", "*", "spent"), -1.0),
        (("waiting_days", "*", "*"), None),
        (("waiting_shares", "*"), 1.01),
        (("posts", "*", "busy"), "many"),
        (("launches", "*", "*"), -0.5),
        (("warnings",), [None]),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_a_broken_document_is_refused(document, path, value):
    assert CONTRACT.is_valid(document)
    changed = copy.deepcopy(document)
    inner = at(changed, path[:-1])
    inner[next(iter(inner)) if path[-1] == "*" else path[-1]] = value
    assert not CONTRACT.is_valid(changed)


def test_every_mean_that_the_table_asks_for_stands_in_schema_and_document(document):
    rows = results_of(Replications).values()
    wanted = {row.mean.partition(".")[0] for row in rows if row.mean}
    wanted |= {row.share for row in rows if row.share}
    assert {"money", "posts", "waiting_days", "waiting_shares"} <= wanted
    assert wanted <= set(document)
    assert wanted <= set(run_schema("en")["properties"])


def test_the_command_prints_the_schema_in_both_languages_and_writes_it(tmp_path, capsys):
    for spoken in ("id", "en"):
        printed = ask(capsys, "schema", "--of", "run", "--language", spoken)
        assert printed == run_schema(spoken)
        Draft202012Validator.check_schema(printed)
    assert run_schema("id") != run_schema("en")
    ask(capsys, "schema", "--of", "run", "--out", tmp_path, "--json")
    written = json.loads((tmp_path / "run.schema.id.json").read_text(encoding="utf-8"))
    assert written == run_schema("id")
    assert (tmp_path / "run.schema.en.json").exists()
