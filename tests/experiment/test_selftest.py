"""The selftest finds what is wrong: faults planted in an engine, a book, a way to run."""

import json

import numpy as np
import pytest

from kla_sim.engine import compiled, reference
from kla_sim.engine.plan import compile_plan
from kla_sim.experiment.selftest import (
    books,
    numbers,
    sameness,
    suite,
    ways,
)
from kla_sim.experiment.selftest.laboratory import Laboratory
from kla_sim.experiment.selftest.numbers import Check, Number

FORMS = {form.name: form for form in suite.FORMS}
LIMIT = numbers.z_limit(280)


def wrong(form, engine, seed=1, share=1.0):
    """Return the names of the numbers of a form that an engine gets wrong."""
    n = max(10, round(share * FORMS[form].n))
    check = Check(form, tuple(FORMS[form].compare(Laboratory(engine, n, seed))))
    return [number.name for number in check.wrong(LIMIT)]


def with_values(**changes):
    """Return an engine that has some values of every world wrong."""

    def simulate(plan, first, last):
        worlds = [
            values._replace(**{name: change(values) for name, change in changes.items()})
            for values in plan.values
        ]
        return compiled.simulate_keeping(plan._replace(values=worlds), first, last)

    return simulate


def test_a_mean_that_is_1_percent_too_long_is_found():
    def longer(values):
        duration = values.duration.copy()
        duration[:, 1:4] *= 1.01  # every parameter of these rows is in days
        return duration

    assert "finish_day" in wrong("erlang_chain", with_values(duration=longer))
    assert wrong("erlang_chain", compiled.simulate_keeping) == []


def test_a_score_on_a_bound_that_is_let_through_is_found():
    """At least 600, 700, 800, 900 points instead of above them."""
    bounds = with_values(bounds=lambda values: values.bounds - 1e-6)
    assert wrong("bounds", bounds) == ["in_another_band"]
    assert wrong("bounds", compiled.simulate_keeping) == []


def test_ranks_taken_the_wrong_way_round_are_found():
    def backwards(plan, first, last):
        structure = plan.structure._replace(kind_rank=-plan.structure.kind_rank)
        return compiled.simulate_keeping(plan._replace(structure=structure), first, last)

    assert "pauses" in wrong("one_post_in_order", backwards, share=0.05)


def test_one_rupiah_lost_in_one_future_is_found():
    def losing(plan, first, last):
        results, spells = compiled.simulate_telling(plan, first, last)
        results.spent[7, 1, 0] -= 1
        return results, spells

    plan = books.with_few_worlds("kaltara_2022", 2)
    found = Check("money", tuple(books.money(books.tell(plan, losing, 20, 1))))
    wrong_ones = [number.name for number in found.wrong(LIMIT)]
    assert wrong_ones == ["released", "years_not_balanced", "lapsed_otherwise"]


def test_a_day_at_work_that_is_not_booked_is_found():
    def forgetting(plan, first, last):
        results, spells = compiled.simulate_telling(plan, first, last)
        results.busy_days[3, 0] -= 1
        results.wait_days[3, 1, 2] += 1
        return results, spells

    plan = books.with_few_worlds("kaltara_2022", 2)
    found = Check("little", tuple(books.little(books.tell(plan, forgetting, 20, 1))))
    assert len(found.wrong(LIMIT)) == 4


def test_successors_who_come_a_day_late_on_average_are_found():
    def later(values):
        replacement = values.replacement.copy()
        replacement[:, 1] *= 41 / 40
        return replacement

    assert wrong("posts", with_values(replacement=later)) == ["filled_days"]


def test_noise_of_the_jury_that_is_2_percent_too_wide_is_found():
    wider = with_values(noise=lambda values: values.noise * 1.02)
    assert "variance" in wrong("wide_tails", wider)


def test_a_last_bit_that_differs_between_the_engines_is_found():
    def nearly(plan, first, last):
        results, attempts = compiled.simulate_keeping(plan, first, last)
        results.verified[0, 0, 0] = np.nextafter(results.verified[0, 0, 0], 2000.0)
        return results, attempts

    plan = sameness.full_of_chance(["barat"])
    found = Check("e", tuple(sameness.engines(nearly, reference.simulate_keeping, plan, 5, 1)))
    assert [number.name for number in found.wrong(LIMIT)] == ["results_that_differ"]


def test_luck_that_moves_with_another_city_is_found():
    """Streams numbered by their place in the plan instead of their name."""

    def by_place(plan, first, last):
        streams = np.arange(len(plan.structure.duration_stream), dtype=np.uint64)
        structure = plan.structure._replace(duration_stream=streams)
        return compiled.simulate_keeping(plan._replace(structure=structure), first, last)

    found = Check("c", tuple(sameness.common_luck(by_place, 50, 1)))
    assert "finish_moved" in [number.name for number in found.wrong(LIMIT)]


def test_a_way_that_gives_another_future_is_found(tmp_path):
    bench = ways.Bench.in_folder(tmp_path, 1)
    other = ways.Bench.in_folder(tmp_path, 2)
    expected = {ways.FEW: "0" * 64}
    way = ways.Way("shards", ways._shards)
    check = ways.compare(way, bench, expected)
    assert [number.name for number in check.wrong(LIMIT)] == ["hash_differs"]
    expected[ways.FEW] = ways.kept_hash(ways.run(other.few("plain")).run.folder, ways.FEW)
    assert ways.compare(way._replace(run=ways._other_engine), other, expected).wrong(LIMIT) == ()


def test_every_leading_number_with_a_standard_error_is_known_within_1_percent():
    """Half of the 95 % interval with as many futures as the command simulates, from a tenth."""
    of_law = [form for form in suite.FORMS if form.name != "bounds"]
    assert len(of_law) >= 15
    for form in of_law:
        first = next(iter(form.compare(Laboratory(compiled.simulate_keeping, form.n // 10, 3))))
        assert 0.0 < first.half_width * 0.1**0.5 < 0.01, form.name


def test_a_right_program_is_called_wrong_once_in_ten_thousand_selftests():
    # two-sided, 280 numbers: 280 x 2 x P(Z > z) = 1e-4
    from scipy import stats

    assert 280 * 2 * stats.norm.sf(numbers.z_limit(280)) == pytest.approx(1e-4)
    assert numbers.z_limit(1) == pytest.approx(3.8906, abs=1e-4)


def test_what_is_detectable_is_found_with_99_percent():
    number = Number("x", 200.0, 200.0, 0.5)
    # (4.98 + 2.326) x 0.5 / 200
    assert numbers.detectable(number, 4.98) == pytest.approx(0.01827, abs=1e-5)


def test_the_document_lists_every_number_with_its_verdict():
    checks = (Check("a", (Number("x", 2.0, 3.0, 0.1), numbers.zero("y", 0))),)
    found = suite.selftest_document(suite.Selftest(checks, ("dask",), 4.0))
    assert json.loads(json.dumps(found)) == found
    assert found["passed"] is False
    assert found["skipped"] == ["dask"]
    first, second = found["checks"]
    assert (first["name"], first["expected"], first["got"]) == ("a: x", 2.0, 3.0)
    assert (first["z"], first["passed"]) == (pytest.approx(10.0), False)
    assert (second["z"], second["passed"]) == (None, True)


def test_the_plans_of_books_are_the_shipped_ones():
    assert "kaltara_2022" in books.runnable_names()
    assert "base" not in books.runnable_names()
    assert len(compile_plan(books.with_few_worlds("kaltara_2022", 2), 1).worlds) == 2
