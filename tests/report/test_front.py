"""The plot of plans by cost and by what they reach: numbers, marks and axes."""

from types import SimpleNamespace

import pytest

from kla_sim import language
from kla_sim.analysis.estimate import Estimate
from kla_sim.experiment.optimum import Standing
from kla_sim.report.drawing import draw, to_csv
from kla_sim.report.figures import Caption
from kla_sim.report.front import front_figure
from kla_sim.scenario.candidates import Candidate

CAPTION = Caption(scenario="Uji", digest="12345678", seed=1, replications=2_000, version="0")


def estimate(value, half):
    return Estimate(value, value - half, value + half, 0.95, "invented", 2_000)


def standing(name, cost, odds, behind, half=0.002):
    return Standing(
        name, Candidate({}, {("name",): name}, None, cost), estimate(odds, 0.03),
        estimate(4.0, 0.1), estimate(cost, 0.0), estimate(behind, half), estimate(0.02, 0.01),
        200,
    )  # fmt: skip


BEST = standing("best", 40_000_000_000, 0.15, 0.0, 0.0)
FOUND = SimpleNamespace(
    is_rare=False,
    seen=[(40_000_000_000, 0.14), (30_000_000_000, 0.12)],
    best=BEST,
    alternatives=[standing("alternative_1", 39_000_000_000, 0.148, 0.002)],
    given=standing("given", 40_000_000_000, 0.14, 0.01),
    rules=[standing("listed", 40_000_000_000, 0.139, 0.011)],
    front=[standing("", 30_000_000_000, 0.125, 0.025), BEST],
)


def test_the_table_holds_every_plan_with_the_interval_of_its_difference():
    head, *rows = to_csv(front_figure(FOUND, CAPTION)).decode().splitlines()
    assert head == "kind,plan,cost_rupiah,value,low,high"
    cells = {tuple(row.split(",")[:2]): [float(cell or "nan") for cell in row.split(",")[2:]]
             for row in rows}  # fmt: skip
    # the given plan lies 0.01 below the best at 0.15, give or take 0.002
    assert cells["given", "given"] == pytest.approx([40e9, 0.14, 0.138, 0.142])
    assert cells["front", "front"] == pytest.approx([30e9, 0.125, 0.123, 0.127])
    assert cells["best", "best"] == pytest.approx([40e9, 0.15, 0.15, 0.15])
    assert cells["tried", "2"][:2] == [30e9, 0.12]


def test_the_axes_end_at_round_numbers_around_all_plans():
    figure = front_figure(FOUND, CAPTION)
    assert (figure.x.low, figure.x.high) == (30e9, 40e9)
    assert figure.y.low == pytest.approx(0.12)
    assert figure.y.high == pytest.approx(0.15)
    assert figure.y.ticks[0].label == "12 %"


@pytest.mark.parametrize(
    ("spoken", "title"),
    [
        ("id", "Peluang terhadap anggaran dari 2 rencana: 15,0 % dengan Rp 40,0 miliar, "
               "12,5 % dengan Rp 30,0 miliar"),
        ("en", "Odds against budget of 2 plans: 15.0 % with Rp 40.0 billion, "
               "12.5 % with Rp 30.0 billion"),
    ],
)  # fmt: skip
def test_the_title_says_what_money_buys(spoken, title):
    language.use(spoken)
    assert front_figure(FOUND, CAPTION).title == title


def test_it_is_drawn_with_a_mark_for_every_plan():
    canvas = draw(front_figure(FOUND, CAPTION))
    (axes,) = canvas.axes
    drawn = {line.get_marker(): len(line.get_xdata()) for line in axes.lines}
    assert (drawn["*"], drawn["D"], drawn["s"], drawn["^"]) == (1, 1, 1, 1)
