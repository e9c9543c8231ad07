"""One schedule without chance, worked by hand: zones in time, late and unfinished, and scores."""

import datetime as dt

import pytest

from kla_sim.experiment.schedule import schedule
from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.shipped import shipped_scenario

BY_HAND = """\
schema_version: 1
name: Dengan tangan
start: 2023-01-01
horizon: 2024-12-31
target: {category: utama, deadline: 2024-12-31}
cities:
  kota:
    name: Kota
    districts: 4
    population: 1000000
    zones: {planned: 4}
    award: {category: nindya, date: 2022-07-22}
    baseline: {score: 780}
resources:
  crew: {scope: city, capacity: 1, turnover: 5, replacement: {low: 100, likely: 200, high: 300}}
accounts: {release: {1 Januari: 100%}, lapse: 100%}
work:
  zone:
    build: {duration: {distribution: uniform, low: 100, high: 300}, needs: {crew: 1},
            success: 10%, launches: true, opens: health_welfare}
effects: {services: {health_welfare: 0.5}}
background: {rate: {median: 0.0}, volatility: 30}
evaluation:
  noise: 20
  one_step_up: 98%
  calendar: {cancelled: 40%, slip: {chance: 40%, months: 12}}
  cycles:
    2023: {evidence_closes: 2023-06-15, award: 2023-07-23}
    2024: {evidence_closes: 2024-06-15, award: 2024-07-23}
"""
"""One crew builds zone after zone in 200 days: they stand on days 200, 400, 600 and never (800)."""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    file = tmp_path_factory.mktemp("plans") / "by_hand.yaml"
    file.write_text(BY_HAND, encoding="utf-8")
    return schedule(read_scenario(file).scenario)


def test_zones_follow_each_other_without_any_delay_of_chance(found):
    assert [(zone.number, zone.launch_day) for zone in found.zones] == [
        (1, 200), (2, 400), (3, 600), (4, None),
    ]  # fmt: skip


def test_the_last_day_is_that_of_the_last_evidence_that_counts(found):
    assert found.last_day == (dt.date(2024, 6, 15) - dt.date(2023, 1, 1)).days == 531


def test_zones_are_counted_in_time_late_and_not_at_all(found):
    assert found.counts("kota") == {"planned": 4, "in_time": 2, "late": 1, "never": 1}
    assert [(zone.number, zone.unfinished) for zone in found.late] == [(3, ""), (4, "build")]


def test_the_score_is_that_of_what_stands_on_each_evidence_day(found):
    """Gap 220; health has 6 of 24 indicators, 2 of 4 districts served: half of one half off it."""
    document = found.document()
    scores = document["cities"]["kota"]["scores"]
    assert scores["2023"]["verified"] == pytest.approx(780.0)
    assert scores["2024"]["verified"] == pytest.approx(780.0 + 220 * 6 / 24 * 0.25)
    assert document["cities"]["kota"]["standing"] == "nindya"
    assert not document["target_met"]
    assert not document["cities"]["kota"]["meets_target"]


def test_launches_are_those_that_the_engine_counts():
    plan = schedule(read_scenario(shipped_scenario("kaltara_2022")).scenario)
    counted = plan.future.result.launches[0].sum(axis=1)
    for place, city in enumerate(plan.plan.labels.cities):
        counts = plan.counts(city)
        assert counts["in_time"] + counts["late"] == counted[place]
        assert sum(counts.values()) == 2 * counts["planned"]
