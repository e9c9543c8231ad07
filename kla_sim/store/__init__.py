"""What is kept of a run: a folder with manifest, resolved scenario, Parquet parts and summary.

    provenance   the machine and the program that made a run
    manifest     what a run was and what of it is there; the one reader of manifests
    files        files written whole or not at all
    lock         one writer at a time per folder
    parts        replications as Parquet
    folder       a run folder: what may be read from it or added to it
    finding      which runs there are, and which one is meant

Not here: what the numbers mean (`analysis`) and who runs what (`experiment`).
"""

from kla_sim.store.files import is_read_only, to_json, write_atomic
from kla_sim.store.finding import find_run, list_runs
from kla_sim.store.folder import RunFolder, open_folder, open_or_create, open_to_read
from kla_sim.store.lock import PATIENCE, locks_kept, writing
from kla_sim.store.manifest import (
    KeptChange,
    KeptFile,
    Manifest,
    PartEntry,
    new_manifest,
    run_name,
)
from kla_sim.store.parts import Part
from kla_sim.store.provenance import PACKAGES, cpu_family, package_versions

__all__ = [
    "PACKAGES",
    "PATIENCE",
    "KeptChange",
    "KeptFile",
    "Manifest",
    "Part",
    "PartEntry",
    "RunFolder",
    "cpu_family",
    "find_run",
    "is_read_only",
    "list_runs",
    "locks_kept",
    "new_manifest",
    "open_folder",
    "open_or_create",
    "open_to_read",
    "package_versions",
    "run_name",
    "to_json",
    "write_atomic",
    "writing",
]
