"""Scores that the award history beside them all but rules out.

Under the middle law of the posterior, the history says where the last verdict lies; a score that
hardly any of these verdicts would have been scored at is a slip of the pen, or of another place.
Called where warnings of a scenario are put together (`cli`). Not here: the filter (`filtered`).
"""

from __future__ import annotations

from typing import NamedTuple

from scipy.special import stdtr

from kla_sim.arrays import FloatArray
from kla_sim.engine import beliefs as known
from kla_sim.engine.filtered import filtered
from kla_sim.engine.past import past_of, readings_of
from kla_sim.engine.readings import DEGREES, VERDICTS, Reading
from kla_sim.engine.worlds import row_of, source_of
from kla_sim.scenario.model import Scenario

LEAST_CHANCE = 1e-3
"""A score rarer than this, given the history beside it, contradicts it."""

_SEED = 1  # not used: the central case draws nothing


class Contradiction(NamedTuple):
    """A score beside a history that hardly allows it."""

    city: str
    score: float
    expected: float  # the middle score that the history lets expect, points
    chance: float  # of a score as far off, or further


def contradictions(scenario: Scenario) -> list[Contradiction]:
    """Return the scores that contradict the histories beside them."""
    readings = dict(readings_of(scenario))
    row = row_of(scenario, _SEED, None)
    if not readings or row is None:
        return []
    past = past_of(scenario, min(row.strictness))
    if not past.held:
        return []
    seen = filtered(past, row, source_of(_SEED, None))
    found = []
    for city, _, history in past.cities:
        if city in readings:
            weights = known.STRATUM_CHANCES @ seen.by_verdict(history)
            expected, chance = tail(readings[city], weights / weights.sum())
            if chance < LEAST_CHANCE:
                found.append(Contradiction(city, readings[city].score, expected, chance))
    return found


def tail(reading: Reading, weights: FloatArray) -> tuple[float, float]:
    """Return the mean score expected, and the chance of one as far off on either side.

    That the score may say nothing at all is left aside: it would excuse anything.
    """
    centres = VERDICTS - reading.bias
    distance = (reading.score - centres) / max(reading.spread, 1.0)
    below = float(weights @ stdtr(DEGREES, distance))
    return float(weights @ centres), 2.0 * min(below, 1.0 - below)
