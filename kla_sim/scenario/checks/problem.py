"""One broken rule of the whole plan, before it is given its place in the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kla_sim.errors import Fault

Keys = tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """A broken rule.

    Attributes
    ----------
    code : names its sentence in the catalogue `faults`.
    path : keys down to the value at fault.
    fields : what the sentence mentions besides the value as it was written.
    of_key : whether the key is at fault, not its value.
    or_at : other values that are as much at fault; the one written last is named.
    elsewhere : the fault itself, where it lies in a file that the scenario only names.
    """

    code: str
    path: Keys
    fields: dict[str, Any] = field(default_factory=dict)
    of_key: bool = False
    or_at: tuple[Keys, ...] = ()
    elsewhere: Fault | None = None
