"""Shards of one run, computed on any machines, put together into the run itself."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from kla_sim import store
from kla_sim.engine.plan import compile_plan
from kla_sim.engine.structure import Labels
from kla_sim.errors import UsageError
from kla_sim.experiment.run import StoredRun, kept_parts, read_run, scenario_of


class Merged(NamedTuple):
    """The whole run, and in what its shards' machines differed."""

    run: StoredRun
    differences: list[str]


def merge_runs(folders: list[store.RunFolder], results: Path) -> Merged:
    """Put shards together; their parts are taken over as they are.

    Raises
    ------
    UsageError : shards of different runs, or replications missing or there twice.
    StoreError : something in a shard was changed, or the whole run is there already with other
        content, is being written by another process, or cannot be written.
    """
    for folder in folders:
        if not folder.manifest.shard:
            raise UsageError("not_a_shard", path=str(folder.path))
    shards = sorted(folders, key=lambda folder: folder.manifest.first)
    head = shards[0].manifest
    for shard in shards:
        _check_same_run(head, shard)
    _check_complete(shards)
    last = shards[-1].manifest.replications_done
    labels = _check_content(shards)
    whole = head.model_copy(
        update={
            "shard": "",
            "replications_asked": last,
            "replications_done": 0,
            "parts": [],
            "summary_sha256": "",
            "end": None,
        }
    )
    with store.writing(results / store.run_name(whole)):
        folder = store.open_or_create(results, whole, shards[0].read_scenario())
        for shard in shards:
            for part in shard.manifest.parts:
                if part.first >= folder.manifest.replications_done:
                    folder.copy_part(part, shard, labels)
        return Merged(read_run(folder), _differences(shards))


def _check_content(shards: list[store.RunFolder]) -> Labels:
    """Read every shard before anything is written, and return the labels of their plan."""
    manifest = shards[0].manifest
    plan = compile_plan(scenario_of(shards[0]), manifest.seed)
    for shard in shards:
        scenario_of(shard)
        for _part in kept_parts(shard, plan.labels, lambda _: plan):
            pass
    return plan.labels


def _check_same_run(head: store.Manifest, shard: store.RunFolder) -> None:
    for field in ("digest", "seed", "engine", "central", "model_version", "keep"):
        found, wanted = getattr(shard.manifest, field), getattr(head, field)
        if found != wanted:
            raise UsageError(
                "shards_differ",
                path=str(shard.path),
                field=field,
                found=str(found),
                asked=str(wanted),
            )


def _check_complete(shards: list[store.RunFolder]) -> None:
    expected = 0
    for shard in shards:
        manifest = shard.manifest
        if manifest.replications_done < manifest.replications_asked:
            raise UsageError("shard_incomplete", path=str(shard.path))
        if manifest.first != expected:
            code = "shards_gap" if manifest.first > expected else "shards_overlap"
            raise UsageError(code, path=str(shard.path), first=manifest.first, expected=expected)
        expected = manifest.replications_done
    number, _, of = shards[-1].manifest.shard.partition("/")
    if number != of:
        raise UsageError("shards_missing", path=str(shards[-1].path), number=number, of=of)


def _differences(shards: list[store.RunFolder]) -> list[str]:
    """Name packages and CPU families that are not the same in all shards."""
    found = []
    names = sorted({name for shard in shards for name in shard.manifest.packages})
    for name in names:
        versions = sorted({shard.manifest.packages.get(name, "-") for shard in shards})
        if len(versions) > 1:
            found.append(f"{name}: {', '.join(versions)}")
    families = sorted({shard.manifest.cpu_family for shard in shards})
    if len(families) > 1:
        found.append(f"CPU: {', '.join(families)}")
    return found
