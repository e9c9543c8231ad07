"""The planner's questions: every command of docs/questions.md prints what the page shows."""

import re
import shlex
from pathlib import Path

import pytest
from test_commands import kla_sim

PAGE = Path(__file__).parents[2] / "docs" / "questions.md"
PROMPT = "$ python -m kla_sim "
BLOCK = re.compile(r"```(yaml|console)\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def page():
    return PAGE.read_text(encoding="utf-8")


def printed(command, folder):
    """Run a command line of the page; return the block that shows it with what it prints."""
    words = shlex.split(command)
    done = kla_sim(*words, cwd=folder, language=None, COLUMNS="110")
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    lines = [f"{PROMPT}{command}", *(line.rstrip() for line in done.stdout.splitlines())]
    return "\n".join(lines).rstrip() + "\n"


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
        assert now == page


def test_each_of_the_thirteen_questions_has_an_answer_in_both_languages(page):
    sections = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    assert [section.split(".")[0] for section in sections] == [str(n) for n in range(1, 14)]
    for section in sections:
        commands = [body for kind, body in BLOCK.findall(section) if kind == "console"]
        assert any("--language en" in command.splitlines()[0] for command in commands)
        assert any("--language en" not in command.splitlines()[0] for command in commands)
