"""Sobol and Morris through our wrapper: functions whose indices are known."""

import numpy as np
import pytest

from kla_sim.analysis.designs import Effect, Interval, effects, n_points


def holds(interval, value):
    return interval.low <= value <= interval.high


def ishigami(chances):
    x = np.pi * (2 * chances - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_ishigami_is_recovered_within_the_intervals():
    """Ishigami and Homma (1990) with a = 7, b = 0.1."""
    a, b = 7.0, 0.1
    first = [0.5 * (1 + b * np.pi**4 / 5) ** 2, a**2 / 8, 0.0]
    both = 8 * b**2 * np.pi**8 / 225
    variance = sum(first) + both
    total = [first[0] + both, first[1], both]
    found = effects("sobol", ishigami, 3, 1024)
    for effect, main, whole in zip(found, first, total, strict=True):
        assert holds(effect.main, main / variance)
        assert holds(effect.total, whole / variance)
        assert effect.main.high - effect.main.low < 0.15


def test_sobol_g_is_recovered_within_the_intervals():
    """Saltelli and Sobol (1995): variance 1 / (3 (1 + a)^2) of each factor."""
    a = np.array([0.0, 1.0, 4.5, 9.0])
    parts = 1 / (3 * (1 + a) ** 2)
    variance = np.prod(1 + parts) - 1

    def g(chances):
        return np.prod((np.abs(4 * chances - 2) + a) / (1 + a), axis=1)

    found = effects("sobol", g, 4, 1024)
    for place, effect in enumerate(found):
        others = np.prod(1 + np.delete(parts, place))
        assert holds(effect.main, parts[place] / variance)
        assert holds(effect.total, parts[place] * others / variance)


def test_morris_finds_the_slopes_of_a_plane_and_that_they_are_the_same_everywhere():
    slopes = np.array([0.0, 1.0, -2.0])
    found = effects("morris", lambda chances: chances @ slopes, 3, 10)
    assert [effect.main.value for effect in found] == pytest.approx([0.0, 1.0, 2.0])
    assert [effect.total.value for effect in found] == pytest.approx([0.0] * 3, abs=1e-12)


def test_a_function_that_never_changes_has_no_effects():
    nothing = Interval(0.0, 0.0, 0.0)
    found = effects("sobol", lambda chances: np.ones(len(chances)), 2, 16)
    assert found == [Effect(nothing, nothing)] * 2


def test_designs_look_at_as_many_points_as_they_say():
    for method, size, asked in (("sobol", 16, 80), ("morris", 5, 20)):
        seen = []

        def evaluate(chances, seen=seen):
            seen.extend(chances.tolist())
            return chances.sum(axis=1)

        effects(method, evaluate, 3, size)
        assert len(seen) == asked == n_points(method, 3, size)


def test_a_design_is_the_same_each_time():
    assert effects("sobol", ishigami, 3, 16) == effects("sobol", ishigami, 3, 16)
    assert effects("morris", ishigami, 3, 4) == effects("morris", ishigami, 3, 4)


def test_few_trajectories_have_the_half_width_of_student():
    """SALib's half-width is the normal one of resamples: of four too narrow by the factor 1.87."""
    from SALib.analyze import morris
    from SALib.sample import morris as sample

    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0.0, 1.0]] * 3}
    points = sample.sample(problem, 4, num_levels=4, seed=5)
    resampled = morris.analyze(
        problem, points, ishigami(points), num_levels=4, num_resamples=500, conf_level=0.95, seed=5
    )
    found = effects("morris", ishigami, 3, 4, seed=5)
    for effect, half in zip(found, resampled["mu_star_conf"], strict=True):
        # t of 3 degrees 3.182446, z 1.959964, root of 4/3
        assert effect.main.high - effect.main.value == pytest.approx(
            3.182446 / 1.959964 * (4 / 3) ** 0.5 * half, rel=1e-6
        )


def test_another_seed_is_another_design():
    assert effects("sobol", ishigami, 3, 16, seed=1) != effects("sobol", ishigami, 3, 16, seed=2)
