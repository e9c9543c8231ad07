"""Fixtures of the report: runs and their reports."""

import pytest

from kla_sim.cli import main


def perform(*words, code=0):
    """Run a command; its exit code must be this one."""
    with pytest.raises(SystemExit) as stop:
        main([*map(str, words)])
    assert stop.value.code == code


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    """A folder with two small runs on the same random numbers, of plans that differ."""
    folder = tmp_path_factory.mktemp("results")
    for name, *more in (
        ("kaltara_2022",),
        ("two_more_facilitators", "--set", "policy.wip_limit=4"),
    ):
        perform(
            "run", name, "-n", 150, "--set", "worlds=10", *more, "--no-plots", "--quiet",
            "--out", folder,
        )  # fmt: skip
    return folder


@pytest.fixture(scope="session")
def kaltara(results):
    """The run of the shipped plan."""
    return next(results.glob("kaltara_2022*"))


@pytest.fixture(scope="session")
def facilitators(results):
    """The run of the plan with two more facilitators."""
    return next(results.glob("dua*"))
