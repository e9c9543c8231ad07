"""The mutants that are explained away are of code that is still there."""

import csv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
with (ROOT / "tests/mutation/explained.csv").open(newline="") as table:
    ROWS = list(csv.DictReader(table))


@pytest.mark.parametrize("row", ROWS, ids=range(len(ROWS)))
def test_what_is_explained_is_still_written_so_and_has_a_reason(row):
    lines = (ROOT / row["path"]).read_text().splitlines()
    assert row["before"] in " / ".join(line.strip() for line in lines)
    assert row["before"] != row["after"]
    assert len(row["reason"]) > 10
