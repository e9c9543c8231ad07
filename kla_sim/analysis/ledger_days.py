"""The ledger of days: how activities spent their days, by whose work it is, year and reason.

Each attempt is booked from the day on which it is ready: each day of waiting to the check that
failed first, then the work itself, a later attempt apart; the days of dormant zones beside them.
Whole days, split at New Year, cut at the end of the horizon day; they add up exactly.
"""

from __future__ import annotations

import numpy as np

from kla_sim.analysis.reasons import N_BESIDE
from kla_sim.arrays import IntArray
from kla_sim.engine.spells import DORMANT, Spells
from kla_sim.engine.structure import Structure


def days_by_year(s: Structure, spells: Spells) -> IntArray:
    """Return the days of all replications together.

    Returns
    -------
    (1 + n_cities, n_years, n_reasons) activity-days, of dormancy zone-days; the province first
    """
    n_groups, n_reasons = 1 + s.n_cities, s.n_causes + N_BESIDE
    is_work = spells.kind != DORMANT
    city = spells.act.copy()
    city[is_work] = s.act_city[spells.act[is_work]]
    place = (1 + city) * n_reasons + spells.kind % n_reasons
    borders = np.append(s.year_day, s.horizon_day + 1)
    days = np.zeros((n_groups, s.n_years, n_reasons), np.int64)
    for year in range(s.n_years):
        length = np.minimum(spells.until, borders[year + 1])
        length -= np.maximum(spells.since, borders[year])
        total = np.bincount(place, np.maximum(length, 0), minlength=n_groups * n_reasons)
        days[:, year] = total.reshape(n_groups, n_reasons)
    return days
