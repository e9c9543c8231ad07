"""Invented summaries: every number chosen, so that tests know what must be said and drawn."""

import datetime as dt
import hashlib
from functools import cache

import numpy as np

from kla_sim.analysis.estimate import Check, Estimate, WorldRange, estimate_share
from kla_sim.analysis.summary import (
    Attainment,
    CostAndDate,
    OddsCurve,
    Summary,
    WithoutKaltara,
)
from kla_sim.engine.structure import Labels
from kla_sim.report.drawing import write_figures
from kla_sim.report.figures import Caption, run_makers
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.shipped import shipped_scenario

START = dt.date(2022, 11, 14)
HORIZON_DAY = (dt.date(2026, 12, 31) - START).days
AWARD_DAYS = [(dt.date(year, 7, 23) - START).days for year in (2023, 2024, 2025, 2026)]
ZONES = 8
CAUSES = ["window", "wip_limit", "facilitators", "rbra_jury", "account:province", "account:city"]
JAKARTA = ["Jakarta Pusat", "Jakarta Utara", "Jakarta Barat"]
PLOTS = [
    "odds", "cost-and-date", "tiles", "categories", "spending", "waiting", "scores", "attainment",
]  # fmt: skip
"""The figures of one run, in their order."""
ONE_WORLD = WorldRange(1, None, None, None, None)
CAPTION = Caption("Kaltara 2022-2026", "0123abcd", 1, 1000, "0.1.0")


@cache
def scenario():
    """Return the shipped scenario: names of resources, a claim, assumptions, bounds.

    Beside its own cities it has those of `summary`, each with `ZONES` zones ahead.
    """
    found = load_scenario(shipped_scenario("kaltara_2022"))
    city = found.cities["jakarta_pusat"]
    invented = {f"city_{place}": city for place in range(100)}
    return found.model_copy(update={"cities": {**found.cities, **invented}})


def odds(hits, n, n_worlds=1):
    """Return the estimate of hits in n futures, spread evenly over worlds."""
    sizes = np.full(n_worlds, n / n_worlds)
    return estimate_share(np.full(n_worlds, hits / n_worlds), sizes)


def summary(
    city_hits=(400, 700, 450),
    joint_hits=300,
    n=1000,
    names=None,
    curve=(0.0, 0.0, 0.1, 0.2, 0.3),
    worlds=ONE_WORLD,
    deadline_day=HORIZON_DAY,
    at_once_hits=None,
    seed=0,
    last_year=2026,
) -> Summary:
    """Return a summary with these hits; what is not named is drawn from the seed."""
    rng = np.random.default_rng(seed)
    years = list(range(START.year, last_year + 1))
    award_days = [(dt.date(year, 7, 23) - START).days for year in years[1:]]
    horizon_day = (dt.date(last_year, 12, 31) - START).days
    n_cities, n_cycles = len(city_hits), len(award_days)
    curve = np.interp(np.arange(1 + n_cycles), np.arange(len(curve)), curve)
    names = names or (
        JAKARTA[:n_cities] if n_cities <= 3 else [f"Kota {i}" for i in range(n_cities)]
    )
    final = np.array(city_hits) / n
    shares = rng.dirichlet(np.ones(7), (n_cities, n_cycles))
    verified = rng.integers(600, 850, (n_cities, n_cycles, 1)) + np.array([-40.0, 0.0, 40.0])
    return Summary(
        labels=labels_of(names, years),
        target=4,
        deadline_day=deadline_day,
        horizon_day=horizon_day,
        n=n,
        all_cities=odds(joint_hits, n),
        counted=odds(joint_hits, n),
        check=Check(Estimate(0.0, -0.01, 0.01, 0.95, "counting", n), 0.0),
        variance_ratio=None,
        all_cities_at_once_ever=odds(joint_hits if at_once_hits is None else at_once_hits, n),
        without_kaltara=WithoutKaltara(
            odds(joint_hits, n), Estimate(0.0, 0.0, 0.0, 0.95, "paired_conditional", n), 0, 0, n
        ),
        on_claimed_scores=odds(joint_hits, n),
        cities=[odds(hits, n) for hits in city_hits],
        worlds=worlds,
        expected_cities=Estimate(float(final.sum()), 1.48, 1.62, 0.95, "student", n),
        curve=OddsCurve(
            np.array([0, *award_days]),
            curve,
            np.linspace(0, 1, 1 + n_cycles)[:, None] * final,
            ends=np.clip(curve[:, None] + np.array([-0.02, 0.03]), 0.0, 1.0),
            without=0.5 * curve,
            standing=rng.dirichlet(np.ones(6), (1 + n_cycles, n_cities)),
        ),
        costs=costs(joint_hits, n, award_days, rng),
        attainment=attainment_over(years[1:]),
        category_shares=shares,
        means=means_of(n_cities, len(years), rng),
        shares={"wait_days": np.ones(len(CAUSES))},
        verified=verified.astype(float),
        claimed=np.minimum(verified + 210.0, 1000.0),
    )


def labels_of(names, years) -> Labels:
    """Return the labels of cities with these names, evaluated in each year but the first."""
    cities = [f"city_{place}" for place in range(len(names))]
    return Labels(
        cities=cities,
        city_names=list(names),
        activities=[],
        pools=["facilitators"],
        resources=["facilitators"],
        accounts=["province", *cities],
        years=years,
        cycles=years[1:],
        causes=CAUSES,
        start=START,
    )


def attainment_over(years) -> list[Attainment]:
    """Return an attainment that rises from the start over the evaluations of these years."""
    days = [START, *(dt.date(year, 6, 15) for year in years)]
    means = [0.732, *np.round(np.linspace(0.75, 0.81, len(years)), 10).tolist()]
    return [
        Attainment(day, mean, mean - 0.03, mean + 0.03)
        for day, mean in zip(days, means, strict=True)
    ]


def means_of(n_cities, n_years, rng):
    """Return the means of results: of two billion rupiah a year three quarters are spent."""
    appropriated = np.full((1 + n_cities, n_years), 2.0e9)
    held = np.zeros_like(appropriated)
    held[:, -1] = 0.05 * appropriated.sum(axis=1)
    return {
        "appropriated": appropriated,
        "released": appropriated,
        "spent": 0.75 * appropriated,
        "lapsed": 0.2 * appropriated,
        "held": held,
        "wait_days": rng.integers(10, 2000, (1 + n_cities, len(CAUSES))).astype(float),
        "busy_days": np.ones(1),
        "filled_days": np.ones(1),
        "vacant_days": np.ones(1),
        "dormant_days": np.zeros(n_cities),
        "launches": np.ones((n_cities, n_years)),
    }


def costs(joint_hits, n, award_days, rng) -> CostAndDate:
    """Return as many futures that arrive as there are hits; 40 billion rupiah are planned."""
    day = np.full(n, -1)
    day[:joint_hits] = rng.choice(award_days, joint_hits)
    spent = rng.uniform(25e9, 39e9, n)
    return CostAndDate(40e9, spent, rng.permutation(day), odds(joint_hits, n), 0.0)


def with_means(summary, **means) -> Summary:
    """Return a summary with other means of some results."""
    return summary._replace(means={**summary.means, **means})


def many_cities(n_cities=38) -> Summary:
    """Return a summary of many cities with long names."""
    names = [f"Kabupaten Ogan Komering Ulu Selatan Timur {place}" for place in range(n_cities)]
    hits = [10 + 25 * place for place in range(n_cities)]
    return summary(hits, joint_hits=0, names=names, curve=(0.0,) * 5)


def made(makers):
    """Return the figures that makers make, in their order."""
    return [make() for make in makers.values()]


def digest_of_plots(folder):
    """Return one digest of all files of the plots of a run, which are written into a folder."""
    drawn = write_figures(run_makers(summary(), scenario(), CAPTION), folder)
    assert (len(drawn.written), drawn.missing) == (3 * len(PLOTS), {})
    digest = hashlib.sha256()
    for path in drawn.written:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
