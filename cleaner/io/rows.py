"""Writing records as rows of another format: JSON lines, CSV, TSV, Parquet or bare text.

A table has columns, and they are fixed by the first records. A later record that does not fit is not bent:
it is handed back with the reason, so that it can be put aside.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, Final

from cleaner.io.columns import arrow
from cleaner.io.parquet import Output
from cleaner.io.records import Chunk, Document, Record, Row
from cleaner.io.text import json_line
from cleaner.io.writers import Sink
from cleaner.types import Cleaning

_GROUP_BYTES: Final = 32 << 20  # of a row group before packing


class Unfit(ValueError):
    """The reason why a row has no place in the output."""


class RowWriter(ABC):
    """A writer that takes the documents of any format; what is no document is left out."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, chunk: Chunk, cleanings: Sequence[Cleaning | None]) -> list[Record]:
        """Write the documents of a chunk; return those that do not fit, each with its problem."""
        kept: list[Row] = []
        unfit: list[Record] = []
        for record, cleaning in zip(chunk.records, cleanings, strict=True):
            if isinstance(record, Document):
                try:
                    kept.append(self._row(record, cleaning.text if cleaning else record.text))
                except Unfit as reason:
                    unfit.append(Record(record.file, record.line, record.number, record.raw, str(reason)))
        if kept:
            self._put(kept)
        return unfit

    @abstractmethod
    def _row(self, document: Document, text: str) -> Row:
        """Return the row as it is written, or raise :class:`Unfit`."""

    @abstractmethod
    def _put(self, rows: Sequence[Row]) -> None: ...

    def close(self) -> None:  # noqa: B027 (most formats just end)
        """Write what stands at the end of the file."""


class JsonRows(RowWriter):
    """One JSON object a line."""

    def _row(self, document: Document, text: str) -> Row:
        return document.row(text)

    def _put(self, rows: Sequence[Row]) -> None:
        self._sink.write(b"".join([json_line(_plain(row)) for row in rows]))


class TextRows(RowWriter):
    """The texts alone, an empty line between two."""

    def _row(self, document: Document, text: str) -> Row:
        return {"": _encodable(text.rstrip())}

    def _put(self, rows: Sequence[Row]) -> None:
        self._sink.write("".join([f"{row['']}\n\n" for row in rows]).encode())


class DelimitedRows(RowWriter):
    """A table with a header. What is no string is written as JSON."""

    def __init__(self, sink: Sink, delimiter: str, columns: Sequence[str] | None, *, header: bool) -> None:
        super().__init__(sink)
        self._delimiter = delimiter
        self._columns = columns
        self._header = header

    def _row(self, document: Document, text: str) -> Row:
        row = document.row(text)
        if self._columns is None:
            self._columns = list(row)
        _no_others(row, self._columns)
        return {name: _cell(row.get(name)) for name in self._columns}

    def _put(self, rows: Sequence[Row]) -> None:
        buffer = io.StringIO(newline="")
        table = csv.writer(buffer, delimiter=self._delimiter, lineterminator="\n")
        if self._header:
            table.writerow(self._columns or ())
            self._header = False
        table.writerows(row.values() for row in rows)
        self._sink.write(buffer.getvalue().encode())


class ParquetRows(RowWriter):
    """A Parquet file packed with zstd."""

    def __init__(self, sink: Sink, schema: Any) -> None:
        super().__init__(sink)
        self._schema = schema
        self._writer: Any = None
        self._held: list[Any] = []

    def _row(self, document: Document, text: str) -> Row:
        row = document.row(text)
        if self._schema is None:
            self._schema = schema_of([row])
        _no_others(row, self._schema.names)
        return {field.name: _value(row.get(field.name), field) for field in self._schema}

    def _put(self, rows: Sequence[Row]) -> None:
        self._held.append(arrow().Table.from_pylist(rows, schema=self._schema))
        if sum(table.nbytes for table in self._held) >= _GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """Write the last row group and the file's end. A file without rows has a schema all the same."""
        self._flush()
        self._open().close()

    def _flush(self) -> None:
        if self._held:
            table = arrow().concat_tables(self._held)
            self._open().write_table(table, row_group_size=max(table.num_rows, 1))
            self._held = []

    def _open(self) -> Any:
        if self._writer is None:
            schema = arrow().schema([]) if self._schema is None else self._schema
            self._writer = arrow("pyarrow.parquet").ParquetWriter(Output(self._sink), schema, compression="zstd")
        return self._writer


def columns_of(rows: Iterable[Row]) -> list[str]:
    """Return the names of all fields, in the order in which they are met."""
    return list(dict.fromkeys(name for row in rows for name in row))


def schema_of(rows: Sequence[Row]) -> Any:
    """Return the Arrow schema for rows. A field with values of several kinds becomes text, as JSON."""
    pa = arrow()
    fields = []
    for name in columns_of(rows):
        try:
            kind = pa.array([row.get(name) for row in rows]).type
        except (pa.ArrowException, ValueError, TypeError, OverflowError):
            kind = pa.null()
        fields.append(pa.field(name, pa.string() if pa.types.is_null(kind) else kind))
    return pa.schema(fields)


def _no_others(row: Row, columns: Sequence[str]) -> None:
    for name in row:
        if name not in columns:
            raise Unfit(f"field {name!r} is not among the columns, which the first records fix")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return _encodable(value if isinstance(value, str) else json.dumps(_plain(value), ensure_ascii=False))


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unfit("half of a surrogate pair can be written as JSON only") from None
    return text


def _value(value: object, field: Any) -> object:
    """Return a value as its column takes it. Arrow would cut 1.5 to 1 and drop members of a struct without a word."""
    pa = arrow()
    if pa.types.is_string(field.type) and value is not None:
        return _cell(value)
    try:
        if _complete(value, field.type):
            pa.array([value], field.type)
            return value
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        pass
    raise Unfit(f"field {field.name!r} does not fit its column ({field.type}), which the first records fix")


def _complete(value: object, kind: Any) -> bool:
    types = arrow().types
    if isinstance(value, dict) and types.is_struct(kind):
        known = {kind.field(number).name: kind.field(number).type for number in range(kind.num_fields)}
        return all(name in known and _complete(item, known[name]) for name, item in value.items())
    if isinstance(value, list) and (types.is_list(kind) or types.is_large_list(kind)):
        return all(_complete(item, kind.value_type) for item in value)
    if isinstance(value, bool):
        return bool(types.is_boolean(kind))
    if isinstance(value, float) and types.is_integer(kind):
        return value.is_integer()
    if isinstance(value, int) and types.is_floating(kind):
        return int(float(value)) == value
    return True


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it: dates in ISO form, bytes as text, other things in their own words."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return value if value is None or isinstance(value, (str, int, float)) else str(value)
