"""Blocks of futures: what a plan says in fifty worlds of ten futures each, kept in a journal.

All plans are looked at block by block, the same block being the same futures of every plan. A block
is asked for once: what the journal holds is not simulated again, so that a search that was cut off
goes on where it stood and gives the same answer as one in one go. Not here: how the journal is kept
(`journal`).
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from contextlib import closing, nullcontext
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from kla_sim import execution
from kla_sim.analysis.conditional import conditional_chances, world_numbers
from kla_sim.engine.plan import compile_plan
from kla_sim.experiment.batches import EngineName, engine_of
from kla_sim.experiment.journal import BLOCK, GROUPS, PER_GROUP, Journal, Outcome
from kla_sim.scenario.candidates import Candidate, candidate_of
from kla_sim.scenario.loading import LoadedScenario, digest
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.nodes import plain_values
from kla_sim.scenario.paths import Path


class Block(NamedTuple):
    """One block of a plan, small enough to send to any worker.

    Attributes
    ----------
    given : what was written in the given scenario, pickled: scenarios themselves cannot be. Made
        here and handed to workers as blocks are; it is never kept, nor read from a file.
    changes : the values in which the plan differs from it.
    """

    given: bytes
    changes: dict[Path, Any]
    seed: int
    engine: EngineName
    number: int


def joined(outcomes: Sequence[Outcome]) -> Outcome:
    """Return what several blocks say together."""
    return Outcome(*(np.concatenate(parts) for parts in zip(*outcomes, strict=True)))


def simulate_block(block: Block) -> Outcome:
    """Simulate one block, in any process on any machine.

    Block b holds the replications from b times 500 on, and the worlds from b times 50 on. A plan
    with one world has that one in every block.
    """
    given = _read_given(block.given)
    is_one_world = given.worlds == 1
    scenario = candidate_of(given, {}, block.changes).scenario
    scenario = scenario.model_copy(update={"worlds": 1 if is_one_world else GROUPS})
    first_world = 0 if is_one_world else block.number * GROUPS
    plan = compile_plan(scenario, block.seed, first_world=first_world)
    first = block.number * BLOCK
    futures = engine_of(block.engine)(plan, first, first + BLOCK)
    chances = conditional_chances(plan, first, futures, world_numbers(plan))
    shape = (PER_GROUP, GROUPS)  # replication i belongs to group i mod GROUPS
    spent = futures.spent.sum(axis=(1, 2)).astype(float)
    return Outcome(
        odds=chances.all_cities.reshape(shape).sum(axis=0),
        cities=chances.cities.reshape(*shape, -1).sum(axis=0),
        spent=spent.reshape(shape).sum(axis=0),
    )


@lru_cache(maxsize=2)
def _read_given(given: bytes) -> Scenario:
    written = pickle.loads(given)
    return Scenario.model_validate(written, by_alias=True, by_name=False)


class Trials:
    """Where plans are looked at: blocks from the journal, the others simulated at a workplace."""

    def __init__(
        self,
        journal: Journal,
        workplace: execution.Workplace,
        given: LoadedScenario,
        seed: int,
        engine: EngineName,
    ) -> None:
        self._journal, self._workplace = journal, workplace
        self._given = pickle.dumps(plain_values(given.tree))
        self._seed, self._engine = seed, engine
        self._looked_at: set[str] = set()
        self._simulated: set[str] = set()

    @property
    def n_looked_at(self) -> int:
        """The number of blocks looked at, whether simulated or from the journal."""
        return len(self._looked_at)

    @property
    def n_kept(self) -> int:
        """The number of blocks looked at that the journal held from an earlier search."""
        return len(self._looked_at - self._simulated)

    def look(self, wanted: Sequence[tuple[Candidate, int]]) -> list[Outcome]:
        """Return what blocks of plans say, each given by the plan and the number of the block."""
        keys = [f"{digest(plan.scenario)[:32]}/{number}" for plan, number in wanted]
        missing = {
            key: Block(self._given, plan.changes, self._seed, self._engine, number)
            for key, (plan, number) in sorted(
                zip(keys, wanted, strict=True), key=lambda pair: pair[1][1]
            )  # block by block: the worlds of one begin alike under all plans
            if self._journal.find(key) is None
        }
        if missing:
            chunks = execution.run_in_order(
                lambda: nullcontext(self._workplace), simulate_block, missing.values()
            )
            with closing(chunks) as results:
                self._journal.add(dict(zip(missing, results, strict=True)))
        self._looked_at.update(keys)
        self._simulated.update(missing)
        return [outcome for key in keys if (outcome := self._journal.find(key)) is not None]
