"""All that fuzzing has found is read or refused: no other error, no hang, no large memory."""

import resource
from pathlib import Path

import pytest
from targets import TARGETS, labels
from test_mutated_scenarios import patience

CORPUS = Path(__file__).parents[1] / "data" / "corpus"
MOST_MEGABYTES = 400
"""More that one target may take for all of its corpus."""


@pytest.fixture(scope="module", autouse=True)
def _loaded():
    labels()


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_is_read_or_refused(name):
    files = sorted((CORPUS / name).iterdir())
    assert len(files) > 1
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ends = {}
    for path in files:
        with patience():
            ends[path.name] = TARGETS[name](path.read_bytes())
    assert len(set(ends.values())) > 1, "what is accepted and what is refused"
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < MOST_MEGABYTES
