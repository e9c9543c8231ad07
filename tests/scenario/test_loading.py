"""Reading scenarios: variants, places, the command line, and files that read back the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kla_sim.errors import ScenarioError
from kla_sim.scenario.loading import (
    digest,
    dump_scenario,
    load_scenario,
    read_scenario,
    resolve,
)
from kla_sim.scenario.merging import Merged, merge
from kla_sim.scenario.model import MODEL_VERSION
from kla_sim.scenario.nodes import Entry, Mapping, Place, Scalar, plain_values
from kla_sim.scenario.parsing import parse_yaml
from kla_sim.scenario.shipped import shipped_folder, shipped_names, shipped_scenario

DATA = Path(__file__).parents[1] / "data"
PLAN = DATA / "broken" / "plan.yaml"
CONFORMANCE = sorted((DATA / "conformance").glob("*.yaml"))
WHOLE = [name for name in shipped_names() if name != "base"]


@pytest.fixture
def variant(tmp_path):
    """Write a variant of the small plan and return its path."""
    (tmp_path / "plan.yaml").write_text(PLAN.read_text(encoding="utf-8"), encoding="utf-8")

    def write(text, name="variant.yaml", extends="plan.yaml"):
        path = tmp_path / name
        path.write_text(f"extends: {extends}\n{text}", encoding="utf-8")
        return path

    return write


def codes(path, *overrides):
    with pytest.raises(ScenarioError) as wrong:
        read_scenario(path, overrides=overrides)
    return [fault.code for fault in wrong.value.faults]


# what is accepted


@pytest.mark.parametrize("path", CONFORMANCE, ids=lambda path: path.stem)
def test_odd_but_valid_plans_are_accepted(path):
    assert load_scenario(path).name == path.stem


VALID = {
    "self assessment": "cities: {barat: {baseline: {category: null, self_assessment: 900, "
    "ratio: {distribution: uniform, low: 0.6, high: 83%}}}}",
    "unknown award": "cities: {barat: {award: {category: unknown}}}",
    "award of the first day": "cities: {barat: {award: {date: 2023-01-01}}}",
    "profile": "cities: {timur: {baseline: {profile: {civil_rights: 80%, family_care: 1}}}}",
    "no zones": "cities: {timur: {zones: {planned: {}}}, barat: {zones: {planned: 0}}}",
    "stages outside": "cities: {timur: {zones: {planned: {2021: 1, 2024: 2, 2031: 4}}}}",
    "steps": "resources: {trainers: {capacity: [{from: 2024-01-01, posts: 3}, "
    "{from: 2022-01-01, posts: 0}]}}",
    "none in a city without work": "cities: {barat: {done: [task_force], zones: {planned: 0}}}\n"
    "resources: {facilitators: {per_city: {barat: 0}}}",
    "own kit by name": "work: {city: {second: {duration: 1, after: [city.task_force]}}}",
    "zero units": "work: {zone: {site: {needs: {trainers: 0}}}}",
    "wrapping window": "work: {zone: {site: {window: {from: 1 November, to: 31 Januari}}}}",
    "one day a year": "work: {zone: {site: {window: {from: 28 Februari, to: 28 Februari}}}}",
    "free work without payer": "work: {zone: {site: {cost: 0}}}",
    "rework that shrinks": "work: {zone: {school: {rework: 0}}}",
    "negative rank": "work: {zone: {school: {rank: -1.5}}}",
    "exponential": "work: {zone: {site: {duration: {distribution: exponential, mean: 3 minggu}}}}",
    "normal": "work: {zone: {site: {duration: {distribution: normal, mean: 9, sd: 2 hari}}}}",
    "lognormal": "work: {zone: {site: {duration: {distribution: lognormal, mean: 9, sd: 20}}}}",
    "triangular": "work: {zone: {site: {duration: "
    "{distribution: triangular, low: 1, likely: 1, high: 1}}}}",
    "discrete": "work: {zone: {site: {duration: "
    "{distribution: discrete, values: [1 minggu, 9], chances: [30%, 0.7]}}}}",
    "percentiles": "work: {zone: {site: {duration: "
    "{low: 20, likely: 30, high: 45, meaning: p10-p90}}}}",
    "strictness": "evaluation: {strictness: {mean: -10, sd: 5}, cycles: {2023: {strictness: 3, "
    "noise: 0, cancelled: 1, slip: {chance: 0, months: 0}}}}",
    "no cycles": "evaluation: {cycles: {2023: null, 2025: null}}",
    "evidence and award on one day": "evaluation: {cycles: {2023: {award: 2023-06-15}}}",
    "award beyond the horizon": "evaluation: {cycles: {2025: {award: 2027-01-01}}}",
    "falling budgets": "accounts: {grows: -10%, province: {2024: null, 2025: null}}",
    "money from a later year": "accounts: {province: {2023: null}}",
    "no accounts": "accounts: {province: null, cities: null}",
    "three tranches": "accounts: {release: {31 Desember: 33.33%, 1 Februari: 33.33%, "
    "1 Juli: 33.34%}}",
    "amounts in uncertain": "uncertain: {accounts.province.2024: "
    "{low: 1 miliar, likely: 3 miliar, high: 5 miliar, by: value}}",
    "inner numbers in uncertain": "uncertain: {work.zone.*.duration: null, "
    "work.zone.school.duration.high: {low: 3 bulan, likely: 4 bulan, high: 9 bulan, by: value}}",
    "uncertain by percentiles": "uncertain: {evaluation.noise: "
    "{low: 8, likely: 10, high: 12, by: value, meaning: p10-p90}}",
    "patterns in sources": "sources: {cities.*.population: {source: BPS}, "
    "accounts.release.1 Februari: {source: APBD}, work.*.*.cost: {source: RKA}}",
    "open indicators": "indicators: {policy: {group: institutions, points: 100}, "
    "peace: {group: civil_rights}}",
    "aliases": "cities: {timur: {multipliers: &sama {duration: 1.2}}, barat: {multipliers: *sama}}",
    "deadline of the first day": "target: {deadline: 2023-01-01}",
}


@pytest.mark.parametrize("what", VALID)
def test_what_the_model_allows_is_accepted(variant, what):
    path = variant(f"{VALID[what]}\n")
    loaded = read_scenario(path)
    copy = path.with_name("resolved.yaml")
    copy.write_text(dump_scenario(loaded), encoding="utf-8")
    assert digest(load_scenario(copy)) == digest(loaded.scenario)


@pytest.mark.parametrize("name", WHOLE)
def test_a_resolved_scenario_reads_back_to_the_same_digest(name, tmp_path):
    loaded = read_scenario(shipped_scenario(name))
    path = tmp_path / "resolved.yaml"
    path.write_text(dump_scenario(loaded), encoding="utf-8")
    again = read_scenario(path)
    assert again.scenario == loaded.scenario
    assert digest(again.scenario) == digest(loaded.scenario)
    assert dump_scenario(again) == dump_scenario(loaded)


@pytest.mark.parametrize("path", CONFORMANCE, ids=lambda path: path.stem)
def test_a_resolved_odd_plan_reads_back_to_the_same_digest(path, tmp_path):
    loaded = read_scenario(path)
    copy = tmp_path / "resolved.yaml"
    copy.write_text(dump_scenario(loaded), encoding="utf-8")
    assert digest(load_scenario(copy)) == digest(loaded.scenario)


def test_odd_texts_survive_the_resolved_file(variant, tmp_path):
    name = 'Rencana "kecil": \\ # bukan komentar, 12 é 漢'
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    loaded = read_scenario(variant(f'name: "{quoted}"\n'))
    assert loaded.scenario.name == name
    copy = tmp_path / "resolved.yaml"
    copy.write_text(dump_scenario(loaded), encoding="utf-8")
    assert load_scenario(copy) == loaded.scenario


def test_two_hash_seeds_give_one_digest_and_one_resolved_file(tmp_path):
    script = (
        "from kla_sim.scenario.loading import *\n"
        "from kla_sim.scenario.shipped import shipped_scenario\n"
        "loaded = read_scenario(shipped_scenario('half_the_money'))\n"
        "print(digest(loaded.scenario)); print(dump_scenario(loaded))\n"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_digest_covers_the_order_of_cities_and_the_model_version(variant):
    text = PLAN.read_text(encoding="utf-8")
    timur, barat = text.index("  timur:\n    name"), text.index("  barat:\n    name")
    end = text.index("resources:")
    path = variant("")
    plain = digest(load_scenario(path))
    (path.parent / "plan.yaml").write_text(
        text[:timur] + text[barat:end] + text[timur:barat] + text[end:], encoding="utf-8"
    )
    assert digest(load_scenario(path)) != plain
    (path.parent / "plan.yaml").write_text(text, encoding="utf-8")
    assert digest(load_scenario(path)) == plain
    assert digest(load_scenario(path), MODEL_VERSION) == plain
    assert digest(load_scenario(path), MODEL_VERSION + 1) != plain


def test_comments_and_spelling_do_not_change_the_digest(variant):
    plain = digest(load_scenario(variant("")))
    respelled = "# komentar\nupkeep: {per_zone: 40000000}\nevaluation: {one_step_up: 0.98}\n"
    assert digest(load_scenario(variant(respelled))) == plain


def test_no_is_text_and_so_are_dates_of_other_keys(variant):
    assert load_scenario(variant("name: no\n")).name == "no"
    assert load_scenario(variant("name: 2023-01-01\n")).name == "2023-01-01"


def test_a_file_may_begin_with_a_byte_order_mark(variant):
    path = variant("worlds: 3\n")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_scenario(path).worlds == 3


@pytest.mark.parametrize(
    ("stages", "code"),
    [("1,5", "not_a_count"), ("2,500", "ambiguous_number"), ("1,5 juta jiwa", "more_than_count")],
)
def test_a_number_split_at_its_comma_is_judged_once(variant, stages, code):
    path = variant(f"cities: {{timur: {{zones: {{planned: {{2023: 1, 2024: {stages}}}}}}}}}\n")
    assert codes(path) == [code]


def test_advice_for_a_split_number_stands_where_the_number_may(variant):
    text = "accounts: {province: {2023: 1,5 miliar, 2024: 1,5 milar, 2025: 12,5 miliar}}\n"
    assert codes(variant(text)) == ["comma_in_braces", "not_an_amount", "comma_in_braces"]


# variants


def test_mappings_merge_and_lists_and_plain_values_replace(variant):
    loaded = load_scenario(
        variant("work:\n  zone:\n    launch: {after: [site]}\npolicy: {wip_limit: 1}\n")
    )
    assert loaded.work.zone["launch"].after == ["site"]
    assert loaded.work.zone["launch"].launches
    assert loaded.policy.wip_limit == 1
    assert loaded.policy.priority == "closest_to_target_first"


def test_null_removes(variant):
    loaded = load_scenario(variant("upkeep: null\nwork: {zone: {launch: null}}\n"))
    assert loaded.upkeep is None
    assert list(loaded.work.zone) == ["site", "school"]


def test_null_for_what_is_not_there_is_harmless_but_a_wrong_key_is_not(variant):
    assert load_scenario(variant("learning: null\ncities: {utara: null}\n")).learning.rate == 1
    assert codes(variant("uspkeep: null\n")) == ["unknown_key_near"]


def test_years_and_days_are_normal_before_merging(variant):
    loaded = load_scenario(
        variant(
            'accounts:\n  province: {"2023": 1 miliar}\n  release: {1 February: 20%, 1 July: 80%}\n'
        )
    )
    assert loaded.accounts.province[2023] == 10**9
    assert loaded.accounts.release == {201: 2000, 701: 8000}


def test_what_a_variant_removes_takes_its_uncertainty_and_sources_along(variant):
    path = variant(
        "work: {zone: null}\nassumptions:\n  work.zone.school: {why: contoh}\n", name="less.yaml"
    )
    scenario = load_scenario(path)
    assert list(scenario.uncertain) == ["effects.integration"]
    assert scenario.assumptions == {}


def test_variants_of_variants(variant):
    variant("policy: {wip_limit: 5}\n", name="first.yaml")
    scenario = load_scenario(variant("worlds: 7\n", name="second.yaml", extends="first.yaml"))
    assert (scenario.worlds, scenario.policy.wip_limit) == (7, 5)


def test_a_circle_of_variants_is_refused(variant):
    variant("", name="a.yaml", extends="b.yaml")
    assert codes(variant("", name="b.yaml", extends="a.yaml")) == ["extends_circle"]


@pytest.mark.parametrize("name", ["/etc/passwd", "../plan.yaml", "sub/../../plan.yaml", ".."])
def test_extends_stays_in_its_folder(variant, name):
    assert codes(variant("", extends=name))[0] in ("extends_outside", "is_a_folder")


def test_extends_does_not_follow_a_link_out_of_the_folder(variant, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "plan.yaml"
    outside.write_text(PLAN.read_text(encoding="utf-8"), encoding="utf-8")
    path = variant("", extends="link.yaml")
    (path.parent / "link.yaml").symlink_to(outside)
    assert codes(path) == ["extends_outside"]


def trees(depth=2):
    leaf = st.builds(Scalar, st.sampled_from(["1", "2", "null"]), st.just(True), st.just(Place("")))
    keys = st.sampled_from("abc")

    def entries(values):
        return st.dictionaries(keys, values, max_size=3).map(
            lambda found: Mapping(
                {key: Entry(key, Place(""), value) for key, value in found.items()}, Place("")
            )
        )

    values = leaf
    for _ in range(depth):
        values = leaf | entries(values)
    return entries(values)


def without_nulls(value):
    if not isinstance(value, dict):
        return value
    return {key: without_nulls(below) for key, below in value.items() if below is not None}


def expected_merge(old, new):
    """The rule once more: null removes, mappings merge, the rest replaces."""
    merged = dict(old)
    for key, value in new.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = expected_merge(merged[key], value)
        else:
            merged[key] = without_nulls(value)
    return merged


@given(trees(), trees())
def test_merging_is_the_rule_on_plain_dictionaries(base, variant_tree):
    merged = plain_values(merge(Merged(base, []), variant_tree).tree)
    old, new = without_nulls(plain_values(base)), plain_values(variant_tree)
    assert without_nulls(merged) == expected_merge(old, new)


@given(trees())
def test_an_empty_variant_changes_nothing(base):
    assert merge(Merged(base, []), Mapping({}, Place(""))).tree.entries == base.entries


@given(trees())
def test_a_base_of_nothing_gives_the_variant(tree):
    assert merge(Merged(Mapping({}, Place("")), []), tree).tree.entries == tree.entries


# places


def test_every_value_and_key_has_its_place(variant):
    path = variant("policy:\n  wip_limit: 4\n")
    loaded = read_scenario(path)
    assert loaded.place("policy.wip_limit") == (str(path), 3, 14)
    assert loaded.place("policy.wip_limit", of_key=True) == (str(path), 3, 3)
    line = next(line for line in TEXT.splitlines() if line.startswith("  province: {2023"))
    place = (TEXT.splitlines().index(line) + 1, line.index("3 miliar", 25) + 1)
    assert loaded.place("accounts.province.2024")[1:] == place
    assert loaded.place("accounts.release.1 Juli")[0].endswith("plan.yaml")
    assert loaded.place("policy.order")[1:] == (2, 1), "the nearest that was written"


def test_the_file_that_wrote_a_value_is_named(variant):
    path = variant("target: {deadline: 2024-12-31}\nhorizon: 2024-06-30\n")
    with pytest.raises(ScenarioError) as wrong:
        read_scenario(path)
    (fault,) = [fault for fault in wrong.value.faults if fault.code == "deadline_after_horizon"]
    assert (fault.file, fault.line) == (str(path), 2)


def test_faults_come_in_the_order_of_the_file(variant):
    path = variant("worldz: 1\nlearning: {rate: 3}\nhorizonn: 2\npolicy: {order: [barat]}\n")
    with pytest.raises(ScenarioError) as wrong:
        read_scenario(path)
    assert [fault.line for fault in wrong.value.faults] == [2, 3, 4, 5]


def test_what_only_follows_from_a_fault_is_not_reported(variant):
    text = "work:\n  zone:\n    site: {duration: lama}\ncities:\n  barat: {districts: banyak}\n"
    assert codes(variant(text)) == ["not_a_time", "not_a_count"]


def test_resolve_names_the_place_of_every_value(variant):
    path = variant("worlds: 9\n")
    leaves = {leaf.path: leaf for leaf in resolve(read_scenario(path))}
    assert leaves["worlds"] == ("worlds", "9", str(path), 2)
    assert leaves["cities.barat.population"].value == "800000"
    assert leaves["cities.barat.population"].file.endswith("plan.yaml")
    assert leaves["work.zone.school.after"].value == "[site]"
    assert all(leaf.line > 0 for leaf in leaves.values())


# --set


def test_set_replaces_one_value(variant):
    overrides = [
        "policy.wip_limit=4",
        "accounts.province.2024=5,5 miliar",
        "cities.timur.zones.planned={2024: 3}",
        "policy.order=[barat, timur]",
        "learning.rate=90%",
    ]
    scenario = load_scenario(variant(""), overrides=overrides)
    assert scenario.policy.wip_limit == 4
    assert scenario.accounts.province[2024] == 5_500_000_000
    assert scenario.cities["timur"].zones.planned == {2023: 1, 2024: 3}
    assert scenario.policy.order == ["barat", "timur"]
    assert scenario.learning.rate == 0.9


def test_set_takes_the_value_out_of_what_is_uncertain(variant):
    path = variant("")
    assert "effects.integration" in load_scenario(path).uncertain
    changed = load_scenario(path, overrides=["effects.integration=0.5"])
    assert list(changed.uncertain) == ["work.zone.*.duration"]
    below = load_scenario(path, overrides=["work.zone.site.duration=10"])
    assert list(below.uncertain) == ["effects.integration"]


def test_set_null_removes(variant):
    assert load_scenario(variant(""), overrides=["upkeep=null"]).upkeep is None


def test_the_last_of_two_sets_counts(variant):
    assert load_scenario(variant(""), overrides=["worlds=3", "worlds=4"]).worlds == 4


def test_a_set_value_has_its_place_on_the_command_line(variant):
    loaded = read_scenario(variant(""), overrides=["worlds=3"])
    assert loaded.place("worlds").file == "--set"


@pytest.mark.parametrize(
    "override", ["", "=", "=3", "worlds", ".=3", "a..b=3", "worlds=[", "worlds=@", "worlds=!!x 3"]
)
def test_a_wrong_override_is_a_fault_of_the_command_line(variant, override):
    with pytest.raises(ScenarioError) as wrong:
        read_scenario(variant(""), overrides=[override])
    assert {fault.file for fault in wrong.value.faults} == {"--set"}


# shipped scenarios


def test_the_checkout_comes_before_the_package(tmp_path, monkeypatch):
    assert shipped_folder() == Path(__file__).parents[2] / "scenarios"
    package = tmp_path / "site-packages" / "kla_sim"
    (package / "scenarios").mkdir(parents=True)
    (package / "scenarios" / "own.yaml").touch()
    (package.parent / "scenarios").mkdir()  # somebody else's, no checkout of ours
    monkeypatch.setattr("kla_sim.scenario.shipped._PACKAGE", package)
    assert shipped_names() == ["own"]


# nothing breaks the reader

TEXT = PLAN.read_text(encoding="utf-8")
PIECES = (
    *"{}[],:|>%0\"'\n\t",
    *("- ", "? ", "<<", "&a", "*a", "!!int", "null", "true", ".nan", "1e999", "-1", "2024"),
    *("2.500", "29 Februari", "02-01", "\u00e9", "x" * 100, "9" * 50),
)
EDITS = st.lists(
    st.tuples(st.integers(0, len(TEXT)), st.integers(0, 12), st.sampled_from(PIECES)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=150, deadline=None)
@given(EDITS)
@example([(0, 0, "- ")])
def test_a_spoiled_file_is_read_or_refused_with_places(tmp_path_factory, edits):
    text = TEXT
    for place, length, piece in edits:
        text = text[:place] + piece + text[place + length :]
    path = tmp_path_factory.getbasetemp() / "spoiled.yaml"
    path.write_text(text, encoding="utf-8")
    faults = []
    try:
        read_scenario(path)
    except ScenarioError as error:
        faults = error.faults or [None]
    n_lines = text.count("\n") + 2
    assert all(fault and 0 < fault.line <= n_lines and fault.column > 0 for fault in faults)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_any_text_parses_or_is_refused(text):
    document = parse_yaml(text, "any.yaml")
    if document.tree is None:
        assert document.faults or not text.strip() or text.lstrip().startswith(("#", "%", "---"))
    else:
        plain_values(document.tree)


# whose fault it is


def told(path, *overrides):
    """Return code, path and line of each fault, and the place that it names second."""
    with pytest.raises(ScenarioError) as wrong:
        read_scenario(path, overrides=overrides)
    return [
        (fault.code, fault.path, fault.file, fault.line, fault.fields.get("what"))
        for fault in wrong.value.faults
    ]


def test_a_variant_that_breaks_what_it_extends_is_told_once_at_its_own_line(variant):
    path = variant("worlds: 3\neffects:\n  integration: 0.3\n")
    ((code, where, file, line, what),) = told(path)
    assert (code, where, file, line) == ("breaks_others", "effects.integration", str(path), 4)
    assert (what.code, what.path) == ("uncertain_off_value", "uncertain.effects.integration")
    assert what.file.endswith("plan.yaml")
    assert what.line > 60


def test_many_faults_of_one_cause_are_told_once_with_their_number(variant):
    path = variant("resources: {facilitators: null}\n")
    with pytest.raises(ScenarioError) as wrong:
        read_scenario(path)
    (fault,) = wrong.value.faults
    assert (fault.code, fault.path, fault.line) == (
        "breaks_others_more",
        "resources.facilitators",
        2,
    )
    assert fault.fields["count"] == 2


def test_two_causes_are_told_at_two_lines(variant):
    path = variant("effects: {integration: 0.3}\nhorizon: 2023-06-01\n")
    assert [entry[:2] for entry in told(path)] == [
        ("breaks_others", "effects.integration"),
        ("breaks_others", "horizon"),
    ]


def test_the_variant_in_the_middle_is_told_where_it_is_the_cause(variant):
    middle = variant("effects: {integration: 0.3}\n", name="middle.yaml")
    path = variant("worlds: 3\n", name="last.yaml", extends="middle.yaml")
    ((code, where, file, line, _),) = told(path)
    assert (code, where, file, line) == ("breaks_others", "effects.integration", str(middle), 2)


def test_a_value_of_the_command_line_is_told_as_the_cause(variant):
    ((code, where, file, _, what),) = told(variant(""), "horizon=2023-06-01")
    assert (code, where, file) == ("breaks_others", "horizon", "--set")
    assert what.path == "target.deadline"


def test_a_file_that_is_wrong_by_itself_keeps_its_fault(variant):
    path = variant("worlds: 3\n")
    base = path.parent / "plan.yaml"
    base.write_text(base.read_text(encoding="utf-8").replace("noise: 10", "noise: x"), "utf-8")
    ((code, where, file, *_),) = told(path)
    assert (code, where, file) == ("not_a_number", "evaluation.noise", str(base))


@pytest.mark.parametrize(
    ("text", "path", "keys"),
    [
        (
            "work: {zone: {school: {duration: {distribution: uniform, low: 1, high: 9 hari}}}}",
            "work.zone.school.duration.distribution",
            "`likely: null`",
        ),
        (
            "work: {zone: {school: {cost: {distribution: normal, mean: 1 juta, sd: 1 juta}}}}",
            "work.zone.school.cost.distribution",
            "`low: null`, `likely: null`, `high: null`",
        ),
        (
            "cities: {barat: {baseline: {score: 600}}}",
            "cities.barat.baseline.score",
            "`category: null`",
        ),
    ],
)
def test_what_a_variant_has_to_remove_is_named(variant, text, path, keys):
    with pytest.raises(ScenarioError) as wrong:
        read_scenario(variant(f"{text}\n"))
    (fault,) = wrong.value.faults
    assert (fault.code, fault.path, fault.fields["keys"]) == ("inherits_keys", path, keys)
    assert "plan.yaml:" in fault.fields["place"]
    assert fault.line == 2


def test_a_posterior_that_is_inherited_is_removed_in_the_variant(variant):
    variant("background: {rate: null, volatility: null, posterior: 2022}\n", name="law.yaml")
    path = variant(
        "background: {rate: {median: 0.1}, volatility: 3}\n", name="own.yaml", extends="law.yaml"
    )
    with pytest.raises(ScenarioError) as wrong:
        read_scenario(path)
    found = [fault for fault in wrong.value.faults if fault.code == "inherits_keys"]
    assert [fault.fields["keys"] for fault in found] == ["`posterior: null`"]


# files that are not there


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("plan", "plan.yaml"),
        ("plam.yaml", "plan.yaml"),
        ("kaltara_2022", "shipped:kaltara_2022"),
        ("kaltara_2022.yaml", "shipped:kaltara_2022"),
        ("Shipped:kaltara_2022", "shipped:kaltara_2022"),
        ("SHIPPED:Kaltara2022", "shipped:kaltara_2022"),
        ("base.yml", "shipped:base"),
    ],
)
def test_a_file_that_is_not_there_is_answered_with_what_was_meant(variant, name, meant):
    with pytest.raises(ScenarioError) as wrong:
        read_scenario(variant("", extends=name))
    (fault,) = wrong.value.faults
    assert (fault.code, fault.fields["nearest"]) == ("extends_missing_near", meant)
    assert (fault.line, fault.column) == (1, 10)


def test_a_suffix_left_out_on_the_command_line_is_answered_with_the_file(variant):
    path = variant("", name="rencana.yaml")
    assert codes(path.with_name("rencana")) == ["no_such_file_beside"]
    assert codes(path.with_name("kaltara_2022")) == ["no_such_file_near"]
    assert codes(path.with_name("lain")) == ["no_such_file"]


def test_a_version_beyond_64_bits_is_one_of_the_unknown_ones(variant):
    assert codes(variant("schema_version: 99999999999999999999\n")) == ["not_one_of"]
    assert codes(variant("schema_version: -99999999999999999999\n")) == ["not_one_of"]
