"""What a scenario file that is not there may have meant: a suffix or `shipped:` left out, a slip.

Called by `loading`, for the file on the command line and for those that `extends` names.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path

from kla_sim.errors import Fault
from kla_sim.scenario.faults import nearest
from kla_sim.scenario.shipped import shipped_names
from kla_sim.scenario.syntax import Place

SHIPPED = "shipped:"

_SUFFIXES = (".yaml", ".yml")
_PREFIX = re.compile(r"shipped\s*:\s*", re.IGNORECASE)
_MOST_BESIDE = 200


def missing_file(path: Path, shown: str, place: Place, owner: str) -> Fault:
    """Return the fault of a file that is not there, with what was meant where that is clear.

    Parameters
    ----------
    place : where its name was written.
    owner : `extends`, or nothing for the file on the command line.
    """
    beside, shipped = _beside(path), _shipped(path)
    fields = {"name": shown, "nearest": beside or shipped or ""}
    if owner and not beside and shipped:
        fields["nearest"] = f"{SHIPPED}{shipped}"
    if owner and (beside or shipped):
        return Fault("extends_missing_near", owner, *place, fields=fields)
    code = "no_such_file_beside" if beside else "no_such_file_near" if shipped else "no_such_file"
    return Fault(code, owner, *place, fields=fields)


def _beside(path: Path) -> str | None:
    """Return the scenario in the same folder that was meant, unless a shipped one fits exactly."""
    whole = next((path.name + end for end in _SUFFIXES if _is_there(path, path.name + end)), None)
    if whole or path.stem in shipped_names() or _PREFIX.match(path.name):
        return whole
    found = (entry.name for entry in path.parent.glob("*") if entry.suffix in _SUFFIXES)
    names = [name for name, _ in zip(found, range(_MOST_BESIDE), strict=False)]
    return next(iter(get_close_matches(path.name, sorted(names), n=1, cutoff=0.8)), None)


def _is_there(path: Path, name: str) -> bool:
    return path.with_name(name).is_file()


def _shipped(path: Path) -> str | None:
    """Return the shipped scenario that was meant."""
    name = _PREFIX.sub("", path.name, count=1)
    name = name if name in shipped_names() else Path(name).stem
    return nearest(name, shipped_names())
