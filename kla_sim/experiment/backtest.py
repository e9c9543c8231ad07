"""The back test: forecasts of awards that came later, scored beside two naive forecasts.

Two ways: places left out (the law is fitted to other places, so the jury of each year is known) and
rolling in time (only earlier evaluations are known, so it is not). Another panel is scored with a
shipped posterior. The case of DKI Jakarta stands in `dki_case`. Not here: the scores themselves
(`analysis.forecast_scores`) and what is shown of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from kla_sim.analysis.award_forecasts import (
    Moves,
    Provinces,
    forecast_by_law,
    forecast_by_table,
    forecast_no_change,
    moves_of,
)
from kla_sim.analysis.calibration import (
    log_posterior,
    prepare,
    prior_centre,
    prior_spread,
    reporting_in,
    row_of,
)
from kla_sim.analysis.forecast_scores import (
    CalibrationBand,
    Difference,
    calibration_table,
    log_scores,
    mean_difference,
    ranked_probability_scores,
)
from kla_sim.analysis.sampling import draw_near_mode, find_mode
from kla_sim.analysis.yardstick import forecast_by_logit, traits_of
from kla_sim.arrays import FloatArray, IntArray
from kla_sim.domain.record import AwardRecord, Notice, read_panel
from kla_sim.engine.posterior import Posterior, PosteriorRow, load_posterior
from kla_sim.errors import UsageError

Report = Callable[[str, int, int], None]

MINIMUM_PAIRS = 30
NAIVE = ("table_of_moves", "no_change")
FORECASTERS = ("model", "pooled", "logit", *NAIVE)
"""`pooled` is the plain mean of the model and the logit (Bates and Granger 1969): its weight is
fixed beforehand and so cannot be chosen to please."""

N_FOLDS = 10
_N_DRAWS, _N_TRIES = 100, 300
_STRICTNESS_POINTS = 3


class Forecasts(NamedTuple):
    """Forecasts of the same moves by three forecasters, with what came."""

    place: IntArray  # (n_forecasts,)
    year: IntArray  # (n_forecasts,) the evaluation forecast
    earlier: IntArray  # (n_forecasts,) outcome before
    outcome: IntArray  # (n_forecasts,)
    chances: dict[str, FloatArray]  # forecaster to (n_forecasts, n_outcomes)


class Scores(NamedTuple):
    """What a back test found."""

    n_forecasts: int
    n_places: int
    log_score: dict[str, float]
    rps: dict[str, float]
    log_score_difference: dict[str, Difference]  # model minus each naive forecaster
    rps_difference: dict[str, Difference]
    pooled_difference: dict[str, Difference]  # log score of the pool minus each naive forecaster
    calibration: list[CalibrationBand]


class BackTest(NamedTuple):
    """All that `backtest` shows."""

    left_out: Scores
    rolling: Scores | None
    forecasts: Forecasts
    rolling_forecasts: Forecasts | None
    notices: tuple[Notice, ...]
    seen_in_fit: int  # places of the panel that the posterior was fitted to


def backtest_record(record: AwardRecord, seed: int, report: Report | None = None) -> BackTest:
    """Back test the model on a record, refitting it for every fold and every year."""
    refuse_few_pairs(record)
    left_out = forecast_places_left_out(record, seed, report=report)
    rolling = forecast_rolling(record, seed, report=report)
    return BackTest(score(left_out), score(rolling) if rolling else None, left_out, rolling, (), 0)


def backtest_panel(path: Path, posterior_name: str) -> BackTest:
    """Score a shipped posterior, and the naive forecasts of its own record, on another panel.

    Raises
    ------
    UsageError : no two adjacent awards of any place of the panel are known.
    """
    panel, posterior = read_panel(path), load_posterior(posterior_name)
    training = training_record(posterior)
    moves = moves_of(panel.record)
    if not len(moves.place):
        raise UsageError("panel_without_moves", file=str(path))
    forecasts = _forecast(panel.record, moves, posterior.rows, training, moves_of(training))
    seen = set(training.places) & {panel.record.places[place] for place in moves.place}
    return BackTest(score(forecasts), None, forecasts, None, panel.notices, len(seen))


def training_record(posterior: Posterior) -> AwardRecord:
    """Return the part of the shipped record that a posterior was fitted to."""
    record = read_panel().record.without(posterior.left_out)
    return record.until(posterior.fitted_until)


def refuse_few_pairs(record: AwardRecord) -> None:
    """Refuse a record of which too little is known.

    Raises
    ------
    UsageError : fewer than MINIMUM_PAIRS pairs of adjacent awards are known.
    """
    n_pairs = len(record.pairs())
    if n_pairs < MINIMUM_PAIRS:
        raise UsageError("too_few_pairs", found=n_pairs, needed=MINIMUM_PAIRS)


def fit_quickly(
    record: AwardRecord, seed: int, share: float = 1.0, start: FloatArray | None = None
) -> tuple[tuple[PosteriorRow, ...], FloatArray]:
    """Fit the law by draws near the mode.

    Returns
    -------
    rows : equally likely laws
    mode : (n_parameters,) where a fit to a similar record may start
    """
    material = prepare(record, share)
    n_years = len(record.years)
    density = partial(log_posterior, material=material)
    begin = prior_centre(n_years) if start is None else start
    mode = find_mode(density, begin, prior_spread(n_years))
    generator = np.random.default_rng(seed)
    draws = draw_near_mode(density, mode, _N_DRAWS, _N_TRIES, generator)
    return tuple(row_of(vector, record.years) for vector in draws), mode.vector


def forecast_places_left_out(
    record: AwardRecord, seed: int, n_folds: int = N_FOLDS, report: Report | None = None
) -> Forecasts:
    """Forecast the moves of each place by a law fitted to the places of other folds."""
    fold = np.random.default_rng(seed).permutation(len(record.places)) % n_folds
    start: FloatArray | None = None
    parts = []
    for number in range(n_folds):
        if report:
            report("left_out", number, n_folds)
        training, held_out = record.of(fold != number), record.of(fold == number)
        share = float(np.mean(fold != number))
        rows, mode = fit_quickly(training, seed, share, start)
        start = mode if start is None else start
        moves = moves_of(held_out)
        forecasts = _forecast(held_out, moves, rows, training, moves_of(training), share)
        # places are numbered within the fold: number them within the record
        parts.append(forecasts._replace(place=np.flatnonzero(fold == number)[forecasts.place]))
    return _joined(parts)


def forecast_rolling(
    record: AwardRecord, seed: int, report: Report | None = None
) -> Forecasts | None:
    """Forecast the moves to each evaluation by a law fitted to the evaluations before it.

    Evaluations with fewer than MINIMUM_PAIRS known moves before them are left out.
    """
    parts = []
    for number in range(1, len(record.years)):
        if report:
            report("rolling", number, len(record.years))
        training = record.until(record.years[number - 1])
        moves = moves_of(record)
        moves = moves.of(moves.evaluation == number)
        if len(training.pairs()) < MINIMUM_PAIRS or not len(moves.place):
            continue
        rows, _ = fit_quickly(training, seed)
        rows = with_unknown_strictness(rows, record.years[number])
        known = record.until(record.years[number])
        place = {name: place for place, name in enumerate(known.places)}
        within = np.array([place[record.places[chosen]] for chosen in moves.place])
        parts.append(
            _forecast(
                known, moves._replace(place=within), rows, training, moves_of(training)
            )._replace(place=moves.place)
        )
    return _joined(parts) if parts else None


def unknown_juries() -> FloatArray:
    """Return a few equally likely juries, in standard deviations of strictness: mean 0, sd 1."""
    from scipy.special import ndtri

    points = ndtri((np.arange(_STRICTNESS_POINTS) + 0.5) / _STRICTNESS_POINTS)
    return np.asarray(points / np.std(points))


def with_unknown_strictness(rows: Sequence[PosteriorRow], *years: int) -> tuple[PosteriorRow, ...]:
    """Return each row once for each of a few equally likely juries of the coming evaluations.

    The middles of equal parts of a normal, so that the jury's spread is not left to luck; with
    several years each year has its own order of them.
    """
    points = unknown_juries()
    spread = []
    for row in rows:
        for combination in np.ndindex(*(_STRICTNESS_POINTS,) * len(years)):
            drawn = {
                year: float(row.strictness_sd * points[point])
                for year, point in zip(years, combination, strict=True)
            }
            spread.append(row._replace(strictness={**row.strictness, **drawn}))
    return tuple(spread)


def _forecast(
    record: AwardRecord,
    moves: Moves,
    rows: Sequence[PosteriorRow],
    training: AwardRecord,
    training_moves: Moves,
    share: float = 1.0,
) -> Forecasts:
    reporting = reporting_in(training, record.years, share)
    provinces = Provinces.seen_in(training, rows, share)
    fitted = np.isin([record.places[place] for place in moves.place], training.places)
    model = forecast_by_law(record, moves, rows, reporting, provinces, fitted)
    logit = forecast_by_logit(
        traits_of(training, training_moves), training_moves.later, traits_of(record, moves)
    )
    return Forecasts(
        place=moves.place,
        year=np.array(record.years)[moves.evaluation],
        earlier=moves.earlier,
        outcome=moves.later,
        chances={
            "model": model,
            "pooled": (model + logit) / 2,
            "logit": logit,
            "table_of_moves": forecast_by_table(training_moves, moves),
            "no_change": forecast_no_change(training_moves, moves),
        },
    )


def _joined(parts: list[Forecasts]) -> Forecasts:
    def join(name: str) -> IntArray:
        return np.concatenate([getattr(part, name) for part in parts])

    chances = {name: np.concatenate([part.chances[name] for part in parts]) for name in FORECASTERS}
    return Forecasts(join("place"), join("year"), join("earlier"), join("outcome"), chances)


def score(forecasts: Forecasts) -> Scores:
    """Score all forecasters on the same moves."""
    logs = {name: log_scores(chances, forecasts.outcome) for name, chances in _by_name(forecasts)}
    ranked = {
        name: ranked_probability_scores(chances, forecasts.outcome)
        for name, chances in _by_name(forecasts)
    }
    return Scores(
        n_forecasts=len(forecasts.outcome),
        n_places=len(np.unique(forecasts.place)),
        log_score={name: float(scores.mean()) for name, scores in logs.items()},
        rps={name: float(scores.mean()) for name, scores in ranked.items()},
        log_score_difference=_against_naive("model", logs, forecasts.place),
        rps_difference=_against_naive("model", ranked, forecasts.place),
        pooled_difference=_against_naive("pooled", logs, forecasts.place),
        calibration=calibration_table(forecasts.chances["model"], forecasts.outcome),
    )


def _by_name(forecasts: Forecasts) -> list[tuple[str, FloatArray]]:
    return [(name, forecasts.chances[name]) for name in FORECASTERS]


def _against_naive(
    forecaster: str, scores: dict[str, FloatArray], place: IntArray
) -> dict[str, Difference]:
    return {name: mean_difference(scores[forecaster], scores[name], place) for name in NAIVE}


def scores_document(scores: Scores) -> dict[str, Any]:
    """Return scores as the JSON of `backtest` shows them."""
    return {
        "forecasts": scores.n_forecasts,
        "cities": scores.n_places,
        "log_score": scores.log_score,
        "rps": scores.rps,
        "log_score_difference": {
            name: found._asdict() for name, found in scores.log_score_difference.items()
        },
        "rps_difference": {name: found._asdict() for name, found in scores.rps_difference.items()},
        "pooled_difference": {
            name: found._asdict() for name, found in scores.pooled_difference.items()
        },
        "calibration": [band._asdict() for band in scores.calibration],
    }
