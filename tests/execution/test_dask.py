"""Dask: the same results on a real cluster, a killed worker, clear errors where none is there."""

import os
import time
from pathlib import Path

import numpy as np
import pytest
from distributed import LocalCluster

from kla_sim.errors import UsageError
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
    with LocalCluster(2, threads_per_worker=1, dashboard_address=":0", silence_logs=50) as cluster:
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
            n_workers=0, threads_per_worker=1, dashboard_address=":0", silence_logs=50
        ) as empty,
        pytest.raises(UsageError) as caught,
    ):
        list(run_in_order(dask(empty.scheduler_address, 1, package_versions), double, range(2)))
    assert caught.value.code == "cluster_empty"


def test_other_versions_on_a_worker_are_refused(cluster):
    with pytest.raises(UsageError) as caught:
        list(run_in_order(dask(cluster.scheduler_address, 1, os.getpid), double, range(2)))
    assert caught.value.code == "versions_differ"
