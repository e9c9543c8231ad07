"""Fitting the background law to the award record: posterior, its checks, and the files it leaves.

The same record, seed and number of steps give the same rows. Called by the command `calibrate`.
Not here: the density (`analysis.calibration`), the sampler (`analysis.sampling`) and the plots.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from kla_sim.analysis.calibration import (
    PRIORS,
    Material,
    log_posterior,
    prepare,
    prior_centre,
    prior_spread,
    row_of,
)
from kla_sim.analysis.sampling import Ensembles, find_mode, run_ensembles, thin
from kla_sim.analysis.simulated_record import (
    all_kinds,
    all_provinces,
    count_awards,
    report_awards,
    share_of_moves,
    simulate_awards,
)
from kla_sim.arrays import FloatArray, IntArray
from kla_sim.domain.places import known_province
from kla_sim.domain.record import PANEL, AwardRecord, Notice, read_panel, read_totals, shipped
from kla_sim.domain.tables import fold, nearest
from kla_sim.engine.background import N_CATEGORIES
from kla_sim.engine.posterior import PosteriorRow, rows_to_csv
from kla_sim.errors import StoreError, UsageError
from kla_sim.reading import read_in_place
from kla_sim.store import cannot_write, to_json, write_atomic

Progress = Callable[[int, int], None]

N_ROWS = 300
N_ENSEMBLES = 4
DEFAULT_STEPS = 300
MINIMUM_PAIRS = 30
_N_CHECKS = 200
_OUTER = (5.0, 50.0, 95.0)
_STRENGTHS = (0.5, 2.0)
"""Powers to which one prior at a time is raised, to see how far it moves the posterior."""


class CalibrationRequest(NamedTuple):
    """What is to be fitted, and how."""

    panel: Path | None = None  # none: the shipped panel
    until: int | None = None  # last evaluation to fit to
    leave_out: tuple[str, ...] = ()  # provinces
    seed: int = 1
    n_steps: int = DEFAULT_STEPS
    n_rows: int = N_ROWS
    n_checks: int = _N_CHECKS


class PredictiveCheck(NamedTuple):
    """A number of the record beside what fitted laws give for it."""

    what: str  # total or move
    year: int
    label: str  # category, or fall, stay, rise
    observed: float
    low: float  # 5, 50 and 95 % points of what is simulated
    middle: float
    high: float


class Shift(NamedTuple):
    """How far the mean of a parameter moves when its own prior is made weaker or stronger."""

    name: str
    weaker: float  # posterior standard deviations
    stronger: float


class Calibration(NamedTuple):
    """A fitted posterior with its checks."""

    rows: tuple[PosteriorRow, ...]
    meta: dict[str, Any]
    parameters: dict[str, tuple[float, float, float]]  # 5, 50, 95 % points
    prior: dict[str, tuple[float, float, float]]
    r_hat: dict[str, float]
    effective: dict[str, float]
    accepted: float
    checks: tuple[PredictiveCheck, ...]
    sensitivity: tuple[Shift, ...]
    notices: tuple[Notice, ...]


def calibrate(request: CalibrationRequest, progress: Progress | None = None) -> Calibration:
    """Fit the law to a record and check the fit.

    Raises
    ------
    ScenarioError : the panel is wrong.
    UsageError : too few moves are known, or emcee is missing, or a name is unknown.
    """
    panel = read_panel(request.panel)
    request = request._replace(leave_out=_provinces(panel.record, request.leave_out))
    record = _chosen_record(panel.record, request)
    material = prepare(record)
    n_years = len(record.years)
    density = partial(log_posterior, material=material)
    mode = find_mode(density, prior_centre(n_years), prior_spread(n_years))
    ensembles = run_ensembles(density, mode, request.seed, request.n_steps, N_ENSEMBLES, progress)
    generator = np.random.default_rng([request.seed, N_ENSEMBLES])
    chosen = thin(ensembles.flat, request.n_rows, generator)
    rows = tuple(row_of(vector, record.years) for vector in chosen)
    names = parameter_names(record.years)
    return Calibration(
        rows=rows,
        meta=_meta(request, panel.sha256, record, ensembles),
        parameters=_points(ensembles.flat, record.years),
        prior=_points(_prior_draws(n_years, generator), record.years),
        r_hat=dict(zip(names, ensembles.r_hat.tolist(), strict=True)),
        effective=dict(zip(names, ensembles.effective.tolist(), strict=True)),
        accepted=ensembles.accepted,
        checks=predictive_checks(rows[: request.n_checks], record, material, generator),
        sensitivity=prior_sensitivity(ensembles.flat, record.years),
        notices=panel.notices,
    )


def tau_points(rows: Sequence[PosteriorRow]) -> tuple[float, float, float]:
    """Return 5, 50 and 95 % points of the spread of log rates that places of a province share."""
    taus = [row.rate_spread * np.sqrt(row.province_share) for row in rows]
    low, middle, high = np.quantile(taus, (0.05, 0.5, 0.95)).tolist()
    return low, middle, high


def _provinces(record: AwardRecord, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return provinces as the record spells them; case and spaces do not matter."""
    spelled = {fold(name): name for name in record.provinces}
    found = tuple(spelled.get(fold(known_province(name) or name), name) for name in names)
    for name in found:
        near = nearest(name, record.provinces)
        if name not in record.provinces and near:
            raise UsageError("province_unknown_near", value=name, nearest=near)
        if name not in record.provinces:
            raise UsageError("province_unknown", value=name)
    return found


def _chosen_record(record: AwardRecord, request: CalibrationRequest) -> AwardRecord:
    if request.until is not None and request.until < record.years[0]:
        raise UsageError("no_evaluation_until", value=str(request.until))
    record = record.without(request.leave_out)
    if request.until is not None:
        record = record.until(request.until)
    n_pairs = len(record.pairs())
    if n_pairs < MINIMUM_PAIRS:
        raise UsageError("too_few_pairs", found=n_pairs, needed=MINIMUM_PAIRS)
    return record


def parameter_names(years: tuple[int, ...]) -> list[str]:
    """Return the names of a parameter vector's entries."""
    return [*(prior.name for prior in PRIORS), *(f"strictness_{year}" for year in years)]


def _meta(
    request: CalibrationRequest, panel_sha256: str, record: AwardRecord, ensembles: Ensembles
) -> dict[str, Any]:
    totals = shipped("kla_national_totals.csv").encode()
    return {
        "schema_version": 1,
        "fitted_until": record.years[-1],
        "left_out": list(request.leave_out),
        "seed": request.seed,
        "panel": request.panel.name if request.panel else PANEL,
        "panel_sha256": panel_sha256,
        "totals_sha256": hashlib.sha256(totals).hexdigest(),
        "places": len(record.places),
        "moves": len(record.pairs()),
        "ensembles": N_ENSEMBLES,
        "walkers": int(ensembles.draws.shape[2]),
        "steps": request.n_steps,
        "rows": request.n_rows,
        "largest_r_hat": round(float(ensembles.r_hat.max()), 4),
        "smallest_effective_size": round(float(ensembles.effective.min()), 1),
    }


def _prior_draws(n_years: int, generator: np.random.Generator) -> FloatArray:
    standard = generator.standard_normal((2000, len(prior_centre(n_years))))
    return np.asarray(prior_centre(n_years) + prior_spread(n_years) * standard)


def _points(vectors: FloatArray, years: tuple[int, ...]) -> dict[str, tuple[float, float, float]]:
    """Return the 5, 50 and 95 % points of every parameter in its own unit."""
    rows = [row_of(vector, years) for vector in vectors]
    columns = {prior.name: [getattr(row, prior.name) for row in rows] for prior in PRIORS}
    columns |= {f"strictness_{year}": [row.strictness[year] for row in rows] for year in years}
    points = {}
    for name, column in columns.items():
        low, middle, high = np.percentile(column, _OUTER)
        points[name] = (float(low), float(middle), float(high))
    return points


def predictive_checks(
    rows: tuple[PosteriorRow, ...],
    record: AwardRecord,
    material: Material,
    generator: np.random.Generator,
) -> tuple[PredictiveCheck, ...]:
    """Simulate all places by each row and set awards and moves beside the record.

    References
    ----------
    Gelman, A., Meng, X.-L. and Stern, H. (1996). Posterior predictive assessment of model fitness
    via realized discrepancies. Statistica Sinica 6(4), 733-760.
    """
    kinds = all_kinds()
    counts, moves = [], []
    for row in rows:
        provinces = all_provinces(generator)
        awards = simulate_awards(row, kinds, record.years, generator, provinces)
        awards[generator.random(len(kinds)) < row.absent_share] = 0
        counts.append(count_awards(awards))
        moves.append(share_of_moves(report_awards(awards, material.reporting, generator)))
    return (*_total_checks(np.stack(counts), record), *_move_checks(np.stack(moves), record))


def _total_checks(counts: IntArray, record: AwardRecord) -> list[PredictiveCheck]:
    totals, checks = read_totals(), []
    names = ("none", "pratama", "madya", "nindya", "utama")
    for place, year in enumerate(record.years):
        known = dict(totals.by_category[year])
        known[0] = len(all_kinds()) - totals.awarded[year]
        for category, observed in sorted(known.items()):
            if category < N_CATEGORIES - 1:
                points = np.percentile(counts[:, place, category], _OUTER)
                checks.append(
                    PredictiveCheck(
                        "total", year, names[category], float(observed), *points.tolist()
                    )
                )
    return checks


def _move_checks(shares: FloatArray, record: AwardRecord) -> list[PredictiveCheck]:
    observed = share_of_moves(record.category)
    return [
        PredictiveCheck(
            "move",
            record.years[place + 1],
            label,
            float(observed[place, number]),
            *np.nanpercentile(shares[:, place, number], _OUTER).tolist(),
        )
        for place in range(len(record.years) - 1)
        if np.isfinite(observed[place]).all()
        for number, label in enumerate(("fall", "stay", "rise"))
    ]


def prior_sensitivity(vectors: FloatArray, years: tuple[int, ...]) -> tuple[Shift, ...]:
    """Return how the mean of each parameter moves when its own prior is raised to a power.

    References
    ----------
    Kallioinen, N. et al. (2024). Detecting and diagnosing prior and likelihood sensitivity with
    power-scaling. Statistics and Computing 34, 57. doi:10.1007/s11222-023-10366-5
    """
    n_years = len(years)
    centre, spread = prior_centre(n_years), prior_spread(n_years)
    shifts = []
    for place, name in enumerate(parameter_names(years)):
        column = vectors[:, place]
        log_density = -0.5 * ((column - centre[place]) / spread[place]) ** 2
        moved = [_weighted_shift(column, (power - 1) * log_density) for power in _STRENGTHS]
        shifts.append(Shift(name, *moved))
    return tuple(shifts)


def _weighted_shift(column: FloatArray, log_weights: FloatArray) -> float:
    weights = np.exp(log_weights - log_weights.max())
    return float((np.average(column, weights=weights) - column.mean()) / column.std())


def _refusal(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def check_writable(folder: Path) -> None:
    """Refuse a folder that cannot be written, before the long fit rather than after it.

    Raises
    ------
    StoreError : nothing can be made there.
    """
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        raise StoreError("cannot_write", path=str(folder), reason=_refusal(errno.ENOTDIR))
    if not os.access(there, os.W_OK | os.X_OK):
        raise StoreError("cannot_write", path=str(folder), reason=_refusal(errno.EACCES))


def write_posterior(calibration: Calibration, folder: Path, name: str) -> Path:
    """Write the rows (CSV) and what they were fitted to (JSON); return the CSV."""
    table, notes, rows = (
        folder / f"{name}.csv",
        folder / f"{name}.json",
        rows_to_csv(calibration.rows),
    )
    try:
        if not (table.exists() and read_in_place(table) == rows):
            notes.unlink(missing_ok=True)  # cut off here, no notes are better than those of others
    except OSError as error:
        raise cannot_write(notes, error) from error
    write_atomic(table, rows)
    write_atomic(notes, to_json(calibration.meta))
    return table


def calibration_document(calibration: Calibration) -> dict[str, Any]:
    """Return a calibration as the JSON of `calibrate` shows it."""
    return {
        "posterior": calibration.meta,
        "parameters": {
            name: dict(zip(("p5", "p50", "p95"), points, strict=True))
            | {"r_hat": calibration.r_hat[name], "effective": calibration.effective[name]}
            for name, points in calibration.parameters.items()
        },
        "prior": {
            name: dict(zip(("p5", "p50", "p95"), points, strict=True))
            for name, points in calibration.prior.items()
        },
        "tau": dict(zip(("p5", "p50", "p95"), tau_points(calibration.rows), strict=True)),
        "accepted": calibration.accepted,
        "checks": [check._asdict() for check in calibration.checks],
        "sensitivity": [shift._asdict() for shift in calibration.sensitivity],
    }
