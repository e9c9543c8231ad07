"""The PERT distribution with given percentiles: its ends from the 10th and the 90th.

Called by the checks of a scenario, which refuse impossible ends, and by the values of a plan.
"""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=4096)
def pert_range(p10: float, likely: float, p90: float) -> tuple[float, float]:
    """Return the ends of the PERT with this likely value and these percentiles.

    Parameters
    ----------
    p10, likely, p90 : in the quantity's unit, in ascending order, p10 < p90.
    """
    from scipy.optimize import brentq
    from scipy.special import betaincinv

    def percentiles(mode: float) -> tuple[float, float]:
        low, high = betaincinv(1 + 4 * mode, 5 - 4 * mode, (0.1, 0.9))
        return float(low), float(high)

    def place_of_likely(mode: float) -> float:
        low, high = percentiles(mode)
        return (mode - low) / (high - low) - (likely - p10) / (p90 - p10)

    mode = float(brentq(place_of_likely, 0.0, 1.0, xtol=1e-14))
    fraction_10, fraction_90 = percentiles(mode)
    width = (p90 - p10) / (fraction_90 - fraction_10)
    low = p10 - fraction_10 * width
    return low, low + width
