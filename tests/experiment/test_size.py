"""Memory, disk and time are reckoned from the scenario, before a world or an array is made."""

import json
import re

import pytest

from kla_sim.cli import main
from kla_sim.cli.sizes import size_words
from kla_sim.errors import UsageError
from kla_sim.experiment import precise, size
from kla_sim.experiment import run as run_module
from kla_sim.experiment.progress import Preparing, Progress
from kla_sim.experiment.run import RunRequest, read_run, run
from kla_sim.experiment.size import Asked, Load, Size, reckon, refuse_too_large, rows_of_part
from kla_sim.experiment.trace import trace_future
from kla_sim.language import speaking
from kla_sim.scenario.loading import load_scenario
from kla_sim.scenario.shipped import shipped_scenario

SCENARIO = load_scenario(shipped_scenario("kaltara_2022"))
TWO_WORLDS = SCENARIO.model_copy(update={"worlds": 2})


def request(folder, n=20, scenario=TWO_WORLDS, **changes):
    settings = {
        "scenario": scenario,
        "digest": "0123456789abcdef",
        "resolved": "name: test\n",
        "replications": n,
        "engine": "compiled",
        "results": folder,
        **changes,
    }
    return RunRequest(**settings)


def with_zones(n_zones, **changes):
    cities = {
        name: city.model_copy(
            update={"zones": city.zones.model_copy(update={"planned": n_zones, "existing": 0})}
        )
        for name, city in SCENARIO.cities.items()
    }
    return SCENARIO.model_copy(update={"cities": cities, "worlds": 2, **changes})


@pytest.fixture
def nothing_is_made(monkeypatch):
    """Let any compilation of a plan fail: what is refused is refused before it."""

    def compile_plan(*_, **__):
        raise AssertionError

    for module in (run_module, precise):
        monkeypatch.setattr(module, "compile_plan", compile_plan, raising=False)
    monkeypatch.setattr("kla_sim.experiment.trace.compile_plan", compile_plan)
    monkeypatch.setattr("kla_sim.experiment.rounds.compile_plan", compile_plan)


def test_the_bytes_of_a_part_are_known_beforehand(tmp_path):
    asked = Asked(400, keeps_activities=True)
    foreseen = reckon(TWO_WORLDS, asked).disk_bytes
    folder = run(request(tmp_path, 400, keeps_activities=True)).run.folder
    found = sum(path.stat().st_size for path in folder.path.glob("*.parquet"))
    assert found / 2 < foreseen < found * 2


def test_what_grows_in_proportion_is_reckoned_so():
    one, ten = reckon(SCENARIO, Asked(10_000)), reckon(SCENARIO, Asked(100_000))
    assert ten.disk_bytes == pytest.approx(10 * one.disk_bytes)
    many = reckon(SCENARIO.model_copy(update={"worlds": 100_000}), Asked(10_000))
    # about a millisecond and 14 kilobytes a world, as measured
    assert 30 < many.seconds - one.seconds < 300
    assert 0.5e9 < many.memory_bytes - one.memory_bytes < 3e9
    assert not one.is_large
    assert many.is_large


def test_a_hundred_thousand_zones_with_all_activities_take_more_than_5_gigabytes():
    plan = with_zones(16_667)
    assert reckon(plan, Asked(1_000)).memory_bytes < 5e9
    assert reckon(plan, Asked(1_000, keeps_activities=True)).memory_bytes > 5e9


def test_all_futures_that_can_be_numbered_are_more_than_a_terabyte_and_days():
    size_of_all = reckon(SCENARIO, Asked(2**32 - 1))
    assert size_of_all.disk_bytes > 1e12
    assert size_of_all.seconds > 86_400


@pytest.mark.parametrize(
    ("scenario", "asked", "code"),
    [
        (SCENARIO.model_copy(update={"worlds": 100_000}), Asked(100), "too_large_worlds"),
        (with_zones(20_000), Asked(100), "too_large_zones"),
        (with_zones(3_000), Asked(100, keeps_activities=True), "too_large_kept"),
        (SCENARIO, Asked(2**32 - 1, central=True), "too_large_replications"),
    ],
)
def test_what_the_memory_cannot_hold_names_the_number_to_lower(monkeypatch, scenario, asked, code):
    monkeypatch.setattr(size, "free_memory", lambda: 0.9e9)
    with pytest.raises(UsageError) as refusal:
        refuse_too_large(reckon(scenario, asked))
    assert refusal.value.code == code
    fields = refusal.value.fields
    assert fields["available"] == 0.9
    assert 0 < fields["most"] < fields["now"]


def test_the_number_to_lower_to_is_one_that_fits(monkeypatch):
    monkeypatch.setattr(size, "free_memory", lambda: 0.9e9)
    with pytest.raises(UsageError) as refusal:
        refuse_too_large(reckon(SCENARIO.model_copy(update={"worlds": 100_000}), Asked(100)))
    most = refusal.value.fields["most"]
    refuse_too_large(reckon(SCENARIO.model_copy(update={"worlds": most}), Asked(100)))
    with pytest.raises(UsageError):
        refuse_too_large(reckon(SCENARIO.model_copy(update={"worlds": most + 2}), Asked(100)))


def test_a_plan_that_fits_nowhere_is_refused_without_a_number(monkeypatch):
    monkeypatch.setattr(size, "free_memory", lambda: 1e6)
    with pytest.raises(UsageError) as refusal:
        refuse_too_large(reckon(SCENARIO, Asked(100)))
    assert refusal.value.code == "too_large_plan"


@pytest.mark.usefixtures("nothing_is_made")
def test_nothing_is_made_or_written_where_it_cannot_be_held(monkeypatch, tmp_path):
    monkeypatch.setattr(size, "free_memory", lambda: 1e6)
    with pytest.raises(UsageError):
        run(request(tmp_path / "results"))
    with pytest.raises(UsageError):
        precise.run_to_precision(request(tmp_path / "results"), 0.01)
    with pytest.raises(UsageError):
        trace_future(TWO_WORLDS, 1, 0)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_too_small_says_how_many_futures_it_holds(monkeypatch, tmp_path):
    monkeypatch.setattr(size, "free_disk", lambda _: 1e6)
    with pytest.raises(UsageError) as refusal:
        run(request(tmp_path, 10_000))
    assert refusal.value.code == "too_large_for_disk"
    most = refusal.value.fields["most"]
    assert 500 < most < 700  # 1,580 bytes each
    assert run(request(tmp_path, most // 10)).simulated == most // 10


def test_a_finished_run_is_read_on_a_full_disk(monkeypatch, tmp_path):
    run(request(tmp_path, 20))
    monkeypatch.setattr(size, "free_disk", lambda _: 0.0)
    again = run(request(tmp_path, 20))
    assert again.simulated == 0


def test_a_run_in_rounds_of_more_worlds_than_can_be_numbered_is_refused(tmp_path):
    many = TWO_WORLDS.model_copy(update={"worlds": 100_000})
    with pytest.raises(UsageError) as refusal:
        precise.run_to_precision(request(tmp_path, 2**32 - 1, scenario=many), 0.01)
    assert refusal.value.code == "precision_of_too_many_worlds"
    assert refusal.value.fields["most"] == 2**31 // 100_000 * 1_000


def test_large_futures_stand_in_smaller_parts_and_give_the_same_answer(monkeypatch, tmp_path):
    whole = run(request(tmp_path / "whole", 60, keeps_activities=True))
    monkeypatch.setattr(size, "_PART_BYTES", 100_000)
    rows = rows_of_part(TWO_WORLDS, Asked(60, keeps_activities=True))
    assert 5 < rows < 20
    cut = run(request(tmp_path / "cut", 60, keeps_activities=True))
    assert len(cut.run.folder.manifest.parts) == -(-60 // rows)
    assert len(whole.run.folder.manifest.parts) == 1
    assert cut.run.summary.all_cities == whole.run.summary.all_cities
    assert (cut.run.summary.wait_days == whole.run.summary.wait_days).all()


def test_worlds_are_told_of_before_anything_is_simulated(tmp_path):
    told = []
    run(request(tmp_path, 20, scenario=SCENARIO.model_copy(update={"worlds": 7})), told.append)
    assert told[:8] == [Preparing(done, 7) for done in range(8)]
    assert [type(entry) for entry in told[8:]] == [Progress]


def test_worlds_of_the_first_round_are_told_of_too(tmp_path):
    told = []
    precise.run_to_precision(request(tmp_path, 1_500, seed=77), 0.4, told.append)
    assert told[:3] == [Preparing(0, 2), Preparing(1, 2), Preparing(2, 2)]
    assert all(isinstance(entry, Progress) for entry in told[3:])


def sized(seconds, memory=1e9, disk=1e9):
    return Size(10_000, (Load("worlds", 1, memory - 2.5e8),), disk, seconds)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (5, "sekitar 5,0 detik"),
        (90, "sekitar 1,5 menit"),
        (7_200, "sekitar 2,0 jam"),
        (86_400 * 12, "sekitar 12 hari"),
    ],
)
def test_a_size_is_said_in_words(seconds, said):
    with speaking("id"):
        line = size_words(sized(seconds, 2.54e9, 31e9))
    assert line == f"Perkiraan untuk 10.000 simulasi: {said}, memori 2,5 GB, dan 31 GB di disk."


def test_more_than_a_minute_or_a_gigabyte_is_large():
    assert not sized(60, 1e9, 1e9).is_large
    assert sized(61, 5e8, 0).is_large
    assert sized(1, 1.1e9, 0).is_large
    assert sized(1, 5e8, 1.1e9).is_large


def ask(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main(list(words))
    said = capsys.readouterr()
    return stop.value.code, said.out, said.err


def test_the_command_says_what_will_be_too_much_and_stops(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(size, "free_disk", lambda _: 1e11)
    words = ["run", "-n", "4294967295", "--out", str(tmp_path / "results"), "--language", "en"]
    code, out, err = ask(capsys, *words)
    assert (code, out) == (2, "")
    first, second = err.splitlines()
    assert first.startswith("Estimate for 4,294,967,295 futures: about ")
    assert "Run -n at most " in second
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("more", [(), ("--json",), ("--precision", "0.01"), ("--shard", "1/7")])
def test_a_million_million_futures_are_answered_with_what_they_would_take(capsys, tmp_path, more):
    words = ["run", "-n", "1000000000000", "--out", str(tmp_path / "results"), "--workers", "2"]
    code, out, err = ask(capsys, *words, *more, "--language", "en")
    assert code == 2
    said = json.loads(out)["error"] if "--json" in more else err.strip()
    assert said.startswith(
        "A run holds at most 4,294,967,295 futures; lower -n. 1,000,000,000,000 of them would "
        "take about "
    )
    days, memory, disk = (
        int(number.replace(",", "")) for number in re.findall(r"([0-9,]+) (?:days|GB)", said)
    )
    loaded = load_scenario(shipped_scenario("kaltara_2022"))
    reckoned = reckon(loaded, Asked(10**12, n_workers=2))
    assert days == pytest.approx(reckoned.seconds / 86_400, abs=1)
    assert memory == pytest.approx(reckoned.memory_bytes / 1e9, abs=1)
    assert disk == pytest.approx(reckoned.disk_bytes / 1e9, abs=1)
    assert min(days, memory, disk) > 40
    assert list(tmp_path.iterdir()) == []


def test_validate_reckons_the_usual_run(monkeypatch, capsys):
    code, out, _ = ask(capsys, "validate", "kaltara_2022", "--json")
    assert code == 0
    document = json.loads(out)["size"]
    assert document["replications"] == 10_000
    assert document["disk_bytes"] == pytest.approx(15e6, rel=0.3)
    words = ["validate", "kaltara_2022", "--set", "worlds=100000", "--language", "en"]
    code, out, _ = ask(capsys, *words)
    assert code == 0
    assert "Estimate for 10,000 futures: about " in out
    monkeypatch.setattr(size, "free_memory", lambda: 1e9)
    code, out, err = ask(capsys, *words)
    assert code == 2
    assert "Lower worlds from 100,000 to at most " in err


def test_a_large_run_says_so_in_its_document(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(size, "LARGE_BYTES", 1e3)
    words = ["run", "-n", "5", "--no-plots", "--out", str(tmp_path), "--language", "en", "--json"]
    code, out, err = ask(capsys, *words)
    assert (code, err) == (0, "")
    assert json.loads(out)["warnings"][-1].startswith("Estimate for 5 futures")


def test_a_group_with_a_limit_counts_instead_of_the_machine(monkeypatch):
    numbers = {"memory.max": 3e8, "memory.current": 1e8}
    monkeypatch.setattr(size, "_of_group", numbers.get)
    assert size.free_memory() == 2e8
    monkeypatch.setattr(size, "_of_group", lambda _: None)
    assert size.free_memory() > 2e8


def test_a_stored_run_is_not_read_where_its_plan_cannot_be_held(monkeypatch, tmp_path):
    folder = run(request(tmp_path, 20)).run.folder
    monkeypatch.setattr(size, "free_memory", lambda: 1e6)
    monkeypatch.setattr(run_module, "scenario_of", lambda _: TWO_WORLDS)
    with pytest.raises(UsageError):
        read_run(folder)


def test_the_columns_of_a_part_are_counted_as_they_will_be_written(tmp_path):
    import pyarrow.parquet as pq

    folder = run(request(tmp_path, 4, keeps_activities=True)).run.folder
    part = pq.read_schema(folder.path / "part-00000.parquet")
    beside = pq.read_schema(folder.path / "activities-00000.parquet")
    loads = {load.bytes_of_one: load for load in reckon(TWO_WORLDS, Asked(4)).loads}
    # each column is an entry of its own in memory while a part is written
    assert loads[size._OF_COLUMN].number == len(part.names)
    kept = {load.name: load for load in reckon(TWO_WORLDS, Asked(4, keeps_activities=True)).loads}
    assert kept["kept"].number == len(beside.names) - 1  # but for the number of the future
    types = [str(part.field(name).type) for name in part.names[2:]]
    n_wide = sum(found in ("double", "int64") for found in types)
    # a future's number and its world are taken to be as wide as a count, and so is what is narrower
    assert size._count(TWO_WORLDS).row_bytes == 8 * n_wide + 4 * (2 + len(types) - n_wide)
