"""The files of figures: CSV, SVG and PNG by fixed names, each whole, one failing without the rest.

A drawing carries its language in its name (`odds.id.svg`), so that another language does not take
its place; the numbers are in no language and have one file (`odds.csv`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from kla_sim.errors import KlaSimError, StoreError
from kla_sim.language import current, describe
from kla_sim.store import cannot_write, write_atomic

Files = Iterator[tuple[str, bytes]]
"""The files of one figure, by their suffix, the numbers first."""


class Drawn(NamedTuple):
    """What of some figures was written, and why the others were not."""

    written: list[Path]
    missing: dict[str, str]  # name of the figure -> reason


def file_name(figure: str, suffix: str) -> str:
    """Return the name of a figure's file."""
    return f"{figure}.csv" if suffix == "csv" else f"{figure}.{current()}.{suffix}"


def write_each(makers: Mapping[str, Callable[[], Files]], folder: Path) -> Drawn:
    """Write figures into a folder, which is made if need be.

    Parameters
    ----------
    makers : by the name of a figure what makes its files; one that fails does not stop the others,
        and what it made before it failed stays.
    """
    drawn = Drawn([], {})
    for name, make in makers.items():
        try:
            for suffix, content in make():
                path = folder / file_name(name, suffix)
                write_atomic(path, content)
                drawn.written.append(path)
        except (StoreError, OSError) as error:
            drawn.missing[name] = describe(_not_written(error, folder))
        except Exception as error:
            drawn.missing[name] = reason_of(error)
    return drawn


def _not_written(error: StoreError | OSError, folder: Path) -> StoreError:
    """Return a refusal to write as one of the whole folder, so that it is said once."""
    if isinstance(error, OSError):
        return cannot_write(folder, error)
    return StoreError(error.code, **{**error.fields, "path": str(folder)})


def reason_of(error: Exception) -> str:
    """Return why a drawing failed, in a few words."""
    if isinstance(error, KlaSimError):
        return describe(error)
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def same_reason(drawn: Drawn) -> Iterable[tuple[str, list[str]]]:
    """Return each reason once, with the figures that it kept from being drawn."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in drawn.missing.items():
        by_reason.setdefault(reason, []).append(name)
    return by_reason.items()
