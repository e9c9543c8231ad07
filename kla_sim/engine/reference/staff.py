"""The posts of every pool: capacity, departures and replacements, who is free."""

from __future__ import annotations

import numpy as np

from kla_sim.engine.formulas import EXPONENTIAL, whole_days
from kla_sim.engine.reference.clock import Clock
from kla_sim.engine.reference.facts import Facts, Luck
from kla_sim.engine.reference.trace import Journal
from kla_sim.engine.replications import Replications
from kla_sim.engine.structure.codes import DEPARTURE, REPLACEMENT
from kla_sim.engine.values import Values

Need = tuple[int, int, int]


class Staff:
    """Pools of posts; `free` may be negative while work outlives a departure."""

    def __init__(
        self, facts: Facts, values: Values, luck: Luck, clock: Clock, journal: Journal
    ) -> None:
        s = facts.structure
        self._facts, self._s, self._values = facts, s, values
        self._luck, self._clock, self._tell = luck, clock, journal.tell
        self._capacity: list[int] = s.pool_capacity.tolist()
        self._filled = list(self._capacity)
        self._is_filled = [True] * len(s.departure_stream)
        self._use = [0] * len(s.departure_stream)
        self._counted_until = [0] * s.n_pools
        self._filled_days = [0] * s.n_pools
        self._vacant_days = [0] * s.n_pools
        self._busy_days = [0] * s.n_pools
        self._pool_of_post = np.repeat(np.arange(s.n_pools), np.diff(s.pool_post_first)).tolist()
        self.free = list(self._capacity)

    def begin(self) -> None:
        """Await the first departure from every post where people leave."""
        for post, pool in enumerate(self._pool_of_post):
            if self._values.turnover_days[self._s.pool_resource[pool]] > 0:
                self._await_departure(post)

    def take(self, needs: list[Need], finish: int) -> None:
        """Occupy posts until a day; days past the horizon are not counted."""
        days = min(finish, self._s.horizon_day + 1) - self._clock.today
        for pool, units, _ in needs:
            self.free[pool] -= units
            self._busy_days[pool] += units * days
            self._clock.look_again(self._facts.group_of_pool[pool])

    def give_back(self, needs: list[Need]) -> None:
        """Free posts."""
        for pool, units, _ in needs:
            self.free[pool] += units
            self._clock.look_again(self._facts.group_of_pool[pool])

    def step_capacity(self, number: int) -> None:
        """B4: a pool gets another number of posts."""
        pool = int(self._s.step_pool[number])
        self._count_days(pool)
        self._capacity[pool] = int(self._s.step_posts[number])
        self._tell("capacity", self._facts.plan.labels.pools[pool], posts=self._capacity[pool])
        first = self._s.pool_post_first[pool]
        self._set_filled(pool, sum(self._is_filled[first : first + self._capacity[pool]]))

    def _await_departure(self, post: int) -> None:
        mean = self._values.turnover_days[self._s.pool_resource[self._pool_of_post[post]]]
        row = np.array([EXPONENTIAL, mean, 0.0, 0.0, 0.0])
        days = self._luck.draw(row, self._s.departure_stream[post], self._use[post])
        self._clock.at(self._clock.today + whole_days(days), DEPARTURE, post, self._depart)

    def _depart(self, post: int) -> None:
        """B6: somebody leaves; work in progress goes on."""
        self._fill(post, is_filled=False)
        row = self._values.replacement[self._s.pool_resource[self._pool_of_post[post]]]
        days = self._luck.draw(row, self._s.replacement_stream[post], self._use[post])
        self._use[post] += 1
        back = self._clock.today + whole_days(days)
        self._tell("departure", self._name(post), back=back)
        self._clock.at(back, REPLACEMENT, post, self._replace)

    def _replace(self, post: int) -> None:
        """B7: somebody new fills the post."""
        self._fill(post, is_filled=True)
        self._tell("replacement", self._name(post))
        self._await_departure(post)

    def _name(self, post: int) -> str:
        pool = self._pool_of_post[post]
        number = post - int(self._s.pool_post_first[pool]) + 1
        return f"{self._facts.plan.labels.pools[pool]}/post-{number}"

    def _fill(self, post: int, *, is_filled: bool) -> None:
        pool = self._pool_of_post[post]
        self._is_filled[post] = is_filled
        if post - self._s.pool_post_first[pool] < self._capacity[pool]:
            self._count_days(pool)
            self._set_filled(pool, self._filled[pool] + (1 if is_filled else -1))

    def _set_filled(self, pool: int, filled: int) -> None:
        self.free[pool] += filled - self._filled[pool]
        self._filled[pool] = filled
        self._clock.look_again(self._facts.group_of_pool[pool])

    def _count_days(self, pool: int, until: int | None = None) -> None:
        """Book the post-days since the last change of a pool."""
        day = self._clock.today if until is None else until
        days = day - self._counted_until[pool]
        self._filled_days[pool] += days * self._filled[pool]
        self._vacant_days[pool] += days * (self._capacity[pool] - self._filled[pool])
        self._counted_until[pool] = day

    def write(self, out: Replications) -> None:
        """Write the post-days, counted to the end of the horizon day."""
        for pool in range(self._s.n_pools):
            self._count_days(pool, self._s.horizon_day + 1)
        out.busy_days[:] = self._busy_days
        out.filled_days[:] = self._filled_days
        out.vacant_days[:] = self._vacant_days
