"""How far numbers may reach: what fits into the whole numbers that the engines count with.

Checks refuse a scenario in which a sum or product could go further (`scenario.checks.rim`), with
its place; the engines' scalar rules stop there too, so that nothing can turn negative in silence.
"""

from __future__ import annotations

LONGEST_DAYS = 1_000_000_000
"""One attempt at work, or one stay in a post: the day of its end fits into 32 bits."""

DEAREST_RUPIAH = 4_000_000_000_000_000_000
"""One cost, or all years of an account together: fits into 63 bits."""

MOST_COUNTED = 2**31 - 1
"""Days waited in a city, days of posts: counted in 32 bits."""

MOST_ZONES = 2**15 - 1
"""Zones of one city, existing and planned: launches of a year are counted in 16 bits."""

MOST_ACTIVITIES = 2_000_000
MOST_LINKS = 50_000_000
"""Pieces of work in all, and how often one of them waits for another."""
