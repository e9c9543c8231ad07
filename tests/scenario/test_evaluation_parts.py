"""The part `evaluation`: what each value may be, what is left out, and rules across the parts."""

import pytest
from pydantic import ValidationError

from kla_sim.experiment.selftest.small_plans import city, scenario
from kla_sim.scenario.checks.evaluation import check_evaluation
from kla_sim.scenario.evaluation import (
    CalendarRisk,
    CategoryBounds,
    Cycle,
    Evaluation,
    IndicatorPoints,
    Slip,
    StageError,
    Strictness,
    standard_indicators,
)

CYCLE = {"evidence_closes": "2023-06-01", "award": "2023-08-01"}
GIVEN = {
    Slip: {"chance": 0.5, "months": 2},
    Cycle: CYCLE,
    StageError: {"spread": 5},
    Evaluation: {"cycles": {2023: CYCLE}},
    IndicatorPoints: {"group": "institutions"},
}
WITHIN = [
    (Slip, "months", 0, 120),
    (Slip, "chance", 0, 1),
    (CalendarRisk, "cancelled", 0, 1),
    (Strictness, "sd", 0, None),
    (Cycle, "strictness", 0, None),
    (Cycle, "noise", 0, None),
    (Cycle, "cancelled", 0, 1),
    (StageError, "silent", 0, 1),
    (Evaluation, "strictness", 0, None),
    (Evaluation, "noise", 0, None),
    (Evaluation, "tail_share", 0, 1),
    (Evaluation, "tail_factor", 1, 100),
    (Evaluation, "one_step_up", 0, 1),
    (Evaluation, "confirmation", 0, 1),
    (Evaluation, "kla_reach", 0, 1),
]


def made(part, **values):
    return part.model_validate({**GIVEN.get(part, {}), **values})


def codes(part, **values):
    """Return the codes of the faults of a part, with what they mention."""
    with pytest.raises(ValidationError) as refusal:
        made(part, **values)
    return [(error["type"], error.get("ctx")) for error in refusal.value.errors()]


@pytest.mark.parametrize(("part", "key", "low", "high"), WITHIN)
def test_a_value_may_reach_its_bounds_and_not_pass_them(part, key, low, high):
    step = 1 if key == "months" else 0.001
    assert getattr(made(part, **{key: low}), key) == low
    with pytest.raises(ValidationError):
        made(part, **{key: low - step})
    if high is not None:
        assert getattr(made(part, **{key: high}), key) == high
        with pytest.raises(ValidationError):
            made(part, **{key: high + step})


@pytest.mark.parametrize(("part", "key"), [(StageError, "spread"), (IndicatorPoints, "points")])
def test_what_has_to_be_above_zero_may_not_be_zero(part, key):
    assert getattr(made(part, **{key: 0.001}), key) == 0.001
    assert codes(part, **{key: 0}) == [("greater_than", {"gt": 0.0})]


def test_what_is_left_out_says_nothing():
    found = made(Evaluation)
    nothing = ("strictness", "noise", "tail_share", "tail_factor", "one_step_up", "confirmation")
    assert [getattr(found, key) for key in (*nothing, "kla_reach")] == [None] * 7
    assert found.calendar == CalendarRisk(cancelled=0.0, slip=Slip(chance=0.0, months=0))
    assert (found.claimed_ratio, found.stage_fall, found.stage_error) == (1.0, {}, {})
    cycle = found.cycles[2023]
    assert [cycle.cancelled, cycle.slip, cycle.strictness, cycle.noise] == [None] * 4
    assert (Strictness().mean, Strictness().sd) == (0.0, 0.0)
    assert (made(StageError).bias, made(StageError).silent) == (0.0, 0.0)
    assert (made(IndicatorPoints).name, made(IndicatorPoints).points) == (None, None)


def test_strictness_is_a_number_or_a_mean_with_its_spread():
    for part in (Cycle, Evaluation):
        assert made(part, strictness=12).strictness == 12.0
        assert made(part, strictness={"mean": -3, "sd": 2}).strictness == Strictness(mean=-3, sd=2)


def test_stages_are_the_four_of_the_ministry():
    stages = ("self", "ministry", "province", "final")
    found = made(Evaluation, stage_fall=dict.fromkeys(stages, 7))
    assert found.stage_fall == dict.fromkeys(stages, 7.0)
    with pytest.raises(ValidationError):
        made(Evaluation, stage_fall={"other": 7})


def test_the_standard_indicators_are_24_with_points_left_open():
    found = standard_indicators()
    assert len(found) == 24
    assert found["violence"] == IndicatorPoints(
        name="Korban kekerasan dan eksploitasi", group="special_protection", points=None
    )


def test_bounds_of_categories_are_those_of_the_ministry_and_may_be_others():
    standard = {"pratama": 500.0, "madya": 600.0, "nindya": 700.0, "utama": 800.0, "kla": 900.0}
    assert CategoryBounds().model_dump() == standard
    wide = {"pratama": 0.0, "madya": 1.0, "nindya": 2.0, "utama": 3.0, "kla": 1000.0}
    assert made(CategoryBounds, **wide).model_dump() == wide
    with pytest.raises(ValidationError):
        made(CategoryBounds, pratama=-0.1)
    with pytest.raises(ValidationError):
        made(CategoryBounds, kla=1000.1)


def test_bounds_of_categories_ascend_and_the_one_that_was_written_is_at_fault():
    above, below = "category_not_above", "category_not_below"
    assert codes(CategoryBounds, madya=500) == [
        (above, {"at": "madya", "other": "pratama", "bound": 500.0})
    ]
    assert codes(CategoryBounds, madya=700) == [
        (below, {"at": "madya", "other": "nindya", "bound": 700.0})
    ]
    assert codes(CategoryBounds, utama=850, kla=850) == [
        (above, {"at": "kla", "other": "utama", "bound": 850.0})
    ]
    assert made(CategoryBounds, madya=500.001).madya == 500.001


def problems(plan):
    return [(one.code, one.path, one.fields, one.of_key) for one in check_evaluation(plan)]


def indicators(**points):
    groups = ("institutions", "civil_rights", "family_care")
    return {
        name: {"group": group, **({} if most is None else {"points": most})}
        for (name, most), group in zip(points.items(), groups, strict=False)
    }


@pytest.mark.parametrize(
    ("points", "total", "n_open"),
    [
        ({"a": 400.0, "b": 600.0}, None, 0),
        ({"a": 400.0, "b": 600.0000005}, None, 0),
        ({"a": 400.0, "b": 600.000002}, 1000.000002, 0),
        ({"a": 400.0, "b": 599.0}, 999.0, 0),
        ({"a": 400.0, "b": 599.0, "c": None}, None, 1),
        ({"a": 400.0, "b": 600.0, "c": None}, 1000.0, 1),
        ({"a": 1001.0, "b": None, "c": None}, 1001.0, 2),
    ],
)
def test_points_of_indicators_make_a_thousand(points, total, n_open):
    fields = {"total": total, "open": n_open}
    expected = [] if total is None else [("points_not_whole", ("indicators",), fields, True)]
    assert problems(scenario(indicators=indicators(**points))) == expected


@pytest.mark.parametrize(
    ("profile", "is_full"),
    [
        ({"institutions": 1.0, "civil_rights": 1.0}, True),
        ({"institutions": 1.0, "civil_rights": 0.999}, False),
        ({"institutions": 0.999, "civil_rights": 1.0}, False),
        ({"institutions": 1.0}, False),
        ({}, False),
    ],
)
def test_a_profile_leaves_points_to_gain(profile, is_full):
    cities = {
        "satu": city(baseline={"score": 650.0, "profile": profile}),
        "dua": city(),
    }
    found = problems(scenario(cities=cities, indicators=indicators(a=400.0, b=None)))
    path = ("cities", "satu", "baseline", "profile")
    assert found == ([("profile_full", path, {}, True)] if is_full else [])


@pytest.mark.parametrize(
    ("baseline", "expected"),
    [
        ({"score": 650, "stage": "self"}, ("stage_without_fall", "stage", {})),
        ({"score": 650, "stage": "ministry"}, None),
        ({"score": 650, "stage": "final"}, None),
        ({"score": 650}, None),
        ({"category": "madya", "stage": "self"}, None),
        (
            {"score": 650, "stage": "self", "history": {2022: "madya"}},
            ("score_without_error", "stage", {"stage": "self"}),
        ),
        (
            {"score": 650, "history": {2022: "madya"}},
            ("score_without_error", "score", {"stage": "final"}),
        ),
        ({"score": 650, "stage": "province", "history": {2022: "madya"}}, None),
        ({"score": 650, "sd": 0.1, "history": {2022: "madya"}}, None),
    ],
)
def test_a_score_says_how_far_it_may_lie_from_the_final_one(baseline, expected):
    plan = scenario(
        cities={"dua": city(), "satu": city(baseline=baseline)},
        evaluation={
            "one_step_up": 0,
            "cycles": {},
            "stage_fall": {"ministry": 20},
            "stage_error": {"province": {"spread": 5}},
        },
    )
    if expected is None:
        assert problems(plan) == []
    else:
        code, key, fields = expected
        assert problems(plan) == [(code, ("cities", "satu", "baseline", key), fields, False)]


@pytest.mark.parametrize(
    ("ratio", "is_positive"),
    [
        (0.001, True),
        (0, False),
        (-0.1, False),
        ({"distribution": "uniform", "low": 0, "high": 1}, False),
        ({"distribution": "uniform", "low": 0.01, "high": 1}, True),
        ({"distribution": "normal", "mean": 0.9, "sd": 0}, True),
    ],
)
def test_claims_are_divided_by_a_ratio_above_zero(ratio, is_positive):
    evaluation = {"one_step_up": 0, "cycles": {}, "claimed_ratio": ratio}
    expected = [("ratio_not_positive", ("evaluation", "claimed_ratio"), {}, False)]
    assert problems(scenario(evaluation=evaluation)) == ([] if is_positive else expected)
