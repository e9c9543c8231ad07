"""The answer in words: exact sentences in both languages, and never a bare 0 or 100 %."""

import datetime as dt
import math
import re

import invented
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kla_sim import language
from kla_sim.analysis.estimate import Check, Estimate, WorldRange
from kla_sim.analysis.summary import Precision, WithoutKaltara
from kla_sim.analysis.togetherness import TauOdds
from kla_sim.report.answer import alarms, answer, narrow_lines
from kla_sim.report.words import (
    money_shares,
    phrase_changes,
    phrase_difference,
    phrase_interval,
    phrase_odds,
    phrase_percent,
    phrase_plan,
    phrase_range,
    phrase_share,
    phrase_zones,
)

CERTAIN = re.compile(r"(?<![\d.,])(?<![<>])(0|100) %")


def say(summary, spoken, scenario=None):
    language.use(spoken)
    return answer(summary, scenario or invented.scenario())


def test_the_whole_answer_in_english():
    summary = invented.summary(at_once_hits=380)
    summary = invented.with_means(summary, wait_days=_waits())
    assert say(summary, "en") == [
        "Odds that all 3 regions hold category utama or above on 31 December 2026: "
        "30 %, about 3 in 10 (27-33 %), 1,000 futures.",
        "These odds reach neither 50 % nor 80 % by 31 December 2026.",
        "The same futures without any replication give the same odds.",
        "Odds that all regions stand at the target together on some day until the deadline: "
        "38 % (34-42 %).",
        "Weakest region: Jakarta Pusat, 40 %, about 4 in 10 (36-44 %).",
        "On average 1.6 of 3 regions reach the target (1.4 to 1.7).",
        "Province attainment on 14 November 2022: 73 % by verified scores, "
        "80 % as claimed by Dinas PPAPP DKI Jakarta.",
        "Province attainment on 15 June 2026: 81 % on average; 78-84 % in 8 of 10 futures.",
        "One world only: chance varies, what is not known does not.",
        "Money over the whole plan, on average: appropriated Rp 40.0 billion, "
        "spent Rp 30.0 billion (75 %), lapsed Rp 8.0 billion (20 %), "
        "still held on 31 December 2026 Rp 2.0 billion (5 %).",
        "Ready work waited 2,000 activity-days on average; largest causes: "
        "region money 50 %, Fasilitator Kaltara (Sudin PPAPP) 30 %, outside the time window 15 %.",
        "47 groups of numbers in this scenario are assumptions, the effects of Kaltara among "
        "them: see 'assumptions' in its file.",
    ]


def test_the_whole_answer_in_indonesian():
    summary = invented.summary(at_once_hits=380)
    summary = invented.with_means(summary, wait_days=_waits())
    assert say(summary, "id") == [
        "Peluang semua 3 wilayah berpredikat Utama atau lebih pada 31 Desember 2026: "
        "30 %, sekitar 3 dari 10 (27-33 %), 1.000 simulasi.",
        "Peluang itu tidak mencapai 50 %, apalagi 80 %, sampai 31 Desember 2026.",
        "Simulasi yang sama tanpa replikasi memberi peluang yang sama.",
        "Peluang semua wilayah serentak mencapai target pada suatu hari sampai batas waktu: "
        "38 % (34-42 %).",
        "Wilayah terlemah: Jakarta Pusat, 40 %, sekitar 4 dari 10 (36-44 %).",
        "Rata-rata 1,6 dari 3 wilayah mencapai target (1,4 sampai 1,7).",
        "Capaian provinsi pada 14 November 2022: 73 % menurut nilai hasil verifikasi lapangan, "
        "80 % menurut pernyataan Dinas PPAPP DKI Jakarta.",
        "Capaian provinsi pada 15 Juni 2026: rata-rata 81 %; 78-84 % dalam 8 dari 10 simulasi.",
        "Hanya satu kombinasi asumsi: yang berubah-ubah hanya kebetulan, bukan hal yang "
        "belum diketahui.",
        "Anggaran sepanjang rencana, rata-rata: pagu Rp 40,0 miliar, "
        "terserap Rp 30,0 miliar (75 %), tidak terserap Rp 8,0 miliar (20 %), "
        "masih tersimpan pada 31 Desember 2026 Rp 2,0 miliar (5 %).",
        "Kegiatan yang sudah siap menunggu rata-rata 2.000 hari-kegiatan; sebab terbesar: "
        "anggaran wilayah 50 %, Fasilitator Kaltara (Sudin PPAPP) 30 %, di luar masa "
        "pelaksanaan 15 %.",
        "47 kelompok angka dalam skenario ini adalah asumsi, termasuk besarnya efek Kaltara: "
        "lihat 'assumptions' dalam berkasnya.",
    ]


def _waits():
    """Return 2,000 days in three causes and a little of a fourth."""
    days = invented.summary().wait_days * 0
    days[1] = [300, 100, 600, 0, 0, 1000]
    return days


@pytest.mark.parametrize(
    ("hits", "english", "indonesian"),
    [
        (
            0,
            "none of 1,000 futures (below 0.4 %)",
            "tidak satu pun dari 1.000 simulasi (kurang dari 0,4 %)",
        ),
        (1000, "all 1,000 futures (above 99.6 %)", "seluruh 1.000 simulasi (di atas 99,6 %)"),
    ],
)
def test_none_and_all_are_said_with_their_bound_and_their_count_once(hits, english, indonesian):
    summary = invented.summary(joint_hits=hits)
    assert say(summary, "en")[0].endswith(f"31 December 2026: {english}.")
    assert say(summary, "id")[0].endswith(f"31 Desember 2026: {indonesian}.")


def test_one_city_is_not_called_all_regions():
    summary = invented.summary((870,), 870, curve=(0.0, 0.2, 0.55, 0.81, 0.87))
    english, indonesian = say(summary, "en"), say(summary, "id")
    assert english[:2] == [
        "Odds that Jakarta Pusat holds category utama or above on 31 December 2026: "
        "87 % (84-90 %), 1,000 futures.",
        "These odds reach 50 % on 23 July 2024 and 80 % on 23 July 2025.",
    ]
    assert indonesian[:2] == [
        "Peluang Jakarta Pusat berpredikat Utama atau lebih pada 31 Desember 2026: "
        "87 % (84-90 %), 1.000 simulasi.",
        "Peluang itu mencapai 50 % pada 23 Juli 2024 dan 80 % pada 23 Juli 2025.",
    ]
    assert not any(word in "\n".join(english) for word in ("Weakest", "On average 0.9", "all 1"))


def test_odds_that_reach_half_but_not_four_fifths():
    summary = invented.summary(curve=(0.0, 0.1, 0.5, 0.6, 0.7), joint_hits=700)
    assert say(summary, "en")[1] == (
        "These odds reach 50 % on 23 July 2024, but not 80 % by 31 December 2026."
    )
    assert say(summary, "id")[1] == (
        "Peluang itu mencapai 50 % pada 23 Juli 2024, tetapi tidak mencapai 80 % "
        "sampai 31 Desember 2026."
    )


def test_the_weakest_cities_are_counted_where_they_tie():
    summary = invented.summary((0, 0, 500), 0)
    assert (
        "Weakest regions: Jakarta Pusat and 1 more, each none of 1,000 futures (below 0.4 %)."
        in (say(summary, "en"))
    )
    assert (
        "Wilayah terlemah: Jakarta Pusat dan 1 wilayah lain, masing-masing "
        "tidak satu pun dari 1.000 simulasi (kurang dari 0,4 %)." in say(summary, "id")
    )


def test_worlds_are_said_with_their_range_or_with_the_reason_why_not():
    known = invented.summary(worlds=WorldRange(200, 0.12, 0.3, 0.441, 0.23))
    withheld = invented.summary(worlds=WorldRange(200, None, None, None, None))
    assert (
        "What is not known: across 200 worlds the odds run from 12 % to 44 % "
        "(about the middle 80 % of worlds); 23 % of the variance comes from it." in say(known, "en")
    )
    assert (
        "How much rests on what is not known cannot be said yet: the range across 200 worlds "
        "needs at least 4,000 futures (-n 4000)." in say(withheld, "en")
    )
    assert (
        "Pengaruh hal yang belum diketahui belum dapat disebutkan: rentang di antara 200 "
        "kombinasi asumsi "
        "memerlukan sedikitnya 4.000 simulasi (-n 4000)." in say(withheld, "id")
    )


def test_a_plan_without_money_waiting_or_assumptions_says_so():
    summary = invented.summary()
    nothing = {name: 0 * mean for name, mean in summary.means.items()}
    summary = invented.with_means(summary, **nothing)
    scenario = invented.scenario().model_copy(update={"assumptions": {}, "attainment_claim": None})
    english = say(summary, "en", scenario)
    assert english[-3:] == [
        "This plan holds no money.", "No work waited.", "This scenario records no assumptions.",
    ]  # fmt: skip
    assert "Province attainment on 14 November 2022: 73 % by verified scores." in english


def test_assumptions_without_effects_do_not_speak_of_kaltara():
    assumptions = invented.scenario().assumptions
    others = {path: why for path, why in assumptions.items() if not path.startswith("effects")}
    scenario = invented.scenario().model_copy(update={"assumptions": others})
    assert len(others) < len(assumptions)
    assert "Kaltara" not in say(invented.summary(), "en", scenario)[-1]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.00001, "fewer than 1 in 10,000"), (0.0001, "about 1 in 10,000"),
        (0.00072, "0.1 %, about 1 in 1,400"), (0.0072, "0.7 %, about 1 in 140"),
        (0.0101, "1.0 %, about 1 in 100"), (0.06, "6.0 %"), (0.0832, "8.3 %, about 1 in 12"),
        (0.1, "10 %, about 1 in 10"), (0.25, "25 %, about 1 in 4"), (0.331, "33 %, about 1 in 3"),
        (0.43, "43 %"), (0.667, "67 %, about 2 in 3"), (0.849, "85 %"),
        (0.9, "90 %, about 9 in 10"),
        (0.95, "95.0 %, about 19 in 20"), (0.971, "97.1 %, about 34 in 35"), (0.974, "97.4 %"),
        (0.9998, "about 4,999 in 5,000"), (0.99999, "more than 9,999 in 10,000"),
    ],
)  # fmt: skip
def test_a_fraction_is_said_only_where_it_reads_the_same_as_the_percentage(value, words):
    language.use("en")
    estimate = Estimate(value, value / 2, (1 + value) / 2, 0.95, "conditional", 1000)
    assert phrase_odds(estimate).startswith(f"{words} (")


@given(value=st.floats(0.0005, 0.9994))
def test_percentage_and_fraction_never_contradict_each_other(value):
    language.use("en")
    said = phrase_odds(Estimate(value, 0.0, 1.0, 0.95, "conditional", 1000))
    found = re.match(r"([0-9.]+) %(?:, about ([0-9,]+) in ([0-9,]+))? \(", said)
    assert found, said
    step = 0.1 if value < 0.1 or value > 0.9 else 1.0
    shown = float(found[1])
    assert abs(shown - 100 * value) <= step / 2 + 1e-9
    if found[2]:
        k, n = (int(part.replace(",", "")) for part in found.groups()[1:])
        assert abs(100 * k / n - shown) <= step / 2 + 1e-9


def test_the_only_future_is_not_counted_in_the_plural():
    assert say(invented.summary((1, 1, 0), 0, n=1), "en")[0].endswith(
        ": not in the only future (below 97.5 %)."
    )
    assert say(invented.summary((1, 1, 1), 1, n=1), "id")[0].endswith(
        ": dalam satu-satunya simulasi (di atas 2,5 %)."
    )


@pytest.mark.parametrize(
    ("low", "high", "english"),
    [
        (0.2601, 0.3499, "26-35 %"), (0.0, 0.0031, "below 0.4 %"), (0.004, 0.021, "0.4-2.1 %"),
        (0.9978, 1.0, "above 99.7 %"), (0.82, 0.99991, "above 82 %"), (0.0871, 0.1201, "8.7-13 %"),
        (0.0, 0.975, "below 97.5 %"), (0.00005, 0.00008, "below 0.1 %"), (0.5, 0.971, "50-97.1 %"),
        (0.0, 1.0, "too few futures to say"),
    ],
)  # fmt: skip
def test_the_ends_of_an_interval_are_rounded_outward(low, high, english):
    language.use("en")
    assert phrase_interval(Estimate((low + high) / 2, low, high, 0.95, "", 10)) == english


def test_a_share_next_to_none_says_no_more_than_its_interval():
    language.use("en")
    assert phrase_share(invented.odds(0, 20)) == "<17 %"
    assert phrase_share(invented.odds(20, 20)) == ">83 %"
    assert phrase_share(invented.odds(0, 100_000)) == "<0.1 %"
    assert phrase_share(invented.odds(0, 1)) == "<97.5 %"


def test_differences_carry_their_sign_and_interval():
    difference = Estimate(0.051, -0.004, 0.106, 0.95, "paired", 1000)
    language.use("id")
    assert phrase_difference(difference) == "+5,1 poin persen (-0,4 sampai 10,6)"
    language.use("en")
    assert phrase_difference(difference) == "+5.1 percentage points (-0.4 to 10.6)"


def test_a_range_of_one_percent_is_one_number():
    language.use("en")
    assert phrase_range(0.771, 0.774) == "77 %"
    assert phrase_range(0.771, 0.84) == "77-84 %"


@settings(deadline=None)  # the first call loads scipy
@given(
    n=st.integers(1, 100_000),
    share=st.floats(0, 1),
    n_worlds=st.sampled_from([1, 7]),
    spoken=st.sampled_from(["id", "en"]),
)
def test_odds_are_never_a_bare_nothing_or_everything(n, share, n_worlds, spoken):
    language.use(spoken)
    estimate = invented.odds(round(share * n), n, n_worlds)
    for words in (phrase_odds(estimate), phrase_share(estimate), phrase_percent(estimate.value)):
        assert not CERTAIN.search(words), words


def test_the_pattern_of_certainty_finds_what_it_looks_for():
    assert CERTAIN.search("about 1 in 10 (0 %)")
    assert CERTAIN.search("100 % of futures")
    assert not CERTAIN.search("10 %, 1.100 % and <100 %")


def _with_kaltara_adding(low):
    summary = invented.summary()
    difference = Estimate(0.05, low, 0.08, 0.95, "paired_conditional", 1000)
    return summary._replace(
        without_kaltara=WithoutKaltara(invented.odds(250, 1000), difference, 60, 10, 930)
    )


@pytest.mark.parametrize(
    ("language", "low", "sentence"),
    [
        (
            "en",
            0.02,
            "The same futures without any replication: 25 %, about 1 in 4 (22-28 %). Kaltara and "
            "the work around it add +5.0 percentage points (2.0 to 8.0), as far as the assumed "
            "effects hold.",
        ),
        (
            "id",
            0.02,
            "Simulasi yang sama tanpa replikasi: 25 %, sekitar 1 dari 4 (22-28 %). Kaltara dan "
            "kegiatan di sekitarnya menambah +5,0 poin persen (2,0 sampai 8,0), sejauh besarnya "
            "dampak yang diasumsikan itu benar.",
        ),
        (
            "en",
            -0.02,
            "The same futures without any replication: 25 %, about 1 in 4 (22-28 %). That Kaltara "
            "changes the odds is not shown: +5.0 percentage points (-2.0 to 8.0), with the "
            "effects assumed here.",
        ),
    ],
)
def test_what_kaltara_adds_is_said_with_its_assumption(language, low, sentence):
    assert sentence in say(_with_kaltara_adding(low), language)


def test_a_plan_that_is_safe_on_claimed_scores_only_is_called_out():
    summary = invented.summary()._replace(on_claimed_scores=invented.odds(900, 1000))
    said = say(summary, "en")
    assert any("safe on claimed scores, not on verified ones" in line for line in said)
    assert not any("claimed scores" in line for line in say(invented.summary(), "en"))


def test_a_number_that_rounds_to_zero_has_no_sign():
    language.use("id")
    nothing = Estimate(-0.00001, -0.00004, 0.00004, 0.95, "paired", 1000)
    assert phrase_difference(nothing) == "0,00 poin persen (-0,01 sampai 0,01)"


def test_a_small_difference_is_said_finer():
    language.use("en")
    small = Estimate(0.0003, 0.0001, 0.0005, 0.95, "paired", 1000)
    assert phrase_difference(small) == "+0.03 percentage points (0.01 to 0.05)"


def test_what_is_shown_to_differ_is_not_rounded_to_nothing():
    language.use("en")
    shown = Estimate(0.011, 0.0004, 0.021, 0.95, "paired", 1000)
    assert phrase_difference(shown) == "+1.10 percentage points (0.04 to 2.10)"


def test_shares_of_futures_are_finer_at_both_ends_and_claim_no_more_than_their_number():
    language.use("en")
    found = [phrase_percent(share) for share in (0.0, 0.0004, 0.0872, 0.5, 0.974, 0.9996)]
    assert found == ["<0.1 %", "<0.1 %", "8.7 %", "50 %", "97.4 %", ">99.9 %"]
    assert [phrase_percent(0.0, n) for n in (1, 20, 10_000)] == ["<97.5 %", "<17 %", "<0.1 %"]
    assert phrase_percent(1.0, 20) == ">83 %"


def test_the_shares_of_money_add_up_to_all_of_it():
    language.use("en")
    rupiahs = invented.summary().money
    money = rupiahs._replace(
        spent=0.7549 * rupiahs.appropriated,
        lapsed=0.1934 * rupiahs.appropriated,
        held=0.0517 / 0.05 * rupiahs.held,
    )
    assert {name: share for name, (_amount, share) in money_shares(money).items()} == {
        "spent": "76 %", "lapsed": "19 %", "held": "5 %",
    }  # fmt: skip


def test_money_that_was_never_released_is_told_apart_from_money_held():
    summary = invented.summary()
    money = summary.money._replace(released=0.9 * summary.money.appropriated)
    money = money._replace(spent=0.65 * money.appropriated)
    said = say(invented.with_means(summary, **money._asdict()), "en")
    assert (
        "Money over the whole plan, on average: appropriated Rp 40.0 billion, spent Rp 26.0 "
        "billion (65 %), lapsed Rp 8.0 billion (20 %), still held on 31 December 2026 Rp 2.0 "
        "billion (5 %), not released by 31 December 2026 Rp 4.0 billion (10 %)." in said
    )


def test_zones_launched_stand_beside_those_planned():
    scenario = invented.scenario()
    language.use("id")
    assert phrase_zones(4.21, "jakarta_pusat", scenario) == "4,2 dari 8"
    language.use("en")
    assert phrase_zones(0.9, "kepulauan_seribu", scenario) == "0.9 of 2"
    assert phrase_zones(0.0, "jakarta_timur", scenario) == "none planned"


def test_a_range_across_worlds_that_rests_on_few_of_them_is_withheld_with_its_reason():
    summary = invented.summary(worlds=WorldRange(50, None, None, None, None, "few_worlds"))
    assert any("rest on a few of the 50 worlds" in line for line in say(summary, "en"))
    assert any(
        "bertumpu pada sedikit saja dari 50 kombinasi asumsi" in line for line in say(summary, "id")
    )


def test_a_variance_ratio_beyond_a_hundred_is_not_said_to_the_last_digit():
    summary = invented.summary()._replace(variance_ratio=94_266_989.0)
    assert any("varies more than 100 times less" in line for line in say(summary, "en"))
    assert any("lebih dari 100 kali lebih kecil" in line for line in say(summary, "id"))
    assert any("5.5 times less" in x for x in say(summary._replace(variance_ratio=5.5), "en"))


def test_attainment_of_too_few_futures_has_no_range():
    summary = invented.summary()
    unknown = [point._replace(p10=math.nan, p90=math.nan) for point in summary.attainment]
    said = say(summary._replace(attainment=unknown), "en")
    assert "Province attainment on 15 June 2026: 81 % on average." in said


def test_a_caution_about_claimed_scores_needs_more_than_a_few_futures():
    few = invented.summary((1, 0, 1), 0, n=2)._replace(on_claimed_scores=invented.odds(2, 2))
    assert not any("claimed scores" in line for line in say(few, "en"))


def test_two_regions_are_both_of_them():
    summary = invented.summary()
    two = summary._replace(cities=summary.cities[:2])
    assert say(two, "en")[0].startswith("Odds that both regions hold category utama or above on ")
    assert say(two, "id")[0].startswith("Peluang kedua wilayah berpredikat Utama atau lebih pada ")


def _over_tau(weak, strong):
    return (
        TauOdds(0.194, 0.451, Estimate(*weak, 0.95, "conditional_clustered", 330)),
        TauOdds(0.63, 1.45, Estimate(*strong, 0.95, "conditional_clustered", 330)),
    )


def test_odds_over_tau_are_said_with_their_ranges_and_whether_they_differ():
    apart = invented.summary()._replace(tau=_over_tau((0.14, 0.1, 0.18), (0.3, 0.25, 0.36)))
    alike = invented.summary()._replace(tau=_over_tau((0.14, 0.1, 0.21), (0.2, 0.16, 0.26)))
    english = (
        "One of the things not known is how strongly regions of one province move together "
        "(spread of the log rate that they share): in the third of the worlds where they do so "
        "weakly (0.19 to 0.45) the odds are 14 % (10-18 %), where strongly (0.63 to 1.45) 30 %, "
        "about 3 in 10 (25-36 %)."
    )
    assert english in say(apart, "en")
    overlapping = (
        "20 %, about 2 in 10 (16-26 %); the intervals overlap, so that no difference is shown."
    )
    (line,) = [line for line in say(alike, "en") if "move together" in line]
    assert line.endswith(overlapping)
    (line,) = [line for line in say(alike, "id") if "bergerak bersama" in line]
    assert "lemah (0,19 sampai 0,45) peluangnya 14 % (10-21 %)" in line
    assert line.endswith("kedua rentangnya bertumpang tindih, jadi bedanya belum nyata.")


def test_where_no_world_differs_in_tau_nothing_is_said_of_it():
    assert not [line for line in say(invented.summary(), "en") if "move together" in line]


def said_of(summary, spoken, start, scenario=None):
    """Return the one line of an answer that begins so."""
    (line,) = [line for line in say(summary, spoken, scenario) if line.startswith(start)]
    return line


def checked(counted, difference, z, ratio):
    return invented.summary()._replace(
        counted=invented.odds(counted, 1000),
        check=Check(Estimate(difference, -0.01, 0.02, 0.95, "paired", 1000), z),
        variance_ratio=ratio,
    )


def test_counting_stands_beside_the_odds_with_its_difference_and_its_gain():
    assert said_of(checked(312, 0.012, -1.24, 5.46), "en", "Counted") == (
        "Counted plainly, the odds are 31 %; the difference of 1.2 percentage points is 1.2 times "
        "its standard error. The odds above integrate the last evaluation, so that one future "
        "varies 5.5 times less."
    )
    assert said_of(checked(312, -0.00452, 2.26, 99.96), "id", "Menurut hitungan") == (
        "Menurut hitungan langsung, peluangnya 31 %; selisih 0,45 poin persen itu 2,3 kali galat "
        "bakunya. Peluang di atas mengintegralkan penilaian terakhir, sehingga ragam tiap simulasi "
        "100,0 kali lebih kecil."
    )


@pytest.mark.parametrize(
    ("difference", "points"),
    [(0.0, "0.01"), (0.00004, "0.01"), (0.00996, "1.00"), (0.01, "1.0"), (-0.126, "12.6")],
)
def test_a_difference_between_the_two_is_never_said_to_be_none(difference, points):
    line = said_of(checked(300, difference, 0.5, 2.0), "en", "Counted")
    assert f"difference of {points} percentage points" in line


@pytest.mark.parametrize(("ratio", "words"), [
    (100.0, "varies 100.0 times less"), (100.1, "varies more than 100 times less"),
])  # fmt: skip
def test_of_a_gain_up_to_a_hundred_the_number_is_said(ratio, words):
    assert words in said_of(checked(300, 0.01, 0.5, ratio), "en", "Counted")


@pytest.mark.parametrize("ratio", [None, 5.0])
@pytest.mark.parametrize("z", [3.01, -3.01, 41.6])
def test_beyond_three_standard_errors_an_alarm_is_given(z, ratio):
    summary = checked(300, 0.01, z, ratio)
    assert said_of(summary, "en", "The odds and their plain count") == (
        f"The odds and their plain count differ by {abs(z):.1f} times the standard error, more "
        "than chance explains: please report this as a fault of the program."
    )
    assert f"berselisih {abs(z):.1f} kali".replace(".", ",") in said_of(
        summary, "id", "Peluang dan hitungan langsungnya"
    )
    assert alarms(checked(300, 0.01, 3.0, ratio)) == []
    assert alarms(checked(300, 0.01, -3.0, ratio)) == []


def test_the_precision_asked_for_is_said_with_what_was_reached():
    summary = invented.summary(n=4000)
    reached = summary._replace(precision=Precision(0.02, 0.01873, is_reached=True, looks=3))
    missed = summary._replace(precision=Precision(0.005, 0.01873, is_reached=False, looks=3))
    assert said_of(reached, "en", "The precision") == (
        "The precision asked for, ±2.0 percentage points, is reached after 4,000 futures: the "
        "odds are known to ±1.9."
    )
    assert said_of(missed, "id", "Ketelitian") == (
        "Ketelitian yang diminta, ±0,50 poin persen, belum tercapai dalam 4.000 simulasi: "
        "peluang diketahui sampai ±1,9. Dengan -n yang lebih besar, hasil ini dilanjutkan."
    )
    of_rounds = missed._replace(worlds=WorldRange(800, None, None, None, None, "few_futures"))
    assert said_of(of_rounds, "en", "How much rests") == (
        "How much rests on what is not known is not told apart here: each of the 800 worlds has "
        "fewer than 20 futures."
    )


LATE = [0.0, 0.1, 0.2, 0.25, 0.46]


@pytest.mark.parametrize(
    ("curve", "later"),
    [
        (LATE, "46 % at most, on 23 July 2026."),
        ([0.0, 0.1, 0.2, 0.46, 0.25], "46 % at most, on 23 July 2025."),
        ([0.0, 0.1, 0.25, 0.2, 0.25], ""),
        ([0.0, 0.0, 0.0, 0.0, 0.01], ""),
        ([0.0, 0.0, 0.0, 0.0, 0.011], "1.1 % at most, on 23 July 2026."),
    ],
)
def test_odds_that_come_after_the_deadline_are_said_with_their_day(curve, later):
    deadline = invented.AWARD_DAYS[2] - 1  # a day before the award of 2025
    summary = invented.summary(curve=curve, deadline_day=deadline)
    neither = "These odds reach neither 50 % nor 80 % by 31 December 2026."
    more = f" After the deadline they come to {later}" if later else ""
    assert say(summary, "en")[1] == neither + more


def test_the_day_of_the_deadline_itself_is_not_after_it():
    summary = invented.summary(curve=LATE, deadline_day=invented.AWARD_DAYS[3])
    assert "After the deadline" not in say(summary, "en")[1]


def test_a_claim_of_another_day_is_said_with_that_day():
    claim = invented.scenario().attainment_claim
    dated = claim.model_copy(update={"date": dt.date(2023, 2, 1), "value": 0.912})
    scenario = invented.scenario().model_copy(update={"attainment_claim": dated})
    assert said_of(invented.summary(), "en", "Province attainment on 14", scenario) == (
        "Province attainment on 14 November 2022: 73 % by verified scores; 91.2 % as claimed by "
        "Dinas PPAPP DKI Jakarta on 1 February 2023."
    )


def test_a_plan_without_a_later_evidence_day_has_no_second_attainment():
    summary = invented.summary()
    first = summary._replace(attainment=summary.attainment[:1])
    assert len([line for line in say(first, "en") if line.startswith("Province")]) == 1


@pytest.mark.parametrize(
    ("estimate", "sentence"),
    [
        ((1.55, 1.51, 1.59), "On average 1.6 of 3 regions reach the target (1.5 to 1.6)."),
        ((2.95, 2.91, 3.4), "On average 3.0 of 3 regions reach the target (2.9 to 3.0)."),
        ((0.04, -0.2, 0.11), "On average 0.0 of 3 regions reach the target (0.0 to 0.2)."),
        ((1.5, 1.5, 1.5), "On average 1.5 of 3 regions reach the target."),
    ],
)
def test_expected_regions_keep_within_their_number_and_round_outward(estimate, sentence):
    expected = Estimate(*estimate, 0.95, "clustered", 1000)
    summary = invented.summary()._replace(expected_cities=expected)
    assert said_of(summary, "en", "On average") == sentence


def test_several_cities_that_tie_as_the_weakest_are_counted_without_the_first():
    assert "Weakest regions: Jakarta Pusat and 2 more, each " in "\n".join(
        say(invented.summary((0, 0, 0), 0), "en")
    )


def test_three_causes_of_waiting_are_named_the_largest_first():
    summary = invented.summary()
    days = 0 * summary.wait_days
    days[0] = [10, 20, 0, 40, 0, 30]
    days[2] = [0, 0, 0, 0, 0, 20]
    assert said_of(invented.with_means(summary, wait_days=days), "en", "Ready work") == (
        "Ready work waited 120 activity-days on average; largest causes: region money 42 %, "
        "Tim audit RBRA nasional 33 %, limit of zones in progress 17 %."
    )


def test_a_cause_of_waiting_that_would_read_nought_is_not_named():
    summary = invented.summary()
    days = 0 * summary.wait_days
    days[0] = [0, 4, 0, 996, 0, 0]
    assert said_of(invented.with_means(summary, wait_days=days), "en", "Ready work") == (
        "Ready work waited 1,000 activity-days on average; largest causes: "
        "Tim audit RBRA nasional 100 %."
    )


def test_a_changed_plan_is_named_with_its_first_changes():
    language.use("en")
    assert phrase_plan("Kaltara", []) == "Kaltara"
    assert phrase_plan("Kaltara", ["worlds=3"]) == "Kaltara (changed: worlds = 3)"
    three = ["worlds=3", "policy.wip_limit = 2", "name=x"]
    assert phrase_plan("Kaltara", three[:2]) == (
        "Kaltara (changed: worlds = 3, policy.wip_limit = 2)"
    )
    assert phrase_changes(three) == "worlds = 3, policy.wip_limit = 2, and 1 more"
    language.use("id")
    assert phrase_changes([*three, "seed=1"]) == (
        "worlds = 3, policy.wip_limit = 2, dan 2 perubahan lain"
    )


@pytest.mark.parametrize(("length", "is_cut"), [(60, False), (61, True)])
def test_a_change_longer_than_60_signs_loses_its_middle(length, is_cut):
    change = "a=" + "1234567890" * 6
    written = f"a = {change[2:]}"[:length]
    said = phrase_changes([f"a={written[4:]}"])
    assert said == (f"{written[:30]} … {written[-30:]}" if is_cut else written)


def test_odds_over_tau_that_touch_are_not_said_to_differ():
    touching = invented.summary()._replace(tau=_over_tau((0.14, 0.1, 0.25), (0.3, 0.25, 0.36)))
    turned = invented.summary()._replace(tau=_over_tau((0.3, 0.25, 0.36), (0.14, 0.1, 0.25)))
    falling = invented.summary()._replace(tau=_over_tau((0.3, 0.25, 0.36), (0.14, 0.1, 0.24)))
    assert "overlap" in said_of(touching, "en", "One of the things")
    assert "overlap" in said_of(turned, "en", "One of the things")
    assert "overlap" not in said_of(falling, "en", "One of the things")


@pytest.mark.parametrize(("claimed", "odds", "is_said"), [
    (800, 300, True), (799, 300, False), (900, 799, True), (900, 800, False),
])  # fmt: skip
def test_a_plan_is_safe_from_80_percent_on(claimed, odds, is_said):
    summary = invented.summary(joint_hits=odds)._replace(
        on_claimed_scores=invented.odds(claimed, 1000)
    )
    assert any("safe on claimed scores" in line for line in say(summary, "en")) == is_said


@pytest.mark.parametrize(
    ("n", "end"), [(1, " (50-90 %), 1 future."), (2, " (50-90 %), 2 futures.")]
)
def test_odds_of_a_single_future_are_not_counted_in_the_plural(n, end):
    odds = Estimate(0.7, 0.5, 0.9, 0.95, "conditional", n)
    assert say(invented.summary()._replace(all_cities=odds), "en")[0].endswith(end)


NARROW = Estimate(0.004, 0.001, 0.009, 0.95, "conditional_clustered", 1_000)
SURE = Estimate(0.995, 0.99, 0.999, 0.95, "conditional_clustered", 1_000)
WIDE = Estimate(0.3, 0.25, 0.35, 0.95, "conditional_clustered", 1_000)


@pytest.mark.parametrize(
    ("spoken", "joint", "regions"),
    [
        (
            "en",
            "This interval may be narrow: of kinds of worlds rarer than 1.8 % none may be among "
            "these 200, and it leaves no room for them.",
            "Intervals that may be narrow, because of kinds of worlds rarer than 1.8 % none may be "
            "among these 200: Jakarta Utara.",
        ),
        (
            "id",
            "Selang ini mungkin terlalu sempit: jenis kombinasi asumsi yang lebih jarang daripada "
            "1,8 % bisa jadi tidak ada di antara 200 kombinasi ini, dan selang itu tidak memberi "
            "ruang baginya.",
            "Selang yang mungkin terlalu sempit, karena jenis kombinasi asumsi yang lebih jarang "
            "daripada 1,8 % bisa jadi tidak ada di antara 200 kombinasi ini: Jakarta Utara.",
        ),
    ],
)
def test_intervals_that_leave_no_room_for_unseen_worlds_are_said_to(spoken, joint, regions):
    worlds = WorldRange(200, None, None, None, None)
    found = invented.summary(worlds=worlds)._replace(all_cities=NARROW, cities=[WIDE, SURE, WIDE])
    said = say(found, spoken)
    assert said[1:3] == [joint, regions]
    assert (found.is_joint_narrow, found.narrow_cities) == (True, [1])
    for calm in (
        found._replace(worlds=WorldRange(1, None, None, None, None)),  # nothing is unknown
        found._replace(all_cities=WIDE, cities=[WIDE] * 3),
    ):
        assert narrow_lines(calm) == []
