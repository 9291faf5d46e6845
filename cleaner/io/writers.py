"""Committing outputs: a file under its final name is always whole, and never one of the inputs."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol

from cleaner.errors import OutputError
from cleaner.io.packing import Packer
from cleaner.io.records import Source


class Sink(Protocol):
    """Where output bytes go."""

    def write(self, data: bytes) -> None:
        """Take the bytes, or raise :class:`OutputError`."""

    def cut(self) -> None:
        """End the gzip member or zstd frame under way, where the output is packed."""


class StandardOutput:
    """Standard output as bytes. A reader that went away raises ``BrokenPipeError``, as a pipe does."""

    def write(self, data: bytes) -> None:
        """Write the bytes; they may stay buffered until :meth:`flush`."""
        with _named("standard output"):
            self._buffer().write(data)

    def cut(self) -> None:
        """Do nothing: standard output is never packed."""

    def flush(self) -> None:
        """Hand everything to the system, so that a full disk is noticed."""
        with _named("standard output"):
            self._buffer().flush()

    def refuse_inputs(self, sources: Iterable[Source]) -> None:
        """Raise :class:`OutputError` when standard output is redirected into one of the inputs."""
        try:
            status = os.fstat(1)
        except OSError:
            return
        if stat.S_ISREG(status.st_mode):
            _refuse("standard output", (status.st_dev, status.st_ino), sources)

    def _buffer(self) -> BinaryIO:
        if sys.stdout is None:
            raise OutputError("standard output is closed")
        return sys.stdout.buffer


class AtomicFile:
    """A file that appears under its name only when it is complete, or not at all.

    It is written beside its place, flushed to the disk and moved there when the ``with`` block ends well;
    when the block fails the former file, if any, is still there. ``packing`` (``"gzip"``, ``"zstd"``) packs
    the bytes; the same bytes give the same file.
    """

    def __init__(self, path: Path, *, packing: str = "") -> None:
        self._path = path
        self._temporary = path.with_name(f".cleaner-{secrets.token_hex(8)}.tmp")
        self._pack = Packer(packing) if packing else None

    def __enter__(self) -> AtomicFile:
        if self._path.exists() and not self._path.is_file():
            raise OutputError(f"{self._path}: not a regular file")
        with _named(self._path):
            self._file: BinaryIO = self._temporary.open("xb")
        return self

    def write(self, data: bytes) -> None:
        """Write the bytes to the file that is not there yet."""
        with _named(self._path):
            self._file.write(self._pack.pack(data) if self._pack else data)

    def cut(self) -> None:
        """End the gzip member or zstd frame under way; nothing where the file is not packed."""
        if self._pack:
            with _named(self._path):
                self._file.write(self._pack.cut())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                with _named(self._path):
                    self._commit()
        finally:
            self._discard()

    def _commit(self) -> None:
        if self._pack:
            self._file.write(self._pack.close())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self._temporary, self._path)
        _sync_folder(self._path.parent)

    def _discard(self) -> None:
        """Take away what was not committed; after a commit there is nothing left to take."""
        with suppress(OSError, ValueError):  # the disk may be full: the error that matters is under way
            self._file.close()
        with suppress(OSError):
            self._temporary.unlink(missing_ok=True)


def output_paths(sources: Sequence[Source], folder: Path) -> list[Path]:
    """Return where each input goes below ``folder``; refuses two inputs with one output."""
    owners: dict[Path, str] = {}
    for source in sources:
        path = folder / source.relative
        if path in owners:
            raise OutputError(f"{owners[path]} and {source.name} would both be written to {path}")
        owners[path] = source.name
    return list(owners)


def refuse_inputs(outputs: Iterable[Path], sources: Iterable[Source]) -> None:
    """Raise :class:`OutputError` when an output is an input, also through a symbolic or hard link."""
    sources = list(sources)
    inputs = {_identity(source.path) for source in sources}
    for path in outputs:
        identity = _identity(path)
        if identity is not None and identity in inputs:
            _refuse(str(path), identity, sources)


def make_parents(path: Path, folder: Path) -> None:
    """Make the folders for ``path``; refuses when a link would lead it out of ``folder``."""
    with _named(path.parent):
        if not path.parent.resolve().is_relative_to(folder.resolve()):
            raise OutputError(f"{path}: a link leads out of {folder}")
        path.parent.mkdir(parents=True, exist_ok=True)


@contextmanager
def _named(place: str | Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name, a closed file
        raise OutputError(f"{place}: {getattr(error, 'strerror', None) or error}") from None


def _refuse(output: str, identity: tuple[int, int], sources: Iterable[Source]) -> None:
    for source in sources:
        if _identity(source.path) == identity:
            raise OutputError(f"{output}: this is the input {source.name}; give another place for the output")


def _identity(path: Path | None) -> tuple[int, int] | None:
    try:
        status = os.stat(path) if path is not None else os.fstat(0)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can (Windows opens no folders)."""
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
