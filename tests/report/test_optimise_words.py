"""What `optimise` says of a plan: every change in words, in both languages."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from kla_sim import language
from kla_sim.analysis.estimate import Estimate
from kla_sim.experiment.optimum import Standing
from kla_sim.report.optimise_words import phrase_best, phrase_changes, phrase_name
from kla_sim.scenario.candidates import Space
from kla_sim.scenario.loading import load_scenario

GIVEN = load_scenario(Path(__file__).parents[1] / "data" / "levers" / "plan.yaml")
SPACE = Space(GIVEN)
NONE = Estimate(0.0, 0.0, 0.0, 0.95, "invented", 1)


def standing(name="best", **values):
    places = SPACE.own
    for key, value in values.items():
        lever = key.replace("__", ".")
        places[lever] = SPACE.by_name[lever].values.index(value)
    return Standing(name, SPACE.candidate(places), *[NONE] * 5, 200)


@pytest.mark.parametrize(
    ("values", "indonesian", "english"),
    [
        ({"priority": "lowest_score_first"},
         "urutan wilayah: nilai terendah dulu, semula menurut daftar",
         "order of regions: lowest score first, in listed order before"),
        ({"order__a": 1, "order__b": 0},
         "urutan daftar: Kota B, Kota A", "listed order: Kota B, Kota A"),
        ({"wip_limit": 1},
         "kawasan yang dikerjakan serentak per wilayah: paling banyak 1, semula tanpa batas",
         "zones in progress at once in a region: at most 1, no limit before"),
        ({"posts__trainers__2025": 2},
         "trainers: 1 → 2 (2025) → 1 (2026) orang", "trainers: 1 → 2 (2025) → 1 (2026) posts"),
        ({"posts__facilitators__b": 2},
         "facilitators di Kota B: 1 → 2 (2024) orang",
         "facilitators in Kota B: 1 → 2 (2024) posts"),
        ({"zones__a__2024": 2, "zones__a__2025": 0},
         "Kota A, kawasan per tahap: 2 (2024); semula 1 (2024), 1 (2025)",
         "Kota A, zones per stage: 2 (2024); 1 (2024), 1 (2025) before"),
    ],
)  # fmt: skip
def test_every_kind_of_change_is_told(values, indonesian, english):
    one = standing(**values)
    told = phrase_changes(one, GIVEN)
    assert indonesian in told
    language.use("en")
    assert english in phrase_changes(one, GIVEN)


def test_money_is_told_by_account_over_the_whole_plan():
    # half of what is still open: 100 + 3 * 50 of 400 million in each account
    told = phrase_changes(standing(money__total=0.5), GIVEN)
    assert (
        "anggaran provinsi: Rp 250,0 juta sepanjang rencana, semula Rp 400,0 juta (-38 %)" in told
    )
    assert "anggaran Kota A: Rp 250,0 juta sepanjang rencana, semula Rp 400,0 juta (-38 %)" in told


def test_the_given_plan_differs_in_nothing():
    assert phrase_changes(standing(wip_limit=2)._replace(plan=SPACE.given), GIVEN) == [
        "tidak ada yang diubah"
    ]


@pytest.mark.parametrize(
    ("odds", "n_worlds", "is_said"),
    [((0.004, 0.001, 0.009), 200, True), ((0.3, 0.25, 0.35), 200, False),
     ((0.004, 0.001, 0.009), 1_000, False)],
)  # fmt: skip
def test_odds_of_the_best_plan_that_leave_no_room_for_unseen_worlds_say_so(odds, n_worlds, is_said):
    best = standing()._replace(odds=Estimate(*odds, 0.95, "invented", 2_000), n_worlds=n_worlds)
    found = SimpleNamespace(
        best=best, given=best, space=SPACE, seen=[()], is_rare=True, promised=None, apart=0.01
    )
    said = [line for line in phrase_best(found, None) if "mungkin terlalu sempit" in line]
    assert said == is_said * [
        "Selang yang mungkin terlalu sempit, karena jenis kombinasi asumsi yang lebih jarang "
        "daripada 1,8 % bisa jadi tidak ada di antara 200 kombinasi ini: 0,4 %, sekitar 1 dari "
        "250 (0,1-0,9 %)."
    ]


def test_plans_have_names():
    assert phrase_name(standing("alternative_2")) == "pilihan lain 2"
    assert phrase_name(standing("listed")) == "rencana semula, menurut daftar"
    assert phrase_name(standing("given")) == "rencana semula"
