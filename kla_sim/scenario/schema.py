"""The scenario as JSON Schema 2020-12, so that editors complete, explain and check while one types.

Built from the pydantic models, with a sentence on each key from the catalogue `schema`. It never
refuses what the loader accepts: where a quantity may be written as text, its pattern asks only for
the shape, and rules between values (low <= likely, shares adding to 100 %, names that must exist)
are left to the loader. A file with `extends` is held to a second form in which nothing is required
and null removes a key.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from kla_sim import language as spoken
from kla_sim.domain.indicators import Group
from kla_sim.errors import UsageError
from kla_sim.scenario import quantities
from kla_sim.scenario.model import Part, Payer, Scenario, Stage

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_ID = "urn:kla_sim:scenario:1"

Schema = dict[str, Any]


class _TextForm(NamedTuple):
    """How people write a quantity that is not a bare number.

    Attributes
    ----------
    name : names its sentence in the catalogue, and its entry in `$defs`.
    pattern : what every text that the loader accepts matches (ECMA 262).
    is_number_too : whether a bare number is read as well.
    """

    name: str
    pattern: str
    examples: tuple[str, ...]
    is_number_too: bool = True


_NUMERAL = r"[+-]?[0-9][0-9.,_ ]*"
_DAYS = _TextForm("days", rf"^\s*{_NUMERAL}\s*[A-Za-z]+\s*$", ("3 minggu", "2 months"))
_RUPIAH = _TextForm(
    "rupiah", rf"^\s*([Rr][Pp]\.?)?\s*{_NUMERAL}\s*[A-Za-z]*\s*$", ("850 juta", "Rp 2.500.000")
)
_PERCENT = _TextForm("percent", rf"^\s*{_NUMERAL}\s*%\s*$", ("35%", "2,5%"))
_DAY_OF_YEAR = _TextForm(
    "day_of_year", r"^\s*[0-9]{1,2}\s+[A-Za-z]+\.?\s*$", ("1 Februari", "30 September"), False
)
_DATE = _TextForm("date", r"^\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", ("2026-12-31",), False)


def _reader(quantity: Any) -> Any:
    """Return the function that reads a quantity, by which its text form is known."""
    return next(part.func for part in get_args(quantity) if isinstance(part, BeforeValidator))


_FORM_OF_READER = {
    _reader(quantities.Days): _DAYS,
    _reader(quantities.Rupiah): _RUPIAH,
    _reader(quantities.Ratio): _PERCENT,
    _reader(quantities.BasisPoints): _PERCENT,
    _reader(quantities.DayOfYear): _DAY_OF_YEAR,
}


def json_schema(language: str) -> Schema:
    """Return the schema of a scenario file, its sentences in `language` (id or en)."""
    before = spoken.current()
    spoken.use(language)
    try:
        return _whole_schema()
    finally:
        spoken.use(before)


def write_schema(folder: Path, language: str, *, may_refresh: bool = False) -> Path:
    """Write `schema.<language>.json` into a folder and return its path.

    Raises
    ------
    UsageError : a file of that name holds something else. With `may_refresh`, an older schema of
        this program is replaced; any other file never is.
    """
    path = folder / f"schema.{language}.json"
    text = json.dumps(json_schema(language), ensure_ascii=False, indent=1) + "\n"
    if path.exists():
        there = path.read_text(encoding="utf-8", errors="replace")
        if there == text:
            return path
        if not (may_refresh and SCHEMA_ID in there):
            raise UsageError("schema_file_differs", file=str(path))
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _whole_schema() -> Schema:
    complete, variant = _Writer(is_variant=False), _Writer(is_variant=True)
    complete.refer(Scenario)
    variant.refer(Scenario)
    variant.defs["Scenario_variant"]["properties"]["extends"] = _extends()
    return {
        "$schema": DIALECT,
        "$id": SCHEMA_ID,
        "title": _("title"),
        "description": _("Scenario"),
        "type": "object",
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
    """Writes models into `defs`, in the complete form or in that of variants."""

    is_variant: bool
    defs: dict[str, Schema] = field(default_factory=dict)

    def refer(self, model: type[Part]) -> Schema:
        """Return a reference to a model, writing its definition when it is first met."""
        name = _name(model) + ("_variant" if self.is_variant else "")
        if name not in self.defs:
            self.defs[name] = {}
            self.defs[name] |= self._object(model)
        return {"$ref": f"#/$defs/{name}"}

    def _object(self, model: type[Part]) -> Schema:
        kind = _origin(model).__name__
        fields = {entry.alias or name: (name, entry) for name, entry in model.model_fields.items()}
        schema: Schema = {
            "description": _(kind),
            "type": "object",
            "properties": {
                key: self._property(f"{_declarer(model, name)}.{key}", entry)
                for key, (name, entry) in fields.items()
            },
            "additionalProperties": False,
        }
        required = [key for key, (_name, entry) in fields.items() if entry.is_required()]
        if required and not self.is_variant:
            schema["required"] = required
        return schema

    def _property(self, key: str, entry: FieldInfo) -> Schema:
        annotation = entry.rebuild_annotation()
        sentences = [_(key), *(_(f"form_{form}") for form in _forms_in(annotation))]
        schema = {"description": " ".join(sentences), **self._form(annotation)}
        if self.is_variant:
            return _or_null(schema)
        if isinstance(entry.default, str | int | float) and not entry.is_required():
            schema["default"] = entry.default
        return schema

    def _form(self, annotation: Any, limits: tuple[Any, ...] = ()) -> Schema:
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            return self._form(arguments[0], (*_flat(arguments[1:]), *limits))
        if origin in (Union, UnionType):
            return self._choice(arguments)
        if origin is Literal:
            return {"enum": list(arguments)}
        if origin is dict:
            return self._mapping(arguments[0], arguments[1], limits)
        if origin is list:
            # a list replaces the one it extends, so its entries are complete in variants too
            items = _Writer(is_variant=False)._form(arguments[0])
            return {"type": "array", "items": items, **_sizes(limits, "Items")}
        if isinstance(annotation, type) and issubclass(annotation, Part):
            return self.refer(annotation)
        return self._plain(annotation, limits)

    def _plain(self, annotation: Any, limits: tuple[Any, ...]) -> Schema:
        form = next((_FORM_OF_READER[part.func] for part in limits if _is_known_reader(part)), None)
        if annotation is dt.date:
            form = _DATE
        if form is None:
            return {**_TYPES[annotation], **_bounds(limits)}
        self.defs.setdefault(
            form.name, {"type": "string", "pattern": form.pattern, "examples": list(form.examples)}
        )
        text = {"$ref": f"#/$defs/{form.name}"}
        if not form.is_number_too:
            return text
        return {"anyOf": [{"type": "number", **_bounds(limits)}, text]}

    def _choice(self, members: tuple[Any, ...]) -> Schema:
        distributions = [member for member in map(_bare, members) if _is_distribution(member)]
        if distributions and self.is_variant:
            plain = [member for member in members if not _is_distribution(_bare(member))]
            return _any_of([*map(self._form, plain), self._any_distribution(distributions)])
        return _any_of([self._form(member) for member in members])

    def _any_distribution(self, kinds: list[type[Part]]) -> Schema:
        """Return one object with the keys of all distributions: a variant may give any of them."""
        name = f"Distribution_of_{_unit_of(kinds[0])}_variant"
        if name not in self.defs:
            properties: Schema = {}
            for kind in kinds:
                for key, schema in self._object(kind)["properties"].items():
                    properties.setdefault(key, schema)
            names = [get_args(kind.model_fields["distribution"].annotation)[0] for kind in kinds]
            properties["distribution"] = _or_null(
                {"description": _("Pert.distribution"), "enum": names}
            )
            self.defs[name] = {
                "description": _("Distribution"),
                "type": "object",
                "properties": properties,
                "additionalProperties": False,
            }
        return {"$ref": f"#/$defs/{name}"}

    def _mapping(self, keys: Any, values: Any, limits: tuple[Any, ...]) -> Schema:
        form = self._form(values)
        if self.is_variant:
            form = _or_null(form)
        names = _bare(keys)
        if get_origin(names) is Literal:
            return {
                "type": "object",
                "properties": {
                    name: {"description": _(f"{_NAMES[get_args(names)]}.{name}"), **form}
                    for name in get_args(names)
                },
                "additionalProperties": False,
            }
        schema: Schema = {"type": "object", "additionalProperties": form}
        if (pattern := _key_pattern(keys)) is not None:
            schema["propertyNames"] = {"pattern": pattern}
        if not self.is_variant:
            schema |= _sizes(limits, "Properties")
        return schema


_NAMES = {get_args(Group): "Group", get_args(Payer): "Payer", get_args(Stage): "Stage"}
"""The fixed sets of keys whose sentences stand in the catalogue."""

_TYPES: dict[Any, Schema] = {
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
}


def _origin(model: type[Part]) -> type[BaseModel]:
    return model.__pydantic_generic_metadata__["origin"] or model


def _declarer(model: type[Part], name: str) -> str:
    """Return the class that declares a field: kinds of work share the sentences of `Activity`."""
    kinds = [kind for kind in reversed(model.__mro__) if issubclass(kind, Part)]
    return next(_origin(kind).__name__ for kind in kinds if name in kind.model_fields)


def _name(model: type[Part]) -> str:
    origin = _origin(model)
    return model.__name__ if origin is model else f"{origin.__name__}_of_{_unit_of(model)}"


def _unit_of(distribution: type[Part]) -> str:
    """Return what a distribution is of: days, rupiah, percent or number."""
    (quantity,) = distribution.__pydantic_generic_metadata__["args"]
    forms = _forms_in(quantity)
    return forms[0] if forms else "number"


def _is_distribution(annotation: Any) -> bool:
    return (
        isinstance(annotation, type)
        and issubclass(annotation, Part)
        and "distribution" in annotation.model_fields
    )


def _bare(annotation: Any) -> Any:
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return annotation


def _flat(metadata: tuple[Any, ...]) -> list[Any]:
    """Return the single limits of annotations, those inside a `Field` included."""
    flat: list[Any] = []
    for part in metadata:
        flat += part.metadata if isinstance(part, FieldInfo) else [part]
    return flat


def _is_known_reader(part: Any) -> bool:
    return isinstance(part, BeforeValidator) and part.func in _FORM_OF_READER


def _forms_in(annotation: Any) -> list[str]:
    """Return the text forms that a key's value may take, at its own depth."""
    if _bare(annotation) is dt.date:
        return [_DATE.name]
    found: dict[str, None] = {}
    for part in get_args(annotation):
        if _is_known_reader(part):
            found[_FORM_OF_READER[part.func].name] = None
        elif get_origin(part) in (Annotated, Union, UnionType, dict, list):
            found |= dict.fromkeys(_forms_in(part))
    return list(found)


def _bounds(limits: tuple[Any, ...]) -> Schema:
    bounds: Schema = {}
    for limit in limits:
        if isinstance(limit, annotated_types.Ge):
            bounds["minimum"] = limit.ge
        elif isinstance(limit, annotated_types.Gt):
            bounds["exclusiveMinimum"] = limit.gt
        elif isinstance(limit, annotated_types.Le):
            bounds["maximum"] = limit.le
        elif (pattern := getattr(limit, "pattern", None)) is not None:
            bounds["pattern"] = pattern
    return bounds


def _sizes(limits: tuple[Any, ...], what: str) -> Schema:
    least = [limit for limit in limits if isinstance(limit, annotated_types.MinLen)]
    return {f"min{what}": least[0].min_length} if least else {}


def _key_pattern(keys: Any) -> str | None:
    """Return what the keys of a mapping look like: a year, a day of the year, a name."""
    limits = tuple(_flat(get_args(keys)[1:]))
    if any(_is_known_reader(part) for part in limits):
        return _DAY_OF_YEAR.pattern
    return r"^\s*[0-9]{4}\s*$" if _bare(keys) is int else _bounds(limits).get("pattern")


def _any_of(forms: list[Schema]) -> Schema:
    flat: list[Schema] = []
    for form in forms:
        members = form["anyOf"] if set(form) == {"anyOf"} else [form]
        flat += [member for member in members if member not in flat]
    return flat[0] if len(flat) == 1 else {"anyOf": flat}


def _or_null(form: Schema) -> Schema:
    description = {"description": form["description"]} if "description" in form else {}
    bare = {key: value for key, value in form.items() if key != "description"}
    return {**description, **_any_of([bare, {"type": "null"}])}
