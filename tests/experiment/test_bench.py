"""Bench: what it measures is there, under the names that other programs rely on, and is drawn."""

import pytest

from kla_sim import language
from kla_sim.engine.compiled import simulate
from kla_sim.engine.plan import compile_plan
from kla_sim.experiment import bench
from kla_sim.report.bench_figures import bench_makers
from kla_sim.report.drawing import write_figures
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.shipped import shipped_scenario


@pytest.fixture(scope="module")
def document():
    """A bench of a few futures; the cold start, half a minute of compiling, is left out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench, "_SECONDS_EACH", 0.05)
        patch.setattr(bench, "_CONDITIONAL_REPLICATIONS", 400)
        patch.setattr(bench, "NATIONAL_SIZES", (6, 12))
        patch.setattr(bench, "_start_up", lambda: {"cold_seconds": 9.0, "cached_seconds": 1.0})
        steps = []
        found = bench.measure(bench.Effort(1, (20, 40)), steps.append)
    assert steps == ["engines", "threads", "growth", "start_up", "variance", "runs", "runs"]
    return found


def test_a_bench_holds_the_names_that_others_rely_on(document):
    assert {"engines", "ratio", "yardsticks", "threads", "growth", "memory_mb"} <= set(document)
    for name in ("reference", "compiled"):
        assert document["engines"][name]["replications_per_second"] > 0
    assert document["engines"]["compiled"]["ns_per_event"] > 0
    assert set(document["threads"]) == {"1", "2"}
    assert [row["cities"] for row in document["growth"]] == [6, 12]
    assert [row["replications"] for row in document["runs"]] == [20, 40]


def test_its_ratios_follow_from_its_rates(document):
    rates = {name: row["replications_per_second"] for name, row in document["engines"].items()}
    assert document["ratio"] == pytest.approx(rates["compiled"] / rates["reference"])
    per_event = document["engines"]["compiled"]["ns_per_event"]
    expected = 1e9 / (rates["compiled"] * document["events_per_replication"])
    assert per_event == pytest.approx(expected)
    drawing = document["yardsticks"]["draws_ns_per_event"] * document["events_per_replication"]
    assert drawing == pytest.approx(document["yardsticks"]["draws_ns_per_future"])
    few, many = (row["ns_per_activity"] for row in document["growth"])
    assert document["growth_ratio"] == pytest.approx(many / few)
    heap = document["yardsticks"]["heap_push_pop_ns"]
    assert document["yardsticks"]["compiled_over_heap"] == pytest.approx(per_event / heap)


@pytest.mark.parametrize("spoken", ["id", "en"])
def test_its_figures_hold_what_was_measured(document, tmp_path, spoken):
    with language.speaking(spoken):
        makers = bench_makers(document)
        drawn = write_figures(makers, tmp_path)
    assert drawn.missing == {}
    assert {path.suffix for path in drawn.written} == {".csv", ".png", ".svg"}
    growth = makers["bench_growth"]()
    for row, shown in zip(document["growth"], growth.values[0], strict=True):
        assert shown == pytest.approx(1000 * row["seconds_per_replication"])


def test_a_national_scenario_repeats_the_cities_and_scales_what_they_share():
    scenario = load_scenario(shipped_scenario(bench.SCENARIO))
    national = bench.national_scenario(scenario, 38)
    assert len(national.cities) == 38
    for year, amount in scenario.accounts.province.items():
        assert national.accounts.province[year] == round(amount * 38 / 6)
    trainers = national.resources["trainers"].capacity
    assert trainers == round(scenario.resources["trainers"].capacity * 38 / 6)
    futures = simulate(compile_plan(national, 1), 0, 3)
    assert futures.launches.sum() > 0
