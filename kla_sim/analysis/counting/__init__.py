"""Counting replications while they pass, so that memory does not grow with their number.

A `Tally` hands every stretch of replications to small counters: `odds` and what they would be
`otherwise`, `awards` by day and cycle, `scores`, and the `means` that the table of results asks
for. Their counts are whole, chances counted in units of 2**-30 (`by_world`), so that a summary does
not depend on how the replications were cut into parts. The odds are conditional (`conditional`),
the rest is counted. Not here: what a summary holds (`summary`).
"""

from kla_sim.analysis.counting.tally import Tally

__all__ = ["Tally"]
