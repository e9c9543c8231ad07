"""Where the shipped scenarios are: the checkout's `scenarios/`, else the package's own copy."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def shipped_folder() -> Path:
    """Return the folder of the shipped scenarios; a wheel carries its own copy."""
    checkout = _PACKAGE.parent / "scenarios"
    is_checkout = (_PACKAGE.parent / "pyproject.toml").is_file() and checkout.is_dir()
    return checkout if is_checkout else _PACKAGE / "scenarios"


def shipped_scenario(name: str) -> Path:
    """Return the file of a shipped scenario, whether or not there is one of that name."""
    return shipped_folder() / f"{name}.yaml"


def shipped_names() -> list[str]:
    """Return the names of the shipped scenarios, sorted."""
    return sorted(path.stem for path in shipped_folder().glob("*.yaml"))
