"""When work begins and ends, over many simulations; one of them can be followed by itself."""

from __future__ import annotations

from functools import partial

from kla_sim.experiment.material import Material
from kla_sim.language import describe, text
from kla_sim.report.blocks import Block, Chapter, Command, Words

_ = partial(text, "reporting")


def schedule_chapter(material: Material, pictures: list[Block]) -> list[Chapter]:
    """Return the schedule of a plan that has work to do; nothing of one that has none."""
    if not material.run.plan.structure.n_activities:
        return []
    blocks = list(pictures)
    if "schedule" in material.missing:
        reason = describe(material.missing["schedule"])
        blocks.append(Words(_("part_missing", reason=reason), "warning"))
    folder = f"results/{material.run.folder.path.name}/scenario.yaml"
    seed = material.run.folder.manifest.seed
    blocks += [
        Words(_("schedule_note")),
        Command(f"python -m kla_sim trace {folder} --replication 0 --seed {seed}"),
    ]
    return [Chapter("schedule", _("schedule_title"), tuple(blocks))]
