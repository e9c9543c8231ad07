"""Quantities as people write them: read as meant, or refused with both readings."""

import datetime as dt
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from kla_sim.scenario import quantities as q
from kla_sim.scenario.dates import MONTH_NAMES
from kla_sim.scenario.nodes import Place, Scalar


def read(quantity, text, *, is_plain=True):
    """Read a value as it stands in a file, plain or quoted."""
    value = Scalar(text, is_plain, Place("")).value()
    return TypeAdapter(quantity).validate_python(value)


def code_of(quantity, text, *, is_plain=True):
    with pytest.raises(ValidationError) as wrong:
        read(quantity, text, is_plain=is_plain)
    (error,) = wrong.value.errors()
    return error["type"], error.get("ctx", {})


@pytest.mark.parametrize(
    ("text", "rupiah"),
    [
        ("850 juta", 850_000_000),
        ("1,2 miliar", 1_200_000_000),
        ("1.2 miliar", 1_200_000_000),
        ("1.2 billion", 1_200_000_000),
        ("12 miliar", 12_000_000_000),
        ("2 triliun", 2_000_000_000_000),
        ("3 million", 3_000_000),
        ("5 thousand", 5_000),
        ("25 ribu", 25_000),
        ("Rp 2.500.000", 2_500_000),
        ("Rp2.500.000", 2_500_000),
        ("Rp. 2.500.000,00", 2_500_000),
        ("rp 850 juta", 850_000_000),
        ("Rp 2.500", 2_500),
        ("2.500.000", 2_500_000),
        ("2,500,000", 2_500_000),
        ("1.234.567,0", 1_234_567),
        ("2500000", 2_500_000),
        ("2500000.0", 2_500_000),
        ("0", 0),
        ("0.001 miliar", 1_000_000),
        ("1,2345 miliar", 1_234_500_000),
        ("900 triliun", 900_000_000_000_000),
    ],
)
def test_amounts(text, rupiah):
    assert read(q.Rupiah, text) == rupiah
    assert read(q.Rupiah, text, is_plain=False) == rupiah


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2.500", "ambiguous_number"),
        ("2,500", "ambiguous_number"),
        ("2.500 juta", "ambiguous_number"),
        ("1,250 miliar", "ambiguous_number"),
        ("2.5", "not_whole_rupiah"),
        ("1,23456789012 miliar", "not_whole_rupiah"),
        ("901 triliun", "amount_too_large"),
        ("-5 juta", "greater_than_equal"),
        ("lima juta", "not_an_amount"),
        ("5 hari", "not_an_amount"),
        ("5 juta rupiah", "not_an_amount"),
        ("1.2.3", "not_an_amount"),
        ("12.34.567", "not_an_amount"),
        ("true", "not_an_amount"),
        (".nan", "number_too_large"),
        (".inf", "number_too_large"),
        ("1e400", "number_too_large"),
        ("9" * 400, "number_too_large"),
    ],
)
def test_amounts_refused(text, code):
    assert code_of(q.Rupiah, text)[0] == code


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("3 minggu", 21),
        ("1 week", 7),
        ("2 months", 2 * 365.25 / 12),
        ("1 bulan", 365.25 / 12),
        ("1 tahun", 365.25),
        ("10 hari", 10),
        ("38.5 days", 38.5),
        ("1,5 minggu", 10.5),
        ("3 tahun 6 bulan", 3.5 * 365.25),
        ("1 week 3 days", 10),
        ("5", 5),
        ("12.5", 12.5),
        ("12.125", 12.125),
        ("0", 0),
    ],
)
def test_times(text, days):
    assert read(q.Days, text) == days


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("3 mnggu", "not_a_time"),
        ("3 juta", "not_a_time"),
        ("minggu", "not_a_time"),
        ("6 bulan 3 tahun", "not_a_time"),
        ("1 minggu 2 minggu", "not_a_time"),
        ("3 tahun -6 bulan", "not_a_time"),
        ("3 tahun 6", "not_a_time"),
        ("2.500 hari", "ambiguous_number"),
        ("-3 hari", "greater_than_equal"),
        ("1e9", "less_than_equal"),
        ("false", "not_a_time"),
        (".nan", "number_too_large"),
    ],
)
def test_times_refused(text, code):
    assert code_of(q.Days, text)[0] == code


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("35%", 0.35),
        ("12,5%", 0.125),
        ("12.5 %", 0.125),
        ("0.35", 0.35),
        ("0,35", 0.35),
        ("0.125", 0.125),
        ("1", 1.0),
        ("100%", 1.0),
        ("33,333%", 0.33333),
    ],
)
def test_shares(text, share):
    assert read(q.Share, text) == share


def test_a_ratio_takes_three_decimals_for_what_they_are():
    assert read(q.Ratio, "2.500") == 2.5
    assert read(q.Number, "2.500") == 2.5


@pytest.mark.parametrize("text", ["120%", "-1%", "1.01"])
def test_shares_outside_are_refused(text):
    assert code_of(q.Share, text)[0] in ("less_than_equal", "greater_than_equal")


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("33.33%", 3333),
        ("66,67%", 6667),
        ("0.3333", 3333),
        ("100%", 10_000),
        ("0", 0),
        ("1", 10_000),
    ],
)
def test_shares_of_money_are_whole_hundredths_of_a_percent(text, points):
    assert read(q.BasisPoints, text) == points


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("33,333%", "not_basis_points"),
        ("0.33333", "not_basis_points"),
        ("30", "share_outside"),
        ("-1%", "share_outside"),
        ("sepertiga", "not_a_share"),
        ("true", "not_a_share"),
    ],
)
def test_other_shares_of_money_are_refused(text, code):
    assert code_of(q.BasisPoints, text)[0] == code


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1 Februari", 201),
        ("1 February", 201),
        ("01 feb", 201),
        ("30 September", 930),
        ("31 Des", 1231),
        ("28 Februari", 228),
        ("17 agustus", 817),
    ],
)
def test_days_of_the_year(text, day):
    assert read(q.DayOfYear, text) == day


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("29 Februari", "leap_day"),
        ("30 Februari", "no_such_day"),
        ("31 April", "no_such_day"),
        ("0 Mei", "no_such_day"),
        ("13-14", "not_a_day"),
        ("1 Pebruari", "not_a_day"),
        ("201", "not_a_day"),
        ("Februari", "not_a_day"),
    ],
)
def test_days_refused(text, code):
    assert code_of(q.DayOfYear, text)[0] == code


@pytest.mark.parametrize("text", ["02-01", "2-1", "02/01", "02.01"])
def test_two_numbers_as_a_day_are_refused_with_both_readings(text):
    code, fields = code_of(q.DayOfYear, text)
    assert code == "ambiguous_day"
    assert {fields["one"], fields["other"]} == {(1, 2), (2, 1)}


@pytest.mark.parametrize("quantity", [q.Rupiah, q.Count, q.Points])
@pytest.mark.parametrize("is_plain", [True, False])
def test_a_point_and_three_digits_is_refused_with_both_readings(quantity, is_plain):
    code, fields = code_of(quantity, "2.500", is_plain=is_plain)
    assert code == "ambiguous_number"
    assert (fields["decimal"], fields["whole"]) == ("2.5", "2500")


def test_what_the_refusal_advises_is_read():
    _, fields = code_of(q.Points, "12.125")
    assert read(q.Points, fields["clear"]) == 12.125
    assert read(q.Points, fields["whole"]) == 12125


@pytest.mark.parametrize(
    ("text", "count"), [("3", 3), ("2.0", 2), ("1e3", 1000), ("2.430.000", 2_430_000), ("-1", None)]
)
def test_counts(text, count):
    if count is None:
        assert code_of(q.Count, text)[0] == "greater_than_equal"
    else:
        assert read(q.Count, text) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("2,2 juta", 2_200_000),
        ("2.2 million", 2_200_000),
        ("850 ribu", 850_000),
        ("1 miliar", 1_000_000_000),
        ("0,001 ribu", 1),
        ("3ribu", 3_000),
    ],
)
def test_counts_may_be_written_in_thousands_and_millions(text, count):
    assert read(q.Count, text) == count
    assert isinstance(read(q.Count, text, is_plain=False), int)


@pytest.mark.parametrize("text", ["2.5", "true", "tiga", "null", ".nan", "2,2000001 juta", "1,5"])
def test_counts_refused(text):
    assert code_of(q.Count, text)[0] == "not_a_count"


@pytest.mark.parametrize(
    ("text", "clear"),
    [
        ("2 orang", "2"),
        ("Rp 3", "3"),
        ("35%", "35"),
        ("2.2 million people", "2.2 million"),
        ("Rp 2,2 juta", "2,2 juta"),
        ("2.200.000 jiwa", "2.200.000"),
    ],
)
def test_more_than_a_count_is_refused_with_the_count_that_is_read(text, clear):
    assert code_of(q.Count, text) == ("more_than_count", {"clear": clear})
    assert read(q.Count, clear) > 0


@pytest.mark.parametrize(
    "text",
    [
        "15 Juni 2024",
        "15 Jun 2024",
        "June 15, 2024",
        "june 15 2024",
        "15 June 2024",
        "15 Jun. 2024",
    ],
)
def test_dates_may_name_their_month(text):
    assert read(q.Date, text) == dt.date(2024, 6, 15)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("31 Juni 2024", "no_such_date"),
        ("15 Juno 2024", "not_a_date"),
        ("15 Juni", "not_a_date"),
        ("15 Juni 24", "not_a_date"),
        ("1 Januari 1800", "year_of_date"),
        ("32/13/2024", "not_a_date"),
        ("5-6-24", "not_a_date"),
    ],
)
def test_words_that_are_no_date_are_refused(text, code):
    assert code_of(q.Date, text)[0] == code


def test_day_and_month_in_digits_are_refused_with_every_reading():
    code, fields = code_of(q.Date, "05/06/2024")
    assert code == "ambiguous_date"
    assert (fields["one"], fields["other"]) == (dt.date(2024, 5, 6), dt.date(2024, 6, 5))
    assert read(q.Date, fields["clear"]) == fields["one"]
    assert read(q.Date, fields["other_clear"]) == fields["other"]


@pytest.mark.parametrize(
    "text", ["15/06/2024", "06-15-2024", "15.6.2024", "2024/06/15", "2024-6-15"]
)
def test_other_digits_of_a_date_are_refused_with_what_to_write(text):
    code, fields = code_of(q.Date, text)
    assert (code, fields["meant"]) == ("date_in_digits", dt.date(2024, 6, 15))
    assert read(q.Date, fields["clear"]) == dt.date(2024, 6, 15)


def test_dates_are_real_dates():
    assert read(q.Date, "2024-02-29") == dt.date(2024, 2, 29)
    assert code_of(q.Date, "2023-02-29")[0] == "no_such_date"
    assert code_of(q.Date, "20230101")[0] == "not_a_date"
    assert code_of(q.Date, "2023-01-01T00:00:00")[0] == "not_a_date"
    assert code_of(q.Date, "0001-01-01")[0] == "year_of_date"


@pytest.mark.parametrize(
    ("text", "value"),
    [("50 juta", 5e7), ("3 minggu", 21), ("35%", 0.35), ("Rp 2.500", 2500), ("0.8", 0.8), ("7", 7)],
)
def test_a_quantity_of_any_unit_goes_by_its_own(text, value):
    assert read(q.AnyQuantity, text) == value


@given(st.integers(0, q.MOST_RUPIAH))
def test_amounts_in_grouped_thousands_round_trip(rupiah):
    grouped = f"{rupiah:,}"
    assert read(q.Rupiah, f"Rp {grouped.replace(',', '.')}") == rupiah
    if rupiah >= 1_000_000:
        assert read(q.Rupiah, grouped) == rupiah


@given(st.integers(0, 10**9), st.sampled_from(["juta", "miliar"]), st.sampled_from(",."))
def test_amounts_with_a_unit_round_trip(thousandths, unit, sign):
    """Four decimals: never the three that could group thousands."""
    scale = {"juta": 10**6, "miliar": 10**9}[unit]
    whole, rest = divmod(thousandths, 10**4)
    assert read(q.Rupiah, f"{whole}{sign}{rest:04d} {unit}") == thousandths * scale // 10**4


@given(st.integers(0, 10_000))
def test_shares_of_money_round_trip(points):
    whole, rest = divmod(points, 100)
    assert read(q.BasisPoints, f"{whole},{rest:02d}%") == points
    assert read(q.BasisPoints, repr(points / 10_000)) == points


@given(st.dates(dt.date(2023, 1, 1), dt.date(2023, 12, 31)), st.integers(0, 1))
def test_days_round_trip(day, which):
    month = (MONTH_NAMES[day.month - 1], f"{day:%B}")[which]
    assert read(q.DayOfYear, f"{day.day} {month}") == day.month * 100 + day.day


@given(st.text(max_size=30))
def test_no_text_makes_a_reader_break(text):
    for quantity in (
        q.Rupiah, q.Days, q.Ratio, q.BasisPoints, q.DayOfYear, q.Count, q.Points, q.Number, q.Date,
        q.Year, q.AnyQuantity, q.Identifier, q.Flag,
    ):  # fmt: skip
        for is_plain in (True, False):
            with suppress(ValidationError):
                read(quantity, text, is_plain=is_plain)
