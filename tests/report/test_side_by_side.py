"""Figures drawn by two processes: the same bytes as by one, one lost without the rest."""

from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager

import numpy as np
import pytest

from kla_sim import execution
from kla_sim.report.charts import Axis, Tick
from kla_sim.report.drawing import to_svg
from kla_sim.report.range_charts import Dots
from kla_sim.report.side_by_side import draw_each, drawing_beside

NAMES = [f"figure-{place}" for place in range(8)]


def figure_of(name):
    return Dots(
        name, f"Title of {name}", "footer",
        x=Axis("odds", 0.0, 1.0, (Tick(0.0, "0"), Tick(1.0, "1"))),
        row_keys=("a", "b"), row_labels=("A", name),
        series_keys=("s",), series_labels=("S",),
        points=np.array([[(0.1, 0.2, 0.3), (0.4, 0.5, 0.6)]]),
        table_names=("run", "city", "low", "odds", "high"),
    )  # fmt: skip


def makers_of(names):
    return {name: lambda name=name: figure_of(name) for name in names}


class Beside:
    """An executor in whose hands every drawing comes to the same end."""

    def __init__(self, end):
        self._end, self.begun = end, []

    def submit(self, _work, *figures):
        future = Future()
        for figure in figures:  # none is asked for while it loads
            self.begun.append(figure.name)
            self._end(future, figure)
        return future


def use(monkeypatch, beside):
    @contextmanager
    def opened():
        yield execution.Workplace(beside, 1)

    monkeypatch.setattr(execution, "processes", lambda _: opened)
    monkeypatch.setattr("os.cpu_count", lambda: 2)


def test_another_process_draws_the_same_bytes(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    figure = figure_of("far")
    with execution.processes(1)() as beside:
        assert beside.executor.submit(to_svg, figure).result() == to_svg(figure)


def test_what_another_process_has_begun_is_taken_from_it_the_last_first(monkeypatch):
    beside = Beside(lambda future, figure: future.set_result(f"far {figure.name}".encode()))
    use(monkeypatch, beside)
    drawn = draw_each(makers_of(NAMES))
    assert beside.begun == NAMES[::-1]
    assert {name: one.svg for name, one in drawn.items()} == {
        name: f"far {name}".encode() for name in NAMES
    }
    assert list(drawn) == NAMES


def test_what_was_begun_early_is_begun_once_and_taken_by_its_name(monkeypatch):
    far = Beside(lambda future, figure: future.set_result(f"far {figure.name}".encode()))
    use(monkeypatch, far)
    with drawing_beside() as beside:
        beside.begin(makers_of(NAMES[:3]))
        assert far.begun == NAMES[:3]
        drawn = beside.draw_each(makers_of(NAMES[1:5]))
    assert far.begun == [*NAMES[:3], NAMES[4], NAMES[3]]
    assert {name: one.svg for name, one in drawn.items()} == {
        name: f"far {name}".encode() for name in NAMES[1:5]
    }


@pytest.mark.parametrize("n_cores", [1, None])
def test_with_one_core_no_process_is_started(monkeypatch, n_cores):
    def opened(_):
        raise AssertionError

    monkeypatch.setattr(execution, "processes", opened)
    monkeypatch.setattr("os.cpu_count", lambda: n_cores)
    with drawing_beside() as beside:
        beside.begin(makers_of(NAMES[:1]))
        assert beside.draw_each(makers_of(NAMES[:1]))[NAMES[0]].svg == to_svg(figure_of(NAMES[0]))
    assert list(draw_each(makers_of(NAMES))) == NAMES


@pytest.mark.parametrize(
    "end",
    [lambda _future, _figure: None, lambda future, _figure: future.set_exception(BrokenExecutor())],
    ids=["not begun", "lost"],
)
def test_what_nobody_has_begun_or_was_lost_is_drawn_here(monkeypatch, end):
    use(monkeypatch, Beside(end))
    drawn = draw_each(makers_of(NAMES))
    assert {name: one.svg for name, one in drawn.items()} == {
        name: to_svg(figure_of(name)) for name in NAMES
    }


def test_without_another_process_everything_is_drawn_here(monkeypatch):
    class Full:
        def submit(self, *_):
            raise OSError(11, "no more processes")

    use(monkeypatch, Full())
    assert [one.figure.name for one in draw_each(makers_of(NAMES)).values()] == NAMES


def test_a_figure_that_fails_leaves_the_others_standing(monkeypatch):
    def fails():
        raise ValueError("no such figure")

    far = Beside(lambda future, _figure: future.set_exception(ZeroDivisionError("far")))
    use(monkeypatch, far)
    drawn = draw_each({**makers_of(NAMES), "broken": fails})
    assert repr(drawn["broken"]) == "ValueError('no such figure')"
    assert {repr(drawn[name]) for name in NAMES} == {"ZeroDivisionError('far')"}
    use(monkeypatch, Beside(lambda _future, _figure: None))
    drawn = draw_each({"broken": fails, **makers_of(NAMES[:2])})
    assert [drawn[name].figure.name for name in NAMES[:2]] == NAMES[:2]
