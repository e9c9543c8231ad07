"""Dask: the same results on a real cluster, a killed worker, clear errors where none is there."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest
from distributed import LocalCluster

from kla_sim.errors import IncompleteError, UsageError
from kla_sim.execution import dask, run_in_order
from kla_sim.experiment import run as run_module
from kla_sim.experiment.run import RunRequest, run
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.shipped import shipped_scenario
from kla_sim.store import package_versions

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


def double(chunk):
    return 2 * chunk


def die_once(chunk):
    number, marker = chunk
    if number == 3 and not Path(marker).exists():
        Path(marker).touch()
        os._exit(1)
    time.sleep(0.05)
    return number


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(
        2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50
    ) as cluster:
        yield cluster


def test_a_running_cluster_gives_results_in_the_order_of_the_chunks(cluster):
    workplace = dask(cluster.scheduler_address, 1, package_versions)
    assert list(run_in_order(workplace, double, range(20))) == [2 * chunk for chunk in range(20)]


def test_every_thread_of_a_running_cluster_is_used(cluster):
    with dask(cluster.scheduler_address, 1, package_versions)() as workplace:
        assert workplace.n_workers == 2


def test_a_killed_worker_costs_its_chunk_only(tmp_path, cluster):
    marker = str(tmp_path / "died")
    chunks = [(number, marker) for number in range(8)]
    workplace = dask(cluster.scheduler_address, 1, package_versions)
    assert list(run_in_order(workplace, die_once, chunks)) == list(range(8))
    assert Path(marker).exists()


def test_a_run_on_a_cluster_equals_a_run_here(tmp_path, monkeypatch):
    monkeypatch.setitem(run_module.PART_SIZES, "reference", 6)
    scenario = load_scenario(shipped_scenario("kaltara_2022")).model_copy(update={"worlds": 3})

    def outcome(folder, executor):
        request = RunRequest(
            scenario=scenario,
            digest="0123456789abcdef",
            resolved="name: test\n",
            replications=18,
            engine="reference",
            n_workers=2,
            executor=executor,
            results=tmp_path / folder,
        )
        return run(request).run

    here, there = outcome("here", "local"), outcome("there", "dask")
    parts = zip(
        here.folder.read_parts(here.plan.labels),
        there.folder.read_parts(there.plan.labels),
        strict=True,
    )
    for ours, theirs in parts:
        for one, other in zip(ours.replications, theirs.replications, strict=True):
            np.testing.assert_array_equal(one, other)


def test_an_address_without_a_scheduler_is_an_error_that_names_it(monkeypatch):
    monkeypatch.setattr("kla_sim.execution.cluster.SECONDS_TO_CONNECT", 1)
    with pytest.raises(UsageError) as caught:
        list(run_in_order(dask("tcp://127.0.0.1:9", 1, package_versions), double, range(2)))
    assert caught.value.code == "cluster_unreachable"
    assert caught.value.fields["address"] == "tcp://127.0.0.1:9"


def test_a_cluster_without_workers_is_an_error_and_no_endless_wait(monkeypatch):
    monkeypatch.setattr("kla_sim.execution.cluster.SECONDS_TO_CONNECT", 1)
    with (
        LocalCluster(
            n_workers=0, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50
        ) as empty,
        pytest.raises(UsageError) as caught,
    ):
        list(run_in_order(dask(empty.scheduler_address, 1, package_versions), double, range(2)))
    assert caught.value.code == "cluster_empty"


def test_other_versions_on_a_worker_are_refused(cluster):
    with pytest.raises(UsageError) as caught:
        list(run_in_order(dask(cluster.scheduler_address, 1, os.getpid), double, range(2)))
    assert caught.value.code == "versions_differ"


def listening():
    """Return the addresses at which this process and those it started listen."""
    me = psutil.Process()
    return {
        connection.laddr.ip
        for one in (me, *me.children(recursive=True))
        if one.status() != psutil.STATUS_ZOMBIE
        for connection in one.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    }


def test_what_listens_everywhere_is_seen():
    with socket.create_server(("0.0.0.0", 0)):
        assert "0.0.0.0" in listening()
    assert "0.0.0.0" not in listening()


def test_a_local_cluster_listens_on_this_machine_only():
    with dask(None, 2, package_versions)() as workplace:
        assert workplace.n_workers == 2
        assert listening() == {"127.0.0.1"}


def double_slowly(chunk):
    time.sleep(0.2)
    return 2 * chunk


@contextmanager
def far_cluster(folder, path=Path(__file__).parent):
    """Start a scheduler and a worker as somebody else's processes, which import from a path."""
    address = folder / "scheduler.json"
    command = [sys.executable, "-m"]
    quiet = {
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
        "cwd": folder,
        "env": {**os.environ, "PYTHONPATH": str(path)},
    }
    where = ["--scheduler-file", address, "--no-dashboard"]
    scheduler = subprocess.Popen(
        [*command, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", *where],
        **quiet,
    )
    worker = subprocess.Popen(
        [*command, "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny", *where], **quiet
    )
    try:
        while not address.exists() or not address.read_text(encoding="utf-8").endswith("}"):
            time.sleep(0.05)
        yield scheduler, worker, json.loads(address.read_text(encoding="utf-8"))["address"]
    finally:
        for process in (worker, scheduler):
            process.kill()
            process.wait()


@pytest.mark.parametrize(
    ("lost", "signal_sent", "code"),
    [
        ("worker", signal.SIGKILL, "cluster_deserted"),
        ("scheduler", signal.SIGKILL, "scheduler_lost"),
        ("scheduler", signal.SIGSTOP, "scheduler_lost"),
    ],
)
def test_a_far_cluster_that_is_lost_is_given_up(tmp_path, monkeypatch, lost, signal_sent, code):
    monkeypatch.setattr("kla_sim.execution.cluster.SECONDS_OF_PATIENCE", 3)
    with far_cluster(tmp_path) as (scheduler, worker, address):
        monkeypatch.setattr("kla_sim.execution.cluster.SECONDS_TO_CONNECT", 30)
        results = run_in_order(dask(address, 1, os.cpu_count), double_slowly, range(1_000))
        assert next(results) == 0
        monkeypatch.setattr("kla_sim.execution.cluster.SECONDS_TO_CONNECT", 1)
        os.kill((worker if lost == "worker" else scheduler).pid, signal_sent)
        begun = time.monotonic()
        with pytest.raises(IncompleteError) as given_up:
            list(results)
        assert time.monotonic() - begun < 30
        assert given_up.value.code == code
        assert given_up.value.fields == {"address": address, "seconds": 3}


def test_a_local_cluster_whose_workers_end_as_they_start_is_told_of(tmp_path):
    # in a process of its own, since dask reads its settings as it is loaded
    command = [sys.executable, "-m", "kla_sim", "run", "-n", "20", "--no-plots"]
    done = subprocess.run(
        [*command, "--executor", "dask", "--workers", "1", "--language", "en", "--out", tmp_path],
        env={**os.environ, "DASK_DISTRIBUTED__WORKER__PRELOAD": "['no_such_module']"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "The Dask cluster of this machine does not start (Nanny failed to start.)" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_of_the_work_itself_comes_through_from_afar(cluster):
    workplace = dask(cluster.scheduler_address, 1, package_versions)
    with pytest.raises(TimeoutError, match="of the work"):
        list(run_in_order(workplace, fail_in_time, range(1)))


def fail_in_time(chunk):
    raise TimeoutError("of the work")


def test_workers_without_the_program_are_told_of_as_that(tmp_path):
    with far_cluster(tmp_path, path="") as (_, _, address):
        with pytest.raises(UsageError) as unfit:
            list(run_in_order(dask(address, 1, count_of_cores), double, range(1)))
        assert unfit.value.code == "cluster_without_program"
        assert unfit.value.fields["address"] == address
        assert "test_dask" in unfit.value.fields["reason"]


def count_of_cores():
    return 2
