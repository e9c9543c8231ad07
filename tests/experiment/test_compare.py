"""Comparisons: futures pair by their numbers, and unlike things are refused with every reason."""

import datetime as dt

import numpy as np
import pytest

from kla_sim import language, store
from kla_sim.analysis.differences import Differences, HalfDates, Needed
from kla_sim.analysis.estimate import Estimate
from kla_sim.engine.plan import compile_plan
from kla_sim.engine.reference import simulate
from kla_sim.errors import StoreError, UsageError
from kla_sim.experiment import run as run_module
from kla_sim.experiment.compare import Comparison, compare_runs, outcomes, read_outcomes
from kla_sim.experiment.pairing import Terms, check_pairing, terms_of_request, terms_of_run
from kla_sim.experiment.run import RunRequest, Shard, manifest_of, read_run
from kla_sim.scenario.loading import digest, dump_scenario, read_scenario
from kla_sim.scenario.model import MODEL_VERSION
from kla_sim.scenario.shipped import shipped_scenario

LOADED = read_scenario(shipped_scenario("kaltara_2022"), overrides=["worlds=3"])
SCENARIO = LOADED.scenario
PLAN = compile_plan(SCENARIO, 1)

#            0         1
#            01234567890123456789
MET_IN_A = "10000000001100000000"
MET_IN_B = "00111000001001110000"


@pytest.fixture(scope="module")
def futures():
    """Twenty simulated futures, whose outcomes the tests choose."""
    return simulate(PLAN, 0, 20)


@pytest.fixture(scope="module")
def whole(futures):
    """What these futures say, read in one piece."""
    return outcomes(PLAN, 0, futures)


@pytest.fixture
def stored(tmp_path, futures, monkeypatch):
    """Store futures with chosen outcomes as a run, whole, as a shard, or cut off; return it."""
    monkeypatch.setattr(run_module, "is_possible", lambda *_: True)  # no jury gave these outcomes

    def keep(label, met, first=0, last=20, shard=None, size=7):
        request = RunRequest(
            SCENARIO, digest(SCENARIO), dump_scenario(LOADED), 20, label=label, results=tmp_path,
            shard=Shard.parse(shard) if shard else None,
        )  # fmt: skip
        folder = store.open_or_create(tmp_path, manifest_of(request), request.resolved)
        is_met = np.array([sign == "1" for sign in met])
        for start in range(first, last, size):
            rows = slice(start, min(start + size, last))
            some = type(futures)(*(array[rows] for array in futures))
            chosen = some._replace(is_met=is_met[rows], is_met_once=is_met[rows])
            folder.add_part(start, chosen, PLAN.labels, PLAN.n_worlds)
        return read_run(folder)

    return keep


def counts(comparison):
    document = comparison.document()
    return tuple(document[name] for name in ("first", "last", "won", "lost", "same"))


def test_whole_runs_are_compared_future_by_future(stored):
    (pair,) = compare_runs([stored("a", MET_IN_A), stored("b", MET_IN_B)])
    assert counts(pair) == (0, 20, 6, 2, 12)
    counted = pair.differences.counted
    assert (counted.value, counted.replications) == (pytest.approx((6 - 2) / 20), 20)
    assert pair.differences.odds.method == "paired_none_differs"  # the same futures but for is_met


def test_a_shard_pairs_with_the_futures_of_its_own_numbers(stored):
    whole, shard = stored("a", MET_IN_A), stored("b", MET_IN_B, first=10, shard="2/2")
    (pair,) = compare_runs([whole, shard])
    assert counts(pair) == (10, 20, 3, 1, 6)  # row by row it would be 4 won and 1 lost
    (turned,) = compare_runs([shard, whole])
    assert counts(turned) == (10, 20, 1, 3, 6)
    assert turned.differences.counted.value == pytest.approx(-0.2)


def test_two_shards_of_the_same_number_pair(stored):
    one, other = (
        stored(name, met, first=10, shard="2/2") for name, met in (("a", MET_IN_A), ("b", MET_IN_B))
    )
    assert counts(compare_runs([one, other])[0]) == (10, 20, 3, 1, 6)


def test_a_run_that_was_cut_off_pairs_as_far_as_it_goes(stored):
    whole, part = stored("a", MET_IN_A), stored("b", MET_IN_B, last=5)
    assert counts(compare_runs([whole, part])[0]) == (0, 5, 3, 1, 1)


def test_shards_without_a_common_future_are_refused(stored):
    one, other = stored("a", MET_IN_A, last=10, shard="1/2"), stored("b", MET_IN_B, 10, 20, "2/2")
    with pytest.raises(UsageError) as caught:
        compare_runs([one, other])
    (fault,) = caught.value.fields["differences"]
    assert (fault.code, fault.fields["of_a"], fault.fields["of_b"]) == (
        "no_common_futures", "0-9", "10-19",
    )  # fmt: skip


def test_outcomes_are_read_across_the_borders_of_parts(stored, whole):
    run = stored("a", MET_IN_B, size=3)
    for first, last in ((0, 20), (2, 4), (5, 13), (19, 20)):
        expected = [sign == "1" for sign in MET_IN_B[first:last]]
        read = read_outcomes(run, first, last)
        assert read.is_met.tolist() == expected
        assert read.all_cities.tolist() == pytest.approx(whole.all_cities[first:last].tolist())


def test_outcomes_count_who_stands_where_on_which_day_and_what_is_spent(futures, whole):
    assert whole.spent.tolist() == futures.spent.sum(axis=(1, 2)).tolist()
    deadline = int(np.searchsorted(whole.days, PLAN.structure.deadline_day, side="right")) - 1
    per_city = (futures.standing >= PLAN.structure.target).sum(axis=0)
    assert whole.reached[:, deadline, 1:].sum(axis=0).tolist() == per_city.tolist()
    assert whole.reached[:, deadline, 0].sum() == futures.is_met.sum()
    of_world = [(futures.standing[world::3] >= PLAN.structure.target).sum() for world in range(3)]
    assert whole.reached[:, deadline, 1:].sum(axis=1).tolist() == of_world


def test_outcomes_list_cities_in_the_order_asked_for(futures, whole):
    turned = outcomes(PLAN, 0, futures, PLAN.labels.cities[::-1])
    assert turned.cities.tolist() == whole.cities[:, ::-1].tolist()
    assert turned.reached[:, :, 1:].tolist() == whole.reached[:, :, :0:-1].tolist()
    assert turned.reached[:, :, 0].tolist() == whole.reached[:, :, 0].tolist()


def test_a_part_that_was_changed_is_not_compared(stored):
    one, other = stored("a", MET_IN_A), stored("b", MET_IN_B)
    part = other.folder.path / other.folder.manifest.parts[1].file
    part.write_bytes(part.read_bytes() + b" ")
    with pytest.raises(StoreError):
        compare_runs([one, other])


@pytest.mark.parametrize(
    ("low", "high", "is_shown"),
    [
        (-0.1, 0.2, False), (0.0, 0.2, False), (-0.2, 0.0, False), (0.001, 0.2, True),
        (-0.2, -0.001, True),
    ],
)  # fmt: skip
def test_a_difference_is_shown_whose_interval_leaves_out_nothing(low, high, is_shown):
    difference = Estimate((low + high) / 2, low, high, 0.95, "paired", 20)
    spent = Estimate(5.0, 4.0, 6.0, 0.95, "student", 20)
    found = Differences(
        odds=difference, counted=spent, won=6, lost=2, expected_cities=spent, cities=[difference],
        half_dates=[HalfDates(400, None, None, -3.0, np.inf), HalfDates(400, 31, -369, -400, 0)],
        spent=spent, needed_odds=Needed(12_000, 700), needed_expected=None,
    )  # fmt: skip
    pair = Comparison("a", "b", 3, 23, dt.date(2022, 11, 14), ("pusat",), found)
    assert pair.is_shown == is_shown
    assert pair.document() == {
        "a": "a", "b": "b", "first": 3, "last": 23, "difference": difference._asdict(),
        "counted": spent._asdict(), "won": 6, "lost": 2, "same": 12, "is_shown": is_shown,
        "expected_cities": spent._asdict(), "cities": {"pusat": difference._asdict()},
        "reached_50": {"a": "2023-12-19", "b": None, "days": None, "low": -3.0, "high": None},
        "cities_reached_50": {
            "pusat": {"a": "2023-12-19", "b": "2022-12-15", "days": -369, "low": -400, "high": 0}
        },
        "spent": spent._asdict(),
        "needed": {
            "difference": {"futures": 12_000, "worlds": 700}, "expected_cities": None,
        },
    }  # fmt: skip


def test_a_comparison_names_the_runs_in_their_order(stored):
    (pair,) = compare_runs([stored("x", MET_IN_A), stored("y", MET_IN_B)])
    assert (pair.a[-2:], pair.b[-2:]) == ("-x", "-y")


HERE = Terms("a", SCENARIO, 1, 0, model_version=MODEL_VERSION, first=0, last=100)
FEWER = {name: city for name, city in SCENARIO.cities.items() if name != "kepulauan_seribu"}


def with_target(**changes):
    target = SCENARIO.target.model_copy(update=changes)
    return HERE._replace(scenario=SCENARIO.model_copy(update={"target": target}))


def with_scenario(**changes):
    return HERE._replace(scenario=SCENARIO.model_copy(update=changes))


class Seen:
    """A status date, as a scenario holds it."""

    date = dt.date(2024, 1, 1)


UNLIKE = {
    "differ_cities": (with_scenario(cities=FEWER), "kepulauan_seribu", "-"),
    "differ_target": (with_target(category="nindya"), "utama", "nindya"),
    "differ_deadline": (
        with_target(deadline=dt.date(2025, 12, 31)), dt.date(2026, 12, 31), dt.date(2025, 12, 31),
    ),
    "differ_start": (
        with_scenario(start=dt.date(2023, 1, 1)), SCENARIO.start, dt.date(2023, 1, 1),
    ),
    "differ_observed": (with_scenario(observed=Seen()), "-", Seen.date),
    "differ_seed": (HERE._replace(seed=7), "1", "7"),
    "differ_worlds": (with_scenario(worlds=4), 3, 4),
    "differ_model": (HERE._replace(model_version=0), str(MODEL_VERSION), "0"),
}  # fmt: skip


@pytest.mark.parametrize("code", UNLIKE)
@pytest.mark.parametrize("spoken", ["id", "en"])
def test_unlike_things_are_refused_with_both_values(code, spoken):
    other, of_a, of_b = UNLIKE[code]
    with pytest.raises(UsageError) as caught:
        check_pairing([HERE, other._replace(name="b")])
    (fault,) = caught.value.fields["differences"]
    assert (fault.code, fault.fields["of_a"], fault.fields["of_b"]) == (code, of_a, of_b)
    with language.speaking(spoken):
        said = language.describe(caught.value)
    assert "{" not in said
    assert said.count("\n") == 1


def test_a_way_of_running_that_only_one_has_is_named_with_that_one():
    in_rounds = HERE._replace(name="b", round_size=1000)
    for runs in ([HERE, in_rounds], [in_rounds, HERE]):
        with pytest.raises(UsageError) as caught:
            check_pairing(runs)
        (fault,) = caught.value.fields["differences"]
        assert (fault.code, fault.fields) == ("differ_rounds", {"this": "b", "other": "a"})


def test_every_difference_of_every_run_is_named_at_once():
    third = UNLIKE["differ_cities"][0]._replace(name="c", seed=9, first=100, last=200)
    with pytest.raises(UsageError) as caught:
        check_pairing([HERE, UNLIKE["differ_target"][0]._replace(name="b"), third])
    named = [(fault.fields["b"], fault.code) for fault in caught.value.fields["differences"]]
    assert named == [
        ("b", "differ_target"), ("c", "differ_cities"), ("c", "differ_seed"),
        ("c", "no_common_futures"),
    ]  # fmt: skip


def test_of_many_other_regions_some_are_named_and_the_rest_counted():
    cities = {
        **SCENARIO.cities,
        **{f"kota_{i}": SCENARIO.cities["jakarta_barat"] for i in range(20)},
    }
    with pytest.raises(UsageError) as caught:
        check_pairing([HERE, with_scenario(cities=cities)])
    (fault,) = caught.value.fields["differences"]
    assert fault.fields["of_b"].endswith("kota_6, kota_7, +12")


def test_another_horizon_or_engine_is_no_obstacle():
    check_pairing([HERE, with_scenario(horizon=dt.date(2030, 12, 31))])


def test_a_run_to_come_has_the_terms_of_its_request(tmp_path):
    request = RunRequest(SCENARIO, "d", "", 40, seed=5, shard=Shard(2, 4), results=tmp_path)
    terms = terms_of_request(request)
    assert (terms.first, terms.last, terms.seed, terms.scenario.worlds) == (10, 20, 5, 3)
    assert terms.model_version == MODEL_VERSION


def test_a_stored_run_has_the_terms_of_its_manifest(stored):
    run = stored("a", MET_IN_A, first=5, shard="2/4")
    manifest = run.folder.manifest.model_copy(update={"round_size": 1000, "seed": 7})
    folder = store.RunFolder(run.folder.path, manifest)
    terms = terms_of_run(run._replace(folder=folder))
    assert terms == Terms(
        run.folder.path.name, SCENARIO, 7, 1000, MODEL_VERSION, manifest.first, 20
    )
