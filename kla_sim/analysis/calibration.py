"""How likely the award record is under a background law, and how plausible the law is beforehand.

The likelihood is exact up to the grid: the state of a place is its gap, its standing category and
the node of its rate; empty cells are summed over, each weighted with the chance that an award of
that category goes unreported; the places of Indonesia that the record does not show speak through
the national totals. Places with the same history share their work. Called by the commands
`calibrate` and `backtest`. Not here: drawing from the posterior (`sampling`), forecasts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import expit, logsumexp

from kla_sim.analysis.histories import (
    History,
    Sights,
    Tree,
    chances_of_silences,
    grow_tree,
    marginal_chances,
    see,
    signs_of,
    start_and_kernel,
    walk,
)
from kla_sim.arrays import FloatArray, IntArray
from kla_sim.domain.record import (
    N_KINDS,
    AwardRecord,
    kind_of_places,
    places_by_kind,
    read_totals,
)
from kla_sim.engine.background import N_CATEGORIES, N_RATES, rate_nodes
from kla_sim.engine.posterior import PLAIN_PARAMETERS, PosteriorRow, law_of
from kla_sim.engine.province import COMMON_CHANCES, node_weights

_HERMITE = rate_nodes(1.0, 0.0)[1]


class Prior(NamedTuple):
    """An independent normal prior for one free parameter, on the scale it is fitted on."""

    name: str
    scale: str  # log, logit or plain
    mean: float
    sd: float


PRIORS = (
    Prior("rate_median", "log", float(np.log(0.06)), 0.7),
    Prior("rate_spread", "log", float(np.log(0.6)), 0.6),
    Prior("volatility", "log", float(np.log(30.0)), 0.5),
    Prior("noise", "log", float(np.log(15.0)), 0.6),
    Prior("tail_share", "logit", -2.5, 0.8),
    Prior("tail_factor", "log", float(np.log(5.0)), 0.4),
    Prior("one_step_up", "logit", 4.0, 1.0),
    Prior("confirmation", "logit", -2.0, 1.0),
    Prior("kla_reach", "logit", 0.0, 1.5),
    Prior("province_share", "logit", 0.0, 1.5),
    Prior("first_mean", "plain", 480.0, 100.0),
    Prior("first_sd", "log", float(np.log(120.0)), 0.4),
    Prior("kota_first", "plain", 0.0, 100.0),
    Prior("java_first", "plain", 0.0, 100.0),
    Prior("kota_rate", "plain", 0.0, 0.5),
    Prior("java_rate", "plain", 0.0, 0.5),
    Prior("absent_share", "logit", -2.0, 0.7),
    Prior("strictness_sd", "log", float(np.log(15.0)), 0.4),
)
"""The proper priors; the strictness of each evaluation is normal around 0 with `strictness_sd`.

Strictness and drift are only jointly identified: awards that rise more slowly can mean slower
cities or a stricter jury. The zero mean of strictness is what separates them.
"""


class KindOfPlace(NamedTuple):
    """The histories of one kind of place, with how often each occurs."""

    kind: int
    tree: Tree
    n_places: FloatArray  # (n_provinces, n_histories)
    silence: tuple[History, ...]  # (n_histories,) the empty cells behind each history
    silences: tuple[History, ...]  # all silences that are needed, shorter ones first


class Total(NamedTuple):
    """How many places of Indonesia held one of some categories at one evaluation."""

    evaluation: int
    categories: tuple[int, ...]
    n_places: int


class Material(NamedTuple):
    """All that the likelihood needs, computed once."""

    years: tuple[int, ...]
    provinces: tuple[str, ...]
    kinds: tuple[KindOfPlace, ...]
    reporting: FloatArray  # (n_years, n_categories)
    totals: tuple[Total, ...]
    totals_weight: float  # how many places each national total stands for, over 514


def reporting_chances(record: AwardRecord, share: float = 1.0) -> FloatArray:
    """Return the chance that an award is on record, from the national totals.

    Parameters
    ----------
    share : part of all places that the record was chosen from; below 1 where places are left out.

    Returns
    -------
    (n_years, n_categories); 1 for KLA, which no place could be given without being noticed
    """
    totals = read_totals()
    chances = np.zeros((len(record.years), N_CATEGORIES))
    for place, year in enumerate(record.years):
        seen = np.bincount(record.category[:, place] + 1, minlength=N_CATEGORIES + 1)[1:] / share
        known = totals.by_category[year]
        rest = [number for number in range(1, N_CATEGORIES - 1) if number not in known]
        n_rest = totals.awarded[year] - sum(known.values())
        for number, total in known.items():
            chances[place, number] = seen[number] / total
        if rest:
            chances[place, rest] = seen[rest].sum() / n_rest
        n_none = sum(places_by_kind()) - totals.awarded[year]
        chances[place, 0] = seen[0] / n_none
    chances = np.clip(chances, 0.0, 0.95)
    chances[:, -1] = 1.0
    return chances


def reporting_in(record: AwardRecord, years: tuple[int, ...], share: float = 1.0) -> FloatArray:
    """Return the chance that an award is on record in some years, by what a record says of them.

    Where nothing is known of the reporting of a year, its silence is no evidence.

    Parameters
    ----------
    share : see `reporting_chances`.

    Returns
    -------
    (n_years, n_categories)
    """
    by_year = dict(zip(record.years, reporting_chances(record, share), strict=True))
    silent = np.zeros(N_CATEGORIES)
    return np.array([by_year.get(year, silent) for year in years])


def prepare(record: AwardRecord, share: float = 1.0) -> Material:
    """Prepare a record for the likelihood.

    Parameters
    ----------
    share : part of all places that the record was chosen from; the places without a record are
        counted in that part.
    """
    kinds, signs = kind_of_places(record), signs_of(record)
    names, province = np.unique(record.provinces, return_inverse=True)
    prepared = [
        _prepare_kind(kind, signs[kinds == kind], province[kinds == kind], len(names))
        for kind in range(N_KINDS)
    ]
    n_places = sum(places_by_kind())
    n_unseen = n_places - len(record.places) / share
    return Material(
        record.years,
        tuple(names.tolist()),
        tuple(prepared),
        reporting_chances(record, share),
        national_totals(record.years),
        n_unseen / n_places / len(record.years),
    )


def national_totals(years: tuple[int, ...]) -> tuple[Total, ...]:
    """Return the national totals of some evaluations; categories not told apart stand together."""
    totals = read_totals()
    found = []
    for place, year in enumerate(years):
        known = totals.by_category[year]
        rest = tuple(number for number in range(1, N_CATEGORIES - 1) if number not in known)
        found += [Total(place, (number,), n_places) for number, n_places in known.items()]
        if rest:
            found.append(Total(place, rest, totals.awarded[year] - sum(known.values())))
        found.append(Total(place, (0,), sum(places_by_kind()) - totals.awarded[year]))
    return tuple(found)


def _prepare_kind(kind: int, signs: IntArray, province: IntArray, n_provinces: int) -> KindOfPlace:
    counts: dict[tuple[History, History], FloatArray] = {}
    for row, number in zip(signs.tolist(), province.tolist(), strict=True):
        end = 1 + max(place for place, sign in enumerate(row) if sign >= 0)
        key = tuple(row[:end]), tuple(row[end:])
        counts.setdefault(key, np.zeros(n_provinces))[number] += 1.0
    tree = grow_tree(tuple(history for history, _ in counts))
    silence = tuple(behind for _, behind in counts)
    needed = {behind[place:] for behind in silence for place in range(len(behind))}
    return KindOfPlace(
        kind,
        tree,
        np.array(list(counts.values())).reshape(-1, n_provinces).T,
        silence,
        tuple(sorted(needed, key=lambda cells: (len(cells), cells))),
    )


def log_likelihood(row: PosteriorRow, material: Material) -> float:
    """Return the log probability of the record and of the national totals.

    Places on record take part in the evaluation; of the others a share is absent throughout.
    The totals count as one observation for each place that the record does not show, spread evenly
    over the evaluations: the same places stand behind the totals of all years, which are therefore
    far from independent.

    References
    ----------
    Varin, C., Reid, N. and Firth, D. (2011). An overview of composite likelihood methods.
    Statistica Sinica 21(1), 5-42.
    """
    sights = see(row, material.years, material.reporting)
    by_province = log_chances_by_common(row, material, sights)
    total = float(np.sum(logsumexp(by_province + np.log(COMMON_CHANCES), axis=1)))
    marginal = np.zeros((len(material.years), N_CATEGORIES))
    for kind in material.kinds:
        first, kernel = start_and_kernel(law_of(row, kind.kind))
        marginal += places_by_kind()[kind.kind] * marginal_chances(first, kernel, sights)
    marginal /= sum(places_by_kind())
    for known in material.totals:
        chance = (1.0 - row.absent_share) * marginal[known.evaluation, list(known.categories)].sum()
        if 0 in known.categories:
            chance += row.absent_share
        total += material.totals_weight * known.n_places * np.log(max(chance, 1e-300))
    return float(total)


def log_chances_by_common(row: PosteriorRow, material: Material, sights: Sights) -> FloatArray:
    """Return the log chance of each province's record, given what its places share.

    Returns
    -------
    (n_provinces, n_common)
    """
    total = np.zeros((len(material.provinces), len(COMMON_CHANCES)))
    for kind in material.kinds:
        first, kernel = start_and_kernel(law_of(row, kind.kind))
        chances = _chances_of_kind(kind, first, kernel, sights)
        given = chances @ given_common(row).T
        total += kind.n_places @ np.log(np.maximum(given, 1e-300))
    return total


def given_common(row: PosteriorRow) -> FloatArray:
    """Return what turns chances joint with the node of the rate into chances given the common part.

    Returns
    -------
    (n_common, n_rates)
    """
    return node_weights(row.province_share, N_RATES) / _HERMITE


def _chances_of_kind(
    kind: KindOfPlace, first: FloatArray, kernel: FloatArray, sights: Sights
) -> FloatArray:
    """Return the joint chance of each history and each node of the rate, (n_histories, n_rates)."""
    silences = chances_of_silences(kind.silences, kernel, sights)
    found = np.zeros((len(kind.tree.histories), len(first)))
    for _, level, state in walk(kind.tree, first, kernel, sights):
        if not len(level.end_row):
            continue
        after = np.stack(
            [
                silences[kind.silence[history]][:, award]
                for history, award in zip(level.end_history, level.end_award, strict=True)
            ],
            axis=1,
        )
        found[level.end_history] = np.einsum("reb,reb->er", state[:, level.end_row], after)
    return found


def row_of(vector: FloatArray, years: tuple[int, ...]) -> PosteriorRow:
    """Return the numbers of the law that a parameter vector stands for.

    Parameters
    ----------
    vector : (n_parameters,) free parameters on their fitting scales, then the strictness of each
        evaluation in units of `strictness_sd`.
    """
    numbers = {
        prior.name: _from_scale(prior.scale, float(value))
        for prior, value in zip(PRIORS, vector, strict=False)
    }
    sd = numbers["strictness_sd"]
    strictness = {
        year: float(value) * sd for year, value in zip(years, vector[len(PRIORS) :], strict=True)
    }
    return PosteriorRow(**{name: numbers[name] for name in PLAIN_PARAMETERS}, strictness=strictness)


def _from_scale(scale: str, value: float) -> float:
    if scale == "log":
        return float(np.exp(value))
    return float(expit(value)) if scale == "logit" else value


def prior_centre(n_years: int, priors: tuple[Prior, ...] = PRIORS) -> FloatArray:
    """Return the parameter vector at the middle of the prior."""
    return np.array([prior.mean for prior in priors] + [0.0] * n_years)


def prior_spread(n_years: int, priors: tuple[Prior, ...] = PRIORS) -> FloatArray:
    """Return the prior standard deviation of each entry of a parameter vector."""
    return np.array([prior.sd for prior in priors] + [1.0] * n_years)


def log_prior(vector: FloatArray, priors: tuple[Prior, ...] = PRIORS) -> float:
    """Return the log prior density, without its constant."""
    n_years = len(vector) - len(priors)
    deviations = (vector - prior_centre(n_years, priors)) / prior_spread(n_years, priors)
    return float(-0.5 * deviations @ deviations)


def log_posterior(
    vector: FloatArray, material: Material, priors: tuple[Prior, ...] = PRIORS
) -> float:
    """Return the log posterior density, without its constant."""
    if not np.all(np.isfinite(vector)) or np.max(np.abs(vector)) > 1e4:
        return -np.inf
    value = log_prior(vector, priors)
    if value < -500.0:
        return -np.inf
    # far out, where no draw is kept, numbers overflow to nan, and nan counts as impossible
    with np.errstate(all="ignore"):
        value += log_likelihood(row_of(vector, material.years), material)
    return value if np.isfinite(value) else -np.inf
