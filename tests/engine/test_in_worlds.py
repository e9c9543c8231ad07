"""What worlds differ in: names that a planner reads, and the numbers that the worlds drew."""

import numpy as np
import pytest

from kla_sim.engine.in_worlds import Unknown, unknowns_of
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
