"""The search for the best plan: the same answer however it is run, and numbers nobody chose by."""

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kla_sim import execution
from kla_sim.engine.compiled import simulate
from kla_sim.engine.plan import compile_plan
from kla_sim.errors import StoreError, UsageError
from kla_sim.experiment import blocks, stages
from kla_sim.experiment.blocks import Trials, joined
from kla_sim.experiment.compare import outcomes
from kla_sim.experiment.journal import BLOCK, Journal, Outcome
from kla_sim.experiment.optimise import folder_of, optimise, workplace_of
from kla_sim.experiment.optimum import Request, unbeaten
from kla_sim.experiment.search import search
from kla_sim.experiment.stages import FRESH
from kla_sim.scenario.candidates import Space
from kla_sim.scenario.loading import read_scenario

PLAN = Path(__file__).parents[1] / "data" / "levers" / "plan.yaml"
LOADED = read_scenario(PLAN)
SPACE = Space(LOADED.scenario)


def silent(*_):
    """Hear how far a search is, and say nothing."""


def request(n_trials=20, odds=None, loaded=LOADED):
    return Request(loaded, n_trials, seed=1, engine="compiled", odds=odds)


def answer(folder, asked=None, open_workplace=None):
    found = optimise(asked or request(), folder, open_workplace or execution.threads(1), silent)
    return found.document()


@pytest.fixture(scope="module")
def in_one_go(tmp_path_factory):
    folder = tmp_path_factory.mktemp("search") / "one"
    return folder, answer(folder)


def test_a_block_holds_what_a_run_of_the_plan_says(tmp_path):
    """Block 0 is worlds 0 to 49 with ten futures each: the first 500 futures of the plan."""
    with execution.threads(1)() as workplace:
        trials = Trials(Journal(tmp_path, "x", 2), workplace, LOADED, 1, "compiled")
        (block,) = trials.look([(SPACE.given, 0)])
    plan = compile_plan(LOADED.scenario, 1)
    said = outcomes(plan, 0, simulate(plan, 0, BLOCK))
    assert block.odds.sum() == pytest.approx(said.all_cities.sum(), abs=1e-9)
    assert block.odds[7] == pytest.approx(said.all_cities[7::50].sum(), abs=1e-12)
    assert block.cities.sum(axis=0) == pytest.approx(said.cities.sum(axis=0), abs=1e-9)
    assert block.spent.sum() == said.spent.sum()


def test_the_same_request_gives_the_same_answer_on_several_workers(in_one_go, tmp_path):
    assert answer(tmp_path / "two", open_workplace=execution.threads(3)) == in_one_go[1]


def test_a_search_that_was_killed_goes_on_to_the_same_answer(in_one_go, tmp_path, monkeypatch):
    """Whatever block it dies at, what was kept counts and the rest is looked at."""
    whole = blocks.simulate_block
    left = iter(range(25))

    def dies(block):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return whole(block)

    folder = tmp_path / "killed"
    monkeypatch.setattr(blocks, "simulate_block", dies)
    with pytest.raises(KeyboardInterrupt):
        answer(folder)
    monkeypatch.setattr(blocks, "simulate_block", whole)
    kept = len(json.loads((folder / "journal.json").read_text(encoding="utf-8"))["blocks"])
    assert 0 < kept <= 25
    assert answer(folder) == in_one_go[1]


def test_a_finished_search_is_read_from_its_journal(in_one_go, monkeypatch):
    folder, said = in_one_go

    def simulates(block):
        raise AssertionError(block.number)

    monkeypatch.setattr(blocks, "simulate_block", simulates)
    found = optimise(request(), folder, execution.threads(1), silent)
    assert found.document() == said
    assert found.n_kept == found.n_futures > 0


def test_the_choice_is_made_on_futures_that_the_search_never_saw(in_one_go):
    folder, said = in_one_go
    kept = json.loads((folder / "journal.json").read_text(encoding="utf-8"))["blocks"]
    numbers = {int(key.rpartition("/")[2]) for key in kept}
    searched = {number for number in numbers if number < FRESH}
    assert searched
    assert numbers - searched == set(range(FRESH, max(numbers) + 1))
    assert said["best"]["odds"]["replications"] >= stages.FIRST_BLOCKS * BLOCK


def test_the_best_plan_leads_the_given_one_by_paired_numbers(in_one_go):
    _, said = in_one_go
    gain = said["given"]["best_less_this"]["odds"]
    assert gain["low"] > 0.0  # one post more in each city is worth a zone in time
    assert said["correct_selection"] == 0.95
    assert said["leading"] == "odds"
    assert {one["name"] for one in said["rules"]} == {
        "listed", "lowest_score_first", "closest_to_target_first", "fewest_started_first"
    }  # fmt: skip


def test_alternatives_are_far_apart_and_nearly_as_good(in_one_go):
    _, said = in_one_go
    for one in said["alternatives"]:
        assert one["distance"] >= 0.1
        assert one["best_less_this"]["odds"]["value"] <= 2 * said["indifference"]


def test_the_front_rises_with_cost(in_one_go):
    _, said = in_one_go
    costs = [one["cost"] for one in said["front"]]
    assert costs == sorted(costs)
    assert len(costs) >= 2


def test_where_odds_are_rare_the_number_of_regions_leads(tmp_path):
    rare = read_scenario(PLAN, overrides=["cities.a.baseline.score=520"])
    said = answer(tmp_path / "rare", request(10, loaded=rare))
    assert said["leading"] == "expected_cities"
    assert said["indifference"] == stages.APART_EXPECTED


def test_odds_asked_for_are_shown_by_the_cheapest_plan_or_not_at_all(tmp_path):
    reached = answer(tmp_path / "low", request(20, odds=0.02))
    assert reached["correct_selection"] == 0.95
    assert reached["best"]["odds"]["value"] > 0.02
    assert reached["best"]["cost"] < reached["given"]["cost"]
    missed = answer(tmp_path / "high", request(10, odds=0.99))
    assert missed["correct_selection"] is None
    assert missed["given"]["best_less_this"]["odds"]["high"] >= 0.0  # the highest odds are named


def test_the_search_finds_what_a_known_judge_likes():
    """A judge that likes posts in city b and little money in all is served within 100 plans."""

    def judge(plans):
        return [
            SPACE.value(plan.places, "posts.facilitators.b")
            - SPACE.value(plan.places, "money.total")
            + (SPACE.value(plan.places, "priority") == "listed")
            for plan in plans
        ]

    tried = search(SPACE, 100, 1, judge)
    best = max(tried, key=lambda one: one.score)
    assert best.score == pytest.approx(3 - 0.5 + 1)
    assert len({repr(one.candidate.changes) for one in tried}) == len(tried)


def test_a_plan_hardly_cheaper_than_a_better_one_is_not_on_the_front(in_one_go):
    found = optimise(request(), in_one_go[0], execution.threads(1), silent)
    best = found.best
    nearly = best._replace(
        plan=best.plan._replace(cost=best.plan.cost - 1),
        odds=best.odds._replace(value=best.odds.value / 2),
    )
    assert unbeaten([nearly, best], is_rare=False) == [best]


@pytest.mark.parametrize(
    ("overrides", "code"),
    [
        (["levers=null"], "levers_missing"),
        (["levers.limits.money=1 juta"], "levers_admit_nothing"),
        (["levers.limits.posts=1"], "levers_admit_nothing"),
        ([*(f"levers.{name}=null" for name in ("order", "priority", "money", "posts", "zones")),
          "levers.wip_limit={low: 2, high: 2}"], "levers_admit_one"),
    ],
)  # fmt: skip
def test_levers_that_leave_no_choice_are_refused(tmp_path, overrides, code):
    loaded = read_scenario(PLAN, overrides=overrides)
    with pytest.raises(UsageError) as refused:
        answer(tmp_path / "none", request(loaded=loaded))
    assert refused.value.code == code
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "spoiled",
    [
        "{",
        "[]",
        "[" * 200_000,
        '{"blocks": 3}',
        '{"about": "x", "sha256": "", "blocks": {}}',
    ],
    ids=lambda text: text[:20],
)
def test_a_journal_that_was_changed_is_refused(tmp_path, spoiled):
    (tmp_path / "journal.json").write_text(spoiled, encoding="utf-8")
    with pytest.raises(StoreError) as refused:
        answer(tmp_path)
    assert refused.value.code == "journal_broken"
    assert (tmp_path / "journal.json").read_text(encoding="utf-8") == spoiled


def journal_of(folder, block):
    signed_journal(folder, {"a/0": block})


def signed_journal(folder, blocks):
    """Write a journal with its hash, as one who knows the format would."""
    sha256 = hashlib.sha256(json.dumps(blocks, sort_keys=True).encode()).hexdigest()
    document = {"about": "x", "sha256": sha256, "blocks": blocks}
    (folder / "journal.json").write_text(json.dumps(document), encoding="utf-8")


SOUND = ([1.0] * 50, [[10.0, 0.0]] * 50, [5e9] * 50)


def test_a_journal_is_read_as_it_was_written(tmp_path):
    journal_of(tmp_path, SOUND)
    found = Journal(tmp_path, "x", 2).find("a/0")
    assert [part.tolist() for part in found] == list(SOUND)
    Journal(tmp_path, "x", 2).add({"b/0": found})
    assert Journal(tmp_path, "x", 2).find("b/0").spent.tolist() == [5e9] * 50


@pytest.mark.parametrize(
    "block",
    [
        3,
        [],
        [[], [], []],
        SOUND[:2],
        [SOUND[0][:49], *SOUND[1:]],
        [SOUND[0], [[1.0]] * 50, SOUND[2]],
        [[10.5] * 50, *SOUND[1:]],
        [[-0.1] * 50, *SOUND[1:]],
        [[float("nan")] * 50, *SOUND[1:]],
        [*SOUND[:2], [-1.0] * 50],
        [*SOUND[:2], [float("inf")] * 50],
        [*SOUND[:2], [{}] * 50],
        [*SOUND[:2], [10**400] * 50],
    ],
    ids=lambda block: str(block)[:30],
)
def test_a_journal_of_what_no_block_can_say_is_refused(tmp_path, block):
    journal_of(tmp_path, block)
    with pytest.raises(StoreError) as refused:
        Journal(tmp_path, "x", 2)
    assert refused.value.code == "journal_broken"


@pytest.mark.parametrize("blocks", [0, None, [], "x", [["a/0", list(SOUND)]]])
def test_a_journal_without_blocks_by_name_is_refused(tmp_path, blocks):
    signed_journal(tmp_path, blocks)
    with pytest.raises(StoreError) as refused:
        Journal(tmp_path, "x", 2)
    assert refused.value.code == "journal_broken"


def test_without_optuna_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(UsageError) as refused:
        answer(tmp_path)
    assert (refused.value.code, refused.value.fields) == ("extra_missing", {"extra": "optimise"})


def test_every_question_has_a_folder_of_its_own(tmp_path):
    others = [request(30), request(odds=0.5), replace(request(), seed=2)]
    names = {folder_of(one, tmp_path) for one in (request(), *others)}
    assert len(names) == 4


def test_an_unknown_workplace_is_refused():
    with pytest.raises(UsageError) as refused:
        workplace_of("slurm", 2)
    assert refused.value.code == "executor_unknown"


def test_blocks_join_in_order():
    one = Outcome(np.array([1.0]), np.array([[1.0, 0.0]]), np.array([5.0]))
    two = Outcome(np.array([2.0]), np.array([[2.0, 1.0]]), np.array([7.0]))
    both = joined([one, two])
    assert both.odds.tolist() == [1.0, 2.0]
    assert both.expected.tolist() == [1.0, 3.0]
    assert both.sizes.tolist() == [10.0, 10.0]
