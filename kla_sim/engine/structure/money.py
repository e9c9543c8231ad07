"""Money: fiscal years, tranches, what was paid before the status date, and who pays for upkeep.

Not here: amounts, which a world may change (`engine.values`).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from kla_sim.engine.structure import Labels
from kla_sim.engine.structure.codes import CITY, PROVINCE
from kla_sim.engine.structure.rows import day_number, ints, streams
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.status import spent


def money_arrays(scenario: Scenario, labels: Labels) -> dict[str, Any]:
    """Return the arrays of accounts and years."""
    upkeep = scenario.upkeep.paid_by if scenario.upkeep else {}
    horizon_day = day_number(scenario, scenario.horizon)
    return {
        "release_share": ints(scenario.accounts.release.values()),
        "common_shock_stream": streams(f"common/account-{year}/shock" for year in labels.years),
        "own_shock_stream": streams(
            f"{account}/account-{year}/shock"
            for account in labels.accounts
            for year in labels.years
        ).reshape(len(labels.accounts), len(labels.years)),
        "spent_before": ints(spent(scenario, owner) for owner in ("", *scenario.cities)),
        "upkeep_payer": ints(PROVINCE if payer == "province" else CITY for payer in upkeep),
        "upkeep_share": ints(upkeep.values()),
        "year_day": ints(day_number(scenario, dt.date(year, 1, 1)) for year in labels.years),
        "year_of_day": ints(
            (scenario.start + dt.timedelta(days=day)).year - scenario.start.year
            for day in range(horizon_day + 1)
        ),
    }
