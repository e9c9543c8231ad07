"""How fast the page answers: from a key pressed on a lever to the number that it changes.

Measured in the browser that is installed, by its own clock, from the key to the number that stands
there; without one, by a client that asks as the page's script does, and it is said which. Called by
`bench --page`.
"""

from __future__ import annotations

import json
import secrets
import shutil
import statistics
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple
from urllib.parse import urlencode

import uvicorn

from kla_sim.page.app import make_app
from kla_sim.page.folder import Folder, Opened
from kla_sim.page.odds import LOOKS
from kla_sim.page.runs import Runs
from kla_sim.page.serve import HOST, open_port, settings
from kla_sim.scenario.shipped import shipped_scenario

GOALS = {"number_ms": 300.0, "interval_ms": 1_000.0}
_ROUNDS = 9
_SECONDS_OF_KEY = 0.06
_PATIENCE_MS = 120_000
_SWITCHES = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")

_TIMED = """([value]) => new Promise((resolve) => {
  const field = document.querySelector('[data-lever="policy.wip_limit"] input[type=number]');
  const odds = () => document.getElementById("odds");
  const begun = performance.now(), times = [];
  const watch = new MutationObserver(() => {
    if (!odds().hasAttribute("aria-busy") && !times.length) times.push(performance.now() - begun);
    const number = document.getElementById("number");
    if (times.length && number.dataset.n === "LAST") {
      watch.disconnect();
      resolve([times[0], performance.now() - begun]);
    }
  });
  watch.observe(document.body, {childList: true, subtree: true, attributes: true});
  field.value = value;
  field.dispatchEvent(new Event("input", {bubbles: true}));
})""".replace("LAST", str(LOOKS[-1]))


class Times(NamedTuple):
    """Milliseconds from a key to the first number, and to the last."""

    first: float
    last: float


def measure(tell: Callable[[str], None]) -> dict[str, Any]:
    """Return how fast the page of the shipped scenario answers, with the engine warm.

    Parameters
    ----------
    tell : is told what is done.
    """
    chromium = _chromium()
    with _served() as (address, opened):
        tell("page")
        if chromium:
            times = list(_in_browser(chromium, address))
        else:
            times = list(_by_client(address, opened))
    return {
        "by": "chromium" if chromium else "client",
        "rounds": len(times),
        "number_ms": round(statistics.median(one.first for one in times), 1),
        "slowest_number_ms": round(max(one.first for one in times), 1),
        "interval_ms": round(max(one.first for one in times), 1),
        "all_ms": round(statistics.median(one.last for one in times), 1),
        "futures": [LOOKS[0], LOOKS[-1]],
        "goals": GOALS,
    }


def _chromium() -> str | None:
    """Return the browser of this machine, if it can be driven."""
    try:
        import playwright  # noqa: F401
    except ImportError:
        return None
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def _served() -> Iterator[tuple[str, Opened]]:
    folder = Folder(shipped_scenario("kaltara_2022"))
    with open_port(0) as opened, tempfile.TemporaryDirectory() as results:
        port, token = opened.getsockname()[1], secrets.token_urlsafe(24)
        app = make_app(folder, Runs(Path(results), lambda outcome: None), port, token, "id")
        server = uvicorn.Server(settings(app))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{port}/?token={token}", folder.open(folder.first)
        finally:
            server.should_exit = True
            thread.join()


def _values() -> list[str]:
    """Return what the lever is moved to: the first ones warm everything up."""
    return [str(2 + place % 5) for place in range(_ROUNDS + 3)]


def _in_browser(chromium: str, address: str) -> Iterator[Times]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_SWITCHES))
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector(f'#number[data-n="{LOOKS[-1]}"]', timeout=_PATIENCE_MS)
        for place, value in enumerate(_values()):
            found = Times(*page.evaluate(_TIMED, [value]))
            page.wait_for_selector("#status:not(:empty)", timeout=_PATIENCE_MS)
            if place > 2:
                yield found
        browser.close()


def _by_client(address: str, opened: Opened) -> Iterator[Times]:
    """Ask as the page's script does, the wait behind the last key included."""
    origin = address.partition("/?")[0]
    client = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    client.open(address).read()
    for place, value in enumerate(_values()):
        form = {"name": opened.name, "mark": "", "seed": "1", "text": opened.text,
                "lever": f"policy.wip_limit={value}"}  # fmt: skip
        asked = urllib.request.Request(
            f"{origin}/odds", urlencode(form).encode(), {"Origin": origin}
        )
        begun, times = perf_counter() - _SECONDS_OF_KEY, list[float]()
        with client.open(asked) as answer:
            for line in answer:
                if line.startswith(b"data: ") and json.loads(line[6:]).get("id") == "odds":
                    times.append(1000 * (perf_counter() - begun))
        if place > 2:
            yield Times(times[0], times[-1])
