"""A year listed in an account holds for the years up to the next one listed, or to the horizon."""

import pytest

from kla_sim.scenario.lint import lint_loaded
from kla_sim.scenario.lint.reach import Reach, reaching_years
from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.shipped import shipped_scenario


def reaches(*overrides):
    """Return the years of the province that reach further, in a variant of kaltara_2022."""
    loaded = read_scenario(shipped_scenario("kaltara_2022"), overrides=overrides)
    return [found for found in reaching_years(loaded.scenario) if found.accounts[0].endswith("e")]


def test_a_year_left_out_is_reached_by_the_one_before_it():
    assert reaches("accounts.province.2023=null", "accounts.province.2026=null") == [
        Reach(2022, 2023, ["accounts.province"]),
        Reach(2025, 2026, ["accounts.province"]),
    ]


def test_years_that_are_all_listed_reach_no_other():
    assert reaches() == []


def test_accounts_that_end_in_one_year_are_told_together():
    loaded = read_scenario(shipped_scenario("kaltara_2022"))
    (found,) = reaching_years(loaded.scenario)
    assert (found.year, found.last) == (2023, 2026)
    assert found.accounts == [f"accounts.cities.{city}" for city in loaded.scenario.cities]


def codes(*overrides):
    loaded = read_scenario(shipped_scenario("kaltara_2022"), overrides=overrides)
    return [fault.code for fault in lint_loaded(loaded)]


@pytest.mark.parametrize(
    ("override", "reach"),
    [("accounts.cities.jakarta_pusat.2023=2 miliar", 1), ("accounts.province.2026=6 miliar", 0)],
)
def test_an_amount_set_is_told_where_it_reaches_further(override, reach):
    assert codes(override).count("AMOUNT_REACHES_FURTHER") == reach
