"""What the plots of the joint back test show: where counts fell, and the chances of all places.

Called by `backtest --joint`. Nothing here knows how it is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from kla_sim.analysis.joint_forecasts import JOINT_FORECASTERS
from kla_sim.language import number, text
from kla_sim.report.backtest_figures import held, reliability
from kla_sim.report.charts import Axis, Tick
from kla_sim.report.drawable import Drawable
from kla_sim.report.scales import percent_axis
from kla_sim.report.score_charts import Histograms, Reliability

if TYPE_CHECKING:
    from kla_sim.experiment.joint import JointBackTest, JointTest

_ = partial(text, "calibration")

_LOW = 0.5
"""Shares up to here have a tick each tenth, higher ones each fifth."""


def joint_makers(tested: JointBackTest) -> dict[str, Callable[[], Drawable]]:
    """Return what makes the figures of a joint back test, by their names."""
    tests = {"joint_left_out": tested.left_out}
    if tested.rolling:
        tests["joint_rolling"] = tested.rolling
    footer = _joint_footer(tests)
    return {
        "joint_pit": partial(_pit, tests, footer),
        "joint_calibration": partial(_all_places, tests, footer),
    }


def _joint_footer(tests: dict[str, JointTest]) -> str:
    from kla_sim.experiment.joint import MINIMUM_PLACES, n_provinces

    cases = [
        _(
            "joint_cases",
            way=_(f"legend_{way}"),
            cases=number(len(test.cases)),
            provinces=number(n_provinces(test)),
        )
        for way, test in tests.items()
    ]
    return f"{'; '.join(cases)}. {_('joint_footer', least=number(MINIMUM_PLACES))}"


def _panels(tests: dict[str, JointTest]) -> dict[tuple[str, str], str]:
    """Return the label of each panel by its key: a row per way, a column per forecaster."""
    return {
        (way, name): f"{_(f'legend_{way}')}: {_(f'forecast_{name}')}"
        for way in tests
        for name in JOINT_FORECASTERS
    }


def _pit(tests: dict[str, JointTest], footer: str) -> Histograms:
    panels = _panels(tests)
    shares = np.array([tests[way].pit[name] for way, name in panels])
    edges = np.linspace(0.0, 1.0, shares.shape[1] + 1)
    bands = np.array([tests[way].pit_band for way, _name in panels])
    step = 10 if max(shares.max(), bands.max()) <= _LOW else 20
    highest = step * math.ceil(100 * max(shares.max(), bands.max()) / step)
    return Histograms(
        "joint_pit",
        _pit_title(tests),
        footer,
        x=Axis(_("axis_pit"), 0.0, 1.0, tuple(Tick(end, number(end, 1)) for end in edges.tolist())),
        y=percent_axis(_("axis_pit_share"), tuple(range(0, highest + 1, step))),
        panel_keys=tuple(panels),
        panel_labels=tuple(panels.values()),
        n_columns=len(JOINT_FORECASTERS),
        edges=edges,
        shares=shares,
        bands=bands,
        share_label=_("legend_pit"),
        even_label=_("legend_even"),
        band_label=_("legend_band"),
        table_names=("way", "forecast_by"),
    )


def _pit_title(tests: dict[str, JointTest]) -> str:
    """Say in how many fifths of the model's forecasts as many counts fell as should."""
    is_held = [
        test.pit_band[0] <= share <= test.pit_band[1]
        for test in tests.values()
        for share in test.pit["model"]
    ]
    return _("figure_joint_pit", held=number(sum(is_held)), n=number(len(is_held)))


def _all_places(tests: dict[str, JointTest], footer: str) -> Reliability:
    return reliability(
        "joint_calibration",
        _("figure_joint_all", **held(*(test.all_bands["model"] for test in tests.values()))),
        footer,
        panels={
            (way, name): (label, tests[way].all_bands[name])
            for (way, name), label in _panels(tests).items()
        },
        n_columns=len(JOINT_FORECASTERS),
        table_names=("way", "forecast_by"),
    )
