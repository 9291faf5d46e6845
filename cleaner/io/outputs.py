"""Writing cleaned records: in the format they came in, byte for byte where nothing changed, or in another one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol

from cleaner.errors import ConfigError, InputError
from cleaner.io.packing import without_packing
from cleaner.io.parquet import ParquetWriter, join_parquet
from cleaner.io.readers import Source, open_source
from cleaner.io.records import Chunk, Document, Reading, Record, Row
from cleaner.io.rows import DelimitedRows, JsonRows, ParquetRows, TextRows, columns_of, schema_of
from cleaner.io.warc import ArchiveWriter
from cleaner.io.writers import Sink
from cleaner.types import Cleaning

Cleanings = Sequence["Cleaning | None"]


class Writer(Protocol):
    """Turns records into the bytes of one output, or of one part of it."""

    def write(self, chunk: Chunk, cleanings: Cleanings) -> list[Record]:
        """Write the records of a chunk, each with its cleaning (``None`` for what is no document).

        Returns the documents that this format cannot hold, each with its problem; in the format they came in
        there are none.
        """

    def close(self) -> None:
        """Write what stands at the end of the file. The sink stays open."""


class RawWriter:
    """Writes records of a format made of bytes; those without a change as they came."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, chunk: Chunk, cleanings: Cleanings) -> list[Record]:
        """Write the records' bytes."""
        self._sink.write(b"".join([_rendered(*pair) for pair in zip(chunk.records, cleanings, strict=True)]))
        return []

    def close(self) -> None:
        """Do nothing: such a file just ends."""


def _rendered(record: Record, cleaning: Cleaning | None) -> bytes:
    if cleaning is not None and cleaning.edits and isinstance(record, Document):
        return record.render(cleaning)
    return record.raw


OUTPUTS: Final = {
    "text": ".txt", "jsonl": ".jsonl", "csv": ".csv", "tsv": ".tsv", "parquet": ".parquet", "wet": ".warc.wet",
}  # fmt: skip
_INFERRED: Final = 1000  # records that fix the columns of a table
_INFERRED_CHARS: Final = 4 << 20


def make_writer(to: str, sink: Sink, came_as: str, *, layout: Any = None, first: bool = True) -> Writer:
    """Return the writer for records that were read as ``came_as``.

    ``layout`` (from :func:`infer_layout`) fixes the columns of a table that is written in parts; without one the
    first record does. ``first`` says whether this is the first of the parts, where the header goes.
    """
    if to == "wet" and came_as in ("wet", "warc"):
        return ArchiveWriter(sink, came_as)
    if to == came_as:
        return ParquetWriter(sink) if to == "parquet" else RawWriter(sink)
    if to == "jsonl":
        return JsonRows(sink)
    if to == "text":
        return TextRows(sink)
    if to == "parquet":
        return ParquetRows(sink, layout)
    if to in ("csv", "tsv"):
        return DelimitedRows(sink, "," if to == "csv" else "\t", layout, header=first)
    raise ConfigError(f"{came_as} cannot be written as {to}; there are: {', '.join(OUTPUTS)}")


def infer_layout(source: Source, reading: Reading, to: str) -> Any:
    """Return the columns for :func:`make_writer`, from the first records of an input; ``None`` where there are none.

    Standard input cannot be read twice: there the first record fixes the columns.
    """
    if to not in ("csv", "tsv", "parquet") or source.path is None:
        return None
    rows: list[Row] = []
    left = _INFERRED_CHARS
    with open_source(source, reading) as opened, suppress(InputError):  # whoever reads on will meet it again
        for record in opened.records:
            if isinstance(record, Document):
                rows.append(record.row(record.text))
                left -= len(record.text)
            if len(rows) == _INFERRED or left < 0:
                break
    if not rows:
        return None
    return schema_of(rows) if to == "parquet" else columns_of(rows)


def join_parts(to: str, parts: Iterable[Path], sink: Sink) -> None:
    """Write the parts of an output one after the other; the sink must not pack again what is packed."""
    if to == "parquet":
        join_parquet(parts, sink)
        return
    for part in parts:
        with part.open("rb") as file:
            while piece := file.read(1 << 20):
                sink.write(piece)


def default_output(came_as: str) -> str:
    """Return the format to write when none is asked for: the same, and texts (WET) for the pages of a WARC file."""
    return "wet" if came_as == "warc" else came_as


def output_name(relative: Path, came_as: str, to: str) -> Path:
    """Return where an input goes below the output folder; another format gets another suffix.

    >>> output_name(Path("a.jsonl.gz"), "jsonl", "csv").name
    'a.csv.gz'
    >>> output_name(Path("a.jsonl.gz"), "jsonl", "parquet").name
    'a.parquet'
    """
    if to == came_as:
        return relative
    bare = Path(without_packing(relative.name))
    packing = "" if to == "parquet" else relative.name[len(bare.name) :]
    return relative.with_name(bare.stem + OUTPUTS[to] + packing)
