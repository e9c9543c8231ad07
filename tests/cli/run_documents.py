"""Documents whose commands are run: files are written, edits made and answers printed in order.

A fenced block is a step. `yaml` is a file that its first line names in a comment, `diff` an edit of
such a file, `console` a command with its answer; `console exit-2` is one that ends with that code.
An answer that ends with `[...]` shows as many first lines as stand before it.
"""

import re
import shlex

from test_commands import kla_sim

PROMPT = "$ python -m kla_sim "
CUT = "[...]"
STEP = re.compile(
    r"```(?P<kind>yaml|diff|console)(?: exit-(?P<code>\d))?\n(?P<body>.*?)```"
    r"|(?P<table>^\| (?:Tuas|Lever) \|[^\n]*\n(?:\|[^\n]*\n)+)",
    re.DOTALL | re.MULTILINE,
)
VARIES = re.compile(
    r"(dalam|in) [\d.,]+ (detik|second|minute?)\S*( \([^)]*\))?|"
    r"\([\d.,]+ kB, [\d.,]+ (detik|seconds)\)"
)


def without_times(text):
    """Return a text without durations and sizes, which differ from machine to machine."""
    return VARIES.sub("...", text)


def answer(command, folder, spoken="id", cut_after=None, code=0):
    """Run a command line; return the block that shows it with what it prints."""
    program, _, pattern = command.partition(" | grep ")
    wanted = "".join(shlex.split(pattern))
    done = kla_sim(
        *shlex.split(program), cwd=folder, language=None, COLUMNS="110",
        KLA_SIM_LANGUAGE=spoken,
    )  # fmt: skip
    assert done.returncode == code, f"{command}\n{done.stdout}{done.stderr}"
    said = done.stdout + done.stderr
    lines = [line.rstrip() for line in said.splitlines() if wanted in line]
    if cut_after is not None:
        assert len(lines) > cut_after, f"nothing is left out of the answer to {command}"
        lines = [*lines[:cut_after], CUT]
    return "\n".join([f"{PROMPT}{command}", *lines]).rstrip() + "\n"


def write_file(body, folder):
    """Write the file that a block shows."""
    name = body.splitlines()[0].removeprefix("# ")
    (folder / name).write_text(body, encoding="utf-8")
    return body


def edit_file(body, folder):
    """Change a file as a block of lines taken out and put in says."""
    heading, *lines = body.splitlines()
    path = folder / heading.removeprefix("# ")
    before, after = ("\n".join(x[1:] for x in lines if x[0] == sign) for sign in "-+")
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, before
    path.write_text(text.replace(before, after), encoding="utf-8")
    return body


def run_command(body, folder, spoken, code=0):
    """Run the command of a block; return the block with what it prints now."""
    command, *lines = body.splitlines()
    cut_after = len(lines) - 1 if lines and lines[-1] == CUT else None
    return answer(command.removeprefix(PROMPT), folder, spoken, cut_after, code)


def as_run(text, folder, spoken, serve=None):
    """Take every step of a document in a folder; return the document as it prints now.

    `serve` takes a command that opens the page and the table that follows it, and returns both.
    """
    waiting = []

    def step(found):
        kind, body, table = found["kind"], found["body"], found["table"]
        if table:
            return serve(waiting.pop(), table, folder)
        if kind != "console":
            {"yaml": write_file, "diff": edit_file}[kind](body, folder)
            return found[0]
        command = body.splitlines()[0].removeprefix(PROMPT)
        if command.startswith("ui "):
            waiting.append(command)
            return found[0]
        heading = found[0].split("\n", 1)[0]
        return f"{heading}\n{run_command(body, folder, spoken, int(found['code'] or 0))}```"

    now = STEP.sub(step, text)
    assert not waiting
    return now


def hold(path, folder, refresh, spoken="id", serve=None):
    """Hold a document to what its commands print, or write it anew."""
    page = path.read_text(encoding="utf-8")
    now = as_run(page, folder, spoken, serve)
    if refresh:
        path.write_text(now, encoding="utf-8")
    else:
        assert without_times(now) == without_times(page)
