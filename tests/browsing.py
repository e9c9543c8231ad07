"""Debian's Chromium for tests of pages: every request that it makes is kept, to be looked at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

_SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window; a test is skipped where there is none, unless it must run."""
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("KLA_SIM_NEEDS_BROWSER"):
            pytest.fail("chromium is not installed, and KLA_SIM_NEEDS_BROWSER asks for it")
        pytest.skip("chromium is not installed (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(_SWITCHES))
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own, with `page.requested` the addresses that it asked for."""
    context = browser.new_context()
    opened = context.new_page()
    opened.requested = []  # type: ignore[attr-defined]
    opened.on("request", lambda request: opened.requested.append(request.url))  # type: ignore[attr-defined]
    yield opened
    context.close()
