"""Writes the first files of the corpus: what is whole, and some that are spoiled in known ways.

`python tests/fuzz/seeds.py`; files that are there stay. All others of the corpus were found by
`fuzz.py`.
"""

import json
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote_plus

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "hostile")]

from mutations import HOSTILE, SMALL, mutant, override  # noqa: E402
from targets import PLAN, ROWS  # noqa: E402

from kla_sim.domain.record import shipped_file  # noqa: E402
from kla_sim.experiment.run import RunRequest, run  # noqa: E402
from kla_sim.experiment.trail import keep  # noqa: E402
from kla_sim.scenario.loading import digest, dump_scenario, read_scenario  # noqa: E402

CORPUS = ROOT / "data" / "corpus"
SPOILED = 12
"""Scenarios and `--set` values from `mutations`."""


def seeds():
    """Yield the target, the name and the content of each first file."""
    for path in (PLAN, SMALL[0]):
        yield "scenario", path.parent.name, path.read_bytes()
    small = (number for number in range(5_000, 9_000) if len(mutant(number)) < 4_000)
    for number, _ in zip(small, range(SPOILED), strict=False):
        yield "scenario", f"mutant-{number}", mutant(number)
    for number in range(SPOILED):
        text = override(5_000 + number).encode("utf-8", "surrogateescape")
        yield "override", f"mutant-{number}", text[:2_000]
    yield "override", "levers", b"levers.posts.trainers={low: 1, high: 3}"
    for number, text in enumerate(HOSTILE[:60:3]):
        yield "numbers", f"hostile-{number}", text.encode("utf-8", "surrogatepass")
    yield "numbers", "shard", b"3/40"
    head = b"city,province,y2021,y2022,y2023\n"
    yield "panel", "small", head + b"Kab. A,Riau,madya,madya,\nKota B,Riau,,nindya,utama\n"
    yield (
        "panel",
        "semicolons",
        b"sep=;\n" + (head + b'"Kab. A";Riau;madya;;\n').replace(b",", b";"),
    )
    yield "panel", "utf16", (head + b"Kab. A,Riau,madya,,\n").decode().encode("utf-16")
    rows = b"region,evaluation_year,category\nJakarta Timur,2023,nindya\nJakarta Barat,2023,madya\n"
    yield "awards", "small", rows
    yield "awards", "twice", rows + rows.split(b"\n", 1)[1]
    law = shipped_file("posteriors/2022.csv").read_bytes().split(b"\n")
    yield "posterior", "small", b"\n".join(law[:4]) + b"\n"
    yield "posterior", "commas", b"\n".join(law[:3]).replace(b",", b";").replace(b".", b",")
    yield "notes", "small", shipped_file("posteriors/2022.json").read_bytes()
    yield "notes", "no-year", b'{"fitted_until": "x", "left_out": ["Riau"]}'
    yield (
        "form",
        "levers",
        b"name=plan.yaml&lever=policy.wip_limit=2&lever=resources.trainers.capacity=3",
    )
    yield "form", "seed", b"seed=12&name=plan.yaml&mark=x&lever=accounts.province=1.5&edited=1"
    yield "form", "outside", b"name=..%2Fx.yaml&text=name%3A+x"
    yield "form", "text", b"name=plan.yaml&text=" + quote_plus(PLAN.read_text("utf-8")).encode()
    yield from _of_a_run()
    block = [[1.0] * 50, [[10.0, 0.0]] * 50, [5e9] * 50]
    yield "journal", "small", json.dumps({"a/0": block}).encode()
    yield "journal", "empty", b"{}"


def _of_a_run():
    with tempfile.TemporaryDirectory() as folder:
        loaded = read_scenario(PLAN)
        request = RunRequest(
            loaded.scenario, digest(loaded.scenario), dump_scenario(loaded), ROWS,
            engine="compiled", results=Path(folder),
        )  # fmt: skip
        outcome = run(request)
        here = outcome.run.folder.path
        yield "part", "small", (here / "part-00000.parquet").read_bytes()
        yield "manifest", "small", (here / "manifest.json").read_bytes()
        yield "summary", "small", _answer()
        yield "summary", "others", _answer().replace(b"rescued", b"saved")
        yield "forecast", "small", keep(outcome.run, Path(folder)).path.read_bytes()


def _answer():
    """Return the answer of a run with something tried, as `run` keeps it."""
    odds = {"value": 0.5, "low": 0.3, "high": 0.7, "level": 0.95, "method": "exact",
            "replications": ROWS}  # fmt: skip
    tried = {"relieved": "staff", "subject": "trainers", "rescued": 1, "of_failed": 4, "harmed": 0,
             "of_met": 4, "odds": 0.6, "difference": odds, "expected_cities": odds,
             "price": 0}  # fmt: skip
    remedies = {"withheld": None, "replications": ROWS, "odds": 0.5, "tried": [tried],
                "unlimited": None}  # fmt: skip
    return json.dumps({"odds": {"all_cities": odds}, "remedies": remedies}).encode()


if __name__ == "__main__":
    for target, name, content in seeds():
        path = CORPUS / target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_bytes(content)
