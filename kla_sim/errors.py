"""The errors that kla_sim raises, each with a code and fields instead of a sentence.

    KlaSimError                   everything that kla_sim raises on purpose
    +-- ScenarioError             a scenario is wrong; carries every fault found, with its place
    +-- UsageError                a command or an argument is wrong, or an extra is missing
    +-- StoreError                a run folder cannot be read, continued or written
    +-- SimulationError           a replication broke; carries the command that replays it
    +-- IncompleteError           work stopped before it was done; the same command goes on
        +-- StoppedError          the user stopped it
        +-- FullError             a disk, a quota or a limit holds no more; a StoreError as well

The sentences live in the catalogues of `kla_sim.language`, one per code and language; `describe`
there turns an error into text. Callers outside the command line may rely on `code` and `fields`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

Fields = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """One fault of a scenario: what is wrong, where, and the fields that fill its sentence.

    Attributes
    ----------
    code : names the sentence, e.g. ``unknown_key``.
    path : dotted path of the value, e.g. ``zones.site.duration.high``; empty for the whole file.
    file, line, column : where the value was written; line and column count from 1, 0 = no place.
    fields : what the sentence mentions (value, rule, nearest key, ...).
    """

    code: str
    path: str = ""
    file: str = ""
    line: int = 0
    column: int = 0
    fields: Fields = field(default_factory=dict)


class KlaSimError(Exception):
    """Everything that kla_sim raises on purpose."""

    exit_code = 1

    def __init__(self, code: str, **fields: Any) -> None:
        super().__init__(code, fields)
        self.code = code
        self.fields: Fields = fields

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.code, self.fields, self.__dict__)


class ScenarioError(KlaSimError):
    """A scenario is wrong; `faults` holds every fault found, in the order of the file."""

    exit_code = 2

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("scenario_faults", count=len(faults))
        self.faults = faults

    def __reduce__(self) -> tuple[Any, ...]:
        return ScenarioError, (self.faults,)


class UsageError(KlaSimError):
    """A command or an argument is wrong, or an extra is missing."""

    exit_code = 2


class StoreError(KlaSimError):
    """A run folder cannot be read, continued or written."""

    exit_code = 2


class SimulationError(KlaSimError):
    """A replication broke; `fields` holds the command that replays it."""


class Kept(NamedTuple):
    """What a run that stopped holds: how many replications, of how many, in which folder."""

    folder: str
    done: int
    asked: int


class IncompleteError(KlaSimError):
    """Work stopped before it was done; what is kept counts, and the same command goes on.

    Attributes
    ----------
    kept : what is there of the run that was under way; None where none was.
    """

    exit_code = 3

    def __init__(self, code: str, **fields: Any) -> None:
        super().__init__(code, **fields)
        self.kept: Kept | None = None


class StoppedError(IncompleteError):
    """The user stopped the work, with Ctrl-C or a signal; the signal may set another exit code."""

    exit_code = 130


class FullError(IncompleteError, StoreError):
    """A disk, a quota or a limit on files holds no more; once there is room, the work goes on."""


def _rebuild(kind: type[KlaSimError], code: str, fields: Fields, state: Fields) -> KlaSimError:
    error = kind(code, **fields)
    error.__dict__.update(state)
    return error
