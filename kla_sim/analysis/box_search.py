"""The search for one box: conditions at rounded bounds, added one by one, the best few kept.

A beam search as in subgroup discovery, instead of peeling: a yes-or-no column that few futures
meet cannot be peeled in small steps, and three conditions are all that a reader keeps in mind.
Not here: which boxes count (`boxes`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from kla_sim.arrays import BoolArray, FloatArray, IntArray

_MOST_CONDITIONS = 3
_BEAM = 4
_WORTH = 1.05
"""Another condition has to raise the quality by a twentieth."""

_LEAST_INSIDE = 0.02
"""Share of the futures that a box holds at least, but for few: 30."""

_LEAST_FUTURES = 30
_CUTS = 40
_DIGITS = 2


class Condition(NamedTuple):
    """One side of a column: at least the bound, or below it."""

    column: int
    is_above: bool
    bound: float


class Box(NamedTuple):
    """Conditions and how good they are."""

    conditions: tuple[Condition, ...]
    quality: float


def inside(values: FloatArray, conditions: tuple[Condition, ...]) -> BoolArray:
    """Return which rows meet all conditions, (n,); what is not known meets none."""
    found = np.ones(len(values), dtype=bool)
    for column, is_above, bound in conditions:
        numbers = values[:, column]
        found &= numbers >= bound if is_above else numbers < bound
    return found


def rounded_bounds(column: FloatArray) -> FloatArray:
    """Return where a column may be cut: quantiles rounded as a reader would say them."""
    known = column[~np.isnan(column)]
    distinct = np.unique(known)
    if len(distinct) < 2:
        return np.empty(0)
    if len(distinct) <= _CUTS:
        return distinct[1:]
    cuts = np.quantile(known, np.arange(1, _CUTS) / _CUTS)
    spread = float(cuts[-1] - cuts[0]) or float(np.ptp(known))
    step = 10.0 ** (math.floor(math.log10(spread)) + 1 - _DIGITS)
    found = np.unique(np.round(np.round(cuts / step) * step, 12))
    return np.asarray(found[(found > distinct[0]) & (found <= distinct[-1])])


class Search:
    """Columns cut into bins, to be asked for the best box again and again."""

    def __init__(self, values: FloatArray, bounds: list[FloatArray]) -> None:
        """Cut the columns.

        Parameters
        ----------
        values : (n, n_columns)
        bounds : per column where it may be cut, rising.
        """
        self._values = values
        self._bounds = bounds
        self._width = 2 + max((len(cuts) for cuts in bounds), default=0)
        n, n_columns = values.shape
        codes = np.empty((n, n_columns), dtype=np.int32)
        for place, cuts in enumerate(bounds):
            bins = np.searchsorted(cuts, values[:, place], side="right")
            unknown = np.isnan(values[:, place])
            codes[:, place] = place * self._width + np.where(unknown, self._width - 1, bins)
        self._codes = codes
        self._is_cut = np.zeros((n_columns, self._width - 2), dtype=bool)
        for place, cuts in enumerate(bounds):
            self._is_cut[place, : len(cuts)] = True

    def best(self, happens: BoolArray, among: BoolArray) -> Box | None:
        """Return the best box among some futures, None where no box is denser than all of them.

        Quality is (density inside - density of all) x square root of the number inside, the
        measure of a binomial test (Kloesgen 1996).

        Parameters
        ----------
        happens, among : (n,) in which futures it happens, and which are looked at.

        References
        ----------
        Kloesgen, W. (1996). Explora: a multipattern and multistrategy discovery assistant. In:
        Advances in Knowledge Discovery and Data Mining, AAAI Press, 249-271.
        """
        base = float(happens[among].mean())
        beam = [Box((), 0.0)]
        best: Box | None = None
        for _length in range(_MOST_CONDITIONS):
            grown: dict[frozenset[Condition], Box] = {}
            for box in beam:
                for longer in self._grown(box, happens, among, base):
                    if longer.quality > _WORTH * box.quality:
                        grown[frozenset(longer.conditions)] = longer
            beam = sorted(grown.values(), key=lambda box: -box.quality)[:_BEAM]
            if not beam:
                break
            settled = self._settled(beam[0], happens, among, base)
            if best is None or settled.quality > _WORTH * best.quality:
                best = settled
        return best

    def _grown(self, box: Box, happens: BoolArray, among: BoolArray, base: float) -> list[Box]:
        """Return the best ways to add one condition, at most one per side of a column."""
        qualities = self._qualities(box.conditions, happens, among, base)
        found = []
        for side in (0, 1):
            cuts = qualities[side].argmax(axis=1)
            tops = np.take_along_axis(qualities[side], cuts[:, None], axis=1)[:, 0]
            for column in np.argsort(-tops, kind="stable")[:_BEAM]:
                if tops[column] > 0.0:
                    bound = float(self._bounds[column][cuts[column]])
                    new = Condition(int(column), bool(side), bound)
                    kept = [one for one in box.conditions if one[:2] != new[:2]]
                    found.append(Box((*kept, new), float(tops[column])))
        return found

    def _settled(self, box: Box, happens: BoolArray, among: BoolArray, base: float) -> Box:
        """Move each bound to its best place given the others, until none moves."""
        for _pass in range(4):
            before = box
            for place in range(len(box.conditions)):
                column, is_above, _bound = box.conditions[place]
                others = (*box.conditions[:place], *box.conditions[place + 1 :])
                row = self._qualities(others, happens, among, base)[int(is_above), column]
                cut = int(row.argmax())
                if row[cut] > box.quality:
                    moved = Condition(column, is_above, float(self._bounds[column][cut]))
                    conditions = (*box.conditions[:place], moved, *box.conditions[place + 1 :])
                    box = Box(conditions, float(row[cut]))
            if box == before:
                break
        return box

    def _counts(
        self, conditions: tuple[Condition, ...], happens: BoolArray, among: BoolArray
    ) -> tuple[IntArray, IntArray]:
        """Count futures, and those in which it happens, beyond each cut.

        Returns
        -------
        each (2, n_columns, n_cuts): below the cut, and from it on
        """
        rows = among & inside(self._values, conditions)
        n_columns = len(self._bounds)

        def beyond(picked: BoolArray) -> IntArray:
            filled = np.bincount(
                self._codes[picked].ravel(), minlength=n_columns * self._width
            ).reshape(n_columns, self._width)[:, :-1]
            below = np.cumsum(filled, axis=1)
            return np.stack([below[:, :-1], below[:, -1:] - below[:, :-1]])

        return beyond(rows), beyond(rows & happens)

    def _qualities(
        self, conditions: tuple[Condition, ...], happens: BoolArray, among: BoolArray, base: float
    ) -> FloatArray:
        """Return the quality of each further condition, (2, n_columns, n_cuts); -1 = none."""
        sizes, hits = self._counts(conditions, happens, among)
        least = max(_LEAST_FUTURES, _LEAST_INSIDE * len(happens))
        density = hits / np.maximum(sizes, 1)
        quality = (density - base) * np.sqrt(sizes)
        return np.where((sizes >= least) & self._is_cut, quality, -1.0)

    def front(self, happens: BoolArray) -> FloatArray:
        """Return coverage and density of boxes that none beats in both, (n_boxes, 2).

        Of all boxes with one condition, and of all that add one to the best of these.
        """
        among = np.ones(len(happens), dtype=bool)
        base = float(happens.mean())
        found = []
        conditions: tuple[Condition, ...] = ()
        for _length in range(_MOST_CONDITIONS):
            sizes, hits = self._counts(conditions, happens, among)
            least = max(_LEAST_FUTURES, _LEAST_INSIDE * len(happens))
            is_box = (sizes >= least) & self._is_cut
            found.append(np.stack([hits[is_box] / happens.sum(), hits[is_box] / sizes[is_box]], 1))
            grown = self._grown(Box(conditions, 0.0), happens, among, base)
            if not grown:
                break
            conditions = max(grown, key=lambda box: box.quality).conditions
        points = np.concatenate(found)
        points = points[np.lexsort((-points[:, 1], -points[:, 0]))]
        is_best = points[:, 1] > np.maximum.accumulate(np.append(-1.0, points[:-1, 1]))
        return np.asarray(points[is_best])
