"""The page as one visitor meets it: opened by its command, its levers moved, the text saved."""

import html
import json
import re
import shlex
from contextlib import contextmanager

import httpx2
from programs import PATIENCE, started

ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+)/\?token=[\w-]+")
FIELD = r'<input type="hidden" name="{}" value="([^"]*)">'
LEVER = r'<div class="lever" data-lever="([^"]+)">\s*<label for="[^"]*">{}</label>.*?</div>'
NUMBER = re.compile(r'<data id="number" value="[^"]+" data-n="(\d+)">([^<]+)</data>')


class Visit:
    """One open page, and what its text fields hold."""

    def __init__(self, client, page):
        self._client, self._page = client, page
        self._form = {name: self._read(FIELD.format(name)) for name in ("name", "mark")}
        self._form["text"] = self._read(r'<textarea id="text".*?>\n(.*?)</textarea>')

    def _read(self, pattern):
        (found,) = re.findall(pattern, self._page, re.DOTALL)
        return html.unescape(found)

    def lever(self, label):
        """Return the path of a lever, and where it stands."""
        (found,) = re.finditer(LEVER.format(re.escape(html.escape(label))), self._page, re.DOTALL)
        return found[1], re.search(r'<input type="number"[^>]* value="([^"]*)"', found[0])[1]

    def move(self, path, value):
        """Move a lever; return the odds that come in the end, and their futures."""
        told = self._ask("/odds", lever=f"{path}={value}")
        self._form["text"] = next(event["text"] for event in told if "text" in event)
        return self._odds(told)

    def odds(self):
        """Return the odds of the page as it stands, and their futures."""
        return self._odds(self._ask("/odds"))

    def save(self, target):
        """Look at the changes, and save the text under a name; return the lines that changed."""
        (shown,) = self._ask("/difference")
        mark = re.search(r'data-shown="([^"]+)"', shown["html"])[1]
        told = self._ask("/save", target=target, shown=mark)
        assert {"saved": True} in told, told
        return re.findall(r'<span class="added">([^<]*)</span>', shown["html"])

    def _ask(self, route, **more):
        answer = self._client.post(route, data={**self._form, "seed": "1", **more})
        assert answer.status_code == 200, answer.text
        blocks = answer.text.replace("\r\n", "\n").split("\n\n")
        return [json.loads(block[6:]) for block in blocks if block.startswith("data: ")]

    @staticmethod
    def _odds(told):
        *_, last = (event["html"] for event in told if event.get("id") == "odds")
        n, share = NUMBER.search(last).groups()
        return html.unescape(share), int(n)


@contextmanager
def visiting(command, folder):
    """Open the page by its command, and yield a visit to it."""
    words = [*shlex.split(command), "--port", "0"]
    with started(*words, cwd=folder) as process:
        line = process.stdout.readline()
        address = ADDRESS.search(line)
        assert address, line
        origin = {"origin": address[1]}
        with httpx2.Client(base_url=address[1], headers=origin, timeout=10 * PATIENCE) as client:
            page = client.get(address[0], follow_redirects=True)
            assert page.status_code == 200, page.text
            yield Visit(client, page.text)
