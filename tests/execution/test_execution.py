"""Execution: results in order, lost chunks again, and no endless trying."""

import multiprocessing.spawn
import os
import signal
import time
from pathlib import Path
from threading import Event, Thread

import psutil
import pytest

from kla_sim.errors import IncompleteError
from kla_sim.execution import Companion, processes, run_in_order, threads
from kla_sim.execution.workplace import start_silent_tracker


def slow_when_even(chunk):
    time.sleep(0.05 if chunk % 2 == 0 else 0.0)
    return chunk


def die_once(chunk):
    number, marker = chunk
    if number == 3 and not Path(marker).exists():
        Path(marker).touch()
        os._exit(1)
    return number


def die_always(chunk):
    os._exit(1)


@pytest.mark.parametrize("open_workplace", [threads(2), processes(2)])
def test_results_come_in_the_order_of_the_chunks(open_workplace):
    assert list(run_in_order(open_workplace, slow_when_even, range(9))) == list(range(9))


def test_a_lost_worker_costs_its_chunk_only(tmp_path):
    marker = str(tmp_path / "died")
    chunks = [(number, marker) for number in range(8)]
    assert list(run_in_order(processes(2), die_once, chunks)) == list(range(8))
    assert Path(marker).exists()


def test_workers_that_always_die_end_in_an_error():
    with pytest.raises(IncompleteError) as caught:
        list(run_in_order(processes(1), die_always, range(3)))
    assert caught.value.code == "workers_lost"


def test_an_error_of_the_work_itself_comes_through():
    def fail(chunk):
        raise ValueError(chunk)

    with pytest.raises(ValueError, match="0"):
        list(run_in_order(threads(1), fail, range(3)))


BELL = Event()


def take_long(chunk):
    time.sleep(0.0 if chunk == 0 else 30.0)
    return chunk


def living_children():
    found = psutil.Process().children(recursive=True)
    return {one.pid for one in found if one.status() != psutil.STATUS_ZOMBIE}


def wait_for_the_bell(chunk):
    assert chunk == 0 or BELL.wait(30)
    return chunk


def test_threads_whose_work_is_given_up_are_not_waited_for():
    results = run_in_order(threads(2), wait_for_the_bell, range(5))
    assert next(results) == 0
    begun = time.monotonic()
    results.close()
    took = time.monotonic() - begun
    BELL.set()
    assert took < 10


def test_workers_of_work_given_up_are_gone():
    before = living_children()
    results = run_in_order(processes(2), take_long, range(5))
    next(results)
    results.close()
    left = {pid for pid in living_children() - before if "spawn_main" in command_of(pid)}
    assert left == set()


def command_of(pid):
    return " ".join(psutil.Process(pid).cmdline())


def test_workers_never_hear_what_is_meant_for_their_parent():
    assert list(run_in_order(processes(1), blocked_signals, range(1))) == [
        {signal.SIGINT, signal.SIGHUP}
    ]
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()


def blocked_signals(chunk):
    return signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_a_companion_that_ends_before_it_reads_anything_holds_nobody_up(monkeypatch):
    start_silent_tracker()  # the same program would be started for it
    monkeypatch.setattr(multiprocessing.spawn, "_python_exe", b"/bin/false")
    companion = Companion(len, b"more than a pipe holds" * 100_000)
    starting = Thread(target=companion.start, daemon=True)
    starting.start()
    starting.join(10)
    assert not starting.is_alive()
    end = time.monotonic() + 10
    while companion.is_at_work and time.monotonic() < end:
        time.sleep(0.02)
    assert companion.fault == "exit code 1"
