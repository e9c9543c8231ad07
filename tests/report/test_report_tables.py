"""The tables of a run as data: every number where it belongs, in both languages."""

import datetime as dt
import math

import invented
import numpy as np
import pytest
import told_run

from kla_sim import language
from kla_sim.report.plan_tables import all_tables
from kla_sim.report.tables import Table, columns, new_table
from kla_sim.scenario.origin import file_named


def tables(summary=None, **changes):
    made = all_tables(
        told_run.loaded(), summary or told_run.summary(), told_run.manifest(**changes)
    )
    return {table.name: table for table in made}


def row_of(table, key, column=0):
    (found,) = [row for row in table.rows if row[column] == key]
    return dict(zip([one.name for one in table.columns], found, strict=True))


def test_every_row_has_a_cell_for_every_column():
    for table in tables().values():
        assert table.rows, table.name
        assert {len(row) for row in table.rows} == {len(table.columns)}
        assert len({column.name for column in table.columns}) == len(table.columns)


def test_the_answer_comes_first_and_what_the_run_is_comes_last():
    names = list(tables())
    assert (names[0], names[-1]) == ("answer", "about")
    assert tables()["answer"].rows[0] == (
        "Peluang semua 6 wilayah berpredikat Utama atau lebih pada 31 Desember 2026: 30 %, "
        "sekitar 3 dari 10 (27-33 %), 1.000 simulasi.",
    )


def test_regions_stand_with_key_name_and_numbers():
    found = row_of(tables()["regions"], "jakarta_utara")
    waits = told_run.summary().wait_days
    assert found["city_name"] == "Jakarta Utara"
    assert found["odds"] == 0.7
    assert (found["planned"], found["launched"]) == (6, 5.0)  # one a year in five years
    assert found["waiting"] == waits[2].sum()


def test_odds_are_told_on_the_days_of_awards_and_the_day_before_so_that_lines_are_steps():
    told = [(row[0], row[1], row[2]) for row in tables()["odds"].rows]
    assert told[:4] == [
        (dt.date(2022, 11, 14), "awal", 0.0),
        (dt.date(2023, 7, 22), "sehari sebelum penghargaan", 0.0),
        (dt.date(2023, 7, 23), "hari penghargaan", 0.0),
        (dt.date(2024, 7, 22), "sehari sebelum penghargaan", 0.0),
    ]
    assert told[-2:] == [
        (dt.date(2026, 7, 23), "hari penghargaan", pytest.approx(0.3)),
        (dt.date(2026, 12, 31), "batas waktu", pytest.approx(0.3)),
    ]
    assert [row[0] for row in told] == sorted({row[0] for row in told})


def test_a_deadline_before_the_horizon_has_a_row_of_its_own():
    base = invented.summary(last_year=2028, deadline_day=invented.HORIZON_DAY)
    keys = list(told_run.loaded().scenario.cities)[:3]
    labels = base.labels._replace(cities=keys, accounts=["province", *keys])
    table = tables(base._replace(labels=labels))["odds"]
    days = {row[1]: row[0] for row in table.rows}
    assert days["batas waktu"] == dt.date(2026, 12, 31)
    assert days["akhir simulasi"] == dt.date(2028, 12, 31)


def test_money_adds_up_to_the_rupiah():
    rows = tables()["money"].rows
    whole = [row for row in rows if row[0] == "all"]
    parts = [row for row in rows if row[0] != "all"]
    assert [row[:4] for row in whole[:1]] == [("all", "Semua anggaran", 2022, 7 * 2.0e9)]
    for place in range(3, 8):
        assert sum(row[place] for row in parts) == sum(row[place] for row in whole)
    assert {row[8] for row in rows} == {0.75}
    assert len(parts) == 7 * 5


def test_a_year_without_money_has_no_share_spent():
    summary = told_run.summary()
    none = {name: 0 * amounts for name, amounts in summary.money._asdict().items()}
    table = tables(invented.with_means(summary, **none))["money"]
    assert {row[-1] for row in table.rows} == {None}


def test_what_is_not_known_is_nothing_and_not_a_word():
    summary = told_run.summary()
    verified = summary.verified.copy()
    verified[0, 0] = math.nan
    found = tables(summary._replace(verified=verified))["scores"].rows[0]
    assert found[:3] == (2023, "jakarta_pusat", "Jakarta Pusat")
    assert found[6:] == (None, None, None)


def test_shares_of_categories_add_up_to_one():
    table = tables()["categories"]
    sums = [sum(row[3:]) for row in table.rows]
    assert np.allclose(sums, 1.0)
    assert [column.heading for column in table.columns[3:]] == [
        "tanpa predikat", "Pratama", "Madya", "Nindya", "Utama", "KLA",
        "tidak ada penghargaan tahun itu",
    ]  # fmt: skip


def test_waiting_adds_up_over_its_causes():
    table = tables()["waiting"]
    assert [column.heading for column in table.columns[2:5]] == [
        "di luar masa pelaksanaan", "batas kawasan yang dikerjakan serentak",
        "Fasilitator Kaltara (Sudin PPAPP)",
    ]  # fmt: skip
    assert all(row[-1] == sum(row[2:-1]) for row in table.rows)


def test_every_assumption_stands_with_its_range_its_value_and_its_reason():
    scenario, table = told_run.loaded().scenario, tables()["assumptions"]
    assumed = [row for row in table.rows if row[4] == "asumsi"]
    assert [row[0] for row in assumed] == list(scenario.assumptions)
    found = row_of(table, "policy.wip_limit")
    assert (found["as_written"], found["from"], found["to"]) == ("3", "2", "6")
    found = row_of(table, "effects.integration")  # its range stands under `uncertain`
    assert (found["as_written"], found["from"], found["to"]) == ("0.07", "0.0", "0.20")
    sourced = [row for row in table.rows if row[4] == "bersumber"]
    assert [row[0] for row in sourced] == list(scenario.sources)
    assert isinstance(sourced[0][-1], dt.date)


def test_every_value_of_the_plan_stands_with_its_file_and_line():
    table = tables()["values"]
    found = row_of(table, "policy.wip_limit")
    lines = file_named(found["file"]).read_text(encoding="utf-8").splitlines()
    assert found["file"] == "shipped:base"
    assert "wip_limit: 3" in lines[found["line"] - 1]


def test_the_run_is_named_with_the_command_that_repeats_it():
    told = {row[0]: row[2] for row in tables()["about"].rows}
    assert told["repeat"] == (
        "python -m kla_sim run scenario.yaml -n 1000 --seed 7 --engine compiled"
    )
    assert told["typed"] == "kla_sim run 'my plan.yaml' -n 1000"
    assert told["target"] == "semua wilayah berpredikat Utama atau lebih pada 31 Desember 2026"
    assert "shard" not in told


def test_the_command_that_repeats_a_run_keeps_activities_and_label_where_the_run_did():
    told = {row[0]: row[2] for row in tables(keep="activities", label="usulan")["about"].rows}
    assert told["repeat"] == (
        "python -m kla_sim run scenario.yaml -n 1000 --seed 7 --engine compiled "
        "--keep activities --label usulan"
    )


@pytest.mark.parametrize(
    ("done", "told"), [(5_000, "1.000"), (1_000, "1.000 dari 5.000 simulasi, belum selesai")]
)
def test_of_a_run_that_was_stopped_it_is_said_how_much_there_is(done, told):
    manifest = told_run.manifest(replications_asked=5_000)
    changes = {"replications_done": done, "end": manifest.start if done == 5_000 else None}
    *_, about = all_tables(
        told_run.loaded(), told_run.summary(), manifest.model_copy(update=changes)
    )
    assert row_of(about, "n")["fact_value"] == told


def test_a_shard_is_not_repeated_as_a_whole_run():
    told = {row[0]: row[2] for row in tables(shard="2/3")["about"].rows}
    assert told["shard"] == "2/3"
    assert "repeat" not in told


def test_both_languages_hold_the_same_numbers_under_other_headings():
    indonesian = tables()
    language.use("en")
    english = tables()
    for name, table in indonesian.items():
        other = english[name]
        kinds = [(column.name, column.kind) for column in table.columns]
        assert kinds == [(column.name, column.kind) for column in other.columns]
        assert table.title != other.title
        if name == "answer":
            continue
        for row, other_row in zip(table.rows, other.rows, strict=True):
            for cell, other_cell in zip(row, other_row, strict=True):
                assert isinstance(cell, str) or cell == other_cell


def test_keys_are_for_other_programs_only():
    table = tables()["money"]
    shown = table.without_keys()
    assert [column.name for column in shown.columns[:2]] == ["account_name", "year"]
    assert shown.rows[0][:2] == ("Semua anggaran", 2022)
    assert shown.place("spent") == table.place("spent") - 1


def test_no_name_of_a_sheet_is_longer_than_excel_takes():
    sheets = [table.sheet for table in tables().values()]
    language.use("en")
    sheets += [table.sheet for table in tables().values()]
    assert max(map(len, sheets)) <= 31
    assert not set("[]:*?/\\") & set("".join(sheets))


def test_a_table_may_be_empty():
    table = new_table("uncertain", columns("text", "path"), [])
    assert isinstance(table, Table)
    assert table.rows == ()


def test_what_was_tried_stands_with_its_gain_and_its_price():
    made = all_tables(told_run.loaded(), told_run.summary(), told_run.manifest(), told_run.tried())
    (table,) = [table for table in made if table.name == "remedies"]
    money, calendar = (
        dict(zip([one.name for one in table.columns], row, strict=True)) for row in table.rows
    )
    assert money["relief_name"] == "Anggaran 25 % lebih banyak: Jakarta Pusat"
    assert (money["odds"], money["gain"]) == (0.35, 0.05)
    assert (money["gain_low"], money["gain_high"]) == (pytest.approx(0.04), pytest.approx(0.06))
    assert (money["rescued"], money["harmed"]) == (70, 20)
    assert (money["regions"], money["regions_low"]) == (pytest.approx(0.15), pytest.approx(0.14))
    assert [row[0] for row in table.rows] == ["account accounts.cities.jakarta_pusat", "calendar"]
    assert table.note.startswith("Pada 1.000 simulasi yang sama")
    assert money["price_of_a_point"] == pytest.approx(340_000_000)
    assert (calendar["price"], calendar["price_of_a_point"]) == (None, None)


def test_a_plan_without_awards_zones_and_staff_has_empty_tables():
    found = tables(told_run.without_awards())
    assert [name for name, table in found.items() if not table.rows] == [
        "categories", "posts", "scores",
    ]  # fmt: skip
    assert [row[1] for row in found["odds"].rows] == ["awal", "batas waktu"]
