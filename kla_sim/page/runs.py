"""Whole runs begun on the page: each in its own thread, with progress, and with an end by hand.

A run goes on when the page is closed, and is found again by its number. It is the run of the
command `run`: the same folder, the same bytes, and the same command finishes what was stopped.
"""

from __future__ import annotations

import contextvars
import os
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from kla_sim.analysis.estimate import Estimate
from kla_sim.errors import KlaSimError, SimulationError, StoppedError
from kla_sim.experiment.progress import Preparing, Progress
from kla_sim.experiment.run import RunOutcome, RunRequest
from kla_sim.scenario.loading import LoadedScenario, digest, dump_scenario
from kla_sim.scenario.origin import Origin

_SECONDS_BETWEEN = 0.2
_MOST_KEPT = 20
_MOST_AT_ONCE = 2

Keep = Callable[[RunOutcome], None]
"""Writes the answer of a finished run beside its futures."""


class Standing(NamedTuple):
    """How far a run is.

    Attributes
    ----------
    folder : of the finished run.
    error : why it ended before its end.
    """

    done: int
    asked: int
    odds: Estimate | None
    folder: Path | None
    error: KlaSimError | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes."""
        return self.folder is not None or self.error is not None


class Written(NamedTuple):
    """What is to be run, and where it is written.

    Attributes
    ----------
    origin : None where the text of the page is not, or not yet, that of a file.
    overrides : what the levers changed in that file, as after `--set`.
    """

    loaded: LoadedScenario
    origin: Origin | None
    overrides: tuple[str, ...]


class Run:
    """One run in its thread."""

    def __init__(self, number: int, request: RunRequest, keep: Keep) -> None:
        self.number = number
        self._request, self._keep = request, keep
        self._is_stopped = threading.Event()
        self.standing = Standing(0, request.replications, None, None, None)
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._go,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the run at its next step; what is kept stays."""
        self._is_stopped.set()

    def _go(self) -> None:
        from kla_sim.experiment.run import run

        try:
            outcome = run(self._request, self._hear)
            self._keep(outcome)
            summary, folder = outcome.run.summary, outcome.run.folder.path
            n = summary.n
            self.standing = Standing(n, n, summary.all_cities, folder, None)
        except KlaSimError as error:
            self.standing = self.standing._replace(error=error)
        except Exception as error:  # told on the page; the server goes on
            self.standing = self.standing._replace(error=_fault(error))

    def _hear(self, progress: Progress | Preparing) -> None:
        if self._is_stopped.is_set():
            raise StoppedError("stopped")
        if isinstance(progress, Progress):
            self.standing = self.standing._replace(done=progress.done, odds=progress.estimate)

    def wait(self) -> Iterator[Standing]:
        """Yield how far the run is, whenever that changes, until it is over."""
        last, begun = None, monotonic()
        while True:
            now = self.standing
            if now != last or monotonic() - begun > 1:
                last, begun = now, monotonic()
                yield now
            if now.is_over:
                return
            self._thread.join(_SECONDS_BETWEEN)


def _fault(error: Exception) -> KlaSimError:
    return SimulationError("page_run_broke", reason=f"{type(error).__name__}: {error}"[:300])


class Runs:
    """The runs of this page by their numbers.

    Parameters
    ----------
    results : the folder they are written to.
    keep : writes the answer of a finished run.
    """

    def __init__(self, results: Path, keep: Keep) -> None:
        self.results = results
        self._keep = keep
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._runs: dict[int, Run] = {}

    def begin(self, written: Written, n: int, seed: int, label: str) -> Run | None:
        """Begin a run; None where as many are under way as this machine should bear."""
        loaded = written.loaded
        request = RunRequest(
            scenario=loaded.scenario,
            digest=digest(loaded.scenario),
            resolved=dump_scenario(loaded),
            replications=n,
            seed=seed,
            engine="compiled",
            n_workers=os.cpu_count() or 1,
            label=label,
            results=self.results,
            origin=written.origin,
            overrides=written.overrides,
        )
        with self._lock:
            if sum(not run.standing.is_over for run in self._runs.values()) >= _MOST_AT_ONCE:
                return None
            found = Run(next(self._numbers), request, self._keep)
            self._runs[found.number] = found
            for number in list(self._runs)[:-_MOST_KEPT]:
                self._runs.pop(number)
            return found

    def find(self, number: str) -> Run | None:
        """Return the run of a number."""
        is_number = number.isascii() and number.isdigit() and len(number) < 10
        return self._runs.get(int(number)) if is_number else None

    def latest(self) -> Run | None:
        """Return the run that was begun last."""
        return next(reversed(self._runs.values()), None)

    def stop_all(self) -> None:
        """End all runs, as when the server is closed."""
        for run in self._runs.values():
            run.stop()
