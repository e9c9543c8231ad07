"""What is kept of a run that stops before its end, told with the reason why it stopped."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from kla_sim.errors import IncompleteError, Kept, StoppedError
from kla_sim.store import RunFolder


@contextmanager
def telling_what_is_kept(folder: RunFolder, asked: int, first: int = 0) -> Iterator[None]:
    """Note what a run keeps in the error with which it stops.

    Parameters
    ----------
    asked : replications that the run was to hold in the end.
    first : its first replication; shards begin later than at 0.

    Raises
    ------
    StoppedError : the user stopped it.
    IncompleteError : memory ran short, or what raised it inside.
    """
    try:
        yield
    except KeyboardInterrupt as stop:
        raise _noted(StoppedError("stopped"), folder, asked, first) from stop
    except MemoryError as error:
        traceback.clear_frames(error.__traceback__)  # what filled the memory hangs on them
        raise _noted(IncompleteError("memory_short"), folder, asked, first) from error
    except IncompleteError as error:
        raise _noted(error, folder, asked, first) from error.__cause__


def _noted(error: IncompleteError, folder: RunFolder, asked: int, first: int) -> IncompleteError:
    done = min(folder.manifest.replications_done - first, asked)
    if folder.path.is_dir():
        error.kept = Kept(str(folder.path), done, asked)
    return error
