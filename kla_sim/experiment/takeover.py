"""The first run after an installation: the reference engine begins, the compiled one takes over.

A process beside the run makes the machine code meanwhile. Both engines give the same replications
bit for bit, so the place of the change is seen nowhere in what is kept. Where the code cannot be
made, the reference engine goes on. Not here: what is compiled when (`engine.code_cache`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from itertools import chain

from kla_sim.analysis.counting import Tally
from kla_sim.engine.code_cache import code_awaited, has_place
from kla_sim.engine.plan import Plan, compile_plan
from kla_sim.execution import Companion, OpenWorkplace, run_in_order
from kla_sim.experiment.batches import (
    Batch,
    EngineName,
    Simulated,
    engine_of,
    join_simulated,
    simulate_batch,
)
from kla_sim.experiment.progress import Report, RunningOdds
from kla_sim.scenario.model import Scenario

PIECE = 25
"""Replications between two looks whether the compiled engine is there."""

MOST_WITHOUT_CODE = 2_500
"""Replications that the reference engine makes in about the time that compiling takes."""

Tell = Callable[[str, str], None]
"""Is told once why there is no compiled engine: a code of the catalogue and the reason."""


class Takeover:
    """Whether the compiled engine is there yet, for the runs of one command.

    Parameters
    ----------
    make : makes all machine code that a run of a plan needs, called in the process beside it.
    """

    def __init__(self, tell: Tell, make: Callable[[Plan], None]) -> None:
        self._tell, self._make = tell, make
        self._told: set[str] = set()
        self._companion: Companion | None = None
        self._is_lost = False
        self._is_there = False
        self.is_short = False  # whether all that is counted by now was simulated here

    @property
    def is_awaited(self) -> bool:
        """Whether the compiled engine may still come."""
        if self._companion and not self._companion.is_at_work:
            self._is_there = not self._companion.fault
            if self._companion.fault:
                self._lose(self._companion.fault)
        return self._is_open

    @property
    def is_interpreting(self) -> bool:
        """Whether functions without code run as they are written rather than be compiled here.

        Asked at each of their calls, so it stays as it was at the last look.
        """
        return self.is_short and self._is_open

    @property
    def is_without_code(self) -> bool:
        """Whether no compiled engine is there and none will come."""
        return not (self.is_awaited or self._is_there)

    @property
    def _is_open(self) -> bool:
        return has_place() and not (self._is_there or self._is_lost)

    def begin(self, plan: Plan) -> None:
        """Start to make the code, unless that was begun before."""
        if self._companion:
            return
        one_world = plan._replace(values=plan.values[:1], worlds=plan.worlds[:1])
        self._companion = Companion(self._make, one_world)
        try:
            self._companion.start()
        except OSError as error:
            self._companion = None
            self._lose(str(error))

    def preview(self, scenario: Scenario, seed: int, asked: int, report: Report) -> None:
        """Tell the odds of the first futures before the worlds of all others are made.

        A world is the same whatever their number, and the first futures are each in a world of its
        own, so these are the first ones of the run.
        """
        if not self.is_awaited:
            return
        n = min(PIECE, scenario.worlds, asked)
        plan = compile_plan(scenario.model_copy(update={"worlds": n}), seed)
        self.begin(plan)
        first = Batch(plan, "reference", 0, n)
        RunningOdds(report, 0, asked).add(first, simulate_batch(first))

    def engine_for(self, n: int) -> EngineName:
        """Return which engine simulates n replications, now that none is awaited."""
        if not has_place() and not self._is_there:
            if n <= MOST_WITHOUT_CODE:
                self._say("no_place_for_code", "")
                return "reference"
            self._say("code_never_kept", "")
            self._is_there = True  # as soon as this process has compiled it for itself
        return "compiled" if self._is_there else "reference"

    def close(self) -> None:
        """End what is under way; the code that is there by then stays."""
        if self._companion:
            self._companion.kill()

    def _lose(self, reason: str) -> None:
        self._is_lost = True
        self._say("compiler_lost", reason)

    def _say(self, code: str, reason: str) -> None:
        if code not in self._told:
            self._told.add(code)
            self._tell(code, reason)


@contextmanager
def taking_over(tell: Tell) -> Iterator[Takeover]:
    """Let runs inside begin before the compiled engine is there."""
    takeover = Takeover(tell, make_code)
    with closing(takeover), code_awaited(lambda: takeover.is_interpreting):
        yield takeover


def make_code(plan: Plan) -> None:
    """Call what a run calls, so that its machine code is made and kept; the kernel comes last."""
    replications = engine_of("reference")(plan, 0, 1)
    Tally(plan).add(0, replications)
    engine_of("compiled")(plan, 0, 1)


def simulate_meanwhile(
    takeover: Takeover,
    batches: list[Batch],
    odds: RunningOdds,
    open_workplace: Callable[[EngineName], OpenWorkplace],
) -> Generator[Simulated, None, None]:
    """Yield the result of each batch: of the reference engine until the compiled one is there."""
    left = deque(batches)
    while left and takeover.is_awaited:
        takeover.begin(left[0].plan)
        yield _simulate_until(takeover, left.popleft(), odds)
    if not left:
        return
    engine = takeover.engine_for(left[-1].last - left[0].first)
    pieces = [_cut(batch) if engine == "reference" else [batch] for batch in left]
    everything = chain.from_iterable(pieces)
    with closing(run_in_order(open_workplace(engine), simulate_batch, everything)) as results:
        for of_batch in pieces:
            done = []
            for piece in of_batch:
                done.append(next(results))
                if engine == "reference":
                    odds.add(piece, done[-1])
            yield join_simulated(done)


def _simulate_until(takeover: Takeover, batch: Batch, odds: RunningOdds) -> Simulated:
    """Simulate a batch by the reference engine, its rest by the compiled one once it is there."""
    done = []
    for piece in _cut(batch):
        if not takeover.is_awaited and takeover.engine_for(0) == "compiled":
            done.append(simulate_batch(batch._replace(first=piece.first)))
            break
        done.append(simulate_batch(piece))
        odds.add(piece, done[-1])
    return join_simulated(done)


def _cut(batch: Batch) -> list[Batch]:
    """Return a batch in small pieces for the reference engine."""
    return [
        batch._replace(engine="reference", first=first, last=min(first + PIECE, batch.last))
        for first in range(batch.first, batch.last, PIECE)
    ]
