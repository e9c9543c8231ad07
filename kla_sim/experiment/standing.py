"""The figures of the back tests that documents quote, in one file that ships with the program.

`backtest --standing FILE` writes it; reports read it, and docs/calibration.md is held to it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kla_sim.experiment.backtest import BackTest, scores_document
from kla_sim.experiment.dki_case import DkiCase, dki_document
from kla_sim.experiment.joint import JointBackTest, joint_document
from kla_sim.store import to_json, write_atomic

_DECIMALS = 6
_OF_SINGLE = ("forecasts", "cities", "log_score", "rps", "log_score_difference", "calibration")
_OF_JOINT = (
    "cases", "provinces", "log_score", "rps", "all_log_score", "differences", "pit", "pit_band",
)  # fmt: skip


def standing_document(tested: BackTest, case: DkiCase, joint: JointBackTest) -> dict[str, Any]:
    """Return what documents quote of the shipped record's back tests."""
    assert tested.rolling is not None  # of the shipped record both ways are scored
    single = {"left_out": tested.left_out, "rolling": tested.rolling}
    return {
        "schema_version": 1,
        "single": {
            way: _some(scores_document(scores), _OF_SINGLE) for way, scores in single.items()
        },
        "joint": {way: _some(test, _OF_JOINT) for way, test in joint_document(joint).items()},
        "dki": _rounded(dki_document(case)),
    }


def write_standing(path: Path, document: dict[str, Any]) -> None:
    """Write the figures.

    Raises
    ------
    StoreError : the file cannot be written.
    """
    write_atomic(path, to_json(document))


def _some(document: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _rounded(document[name]) for name in names}


def _rounded(value: Any) -> Any:
    """Return numbers with as many decimals as any document shows, and a few more."""
    if isinstance(value, dict):
        return {key: _rounded(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(entry) for entry in value]
    return round(float(value), _DECIMALS) if isinstance(value, float) else value
