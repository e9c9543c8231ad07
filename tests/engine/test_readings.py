"""A score beside a history: against a simulation of both, and at its two ends, all and nothing."""

import datetime as dt

import numpy as np
import pytest
from laws import YEARS, Places, row
from scipy import stats

from kla_sim.engine import beliefs as known
from kla_sim.engine import past
from kla_sim.engine.background import (
    award_chances,
    background_grid,
    category_chances,
    step_kernel,
)
from kla_sim.engine.filtered import filtered
from kla_sim.engine.jury import NO_STANDING
from kla_sim.engine.posterior import law_of
from kla_sim.engine.readings import Reading, acceptance, densities, verdicts

KOTA_ON_JAVA = 3
HISTORIES = [
    (1, 1, 2, 2, 2),
    (-1, 2, 3, 3, 4),
    (-1, 1, -1, -1, 3),
    (-1, -1, 1, 2, known.UNSEEN),
    (-1,) * 5,
]


def told_of(history, law=None):
    """Return what a row says of one history."""
    seen = (KOTA_ON_JAVA, history)
    behind = past.Past(dt.date(2022, 11, 14), (("kota", None, seen),), (), YEARS)
    return seen, filtered(behind, law or row(), lambda name: 0.5)


def moments(beliefs):
    """Return mean and standard deviation of the gap, points."""
    grid = background_grid()
    chances = beliefs.sum(axis=(0, 1)) / beliefs.sum()
    mean = chances @ grid.centres
    square = chances @ (grid.centres**2 + np.diff(grid.edges) ** 2 / 12)
    return mean, np.sqrt(square - mean**2)


@pytest.mark.parametrize("history", HISTORIES)
def test_a_score_that_is_always_silent_tells_nothing(history):
    seen, found = told_of(history)
    alone = found.after[seen].whole()
    both = found.with_reading(seen, Reading(659.0, 0.0, 30.0, 1.0))
    assert both / both.sum() == pytest.approx(alone / alone.sum(), rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("bias", [0.0, -40.0, 25.0])
def test_a_score_without_error_gives_the_gap(bias):
    """Of an unknown award, a jury without noise: the gap is 1000 less the verified score."""
    law = row(noise=1e-6, tail_share=0.0, strictness=dict.fromkeys(YEARS, 0.0))
    seen, found = told_of((-1,) * 5, law)
    mean, sd = moments(found.with_reading(seen, Reading(655.0, bias, 1.0, 0.0)))
    assert mean == pytest.approx(1000.0 - 655.0 - bias, abs=5.0)
    assert sd < 10.0


def test_a_strict_jury_is_allowed_for():
    law = row(noise=1e-6, tail_share=0.0, strictness={**dict.fromkeys(YEARS, 0.0), 2022: -30.0})
    seen, found = told_of((-1,) * 5, law)
    mean, _ = moments(found.with_reading(seen, Reading(655.0, 0.0, 1.0, 0.0)))
    assert mean == pytest.approx(1000.0 - 685.0, abs=5.0)


def simulated(history, reading, n, seed):
    """Return gaps of simulated places with this history whose score came near that of a reading."""
    rng = np.random.default_rng(seed)
    places = Places(rng, law_of(row(), KOTA_ON_JAVA), n)
    for year, before, award in zip(YEARS, (2017, *YEARS), history, strict=False):
        for _ in range(year - before):
            places.move(1.0)
        given = places.judge(row().strictness[year])
        if award != known.UNSEEN:
            places.keep(given == award)
    left = len(places.gap)
    error = reading.bias + reading.spread * rng.standard_t(4, left)
    score = np.where(
        rng.random(left) < reading.silent, rng.uniform(0, 1000, left), places.verified - error
    )
    places.keep(np.abs(score - reading.score) < 6.0)
    return places


@pytest.mark.parametrize(
    ("history", "reading"),
    [
        ((-1, 1, -1, -1, 3), Reading(720.0, 0.0, 30.0, 0.15)),
        ((-1, -1, -1, 2, 2), Reading(690.0, -30.0, 15.0, 0.1)),
        ((-1,) * 5, Reading(643.0, 10.0, 40.0, 0.2)),
        ((-1, -1, -1, 3, 4), Reading(740.0, 0.0, 30.0, 0.15)),
    ],
)
def test_history_and_score_agree_with_places_that_were_simulated_and_fit_both(history, reading):
    places = simulated(history, reading, 500_000, seed=12)
    n = len(places.gap)
    assert n > 300
    seen, found = told_of(history)
    beliefs = found.with_reading(seen, reading)
    mean, sd = moments(beliefs)
    assert abs(places.gap.mean() - mean) < 4.0 * sd / np.sqrt(n)
    assert places.gap.std() == pytest.approx(sd, rel=4.0 * np.sqrt(0.5 / n) * 1.5)
    by_standing = beliefs.sum(axis=(0, 2)) / beliefs.sum()
    for standing in range(5):
        share = np.mean(places.standing == standing)
        expected = by_standing[standing]
        error = np.sqrt(max(expected * (1.0 - expected), 1e-9) / n)
        assert abs(share - expected) < 4.0 * error
    rate, own = np.log(places.rate), np.log(known.strata(law_of(row(), KOTA_ON_JAVA)))
    by_stratum = beliefs.sum(axis=(1, 2)) / beliefs.sum()
    # the middle of a stratum stands for it, a tenth of a standard deviation off at most
    assert rate.mean() == pytest.approx(by_stratum @ own, abs=4.0 * 0.6 / np.sqrt(n) + 0.05)


@pytest.mark.parametrize("reading", [Reading(643.0, 0.0, 30.0, 0.15), Reading(810.0, 5, 10, 0.0)])
def test_an_unknown_award_is_summed_over_together_with_its_score(reading):
    seen, found = told_of((-1, 1, -1, -1, known.UNSEEN))
    unknown = found.with_reading(seen, reading)
    assert unknown[:, NO_STANDING].max() == 0.0
    for award in range(NO_STANDING):
        given, of_award = told_of((-1, 1, -1, -1, award))
        expected = of_award.with_reading(given, reading)[:, award]
        assert unknown[:, award] == pytest.approx(expected, rel=1e-9, abs=1e-300)


def test_a_score_moves_the_gap_its_way():
    seen, found = told_of((-1, 1, -1, -1, 3))
    alone, _ = moments(found.after[seen].whole())
    low, high = (
        moments(found.with_reading(seen, Reading(score, 0.0, 30.0, 0.15)))[0]
        for score in (690.0, 790.0)
    )
    assert high < alone < low
    far_off, _ = moments(found.with_reading(seen, Reading(100.0, 0.0, 30.0, 0.15)))
    assert far_off == pytest.approx(alone, abs=1.5)  # it is taken to be silent


def test_what_the_rule_makes_of_verdicts_is_what_the_law_on_cells_says():
    """Two ways to the chance of an award: through the verdict, and straight from the gap."""
    law, grid = law_of(row(), KOTA_ON_JAVA), background_grid()
    for strictness in (-60.0, 0.0, 35.0):
        seen = verdicts(grid, law, strictness)
        assert seen.sum(axis=0) == pytest.approx(np.ones(len(grid.centres)), abs=1e-12)
        assert acceptance(law) @ seen == pytest.approx(
            award_chances(grid, law, strictness), abs=1e-12
        )
        free = law._replace(one_step_up=0.0, confirmation=0.0, kla_reach=1.0)
        assert acceptance(free)[NO_STANDING] @ seen == pytest.approx(
            category_chances(grid, law, strictness), abs=1e-12
        )


def test_the_error_of_a_score_is_a_t_with_four_degrees_of_freedom_and_a_share_of_silence():
    reading = Reading(655.0, 20.0, 30.0, 0.15)
    told = densities(reading)
    # one cell of ten points holds the chance of its interval
    inside = stats.t(4, 675.0, 30.0).cdf(680.0) - stats.t(4, 675.0, 30.0).cdf(670.0)
    assert told[1 + 67] == pytest.approx(0.85 * inside / 10.0 + 0.15 / 1000.0, rel=1e-12)
    assert np.argmax(told) == 1 + 67
    assert told[0] == told[1]
    assert told[-1] == told[-2]
    assert told.min() > 0.15 / 1000.0


@pytest.mark.parametrize("volatility", [1.0, 17.0, 34.0, 300.0])
@pytest.mark.parametrize("years", [1 / 365.25, 1.0, 3.0])
def test_the_quick_kernel_is_that_of_the_fit(volatility, years):
    law = law_of(row(volatility=volatility), KOTA_ON_JAVA)
    expected = step_kernel(background_grid(), known.strata(law), volatility, years)
    assert np.abs(known.kernel_of(law, years) - expected).max() < 1e-14
