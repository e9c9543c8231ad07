"""The schema for editors never refuses what the loader accepts, and catches structural faults.

The verdicts are those of `check-jsonschema`, held against the loader's own.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from kla_sim import language as spoken
from kla_sim.errors import ScenarioError, UsageError
from kla_sim.scenario import quantities, schema
from kla_sim.scenario.dates import MONTHS
from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.part import Part
from kla_sim.scenario.shape import fields_of, shape_of

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(ROOT.glob("scenarios/*.yaml"))
CONFORMANCE = sorted(ROOT.glob("tests/data/conformance/*.yaml"))
BROKEN_FILES = sorted(ROOT.glob("tests/data/broken/*.yaml"))
STRUCTURAL_CODES = {
    "unknown_key", "unknown_key_near", "not_one_of", "not_one_of_near", "not_a_mapping",
    "not_a_list", "not_text", "not_a_flag", "not_a_number", "not_a_count", "not_a_date",
    "not_plain_or_mapping", "step_without_list", "not_an_identifier", "extends_not_text",
    "top_not_mapping", "empty_file", "below_least", "key_twice",
}  # fmt: skip
"""Faults of form; a missing key is one too, but only where nothing is extended (see `BROKEN`)."""
WHOLE = (ROOT / "tests/data/conformance/case-12.yaml").read_text(encoding="utf-8")
VARIANT = "schema_version: 1\nextends: shipped:kaltara_2022\nname: Uji\n"

# name -> (text, whether the fault is structural: an unknown key, a wrong type, a missing key or an
# unknown choice; all others concern what values mean, which is the loader's business alone)
BROKEN: dict[str, tuple[str, bool]] = {
    "unknown key": (VARIANT + "worldz: 5\n", True),
    "unknown key far below": (VARIANT + "work: {zone: {site: {duration: {lo: 3}}}}\n", True),
    "unknown key in a choice": (VARIANT + "cities: {jakarta_barat: {award: {kind: x}}}\n", True),
    "text for a number": (VARIANT + "learning: {rate: cepat}\n", True),
    "mapping for text": (VARIANT + "cities: {jakarta_barat: {name: {a: 1}}}\n", True),
    "list for a mapping": (VARIANT + "cities: [jakarta_barat]\n", True),
    "text for a list": (VARIANT + "work: {zone: {launch: {after: integration}}}\n", True),
    "posts by month": (VARIANT + "resources: {trainers: {capacity: {Mei: 3}}}\n", True),
    "step without its list": (
        VARIANT + "resources: {trainers: {capacity: {from: 2024-01-01, posts: 3}}}\n", True
    ),
    "posts from a later year on": (
        VARIANT + "resources: {tutors: {scope: province, capacity: {2024: 3}}}\n", False
    ),
    "number for a day of the year": (VARIANT + "accounts: {release: {1 Mei: satu}}\n", True),
    "unknown choice": (VARIANT + "policy: {priority: best_first}\n", True),
    "unknown group": (VARIANT + "effects: {services: {health: 0.1}}\n", True),
    "unknown distribution": (
        VARIANT + "work: {zone: {site: {duration: {distribution: gamma, mean: 3}}}}\n", True
    ),
    "bad name of a city": (VARIANT + "cities: {Jakarta Barat: {districts: 8}}\n", True),
    "other version": (VARIANT.replace("version: 1", "version: 2"), True),
    "unknown kit": (VARIANT + "work: {district: {}}\n", True),
    "missing key": (re.sub(r"(?m)^horizon:.*\n", "", WHOLE), True),
    "missing part": (re.sub(r"(?ms)^background:.*?(?=^\S)", "", WHOLE), True),
    "null for a required key": (re.sub(r"(?m)^horizon:.*$", "horizon: null", WHOLE), True),
    "comma in braces": (VARIANT + "accounts: {province: {2024: 12,5 miliar}}\n", True),
    "people in thousandths": (VARIANT + "cities: {jakarta_barat: {population: 2.500}}\n", True),
    "amount with two readings": (VARIANT + 'upkeep: {per_zone: "2.500"}\n', False),
    "day with two readings": (VARIANT + "accounts: {release: {02-01: 100%}}\n", True),
    "leap day": (VARIANT + "work: {zone: {playground: {window: {from: 29 Februari}}}}\n", False),
    "python's name of a key": (
        VARIANT + "work: {zone: {playground: {window: {from_: 1 Mei}}}}\n", True
    ),
    "year before all records": (
        VARIANT + "cities: {jakarta_barat: {zones: {planned: {1800: 1}}}}\n", False
    ),
    "half a district": (VARIANT + "cities: {jakarta_barat: {districts: 8.5}}\n", True),
    "word for a flag": (VARIANT + "work: {zone: {launch: {launches: ya}}}\n", True),
    "share above the whole": (VARIANT + "learning: {rate: 1.2}\n", True),
    "share above the whole in words": (VARIANT + "learning: {rate: 120%}\n", False),
    "step of a list without its day": (
        VARIANT + "resources: {trainers: {capacity: [{posts: 2}]}}\n", True
    ),
    "negative count": (VARIANT + "cities: {jakarta_barat: {districts: -8}}\n", True),
    "low above high": (
        VARIANT + "work: {zone: {site: {duration: {low: 9, likely: 5, high: 3}}}}\n", False
    ),
    "shares below the whole": (VARIANT + "upkeep: {paid_by: {province: 70%, city: 20%}}\n", False),
    "unknown predecessor": (VARIANT + "work: {zone: {site: {after: [city.nobody]}}}\n", False),
    "deadline after the horizon": (VARIANT + "target: {deadline: 2027-12-31}\n", False),
}  # fmt: skip


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("schemas")
    return {language: schema.write_schema(folder, language) for language in ("id", "en")}


@pytest.fixture(scope="module")
def broken_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("broken")
    files = {}
    for name, (text, _) in BROKEN.items():
        files[name] = folder / f"{name.replace(' ', '_')}.yaml"
        files[name].write_text(text, encoding="utf-8")
    return files


def refused_by_tool(schema_file: Path, files: list[Path]) -> set[Path]:
    """Return the files that check-jsonschema refuses."""
    tool = [sys.executable, "-m", "check_jsonschema", "-o", "json", "--schemafile"]
    done = subprocess.run(
        [*tool, schema_file, *files],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    report = json.loads(done.stdout)
    wrong = [*report["errors"], *report.get("parse_errors", [])]
    assert done.returncode == (1 if wrong else 0), done.stderr
    return {Path(error["filename"]) for error in wrong}


def is_refused_by_loader(path: Path) -> bool:
    return bool(codes_of(path))


def codes_of(path: Path) -> set[str]:
    """Return the codes of what the loader refuses in a file."""
    try:
        read_scenario(path)
    except ScenarioError as error:
        return {fault.code for fault in error.faults}
    return set()


def test_schema_accepts_every_file_that_the_loader_accepts(schemas: dict[str, Path]) -> None:
    accepted = [path for path in SHIPPED + CONFORMANCE if not is_refused_by_loader(path)]
    assert len(accepted) == len(SHIPPED) + len(CONFORMANCE) - 1  # base.yaml has no cities
    assert refused_by_tool(schemas["id"], accepted) == set()


ODD_SPELLINGS = """
extends: shipped:kaltara_2022
name: "2023"
start: 14 November 2022
worlds: "1000 "
cities:
  jakarta_timur: {population: "3,04 juta", award: {date: "July 22, 2022"}}
  jakarta_barat:
    population: 2.434.000
    districts: 8.0
    zones: {planned: {"2023": 2, 2026: null}}
    baseline: {score: "720,5", sd: +10, profile: {institutions: 50 persen, civil_rights: "0,5"}}
    multipliers: {duration: "1,5", cost: 1e0}
    done: null
resources:
  facilitators:
    capacity: [{from: 2022-11-14, posts: "3"}, {from: "2024-01-01", posts: 4, }]
    replacement: {low: 1 Bulan, likely: 90, high: 1 tahun 1 bulan}
    per_city: {jakarta_barat: {"2023": 4, 2025: 5 }, jakarta_utara: [{from: 1 Mei 2023, posts: 6}]}
  specialists: {capacity: {2024: 4}}
  trainers: {turnover: "0,1", replacement: {distribution: exponential, mean: 4 months, low: null,
    likely: null, high: null}}
accounts:
  province: {2023: Rp 4.200.000.000, 2024: 5200000000.0, 2025: "6000 juta", 2026: "5,5 milyar"}
  release: {15 Januari: null, January 16: 30%, Apr 1: 25 percent, 1 juli: 0.3, 1 OKTOBER: "15,00%"}
  grows: -1%
work:
  province: {perda: null}
  zone:
    site: {duration: {distribution: discrete, values: [2 weeks, 30], chances: [50%, 0.5], low: null,
      likely: null, high: null},
      needs: {facilitators: null}, cost: "Rp10.000.000", rank: "-1", window: null}
    playground: {window: {from: Feb 1, to: 31 Agu}}
    launch: {launches: TRUE, opens: null}
uncertain:
  upkeep.per_zone: {low: 100 juta, likely: 130 juta, high: "Rp 200.000.000", by: value}
  work.province.perda.closes_gap.institutions: null
assumptions:
  upkeep: {range: [107 juta, "200000000"]}
background: {posterior: "2022", sha256: null}
observed:
  date: "2024-03-01"
  awards: {"2023": {jakarta_pusat: madya, jakarta_utara: null}, 2024: null}
  launched: {jakarta_barat: {"1": 2023-12-01, 2: "2024-01-15"}}
  work:
    province/guideline: {started: 2022-11-20, finished: "2023-02-01"}
    jakarta_utara/task_force: {started: 2023-03-01, finished: null}
  spent: {province: "1,5 miliar", cities: {jakarta_barat: Rp 200.000.000}}
"""


def test_every_spelling_that_the_loader_reads_passes_the_schema(
    schemas: dict[str, Path], tmp_path: Path
) -> None:
    odd = tmp_path / "odd.yaml"
    odd.write_text(ODD_SPELLINGS, encoding="utf-8")
    read_scenario(odd)
    assert refused_by_tool(schemas["id"], [odd]) == set()


def test_the_languages_differ_in_sentences_alone() -> None:
    one, other = (_without_sentences(schema.json_schema(language)) for language in ("id", "en"))
    assert one == other


def _without_sentences(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            key: _without_sentences(below)
            for key, below in part.items()
            if not (key in ("description", "patternErrorMessage") and isinstance(below, str))
        }
    return [_without_sentences(below) for below in part] if isinstance(part, list) else part


def test_schema_catches_the_structural_faults_and_the_loader_catches_all(
    schemas: dict[str, Path], broken_files: dict[str, Path]
) -> None:
    accepted = [name for name, path in broken_files.items() if not is_refused_by_loader(path)]
    assert accepted == []
    refused = refused_by_tool(schemas["id"], list(broken_files.values()))
    assert {name for name, path in broken_files.items() if path in refused} == {
        name for name, (_, is_structural) in BROKEN.items() if is_structural
    }


def test_schema_catches_the_structural_faults_of_every_broken_scenario(
    schemas: dict[str, Path],
) -> None:
    codes = {path: codes_of(path) for path in BROKEN_FILES}
    structural = {path for path, found in codes.items() if found & STRUCTURAL_CODES}
    refused = refused_by_tool(schemas["en"], BROKEN_FILES)
    assert len(structural) > 20
    assert structural - refused == set()
    assert {path for path in refused if not codes[path]} == set()


def test_a_variant_requires_nothing_and_null_removes_a_key_at_any_depth(
    schemas: dict[str, Path], tmp_path: Path
) -> None:
    variant = tmp_path / "variant.yaml"
    variant.write_text(
        "extends: shipped:kaltara_2022\n"
        "work: {zone: {worship: null, site: {duration: {high: 4 bulan}, needs: null}}}\n"
        "cities: {jakarta_barat: {zones: {planned: {2023: null, 2026: 3}}, multipliers: null}}\n"
        "evaluation: {stage_fall: {ministry: {high: 30}}, cycles: {2023: {award: 2023-08-01}}}\n"
        "assumptions: {cities.*.zones.planned: {range: null}}\n",
        encoding="utf-8",
    )
    assert refused_by_tool(schemas["id"], [variant]) == set()
    whole = tmp_path / "whole.yaml"
    whole.write_text(variant.read_text(encoding="utf-8").partition("\n")[2], encoding="utf-8")
    assert refused_by_tool(schemas["id"], [whole]) == {whole}


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_key_carries_its_sentence_and_its_unit(language: str) -> None:
    document = schema.json_schema(language)
    unit = {"id": "Satuan:", "en": "Unit:"}[language]
    for name, definition in document["$defs"].items():
        for key, entry in definition.get("properties", {}).items():
            assert len(entry["description"]) > 3, f"{name}.{key}"
            is_of_given_unit = name.startswith(("Pert", "Uniform", "Triang", "Normal", "Logn",
                                                "Exp", "Discrete", "Distribution"))  # fmt: skip
            if not is_of_given_unit and _holds_a_number(entry):
                assert unit in entry["description"], f"{name}.{key}"


def _holds_a_number(form: dict[str, Any]) -> bool:
    members = [form, *(form[key] for key in ("then", "else") if key in form)]
    members += [member["additionalProperties"] for member in members
                if isinstance(member.get("additionalProperties"), dict)]  # fmt: skip
    kinds = {kind for member in members for kind in _types(member)}
    return bool(kinds & {"integer", "number"})


def _types(form: dict[str, Any]) -> list[str]:
    kinds = form.get("type", [])
    return [kinds] if isinstance(kinds, str) else kinds


def test_the_catalogues_hold_the_sentences_that_are_used_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used = set()

    def note(_domain: str, key: str) -> str:
        used.add(key)
        return key

    monkeypatch.setattr(spoken, "text", note)
    schema.json_schema("id")
    for language in ("id", "en"):
        assert _catalogue(language) == used
    for model in _models(Part):
        for key, entry in fields_of(model).items():
            assert f"{entry.declarer}.{key}" in used


def _models(top: type[Part]) -> list[type[Part]]:
    below = [
        kind for kind in top.__subclasses__() if not kind.__pydantic_generic_metadata__["origin"]
    ]
    return [*below, *(model for kind in below for model in _models(kind))]


def _catalogue(language: str) -> set[str]:
    folder = Path(spoken.__file__).parent / "catalogues" / language / "LC_MESSAGES"
    with (folder / "schema.po").open("rb") as file:
        return {str(message.id) for message in read_po(file) if message.id and message.string}


_numerals = st.integers(1, 40).map(str) | st.from_regex(
    r"[0-9]{1,4}([.,][0-9]{1,3}){0,2}", fullmatch=True
)
_spaces = st.sampled_from([" ", "", "\t "])


@pytest.mark.parametrize(
    ("quantity", "words"),
    [
        ("Days", ["hari", "minggu", "Bulan", "years", "days", "MINGGU", "tahun 2 bulan"]),
        ("Rupiah", ["", "ribu", "juta", "Juta", "miliar", "triliun", "milyar"]),
        ("Ratio", ["%", "", "Persen"]),
        ("BasisPoints", ["%", "percent"]),
        ("Number", ["", "%"]),
        ("Points", [""]),
        ("Count", ["", "ribu", "Juta"]),
        ("AnyQuantity", ["", "%", "minggu", "juta"]),
        ("DayOfYear", ["Februari", "Agustus", "may", "Des"]),
    ],
)
def test_no_text_that_a_quantity_accepts_fails_its_pattern(quantity: str, words: list[str]) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(getattr(quantities, quantity))
    (reading,) = shape_of(getattr(quantities, quantity)).readings
    seen = []

    signs = st.sampled_from(["", "", "+", "Rp", "rp. "] if quantity != "DayOfYear" else [""])

    @given(st.tuples(_spaces, signs, _numerals, _spaces, st.sampled_from(words), _spaces))
    def check(parts: tuple[str, ...]) -> None:
        text = "".join(parts)
        try:
            adapter.validate_python(text)
        except ValidationError:
            return
        seen.append(text)
        assert re.search(reading.pattern, text), text

    check()
    assert len(seen) > 5


@pytest.mark.parametrize("month", [*MONTHS, "JUNI", "Jun."])
@pytest.mark.parametrize("form", ["15 {} 2024", "{} 15, 2024", " 1  {} 2024", "{} 1 , 2024 "])
def test_no_date_in_words_that_is_accepted_fails_its_pattern(month: str, form: str) -> None:
    text = form.format(month)
    TypeAdapter(quantities.Date).validate_python(text)
    assert re.search(quantities.DATE.pattern, text)


def test_write_schema_replaces_only_an_older_schema_of_its_own(tmp_path: Path) -> None:
    path = schema.write_schema(tmp_path, "id")
    today = path.read_text(encoding="utf-8")
    path.write_text(today.replace("Satuan", "satuan"), encoding="utf-8")
    schema.write_schema(tmp_path, "id")
    assert path.read_text(encoding="utf-8") == today
    path.write_text("{}\n", encoding="utf-8")
    with pytest.raises(UsageError):
        schema.write_schema(tmp_path, "id")
    assert path.read_text(encoding="utf-8") == "{}\n"


def test_schema_leaves_the_language_as_it_was() -> None:
    before = spoken.current()
    schema.json_schema("en")
    assert spoken.current() == before
