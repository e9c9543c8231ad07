"""The catalogues: both languages say the same things, and every code has its sentence."""

import re
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import kla_sim
from kla_sim import language
from kla_sim.errors import UsageError

PACKAGE = Path(kla_sim.__file__).parent
CATALOGUES = PACKAGE / "language" / "catalogues"
DOMAINS = sorted(path.stem for path in (CATALOGUES / "id" / "LC_MESSAGES").glob("*.po"))
_CODE = re.compile(
    r'\b(?:fault|Fault|Problem|refuse|fault_at|_fault|_refused|_stop|_UnreadableError)\(\s*"(\w+)"'
)
_TABLE_CODE = re.compile(r'\b(?:_refusal|refuse|refuse_heading|refuse_missing)\(\s*"(\w+)"')
_NAME_CODE = re.compile(r'\b(?:unknown_name|_unknown_city)\(\s*"(\w+)"')
_ERROR_CODE = re.compile(r'\b(?:UsageError|StoreError|IncompleteError|SimulationError)\(\s*"(\w+)"')


def fields_of(sentence):
    return sorted({name for _, name, _, _ in string.Formatter().parse(sentence) if name})


def sources(*folders):
    return [path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py")]


def test_both_languages_have_the_same_domains():
    assert sorted(path.stem for path in (CATALOGUES / "en" / "LC_MESSAGES").glob("*.po")) == DOMAINS


@pytest.mark.parametrize("domain", DOMAINS)
def test_both_languages_have_the_same_keys_and_fields(domain):
    indonesian, english = (language.messages(name, domain) for name in ("id", "en"))
    assert list(indonesian) == list(english)
    for key, sentence in indonesian.items():
        assert sentence, key
        assert english[key], key
        assert fields_of(sentence) == fields_of(english[key]), key


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("name", language.LANGUAGES)
def test_no_key_stands_twice(domain, name):
    path = CATALOGUES / name / "LC_MESSAGES" / f"{domain}.po"
    keys = re.findall(r'^msgid "(.+)"$', path.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(keys) == len(set(keys))
    with path.open("rb") as file:
        assert not any(entry.fuzzy for entry in read_po(file) if entry.id)


def test_every_code_of_a_fault_has_a_sentence():
    codes, named = set(), set()
    for text in sources(PACKAGE / "scenario"):
        codes |= set(_CODE.findall(text))
        named |= set(_NAME_CODE.findall(text))
    for text in [*sources(PACKAGE / "domain"), *sources(PACKAGE / "experiment")]:
        codes |= set(_CODE.findall(text)) | set(_TABLE_CODE.findall(text))
    assert len(codes) > 80
    assert {"table_quote", "award_twice", "posterior_signs", "panel_place_twice"} <= codes
    known = {**language.messages("id", "faults"), **language.messages("id", "lint")}
    assert codes - set(known) == set()
    assert {f"{code}_near" for code in named} - set(known) == set()


def test_every_code_of_an_error_has_a_sentence():
    codes = {code for text in sources(PACKAGE) for code in _ERROR_CODE.findall(text)}
    assert len(codes) > 15
    assert codes - set(language.messages("id", "errors")) == set()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "id"),
        ({"LANG": "C"}, "id"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "id_ID.UTF-8"}, "id"),
        ({"LANG": "de_DE.UTF-8"}, "id"),
        ({"LC_ALL": "id_ID.UTF-8", "LANG": "en_US.UTF-8"}, "id"),
        ({"LC_MESSAGES": "en_GB.UTF-8", "LANG": "id_ID.UTF-8"}, "en"),
        ({"KLA_SIM_LANGUAGE": "en", "LC_ALL": "id_ID.UTF-8"}, "en"),
    ],
)
def test_language_comes_from_the_environment(monkeypatch, environment, expected):
    for name in ("KLA_SIM_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    language.use()
    assert language.current() == expected


def test_what_the_user_says_goes_before_the_environment(monkeypatch):
    monkeypatch.setenv("KLA_SIM_LANGUAGE", "en")
    language.use("id")
    assert language.current() == "id"


@pytest.mark.parametrize("name", ["fr", "EN", "indonesia"])
def test_an_unknown_language_is_refused(monkeypatch, name):
    with pytest.raises(UsageError) as wrong:
        language.use(name)
    assert language.describe(wrong.value) == (f"Bahasa {name} tidak ada. Pilih salah satu: id, en.")
    monkeypatch.setenv("KLA_SIM_LANGUAGE", name)
    with pytest.raises(UsageError):
        language.use()


def test_speaking_lasts_as_long_as_its_block():
    language.use("id")
    with language.speaking("en"):
        assert language.current() == "en"
    assert language.current() == "id"


@pytest.mark.parametrize(
    ("name", "expected"), [("id", "Rp 12,5 miliar"), ("en", "Rp 12.5 billion")]
)
def test_money_is_written_as_people_write_it(name, expected):
    language.use(name)
    assert language.rupiah(12_500_000_000) == expected
    assert language.rupiah(950) == "Rp 950"
