"""Which unknowns matter in runs, for choices and in scenarios; and requests that are refused."""

import numpy as np
import pytest

from kla_sim.errors import UsageError
from kla_sim.experiment import discover as discovery
from kla_sim.experiment import finding_out as choices
from kla_sim.experiment import study as studies
from kla_sim.experiment.discover import discover
from kla_sim.experiment.finding_out import value_of_finding_out
from kla_sim.experiment.happenings import Happening, read_replications, readings_of
from kla_sim.experiment.run import RunRequest, run
from kla_sim.experiment.sensitivity import sensitivity, share_of_luck, world_means, worlds_of
from kla_sim.experiment.study import study
from kla_sim.scenario.loading import digest, dump_scenario, read_scenario
from kla_sim.scenario.shipped import shipped_scenario


def stored(folder, name="kaltara_2022", n=120, *overrides, **options):
    loaded = read_scenario(shipped_scenario(name), overrides=overrides)
    scenario = loaded.scenario
    request = RunRequest(
        scenario, digest(scenario), dump_scenario(loaded), n,
        engine="compiled", results=folder, **options,
    )  # fmt: skip
    return run(request).run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="module")
def sixty(folder):
    """Return a run of sixty worlds with five futures each."""
    return stored(folder, "kaltara_2022", 300, "worlds=60")


def refusal(ask, *arguments):
    with pytest.raises(UsageError) as wrong:
        ask(*arguments)
    return wrong.value


def test_every_unknown_of_a_run_has_an_influence_with_its_interval(sixty):
    found = sensitivity(sixty)
    assert (found.n_worlds, found.n, found.odds.n_slices) == (60, 300, 3)
    assert len(found.odds.influences) == len(found.unknowns) > 30
    for one in (*found.odds.influences, *found.expected.influences):
        assert 0.0 <= one.low <= one.strength <= one.high <= 1.0
    strengths = [one.strength for _unknown, one in found.ranked()]
    assert strengths == sorted(strengths, reverse=True)
    assert found == sensitivity(sixty)


def test_the_share_of_luck_is_that_of_an_analysis_of_variance():
    """Means 1 and 3 of two futures each: variance 2; within, 2 a future, hence 1 a mean: a half."""

    class Two:
        n_worlds = 2
        groups = np.array([0, 1, 0, 1])

    values = np.array([0.0, 2.0, 2.0, 4.0])
    assert world_means(Two, values).tolist() == [1.0, 3.0]
    assert share_of_luck(Two, values) == pytest.approx(0.5)
    assert share_of_luck(Two, np.array([1.0, 2.0, 1.0, 2.0])) == 0.0
    assert share_of_luck(Two, np.ones(4)) == 1.0


def test_readings_are_what_the_replications_hold(sixty):
    out = read_replications(sixty)
    readings = readings_of(sixty.plan, 0, out, worlds_of(sixty, 2))

    def column(kind, subject=""):
        return readings.values[:, readings.columns.index(Happening(kind, subject))]

    labels = sixty.plan.labels
    cause = labels.causes.index("facilitators")
    assert column("waited", "facilitators").tolist() == out.wait_days[:, :, cause].sum(1).tolist()
    assert column("launched", "2026").tolist() == out.launches.sum(axis=(1, 2)).tolist()
    assert column("lapsed").tolist() == out.lapsed.sum(axis=(1, 2)).tolist()
    has_none = column("no_award", "2026") == 1.0
    is_late = out.award_day[:, -1] > sixty.plan.structure.deadline_day
    assert has_none.tolist() == ((out.cycle_state[:, -1] != 0) | is_late).tolist()
    assert 0 < has_none.sum() < 300
    assert np.isnan(column("jury", "2026")).tolist() == has_none.tolist()


def test_where_nearly_all_fail_the_rules_are_of_the_weakest_region_that_may_succeed(
    folder, monkeypatch
):
    """In the plan of 2026 a region that is not yet utama fails where 2026 brings no award."""
    monkeypatch.setattr(discovery, "RARE", 0.05)
    found = discover(stored(folder, "kaltara_2026", 1800, "worlds=60"))
    assert found.city == "jakarta_barat"
    rule = found.found.rules[0]
    (condition,) = rule.conditions
    assert found.columns[condition.column] == Happening("no_award", "2026")
    assert (condition.is_above, rule.density) == (True, 1.0)
    assert rule.held_out.low > rule.held_out_baseline
    (told,) = found.document()["rules"][0]["conditions"]
    assert told == {"reading": "no_award.2026", "relation": "at_least", "bound": 1.0}


def test_runs_without_worlds_that_differ_are_refused_with_what_to_do(folder):
    few = refusal(sensitivity, stored(folder, "kaltara_2022", 40, "worlds=20"))
    assert (few.code, few.fields["least"], few.fields["replications"]) == (
        "worlds_too_few", "60", "1200",
    )  # fmt: skip
    thin = refusal(sensitivity, stored(folder, "kaltara_2022", 61, "worlds=61"))
    assert (thin.code, thin.fields["least"]) == ("worlds_too_thin", "122")


def test_futures_that_nearly_all_end_alike_are_refused(folder):
    easy = stored(folder, "kaltara_2022", 40, "worlds=20")
    error = refusal(discover, easy)
    assert error.code == "discover_all_alike"
    assert error.fields["least"] == 30


def test_what_is_worth_finding_out_needs_two_thousand_worlds(sixty):
    error = refusal(value_of_finding_out, [sixty, sixty])
    assert (error.code, error.fields["least"]) == ("worlds_too_few", "2000")


def test_the_same_plan_twice_leaves_nothing_to_find_out(sixty, monkeypatch):
    monkeypatch.setattr(choices, "LEAST_WORLDS", 60)
    choice = value_of_finding_out([sixty, sixty])
    assert (choice.first, choice.last, choice.n_worlds) == (0, 300, 60)
    assert choice.found.perfect == 0.0
    assert {worth.value for worth in choice.found.worths} == {0.0}


def test_a_choice_takes_the_unknowns_that_all_runs_share(folder, sixty, monkeypatch):
    monkeypatch.setattr(choices, "LEAST_WORLDS", 60)
    settled = stored(folder, "kaltara_2022", 300, "worlds=60", "learning.rate=0.9")
    choice = value_of_finding_out([sixty, settled])
    names = {unknown.name for unknown in choice.unknowns}
    assert "effects.integration" in names
    assert "learning.rate" not in names
    assert choice.found.perfect > 0.0


def test_runs_whose_worlds_share_nothing_are_refused(sixty, monkeypatch):
    worlds = worlds_of(sixty, 2)
    other = worlds._replace(values=worlds.values + 1.0)
    assert refusal(choices._shared, [worlds, other]).code == "worlds_share_nothing"


def test_worlds_that_do_not_differ_are_refused(sixty, monkeypatch):
    from kla_sim.engine.in_worlds import InWorlds
    from kla_sim.experiment import sensitivity as module

    monkeypatch.setattr(module, "unknowns_of", lambda *_: InWorlds((), np.empty((60, 0))))
    assert refusal(sensitivity, sixty).code == "worlds_all_the_same"


def small(n_uncertain=2):
    scenario = read_scenario(shipped_scenario("kaltara_2022")).scenario
    kept = dict(list(scenario.uncertain.items())[:n_uncertain])
    return scenario.model_copy(update={"uncertain": kept, "worlds": 2})


def test_a_study_finds_that_effects_matter_and_is_the_same_each_time(monkeypatch):
    monkeypatch.setattr(studies, "FUTURES_OF_A_POINT", 4)
    found = study(small(), "morris", 4 * 12, 1, "compiled")
    assert (found.size, found.n_points) == (4, 12)
    assert [unknown.subject for unknown in found.unknowns] == [
        "effects.services.*", "effects.integration",
    ]  # fmt: skip
    assert all(effect.main.value > 0.0 for effect in found.effects)
    assert found == study(small(), "morris", 4 * 12, 1, "compiled")


def test_studies_that_cannot_be_are_refused():
    nothing = refusal(study, small(0), "sobol", 10_000, 1, "compiled")
    assert nothing.code == "study_of_nothing"
    few = refusal(study, small(), "sobol", 6_399, 1, "compiled")
    assert (few.code, few.fields["least"]) == ("study_too_small", "6400")
    few = refusal(study, small(), "morris", 1_199, 1, "compiled")
    assert few.fields["least"] == "1200"
