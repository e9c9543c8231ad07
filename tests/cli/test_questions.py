"""The planner's questions: every command of docs/questions.md prints what the page shows."""

import re
from pathlib import Path

from run_documents import STEP, hold

PAGE = Path(__file__).parents[2] / "docs" / "questions.md"


def test_every_answer_is_what_its_command_prints(request, tmp_path):
    hold(PAGE, tmp_path, request.config.getoption("--refresh-golden"))


def test_each_of_the_thirteen_questions_has_an_answer_in_both_languages():
    page = PAGE.read_text(encoding="utf-8")
    sections = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    assert [section.split(".")[0] for section in sections] == [str(n) for n in range(1, 14)]
    for section in sections:
        commands = [step["body"] for step in STEP.finditer(section) if step["kind"] == "console"]
        assert any("--language en" in command.splitlines()[0] for command in commands)
        assert any("--language en" not in command.splitlines()[0] for command in commands)
