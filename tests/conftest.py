"""What all tests share: signals are heard, and the flag that writes golden files anew."""

import signal

import pytest


def pytest_configure() -> None:
    """Let programs hear Ctrl-C and hangups where the tests run in the background or by nohup.

    Signals that are ignored there would be ignored by every program that the tests start.
    """
    for name in ("SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            heard = signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL
            signal.signal(number, heard)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--refresh-golden`: write golden files instead of comparing; look at the difference."""
    parser.addoption("--refresh-golden", action="store_true", help="write golden files anew")
