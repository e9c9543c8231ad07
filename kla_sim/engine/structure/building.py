"""From a scenario to the structure of its plan: every part of it, put together.

`compile_structure` is called by `plan`. Not here: the parts, each in a file of its own.
"""

from __future__ import annotations

from typing import Any

from kla_sim.domain.categories import category_number
from kla_sim.engine.structure import Labels, Structure
from kla_sim.engine.structure.calendar import agenda_arrays, cycle_arrays
from kla_sim.engine.structure.codes import PRIORITIES
from kla_sim.engine.structure.kinds import kind_arrays, list_kinds, list_windows
from kla_sim.engine.structure.money import money_arrays
from kla_sim.engine.structure.network import Network, activity_arrays, list_activities
from kla_sim.engine.structure.posts import list_pools, post_arrays
from kla_sim.engine.structure.rows import day_number, ints
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.status import launched


def compile_structure(scenario: Scenario) -> tuple[Structure, Labels]:
    """Turn the unchanging part of a scenario into arrays, with the names of their indices."""
    kinds = list_kinds(scenario)
    network = list_activities(scenario, kinds)
    pools = list_pools(scenario)
    years = list(range(scenario.start.year, scenario.horizon.year + 1))
    windows = list_windows(kinds)
    labels = Labels(
        cities=list(scenario.cities),
        city_names=[city.name for city in scenario.cities.values()],
        activities=network.names,
        pools=[pool.name for pool in pools],
        resources=list(scenario.resources),
        accounts=["province", *scenario.cities],
        years=years,
        cycles=sorted(scenario.evaluation.cycles),
        causes=["window", "wip_limit", *scenario.resources, "account:province", "account:city"],
        start=scenario.start,
    )
    arrays = {
        **_head_arrays(scenario, labels, network),
        **kind_arrays(scenario, kinds, windows),
        **activity_arrays(scenario, kinds, network),
        **post_arrays(scenario, pools),
        **money_arrays(scenario, labels),
        **cycle_arrays(scenario, labels),
        **agenda_arrays(scenario, windows, network, pools, labels),
    }
    return Structure(**arrays), labels


def _head_arrays(scenario: Scenario, labels: Labels, network: Network) -> dict[str, Any]:
    cities = list(scenario.cities.values())
    order = scenario.policy.order or labels.cities
    return {
        "horizon_day": day_number(scenario, scenario.horizon),
        "deadline_day": day_number(scenario, scenario.target.deadline),
        "target": category_number(scenario.target.category),
        "priority": PRIORITIES.index(scenario.policy.priority),
        "n_cities": len(cities),
        "n_zones": len(network.zone_city),
        "n_pools": len(labels.pools),
        "n_accounts": len(labels.accounts),
        "n_years": len(labels.years),
        "n_cycles": len(labels.cycles),
        "n_causes": len(labels.causes),
        "listed_order": ints(labels.cities.index(name) for name in order),
        "population": ints(city.population for city in cities),
        "existing_zones": ints(
            city.zones.existing + len(launched(scenario, name))
            for name, city in scenario.cities.items()
        ),
        "reference_zones": ints(city.zones.existing for city in cities),
        "start_category": ints(
            -1 if city.award.category == "unknown" else category_number(city.award.category)
            for city in cities
        ),
    }
