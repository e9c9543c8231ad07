"""Faults with a place: where a value was written, what was written there, which name was meant.

Called by `refusals` for what the model refuses, by the checks of a whole plan, and by `loading`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from kla_sim.errors import Fault
from kla_sim.scenario.nodes import Mapping, Scalar, Tree, child_of, node_at, normal_key
from kla_sim.scenario.syntax import Place, odd_fault


def place_of(tree: Mapping, path: tuple[str | int, ...], *, of_key: bool = False) -> Place:
    """Return where the value at a path was written, or the nearest written value around it.

    Parameters
    ----------
    of_key : the place of the key instead of its value's.
    """
    place, node = Place(tree.place.file, 1, 1), tree
    for key in path:
        below = child_of(node, key)
        if below is None:
            return place
        is_key_wanted = of_key or not isinstance(below, Scalar)
        if isinstance(node, Mapping) and is_key_wanted:
            place = node.entries[normal_key(str(key))].place
        else:
            place = below.place
        node = below  # type: ignore[assignment]
    return place


def fault_at(
    tree: Mapping, code: str, path: tuple[str | int, ...], /, *, of_key: bool = False, **fields: Any
) -> Fault:
    """Return a fault of the value (or key) at a path; `value` is filled with what was written."""
    place = place_of(tree, path, of_key=of_key)
    value = str(path[-1]) if of_key and path else written(node_at(tree, path))
    given = {"value": value, **fields}
    return Fault(code, ".".join(map(str, path)), *place, fields=given)


def written(tree: Tree | None) -> str:
    """Return a value as it was written, or the sign of a mapping or list."""
    if isinstance(tree, Scalar):
        return tree.text if len(tree.text) <= 60 else f"{tree.text[:57]}..."
    return "" if tree is None else "{...}" if isinstance(tree, Mapping) else "[...]"


def nearest(name: str, known: list[str]) -> str | None:
    """Return the known name most like a wrong one, if any is near."""
    begun = [entry for entry in known if len(name) > 2 and entry.startswith(name.lower())]
    found = begun or get_close_matches(name.lower(), known, n=1, cutoff=0.6)
    return found[0] if found else None


def unknown_name(code: str, name: str, known: list[str]) -> tuple[str, dict[str, Any]]:
    """Return the code and fields that refuse a name: with the nearest one, or with all known."""
    near = nearest(name, known)
    if near:
        return f"{code}_near", {"nearest": near}
    shown = known if len(known) <= 12 else [*known[:12], "…"]
    return (code, {"allowed": ", ".join(shown)}) if known else (f"{code}_none", {})


def sign_behind(fault: Fault, tree: Mapping) -> Fault:
    """Return the fault of the sign that made a value unreadable, where one is to blame.

    A name may hold any sign that can be seen; a space between a number and its unit is read
    whatever its width.
    """
    letter = _letter_in_number(str(fault.fields.get("value", "")))
    if letter and fault.code in _OF_NUMBERS:
        digit = "0" if letter in "Oo" else "1"
        return replace(
            fault, code="sign_letter", fields={**fault.fields, "plain": digit, "sign": letter}
        )
    node = node_at(tree, tuple(fault.path.split(".")))
    if not isinstance(node, Scalar) or node.odd is None or fault.code in _OF_ANOTHER_VALUE:
        return fault
    odd, place = node.odd
    is_harmless = odd.kind == "space" and _NUMBER_AND_WORD.fullmatch(node.text.strip())
    if is_harmless or (fault.code == "name_unusable" and odd.kind != "hidden"):
        return fault
    return odd_fault(node.text, odd, place, fault.path)


def _letter_in_number(text: str) -> str | None:
    """Return the letter that stands for a digit in something that is a number otherwise."""
    match = _ALMOST_NUMBER.fullmatch(text.strip())
    digits = match["digits"] if match else ""
    has_digit = any(sign.isdigit() for sign in digits)
    return next((sign for sign in digits if sign.isalpha()), None) if has_digit else None


_ALMOST_NUMBER = re.compile(
    r"(Rp\.?\s*)?(?P<digits>[-+0-9OolI.,]+)(\s*%|\s+[^\W\d_]+)?", re.IGNORECASE
)
_OF_NUMBERS = (
    "not_a_number", "not_a_count", "not_a_year", "not_a_time", "not_an_amount", "not_a_share",
    "not_a_day", "not_a_date", "more_than_count",
)  # fmt: skip
_OF_ANOTHER_VALUE = ("cost_without_payer", "baseline_twice", "background_twice")
_NUMBER_AND_WORD = re.compile(r"(Rp\.?\s*)?[-+0-9.,]+\s*\w*|\w+\s+[0-9]+", re.IGNORECASE)
