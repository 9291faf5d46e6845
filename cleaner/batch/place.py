"""Putting outcomes in their places. Each step may be repeated after a crash and then does what was left."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cleaner.batch.ledger import Entry, PartEntry, Stamp
from cleaner.batch.outcome import Done
from cleaner.batch.places import KINDS, TEXT, Places
from cleaner.errors import OutputError
from cleaner.io.outputs import join_parts
from cleaner.io.writers import make_parents


class Placer:
    """Moves the files of parts, joins them, and gives outputs their final names. ``work`` is for half-made files.

    ``copies``: a packed input in which nothing was found may be copied as it is.
    """

    def __init__(self, places: Places, work: Path, *, copies: bool) -> None:
        self._places = places
        self._copies = copies
        self._work = work
        self._folders: set[Path] = set()

    def accept(self, done: Done) -> None:
        """Keep the files of a part for later runs too; they have been flushed by who wrote them."""
        for kind, name in done.files.items():
            self._move(Path(name), self._places.part(done.output, done.entry.number, kind))

    def finish(self, entry: Entry, parts: Sequence[PartEntry], source: Path | None) -> None:
        """Put a file whose parts are all done under its final name, what is on record about it first."""
        for kind in KINDS:
            final = self._places.final(kind, entry.output)
            pieces = [self._places.part(entry.output, part.number, kind) for part in parts if kind in part.sizes]
            if not pieces:
                self._remove(final)
                continue
            self._make_parents(kind, final)
            if kind == TEXT and self._copies and _untouched(entry, parts) and self._copy(source, entry.stamp, final):
                continue
            if len(pieces) > 1:
                self._join(pieces, final, entry.written if kind == TEXT else "jsonl")
            elif pieces[0].exists() or not final.exists():  # else it was moved before a crash
                self._move(pieces[0], final)

    def drop(self, output: str, parts: Iterable[PartEntry]) -> None:
        """Take away the files of parts that are no longer needed."""
        for part in parts:
            for kind in part.sizes:
                self._remove(self._places.part(output, part.number, kind))

    def sync(self) -> None:
        """Make all new names last through a power cut."""
        for folder in self._folders:
            _sync_folder(folder)
        self._folders.clear()

    def _join(self, pieces: Sequence[Path], final: Path, form: str) -> None:
        with self._new_file() as (path, file):
            join_parts(form, pieces, _FileSink(file, path))
        self._move(path, final)

    def _copy(self, source: Path | None, stamp: Stamp, final: Path) -> bool:
        """Copy an input in which nothing was found, packed as it is; not if it is another by now."""
        if source is None or Stamp.of(source) != stamp:
            return False
        with self._new_file() as (path, file), source.open("rb") as original:
            shutil.copyfileobj(original, file, 1 << 20)
        if Stamp.of(source) != stamp:
            path.unlink()
            return False
        self._move(path, final)
        return True

    @contextmanager
    def _new_file(self) -> Iterator[tuple[Path, BinaryIO]]:
        path = self._work / f"join-{secrets.token_hex(8)}"
        with named(path), path.open("xb") as file:
            yield path, file
            file.flush()
            os.fsync(file.fileno())

    def _make_parents(self, kind: str, final: Path) -> None:
        if kind == TEXT:
            make_parents(final, self._places.folder)
            if final.is_dir():
                raise OutputError(f"{final}: a folder stands in the way of this output")
        else:
            with named(final):
                final.parent.mkdir(parents=True, exist_ok=True)

    def _move(self, path: Path, final: Path) -> None:
        with named(final):
            os.replace(path, final)
        self._folders |= {path.parent, final.parent}

    def _remove(self, path: Path) -> None:
        with named(path):
            path.unlink(missing_ok=True)


class _FileSink:
    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path

    def write(self, data: bytes) -> None:
        with named(self._path):
            self._file.write(data)

    def cut(self) -> None:
        pass  # parts are packed each for itself


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Turn errors of the system into :class:`OutputError` naming the path."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise OutputError(f"{path}: {getattr(error, 'strerror', None) or error}") from None


def _untouched(entry: Entry, parts: Sequence[PartEntry]) -> bool:
    """Whether the packed input itself is the output: packing it again would give other bytes for nothing."""
    whole = entry.packing or entry.format == "parquet"
    touched = any(part.counts.changed or part.counts.bad for part in parts)
    return bool(whole) and entry.format == entry.written and not touched


def _sync_folder(folder: Path) -> None:
    if os.name != "nt":  # Windows opens no folders
        with named(folder):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
