"""What a replication returns: rows as declared, arrays before anything happens, parts joined."""

import math
from typing import get_args

import numpy as np
import pytest
from plans import city, scenario

from kla_sim.engine.plan import compile_plan
from kla_sim.engine.replications import (
    Attempts,
    Replications,
    empty_attempts,
    empty_replications,
    join_attempts,
    join_replications,
    row_of,
)
from kla_sim.engine.results import UNITS, Axis, Result, results_of

BOOKS = ("appropriated", "released", "spent", "lapsed", "held")
POSTS = ("busy_days", "filled_days", "vacant_days")
DECLARED = {
    # axes, unit, start, low, high, type
    "is_met": ((), "", 0, 0, 1, "bool"),
    "is_met_once": ((), "", 0, 0, 1, "bool"),
    "standing": (("cities",), "", 0, 0, 5, "int8"),
    "category": (("cities", "cycles"), "", -1, -1, 5, "int8"),
    "score": (("cities", "cycles"), "points", math.nan, 0, 1000.0, "float64"),
    "verified": (("cities", "cycles"), "points", math.nan, 0, 1000.0, "float64"),
    "claimed": (("cities", "cycles"), "points", math.nan, 0, 1000.0, "float64"),
    "gap": (("cities", "cycles"), "points", math.nan, -math.inf, math.inf, "float64"),
    "remainder": (("cities", "cycles"), "share", math.nan, -math.inf, math.inf, "float64"),
    "cycle_state": (("cycles",), "", 0, 0, 2, "int8"),
    "evidence_day": (("cycles",), "", -1, -1, math.inf, "int32"),
    "award_day": (("cycles",), "", -1, -1, math.inf, "int32"),
    **dict.fromkeys(BOOKS, (("accounts", "years"), "rupiah", 0, 0, math.inf, "int64")),
    "wait_days": (("accounts", "causes"), "days", 0, 0, math.inf, "int32"),
    **dict.fromkeys(POSTS, (("pools",), "post-days", 0, 0, math.inf, "int32")),
    "dormant_days": (("cities",), "zone-days", 0, 0, math.inf, "int32"),
    "launches": (("cities", "years"), "zones", 0, 0, math.inf, "int16"),
    "n_events": ((), "", 0, 0, math.inf, "int32"),
}
SECTIONS = {
    **{name: f"money.{name}" for name in BOOKS},
    "wait_days": "waiting_days",
    **{name: f"posts.{name.removesuffix('_days')}" for name in POSTS},
    "dormant_days": "dormant_days",
    "launches": "launches",
}


def rows_of(table):
    """Return the rows of a table, read anew."""
    return results_of.__wrapped__(table)


@pytest.fixture(scope="module")
def structure():
    cycles = {2023: {"evidence_closes": "2023-06-01", "award": "2023-08-01"}}
    return compile_plan(
        scenario(
            cities={name: city() for name in ("barat", "timur")},
            work={"city": {"a": {"duration": 1, "needs": {"staff": 1}}}},
            resources={"staff": {"scope": "city", "capacity": 1}},
            evaluation={"one_step_up": "100%", "cycles": cycles},
            horizon="2024-12-31",
        ),
        1,
    ).structure


@pytest.mark.parametrize("name", DECLARED)
def test_a_result_is_declared_so_and_holds_what_is_so_before_anything_happens(name, structure):
    one, (axes, unit, start, low, high, dtype) = rows_of(Replications)[name], DECLARED[name]
    assert (one.axes, one.unit, one.low, one.high) == (axes, unit, low, high)
    assert repr(one.start) == repr(start)  # NaN is not equal to itself
    share = "waiting_shares" if name == "wait_days" else ""
    assert (one.mean, one.share) == (SECTIONS.get(name, ""), share)
    array = getattr(empty_replications(structure, 3), name)
    sizes = {"cities": 2, "cycles": 1, "accounts": 3, "years": 2, "pools": 2}
    sizes["causes"] = structure.n_causes
    assert array.shape == (3, *(sizes[axis] for axis in axes))
    assert array.dtype == one.dtype == dtype
    np.testing.assert_array_equal(array, np.full_like(array, start))


def test_axes_are_those_that_results_have():
    rows = [*rows_of(Replications).values(), *rows_of(Attempts).values()]
    assert {axis for one in rows for axis in one.axes} == set(get_args(Axis))


def test_a_row_says_nothing_before_it_is_told():
    bare = Result()
    assert (bare.low, bare.high, bare.start, bare.unit, bare.mean) == (0, math.inf, 0, "", "")
    assert (bare.meaning("en"), bare.meaning("id"), bare.dtype.kind) == ("", "", "V")
    assert bare.says("one", "satu")[-3:-1] == ("one", "satu")


def test_no_result_is_missing_and_attempts_are_declared_alike():
    assert list(rows_of(Replications)) == list(Replications._fields) == list(DECLARED)
    attempts = rows_of(Attempts)
    assert [(one.start, one.low, one.high) for one in attempts.values()] == [
        (-1, -1, math.inf),
        (-1, -1, math.inf),
        (0, 0, math.inf),
    ]
    assert {(one.axes, str(one.dtype)) for one in attempts.values()} == {(("activities",), "int32")}


def test_meaning_is_told_in_both_languages_with_its_unit():
    found = {
        name: tuple(one.meaning(language) for language in ("en", "id"))
        for name, one in rows_of(Replications).items()
    }
    assert found["launches"] == (
        "launched in the year (zones)",
        "diluncurkan dalam tahun itu (kawasan)",
    )
    assert found["score"] == (
        "latent score on the evidence day; NaN = not held (points)",
        "nilai laten pada batas unggah bukti dukung; NaN = tidak diselenggarakan (poin)",
    )
    assert found["n_events"][0] == "number of completions, calendar items and starts"
    of_units = {one.unit: found[name] for name, one in rows_of(Replications).items() if one.unit}
    in_indonesian = {
        "points": "poin",
        "share": "bagian",
        "days": "hari",
        "rupiah": "rupiah",
        "post-days": "hari-posisi",
        "zone-days": "hari-kawasan",
        "zones": "kawasan",
    }
    told = {unit: words[1].rpartition("(")[2][:-1] for unit, words in of_units.items()}
    assert told == UNITS == in_indonesian


def test_attempts_have_a_column_for_each_activity(structure):
    attempts = empty_attempts(structure, 4)
    assert [array.shape for array in attempts] == [(4, 2)] * 3
    assert [array[3, 1] for array in attempts] == [-1, -1, 0]


def test_parts_are_joined_in_order_and_a_row_is_written_into(structure):
    parts = [empty_replications(structure, n) for n in (1, 2)]
    mine = row_of(parts[1], 1)
    mine.n_events[...] = 7
    mine.score[1, 0] = 700.0
    whole = join_replications(parts)
    assert whole.n_events.tolist() == [0, 0, 7]
    assert whole.score[2].tolist()[1] == [700.0]
    assert np.isnan(whole.score[:2]).all()
    attempts = [empty_attempts(structure, n) for n in (2, 1)]
    attempts[1].start[0, 1] = 5
    assert join_attempts(attempts).start.tolist() == [[-1, -1], [-1, -1], [-1, 5]]


def test_values_are_held_against_their_bounds():
    bounded, free = Result(low=1, high=3), Result(low=-math.inf)
    assert [bounded.is_within(np.array(one)) for one in ([1, 3], [0, 2], [2, 4])] == [
        True,
        False,
        False,
    ]
    assert free.is_within(np.array([-9e9, 9e9]))
    assert Result(low=0, high=1).is_within(np.array([np.nan, 1.0]))
