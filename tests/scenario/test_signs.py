"""Signs that no scenario may hold, and signs that are taken for others: one rule, told in place."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kla_sim.errors import ScenarioError
from kla_sim.language import describe
from kla_sim.language.signs import (
    as_meant,
    odd_sign,
    plain_of,
    refused_sign,
    visible,
    with_whole_pairs,
)
from kla_sim.scenario.loading import dump_scenario, load_scenario, read_scenario

VARIANT = "extends: plan.yaml\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from test_loading import PLAN

    path = tmp_path_factory.mktemp("signs")
    (path / "plan.yaml").write_text(PLAN.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def faults_of(folder, text, *overrides):
    path = folder / "variant.yaml"
    path.write_text(VARIANT + text, encoding="utf-8")
    with pytest.raises(ScenarioError) as wrong:
        read_scenario(path, overrides=overrides)
    return [(fault.code, fault.path, fault.line, fault.column) for fault in wrong.value.faults]


def escaped(text):
    return '"' + "".join(f"\\U{ord(sign):08x}" for sign in text) + '"'


# what may not stand in a text at all


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.characters(), min_size=1, max_size=12))
@example("a\r")
@example("a\u0085b")
@example("\ufeffx")
@example("a\u2029")
@example(" a \n\t b\n\n")
@example("\U0001f600\u200d")
@example("\U0010fffe")
def test_what_a_scenario_may_hold_reads_back_the_same_and_the_rest_is_refused(folder, text):
    """The one rule: what is read can be written, and what is written can be read."""
    path = folder / "any.yaml"
    name = f"Rencana {text} x"
    path.write_text(f"{VARIANT}name: {escaped(name)}\n", encoding="utf-8")
    refused = refused_sign(with_whole_pairs(name))
    if refused:
        with pytest.raises(ScenarioError) as wrong:
            read_scenario(path)
        assert {fault.code for fault in wrong.value.faults} <= {"control_character", "no_character"}
        assert wrong.value.faults[0].line == 2
        return
    loaded = read_scenario(path)
    copy = folder / "resolved.yaml"
    copy.write_text(dump_scenario(loaded), encoding="utf-8")
    assert load_scenario(copy) == loaded.scenario


def test_exactly_controls_separators_and_no_characters_are_refused():
    for code in range(0x110000):
        sign = chr(code)
        category = unicodedata.category(sign)
        is_never_used = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
        expected = (
            (category == "Cc" and sign not in "\t\n")
            or category in ("Cs", "Zl", "Zp")
            or is_never_used
        )
        assert bool(refused_sign(sign)) == expected, hex(code)


@pytest.mark.parametrize(
    "sign", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\x9b", "\u2028", "\uffff"]
)
def test_a_refused_sign_is_told_where_it_stands(folder, sign):
    code = "no_character" if sign == "\uffff" else "control_character"
    raw = faults_of(folder, f"worlds: 2\nname: ab{sign}c\n")
    assert raw == [(code, "", 3, 9)]
    escape = faults_of(folder, f"worlds: 2\nname: {escaped('ab' + sign)}\n")
    assert escape == [(code, "name", 3, 7)]
    assert faults_of(folder, "", f"name=a{sign}") == [(code, "", 0, 0)]
    assert faults_of(folder, "", f"na{sign}me=a") == [(code, "", 0, 0)]


def test_a_pair_of_surrogates_as_json_writes_it_is_one_character(folder):
    path = folder / "pair.yaml"
    path.write_text(VARIANT + 'name: "Rencana \\ud83d\\ude00"\n', encoding="utf-8")
    assert load_scenario(path).name == "Rencana \U0001f600"


# what is taken for something else


@pytest.mark.parametrize(
    ("text", "code", "path", "column"),
    [
        ("policy: {wip_\u200blimit: 3}", "sign_hidden", "policy.wip_limit", 14),
        ("policy: {wip_limit: 3\ufe0f}", "sign_hidden", "policy.wip_limit", 22),
        ("policy: {wip_limit\u00a0: 3}", "sign_space", "policy.wip_limit", 19),
        ("policy: {priority: listed\u202f}", "sign_space", "policy.priority", 26),
        ("policy: {‘wip_limit’: 3}", "sign_quote", "policy.wip_limit", 10),
        ("policy: {priority: «listed»}", "sign_quote", "policy.priority", 20),
        ("policy: {priority: `listed}", "yaml_start", "", 20),
        (
            "work: {zone: {site: {duration: ３ minggu}}}",
            "sign_alike",
            "work.zone.site.duration",
            32,
        ),
        ("learning: {rate: 3٫5}", "sign_alike", "learning.rate", 19),
        ("learning: {rate: 9٠%}", "sign_alike", "learning.rate", 19),
        ("accounts: {province: {２０２４: 1}}", "sign_alike", "accounts.province.2024", 23),
        (
            "background: {rate: null, volatility: null, posterior: 2022\u200b}",
            "sign_hidden",
            "background.posterior",
            59,
        ),
        ("accounts: {release: {١ Juli: 100%}}", "sign_alike", "accounts.release.1 Juli", 22),
    ],
)
def test_a_sign_taken_for_another_is_named_at_its_place(folder, text, code, path, column):
    assert (code, path, 2, column) in faults_of(folder, text + "\n")


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u2009", "\u3000", "  "])
def test_any_space_may_stand_between_a_number_and_its_unit(folder, space):
    path = folder / "spaces.yaml"
    path.write_text(
        f"{VARIANT}accounts: {{province: {{2024: 850{space}juta}}, release: {{1{space}Juli: 100%, "
        f"1 Februari: 0%}}}}\nwork: {{zone: {{site: {{duration: 3{space}minggu}}}}}}\n",
        encoding="utf-8",
    )
    scenario = load_scenario(path)
    assert scenario.accounts.province[2024] == 850_000_000
    assert scenario.accounts.release == {201: 0, 701: 10_000}
    assert scenario.work.zone["site"].duration == 21


def test_a_misspelt_unit_is_not_blamed_on_the_space_before_it(folder):
    text = "work: {zone: {site: {duration: 3\u00a0minggo}}}\n"
    assert faults_of(folder, text)[0][0] == "not_a_time"


def test_names_and_reasons_may_hold_every_sign_that_can_be_seen(folder):
    path = folder / "names.yaml"
    name = "“Rencana” – 3\u00a0besar، ٣ аб \U0001f468\u200d\U0001f469"
    path.write_text(
        f"{VARIANT}name: {name}\nassumptions: {{effects: {{why: ‘{name}’}}}}\n", encoding="utf-8"
    )
    assert load_scenario(path).name == name


def test_a_curly_quote_before_a_comma_is_one_fault(folder):
    text = "accounts: {province: {2024: “12,5 miliar”, 2025: 3 miliar}}\n"
    assert faults_of(folder, text) == [("sign_quote", "accounts.province.2024", 2, 29)]


def test_a_letter_in_a_number_is_named(folder):
    assert faults_of(folder, "worlds: 1O\n") == [("sign_letter", "worlds", 2, 9)]
    assert faults_of(folder, "worlds: lO\n") == [("not_a_count", "worlds", 2, 9)]


@pytest.mark.parametrize("digits", ["٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９", "०१२३४५६७८९"])
def test_digits_of_every_script_stand_for_ours(digits):
    assert "".join(map(plain_of, digits)) == "0123456789"
    assert as_meant(digits) == "0123456789"


def test_plain_text_has_no_odd_sign_and_stays_as_it_is():
    for text in ("jakarta_barat", "Café", "漢字", "Rp 2.500.000", "it's"):
        assert odd_sign(text) is None
        assert visible(text) == text


NINES = "9" * 5_000


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("worlds: {}", "worlds"),
        ("schema_version: {}", "schema_version"),
        ('accounts: {{province: {{2024: "{} juta"}}}}', "accounts.province.2024"),
        ("start: {}-01-01", "start"),
        (
            "observed:\n  date: 2024-01-01\n"
            "  work: {{? timur/zone-{}/site : {{started: 2023-05-05}}}}",
            f"observed.work.timur/zone-{NINES}/site",
        ),
    ],
)
def test_thousands_of_digits_are_refused_in_a_short_sentence(folder, text, path):
    file = folder / "digits.yaml"
    file.write_text(f"{VARIANT}{text.format(NINES)}\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as wrong:
        read_scenario(file)
    assert path in [fault.path for fault in wrong.value.faults]
    assert all(len(line) < 1200 for line in describe(wrong.value).splitlines())
