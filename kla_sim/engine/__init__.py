"""One replication of the roll-out: the plan as arrays, its random numbers, and two engines.

`plan` turns a scenario into arrays; `worlds` draws what is not known; `draws` addresses every
random number; `formulas` holds the scalar rules that both engines share; `replications` the arrays
that come out, each declared once (`results`); `reference` (SimPy, readable) and `compiled` (numba,
fast) are equal bit for bit and do not know each other.
"""
