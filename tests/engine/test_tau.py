"""What each world says of how strongly cities of one province move together."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from kla_sim.engine.plan import compile_plan
from kla_sim.engine.unknowns import Unknowns
from kla_sim.engine.worlds import row_of
from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.shipped import shipped_scenario


def scenario(name: str, *overrides: str) -> Scenario:
    return read_scenario(shipped_scenario(name), overrides=overrides).scenario


def taus(chosen: Scenario) -> list[float]:
    return [world.tau for world in compile_plan(chosen, 1).worlds]


def test_each_world_has_the_tau_of_its_row_of_the_posterior() -> None:
    chosen = scenario("kaltara_2022", "worlds=6")
    expected = []
    for world in range(6):
        row = row_of(Unknowns(chosen).in_world(1, world), 1, world)
        assert row is not None
        expected.append(row.rate_spread * math.sqrt(row.province_share))
    assert taus(chosen) == expected
    assert len(set(expected)) > 3


def test_without_a_province_nothing_is_shared() -> None:
    assert taus(scenario("kaltara_2022", "worlds=3", "province=null")) == [0.0] * 3


def test_one_city_alone_in_its_province_shares_nothing() -> None:
    others = [
        f"cities.{name}.province=Provinsi {number}"
        for number, name in enumerate(scenario("kaltara_2022").cities)
        if number
    ]
    assert taus(scenario("kaltara_2022", "worlds=3", *others)) == [0.0] * 3


def test_plain_rates_share_what_the_scenario_says(tmp_path: Path) -> None:
    path = tmp_path / "plain.yaml"
    path.write_text(
        "extends: shipped:kaltara_2022\nname: Uji\nworlds: 2\n"
        "cities:\n"
        + "".join(
            f"  {name}: {{baseline: {{history: null}}}}\n"
            for name in scenario("kaltara_2022").cities
        )
        + "background: {posterior: null, rate: {median: 0.05, spread: 0.4, province_share: 0.25},"
        " volatility: 30}\n"
        "evaluation: {strictness: 10, noise: 10, one_step_up: 98%}\n",
        encoding="utf-8",
    )
    found = taus(read_scenario(path).scenario)
    assert np.array(found) == pytest.approx(0.4 * 0.5)
