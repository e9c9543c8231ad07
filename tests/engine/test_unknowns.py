"""Numbers that worlds draw anew: from which streams, at which index, and into which places."""

import numpy as np
import pytest
from plans import city, scenario

from kla_sim.engine.draws import stream, uniform
from kla_sim.engine.formulas import quantile
from kla_sim.engine.unknowns import Unknowns, draw
from kla_sim.engine.values import TableBook, distribution_row
from kla_sim.scenario.distributions import Pert, Uniform

RANGES = {
    "cities.*.multipliers.duration": {"by": "factor", "low": 0.8, "likely": 1.0, "high": 1.5},
    "cities.timur.multipliers.duration": {"by": "value", "low": 2.0, "likely": 2.5, "high": 4.0},
    "accounts.province.2023": {"by": "factor", "low": 0.5, "likely": 1.0, "high": 1.1},
}


def plan():
    """Return a plan of two cities with three uncertain numbers, two of them of one place."""
    accounts = {"province": {2023: 1000}, "release": {"1 Januari": "100%"}, "lapse": "100%"}
    return scenario(
        cities={
            name: city(multipliers={"duration": number, "cost": 1})
            for name, number in (("barat", 1.2), ("timur", 1.4))
        },
        accounts=accounts,
        uncertain=RANGES,
    )


def expected(seed, world):
    """Return what each number is at its own stream's variate of the world."""
    book, found = TableBook(), []
    for pattern, one in RANGES.items():
        law = Pert[float](low=one["low"], likely=one["likely"], high=one["high"])
        row = distribution_row(law, book)
        chance = uniform(np.uint64(seed), stream(f"world/uncertain/{pattern}"), world, 0)
        found.append(quantile(row, chance, book.array()))
    return found


@pytest.mark.parametrize(("seed", "world"), [(1, 0), (1, 7), (2**64 - 1, 3)])
def test_a_world_draws_each_number_from_a_stream_of_its_pattern(seed, world):
    assert Unknowns(plan()).drawn(seed, world) == expected(seed, world)


def test_of_patterns_that_share_a_place_the_last_one_holds():
    factor, value, money = expected(1, 4)
    here = Unknowns(plan()).in_world(1, 4)
    assert here.cities["barat"].multipliers.duration == pytest.approx(1.2 * factor)
    assert here.cities["timur"].multipliers.duration == pytest.approx(value)
    assert here.accounts.province[2023] == round(1000 * money)


def test_the_central_case_and_a_plan_that_knows_everything_are_as_written():
    known = plan()
    assert Unknowns(known).in_world(1, None) is known
    certain = scenario()
    assert Unknowns(certain).in_world(1, 3) is certain


def test_settled_numbers_are_at_their_chances_and_known():
    here = Unknowns(plan()).settled([0.5, 1.0 - 1e-12, 1e-12])
    assert here.uncertain == {}
    assert here.cities["timur"].multipliers.duration == pytest.approx(4.0, abs=0.02)
    assert here.accounts.province[2023] == pytest.approx(500, abs=3)


def test_a_quantile_of_a_law_or_the_number_that_stands_there():
    assert draw(7.5, 0.9) == 7.5
    assert draw(Uniform[float](distribution="uniform", low=10, high=30), 0.25) == 15.0
