"""The day of the start under one row that knows two evaluations, quick without the compiler too."""

import numpy as np
import pytest
from laws import row
from scipy.special import ndtri
from test_past import one

from kla_sim.engine import beliefs as known
from kla_sim.engine import start as starts
from kla_sim.engine.beliefs import ALONE, Own
from kla_sim.engine.evidence import choose_row, row_weights
from kla_sim.engine.filtered import Sparse, filter_past, filtered, forget_unchosen
from kla_sim.engine.formulas import background_step
from kla_sim.engine.past import past_of, readings_of
from kla_sim.engine.posterior import Posterior, law_of
from kla_sim.engine.province import COMMON, COMMON_CHANCES, stratum_chances
from kla_sim.engine.readings import Reading
from kla_sim.engine.start import draw_histories, start_of

ROW = row(strictness={2021: 12.0, 2022: -15.0}, province_share=0.36)
HISTORY = (3, (1, 2))


def in_uji(**baseline):
    """Return a plan of one city, the only place of its province: pratama, then madya in 2022."""
    plan = one(baseline={"history": {2021: "pratama", 2022: "madya"}, **baseline})
    return plan.model_copy(update={"province": "Uji"})


def middle(_):
    return 0.5


@pytest.fixture(scope="module")
def begun():
    """Return what is believed at the start, the province's part drawn at 0.75."""
    chances = {"province/Uji": 0.75}
    return start_of(in_uji(), ROW, chances.__getitem__)


def test_without_a_row_a_province_shares_what_the_scenario_says():
    plan = one().model_copy(update={"province": "Uji"})
    found = start_of(plan, None, {"province/Uji": 0.8413447460685429}.__getitem__)
    assert found.own == {"kota": Own(0.0, pytest.approx(1.0))}
    assert (found.beliefs, found.days) == ({}, 0)
    rate = plan.background.rate.model_copy(update={"province_share": 0.36})
    background = plan.background.model_copy(update={"rate": rate})
    sharing = plan.model_copy(update={"background": background})
    shared = start_of(sharing, None, {"province/Uji": 0.8413447460685429}.__getitem__)
    assert shared.own["kota"] == pytest.approx((0.6, 0.8))
    alone = start_of(one().model_copy(update={"province": None}), None, middle)
    assert alone.own == {"kota": ALONE}


def test_before_the_first_evaluation_a_row_says_what_is_shared_alone():
    early = one(start="2015-01-01").model_copy(update={"province": "Uji"})
    found = start_of(early, ROW, {"province/Uji": 0.8413447460685429}.__getitem__)
    assert found.own["kota"] == pytest.approx((0.6, 0.8))
    assert found.beliefs == {}


def test_a_history_is_believed_given_what_its_province_shares(begun):
    common = starts._draw_common(np.zeros(len(COMMON)), 0.75)
    own = Own(0.6 * common, 0.8)
    assert begun.own["kota"] == pytest.approx(own)
    seen = filter_past(past_of(in_uji(), 2021), ROW)
    ratio = known.chances_given(own) / known.STRATUM_CHANCES
    expected = seen.after[HISTORY].whole() * ratio[:, None, None]
    assert begun.beliefs["kota"] == pytest.approx(expected / expected.sum(), abs=1e-15)
    assert begun.days == past_of(in_uji(), 2021).days > 0


def test_what_is_shared_is_drawn_evenly_around_points_half_a_deviation_apart():
    before = COMMON_CHANCES[:7].sum()
    logs = np.zeros(len(COMMON))
    assert starts._draw_common(logs, before + 0.75 * COMMON_CHANCES[7]) == pytest.approx(0.125)
    assert starts._draw_common(logs, before + 0.25 * COMMON_CHANCES[7]) == pytest.approx(-0.125)
    logs[9] = 800.0  # no overflow: the best counts as 1
    assert starts._draw_common(logs, 0.5) == pytest.approx(1.0)


def test_what_is_shared_is_weighed_by_awards_of_all_places_and_by_scores_given_them():
    plan = in_uji(score=655.0, sd=10.0)
    behind = past_of(plan, 2021)._replace(provinces=(("Uji", (HISTORY, HISTORY)),))
    seen = filter_past(behind, ROW)
    reading = Reading(655.0, 0.0, 10.0, 0.0)
    told = {"kota": seen.with_reading(HISTORY, reading)}
    found = starts._log_chances(behind, "Uji", ROW, seen, told)
    given = stratum_chances(0.36, known.STRATUM_BOUNDS, COMMON)
    by_award = seen.after[HISTORY].chances.sum(axis=(1, 2)) / known.STRATUM_CHANCES
    by_both = told["kota"].sum(axis=(1, 2)) / known.STRATUM_CHANCES
    # the awards of two places, one of which has a score beside them
    expected = np.log(given @ by_award) + np.log(given @ by_both)
    assert found == pytest.approx(expected, rel=1e-12)
    assert np.ptp(found) > 0.1


@pytest.mark.parametrize(("award", "standing"), [("unknown", None), ("madya", 2), ("nindya", 3)])
def test_a_city_is_drawn_after_its_last_evaluation_and_moves_on_to_the_start(
    begun, award, standing
):
    plan = in_uji()
    given = plan.cities["kota"].award.model_copy(update={"category": award})
    city = plan.cities["kota"].model_copy(update={"award": given})
    chances = {
        "kota/standing": 0.3, "kota/baseline": 0.4, "kota/rate": 0.6, "kota/since": 0.9,
    }  # fmt: skip
    drawn = draw_histories(
        plan.model_copy(update={"cities": {"kota": city}}), ROW, begun, chances.__getitem__
    )["kota"]
    law, own = law_of(ROW, 3), begun.own["kota"]
    at_last = known.draw(begun.beliefs["kota"], law, standing, (0.3, 0.4, 0.6), own)
    assert drawn.standing == (2 if standing is None else standing)
    assert (drawn.rate, drawn.standing) == (at_last.rate, at_last.standing)
    moved = background_step(at_last.gap, at_last.rate, 34.0, begun.days, float(ndtri(0.9)))
    assert drawn.gap == pytest.approx(moved, rel=1e-12)
    assert abs(drawn.gap - at_last.gap) > 5.0


def test_a_score_beside_a_history_moves_what_is_believed(begun):
    plan = in_uji(score=695.0, sd=5.0)
    found = start_of(plan, ROW, {"province/Uji": 0.75}.__getitem__).beliefs["kota"]
    seen = filter_past(past_of(plan, 2021), ROW)
    told = seen.with_reading(HISTORY, readings_of(plan)[0][1]).sum(axis=(0, 1))
    assert np.argmax(found.sum(axis=(0, 1))) == np.argmax(told)
    assert not np.allclose(found, begun.beliefs["kota"])


def test_beliefs_are_kept_of_standings_that_may_be_held():
    beliefs = np.zeros((known.N_STRATA, known.N_STANDINGS, 4))
    beliefs[2, 1, 3], beliefs[0, 4, 0] = 0.25, 0.5
    found = Sparse.of(beliefs, 0.1)
    assert (found.standings, found.factor) == ((1, 4), 0.1)
    assert found.chances.shape == (known.N_STRATA, 2, 4)
    assert np.array_equal(found.whole(), beliefs)


def test_a_history_is_filtered_once_and_a_jury_not_in_the_row_is_drawn():
    plan = in_uji()
    behind = past_of(plan, 2021)
    forget_unchosen()
    seen = filtered(behind, ROW, middle)
    assert filtered(behind, ROW, middle) is seen
    strange = ROW._replace(strictness={2021: 12.0}, strictness_sd=15.0)
    drawn = filtered(behind, strange, {"strictness-2022": 0.15865525393145707}.__getitem__)
    chances = [one.after[HISTORY].chances for one in (drawn, seen)]
    assert chances[0] == pytest.approx(chances[1], rel=1e-9, abs=1e-18)
    assert seen.before[HISTORY].factor == seen.after[HISTORY].factor == 1.0


def test_a_row_is_chosen_by_what_it_says_of_scores_or_evenly():
    plan = in_uji(score=655.0, sd=10.0)
    behind, readings = past_of(plan, 2021), readings_of(plan)
    near = ROW._replace(strictness={2021: 12.0, 2022: 0.0})
    far = ROW._replace(strictness={2021: 12.0, 2022: 0.0}, first_mean=300.0)
    notes = {"fitted_until": 2022, "left_out": []}
    posterior = Posterior("dua", (near, far), notes)
    weights = row_weights(behind, readings, posterior, "hash")
    given = stratum_chances(0.36, known.STRATUM_BOUNDS, COMMON)
    told = []
    for seen in (filter_past(behind, near), filter_past(behind, far)):
        by_award = seen.by_stratum(HISTORY)
        by_both = seen.with_reading(HISTORY, readings[0][1]).sum(axis=(1, 2))
        scored = given @ (by_both / known.STRATUM_CHANCES) / (given @ by_award)
        told.append(COMMON_CHANCES @ scored)
    assert weights == pytest.approx(np.array(told) / sum(told), rel=1e-9)
    first = float(weights[0])
    chosen = [
        choose_row(behind, readings, posterior, "hash", chance)
        for chance in (first - 1e-9, first + 1e-9)
    ]
    assert chosen == [0, 1]
    evenly = [choose_row(behind, (), posterior, "hash", chance) for chance in (0.49, 0.51, 1.0)]
    assert evenly == [0, 1, 1]
    nothing = behind._replace(held=())
    assert choose_row(nothing, readings, posterior, "hash", 0.6) == 1
