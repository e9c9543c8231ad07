"""Commands that are broken off, and how what they leave is compared with an uninterrupted run.

A new command joins with one line in `COMMANDS`; not there are `sensitivity`, `calibrate`,
`backtest` and `bench`, which work for minutes before they write as the others do. Everything that a
command leaves is compared byte by byte but for what tells the time: `TIMES` names the fields.
"""

import json
import re
from pathlib import Path
from typing import NamedTuple

TIMES = {
    "manifest.json": ("start", "end", "updated", "summary_sha256"),
    "summary.json": ("seconds",),
}
"""Fields that differ between two runs of one command: moments, how long it took, and the hash of
the file that says how long it took. All else, `part-*.parquet` to the last bit, is the same."""

LEVERS = Path(__file__).parents[1] / "data" / "levers" / "plan.yaml"

PLAN = (Path(__file__).parents[1] / "data" / "plans" / "two_regions.yaml").read_text("utf-8")


class Command(NamedTuple):
    """A command with what is done before it, each as words; `OUT` stands for the results folder."""

    words: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    refuses_again: bool = False  # what is there already is not made again, and exit code 2 says so


RUN = ("run", "plan.yaml", "-n", "24", "--out", "OUT")
BOTH = ("run", "levers.yaml", "-n", "24", "--out", "OUT")
OTHER = (*RUN, "--label", "other", "--set", "evaluation.noise=6")
MORE = ("run", "levers.yaml", "-n", "100", "--out", "OUT")
SEARCH = ("optimise", "levers.yaml", "--trials", "10", "--workers", "1", "--out", "OUT")
REPORT = ("report", "latest", "--results", "OUT")
EXPORT = ("export", "latest", "--results", "OUT")
LEAST = ("solve", "levers.yaml", "--vary", "accounts", "--range", "1:2", "-n", "24", "--out", "OUT")

COMMANDS = {
    "run": Command((*RUN, "--workers", "1")),
    "run, two workers": Command((*RUN, "--workers", "2")),
    "run, activities kept": Command((*BOTH, "--keep", "activities")),
    "run on": Command((*RUN[:3], "40", *RUN[4:]), (RUN,)),
    "run, fewer": Command((*RUN[:3], "16", *RUN[4:]), (RUN,)),
    "run to a precision": Command((*RUN[:3], "3000", *RUN[4:], "--precision", "0.05")),
    "merge": Command(
        ("merge", "OUT/plan-*-1-shard_1_of_2", "OUT/plan-*-1-shard_2_of_2", "--out", "OUT"),
        ((*RUN, "--shard", "1/2"), (*RUN, "--shard", "2/2")),
    ),
    "compare": Command(("compare", "plan.yaml", "latest", "-n", "24", "--out", "OUT"), (RUN,)),
    "explain": Command(("explain", "latest", "--out", "OUT"), (BOTH,)),
    "gantt": Command(("gantt", "latest", "--out", "OUT"), (BOTH,)),
    "trace": Command(("trace", "levers.yaml", "--out", "OUT")),
    "discover": Command(("discover", "latest", "--out", "OUT"), (MORE,)),
    "solve": Command(LEAST),
    "trail": Command(("trail", "latest", "--out", "OUT"), (RUN,)),
    "optimise": Command(SEARCH),
    "report": Command(REPORT, (BOTH,)),
    "report, workbook": Command((*REPORT, "--format", "xlsx"), (BOTH,)),
    "report, elsewhere": Command((*REPORT, "--out", "OUT/laporan.html"), (BOTH,)),
    "report, two runs": Command(
        ("report", "OUT/plan-*-1", "latest", "--results", "OUT"), (RUN, OTHER)
    ),
    "export": Command(EXPORT, (BOTH,)),
    "export, elsewhere": Command((*EXPORT, "--out", "OUT/tables"), (BOTH,)),
    "export, workbook": Command((*EXPORT, "--format", "xlsx"), (BOTH,)),
    "migrate": Command(("migrate", "OUT/plan-*-1", "--out", "OUT/new"), (RUN,), refuses_again=True),
    "new": Command(("new", "OUT/rencana.yaml"), refuses_again=True),
    "schema": Command(("schema", "--out", "OUT")),
    "schema, of runs": Command(("schema", "--of", "run", "--out", "OUT")),
}


def words_of(words, out):
    """Return the words of a command for a results folder."""
    return [
        str(next(Path(out).glob(word[4:]))) if "*" in word else word.replace("OUT", str(out))
        for word in words
    ]


def timeless(found):
    """Return the contents of a folder without what tells the time."""
    return {path: _timeless(path, content) for path, content in found.items()}


def _timeless(path, content):
    fields = TIMES.get(path.rpartition("/")[2])
    if fields is None:
        return content
    document = json.loads(content)
    assert set(fields) <= set(document)
    return {key: value for key, value in document.items() if key not in fields}


_LITTER = re.compile(r"\..+\.[0-9]+|\.writer|tmp.*")


def litter(found):
    """Return what no command leaves behind: files half made, and the names of dead writers."""
    return [path for path in found if any(map(_LITTER.fullmatch, path.split("/")))]
