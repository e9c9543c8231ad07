"""What would help most, found on the first futures of a run: the same as `explain` finds there."""

import json
from dataclasses import replace

import pytest

from kla_sim.analysis.differences import differences
from kla_sim.experiment import remedies as tried_here
from kla_sim.experiment.but_for import but_for
from kla_sim.experiment.compare import read_outcomes
from kla_sim.experiment.precise import run_to_precision
from kla_sim.experiment.remedies import find_remedies, kept_remedies, remedies_at_hand
from kla_sim.experiment.run import RunRequest, Shard, run
from kla_sim.experiment.unkept import outcomes_like
from kla_sim.scenario.loading import digest, dump_scenario, read_scenario
from kla_sim.scenario.relief import without_limits
from kla_sim.scenario.shipped import shipped_scenario

N = 60


@pytest.fixture(scope="module")
def loaded():
    return read_scenario(shipped_scenario("kaltara_2022"), overrides=["worlds=20"])


def request_of(loaded, folder, n=N, **changes):
    request = RunRequest(
        loaded.scenario, digest(loaded.scenario), dump_scenario(loaded), n, engine="compiled",
        results=folder,
    )  # fmt: skip
    return replace(request, **changes)


@pytest.fixture(scope="module")
def stored(loaded, tmp_path_factory):
    return run(request_of(loaded, tmp_path_factory.mktemp("results"))).run


@pytest.fixture(scope="module")
def found(stored):
    return find_remedies(stored, 1)


def test_each_thing_tried_does_what_explain_says_of_it(stored, found):
    cases = {(case.relief.kind, case.relief.subject): case.remedy for case in but_for(stored)}
    assert found.replications == N
    assert len(found.tried) == 3
    for one in found.tried:
        assert one == cases[one.kind, one.subject]
    gains = [one.difference.value for one in found.tried]
    assert gains == sorted(gains, reverse=True)


def test_what_is_tried_is_what_work_waited_for_most(stored, found):
    waits = dict(zip(stored.plan.labels.causes, stored.summary.wait_days.sum(axis=0), strict=True))
    dormant = stored.summary.means["dormant_days"].sum()
    assert waits["facilitators"] > waits["window"] > waits["wip_limit"] > dormant
    assert waits["wip_limit"] > waits["account:province"] > waits["specialists"]
    assert waits["wip_limit"] > stored.summary.wait_days[:, -1].max()  # money of one city
    assert {(one.kind, one.subject) for one in found.tried} == {
        ("pool", "facilitators"), ("windows", ""), ("wip_limit", ""),
    }  # fmt: skip


def test_without_limits_nobody_waits_for_staff_money_or_the_number_of_zones(stored, found):
    free = without_limits(stored.scenario)
    relieved = outcomes_like(free.scenario, stored, 0, N)
    apart = differences(read_outcomes(stored, 0, N), relieved)
    assert found.unlimited.difference == apart.odds
    assert (found.unlimited.rescued, found.unlimited.harmed) == (apart.won, apart.lost)
    assert found.unlimited.odds == pytest.approx(relieved.all_cities.mean())
    assert found.unlimited.odds > max(one.odds for one in found.tried)


def test_without_limits_only_windows_are_waited_for(loaded, tmp_path):
    free = without_limits(loaded.scenario).scenario
    request = request_of(loaded, tmp_path, 20, scenario=free, digest=digest(free))
    waits = run(request).run.summary.wait_days.sum(axis=0)
    assert waits[0] > 0
    assert waits[1:].tolist() == [0.0] * (len(waits) - 1)


def test_workers_and_futures_behind_the_first_change_nothing(loaded, found, tmp_path, monkeypatch):
    monkeypatch.setattr(tried_here, "MOST_TRIED", N)
    longer = run(request_of(loaded, tmp_path, 2 * N)).run
    assert find_remedies(longer, 2) == found


def test_where_no_work_waits_there_is_nothing_to_try(tmp_path):
    nothing = read_scenario(shipped_scenario("no_kaltara"), overrides=["worlds=4", "upkeep=null"])
    found = find_remedies(run(request_of(nothing, tmp_path, 8)).run, 1)
    assert (found.replications, found.tried, found.unlimited, found.withheld) == (8, (), None, "")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"engine": "reference"}, "reference"), ({"shard": Shard(1, 2)}, "shard")],
)
def test_slow_engines_and_shards_try_nothing(loaded, tmp_path, changes, reason):
    part = run(request_of(loaded, tmp_path, 4, **changes)).run
    assert find_remedies(part, 1).withheld == reason
    assert remedies_at_hand(part).withheld == reason


def test_runs_in_rounds_try_nothing(loaded, tmp_path):
    rounds = run_to_precision(request_of(loaded, tmp_path, 1_000), 0.4).run
    assert find_remedies(rounds, 1).withheld == "rounds"


def test_what_is_kept_is_read_and_not_tried_again(loaded, found, tmp_path, monkeypatch):
    stored = run(request_of(loaded, tmp_path)).run
    assert kept_remedies(stored) is None
    assert remedies_at_hand(stored).withheld == "not_asked"
    stored.folder.finish({"remedies": found.document()}, N)
    with monkeypatch.context() as patched:
        patched.delattr(tried_here, "compile_plan")
        assert find_remedies(stored, 1) == found
        assert remedies_at_hand(stored) == found
    summary = stored.folder.path / "summary.json"
    summary.write_text(json.dumps({"remedies": {**found.document(), "odds": 0.9}}))
    assert kept_remedies(stored) is None
    assert find_remedies(stored, 1) == found


def test_what_is_kept_of_other_futures_or_other_plans_is_not_taken(loaded, found, tmp_path):
    stored = run(request_of(loaded, tmp_path)).run
    strange = found.tried[0]._replace(kind="pool", subject="elephants")
    for other in (
        found._replace(replications=N - 1),
        found._replace(tried=(strange,)),
        found._replace(tried=(strange._replace(kind="wish"),)),
    ):
        stored.folder.finish({"remedies": other.document()}, N)
        assert kept_remedies(stored) is None
