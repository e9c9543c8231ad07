"""How often intervals hold what they promise, by simulation where the truth is known.

    trials      one promise, and how often it was kept in many trials
    pools       pools of futures whose mean is known, and runs drawn from them
    of_odds     odds, means and differences from every number of futures; odds that few worlds carry
    of_choices  the best of several: plans of `optimise`, remedies
    of_ranges   bands of curves, parts of the worlds, ranges of futures and of worlds
    of_studies  PAWN, EVPPI, Sobol, Morris, rules of `discover`, and their floors of noise
    of_others   stopping rules, crossings, scores, bands of forecasts, dates
    shown       every place where an interval is made for others to see, and what measures it
    table       all of them, and their document

Called by `selftest --intervals` and by the tests of the estimates. Not here: the estimates
themselves (`kla_sim.analysis`).
"""
