"""What a planner writes: the YAML scenario, its frozen model, and the faults found in it.

`loading` reads a file into a `Scenario`; `model` says what a scenario may hold; `quantities` reads
amounts, times and days as people write them; `schema` describes all this to editors.
"""
