"""The program held against what must be so, by a command that anyone can run: `selftest`.

    numbers       a number beside what it must be, and when the two are too far apart
    laws          exact laws of whole days: chains, queues, renewal
    small_plans   plans so small that their law is known
    laboratory    where they are simulated
    work_forms, money_forms, verdict_forms, world_forms   closed forms by z-score
    books         money, posts and waits that must balance in any plan
    sameness      engines equal to the last bit, luck that plans share
    ways          nine ways to run, one hash
    suite         all of them, and their document

The tests of the engine call the same forms. Not here: how often intervals hold (`coverage`).
"""
