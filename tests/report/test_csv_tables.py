"""CSV for a spreadsheet: what is read back with the same signs is what was written."""

import csv
import datetime as dt
import io
import re

import pandas as pd
import pytest
import told_run

from kla_sim.report.csv_tables import csv_of
from kla_sim.report.plan_tables import all_tables
from kla_sim.report.tables import Column, Table

SIGNS = [(";", ","), (",", "."), ("\t", ","), (";", ".")]
KINDS = ("key", "text", "whole", "number", "share", "rupiah", "year", "date")


def one_row(*cells):
    heads = tuple(Column(kind, kind.title(), kind) for kind in KINDS)
    return Table("x", "X", heads, (cells,))


def test_a_line_is_written_as_an_indonesian_spreadsheet_reads_it():
    row = one_row(
        "jp", "Jakarta Pusat", 8, 1234.5, 0.15281, 2_404_122_663.4, 2026, dt.date(2026, 7, 23)
    )
    assert csv_of(row, ";", ",") == (
        "\ufeff"
        '"Key";"Text";"Whole";"Number";"Share (%)";"Rupiah (Rp)";"Year";"Date"\r\n'
        '"jp";"Jakarta Pusat";8;1234,5;15,281;2404122663;2026;2026-07-23\r\n'
    )


def test_what_is_not_known_is_an_empty_cell():
    row = one_row("jp", "x", None, None, None, None, 2026, None)
    assert csv_of(row, ",", ".").splitlines()[1] == '"jp","x",,,,,2026,'


@pytest.mark.parametrize(
    ("value", "told"), [(-0.00001, "0"), (-3.25, "-3,25"), (1e12, "1000000000000"), (0.5, "0,5")]
)
def test_numbers_carry_no_groups_and_no_zero_has_a_sign(value, told):
    assert csv_of(one_row("", "", 1, value, 0, 0, 1, None), ";", ",").split(";")[-5] == told


@pytest.mark.parametrize(("separator", "decimal"), SIGNS)
def test_pandas_reads_back_equal_numbers(separator, decimal):
    for table in all_tables(told_run.loaded(), told_run.summary(), told_run.manifest()):
        content = csv_of(table, separator, decimal).encode()
        read = pd.read_csv(
            io.BytesIO(content), sep=separator, decimal=decimal, encoding="utf-8-sig",
            keep_default_na=False, na_values={"": ""},
        )  # fmt: skip
        assert len(read) == len(table.rows), table.name
        for place, column in enumerate(table.columns):
            cells = [row[place] for row in table.rows]
            scale = 100 if column.kind == "share" else 1
            if column.kind in {"whole", "number", "share", "rupiah", "year"}:
                wanted = [None if cell is None else scale * cell for cell in cells]
                precise = 0.5 if column.kind == "rupiah" else 5.1e-5
                for got, want in zip(read.iloc[:, place], wanted, strict=True):
                    assert (want is None and pd.isna(got)) or abs(got - want) <= precise


PAYLOADS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "＝1", 'x";"=1+1', "x,=1+1",
    "a\r\n=1+1", "a;-1+cmd|'x'!A0", "b,\"@SUM(1)",
    "<script>alert(1)</script>", "\u202e=1", "Q" * 5000, "a;b", "\x07bel", "' OR 1",
]  # fmt: skip


@pytest.mark.parametrize("name", PAYLOADS, ids=range(len(PAYLOADS)))
@pytest.mark.parametrize("opened_with", [";", ",", "\t"])
def test_no_cell_of_any_name_begins_a_formula_whatever_it_is_opened_with(name, opened_with):
    loaded, summary = told_run.named(name)
    manifest = told_run.manifest(scenario=name[:100], overrides=[name[:100]])
    for table in all_tables(loaded, summary, manifest):
        content = csv_of(table, ";", ",").removeprefix("\ufeff")
        for row in csv.reader(io.StringIO(content), delimiter=opened_with):
            for cell in row:
                text = cell.lstrip('" ')
                is_number = re.fullmatch(r"-?[\d.,]+%?[\])]?(?:\s*[;\"].*)?", text)
                assert is_number or not text.startswith(("=", "+", "-", "@", "＝")), cell
        assert not any(sign in content for sign in "\x07\u202e")
        assert content.count("\r\n") == content.count("\n") == len(table.rows) + 1
