"""Rows of a posterior weighed by what they were not fitted to: provinces left out, and scores."""

import datetime as dt
import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
from laws import YEARS, row

from kla_sim.domain.record import read_panel
from kla_sim.engine import beliefs as known
from kla_sim.engine.background import award_chances, first_chances, step_kernel
from kla_sim.engine.background import background_grid as grid_of
from kla_sim.engine.evidence import choose_row, row_weights
from kla_sim.engine.filtered import filtered
from kla_sim.engine.past import Past, past_of
from kla_sim.engine.posterior import Posterior, law_of
from kla_sim.engine.province import COMMON, COMMON_CHANCES, stratum_chances
from kla_sim.engine.readings import Reading
from kla_sim.engine.start import _log_chances
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.shipped import shipped_scenario

DKI = "DKI Jakarta"
ABSURD = {"rate_median": 0.0005, "first_mean": 100.0, "first_sd": 20.0}
"""A law under which hardly any place ever rises above none."""


def posterior(*rows, left_out=(DKI,), name="uji"):
    return Posterior(name, tuple(rows), {"fitted_until": 2022, "left_out": list(left_out)})


@pytest.fixture(scope="module")
def behind() -> Past:
    return past_of(load_scenario(shipped_scenario("kaltara_2022")), YEARS[0])


READING = (("jakarta_utara", Reading(791.0, 0.0, 30.0, 0.15)),)


def test_rows_that_explain_equally_weigh_equally(behind):
    weights = row_weights(behind, READING, posterior(*[row()] * 7), "same")
    assert weights == pytest.approx([1 / 7] * 7, abs=1e-15)


def test_a_row_that_stands_twice_weighs_twice(behind):
    one, other = row(province_share=0.4), row(province_share=0.4, rate_median=0.09)
    single = row_weights(behind, READING, posterior(one, other), "single")
    double = row_weights(behind, READING, posterior(one, other, one), "double")
    assert double[0] == double[2]
    assert double[0] / double[1] == pytest.approx(single[0] / single[1], rel=1e-12)


IMPOSSIBLE = {
    **ABSURD,
    "noise": 1e-6,
    "tail_share": 0.0,
    "confirmation": 0.0,
    "first_sd": 1e-3,
    "volatility": 1.0,
}
"""A law that rules out every award but none: its beliefs are made whole again and again."""


@pytest.mark.parametrize("law", [ABSURD, IMPOSSIBLE])
@pytest.mark.parametrize("readings", [(), READING])
def test_a_row_with_an_absurd_law_weighs_nothing(behind, law, readings):
    key = f"absurd {len(law)}"
    weights = row_weights(behind, readings, posterior(row(), row(**law)), key)
    assert weights[1] < 1e-12


def test_rows_that_explain_little_are_told_apart_however_little_it_is(behind):
    """Beliefs are made whole on the way; what was put away has to count."""
    rows = [
        row(
            rate_median=0.001,
            rate_spread=0.1,
            volatility=5.0,
            first_mean=first,
            first_sd=5.0,
            noise=12.0,
            tail_share=0.0,
            confirmation=0.0,
        )
        for first in (250.0, 300.0)
    ]
    told = [filtered(behind, one, lambda name: 0.5) for one in rows]
    history = (3, (-1, 2, 3, 3, 4))
    factors = [one.after[history].factor for one in told]
    assert max(factors) < 1e-100
    weights = row_weights(behind, (), posterior(*rows), "little")
    assert weights[1] > 1.0 - 1e-9  # fifty points nearer to the awards


def test_weights_follow_the_chance_of_the_awards_that_were_left_out(behind):
    """The awards of all places of DKI on record, integrated over what DKI shares."""
    rows = [row(province_share=share, rate_median=0.05 + share / 20) for share in (0.0, 0.4, 0.8)]
    weights = row_weights(behind, (), posterior(*rows), "left out")
    logs = []
    for one in rows:
        told = filtered(behind, one, lambda name: 0.5)
        given = stratum_chances(one.province_share, known.STRATUM_BOUNDS, COMMON)
        places = dict(behind.provinces)[DKI]
        chance = np.prod([given @ told.by_stratum(place) for place in places], axis=0)
        logs.append(np.log(chance @ COMMON_CHANCES))
    expected = np.exp(logs - np.max(logs))
    assert weights == pytest.approx(expected / expected.sum(), rel=1e-9)
    assert len(dict(behind.provinces)[DKI]) == 5  # Jakarta Selatan has no award by then


def test_a_posterior_that_knows_the_province_does_not_count_its_awards_again(behind):
    rows = [row(province_share=share, rate_median=0.05 + share / 20) for share in (0.0, 0.4, 0.8)]
    without = row_weights(behind, (), posterior(*rows, left_out=()), "known, no score")
    assert without == pytest.approx([1 / 3] * 3, abs=1e-12)
    awards = row_weights(behind, (), posterior(*rows), "left out, no score")
    both = row_weights(behind, READING, posterior(*rows), "left out")
    scores = row_weights(behind, READING, posterior(*rows, left_out=()), "known")
    assert scores * awards / np.sum(scores * awards) == pytest.approx(both, rel=1e-9)
    assert np.abs(scores - 1 / 3).max() > 1e-3


def test_a_silent_score_weighs_no_row(behind):
    rows = [row(), row(rate_median=0.12)]
    silent = (("jakarta_utara", Reading(791.0, 0.0, 30.0, 1.0)),)
    told = row_weights(behind, silent, posterior(*rows), "silent")
    assert told == pytest.approx(row_weights(behind, (), posterior(*rows), "none"), rel=1e-9)


def test_without_anything_new_every_row_is_as_likely(behind):
    rows = posterior(*[row(rate_median=0.04 + place / 100) for place in range(4)], left_out=())
    chances = (np.arange(400) + 0.5) / 400
    chosen = [choose_row(behind, (), rows, "nothing new", chance) for chance in chances]
    assert np.bincount(chosen).tolist() == [100] * 4
    assert choose_row(behind, (), rows, "nothing new", 1.0 - 2.0**-54) == 3


def test_rows_are_chosen_by_their_weights(behind):
    rows = posterior(row(), row(rate_median=0.09), row(rate_median=0.03))
    weights = row_weights(behind, READING, rows, "chosen")
    chances = (np.arange(2000) + 0.5) / 2000
    chosen = [choose_row(behind, READING, rows, "chosen", chance) for chance in chances]
    assert np.bincount(chosen, minlength=3) / 2000 == pytest.approx(weights, abs=1e-3)


def chance_of(history, law, deviations):
    """Return the chance of a history given the deviation of its log rate, one after another."""
    kind, awards = history
    place = law_of(law, kind)
    grid = grid_of()
    rates = place.rate_median * np.exp(place.rate_spread * deviations)
    kernel = step_kernel(grid, rates, place.volatility)
    first = first_chances(grid, place.first_mean, place.first_sd)
    states = {known.NO_STANDING: np.tile(first, (len(rates), 1))}
    steps = (0, *np.diff(YEARS))
    for year, n_steps, seen in zip(YEARS, steps, awards, strict=True):
        sight = award_chances(grid, place, law.strictness[year])
        for _ in range(n_steps):
            states = {
                standing: np.einsum("rb,rbc->rc", state, kernel)
                for standing, state in states.items()
            }
        states = {
            award: sum(state * sight[standing, award] for standing, state in states.items())
            for award in (range(6) if seen == known.UNSEEN else [seen])
        }
    return sum(state.sum(axis=1) for state in states.values())


def test_what_dki_shares_is_told_by_its_awards_as_the_full_integral_says(behind):
    """Strata of the rate against forty-one nodes of what a province leaves open."""
    law = row(province_share=0.6, rate_spread=0.5)
    told = filtered(behind, law, lambda name: 0.5)
    cities = {name: told.after[history].whole() for name, _, history in behind.cities}
    logs = _log_chances(behind, DKI, law, told, cities)
    points, weights = np.polynomial.hermite_e.hermegauss(41)
    expected = np.zeros(len(COMMON))
    for history in dict(behind.provinces)[DKI]:
        deviations = np.sqrt(0.6) * COMMON[:, None] + np.sqrt(0.4) * points
        chances = chance_of(history, law, deviations.ravel()).reshape(deviations.shape)
        expected += np.log(chances @ weights / weights.sum())

    def beliefs(values):
        found = COMMON_CHANCES * np.exp(values - values.max())
        return found / found.sum()

    found, full = beliefs(logs), beliefs(expected)
    mean = found @ COMMON, full @ COMMON
    assert mean[0] == pytest.approx(mean[1], abs=0.03)
    assert np.abs(found - full).max() < 0.01
    assert mean[1] > 0.2  # DKI rose faster than places elsewhere


def test_awards_since_the_start_are_not_known_at_the_start(behind):
    record = read_panel().record
    for _, places in behind.provinces:
        for _, awards in places:
            assert len(awards) == len(YEARS)
    assert max(record.years) > 2022
    assert behind.held == YEARS
    assert behind.start == dt.date(2022, 11, 14)


PLAN_BYTES = """
import hashlib
from kla_sim.engine.plan import compile_plan
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.shipped import shipped_scenario
scenario = load_scenario(shipped_scenario("kaltara_2022")).model_copy(update={"worlds": 40})
digest = hashlib.sha256()
for first, n in CUTS:
    plan = compile_plan(scenario.model_copy(update={"worlds": n}), 4, first_world=first)
    for world in plan.worlds:
        for array in (world.gap, world.rate, world.claimed_ratio, world.standing):
            digest.update(array.tobytes())
print(digest.hexdigest())
"""


@pytest.mark.long
def test_worlds_are_the_same_in_every_process_and_however_they_are_cut():
    digests = []
    for cuts, threads in (("[(0, 40)]", "1"), ("[(0, 40)]", "2"), ("[(0, 7), (7, 33)]", "1")):
        answer = subprocess.run(
            [sys.executable, "-c", PLAN_BYTES.replace("CUTS", cuts)],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads, "PYTHONHASHSEED": threads},
            capture_output=True,
            text=True,
            check=True,
        )
        digests.append(answer.stdout.strip())
    assert len(digests[0]) == len(hashlib.sha256().hexdigest())
    assert digests[0] == digests[1] == digests[2]
