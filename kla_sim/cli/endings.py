"""The last net: what ends a command early, as a sentence and an exit code.

A full disk, a closed pipe, short memory and a stop are no faults of the program, and are told as
what they are. Whatever is left is one, with its traceback.
"""

from __future__ import annotations

import errno
import os
import traceback

from kla_sim.cli import streams
from kla_sim.errors import IncompleteError, KlaSimError, StoppedError, UsageError
from kla_sim.language import text

CLOSED_PIPE = 128 + 13
"""What a program killed by SIGPIPE, number 13, leaves to its shell."""

_OF_THE_MACHINE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN}
)
"""What passes by itself or by making room, so that the same command goes on."""

_READERS = ("kla_sim.scenario", "ruamel.yaml", "kla_sim.domain.record")


def known_ending(error: BaseException) -> KlaSimError | None:
    """Return what is to be told of an error; None if it is a fault of the program."""
    match error:
        case KlaSimError():
            return error
        case KeyboardInterrupt():
            return StoppedError("stopped")
        case MemoryError():
            traceback.clear_frames(error.__traceback__)  # what filled the memory hangs on them
            return IncompleteError("memory_short")
        case OSError() if streams.is_output_lost():
            return IncompleteError("output_lost", reason=error)
        case OSError(errno=number) if number in _OF_THE_MACHINE:
            if error.filename is None:
                return IncompleteError("machine_refused", reason=error)
            return IncompleteError("file_refused", path=os.fsdecode(error.filename), reason=error)
        case OSError() if error.filename is not None:
            return UsageError("file_refused", path=os.fsdecode(error.filename), reason=error)
        case RuntimeError(args=("can't start new thread",)):
            reason = BlockingIOError(errno.EAGAIN, str(error))
            return IncompleteError("machine_refused", reason=reason)
        case RecursionError() if _is_of_reading(error):
            return UsageError("nested_too_deeply")
    return None


def is_pipe_closed(error: BaseException) -> bool:
    """Return whether nobody reads the output any more; libraries exit in their own way then."""
    cause = error.__context__ if isinstance(error, SystemExit) else error
    return isinstance(cause, BrokenPipeError)


def tell_fault(error: BaseException) -> int:
    """Tell a fault of the program, and return its exit code."""
    streams.say("".join(traceback.format_exception(error)).rstrip())
    streams.say(text("answers", "internal_fault", error=error))
    return 1


def _is_of_reading(error: BaseException) -> bool:
    """Return whether an error arose while input was read."""
    modules = {
        frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(error.__traceback__)
    }
    return any(module.startswith(_READERS) for module in modules)
