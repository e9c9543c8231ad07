"""A run that stops before its end says what it keeps, and the same request goes on from there."""

import pytest

from kla_sim.errors import IncompleteError, Kept, StoppedError
from kla_sim.experiment import precise as precise_module
from kla_sim.experiment import run as run_module
from kla_sim.experiment.precise import run_to_precision
from kla_sim.experiment.progress import Progress
from kla_sim.experiment.run import RunRequest, Shard, run
from kla_sim.scenario.loading import digest, dump_scenario, read_scenario
from kla_sim.scenario.shipped import shipped_scenario

SHIPPED = shipped_scenario("kaltara_2022")


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch):
    monkeypatch.setitem(run_module.PART_SIZES, "reference", 6)
    monkeypatch.setitem(run_module.CHUNK_SIZES, "reference", 3)


def request_for(folder, **changes):
    loaded = read_scenario(SHIPPED, overrides=["worlds=3"])
    given = {"replications": 18, "results": folder, **changes}
    return RunRequest(
        scenario=loaded.scenario,
        digest=digest(loaded.scenario),
        resolved=dump_scenario(loaded),
        engine="reference",
        **given,
    )


def stop_with(error):
    def report(progress):
        if isinstance(progress, Progress):  # worlds are made before anything can be kept
            raise error

    return report


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (KeyboardInterrupt(), StoppedError, "stopped"),
        (MemoryError(), IncompleteError, "memory_short"),
        (IncompleteError("workers_lost", losses=3), IncompleteError, "workers_lost"),
    ],
)
def test_a_run_that_stops_says_what_it_keeps(tmp_path, error, kind, code):
    with pytest.raises(kind) as stopped:
        run(request_for(tmp_path), stop_with(error))
    (folder,) = tmp_path.iterdir()
    assert type(stopped.value) is kind
    assert stopped.value.code == code
    assert stopped.value.kept == Kept(str(folder), 6, 18)
    assert run(request_for(tmp_path)).simulated == 12


def test_a_shard_counts_what_it_keeps_from_its_own_beginning(tmp_path):
    request = request_for(tmp_path, shard=Shard(2, 2))
    with pytest.raises(StoppedError) as stopped:
        run(request, stop_with(KeyboardInterrupt()))
    assert (stopped.value.kept.done, stopped.value.kept.asked) == (3, 9)


def test_a_run_that_stops_before_its_first_part_leaves_no_folder(tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(run_module, "_simulate_parts", stop)
    with pytest.raises(StoppedError) as stopped:
        run(request_for(tmp_path))
    assert stopped.value.kept.done == 0
    assert not any(path.is_dir() for path in tmp_path.iterdir() if path.name[0] != ".")


def test_a_run_to_a_precision_that_stops_says_what_it_keeps(tmp_path, monkeypatch):
    monkeypatch.setattr(precise_module, "look_counts", lambda n: [6, 12, 18])
    with pytest.raises(StoppedError) as stopped:
        run_to_precision(request_for(tmp_path), 0.01, stop_with(KeyboardInterrupt()))
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    assert stopped.value.kept == Kept(str(folder), 6, 18)
