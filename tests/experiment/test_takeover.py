"""The reference engine begins, the compiled one takes over, and nobody sees it in the bytes."""

import multiprocessing
import os
import signal
import time
from contextlib import closing
from itertools import pairwise

import pytest
from test_run import SCENARIO, request

from kla_sim.engine import code_cache
from kla_sim.execution import Companion
from kla_sim.experiment import run as run_module
from kla_sim.experiment import takeover as takeover_module
from kla_sim.experiment.batches import simulate_batch
from kla_sim.experiment.precise import run_to_precision
from kla_sim.experiment.progress import Preparing, Progress
from kla_sim.experiment.run import Shard, run
from kla_sim.experiment.takeover import Takeover, taking_over
from kla_sim.scenario.loading import digest

N, PART, CHUNK, PIECE = 90, 60, 30, 10
PATIENCE = 120


def make_nothing(plan):
    assert plan.n_worlds == 1


def refuse(plan):
    raise ValueError("no room")


def die(plan):
    os.kill(os.getpid(), signal.SIGKILL)


def take_long(plan):
    time.sleep(600)


@pytest.fixture
def engines(monkeypatch):
    """The engine of every piece simulated with a takeover, in order; runs are cut small."""
    monkeypatch.setattr(takeover_module, "has_place", lambda: True)
    monkeypatch.setattr(Takeover, "preview", lambda *words: None)
    monkeypatch.setattr(takeover_module, "PIECE", PIECE)
    monkeypatch.setitem(run_module.PART_SIZES, "compiled", PART)
    monkeypatch.setitem(run_module.CHUNK_SIZES, "compiled", CHUNK)
    used = []

    def listen(batch):
        used.append((batch.engine, batch.first, batch.last))
        return simulate_batch(batch)

    monkeypatch.setattr(takeover_module, "simulate_batch", listen)
    return used


def run_beside(folder, make, *, n=N, until_done=True, simulate=run, **changes):
    """Run with a takeover and wait for its process after the first piece."""
    told, seen = [], []
    takeover = Takeover(lambda *words: told.append(words), make)

    def report(progress):
        if isinstance(progress, Progress):
            seen.append(progress)
            end = time.monotonic() + PATIENCE
            while until_done and takeover.is_awaited and time.monotonic() < end:
                time.sleep(0.01)

    with closing(takeover):
        changes = {"engine": "compiled", **changes}
        outcome = simulate(request(folder, n, **changes), report=report, takeover=takeover)
    return outcome, told, seen


def bytes_of(outcome):
    manifest = outcome.run.folder.manifest
    return [(part.file, part.sha256) for part in manifest.parts], manifest.engine


def test_the_compiled_engine_takes_over_and_the_bytes_are_the_same(tmp_path, engines):
    begun, told, seen = run_beside(tmp_path / "begun", make_nothing)
    assert engines == [("reference", 0, 10), ("compiled", 10, 30), *compiled(30, 60, 90)]
    assert told == []
    assert [progress.done for progress in seen] == [10, 60, 90]
    plain = run(request(tmp_path / "plain", N, engine="compiled"))
    assert bytes_of(begun) == bytes_of(plain)
    assert begun.run.summary.all_cities == plain.run.summary.all_cities
    assert seen[-1].estimate == plain.run.summary.all_cities


def compiled(*borders):
    return [("compiled", *pair) for pair in pairwise(borders)]


@pytest.mark.parametrize(
    ("make", "reason"), [(refuse, "ValueError: no room"), (die, "exit code -9")]
)
def test_where_the_compiler_fails_the_reference_goes_on_and_says_so(
    tmp_path, engines, make, reason
):
    begun, told, seen = run_beside(tmp_path / "begun", make)
    assert {engine for engine, *_ in engines} == {"reference"}
    assert told == [("compiler_lost", reason)]
    whole_parts = [60, 90]
    assert [progress.done for progress in seen] == sorted([*range(10, 91, 10), *whole_parts])
    plain = run(request(tmp_path / "plain", N, engine="compiled"))
    assert bytes_of(begun) == bytes_of(plain)


def test_a_machine_that_starts_no_process_says_so_and_goes_on(tmp_path, engines, monkeypatch):
    def start(companion):
        raise OSError("no more processes")

    monkeypatch.setattr(Companion, "start", start)
    _, told, _ = run_beside(tmp_path, make_nothing)
    assert told == [("compiler_lost", "no more processes")]
    assert {engine for engine, *_ in engines} == {"reference"}


def test_a_run_that_ends_first_waits_for_no_compiler_and_leaves_none(tmp_path, engines):
    begun = time.monotonic()
    run_beside(tmp_path, take_long, n=20, until_done=False)
    assert time.monotonic() - begun < PATIENCE
    assert engines == [("reference", 0, 10), ("reference", 10, 20)]
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(("worlds", "n", "first"), [(6, 40, 6), (40, 40, 25), (40, 9, 9)])
def test_the_odds_of_the_first_futures_come_before_all_worlds_are_made(
    tmp_path, monkeypatch, worlds, n, first
):
    monkeypatch.setattr(takeover_module, "has_place", lambda: True)
    scenario = SCENARIO.model_copy(update={"worlds": worlds})
    asked = request(tmp_path, n, engine="compiled", scenario=scenario, digest=digest(scenario))
    seen = []
    with closing(Takeover(lambda *words: None, take_long)) as takeover:
        whole = run(asked, report=seen.append, takeover=takeover)
    assert isinstance(seen[0], Progress)
    assert (seen[0].done, seen[0].asked) == (first, n)
    assert isinstance(seen[1], Preparing)
    firsts = [one for one in seen[1:] if isinstance(one, Progress) and one.done == first]
    assert [one.odds for one in firsts] == [seen[0].odds] * len(firsts)
    assert whole.simulated == n


def test_a_shard_has_no_first_futures_to_tell_of(tmp_path, monkeypatch):
    monkeypatch.setattr(takeover_module, "has_place", lambda: True)
    seen = []
    with closing(Takeover(lambda *words: None, take_long)) as takeover:
        run(
            request(tmp_path, 20, engine="compiled", shard=Shard(2, 2)),
            report=seen.append, takeover=takeover,
        )  # fmt: skip
    assert isinstance(seen[0], Preparing)


def test_several_runs_share_one_compiler(tmp_path, engines):
    started = []
    takeover = Takeover(lambda *words: None, take_long)
    with closing(takeover):
        for seed in (1, 2):
            changes = {"engine": "compiled", "seed": seed}
            run(request(tmp_path, 10, **changes), takeover=takeover)
            started.append({child.pid for child in multiprocessing.active_children()})
    assert started[0] == started[1]
    assert len(started[0]) == 1


@pytest.mark.parametrize(
    ("most", "engine", "word"),
    [(N, "reference", "no_place_for_code"), (N - 1, "compiled", "code_never_kept")],
)
def test_where_code_cannot_be_kept_few_futures_are_the_references(
    tmp_path, engines, monkeypatch, most, engine, word
):
    monkeypatch.setattr(takeover_module, "has_place", lambda: False)
    monkeypatch.setattr(takeover_module, "MOST_WITHOUT_CODE", most)
    begun, told, _ = run_beside(tmp_path / "begun", take_long)
    assert {engine for engine, *_ in engines} == {engine}
    assert told == [(word, "")]
    assert multiprocessing.active_children() == []
    plain = run(request(tmp_path / "plain", N, engine="compiled"))
    assert bytes_of(begun) == bytes_of(plain)


def test_a_run_to_precision_is_taken_over_too(tmp_path, engines):
    n = 2000
    begun, told, _ = run_beside(
        tmp_path / "begun", make_nothing, n=n,
        simulate=lambda *words, **more: run_to_precision(*words, 0.4, **more),
    )  # fmt: skip
    assert engines[0] == ("reference", 0, 10)
    assert {engine for engine, *_ in engines[1:]} == {"compiled"}
    assert told == []
    plain = run_to_precision(request(tmp_path / "plain", n, engine="compiled"), 0.4)
    assert bytes_of(begun) == bytes_of(plain)


def test_activities_are_kept_across_the_takeover(tmp_path, engines):
    begun, _, _ = run_beside(tmp_path / "begun", make_nothing, keeps_activities=True)
    plain = run(request(tmp_path / "plain", N, engine="compiled", keeps_activities=True))
    assert engines[0][0] == "reference"
    assert bytes_of(begun) == bytes_of(plain)


def test_functions_are_interpreted_only_while_nothing_much_is_to_be_counted(tmp_path, engines):
    with taking_over(lambda *words: None) as takeover:
        assert not code_cache._is_code_awaited()
        takeover.is_short = True
        assert code_cache._is_code_awaited()
    assert not code_cache._is_code_awaited()
    run(request(tmp_path, 10, engine="compiled"))
    seen = []
    takeover = Takeover(lambda *words: None, take_long)
    with closing(takeover):
        run(
            request(tmp_path, 20, engine="compiled"),
            report=lambda progress: seen.append(takeover.is_interpreting),
            takeover=takeover,
        )
    assert set(seen) == {False}
