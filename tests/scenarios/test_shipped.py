"""The shipped scenarios: they load, say what they are, and hold no number without a reason."""

from __future__ import annotations

import csv
import datetime as dt
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from kla_sim.engine import reference
from kla_sim.engine.plan import Plan, compile_plan
from kla_sim.engine.replications import Replications
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.model import Scenario

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "scenarios"
DATA = ROOT / "kla_sim" / "data"
MAIN = "kaltara_2022"
LATER = "kaltara_2026"
VARIANTS = ["half_the_money", "no_kaltara", "two_more_facilitators", "weakest_first"]
ANNOUNCED = dt.date(2022, 11, 14)
REGION_OF_CODE = {
    "JP": "jakarta_pusat",
    "JU": "jakarta_utara",
    "JB": "jakarta_barat",
    "JS": "jakarta_selatan",
    "JT": "jakarta_timur",
    "KS": "kepulauan_seribu",
}
_NOT_NUMBERS_OF_THE_WORLD = (
    "schema_version", "worlds", "levers", "uncertain", "sources", "assumptions"
)  # fmt: skip


def load(name: str) -> Scenario:
    return load_scenario(FOLDER / f"{name}.yaml")


def rows_of(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def header_of(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    n_comments = next(i for i, line in enumerate(lines) if not line.startswith("#"))
    return lines[:n_comments]


def written_numbers(node: Any, path: str = "") -> dict[str, float]:
    """Return every number that a file wrote, by its dotted path."""
    if isinstance(node, dict):
        found: dict[str, float] = {}
        for key, value in node.items():
            found |= written_numbers(value, f"{path}.{key}" if path else str(key))
        return found
    is_number = isinstance(node, int | float) and not isinstance(node, bool)
    return {path: node} if is_number else {}


def numbers_of(scenario: Scenario) -> dict[str, float]:
    written = scenario.model_dump(by_alias=True, exclude_unset=True)
    return written_numbers(
        {key: part for key, part in written.items() if key not in _NOT_NUMBERS_OF_THE_WORLD}
    )


def is_covered(path: str, patterns: list[str]) -> bool:
    keys = path.split(".")
    return any(
        len(parts) <= len(keys) and all(map(fnmatchcase, keys, parts))
        for parts in (pattern.split(".") for pattern in patterns)
    )


@pytest.fixture(scope="module")
def futures() -> tuple[Plan, Replications]:
    plan = compile_plan(load(MAIN).model_copy(update={"worlds": 50}), seed=1)
    return plan, reference.simulate(plan, 0, 100)


def test_every_shipped_file_is_known() -> None:
    known = ["base", MAIN, LATER, *VARIANTS]
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == sorted(known)


@pytest.mark.parametrize("name", [MAIN, LATER, *VARIANTS])
def test_shipped_scenario_loads_and_compiles(name: str) -> None:
    plan = compile_plan(load(name), seed=1, central=True)
    assert plan.labels.cities == list(load(MAIN).cities)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_header_speaks_both_languages_and_says_how_to_run_and_what_to_change(path: Path) -> None:
    header = "\n".join(header_of(path))
    for words in ("Jalankan:", "Run:", "Yang pertama layak diubah:", "Change first:"):
        assert words in header
    assert "python -m kla_sim" in header


@pytest.mark.parametrize("name", [MAIN, LATER])
def test_levers_say_why_they_were_chosen_in_both_languages(name: str) -> None:
    levers = load(name).levers
    assert levers is not None
    assert "as much money and as many posts as planned" in str(levers.why)
    assert "Uang dan orang sebanyak rencana" in str(levers.why)


@pytest.mark.parametrize("name", [MAIN, LATER, *VARIANTS])
def test_every_number_has_a_source_or_a_reason(name: str) -> None:
    scenario = load(name)
    patterns = [*scenario.sources, *scenario.assumptions]
    assert [path for path in numbers_of(scenario) if not is_covered(path, patterns)] == []


def test_every_range_holds_the_number_it_is_about() -> None:
    scenario = load(MAIN)
    numbers = numbers_of(scenario)
    for pattern, assumption in scenario.assumptions.items():
        if assumption.range is None:
            continue
        low, high = assumption.range
        own = [value for path, value in numbers.items() if _is_plain(path, pattern)]
        assert all(low <= value <= high for value in own), pattern


def _is_plain(path: str, pattern: str) -> bool:
    """Whether a pattern names this very number, not a part it belongs to."""
    return len(path.split(".")) == len(pattern.split(".")) and is_covered(path, [pattern])


def test_kaltara_2022_knows_nothing_that_came_later() -> None:
    scenario = load(MAIN)
    assert scenario.start == ANNOUNCED
    assert all(city.award.date <= ANNOUNCED for city in scenario.cities.values())
    assert scenario.attainment_claim is not None
    assert scenario.attainment_claim.date <= ANNOUNCED
    for key, source in scenario.sources.items():
        assert source.date is not None, key
        assert source.date <= ANNOUNCED, key
    told = [source.source for source in scenario.sources.values()]
    told += [
        assumption.why
        for pattern, assumption in scenario.assumptions.items()
        if pattern != "cities.*.zones.planned"  # the stages themselves are plans
    ]
    assert [text for text in told if re.search(r"\b20(2[3-9]|3\d)\b", text)] == []


def test_kaltara_2022_expects_every_cycle_in_the_same_month_of_every_year() -> None:
    cycles = load(MAIN).evaluation.cycles
    assert list(cycles) == [2023, 2024, 2025, 2026]
    assert {(c.evidence_closes.month, c.evidence_closes.day) for c in cycles.values()} == {(6, 15)}
    assert {(cycle.award.month, cycle.award.day) for cycle in cycles.values()} == {(7, 23)}
    assert all(cycle.cancelled is None and cycle.slip is None for cycle in cycles.values())


def test_kaltara_2022_runs_from_the_announcement_to_the_end_of_2026() -> None:
    scenario = load(MAIN)
    assert scenario.horizon == scenario.target.deadline == dt.date(2026, 12, 31)
    assert scenario.target.category == "utama"
    assert scenario.worlds == 200


def test_baselines_are_the_administrative_scores_of_2022() -> None:
    baselines = {name: city.baseline for name, city in load(MAIN).cities.items()}
    for row in rows_of("kla_admin_scores_dki_2022"):
        baseline = baselines.pop(REGION_OF_CODE[row["region_code"]])
        assert baseline.score == float(row["score"])
        assert baseline.stage == "ministry"
    assert not baselines


def test_standing_awards_are_those_on_record_and_the_missing_one_is_unknown() -> None:
    known = {
        REGION_OF_CODE[row["region_code"]]: row["category"]
        for row in rows_of("kla_awards_dki")
        if row["evaluation_year"] == "2022"
    }
    for name, city in load(MAIN).cities.items():
        assert city.award.category == known.get(name, "unknown")
    assert "jakarta_selatan" not in known


def test_histories_are_the_awards_on_record_before_the_start_and_none_that_came_after() -> None:
    scenario = load(MAIN)
    on_record: dict[str, dict[int, str]] = {name: {} for name in scenario.cities}
    for row in rows_of("kla_awards_dki"):
        year = int(row["evaluation_year"])
        if year <= scenario.start.year:
            on_record[REGION_OF_CODE[row["region_code"]]][year] = row["category"]
    for name, city in scenario.cities.items():
        assert city.baseline.history == on_record[name], name
        assert city.baseline.sd == 0.0  # the score errs as the scores of its stage do
    assert on_record["jakarta_selatan"] == {}
    assert scenario.province == load(LATER).province == "DKI Jakarta"


def test_regions_have_their_kecamatan_and_their_share_of_the_census() -> None:
    cities = load(MAIN).cities
    for row in rows_of("dki_regions"):
        city = cities[REGION_OF_CODE[row["region_code"]]]
        assert city.districts == int(row["kecamatan"])
        share = float(row["population_share_sp2020_percent"]) / 100
        assert city.population == pytest.approx(share * 10_560_000, abs=600)


def test_zones_come_to_about_one_for_each_kecamatan() -> None:
    for name, city in load(MAIN).cities.items():
        planned = city.zones.planned
        n_planned = sum(planned.values()) if isinstance(planned, dict) else planned
        n_zones = city.zones.existing + n_planned
        assert abs(n_zones - city.districts) <= 1, name
        if isinstance(planned, dict):
            assert set(planned) <= set(range(2022, 2027))
    assert load(MAIN).cities["jakarta_timur"].zones.existing == 11


def test_costs_follow_the_building_costs_of_each_region() -> None:
    costs = {
        row["scope"]: float(row["cost_billion_rupiah_per_site"])
        for row in rows_of("rptra_costs")
        if row["year"] == "2019"
    }
    for code, name in REGION_OF_CODE.items():
        multiplier = load(MAIN).cities[name].multipliers.cost
        assert multiplier == pytest.approx(costs[code] / costs["DKI, APBD"], abs=0.006)


def test_upkeep_pays_at_least_two_people_at_the_minimum_wage() -> None:
    wage = next(
        int(row["rupiah_per_month"]) for row in rows_of("minimum_wage_dki") if row["year"] == "2022"
    )
    upkeep = load(MAIN).upkeep
    assert upkeep is not None
    assert 2 * 12 * wage <= upkeep.per_zone <= 2 * 2 * 12 * wage


def test_attainment_at_the_start_is_the_73_percent_of_the_verified_scores() -> None:
    cities = load(MAIN).cities.values()
    weights = [city.population for city in cities]
    scores = [city.baseline.score or 0.0 for city in cities]
    assert np.average(scores, weights=weights) == pytest.approx(734, abs=1)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("weakest_first", {"policy.priority"}),
        (
            "two_more_facilitators",
            {
                "resources.facilitators.capacity",
                "resources.facilitators.per_city.kepulauan_seribu",
            },
        ),
    ],
)
def test_variant_changes_only_what_it_says(name: str, changed: set[str]) -> None:
    assert differences(load(MAIN), load(name)) == changed


def test_half_the_money_halves_every_appropriation_from_2023() -> None:
    full, half = load(MAIN).accounts, load("half_the_money").accounts
    for whole, part in zip(
        (full.province, *full.cities.values()), (half.province, *half.cities.values()), strict=True
    ):
        assert part == {
            year: amount if year == 2022 else amount / 2 for year, amount in whole.items()
        }
    assert {path.split(".")[0] for path in differences(load(MAIN), load("half_the_money"))} == {
        "accounts",
        "waive",
    }


def test_two_more_facilitators_means_two_more_where_zones_are_planned() -> None:
    few, many = (load(name).resources["facilitators"] for name in (MAIN, "two_more_facilitators"))
    for name, city in load(MAIN).cities.items():
        more = 2 if city.zones.planned else 0
        assert many.per_city.get(name, many.capacity) == (
            few.per_city.get(name, few.capacity) + more  # type: ignore[operator]
        )


def test_no_kaltara_leaves_the_background_alone() -> None:
    main, bare = load(MAIN), load("no_kaltara")
    assert all(not city.zones.planned and not city.done for city in bare.cities.values())
    assert bare.work.province == bare.work.city == bare.work.zone == {}
    untouched = ("resources", "accounts", "background", "evaluation", "effects", "target")
    assert all(getattr(main, part) == getattr(bare, part) for part in untouched)


@pytest.mark.parametrize("name", VARIANTS)
def test_variant_is_a_few_lines(name: str) -> None:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert YAML(typ="safe").load(text)["extends"] == f"shipped:{MAIN}"
    assert len([line for line in text.splitlines() if line and not line.startswith("#")]) <= 20


def differences(one: Scenario, other: Scenario) -> set[str]:
    """Return the paths at which two scenarios differ, their names apart."""
    first, second = (flat(scenario.model_dump(by_alias=True)) for scenario in (one, other))
    return {
        path for path in first | second if first.get(path) != second.get(path) and path != "name"
    }


def flat(node: Any, path: str = "") -> dict[str, Any]:
    if isinstance(node, dict) and node:
        return {
            below: value
            for key, part in node.items()
            for below, value in flat(part, f"{path}.{key}" if path else str(key)).items()
        }
    return {path: node}


def test_zones_open_at_the_pace_of_the_one_real_roll_out(
    futures: tuple[Plan, Replications],
) -> None:
    """Complaint posts went from 19 to 44 in 71 months, and by 6 to 10 a year at their best."""
    plan, out = futures
    first, last = rows_of("service_posts_dki")[0], rows_of("service_posts_dki")[-1]
    months = 12 * (int(last["date"][:4]) - int(first["date"][:4])) + (
        int(last["date"][5:]) - int(first["date"][5:])
    )
    opened = int(last["complaint_posts_open_in_dki"]) - int(first["complaint_posts_open_in_dki"])
    slowest = 12 * opened / months
    launched = out.launches.sum(axis=1).mean(axis=0)[plan.labels.years.index(2024) :]
    assert slowest - 0.5 <= launched.mean() <= 10


def test_money_staff_and_windows_each_hold_work_up_in_many_futures(
    futures: tuple[Plan, Replications],
) -> None:
    plan, out = futures
    waited = out.wait_days.sum(axis=1) > 0
    causes = plan.labels.causes
    resources = load(MAIN).resources
    for members in (
        {"window"},
        set(resources),
        {"account:province", "account:city"},
    ):
        columns = [causes.index(cause) for cause in members]
        assert waited[:, columns].any(axis=1).mean() >= 0.05


def test_the_later_view_holds_the_awards_on_record_and_none_that_came_after() -> None:
    scenario = load(LATER)
    on_record: dict[str, dict[int, str]] = {}
    for row in rows_of("kla_awards_dki"):
        region = REGION_OF_CODE[row["region_code"]]
        on_record.setdefault(region, {})[int(row["evaluation_year"])] = row["category"]
    for name, city in scenario.cities.items():
        assert city.baseline.history == on_record[name]
        assert city.award.category == on_record[name][2025]
        assert city.award.date < scenario.start
    assert all(cycle.award > scenario.start for cycle in scenario.evaluation.cycles.values())
    assert scenario.background.posterior == "2025"
    assert load(MAIN).background.posterior == "2022"
