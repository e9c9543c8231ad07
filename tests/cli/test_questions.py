"""The planner's questions: every command of docs/questions.md prints what the page shows."""

import re
import shlex
from pathlib import Path

import pytest
from test_commands import kla_sim

PAGE = Path(__file__).parents[2] / "docs" / "questions.md"
PROMPT = "$ python -m kla_sim "
DURATION = re.compile(r"(dalam|in) [\d.,]+ (detik|second|minute?)\S*( \([^)]*\))?")
BLOCK = re.compile(r"```(yaml|console)\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def page():
    return PAGE.read_text(encoding="utf-8")


def printed(command, folder):
    """Run a command line of the page; return the block that shows it with what it prints."""
    program, _, wanted = command.partition(" | grep ")
    done = kla_sim(*shlex.split(program), cwd=folder, language=None, COLUMNS="110")
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    lines = [line.rstrip() for line in done.stdout.splitlines() if wanted in line]
    return "\n".join([f"{PROMPT}{command}", *lines]).rstrip() + "\n"


def without_times(text):
    """Return a text in which no duration stands, which differs from machine to machine."""
    return DURATION.sub("...", text)


def test_every_answer_is_what_its_command_prints(request, page, tmp_path):
    pieces, end = [], 0
    for block in BLOCK.finditer(page):
        kind, body = block.groups()
        pieces.append(page[end : block.start(2)])
        end = block.end(2)
        if kind == "yaml":
            name = body.splitlines()[0].removeprefix("# ")
            (tmp_path / name).write_text(body, encoding="utf-8")
            pieces.append(body)
        else:
            command = body.splitlines()[0].removeprefix(PROMPT)
            pieces.append(printed(command, tmp_path))
    pieces.append(page[end:])
    now = "".join(pieces)
    if request.config.getoption("--refresh-golden"):
        PAGE.write_text(now, encoding="utf-8")
    else:
        assert without_times(now) == without_times(page)


def test_each_of_the_thirteen_questions_has_an_answer_in_both_languages(page):
    sections = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    assert [section.split(".")[0] for section in sections] == [str(n) for n in range(1, 14)]
    for section in sections:
        commands = [body for kind, body in BLOCK.findall(section) if kind == "console"]
        assert any("--language en" in command.splitlines()[0] for command in commands)
        assert any("--language en" not in command.splitlines()[0] for command in commands)
