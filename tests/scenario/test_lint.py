"""Warnings of valid plans that cannot make sense: each code, its place, its waiver, its honesty."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from kla_sim import language as spoken
from kla_sim.errors import Fault
from kla_sim.scenario.lint import WAIVABLE, WAIVER_CODES, lint_loaded
from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.shipped import shipped_names, shipped_scenario

CONFORMANCE = sorted((Path(__file__).parents[1] / "data" / "conformance").glob("*.yaml"))

# what a variant of kaltara_2022 says -> the codes and paths of its warnings
VARIANTS: dict[str, tuple[str, dict[str, str]]] = {
    "costs above every account": (
        "work: {zone: {playground: {cost: 90 miliar}}}",
        {"WORK_NEVER_PAYABLE": "work.zone.playground.cost"},
    ),
    "upkeep above every account": (
        "upkeep: {per_zone: 90 miliar}",
        {"UPKEEP_NEVER_PAYABLE": "upkeep.per_zone"},
    ),
    "long province work": (
        "work: {province: {perda: {duration: 10 tahun}}}",
        {"PROVINCE_WORK_TOO_LATE": "work.province.perda"},
    ),
    "long city work": (
        "work: {city: {action_plan: {duration: 10 tahun}}}",
        {"CITY_WORK_TOO_LATE": "work.city.action_plan"},
    ),
    "stages without their waiver": (
        "waive: {STAGE_TOO_LATE: null}\nworlds: 100",
        {"STAGE_TOO_LATE": "cities.jakarta_pusat.zones.planned.2026"},
    ),
    "stage after the horizon": (
        "cities: {jakarta_barat: {zones: {planned: {2026: 0, 2027: 1}}}}",
        {"STAGE_AFTER_HORIZON": "cities.jakarta_barat.zones.planned.2027"},
    ),
    "deadline before the first award": (
        "target: {deadline: 2023-01-31}",
        {"NO_AWARD_COUNTS": "target.deadline"},
    ),
    "work without a reason": (
        "work: {zone: {clinic: {duration: 3 minggu, after: [decree], opens: health_welfare,"
        " needs: {facilitators: 1}, rank: 1, window: {from: 1 Mei, to: 1 Juni}}}}",
        {"NUMBER_WITHOUT_REASON": "work.zone.clinic"},
    ),
    "number beyond its assumption": (
        "policy: {wip_limit: 7}",
        {"NUMBER_OUTSIDE_RANGE": "policy.wip_limit"},
    ),
    "number beside its source": (
        "cities: {jakarta_barat: {districts: 9}}",
        {"SOURCE_OF_ANOTHER_NUMBER": "cities.jakarta_barat.districts"},
    ),
    "only another name": ("", {"NOTHING_CHANGED": ""}),
    "the values there already are": ("policy: {wip_limit: 3}", {"NOTHING_CHANGED": ""}),
    "nothing launches": (
        "work: {zone: {launch: {launches: false}}}",
        {
            "ZONES_NEVER_LAUNCHED": "work.zone",
            "INTEGRATION_NEVER_REACHED": "effects.integration",
            "WORK_WITHOUT_EFFECT": "work.zone.launch",
        },
    ),
    "nothing opens a service": (
        "work: {zone: {complaint_post: {opens: null}}}",
        {"SERVICE_NEVER_OPENED": "effects.services.special_protection"},
    ),
    "nothing integrates": (
        "work: {zone: {integration: {integrates: false}}}",
        {"INTEGRATION_NEVER_REACHED": "effects.integration"},
    ),
    "service without effect": (
        "effects: {services: {civil_rights: 0}}",
        {"SERVICE_WITHOUT_EFFECT": "work.zone.children_forum.opens"},
    ),
    "work without effect": (
        "work: {city: {action_plan: {closes_gap: null}}}",
        {"WORK_WITHOUT_EFFECT": "work.city.action_plan"},
    ),
    "nobody needs the jury": (
        "work: {zone: {rbra_audit: {needs: null}}}",
        {"RESOURCE_UNUSED": "resources.rbra_jury"},
    ),
    "more zones than districts": (
        "cities: {jakarta_barat: {zones: {planned: {2025: 8}}}}",
        {"ZONES_ABOVE_DISTRICTS": "cities.jakarta_barat.zones"},
    ),
    "target below every award": (
        "target: {category: madya}\ncities: {jakarta_selatan: {award: {category: madya}}}",
        {"TARGET_HELD_AT_START": "target.category"},
    ),
    "limit above every city": (
        "policy: {wip_limit: 10}",
        {
            "WIP_LIMIT_WITHOUT_EFFECT": "policy.wip_limit",
            "NUMBER_OUTSIDE_RANGE": "policy.wip_limit",
        },
    ),
    "range without width": (
        "uncertain: {learning.rate: {low: 0.9, likely: 0.9, high: 0.9}}",
        {"RANGE_OF_ZERO_WIDTH": "uncertain.learning.rate"},
    ),
    "factor on zero": (
        "upkeep: {per_zone: 0}",
        {"FACTOR_ON_ZERO": "uncertain.upkeep.per_zone"},
    ),
    "waiver of an unknown code": (
        "worlds: 100\nwaive: {STAGE_LATE: alasan}",
        {"UNKNOWN_WAIVER": "waive.STAGE_LATE"},
    ),
    "waiver of nothing": (
        "worlds: 100\nwaive: {RESOURCE_UNUSED: alasan}",
        {"WAIVER_NOT_NEEDED": "waive.RESOURCE_UNUSED"},
    ),
}

WHOLE = """
schema_version: 1
name: Kecil
start: 2023-01-01
horizon: 2024-06-30
target: {category: utama, deadline: 2024-06-30}
cities:
  barat:
    name: Barat
    districts: 4
    population: 1000
    zones: {planned: 1}
    award: {category: madya, date: 2022-07-22}
    baseline: {score: 650}
    multipliers: {duration: 2, cost: 1.5}
accounts:
  province: {2023: 100 juta, 2024: 100 juta}
  cities: {barat: {2023: 100 juta, 2024: 100 juta}}
  release: {1 Februari: 60%, 1 Oktober: 40%}
  lapse: 50%
work:
  zone:
    site: {duration: 30, cost: COST, paid_by: {city: 100%}, window: WINDOW}
    launch: {duration: DAYS, after: [site], launches: true, opens: family_care, integrates: true}
effects: {services: {family_care: 0.1}, integration: 0.1}
background: {rate: {median: 0}, volatility: 0}
evaluation:
  cycles: {2024: {evidence_closes: 2024-05-01, award: 2024-06-01}}
assumptions: {cities: {why: contoh}, accounts: {why: contoh}, work: {why: contoh},
  effects: {why: contoh}, background: {why: contoh}}
"""


def lint(path: Path, text: str) -> list[Fault]:
    path.write_text(text, encoding="utf-8")
    return lint_loaded(read_scenario(path))


def lint_whole(path: Path, *, cost: str = "0", window: str = "null", days: int = 1) -> set[str]:
    text = WHOLE.replace("COST", cost).replace("WINDOW", window).replace("DAYS", str(days))
    return {fault.code for fault in lint(path, text)}


@pytest.mark.parametrize("name", [name for name in shipped_names() if name != "base"])
def test_shipped_scenario_ends_clean_or_waived_with_a_reason(name: str) -> None:
    loaded = read_scenario(shipped_scenario(name))
    assert lint_loaded(loaded) == []
    assert all(len(reason) > 40 for reason in loaded.scenario.waive.values())


@pytest.mark.parametrize("name", VARIANTS)
def test_variant_that_cannot_make_sense_is_warned_of(tmp_path: Path, name: str) -> None:
    said, expected = VARIANTS[name]
    path = tmp_path / "variant.yaml"
    found = lint(path, f"extends: shipped:kaltara_2022\nname: Uji\n{said}\n")
    assert {fault.code: fault.path for fault in found} == expected
    for fault in found:
        assert fault.line > 0
        for language in ("id", "en"):
            with spoken.speaking(language):
                assert fault.path in spoken.describe_fault(fault)


def test_a_reason_sets_a_warning_aside(tmp_path: Path) -> None:
    text = "extends: shipped:kaltara_2022\nname: Uji\nwork: {zone: {rbra_audit: {needs: null}}}\n"
    path = tmp_path / "variant.yaml"
    assert [fault.code for fault in lint(path, text)] == ["RESOURCE_UNUSED"]
    assert lint(path, text + "waive: {RESOURCE_UNUSED: juri ditanggung kementerian}\n") == []
    found = lint(path, text + "waive: {RESOURCE_UNUSED: ' '}\n")
    assert {fault.code for fault in found} == {"RESOURCE_UNUSED", "WAIVER_WITHOUT_REASON"}


def test_every_code_has_its_sentence_in_both_languages_and_is_tested() -> None:
    for language in ("id", "en"):
        assert set(spoken.messages(language, "lint")) == {*WAIVABLE, *WAIVER_CODES}
        folder = Path(spoken.__file__).parent / "catalogues" / language / "LC_MESSAGES"
        with (folder / "lint.po").open("rb") as file:
            assert all(message.string for message in read_po(file) if message.id)
    tested = {code for _, codes in VARIANTS.values() for code in codes}
    assert {*WAIVABLE, *WAIVER_CODES} - tested == {"WINDOW_NEVER_OPEN", "WAIVER_WITHOUT_REASON"}


def test_numbers_are_counted_together_where_none_of_them_has_a_reason(tmp_path: Path) -> None:
    text = WHOLE.replace("COST", "7").replace("WINDOW", "null").replace("DAYS", "1")
    text = text.replace("work: {why: contoh}", "work.zone.site.cost: {why: contoh}")
    found = {fault.path: fault.fields["count"] for fault in lint(tmp_path / "a.yaml", text)}
    assert found == {"work.zone.site.duration": 1, "work.zone.site.paid_by.city": 1,
                     "work.zone.launch.duration": 1}  # fmt: skip
    text = text.replace(" work.zone.site.cost: {why: contoh},", "")
    found = {fault.path: fault.fields["count"] for fault in lint(tmp_path / "b.yaml", text)}
    assert found == {"work.zone": 4}


def test_a_star_covers_any_one_key(tmp_path: Path) -> None:
    text = WHOLE.replace("COST", "7").replace("WINDOW", "null").replace("DAYS", "1")
    text = text.replace("work: {why: contoh}", "work.*.site: {why: contoh}")
    found = [fault.path for fault in lint(tmp_path / "a.yaml", text)]
    assert found == ["work.zone.launch.duration"]


def test_work_is_payable_to_the_last_rupiah_and_not_beyond(tmp_path: Path) -> None:
    # 100 million in 2023, half of it lapses; with 60 million on 1 February 2024 there are 110, and
    # the cost is multiplied by 1.5
    path = tmp_path / "whole.yaml"
    assert lint_whole(path, cost="73333333") == set()
    assert lint_whole(path, cost="73333334") == {"WORK_NEVER_PAYABLE"}


def test_money_that_comes_after_the_window_does_not_count(tmp_path: Path) -> None:
    # up to March 2023 there are 60 million, on 1 to 31 January 2024 half of 100 million
    path, window = tmp_path / "whole.yaml", "{from: 1 Januari, to: 31 Januari}"
    assert lint_whole(path, cost="33333333", window=window) == set()
    assert lint_whole(path, cost="33333334", window=window) == {"WORK_NEVER_PAYABLE"}


def test_window_that_never_opens_before_the_horizon_is_found(tmp_path: Path) -> None:
    text = WHOLE.replace("horizon: 2024-06-30", "horizon: 2023-06-30")
    text = text.replace("deadline: 2024-06-30", "deadline: 2023-06-30")
    text = text.replace("2024: {evidence_closes: 2024-05-01, award: 2024-06-01}",
                        "2023: {evidence_closes: 2023-05-01, award: 2023-06-01}")  # fmt: skip
    text = text.replace("COST", "0").replace("DAYS", "1")
    closed = lint(tmp_path / "a.yaml", text.replace("WINDOW", "{from: 1 Juli, to: 1 Agustus}"))
    assert "WINDOW_NEVER_OPEN" in {fault.code for fault in closed}
    last_day = lint(tmp_path / "b.yaml", text.replace("WINDOW", "{from: 30 Juni, to: 1 Juli}"))
    assert "WINDOW_NEVER_OPEN" not in {fault.code for fault in last_day}


def test_work_that_ends_on_the_evidence_day_still_counts(tmp_path: Path) -> None:
    # site takes 2 x 30 days from 1 January 2023, then launch 2 x DAYS up to 1 May 2024
    n_days = (dt.date(2024, 5, 1) - dt.date(2023, 1, 1)).days - 60
    path = tmp_path / "whole.yaml"
    assert n_days % 2 == 0
    assert lint_whole(path, days=n_days // 2) == set()
    assert lint_whole(path, days=n_days // 2 + 1) == {"STAGE_TOO_LATE"}


def test_nothing_called_impossible_happens_in_the_conformance_cases() -> None:
    """The exact results of those plans are known: what they hold is possible."""
    n_unpayable = n_late = 0
    for path in CONFORMANCE:
        loaded = read_scenario(path)
        schedule = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["activities"]
        for fault in lint_loaded(loaded):
            if fault.code == "WORK_NEVER_PAYABLE":
                begun = _instances(schedule, fault.path.split(".")[2], fault.fields["accounts"])
                n_unpayable += 1
                assert begun == [], (path.name, fault)
            elif fault.code in ("CITY_WORK_TOO_LATE", "PROVINCE_WORK_TOO_LATE"):
                last = (fault.fields["evidence"] - loaded.scenario.start).days
                done = _instances(schedule, fault.path.split(".")[2], fault.fields.get("cities"))
                n_late += 1
                assert all(finish > last for name in done for _, finish in schedule[name])
    assert n_unpayable > 3
    assert n_late > 3


def _instances(schedule: dict[str, list[list[int]]], kind: str, where: str | None) -> list[str]:
    """Return the activities of a kind, in the cities named (by account or name) or anywhere."""
    named = [name for name in schedule if name.rpartition("/")[2] == kind]
    if where is None or "accounts.province" in where:
        return named
    return [name for name in named if name.partition("/")[0].lower() in where.lower()]
