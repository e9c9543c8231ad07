"""Machine code is kept between processes, and never used for sources other than its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import kla_sim
from kla_sim.engine.code_cache import inner, njit
from tests.without_compiler import needs_compiler

pytestmark = needs_compiler

SAMPLE = """
import numpy as np
from kla_sim.engine.draws import sample
one = np.zeros(1, np.uint64)
rows = np.array([[0, 7.0, 0, 0, 0]])
from kla_sim.engine.code_cache import is_kept
was_kept = is_kept("sample")
print(was_kept, sample(np.uint64(1), one, np.zeros(1, np.int64), rows, np.zeros((1, 2)), 0, 0)[0])
"""


AWAITED = """
import numpy as np
from kla_sim.engine import draws, formulas
from kla_sim.engine.code_cache import code_awaited
from kla_sim.engine.values import TableBook

book = TableBook()
number = book.pert(0.3)
tables = book.array()
variates = [draws.uniform.py_func(np.uint64(7), np.uint64(9), i, 0) for i in range(4000)]
chances = [1e-17, 2.0**-40, *variates, 1 - 2.0**-40, 1 - 2.0**-53]
rows = np.array([
    [formulas.UNIFORM, 2, 9, 0, 0], [formulas.TRIANGULAR, 2, 3, 9, 0],
    [formulas.PERT, 2, 9, 0.3, number], [formulas.NORMAL, 30, 4, 0.01, 0],
    [formulas.LOGNORMAL, 2, 0.7, 0, 0], [formulas.EXPONENTIAL, 9, 0, 0, 0],
])

def answers():
    found = [formulas.quantile(row, chance, tables) for row in rows for chance in chances]
    found += [formulas.learning_multiplier(0.9, 0.3, 0.4, 3, n) for n in range(200)]
    found += [formulas.background_step(300.0, 30 * u, 40.0, 300, 4 * u) for u in variates]
    found += [draws.uniform(np.uint64(3), np.uint64(2**63 + n), n, 1) for n in range(200)]
    return np.array(found)

called = "quantile", "learning_multiplier", "background_step"
functions = [draws.uniform, *(getattr(formulas, name) for name in called)]
with code_awaited(lambda: True):
    interpreted = answers()
assert not any(function.signatures for function in functions)
compiled = answers()
assert all(function.signatures for function in functions)
assert interpreted.tobytes() == compiled.tobytes()
"""


@pytest.fixture
def copy(tmp_path):
    """Return the folder of a copy of the package, without any compiled code."""
    package = Path(kla_sim.__file__).parent
    ignored = shutil.ignore_patterns("__pycache__", "data", "catalogues")
    shutil.copytree(package, tmp_path / "site" / "kla_sim", ignore=ignored)
    return tmp_path / "site"


def test_functions_whose_code_is_awaited_give_the_same_bits_without_it(copy):
    """Covers every distribution, tails too; numba would differ where it fused or approximated."""
    done = perform(copy, AWAITED)
    assert done.returncode == 0, done.stderr


def perform(copy, lines, **environment):
    plain = {key: value for key, value in os.environ.items() if not key.startswith("NUMBA_")}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", lines],
        cwd=copy,
        env={**plain, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def answer(copy, *, is_kept=False, **environment):
    done = perform(copy, SAMPLE, **environment)
    assert done.returncode == 0, done.stderr
    was_kept, value = done.stdout.split()
    assert (was_kept == "True") == is_kept
    return float(value)


def code_files(place):
    return sorted(path.name for path in place.rglob("*.nbc"))


def test_changed_formulas_change_results_though_code_is_kept(copy):
    assert answer(copy) == 7.0
    kept = code_files(copy)
    assert kept
    assert answer(copy, is_kept=True) == 7.0
    assert code_files(copy) == kept
    formulas = copy / "kla_sim" / "engine" / "formulas.py"
    changed = formulas.read_text().replace(
        "    if kind == FIXED:\n        return a\n", "    if kind == FIXED:\n        return a + 1\n"
    )
    formulas.write_text(changed)
    assert answer(copy) == 8.0


def test_code_goes_where_the_user_says_else_beside_the_sources_else_nowhere(copy, tmp_path):
    wanted, home = tmp_path / "wanted", tmp_path / "home"
    assert answer(copy, NUMBA_CACHE_DIR=str(wanted)) == 7.0
    assert code_files(wanted)
    assert not code_files(copy)
    # a file where a folder is wanted cannot be written into, even by root
    (copy / "kla_sim" / "engine" / "__pycache__").write_text("")
    assert answer(copy, XDG_CACHE_HOME=str(home)) == 7.0
    assert code_files(home)
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    assert answer(copy, XDG_CACHE_HOME=str(blocked), NUMBA_CACHE_DIR=str(blocked)) == 7.0
    assert not code_files(copy)


@inner()
def product(rows, place):
    return rows[place, 0] * rows[place, 1]


def total(rows, ends):
    found = 0.0
    for place in range(ends[0], ends[1]):
        found += product(rows, place)
    return found


def test_code_that_counts_no_references_gives_the_same_and_leaves_their_number_alone():
    rows, ends = np.arange(20.0).reshape(10, 2), np.array([2, 9])
    counting, without = njit()(total), njit(counts_references=False)(total)
    before = sys.getrefcount(rows)
    for _ in range(100):
        assert without(rows, ends) == counting(rows, ends) == 882.0
    assert sys.getrefcount(rows) == before
