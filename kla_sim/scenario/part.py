"""What every part of a scenario is, and how the forms of one key are told apart.

Called by the parts themselves, in `model` and beside it.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of a scenario: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def form_of(value: object) -> str:
    """Tell the forms of a key apart by what was written: a mapping, a list or a plain value."""
    if isinstance(value, dict | BaseModel):
        return "(mapping)"
    return "(list)" if isinstance(value, list) else "(plain)"
