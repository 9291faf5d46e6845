"""Parquet: row groups are streamed; the text column changes, schema, metadata and the other columns do not.

Needs pyarrow, which is imported when a Parquet file is met.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from cleaner.errors import InputError, OutputError
from cleaner.io.columns import arrow, text_path, texts_of, with_texts
from cleaner.io.lines import too_long
from cleaner.io.records import Chunk, Document, Reading, Record, Row, Unit
from cleaner.io.streams import Stream
from cleaner.io.writers import Sink
from cleaner.repair import restore
from cleaner.types import Cleaning, Edit

_BATCH_ROWS: Final = 1024
# A row group is written as it was read, unless it is larger than this: then it comes out as several.
_GROUP_BYTES: Final = 64 << 20


@dataclass(slots=True)
class TableDocument(Document):
    """A row. Its bytes are the file's own business: the row is written by :class:`ParquetWriter`."""

    table: Any = None
    index: int = 0
    field: str = "text"

    def render(self, cleaning: Cleaning) -> bytes:
        """Raise: a row has no bytes of its own."""
        raise OutputError(f"{self.place}: a Parquet row cannot be written as bytes")

    def undo(self, cleaning: Cleaning) -> dict[str, str]:
        """Return nothing: the edits give the value back."""
        return {}

    def revert(self, edits: Sequence[Edit], undo: dict[str, str]) -> bytes:
        """Return the source text in UTF-8."""
        return restore(self.text, edits).encode()

    def row(self, text: str) -> Row:
        """Return the columns of the row."""
        row: Row = self.table.slice(self.index, 1).to_pylist()[0]
        if self.field in row:
            row[self.field] = text
        else:
            *parents, name = self.field.split(".")
            inner: Any = row
            for parent in parents:
                inner = inner[parent]
            inner[name] = text
        return row

    def _revert(self, edits: Sequence[Edit], undo: dict[str, str]) -> bytes:
        return self.revert(edits, undo)


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a file: an Arrow batch, how the file was written, and the way to the text."""

    batch: Any
    settings: dict[str, Any]
    path: tuple[str, ...]

    def filter(self, flags: Sequence[bool]) -> Rows:
        """Return the rows whose flag is true."""
        return replace(self, batch=self.batch.filter(arrow().array(flags)))


def read_parquet(stream: Stream, name: str, reading: Reading, unit: Unit) -> Iterator[Chunk]:
    """Yield the rows of the row groups, some at a time; a null is no document."""
    with _named(name):
        file = _open(stream, name)
        schema, settings = file.schema_arrow, _settings(file)
        path = text_path(schema, reading.fields.text, name)
        number = unit.number
        end = file.num_row_groups if unit.end is None else unit.end
        for group in range(unit.start, end):
            after = Unit(group + 1, None, *[number + file.metadata.row_group(group).num_rows] * 2)
            for batch in file.iter_batches(_BATCH_ROWS, row_groups=[group], use_threads=False):
                records = _records(batch, name, number, path, reading)
                first, number = number, number + len(records)
                here = Unit(group, group + 1, first, first)
                yield Chunk(here, records, after if number == after.number else None, Rows(batch, settings, path))
        if number == unit.number:  # no row at all: a file all the same
            empty = arrow().RecordBatch.from_pylist([], schema=schema)
            yield Chunk(unit._replace(end=end), [], unit._replace(start=end), Rows(empty, settings, path))


def parquet_units(stream: Stream, name: str, reading: Reading, size: int) -> Iterator[Unit]:
    """Yield the row groups, small ones together up to about ``size`` unpacked bytes."""
    with _named(name):
        metadata = _open(stream, name).metadata
        start, number, rows, held = 0, 1, 0, 0
        for group in range(metadata.num_row_groups):
            held += metadata.row_group(group).total_byte_size
            rows += metadata.row_group(group).num_rows
            if held >= size or group + 1 == metadata.num_row_groups:
                yield Unit(start, group + 1, number, number)
                start, number, rows, held = group + 1, number + rows, 0, 0
        if not metadata.num_row_groups:
            yield Unit(0, 0)


class ParquetWriter:
    """Writes rows back under the schema, the packing and the row groups of the file they came from."""

    def __init__(self, sink: Sink) -> None:
        self._file = Output(sink)
        self._writer: Any = None
        self._held: list[Any] = []

    def write(self, chunk: Chunk, cleanings: Sequence[Cleaning | None]) -> list[Record]:
        """Take the rows of a chunk; they are written when their row group is complete."""
        batch = chunk.table.batch
        if self._writer is None:
            self._writer = arrow("pyarrow.parquet").ParquetWriter(self._file, batch.schema, **chunk.table.settings)
        changed = {number: item.text for number, item in enumerate(cleanings) if item is not None and item.edits}
        if changed:
            batch = with_texts(batch, chunk.table.path, changed)
        self._held.append(batch)
        if chunk.next is not None or sum(held.nbytes for held in self._held) >= _GROUP_BYTES:
            self._flush()
        return []

    def close(self) -> None:
        """Write the file's end."""
        self._flush()
        if self._writer is not None:
            self._writer.close()

    def _flush(self) -> None:
        if self._held:
            table = arrow().Table.from_batches(self._held)
            self._writer.write_table(table, row_group_size=max(table.num_rows, 1))
            self._held = []


def join_parquet(parts: Iterable[Path], sink: Sink) -> None:
    """Write the row groups of all parts under one footer; the parts have one schema."""
    writer: Any = None
    for part in parts:
        with part.open("rb") as stream:
            file = arrow("pyarrow.parquet").ParquetFile(stream)
            if writer is None:
                settings = _settings(file)
                writer = arrow("pyarrow.parquet").ParquetWriter(Output(sink), file.schema_arrow, **settings)
            for group in range(file.num_row_groups):
                table = file.read_row_group(group, use_threads=False)
                writer.write_table(table, row_group_size=max(table.num_rows, 1))
    if writer is not None:
        writer.close()


class Output:
    """A sink as pyarrow wants a file to be."""

    closed = False

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._size = 0

    def write(self, data: Any) -> int:
        """Take bytes, or any buffer of them."""
        data = bytes(data)
        self._sink.write(data)
        self._size += len(data)
        return len(data)

    def tell(self) -> int:
        """Return how many bytes were taken."""
        return self._size

    def flush(self) -> None:
        """Do nothing: the sink has its own time for that."""

    def close(self) -> None:
        """Do nothing: the sink is not ours to close."""


def _open(stream: Stream, name: str) -> Any:
    if stream.path is None:
        raise InputError(f"{name}: Parquet is read from a file of its own, not from a pipe or a packed file")
    return arrow("pyarrow.parquet").ParquetFile(stream.path, pre_buffer=False)


def _settings(file: Any) -> dict[str, Any]:
    """Return the settings of a writer that packs and encodes the columns as this file does."""
    settings: dict[str, Any] = {
        "version": file.metadata.format_version,
        "use_compliant_nested_type": False,  # which would rename the items of lists
        "store_schema": b"ARROW:schema" in (file.metadata.metadata or {}),
    }
    if file.num_row_groups:
        group = file.metadata.row_group(0)
        columns = [group.column(number) for number in range(group.num_columns)]
        packing = {column.path_in_schema: column.compression for column in columns}
        settings["compression"] = {path: "NONE" if how == "UNCOMPRESSED" else how for path, how in packing.items()}
        named = [column.path_in_schema for column in columns if any("DICT" in how for how in column.encodings)]
        settings["use_dictionary"] = named or False
        settings["use_deprecated_int96_timestamps"] = any(column.physical_type == "INT96" for column in columns)
    return settings


def _records(batch: Any, name: str, number: int, path: tuple[str, ...], reading: Reading) -> list[Record]:
    identities = batch.column(reading.fields.id).to_pylist() if reading.fields.id in batch.schema.names else None
    records: list[Record] = []
    for index, text in enumerate(texts_of(batch, path)):
        row = number + index
        if not isinstance(text, str):
            records.append(Record(name, row, row, b"", "" if text is None else "the text is not UTF-8"))
        elif len(text) > reading.max_document:
            records.append(Record(name, row, row, b"", too_long(reading.max_document)))
        else:
            known = identities[index] if identities else None
            identity = known if isinstance(known, (str, int)) and not isinstance(known, bool) else f"{name}:{row}"
            field = reading.fields.text
            records.append(TableDocument(name, row, row, b"", "", False, identity, text, "", batch, index, field))
    return records


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Name the file in what pyarrow has to say."""
    try:
        yield
    except arrow().ArrowException as error:
        words = str(error).partition("\n")[0]
        raise InputError(f"{name}: damaged Parquet data ({words})") from None
    except OSError as error:
        words = str(error).partition("\n")[0]
        raise InputError(f"{name}: {error.strerror or words}") from None
