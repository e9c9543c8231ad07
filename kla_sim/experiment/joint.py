"""The joint back test: whole provinces forecast at once, and held against what came.

Two ways, as for single places: provinces left out whole (the jury of each year is known from the
others), and rolling in time (it is not). A case is a province and an evaluation with at least
MINIMUM_PLACES places whose awards there and at the evaluation before are known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from kla_sim.analysis.award_forecasts import (
    N_OUTCOMES,
    Moves,
    forecast_by_table,
    joint_chances,
    moves_of,
)
from kla_sim.analysis.calibration import (
    log_chances_by_common,
    prepare,
    reporting_in,
)
from kla_sim.analysis.forecast_scores import (
    CalibrationBand,
    Difference,
    allowed_shares,
    calibration_bands,
    mean_difference,
)
from kla_sim.analysis.histories import see
from kla_sim.analysis.joint_forecasts import (
    INDEPENDENT,
    JOINT_FORECASTERS,
    LAW,
    TABLE,
    JointCase,
    claims_of_all,
    count_chances,
    joint_scores,
    mixed_counts,
    randomised_pit,
)
from kla_sim.arrays import FloatArray
from kla_sim.domain.record import AwardRecord
from kla_sim.engine.posterior import PosteriorRow
from kla_sim.engine.province import COMMON_CHANCES
from kla_sim.errors import UsageError
from kla_sim.experiment.backtest import (
    MINIMUM_PAIRS,
    fit_quickly,
    refuse_few_pairs,
    with_unknown_strictness,
)

Report = Callable[[str, int, int], None]

MINIMUM_PLACES = 3
N_GROUPS = 8
N_PIT_BINS = 5
_PIT_SEED = 1


class Thin(NamedTuple):
    """A province at an evaluation of which too few places are known to make a case."""

    province: str
    year: int
    n_places: int


class JointTest(NamedTuple):
    """Cases of one way of testing and their scores."""

    cases: tuple[JointCase, ...]
    log_score: dict[str, float]
    rps: dict[str, float]
    all_log_score: dict[str, float]
    differences: dict[str, dict[str, Difference]]  # score, then forecaster held against the law
    pit: dict[str, list[float]]  # forecaster to the share of counts in each fifth of its forecast
    pit_band: tuple[float, float]  # each share should lie between these, were the forecasts right
    all_bands: dict[str, list[CalibrationBand]]  # of the chance that all stand at or above
    thin: tuple[Thin, ...]
    unfitted: tuple[int, ...]  # evaluations before which too few pairs are known to fit anything


class JointBackTest(NamedTuple):
    """All that `backtest --joint` shows."""

    left_out: JointTest
    rolling: JointTest | None


def backtest_joint(record: AwardRecord, seed: int, report: Report | None = None) -> JointBackTest:
    """Forecast whole provinces of a record both ways.

    Raises
    ------
    UsageError : too few pairs are known to fit a law, or no province has enough places.
    """
    refuse_few_pairs(record)
    cases, _ = cases_of(moves_of(record), record)
    if not cases:
        raise UsageError("joint_without_cases", least=MINIMUM_PLACES)
    left_out = joint_left_out(record, seed, report)
    return JointBackTest(left_out, joint_rolling(record, seed, report))


def cases_of(
    moves: Moves, record: AwardRecord
) -> tuple[list[tuple[str, int, Moves]], tuple[Thin, ...]]:
    """Return province, number of the evaluation and moves of every case, and what is too thin."""
    province = np.array(record.provinces)[moves.place]
    found, thin = [], []
    for name in sorted(set(province.tolist())):
        for evaluation in range(1, len(record.years)):
            chosen = (province == name) & (moves.evaluation == evaluation)
            n_places = int(chosen.sum())
            if n_places >= MINIMUM_PLACES:
                found.append((name, evaluation, moves.of(chosen)))
            elif n_places:
                thin.append(Thin(name, record.years[evaluation], n_places))
    return found, tuple(thin)


def group_of_provinces(cases: list[tuple[str, int, Moves]], record: AwardRecord) -> dict[str, int]:
    """Return the group in which each province of the cases is left out: the largest go apart.

    Provinces of equal size follow by name, so that the groups do not hang on the order of a set.
    """
    names = sorted(
        {name for name, _, _ in cases}, key=lambda name: (-record.provinces.count(name), name)
    )
    return {name: place % N_GROUPS for place, name in enumerate(names)}


def joint_left_out(record: AwardRecord, seed: int, report: Report | None = None) -> JointTest:
    """Forecast every province by a law fitted to provinces of other groups."""
    cases, thin = cases_of(moves_of(record), record)
    group = group_of_provinces(cases, record)
    start: FloatArray | None = None
    done = []
    for number in range(N_GROUPS):
        if report:
            report("joint_left_out", number, N_GROUPS)
        held = {name for name, its_group in group.items() if its_group == number}
        if not held:
            continue
        is_held = np.array([name in held for name in record.provinces])
        training, share = record.of(~is_held), float(np.mean(~is_held))
        rows, mode = fit_quickly(training, seed, share, start)
        start = mode if start is None else start
        for name, evaluation, moves in cases:
            if name in held:
                seen = record.of(np.array(record.provinces) == name)
                seen = seen.until(record.years[evaluation - 1])
                beliefs = _beliefs(seen, name, rows, training, share)
                done.append(_case(record, name, moves, rows, beliefs, training, share))
    return score_cases(done, thin)


def joint_rolling(record: AwardRecord, seed: int, report: Report | None = None) -> JointTest | None:
    """Forecast every province at an evaluation by a law fitted to the evaluations before it.

    Returns
    -------
    the test, None where no evaluation has a case and enough pairs before it
    """
    every, thin = cases_of(moves_of(record), record)
    done, unfitted = [], []
    for evaluation in range(1, len(record.years)):
        if report:
            report("joint_rolling", evaluation, len(record.years))
        training = record.until(record.years[evaluation - 1])
        cases = [case for case in every if case[1] == evaluation]
        if not cases:
            continue
        if len(training.pairs()) < MINIMUM_PAIRS:
            unfitted.append(record.years[evaluation])
            continue
        rows, _ = fit_quickly(training, seed)
        rows = with_unknown_strictness(rows, record.years[evaluation])
        for name, _, moves in cases:
            beliefs = _beliefs(training, name, rows, training, 1.0)
            beliefs /= beliefs.sum(axis=1, keepdims=True) * len(rows)
            done.append(_case(record, name, moves, rows, beliefs, training, 1.0))
    return score_cases(done, thin, tuple(unfitted)) if done else None


def _beliefs(
    record: AwardRecord,
    province: str,
    rows: Sequence[PosteriorRow],
    training: AwardRecord,
    share: float,
) -> FloatArray:
    """Return how far each row and common part explain a province's awards, (n_rows, n_common)."""
    material = prepare(record)
    material = material._replace(reporting=reporting_in(training, record.years, share))
    number = material.provinces.index(province)
    logs = np.stack(
        [
            log_chances_by_common(row, material, see(row, record.years, material.reporting))[number]
            for row in rows
        ]
    )
    weights = COMMON_CHANCES * np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def _case(
    record: AwardRecord,
    province: str,
    moves: Moves,
    rows: Sequence[PosteriorRow],
    beliefs: FloatArray,
    training: AwardRecord,
    share: float,
) -> JointCase:
    evaluation = int(moves.evaluation[0])
    years = record.years[: evaluation + 1]
    cut = record._replace(
        years=years,
        category=record.category[:, : evaluation + 1],
        is_listed=record.is_listed[:, : evaluation + 1],
    )
    joint = joint_chances(cut, moves, rows, reporting_in(training, years, share))
    given = joint / joint.sum(axis=2, keepdims=True)  # (n_rows, n_moves, n_categories, n_common)
    at_least = np.cumsum(given[:, :, ::-1], axis=2)[:, :, ::-1][:, :, 1:N_OUTCOMES]
    weights = beliefs.ravel()
    table = forecast_by_table(moves_of(training), moves)
    by_table = np.cumsum(table[:, ::-1], axis=1)[:, ::-1][:, 1:]
    law, alone, naive = [], [], []
    for threshold in range(N_OUTCOMES - 1):
        reached = np.minimum(at_least[:, :, threshold].transpose(0, 2, 1), 1.0)
        flat = reached.reshape(-1, reached.shape[-1])
        law.append(mixed_counts(flat, weights))
        alone.append(count_chances(weights @ flat))
        naive.append(count_chances(by_table[:, threshold]))
    counts = tuple(int(np.sum(moves.later > threshold)) for threshold in range(N_OUTCOMES - 1))
    chances = {LAW: np.array(law), INDEPENDENT: np.array(alone), TABLE: np.array(naive)}
    return JointCase(province, years[-1], len(moves.place), counts, chances)


def score_cases(
    cases: list[JointCase], thin: tuple[Thin, ...], unfitted: tuple[int, ...] = ()
) -> JointTest:
    """Score the cases of one way of testing, beside what was passed over."""
    scores = {name: joint_scores(cases, name) for name in JOINT_FORECASTERS}
    province = np.unique([case.province for case in cases], return_inverse=True)[1]
    means = {
        field: {name: float(getattr(one, field).mean()) for name, one in scores.items()}
        for field in ("log_score", "rps", "all_log_score")
    }
    differences = {
        field: {
            name: mean_difference(
                getattr(scores[LAW], field), getattr(scores[name], field), province
            )
            for name in (INDEPENDENT, TABLE)
        }
        for field in means
    }
    return JointTest(
        tuple(cases),
        **means,
        differences=differences,
        pit={name: _pit_shares(cases, name) for name in JOINT_FORECASTERS},
        # the counts of one case, one for each category, move together: a case counts once
        pit_band=allowed_shares(1.0 / N_PIT_BINS, len(cases)),
        all_bands={name: _bands_of_all(cases, name) for name in JOINT_FORECASTERS},
        thin=thin,
        unfitted=unfitted,
    )


def _pit_shares(cases: list[JointCase], forecaster: str) -> list[float]:
    places = randomised_pit(cases, forecaster, _PIT_SEED)
    counts = np.histogram(places, N_PIT_BINS, (0.0, 1.0))[0]
    return [float(share) for share in counts / places.size]


def _bands_of_all(cases: list[JointCase], forecaster: str) -> list[CalibrationBand]:
    chances, came = claims_of_all(cases, forecaster)
    of_case = np.repeat(np.arange(len(cases)), chances.shape[1])
    return calibration_bands(chances.ravel(), came.ravel(), of_case)


def joint_document(tested: JointBackTest) -> dict[str, Any]:
    """Return a joint back test as the JSON of `backtest --joint` shows it."""
    document = {"left_out": _test_document(tested.left_out)}
    if tested.rolling:
        document["rolling"] = _test_document(tested.rolling)
    return document


def _test_document(test: JointTest) -> dict[str, Any]:
    return {
        "cases": len(test.cases),
        "provinces": n_provinces(test),
        "log_score": test.log_score,
        "rps": test.rps,
        "all_log_score": test.all_log_score,
        "differences": {
            score: {name: found._asdict() for name, found in by_name.items()}
            for score, by_name in test.differences.items()
        },
        "pit": test.pit,
        "pit_band": list(test.pit_band),
        "calibration_of_all": {
            name: [band._asdict() for band in bands] for name, bands in test.all_bands.items()
        },
        "too_few_places": [one._asdict() for one in test.thin],
        "too_few_pairs_before": list(test.unfitted),
    }


def n_provinces(test: JointTest) -> int:
    """Return of how many provinces the cases of a test are."""
    return len({case.province for case in test.cases})
