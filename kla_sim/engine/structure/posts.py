"""Posts: the pools of the province and of the cities, and how their capacity changes over time.

Not here: who leaves a post and when it is filled again, which is drawn (the engines).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kla_sim.engine.structure.rows import day_number, first_places, ints, streams
from kla_sim.scenario.model import Capacity, Scenario


class Pool(NamedTuple):
    """Posts of one resource, of the province or of a city."""

    name: str
    resource: int
    steps: list[tuple[int, int]]  # day and posts, in time order, the first at day 0


def list_pools(scenario: Scenario) -> list[Pool]:
    """Return all pools, resource by resource."""
    pools: list[Pool] = []
    for number, (name, resource) in enumerate(scenario.resources.items()):
        if resource.scope == "province":
            steps = _steps(scenario, resource.capacity)
            pools.append(Pool(f"province/{name}", number, steps))
        else:
            pools += [
                Pool(
                    f"{city}/{name}",
                    number,
                    _steps(scenario, resource.per_city.get(city, resource.capacity)),
                )
                for city in scenario.cities
            ]
    return pools


def _steps(scenario: Scenario, capacity: Capacity) -> list[tuple[int, int]]:
    """Return (day, posts) in time order, the first at day 0; of one day the last listed holds."""
    if isinstance(capacity, int):
        return [(0, capacity)]
    steps = [(day_number(scenario, step.from_), step.posts) for step in capacity]
    steps.sort(key=lambda step: step[0])
    begun = [posts for day, posts in steps if day <= 0]
    return [(0, begun[-1] if begun else 0), *((day, posts) for day, posts in steps if day > 0)]


def post_arrays(scenario: Scenario, pools: list[Pool]) -> dict[str, Any]:
    """Return the arrays of pools, posts and steps of capacity."""
    n_posts = [max(posts for _, posts in pool.steps) for pool in pools]
    posts = [
        f"{pool.name}/post-{number}"
        for pool, count in zip(pools, n_posts, strict=True)
        for number in range(1, count + 1)
    ]
    pool_of = np.full((len(scenario.resources), len(scenario.cities) + 1), -1, dtype=np.int64)
    for index, pool in enumerate(pools):
        owner = pool.name.partition("/")[0]
        if owner == "province":
            pool_of[pool.resource, :] = index
        else:
            pool_of[pool.resource, 1 + list(scenario.cities).index(owner)] = index
    later = [(index, posts) for index, pool in enumerate(pools) for _, posts in pool.steps[1:]]
    return {
        "pool_of": pool_of,
        "pool_resource": ints(pool.resource for pool in pools),
        "pool_capacity": ints(pool.steps[0][1] for pool in pools),
        "pool_post_first": first_places(n_posts),
        "departure_stream": streams(f"{post}/departure" for post in posts),
        "replacement_stream": streams(f"{post}/replacement" for post in posts),
        "step_pool": ints(index for index, _ in later),
        "step_posts": ints(count for _, count in later),
    }
