"""What the document of a run may hold (`summary.json`, `run --json`), as a JSON schema.

Nothing else is allowed anywhere, and nothing may be missing; names of cities, accounts, years and
so on are the scenario's. Records follow from the types that they are made of, sections of means
from the table of results. Called by the command `schema`.
"""

from __future__ import annotations

import datetime as dt
from types import NoneType
from typing import Any, get_args, get_type_hints

from kla_sim.analysis.document import CATEGORIES_SHOWN, SCHEMA_VERSION, Section, sections
from kla_sim.analysis.estimate import Estimate, WorldRange
from kla_sim.analysis.remedies import WITHHELD
from kla_sim.analysis.summary import Attainment, Precision, WithoutKaltara
from kla_sim.analysis.togetherness import TauOdds
from kla_sim.domain.categories import CATEGORIES
from kla_sim.engine.replications import Replications
from kla_sim.engine.results import Result, results_of

Schema = dict[str, Any]

_TYPES: dict[type, Schema] = {
    float: {"type": "number"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    str: {"type": "string"},
    dt.date: {"type": "string", "format": "date"},
    NoneType: {"type": "null"},
    Estimate: {"$ref": "#/$defs/estimate"},
}
_TEXT, _NUMBER, _COUNT = _TYPES[str], _TYPES[float], {"type": "integer", "minimum": 0}
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_ESTIMATE = _TYPES[Estimate]


def run_schema(language: str) -> Schema:
    """Return the schema of the document of a run.

    Parameters
    ----------
    language : of the descriptions, `id` or `en`.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "kla_sim run",
        "$defs": {"estimate": _fields_of(Estimate)},
        **_record(
            schema_version={"const": SCHEMA_VERSION},
            scenario=_record(name=_TEXT, digest=_TEXT, path=_TEXT, overrides=_list_of(_TEXT)),
            run=_TEXT,
            engine={"enum": ["compiled", "reference"]},
            replications=_COUNT,
            seed=_COUNT,
            seconds={"type": "number", "minimum": 0},
            target=_record(category={"enum": list(CATEGORIES)}, deadline=_TYPES[dt.date]),
            odds=_odds(),
            may_be_narrow=_list_of(_TEXT),
            without_kaltara=_fields_of(WithoutKaltara),
            worlds=_fields_of(WorldRange),
            tau=_list_of(_fields_of(TauOdds)),
            precision=_maybe(_fields_of(Precision)),
            weakest_city=_TEXT,
            expected_cities=_ESTIMATE,
            reached_50=_maybe(_TYPES[dt.date]),
            reached_80=_maybe(_TYPES[dt.date]),
            attainment=_list_of(_attainment()),
            categories=_map_of(_map_of(_record(**dict.fromkeys(CATEGORIES_SHOWN, _SHARE)))),
            **{name: _means(section, language) for name, section in sections().items()},
            remedies=_remedies(),
            warnings=_list_of(_TEXT),
        ),
    }


def _odds() -> Schema:
    difference = _fields_of(Estimate)
    return _record(
        all_cities=_ESTIMATE,
        counted=_ESTIMATE,
        counted_less_conditional=_record(**difference["properties"], z=_NUMBER),
        variance_ratio=_maybe(_NUMBER),
        all_cities_at_once_ever=_ESTIMATE,
        on_claimed_scores=_ESTIMATE,
        cities=_map_of(_ESTIMATE),
    )


def _remedies() -> Schema:
    """Return the schema of what was tried on the first futures, or of why nothing was."""
    remedy = _record(
        relieved=_TEXT,
        subject=_TEXT,
        rescued=_COUNT,
        of_failed=_COUNT,
        harmed=_COUNT,
        of_met=_COUNT,
        odds=_SHARE,
        difference=_ESTIMATE,
        expected_cities=_ESTIMATE,
        price=_COUNT,
        price_of_a_point=_maybe(_NUMBER),
    )
    return _record(
        replications=_COUNT,
        odds=_maybe(_SHARE),
        tried=_list_of(remedy),
        unlimited=_maybe(remedy),
        withheld=_maybe({"enum": list(WITHHELD)}),
    )


def _attainment() -> Schema:
    """Return the schema of the attainment on a day, its spread maybe not known."""
    fields = _fields_of(Attainment)["properties"]
    return _record(**fields | {name: _maybe(fields[name]) for name in ("p10", "p90")})


def _means(section: Section, language: str) -> Schema:
    rows = results_of(Replications)
    leaves = {name: _mean(section, rows[row], language) for name, row in section.results.items()}
    schema = leaves[""] if "" in leaves else _record(**leaves)
    for _axis in section.axes:
        schema = _map_of(schema)
    return schema


def _mean(section: Section, row: Result, language: str) -> Schema:
    if section.is_share:
        return {**_SHARE, "description": getattr(row, language)}
    return {"type": "number", "minimum": row.low, "description": row.meaning(language)}


def _fields_of(record: type) -> Schema:
    """Return the schema of a named tuple."""
    return _record(**{name: _of_type(kind) for name, kind in get_type_hints(record).items()})


def _of_type(kind: Any) -> Schema:
    kinds = get_args(kind) or (kind,)
    return _TYPES[kind] if len(kinds) == 1 else {"anyOf": [_TYPES[one] for one in kinds]}


def _record(**fields: Schema) -> Schema:
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def _map_of(entry: Schema) -> Schema:
    return {"type": "object", "additionalProperties": entry}


def _list_of(entry: Schema) -> Schema:
    return {"type": "array", "items": entry}


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, _TYPES[NoneType]]}
