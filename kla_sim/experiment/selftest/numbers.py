"""A number of the program beside what it must be, and when the two are too far apart.

Numbers with a standard error are compared by z-score, all of them together held to one chance of a
false alarm; numbers without one must be equal. Called by every check of `selftest`.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kla_sim.arrays import FloatArray

FALSE_ALARM = 1e-4
"""Chance that any number of a whole selftest is called wrong although all are right."""

POWER = 0.99
"""Chance with which a deviation as large as `detectable` says is called wrong."""

_QUANTILE_95 = 1.959963984540054


class Number(NamedTuple):
    """One number beside what it must be.

    Attributes
    ----------
    name : what it is, for whoever reads the source or the JSON.
    expected, got : by theory, and from the program.
    error : standard error of `got`; 0 = they must be equal.
    """

    name: str
    expected: float
    got: float
    error: float = 0.0

    @property
    def z(self) -> float | None:
        """The distance in standard errors; None where the two must be equal."""
        return (self.got - self.expected) / self.error if self.error > 0.0 else None

    @property
    def half_width(self) -> float | None:
        """Half of the 95 % interval of what was got, as a share of what is expected."""
        if self.error <= 0.0 or self.expected == 0.0:
            return None
        return _QUANTILE_95 * self.error / abs(self.expected)

    def is_right(self, limit: float) -> bool:
        """Return whether it lies within so many standard errors."""
        return self.got == self.expected if self.z is None else abs(self.z) <= limit


class Check(NamedTuple):
    """What one part of the selftest compared; the first number leads."""

    name: str
    numbers: tuple[Number, ...]

    def wrong(self, limit: float) -> tuple[Number, ...]:
        """Return the numbers that are too far from what they must be."""
        return tuple(number for number in self.numbers if not number.is_right(limit))


def z_limit(n: int) -> float:
    """Return how many standard errors are too many where n numbers are compared.

    References
    ----------
    Bonferroni, C. E. (1936). Teoria statistica delle classi e calcolo delle probabilita.
    Pubblicazioni del R. Istituto Superiore di Scienze Economiche e Commerciali di Firenze 8, 3-62.
    """
    from scipy.special import ndtri

    return float(-ndtri(FALSE_ALARM / (2.0 * max(n, 1))))


def detectable(number: Number, limit: float) -> float | None:
    """Return the relative deviation that is called wrong with the chance `POWER`."""
    from scipy.special import ndtri

    if number.half_width is None:
        return None
    return (limit + float(ndtri(POWER))) * number.error / abs(number.expected)


def mean_number(name: str, values: npt.ArrayLike, mean: float, sd: float | None = None) -> Number:
    """Return a sample mean beside the mean of the law.

    Parameters
    ----------
    sd : standard deviation of one value, the law's; without it the sample's is taken.
    """
    sample = np.asarray(values, float)
    spread = float(sample.std(ddof=1) if sd is None else sd)
    return Number(name, float(mean), float(sample.mean()), spread / math.sqrt(sample.size))


def share_number(name: str, claims: npt.ArrayLike, share: float) -> Number:
    """Return the share of true claims beside a chance; a chance of 0 or 1 must be met."""
    return mean_number(name, np.asarray(claims, float), share, math.sqrt(share * (1.0 - share)))


def law_numbers(
    name: str, days: npt.ArrayLike, law: FloatArray, quantiles: tuple[float, ...]
) -> list[Number]:
    """Return the mean of a sample of days, and its shares up to some quantiles, beside a law.

    Parameters
    ----------
    law : (n,) chance of 0, 1, 2 ... days.
    """
    at_most, every = np.cumsum(law), np.arange(len(law))
    mean = float(every @ law)
    sd = math.sqrt(float((every - mean) ** 2 @ law))
    found = [mean_number(name, days, mean, sd)]
    for quantile in quantiles:
        day = int(np.searchsorted(at_most, quantile))
        share = min(float(at_most[day]), 1.0)
        found.append(share_number(f"{name} <= {day}", np.asarray(days) <= day, share))
    return found


def zero(name: str, got: Any) -> Number:
    """Return a count of what must not happen."""
    return Number(name, 0.0, float(got))


def entry_of(check: Check, number: Number, limit: float) -> dict[str, Any]:
    """Return a number as `selftest --json` lists it."""
    return {
        "name": f"{check.name}: {number.name}",
        "check": check.name,
        "expected": number.expected,
        "got": number.got,
        "z": number.z,
        "half_width": number.half_width,
        "detectable": detectable(number, limit),
        "passed": number.is_right(limit),
    }
