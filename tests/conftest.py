"""What all tests share: signals, code made once, the language they begin in, golden files."""

import signal
import subprocess
import sys

import pytest
from hypothesis import settings

from kla_sim import language

pytest_plugins = ["tests.browsing", "tests.without_compiler"]

MAKE_CODE = """
from kla_sim.engine.code_cache import is_kept
from kla_sim.engine.plan import compile_plan
from kla_sim.experiment.takeover import make_code
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.shipped import shipped_scenario
if not is_kept("run_replications"):
    make_code(compile_plan(load_scenario(shipped_scenario("kaltara_2022")), 1))
"""


def pytest_configure() -> None:
    """Let programs hear Ctrl-C and hangups where the tests run in the background or by nohup.

    Signals that are ignored there would be ignored by every program that the tests start.
    """
    for name in ("SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            heard = signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL
            signal.signal(number, heard)
    # how long an example takes says more about the machine than about the program
    settings.register_profile("kla_sim", deadline=None)
    settings.load_profile("kla_sim")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Make the machine code before workers share the cores.

    Each of them would make it for itself, and so would each short first run, which waits for none.
    """
    if not hasattr(session.config, "workerinput"):
        subprocess.run([sys.executable, "-c", MAKE_CODE], check=True)


def pytest_runtest_setup() -> None:
    """Let every test begin in Indonesian, whatever the one before it spoke."""
    language.use("id")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--refresh-golden`: write golden files instead of comparing; look at the difference."""
    parser.addoption("--refresh-golden", action="store_true", help="write golden files anew")
