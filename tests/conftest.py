"""What all tests share: the flag that writes golden files anew."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--refresh-golden`: write golden files instead of comparing; look at the difference."""
    parser.addoption("--refresh-golden", action="store_true", help="write golden files anew")
