"""The numbers that a scenario lists as `uncertain`, drawn anew in each world.

Called by `beginnings` and `plan`, for the same worlds. Not here: what is not known of the cities
and of the law (`worlds`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kla_sim.engine.draws import stream, uniforms
from kla_sim.engine.formulas import quantile
from kla_sim.engine.values import TableBook, distribution_row
from kla_sim.scenario.distributions import Pert
from kla_sim.scenario.model import Scenario, Uncertainty
from kla_sim.scenario.paths import Path, Places, changed_by, matching_paths


class Unknowns:
    """The `uncertain` numbers of a scenario and the values they name, found once for all worlds."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario, book = scenario, TableBook()
        self._rows = [distribution_row(_as_pert(one), book) for one in scenario.uncertain.values()]
        self._tables = book.array()
        self._kinds = [uncertainty.by for uncertainty in scenario.uncertain.values()]
        self._streams = np.array(
            [stream(f"world/uncertain/{pattern}") for pattern in scenario.uncertain], np.uint64
        )
        drawn_by: dict[Path, int] = {}  # of patterns that share a path the last one holds
        for number, pattern in enumerate(scenario.uncertain):
            drawn_by.update(dict.fromkeys(matching_paths(scenario, pattern), number))
        self._drawn_by = list(drawn_by.values())
        self._places = Places(scenario, drawn_by)

    def in_world(self, seed: int, world: int | None) -> Scenario:
        """Return the scenario with its uncertain numbers as they are in one world.

        Parameters
        ----------
        world : world number; None = the central case, the scenario as written.
        """
        if world is None or not self._rows:
            return self._scenario
        return self._with(self.drawn(seed, world))

    def drawn(self, seed: int, world: int) -> list[float]:
        """Return the factors and values that one world draws, in the order of the scenario."""
        return self._at(uniforms(np.uint64(seed), self._streams, world, 0).tolist())

    def settled(self, chances: list[float]) -> Scenario:
        """Return the scenario with each of its numbers known: what it draws at these chances."""
        return self._with(self._at(chances)).model_copy(update={"uncertain": {}})

    def _at(self, chances: list[float]) -> list[float]:
        return [
            float(quantile(row, chance, self._tables))
            for row, chance in zip(self._rows, chances, strict=True)
        ]

    def _with(self, drawn: list[float]) -> Scenario:
        changes = [changed_by(kind, one) for kind, one in zip(self._kinds, drawn, strict=True)]
        return self._places.changed([changes[number] for number in self._drawn_by])


def draw(distribution: Any, probability: float) -> float:
    """Return a quantile of a distribution of the scenario model, or the number that it is."""
    book = TableBook()
    row = distribution_row(distribution, book, positive=False)
    return float(quantile(row, probability, book.array()))


def _as_pert(uncertainty: Uncertainty) -> Pert[float]:
    return Pert[float](
        low=uncertainty.low,
        likely=uncertainty.likely,
        high=uncertainty.high,
        meaning=uncertainty.meaning,
    )
