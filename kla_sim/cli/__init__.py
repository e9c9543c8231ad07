"""The command line: `python -m kla_sim COMMAND`.

Exit codes: 0 done; 1 a fault of ours; 2 scenario or usage wrong; 3 incomplete, can be resumed;
130 interrupted after a clean checkpoint. Modules load inside `main`, after the language is known.
"""

from __future__ import annotations

import sys
import traceback


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit with its code."""
    import typer

    from kla_sim import language
    from kla_sim.errors import KlaSimError

    words = sys.argv[1:] if arguments is None else arguments
    _speak_utf8()
    try:
        language.use(_chosen_language(words))
    except KlaSimError as error:
        language.use("id")
        _fail(language.describe(error), error.exit_code)
    from kla_sim.cli.app import app
    from kla_sim.cli.wording import own_words

    try:
        with own_words():
            code = app(words, standalone_mode=False)
    except KlaSimError as error:
        _report(error, words)
        code = error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        _fail(language.text("answers", "interrupted"), 130)
    except Exception as error:
        traceback.print_exc()
        _fail(language.text("answers", "internal_fault", error=error), 1)
    sys.exit(code or 0)


def _report(error: Exception, words: list[str]) -> None:
    """Say what is wrong: on standard error, and as JSON on standard output where asked for."""
    from kla_sim import language
    from kla_sim.cli.listing import print_blocks
    from kla_sim.cli.output import print_json
    from kla_sim.errors import KlaSimError, ScenarioError

    assert isinstance(error, KlaSimError)
    if "--json" in words:
        if isinstance(error, ScenarioError):
            print_json({"schema_version": 1, "issues": issues_of(error)})
        else:
            print_json({"schema_version": 1, "error": language.describe(error)})
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


def _speak_utf8() -> None:
    """Write UTF-8 whatever the terminal's locale says."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _fail(message: str, code: int) -> None:
    print(message, file=sys.stderr)
    sys.exit(code)
