"""Tables by others: every spelling of one table reads as the same, every fault has its place."""

import csv
import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla_sim import language
from kla_sim.domain.awards import read_awards
from kla_sim.domain.places import (
    PROVINCES,
    bare_place,
    fold_place,
    has_kind,
    is_kota,
    known_province,
)
from kla_sim.domain.posterior_table import PLAIN_PARAMETERS, rows_from_csv, rows_to_csv
from kla_sim.domain.record import evaluation_years, kind_of_place, read_panel, shipped_file
from kla_sim.domain.tables import (
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_FAULTS,
    MOST_LINES,
    MOST_SIGNS,
    clean,
    decimal_number,
    fold,
    parse_table,
    read_bytes,
    whole_number,
)
from kla_sim.errors import ScenarioError

WANTED = ("region", "evaluation_year", "category")
AWARDS = [
    ("Kota Adm. Jakarta Timur", "2023", "utama"),
    ("Kota Adm. Jakarta Barat", "2023", "nindya"),
    ("Kab. Adm. Kepulauan Seribu", "2025", "none"),
]


def faults_of(read, *given):
    with pytest.raises(ScenarioError) as refused:
        read(*given)
    return [(fault.code, fault.line, fault.column) for fault in refused.value.faults]


def awards_file(folder, content, encoding="utf-8"):
    path = folder / "awards.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def written(rows, separator=",", newline="\n"):
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=newline).writerows(rows)
    return out.getvalue()


@given(
    separator=st.sampled_from([",", ";", "\t"]),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    order=st.permutations(range(4)),
    says_separator=st.booleans(),
    blank=st.sampled_from([[], [""], ["", "", "", ""], [" ", "\N{NO-BREAK SPACE}"]]),
    change=st.sampled_from(
        [str, str.upper, str.lower, "  {}  ".format, "\N{ZERO WIDTH SPACE}{}".format]
    ),
    has_empty_columns=st.booleans(),
)
def test_every_spelling_of_a_table_reads_as_the_same(
    tmp_path_factory,
    separator,
    newline,
    encoding,
    order,
    says_separator,
    blank,
    change,
    has_empty_columns,
):
    rows = [(*WANTED, "notes"), *((*row, "x") for row in AWARDS)]
    shuffled = [[change(row[at]) for at in order] for row in rows]
    if has_empty_columns:
        shuffled = [[*row, "", ""] for row in shuffled]
    text = written([blank, shuffled[0], blank, *shuffled[1:], blank], separator, newline)
    text = f"sep={separator}{newline}{text}" if says_separator else text
    path = tmp_path_factory.mktemp("tables") / "awards.csv"
    path.write_bytes(text.encode(encoding))
    found = read_awards(path).awards
    first = 4 if says_separator else 3
    assert [(fold(one.region), one.year, one.category) for one in found] == [
        (region.casefold(), int(year), category) for region, year, category in AWARDS
    ]
    assert [one.line for one in found] == [first + 1, first + 2, first + 3]


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_a_table_or_refused(content):
    for begin in (b"", b"region,evaluation_year,category\n", b"\xff\xfe", b"\xef\xbb\xbf"):
        faults = []
        try:
            faults = parse_table(begin + content, "made.csv", WANTED).faults
        except ScenarioError as error:
            faults = error.faults
        for spoken in ("id", "en"):
            with language.speaking(spoken):
                described = [language.describe_fault(fault) for fault in faults]
            assert all(one.startswith("made.csv") for one in described)


@pytest.mark.parametrize(
    ("content", "code", "line", "column"),
    [
        (b"PK\x03\x04" + b"\x00" * 40, "table_is_a_workbook", 0, 0),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 40, "table_is_a_workbook", 0, 0),
        ("region;x\nJakarta Selatan\u2013x;1\n".encode("cp1252"), "table_not_utf8", 2, 16),
        (b"\xef\xbb\xbfregion\n\xe9\n", "table_not_utf8", 2, 1),
        ("region;tahun\n".encode("utf-16-le"), "table_utf16_unmarked", 1, 2),
        (b"region;x\na\0b;2\n", "table_with_nul", 2, 2),
        ("region;x\na\0b;2\n".encode("utf-16"), "table_with_nul", 2, 2),
        ("region;x\n".encode("utf-16") + b"\x00", "table_broken_text", 2, 2),
    ],
)
def test_what_is_no_text_is_named_with_its_place(content, code, line, column):
    assert faults_of(parse_table, content, "made.csv", ("region",)) == [(code, line, column)]


def test_a_byte_of_windows_is_named_with_what_it_means_there():
    with pytest.raises(ScenarioError) as refused:
        parse_table("region\nKota É\n".encode("cp1252"), "made.csv", ("region",))
    with language.speaking("id"):
        assert language.describe(refused.value) == (
            "made.csv:2:6  Byte 0xC9 di sini bukan UTF-8; dalam Windows-1252 artinya É. Simpan "
            'ulang sebagai "CSV UTF-8".'
        )


def test_a_file_that_is_no_regular_file_is_never_opened(tmp_path):
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for path, codes in (
        (pipe, {"table_not_regular"}),
        (tmp_path, {"table_is_a_folder"}),
        (tmp_path / "none.csv", {"no_such_file"}),
        # which of the two depends on the version of Python
        (tmp_path / ("a" * 300), {"cannot_read", "no_such_file"}),
        (tmp_path / "a\0b", {"cannot_read", "no_such_file"}),
    ):
        ((code, line, column),) = faults_of(read_bytes, path, "x.csv")
        assert code in codes
        assert (line, column) == (0, 0)


def test_a_device_is_never_read():
    from pathlib import Path

    assert faults_of(read_bytes, Path("/dev/zero"), "x.csv") == [("table_not_regular", 0, 0)]


def test_a_table_has_at_most_16_mebibytes(tmp_path):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    assert faults_of(read_bytes, path, "x.csv") == [("table_too_large", 0, 0)]
    with path.open("wb") as file:
        file.truncate(MOST_BYTES)
    assert len(read_bytes(path, "x.csv")) == MOST_BYTES


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ('Kota "A,2023,utama\nKota B,2023,utama\n', []),
        ('"Kota A,2023,utama\nKota B,2023,utama\n', [("table_quote", 2, 1)]),
        ('Kota A,2023,"utama\nKota B,2023,utama\n', [("table_quote", 2, 3)]),
        (
            '"Kota A"x,2023,utama\nKota B,26,utama\n',
            [("table_quote", 2, 1), ("award_year_unclear", 3, 2)],
        ),
        ("Kota A,2023\n", [("table_row_length", 2, 1)]),
        ("Kota A,2023,utama,,\n", []),
        ("Kota A,2023,utama,,x\n", [("table_row_length", 2, 1)]),
        ("Kota A,2023,utama\nRegion,Evaluation_Year,CATEGORY\n", [("table_headings_again", 3, 1)]),
        ("x" * (MOST_SIGNS + 1) + ",2023,utama\n", [("table_cell_too_long", 2, 1)]),
        (
            "Kota A,2023," + "x" * 200_000 + "\nKota B,x,utama\n",
            [("table_cell_too_long", 2, 3), ("award_year_unclear", 3, 2)],
        ),
        ("Kota A,2023,utama\nKota B,2023,utama\n", []),
        ("Kota A,2023,utama\nKOTA  a ,2023.0,madya\n", [("award_twice", 3, 1)]),
        ("Kota A,2023,utama\nKota A,2023,utama\n", [("award_twice", 3, 1)]),
        ("Kota A,2023,utama\nKota A,2024,utama\n", []),
        (",2023,utama\n", [("award_region_unnamed", 2, 1)]),
        ("Kota A,2023,\n", [("award_category_blank", 2, 3)]),
        ("Kota A,2023,utma\n", [("panel_category_near", 2, 3)]),
        ("Kota A,2023,emas\n", [("panel_category_unknown", 2, 3)]),
        ("Kota A,2023.5,utama\n", [("award_year_unclear", 2, 2)]),
        ("Kota A,23,utama\n", [("award_year_unclear", 2, 2)]),
        ("Kota A," + "9" * 5_000 + ",utama\n", [("award_year_unclear", 2, 2)]),
        ("Kota A,\N{FULLWIDTH DIGIT TWO}023,utama\n", [("award_year_unclear", 2, 2)]),
        (
            "Kota A,23,emas\n,2023,utama\nKota B\n",
            [
                ("award_year_unclear", 2, 2),
                ("panel_category_unknown", 2, 3),
                ("award_region_unnamed", 3, 1),
                ("table_row_length", 4, 1),
            ],
        ),
    ],
)
def test_every_fault_of_an_award_table_is_told_with_line_and_column(tmp_path, rows, found):
    path = awards_file(tmp_path, f"region,evaluation_year,category\n{rows}")
    if not found:
        assert read_awards(path).awards
        return
    assert faults_of(read_awards, path) == found


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("", [("awards_column_missing", 1, 1)] * 3),
        ("\n;;\n", [("awards_column_missing", 1, 1)] * 3),
        ("Kota A;2023;utama\n", [("awards_column_missing", 1, 1)] * 3),
        ("\nregion;category\n", [("awards_column_missing", 2, 1)]),
        (
            "region|evaluation_year|category\nKota A|2023|utama\n",
            [("awards_column_missing", 1, 1)] * 3,
        ),
        ("sep=|\nregion|evaluation_year|category\nKota A|2023|utama\n", []),
        (
            "region;Region ;evaluation_year;category\na;a;2023;utama\n",
            [("table_column_twice", 1, 2)],
        ),
    ],
)
def test_headings_are_missed_by_name_and_refused_twice(tmp_path, content, found):
    path = awards_file(tmp_path, content)
    if not found:
        assert [one.region for one in read_awards(path).awards] == ["Kota A"]
        return
    assert faults_of(read_awards, path) == found


def test_a_missing_column_is_told_with_those_that_are_there(tmp_path):
    path = awards_file(tmp_path, "Wilayah;evaluation_year;category\n")
    with pytest.raises(ScenarioError) as refused:
        read_awards(path)
    with language.speaking("en"):
        assert language.describe(refused.value).startswith(
            f"{path}:1:1  The column region is missing; there are: Wilayah, evaluation_year, "
            "category."
        )


def test_very_many_faults_are_cut_off_with_their_number(tmp_path):
    rows = "".join(f"Kota {place},2023,emas\n" for place in range(MOST_FAULTS + 25))
    path = awards_file(tmp_path, f"region,evaluation_year,category\n{rows}")
    with pytest.raises(ScenarioError) as refused:
        read_awards(path)
    assert len(refused.value.faults) == MOST_FAULTS + 1
    assert refused.value.faults[-1].fields == {"count": 25}


def test_a_table_longer_or_wider_than_any_is_not_read_to_its_end(tmp_path):
    head = "region;evaluation_year;category\n"
    path = awards_file(tmp_path, head + "\n" * MOST_LINES)
    assert faults_of(read_awards, path) == [("table_too_long", MOST_LINES + 1, 1)]
    path = awards_file(tmp_path, head + "\n" * (MOST_LINES - 1))
    assert read_awards(path).awards == ()
    wide = ";".join(map(str, range(MOST_COLUMNS - 3)))
    path = awards_file(tmp_path, f"{head.strip()};{wide}\n")
    assert read_awards(path).awards == ()
    path = awards_file(tmp_path, f"{head.strip()};{wide};x\n")
    assert faults_of(read_awards, path) == [("table_too_wide", 1, 1)]


def test_a_year_of_a_spreadsheet_and_a_capital_category_are_read(tmp_path):
    path = awards_file(tmp_path, "Region;Evaluation_year;Category\nKota A;2023,0; UTAMA \n")
    (award,) = read_awards(path).awards
    assert (award.region, award.year, award.category, award.line) == ("Kota A", 2023, "utama", 2)


def panel_file(folder, content):
    path = folder / "panel.csv"
    path.write_text(content, encoding="utf-8")
    return path


def test_names_of_a_panel_are_matched_after_folding(tmp_path):
    path = panel_file(
        tmp_path,
        "CITY;Province;Y2021;y2022\n"
        " KOTA ADM.  JAKARTA TIMUR ;d.k.i. jakarta;Nindya;UTAMA\n"
        "Kabupaten Sleman;Daerah Istimewa Yogyakarta;madya;madya\n"
        "kota surakarta;JAWA TENGAH;utama;utama\n",
    )
    read = read_panel(path)
    assert read.notices == ()
    assert read.record.places == ("Kota Adm. Jakarta Timur", "Kab. Sleman", "Kota Surakarta")
    assert read.record.provinces == ("DKI Jakarta", "DI Yogyakarta", "Jawa Tengah")
    assert read.record.category.tolist() == [[3, 4], [2, 2], [4, 4]]
    assert read.record.is_listed.tolist() == [[False, False], [False, False], [True, False]]


def test_two_spellings_of_one_place_are_refused(tmp_path):
    path = panel_file(
        tmp_path,
        "city,province,y2021,y2022\nKab. Sleman,DI Yogyakarta,madya,\n"
        "KABUPATEN SLEMAN,DI Yogyakarta,,utama\n",
    )
    assert faults_of(read_panel, path) == [("panel_place_twice", 3, 1)]


def test_a_kind_or_province_that_is_not_known_is_said_with_its_line(tmp_path):
    path = panel_file(
        tmp_path,
        "city,province,y2021,y2022\nBandung,Jawa Barat,madya,madya\nKota Batu,Jawa Timr,madya,\n"
        "Kota X,Atlantis,madya,\n",
    )
    assert [(one.code, one.line, one.value, one.nearest) for one in read_panel(path).notices] == [
        ("panel_kind_unknown", 2, "", ""),
        ("panel_province_near", 3, "Jawa Timr", "Jawa Timur"),
        ("panel_province_unknown", 4, "Atlantis", ""),
    ]


def test_all_shipped_names_are_known():
    record = read_panel().record
    assert all(known_province(name) == name for name in record.provinces)
    assert all(has_kind(place) for place in record.places)
    assert len(set(PROVINCES)) == 38
    assert evaluation_years() == (2017, 2018, 2019, 2021, 2022, 2023, 2025)


@pytest.mark.parametrize(
    ("name", "folded", "bare", "is_city"),
    [
        ("Kota Adm. Jakarta Timur", "kota adm. jakarta timur", "jakarta timur", True),
        ("KOTA ADMINISTRASI  JAKARTA TIMUR", "kota adm. jakarta timur", "jakarta timur", True),
        ("Kabupaten Bogor", "kab. bogor", "bogor", False),
        ("Kab Bogor", "kab. bogor", "bogor", False),
        ("Kab. Kotawaringin Timur", "kab. kotawaringin timur", "kotawaringin timur", False),
        ("Kotamobagu", "kotamobagu", "kotamobagu", False),
        ("Kota\N{NO-BREAK SPACE}Bogor", "kota bogor", "bogor", True),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER K}ota Bogor", "kota bogor", "bogor", True),
    ],
)
def test_places_are_compared_by_their_usual_short_form(name, folded, bare, is_city):
    assert (fold_place(name), bare_place(name), is_kota(name)) == (folded, bare, is_city)
    assert kind_of_place(name, "Riau") == int(is_city)
    assert kind_of_place(name, "Banten") == int(is_city) + 2


def posterior(change=lambda text: text):
    content = (shipped_file("posteriors") / "2022.csv").read_text(encoding="utf-8")
    return change(content)


def test_a_posterior_saved_by_an_indonesian_spreadsheet_is_the_same_to_the_last_bit():
    as_fitted = rows_from_csv(posterior())
    saved = posterior(lambda text: text.replace(",", ";").replace(".", ","))
    assert rows_from_csv(saved.replace("\n", "\r\n").encode("utf-16")) == as_fitted
    assert rows_from_csv("sep=;\n" + saved) == as_fitted
    assert rows_from_csv(rows_to_csv(as_fitted)) == as_fitted


def test_columns_of_a_posterior_may_stand_in_any_order_beside_others():
    rows = [line.split(",") for line in posterior().splitlines()]
    turned = "\n".join(",".join([*row[::-1], "catatan"]) for row in rows)
    found = rows_from_csv(turned)
    assert found == rows_from_csv(posterior())
    assert list(found[0].strictness) == [2017, 2018, 2019, 2021, 2022]


def one_row(**changes):
    numbers = {**dict.fromkeys(PLAIN_PARAMETERS, "0.5"), "strictness_2022": "1", **changes}
    return f"{';'.join(numbers)}\n{';'.join(numbers.values())}\n"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (one_row(noise="x"), [("posterior_not_a_number", 2, 4)]),
        (one_row(noise="nan"), [("posterior_not_a_number", 2, 4)]),
        (one_row(noise="1e999"), [("posterior_not_a_number", 2, 4)]),
        (one_row(noise="1_0"), [("posterior_not_a_number", 2, 4)]),
        (one_row(noise=""), [("posterior_not_a_number", 2, 4)]),
        (one_row(noise="1.234,5"), [("posterior_not_a_number", 2, 4)]),
        (one_row(noise="-1"), [("posterior_out_of_range", 2, 4)]),
        (one_row(one_step_up="1.1"), [("posterior_out_of_range", 2, 7)]),
        (one_row(first_mean="46802800841"), [("posterior_out_of_range", 2, 11)]),
        (one_row(noise="0,5"), [("posterior_signs", 2, 4)]),
        (
            one_row(noise="x", tail_share="2"),
            [("posterior_not_a_number", 2, 4), ("posterior_out_of_range", 2, 5)],
        ),
        (one_row().replace("volatility", "volatilitas"), [("posterior_column_missing", 1, 1)]),
        (one_row().replace("strictness_2022", "ketat"), [("posterior_years_missing", 1, 1)]),
        (one_row().split("\n")[0], [("posterior_empty", 1, 1)]),
    ],
)
def test_every_fault_of_a_posterior_is_told_with_line_and_column(content, found):
    assert faults_of(rows_from_csv, content) == found


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.5", 0.5),
        ("0,5", 0.5),
        ("-1e-05", -1e-05),
        ("7", 7.0),
        (".5", 0.5),
        ("5,", 5.0),
        ("", None),
        ("1.2.3", None),
        ("inf", None),
        ("1e400", None),
        ("0x1", None),
        ("1 0", None),
        ("\N{ARABIC-INDIC DIGIT ONE}", None),
    ],
)
def test_decimal_numbers(text, number):
    assert decimal_number(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2023", 2023),
        ("2023.0", 2023),
        ("2023,00", 2023),
        ("2023.5", None),
        ("-1", None),
        ("", None),
        ("9" * 5_000, None),
        ("\N{FULLWIDTH DIGIT TWO}", None),
        ("2_023", None),
    ],
)
def test_whole_numbers(text, number):
    assert whole_number(text) == number


def test_cells_lose_invisible_signs_and_odd_spaces():
    assert (
        clean(" \N{ZERO WIDTH SPACE}Kota\N{NO-BREAK SPACE}\t Bogor\N{LEFT-TO-RIGHT MARK} ")
        == "Kota Bogor"
    )
