"""The plan in plain Python lists, which callbacks read faster than arrays, and one world's luck."""

from __future__ import annotations

from typing import Any

import numpy as np

from kla_sim.engine.draws import sample, uniform
from kla_sim.engine.formulas import normal_quantile, quantile
from kla_sim.engine.plan import Plan
from kla_sim.engine.structure import Structure
from kla_sim.engine.structure.codes import FIRST_RESOURCE_CAUSE, INTEGRATION, LAUNCH


class Facts:
    """What is the same in every replication of a plan.

    A group is a whose-work-is-it number: 0 for the province, 1 + city for a city. A need is
    (pool, units, cause); a payer is (0 province or 1 city, share).
    """

    def __init__(self, plan: Plan) -> None:
        s = plan.structure
        n_activities, n_kinds = len(s.act_kind), len(s.kind_kit)
        self.plan, self.structure = plan, s
        self.kind: list[int] = s.act_kind.tolist()
        self.zone: list[int] = s.act_zone.tolist()
        self.group = [1 + city for city in s.act_city.tolist()]
        self.after = [
            s.after_act[s.after_first[act] : s.after_first[act + 1]].tolist()
            for act in range(n_activities)
        ]
        self.window: list[int] = s.kind_window[s.act_kind].tolist()
        self.window_open: list[list[bool]] = s.window_open.tolist()
        self.needs = _needs(s, self.kind, self.group)
        self.pays = [
            _pairs(s.pay_payer, s.pay_share, s.pay_first[kind], s.pay_first[kind + 1])
            for kind in range(n_kinds)
        ]
        self.upkeep_pays = _pairs(s.upkeep_payer, s.upkeep_share, 0, len(s.upkeep_payer))
        n_resources = len(plan.labels.resources)
        self.account_cause = (
            FIRST_RESOURCE_CAUSE + n_resources,
            FIRST_RESOURCE_CAUSE + n_resources + 1,
        )
        self.scan_order = sorted(
            range(n_activities), key=lambda act: (self.zone[act], s.kind_rank[self.kind[act]], act)
        )
        self.scan_place = np.argsort(np.array(self.scan_order, dtype=np.int64)).tolist()
        self.group_of_pool = _groups_of_pools(s)
        self.year_of_day: list[int] = s.year_of_day.tolist()
        self.agenda = list(
            zip(
                s.agenda_day.tolist(),
                s.agenda_item.tolist(),
                s.agenda_number.tolist(),
                strict=True,
            )
        )
        self.zone_city: list[int] = s.zone_city.tolist()
        self.zone_name = [
            f"{plan.labels.cities[city]}/zone-{number}"
            for city, number in zip(self.zone_city, s.zone_number.tolist(), strict=True)
        ]
        self.zone_acts: list[list[int]] = [[] for _ in range(s.n_zones)]
        self.wide_acts: list[list[int]] = [[] for _ in range(1 + s.n_cities)]
        for act, zone in enumerate(self.zone):
            (self.zone_acts[zone] if zone >= 0 else self.wide_acts[self.group[act]]).append(act)
        self.marks = [_marks(s, kind) for kind in range(n_kinds)]
        self.learned: dict[tuple[int, int, int], float] = {}


class Luck:
    """The random numbers of one replication."""

    def __init__(self, plan: Plan, replication: int) -> None:
        self._plan, self._replication = plan, replication

    def uniform(self, stream: Any, use: int = 0) -> float:
        """Return the variate of a stream, strictly between 0 and 1."""
        return float(uniform(self._plan.seed, stream, self._replication, use))

    def normal(self, stream: Any) -> float:
        """Return the standard normal variate of a stream."""
        return float(normal_quantile(self.uniform(stream)))

    def draw(self, row: Any, stream: Any, use: int) -> float:
        """Return the k-th use of a stream through a distribution's row."""
        return float(quantile(row, self.uniform(stream, use), self._plan.tables))

    def draw_activities(self, streams: Any, rows: Any) -> list[float]:
        """Return every activity's first draw from the distribution of its kind."""
        plan = self._plan
        kinds = plan.structure.act_kind
        drawn = sample(plan.seed, streams, kinds, rows, plan.tables, self._replication, 0)
        values: list[float] = drawn.tolist()
        return values


def _pairs(first: Any, second: Any, start: int, stop: int) -> list[tuple[int, int]]:
    return list(zip(first[start:stop].tolist(), second[start:stop].tolist(), strict=True))


def _needs(s: Structure, kinds: list[int], groups: list[int]) -> list[list[tuple[int, int, int]]]:
    of_kind = [
        _pairs(s.need_resource, s.need_units, s.need_first[kind], s.need_first[kind + 1])
        for kind in range(len(s.kind_kit))
    ]
    return [
        [
            (int(s.pool_of[resource, group]), units, FIRST_RESOURCE_CAUSE + resource)
            for resource, units in of_kind[kind]
            if units > 0
        ]
        for kind, group in zip(kinds, groups, strict=True)
    ]


def _groups_of_pools(s: Structure) -> list[int]:
    """Return whose work each pool serves: everybody's (0) or one city's."""
    groups = [0] * s.n_pools
    for pools in s.pool_of:
        if pools[0] < 0:
            for city, pool in enumerate(pools[1:]):
                groups[pool] = 1 + city
    return groups


def _marks(s: Structure, kind: int) -> list[int]:
    """Return the marks that an activity of this kind helps a zone to earn."""
    marks = [int(s.kind_opens[kind])] if s.kind_opens[kind] >= 0 else []
    marks += [INTEGRATION] * bool(s.kind_integrates[kind])
    marks += [LAUNCH] * bool(s.kind_launches[kind])
    return marks
