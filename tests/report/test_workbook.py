"""The workbook as other programs read it: numbers, no formula, charts that say what they show."""

import datetime as dt
import io
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import invented
import numpy as np
import openpyxl
import pytest
import told_run

from kla_sim import language
from kla_sim.report.plan_tables import all_tables
from kla_sim.report.workbook import HEAD_ROW, workbook

SHEETS = [
    "Jawaban", "Grafik", "Peluang pokok", "Wilayah", "Peluang menurut waktu", "Kategori",
    "Anggaran", "Menunggu", "Pegawai", "Nilai", "Capaian provinsi", "Asumsi dan sumber",
    "Belum pasti", "Nilai skenario", "Tentang hasil ini",
]  # fmt: skip


def made(loaded=None, summary=None, **changes):
    return workbook(
        loaded or told_run.loaded(), summary or told_run.summary(), told_run.manifest(**changes)
    )


def opened(content):
    return openpyxl.load_workbook(io.BytesIO(content))


@pytest.fixture(scope="module")
def content():
    language.use("id")
    return made()


def alt_texts(content):
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        names = [name for name in file.namelist() if name.startswith("xl/drawings/drawing")]
        roots = [ET.fromstring(file.read(name)) for name in names]
    return [one.get("descr") for root in roots for one in root.iter() if one.tag.endswith("cNvPr")]


def chart_titles(content):
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        names = sorted(name for name in file.namelist() if name.startswith("xl/charts/chart"))
        roots = [ET.fromstring(file.read(name)) for name in names]
    return [
        "".join(
            one.text or "" for one in next(root.iter(f"{{{CHART}}}title")).iter(f"{{{DRAWN}}}t")
        )
        for root in roots
    ]


CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
DRAWN = "http://schemas.openxmlformats.org/drawingml/2006/main"


def test_every_table_has_a_sheet_of_its_own(content):
    assert opened(content).sheetnames == SHEETS


def test_numbers_are_numbers_and_dates_are_dates_equal_to_the_tables(content):
    book = opened(content)
    for table in all_tables(told_run.loaded(), told_run.summary(), told_run.manifest()):
        sheet, shown = book[table.sheet], table.without_keys()
        for turn, row in enumerate(shown.rows, start=HEAD_ROW + 2):
            for place, cell in enumerate(row, start=1):
                found = sheet.cell(turn, place).value
                if isinstance(cell, dt.date):
                    found = found.date()
                wanted = pytest.approx(cell, rel=1e-15) if isinstance(cell, float) else cell
                assert found == (cell or None if isinstance(cell, str) else wanted)


def test_rupiah_shares_and_years_are_shown_as_such(content):
    book = opened(content)
    money = book["Anggaran"]
    assert money["C4"].value == 14_000_000_000
    assert (money["C4"].number_format, money["H4"].number_format) == ('"Rp" #,##0', "0.0%")
    assert (money["B4"].value, money["B4"].number_format) == (2022, "0")
    assert book["Capaian provinsi"]["A4"].number_format == "[$-421]d mmm yyyy"


def test_headings_stay_in_sight_on_screen_and_on_paper(content):
    for sheet in opened(content).worksheets:
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToHeight == 0
        if sheet.title != "Grafik":
            assert sheet.freeze_panes.endswith("4")
            assert sheet.print_title_rows == "$3:$3"
            assert sheet.auto_filter.ref.startswith("A3:")


def test_charts_state_what_they_show_and_have_a_text_instead(content):
    # of the 2026 cycle the region with the fewest at utama or KLA, reckoned here
    shares = told_run.summary().category_shares[:, -1]
    fewest = min(range(6), key=lambda place: shares[place, 4] + shares[place, 5])
    name = told_run.summary().labels.city_names[fewest]
    titles = chart_titles(content)
    assert titles[0] == "Peluang semua wilayah pada 31 Desember 2026: 30 %"
    assert titles[1].startswith(f"Siklus 2026: {name} paling jarang meraih Utama atau lebih, ")
    assert (
        titles[2]
        == "Dari pagu Rp 70,0 miliar, Rp 52,5 miliar terserap dan Rp 14,0 miliar tidak terserap"
    )
    assert titles[3].startswith("Sebab menunggu terbesar: ")
    alts = alt_texts(content)
    assert len(alts) == 4
    assert alts[0] == (
        "Garis peluang dari 14 November 2022 sampai 31 Desember 2026: semua wilayah bersama, dan 6 "
        "wilayah masing-masing. Pada batas waktu bersama 30 %; terendah Jakarta Pusat, 40 %."
    )
    assert all(len(alt) > 60 for alt in alts)


def test_charts_read_the_cells_that_they_name(content):
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        chart = ET.fromstring(file.read("xl/charts/chart3.xml"))
    ranges = [one.text for one in chart.iter(f"{{{CHART}}}f")]
    assert ranges == [
        "Anggaran!$C$3", "Anggaran!$B$4:$B$8", "Anggaran!$C$4:$C$8",
        "Anggaran!$E$3", "Anggaran!$B$4:$B$8", "Anggaran!$E$4:$E$8",
        "Anggaran!$F$3", "Anggaran!$B$4:$B$8", "Anggaran!$F$4:$F$8",
    ]  # fmt: skip
    sheet = opened(content)["Anggaran"]
    assert [sheet[cell].value for cell in ("C3", "E3", "F3")] == [
        "Pagu",
        "Terserap",
        "Tidak terserap",
    ]
    assert {sheet.cell(row, 1).value for row in range(4, 9)} == {"Semua anggaran"}


def test_the_same_run_gives_the_same_bytes_at_another_time(content, monkeypatch):
    later = time.localtime(time.time() + 400 * 86_400)
    monkeypatch.setattr(time, "localtime", lambda *_: later)
    assert made() == content


@pytest.mark.parametrize("seed", ["0", "1"])
def test_the_same_run_gives_the_same_bytes_in_another_process(content, seed):
    words = "\n".join(
        [
            "import sys, told_run",
            "from kla_sim import language",
            "from kla_sim.report.workbook import workbook",
            "language.use('id')",
            "told = told_run.loaded(), told_run.summary(), told_run.manifest()",
            "sys.stdout.buffer.write(workbook(*told))",
        ]
    )
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": paths, "TZ": "Asia/Jakarta"}
    done = subprocess.run(
        [sys.executable, "-c", words], capture_output=True, env=environment, check=True
    )
    assert done.stderr == b""
    assert done.stdout == content


PAYLOADS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "http://example.org/x",
    "a\r\nb", "<script>alert(1)</script>", "&L&\"x\"&R&G", "\u202e=1", "Q" * 5000, "\x07bel",
    "[x]:*?/\\'", "\ud800", "internal:A1", "Sheet1!A1", "=Wilayah!$A$1",
]  # fmt: skip


@pytest.mark.parametrize("name", PAYLOADS, ids=range(len(PAYLOADS)))
def test_nothing_is_executed_whatever_anything_is_called(name):
    loaded, summary = told_run.named(name)
    content = made(loaded, summary, overrides=[name.encode("utf-8", "replace").decode()[:90]])
    book = opened(content)
    assert book.sheetnames == SHEETS
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in {"s", "n", "d"}
                assert cell.hyperlink is None
    shown = book["Wilayah"]["A4"].value
    assert "\x07" not in shown
    assert "\u202e" not in shown
    assert "\n" not in shown
    assert len(alt_texts(content)) == 4
    assert not [one for one in zipfile.ZipFile(io.BytesIO(content)).namelist() if "external" in one]


@pytest.mark.parametrize("n_cities", [1, 2, 40])
def test_few_and_many_regions_have_their_charts(n_cities):
    base = invented.summary(city_hits=tuple(np.linspace(100, 900, n_cities).astype(int)))
    loaded = told_run.loaded()
    one = next(iter(loaded.scenario.cities.values()))
    cities = {f"city_{place}": one for place in range(n_cities)}
    scenario = loaded.scenario.model_copy(update={"cities": cities})
    content = made(loaded._replace(scenario=scenario), base)
    assert len(opened(content)["Wilayah"]["A"]) == HEAD_ROW + 1 + n_cities
    assert len(alt_texts(content)) == 4
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        chart = ET.fromstring(file.read("xl/charts/chart1.xml"))
    assert len(list(chart.iter(f"{{{CHART}}}ser"))) == {1: 1, 2: 3, 40: 8}[n_cities]
    if n_cities == 40:
        assert chart_titles(content)[0].endswith("(digambar: 7 wilayah yang peluangnya terendah)")


def test_without_money_and_waiting_there_is_no_chart_of_them():
    summary = told_run.summary()
    none = {name: 0 * amounts for name, amounts in summary.money._asdict().items()}
    content = made(summary=invented.with_means(summary, **none, wait_days=0 * summary.wait_days))
    assert len(chart_titles(content)) == 2


def test_a_plan_without_awards_zones_and_staff_still_opens():
    content = made(summary=told_run.without_awards())
    assert opened(content).sheetnames == SHEETS
    assert [title.split(" ")[0] for title in chart_titles(content)] == ["Peluang", "Dari", "Sebab"]


def test_what_was_tried_has_a_sheet():
    content = workbook(told_run.loaded(), told_run.summary(), told_run.manifest(), told_run.tried())
    sheet = opened(content)["Yang membantu"]
    assert sheet["A4"].value == "Anggaran 25 % lebih banyak: Jakarta Pusat"
    assert (sheet["C4"].value, sheet["C4"].number_format) == (0.05, "0.0%")
    assert (sheet["H4"].value, sheet["H4"].number_format) == (pytest.approx(0.15), "#,##0.000")
    assert sheet["K5"].value is None


def test_english_has_english_sheets_and_the_same_numbers(content):
    language.use("en")
    book, other = opened(made()), opened(content)
    assert book.sheetnames[:3] == ["Answer", "Charts", "Main odds"]
    assert book["Money"]["C4"].value == other["Anggaran"]["C4"].value
    assert book["Attainment"]["A4"].number_format == "[$-409]d mmm yyyy"
