"""Dask: a cluster of this machine's own, or the workers of a scheduler that runs elsewhere.

What is started here listens on this machine's own address only, without a login but also without
a way in from outside. A cluster that falls silent is waited for a while, and then given up with
what is kept.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from time import monotonic
from typing import Any

from kla_sim.errors import IncompleteError, UsageError
from kla_sim.execution.workplace import (
    OpenWorkplace,
    Workplace,
    start_silent_tracker,
    stop_signals_held,
)

SECONDS_TO_CONNECT = 10
SECONDS_OF_PATIENCE = 60
"""For how long a cluster may be without workers, or out of reach, before it is given up."""

_SECONDS_BETWEEN_LOOKS = 1.0
_ONLY_HERE = "127.0.0.1"


def dask(address: str | None, n_workers: int, versions: Callable[[], Any]) -> OpenWorkplace:
    """Return a way to open a Dask cluster: the one at an address, or a local one.

    Parameters
    ----------
    address : of a running scheduler, e.g. ``tcp://host:8786``; None starts a local cluster of
        n_workers processes. At an address, every thread of the cluster works.
    versions : what must be the same on every machine; called here and on each worker.

    Raises
    ------
    UsageError : dask is not installed, the address does not answer, no worker is there, or the
        workers lack the program or have other versions.
    IncompleteError : a local cluster does not start; while work was under way, all workers were
        lost, or the scheduler.
    """

    @contextmanager
    def open_dask() -> Iterator[Workplace]:
        with _client(address, n_workers) as client:
            _await_worker(client, address)
            _check_versions(client, versions, address or "local")
            lookout = _Lookout(client, address or "local")
            n_threads = sum(client.nthreads().values())
            yield Workplace(client.get_executor(), n_threads, lookout.await_result)

    return open_dask


@contextmanager
def _client(address: str | None, n_workers: int) -> Iterator[Any]:
    try:
        from distributed import Client
        from distributed.utils import silence_logging_cmgr
    except ImportError as error:
        raise UsageError("extra_missing", extra="cluster") from error
    if address is None:
        with _local_cluster(n_workers) as cluster, Client(cluster, set_as_default=False) as client:
            yield client
        return
    try:
        client = Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise UsageError("cluster_unreachable", address=address) from error
    with silence_logging_cmgr(logging.CRITICAL), client:  # what goes wrong is told by us
        yield client


def _local_cluster(n_workers: int) -> Any:
    from distributed import LocalCluster

    start_silent_tracker()
    try:
        with stop_signals_held():
            return LocalCluster(
                n_workers,
                threads_per_worker=1,
                host=_ONLY_HERE,
                dashboard_address=f"{_ONLY_HERE}:0",
                worker_dashboard_address=f"{_ONLY_HERE}:0",
                silence_logs=logging.CRITICAL,
            )
    except (OSError, RuntimeError) as error:  # a worker that ends as it starts is a RuntimeError
        raise IncompleteError("cluster_not_started", reason=str(error)) from error


def _await_worker(client: Any, address: str | None) -> None:
    try:
        client.wait_for_workers(1, timeout=SECONDS_TO_CONNECT)
    except TimeoutError as error:
        raise UsageError("cluster_empty", address=address or "local") from error


def _check_versions(client: Any, versions: Callable[[], Any], address: str) -> None:
    mine = versions()
    try:
        found = client.run(versions)
    except Exception as error:  # whatever a worker raises where something is not installed
        raise UsageError("cluster_without_program", address=address, reason=str(error)) from error
    for worker, theirs in found.items():
        if theirs != mine:
            raise UsageError("versions_differ", worker=worker, mine=str(mine), theirs=str(theirs))


class _Lookout:
    """Waits for results and looks, from time to time, whether anybody is still at work."""

    def __init__(self, client: Any, address: str) -> None:
        self._client = client
        self._address = address

    def await_result(self, future: Future[Any]) -> Any:
        """Return a result, or give up once nobody has been there for too long.

        Raises
        ------
        IncompleteError : the scheduler is gone, or had no workers for `SECONDS_OF_PATIENCE`.
        """
        last_seen = monotonic()
        while True:
            try:
                return future.result(timeout=_SECONDS_BETWEEN_LOOKS)
            except CancelledError as error:
                raise self._given_up("scheduler_lost") from error
            except TimeoutError:
                if future.done():  # the work's own error, not the end of this wait
                    raise
            n_workers = self._count_workers()
            if n_workers:
                last_seen = monotonic()
            elif monotonic() - last_seen > SECONDS_OF_PATIENCE:
                raise self._given_up("scheduler_lost" if n_workers is None else "cluster_deserted")

    def _count_workers(self) -> int | None:
        """Return how many workers there are; None where the scheduler does not answer."""
        if self._client.status != "running":
            return None
        try:
            workers = self._client.sync(
                self._client.scheduler.ncores, callback_timeout=SECONDS_TO_CONNECT
            )
        except (OSError, TimeoutError):
            return None
        return len(workers)

    def _given_up(self, code: str) -> IncompleteError:
        return IncompleteError(code, address=self._address, seconds=SECONDS_OF_PATIENCE)
