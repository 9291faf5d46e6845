"""The models of a user: versions in a folder, one of them in use, and the way back.

Every version is a whole model folder, so that ``--model`` takes it like any other. ``history`` names, one a
line, what came into use, the last line being what is in use; ``shipped`` is the model of the package.
``confirmed`` holds the ids of lessons that somebody looked at although they were held.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cleaner import resources
from cleaner.errors import ModelError, OutputError
from cleaner.io.writers import AtomicFile
from cleaner.learning.candidate import read_manifest
from cleaner.model import Model, load

SHIPPED: Final = "shipped"
_HISTORY: Final = "history"
_CONFIRMED: Final = "confirmed"


def default_folder() -> Path:
    """Return where a user's models are: ``cleaner/models`` below ``XDG_DATA_HOME`` (``~/.local/share``)."""
    base = os.environ.get("XDG_DATA_HOME", "")
    # The specification has relative paths ignored.
    home = Path(base) if os.path.isabs(base) else Path.home() / ".local" / "share"
    return home / "cleaner" / "models"


@dataclass(frozen=True, slots=True)
class Version:
    """A version: its name, the digest that records carry, and what its manifest says it was made from."""

    name: str
    id: str
    learning: dict[str, Any]
    in_use: bool
    problem: str = ""


class Versions:
    """The versions in a folder, which is made when something is first written to it."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or default_folder()

    def in_use(self) -> str:
        """Return the name of the version in use, ``shipped`` when none was chosen."""
        history = self._lines(_HISTORY)
        return history[-1] if history else SHIPPED

    def path(self, name: str) -> Path | None:
        """Return the folder of a version, ``None`` for the shipped one. Raises ModelError for one that is not there."""
        if name == SHIPPED:
            return None
        folder = self.folder / name
        if name != Path(name).name or not (folder / "manifest.json").exists():
            raise ModelError(f"{folder}: no such version; 'cleaner model list' names them")
        return folder

    def names(self) -> list[str]:
        """Return the names of all versions, the shipped one first."""
        found = sorted(path.parent.name for path in self.folder.glob("[!.]*/manifest.json"))
        return [SHIPPED, *found]

    def each(self) -> list[Version]:
        """Return all versions; a damaged one says so in ``problem``."""
        used = self.in_use()
        found = []
        for name in self.names():
            try:
                model = self.load(name)
                learning = self.manifest(name).get("learning", {})
                found.append(Version(name, model.id, learning, name == used))
            except ModelError as error:
                found.append(Version(name, "", {}, name == used, str(error)))
        return found

    def load(self, name: str) -> Model:
        """Return a version's model, every file of it checked. Raises ModelError."""
        with resources.model_folder(self.path(name)) as folder:
            return load(folder)

    def manifest(self, name: str) -> dict[str, Any]:
        """Return the manifest of a version that was loaded before."""
        with resources.model_folder(self.path(name)) as folder:
            return read_manifest(folder)

    def use(self, name: str) -> None:
        """Bring a version into use, after checking it."""
        self.load(name)
        if name != self.in_use():
            self._write(_HISTORY, [*self._lines(_HISTORY), name])

    def roll_back(self) -> str:
        """Go back to what was in use before, and return its name. Raises ModelError when there is nothing before."""
        history = self._lines(_HISTORY)
        if not history:
            raise ModelError("nothing to go back to: the shipped model is in use")
        before = history[-2] if len(history) > 1 else SHIPPED
        self.load(before)
        self._write(_HISTORY, history[:-1])
        return before

    def add(self, candidate: Path, name: str) -> None:
        """Take in a finished model folder under a name; the same name holds the same bytes."""
        target = self.folder / name
        if not (target / "manifest.json").exists():
            with _writing(self.folder):
                shutil.move(str(candidate), str(target))

    def confirmed(self) -> set[str]:
        """Return the ids of the lessons that were held and confirmed."""
        return set(self._lines(_CONFIRMED))

    def confirm(self, ids: Iterable[str]) -> None:
        """Remember that lessons were confirmed."""
        every = self.confirmed() | set(ids)
        if every != self.confirmed():
            self._write(_CONFIRMED, sorted(every))

    def _lines(self, name: str) -> list[str]:
        path = self.folder / name
        try:
            lines = path.read_text("utf-8").split("\n")
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            raise ModelError(f"{path}: cannot be read ({error})") from None
        return [line for line in lines if line]

    def _write(self, name: str, lines: Iterable[str]) -> None:
        with _writing(self.folder), AtomicFile(self.folder / name) as file:
            file.write("".join(f"{line}\n" for line in lines).encode())


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Make a folder to write into; what fails raises OutputError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise OutputError(f"{folder}: {error.strerror or error}") from None
