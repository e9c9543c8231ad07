"""The plan worked by hand in docs/model.md comes out as the page says."""

import re
from pathlib import Path

import pytest
from plans import traced

from kla_sim.scenario.loading import load_scenario

PAGE = (Path(__file__).parents[2] / "docs" / "model.md").read_text(encoding="utf-8")
EXAMPLE = PAGE[PAGE.index("## 12.") : PAGE.index("## 13.")]


def rows(first_column):
    """Return the rows of the page's table whose first heading is given, as lists of cells."""
    lines = EXAMPLE.splitlines()
    place = next(k for k, line in enumerate(lines) if line.startswith(f"| {first_column} |"))
    found = []
    for line in lines[place + 2 :]:
        if not line.startswith("|"):
            return found
        found.append([cell.strip().strip("`") for cell in line.strip("|").split("|")])
    return found


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "example.yaml"
    file.write_text(re.search(r"```yaml\n(.*?)```", EXAMPLE, re.DOTALL)[1], encoding="utf-8")
    return traced(load_scenario(file))


def test_days_are_those_of_the_page(document):
    page = {name: [[int(start), int(finish)]] for name, start, finish, _ in rows("activity")}
    assert document["activities"] == page
    waits = {"facilitators": 60, "account:city": 76 + 74, "window": 123}
    assert document["waits"]["contoh"] == waits
    for days in (60, 76, 74, 123):
        assert f" {days} " in EXAMPLE


def test_rupiah_are_those_of_the_page(document):
    page = {
        (account, year): [int(amount.replace(",", "")) for amount in amounts]
        for account, year, *amounts in rows("account")
    }
    books = {
        (account, year): [entry[name] for name in ("released", "spent", "lapsed")]
        for account, years in document["money"].items()
        for year, entry in years.items()
    }
    assert books == page
    assert document["dormant_days"] == {"contoh": 31}
    assert "dormant for 31 days" in EXAMPLE


def test_scores_and_awards_are_those_of_the_page(document):
    table = {name: cells for name, *cells in rows("step")}
    for column, year in enumerate(("2023", "2024")):
        award = document["scores"]["contoh"][year]
        assert f"{award['score']:.2f}" == table["latent score"][column]
        assert f"{award['verified']:.2f}" == table["verified score"][column]
        cell = f"{award['category']} ({award['award_day']})"
        assert cell == table["award (day)"][column]
        gap = float(table["background gap"][column].rpartition("= ")[2])
        left = float(table["what is left of the gap"][column])
        assert award["score"] == pytest.approx(1000 - gap * left, abs=0.05)
    assert document["standing"] == {"contoh": "utama"}
