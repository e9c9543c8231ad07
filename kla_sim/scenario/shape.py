"""The shape of the scenario model: what may stand at each of its places.

The one reader of the model's annotations. Unions, marks and generics are taken apart here, once per
model, into forms with their children, reading, limits and tag. What a scenario holds is not looked
at (see `paths`). Called by the schema, by what places faults and follows paths, and by checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from types import UnionType
from typing import Annotated, Any, Final, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, Tag
from pydantic.fields import FieldInfo

from kla_sim.scenario.distributions import Quantity
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.quantities import Reading

Rule = Literal["ge", "gt", "le", "min_length", "max_length", "pattern"]


class Limit(NamedTuple):
    """A bound of a value or of its length, or the pattern of a text."""

    rule: Rule
    bound: Any


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """One of the ways in which a value may be written: a part, a mapping, a list, a name, a value.

    Attributes
    ----------
    part : the class of a part.
    keys, values : of a mapping with keys of the planner's own; a list has values alone.
    names : of which one is to be chosen.
    plain : the type that a plain value is read into.
    reading : how a plain value is read; None where its type says it all.
    tag : by which pydantic's locations name it among other forms; None if they do not.
    limits : in the order in which the model gives them.
    """

    part: type[BaseModel] | None = None
    keys: Shape | None = None
    values: Shape | None = None
    names: tuple[Any, ...] = ()
    plain: Any = None
    reading: Reading | None = None
    tag: str | None = None
    limits: tuple[Limit, ...] = ()

    @property
    def distribution(self) -> str:
        """The kind of distribution that the part is; empty if it is none."""
        field = fields_of(self.part).get("distribution") if self.part else None
        return field.shape.names[0] if field else ""


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """All forms in which the value at one place may be written."""

    forms: tuple[Form, ...]

    @property
    def known_keys(self) -> list[str]:
        """The keys of the parts that may stand here."""
        parts = [form.part for form in self.forms if form.part]
        return list(dict.fromkeys(key for part in parts for key in fields_of(part)))

    @property
    def is_open(self) -> bool:
        """Whether a mapping with keys of the planner's own may stand here."""
        return any(form.keys for form in self.forms)

    @property
    def keys(self) -> Shape:
        """What the keys of such a mapping may be."""
        return _joined(form.keys for form in self.forms)

    @property
    def names(self) -> list[str]:
        """The names that choices here allow."""
        return [str(name) for form in self.forms for name in form.names]

    @property
    def plain(self) -> Form | None:
        """The plain value that may stand here or in a list here, the first if there are several."""
        plain = next((form for form in self.forms if form.plain), None)
        lists = (form.values for form in self.forms if form.values and not form.keys)
        return plain or next((items.plain for items in lists), None)

    @property
    def readings(self) -> list[Reading]:
        """How values here are read, with those in mappings and lists, without those of parts."""
        found: list[Reading] = []
        for form in self.forms:
            found += [form.reading] if form.reading else []
            found += [reading for below in (form.keys, form.values) if below
                      for reading in below.readings]  # fmt: skip
        return found

    def below(self, key: str | int) -> Shape:
        """Return what may stand below a key of a part or mapping, or at a place of a list."""
        return _joined(_below(form, key) for form in self.forms)

    def tagged(self, tag: str | int) -> Shape | None:
        """Return the forms that carry a tag, without it; None if none does."""
        forms = tuple(replace(form, tag=None) for form in self.forms if form.tag == tag)
        return Shape(forms) if forms else None


class Field(NamedTuple):
    """A key of a part.

    Attributes
    ----------
    name : of the attribute that holds its value.
    declarer : the class that first declares it: kinds of work share the keys of `Activity`.
    default : what holds where it is not written, unless `is_required` or made anew each time.
    """

    name: str
    declarer: str
    shape: Shape
    is_required: bool
    default: Any


@cache
def fields_of(part: type[BaseModel]) -> dict[str, Field]:
    """Return the keys of a part as they are written in a scenario."""
    return {
        entry.alias or name: Field(
            name,
            _declarer(part, name),
            shape_of(entry.rebuild_annotation()),
            entry.is_required(),
            entry.default,
        )
        for name, entry in part.model_fields.items()
    }


def shape_of(annotation: Any) -> Shape:
    """Return the forms that an annotation allows."""
    return Shape(tuple(_forms(annotation, ())))


def origin_of(part: type[BaseModel]) -> type[BaseModel]:
    """Return the generic class behind a part such as `Pert[Days]`, else the part."""
    return part.__pydantic_generic_metadata__["origin"] or part


def quantity_of(distribution: type[BaseModel]) -> Shape:
    """Return what a distribution is of."""
    return shape_of(distribution.__pydantic_generic_metadata__["args"][0])


@cache
def quantity_fields(distribution: type[BaseModel]) -> tuple[str, ...]:
    """Return the attributes of a distribution that hold values of its quantity, unlike chances."""
    fields = fields_of(origin_of(distribution)).values()
    plain = {field.name: field.shape.plain for field in fields}
    return tuple(name for name, form in plain.items() if form and form.plain is Quantity)


def _forms(annotation: Any, marks: tuple[Any, ...]) -> Iterator[Form]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _forms(arguments[0], (*arguments[1:], *marks))
    elif origin in (Union, UnionType):
        for member in arguments:
            yield from _forms(member, marks)
    else:
        yield _form(annotation, [single for mark in marks for single in _single(mark)])


def _form(annotation: Any, marks: list[Any]) -> Form:
    reading = next((mark for mark in marks if isinstance(mark, Reading)), None)
    tag = next((mark.tag for mark in marks if isinstance(mark, Tag)), None)
    form = Form(reading=reading, tag=tag, limits=tuple(_limits(marks)))
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is dict:
        keys, values = map(shape_of, arguments)
        return replace(form, keys=keys, values=values)
    if origin is list:
        return replace(form, values=shape_of(arguments[0]))
    if origin is Literal:
        return replace(form, names=arguments)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return replace(form, part=annotation)
    return replace(form, plain=annotation)


def _single(mark: Any) -> list[Any]:
    return mark.metadata if isinstance(mark, FieldInfo) else [mark]


def _limits(marks: list[Any]) -> Iterator[Limit]:
    for mark in marks:
        for rule in get_args(Rule):
            bound = None if isinstance(mark, Reading) else getattr(mark, rule, None)
            if bound is not None:
                yield Limit(rule, bound)


def _below(form: Form, key: str | int) -> Shape | None:
    if form.part is None:
        return form.values
    field = fields_of(form.part).get(str(key))
    return field.shape if field else None


def _joined(shapes: Iterable[Shape | None]) -> Shape:
    """Return the forms of several shapes; mostly there is one, and it is kept as it is."""
    found = [shape for shape in shapes if shape is not None]
    if len(found) == 1:
        return found[0]
    return Shape(tuple(form for shape in found for form in shape.forms))


def _declarer(part: type[BaseModel], name: str) -> str:
    kinds = [kind for kind in reversed(part.__mro__) if issubclass(kind, BaseModel)]
    return next(origin_of(kind).__name__ for kind in kinds if name in kind.model_fields)


SCENARIO: Final = shape_of(Scenario)
"""What a whole scenario may be."""
