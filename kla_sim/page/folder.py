"""The scenarios that the page may open and save: YAML files of one folder, and those that ship.

No name leads out of the folder. What was opened is known by the hash of its bytes, so that a file
that somebody else has changed meanwhile is never written over. Not here: what a text says.
"""

from __future__ import annotations

import codecs
import re
import stat
from itertools import count
from pathlib import Path
from typing import NamedTuple

from kla_sim.errors import UsageError
from kla_sim.language.signs import refused_sign
from kla_sim.reading import read_bounded
from kla_sim.scenario.parsing import MOST_BYTES
from kla_sim.scenario.shipped import shipped_names, shipped_scenario
from kla_sim.scenario.starting import SUFFIXES
from kla_sim.store import write_atomic
from kla_sim.store.files import hash_of

SHIPPED = "shipped:"
_MOST_LISTED = 200
_MOST_SIGNS = 120
_EXTENDS = re.compile(r"^(extends: *)(?!shipped:)(\S+)\.ya?ml", re.M)


class Opened(NamedTuple):
    """A scenario as it stands on disk.

    Attributes
    ----------
    name : of the file in the folder, or `shipped:` and the name of a scenario that ships.
    path : where it is, or would be saved.
    mark : hash of what the file holds; empty where there is no file yet.
    """

    name: str
    path: Path
    text: str
    mark: str


class Folder:
    """The folder of a scenario.

    Parameters
    ----------
    path : of the scenario with which the page begins.
    """

    def __init__(self, path: Path) -> None:
        shipped = {shipped_scenario(name).resolve(): name for name in shipped_names()}
        found = shipped.get(path.resolve())
        self._root = Path.cwd() if found else path.resolve().parent
        self.first = SHIPPED + found if found else path.name

    def names(self) -> list[str]:
        """Return what can be opened: the files of the folder, then the shipped scenarios."""
        own = sorted(path.name for path in self._root.iterdir() if self._is_scenario(path))
        shipped = [SHIPPED + name for name in shipped_names() if name != "base"]
        return [*own[:_MOST_LISTED], *shipped]

    def open(self, name: str) -> Opened:
        """Return a scenario of the folder, or one that ships.

        Raises
        ------
        UsageError : there is none of that name, or it cannot be read.
        """
        if name.startswith(SHIPPED):
            return self._shipped(name)
        path = self.path_of(name)
        try:
            content = read_bounded(path, MOST_BYTES, follows_links=True)
            text = content.decode("utf-8-sig")
        except OSError as error:
            raise UsageError("page_cannot_open", file=name, reason=error) from error
        except UnicodeDecodeError as error:
            raise UsageError("page_not_utf8", file=name) from error
        return Opened(name, path, text.replace("\r\n", "\n"), hash_of(content))

    def is_there(self, name: str) -> bool:
        """Return whether there is something of that name already."""
        return self.path_of(name).exists()

    def save(self, name: str, text: str, mark: str) -> Opened:
        """Write a text whole or not at all, and return what then stands there.

        Byte order mark, ends of lines and rights stay those of the file.

        Parameters
        ----------
        mark : of what the file must still hold; empty = it must not be there.

        Raises
        ------
        UsageError : the name leads out of the folder, or somebody has changed the file meanwhile.
        StoreError : it cannot be written.
        """
        path = self.path_of(name)
        content, mode = b"", None
        if path.exists():
            content = read_bounded(path, MOST_BYTES, follows_links=True)
            mode = path.stat().st_mode
        if (hash_of(content) if mode is not None else "") != mark:
            raise UsageError("page_file_changed", file=name)
        head = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
        body = text.replace("\n", "\r\n") if b"\r\n" in content else text
        write_atomic(path.resolve(), head + body.encode(), makes_folder=False)
        if mode is not None:
            path.chmod(stat.S_IMODE(mode))
        return self.open(name)

    def free_name(self, name: str) -> str:
        """Return a name like another one that no file has yet."""
        stem = Path(name.removeprefix(SHIPPED)).stem
        numbered = (f"{stem}-{number}.yaml" for number in count(2))
        return next(one for one in numbered if not self.is_there(one))

    def _shipped(self, name: str) -> Opened:
        plain = name.removeprefix(SHIPPED)
        if plain not in shipped_names():
            raise UsageError("page_outside", file=name)
        text = shipped_scenario(plain).read_text(encoding="utf-8")
        return Opened(name, self._root / f"{plain}.yaml", _EXTENDS.sub(r"\1shipped:\2", text), "")

    def path_of(self, name: str) -> Path:
        """Return the path of a file of the folder, whether or not it is there."""
        is_plain = not re.search(r"[/\\:\0]", name) and Path(name).suffix in SUFFIXES
        if not is_plain or len(name) > _MOST_SIGNS or refused_sign(name) or name.startswith("."):
            raise UsageError("page_outside", file=name[:_MOST_SIGNS])
        path = self._root / name
        if not path.resolve().is_relative_to(self._root.resolve()):
            raise UsageError("page_outside", file=name)
        return path

    def _is_scenario(self, path: Path) -> bool:
        try:
            return path.is_file() and self.path_of(path.name) == path
        except (UsageError, OSError):
            return False
