"""CSV and TSV: a header, then one document a row. Only the field with the text is written anew, if it changed.

Rows are told apart by Python's own ``csv`` module, which is fed with lines and so shows which bytes a row is.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cleaner.errors import InputError
from cleaner.io.lines import line_blocks, rest_of_line, too_long
from cleaner.io.records import WHOLE, Chunk, Document, Reading, Record, Row, Unit
from cleaner.io.streams import Stream
from cleaner.io.text import as_text, encode
from cleaner.repair import restore
from cleaner.types import Cleaning, Edit

_CHUNK_ROWS: Final = 1024
_CHUNK_BYTES: Final = 1 << 20
# A quote that is never closed takes in the rest of the file; beyond this many bytes it was none.
_LONGEST_ROW: Final = 16 << 20
_DELIMITERS = ",;|\t"
_QUOTED = r'"[^"]*(?:""[^"]*)*"'


@dataclass(frozen=True, slots=True)
class Table:
    """What the header says: the delimiter, the columns, and which of them hold the text and the id."""

    delimiter: str
    columns: tuple[str, ...]
    text: int
    id: int | None

    def text_place(self, row: str, quoted: bool) -> tuple[int, int]:
        """Return where the text stands in a row, its quotes included."""
        if not quoted:
            before = self.bare_fields(row)[: self.text + 1]
            end = sum(map(len, before)) + self.text
            return end - len(before[-1]), end
        field = re.compile(rf"{_QUOTED}|[^{re.escape(self.delimiter)}\r\n]*")
        at = -1
        for _ in range(self.text + 1):
            start = at + 1
            found = field.match(row, start)
            at = found.end() if found else start
        return start, at

    def bare_fields(self, row: str) -> list[str]:
        """Return the fields of a row in which quotes are plain characters."""
        return row.rstrip("\r\n").split(self.delimiter)


@dataclass(slots=True)
class RowDocument(Document):
    """A row of a table. ``quoted`` is false where its quotes are plain characters."""

    table: Table = Table(",", (), 0, None)
    values: Sequence[str] = ()
    quoted: bool = True

    def render(self, cleaning: Cleaning) -> bytes:
        """Return the row with the field of the text written anew, in quotes if it was."""
        return self._with(cleaning.text, None) if cleaning.changed else self.raw

    def undo(self, cleaning: Cleaning) -> dict[str, str]:
        """Return nothing where quotes stay as they are, ``{"style": ...}`` where not, or the whole row."""
        output = _reread(self, self.render(cleaning))
        for undo in ({}, {"style": "quoted"}, {"style": "bare"}):
            if isinstance(output, Document) and output.revert(cleaning.edits, undo) == self.raw:
                return undo
        return {"raw": as_text(self.raw)}

    def row(self, text: str) -> Row:
        """Return the fields by the names of their columns."""
        row: Row = dict(zip(self.table.columns, self.values, strict=True))
        row[self.table.columns[self.table.text]] = text
        return row

    def _revert(self, edits: Sequence[Edit], undo: dict[str, str]) -> bytes:
        return self._with(restore(self.text, edits), undo.get("style"))

    def _with(self, text: str, style: str | None) -> bytes:
        line = as_text(self.raw)
        start, end = self.table.text_place(line, self.quoted)
        if style is None:
            bare = not line.startswith('"', start)
            alone = len(self.table.columns) == 1 and not text  # else a blank line, which is no row
            style = "bare" if bare and not alone and (not self.quoted or self._is_bare(text)) else "quoted"
        field = text if style == "bare" or not self.quoted else '"' + text.replace('"', '""') + '"'
        return encode(line[:start] + field + line[end:])

    def _is_bare(self, text: str) -> bool:
        return not text.startswith('"') and not any(mark in text for mark in (self.table.delimiter, "\n", "\r"))


class _Long(bytes):
    """The beginning of a line that is too long to be held."""


class _Rest(bytes):
    """More of such a line."""


class _Lines:
    """Gives lines to the ``csv`` module, knows which ones it took for a row, and takes back what was too much."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._back: deque[bytes] = deque()
        self._size = 0
        self.taken: list[bytes] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        raw = self._back.popleft() if self._back else next(self._lines)
        self._size += len(raw)
        if self.taken and (self._size > _LONGEST_ROW or isinstance(raw, (_Long, _Rest))):
            self._back.appendleft(raw)
            raise csv.Error("a quote is not closed")
        self.taken.append(raw)
        return as_text(raw)

    def begin(self) -> None:
        """Begin a row."""
        self.taken, self._size = [], 0

    def take_blank(self) -> bytes:
        """Return the next line if it is blank, or nothing; there may be millions."""
        raw = self._back.popleft() if self._back else next(self._lines, b"")
        if raw in (b"\n", b"\r\n"):
            return raw
        if raw:
            self._back.appendleft(raw)
        return b""

    def keep_one(self) -> None:
        """Leave only the first line to the row."""
        self._back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def read_delimited(stream: Stream, name: str, reading: Reading, unit: Unit) -> Iterator[Chunk]:
    """Yield the header, as a plain record, and the documents of the rows."""
    table, header = read_header(stream, name, reading)
    done = len(header)
    stream.narrow(max(unit.start - done, 0), None if unit.end is None else unit.end - done)
    at, number, line = unit.start, unit.number, unit.line
    if header and not at:
        after = Unit(done, None, 2, 1 + header.count(b"\n"))
        yield Chunk(Unit(0, done, 1, 1), [Record(name, 1, 1, header)], after)
        at, _, number, line = after
    lines = _Lines(_read_lines(stream, reading.max_document))
    for records, whole in _batches(_records(lines, name, number, line, table, reading.max_document)):
        end, last = at + sum(len(record.raw) for record in records), records[-1]
        after = Unit(end, None, last.number + 1, last.line + max(last.raw.count(b"\n"), 1))
        yield Chunk(Unit(at, end, records[0].number, records[0].line), records, after if whole else None)
        at = end


def delimited_units(stream: Stream, name: str, reading: Reading, size: int) -> Iterator[Unit]:
    """Yield parts of about ``size`` bytes that end with a row; all rows are read for it."""
    begin: Unit | None = None
    for chunk in read_delimited(stream, name, reading, WHOLE):
        begin = begin or chunk.unit
        if chunk.next and chunk.next.start - begin.start >= size:
            yield begin._replace(end=chunk.next.start)
            begin = None
    if begin:
        yield begin._replace(end=chunk.unit.end)


def read_header(stream: Stream, name: str, reading: Reading) -> tuple[Table, bytes]:
    """Return what the header says, and its bytes; raises :class:`InputError` when no column holds the text."""
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_ROW + 1))  # of the process; 128 KiB is less than a page
    head = stream.peek(1 << 16).partition(b"\n")[0]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError(f"{name}: a table in UTF-16; convert it to UTF-8")
    if not head:
        return Table(",", (), 0, None), b""
    bare = re.sub(_QUOTED, "", as_text(head))
    delimiter = max(_DELIMITERS, key=bare.count)
    lines = _Lines(iter(lambda: stream.readline(_LONGEST_ROW), b""))
    try:
        columns = next(csv.reader(lines, delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise InputError(f"{name}: the header cannot be read ({error})") from None
    columns = [column if number else column.removeprefix("\ufeff") for number, column in enumerate(columns)]
    text, identity = reading.fields.text, reading.fields.id
    if text not in columns:
        raise InputError(f"{name}: no column {text!r}; its columns are {', '.join(columns)[:200]}")
    place = columns.index(identity) if identity in columns else None
    return Table(delimiter, tuple(columns), columns.index(text), place), b"".join(lines.taken)


def _read_lines(stream: Stream, longest: int) -> Iterator[bytes]:
    for lines, whole in line_blocks(stream, longest):
        for line in lines:
            yield line if len(line) <= longest else _Long(line)
        if not whole:
            yield from map(_Rest, rest_of_line(stream))


def _records(lines: _Lines, name: str, number: int, line: int, table: Table, longest: int) -> Iterator[Record]:
    while True:
        lines.begin()
        if blank := lines.take_blank():
            yield Record(name, line, number, blank)
            number, line = number + 1, line + 1
            continue
        try:
            row = next(csv.reader(lines, delimiter=table.delimiter, strict=True))
            problem = ""
        except StopIteration:
            return
        except csv.Error as error:
            row, problem = [], str(error)
        first = lines.taken[0]
        if isinstance(first, _Rest):
            lines.keep_one()
            yield Record(name, line - 1, number - 1, bytes(first), rest=True)
            continue
        if isinstance(first, _Long):
            lines.keep_one()
            record = Record(name, line, number, bytes(first), too_long(longest))
        else:
            record = _record(lines, row, problem, Record(name, line, number, b""), table)
        yield record
        number, line = number + 1, line + max(record.raw.count(b"\n"), 1)


def _record(lines: _Lines, row: list[str], problem: str, at: Record, table: Table) -> Record:
    """Return the record of a row that was read, or of its first line where it is none."""
    width = len(table.columns)
    if len(row) != width and (problem or row):
        # Many tables with tabs know no quotes: then the line alone is a row.
        bare = table.bare_fields(as_text(lines.taken[0]))
        if len(bare) == width or problem:
            lines.keep_one()
        if len(bare) == width:
            return _document(lines, bare, at, table, False)
        problem = problem or f"{len(row)} fields under {width} columns"
    if len(row) == width:
        return _document(lines, row, at, table, True)
    return Record(at.file, at.line, at.number, b"".join(lines.taken), problem)


def _document(lines: _Lines, row: list[str], at: Record, table: Table, quoted: bool) -> RowDocument:
    raw = b"".join(lines.taken)
    identity = at.place if table.id is None else row[table.id]
    text = row[table.text]
    note = "" if raw.isascii() or _is_utf8(raw) else "not UTF-8; such bytes are kept as they are"
    return RowDocument(at.file, at.line, at.number, raw, "", False, identity, text, note, table, row, quoted)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _batches(records: Iterator[Record]) -> Iterator[tuple[list[Record], bool]]:
    """Yield lists of records and whether the next one begins after the list; what was read before a fault too."""
    batch: list[Record] = []
    size = 0
    try:
        for record in records:
            if record.rest:
                if batch:
                    yield batch, False
                yield [record], record.raw.endswith(b"\n")
                batch, size = [], 0
                continue
            batch.append(record)
            size += len(record.raw)
            if (len(batch) >= _CHUNK_ROWS or size >= _CHUNK_BYTES) and not _goes_on(record):
                yield batch, True
                batch, size = [], 0
    except InputError:
        if batch:
            yield batch, True
        raise
    if batch:
        yield batch, not _goes_on(batch[-1])


def _goes_on(record: Record) -> bool:
    return bool(record.problem) and not record.raw.endswith(b"\n")


def _reread(document: RowDocument, raw: bytes) -> Record | None:
    """Return what a reader finds in other bytes at a document's place."""
    lines = _Lines(io.BytesIO(raw))
    found = list(_records(lines, document.file, document.number, document.line, document.table, len(raw)))
    return found[0] if len(found) == 1 else None
