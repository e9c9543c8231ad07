"""Reads a scenario file."""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML

from kla_sim.scenario.model import Scenario


def load_scenario(path: Path) -> Scenario:
    """Read a scenario (first, plain path: no variants and no places yet)."""
    return Scenario.model_validate(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
