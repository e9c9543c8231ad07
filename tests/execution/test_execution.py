"""Execution: results in order, lost chunks again, and no endless trying."""

import os
import time
from pathlib import Path

import pytest

from kla_sim.errors import IncompleteError
from kla_sim.execution import processes, run_in_order, threads


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
