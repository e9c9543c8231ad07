"""Random numbers by address: the generator's known answers, and every distribution's law.

Kolmogorov-Smirnov tests take 40,000 variates: a shift of 0.012 in probability is found with power
above 0.99 at the level of 0.001 used here.
"""

import math

import numpy as np
import pytest
from plans import traced
from scipy import integrate, stats

from kla_sim.engine import draws
from kla_sim.engine.draws import philox, sample, stream, uniform, uniforms
from kla_sim.engine.formulas import PERT_CELLS, normal_quantile, quantile
from kla_sim.engine.plan import compile_plan
from kla_sim.engine.values import TableBook, distribution_row
from kla_sim.experiment.selftest.sameness import full_of_chance
from kla_sim.scenario.distributions import (
    Discrete,
    Exponential,
    Lognormal,
    Normal,
    Pert,
    Triangular,
    Uniform,
)
from tests.without_compiler import sized

SEED = np.uint64(20221114)
N = sized(40_000, 4_000)
LEVEL = 0.001
STREAMS = np.array([stream(f"test/{k}") for k in range(N)], np.uint64)


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        ("00000000 00000000 00000000 00000000", "00000000 00000000",
         "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff",
         "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0",
         "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)  # fmt: skip
def test_philox_gives_the_published_answers(counter, key, answer):
    """Known answers of Random123, philox4x32 with ten rounds (Salmon et al. 2011)."""
    words = [np.uint64(int(word, 16)) for word in f"{counter} {key}".split()]
    assert [f"{int(word):08x}" for word in philox(*words)] == answer.split()


def test_a_stream_has_the_number_of_its_name_for_ever():
    assert stream("province/rule/duration") == 7583422459177540699


def test_variate_is_53_bits_of_the_block_at_its_address():
    name, index, use = "jakarta_barat/zone-3/decree/duration", 17, 4
    number = int(stream(name))
    seed = 2**63 + 5
    w0, w1, _, _ = philox(
        *(np.uint64(word) for word in (number % 2**32, number >> 32, index, use)),
        *(np.uint64(word) for word in (seed % 2**32, seed >> 32)),
    )
    bits = (int(w0) >> 5) * 2**26 + (int(w1) >> 6)
    assert uniform(np.uint64(seed), np.uint64(number), index, use) == (bits + 0.5) / 2**53


def test_variates_drawn_together_are_those_drawn_one_by_one():
    together = uniforms(SEED, STREAMS[:1000], 3, 1)
    assert together.tolist() == [uniform(SEED, one, 3, 1) for one in STREAMS[:1000]]


def test_variates_stay_within_0_and_1_at_both_ends(monkeypatch):
    plain = getattr(draws._variate, "py_func", draws._variate)  # as written, where compiled
    for word, bound in ((0, 2.0**-54), (2**32 - 1, 1 - 2.0**-53)):
        monkeypatch.setattr(draws, "philox", lambda *_, word=word: (np.uint64(word),) * 4)
        assert plain(SEED, np.uint64(1), 0, 0) == bound
        assert 0 < bound < 1


@pytest.mark.parametrize("what", ["streams", "replications", "uses", "seeds"])
def test_variates_are_uniform_and_unlike_their_neighbours_along_each_part_of_the_address(what):
    number = stream("test")
    variates = {
        "streams": lambda k: uniform(SEED, STREAMS[k], 0, 0),
        "replications": lambda k: uniform(SEED, number, k, 0),
        "uses": lambda k: uniform(SEED, number, 0, k),
        "seeds": lambda k: uniform(np.uint64(k), number, 0, 0),
    }[what]
    drawn = np.array([variates(k) for k in range(N)])
    assert stats.kstest(drawn, "uniform").pvalue > LEVEL
    correlation = np.corrcoef(drawn[1:], drawn[:-1])[0, 1]
    assert abs(correlation) * math.sqrt(N) < stats.norm.isf(LEVEL / 2)


def pert(low, likely, high):
    mode = (likely - low) / (high - low)
    return stats.beta(1 + 4 * mode, 5 - 4 * mode, low, high - low)


def lognormal(mean, sd):
    variance = math.log(1 + (sd / mean) ** 2)
    return stats.lognorm(math.sqrt(variance), scale=mean * math.exp(-variance / 2))


LAWS = [
    (Uniform[float](distribution="uniform", low=3, high=8), stats.uniform(3, 5)),
    (Triangular[float](distribution="triangular", low=2, likely=3, high=9),
     stats.triang(1 / 7, 2, 7)),
    (Triangular[float](distribution="triangular", low=2, likely=2, high=9), stats.triang(0, 2, 7)),
    (Triangular[float](distribution="triangular", low=2, likely=9, high=9), stats.triang(1, 2, 7)),
    (Pert[float](low=21, likely=35, high=70), pert(21, 35, 70)),
    (Pert[float](low=0, likely=0, high=10), pert(0, 0, 10)),
    (Pert[float](low=0, likely=10, high=10), pert(0, 10, 10)),
    (Normal[float](distribution="normal", mean=10, sd=2), stats.truncnorm(-5, np.inf, 10, 2)),
    (Normal[float](distribution="normal", mean=1, sd=4), stats.truncnorm(-0.25, np.inf, 1, 4)),
    (Lognormal[float](distribution="lognormal", mean=30, sd=12), lognormal(30, 12)),
    (Exponential[float](distribution="exponential", mean=45), stats.expon(scale=45)),
]  # fmt: skip
NAMES = [f"{law.distribution}-{k}" for k, (law, _) in enumerate(LAWS)]


def row_and_tables(distribution, **how):
    book = TableBook()
    return distribution_row(distribution, book, **how), book.array()


@pytest.mark.parametrize(("distribution", "law"), LAWS, ids=NAMES)
def test_distribution_has_its_law(distribution, law):
    row, tables = row_and_tables(distribution)
    kinds = np.zeros(N, np.int64)
    drawn = sample(SEED, STREAMS, kinds, row[None, :], tables, 7, 2)
    assert stats.kstest(drawn, law.cdf).pvalue > LEVEL


@pytest.mark.parametrize(("distribution", "law"), LAWS, ids=NAMES)
def test_quantiles_are_those_of_scipy(distribution, law):
    """In probability: a tenth of a table cell for PERT, twelve digits for what has a formula."""
    row, tables = row_and_tables(distribution)
    chances = np.concatenate([np.geomspace(1e-12, 0.02, 500), np.linspace(0.001, 0.999, 5000)])
    found = np.array([quantile(row, chance, tables) for chance in chances])
    allowed = 0.1 / PERT_CELLS if distribution.distribution == "pert" else 1e-12
    assert np.abs(law.cdf(found) - chances).max() < allowed
    assert (np.diff(found[500:]) > 0).all()


@pytest.mark.parametrize(("distribution", "law"), LAWS, ids=NAMES)
def test_quantiles_are_finite_and_within_the_range_at_the_very_ends(distribution, law):
    row, tables = row_and_tables(distribution)
    low, high = (quantile(row, chance, tables) for chance in (2.0**-54, 1 - 2.0**-53))
    assert math.isfinite(low)
    assert math.isfinite(high)
    assert law.support()[0] - 1e-12 <= low < high <= law.support()[1] + 1e-12


def test_normal_quantile_is_that_of_scipy_to_fifteen_digits():
    chances = np.concatenate([np.geomspace(2.0**-54, 0.5, 3000), np.linspace(0.5, 1 - 1e-12, 3000)])
    found = np.array([normal_quantile(chance) for chance in chances])
    np.testing.assert_allclose(found, stats.norm.ppf(chances), rtol=2e-15, atol=1e-16)


def test_p10_p90_pert_has_these_percentiles_and_this_mode():
    given = Pert[float](low=20, likely=30, high=60, meaning="p10-p90")
    row, tables = row_and_tables(given)
    assert quantile(row, 0.1, tables) == pytest.approx(20, abs=0.01)
    assert quantile(row, 0.9, tables) == pytest.approx(60, abs=0.01)
    low, high = row[1], row[2]
    law = pert(low, 30, high)
    near = np.linspace(low, high, 20_001)
    assert near[law.pdf(near).argmax()] == pytest.approx(30, abs=0.01)


def test_normal_is_truncated_for_times_and_money_only():
    given = Normal[float](distribution="normal", mean=1, sd=4)
    row, tables = row_and_tables(given, positive=False)
    assert quantile(row, 0.1, tables) == pytest.approx(stats.norm(1, 4).ppf(0.1))
    row, tables = row_and_tables(given)
    assert quantile(row, 2.0**-54, tables) >= 0


def test_lognormal_has_the_mean_and_sd_written():
    row, tables = row_and_tables(Lognormal[float](distribution="lognormal", mean=80, sd=60))

    def moment(power):
        return integrate.quad(
            lambda z: quantile(row, stats.norm.cdf(z), tables) ** power * stats.norm.pdf(z), -8, 8
        )[0]

    assert moment(1) == pytest.approx(80, rel=1e-6)
    assert math.sqrt(moment(2) - moment(1) ** 2) == pytest.approx(60, rel=1e-4)


def test_discrete_values_come_with_their_chances():
    given = Discrete[float](distribution="discrete", values=[3, 1, 10], chances=[0.2, 0.5, 0.3])
    row, tables = row_and_tables(given)
    drawn = [quantile(row, chance, tables) for chance in uniforms(SEED, STREAMS, 0, 0)]
    values, counts = np.unique(drawn, return_counts=True)
    assert values.tolist() == [1, 3, 10]
    assert stats.chisquare(counts, np.array([0.5, 0.2, 0.3]) * N).pvalue > LEVEL
    assert [quantile(row, chance, tables) for chance in (0.1999, 0.2, 0.6999, 0.7)] == [3, 1, 1, 10]


def test_fixed_value_is_itself():
    row, tables = row_and_tables(12.5)
    assert {quantile(row, chance, tables) for chance in (2.0**-54, 0.3, 1 - 2.0**-53)} == {12.5}


RANGE = {"low": 20, "likely": 60, "high": 200}


@pytest.mark.parametrize("replication", range(5))
def test_adding_an_activity_or_a_city_moves_nobody_elses_numbers(replication):
    before = traced(full_of_chance(["barat", "timur"]), replication=replication)
    extra = {"sign": {"duration": RANGE, "success": 0.5}}
    after = traced(full_of_chance(["pusat", "barat", "timur"], extra), replication=replication)
    for name, attempts in before["activities"].items():
        assert after["activities"][name] == attempts
    for name in ("barat", "timur"):
        assert after["scores"].get(name) == before["scores"].get(name)
        assert after["money"][name] == before["money"][name]


def test_every_stream_of_a_plan_has_its_own_number():
    s = compile_plan(full_of_chance(["barat", "timur"]), 1).structure
    numbers = [
        number
        for name, array in s._asdict().items()
        if name.endswith("_stream")
        for number in array.ravel().tolist()
    ]
    assert len(numbers) > 30
    assert len(set(numbers)) == len(numbers)


def test_attempt_k_takes_the_kth_use_of_its_streams():
    plan = full_of_chance(["barat"])
    attempts = max(
        (traced(plan, replication=i)["activities"]["province/rule"] for i in range(20)), key=len
    )
    replication = next(
        i
        for i in range(20)
        if traced(plan, replication=i)["activities"]["province/rule"] == attempts
    )
    row, tables = row_and_tables(Pert[float](**RANGE))
    for use, (start, finish) in enumerate(attempts):
        chance = uniform(np.uint64(1), stream("province/rule/duration"), replication, use)
        assert finish - start == math.floor(quantile(row, chance, tables) + 0.5)
        accepted = uniform(np.uint64(1), stream("province/rule/acceptance"), replication, use)
        assert (accepted < 0.4) == (use == len(attempts) - 1)
    assert len(attempts) > 3


def test_discrete_laws_keep_their_values_in_one_book():
    book = TableBook()
    given = [
        Discrete[float](distribution="discrete", values=[3, 1, 10], chances=[0.2, 0.5, 0.3]),
        Discrete[float](distribution="discrete", values=[7, 8], chances=[0.75, 0.25]),
    ]
    first, second = [distribution_row(law, book) for law in given]
    tables = book.array()
    found = [quantile(first, chance, tables) for chance in (0.1999, 0.2, 0.6999, 0.7, 0.9999)]
    assert found == [3, 1, 1, 10, 10]
    assert [quantile(second, chance, tables) for chance in (0.0001, 0.7499, 0.75)] == [7, 7, 8]
