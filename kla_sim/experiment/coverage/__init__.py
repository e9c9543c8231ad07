"""How often intervals hold what they promise, by simulation where the truth is known.

    trials      one promise, and how often it was kept in many trials
    pools       pools of futures whose mean is known, and runs drawn from them
    of_odds     odds, means and differences from every number of futures; odds that few worlds carry
    of_others   stopping rules, ranges across worlds, crossings, choices, worths, scores, dates
    table       all of them, and their document

Called by `selftest --intervals` and by the tests of the estimates. Not here: the estimates
themselves (`kla_sim.analysis`).
"""
