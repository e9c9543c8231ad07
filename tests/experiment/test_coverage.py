"""The measured coverage of intervals: what it counts, what it calls short, what it leaves alone."""

import numpy as np
import pytest

from kla_sim.analysis.estimate import Estimate, may_be_narrow
from kla_sim.experiment.coverage import of_odds, of_ranges, of_studies, pools, table
from kla_sim.experiment.coverage.trials import Coverage, Promise

TOO_RARE = "1 % of 200 worlds, the others next to none"


def half_of_it(sums, sizes):
    """Return a mean with an interval of half the normal width."""
    value = float(sums.sum() / sizes.sum())
    half = 0.98 * float(np.std(sums / sizes)) / len(sums) ** 0.5
    return Estimate(value, value - half, value + half, 0.95, "half", int(sizes.sum()))


def test_an_interval_of_half_the_width_is_called_short():
    pool = pools.worlds_of(np.full(400, 0.3))
    found = pools.held(pools.Case(pool, half_of_it), 200, 200, 300, 1)
    # half of 1.96 standard errors on both sides hold 67 %
    assert 0.60 < found / 300 < 0.74
    assert Coverage("odds", "", 0.95, None, found / 300, 300).is_short


@pytest.mark.parametrize(
    ("measured", "known", "is_short", "is_kept"),
    [
        (0.95, None, False, True),
        (0.92, None, False, True),  # 0.03 below, standard error 0.0109
        (0.91, None, True, False),
        (0.91, 0.9, True, True),
        (0.80, 0.9, True, False),
    ],
)
def test_what_is_short_and_what_is_kept(measured, known, is_short, is_kept):
    found = Coverage("odds", "", 0.95, known, measured, 400)
    assert found.standard_error == pytest.approx(0.0109, abs=1e-4)
    assert (found.is_short, found.is_kept) == (is_short, is_kept)


def test_dear_intervals_have_fewer_trials():
    asked = []

    def keep(trials, seed):
        asked.append(trials)
        return trials

    assert Promise("odds", "", keep, cost=10).try_out(400, 1).measured == 1.0
    Promise("odds", "", keep, cost=10).try_out(30, 1)
    assert asked == [40, 20]


def test_every_promise_has_a_name_and_a_setting_of_its_own():
    pairs = [(promise.name, promise.setting) for promise in table.promises()]
    assert len(pairs) > 100
    assert len(set(pairs)) == len(pairs)


def test_worlds_of_which_three_percent_carry_all_keep_the_promise():
    make, n, n_worlds = of_odds.RARE["3 % of 50 worlds, the others next to none"]
    case = pools.Case(make(), of_odds.estimate_chance)
    # 300 trials: 93 % or more is seen below 0.90 with a chance of 2 %
    assert pools.held(case, n, n_worlds, 300, 5) >= 270


def test_worlds_that_a_run_may_never_meet_do_not_and_are_known_to():
    make, n, n_worlds = of_odds.TOO_RARE[TOO_RARE]
    case = pools.Case(make(), of_odds.estimate_chance)
    found = pools.held(case, n, n_worlds, 300, 5) / 300
    assert found < 0.93
    # 0.95 times the chance to meet one of 0.91 % of the worlds among 200: 1 - 0.9909^200
    (known,) = {one.known for one in table.promises() if one[:2] == ("odds", TOO_RARE)}
    assert known == pytest.approx(0.8406, abs=1e-4)
    assert Coverage("odds", "", 0.95, known, found, 300).is_kept


def test_runs_that_may_not_have_met_such_worlds_say_so():
    make, n, n_worlds = of_odds.TOO_RARE[TOO_RARE]
    pool = make()
    rng, kept, said = np.random.default_rng(5), 0, 0
    for _ in range(300):
        odds = of_odds.estimate_chance(*pools.draw_run(pool, n, n_worlds, rng))
        is_said = may_be_narrow(odds, n_worlds)
        kept += is_said or odds.low <= pool.mean() <= odds.high
        said += is_said
    # 13 to 16 of 100 runs meet none; two standard errors of 300 trials are 4 points
    assert 27 <= said <= 63
    assert kept >= 285
    assert of_odds.held_or_said(TOO_RARE, 300, 5) == kept


def test_of_every_quantity_of_a_future_as_many_are_drawn_as_of_one():
    pool = pools.worlds_of(np.full(400, 0.3))
    both = np.stack([pool, 1.0 - pool], axis=-1)
    sums, sizes = pools.draw_run(both, 250, 200, np.random.default_rng(1))
    alone, of_each = pools.draw_run(pool, 250, 200, np.random.default_rng(1))
    assert sums[:, 0] == pytest.approx(alone)
    assert sums.sum(axis=1) == pytest.approx(sizes)
    assert (sizes.tolist(), sizes.sum()) == (of_each.tolist(), 250)


def test_the_shares_of_variance_are_those_of_many_points():
    main, total = of_studies.variance_shares()
    rng = np.random.default_rng(3)
    points, other = rng.random((400_000, 3)), rng.random((400_000, 3))
    values = of_studies.odds_of(points)
    for place in range(3):
        mixed = points.copy()
        mixed[:, place] = other[:, place]
        moved = np.mean((values - of_studies.odds_of(mixed)) ** 2) / 2 / values.var()
        assert total[place] == pytest.approx(moved, abs=0.005)
    assert np.all(main < total)
    assert main.sum() == pytest.approx(0.9867, abs=1e-4)


def test_the_mean_step_of_a_plane_is_its_slope(monkeypatch):
    monkeypatch.setattr(of_studies, "odds_of", lambda points: points @ np.array([0.3, -0.2, 0.1]))
    of_studies.mean_steps.cache_clear()
    assert of_studies.mean_steps() == pytest.approx([0.3, 0.2, 0.1])
    of_studies.mean_steps.cache_clear()


def test_futures_inside_a_range_are_counted_by_the_law():
    # of 50 days the fifth and the 45th of 51 gaps: 40 / 51 = 78.4 %, and half a day at each end
    assert of_ranges.days_inside(50, 50, 400, 1) / 400 == pytest.approx(0.787, abs=0.01)
    assert of_ranges._mass(400.0, 400.0) == pytest.approx(1 / (2 * np.pi * 7200) ** 0.5, rel=1e-4)


def test_the_index_by_plain_counting_is_that_of_pawn():
    from kla_sim.analysis.pawn import pawn

    unknown, outcome = of_studies._two_unknowns(np.random.default_rng(5), 300)
    (influence,) = pawn(unknown[:, None], outcome).influences
    assert of_studies._index(unknown, outcome, 300) == pytest.approx(influence.strength, abs=1e-9)


def test_the_worth_of_a_normal_difference_is_the_unit_loss():
    # mean 0: spread / sqrt(2 pi)
    assert of_studies.worth_of_normal(0.0, 0.05) == pytest.approx(0.05 * 0.398942, rel=1e-5)


def test_the_same_seed_measures_the_same():
    make, n, n_worlds = of_odds.RARE["odds of 0.027, 20 futures in 20 worlds"]
    case = pools.Case(make(), of_odds.estimate_chance)
    assert pools.held(case, n, n_worlds, 30, 4) == pools.held(case, n, n_worlds, 30, 4)


def test_the_document_passes_only_if_every_promise_is_kept():
    good = Coverage("odds", "a", 0.95, None, 0.96, 400)
    bad = Coverage("odds", "b", 0.95, None, 0.5, 400)
    assert table.intervals_document([good])["passed"]
    found = table.intervals_document([good, bad])
    assert not found["passed"]
    assert [entry["passed"] for entry in found["intervals"]] == [True, False]


def test_what_was_measured_can_be_written_as_json():
    import json

    kept = Promise("odds", "", lambda trials, seed: np.int64(trials - 1)).try_out(40, 1)
    document = table.intervals_document([kept])
    assert json.loads(json.dumps(document)) == document
    assert document["intervals"][0]["measured"] == 0.975
