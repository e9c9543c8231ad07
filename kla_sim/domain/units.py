"""Units that people and formulas share."""

DAYS_PER_YEAR = 365.25
"""Calendar days, leap days spread evenly; a month is a twelfth of it."""
