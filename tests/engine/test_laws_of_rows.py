"""Rows of a posterior: the law of each kind of place, their medians, and posteriors by name."""

import math

import pytest
from laws import row, write_posterior

from kla_sim.engine import posterior
from kla_sim.engine.background import Law
from kla_sim.engine.posterior import law_of, load_posterior, median_row
from kla_sim.errors import UsageError
from kla_sim.scenario.posteriors import shipped_posteriors

ROW = row(kota_first=60.0, java_first=50.0, kota_rate=0.1, java_rate=0.2)


@pytest.mark.parametrize(
    ("kind", "shift", "first"), [(0, 0.0, 480.0), (1, 0.1, 540.0), (2, 0.2, 530.0), (3, 0.3, 590.0)]
)
def test_the_law_of_a_kind_is_that_of_the_row_moved(kind, shift, first):
    assert law_of(ROW, kind) == Law(
        rate_median=0.06 * math.exp(shift),
        rate_spread=0.6,
        volatility=34.0,
        noise=12.0,
        tail_share=0.06,
        tail_factor=4.0,
        one_step_up=0.97,
        confirmation=0.05,
        kla_reach=0.4,
        first_mean=first,
        first_sd=110.0,
    )


def test_the_median_row_has_the_median_of_every_number():
    rows = tuple(
        row(noise=noise, kota_rate=rate, strictness={2021: jury, 2022: -jury})
        for noise, rate, jury in [(1.0, 0.3, 5.0), (8.0, 0.1, 9.0), (3.0, 0.2, 1.0)]
    )
    found = median_row(rows)
    assert (found.noise, found.kota_rate, found.volatility) == (3.0, 0.2, 34.0)
    assert found.strictness == {2021: 5.0, 2022: -5.0}


def test_a_posterior_has_the_name_of_its_table_and_knows_what_it_was_fitted_to(tmp_path):
    assert set(posterior.__all__) <= set(vars(posterior))
    found = load_posterior(str(write_posterior(tmp_path, n_rows=4)))
    assert (found.name, found.fitted_until, found.left_out) == ("kecil", 2022, ("DKI Jakarta",))
    assert [one.volatility for one in found.rows] == [28.0, 28.5, 29.0, 29.5]


def test_a_posterior_that_is_not_there_or_without_notes_is_refused_by_name(tmp_path):
    with pytest.raises(UsageError) as refused:
        load_posterior("x" * 99)
    names = ", ".join(shipped_posteriors())
    assert refused.value.code == "posterior_unknown"
    assert refused.value.fields == {"value": "x" * 60, "known": names}
    table = write_posterior(tmp_path)
    table.with_suffix(".json").unlink()
    with pytest.raises(UsageError) as bare:
        load_posterior(str(table))
    assert bare.value.code == "posterior_without_notes"
    assert bare.value.fields == {"value": str(table)}
