"""Runs that stop by themselves: the interval survives looking, rounds bring fresh worlds."""

import json
import subprocess
import sys

import numpy as np
import pytest
from evaluations import scenario

from kla_sim.analysis.document import summary_document
from kla_sim.analysis.precision import estimate_by_betting, half_width, look_counts
from kla_sim.engine.plan import compile_plan
from kla_sim.errors import UsageError
from kla_sim.experiment import precise
from kla_sim.experiment import run as run_module
from kla_sim.experiment.batches import engine_of
from kla_sim.experiment.coverage.of_others import PER_ROUND, STOPPING, stopped_held
from kla_sim.experiment.precise import run_to_precision
from kla_sim.experiment.rounds import RoundCounter, Worlds, cut_by_round
from kla_sim.experiment.run import RunRequest, Shard, read_run, run
from kla_sim.scenario.loading import digest

UNCERTAIN = scenario(
    worlds=40,
    uncertain={"background.volatility": {"low": 5, "likely": 25, "high": 60, "by": "value"}},
)


def misses(shape, precision, runs, seed=11):
    """Return in how many runs the truth fell out of the interval at any look up to the stop."""
    return runs - stopped_held(shape, precision, runs, seed)


@pytest.mark.parametrize("shape", STOPPING)
def test_the_interval_keeps_its_coverage_although_the_run_looks(shape):
    # 100 runs at 5 %: more than 11 misses have a chance of 0.4 %; at 12 % they are expected
    assert misses(shape, 0.02, 100) <= 11


@pytest.mark.long
@pytest.mark.parametrize("shape", STOPPING)
@pytest.mark.parametrize("precision", [0.01, 0.03])
def test_the_interval_keeps_its_coverage_in_many_runs(shape, precision):
    # 1,000 runs at 5 %: more than 71 misses have a chance of 0.2 %
    assert misses(shape, precision, 1000, seed=12) <= 71


def test_an_ordinary_interval_would_not_keep_it():
    """The same stopping with a Student interval misses far more often where few worlds decide."""
    draw, true = STOPPING["a few worlds decide"]
    rng = np.random.default_rng(13)
    missed = 0
    for _ in range(200):
        observations = draw(rng, 6400)
        for look in look_counts(32_000):
            seen = observations[: look // 5]
            half = 1.96 * seen.std(ddof=1) / np.sqrt(len(seen))
            if half <= 0.02:
                break
        missed += abs(seen.mean() - true) > half
    assert missed > 2 * misses("a few worlds decide", 0.02, 200, seed=13)
    assert missed > 14


@pytest.mark.parametrize("value", [0.0, 1.0, 0.25])
def test_the_interval_is_never_a_bare_point(value):
    estimate = estimate_by_betting(np.full(400, value), 0.01, PER_ROUND, 2000)
    assert estimate.low <= value <= estimate.high
    assert 0.0 <= estimate.low < estimate.high <= 1.0


def test_more_worlds_make_the_interval_narrower():
    draw, _ = STOPPING["worlds differ much"]
    observations = draw(np.random.default_rng(1), 6400)
    widths = [
        half_width(estimate_by_betting(observations[:n], 0.01, PER_ROUND, 5 * n))
        for n in (200, 800, 3200, 6400)
    ]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 2.0 * 1.96 * observations.std() / np.sqrt(6400)


def test_looks_come_at_doubling_numbers_and_at_the_cap():
    assert look_counts(64_000) == [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000]
    assert look_counts(5000) == [1000, 2000, 4000, 5000]
    assert look_counts(300) == [300]


def test_rounds_are_cut_at_whole_thousands():
    assert cut_by_round(0, 1000) == [(0, 1000)]
    assert cut_by_round(500, 2300) == [(500, 1000), (1000, 2000), (2000, 2300)]


def test_each_round_runs_in_worlds_of_its_own():
    counter = RoundCounter(Worlds(UNCERTAIN, 5))
    gaps = [entry.volatility for entry in counter.plan_of(2017).values]
    beyond = compile_plan(UNCERTAIN.model_copy(update={"worlds": 120}), 5)
    assert gaps == [entry.volatility for entry in beyond.values[80:]]
    assert counter.plan_of(999) is counter.plan


def test_with_one_world_every_round_runs_in_it():
    counter = RoundCounter(Worlds(UNCERTAIN.model_copy(update={"worlds": 1}), 5))
    assert counter.plan_of(5000) is counter.plan
    counter.add(0, engine_of("compiled")(counter.plan, 0, 400))
    estimate = counter.estimate(0.02)
    assert estimate.replications == 400
    assert estimate.low < counter.odds < estimate.high


def request(folder, n, **changes):
    settings = {
        "scenario": UNCERTAIN,
        "digest": digest(UNCERTAIN),
        "resolved": "name: test\n",
        "replications": n,
        "engine": "compiled",
        "results": folder,
        **changes,
    }
    return RunRequest(**settings)


def summary_of(outcome):
    return summary_document(outcome.run.summary)


def test_a_run_stops_at_the_first_look_that_is_precise_enough(tmp_path):
    outcome = run_to_precision(request(tmp_path, 64_000), 0.03)
    summary = outcome.run.summary
    assert summary.precision.is_reached
    assert half_width(summary.all_cities) <= 0.03
    assert summary.n in look_counts(64_000)
    assert summary.n == outcome.run.folder.manifest.replications_done
    before = run_to_precision(request(tmp_path / "before", summary.n // 2), 0.03)
    assert not before.run.summary.precision.is_reached


def test_a_run_says_when_the_cap_came_first(tmp_path):
    outcome = run_to_precision(request(tmp_path, 1500), 0.001)
    assert outcome.run.summary.n == 1500
    assert not outcome.run.summary.precision.is_reached
    assert outcome.run.summary.precision.looks == 2


def test_an_interrupted_or_continued_run_and_any_workers_give_the_same_summary(tmp_path):
    straight = run_to_precision(request(tmp_path / "straight", 4000), 0.001)
    for n in (700, 1500, 4000):
        continued = run_to_precision(request(tmp_path / "continued", n), 0.001)
    spread = run_to_precision(request(tmp_path / "spread", 4000, n_workers=3), 0.001)
    assert summary_of(straight) == summary_of(continued) == summary_of(spread)
    assert continued.simulated == 2500


def test_less_precision_reads_what_is_there_and_more_goes_on(tmp_path):
    fine = run_to_precision(request(tmp_path, 16_000), 0.02)
    coarse = run_to_precision(request(tmp_path, 16_000), 0.08)
    assert coarse.simulated == 0
    assert coarse.run.summary.n < fine.run.summary.n
    alone = run_to_precision(request(tmp_path / "alone", 16_000), 0.08)
    assert summary_of(coarse) == summary_of(alone)


def test_a_run_in_rounds_read_back_says_what_it_said(tmp_path, monkeypatch):
    outcome = run_to_precision(request(tmp_path, 2000), 0.001)
    monkeypatch.setattr(run_module, "load_scenario", lambda _: UNCERTAIN)
    assert summary_document(read_run(outcome.run.folder).summary) == summary_of(outcome)


def test_parts_name_the_world_of_each_replication(tmp_path):
    outcome = run_to_precision(request(tmp_path, 2000), 0.001)
    worlds = outcome.run.folder.read_column("world", 2000)
    expected = np.arange(2000) // 1000 * 40 + np.arange(2000) % 40
    np.testing.assert_array_equal(worlds, expected)


def test_a_plain_run_and_a_run_in_rounds_do_not_share_a_folder(tmp_path):
    plain = run(request(tmp_path, 1000))
    rounds = run_to_precision(request(tmp_path, 1000), 0.001)
    assert plain.run.folder.path != rounds.run.folder.path
    assert plain.run.folder.manifest.round_size == 0
    assert rounds.run.folder.manifest.round_size == 1000


@pytest.mark.parametrize("precision", [0.0, -0.1, 0.5])
def test_a_precision_out_of_range_is_refused(tmp_path, precision):
    with pytest.raises(UsageError):
        run_to_precision(request(tmp_path / "results", 1000), precision)
    assert not (tmp_path / "results").exists()


def test_a_shard_cannot_be_run_to_a_precision(tmp_path):
    with pytest.raises(UsageError):
        run_to_precision(request(tmp_path, 1000, shard=Shard(1, 2)), 0.01)


def test_parts_end_where_the_run_looks(tmp_path, monkeypatch):
    monkeypatch.setitem(precise._PART_SIZES, "compiled", 2000)
    outcome = run_to_precision(request(tmp_path, 5500), 0.001)
    ends = [part.last for part in outcome.run.folder.manifest.parts]
    assert ends == [1000, 2000, 4000, 5500]


def _command(folder, *more):
    words = ["run", "kaltara_2022", "--engine", "compiled", "--no-plots", "--set", "worlds=50"]
    return subprocess.run(
        [sys.executable, "-m", "kla_sim", *words, "--out", str(folder), *more],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_says_whether_the_precision_was_reached(tmp_path):
    reached = _command(tmp_path, "--precision", "0.2", "-n", "4000", "--language", "en")
    missed = _command(tmp_path, "--precision", "0.0001", "-n", "1000", "--language", "id")
    assert (reached.returncode, missed.returncode) == (0, 0), reached.stderr + missed.stderr
    assert "±20.0 percentage points, is reached after 1,000 futures" in reached.stdout
    assert "±0,01 poin persen, belum tercapai dalam 1.000 simulasi" in missed.stdout
    document = json.loads(_command(tmp_path, "--precision", "0.2", "-n", "4000", "--json").stdout)
    assert document["precision"]["is_reached"]
    assert document["odds"]["all_cities"]["method"] == "betting_on_worlds"


def test_the_command_refuses_a_precision_out_of_range_in_words(tmp_path):
    refused = _command(tmp_path, "--precision", "2", "--language", "en")
    assert refused.returncode == 2
    assert "half-width lies between 0 and 0.5" in refused.stderr
    assert not list(tmp_path.iterdir())
