"""Every place where an interval or a range is made for others to see, and what measures it.

A test holds this list to the code: whatever makes an interval, or calls what does, stands here by
the name of its function, and every promise that is measured stands beside a place. The page of
docs/credibility.md shows the list by where its intervals are seen.
"""

from __future__ import annotations

from typing import NamedTuple


class Shown(NamedTuple):
    """Intervals that are shown.

    Attributes
    ----------
    where : command, and what of its answer; plots, report, page and workbook show the same numbers.
    by : names of the promises that measure them; none = see `why`.
    why : why nothing is measured.
    """

    where: str
    by: tuple[str, ...] = ()
    why: str = ""


_ODDS = Shown(
    "run, page, report, export, solve --vary, optimise: odds",
    ("all regions", "region 0", "odds", "odds_of_failure", "odds_or_said", "one_world"),
)
_COUNTED = Shown(
    "run: counted odds, odds on claimed scores",
    ("all regions, counted", "odds_counted", "binomial"),
)
_EXPECTED = Shown("run, page, report: regions on average", ("regions on average", "mean"))
_WITHOUT = Shown("run: without Kaltara, and the difference", ("without Kaltara", "difference"))
_CHANGES = Shown(
    "compare, explain, solve, optimise, page: differences, shares of a change, tornado",
    ("remedy", "rare_difference", "region 1 less region 0, counted"),
)
_REMEDIES = Shown("run, report: what would help", ("remedy", "best_remedy"))
_DATES = Shown("compare: difference of the dates of one half", ("date",))
_RUPIAH = Shown("compare, optimise: rupiah spent", ("rupiah",))
_CHECK = Shown("run: counting against chances", ("check",))
_CURVE = Shown("run, page, report: odds over time (band)", ("curve", "odds_counted"))
_TAU = Shown("run: odds where regions move together least, and most", ("tau",))
_WORLDS = Shown("run, report: range across worlds", ("range",))
_FUTURES = Shown(
    "run, report, gantt: P10 and P90 of scores, attainment, days of work", ("futures",)
)
_STOPPING = Shown("run --precision: odds", ("stopping",))
_CROSSING = Shown("solve: value that reaches the goal", ("crossing",))
_CHOICE = Shown("optimise: the choice, and the odds told of it", ("choice", "chosen", "cheapest"))
_PAWN = Shown(
    "sensitivity: influence and its floor", ("influence", "influence_of_many", "influence_floor")
)
_EVPPI = Shown("sensitivity A B: worth of knowing and its floor", ("worth", "worth_floor"))
_STUDY = Shown(
    "sensitivity --method sobol, morris: effects", ("first_order", "total_order", "mean_step")
)
_RULES = Shown("discover: held-out share, and luck", ("held_out", "luck"))
_SCORES = Shown("backtest, backtest --joint: differences of scores", ("score",))
_BANDS = Shown("backtest, backtest --joint: bands of right forecasts", ("band",))

_POSTERIOR = Shown(
    "calibrate: points of the posterior and of tau",
    why="ranks of known laws among their posteriors are tested (tests/analysis)",
)
_PREDICTIVE = Shown(
    "calibrate: range of what fitted laws give",
    why="the record itself is held against it; calibration.md says how much falls outside",
)
_NO_INTERVAL = Shown("", why="a number on the way, of which no interval is shown")
_READ_BACK = Shown("", why="an interval made elsewhere, told again")

SHOWN: dict[str, Shown] = {
    "analysis.across_worlds._above": _WORLDS,
    "analysis.box_search.rounded_bounds": _NO_INTERVAL,
    "analysis.boxes._judged": _RULES,
    "analysis.counting.awards.CurveCounter.summarise": _CURVE,
    "analysis.counting.by_world.Groups.chance": _ODDS,
    "analysis.counting.by_world.Groups.difference": _WITHOUT,
    "analysis.counting.by_world.Groups.share": _COUNTED,
    "analysis.counting.costs.CostCounter.summarise": _ODDS,
    "analysis.counting.odds.OddsCounter.all_cities": _ODDS,
    "analysis.counting.odds.OddsCounter.at_once_ever": _ODDS,
    "analysis.counting.odds.OddsCounter.check": _CHECK,
    "analysis.counting.odds.OddsCounter.cities": _ODDS,
    "analysis.counting.odds.OddsCounter.counted": _COUNTED,
    "analysis.counting.odds.OddsCounter.expected_cities": _EXPECTED,
    "analysis.counting.odds.OddsCounter.over_tau": _TAU,
    "analysis.counting.odds.OddsCounter.over_tau.estimate": _TAU,
    "analysis.counting.odds.OddsCounter.worlds": _WORLDS,
    "analysis.counting.otherwise.ClaimCounter.summarise": _COUNTED,
    "analysis.counting.otherwise.WithoutKaltaraCounter.by_day": _NO_INTERVAL,
    "analysis.counting.otherwise.WithoutKaltaraCounter.summarise": _WITHOUT,
    "analysis.counting.scores.AttainmentCounter.summarise": _FUTURES,
    "analysis.counting.scores.ScoreCounter.quantiles": _FUTURES,
    "analysis.crossings._crossings": _CROSSING,
    "analysis.designs._intervals": _STUDY,
    "analysis.designs._student_factor": _STUDY,
    "analysis.differences.differences": _CHANGES,
    "analysis.differences.futures_needed": _NO_INTERVAL,
    "analysis.differences.half_dates": _DATES,
    "analysis.differences.mean_changes": _CHANGES,
    "analysis.estimate._binomial_interval": _COUNTED,
    "analysis.estimate._student": _RUPIAH,
    "analysis.estimate.check_against_counting": _CHECK,
    "analysis.estimate.estimate_amount_difference": _RUPIAH,
    "analysis.estimate.estimate_chance": _ODDS,
    "analysis.estimate.estimate_difference": _CHANGES,
    "analysis.estimate.estimate_mean": _EXPECTED,
    "analysis.estimate.estimate_paired_difference": _CHANGES,
    "analysis.estimate.estimate_share": _COUNTED,
    "analysis.estimate.range_across_worlds": _WORLDS,
    "analysis.evppi._normal_half_width": _EVPPI,
    "analysis.evppi._told": _EVPPI,
    "analysis.evppi.basis_of": _NO_INTERVAL,
    "analysis.evppi.finding_out": _EVPPI,
    "analysis.forecast_scores.allowed_shares": _BANDS,
    "analysis.forecast_scores.calibration_bands": _BANDS,
    "analysis.forecast_scores.calibration_table": _BANDS,
    "analysis.forecast_scores.mean_difference": _SCORES,
    "analysis.kept.read_estimate": _READ_BACK,
    "analysis.milestones.plan_moments": _FUTURES,
    "analysis.pawn.pawn": _PAWN,
    "analysis.pawn.slices_of": _NO_INTERVAL,
    "analysis.precision.estimate_by_betting": _STOPPING,
    "analysis.remedies.remedy_of": _REMEDIES,
    "analysis.shares._share": _CHANGES,
    "analysis.simulated_record._first_gaps": _NO_INTERVAL,
    "analysis.togetherness.odds_over_tau": _TAU,
    "analysis.zone_kit.least_work": _NO_INTERVAL,
    "experiment.backtest._against_naive": _SCORES,
    "experiment.backtest.unknown_juries": _NO_INTERVAL,
    "experiment.calibrate._move_checks": _PREDICTIVE,
    "experiment.calibrate._points": _POSTERIOR,
    "experiment.calibrate._total_checks": _PREDICTIVE,
    "experiment.calibrate.tau_points": _POSTERIOR,
    "experiment.compare.compare_runs": _CHANGES,
    "experiment.but_for._but_for": _CHANGES,
    "experiment.finding_out.value_of_finding_out": _EVPPI,
    "experiment.joint._bands_of_all": _BANDS,
    "experiment.joint.score_cases": _SCORES,
    "experiment.optimum.standing_of": _CHOICE,
    "experiment.rounds.RoundCounter.estimate": _STOPPING,
    "experiment.sensitivity.sensitivity": _PAWN,
    "experiment.solve._limits": _CHANGES,
    "experiment.solve.estimate_of": _ODDS,
    "experiment.solve.solve": _CROSSING,
    "experiment.stages.Stages.cheapest": _CHOICE,
    "experiment.stages.Stages.knocked_out": _CHOICE,
    "experiment.study.study": _STUDY,
    "page.comparing._lines": _CHANGES,
    "report.backtest_figures._difference": _SCORES,
    "report.choice_words.phrase_worth": _READ_BACK,
    "report.tornado_figures.but_for_tornado": _READ_BACK,
    "report.waiting.gain_of": _READ_BACK,
}
"""By the function, inside `kla_sim`."""
