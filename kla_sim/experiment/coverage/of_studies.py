"""Intervals of studies of unknowns: PAWN, EVPPI, Sobol, Morris, and rules of `discover`.

Their floors of noise are promises too: where nothing matters, 95 of 100 samples stay below.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import numpy as np

from kla_sim.analysis.box_search import inside
from kla_sim.analysis.boxes import find_rules
from kla_sim.analysis.designs import Method, effects
from kla_sim.analysis.evppi import finding_out
from kla_sim.analysis.pawn import pawn
from kla_sim.arrays import BoolArray, FloatArray, IntArray
from kla_sim.experiment.coverage.trials import Promise

_SLOPES = np.array([2.0, 1.0, 0.5])
_MIDDLE = -1.0
_NODES = 24
"""Of Gauss and Legendre along each input: enough for the last digits of a logistic curve."""

_MORRIS_STEP = 2.0 / 3.0
_MORRIS_LEVELS = np.arange(4) / 3.0

_N_PER_WORLD, _N_WORLDS = 25, 120
"""Futures and worlds of a run that is searched for rules."""


def odds_of(inputs: FloatArray) -> FloatArray:
    """Return odds that rise with three inputs between 0 and 1, (n_points, 3); a logistic curve."""
    return np.asarray(1.0 / (1.0 + np.exp(-_MIDDLE - (inputs - 0.5) @ _SLOPES)))


@cache
def variance_shares() -> tuple[FloatArray, FloatArray]:
    """Return the share of the variance that each input moves by itself, and with all others.

    By quadrature: of the means over all other inputs, and over the input itself.
    """
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    nodes, weights = (nodes + 1.0) / 2.0, weights / 2.0
    grid = np.stack(np.meshgrid(nodes, nodes, nodes, indexing="ij"), axis=-1)
    values = odds_of(grid.reshape(-1, 3)).reshape(_NODES, _NODES, _NODES)
    whole = np.einsum("i,j,k->ijk", weights, weights, weights)
    mean = float((whole * values).sum())
    variance = float((whole * (values - mean) ** 2).sum())
    main, total = np.zeros(3), np.zeros(3)
    for place in range(3):
        first = np.moveaxis(values, place, 0)
        of_others = np.einsum("j,k->jk", weights, weights)
        alone = np.einsum("ijk,jk->i", first, of_others)
        without = np.einsum("i,ijk->jk", weights, first)
        main[place] = np.sum(weights * (alone - mean) ** 2) / variance
        total[place] = 1.0 - np.sum(of_others * (without - mean) ** 2) / variance
    return main, total


@cache
def mean_steps() -> FloatArray:
    """Return the mean size of the change per step of each input, over the whole grid of Morris."""
    others = np.stack(np.meshgrid(_MORRIS_LEVELS, _MORRIS_LEVELS, indexing="ij"), axis=-1)
    found = np.zeros(3)
    for place in range(3):
        changes = []
        for start in _MORRIS_LEVELS[:2]:
            before = np.insert(others.reshape(-1, 2), place, start, axis=1)
            after = np.insert(others.reshape(-1, 2), place, start + _MORRIS_STEP, axis=1)
            changes.append(np.abs(odds_of(after) - odds_of(before)) / _MORRIS_STEP)
        found[place] = np.mean(changes)
    return found


def effects_held(method: Method, part: int, size: int, trials: int, seed: int) -> float:
    """Return in how many designs intervals of effects hold them; a share of one for each input.

    Parameters
    ----------
    part : 0 = by itself, or of a step; 1 = with all others.
    size : of the design, see `designs.n_points`.
    """
    truth = variance_shares()[part] if method == "sobol" else mean_steps()
    seeds = np.random.default_rng(seed).integers(0, 2**31, trials)
    found = 0.0
    for number in seeds.tolist():
        ends = [effect[part] for effect in effects(method, odds_of, 3, size, number)]
        is_held = [
            one.low is not None and one.high is not None and one.low <= right <= one.high
            for one, right in zip(ends, truth, strict=True)
        ]
        found += float(np.mean(is_held))
    return found


def worth_of_normal(mean: float, spread: float) -> float:
    """Return what knowing a normal difference of two plans is worth.

    References
    ----------
    Raiffa, H. and Schlaifer, R. (1961). Applied Statistical Decision Theory, section 5.3 (the unit
    normal linear loss). Harvard University.
    """
    from scipy.special import ndtr

    density = np.exp(-((mean / spread) ** 2) / 2) / np.sqrt(2 * np.pi)
    return float(spread * density - abs(mean) * ndtr(-abs(mean) / spread))


def worth_held(mean: float, trials: int, seed: int, spread: float = 0.05, n: int = 2_000) -> int:
    """Return how often the interval of the worth of finding out holds the closed form."""
    rng, right, found = np.random.default_rng(seed), worth_of_normal(mean, spread), 0
    for _ in range(trials):
        unknown = rng.normal(size=(n, 1))
        gain = mean + spread * unknown[:, 0] + rng.normal(0.0, 0.05, n)
        (worth,) = finding_out(unknown, np.stack([np.full(n, 0.3), 0.3 + gain])).worths
        found += worth.low <= right <= worth.high
    return found


def worth_stays_below(trials: int, seed: int, n: int = 2_000, n_unknowns: int = 4) -> int:
    """Return how often the greatest worth stays below its floor where no unknown matters."""
    rng, found = np.random.default_rng(seed), 0
    for _ in range(trials):
        benefits = np.stack([np.full(n, 0.3), 0.3 + rng.normal(0.0, 0.05, n)])
        told = finding_out(rng.normal(size=(n, n_unknowns)), benefits)
        found += max(worth.value for worth in told.worths) <= told.floor
    return found


def influence_held(trials: int, seed: int, n: int = 300, *, of_many: bool = False) -> int:
    """Return how often the interval of PAWN holds its index.

    Parameters
    ----------
    of_many : the index that very many worlds would have, instead of the mean one of as many worlds.
    """
    rng, found = np.random.default_rng(seed), 0
    right = _index_of_many(n) if of_many else _mean_index(n)
    for _ in range(trials):
        unknowns, outcome = _two_unknowns(rng, n)
        (influence,) = pawn(unknowns[:, None], outcome).influences
        found += influence.low <= right <= influence.high
    return found


def influence_stays_below(trials: int, seed: int, n: int = 200, n_unknowns: int = 8) -> int:
    """Return how often the greatest influence stays below its floor where no unknown matters."""
    rng, found = np.random.default_rng(seed), 0
    for _ in range(trials):
        told = pawn(rng.normal(size=(n, n_unknowns)), rng.normal(size=n))
        found += max(influence.strength for influence in told.influences) <= told.floor
    return found


def _two_unknowns(rng: np.random.Generator, n: int) -> tuple[FloatArray, FloatArray]:
    """Return one of two equal normal unknowns, and an outcome that is the sum of both."""
    unknown = rng.normal(size=n)
    return unknown, unknown + rng.normal(size=n)


@cache
def _mean_index(n: int) -> float:
    """Return the mean index of samples of n worlds."""
    rng = np.random.default_rng(1)
    return float(np.mean([_index(*_two_unknowns(rng, n), n) for _ in range(1_000)]))


@cache
def _index_of_many(n: int) -> float:
    """Return the index of very many worlds, with as many slices as n worlds have."""
    return _index(*_two_unknowns(np.random.default_rng(1), 200_000), n)


def _index(column: FloatArray, outcome: FloatArray, n: int) -> float:
    """Return the index of an unknown with as many slices as n worlds have, by plain counting."""
    ranks = (np.argsort(np.argsort(outcome)) + 1) / len(outcome)
    steps = np.arange(1, min(len(outcome), 2_000) + 1) / min(len(outcome), 2_000)
    slices = np.array_split(np.argsort(column), int(np.clip(n // 30, 3, 10)))
    return float(
        np.mean(
            [
                np.abs(
                    np.searchsorted(np.sort(ranks[chosen]), steps + 1e-9) / len(chosen) - steps
                ).max()
                for chosen in slices
            ]
        )
    )


class _Failures:
    """Futures that fail more often in a box of one column of worlds and one of futures.

    Parameters
    ----------
    planted, elsewhere : chance to fail inside and outside.
    """

    def __init__(self, planted: float, elsewhere: float) -> None:
        self._chances = np.array([elsewhere, planted])
        self.many = self._columns(np.random.default_rng(1), 4_000)

    def _columns(self, rng: np.random.Generator, n_worlds: int) -> tuple[FloatArray, FloatArray]:
        """Return columns, half of them of worlds, and the chance to fail of each future."""
        world = np.arange(n_worlds * _N_PER_WORLD) % n_worlds
        values = rng.normal(size=(len(world), 6))
        values[:, :3] = values[:n_worlds, :3][world]
        is_planted = (values[:, 1] >= 0.0) & (values[:, 4] < -0.4)
        luck = rng.uniform(0.8, 1.2, n_worlds)[world]
        return values, self._chances[is_planted.astype(np.int64)] * luck

    def run(self, rng: np.random.Generator) -> tuple[FloatArray, BoolArray, IntArray]:
        """Return columns, which futures fail, and the world of each, of a run."""
        values, chances = self._columns(rng, _N_WORLDS)
        return values, rng.random(len(values)) < chances, np.arange(len(values)) % _N_WORLDS


def rules_held(planted: float, elsewhere: float, trials: int, seed: int) -> float:
    """Return how often the held-out interval of the first rule holds its density.

    Only rules that are shown count: one that the held-out worlds do not bear out is not.
    """
    rng, law = np.random.default_rng(seed), _Failures(planted, elsewhere)
    values, chances = law.many
    found = told = 0
    for _ in range(trials):
        for rule in find_rules(*law.run(rng), _N_WORLDS).rules[:1]:
            right = float(chances[inside(values, rule.conditions)].mean())
            found += rule.held_out.low <= right <= rule.held_out.high
            told += 1
    return trials * found / told if told else 0.0


def no_rule_by_luck(trials: int, seed: int) -> int:
    """Return how often no rule is found where nothing that is known matters."""
    rng, law = np.random.default_rng(seed), _Failures(0.3, 0.3)
    return sum(not find_rules(*law.run(rng), _N_WORLDS).rules for _ in range(trials))


_EFFECTS: tuple[tuple[str, Method, int, tuple[int, ...]], ...] = (
    ("first_order", "sobol", 0, (16, 64, 256)),
    ("total_order", "sobol", 1, (16, 64, 256)),
    ("mean_step", "morris", 0, (4, 10, 40)),
)


def promises() -> list[Promise]:
    """Return every promise of a study of unknowns."""
    keeps: list[tuple[str, str, Callable[[int, int], float], float | None]] = [
        *(("worth", f"{mean:g}", partial(worth_held, mean), None) for mean in (0.02, -0.05, 0.0)),
        ("worth_floor", "4 unknowns, 2000", worth_stays_below, None),
        ("influence", "300", influence_held, KNOWN_INFLUENCE),
        ("influence_of_many", "300", partial(influence_held, of_many=True), KNOWN_OF_MANY),
        ("influence_floor", "8 unknowns, 200", influence_stays_below, None),
        *(
            ("held_out", f"{high:g} against {low:g}", partial(rules_held, high, low), None)
            for high, low in ((0.7, 0.2), (0.35, 0.2))
        ),
        ("luck", "120 x 25", no_rule_by_luck, None),
        *(
            (name, str(size), partial(effects_held, method, part, size), None)
            for name, method, part, sizes in _EFFECTS
            for size in sizes
        ),
    ]
    return [
        Promise(name, setting, keep, known=known, cost=2) for name, setting, keep, known in keeps
    ]


KNOWN_INFLUENCE = 0.9
"""The bias of so few resamples, and of their percentiles, is not wholly taken off."""

KNOWN_OF_MANY = 0.1
"""Slices of thirty worlds lie further from the whole than slices of very many would."""
