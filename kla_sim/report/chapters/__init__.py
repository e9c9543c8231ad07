"""The chapters of a report on a run, in the order in which they are read.

    opening       the answer, two kinds of uncertainty, the weakest region, what would help

Each function returns one chapter. Called by `run_report`; laid out by `document`.
"""
