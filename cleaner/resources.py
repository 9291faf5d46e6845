"""Where the shipped model and corpus are: inside the installed package, or beside a checkout."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from cleaner.errors import ModelError

if TYPE_CHECKING:
    if sys.version_info >= (3, 11):
        from importlib.resources.abc import Traversable
    else:
        from importlib.abc import Traversable

MODEL = "news"  # the shipped model's folder


@contextmanager
def model_folder(folder: Path | None) -> Iterator[Path]:
    """Give the folder of a model; ``None`` means the shipped one, unpacked if the package is a zip."""
    if folder is not None:
        yield folder
        return
    with _data("models") as models:
        if not (models / MODEL / "manifest.json").exists():
            raise ModelError(f"{models / MODEL}: the shipped model is missing; install cleaner again")
        yield models / MODEL


@contextmanager
def corpus_folder(folder: Path | None) -> Iterator[Path]:
    """Give the corpus folder; ``None`` means the shipped one."""
    if folder is not None:
        yield folder
        return
    with _data("corpus") as corpus:
        yield corpus


@contextmanager
def _data(name: str) -> Iterator[Path]:
    checkout = Path(__file__).resolve().parent.parent
    if (checkout / "setup.cfg").exists() and (checkout / name).is_dir():
        yield checkout / name  # an uninstalled or editable checkout
        return
    folder = files(f"cleaner.{name}")
    if isinstance(folder, Path):
        yield folder
        return
    # Inside a zip. importlib.resources.as_file takes whole folders from Python 3.12 on only.
    with tempfile.TemporaryDirectory(prefix="cleaner-") as unpacked:
        _unpack(folder, Path(unpacked))
        yield Path(unpacked)


def _unpack(folder: Traversable, target: Path) -> None:
    for item in folder.iterdir():
        if item.is_dir():
            (target / item.name).mkdir()
            _unpack(item, target / item.name)
        else:
            (target / item.name).write_bytes(item.read_bytes())
