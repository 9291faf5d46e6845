"""What a reader yields: documents, and what stands between them, in chunks.

Everything here is light: a reader makes one object per record, and a corpus has a hundred million.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.io.text import encode
from cleaner.types import Cleaning, Edit

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Source:
    """An input. ``path`` is ``None`` for standard input; ``relative`` is its place in an output folder."""

    path: Path | None
    name: str
    relative: Path


@dataclass(frozen=True, slots=True)
class Fields:
    """The names of the fields (members, columns) that hold a record's text and its id."""

    text: str = "text"
    id: str = "id"


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read: a format or ``"auto"`` (by name, then by content), the fields, the longest document in bytes.

    256 MiB are room for 100 million ASCII letters (``Config.max_chars``). What is longer is passed on in pieces.
    """

    format: str = "auto"
    fields: Fields = field(default_factory=Fields)
    max_document: int = 256 << 20


class Unit(NamedTuple):
    """A part of an input that begins and ends between two records.

    ``start`` and ``end`` count bytes of a plain file, bytes of the unpacked stream where the file is
    packed, row groups in Parquet; ``end`` is ``None`` for "to the end". ``number`` and ``line`` are those
    of the first record.
    """

    start: int = 0
    end: int | None = None
    number: int = 1
    line: int = 1


WHOLE = Unit()


@dataclass(slots=True)
class Record:
    """A piece of an input. In a format made of bytes the ``raw`` of all records, in order, is the whole input.

    A plain record holds no document: a blank line, the header of a table. It is passed on as it is.
    ``problem`` says why when that is a fault; a record too long to be held goes on in records with
    ``rest``. ``number`` counts the records of the file from 1 (0: the file is one document), ``line`` is
    what a person looks for: the line, or the number where there are no lines.
    """

    file: str
    line: int
    number: int
    raw: bytes
    problem: str = ""
    rest: bool = False

    @property
    def place(self) -> str:
        """Return ``file:line``, or the file alone."""
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def bad(self) -> bool:
        """Return whether this is a record that could not be used, or the rest of one."""
        return self.rest or bool(self.problem)


@dataclass(slots=True)
class Document(Record, ABC):
    """A record with a text to clean. ``note`` says what was odd about it, or is empty."""

    id: str | int = ""
    text: str = ""
    note: str = ""

    @abstractmethod
    def render(self, cleaning: Cleaning) -> bytes:
        """Return the record's bytes with the cleaning's edits carried out; every other byte stays."""

    @abstractmethod
    def row(self, text: str) -> Row:
        """Return all fields of the record, with this text: what a writer of another format needs."""

    @abstractmethod
    def undo(self, cleaning: Cleaning) -> dict[str, str]:
        """Return what :meth:`revert` needs besides the edits, mostly ``{}``; the worst case is the whole of ``raw``.

        It is tried out here: the rendered record is read again and reverted.
        """

    def revert(self, edits: Sequence[Edit], undo: dict[str, str]) -> bytes:
        """Return the bytes the record had before the edits; this one was read from the output."""
        return encode(undo["raw"]) if "raw" in undo else self._revert(edits, undo)

    @abstractmethod
    def _revert(self, edits: Sequence[Edit], undo: dict[str, str]) -> bytes: ...


@dataclass(slots=True)
class Chunk:
    """Some whole records that follow each other, and the part of the input they are.

    ``next`` is where to go on after it, ``None`` where no reader could (inside a row group). ``table`` is the
    reader's own form of the rows where a format is not made of bytes (Parquet), one row a record.
    """

    unit: Unit
    records: list[Record]
    next: Unit | None = None
    table: Any = None

    @property
    def documents(self) -> list[Document]:
        """Return the records that are documents."""
        return [record for record in self.records if isinstance(record, Document)]

    @property
    def texts(self) -> list[str]:
        """Return the texts of the documents."""
        return [record.text for record in self.records if isinstance(record, Document)]

    def keep(self, flags: Sequence[bool]) -> Chunk:
        """Return the chunk without the records whose flag is false."""
        table = None if self.table is None else self.table.filter(list(flags))
        return replace(self, records=list(compress(self.records, flags)), table=table)


def inverse(edits: Sequence[Edit]) -> list[Edit]:
    """Return the edits that turn the cleaned text into the source text.

    >>> inverse([Edit(5, "spam "), Edit(12, " x")])
    [Edit(start=5, removed='', inserted='spam '), Edit(start=7, removed='', inserted=' x')]
    """
    turned: list[Edit] = []
    shift = 0
    for edit in edits:
        turned.append(Edit(edit.start - shift, edit.inserted, edit.removed))
        shift += len(edit.removed) - len(edit.inserted)
    return turned
