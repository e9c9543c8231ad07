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
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from kla_sim import language as spoken
from kla_sim.domain.indicators import Group
from kla_sim.errors import UsageError
from kla_sim.scenario import quantities
from kla_sim.scenario.distributions import Part
from kla_sim.scenario.model import Payer, Scenario, Stage

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_ID = "urn:kla_sim:scenario:1"

Schema = dict[str, Any]


class _TextForm(NamedTuple):
    """How people write a quantity as text.

    Attributes
    ----------
    name : names its entry in `$defs`, and its sentence in the catalogue if it has a unit.
    pattern : what every text that the loader accepts matches (ECMA 262).
    has_unit : whether its sentence follows that of the key; a bare number's unit is the key's own.
    """

    name: str
    pattern: str
    has_unit: bool = True


_NUMERAL = r"[+-]?[0-9][0-9.,]*"
_NUMBER = _TextForm("number", rf"^\s*{_NUMERAL}\s*(%|[A-Za-z]+)?\s*$", has_unit=False)
_DAYS = _TextForm("days", rf"^\s*{_NUMERAL}\s*[A-Za-z]+(\s+[0-9][0-9.,]*\s*[A-Za-z]+)*\s*$")
_RUPIAH = _TextForm("rupiah", rf"^\s*([Rr][Pp]\.?)?\s*{_NUMERAL}\s*[A-Za-z]*\s*$")
_ANY = _TextForm(
    "any",
    rf"^\s*([Rr][Pp]\.?)?\s*{_NUMERAL}\s*(%|[A-Za-z]+(\s+[0-9][0-9.,]*\s*[A-Za-z]+)*)?\s*$",
    has_unit=False,
)
_PERCENT = _TextForm("percent", _NUMBER.pattern)
_DAY_OF_YEAR = _TextForm("day_of_year", r"^\s*([0-9]{1,2}\s+[A-Za-z]+|[A-Za-z]+\s+[0-9]{1,2})\s*$")
_DATE = _TextForm(
    "date",
    r"^\s*([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}\s+[A-Za-z]+\.?\s+[0-9]{4}"
    r"|[A-Za-z]+\.?\s+[0-9]{1,2}\s*,?\s+[0-9]{4})\s*$",
)
_POSTERIOR = _TextForm("posterior", r"\S", has_unit=False)
_YEAR_KEY = r"^\s*\+?0*[0-9]{4}\s*$"
_NAME_KEY = r"^[a-z][a-z0-9_]*$"


def _reader(quantity: Any) -> Any:
    """Return the function that reads a quantity, by which its text form is known."""
    return next(part.func for part in get_args(quantity) if isinstance(part, BeforeValidator))


_FORM_OF_READER = {
    _reader(quantities.Number): _NUMBER,
    _reader(quantities.Points): _NUMBER,
    _reader(quantities.Count): _NUMBER,
    _reader(quantities.AnyQuantity): _ANY,
    _reader(quantities.Days): _DAYS,
    _reader(quantities.Rupiah): _RUPIAH,
    _reader(quantities.Ratio): _PERCENT,
    _reader(quantities.BasisPoints): _PERCENT,
    _reader(quantities.DayOfYear): _DAY_OF_YEAR,
    _reader(quantities.Date): _DATE,
    _reader(quantities.PosteriorName): _POSTERIOR,
}
_ONLY_TEXT = (_DAY_OF_YEAR, _DATE)


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
        if path.exists() and SCHEMA_ID not in path.read_text(encoding="utf-8", errors="replace"):
            raise UsageError("schema_file_differs", file=str(path))
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(_schema_text(language), encoding="utf-8")
    except OSError as error:
        raise UsageError("cannot_write", path=str(path), reason=error) from error
    return path


def refuse_other_schema(folder: Path, language: str) -> None:
    """Raise a UsageError where a schema file holds anything but today's schema."""
    path = schema_path(folder, language)
    if path.exists() and path.read_text(encoding="utf-8", errors="replace") != (
        _schema_text(language)
    ):
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

    def refer(self, model: type[Part]) -> Schema:
        """Return a reference to a model, writing its definition when it is first met."""
        name = _name(model) + ("_variant" if self.is_variant else "")
        if name not in self.defs:
            self.defs[name] = {}
            self.defs[name] |= self._object(model)
        return {"$ref": f"#/$defs/{name}"}

    def _object(self, model: type[Part]) -> Schema:
        fields = {entry.alias or name: (name, entry) for name, entry in model.model_fields.items()}
        schema: Schema = {
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
        forms = _forms_in(annotation)
        sentences = [_(key), *(_(f"form_{form.name}") for form in forms if form.has_unit)]
        schema = {"description": " ".join(sentences), **self._form(annotation)}
        if entry.is_required() and not self.is_variant:
            return schema
        if isinstance(entry.default, str | int | float) and not self.is_variant:
            schema["default"] = entry.default
        return _or_null(schema)

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
            items = (self.complete or self)._form(arguments[0])
            return {"type": "array", "items": items, **_sizes(limits, "Items")}
        if _is_part(annotation):
            return self.refer(annotation)
        return self._plain(annotation, limits)

    def _plain(self, annotation: Any, limits: tuple[Any, ...]) -> Schema:
        form = next((_FORM_OF_READER[part.func] for part in limits if _is_known_reader(part)), None)
        if form is None:
            return {**_TYPES[annotation], **_bounds(limits)}
        # editors say the sentence where a text does not match; other tools pass over it
        text = {"pattern": form.pattern, "patternErrorMessage": _(f"form_{form.name}")}
        if form in _ONLY_TEXT:
            return {"type": "string", **text}
        kind = "integer" if annotation is int and form is _NUMBER else "number"
        # bounds hold for numbers alone, patterns for texts alone
        return {"type": [kind, "string"], **_bounds(limits), **text}

    def _choice(self, members: tuple[Any, ...]) -> Schema:
        """Tell forms apart by what was written, so that editors name the fault of the right one."""
        members = _single(members)
        kinds = [member for member in map(_bare, members) if _is_distribution(member)]
        plain, structured = Schema(), list[Schema]()
        for form in (self._form(member) for member in members if _bare(member) not in kinds):
            if _shape(form):
                structured.append(form)
            else:
                plain = _either(plain, form)
        if kinds:
            structured.append(self._distribution(kinds))
        for form in structured:
            plain = _by_shape(form, plain)
        return plain

    def _distribution(self, kinds: list[type[Part]]) -> Schema:
        name = f"Distribution_of_{_unit_of(kinds[0])}" + ("_variant" if self.is_variant else "")
        if name not in self.defs:
            kind_of = {_kind_name(kind): kind for kind in kinds}
            described = {"description": _("Pert.distribution"), "enum": [*kind_of, None]}
            self.defs[name] = {
                "type": "object",
                "properties": {"distribution": described},
            }
            if self.is_variant:
                self.defs[name] |= self._keys_of_any(kinds, described)
            else:
                self.defs[name]["allOf"] = [
                    self._if_kind(name, kind) for name, kind in kind_of.items()
                ]
        return {"$ref": f"#/$defs/{name}"}

    def _keys_of_any(self, kinds: list[type[Part]], distribution: Schema) -> Schema:
        """Return the keys of all distributions: a variant may give any of them."""
        properties: Schema = {"distribution": distribution}
        for kind in kinds:
            for key, schema in self._object(kind)["properties"].items():
                properties.setdefault(key, schema)
        return {"properties": properties, "additionalProperties": False}

    def _if_kind(self, name: str, kind: type[Part]) -> Schema:
        """Hold what names a kind of distribution to that kind; without a name it is the default."""
        condition: Schema = {"properties": {"distribution": {"const": name}}}
        if kind.model_fields["distribution"].is_required():
            condition["required"] = ["distribution"]
        return {"if": condition, "then": self.refer(kind)}

    def _mapping(self, keys: Any, values: Any, limits: tuple[Any, ...]) -> Schema:
        form = _or_null(self._form(values))
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
        model = _bare(values)
        if _is_part(model):
            form = {"description": _(model.__name__), **form}
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


def _kind_name(distribution: type[Part]) -> str:
    return str(get_args(distribution.model_fields["distribution"].annotation)[0])


def _unit_of(distribution: type[Part]) -> str:
    """Return what a distribution is of: days, rupiah, percent or number."""
    (quantity,) = distribution.__pydantic_generic_metadata__["args"]
    return _forms_in(quantity)[0].name


def _is_distribution(annotation: Any) -> bool:
    return _is_part(annotation) and "distribution" in annotation.model_fields


def _is_part(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Part)


def _bare(annotation: Any) -> Any:
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return annotation


def _single(members: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the members of a union, those of unions inside it one by one."""
    single: list[Any] = []
    for member in members:
        bare = _bare(member)
        single += _single(get_args(bare)) if get_origin(bare) in (Union, UnionType) else [member]
    return tuple(single)


def _flat(metadata: tuple[Any, ...]) -> list[Any]:
    """Return the single limits of annotations, those inside a `Field` included."""
    flat: list[Any] = []
    for part in metadata:
        flat += part.metadata if isinstance(part, FieldInfo) else [part]
    return flat


def _is_known_reader(part: Any) -> bool:
    return isinstance(part, BeforeValidator) and part.func in _FORM_OF_READER


def _forms_in(annotation: Any) -> list[_TextForm]:
    """Return the text forms that a key's value may take, at its own depth."""
    found: dict[_TextForm, None] = {}
    for part in get_args(annotation):
        if _is_known_reader(part):
            found[_FORM_OF_READER[part.func]] = None
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
    sizes: Schema = {}
    for limit in limits:
        if isinstance(limit, annotated_types.MinLen):
            sizes[f"min{what}"] = limit.min_length
        elif isinstance(limit, annotated_types.MaxLen):
            sizes[f"max{what}"] = limit.max_length
    return sizes


def _key_pattern(keys: Any) -> str | None:
    """Return what the keys of a mapping look like: a name, a year, a day of the year."""
    readers = [part.func for part in get_args(keys)[1:] if isinstance(part, BeforeValidator)]
    return next((_PATTERN_OF_KEY[func] for func in readers if func in _PATTERN_OF_KEY), None)


_PATTERN_OF_KEY = {
    _reader(quantities.Identifier): _NAME_KEY,
    _reader(quantities.Year): _YEAR_KEY,
    _reader(quantities.DayOfYear): _DAY_OF_YEAR.pattern,
}


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
