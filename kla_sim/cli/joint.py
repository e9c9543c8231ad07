"""What `backtest --joint` shows: forecasts of whole provinces, held against what came.

Called by the command `backtest`. Not here: the test itself (`experiment.joint`) and its figures
(`report.joint_figures`).
"""

from __future__ import annotations

import operator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kla_sim.cli.output import new_table, print_json, print_lines, print_table, tell_on_terminal
from kla_sim.cli.plots import show_plots
from kla_sim.language import number, percent, text
from kla_sim.report.calibration_words import interval_words, verdict

if TYPE_CHECKING:
    from kla_sim.experiment.joint import JointBackTest, JointTest
    from kla_sim.report.files import Drawn

_ = partial(text, "calibration")

_FORECASTERS = ("model", "independent_places", "table_of_moves")
_SCORES = (("log_score", 3), ("rps", 4), ("all_log_score", 3))


def show_joint(seed: int, folder: Path, *, has_plots: bool, as_json: bool, is_quiet: bool) -> None:
    """Run the joint back test on the shipped record, say what it found and draw it."""
    from kla_sim.domain.record import read_panel
    from kla_sim.experiment.joint import backtest_joint, joint_document

    with tell_on_terminal(is_quiet=is_quiet or as_json) as tell:
        tested = backtest_joint(
            read_panel().record,
            seed,
            lambda way, done, asked: tell(
                _(f"progress_{way}", done=number(done), asked=number(asked))
            ),
        )
    if as_json:
        print_json({"schema_version": 1, **joint_document(tested)})
    elif not is_quiet:
        print_joint(tested)
    if has_plots:
        show_plots(partial(_draw, tested, folder), folder, is_quiet=is_quiet or as_json)


def print_joint(tested: JointBackTest) -> None:
    """Print both ways of a joint back test."""
    _print_way(tested.left_out, "joint_left_out_title")
    if tested.rolling:
        _print_way(tested.rolling, "joint_rolling_title")
        print_lines([_("joint_one_jury")])
    else:
        print_lines(["", _("joint_no_rolling")])


def _draw(tested: JointBackTest, folder: Path) -> Drawn:
    from kla_sim.report.drawing import write_figures
    from kla_sim.report.joint_figures import joint_makers

    return write_figures(joint_makers(tested), folder)


def _print_way(test: JointTest, title: str) -> None:
    from kla_sim.experiment.joint import MINIMUM_PLACES, n_provinces

    counts: dict[str, Any] = {
        "cases": number(len(test.cases)),
        "provinces": number(n_provinces(test)),
        "least": number(MINIMUM_PLACES),
    }
    print_lines(["", _(title), _("joint_scored", **counts), *_passed_over(test)])
    columns = ("score", "forecast", "value", "model_better")
    table = new_table("", *(_(f"column_{name}") for name in columns), numbers=(2, 3))
    for score, digits in _SCORES:
        heading = _(f"column_{score}")
        for name in _FORECASTERS:
            value = number(getattr(test, score)[name], digits)
            difference = interval_words(test.differences[score].get(name), digits)
            table.add_row(heading, _(f"forecast_{name}"), value, difference)
            heading = ""
    print_table(table)
    print_lines([verdict_line(test), _table_line(test)])
    _print_pit(test)


def verdict_line(test: JointTest) -> str:
    """Say whether places that move together are shown to be the better forecast."""
    difference = test.differences["log_score"]["independent_places"]
    words = interval_words(difference)
    return _(f"joint_{verdict(difference.low, difference.high)}", interval=words)


def _table_line(test: JointTest) -> str:
    difference = test.differences["log_score"]["table_of_moves"]
    return _(verdict(difference.low, difference.high))


def _passed_over(test: JointTest) -> list[str]:
    """Say what is known of provinces and evaluations and makes no case."""
    from kla_sim.experiment.joint import MINIMUM_PLACES

    lines = []
    if test.thin:
        places = sum(one.n_places for one in test.thin)
        lines.append(
            _(
                "joint_thin",
                n=number(len(test.thin)),
                least=number(MINIMUM_PLACES),
                places=number(places),
            )
        )
    if test.unfitted:
        lines.append(_("joint_unfitted", years=", ".join(map(str, test.unfitted))))
    return lines


def _print_pit(test: JointTest) -> None:
    n_bins = len(test.pit["model"])
    columns = [
        f"{percent(place / n_bins)} – {percent((place + 1) / n_bins)}" for place in range(n_bins)
    ]
    table = new_table(
        _("joint_pit_title"),
        _("column_forecast"),
        *columns,
        numbers=tuple(range(1, 1 + n_bins)),
    )
    low, high = test.pit_band
    for name in _FORECASTERS:
        marks = ["" if low <= share <= high else " ✗" for share in test.pit[name]]
        shares = map(percent, test.pit[name])
        table.add_row(_(f"forecast_{name}"), *map(operator.add, shares, marks))
    print_table(table)
    print_lines([_("joint_pit_band", low=percent(low), high=percent(high))])
