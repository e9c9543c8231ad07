"""A function has at most 60 lines; a phase of the compiled engine 150, since calls cost there."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [path for folder in ("kla_sim", "tests") for path in (ROOT / folder).rglob("*.py")]
COMPILED = ROOT / "kla_sim/engine/compiled"
MOST, MOST_COMPILED = 60, 150


def longer(source: str, most: int) -> list[str]:
    """Return the functions with more lines, from `def` to the last, each with how many it has."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        f"{node.name}: {n_lines}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, functions)
        and (n_lines := (node.end_lineno or 0) - node.lineno + 1) > most
    ]


def test_no_function_is_longer_than_it_may_be():
    found = {
        str(path.relative_to(ROOT)): names
        for path in SOURCES
        if (names := longer(path.read_text(), MOST_COMPILED if COMPILED in path.parents else MOST))
    }
    assert found == {}


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_the_line_over_the_most_is_one_too_many(kind):
    body = "\n".join(["    def inner():", *["        ..."] * (MOST - 2)])
    source = f"@decorated\n{kind} outer():\n{body}\n"
    assert longer(source, MOST) == []
    assert longer(source + "        ...\n", MOST) == [f"outer: {MOST + 1}"]


def test_all_sources_are_looked_at():
    looked_at = {path.relative_to(ROOT).as_posix() for path in SOURCES}
    assert {"kla_sim/engine/compiled/starts.py", "tests/oracle/odd_plans.py"} < looked_at
