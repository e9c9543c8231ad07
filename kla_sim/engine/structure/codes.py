"""What the whole numbers in the arrays of a plan stand for: kits, priorities, marks, causes, items.

Numbers alone, which the compiled engine builds into its code. Not here: the indices of cities, work
and accounts, which differ from plan to plan (`Labels`).
"""

from __future__ import annotations

from kla_sim.domain.indicators import GROUPS

PROVINCE, CITY, ZONE = range(3)
"""The number of each kit; `pay_payer` uses the first two."""

PRIORITIES = ("listed", "lowest_score_first", "closest_to_target_first", "fewest_started_first")
LISTED, LOWEST_SCORE, CLOSEST, FEWEST_STARTED = range(len(PRIORITIES))
NO_LIMIT = 2**31

N_GROUPS = len(GROUPS)
INTEGRATION, LAUNCH = N_GROUPS, N_GROUPS + 1
"""The marks a zone earns beside the services of the groups."""

NO_CAUSE, WINDOW_CAUSE, LIMIT_CAUSE, FIRST_RESOURCE_CAUSE = range(-1, 3)
"""What work waits for, in the order of the checks: resources follow, then the payers."""

YEAR, RELEASE, UPKEEP, CAPACITY, STAGE, DEPARTURE, REPLACEMENT, WINDOW, EVIDENCE, AWARD = range(
    1, 11
)
"""The calendar items of one day, in the order in which they happen (docs/model.md, section 2)."""
