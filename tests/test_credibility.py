"""docs/credibility.md says what the package holds: the registered forecast, and the coverage."""

import json
import re
import shutil
from pathlib import Path

import pytest

from kla_sim.cli import main
from kla_sim.domain.awards import read_awards
from kla_sim.experiment import trail
from kla_sim.experiment.coverage import table
from kla_sim.experiment.coverage.shown import SHOWN
from kla_sim.scenario.model import MODEL_VERSION

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "credibility.md").read_text(encoding="utf-8")
MEASURED = json.loads((ROOT / "docs" / "coverage.json").read_text(encoding="utf-8"))


def rows_after(heading):
    """Return the rows of the first table below a heading, as lists of cells."""
    lines = PAGE[PAGE.index(heading) :].splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith("|"))
    rows = []
    for line in lines[first + 2 :]:
        if not line.startswith("|"):
            return rows
        rows.append([cell.strip().strip("`") for cell in line.strip("|").split("|")])
    return rows


@pytest.mark.parametrize("year", [2026, 2027])
def test_the_registered_forecast_is_that_of_the_page(year):
    (forecast,) = trail.registered()
    rows = {name: cells for name, *cells in rows_after(f"### The evaluation of {year}")}
    assert set(rows) == set(forecast.cities.values())
    for city, name in forecast.cities.items():
        chances = forecast.awards[year][city]
        assert rows[name] == [f"{100 * chances[outcome]:.1f} %" for outcome in trail.OUTCOMES]
    assert f"with a chance of {100 * forecast.held[year]:.0f} %" in PAGE


def test_what_was_registered_stands_on_the_page_with_its_date_and_command():
    (forecast,), (_, entry) = trail.registered(), trail.register()
    assert entry["forecast"] == forecast.name
    assert entry["registered"] == "2026-11-30"
    assert entry["model_version"] == MODEL_VERSION
    for said in (entry["registered"], entry["command"], forecast.digest, entry["version"]):
        assert said in PAGE


def test_a_forecast_that_was_replaced_stays_on_file_and_next_to_no_chance_differs(tmp_path):
    (forecast,), (replaced, _) = trail.registered(), trail.register()
    assert replaced["replaced_by"] == forecast.name
    folder = tmp_path / "trail"
    folder.mkdir()
    shutil.copy(trail.registered_folder() / f"{replaced['forecast']}.json", folder)
    (first,) = trail.kept(tmp_path)  # refuses what was changed since it was signed
    assert first.digest[:8] in PAGE
    assert (first.scenario, first.seen_from) == (forecast.scenario, forecast.seen_from)
    apart = [
        abs(first.awards[year][city][outcome] - chance)
        for year in (2026, 2027)
        for city, chances in forecast.awards[year].items()
        for outcome, chance in chances.items()
    ]
    assert f"{100 * max(apart):.1f} points" in PAGE


def test_the_registered_forecast_is_scored_when_its_award_has_come(tmp_path):
    (forecast,) = trail.registered()
    table = tmp_path / "awards.csv"
    table.write_text(
        "region,evaluation_year,category\nJakarta Barat,2026,utama\n", encoding="utf-8"
    )
    (scored,) = trail.score([forecast], read_awards(table).categories)
    chance = forecast.awards[2026]["jakarta_barat"]["utama"]
    assert scored.chance == pytest.approx((chance * 10_000 + 0.5) / 10_002.5)


def test_the_command_lists_it(tmp_path, capsys):
    for words, told in (("--registered", "Kepulauan Seribu"), ("--quiet", "")):
        with pytest.raises(SystemExit):
            main(["trail", words, "--out", str(tmp_path), "--language", "en"])
        assert told in capsys.readouterr().out


def test_the_coverage_of_the_page_is_what_was_measured():
    measured = {
        (entry["name"], entry["setting"]): f"{100 * entry['measured']:.1f} %"
        for entry in MEASURED["intervals"]
    }
    rows = rows_after("### Measured coverage")
    assert len(rows) > 15
    for name, setting, promised, found in rows:
        assert measured[name, setting] == found, (name, setting)
        assert promised in ("95 %", "80 %")


def test_every_interval_that_falls_short_is_among_the_known_limits():
    known = {(one.name, one.setting) for one in table.promises() if one.known is not None}
    short = {(one["name"], one["setting"]) for one in MEASURED["intervals"] if one["is_short"]}
    assert short <= known
    assert all(one["passed"] for one in MEASURED["intervals"])


def test_the_page_lists_where_intervals_are_shown_and_what_measures_them():
    rows = rows_after("### Where intervals are shown")
    listed = {shown.where: ", ".join(shown.by) or shown.why for shown in SHOWN.values()}
    assert dict(rows) == {where: by for where, by in listed.items() if where}
    assert len(rows) > 20


def test_commands_of_the_page_are_commands():
    assert set(re.findall(r"kla_sim selftest (--[a-z]+)", PAGE)) <= {"--intervals", "--quick"}


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_direct_dependency_stands_in_the_table_with_its_extra_and_reason():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    named = {
        (canonical(re.match(r"[\w.-]+", requirement)[0]), extra)
        for extra, requirements in groups.items()
        for requirement in requirements
    }
    rows = rows_after("## What the program is made of")
    assert all(reason for _, _, reason in rows)
    assert {(canonical(name), extra) for name, extra, _ in rows} == named - {("kla-sim", "test")}


def test_every_direct_dependency_is_locked_and_all_locked_packages_have_hashes():
    lock = (ROOT / "requirements-lock.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", lock)
    locked = {canonical(entry.split("==")[0]) for entry in entries if "==" in entry}
    assert all("--hash=sha256:" in entry for entry in entries if "==" in entry)
    rows = rows_after("## What the program is made of")
    assert {canonical(name) for name, _, _ in rows} <= locked
