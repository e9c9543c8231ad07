"""The commands that repeat a run: from the plan's own file, and from the copy kept with it."""

from __future__ import annotations

import shlex
from functools import partial

from kla_sim.experiment.material import Material
from kla_sim.language import text
from kla_sim.report.blocks import Block, Chapter, Command, Terms, Words
from kla_sim.report.repeating import command_that_repeats
from kla_sim.store import Manifest

_ = partial(text, "reporting")


def repeat_chapter(material: Material) -> Chapter:
    """Return how the run is repeated, and on what it was made."""
    manifest, n = material.run.folder.manifest, material.run.summary.n
    blocks: list[Block] = [Words(_("repeat_promise", digest=manifest.digest))]
    if manifest.shard:
        blocks.append(Words(_("repeat_shard", shard=manifest.shard)))
    else:
        if manifest.origin is not None and manifest.origin.files:
            file, command = manifest.origin.files[0], command_from_file(manifest, n)
            blocks += [Words(_("repeat_files", file=file)), Command(command)]
        copy = command_from_copy(manifest, material.run.folder.path.name, n)
        blocks += [Words(_("repeat_folder")), Command(copy)]
    return Chapter("repeat", _("repeat_title"), (*blocks, Terms(_made_on(manifest))))


def command_of(manifest: Manifest, name: str, n: int) -> str:
    """Return the command that repeats a run: from the plan's own file, if that is known."""
    if manifest.origin is not None and manifest.origin.files:
        return command_from_file(manifest, n)
    return command_from_copy(manifest, name, n)


def command_from_file(manifest: Manifest, n: int) -> str:
    """Return the command that repeats the first n futures of a run from the plan's own file."""
    assert manifest.origin is not None
    return command_that_repeats(manifest, manifest.origin.files[0], n, manifest.overrides)


def command_from_copy(manifest: Manifest, name: str, n: int) -> str:
    """Return the command that repeats them from the resolved plan, which holds what was set.

    Parameters
    ----------
    name : of the run's folder.
    """
    return command_that_repeats(manifest, f"results/{name}/scenario.yaml", n)


def _made_on(manifest: Manifest) -> tuple[tuple[str, str], ...]:
    packages = ", ".join(f"{name} {version}" for name, version in manifest.packages.items())
    commit = manifest.commit or _("commit_unknown")
    if manifest.is_tree_clean is False:
        commit = _("commit_changed", commit=commit)
    return (
        (_("made_python"), f"{manifest.python}, {manifest.cpu_family}"),
        (_("made_packages"), packages),
        (_("made_commit"), commit),
        (_("made_command"), " ".join(map(shlex.quote, manifest.command))),
    )
