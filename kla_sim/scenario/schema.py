"""The scenario as JSON Schema 2020-12, so that editors complete, explain and check while one types.

Built from the pydantic models, with a sentence on each key from the catalogue `schema`. It never
refuses what the loader accepts: where a quantity may be written as text, its pattern asks only for
the shape, and rules between values (low <= likely, shares adding to 100 %, names that must exist)
are left to the loader. A file with `extends` is held to a second form in which nothing is required
and null removes a key.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel

from kla_sim import language as spoken
from kla_sim.domain.indicators import GROUPS
from kla_sim.errors import UsageError
from kla_sim.reading import read_in_place
from kla_sim.scenario.evaluation import Stage
from kla_sim.scenario.model import Payer, Scenario
from kla_sim.scenario.shape import (
    Field,
    Form,
    Limit,
    Shape,
    fields_of,
    origin_of,
    quantity_of,
)
from kla_sim.writing import full_error, remove_left_by_the_dead, write_whole

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_ID = "urn:kla_sim:scenario:1"

Schema = dict[str, Any]


def json_schema(language: str) -> Schema:
    """Return the schema of a scenario file, its sentences in `language` (id or en)."""
    with spoken.speaking(language):
        return _whole_schema()


def write_schema(folder: Path, language: str) -> Path:
    """Write `schema.<language>.json` into a folder and return its path.

    Raises
    ------
    UsageError : it cannot be written, or a file of that name holds something that is not a schema
        of this program. An older schema of its own is brought up to date.
    """
    path = schema_path(folder, language)
    try:
        if path.exists() and SCHEMA_ID not in read_in_place(path):
            raise UsageError("schema_file_differs", file=str(path))
        folder.mkdir(parents=True, exist_ok=True)
        remove_left_by_the_dead(path)
        write_whole(path, _schema_text(language).encode())
    except OSError as error:
        full = full_error(path, error)
        raise full or UsageError("cannot_write", path=str(path), reason=error) from error
    return path


def refuse_other_schema(folder: Path, language: str) -> None:
    """Raise a UsageError where a schema file holds anything but today's schema."""
    path = schema_path(folder, language)
    if path.exists() and read_in_place(path) != _schema_text(language):
        raise UsageError("schema_file_differs", file=str(path))


def schema_path(folder: Path, language: str) -> Path:
    """Return where the schema of a language stands in a folder."""
    return folder / f"schema.{language}.json"


def _schema_text(language: str) -> str:
    return json.dumps(json_schema(language), ensure_ascii=False, indent=1) + "\n"


def _whole_schema() -> Schema:
    complete = _Writer()
    variant = _Writer(complete)
    complete.refer(Scenario)
    variant.refer(Scenario)
    variant.defs["Scenario_variant"]["properties"]["extends"] = _extends()
    return {
        "$schema": DIALECT,
        "$id": SCHEMA_ID,
        "description": _("Scenario"),
        "type": "object",
        "properties": {"extends": _extends()},
        "if": {"required": ["extends"]},
        "then": {"$ref": "#/$defs/Scenario_variant"},
        "else": {"$ref": "#/$defs/Scenario"},
        "$defs": dict(sorted({**complete.defs, **variant.defs}.items())),
    }


def _(key: str) -> str:
    return spoken.text("schema", key)


def _extends() -> Schema:
    return {"description": _("extends"), "type": "string", "minLength": 1}


@dataclass
class _Writer:
    """Writes models into `defs`; one that knows the writer of the complete form writes variants."""

    complete: _Writer | None = None
    defs: dict[str, Schema] = field(default_factory=dict)

    @property
    def is_variant(self) -> bool:
        return self.complete is not None

    def refer(self, part: type[BaseModel]) -> Schema:
        """Return a reference to a part, writing its definition when it is first met."""
        name = _name(part) + ("_variant" if self.is_variant else "")
        if name not in self.defs:
            self.defs[name] = {}
            self.defs[name] |= self._object(part)
        return {"$ref": f"#/$defs/{name}"}

    def _object(self, part: type[BaseModel]) -> Schema:
        fields = fields_of(part)
        schema: Schema = {
            "type": "object",
            "properties": {key: self._property(key, entry) for key, entry in fields.items()},
            "additionalProperties": False,
        }
        required = [key for key, entry in fields.items() if entry.is_required]
        if required and not self.is_variant:
            schema["required"] = required
        return schema

    def _property(self, key: str, entry: Field) -> Schema:
        units = dict.fromkeys(
            reading.form for reading in entry.shape.readings if reading.form and reading.has_unit
        )
        sentences = [_(f"{entry.declarer}.{key}"), *(_(f"form_{unit}") for unit in units)]
        schema = {"description": " ".join(sentences), **self._any_of(entry.shape)}
        if entry.is_required and not self.is_variant:
            return schema
        if isinstance(entry.default, str | int | float) and not self.is_variant:
            schema["default"] = entry.default
        return _or_null(schema)

    def _any_of(self, shape: Shape) -> Schema:
        """Tell forms apart by what was written, so that editors name the fault of the right one."""
        if len(shape.forms) == 1:
            return self._form(shape.forms[0])
        plain, structured = Schema(), list[Schema]()
        for form in (self._form(form) for form in shape.forms if not form.distribution):
            if _shape(form):
                structured.append(form)
            else:
                plain = _either(plain, form)
        kinds = {
            form.distribution: form.part for form in shape.forms if form.part and form.distribution
        }
        if kinds:
            structured.append(self._distribution(kinds))
        for form in structured:
            plain = _by_shape(form, plain)
        return plain

    def _form(self, form: Form) -> Schema:
        if form.part:
            return self.refer(form.part)
        if form.names:
            return {"enum": list(form.names)}
        if form.keys and form.values:
            return self._mapping(form, form.keys, form.values)
        if form.values:
            # a list replaces the one it extends, so its entries are complete in variants too
            items = (self.complete or self)._any_of(form.values)
            return {"type": "array", "items": items, **_limits(form.limits, "Items")}
        return _plain(form)

    def _distribution(self, kinds: dict[str, type[BaseModel]]) -> Schema:
        unit = _unit_of(next(iter(kinds.values())))
        name = f"Distribution_of_{unit}" + ("_variant" if self.is_variant else "")
        if name not in self.defs:
            described = {"description": _("Pert.distribution"), "enum": [*kinds, None]}
            self.defs[name] = {
                "type": "object",
                "properties": {"distribution": described},
            }
            if self.is_variant:
                self.defs[name] |= self._keys_of_any(kinds, described)
            else:
                self.defs[name]["allOf"] = [self._if_kind(*kind) for kind in kinds.items()]
        return {"$ref": f"#/$defs/{name}"}

    def _keys_of_any(self, kinds: dict[str, type[BaseModel]], distribution: Schema) -> Schema:
        """Return the keys of all distributions: a variant may give any of them."""
        properties: Schema = {"distribution": distribution}
        for kind in kinds.values():
            for key, schema in self._object(kind)["properties"].items():
                properties.setdefault(key, schema)
        return {"properties": properties, "additionalProperties": False}

    def _if_kind(self, name: str, kind: type[BaseModel]) -> Schema:
        """Hold what names a kind of distribution to that kind; without a name it is the default."""
        condition: Schema = {"properties": {"distribution": {"const": name}}}
        if fields_of(kind)["distribution"].is_required:
            condition["required"] = ["distribution"]
        return {"if": condition, "then": self.refer(kind)}

    def _mapping(self, form: Form, keys: Shape, values: Shape) -> Schema:
        below = _or_null(self._any_of(values))
        (key,) = keys.forms
        if key.names:
            return {
                "type": "object",
                "properties": {
                    name: {"description": _(f"{_NAMES[key.names]}.{name}"), **below}
                    for name in key.names
                },
                "additionalProperties": False,
            }
        if part := values.forms[0].part:
            below = {"description": _(part.__name__), **below}
        schema: Schema = {"type": "object", "additionalProperties": below}
        if key.reading:
            schema["propertyNames"] = {"pattern": key.reading.pattern}
        if not self.is_variant:
            schema |= _limits(form.limits, "Properties")
        return schema


_NAMES = {GROUPS: "Group", get_args(Payer): "Payer", get_args(Stage): "Stage"}
"""The fixed sets of keys whose sentences stand in the catalogue."""

_TYPES: dict[Any, Schema] = {
    int: {"type": "integer"},
    str: {"type": "string"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
}

_KEYWORDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "pattern": "pattern"}


def _name(part: type[BaseModel]) -> str:
    origin = origin_of(part)
    return part.__name__ if origin is part else f"{origin.__name__}_of_{_unit_of(part)}"


def _unit_of(distribution: type[BaseModel]) -> str:
    """Return what a distribution is of: days, rupiah, percent or number."""
    return quantity_of(distribution).readings[0].form


def _plain(form: Form) -> Schema:
    limits, reading = _limits(form.limits), form.reading
    if reading is None or not reading.form:
        text = {"pattern": reading.pattern} if reading and reading.pattern else {}
        return {**_TYPES[form.plain], **limits, **text}
    # editors say the sentence where a text does not match; other tools pass over it
    text = {"pattern": reading.pattern, "patternErrorMessage": _(f"form_{reading.form}")}
    if reading.is_text:
        return {"type": "string", **text}
    kind = "integer" if form.plain is int and reading.form == "number" else "number"
    # bounds hold for numbers alone, patterns for texts alone
    return {"type": [kind, "string"], **limits, **text}


def _limits(limits: tuple[Limit, ...], counted: str = "") -> Schema:
    """Return limits as keywords.

    Parameters
    ----------
    counted : what limits of length count: Items or Properties.
    """
    keywords = {"min_length": f"min{counted}", "max_length": f"max{counted}"}
    return {(keywords | _KEYWORDS)[limit.rule]: limit.bound for limit in limits}


def _shape(form: Schema) -> str | None:
    """Return whether a form is an object or an array; None for plain values."""
    if "$ref" in form:
        return "object"
    return form["type"] if form.get("type") in ("object", "array") else None


def _by_shape(structured: Schema, plain: Schema) -> Schema:
    """Return a form that is either structured or plain, told apart by its type."""
    shape = str(_shape(structured))
    return {"if": {"type": shape}, "then": structured, "else": _or_type(plain, shape)}


def _or_type(form: Schema, kind: str) -> Schema:
    """Allow one more type, so that a value of no form is told all of them."""
    if "if" in form:
        return {**form, "else": _or_type(form["else"], kind)}
    return form if "enum" in form else _either({"type": kind}, form)


def _either(one: Schema, other: Schema) -> Schema:
    """Join two forms of plain values; only one of them has bounds or a pattern."""
    if not one:
        return other
    if "enum" in one:
        return {**one, "enum": [*one["enum"], None]}
    types = [*_types(one), *(kind for kind in _types(other) if kind not in _types(one))]
    return {**one, **other, "type": types}


def _types(form: Schema) -> list[str]:
    kinds = form["type"]
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _or_null(form: Schema) -> Schema:
    """Allow null, which the loader reads as a key that is not there."""
    notes: Schema = {key: form[key] for key in ("description", "default") if key in form}
    bare = {key: value for key, value in form.items() if key not in notes}
    null = {"type": "null"}
    if "if" in bare:
        return {**notes, **bare, "else": _or_null(bare["else"])}
    if _shape(bare):
        return {**notes, **_by_shape(bare, null)}
    return {**notes, **_either(bare, null)}
