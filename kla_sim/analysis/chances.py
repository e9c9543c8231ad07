"""The chance that cities reach a score, before the jury's last evidence day has come: closed forms.

What is still open then: each city's background step, reflected at 1 and 1000 points, the jury's
noise for each city, and its strictness, common to all. The first two are integrated analytically,
the strictness by quadrature, the product over cities inside. Which evaluations count, and what the
calendar may do to them, is the affair of `conditional`.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np

from kla_sim.arrays import BoolArray, FloatArray
from kla_sim.domain.categories import MAXIMUM_SCORE, SMALLEST_GAP

_PERIOD = 2 * (MAXIMUM_SCORE - SMALLEST_GAP)
"""Twice the distance between the walls at which a gap is reflected."""

_MIRRORED_ZERO = 2 * SMALLEST_GAP
"""Where a gap of 0 comes to lie, reflected at the lower wall."""

_FAR = 4.75  # standard deviations beyond which a normal tail, 1e-6, counts as nothing
_FARTHEST = 8.3  # the same for the ends of quadrature, 5e-17
_SPACINGS = (0.4, 0.2, 0.1)
"""Steps of the trapezoidal rule, in spreads of the strictness; each serves twice its own width."""

_LAST_NODE = 6.4  # of the same, 2e-10 beyond both ends
_N_LEGENDRE = 8
_ROWS_OF_PANELS = 64
"""Rows with many narrow panels that are looked at together, so that memory stays small."""

_MOST_TURNS = 12
_TURN_STEPS = (-6.5, -4.0, -2.5, -1.5, -0.7, 0.0, 0.7, 1.5, 2.5, 4.0, 6.5)


class CityTerms(NamedTuple):
    """What is known of one city on the eve of the step; arrays (n,), points."""

    gap: FloatArray  # mean of the background gap after the step, before reflection
    spread: FloatArray  # standard deviation of the step; 0 = the gap is known
    remainder: FloatArray  # what Kaltara and wide work leave of the gap, a ratio
    noise: FloatArray  # standard deviation of the jury's noise
    tail_share: FloatArray  # share of verified scores whose noise is wide
    tail_factor: FloatArray  # how many times wider


class Awards(NamedTuple):
    """What a city's chance to be awarded the target makes of its score's; arrays (n, n_cities)."""

    floor: FloatArray  # chance of the target whatever the score
    factor: FloatArray  # chance that a score at the target is awarded


class Jury(NamedTuple):
    """What is known of the jury; arrays (n,), points."""

    bound: FloatArray  # a verified score above it reaches the target
    mean: FloatArray  # of the strictness
    sd: FloatArray
    includes_bound: bool  # the lowest category begins at its bound, the others above theirs


def chance_of_each(terms: CityTerms, jury: Jury) -> FloatArray:
    """Return the chance (n,) that one city's verified score reaches the target.

    The strictness adds to the noise: both are normal and independent.
    """
    total = np.zeros(len(jury.bound))
    for weight, variant in _by_noise(terms):
        total += weight * chance_above(
            jury.bound - jury.mean,
            variant._replace(noise=np.hypot(variant.noise, jury.sd)),
            includes_bound=jury.includes_bound,
        )
    return np.clip(total, 0.0, 1.0)


def chance_of_all(cities: list[CityTerms], awards: Awards, jury: Jury) -> FloatArray:
    """Return the chance (n,) that every city is awarded the target.

    References
    ----------
    Asmussen, S. and Glynn, P. W. (2007). Stochastic Simulation: Algorithms and Analysis, V.4.
    doi:10.1007/978-0-387-69033-9
    """
    narrowest = _narrowest(cities, jury)
    chances = np.ones(len(jury.sd))
    left = jury.sd > 0.0
    methods: list[tuple[BoolArray, Any]] = [(~left, _joint_at_mean)]
    for spacing in _SPACINGS:
        here = left & (narrowest >= 2.0 * spacing * jury.sd)
        methods.append((here, partial(_joint_by_trapezoids, spacing=spacing)))
        left = left & ~here
    methods.append((left, _joint_by_panels))
    for mask, integrate in methods:
        if mask.any():
            some = [_only(terms, mask) for terms in cities]
            of_some = Awards(awards.floor[mask], awards.factor[mask])
            chances[mask] = integrate(some, of_some, _jury_only(jury, mask))
    return np.clip(chances, 0.0, 1.0)


def _by_noise(terms: CityTerms) -> list[tuple[FloatArray, CityTerms]]:
    """Return the city with narrow and with wide noise, each with its share (n,)."""
    narrow = (1.0 - terms.tail_share, terms)
    if not terms.tail_share.any():
        return [narrow]
    return [narrow, (terms.tail_share, terms._replace(noise=terms.noise * terms.tail_factor))]


def _only(terms: CityTerms, rows: Any) -> CityTerms:
    return CityTerms(*(array[rows] for array in terms))


def _jury_only(jury: Jury, rows: Any) -> Jury:
    return jury._replace(bound=jury.bound[rows], mean=jury.mean[rows], sd=jury.sd[rows])


def _narrowest(cities: list[CityTerms], jury: Jury) -> FloatArray:
    """Return over how many points of strictness the steepest city's chance turns.

    Where walls are felt, only the noise is sure to smooth the turn.
    """
    level = jury.bound - jury.mean
    narrowest = np.full(len(level), np.inf)
    for city in cities:
        for share, terms in _by_noise(city):
            is_smooth = _is_plain(level, jury.sd, terms) | _is_folded(level, jury.sd, terms)
            width = np.where(is_smooth, _width(terms), terms.noise)
            np.minimum(narrowest, np.where(share > 0.0, width, np.inf), out=narrowest)
    return narrowest


def _joint_at_mean(cities: list[CityTerms], awards: Awards, jury: Jury) -> FloatArray:
    return _joint_at(jury.bound - jury.mean, cities, awards, jury)


def _joint_at(level: FloatArray, cities: list[CityTerms], awards: Awards, jury: Jury) -> FloatArray:
    """Return the chance of all at one strictness, which makes the bound a level."""
    product = np.ones(len(level))
    for city, floor, factor in zip(cities, awards.floor.T, awards.factor.T, strict=True):
        total = np.zeros(len(level))
        for weight, terms in _by_noise(city):
            total += weight * chance_above(level, terms, includes_bound=jury.includes_bound)
        product *= floor + factor * total
    return product


def _joint_by_trapezoids(
    cities: list[CityTerms], awards: Awards, jury: Jury, spacing: float
) -> FloatArray:
    """Integrate over the strictness at equal steps, which for smooth chances is all but exact.

    References
    ----------
    Trefethen, L. N. and Weideman, J. A. C. (2014). The exponentially convergent trapezoidal rule.
    SIAM Review 56(3), 385-458. doi:10.1137/130932132
    """
    last = round(_LAST_NODE / spacing)
    nodes = np.linspace(-last * spacing, last * spacing, 2 * last + 1)
    weights = np.exp(-0.5 * nodes**2)
    weights /= weights.sum()
    product = np.ones((len(jury.sd), len(nodes)))
    for city, floor, factor in zip(cities, awards.floor.T, awards.factor.T, strict=True):
        chance = np.zeros_like(product)
        for share, terms in _by_noise(city):
            chance += share[:, None] * _chance_at_nodes(terms, jury, nodes)
        product *= floor[:, None] + factor[:, None] * chance
    total = np.zeros(len(product))
    for column, weight in zip(product.T, weights, strict=True):  # an order that n cannot change
        total += weight * column
    return total


def _chance_at_nodes(terms: CityTerms, jury: Jury, nodes: FloatArray) -> FloatArray:
    """Return one city's chance at every strictness, (n, n_nodes)."""
    from scipy.special import ndtr

    level = jury.bound - jury.mean
    width = np.maximum(_width(terms), 1e-300)
    middle = (MAXIMUM_SCORE - level - terms.gap * terms.remainder) / width
    chances: FloatArray = ndtr(middle[:, None] + (jury.sd / width)[:, None] * nodes)
    rest = np.flatnonzero(~_is_plain(level, jury.sd, terms))
    if len(rest):
        levels = (level[rest, None] - jury.sd[rest, None] * nodes).ravel()
        each = CityTerms(*(np.repeat(array[rest], len(nodes)) for array in terms))
        chances[rest] = chance_above(levels, each).reshape(len(rest), len(nodes))
    return chances


def _joint_by_panels(cities: list[CityTerms], awards: Awards, jury: Jury) -> FloatArray:
    """Integrate over the strictness between breaks set where chances turn, even as a step."""
    blocks = []
    for start in range(0, len(jury.sd), _ROWS_OF_PANELS):
        rows = slice(start, start + _ROWS_OF_PANELS)
        some = [_only(terms, rows) for terms in cities]
        of_some = Awards(awards.floor[rows], awards.factor[rows])
        blocks.append(_over_panels(some, of_some, _jury_only(jury, rows)))
    return np.concatenate(blocks)


def _over_panels(cities: list[CityTerms], awards: Awards, jury: Jury) -> FloatArray:
    """Integrate over all panels of some rows at once."""
    breaks = _breaks(cities, jury)
    left, right = breaks[:, :-1], breaks[:, 1:]
    row, panel = np.nonzero(right > left)
    middle, half = (left + right)[row, panel] / 2, (right - left)[row, panel] / 2
    nodes, weights = np.polynomial.legendre.leggauss(_N_LEGENDRE)
    strictness = middle[:, None] + half[:, None] * nodes
    levels = (jury.bound - jury.mean)[row, None] - jury.sd[row, None] * strictness
    density = half[:, None] * weights * np.exp(-0.5 * strictness**2) / np.sqrt(2 * np.pi)
    each = np.repeat(row, len(nodes))
    there = Awards(awards.floor[each], awards.factor[each])
    joint = _joint_at(levels.ravel(), [_only(terms, each) for terms in cities], there, jury)
    parts = np.zeros((*left.shape, len(nodes)))
    parts[row, panel] = density * joint.reshape(density.shape)
    # added up one by one, an order that the number of rows cannot change
    return np.asarray(parts.reshape(len(left), -1).cumsum(axis=1)[:, -1])


def _breaks(cities: list[CityTerms], jury: Jury) -> FloatArray:
    """Return where panels begin and end, (n, n_breaks) in spreads of the strictness, ascending.

    Only the cities that turn last matter: where they have not turned yet, the product is nothing.
    """
    level = jury.bound - jury.mean
    turns = np.stack([(level - _expected_score(terms)) / jury.sd for terms in cities], axis=1)
    widths = np.stack([_width(terms) / jury.sd for terms in cities], axis=1)
    latest = np.argsort(-turns, axis=1, kind="stable")[:, :_MOST_TURNS]
    turns = np.take_along_axis(turns, latest, axis=1)
    widths = np.take_along_axis(widths, latest, axis=1)
    around = [turns + step * widths for step in _TURN_STEPS]
    corners = [
        (level - corner)[:, None] / jury.sd[:, None]
        for terms in cities[:_MOST_TURNS]
        for corner in (
            0.0,
            MAXIMUM_SCORE - terms.remainder,
            MAXIMUM_SCORE - MAXIMUM_SCORE * terms.remainder,
        )
    ]
    grid = np.broadcast_to(np.arange(-8.0, 9.0), (len(level), 17))
    breaks = np.concatenate([*around, *corners, grid], axis=1)
    return np.sort(np.clip(breaks, -_FARTHEST, _FARTHEST), axis=1)


def _expected_score(terms: CityTerms) -> FloatArray:
    return np.clip(MAXIMUM_SCORE - terms.gap * terms.remainder, 0.0, MAXIMUM_SCORE)


def _width(terms: CityTerms) -> FloatArray:
    """Return the standard deviation of score and noise together, were there no walls."""
    return np.hypot(terms.spread * terms.remainder, terms.noise)


def _is_plain(level: FloatArray, sd: FloatArray, terms: CityTerms) -> BoolArray:
    """Return where one normal is the chance: no wall is met, or not so that the level feels it.

    Parameters
    ----------
    sd : (n,) of the strictness around the level.
    """
    is_clear = terms.gap - SMALLEST_GAP >= _FAR * terms.spread
    is_step = _is_below_top(terms) & (is_clear | _is_harmless(level, sd, terms))
    is_on_scale = (terms.gap >= 0.0) & (terms.gap * terms.remainder <= MAXIMUM_SCORE)
    return np.where(terms.spread * terms.remainder > 0.0, is_step, is_on_scale)


def _is_below_top(terms: CityTerms) -> BoolArray:
    """Return where the step meets neither a gap of 1000 points nor a score of 0."""
    highest = terms.gap + _FAR * terms.spread
    return (
        (terms.gap >= SMALLEST_GAP)
        & (highest <= MAXIMUM_SCORE)
        & (highest * terms.remainder <= MAXIMUM_SCORE)
    )


def _is_folded(level: FloatArray, sd: FloatArray, terms: CityTerms) -> BoolArray:
    """Return where images of the gap, each with the noise in it, add up to the chance.

    There noise and strictness do not carry the level to the ends of the scale.
    """
    remainder = np.maximum(terms.remainder, 1e-300)
    reach = _FAR * np.hypot(sd, terms.noise)
    allowed = MAXIMUM_SCORE - level
    is_below = allowed + reach <= np.minimum(MAXIMUM_SCORE, MAXIMUM_SCORE * remainder)
    is_above = (allowed - reach >= remainder) | _is_harmless(level, sd, terms)
    return np.asarray((terms.spread * terms.remainder > 0.0) & is_below & is_above)


def _is_harmless(level: FloatArray, sd: FloatArray, terms: CityTerms) -> BoolArray:
    """Return where no step that the wall at 1 point throws back falls behind the level."""
    remainder = np.maximum(terms.remainder, 1e-300)
    unsettled = np.hypot(terms.spread, np.hypot(sd, terms.noise) / remainder)
    return np.asarray(
        (MAXIMUM_SCORE - level) / remainder + terms.gap - _MIRRORED_ZERO >= _FAR * unsettled
    )


def chance_above(
    level: FloatArray, terms: CityTerms, *, includes_bound: bool = False
) -> FloatArray:
    """Return the chance (n,) that score and noise together lie above a level.

    Parameters
    ----------
    level : (n,) points, the bound less the strictness.
    includes_bound : whether reaching the level is enough; matters only without any chance.
    """
    chances = np.empty(len(level))
    certain = np.zeros_like(level)
    is_known = terms.spread * terms.remainder <= 0.0
    is_exact = terms.noise <= 0.0
    is_plain = ~(is_known & is_exact) & _is_plain(level, certain, terms)
    is_folded = ~is_plain & _is_folded(level, certain, terms)
    is_left = ~(is_known | is_plain | is_folded)
    is_low = _is_below_top(terms)
    for mask, chance in (
        (is_known & is_exact, _known_without_noise),
        (is_plain, _plain),
        (is_known & ~is_exact & ~is_plain, _known_with_noise),
        (is_folded, _step_on_scale),
        (is_left & is_exact, _step_without_noise),
        (is_left & ~is_exact & is_low, _low_step_with_noise),
        (is_left & ~is_exact & ~is_low, _step_with_noise),
    ):
        if mask.any():
            here = CityTerms(*(array[mask] for array in terms))
            chances[mask] = chance(level[mask], here, includes_bound)
    return np.clip(chances, 0.0, 1.0)


def _known_without_noise(level: FloatArray, terms: CityTerms, includes_bound: bool) -> FloatArray:
    score = _expected_score(terms)
    return (score >= level if includes_bound else score > level).astype(float)


def _plain(level: FloatArray, terms: CityTerms, _: bool) -> FloatArray:
    from scipy.special import ndtr

    return np.asarray(ndtr((MAXIMUM_SCORE - level - terms.gap * terms.remainder) / _width(terms)))


def _known_with_noise(level: FloatArray, terms: CityTerms, _: bool) -> FloatArray:
    from scipy.special import ndtr

    return np.asarray(ndtr((_expected_score(terms) - level) / terms.noise))


def _step_on_scale(level: FloatArray, terms: CityTerms, _: bool) -> FloatArray:
    """Add up the images of the gap: the chance that, with the noise, it is small enough."""
    from scipy.special import ndtr

    allowed = (MAXIMUM_SCORE - level) / terms.remainder
    spread = _width(terms) / terms.remainder
    total = np.zeros(len(level))
    for shift in _shifts(terms):
        total += ndtr((allowed + shift - terms.gap) / spread)
        total -= ndtr((_MIRRORED_ZERO - allowed + shift - terms.gap) / spread)
    return total


def _step_without_noise(level: FloatArray, terms: CityTerms, includes_bound: bool) -> FloatArray:
    allowed = (MAXIMUM_SCORE - level) / terms.remainder
    total = _step_on_scale(level, terms, includes_bound)
    is_certain = (level <= 0.0 if includes_bound else level < 0.0) | (allowed >= MAXIMUM_SCORE)
    return np.where(is_certain, 1.0, np.where(allowed <= SMALLEST_GAP, 0.0, total))


def _low_step_with_noise(level: FloatArray, terms: CityTerms, _: bool) -> FloatArray:
    """Correct the plain chance by the steps that the wall at 1 point throws back."""
    from scipy.special import ndtr

    gap, spread, remainder, noise = terms[:4]
    width, wall = _width(terms), (SMALLEST_GAP - gap) / spread
    correlation, stretch = remainder * spread / width, width / noise
    thrown_back = (MAXIMUM_SCORE - level - remainder * (_MIRRORED_ZERO - gap)) / width
    straight = (MAXIMUM_SCORE - level - remainder * gap) / width
    return np.asarray(
        ndtr(straight)
        - _bivariate_normal(wall, straight, correlation, stretch)
        + _bivariate_normal(wall, thrown_back, -correlation, stretch)
    )


def _step_with_noise(level: FloatArray, terms: CityTerms, _: bool) -> FloatArray:
    """Add them up with noise: each is a bivariate normal between where the walls are met."""
    from scipy.special import ndtr

    gap, spread, remainder, noise = terms[:4]
    highest = np.maximum(SMALLEST_GAP, np.minimum(MAXIMUM_SCORE, MAXIMUM_SCORE / remainder))
    first = (remainder - MAXIMUM_SCORE + level) / noise
    last = (remainder * highest - MAXIMUM_SCORE + level) / noise
    slope = noise / (remainder * spread)
    allowed = (MAXIMUM_SCORE - level) / remainder
    total = np.asarray(ndtr(-last))
    for shift in _shifts(terms):
        upper = (allowed + shift - gap) / spread
        lower = (_MIRRORED_ZERO - allowed + shift - gap) / spread
        total = total + _normal_strip(first, last, upper, slope)
        total = total - _normal_strip(first, last, lower, -slope)
    return total


def _shifts(terms: CityTerms) -> FloatArray:
    """Return how far each image lies from the gap itself; images out of reach add nothing."""
    reach = float(np.max(np.abs(terms.gap) + 10.0 * terms.spread))
    n_images = int((reach + _PERIOD / 2) // _PERIOD)
    return np.arange(-n_images, n_images + 1) * np.float64(_PERIOD)


def _normal_strip(
    first: FloatArray, last: FloatArray, intercept: FloatArray, slope: FloatArray
) -> FloatArray:
    """Integrate phi(x) Phi(intercept + slope x) over x from first to last."""
    length = np.sqrt(1.0 + slope * slope)
    upper = _bivariate_normal(last, intercept / length, -slope / length, length)
    return upper - _bivariate_normal(first, intercept / length, -slope / length, length)


def _bivariate_normal(
    h: FloatArray, k: FloatArray, correlation: FloatArray, stretch: FloatArray
) -> FloatArray:
    """Return P(X <= h, Y <= k) of standard normals.

    Parameters
    ----------
    stretch : 1 / sqrt(1 - correlation**2), given apart because the difference would lose digits.

    References
    ----------
    Owen, D. B. (1956). Tables for computing bivariate normal probabilities. Annals of Mathematical
    Statistics 27(4), 1075-1090. doi:10.1214/aoms/1177728074
    """
    from scipy.special import ndtr, owens_t

    h = np.where(h == 0.0, 1e-300, h)
    k = np.where(k == 0.0, 1e-300, k)
    with np.errstate(over="ignore"):
        of_h = owens_t(h, (k / h - correlation) * stretch)
        of_k = owens_t(k, (h / k - correlation) * stretch)
    is_opposite = np.where((h > 0.0) == (k > 0.0), 0.0, 0.5)
    return np.asarray(0.5 * ndtr(h) + 0.5 * ndtr(k) - of_h - of_k - is_opposite)
