"""NamedTuples of many arrays, handed from function to function as a single pointer.

numba hands over a NamedTuple member by member, seven numbers for each array: nearly a thousand for
the plan, the state and the results together, at every call, to be compiled and then to be copied.
What `pointer_to` returns is read like the NamedTuple itself, and a NamedTuple inside it likewise.
Called by `kernel`, once per chunk. What stands behind the pointer is a copy that never changes (the
contents of its arrays do), so the compiler may keep what it has read.
"""

# mypy: disable-error-code="untyped-decorator,override"

from __future__ import annotations

from typing import Any, TypeVar

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    infer_getattr,
    lower_builtin,
    lower_getattr_generic,
    models,
    register_model,
    type_callable,
)

Record = TypeVar("Record", bound=tuple[Any, ...])


def pointer_to(record: Record) -> Record:
    """Return a pointer to a NamedTuple, valid until the calling function returns.

    Run as it is written, in Python, it is the NamedTuple.
    """
    return record


class Pointer(types.Type):
    """The type of a pointer to a NamedTuple."""

    def __init__(self, record: Any) -> None:
        self.record = record
        super().__init__(f"Pointer({record.instance_class.__name__})")

    @property
    def key(self) -> Any:
        """What tells it from other pointers; the name does not, because symbols are made of it."""
        return (self.record,)

    def __hash__(self) -> int:
        return hash(self.record.instance_class)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pointer) and self.key == other.key

    def behind(self, field: str) -> Any:
        """Return the type of what is read from a field."""
        found = self.record[self.record.fields.index(field)]
        return Pointer(found) if isinstance(found, types.BaseNamedTuple) else found


@register_model(Pointer)
class _PointerModel(models.OpaqueModel):
    """An address."""


@type_callable(pointer_to)
def _type_pointer_to(_: Any) -> Any:
    def typed(record: Any) -> Any:
        return Pointer(record) if isinstance(record, types.BaseNamedTuple) else None

    return typed


@infer_getattr
class _Fields(AttributeTemplate):
    key = Pointer

    def generic_resolve(self, pointer: Any, field: str) -> Any:
        return pointer.behind(field) if field in pointer.record.fields else None


@lower_builtin(pointer_to, types.BaseNamedTuple)
def _store(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Write the NamedTuple into memory of the calling function."""
    place = cgutils.alloca_once_value(builder, arguments[0])
    address = builder.bitcast(place, cgutils.voidptr_t)
    # nothing at all, but the compiler sees a new address behind which it knows of no writing
    same = ir.FunctionType(cgutils.voidptr_t, [cgutils.voidptr_t])
    return builder.asm(same, "", "=r,0,~{memory}", [address], side_effect=True)


@lower_getattr_generic(Pointer)
def _read(context: Any, builder: Any, pointer: Any, address: Any, field: str) -> Any:
    record = context.data_model_manager[pointer.record].get_value_type()
    place = cgutils.gep_inbounds(
        builder,
        builder.bitcast(address, record.as_pointer()),
        0,
        pointer.record.fields.index(field),
    )
    if isinstance(pointer.behind(field), Pointer):
        return builder.bitcast(place, cgutils.voidptr_t)
    value = builder.load(place)
    value.set_metadata("invariant.load", builder.module.add_metadata([]))
    return value
