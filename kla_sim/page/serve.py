"""Opens the port on this machine alone, tells the address, and serves until it is stopped."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn

from kla_sim.errors import KlaSimError, UsageError
from kla_sim.page.app import make_app
from kla_sim.page.folder import Folder
from kla_sim.page.odds import Wish, looks
from kla_sim.page.runs import Runs
from kla_sim.scenario.loading import read_scenario

HOST = "127.0.0.1"
_SECONDS_TO_CLOSE = 1


def serve(path: Path, port: int, language: str, runs: Runs, tell: Callable[[str], None]) -> None:
    """Serve the page of a scenario until the process is told to stop.

    Parameters
    ----------
    port : 0 = any that is free.
    runs : where whole runs go.
    tell : is told the address, which holds the token, once the port is open.

    Raises
    ------
    UsageError : the port is in use.
    """
    folder = Folder(path)
    with open_port(port) as opened:
        port, token = opened.getsockname()[1], secrets.token_urlsafe(24)
        app = make_app(folder, runs, port, token, language)
        server = uvicorn.Server(settings(app))
        threading.Thread(target=_warm_up, args=(folder,), daemon=True).start()
        tell(f"http://{HOST}:{port}/?token={token}")
        try:
            server.run(sockets=[opened])
        finally:
            runs.stop_all()


def settings(app: Any) -> uvicorn.Config:
    """Return how the page is served: quietly, and closed within a second."""
    return uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=_SECONDS_TO_CLOSE,
    )


def open_port(port: int) -> socket.socket:
    """Return a port of this machine that listens.

    Raises
    ------
    UsageError : another program has it.
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port))
        found.listen()
    except OSError as error:
        found.close()
        raise UsageError("page_port_busy", port=str(port), other=str(port + 1)) from error
    return found


def _warm_up(folder: Folder) -> None:
    """Load the engine and begin the worlds before the first question comes."""
    try:
        opened = folder.open(folder.first)
        scenario = read_scenario(opened.path, text=opened.text).scenario
        for _look in looks(scenario, 1, Wish()):
            pass
    except KlaSimError:
        return  # the page says what is wrong
