"""The tutorial: every command of both languages prints what it shows, every number is printed."""

import re
from pathlib import Path

import pytest
from page_visits import visiting
from run_documents import STEP, hold

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {name: DOCS / f"tutorial.{name}.md" for name in ("id", "en")}
SAVED = re.compile(r"`(\w+\.yaml)`")
SIGNED = r"(?<![\w.,-])[+±-]?\d[\d.,]*(?:-\d[\d.,]*)?"
CLAIM = re.compile(
    rf"(?:Rp (?P<money>{SIGNED} (?:juta|miliar|million|billion))|"
    rf"(?P<share>{SIGNED}) (?:%|poin persen|percentage points))"
)
FUTURES = 2_000


def visit(command, table, folder):
    """Do on the page what the rows of a table say; return the table with the odds shown now."""
    heading, rule, *rows = table.splitlines()
    told = [heading, rule]
    with visiting(command, folder) as opened:
        for row in rows:
            lever, before, after, _ = (cell.strip() for cell in row.strip("|").split("|"))
            if saved := SAVED.search(row):
                assert opened.save(saved[1])
                told.append(row)
                continue
            if after == "–":
                share, n = opened.odds()
            else:
                path, value = opened.lever(lever)
                assert value == before, (lever, value)
                share, n = opened.move(path, after)
            assert n == FUTURES
            told.append(f"| {lever} | {before} | {after} | {share} |")
    return "\n".join([*told, ""])


@pytest.mark.parametrize("spoken", PAGES)
def test_every_command_of_the_tutorial_prints_what_it_shows(request, tmp_path, spoken):
    refresh = request.config.getoption("--refresh-golden")

    def serve(command, table, folder):
        return visit(f"{command} --language {spoken}", table, folder)

    hold(PAGES[spoken], tmp_path, refresh, spoken, serve)


def claims(prose):
    """Return the shares, differences and sums of money that a text names, outside of code."""
    plain = re.sub(r"`[^`]*`", "", prose)
    return [found["money"] or found["share"] for found in CLAIM.finditer(plain)]


@pytest.mark.parametrize("spoken", PAGES)
def test_every_number_of_the_prose_stands_in_an_answer(spoken):
    text = PAGES[spoken].read_text(encoding="utf-8")
    shown = "\n".join(step[0] for step in STEP.finditer(text))
    named = claims(STEP.sub("", text))
    assert len(named) > 5
    assert [
        one for one in named if not re.search(rf"(?<![\d.,]){re.escape(one)}(?!\d)", shown)
    ] == []


def test_numbers_of_prose_are_found_by_their_units():
    said = "naik 0,9 poin persen (12-19 %) dan Rp 4,1 miliar pada 15 Juni; `35 %` tidak"
    assert claims(said) == ["0,9", "12-19", "4,1 miliar"]


def steps(text):
    """Return the commands of a document without the words of its language."""
    lines = (step["body"].splitlines()[0] for step in STEP.finditer(text) if step["kind"])
    return [line.split()[4] for line in lines if line.startswith("$")]


def test_both_languages_take_the_same_steps():
    indonesian, english = (steps(path.read_text(encoding="utf-8")) for path in PAGES.values())
    assert indonesian == english
    assert {"new", "validate", "lint", "run", "explain", "compare", "ui", "solve", "report",
            "export"} <= set(indonesian)  # fmt: skip
