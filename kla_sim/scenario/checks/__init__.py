"""Rules over the whole plan: names that must exist, networks, dates, money, what is uncertain.

`check_plan` looks at a scenario whose single parts are right and returns every rule it breaks.
What is possible but cannot make sense is `lint`'s affair.
"""

from __future__ import annotations

from kla_sim.scenario.checks.background import check_background
from kla_sim.scenario.checks.calendar import check_calendar
from kla_sim.scenario.checks.evaluation import check_evaluation
from kla_sim.scenario.checks.levers import check_levers
from kla_sim.scenario.checks.money import check_money
from kla_sim.scenario.checks.names import check_names
from kla_sim.scenario.checks.observed import check_observed
from kla_sim.scenario.checks.problem import Problem
from kla_sim.scenario.checks.rim import check_rim
from kla_sim.scenario.checks.unknowns import at_its_highest, check_unknowns
from kla_sim.scenario.checks.work import check_work
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.nodes import Mapping

__all__ = ["Problem", "check_plan"]


def check_plan(scenario: Scenario, tree: Mapping) -> list[Problem]:
    """Return the rules that a plan breaks.

    Parameters
    ----------
    tree : the scenario as it was written.
    """
    of_unknowns = list(check_unknowns(scenario, tree))
    return [
        *check_names(scenario),
        *check_calendar(scenario),
        *check_work(scenario),
        *check_money(scenario),
        *check_evaluation(scenario),
        *check_background(scenario),
        *check_observed(scenario),
        *check_levers(scenario),
        *of_unknowns,
        *check_rim(scenario if of_unknowns else at_its_highest(scenario)),
    ]
