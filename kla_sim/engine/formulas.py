"""The scalar rules of the model, free of objects, shared by both engines and ready to be compiled.

Durations, money, learning, background, score, category and the inverse distribution functions.
Every float that reaches a result passes through here once, so that the engines agree to the bit.
Not here: what happens when (the engines), and where the numbers come from (`values`, `worlds`).
"""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import math

from kla_sim.arrays import FloatArray
from kla_sim.domain.categories import MAXIMUM_SCORE, SMALLEST_GAP
from kla_sim.domain.limits import DEAREST_RUPIAH, LONGEST_DAYS
from kla_sim.domain.units import DAYS_PER_YEAR
from kla_sim.engine.code_cache import njit

MAXIMUM_ATTEMPTS = 20
WHOLE = 10_000
"""A whole in hundredths of a percent."""

FIXED, UNIFORM, TRIANGULAR, PERT, NORMAL, LOGNORMAL, EXPONENTIAL, DISCRETE = range(8)
"""The number of each distribution in the first column of a distribution row."""

_LONGEST, _DEAREST = float(LONGEST_DAYS), float(DEAREST_RUPIAH)
_BISECTIONS = 53
_LARGEST = 1.0 - 2.0**-53

PERT_CELLS = 2048
"""Cells of a quantile table, equal in probability."""


@njit()
def whole_days(duration: float) -> int:
    """Round a duration half up to whole days, at least 1 and at most `LONGEST_DAYS`."""
    return max(1, math.floor(min(duration, _LONGEST) + 0.5))


@njit()
def whole_rupiah(amount: float) -> int:
    """Round an amount half up to whole rupiah, at least 0 and at most `DEAREST_RUPIAH`."""
    return max(0, math.floor(min(amount, _DEAREST) + 0.5))


@njit()
def part_of(amount: int, share: int) -> int:
    """Return the part of an amount, rounded down.

    Parameters
    ----------
    amount : whole rupiah; multiplied in two pieces, so that no product leaves 64 bits.
    share : hundredths of a percent.
    """
    return amount // WHOLE * share + amount % WHOLE * share // WHOLE


_CENTRE_ABOVE = (
    2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4,
    4.5921953931549871457e4, 1.3731693765509461125e4, 1.9715909503065514427e3,
    1.3314166789178437745e2, 3.3871328727963666080e0,
)  # fmt: skip
_CENTRE_BELOW = (
    5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4,
    2.1213794301586595867e4, 5.3941960214247511077e3, 6.8718700749205790830e2,
    4.2313330701600911252e1, 1.0,
)  # fmt: skip
_SIDE_ABOVE = (
    7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
    1.27045825245236838258e0, 3.64784832476320460504e0, 5.76949722146069140550e0,
    4.63033784615654529590e0, 1.42343711074968357734e0,
)  # fmt: skip
_SIDE_BELOW = (
    1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
    1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e0,
    2.05319162663775882187e0, 1.0,
)  # fmt: skip
_TAIL_ABOVE = (
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
    2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e0,
    5.46378491116411436990e0, 6.65790464350110377720e0,
)  # fmt: skip
_TAIL_BELOW = (
    2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
    7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
    5.99832206555887937690e-1, 1.0,
)  # fmt: skip


@njit()
def _polynomial(coefficients: tuple[float, ...], x: float) -> float:
    total = coefficients[0]
    for place in range(1, len(coefficients)):
        total = total * x + coefficients[place]
    return total


@njit()
def normal_quantile(probability: float) -> float:
    """Return the standard normal quantile, accurate to about 1e-16 relative.

    References
    ----------
    Wichura, M. J. (1988). Algorithm AS 241. Applied Statistics 37(3), 477-484.
    doi:10.2307/2347330
    """
    q = probability - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * _polynomial(_CENTRE_ABOVE, r) / _polynomial(_CENTRE_BELOW, r)
    r = math.sqrt(-math.log(probability if q < 0 else 1.0 - probability))
    if r <= 5.0:
        size = _polynomial(_SIDE_ABOVE, r - 1.6) / _polynomial(_SIDE_BELOW, r - 1.6)
    else:
        size = _polynomial(_TAIL_ABOVE, r - 5.0) / _polynomial(_TAIL_BELOW, r - 5.0)
    return -size if q < 0 else size


@njit(forceinline=True)
def cell_of(probability: float) -> int:
    """Return the cell of a quantile table in which a probability lies."""
    return int(probability * PERT_CELLS)


@njit(forceinline=True)
def between_cells(probability: float, cell: int, below: float, above: float) -> float:
    """Return the quantile between the borders of a cell, on a straight line."""
    return below + (probability * PERT_CELLS - cell) * (above - below)


@njit(counts_references=False, forceinline=True)
def pert_fraction(probability: float, mode: float, tables: FloatArray, number: int) -> float:
    """Return the quantile of a PERT on [0, 1] from its table, exact power laws in both end cells.

    Parameters
    ----------
    mode : the place of the likely value between low (0) and high (1).
    tables : (n_tables, PERT_CELLS + 1) quantiles at equal steps of probability.
    number : which of the tables is that of this mode.

    References
    ----------
    Malcolm, D. G. et al. (1959). Application of a technique for research and development program
    evaluation. Operations Research 7(5), 646-669. doi:10.1287/opre.7.5.646
    """
    cell = cell_of(probability)
    if 0 < cell < PERT_CELLS - 1:
        return between_cells(probability, cell, tables[number, cell], tables[number, cell + 1])
    return _end_fraction(probability, cell, mode, tables, number)


@njit(counts_references=False)
def _end_fraction(
    probability: float, cell: int, mode: float, tables: FloatArray, number: int
) -> float:
    """Return the quantile in the first or last cell of the table of a PERT."""
    place = probability * PERT_CELLS
    if cell <= 0:
        return tables[number, 1] * place ** (1.0 / (1.0 + 4.0 * mode))
    rest = max(0.0, PERT_CELLS - place)
    last = tables[number, PERT_CELLS - 1]
    return 1.0 - (1.0 - last) * rest ** (1.0 / (5.0 - 4.0 * mode))


@njit(counts_references=False, forceinline=True)
def quantile(row: FloatArray, probability: float, tables: FloatArray) -> float:
    """Return the quantile of any distribution.

    Parameters
    ----------
    row : (5,) kind of distribution and up to four numbers, as `values` writes them:
        fixed value; uniform low, high; triangular low, likely, high; PERT low, high, mode, table;
        normal mean, sd, probability below the truncation; lognormal mu, sigma; exponential mean;
        discrete number of values, table (values first, cumulative chances behind).
    probability : strictly between 0 and 1.
    tables : (n_tables, PERT_CELLS + 1) quantiles of PERT, or values and chances of discrete.
    """
    return quantile_of(int(row[0]), row[1], row[2], row[3], row[4], probability, tables)


@njit(counts_references=False, forceinline=True)
def quantile_of(
    kind: int, a: float, b: float, c: float, d: float, probability: float, tables: FloatArray
) -> float:
    """Return the quantile of a distribution whose row is (kind, a, b, c, d)."""
    if kind == PERT:
        return a + pert_fraction(probability, c, tables, int(d)) * (b - a)
    return _other_quantile(kind, a, b, c, probability, tables)


@njit(counts_references=False)
def _other_quantile(
    kind: int, a: float, b: float, c: float, probability: float, tables: FloatArray
) -> float:
    """Return the quantile of anything but a PERT, which is what plans are mostly made of."""
    if kind == FIXED:
        return a
    if kind == UNIFORM:
        return a + probability * (b - a)
    if kind == TRIANGULAR:
        return triangular_quantile(probability, a, b, c)
    if kind == NORMAL:
        return a + b * normal_quantile(min(c + probability * (1.0 - c), _LARGEST))
    if kind == LOGNORMAL:
        return lognormal_quantile(a, b, probability)
    if kind == EXPONENTIAL:
        return exponential_quantile(a, probability)
    return discrete_quantile(probability, int(a), tables, int(b))


@njit()
def lognormal_quantile(mu: float, sigma: float, probability: float) -> float:
    """Return the quantile of a lognormal by mean and deviation of its logarithm."""
    return math.exp(mu + sigma * normal_quantile(probability))


@njit()
def exponential_quantile(mean: float, probability: float) -> float:
    """Return the quantile of an exponential distribution."""
    return -mean * math.log1p(-probability)


@njit()
def triangular_quantile(probability: float, low: float, likely: float, high: float) -> float:
    """Return the quantile of a triangular distribution."""
    width = high - low
    if width <= 0.0:
        return low
    rising = (likely - low) / width
    if probability < rising:
        return low + math.sqrt(probability * width * (likely - low))
    return high - math.sqrt((1.0 - probability) * width * (high - likely))


@njit(counts_references=False)
def discrete_quantile(probability: float, n_values: int, tables: FloatArray, number: int) -> float:
    """Return the first value whose cumulative chance reaches the probability."""
    for place in range(n_values - 1):
        if probability < tables[number, n_values + place]:
            return tables[number, place]
    return tables[number, n_values - 1]


@njit()
def days_left(
    row: FloatArray, probability: float, tables: FloatArray, city: float, learned: float, gone: int
) -> int:
    """Return the days still to go of work that is not finished after some days, at least 1.

    The law of a duration given that it is longer, by its inverse distribution function: the share
    of shorter ones is found by bisection, so that any distribution will do.

    Parameters
    ----------
    row : the distribution, see `quantile`, days.
    city, learned : factors on the duration, multiplied in this order.
    gone : days since the start.
    """
    shorter, longer = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = (shorter + longer) / 2.0
        if whole_days(quantile(row, middle, tables) * city * learned) <= gone:
            shorter = middle
        else:
            longer = middle
    drawn = min(shorter + probability * (1.0 - shorter), _LARGEST)
    return max(1, whole_days(quantile(row, drawn, tables) * city * learned) - gone)


@njit()
def learning_multiplier(rate: float, floor: float, transfer: float, own: int, others: int) -> float:
    """Return what is left of a duration after `own` zones of the city and `others` elsewhere.

    References
    ----------
    Wright, T. P. (1936). Factors affecting the cost of airplanes. Journal of the Aeronautical
    Sciences 3(4), 122-128. doi:10.2514/8.155
    """
    return max(floor, rate ** math.log2(1.0 + own + transfer * others))


@njit()
def clip_score(score: float) -> float:
    """Hold a score within 0 and 1000."""
    return min(MAXIMUM_SCORE, max(0.0, score))


@njit()
def reflect_gap(gap: float) -> float:
    """Reflect a background gap at 1 and 1000 points until it lies between them."""
    while gap < SMALLEST_GAP or gap > MAXIMUM_SCORE:
        gap = 2.0 * (SMALLEST_GAP if gap < SMALLEST_GAP else MAXIMUM_SCORE) - gap
    return gap


@njit()
def background_step(
    gap: float, rate: float, volatility: float, n_days: int, innovation: float
) -> float:
    """Return the background gap after some days: an Ornstein-Uhlenbeck step towards 0, reflected.

    Parameters
    ----------
    gap : points missing without Kaltara.
    rate : per year.
    volatility : points per square root of a year.
    innovation : standard normal; positive is good for the city.

    References
    ----------
    Uhlenbeck, G. E. and Ornstein, L. S. (1930). Physical Review 36, 823-841.
    doi:10.1103/PhysRev.36.823
    """
    years = n_days / DAYS_PER_YEAR
    if rate > 0.0:
        variance = volatility * volatility * -math.expm1(-2.0 * rate * years) / (2.0 * rate)
    else:
        variance = volatility * volatility * years
    return reflect_gap(gap * math.exp(-rate * years) - math.sqrt(variance) * innovation)


@njit()
def service_factor(effect: float, covered: float, integration: float, integrated: float) -> float:
    """Return the share of a group's gap that Kaltara leaves, before division by its start value.

    Parameters
    ----------
    covered, integrated : zones over districts, not yet held to at most 1.
    """
    return (1.0 - effect * min(1.0, covered)) * (1.0 - integration * min(1.0, integrated))


@njit()
def noise_factor(tail_share: float, tail_factor: float, probability: float) -> float:
    """Return how many times wider the noise of a verified score is than usual.

    References
    ----------
    Tukey, J. W. (1960). A survey of sampling from contaminated distributions. In: Contributions
    to Probability and Statistics, Stanford University Press, 448-485.
    """
    return tail_factor if probability < tail_share else 1.0
