"""A run to be told in tables: an invented summary, a shipped plan and a manifest, all fixed."""

from datetime import UTC, datetime
from functools import cache

import invented

from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.shipped import shipped_scenario
from kla_sim.store import Manifest


@cache
def loaded():
    """Return the shipped plan with the places of its values."""
    return read_scenario(shipped_scenario("kaltara_2022"))


@cache
def summary():
    """Return a summary of the six regions of that plan, with round numbers."""
    made = invented.summary(city_hits=(400, 700, 450, 650, 900, 500), joint_hits=300)
    keys = list(loaded().scenario.cities)
    names = [city.name for city in loaded().scenario.cities.values()]
    labels = made.labels._replace(cities=keys, city_names=names, accounts=["province", *keys])
    return made._replace(labels=labels)


def manifest(**changes):
    """Return the manifest of a thousand simulations."""
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    kept = {
        "scenario": "Kaltara 2022-2026", "digest": "0123456789abcdef", "seed": 7,
        "engine": "compiled", "replications_asked": 1000, "python": "3.11", "packages": {},
        "cpu_family": "x", "commit": None, "is_tree_clean": None, "start": moment,
        "command": ["kla_sim", "run", "my plan.yaml", "-n", "1000"],
    }  # fmt: skip
    return Manifest(**{**kept, **changes})


def named(name, **summary_changes):
    """Return the plan and the summary with everything named the same way, however odd."""
    plan = loaded()
    scenario = plan.scenario
    cities = {key: city.model_copy(update={"name": name}) for key, city in scenario.cities.items()}
    resources = {
        key: one.model_copy(update={"name": name}) for key, one in scenario.resources.items()
    }
    renamed = scenario.model_copy(update={"name": name, "cities": cities, "resources": resources})
    told = summary()
    labels = told.labels._replace(city_names=[name] * len(told.labels.cities))
    return plan._replace(scenario=renamed), told._replace(labels=labels, **summary_changes)
