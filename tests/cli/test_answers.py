"""What commands print of four futures whose right numbers stand here.

The futures of `four_futures` are put into a run folder; the commands read them and simulate
nothing, so that every number they print can be reckoned by hand.
"""

import json
import re
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from kla_sim import store
from kla_sim.analysis import summary
from kla_sim.cli import main
from kla_sim.experiment.run import RunRequest, manifest_of
from kla_sim.scenario.loading import digest, dump_scenario, read_scenario

sys.path.append(str(Path(__file__).parents[1] / "analysis"))
import four_futures


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two plans and a run of each: in the second, timur keeps its award in the second future."""
    folder = tmp_path_factory.mktemp("four")
    keep(folder, "plan", {})
    better = [(1, 1, 1, 0.45)]
    more = four_futures.accounts(700)
    keep(folder, "other", {"name": "more money", "accounts": more}, better)
    return folder


def keep(folder, file, changes, better=()):
    """Write a plan, and store its four futures as a run of it."""
    path = folder / f"{file}.yaml"
    with path.open("w") as stream:
        YAML().dump(four_futures.parts(**changes), stream)
    loaded = read_scenario(path)
    scenario = loaded.scenario
    request = RunRequest(
        scenario, digest(scenario), dump_scenario(loaded), four_futures.N, engine="reference",
        results=folder / "results",
    )  # fmt: skip
    plan = four_futures.plan()
    futures = four_futures.futures(plan)
    for future, city, cycle, left in better:
        futures.remainder[future, city, cycle] = left
        score = 1000.0 - futures.gap[future, city, cycle] * left
        futures.score[future, city, cycle] = futures.verified[future, city, cycle] = score
        futures.category[future, city, cycle] = futures.standing[future, city] = four_futures.UTAMA
        futures.is_met[future] = True
    run = store.open_or_create(request.results, manifest_of(request), request.resolved)
    run.add_part(0, futures, plan.labels, plan.n_worlds)


@pytest.fixture
def said(folder, monkeypatch, capsys):
    """Run a command in the folder of the plans, and return what it prints."""

    def say(*words, spoken="en"):
        monkeypatch.chdir(folder)
        with pytest.raises(SystemExit) as ended:
            main([*map(str, words), "--language", spoken])
        found = capsys.readouterr()
        assert ended.value.code == 0, found.err
        return found.out

    return say


RUN = ("run", "plan.yaml", "-n", 4, "--engine", "reference", "--no-plots")
COMPARE = ("compare", "plan.yaml", "other.yaml", *RUN[2:])
TURNED = ("compare", "other.yaml", "plan.yaml", *RUN[2:])


def row(printed, first):
    """Return the cells of the one row of a table that begins so."""
    (line,) = [line for line in printed.splitlines() if line.strip().startswith(first)]
    return re.split(r"\s{2,}", line.strip())


ENGLISH = [
    "Odds that both regions hold category utama or above on 31 December 2024: "
    "70 %, about 7 in 10 (23-93.8 %), 4 futures.",
    "These odds reach 50 % on 23 July 2023, but not 80 % by 31 December 2024.",
    "The same futures without any replication: none of 4 futures (below 61 %). That Kaltara "
    "changes the odds is not shown: +70.0 percentage points (-33.6 to 93.8), with the effects "
    "assumed here.",
    "Odds that all regions stand at the target together on some day until the deadline: "
    "95.0 %, about 19 in 20 (above 37 %).",
    "Weakest region: Timur, 75 %, about 3 in 4 (25-97.3 %).",
    "On average 1.6 of 2 regions reach the target (0.6 to 2.0).",
    "Province attainment on 1 January 2023: 68 % by verified scores.",
    "Province attainment on 15 June 2024: 86 % on average.",
    "One world only: chance varies, what is not known does not.",
    "Money over the whole plan, on average: appropriated Rp 900.0 million, spent Rp 801.0 million "
    "(89 %), lapsed Rp 6.0 million (1 %), still held on 31 December 2024 Rp 3.0 million (<1 %), "
    "not released by 31 December 2024 Rp 90.0 million (10 %).",
    "Ready work waited 12 activity-days on average; largest causes: region money 49 %, "
    "facilitators 27 %, outside the time window 24 %.",
    "This scenario records no assumptions.",
]
INDONESIAN = [
    "Peluang kedua wilayah berpredikat Utama atau lebih pada 31 Desember 2024: "
    "70 %, sekitar 7 dari 10 (23-93,8 %), 4 simulasi.",
    "Peluang itu mencapai 50 % pada 23 Juli 2023, tetapi tidak mencapai 80 % sampai "
    "31 Desember 2024.",
    "Simulasi yang sama tanpa replikasi: tidak satu pun dari 4 simulasi (kurang dari 61 %). "
    "Belum nyata bahwa Kaltara mengubah peluang: +70,0 poin persen (-33,6 sampai 93,8), dengan "
    "besarnya dampak yang diasumsikan di sini.",
    "Peluang semua wilayah serentak mencapai target pada suatu hari sampai batas waktu: "
    "95,0 %, sekitar 19 dari 20 (di atas 37 %).",
    "Wilayah terlemah: Timur, 75 %, sekitar 3 dari 4 (25-97,3 %).",
    "Rata-rata 1,6 dari 2 wilayah mencapai target (0,6 sampai 2,0).",
    "Capaian provinsi pada 1 Januari 2023: 68 % menurut nilai hasil verifikasi lapangan.",
    "Capaian provinsi pada 15 Juni 2024: rata-rata 86 %.",
    "Hanya satu kombinasi asumsi: yang berubah-ubah hanya kebetulan, bukan hal yang "
    "belum diketahui.",
    "Anggaran sepanjang rencana, rata-rata: pagu Rp 900,0 juta, terserap Rp 801,0 juta (89 %), "
    "tidak terserap Rp 6,0 juta (1 %), masih tersimpan pada 31 Desember 2024 Rp 3,0 juta (<1 %), "
    "belum dicairkan sampai 31 Desember 2024 Rp 90,0 juta (10 %).",
    "Kegiatan yang sudah siap menunggu rata-rata 12 hari-kegiatan; sebab terbesar: "
    "anggaran wilayah 49 %, facilitators 27 %, di luar masa pelaksanaan 24 %.",
    "Skenario ini tidak mencatat asumsi.",
]


@pytest.mark.parametrize(("spoken", "expected"), [("en", ENGLISH), ("id", INDONESIAN)])
def test_run_says_the_numbers_of_the_four_futures(said, spoken, expected):
    printed = said(*RUN, "--details", spoken=spoken)
    for sentence in expected:
        assert printed.count(sentence) == 1, sentence


def test_run_says_five_lines_before_its_table_and_the_rest_on_request(said):
    lines = [line.rstrip() for line in said(*RUN).splitlines()]
    assert lines[:6] == [
        f"{ENGLISH[0]} Without Kaltara: none of 4 futures (below 61 %); no difference shown.",
        ENGLISH[4],
        "What would help most is not tried by the slow reference engine; run without --engine "
        "reference.",
        f"How sure: the interval above is only the precision of this reckoning. {ENGLISH[8]} "
        f"{ENGLISH[11]}",
        "Read on: add --details to this command; explain = why futures fail; report = a document "
        "to hand on.",
        "Odds by region: category held on 31 December 2024",
    ]
    after = lines[lines.index(ENGLISH[10]) :]
    assert after[1] == ENGLISH[9]
    assert after[2].startswith("Next step: python -m kla_sim explain results/four_futures-")
    assert after[3:] == [
        "Nothing had to be simulated: 4 read from earlier results.",
        after[2].split()[6].join(["Results: ", ""]),
    ]
    assert "Details:" not in lines


@pytest.mark.parametrize(
    ("spoken", "barat", "timur", "effort"),
    [
        (
            "en",
            ["Barat", "90 %", "35-98.7 %", "1.5 of 2", "6"],
            ["Timur", "75 %", "25-97.3 %", "1.0 of 2", "6"],
            "Nothing had to be simulated: 4 read from earlier results.",
        ),
        (
            "id",
            ["Barat", "90 %", "35-98,7 %", "1,5 dari 2", "6"],
            ["Timur", "75 %", "25-97,3 %", "1,0 dari 2", "6"],
            "Tidak ada simulasi yang perlu dijalankan: 4 simulasi dibaca dari hasil sebelumnya.",
        ),
    ],
)
def test_run_prints_odds_zones_and_waits_of_each_region(said, spoken, barat, timur, effort):
    printed = said(*RUN, spoken=spoken)
    assert row(printed, "Barat") == barat
    assert row(printed, "Timur") == timur
    assert effort in printed


def test_json_is_the_summary_with_what_was_run(said, folder):
    document = json.loads(said(*RUN, "--json"))
    kept = json.loads(next(folder.glob("results/four*/summary.json")).read_text(encoding="utf-8"))
    assert (document["schema_version"], kept["schema_version"]) == (1, 1)
    assert document["scenario"]["name"] == "four futures"
    assert (document["engine"], document["replications"], document["seed"]) == ("reference", 4, 1)
    for said_of in (document, kept):
        assert said_of["odds"]["all_cities"]["value"] == pytest.approx(0.7)
        assert (said_of["reached_50"], said_of["reached_80"]) == ("2023-07-23", None)
        assert said_of["posts"] == {
            "province/facilitators": {"busy": 130.0, "filled": 702.0, "vacant": 1.5}
        }


def test_runs_counts_the_futures_of_each_run(said):
    said(*RUN)  # whose answer makes it complete
    printed = said("runs")
    assert printed.startswith("Runs in results, the newest first")
    told = row(printed, "four_futures")
    assert told[1:6] == ["four futures", "70 %", "23-93.8 %", "4", "1"]
    assert told[7] == "complete"
    # its answer was written last, so it stands first; the other has none yet
    assert printed.index("four_futures") < printed.index("more_money")
    assert row(printed, "more_money")[1:6] == ["more money", "-", "-", "4", "1"]
    runs = json.loads(said("runs", "--json"))["runs"]
    assert [(run["scenario"], run["n"], run["seed"]) for run in runs] == [
        ("four futures", 4, 1), ("more money", 4, 1),
    ]  # fmt: skip
    assert runs[0]["odds"]["value"] == pytest.approx(0.7)
    assert runs[1]["odds"] is None


def test_runs_believes_no_answer_that_was_changed(said, folder):
    said(*RUN)
    (summary,) = folder.glob("results/four*/summary.json")
    kept = summary.read_text(encoding="utf-8")
    try:
        summary.write_text(kept.replace('"odds"', '"chances"'), encoding="utf-8")
        assert row(said("runs"), "four_futures")[2] == "-"
    finally:
        summary.write_text(kept, encoding="utf-8")
    assert row(said("runs"), "four_futures")[2] == "70 %"


def test_compare_says_who_wins_and_with_what_money(said):
    printed = said(*COMPARE)
    assert printed.startswith("Odds of the target: utama or above on ")
    assert "\n\n\n" not in "\n".join(map(str.rstrip, printed.splitlines()))
    assert row(printed, "four futures") == [
        "four futures (base)", "70 %", "23-93.8 %", "1.6", "0.6 to 2.0", "4",
    ]  # fmt: skip
    assert row(printed, "more money  ") == [
        "more money", "90 %", "35-98.7 %", "1.8", "0.7 to 2.0", "4",
    ]  # fmt: skip
    assert printed.index("more money  ") < printed.index("four futures (base)")  # the best first
    # chances of 70 and 90 %; the second future is met in the second plan alone: one of four
    pair = "more money against four futures: +20.0 percentage points (-54.0 to 73.4). Wins in 1 "
    assert f"{pair}futures, loses in 0, same in 3.\nNo difference shown.\n" in printed
    assert (
        "Money: more money plans Rp 300.0 million more than four futures, Rp 1.2 billion instead "
        "of Rp 900.0 million over all accounts and years.\n"
        "  Province: Rp 300.0 million more in 2023, Rp 900.0 million instead of Rp 600.0 million "
        "in all.\n" in printed
    )


def test_compare_turned_round_loses_what_the_other_wins(said):
    turned = said(*TURNED, spoken="id")
    assert (
        "four futures dibandingkan more money: -20,0 poin persen (-73,4 sampai 54,0). "
        "Unggul pada 0 simulasi, tertinggal pada 1, sama pada 3." in turned
    )
    (pair,) = json.loads(said(*TURNED, "--json"))["pairs"]
    assert pair["a"].startswith("more_money-")
    assert pair["b"].startswith("four_futures-")
    assert (pair["first"], pair["last"]) == (0, 4)
    assert (pair["won"], pair["lost"], pair["same"], pair["is_shown"]) == (0, 1, 3, False)
    assert pair["difference"]["value"] == pytest.approx(-0.2)
    assert (pair["counted"]["value"], pair["counted"]["replications"]) == (-0.25, 4)
    assert pair["expected_cities"]["value"] == pytest.approx(-0.2)
    assert pair["money"]["before"] == 1_200_000_000
    assert pair["money"]["after"] == 900_000_000
    assert pair["money"]["difference"] == -300_000_000


CASH = """
    Province  2023  400.0  400.0  40.4  179.8  179.8
    Province  2024  200.0  200.0  40.4    0.0  339.4
    Barat     2023  100.0  100.0  60.6   19.7   19.7
    Barat     2024  100.0  100.0   0.0    0.0  119.7
    Timur     2023    0.0    0.0   0.0    0.0    0.0
    Timur     2024  100.0  100.0  60.6    0.0   39.4
"""
"""Two sites a year at 50.5 million, 40 % of it from the province: barat's in 2023, timur's when its
money comes. Of what the first year leaves half lapses; the horizon is before the second lapse."""


@pytest.mark.parametrize("spoken", ["en", "id"])
def test_cash_of_a_future_is_shown_in_million_rupiah(said, spoken):
    printed = said("trace", "plan.yaml", "--details", spoken=spoken)
    expected = CASH
    if spoken == "id":
        assert "dalam juta rupiah" in printed
        expected = CASH.replace(".", ",").replace("Province", "Provinsi")
    else:
        assert "in million rupiah" in printed
        head = ["Account", "Year", "Appropriated", "Released", "Spent", "Lapsed", "Held"]
        assert head in [line.split() for line in printed.splitlines()]
    found = [line.split() for line in printed.splitlines()]
    for line in expected.split("\n")[1:-1]:
        assert found.count(line.split()) == 1, line


def test_a_future_is_told_by_region_and_year(said):
    printed = said("trace", "plan.yaml")
    assert len(printed.splitlines()) < 45
    told = [re.split(r"\s{2,}", line.strip()) for line in printed.splitlines()]
    assert told[1] == [
        "The target is missed (utama or above in 2 regions); short of it: Barat (nindya), "
        "Timur (madya)."
    ]
    document = json.loads(said("trace", "plan.yaml", "--json"))
    for city, name in (("barat", "Barat"), ("timur", "Timur")):
        scores = [
            f"{one['verified']:.0f} {one['category']}" for one in document["scores"][city].values()
        ]
        assert [name, *scores, document["standing"][city]] in told
    # both sites of timur wait a year for the city's first money; each zone is its site
    assert ["Barat", "2", "0", "2", "-"] in told
    assert ["Timur", "0", "2", "2", "region money: 730 activity-days"] in told
    # of all accounts: 400 + 100 + 0 and 200 + 100 + 100 million
    assert ["2023", "500.0", "101.0", "199.5", "2", "0", "0", "0"] in told
    assert ["2024", "400.0", "101.0", "0.0", "2", "0", "0", "0"] in told
    told_next, plots = told[-2:]
    assert told_next == ["Every event, the bars of all work and every account: add --details."]
    assert plots[0].startswith("Plots: results/")


def test_events_of_a_future_have_their_day_date_and_amount(said):
    printed = said("trace", "plan.yaml", "--details")
    assert printed.startswith("Future number 0 of four futures (seed 1)\n")
    events = [re.split(r"\s{2,}", line.strip()) for line in printed.splitlines()]
    assert ["Day", "Date", "Event", "Subject", "Detail"] in events
    for event in (
        ["0", "2023-01-01", "release of money", "Province", "Rp 400.0 million"],
        ["0", "2023-01-01", "start", "Barat, zone 1, site", "until day 30, costs Rp 50.5 million"],
        ["365", "2024-01-01", "lapsed", "Province", "Rp 179.8 million"],
        [
            "365",
            "2024-01-01",
            "start",
            "Timur, zone 2, site",
            "until day 395, costs Rp 50.5 million",
        ],
        ["396", "2024-02-01", "launch", "Timur, zone 2"],
    ):
        assert event in events


def test_the_schedule_draws_each_stretch_of_days_where_it_lies(said):
    lines = said("trace", "plan.yaml", "--details").splitlines()
    lines = lines[[line.strip() for line in lines].index("Schedule") :]
    years = next(line for line in lines if "2023" in line and "2024" in line)
    origin = years.index("2023")
    # 93 columns for 731 days: 365 of them begin in column 46, days 30 and 395 in 3 and 50
    assert years.index("2024") - origin == 46
    for name, first, n_columns in (
        ("Barat, zone 1, site", 0, 4),
        ("Barat, zone 2, launch", 3, 1),
        ("Timur, zone 1, site", 46, 5),
        ("Timur, zone 1, launch", 50, 1),
    ):
        (bar,) = [
            line[origin:].rstrip() for line in lines if line.startswith(f" {name} ") and "█" in line
        ]
        assert bar == " " * first + "█" * n_columns


def test_odds_whose_interval_may_be_narrow_are_said_to_be_wherever_they_are_told(said, monkeypatch):
    told = "This interval may be narrow: of kinds of worlds rarer than"
    assert told not in said(*COMPARE)
    with monkeypatch.context() as patched:
        # odds of 0.7, 0.9, and 0.75 of timur in the first plan; 0.9 and 0.95 in the second
        patched.setattr(summary, "may_be_narrow", lambda odds, n_worlds: odds.value < 0.8)
        printed = said(*COMPARE)
        document = json.loads(said(*RUN, "--json"))
        screen = said(*RUN, "--details")
    assert f"\nfour futures: {told}" in printed
    assert f"more money: {told}" not in printed
    assert document["may_be_narrow"] == ["all_cities", "timur"]
    assert [line[: len(told)] == told for line in document["warnings"][-2:]] == [True, False]
    assert document["warnings"][-1].endswith("Timur.")
    assert screen.count(told) == 1
    assert document["warnings"][-1] in screen
    assert json.loads(said(*RUN, "--json"))["may_be_narrow"] == []
