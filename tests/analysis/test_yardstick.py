"""The multinomial logit: its slope, what it can forecast, and what its priors hold."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import check_grad, minimize

from kla_sim.analysis import yardstick
from kla_sim.analysis.award_forecasts import N_OUTCOMES, moves_of
from kla_sim.analysis.yardstick import Traits, forecast_by_logit, traits_of
from kla_sim.domain.record import read_panel

FALL, STAY, RISE = range(3)


def drawn(n: int, seed: int = 3) -> tuple[Traits, np.ndarray]:
    """Return traits and later outcomes of invented moves, never off the scale."""
    rng = np.random.default_rng(seed)
    earlier = rng.integers(0, N_OUTCOMES, n)
    traits = Traits(
        earlier,
        rng.choice([2019, 2021, 2022], n),
        rng.integers(0, 2, n),
        rng.integers(0, 2, n),
    )
    came = np.clip(earlier + rng.choice([-1, 0, 1], n, p=[0.2, 0.5, 0.3]), 0, N_OUTCOMES - 1)
    return traits, came


def every_case(year: int = 2022) -> Traits:
    """Return one move of each category, kind and island."""
    cells = np.array(list(np.ndindex(N_OUTCOMES, 2, 2)))
    return Traits(cells[:, 0], np.full(len(cells), year), cells[:, 1], cells[:, 2])


def cost_of(traits: Traits, came: np.ndarray, monkeypatch: pytest.MonkeyPatch):
    """Return the function that the fit minimises, and where it begins."""
    seen = {}

    def catch(function, start, **options):
        seen["function"], seen["start"] = function, start
        return minimize(function, start, **options)

    monkeypatch.setattr("scipy.optimize.minimize", catch)
    forecast_by_logit(traits, came, every_case())
    return seen["function"], seen["start"]


def test_the_slope_is_that_of_the_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    cost, start = cost_of(*drawn(80), monkeypatch)
    rng = np.random.default_rng(1)
    for scale in (0.0, 0.3, 1.5):
        point = scale * rng.standard_normal(len(start))
        size = np.linalg.norm(cost(point)[1])
        error = check_grad(lambda x: cost(x)[0], lambda x: cost(x)[1], point)
        assert error < 1e-5 * max(size, 1.0)


def test_at_the_fit_the_slope_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    cost, start = cost_of(*drawn(300), monkeypatch)
    found = minimize(cost, start, jac=True, method="L-BFGS-B")
    assert np.abs(cost(found.x)[1]).max() < 1e-2
    assert found.fun < cost(start)[0] - 5.0


def test_forecasts_are_chances_and_leave_the_scale_at_neither_end() -> None:
    cases = every_case()
    forecasts = forecast_by_logit(*drawn(300), cases)
    assert forecasts.sum(axis=1) == pytest.approx(np.ones(len(forecasts)), abs=1e-12)
    assert forecasts.min() >= 0.0
    directions = np.exp(yardstick._log_chances(np.zeros((len(cases.earlier), 2)), cases.earlier))
    assert directions[cases.earlier == 0, FALL].max() == 0.0
    assert directions[cases.earlier == N_OUTCOMES - 1, RISE].max() == 0.0
    assert directions[cases.earlier == 2, STAY] == pytest.approx(np.full(4, 1 / 3))


def test_rises_and_falls_have_the_steps_that_were_fixed() -> None:
    directions = np.tile([0.3, 0.5, 0.2], (N_OUTCOMES, 1))
    directions[0], directions[-1] = (0.0, 0.8, 0.2), (0.3, 0.7, 0.0)
    forecast = yardstick._spread_over_outcomes(directions, np.arange(N_OUTCOMES))
    assert forecast[0] == pytest.approx([0.8, 0.2 * 0.975, 0.2 * 0.02, 0.2 * 0.005, 0.0])
    # from madya: one step down, or two and more to none; up one step, or two and more to utama
    assert forecast[2] == pytest.approx(
        [0.3 * 0.15, 0.3 * 0.85, 0.5, 0.2 * 0.975, 0.2 * 0.025], rel=1e-12
    )
    assert forecast[4] == pytest.approx([0.0, 0.3 * 0.04, 0.3 * 0.11, 0.3 * 0.85, 0.7])


def test_without_moves_to_learn_from_the_priors_speak() -> None:
    """Nothing learned: falls, stays and rises are alike, where they can be."""
    nobody = Traits(*(np.zeros(0, np.int64) for _ in range(4)))
    forecasts = forecast_by_logit(nobody, np.zeros(0, np.int64), every_case())
    stays = forecasts[np.arange(len(forecasts)), every_case().earlier]
    inside = (every_case().earlier > 0) & (every_case().earlier < N_OUTCOMES - 1)
    assert stays[inside] == pytest.approx(np.full(inside.sum(), 1 / 3))
    assert stays[~inside] == pytest.approx(np.full((~inside).sum(), 1 / 2))


def test_categories_seen_seldom_are_drawn_to_the_mean_and_those_seen_often_are_not() -> None:
    """Madya rises always, others never: of 2 moves little is believed, of 400 nearly all."""

    def rise_from_madya(n_madya: int) -> float:
        earlier = np.concatenate([np.full(n_madya, 2), np.full(300, 1), np.full(300, 3)])
        came = np.concatenate([np.full(n_madya, 3), np.full(300, 1), np.full(300, 3)])
        n = len(earlier)
        same = np.full(n, 2022), np.zeros(n, np.int64), np.zeros(n, np.int64)
        wanted = Traits(np.array([2]), np.array([2022]), np.array([0]), np.array([0]))
        return float(forecast_by_logit(Traits(earlier, *same), came, wanted)[0, 3:].sum())

    assert rise_from_madya(0) < 0.1
    assert rise_from_madya(0) < rise_from_madya(2) < 0.5
    assert rise_from_madya(400) > 0.9


def test_an_evaluation_never_seen_is_forecast_like_an_ordinary_one() -> None:
    traits, came = drawn(400)
    later = forecast_by_logit(traits, came, every_case(2025))
    seen = [forecast_by_logit(traits, came, every_case(year)) for year in (2019, 2021, 2022)]
    assert later == pytest.approx(np.mean(seen, axis=0), abs=0.03)


def test_traits_of_the_record_are_those_of_its_places() -> None:
    record = read_panel().record
    moves = moves_of(record)
    traits = traits_of(record, moves)
    for number in range(0, len(moves.place), 17):
        place = moves.place[number]
        assert traits.is_kota[number] == record.places[place].startswith("Kota ")
        assert traits.year[number] == record.years[moves.evaluation[number]]
        assert traits.earlier[number] == min(
            record.category[place, moves.evaluation[number] - 1], N_OUTCOMES - 1
        )
    assert traits.is_java[[record.provinces[p] == "Jawa Barat" for p in moves.place]].all()
    assert not traits.is_java[[record.provinces[p] == "Riau" for p in moves.place]].any()
