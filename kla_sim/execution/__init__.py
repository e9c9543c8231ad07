"""Where work runs: one `concurrent.futures.Executor` interface, results in order.

Work is cut into chunks of consecutive replications. Any executor, any number of workers and any
order give the same results; a chunk lost with its worker is submitted again. `local` opens threads
and processes, `cluster` Dask, `order` hands out the chunks. Not here: what a chunk computes
(`experiment`) and where results are kept (`store`).
"""

from kla_sim.execution.cluster import dask
from kla_sim.execution.local import Companion, processes, threads
from kla_sim.execution.order import run_in_order
from kla_sim.execution.workplace import OpenWorkplace, Workplace

__all__ = [
    "Companion",
    "OpenWorkplace",
    "Workplace",
    "dask",
    "processes",
    "run_in_order",
    "threads",
]
