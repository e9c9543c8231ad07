"""The command that repeats a run, from a file of its plan; for the report and the workbook."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from kla_sim.store import Manifest


def command_that_repeats(
    manifest: Manifest, file: str, n: int, overrides: Sequence[str] = ()
) -> str:
    """Return the command that repeats the first n futures of a run, which is no shard.

    Parameters
    ----------
    file : of its plan.
    overrides : what was set beside that file; the copy that a run keeps holds it already.
    """
    words = ["python", "-m", "kla_sim", "run", file]
    for change in overrides:
        words += ["--set", change]
    words += ["-n", str(n), "--seed", str(manifest.seed), "--engine", manifest.engine]
    if manifest.precision:
        words += ["--precision", repr(manifest.precision)]
    if manifest.keep:
        words += ["--keep", manifest.keep]
    if manifest.label:
        words += ["--label", manifest.label]
    return shlex.join(words)
