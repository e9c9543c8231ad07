"""What worlds differ in: names that a planner reads, and the numbers that the worlds drew."""

from typing import get_args

import numpy as np
import pytest
from laws import row
from plans import city, scenario

from kla_sim.engine import in_worlds
from kla_sim.engine.beginnings import Beginning
from kla_sim.engine.in_worlds import Kind, Unknown, unknowns_of
from kla_sim.engine.plan import compile_plan
from kla_sim.engine.unknowns import Unknowns
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.shipped import shipped_scenario

SCENARIO = load_scenario(shipped_scenario("kaltara_2022"), overrides=["worlds=4"])


@pytest.fixture(scope="module")
def plan():
    return compile_plan(SCENARIO, 1)


@pytest.fixture(scope="module")
def found(plan):
    return unknowns_of(SCENARIO, plan)


def column(found, kind, subject):
    return found.values[:, found.unknowns.index(Unknown(kind, subject))]


def test_every_uncertain_number_and_each_city_have_a_column(found):
    names = [unknown.name for unknown in found.unknowns]
    assert len(set(names)) == len(names)
    assert set(SCENARIO.uncertain) <= set(names)
    assert {"cities.jakarta_barat.rate_at_start", "cities.jakarta_barat.score_at_start"} <= set(
        names
    )
    assert {"evaluation.noise", "background.volatility", "tau"} <= set(names)


def test_columns_hold_what_the_worlds_of_the_plan_drew(found, plan):
    place = plan.labels.cities.index("jakarta_selatan")
    gaps = [1000.0 - world.gap[place] for world in plan.worlds]
    assert column(found, "score", "jakarta_selatan").tolist() == gaps
    assert column(found, "law", "evaluation.noise").tolist() == [v.noise[0] for v in plan.values]
    integration = column(found, "value", "effects.integration")
    assert integration.tolist() == [values.integration for values in plan.values]
    assert column(found, "tau", "tau").tolist() == [world.tau for world in plan.worlds]


def test_what_is_the_same_in_every_world_has_no_column(found):
    """The award of Jakarta Timur is known, that of Jakarta Selatan is not."""
    assert np.all(np.ptp(found.values, axis=0) > 0.0)
    assert Unknown("standing", "jakarta_timur") not in found.unknowns


def test_settled_numbers_are_those_of_their_chances_and_uncertain_no_longer():
    """PERT laws symmetric around 1 have it in their middle; the ends are those of the range."""
    known = Unknowns(SCENARIO)
    n = len(SCENARIO.uncertain)
    middle = known.settled([0.5] * n)
    before = SCENARIO.accounts.province[2024]
    assert middle.accounts.province[2024] == pytest.approx(before, rel=1e-6)
    assert known.settled([1.0 - 1e-9] * n).accounts.province[2024] > 1.35 * before
    assert dict(middle.uncertain) == {}


def small():
    """Return a plan of two cities in which a factor, a value, a law and a start are not known."""
    cycles = {2023: {"evidence_closes": "2023-03-01", "award": "2023-06-01"}}
    law = {"low": 0.9, "likely": 1.0, "high": 1.3}
    cities = {
        "barat": city(
            baseline={"score": 650.0, "sd": 30.0},
            award={"category": "unknown", "date": "2022-01-01"},
        ),
        "timur": city(baseline={"score": 750.0}),
    }
    return scenario(
        cities=cities,
        worlds=12,
        background={"rate": {"median": 0.05, "spread": 0.4}, "volatility": 20},
        evaluation={"noise": 15, "one_step_up": "90%", "cycles": cycles},
        learning={"rate": 0.9, "floor": 0.5},
        uncertain={
            "background.volatility": {"by": "factor", **law},
            "learning.rate": {"by": "value", "low": 0.8, "likely": 0.9, "high": 0.95},
            "evaluation.noise": {"by": "factor", **law},
        },
    )


def test_unknowns_of_a_small_plan_are_named_and_are_what_each_world_drew():
    plan = compile_plan(small(), 7, first_world=5)
    found = unknowns_of(small(), plan)
    assert [(one.kind, one.subject) for one in found.unknowns] == [
        ("factor", "background.volatility"),
        ("value", "learning.rate"),
        ("factor", "evaluation.noise"),
        ("score", "barat"),
        ("rate", "barat"),
        ("standing", "barat"),
        ("rate", "timur"),
    ]
    assert [one.name for one in found.unknowns[2:5]] == [
        "evaluation.noise",
        "cities.barat.score_at_start",
        "cities.barat.rate_at_start",
    ]
    drawn = Unknowns(small())
    factors = [drawn.drawn(7, world) for world in range(5, 17)]
    np.testing.assert_array_equal(found.values[:, :3], factors)
    np.testing.assert_array_equal(
        found.values[:, 3:],
        [
            [1000.0 - one.gap[0], one.rate[0], float(one.standing[0]), one.rate[1]]
            for one in plan.worlds
        ],
    )
    assert found.values.dtype == np.float64
    assert {one.kind for one in found.unknowns} < set(get_args(Kind))


def test_what_a_row_says_of_the_law_stands_under_the_paths_of_the_scenario(monkeypatch):
    """Rows that differ in every number, as worlds would choose them."""
    names = {
        "rate_median": "background.rate.median",
        "rate_spread": "background.rate.spread",
        "volatility": "background.volatility",
        "strictness_sd": "evaluation.strictness.sd",
        "noise": "evaluation.noise",
        "tail_share": "evaluation.tail_share",
        "tail_factor": "evaluation.tail_factor",
        "one_step_up": "evaluation.one_step_up",
        "confirmation": "evaluation.confirmation",
        "kla_reach": "evaluation.kla_reach",
    }
    rows = [row(**dict.fromkeys(names, 0.5 + 0.01 * world)) for world in range(3)]
    bare = small().model_copy(update={"uncertain": {}, "worlds": 3})
    written = bare.evaluation.model_copy(update=dict.fromkeys(bare.evaluation.model_fields_set))
    open_plan = bare.model_copy(
        update={"evaluation": written.model_copy(update={"cycles": bare.evaluation.cycles})}
    )
    plan = compile_plan(bare, 7)
    monkeypatch.setattr(
        in_worlds, "begin_worlds", lambda *_: [Beginning(one, None) for one in rows]
    )
    found = unknowns_of(open_plan, plan)
    law = [unknown for unknown in found.unknowns if unknown.kind == "law"]
    assert [unknown.name for unknown in law] == list(names.values())
    for place in range(len(law)):
        assert found.values[:, place].tolist() == [0.5, 0.51, 0.52]
    assert set(get_args(Kind)) == {"factor", "value", "law", "tau", "rate", "score", "standing"}
