"""Looking for good plans: a seeded sampler proposes choices, ten at a time, and learns from each.

What is proposed depends on the seed and on what was found, never on the number of workers. A third
of the proposals are optuna's, the others change a few choices of the best so far. Not here: how
good a plan is (`optimise` says) and which is best in the end.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kla_sim.errors import UsageError
from kla_sim.scenario.candidates import Candidate, Places, Space

if TYPE_CHECKING:
    import optuna

PER_ROUND = 10
"""Plans proposed together; the same whatever the number of workers."""

_BEST, _MOST_CHANGES = 5, 3
"""Of how many of the best plans some choices are changed, and how many at most."""

_SHARE_FOR_FRONT = 0.2
"""The share of the plans that the best so far are tried in with less money."""

_FRONT_PLANS = 3


class Tried(NamedTuple):
    """A plan, and how good it was on the numbers of the search; larger is better."""

    candidate: Candidate
    score: float


Judge = Callable[[Sequence[Candidate]], list[float]]


def search(space: Space, n_trials: int, seed: int, judge: Judge) -> list[Tried]:
    """Return the plans tried, each once, in the order of trial.

    Parameters
    ----------
    judge : returns the scores of some plans.

    Raises
    ------
    UsageError : optuna is not installed.

    References
    ----------
    Bergstra, J., Bardenet, R., Bengio, Y. and Kegl, B. (2011). Algorithms for hyper-parameter
    optimization. Advances in Neural Information Processing Systems 24.
    """
    study = _new_study(seed)
    chance = random.Random(seed)
    tried: dict[str, Tried] = {}
    n_front = min(round(_SHARE_FOR_FRONT * n_trials), _FRONT_PLANS * _n_sums(space))
    for places in _beginnings(space)[: n_trials - n_front]:
        study.enqueue_trial(_asked(space, places))
    n_begun, n_told = len(_beginnings(space)), 0
    while n_told < n_trials - n_front:
        n = min(PER_ROUND, n_trials - n_front - n_told)
        if n_told >= n_begun and n_told // PER_ROUND % 3:
            for _ in range(n):
                study.enqueue_trial(_asked(space, _changed(space, _best(tried), chance)))
        trials = [study.ask() for _ in range(n)]
        found = [space.candidate(_suggested(space, trial)) for trial in trials]
        for trial, score in zip(trials, _judged(found, judge, tried), strict=True):
            study.tell(trial, score)
        n_told += n
    cheaper = _with_less(space, _best(tried), n_front)
    for start in range(0, len(cheaper), PER_ROUND):
        _judged([space.candidate(places) for places in cheaper[start : start + PER_ROUND]],
                judge, tried)  # fmt: skip
    return list(tried.values())


def _new_study(seed: int) -> optuna.Study:
    try:
        import optuna
    except ImportError as error:
        raise UsageError("extra_missing", extra="optimise") from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is experimental is pinned by the version
        sampler = optuna.samplers.TPESampler(
            seed=seed % 2**32, n_startup_trials=3 * PER_ROUND, constant_liar=True
        )
        return optuna.create_study(direction="maximize", sampler=sampler)


def _judged(found: list[Candidate], judge: Judge, tried: dict[str, Tried]) -> list[float]:
    """Return the scores of some plans; one that was tried before is not judged again."""
    keys = [repr(candidate.changes) for candidate in found]
    fresh = {key: plan for key, plan in zip(keys, found, strict=True) if key not in tried}
    for (key, plan), score in zip(fresh.items(), judge(list(fresh.values())), strict=True):
        tried[key] = Tried(plan, score)
    return [tried[key].score for key in keys]


def _best(tried: dict[str, Tried]) -> list[Places]:
    ranked = sorted(tried.values(), key=lambda one: -one.score)
    return [one.candidate.places for one in ranked[:_BEST]]


def _beginnings(space: Space) -> list[Places]:
    """Return the given plan, and the same under each other rule."""
    rules = space.by_name.get("priority")
    own = space.own
    others = range(len(rules.values)) if rules else range(0)
    return [own, *({**own, "priority": place} for place in others if place != own["priority"])]


def _changed(space: Space, best: list[Places], chance: random.Random) -> Places:
    """Return one of the best plans with one to three choices made anew."""
    places = dict(chance.choice(best))
    for _ in range(chance.randint(1, _MOST_CHANGES)):
        block = chance.choice(space.blocks)  # a rule as often as any of many zones
        choice = chance.choice([one for one in space.choices if one.block == block])
        places[choice.name] = chance.randrange(len(choice.values))
    return places


def _with_less(space: Space, best: list[Places], n: int) -> list[Places]:
    """Return the best plans with each sum of money, the smallest sums first."""
    sums = range(_n_sums(space))
    wanted = [{**places, "money.total": total} for places in best[:_FRONT_PLANS] for total in sums]
    return wanted[:n]


def _n_sums(space: Space) -> int:
    """Return how many sums of money there are to choose from; none without that lever."""
    total = space.by_name.get("money.total")
    return len(total.values) if total else 0


def _asked(space: Space, places: Places) -> dict[str, str | int]:
    """Return choices as optuna names them: rules by their names, all else by its place."""
    return {
        choice.name: str(choice.values[places[choice.name]])
        if choice.block == "priority"
        else places[choice.name]
        for choice in space.choices
    }


def _suggested(space: Space, trial: optuna.Trial) -> Places:
    """Return the choices that a trial proposes; an order is asked for where it counts."""
    places: Places = {}
    is_listed = True
    for choice in space.choices:
        if choice.block == "priority":
            rule = trial.suggest_categorical(choice.name, [str(value) for value in choice.values])
            places[choice.name] = choice.values.index(rule)
            is_listed = rule == "listed"
        elif choice.block != "order" or is_listed:
            places[choice.name] = trial.suggest_int(choice.name, 0, len(choice.values) - 1)
    return places
