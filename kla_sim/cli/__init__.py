"""The command line: `python -m kla_sim COMMAND`.

Exit codes: 0 done; 1 a fault of ours; 2 scenario or usage wrong; 3 incomplete, can be resumed;
130 interrupted after a clean checkpoint (129 and 143 by a signal); 141 nobody reads the output.
Modules load inside `main`, after the language is known.
"""

from __future__ import annotations

import gc
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from kla_sim.cli import endings, streams
from kla_sim.cli.stopping import Stops, leave, stopped_by_signals

if TYPE_CHECKING:
    from kla_sim.errors import KlaSimError


_PARTS_BETWEEN_SWEEPS = 50_000
"""Models, plans and compiled code are many parts that stay: looking through them for rubbish every
700 new ones, as Python does, takes a twentieth of a short run."""


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit with its code."""
    gc.set_threshold(_PARTS_BETWEEN_SWEEPS, *gc.get_threshold()[1:])
    streams.prepare_streams()
    if arguments is None:
        streams.watch_output()
    words = sys.argv[1:] if arguments is None else arguments
    with stopped_by_signals() as stops:
        try:
            code = _perform(words)
            streams.flush_streams()
        except BaseException as error:
            code = _end(error, words, stops)
        leave(code, is_program=arguments is None)


def _perform(words: list[str]) -> int:
    """Run one command and return its exit code."""
    from kla_sim import language
    from kla_sim.errors import KlaSimError, StoppedError

    try:
        language.use(_chosen_language(words))
    except KlaSimError:
        language.use("id")
        raise
    from kla_sim.cli.app import app
    from kla_sim.cli.wording import own_words

    with own_words():
        code = app(words, standalone_mode=False) or 0
    if code == StoppedError.exit_code:  # what Typer makes of Ctrl-C, without a word
        raise StoppedError("stopped")
    return code


def _end(error: BaseException, words: list[str], stops: Stops) -> int:
    """Tell how a command ended before its end, and return its exit code."""
    from kla_sim.errors import StoppedError

    if endings.is_pipe_closed(error):
        streams.silence_output()
        return endings.CLOSED_PIPE
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    known = endings.known_ending(error)
    if known is None:
        return endings.tell_fault(error)
    _report(known, words)
    if streams.is_output_lost():
        streams.silence_output()
    return stops.exit_code if isinstance(known, StoppedError) else known.exit_code


def _report(error: KlaSimError, words: list[str]) -> None:
    """Say what is wrong: on standard error, and as JSON on standard output where asked for.

    Where neither takes it, the exit code still speaks.
    """
    from kla_sim import language
    from kla_sim.cli.listing import print_blocks
    from kla_sim.cli.output import print_json
    from kla_sim.errors import ScenarioError

    if "--json" in words and not streams.is_output_lost():
        if isinstance(error, ScenarioError):
            document = {"schema_version": 1, "issues": issues_of(error)}
        else:
            document = {"schema_version": 1, "error": language.describe(error)}
        with suppress(OSError):
            print_json(document)
            sys.stdout.flush()
    with suppress(OSError):
        print_blocks(language.describe(error).splitlines(), sys.stderr)


def issues_of(error: Exception) -> list[dict[str, object]]:
    """Return a scenario's faults as `validate --json` lists them."""
    from kla_sim.cli.scenarios import issue

    return [issue(fault) for fault in getattr(error, "faults", [])]


def _chosen_language(words: list[str]) -> str | None:
    """Find --language before the commands are built, since their help is in that language."""
    for place, word in enumerate(words):
        if word == "--language" and place + 1 < len(words):
            return words[place + 1]
        if word.startswith("--language="):
            return word.partition("=")[2]
    return None
