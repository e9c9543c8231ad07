"""The trail: forecasts of successive status dates, kept, and scored when the awards have come.

A forecast is what one run says of each city's award in each coming cycle, given that the cycle
publishes something. It is kept in a file of its own and never changed. Awards come from the shipped
DKI record or a table of the same form. Called by the command `trail`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from kla_sim.analysis.award_forecasts import N_OUTCOMES, Moves, forecast_no_change, moves_of
from kla_sim.analysis.forecast_scores import log_scores, ranked_probability_scores
from kla_sim.domain.awards import AwardTable
from kla_sim.domain.categories import CATEGORIES
from kla_sim.domain.places import bare_place, fold_place
from kla_sim.domain.record import Notice, award_day, read_panel
from kla_sim.domain.tables import in_order, nearest, shown
from kla_sim.errors import Fault, ScenarioError, StoreError
from kla_sim.experiment.run import StoredRun
from kla_sim.reading import read_bounded
from kla_sim.store import PATIENCE, to_json, write_atomic, writing

FOLDER = "trail"
OUTCOMES = CATEGORIES[:N_OUTCOMES]
"""none to utama; KLA, which no place has reached, counts as utama."""

_ADDED = 0.5
_ROUNDING = 1e-9
_MOST_BYTES = 2**24

Chances = dict[str, float]
Awards = dict[tuple[str, int], str]
"""Region as the record names it, and year, to the category."""


class Forecast(NamedTuple):
    """What one run says of the coming awards; as it is kept."""

    name: str
    path: Path
    scenario: str
    digest: str
    seed: int
    replications: int
    seen_from: dt.date
    cities: dict[str, str]  # id to name
    standing: dict[str, Chances]  # city to chances on the status date
    awards: dict[int, dict[str, Chances]]  # cycle to city to chances, if it publishes anything
    held: dict[int, float]  # cycle to the chance that it publishes anything


class Scored(NamedTuple):
    """One forecast of one award that has come."""

    forecast: str
    seen_from: dt.date
    city: str
    year: int
    outcome: str
    chance: float  # given to what came
    log_score: tuple[float, float]  # of the forecast, and of "nothing changes"
    rps: tuple[float, float]


def keep(run: StoredRun, results: Path) -> Forecast:
    """Keep what a run forecasts; the same again is no change.

    Raises
    ------
    StoreError : a forecast of this name says something else, or the folder cannot be written.
    """
    forecast = _forecast_of(run, results / FOLDER)
    document = _document(forecast)
    document["sha256"] = _hash_of(document)
    with writing(forecast.path.parent, PATIENCE):
        if not _is_kept(forecast, document):
            write_atomic(forecast.path, to_json(document))
    return forecast


def _is_kept(forecast: Forecast, document: dict[str, Any]) -> bool:
    """Return whether a forecast is kept already; one that says something else is refused."""
    if not os.path.lexists(forecast.path):
        return False
    try:
        found = json.loads(read_bounded(forecast.path, _MOST_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError("trail_broken", path=str(forecast.path)) from error
    if found not in (document, {key: document[key] for key in document if key != "sha256"}):
        raise StoreError("trail_differs", path=str(forecast.path))
    return True


def kept(results: Path, pass_over: Callable[[StoreError], None] | None = None) -> list[Forecast]:
    """Return the forecasts kept below a results folder, by status date.

    Parameters
    ----------
    pass_over : told of each file that cannot be read or was changed; without it, that is an error.

    Raises
    ------
    StoreError : a file of the trail cannot be read, or was changed since it was kept.
    """
    found = []
    for path in _files(results / FOLDER):
        try:
            found.append(_read(path))
        except StoreError as error:
            if pass_over is None:
                raise
            pass_over(error)
    return sorted(found, key=lambda forecast: (forecast.seen_from, forecast.name))


def _files(folder: Path) -> list[Path]:
    """Return the files of a trail; none where there is no such folder."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".json")
    except (OSError, ValueError):
        return []


def registered() -> list[Forecast]:
    """Return the forecasts that the program itself carries, registered before they can be scored.

    One that another has replaced stays on file, but is not among them.

    Raises
    ------
    StoreError : a file of them was changed.
    """
    folder = registered_folder()
    standing = [entry for entry in register() if "replaced_by" not in entry]
    return [_read(folder / f"{entry['forecast']}.json") for entry in standing]


def register() -> list[dict[str, Any]]:
    """Return when each registered forecast was registered, and the command that makes it."""
    entries: list[dict[str, Any]] = json.loads(
        (registered_folder() / "register.json").read_text(encoding="utf-8")
    )
    return entries


def registered_folder() -> Path:
    """Return the folder of the registered forecasts."""
    return Path(__file__).resolve().parents[1] / "data" / "forecasts"


def score(forecasts: list[Forecast], awards: Awards) -> list[Scored]:
    """Score every forecast of an award that came after its status date."""
    scored = []
    for forecast in forecasts:
        stays = _no_change_table(forecast.seen_from)
        for (region, year), category in sorted(awards.items(), key=lambda item: item[0][1]):
            city = _city_of(forecast, region)
            chances = forecast.awards.get(year, {}).get(city or "")
            if city is None or chances is None or award_day(year) <= forecast.seen_from:
                continue
            outcome = min(CATEGORIES.index(category), N_OUTCOMES - 1)
            counts = np.array([chances[name] for name in OUTCOMES]) * forecast.replications
            own = (counts + _ADDED) / (counts.sum() + N_OUTCOMES * _ADDED)
            before = np.array([forecast.standing[city][name] for name in OUTCOMES])
            both, came = np.stack([own, before @ stays]), np.array([outcome, outcome])
            log, rps = log_scores(both, came), ranked_probability_scores(both, came)
            scored.append(
                Scored(
                    forecast=forecast.name,
                    seen_from=forecast.seen_from,
                    city=forecast.cities[city],
                    year=year,
                    outcome=OUTCOMES[outcome],
                    chance=float(own[outcome]),
                    log_score=(float(log[0]), float(log[1])),
                    rps=(float(rps[0]), float(rps[1])),
                )
            )
    return scored


def strangers(forecasts: list[Forecast], table: AwardTable) -> tuple[Notice, ...]:
    """Return the regions of a table that no forecast knows, each at its first row.

    Raises
    ------
    ScenarioError : two regions of one year are one city of a forecast.
    """
    _refuse_one_city_twice(forecasts, table)
    names = sorted({name for forecast in forecasts for name in forecast.cities.values()})
    notices: dict[str, Notice] = {}
    for award in table.awards:
        region = fold_place(award.region)
        if region in notices or any(_city_of(one, award.region) for one in forecasts):
            continue
        near = nearest(bare_place(award.region), names)
        code = "region_unknown_near" if near else "region_unknown"
        notices[region] = Notice(code, table.file, award.line, shown(award.region), nearest=near)
    return tuple(notices.values())


def _refuse_one_city_twice(forecasts: list[Forecast], table: AwardTable) -> None:
    faults = {}
    for forecast in forecasts:
        first: dict[tuple[str | None, int], int] = {}
        for award in table.awards:
            key = _city_of(forecast, award.region), award.year
            if key[0] is not None and first.setdefault(key, award.line) != award.line:
                fields = {
                    "place": forecast.cities[key[0]],
                    "year": str(award.year),
                    "first": first[key],
                }
                faults[award.line] = Fault("award_twice", "", table.file, award.line, 1, fields)
    if faults:
        raise ScenarioError(in_order(list(faults.values())))


def trail_document(forecasts: list[Forecast], scored: list[Scored]) -> dict[str, Any]:
    """Return the trail as the JSON document of `trail --json`."""
    return {
        "forecasts": [_document(forecast) for forecast in forecasts],
        "scores": [
            {
                "forecast": one.forecast,
                "seen_from": one.seen_from.isoformat(),
                "city": one.city,
                "year": one.year,
                "outcome": one.outcome,
                "chance": one.chance,
                "log_score": dict(zip(("model", "no_change"), one.log_score, strict=True)),
                "rps": dict(zip(("model", "no_change"), one.rps, strict=True)),
            }
            for one in scored
        ],
    }


def _forecast_of(run: StoredRun, folder: Path) -> Forecast:
    labels, summary, manifest = run.plan.labels, run.summary, run.folder.manifest
    standing = np.array([world.standing for world in run.plan.worlds])
    name = f"{labels.start.isoformat()}-{run.folder.path.name}-{summary.n}"
    shares = summary.category_shares
    publishes = 1.0 - shares[:, :, -1].mean(axis=0)
    return Forecast(
        name=name,
        path=folder / f"{name}.json",
        scenario=run.scenario.name,
        digest=manifest.digest,
        seed=manifest.seed,
        replications=summary.n,
        seen_from=labels.start,
        cities=dict(zip(labels.cities, labels.city_names, strict=True)),
        standing={
            city: _chances(np.bincount(standing[:, place], minlength=len(CATEGORIES)))
            for place, city in enumerate(labels.cities)
        },
        awards={
            year: {
                city: _chances(shares[place, cycle, :-1])
                for place, city in enumerate(labels.cities)
            }
            for cycle, year in enumerate(labels.cycles)
            if publishes[cycle] > 0.0
        },
        held={year: float(publishes[cycle]) for cycle, year in enumerate(labels.cycles)},
    )


def _chances(weights: Any) -> Chances:
    """Return the chances of the five outcomes."""
    merged = np.append(weights[: N_OUTCOMES - 1], weights[N_OUTCOMES - 1 :].sum()).astype(float)
    return dict(zip(OUTCOMES, (merged / merged.sum()).tolist(), strict=True))


def _document(forecast: Forecast) -> dict[str, Any]:
    document = forecast._asdict()
    del document["path"]
    document["seen_from"] = forecast.seen_from.isoformat()
    for field in ("awards", "held"):
        document[field] = {str(year): part for year, part in document[field].items()}
    return {"schema_version": 1, **document}


def _hash_of(document: dict[str, Any]) -> str:
    """Return the SHA-256 of what a forecast says, however its file is laid out."""
    said = {key: value for key, value in document.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _read(path: Path) -> Forecast:
    try:
        document = json.loads(read_bounded(path, _MOST_BYTES))
        if document.pop("sha256", None) not in (None, _hash_of(document)):
            raise StoreError("trail_broken", path=str(path))
        del document["schema_version"]
        document["path"] = path
        document["seen_from"] = dt.date.fromisoformat(document["seen_from"])
        for field in ("awards", "held"):
            document[field] = {int(year): part for year, part in document[field].items()}
        forecast = Forecast(**document)
        _check(forecast)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError("trail_broken", path=str(path)) from error
    return forecast


def _check(forecast: Forecast) -> None:
    """Refuse what no run can have said, so that all who score or show a forecast can rely on it.

    Raises
    ------
    ValueError : a text, a count or a chance is none.
    """
    texts = (forecast.name, forecast.scenario, forecast.digest, *forecast.cities.values())
    counts = (forecast.seed, forecast.replications)
    tables = (forecast.standing, *forecast.awards.values())
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("text")
    if not all(isinstance(count, int) and 0 <= count < 2**64 for count in counts):
        raise ValueError("count")
    if not all(_is_chance(chance) for chance in forecast.held.values()):
        raise ValueError("held")
    if not all(1900 <= year <= 9999 for year in forecast.awards):
        raise ValueError("year")
    for table in tables:
        if set(table) != set(forecast.cities):
            raise ValueError("cities")
        for chances in table.values():
            is_sound = set(chances) == set(OUTCOMES) and all(map(_is_chance, chances.values()))
            if not (is_sound and abs(sum(chances.values()) - 1.0) < _ROUNDING):
                raise ValueError("chances")


def _is_chance(value: Any) -> bool:
    return isinstance(value, int | float) and 0.0 <= value <= 1.0


def _city_of(forecast: Forecast, region: str) -> str | None:
    """Return the city that a region of a table is: of the same name, else the one it ends with.

    `Kota Adm. Jakarta Timur` is Jakarta Timur, and the other way round; of several the longest.
    """
    whole = fold_place(region)
    by_name = {fold_place(name): key for key, name in forecast.cities.items()}
    if whole in by_name:
        return by_name[whole]
    near = [name for name in by_name if whole.endswith(f" {name}") or name.endswith(f" {whole}")]
    return by_name[max(near, key=len)] if near else None


def _no_change_table(seen_from: dt.date) -> Any:
    """Return the chances by "nothing changes", (N_OUTCOMES, N_OUTCOMES), from earlier moves."""
    record = read_panel().record
    known = [year for year in record.years if award_day(year) <= seen_from]
    every = Moves(*(np.arange(N_OUTCOMES),) * 4)
    return forecast_no_change(moves_of(record.until(max(known, default=0))), every)
