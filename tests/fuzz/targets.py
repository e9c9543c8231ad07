"""What hostile bytes are given to: one function for each way in which files and words come in.

A target takes bytes as they may stand in a file of somebody else, and returns what came of them
in a word. It may raise nothing: whatever is refused is refused by an error that can be told in
both languages. Used by `fuzz.py`, which makes up bytes, and by the test that replays the corpus.
"""

import hashlib
import json
import tempfile
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

from starlette.datastructures import FormData

from kla_sim.analysis.kept import UNFIT, read_estimate
from kla_sim.analysis.remedies import read_remedies
from kla_sim.domain.awards import read_awards
from kla_sim.domain.posterior_table import rows_from_csv
from kla_sim.domain.record import read_panel
from kla_sim.engine.plan import compile_plan
from kla_sim.errors import KlaSimError, ScenarioError
from kla_sim.experiment.journal import Journal
from kla_sim.experiment.trail import _read as read_forecast
from kla_sim.language import LANGUAGES, describe, speaking
from kla_sim.language.safe import shown
from kla_sim.page import answers, app, saving
from kla_sim.page.events import Desk, opened_of
from kla_sim.page.folder import Folder
from kla_sim.page.levers import levers_of, overrides_of
from kla_sim.page.odds import Memory, Wish
from kla_sim.page.runs import Runs
from kla_sim.report.words import phrase_interval, phrase_share
from kla_sim.scenario.arguments import Whole, read_expected, read_odds, read_precision, read_shard
from kla_sim.scenario.editing import text_with
from kla_sim.scenario.loading import digest, dump_scenario, load_scenario, read_scenario
from kla_sim.scenario.posteriors import notes_of
from kla_sim.store.manifest import read_manifest
from kla_sim.store.parts import PartBrokenError, read_columns

FOLDER = Path(tempfile.mkdtemp(prefix="fuzz"))
PLAN = Path(__file__).parents[1] / "data" / "levers" / "plan.yaml"
ROWS = 8
"""Replications in the part of the corpus."""


def _written(name, content):
    path = FOLDER / name
    path.write_bytes(content)
    return path


def _told(error):
    """Return the code of an error of ours, once it was told in both languages."""
    for language in LANGUAGES:
        with speaking(language):
            said = describe(error)
        assert said
        assert all(shown(line) == line for line in said.split("\n"))
        json.dumps(said).encode()
    return error.faults[0].code if isinstance(error, ScenarioError) else error.code


def _answered(ask, *asked, **named):
    try:
        return ask(*asked, **named)
    except KlaSimError as error:
        return _told(error)


def scenario(content):
    """Read a scenario; what is accepted is written and read back as the same."""
    return _answered(_read_back, _written("scenario.yaml", content))


def _read_back(path, overrides=()):
    loaded = read_scenario(path, overrides=overrides)
    again = _written("resolved.yaml", dump_scenario(loaded).encode())
    assert digest(load_scenario(again)) == digest(loaded.scenario)
    return "accepted"


def override(content):
    """Set a value on the command line, where arguments hold other bytes as surrogates."""
    return _answered(_read_back, PLAN, [content.decode("utf-8", "surrogateescape")])


def panel(content):
    """Read a table of awards by place and year."""
    return _answered(lambda path: read_panel(path) and "accepted", _written("panel.csv", content))


def awards(content):
    """Read a table of awards, one a row."""
    return _answered(lambda path: read_awards(path) and "accepted", _written("awards.csv", content))


def posterior(content):
    """Read the table of a posterior."""
    return _answered(lambda table: rows_from_csv(table) and "accepted", content)


def manifest(content):
    """Read the manifest of a run folder."""
    _written("manifest.json", content)
    return _answered(lambda: read_manifest(FOLDER) and "accepted")


@cache
def labels():
    """Return the labels of the plan of which the corpus holds a part."""
    return compile_plan(load_scenario(PLAN), 1).labels


def part(content):
    """Read a part of a run."""
    try:
        read_columns(content, labels(), 0, ROWS)
    except PartBrokenError as error:
        return str(error)
    return "accepted"


def journal(content):
    """Read the journal of a search; blocks come with their hash, as of one who knows the format."""
    try:
        blocks = json.loads(content)
        text = json.dumps(blocks, sort_keys=True).encode()
        document = {"about": "x", "sha256": hashlib.sha256(text).hexdigest(), "blocks": blocks}
        content = json.dumps(document).encode()
    except (ValueError, RecursionError):
        pass  # then it is read as it is
    _written("journal.json", content)
    return _answered(lambda: Journal(FOLDER, "x", 2) and "accepted")


def forecast(content):
    """Read a forecast of the trail."""
    path = _written("forecast.json", content)
    return _answered(lambda: read_forecast(path) and "accepted")


def notes(content):
    """Read what a posterior was fitted to."""
    _written("law.json", content)
    return "accepted" if notes_of(str(FOLDER / "law.csv")) else "passed over"


def summary(content):
    """Read the answer that a run folder keeps, and say its odds as the list of runs does."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return "no JSON"
    if not isinstance(answer, dict):
        return "no answer"
    found = read_remedies(answer.get("remedies"))
    try:
        odds = read_estimate(answer["odds"]["all_cities"])
    except UNFIT:
        return "passed over"
    for language in LANGUAGES:
        with speaking(language):
            assert phrase_share(odds)
            assert phrase_interval(odds)
    return "without remedies" if found is None else "accepted"


@cache
def desk():
    """Return what the page's answers share, for a folder that holds one plan."""
    folder = Path(tempfile.mkdtemp(prefix="page"))
    plan = folder / PLAN.name
    plan.write_bytes(PLAN.read_bytes())
    return Desk(Folder(plan), Memory(), Runs(folder / "results", lambda *_: None))


def form(content):
    """Read what the page sends: show the page with it, set its levers, show what saving changes."""
    fields = FormData(parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True))
    shown_ = _answered(lambda: app._page(desk(), fields) and "shown")
    return f"{shown_} {_answered(lambda: _edited(app._asked(fields)))}"


def _edited(asked):
    opened = opened_of(desk(), asked)
    if not asked.text:
        asked = asked._replace(text=opened.text)
    loaded = read_scenario(opened.path, text=asked.text)
    overrides = overrides_of(levers_of(loaded.scenario, loaded.scenario), asked.moved)
    changed = read_scenario(opened.path, text=asked.text, overrides=overrides)
    text_with(opened.path, asked.text, overrides)
    for answer in (answers._as_written(asked, opened, changed, overrides, Wish()),
                   saving.difference(desk(), asked, Wish())):  # fmt: skip
        for event in answer:
            json.dumps(event)
    return "edited"


def numbers(content):
    """Read a number of the command line in each of the ways that there are."""
    text = content.decode("utf-8", "surrogateescape")
    ways = (
        Whole("-n", 1, 2**32 - 1).read,
        lambda given: read_precision(given, "--precision"),
        lambda given: read_odds(given, "--odds"),
        lambda given: read_expected(given, "--regions"),
        lambda given: read_shard(given, "--shard", 4_096),
    )
    return " ".join(str(_answered(way, text)) for way in ways)


TARGETS = {
    one.__name__: one
    for one in (
        scenario, override, panel, awards, posterior, notes, manifest, summary, part, journal,
        forecast, form, numbers,
    )
}  # fmt: skip
