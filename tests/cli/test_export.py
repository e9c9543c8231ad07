"""`export` as its users meet it: files in a folder, nothing else touched, and what is refused."""

import csv
import io
import json
import shutil

import openpyxl
import pytest
from test_commands import kla_sim

from kla_sim.analysis.estimate import Estimate
from kla_sim.analysis.relieved import Remedy
from kla_sim.analysis.remedies import Remedies
from kla_sim.cli import main
from kla_sim.experiment import remedies

SMALL = "extends: shipped:kaltara_2022\nname: =1+1 & <b>\nworlds: 2\n"
TABLES = [
    "answer", "headline", "regions", "odds", "categories", "money", "waiting", "posts", "scores",
    "attainment", "assumptions", "uncertain", "values", "about",
]  # fmt: skip


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    (folder / "plan.yaml").write_text(SMALL, encoding="utf-8")
    words = ("run", "plan.yaml", "-n", 12, "--engine", "reference", "--no-plots", "--json")
    done = kla_sim(*words, cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "answer.json").write_text(done.stdout, encoding="utf-8")
    return folder


def exported(*words, cwd, language="id"):
    return kla_sim("export", *words, cwd=cwd, language=language)


def run_folder(work):
    return next(path for path in (work / "results").iterdir() if path.is_dir())


def read(path, separator=";"):
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig")), delimiter=separator))


def test_csv_holds_the_numbers_of_the_answer_in_the_words_of_the_reader(work):
    done = exported("latest", "--json", cwd=work)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    answer = json.loads((work / "answer.json").read_text("utf-8"))
    folder = run_folder(work) / "export"
    assert document["run"] == str(run_folder(work).relative_to(work))
    assert document["files"] == [
        str((folder / f"{name}.id.csv").relative_to(work)) for name in TABLES
    ]
    for row in read(folder / "regions.id.csv"):
        odds = answer["odds"]["cities"][row["Wilayah (kunci)"]]["value"]
        assert float(row["Peluang (%)"].replace(",", ".")) == pytest.approx(100 * odds, abs=5e-5)
    for row in read(folder / "money.id.csv"):
        if row["Sumber anggaran (kunci)"] != "all":
            books = answer["money"][row["Sumber anggaran (kunci)"]][row["Tahun"]]
            assert int(row["Terserap (Rp)"]) == round(books["spent"])
    assert {row["Isi"] for row in read(folder / "about.id.csv")} >= {"'=1+1 & <b>", "12", "2"}


def test_values_stand_with_the_lines_of_the_planner_while_the_files_still_say_the_same(work):
    values = {row["Jalur dalam skenario"]: row for row in read(_folder_of(work) / "values.id.csv")}
    assert (values["worlds"]["Berkas"], values["worlds"]["Baris"]) == ("plan.yaml", "3")
    assert values["policy.wip_limit"]["Berkas"] == "shipped:base"
    plan = work / "plan.yaml"
    try:
        plan.write_text(SMALL.replace("worlds: 2", "worlds: 3"), encoding="utf-8")
        rows = read(_folder_of(work) / "values.id.csv")
    finally:
        plan.write_text(SMALL, encoding="utf-8")
    assert {row["Berkas"] for row in rows} == {"scenario.yaml"}
    worlds = [
        row["Nilai seperti tertulis"] for row in rows if row["Jalur dalam skenario"] == "worlds"
    ]
    assert worlds == ["2"]


def _folder_of(work):
    done = exported("latest", cwd=work)
    assert done.returncode == 0, done.stderr
    return run_folder(work) / "export"


def test_other_signs_and_another_folder_whose_own_files_stay(work, tmp_path):
    (tmp_path / "mine.csv").write_text("mine")
    words = ("--separator", ",", "--decimal", ".", "--out", tmp_path)
    done = exported("latest", *words, cwd=work, language="en")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "mine.csv").read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {
        "mine.csv", *(f"{name}.en.csv" for name in TABLES),
    }  # fmt: skip
    rows = read(tmp_path / "regions.en.csv", ",")
    assert 0 <= float(rows[0]["Odds (%)"]) <= 100


def test_tabs_may_stand_between_columns(work, tmp_path):
    done = exported("latest", "--separator", "tab", "--out", tmp_path, cwd=work)
    assert done.returncode == 0, done.stderr
    assert len(read(tmp_path / "regions.id.csv", "\t")) == 6


@pytest.mark.parametrize(("language", "words"), [("id", "sama-sama ,"), ("en", "are both ,")])
def test_one_sign_for_columns_and_decimals_is_refused_with_what_to_do(work, language, words):
    done = exported("latest", "--separator", ",", cwd=work, language=language)
    assert done.returncode == 2
    assert words in done.stderr
    assert "--separator ';'" in done.stderr


@pytest.mark.parametrize("option", [("--separator", "|"), ("--decimal", "x"), ("--format", "pdf")])
def test_another_sign_or_format_is_refused(work, option):
    done = exported("latest", *option, cwd=work)
    assert done.returncode == 2
    assert option[0] in done.stderr
    assert "Traceback" not in done.stderr


def test_the_workbook_repeats_to_the_byte(work, tmp_path):
    for place in ("a", "b"):
        words = ("--format", "xlsx", "--out", tmp_path / place)
        assert exported("latest", *words, cwd=work).returncode == 0
    first, second = (tmp_path / place / "tables.id.xlsx" for place in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()
    answer = json.loads((work / "answer.json").read_text("utf-8"))
    sheet = openpyxl.load_workbook(first)["Peluang pokok"]
    assert sheet["B4"].value == pytest.approx(answer["odds"]["all_cities"]["value"], rel=1e-14)
    assert openpyxl.load_workbook(first).properties.title == "=1+1 & <b>"


def test_an_interrupted_export_leaves_no_litter_for_good(work):
    from kla_sim.store.files import find_litter

    folder = run_folder(work)
    (folder / "export").mkdir(exist_ok=True)
    litter = folder / "export" / ".regions.id.csv.4711"
    litter.write_text("half")
    assert find_litter(folder) == [litter]
    litter.unlink()


def test_a_file_in_the_place_of_the_folder_is_refused_and_kept(work, tmp_path):
    (tmp_path / "taken").write_text("mine")
    done = exported("latest", "--out", tmp_path / "taken", cwd=work)
    assert done.returncode in {2, 3}
    assert "taken" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_run_in_another_folder_and_one_that_is_not_there(work, tmp_path):
    shutil.copytree(run_folder(work), tmp_path / "kept" / "a")
    done = exported("a", "--results", tmp_path / "kept", "--quiet", cwd=work)
    assert (done.returncode, done.stdout) == (0, "")
    assert len(list((tmp_path / "kept" / "a" / "export").iterdir())) == len(TABLES)
    done = exported("nowhere", cwd=work)
    assert done.returncode == 2
    assert "nowhere" in done.stderr


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_the_answer_says_would_help_is_a_table(work, monkeypatch, tmp_path, kind):
    def gain(value):
        return Estimate(value, value - 0.01, value + 0.02, 0.95, "paired_clustered", 12)

    one = Remedy("calendar", "", 3, 9, 1, 3, 0.35, gain(0.05), gain(0.25), 0)
    most = one._replace(kind="unlimited", odds=0.5)
    kept = Remedies(12, 0.3, (one,), most)
    monkeypatch.setattr(remedies, "remedies_at_hand", lambda run: kept)
    words = ["export", str(run_folder(work)), "--format", kind, "--out", str(tmp_path)]
    with pytest.raises(SystemExit) as ended:
        main([*words, "--language", "id"])
    assert ended.value.code == 0
    if kind == "csv":
        rows = read(tmp_path / "remedies.id.csv")
        assert [row["Peluang (%)"] for row in rows] == ["35", "50"]
        assert [rows[0][f"Tambahan wilayah{end}"] for end in ("", ", selang 95 % atas")] == [
            "0,25", "0,27",
        ]  # fmt: skip
    else:
        sheet = openpyxl.load_workbook(tmp_path / "tables.id.xlsx")["Yang membantu"]
        assert [cell.value for cell in sheet["B"]][3:] == [0.35, 0.5]
        assert sheet["A2"].value.startswith("Pada 12 simulasi yang sama")
