"""All checks of `selftest`, in the order in which they are told, and their document.

Closed forms and books come one after the other in this process, each on every core that the engine
may use; ways to run have folders of their own. A check that fails says which number.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from kla_sim import execution
from kla_sim.experiment.batches import keeping_engine_of, telling_engine_of
from kla_sim.experiment.selftest import (
    books,
    money_forms,
    sameness,
    verdict_forms,
    ways,
    work_forms,
    world_forms,
)
from kla_sim.experiment.selftest.laboratory import Form, Laboratory
from kla_sim.experiment.selftest.numbers import (
    FALSE_ALARM,
    POWER,
    Check,
    Number,
    entry_of,
    z_limit,
)

Tell = Callable[[str], None]

FORMS: tuple[Form, ...] = (
    *work_forms.FORMS,
    *money_forms.FORMS,
    *verdict_forms.FORMS,
    *world_forms.FORMS,
)

_WORLDS = 8


class Effort(NamedTuple):
    """How much a selftest does."""

    share: float  # of the futures of every closed form
    futures: int  # of every plan whose books are looked through
    equal: int  # futures of every plan that both engines simulate
    runs_ways: bool

    @classmethod
    def of(cls, *, is_quick: bool) -> Effort:
        """Return the usual effort, or one that leaves out what takes processes of its own."""
        return cls(0.1, 50, 5, runs_ways=False) if is_quick else cls(1.0, 400, 25, runs_ways=True)


class Selftest(NamedTuple):
    """What was compared, and what could not be."""

    checks: tuple[Check, ...]
    skipped: tuple[str, ...]  # names of checks that need an extra
    limit: float  # standard errors that are too many

    @property
    def is_passed(self) -> bool:
        """Whether every number is what it must be."""
        return not any(check.wrong(self.limit) for check in self.checks)


def examine(effort: Effort, seed: int, n_workers: int, tell: Tell) -> Selftest:
    """Do every check.

    Parameters
    ----------
    tell : called with the name of each step before it begins.
    """
    tell("forms")
    checks = list(closed_forms(effort.share, seed, n_workers))
    tell("books")
    checks += balanced_books(effort.futures, seed)
    tell("sameness")
    checks += same_luck(effort, seed)
    skipped: list[str] = []
    if effort.runs_ways:
        tell("ways")
        with tempfile.TemporaryDirectory() as folder:
            for name, check in ways_to_run(Path(folder), seed, n_workers):
                if check is None:
                    skipped.append(name)
                else:
                    checks.append(check)
    n_compared = sum(number.error > 0.0 for check in checks for number in check.numbers)
    return Selftest(tuple(checks), tuple(skipped), z_limit(n_compared))


def closed_forms(share: float, seed: int, n_workers: int) -> Iterator[Check]:
    """Yield every closed form, compared with the compiled engine."""
    engine = keeping_engine_of("compiled")

    def check(form: Form) -> Check:
        laboratory = Laboratory(engine, max(10, round(share * form.n)), seed)
        return Check(form.name, tuple(form.compare(laboratory)))

    yield from execution.run_in_order(execution.threads(n_workers), check, FORMS)


def balanced_books(n: int, seed: int) -> list[Check]:
    """Return the books of every shipped plan, each kind of all plans together."""
    numbers: dict[str, list[Number]] = {"money": [], "posts_books": [], "little": []}
    for name in books.runnable_names():
        plan = books.with_few_worlds(name, _WORLDS)
        told = books.tell(plan, telling_engine_of("compiled"), n, seed)
        for kind, compare in (
            ("money", books.money), ("posts_books", books.posts), ("little", books.little)
        ):  # fmt: skip
            numbers[kind] += [
                number._replace(name=f"{number.name}, {name}") for number in compare(told)
            ]
    return [Check(kind, tuple(found)) for kind, found in numbers.items()]


def same_luck(effort: Effort, seed: int) -> list[Check]:
    """Return whether both engines agree on every shipped plan, and whether plans share luck."""
    compiled, reference = keeping_engine_of("compiled"), keeping_engine_of("reference")
    equal = [
        number._replace(name=f"{number.name}, {name}")
        for name in books.runnable_names()
        for number in sameness.engines(
            compiled, reference, books.with_few_worlds(name, _WORLDS), effort.equal, seed
        )
    ]
    luck = sameness.common_luck(compiled, effort.futures, seed)
    return [Check("engines_equal", tuple(equal)), Check("common_luck", tuple(luck))]


def ways_to_run(folder: Path, seed: int, n_workers: int) -> Iterator[tuple[str, Check | None]]:
    """Yield each way to run with its check; None where it needs an extra.

    Ways that are programs of their own run beside those in this process, which take turns in one
    thread: folders are held by thread, and these are given free as soon as each run ends.
    """
    bench = ways.Bench.in_folder(folder, seed)
    with execution.threads(1)() as in_turn, execution.threads(n_workers)() as apart:
        expected = in_turn.executor.submit(ways.straight_hashes, bench).result()
        checks = [
            (apart if way.is_program else in_turn).executor.submit(
                ways.compare, way, bench, expected
            )
            for way in ways.WAYS
        ]
        for way, check in zip(ways.WAYS, checks, strict=True):
            yield way.name, check.result()


def selftest_document(found: Selftest) -> dict[str, Any]:
    """Return the document of `selftest --json`."""
    return {
        "checks": [
            entry_of(check, number, found.limit)
            for check in found.checks
            for number in check.numbers
        ],
        "skipped": list(found.skipped),
        "false_alarm": FALSE_ALARM,
        "power": POWER,
        "z_limit": found.limit,
        "passed": found.is_passed,
    }
