"""Warnings of valid plans that cannot make sense: each code, its place, its waiver, its honesty."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from kla_sim import language as spoken
from kla_sim.errors import Fault
from kla_sim.scenario.lint import SET_CODES, WAIVABLE, WAIVER_CODES, lint_loaded, set_warnings
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
        {"UPKEEP_NEVER_PAYABLE": "upkeep.per_zone", "NUMBER_OUTSIDE_RANGE": "upkeep.per_zone"},
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
    "city without money": (
        "cities: {bekasi: {name: Bekasi, districts: 12, population: 2,5 juta, zones: {planned: 2},"
        " award: {category: nindya, date: 2022-07-22}, baseline: {score: 700}}}".replace(
            "2,5 juta", '"2,5 juta"'
        ),
        {"ACCOUNT_EMPTY": "cities.bekasi", "SOURCE_OF_OTHERS": "cities.bekasi"},
    ),
    "account that begins late": (
        "accounts: {province: {2022: null}}",
        {"ACCOUNT_BEGINS_LATE": "accounts.province"},
    ),
    "amount of a year that others follow": (
        "accounts: {cities: {jakarta_timur: {2024: 900 juta}}}",
        {"AMOUNT_REACHES_FURTHER": "accounts.cities.jakarta_timur.2024"},
    ),
    "posts of a year that others follow": (
        "resources: {facilitators: {capacity: {2024: 6}}}",
        {"POSTS_REACH_FURTHER": "resources.facilitators.capacity.2024"},
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
    "province under another name": (
        "province: DKI Jakrta",
        {"PROVINCE_WITHOUT_RECORD": "province"},
    ),
    "table that another has replaced": (
        "background:\n  posterior: 2022\n"
        "  sha256: fdf30b4c72d1a6958b98257034296ba5aa591b854dae995ff16044265403d523",
        {"POSTERIOR_REPLACED": "background.sha256"},
    ),
    "province of one city without an award": (
        "cities: {jakarta_barat: {province: Papua Selatan}}",
        {"PROVINCE_WITHOUT_RECORD": "cities.jakarta_barat.province"},
    ),
    "score surer than its stage": (
        "cities: {jakarta_barat: {baseline: {sd: 9.9}}}\n"
        "assumptions: {cities.jakarta_barat.baseline.sd: {why: contoh}}",
        {"SCORE_SD_TOO_SURE": "cities.jakarta_barat.baseline.sd"},
    ),
    "score without any error": (
        "cities: {jakarta_barat: {baseline: {history: null}}}",
        {"SCORE_SD_TOO_SURE": "cities.jakarta_barat.baseline.score"},
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
        {
            "FACTOR_ON_ZERO": "uncertain.upkeep.per_zone",
            "NUMBER_OUTSIDE_RANGE": "upkeep.per_zone",
        },
    ),
    "levers that no plan meets": (
        "levers: {limits: {money: 1 juta}}",
        {"LEVERS_ADMIT_NO_PLAN": "levers.limits.money"},
    ),
    "levers of one plan": (
        "levers: {order: null, priority: null, money: null, posts: null, zones: null, "
        "wip_limit: {low: 3, high: 3}}",
        {"LEVERS_ADMIT_ONE_PLAN": "levers"},
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


def test_the_nearest_province_on_record_is_offered_however_it_is_written(tmp_path: Path) -> None:
    for number, (written, nearest) in enumerate(
        {
            "DKI Jakrta": "DKI Jakarta",
            "Daerah Khusus Ibukota Jakarta": "DKI Jakarta",
            "jawa timur": "Jawa Timur",
        }.items()
    ):
        found = kaltara(tmp_path / f"{number}.yaml", f"province: {written}")
        assert of_code(found, "PROVINCE_WITHOUT_RECORD").fields["nearest"] == nearest


def test_a_province_counts_only_with_an_award_before_the_start(tmp_path: Path) -> None:
    # the one award of Papua on record is of 2023; kaltara_2022 starts before it, kaltara_2026 after
    said = "name: Uji\nprovince: Papua\n"
    found = lint(tmp_path / "a.yaml", f"extends: shipped:kaltara_2022\n{said}")
    assert "PROVINCE_WITHOUT_RECORD" in {fault.code for fault in found}
    found = lint(tmp_path / "b.yaml", f"extends: shipped:kaltara_2026\n{said}")
    assert "PROVINCE_WITHOUT_RECORD" not in {fault.code for fault in found}


def test_a_province_that_no_city_takes_or_no_record_is_read_for_is_not_looked_at(
    tmp_path: Path,
) -> None:
    text = WHOLE.replace("COST", "0").replace("WINDOW", "null").replace("DAYS", "1")
    assert lint(tmp_path / "a.yaml", f"{text}province: Atlantis\n") == []


def test_an_error_as_large_as_the_stage_shows_is_not_too_sure(tmp_path: Path) -> None:
    # the spread of the ministry's scores is uncertain from 10 to 80, so that 10 is allowed
    reason = "assumptions: {cities.*.baseline.sd: {why: contoh}}\n"
    of_barat = "cities: {jakarta_barat: {baseline: {sd: %s}}}"
    for sd, codes in (("10", []), ("9.9", ["SCORE_SD_TOO_SURE"])):
        found = kaltara(tmp_path / f"{sd}.yaml", reason + of_barat % sd)
        assert [fault.code for fault in found] == codes
    # where the spread is not uncertain, it is itself the least
    fixed = "uncertain: {evaluation.stage_error.ministry.spread: null}\n"
    fault = of_code(
        kaltara(tmp_path / "c.yaml", fixed + reason + of_barat % "29"), "SCORE_SD_TOO_SURE"
    )
    assert (fault.fields["sd"], fault.fields["least"]) == (29.0, 30.0)
    assert kaltara(tmp_path / "d.yaml", fixed + reason + of_barat % "30") == []


def test_a_reason_sets_a_warning_aside(tmp_path: Path) -> None:
    text = "extends: shipped:kaltara_2022\nname: Uji\nwork: {zone: {rbra_audit: {needs: null}}}\n"
    path = tmp_path / "variant.yaml"
    assert [fault.code for fault in lint(path, text)] == ["RESOURCE_UNUSED"]
    assert lint(path, text + "waive: {RESOURCE_UNUSED: juri ditanggung kementerian}\n") == []
    found = lint(path, text + "waive: {RESOURCE_UNUSED: ' '}\n")
    assert {fault.code for fault in found} == {"RESOURCE_UNUSED", "WAIVER_WITHOUT_REASON"}


def test_every_code_has_its_sentence_in_both_languages_and_is_tested() -> None:
    for language in ("id", "en"):
        known = {*WAIVABLE, *WAIVER_CODES, *SET_CODES}
        assert set(spoken.messages(language, "lint")) == known
        folder = Path(spoken.__file__).parent / "catalogues" / language / "LC_MESSAGES"
        with (folder / "lint.po").open("rb") as file:
            assert all(message.string for message in read_po(file) if message.id)
    tested = {code for _, codes in VARIANTS.values() for code in codes}
    elsewhere = {"WINDOW_NEVER_OPEN", "WAIVER_WITHOUT_REASON", "SCORE_CONTRADICTS_HISTORY"}
    assert {*WAIVABLE, *WAIVER_CODES} - tested == elsewhere


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
                for work in (fault.path, *fault.fields["also"]):
                    begun = _instances(schedule, work.split(".")[2], fault.fields["accounts"])
                    n_unpayable += 1
                    assert begun == [], (path.name, fault)
            elif fault.code in ("CITY_WORK_TOO_LATE", "PROVINCE_WORK_TOO_LATE"):
                last = (fault.fields["evidence"] - loaded.scenario.start).days
                done = _instances(schedule, fault.path.split(".")[2], fault.fields.get("cities"))
                n_late += 1
                assert all(finish > last for name in done for _, finish in schedule[name])
    assert n_unpayable > 3
    assert n_late > 3


def kaltara(path: Path, text: str, *sets: str) -> list[Fault]:
    """Return the warnings of a variant of kaltara_2022, or of that scenario with values set."""
    path.write_text(f"extends: shipped:kaltara_2022\nname: Uji\n{text}\n", encoding="utf-8")
    return lint_loaded(read_scenario(path, overrides=sets))


def of_code(found: list[Fault], code: str) -> Fault:
    (fault,) = [fault for fault in found if fault.code == code]
    return fault


BILLION = 10**9


def test_an_amount_that_later_years_follow_is_said_with_its_sums(tmp_path: Path) -> None:
    # province 0.4 + 4.2 + 5.2 + 6 + 5.5 = 21.3; the cities hold 0.33 in 2022 and 6.3 in each of
    # 2023 to 2026; Selatan has 0.06 + 4 x 1.6, and with 6.6 from 2024 on 0.06 + 1.6 + 3 x 6.6
    text = 'accounts: {cities: {jakarta_selatan: {2024: "6,6 miliar"}}}'
    fault = of_code(kaltara(tmp_path / "a.yaml", text), "AMOUNT_REACHES_FURTHER")
    assert fault.path == "accounts.cities.jakarta_selatan.2024"
    fields = fault.fields
    assert (fields["year"], fields["reached"], fields["span"]) == ("2024", "2025-2026", "2022-2026")
    assert (fields["before"], fields["total"]) == (6.46 * BILLION, 21.46 * BILLION)
    assert (fields["all_before"], fields["all"]) == (46.83 * BILLION, 61.83 * BILLION)


def test_the_same_amount_for_one_year_alone_reaches_no_further(tmp_path: Path) -> None:
    text = 'accounts: {cities: {jakarta_selatan: {2024: "2,4 miliar", 2025: "1,6 miliar"}}}'
    assert kaltara(tmp_path / "a.yaml", text) == []
    text = 'accounts: {cities: {jakarta_selatan: {2026: "2,4 miliar"}}}'
    assert kaltara(tmp_path / "b.yaml", text) == []


def test_an_amount_set_on_the_command_line_reaches_as_far(tmp_path: Path) -> None:
    found = kaltara(tmp_path / "a.yaml", "worlds: 9", "accounts.cities.jakarta_timur.2023=1 miliar")
    fault = of_code(found, "AMOUNT_REACHES_FURTHER")
    assert (fault.file, fault.fields["reached"]) == ("--set", "2024-2026")
    assert (fault.fields["before"], fault.fields["total"]) == (2_860_000_000, 4_060_000_000)


def test_accounts_that_reach_alike_are_said_together(tmp_path: Path) -> None:
    loaded = read_scenario(shipped_scenario("half_the_money"))
    text = shipped_scenario("half_the_money").read_text(encoding="utf-8").partition("waive:")[0]
    fault = of_code(lint(tmp_path / "half.yaml", text), "AMOUNT_REACHES_FURTHER")
    assert fault.path == "accounts.cities.jakarta_pusat.2023"
    assert len(fault.fields["also"]) == len(loaded.scenario.cities) - 1
    assert (fault.fields["before"], fault.fields["total"]) == (25.53 * BILLION, 12.93 * BILLION)
    with spoken.speaking("en"):
        assert "The same holds for accounts.cities.jakarta_utara.2023" in spoken.describe_fault(
            fault
        )


def test_posts_by_year_that_later_years_follow_are_said(tmp_path: Path) -> None:
    text = "resources: {facilitators: {per_city: {jakarta_timur: {2024: 3}}}}"
    fault = of_code(kaltara(tmp_path / "a.yaml", text), "POSTS_REACH_FURTHER")
    assert (fault.fields["reached"], fault.fields["before"]) == ("2025-2026", "2")
    closed = "resources: {facilitators: {per_city: {jakarta_timur: {2024: 3, 2025: 2}}}}"
    assert kaltara(tmp_path / "b.yaml", closed) == []


RANGES = {
    "number": ("resources: {facilitators: {capacity: 30}}", "resources.facilitators.capacity"),
    "step": (
        "resources: {facilitators: {capacity: [{from: 2022-01-01, posts: 3}, "
        "{from: 2024-03-01, posts: 30}]}}",
        "resources.facilitators.capacity",
    ),
    "city": (
        "resources: {specialists: {per_city: {jakarta_barat: 7}}}",
        "resources.specialists.per_city.jakarta_barat",
    ),
    "year of a city": (
        "accounts: {cities: {jakarta_selatan: {2026: 9 miliar}}}",
        "accounts.cities.jakarta_selatan.2026",
    ),
    "year of the province": (
        "accounts: {province: {2024: 60 miliar}}",
        "accounts.province.2024",
    ),
    "year of zones": (
        "cities: {jakarta_barat: {districts: 30, zones: {planned: {2024: 13}}}}\n"
        "sources: {cities.jakarta_barat.districts: {source: uji}}",
        "cities.jakarta_barat.zones.planned.2024",
    ),
    "end of a distribution": (
        "evaluation: {stage_fall: {ministry: {high: 30}}}",
        "evaluation.stage_fall.ministry.high",
    ),
    "default that nobody wrote": (
        "worlds: 100\n"
        "assumptions: {cities.jakarta_barat.baseline.sd: {why: contoh, range: [5, 20]}}",
        "cities.jakarta_barat.baseline.sd",
    ),
}


@pytest.mark.parametrize("where", RANGES)
def test_a_range_covers_every_number_of_its_kind_below_its_path(tmp_path: Path, where: str) -> None:
    text, path = RANGES[where]
    found = kaltara(tmp_path / "a.yaml", text)
    assert [(fault.code, fault.path) for fault in found] == [("NUMBER_OUTSIDE_RANGE", path)]
    assert str(found[0].fields["value"]) not in ("", "[...]", "{...}")


def test_numbers_of_another_kind_and_those_of_a_closer_range_are_left_alone(tmp_path: Path) -> None:
    # turnover and days of replacing stand below `resources.facilitators: range [1, 8]` too
    text = "resources: {facilitators: {turnover: 0.3, replacement: {high: 300}}}"
    assert kaltara(tmp_path / "a.yaml", text) == []
    text = (
        "resources: {facilitators: {capacity: 12}}\n"
        "assumptions: {resources.facilitators.capacity: {why: uji, range: [9, 12]}}"
    )
    assert kaltara(tmp_path / "b.yaml", text) == []
    found = kaltara(tmp_path / "c.yaml", text.replace("12}}", "13}}"))
    assert of_code(found, "NUMBER_OUTSIDE_RANGE").fields["high"] == 12


def test_a_range_with_a_unit_speaks_of_numbers_of_that_unit(tmp_path: Path) -> None:
    assumption = "assumptions: {work.zone.site: {why: uji, range: [1 juta, 20 juta]}}"
    assert kaltara(tmp_path / "a.yaml", assumption + "\nworlds: 9") == []
    text = f"{assumption}\nwork: {{zone: {{site: {{cost: {{high: 21 juta}}}}}}}}"
    assert of_code(kaltara(tmp_path / "b.yaml", text), "NUMBER_OUTSIDE_RANGE").path == (
        "work.zone.site.cost.high"
    )


def test_a_year_that_an_account_grows_into_is_covered_too(tmp_path: Path) -> None:
    # 1.6 in 2023, 2.4 in 2024, 3.6 in 2025: above 2.5
    text = "accounts: {grows: 50%}\nassumptions: {accounts.grows: {why: uji}}"
    found = kaltara(tmp_path / "a.yaml", text)
    (fault,) = [fault for fault in found if fault.path.startswith("accounts.cities")]
    assert fault.path == "accounts.cities.jakarta_pusat.2025"
    assert fault.fields["value"] == 2.7 * BILLION
    assert "accounts.cities.jakarta_selatan.2025" in fault.fields["also"]


def test_a_city_more_is_told_what_it_lacks_once_per_cause(tmp_path: Path) -> None:
    said, _ = VARIANTS["city without money"]
    found = {fault.code: fault for fault in kaltara(tmp_path / "a.yaml", said)}
    assert set(found) == {"ACCOUNT_EMPTY", "SOURCE_OF_OTHERS"}
    # 3 kinds of city work and 13 of zone work name the city as a payer, and so does upkeep
    assert found["ACCOUNT_EMPTY"].fields["count"] == 17
    assert found["SOURCE_OF_OTHERS"].fields["numbers"].count("bekasi") == 3
    for language in ("id", "en"):
        with spoken.speaking(language):
            assert "accounts.cities.bekasi" in spoken.describe_fault(found["ACCOUNT_EMPTY"])


def test_numbers_replaced_under_one_source_are_told_together(tmp_path: Path) -> None:
    text = "cities: {jakarta_barat: {districts: 9}, jakarta_pusat: {districts: 9},"
    text += " jakarta_timur: {districts: 10}}"
    (fault,) = kaltara(tmp_path / "a.yaml", text)
    # Timur had ten already
    assert (fault.code, fault.path, fault.fields["also"]) == (
        "SOURCE_OF_ANOTHER_NUMBER",
        "cities.jakarta_pusat.districts",
        ["cities.jakarta_barat.districts"],
    )


def test_work_short_of_one_account_is_told_together(tmp_path: Path) -> None:
    text = "accounts: {cities: {kepulauan_seribu: {2022: 1 juta, 2023: 2 juta, 2024: 2 juta,"
    text += " 2025: 2 juta, 2026: 2 juta}}}\nwaive: {NUMBER_OUTSIDE_RANGE: uji}"
    found = [fault for fault in kaltara(tmp_path / "a.yaml", text) if "PAYABLE" in fault.code]
    work = [fault for fault in found if fault.code == "WORK_NEVER_PAYABLE"]
    assert [len(fault.fields["also"]) > 5 for fault in work] == [True]
    assert {fault.fields["accounts"] for fault in found} == {"accounts.cities.kepulauan_seribu"}


SETS = {
    "accounts.province.2024=5 miliar": (
        "UNCERTAINTY_OF_OTHERS_REMOVED",
        "accounts.province.*",
        ["accounts.province.2022", "accounts.province.2023", "accounts.province.2025",
         "accounts.province.2026"],
    ),
    "effects.integration=0.1": ("UNCERTAINTY_REMOVED", "effects.integration", []),
}  # fmt: skip


@pytest.mark.parametrize("given", SETS)
def test_what_becomes_certain_by_setting_a_value_is_said(given: str) -> None:
    loaded = read_scenario(shipped_scenario("kaltara_2022"), overrides=[given])
    code, pattern, others = SETS[given]
    (fault,) = set_warnings(loaded)
    assert (fault.code, fault.file, fault.path) == (code, "--set", given.partition("=")[0])
    assert fault.fields["pattern"] == pattern
    assert fault.fields["others"] == ", ".join(others)
    assert pattern not in loaded.scenario.uncertain
    assert fault in lint_loaded(loaded)


def test_a_value_that_was_certain_or_comes_from_a_variant_says_nothing(tmp_path: Path) -> None:
    name = shipped_scenario("kaltara_2022")
    assert set_warnings(read_scenario(name, overrides=["policy.wip_limit=4"])) == []
    text = "accounts: {province: {2024: 5 miliar}}"
    assert kaltara(tmp_path / "a.yaml", text) == []


def lint_seen(path: Path, date: str, more: str = "", **changes: Any) -> dict[str, Fault]:
    text = WHOLE.replace("COST", changes.get("cost", "0")).replace("WINDOW", "null")
    text = text.replace("DAYS", str(changes.get("days", 1)))
    found = lint(path, f"{text}\nobserved: {{date: {date}{more}}}\n")
    return {fault.code: fault for fault in found}


def test_time_runs_out_from_the_status_date_on(tmp_path: Path) -> None:
    # site takes 60 days, launch 2: from 29 February 2024 they end on 1 May, the evidence day
    assert lint_seen(tmp_path / "a.yaml", "2024-02-29") == {}
    late = lint_seen(tmp_path / "b.yaml", "2024-03-01")
    assert set(late) == {"STAGE_TOO_LATE"}
    assert late["STAGE_TOO_LATE"].fields["finish"] == dt.date(2024, 5, 2)


def test_work_known_to_go_on_or_to_be_finished_is_not_begun_anew(tmp_path: Path) -> None:
    site = "work: {barat/zone-1/site: {started: 2024-02-01"
    # 60 days from 1 February end on 1 April, the launch two days later
    assert lint_seen(tmp_path / "a.yaml", "2024-03-20", f", {site}}}}}") == {}
    # what should have ended already ends the day after the status date: 29, 30 April and 1 May
    assert lint_seen(tmp_path / "b.yaml", "2024-04-28", f", {site}}}}}") == {}
    late = lint_seen(tmp_path / "c.yaml", "2024-04-29", f", {site}}}}}")
    assert late["STAGE_TOO_LATE"].fields["finish"] == dt.date(2024, 5, 2)
    done = f", {site}, finished: 2024-04-20}}}}"
    assert lint_seen(tmp_path / "d.yaml", "2024-04-29", done) == {}
    launched = ", launched: {barat: {1: 2024-02-01}}"
    assert lint_seen(tmp_path / "e.yaml", "2024-04-30", launched, days=999) == {}


def test_evidence_that_has_closed_before_the_status_date_counts_no_more(tmp_path: Path) -> None:
    assert set(lint_seen(tmp_path / "a.yaml", "2024-06-01")) == {"NO_AWARD_COUNTS"}


def test_money_runs_from_what_is_left_on_the_status_date(tmp_path: Path) -> None:
    # 60 of the 100 million of 2024 are released by 1 February and 20 of them are spent: 40 are left
    # until the horizon; the cost is multiplied by 1.5; the year before has lapsed or is spent
    spent = ", spent: {cities: {barat: 20 juta}}"
    path = tmp_path / "a.yaml"
    horizon = "2024-02-10"
    assert "WORK_NEVER_PAYABLE" not in lint_seen(path, horizon, spent, cost="26666666")
    short = lint_seen(path, horizon, spent, cost="26666668")
    assert short["WORK_NEVER_PAYABLE"].fields["most"] == 40_000_000
    # what is paid already needs no money any more
    begun = f"{spent}, work: {{barat/zone-1/site: {{started: 2024-02-05}}}}"
    assert "WORK_NEVER_PAYABLE" not in lint_seen(path, horizon, begun, cost="90 juta")


def test_the_target_held_is_that_of_the_status_date(tmp_path: Path) -> None:
    text = WHOLE.replace("category: utama, deadline", "category: nindya, deadline")
    text = text.replace("COST", "0").replace("WINDOW", "null").replace("DAYS", "1")
    text = text.replace("cycles: {2024", "cycles: {2023: {evidence_closes: 2023-05-01,"
                        " award: 2023-06-01}, 2024")  # fmt: skip
    seen = "\nobserved: {date: 2023-07-01, awards: {2023: {barat: nindya}}}\n"
    found = {fault.code: fault for fault in lint(tmp_path / "a.yaml", text + seen)}
    assert found["TARGET_HELD_AT_START"].fields["day"] == dt.date(2023, 7, 1)
    assert "TARGET_HELD_AT_START" not in {fault.code for fault in lint(tmp_path / "b.yaml", text)}


def _instances(schedule: dict[str, list[list[int]]], kind: str, where: str | None) -> list[str]:
    """Return the activities of a kind, in the cities named (by account or name) or anywhere."""
    named = [name for name in schedule if name.rpartition("/")[2] == kind]
    if where is None or "accounts.province" in where:
        return named
    return [name for name in named if name.partition("/")[0].lower() in where.lower()]
