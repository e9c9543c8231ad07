"""A typical failed future in words, and the ledgers as tables and plots."""

import numpy as np
import pytest

from kla_sim import language
from kla_sim.analysis.lost_futures import features, keep_ledgers
from kla_sim.analysis.typical import medoids
from kla_sim.engine.compiled import simulate_telling
from kla_sim.engine.plan import compile_plan
from kla_sim.experiment.explain import LateZone, TypicalFuture
from kla_sim.report.ledger_figures import explain_makers
from kla_sim.report.ledger_words import (
    critical_lines,
    days_sheet,
    points_sheet,
    shortfall_sheet,
    verdicts_sheet,
)
from kla_sim.report.typical_words import tell_future
from kla_sim.scenario.loading import read_scenario
from kla_sim.scenario.shipped import shipped_scenario

PLAN = read_scenario(shipped_scenario("kaltara_2022"), overrides=["worlds=4"]).scenario


@pytest.fixture(scope="module")
def plan():
    return compile_plan(PLAN, 1)


@pytest.fixture(scope="module")
def ledgers(plan):
    return keep_ledgers(plan, 0, *simulate_telling(plan, 0, 40))[0]


@pytest.fixture(autouse=True, params=["en", "id"])
def spoken(request):
    language.use(request.param)
    return request.param


def by_points(plan):
    """Return the ledgers of one future that fails by points, with its number."""
    for number in range(200):
        found, _ = keep_ledgers(plan, number, *simulate_telling(plan, number, number + 1))
        if found.points.is_booked.any() and found.points.shortfall.sum() > 1:
            return number, found
    raise AssertionError


def test_a_future_is_told_with_its_regions_its_points_and_what_held_it_up(plan, spoken):
    number, found = by_points(plan)
    worst = int(found.points.missing[0].argmax())
    days = np.zeros(plan.structure.n_causes + 5, np.int64)
    days[:3] = (80, 0, 125)
    verified = np.where(np.arange(6) == worst, 800.0 - found.points.missing[0, worst], 900.0)
    late = {worst: LateZone(3, 1_000, days)}
    future = TypicalFuture(number, 30, found, verified, [2023, 2024], late)
    told = " ".join(tell_future(future, 60, plan, PLAN))
    name = plan.labels.city_names[worst]
    if spoken == "en":
        assert told.startswith(f"Future number {number} stands for 50 % of those that fail.")
        assert "Evaluations cancelled or merged into the next: 2023 and 2024." in told
        assert f"{name} is judged on evidence up to 15 June" in told
        assert told.endswith(
            "Zone 3 was launched only on 10 August 2025; up to the verdict its chain was held up "
            "by Fasilitator Kaltara (Sudin PPAPP) (125 days) and outside the time window (80 days)."
        )
    else:
        assert told.startswith(f"Simulasi nomor {number} mewakili 50 % dari yang gagal.")
        assert "baru diluncurkan pada 10 Agustus 2025" in told
    never = future._replace(late={worst: LateZone(3, -1, days)})
    ending = tell_future(never, 60, plan, PLAN)[-1]
    assert ("never launched" if spoken == "en" else "tidak pernah diluncurkan") in ending


def test_every_sheet_has_a_cell_for_each_column(plan, ledgers):
    for sheet in (
        verdicts_sheet(ledgers, plan),
        points_sheet(ledgers, plan),
        shortfall_sheet(ledgers, plan, PLAN),
        days_sheet(ledgers, plan, PLAN),
    ):
        assert sheet.rows
        assert {len(row) for row in sheet.rows} == {len(sheet.columns)}
    assert len(critical_lines(ledgers, plan, PLAN)) == 2


def test_the_plots_hold_the_ledgers(plan, ledgers):
    makers = explain_makers(ledgers, plan, PLAN, "footer")
    points = makers["lost-points"]()
    n = ledgers.points.is_booked.sum(axis=0)
    lost = ledgers.points.shortfall.sum(axis=(0, 2)) / np.maximum(n, 1)
    np.testing.assert_allclose(points.values.sum(axis=(1, 2)), lost, atol=1e-9)
    days = makers["lost-days"]()
    lost_days = ledgers.days[:, :, :-1].sum(axis=2) / ledgers.n
    np.testing.assert_allclose(days.values.sum(axis=2), lost_days)
    for figure in (points, days):
        assert len(set(figure.looks)) == len(figure.looks)


def test_no_future_that_meets_the_target_is_typical_of_failure(ledgers):
    failed = np.flatnonzero(~ledgers.is_met)
    chosen = medoids(features(ledgers)[failed], 5)
    assert chosen.sizes.sum() == len(failed)
