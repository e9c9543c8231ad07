"""What a manifest says of the machine and the program that made a run."""

from __future__ import annotations

import platform
import subprocess
from importlib import metadata
from pathlib import Path

PACKAGES = ("kla_sim", "simpy", "numpy", "scipy", "numba", "pydantic", "pyarrow", "matplotlib")


def package_versions() -> dict[str, str]:
    """Return the versions of the packages that results may depend on, here."""
    return {name: metadata.version(name) for name in PACKAGES}


def cpu_family() -> str:
    """Return the machine's architecture, within which results are promised equal to the bit."""
    return platform.machine() or "unknown"


def commit() -> tuple[str | None, bool | None]:
    """Return the checkout's commit and whether its tree is clean; None outside a checkout."""
    top = Path(__file__).resolve().parents[2]
    if not (top / ".git").exists():
        return None, None
    git = ["git", "-C", str(top)]
    try:
        head = subprocess.run(
            [*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=False
        )
        status = subprocess.run(
            [*git, "status", "--porcelain"], capture_output=True, text=True, check=False
        )
    except OSError:
        return None, None
    if head.returncode or status.returncode:
        return None, None
    return head.stdout.strip(), not status.stdout.strip()
