"""Makes up bytes for one target until told otherwise: `python tests/fuzz/fuzz.py TARGET SECONDS`.

Bytes that reach new places of the program are what the next ones are made from; they begin with the
corpus of tests/data/corpus/TARGET and are kept in a folder of their own (a third argument; else one
that is printed). What breaks a target is written beside as `crash-...`: give it a name, put it into
the corpus, mend the program. Needs the extra `[audit]`.
"""

import sys
import tempfile
from pathlib import Path

import atheris

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "data" / "corpus"
sys.path.insert(0, str(Path(__file__).parent))

NOT_WATCHED = ("engine", "domain", "analysis", "execution", "report", "cli")
"""Packages whose steps are not watched: what numba compiles cannot be, and others read nothing."""


def _modules():
    """Yield the names of all modules whose steps are not watched."""
    for package in NOT_WATCHED:
        for path in (ROOT / "kla_sim" / package).rglob("*.py"):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


with atheris.instrument_imports(include=["kla_sim"], exclude=list(_modules())):
    from targets import TARGETS

SECONDS_OF_ONE, MEGABYTES, MOST_BYTES = 60, 2_048, 65_536
"""What one case may take, and the longest that is made up."""


def main(name, seconds, kept=None):
    """Fuzz one target; libFuzzer prints how many cases there were."""
    kept = Path(kept or tempfile.mkdtemp(prefix=f"kept-{name}-"))
    kept.mkdir(parents=True, exist_ok=True)
    print(f"{name}: what reaches new places is kept in {kept}", flush=True)
    for path in sorted((CORPUS / name).iterdir()):  # once before the clock runs, which loads all
        TARGETS[name](path.read_bytes())
    options = {
        "max_total_time": seconds,
        "timeout": SECONDS_OF_ONE,
        "rss_limit_mb": MEGABYTES,
        "max_len": MOST_BYTES,
        "artifact_prefix": f"{kept}/",
        "print_final_stats": 1,
        "verbosity": 0,
    }
    words = [f"-{key}={value}" for key, value in options.items()]
    atheris.Setup([sys.argv[0], *words, str(kept), str(CORPUS / name)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:4])
