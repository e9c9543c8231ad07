"""What replications return: arrays with one row per replication, the same from both engines.

`Replications` and `Attempts` are the tables of results (`results`): a row declares an array once,
for the engines, the store, the analysis and the documents (docs/results.md is written from them).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kla_sim.arrays import BoolArray, FloatArray, IntArray, ShortArray
from kla_sim.domain.categories import CATEGORIES, MAXIMUM_SCORE
from kla_sim.engine.results import Axis, Result, results_of

if TYPE_CHECKING:
    from kla_sim.engine.structure import Structure

HELD, CANCELLED, MERGED = range(3)
"""What became of a cycle."""

Int8 = npt.NDArray[np.int8]
Int16 = npt.NDArray[np.int16]

_BY_CYCLE: tuple[Axis, ...] = ("cities", "cycles")
_UNKNOWN, _NO_BOUND = math.nan, math.inf
_SCORE = Result(_BY_CYCLE, "points", start=_UNKNOWN, high=MAXIMUM_SCORE)
_STEP = Result(_BY_CYCLE, start=_UNKNOWN, low=-_NO_BOUND)
_DAY = Result(("cycles",), start=-1, low=-1)
_MONEY = Result(("accounts", "years"), "rupiah")
_POSTS = Result(("pools",), "post-days")
_FLAG = Result(high=1)
_CATEGORY = Result(("cities",), high=len(CATEGORIES) - 1)
_ATTEMPT = Result(("activities",), start=-1, low=-1)


class Replications(NamedTuple):
    """Results, one row per replication; accounts are the province's, then those of the cities."""

    is_met: Annotated[
        BoolArray,
        _FLAG.says(
            "whether every city is at the target on the deadline",
            "apakah setiap wilayah mencapai target pada batas waktu",
        ),
    ]
    is_met_once: Annotated[
        BoolArray,
        _FLAG.says(
            "whether all cities are at the target at once on some day up to the deadline",
            "apakah semua wilayah serentak mencapai target pada suatu hari sampai batas waktu",
        ),
    ]
    standing: Annotated[
        Int8,
        _CATEGORY.says("category held on the deadline", "kategori yang dipegang pada batas waktu"),
    ]
    category: Annotated[
        Int8,
        _CATEGORY._replace(axes=_BY_CYCLE, start=-1, low=-1).says(
            "category awarded; -1 = no award within the horizon",
            "kategori yang dianugerahkan; -1 = tanpa penghargaan sampai akhir masa",
        ),
    ]
    score: Annotated[
        FloatArray,
        _SCORE.says(
            "latent score on the evidence day; NaN = not held",
            "nilai laten pada batas unggah bukti dukung; NaN = tidak diselenggarakan",
        ),
    ]
    verified: Annotated[
        FloatArray,
        _SCORE.says(
            "score that the jury gives; NaN = not held",
            "nilai hasil verifikasi lapangan; NaN = tidak diselenggarakan",
        ),
    ]
    claimed: Annotated[
        FloatArray,
        _SCORE.says(
            "score that the city claims of itself; NaN = not held",
            "nilai evaluasi mandiri wilayah; NaN = tidak diselenggarakan",
        ),
    ]
    gap: Annotated[
        FloatArray,
        _STEP._replace(unit="points").says(
            "background gap after the step of the scheduled evidence day; NaN = not reached",
            "celah latar setelah langkah pada batas unggah terjadwal; NaN = tidak sampai",
        ),
    ]
    remainder: Annotated[
        FloatArray,
        _STEP._replace(unit="share").says(
            "what Kaltara and wide work leave of the gap on that day; NaN = not reached",
            "sisa celah setelah Kaltara dan kegiatan luas pada hari itu; NaN = tidak sampai",
        ),
    ]
    cycle_state: Annotated[
        Int8,
        Result(("cycles",), high=MERGED).says(
            "what became of the cycle: 0 = held, 1 = cancelled, 2 = merged into the next",
            "keadaan siklus: 0 = diselenggarakan, 1 = dibatalkan, 2 = digabung ke yang berikut",
        ),
    ]
    evidence_day: Annotated[
        ShortArray,
        _DAY.says(
            "day from the start on which evidence closes, with its slip; -1 = not held",
            "batas unggah bukti dukung, hari sejak awal, dengan kemundurannya; -1 = tidak "
            "diselenggarakan",
        ),
    ]
    award_day: Annotated[
        ShortArray,
        _DAY.says(
            "day from the start on which the awards are published; -1 = not held",
            "hari sejak awal saat penghargaan diumumkan; -1 = tidak diselenggarakan",
        ),
    ]
    appropriated: Annotated[
        IntArray,
        _MONEY._replace(mean="money.appropriated").says(
            "budget of the year, after shocks", "anggaran tahun itu, setelah guncangan"
        ),
    ]
    released: Annotated[
        IntArray,
        _MONEY._replace(mean="money.released").says(
            "released in the year", "dicairkan dalam tahun itu"
        ),
    ]
    spent: Annotated[
        IntArray,
        _MONEY._replace(mean="money.spent").says(
            "spent in the year, on work and upkeep",
            "terserap dalam tahun itu, untuk kegiatan dan pemeliharaan",
        ),
    ]
    lapsed: Annotated[
        IntArray,
        _MONEY._replace(mean="money.lapsed").says(
            "lapsed at the end of the year", "tidak terserap pada akhir tahun itu"
        ),
    ]
    held: Annotated[
        IntArray,
        _MONEY._replace(mean="money.held").says(
            "held at the end of the year, after lapsing, or at the horizon",
            "sisa pada akhir tahun itu, setelah yang tidak terserap, atau pada akhir masa",
        ),
    ]
    wait_days: Annotated[
        ShortArray,
        Result(("accounts", "causes"), "days", mean="waiting_days", share="waiting_shares").says(
            "work waiting for this cause, all activities together",
            "kegiatan menunggu karena sebab ini, semua kegiatan bersama",
        ),
    ]
    busy_days: Annotated[
        ShortArray,
        _POSTS._replace(mean="posts.busy").says("posts at work", "posisi yang bekerja"),
    ]
    filled_days: Annotated[
        ShortArray,
        _POSTS._replace(mean="posts.filled").says(
            "posts within the capacity and filled", "posisi dalam kapasitas dan terisi"
        ),
    ]
    vacant_days: Annotated[
        ShortArray,
        _POSTS._replace(mean="posts.vacant").says(
            "posts within the capacity but vacant", "posisi dalam kapasitas tetapi kosong"
        ),
    ]
    dormant_days: Annotated[
        ShortArray,
        Result(("cities",), "zone-days", mean="dormant_days").says(
            "zones dormant because their upkeep is not paid",
            "kawasan tidak aktif karena pemeliharaannya tidak dibayar",
        ),
    ]
    launches: Annotated[
        Int16,
        Result(("cities", "years"), "zones", mean="launches").says(
            "launched in the year", "diluncurkan dalam tahun itu"
        ),
    ]
    n_events: Annotated[
        ShortArray,
        Result().says(
            "number of completions, calendar items and starts",
            "banyaknya penyelesaian, butir kalender dan awal kegiatan",
        ),
    ]


class Attempts(NamedTuple):
    """When each activity was at work, activities in the order of the plan."""

    start: Annotated[
        ShortArray,
        _ATTEMPT.says(
            "day of the first start; -1 = never", "hari pertama kali dimulai; -1 = tidak pernah"
        ),
    ]
    finish: Annotated[
        ShortArray,
        _ATTEMPT.says(
            "day on which the last attempt ends, maybe past the horizon; -1 = never",
            "hari percobaan terakhir selesai, mungkin lewat akhir masa; -1 = tidak pernah",
        ),
    ]
    attempts: Annotated[
        ShortArray, Result(("activities",)).says("how often it was begun", "berapa kali dimulai")
    ]


def empty_replications(structure: Structure, n: int) -> Replications:
    """Return arrays for n replications, filled with what holds before anything happens."""
    rows = results_of(Replications).values()
    return Replications(*(result.empty(n, structure) for result in rows))


def empty_attempts(structure: Structure, n: int) -> Attempts:
    """Return arrays for n replications in which nothing has begun."""
    return Attempts(*(result.empty(n, structure) for result in results_of(Attempts).values()))


def join_replications(parts: list[Replications]) -> Replications:
    """Put replications one behind the other, in the order given."""
    return Replications(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def join_attempts(parts: list[Attempts]) -> Attempts:
    """Put replications one behind the other, in the order given."""
    return Attempts(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def row_of(out: Replications, row: int) -> Replications:
    """Return one row as views without the first dimension, to be written into."""
    views: list[Any] = [array[row, ...] for array in out]
    return Replications(*views)
