"""Every code that can be raised has its sentence in both languages, with all of its fields."""

import errno
import string
from pathlib import Path

import pytest
from pydantic_core._pydantic_core import list_all_errors
from sites import Start, read_sites

import kla_sim
from kla_sim import errors, language
from kla_sim.errors import Fault, IncompleteError, Kept, UsageError
from kla_sim.scenario import refusals as of_model

SITES = read_sites(Path(kla_sim.__file__).parent)
TOLD_FROM = {"errors": ("errors",), "faults": ("faults", "lint", "errors")}
BY_TABLE = {"_fault_of", "_in_last_file"}
"""Functions that take codes from a table of `scenario.refusals`; two tests walk the tables."""


def sentences(name, domain):
    domains = TOLD_FROM.get(domain, (domain.removeprefix("text "),))
    told = (language.messages(name, one) for one in reversed(domains))  # the first one counts
    return {key: sentence for one in told for key, sentence in one.items()}


def places_of(sentence):
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def codes_of_the_model():
    """Yield the codes given to what pydantic refuses, each with the fields it then has."""
    contexts = {entry["type"]: entry.get("example_context") or {} for entry in list_all_errors()}
    for kind, code in of_model._CODES.items():
        names = {of_model._FIELDS.get(name, name) for name in contexts[kind]}
        yield code, names - set(of_model._NOT_SAID) | {"value"}


def codes_seen_from_below():
    """Yield the codes of two values in the wrong order, seen from the lower one."""
    given = {site.code: site.fields for site in SITES if site.domain == "faults"}
    for code, (other, _) in of_model._SEEN_FROM_BELOW.items():
        yield other, given[code]


ALL = [
    *((site.domain, site.code, site.fields) for site in SITES if isinstance(site.code, str)),
    *(("faults", code, fields) for code, fields in codes_of_the_model()),
    *(("faults", code, fields) for code, fields in codes_seen_from_below()),
]


def test_every_code_and_its_fields_can_be_read_from_the_source():
    raised = [site for site in SITES if site.domain in TOLD_FROM]
    assert len(raised) > 250
    unread = [site for site in raised if site.code is None or site.fields is None]
    assert {site.function for site in unread} == BY_TABLE
    assert all(Path(of_model.__file__).name in site.where for site in unread)


def test_sites_are_read_path_by_path(tmp_path):
    (tmp_path / "module.py").write_text(
        """
def raised(flag, known):
    if flag:
        code, fields = "with_one", {"one": 1}
    else:
        code, fields = "with_two", {}
        fields["two"] = 2
    raise UsageError(code, **fields, both=3)

def handed_on(code, place, **rest):
    return Fault(code, place, fields={"added": 1, **rest})

def asks(name):
    code, fields = unknown_name("name", name, [])
    yield Problem(code, (), {**fields, "named": name})
    yield handed_on("by_function" if name else "otherwise", "", third=1)
    yield Fault(name.code, fields=name.other)
""",
        encoding="utf-8",
    )
    assert {(site.code, site.fields) for site in read_sites(tmp_path)} == {
        ("with_one", frozenset({"one", "both"})),
        ("with_two", frozenset({"two", "both"})),
        ("name_near", frozenset({"nearest", "named", "value"})),
        ("name", frozenset({"allowed", "named", "value"})),
        ("name_none", frozenset({"named", "value"})),
        ("by_function", frozenset({"added", "third"})),
        ("otherwise", frozenset({"added", "third"})),
        (None, None),
    }


@pytest.mark.parametrize("name", language.LANGUAGES)
def test_every_code_has_a_sentence_with_no_field_missing(name):
    for domain, code, fields in ALL:
        known = sentences(name, domain)
        assert code in known, (domain, code)
        if fields is not None:
            assert places_of(known[code]) <= fields, (domain, code)


@pytest.mark.parametrize("name", language.LANGUAGES)
def test_every_error_raised_with_its_fields_is_told_without_a_gap(name):
    language.use(name)
    n_told = 0
    for domain, code, fields in ALL:
        if domain not in TOLD_FROM:
            continue
        given = dict.fromkeys(fields, "§")
        told = (
            language.describe(UsageError(code, **given))
            if domain == "errors"
            else language.describe_fault(Fault(code, fields=given))
        )
        places = places_of(sentences(name, domain)[code])
        assert told.count("§") >= len(places), told
        assert [place for place in places if f"{{{place}}}" in told] == []
        n_told += 1
    assert n_told > 250


def test_no_sentence_is_left_that_nothing_raises():
    raised = {code for _, code, _ in ALL}
    begun = tuple(
        site.code.text
        for site in SITES
        if isinstance(site.code, Start) and site.domain in (*TOLD_FROM, "text faults")
    )
    for code in {**sentences("id", "errors"), **sentences("id", "faults")}:
        assert code in raised or code.startswith(begun), code


def test_every_text_begun_in_the_source_exists_and_needs_no_field_that_is_not_given():
    named = {(site.domain, site.code) for site in SITES if isinstance(site.code, str)}
    begun = [site for site in SITES if isinstance(site.code, Start)]
    assert len(begun) > 10
    for site in begun:
        known = sentences("id", site.domain)
        keys = [key for key in known if key.startswith(site.code.text)]
        assert keys, site
        for key in keys:
            if (site.domain, key) not in named:  # those are held to what they are given there
                assert places_of(known[key]) <= site.fields, (site, key)


def test_every_class_of_errors_is_read():
    kinds = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.KlaSimError)
    }
    from sites import ERRORS

    assert kinds == {"KlaSimError", "ScenarioError", *ERRORS}


def test_every_reason_of_the_operating_system_is_one():
    assert set(language.messages("id", "system")) <= set(errno.errorcode.values())


def test_an_error_that_lacks_a_field_shows_its_sentence_with_the_name_of_the_field():
    language.use("en")
    told = language.describe(UsageError("shards_differ", path="a", field="seed", found=2))
    assert told == "The shard a belongs to another run: seed 2, not {asked}."


def test_an_error_without_a_sentence_shows_its_code_and_its_fields():
    assert language.describe(UsageError("no_such_code", value=3)) == "no_such_code {'value': '3'}"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("id", "Dihentikan.\n500 dari 2.000 simulasi tersimpan di results/a; "
               "perintah yang sama melanjutkannya."),
        ("en", "Stopped.\n500 of 2,000 futures are kept in results/a; "
               "the same command goes on."),
    ],
)  # fmt: skip
def test_work_that_stopped_says_what_is_kept(name, told):
    language.use(name)
    error = IncompleteError("stopped")
    error.kept = Kept("results/a", 500, 2_000)
    assert language.describe(error) == told


def test_a_refusal_of_the_operating_system_is_told_in_the_language_spoken():
    full = OSError(errno.ENOSPC, "No space left on device")
    told = language.describe(UsageError("cannot_write", path="a", reason=full))
    assert told.startswith("a tidak dapat ditulis: ruang di disk habis. ")
    odd = OSError(errno.EDOM, "Odd")
    assert language.describe(UsageError("cannot_write", path="a", reason=odd)).startswith(
        "a tidak dapat ditulis: Odd. "
    )
