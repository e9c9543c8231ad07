"""A run to be told in tables: an invented summary, a shipped plan and a manifest, all fixed."""

from datetime import UTC, datetime
from functools import cache

import invented
import numpy as np

from kla_sim.analysis.differences import Differences
from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.relieved import ButFor
from kla_sim.analysis.summary import OddsCurve
from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.relief import Relief
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


def cases():
    """Return two things relieved: money that helps at a price, and a calendar without one."""

    def estimate(value):
        return Estimate(value, value - 0.01, value + 0.01, 0.95, "paired_clustered", 1000)

    def case(kind, subject, gain, price):
        found = Differences(
            estimate(gain), estimate(gain), 70, 20, estimate(3 * gain), [], [], estimate(0.0),
            None, None,
        )  # fmt: skip
        relief = Relief(kind, subject, loaded().scenario)
        return ButFor(relief, found, 700, 300, price, 0.3 + gain)

    money = case("account", "accounts.cities.jakarta_pusat", 0.05, 1_700_000_000)
    return [money, case("calendar", "", 0.4, 0)]


def tried():
    """Return what is told of those two."""
    return [case.remedy for case in cases()]


def without_awards():
    """Return a summary of a plan in which no cycle is held, no zone planned and nobody works."""
    told = summary()
    labels = told.labels._replace(cycles=[], pools=[])
    none = np.zeros((6, 0, 3))
    means = {name: np.zeros(0) for name in ("busy_days", "filled_days", "vacant_days")}
    return invented.with_means(told, **means)._replace(
        labels=labels,
        category_shares=np.zeros((6, 0, 7)),
        verified=none,
        claimed=none,
        attainment=told.attainment[:1],
        curve=OddsCurve(np.array([0]), *(of_day[:1] for of_day in told.curve[1:])),
    )
