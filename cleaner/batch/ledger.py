"""The ledger: what is done, of what, with which settings. One small SQLite file, so that no crash tears it.

A file goes through three states. ``open``: some parts are done and lie in the folder of parts. ``sealed``: all
parts are done, and the output is being put under its final name; repeating that is harmless. ``done``.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from cleaner.batch.counts import Counts
from cleaner.errors import InputError, OutputError
from cleaner.io.records import Unit

FORMAT: Final = 1
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS file (
    output BLOB PRIMARY KEY, input BLOB, size INTEGER, changed INTEGER, job TEXT, state TEXT,
    format TEXT, packing TEXT, written TEXT, out_size INTEGER, out_changed INTEGER, settings TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS part (
    output BLOB, number INTEGER, start INTEGER, end INTEGER, first INTEGER, line INTEGER, last INTEGER,
    follows TEXT, in_size INTEGER, in_hash TEXT, out_hash TEXT, sizes TEXT, counts TEXT, PRIMARY KEY (output, number)
) WITHOUT ROWID;
"""


class Stamp(NamedTuple):
    """How a file is known again without reading it: size in bytes, time of the last change in nanoseconds."""

    size: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> Stamp | None:
        """Return the stamp of a file, ``None`` when it is not there."""
        try:
            status = path.stat()
        except OSError:
            return None
        return cls(status.st_size, status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file: its output's path below the folder, its input, what it was read as and written as, its state.

    ``settings`` is what a restore or a report has to know of the job (:meth:`cleaner.batch.job.Job.settings`).
    """

    output: str
    input: str
    stamp: Stamp
    job: str
    state: str
    format: str = ""
    packing: str = ""
    written: str = ""
    out: Stamp | None = None
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class PartEntry:
    """A part that is done: what it covers, hashes of its unpacked bytes, size of each file of its outcome.

    ``follows`` is where the next part begins.
    """

    number: int
    unit: Unit
    last: bool
    follows: Unit
    in_size: int
    in_hash: str
    out_hash: str
    sizes: dict[str, int] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)


class Ledger:
    """The ledger of an output folder. All changes are made inside :meth:`transaction`."""

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        self._path = path
        if readonly and not path.is_file():
            raise InputError(f"{path.parent.parent}: no ledger there; was it made by 'cleaner clean ... -o FOLDER'?")
        with self._named():
            self._base = sqlite3.connect(path, isolation_level=None)
            # The default journal with full syncs: what is written is on the disk before we go on.
            self._base.execute("PRAGMA synchronous = FULL")
            if not readonly:
                self._base.executescript(_TABLES)
                self._base.execute(f"PRAGMA user_version = {FORMAT}")

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all changes inside the block, or none of them."""
        with self._named():
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._base.execute("ROLLBACK")
                raise
            self._base.execute("COMMIT")

    def file(self, output: str) -> Entry | None:
        """Return what is known of an output."""
        return next(self._files("WHERE output = ?", (os.fsencode(output),)), None)

    def files(self, state: str = "") -> Iterator[Entry]:
        """Yield the files by name, or those in one state."""
        return self._files("WHERE state = ? ORDER BY output", (state,)) if state else self._files("ORDER BY output", ())

    def parts(self, output: str) -> list[PartEntry]:
        """Return the parts that are done, in order."""
        with self._named():
            rows = self._base.execute("SELECT * FROM part WHERE output = ? ORDER BY number", (os.fsencode(output),))
            return [_part(row) for row in rows]

    def counts(self, output: str = "") -> Counts:
        """Return the counts of an output, or of all."""
        total = Counts()
        where, values = ("WHERE output = ?", (os.fsencode(output),)) if output else ("", ())
        with self._named():
            for (text,) in self._base.execute(f"SELECT counts FROM part {where}", values):
                total.add(Counts.from_dict(json.loads(text)))
        return total

    def begin(self, entry: Entry) -> None:
        """Enter a file that is to be done; what was known of it is forgotten."""
        self.forget(entry.output)
        self._base.execute(
            "INSERT INTO file VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            (os.fsencode(entry.output), os.fsencode(entry.input), *entry.stamp, entry.job, entry.state, entry.format,
             entry.packing, entry.written, None, None, json.dumps(entry.settings)),
        )  # fmt: skip

    def forget(self, output: str) -> None:
        """Take a file and its parts out."""
        key = (os.fsencode(output),)
        self._base.execute("DELETE FROM part WHERE output = ?", key)
        self._base.execute("DELETE FROM file WHERE output = ?", key)

    def clear(self) -> None:
        """Forget everything."""
        self._base.execute("DELETE FROM part")
        self._base.execute("DELETE FROM file")

    def add(self, output: str, parts: Iterable[PartEntry]) -> None:
        """Enter parts that are done."""
        self._base.executemany(
            "INSERT OR REPLACE INTO part VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            [
                (os.fsencode(output), part.number, *part.unit, part.last, json.dumps(part.follows), part.in_size,
                 part.in_hash, part.out_hash, json.dumps(part.sizes), json.dumps(part.counts.to_dict()))
                for part in parts
            ],
        )  # fmt: skip

    def seal(self, output: str, kind: tuple[str, str, str]) -> None:
        """Note that all parts of a file are done, and its format, packing and the format it is written in."""
        change = "UPDATE file SET state = 'sealed', format = ?, packing = ?, written = ? WHERE output = ?"
        self._base.execute(change, (*kind, os.fsencode(output)))

    def done(self, output: str, stamp: Stamp) -> None:
        """Note that a file is in its place."""
        change = "UPDATE file SET state = 'done', out_size = ?, out_changed = ? WHERE output = ?"
        self._base.execute(change, (*stamp, os.fsencode(output)))

    def _files(self, where: str, values: tuple[object, ...]) -> Iterator[Entry]:
        with self._named(), closing(self._base.cursor()) as cursor:
            for row in cursor.execute(f"SELECT * FROM file {where}", values).fetchall():
                yield _entry(row)

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise OutputError(f"{self._path}: {error}") from None


def _entry(row: tuple[Any, ...]) -> Entry:
    output, source, size, changed, job, state, kind, packing, written, out_size, out_changed, settings = row
    out = None if out_size is None else Stamp(out_size, out_changed)
    places = os.fsdecode(output), os.fsdecode(source)
    return Entry(*places, Stamp(size, changed), job, state, kind, packing, written, out, json.loads(settings))


def _part(row: tuple[Any, ...]) -> PartEntry:
    _, number, start, end, first, line, last, follows, in_size, in_hash, out_hash, sizes, counts = row
    unit = Unit(start, end, first, line)
    known = Counts.from_dict(json.loads(counts))
    behind = Unit(*json.loads(follows))
    return PartEntry(number, unit, bool(last), behind, in_size, in_hash, out_hash, json.loads(sizes), known)
