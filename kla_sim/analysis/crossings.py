"""Where a noisy curve reaches a level: every crossing in a range, each with its interval.

All points of the curve are estimated from the same futures (common random numbers), so that it is
one curve whose crossings can be searched for as if there was no noise; how far it may lie from the
true one is then said by its intervals. Nothing is assumed of its shape but that it does not turn
twice between two neighbours of the first scan. Called by `experiment.solve`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from kla_sim.analysis.estimate import Estimate

_MOST_POINTS = 60
"""Points of a curve at most: a search that has not ended by then ends with wider brackets."""

_INWARD = 0.2
"""A point looked at lies at least this share of a bracket from its ends, so that it shrinks."""

_OF_RANGE = 0.005
"""Width of the brackets at which the search ends, as a share of the range; an end of an interval
is looked at again while the points beside it lie ten times as far apart."""


class Point(NamedTuple):
    """A value of the lever and what was estimated there."""

    value: float
    estimate: Estimate


class Crossing(NamedTuple):
    """A value of the lever at which a curve reaches a level.

    Attributes
    ----------
    value : where it does; of whole numbers the first one on the other side.
    low, high : the interval of it; None = it goes on beyond the range.
    rises : whether the curve lies at the level or above it from there on.
    is_alone : whether no other crossing lies within the interval: else the futures do not say on
        which side of the level the curve runs between them.
    """

    value: float
    low: float | None
    high: float | None
    rises: bool
    is_alone: bool


class Curve(NamedTuple):
    """What was estimated of a curve, by rising value of the lever, and where it reaches the level.

    Attributes
    ----------
    points : the scan, and the points that the search has added.
    crossings : by rising value.
    """

    points: list[Point]
    crossings: list[Crossing]

    @property
    def best(self) -> Point:
        """The highest point, the first of several."""
        return max(self.points, key=lambda point: point.estimate.value)


def trace_curve(
    estimate_at: Callable[[float], Estimate],
    scan: Sequence[float],
    level: float,
    *,
    is_whole: bool = False,
) -> Curve:
    """Scan a curve, and search every crossing of a level that the scan shows.

    Parameters
    ----------
    estimate_at : estimates the curve at a value, each time from the same replications.
    scan : values, rising.
    is_whole : whether only whole values are possible.

    Returns
    -------
    the curve; the interval of a crossing holds the values at which the level lies within the
    curve's own interval (a test inverted), which covers a crossing as often as that does

    References
    ----------
    Chen, H. and Schmeiser, B. W. (2001). Stochastic root finding via retrospective approximation.
    IIE Transactions 33(3), 259-275: roots on numbers held fixed.
    Casella, G. and Berger, R. L. (2002). Statistical Inference, 2nd ed., section 9.2.1: intervals
    by inverting a test.
    """
    found = {value: estimate_at(value) for value in scan}
    width = _OF_RANGE * (scan[-1] - scan[0])

    def look(at: float | None) -> bool:
        """Estimate one more point; say whether there was one to estimate."""
        if at is None or at in found or len(found) >= _MOST_POINTS:
            return False
        found[at] = estimate_at(at)
        return True

    while look(_next_inside(_sorted(found), level, width, is_whole=is_whole)):
        pass
    while look(_next_at_end(_sorted(found), level, 10 * width, is_whole=is_whole)):
        pass
    points = _sorted(found)
    return Curve(points, _crossings(points, level, is_whole=is_whole))


def _sorted(found: dict[float, Estimate]) -> list[Point]:
    return [Point(value, found[value]) for value in sorted(found)]


def _excess(point: Point, level: float) -> float:
    return point.estimate.value - level


def _brackets(points: Sequence[Point], level: float) -> list[tuple[Point, Point]]:
    """Return neighbours on two sides of the level; a point at the level counts as above it."""
    return [
        (a, b)
        for a, b in pairwise(points)
        if (_excess(a, level) >= 0.0) != (_excess(b, level) >= 0.0)
    ]


def _next_inside(
    points: Sequence[Point], level: float, width: float, *, is_whole: bool
) -> float | None:
    """Return where to look within the first bracket that is still too wide; None = nowhere.

    By the secant (regula falsi), held away from both ends of the bracket.
    """
    for a, b in _brackets(points, level):
        size = b.value - a.value
        if size <= (1.0 if is_whole else width):
            continue
        share = _excess(a, level) / (_excess(a, level) - _excess(b, level))
        value = a.value + size * min(1.0 - _INWARD, max(_INWARD, share))
        if is_whole:
            return float(min(max(math.floor(value + 0.5), a.value + 1), b.value - 1))
        return value
    return None


def _next_at_end(
    points: Sequence[Point], level: float, width: float, *, is_whole: bool
) -> float | None:
    """Return where to look to place the ends of the crossings' intervals; None = nowhere."""
    for a, b in _brackets(points, level):
        for here, step in ((points.index(a), -1), (points.index(b), 1)):
            inside, outside = _leaves(points, here, step, level)
            if outside is None:
                continue
            size = abs(outside.value - inside.value)
            if size <= (1.0 if is_whole else width):
                continue
            value = _end_between(inside, outside, level)
            if is_whole:
                least = min(inside.value, outside.value) + 1
                return float(min(max(math.floor(value + 0.5), least), least + size - 2))
            edge = _INWARD * size
            least = min(inside.value, outside.value) + edge
            return min(max(value, least), least + size - 2 * edge)
    return None


def _holds(point: Point, level: float) -> bool:
    return point.estimate.low <= level <= point.estimate.high


def _leaves(
    points: Sequence[Point], here: int, step: int, level: float
) -> tuple[Point, Point | None]:
    """Return the last point that may be at the level, from one end of a bracket outward.

    Returns
    -------
    it, and its neighbour that may not; None where the range ends before. Where the first point may
    not be at the level itself, the end lies within the bracket
    """
    if not _holds(points[here], level):
        return points[here - step], points[here]
    while 0 <= here + step < len(points):
        if not _holds(points[here + step], level):
            return points[here], points[here + step]
        here += step
    return points[here], None


def _end_between(inside: Point, outside: Point, level: float) -> float:
    """Return where the nearer end of the curve's interval passes the level, on a straight line."""
    is_above = outside.estimate.low > level
    ends = [
        (point.estimate.low if is_above else point.estimate.high) - level
        for point in (inside, outside)
    ]
    if ends[0] == ends[1] or ends[0] * ends[1] > 0.0:
        return inside.value
    return inside.value + (outside.value - inside.value) * ends[0] / (ends[0] - ends[1])


def _crossings(points: Sequence[Point], level: float, *, is_whole: bool) -> list[Crossing]:
    found = []
    for a, b in _brackets(points, level):
        rises = _excess(b, level) >= 0.0
        share = _excess(a, level) / (_excess(a, level) - _excess(b, level))
        value = b.value if is_whole else a.value + share * (b.value - a.value)
        low, high = _interval(points, a, b, level, is_whole=is_whole)
        found.append(Crossing(value, low, high, rises, is_alone=True))
    return [
        one._replace(
            is_alone=not any(
                (one.low is None or other.value >= one.low)
                and (one.high is None or other.value <= one.high)
                for other in found
                if other is not one
            )
        )
        for one in found
    ]


def _interval(
    points: Sequence[Point], a: Point, b: Point, level: float, *, is_whole: bool
) -> tuple[float | None, float | None]:
    """Return the interval of a crossing; of whole numbers those that may be the first across."""
    below = _leaves(points, points.index(a), -1, level)
    above = _leaves(points, points.index(b), 1, level)
    if is_whole:
        low = below[0].value if _holds(a, level) else b.value
        high = above[1].value if above[1] is not None and _holds(b, level) else b.value
        return (
            None if below[1] is None else low,
            None if above[1] is None else high,
        )
    return (
        None if below[1] is None else _end_between(below[0], below[1], level),
        None if above[1] is None else _end_between(above[0], above[1], level),
    )
