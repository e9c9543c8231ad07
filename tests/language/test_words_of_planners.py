"""The words of planners: what no text says any more, in catalogues, plans and docs."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import kla_sim
from kla_sim import language
from kla_sim.cli.output import rate_in_words
from kla_sim.engine.replications import Attempts, Replications
from kla_sim.engine.results import results_of
from kla_sim.report.calibration_words import check_label

ROOT = Path(kla_sim.__file__).parents[1]
CATALOGUES = sorted((ROOT / "kla_sim/language/catalogues/id/LC_MESSAGES").glob("*.po"))
ENGLISH = sorted((ROOT / "kla_sim/language/catalogues/en/LC_MESSAGES").glob("*.po"))
PLANS = sorted((ROOT / "scenarios").glob("*.yaml"))
PAGES = [ROOT / "README.md", ROOT / "docs/tutorial.id.md", ROOT / "docs/results.md"]
"""Pages with Indonesian text; the glossary names the old words and is not among them."""

BANNED = {
    "masa depan, where a simulation is meant: simulasi": r"masa depan",
    "menang, kalah: unggul, tertinggal": r"\b(?:menang|kalah)\b",
    "nilai mandiri, klaim: nilai evaluasi mandiri": r"\b(?<!evaluasi )nilai mandiri\b|\bklaim|"
    r"\bdiklaim\b|diakui sendiri|penilaian mandiri",
    "terverifikasi: nilai hasil verifikasi lapangan": r"terverifikasi",
    "berkategori: berpredikat": r"berkategori",
    "terpakai: terserap": r"terpakai",
    "hangus: tidak terserap": r"hangus",
    "kas, dana, rekening: anggaran or pagu": r"\bkas(?! daerah)\b|\bdana\b|\brekening\b",
    "bukti ditutup: batas unggah bukti dukung": r"bukti (?:\w+ )*ditutup",
    "pergi, keluar of staff: pindah/berhenti": r"pegawai (?:yang )?(?:pergi|keluar)|kepergian",
    "petugas, staf: pegawai": r"\bpetugas|\bstaf(?:nya)?\b",
    "dunia: kombinasi asumsi": r"dunia(?! usaha)",
    "memuat nol: mencakup nol": r"memuat nol",
    "tampak, of a difference: nyata": r"tampak (?:beda|perbedaan)|"
    r"(?:beda|perbedaan)(?:nya)? tampak",
    "pekerjaan: kegiatan": r"\bpekerjaan",
    "tenggat: batas waktu": r"\btenggat",
    "ramalan: prakiraan": r"\b(?:di)?ramal",
    "peresmian: peluncuran": r"\b(?:pe|di)resmi",
    "a run as a noun: hasil": r"\brun (?:lain|ini|yang|utuh)\b",
    "nasib, untung-untungan: kebetulan, faktor acak": r"\bnasib\b|untung-untungan",
    "garis depan: batas efisien": r"garis depan",
}

BANNED_IN_ENGLISH = {
    "a simulation, where one future is meant: future": r"(?<!discrete-event )\bsimulations\b|"
    r"\b(?:a|an|one|each|every|this|single|number of the) simulation\b(?! of the)|"
    r"\bsimulation (?:number|\{)",
    "a replication, where one future is meant: future": r"(?<!length and )(?<!\{)\breplications\b",
}
"""One course of the plan is a future; simulation is the reckoning, replication of Kaltara."""


def found(text: str, banned: dict[str, str] = BANNED) -> list[str]:
    """Return what is banned in a text and why, with the words around it."""
    plain = " ".join(text.split())
    return [
        f"{why}: ...{plain[max(0, match.start() - 30) : match.end() + 30]}..."
        for why, pattern in banned.items()
        for match in re.finditer(pattern, plain, re.IGNORECASE)
    ]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_no_catalogue_says_what_planners_do_not(path):
    with path.open("rb") as file:
        entries = [entry for entry in read_po(file) if entry.id]
    assert entries
    assert {entry.id: wrong for entry in entries if (wrong := found(str(entry.string)))} == {}


@pytest.mark.parametrize("path", ENGLISH, ids=lambda path: path.stem)
def test_one_course_of_a_plan_has_one_word_in_english(path):
    with path.open("rb") as file:
        entries = [entry for entry in read_po(file) if entry.id]
    assert entries
    said = {entry.id: found(str(entry.string), BANNED_IN_ENGLISH) for entry in entries}
    assert {name: wrong for name, wrong in said.items() if wrong} == {}


@pytest.mark.parametrize("path", [*CATALOGUES, *ENGLISH], ids=lambda path: path.parts[-3:])
def test_what_is_written_beside_an_axis_begins_with_a_capital(path):
    with path.open("rb") as file:
        told = [str(entry.string) for entry in read_po(file) if "axis" in str(entry.id)]
    assert [label for label in told if label[0].islower()] == []


@pytest.mark.parametrize(
    "sentence",
    ["12 of 16 simulations", "one simulation, day by day", "Simulation {n}", "2,000 replications"],
)
def test_each_other_english_word_for_a_future_is_found(sentence):
    assert found(sentence, BANNED_IN_ENGLISH)


@pytest.mark.parametrize("path", [*PLANS, *PAGES], ids=lambda path: path.name)
def test_no_plan_or_page_says_what_planners_do_not(path):
    assert found(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("table", [Replications, Attempts])
def test_no_entry_of_the_data_dictionary_says_what_planners_do_not(table):
    meanings = {name: result.meaning("id") for name, result in results_of(table).items()}
    assert {name: wrong for name, told in meanings.items() if (wrong := found(told))} == {}


@pytest.mark.parametrize(
    "sentence",
    [
        "12 dari 16 masa depan", "Menang di 3", "menurut nilai mandiri", "nilai klaim",
        "berkategori utama", "Rp 3 miliar hangus", "kas provinsi", "dana kota",
        "sesudah bukti terakhir ditutup", "pegawai pergi", "200 dunia",
        "Perbedaan tampak: selangnya tidak memuat nol.",
    ],
)  # fmt: skip
def test_each_word_of_the_list_is_found(sentence):
    assert found(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "kembali ke kas daerah",
        "dunia usaha",
        "nilai evaluasi mandiri",
        "hari kerja",
        "kasus tengah",
    ],
)
def test_words_that_only_look_alike_are_left_alone(sentence):
    assert found(sentence) == []


@pytest.mark.parametrize(("spoken", "name"), [("id", "Utama"), ("en", "utama")])
def test_a_category_is_told_by_its_name_wherever_a_sentence_names_one(spoken, name):
    with language.speaking(spoken):
        assert language.category("utama") == name
        assert language.category("no such category") == "no such category"
        said = language.text("plots", "odds_axis", category="utama")
    assert name in said.split()


def test_a_check_of_a_fit_tells_categories_by_their_names():
    with language.speaking("id"):
        assert [check_label(one) for one in ("none", "utama", "fall", "rise")] == [
            "tanpa predikat", "Utama", "turun", "naik",
        ]  # fmt: skip


def test_a_region_that_is_named_like_a_category_keeps_its_name():
    with language.speaking("id"):
        said = language.text(
            "plots", "odds_title_one", city="utama", category="utama", deadline="x", odds="y"
        )
    assert said == "Peluang utama berpredikat Utama atau lebih pada x: y"


def test_a_slow_rate_keeps_a_decimal():
    with language.speaking("id"):
        assert [rate_in_words(rate) for rate in (0.34, 9.96, 10.4, 4821.0)] == [
            "0,3", "10,0", "10", "4.821",
        ]  # fmt: skip
