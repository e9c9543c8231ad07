"""Shipped tables that others have replaced: runs keep to the one that they were made with."""

import hashlib
from importlib.resources import files

import pytest

from kla_sim.engine.plan import compile_plan
from kla_sim.engine.posterior import load_posterior
from kla_sim.errors import ScenarioError
from kla_sim.scenario.lint import lint_loaded
from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.posteriors import hash_of, shipped_posteriors, table_with

EARLIER = files("kla_sim") / "data" / "posteriors" / "earlier"
TABLES = sorted(entry.name for entry in EARLIER.iterdir() if entry.name.endswith(".csv"))


def plan(folder, background):
    path = folder / "plan.yaml"
    path.write_text(
        f"extends: shipped:kaltara_2022\nname: Uji\nworlds: 2\nbackground: {background}\n",
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize("file", TABLES)
def test_an_earlier_table_is_found_by_its_hash_and_not_by_another(file):
    name, start = file.removesuffix(".csv").split("-")
    sha256 = hashlib.sha256((EARLIER / file).read_bytes()).hexdigest()
    assert sha256.startswith(start)
    assert name in shipped_posteriors()
    assert table_with(name, sha256) == f"{name}-{start}"
    assert load_posterior(f"{name}-{start}").fitted_until == int(name)
    for other in (None, hash_of(name), "0" * 64, start + "0" * 56):
        assert table_with(name, other) == name


def test_an_earlier_table_is_kept_for_both_fits_but_not_offered():
    assert [file.split("-")[0] for file in TABLES] == ["2022", "2025"]
    assert shipped_posteriors() == ["2022", "2025"]


def test_a_plan_that_noted_an_earlier_table_keeps_to_it_and_is_told(tmp_path):
    sha256 = hash_of("2022-fdf30b4c")
    old = read_scenario(plan(tmp_path, f"{{posterior: 2022, sha256: {sha256}}}"))
    new = read_scenario(plan(tmp_path, "{posterior: 2022}"))
    first, present = compile_plan(old.scenario, 1), compile_plan(new.scenario, 1)
    table = load_posterior("2022-fdf30b4c").rows
    rates = {values.volatility for values in first.values}
    assert rates <= {row.volatility for row in table}
    assert not rates & {values.volatility for values in present.values}
    (warned,) = [one for one in lint_loaded(old) if one.code == "POSTERIOR_REPLACED"]
    assert (warned.line, warned.path) == (4, "background.sha256")
    assert "POSTERIOR_REPLACED" not in {one.code for one in lint_loaded(new)}


def test_a_hash_that_no_table_has_or_had_is_still_refused(tmp_path):
    with pytest.raises(ScenarioError) as wrong:
        read_scenario(plan(tmp_path, f"{{posterior: 2022, sha256: '{'0' * 64}'}}"))
    assert [fault.code for fault in wrong.value.faults] == ["posterior_changed"]
