"""How much memory, disk and time a run takes, reckoned from the scenario before anything is made.

The figures are estimates: what a piece of work, a world or a row takes was measured once on plans
of 500 to 450,000 pieces of work (docs/decisions.md). What this machine cannot hold is refused with
the number to lower; `run` and `trace` ask before they compile a plan, the command line says what
will take long. Not here: what no machine can count (`scenario.checks.rim`).
"""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import NamedTuple

import psutil

from kla_sim.engine.replications import Replications
from kla_sim.engine.results import results_of
from kla_sim.errors import UsageError
from kla_sim.scenario.checks.rim import count_work, most_posts
from kla_sim.scenario.evaluation import Strictness
from kla_sim.scenario.model import Scenario

GIGABYTE = 1e9
LARGE_BYTES, LONG_SECONDS = GIGABYTE, 60.0
"""What is said beforehand."""

_PROGRAM = 2.5e8
_OF_ACTIVITY = {"compiled": 550.0, "reference": 2_000.0}
_AT_WORK = {"compiled": 150.0, "reference": 0.0}  # of an activity in each thread
_OF_LINK = 40.0
_OF_POST = {"compiled": 300.0, "reference": 800.0}
_OF_ZONE = {"compiled": 60.0, "reference": 300.0}
_OF_WORLD = 4_000.0  # beside its numbers, each of which is held twice
_OF_COLUMN = 6_500.0  # while a part is written
_OF_REPLICATION = 0.4  # of its chunk and its part in lists
_OF_SCORES = 16_000.0  # counts of the scores of a city in a cycle
_OF_TRAIL = 80_000.0  # what is believed of a city after some juries
_COPIES_OF_PART = 4
"""Bytes; a reference engine's worker holds a plan of its own."""

_ON_DISK_FLOAT, _ON_DISK_RUPIAH, _ON_DISK_COUNT, _ON_DISK_FOOTER = 6.0, 4.0, 1.3, 280.0
"""Bytes of a value in a part, compressed, and of a column's entry at its end."""

_SECONDS_OF_WORLD, _SECONDS_OF_BELIEF, _SECONDS_OF_COLUMN = 7e-4, 1e-4, 6e-5
_SECONDS_OF_FUTURE = {"compiled": 3e-5, "reference": 3e-4}
_SECONDS_OF_ACTIVITY = {"compiled": 2e-7, "reference": 1e-5}
_SECONDS_OF_CITY = 5e-6
_SECONDS_TO_COMPILE = 1e-5  # an activity into the plan
_IN_CACHE, _MOST_SLOWING = 150_000, 5.0
"""Activities whose state the processor's cache holds, and how much slower it gets without."""

_PART_BYTES = 256_000_000
_CHUNK_ROWS = 1_250
_JURIES = {1: 9, 2: 5}
"""Juries tried for each cycle observed, by the number of cycles; three for more."""


class Asked(NamedTuple):
    """What of a run its size depends on."""

    replications: int
    engine: str = "compiled"
    n_workers: int = 1
    n_copies: int = 1  # of the plan, one in each process that works
    part_size: int = 10_000
    keeps_activities: bool = False
    central: bool = False
    n_rounds: int = 1  # of fresh worlds
    n_plans: int = 1  # held at once


class Load(NamedTuple):
    """What one thing, of which there are many, takes of the memory."""

    name: str
    number: float
    bytes_of_one: float

    @property
    def bytes(self) -> float:
        """Of all of them."""
        return self.number * self.bytes_of_one


class Size(NamedTuple):
    """What a run takes, by estimate."""

    replications: int
    loads: tuple[Load, ...]
    disk_bytes: float
    seconds: float

    @property
    def memory_bytes(self) -> float:
        """At the peak."""
        return _PROGRAM + sum(load.bytes for load in self.loads)

    @property
    def is_large(self) -> bool:
        """Whether somebody should be told before it begins."""
        is_heavy = max(self.memory_bytes, self.disk_bytes) > LARGE_BYTES
        return is_heavy or self.seconds > LONG_SECONDS

    def document(self) -> dict[str, float]:
        """Return the estimate as JSON shows it."""
        return {
            "replications": self.replications,
            "memory_bytes": round(self.memory_bytes),
            "disk_bytes": round(self.disk_bytes),
            "seconds": round(self.seconds, 1),
        }


class _Trails(NamedTuple):
    """Juries followed for what was observed, and over how many cycles."""

    number: int
    n_cycles: int


class _Counts(NamedTuple):
    """Dimensions of a plan."""

    n_cities: int
    n_zones: int
    n_existing: int
    n_activities: int
    n_zone_kinds: int
    n_kinds: int
    n_links: int
    n_posts: int
    n_pools: int
    n_years: int
    n_cycles: int
    n_causes: int

    @property
    def n_accounts(self) -> int:
        """Of the province and the cities."""
        return 1 + self.n_cities

    @property
    def floats(self) -> int:
        """Scores and gaps of one future."""
        return self._values("f", 8)

    @property
    def amounts(self) -> int:
        """Rupiah of one future."""
        return self._values("i", 8)

    @property
    def numbers(self) -> int:
        """Whole numbers of one future, its own number and that of its world among them."""
        return 2 + sum(self._values(kind, size) for kind in "bi" for size in (1, 2, 4))

    def _values(self, kind: str, n_bytes: int) -> int:
        """Return how many values of a kind and width the results of one future have."""
        return sum(
            math.prod(result.sizes(self))
            for result in results_of(Replications).values()
            if (result.dtype.kind, result.dtype.itemsize) == (kind, n_bytes)
        )

    @property
    def n_columns(self) -> int:
        """Of a part."""
        return self.floats + self.amounts + self.numbers

    @property
    def row_bytes(self) -> float:
        """Of the results of one future."""
        return 8.0 * (self.floats + self.amounts) + 4.0 * self.numbers

    @property
    def world_bytes(self) -> float:
        """Of the numbers of one world."""
        n_amounts = self.n_accounts * self.n_years
        return 8.0 * (18 * self.n_kinds + 15 * self.n_cities + n_amounts + 6 * self.n_cycles + 60)


def reckon(scenario: Scenario, asked: Asked) -> Size:
    """Return what a run takes, by estimate, from the scenario alone."""
    counts = _count(scenario)
    n_worlds = 1 if asked.central else scenario.worlds
    trails = _trails(scenario)
    return Size(
        asked.replications,
        _loads(counts, asked, n_worlds, trails, min(asked.replications, _rows(counts, asked))),
        _disk_bytes(counts, asked),
        _seconds(counts, asked, n_worlds, trails.number),
    )


def _loads(c: _Counts, asked: Asked, n_worlds: int, trails: _Trails, rows: int) -> tuple[Load, ...]:
    """Return what takes memory: the plan with its copies, the worlds, and the parts in the making.

    Parameters
    ----------
    rows : replications of one part.
    """
    copies = asked.n_copies
    of_activity = _OF_ACTIVITY[asked.engine] + _AT_WORK[asked.engine] * asked.n_workers
    of_zone = _OF_ZONE[asked.engine]
    in_flight = min(rows, _CHUNK_ROWS) * (asked.n_workers + 2)
    of_trails = trails.number * c.n_cities * _OF_TRAIL
    return (
        Load("worlds", n_worlds, asked.n_plans * (2 * c.world_bytes + _OF_WORLD)),
        Load("zones", c.n_zones, copies * (c.n_zone_kinds * of_activity + of_zone)),
        Load("plan", c.n_activities - c.n_zones * c.n_zone_kinds, copies * of_activity),
        Load("plan", c.n_links, copies * _OF_LINK),
        Load("posts", c.n_posts, copies * _OF_POST[asked.engine]),
        Load("existing", c.n_existing, copies * of_zone),
        Load("kept", _n_kept(c, asked), _OF_COLUMN + _COPIES_OF_PART * 4.0 * rows),
        Load("plan", c.n_columns, _OF_COLUMN),
        Load("plan", _COPIES_OF_PART * rows + in_flight, c.row_bytes),
        Load("plan", c.n_cities * c.n_cycles, _OF_SCORES),
        Load("awards", trails.n_cycles, of_trails / max(1, trails.n_cycles)),
        Load("replications", asked.replications, _OF_REPLICATION + 8.0 * (n_worlds == 1)),
    )


def _disk_bytes(c: _Counts, asked: Asked) -> float:
    n_kept = _n_kept(c, asked)
    of_row = _ON_DISK_FLOAT * c.floats + _ON_DISK_RUPIAH * c.amounts
    of_row += _ON_DISK_COUNT * (c.numbers + n_kept)
    return asked.replications * of_row + _n_parts(c, asked) * (
        (c.n_columns + n_kept) * _ON_DISK_FOOTER
    )


def _seconds(c: _Counts, asked: Asked, n_worlds: int, n_trails: int) -> float:
    of_world = _SECONDS_OF_WORLD
    if n_trails > 1:
        of_world += n_trails * c.n_cities * _SECONDS_OF_BELIEF
    slowing = min(_MOST_SLOWING, 1.0 + c.n_activities / _IN_CACHE)
    of_future = _SECONDS_OF_FUTURE[asked.engine]
    of_future += c.n_activities * slowing * _SECONDS_OF_ACTIVITY[asked.engine]
    of_future = of_future / asked.n_workers + c.n_cities * _SECONDS_OF_CITY
    of_part = (c.n_columns + _n_kept(c, asked)) * _SECONDS_OF_COLUMN
    of_plan = c.n_activities * _SECONDS_TO_COMPILE
    return (
        asked.n_rounds * (n_worlds * of_world + of_plan)
        + asked.replications * of_future
        + _n_parts(c, asked) * of_part
    )


def _n_kept(c: _Counts, asked: Asked) -> int:
    """Return the columns of activities that are kept: start, finish and attempts of each."""
    return 3 * c.n_activities if asked.keeps_activities else 0


def _n_parts(c: _Counts, asked: Asked) -> int:
    return math.ceil(asked.replications / _rows(c, asked))


def rows_of_part(scenario: Scenario, asked: Asked) -> int:
    """Return how many replications stand in one part: fewer where each of them is large."""
    return _rows(_count(scenario), asked)


def _rows(c: _Counts, asked: Asked) -> int:
    of_row = c.row_bytes + 12.0 * c.n_activities * asked.keeps_activities
    return max(1, min(asked.part_size, int(_PART_BYTES / of_row)))


def refuse_too_large(size: Size, results: Path | None = None) -> None:
    """Refuse what this machine cannot hold.

    Parameters
    ----------
    results : folder below which parts will be written; None = nothing is.

    Raises
    ------
    UsageError : it cannot; names the number to lower and how far.
    """
    available = free_memory()
    if size.memory_bytes > available:
        raise _too_large(size, available)
    if results is None:
        return
    free = free_disk(results)
    if size.disk_bytes > free:
        raise UsageError(
            "too_large_for_disk",
            needed=_gigabytes(size.disk_bytes),
            free=_gigabytes(free),
            path=str(results),
            most=int(size.replications * free / size.disk_bytes),
        )


def _too_large(size: Size, available: float) -> UsageError:
    """Return the refusal that names the heaviest load, and how much of it fits."""
    heaviest = max(size.loads, key=lambda load: load.bytes)
    left = available - (size.memory_bytes - heaviest.bytes)
    most = math.floor(left / heaviest.bytes_of_one) if left > 0 else 0
    fields = {"needed": _gigabytes(size.memory_bytes), "available": _gigabytes(available)}
    if heaviest.name in ("plan", "awards") or most < 1:
        return UsageError("too_large_plan", **fields)
    code = {
        "worlds": "too_large_worlds",
        "zones": "too_large_zones",
        "existing": "too_large_zones",
        "kept": "too_large_kept",
        "posts": "too_large_posts",
        "replications": "too_large_replications",
    }[heaviest.name]
    return UsageError(code, **fields, now=int(heaviest.number), most=most)


def _gigabytes(n_bytes: float) -> float:
    gigabytes = n_bytes / GIGABYTE
    return round(gigabytes, 1) if gigabytes >= 1.0 else float(f"{gigabytes:.2g}")


def free_memory() -> float:
    """Return the bytes that a process may still take, by the machine and by its group's limit."""
    available = float(psutil.virtual_memory().available)
    limit, used = _of_group("memory.max"), _of_group("memory.current")
    return available if limit is None or used is None else min(available, limit - used)


def _of_group(name: str) -> float | None:
    """Return a number of the control group, in which batch systems hold work; None = no limit."""
    try:
        text = Path("/sys/fs/cgroup", name).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
    return float(text) if text.isdecimal() else None


def free_disk(folder: Path) -> float:
    """Return the bytes free where a folder is, or would be made."""
    here = folder.absolute()
    while not here.exists() and here != here.parent:
        here = here.parent
    return float(shutil.disk_usage(here).free)


def _count(scenario: Scenario) -> _Counts:
    kits, cities, work = scenario.work, scenario.cities, count_work(scenario)
    pools = [len(cities) if entry.scope == "city" else 1 for entry in scenario.resources.values()]
    return _Counts(
        n_cities=len(cities),
        n_zones=work.n_zones,
        n_existing=sum(city.zones.existing for city in cities.values()),
        n_activities=work.n_activities,
        n_zone_kinds=len(kits.zone),
        n_kinds=len(kits.province) + len(kits.city) + len(kits.zone),
        n_links=work.n_links,
        n_posts=sum(most_posts(scenario, name) for name in scenario.resources),
        n_pools=sum(pools),
        n_years=scenario.horizon.year - scenario.start.year + 1,
        n_cycles=len(scenario.evaluation.cycles),
        n_causes=4 + len(scenario.resources),
    )


def _trails(scenario: Scenario) -> _Trails:
    """Return how many juries are followed in turn for what was observed, and over how many cycles.

    See `engine.status_date`.
    """
    seen = list(scenario.observed.awards) if scenario.observed else []
    n_juries, n_trails = _JURIES.get(len(seen), 3), 1
    evaluation = scenario.evaluation
    for year in seen:
        own = evaluation.cycles[year].strictness
        jury = evaluation.strictness if own is None else own
        sd = jury.sd if isinstance(jury, Strictness) else jury
        is_known = sd == 0 or (sd is None and scenario.background.posterior is None)
        n_trails *= 1 if is_known else n_juries
    return _Trails(n_trails, len(seen))
