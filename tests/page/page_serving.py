"""The page as tests see it: a small scenario, a client that is let in, and a server of its own."""

import json
import threading
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.testclient import TestClient

from kla_sim.page.app import make_app
from kla_sim.page.folder import Folder
from kla_sim.page.runs import Runs
from kla_sim.page.serve import open_port, settings

PORT, TOKEN = 8765, "kunci-rahasia"
ORIGIN = f"http://127.0.0.1:{PORT}"

PLAN = """\
# Rencana uji: komentar ini tetap / this comment stays
schema_version: 1
extends: shipped:kaltara_2022
name: Rencana uji
worlds: 60   # sedikit saja

policy: {wip_limit: 3}   # tiga kawasan
accounts:
  province: {2024: "5,2 miliar"}  # tahun kedua
"""


def write_plan(folder, text=PLAN, name="rencana.yaml"):
    path = Path(folder) / name
    path.write_text(text, encoding="utf-8")
    return path


def app_of(path, port=PORT, *, results=None, keep=lambda outcome: None, language="id"):
    runs = Runs(Path(results or path.parent / "results"), keep)
    return make_app(Folder(path), runs, port, TOKEN, language)


def client_of(path, **changes):
    """Return a client that has exchanged the token for the cookie."""
    client = TestClient(
        app_of(path, **changes), base_url=ORIGIN, headers={"origin": ORIGIN}, follow_redirects=False
    )
    client.get(f"/?token={TOKEN}")
    return client


def question(path, text=None, **more):
    """Return the form of a question about a scenario of the folder."""
    opened = Folder(path).open(more.pop("name", path.name))
    form = {"name": opened.name, "mark": opened.mark, "seed": "1", **more}
    return {**form, "text": opened.text if text is None else text}


def events(client, route, form):
    """Ask, and return the events of the answer."""
    answer = client.post(route, data=form)
    assert answer.status_code == 200, answer.text
    blocks = answer.text.replace("\r\n", "\n").split("\n\n")
    return [json.loads(block[6:]) for block in blocks if block.startswith("data: ")]


def pieces(found, id_):
    return [event["html"] for event in found if event.get("id") == id_]


@contextmanager
def served(path, **changes):
    """Serve the page of a scenario to a browser, and yield the address that lets it in."""
    with open_port(0) as opened:
        port = opened.getsockname()[1]
        server = uvicorn.Server(settings(app_of(path, port, **changes)))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}/?token={TOKEN}", server
        finally:
            server.should_exit = True
            thread.join(20)
        assert not thread.is_alive()
