"""Finding inputs (files, folders, standard input) and reading their documents.

A format is one entry in ``_FORMATS`` and its file name suffixes in ``_SUFFIXES``. Packing is not a format:
:mod:`cleaner.io.streams` takes it off before a reader sees the bytes.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cleaner.errors import InputError
from cleaner.io.delimited import delimited_units, read_delimited
from cleaner.io.jsonl import is_object, read_jsonl
from cleaner.io.lines import line_units
from cleaner.io.packing import without_packing
from cleaner.io.parquet import parquet_units, read_parquet
from cleaner.io.plain import read_text
from cleaner.io.records import WHOLE, Chunk, Reading, Record, Source, Unit
from cleaner.io.streams import MissingInput, Stream, open_stream
from cleaner.io.warc import looks_like, read_archive

_SNIFFED = 1 << 16
_BINARY = 8192  # as git does: a NUL in the first bytes means "not text"


class _Format(NamedTuple):
    read: Callable[[Stream, str, Reading, Unit], Iterator[Chunk]]
    units: Callable[[Stream, str, Reading, int], Iterator[Unit]] | None = None  # None: only as a whole


_FORMATS = {
    "text": _Format(read_text),
    "jsonl": _Format(read_jsonl, line_units),
    "csv": _Format(read_delimited, delimited_units),
    "parquet": _Format(read_parquet, parquet_units),
    "wet": _Format(read_archive),
    "warc": _Format(read_archive),
}
_SUFFIXES = {
    ".txt": "text",
    ".text": "text",
    ".md": "text",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".wet": "wet",
    ".warc": "warc",
}
FORMATS = tuple(_FORMATS)


@dataclass(frozen=True, slots=True)
class Opened:
    """An input while it is read. ``packing`` is ``"gzip"``, ``"zstd"`` or ``""``."""

    source: Source
    reading: Reading
    format: str
    stream: Stream

    @property
    def packing(self) -> str:
        """Return how the input is packed."""
        return self.stream.packing

    @property
    def seekable(self) -> bool:
        """Return whether :meth:`units` are parts that can be read on their own, each by whom opens the input."""
        return self.source.path is not None and not self.packing and _FORMATS[self.format].units is not None

    def units(self, size: int) -> Iterator[Unit]:
        """Yield the parts of the input, of about ``size`` bytes, as they are found; one where it has no parts.

        They begin and end between records and depend on the content alone. Uses up the stream: read the parts
        through other openings.
        """
        find = _FORMATS[self.format].units
        return find(self.stream, self.source.name, self.reading, size) if self.seekable and find else iter((WHOLE,))

    def chunks(self, unit: Unit = WHOLE) -> Iterator[Chunk]:
        """Yield the records of the input, or of a part of it, in order. To be called once.

        Raises :class:`InputError` for what ends the reading (damaged packing, no column for the text), when
        all that could be read was yielded.
        """
        return _FORMATS[self.format].read(self.stream, self.source.name, self.reading, unit)

    @property
    def records(self) -> Iterator[Record]:
        """Yield the records one by one."""
        return (record for chunk in self.chunks() for record in chunk.records)


@contextmanager
def open_source(source: Source, reading: Reading) -> Iterator[Opened]:
    """Open an input as its format, or as the one that ``reading`` demands."""
    with open_stream(source.path, source.name) as stream:
        kind = _format(source, stream) if reading.format == "auto" else reading.format
        yield Opened(source, reading, kind, stream)


def find_sources(inputs: Sequence[str], leave_out: Path | None = None) -> tuple[list[Source], list[str]]:
    """Return the inputs in a fixed order, and the names of files in folders that are passed over.

    ``"-"`` is standard input. A folder is walked: names that begin with a dot, links to folders and files
    that do not hold text are passed over, and so is the folder ``leave_out`` (the output). Several
    folders keep their names in ``relative``. Raises :class:`MissingInput` for what is not there.
    """
    sources: list[Source] = []
    passed_over: list[str] = []
    for name in inputs:
        path = Path(name)
        if name == "-":
            sources.append(Source(None, "stdin", Path("stdin")))
        elif os.path.isdir(path):
            base = Path(path.resolve().name) if len(inputs) > 1 else Path()
            for file in _walk(path, leave_out):
                if _suffix(file.name) in _SUFFIXES or _looks_like_text(file):
                    sources.append(Source(file, str(file), base / file.relative_to(path)))
                else:
                    passed_over.append(str(file))
        elif os.path.exists(name):
            sources.append(Source(path, name, Path(path.name)))
        else:
            raise MissingInput(f"{name}: no such file or folder")
    return sources, passed_over


def _suffix(name: str) -> str:
    return Path(without_packing(name).lower()).suffix


def _format(source: Source, stream: Stream) -> str:
    """Name the format by suffix; without a known one, a JSON object as the first line makes JSON lines."""
    by_name = _SUFFIXES.get(_suffix(source.name)) if source.path is not None else None
    return by_name or _format_by_content(stream)


def _format_by_content(stream: Stream) -> str:
    head = stream.peek(_SNIFFED)
    if head.startswith(b"PAR1"):
        return "parquet"
    if archive := looks_like(head):
        return archive
    line, end, _ = head.partition(b"\n")
    if not end and line.lstrip(b"\xef\xbb\xbf \t").startswith(b"{"):  # a long first line: it takes more to tell
        line = stream.peek(1 << 26).partition(b"\n")[0]
    return "jsonl" if is_object(line) else "text"


def _walk(folder: Path, leave_out: Path | None) -> Iterator[Path]:
    def fail(error: OSError) -> None:
        raise MissingInput(f"{error.filename}: {error.strerror}") from None

    left_out = leave_out.resolve() if leave_out else None
    for parent, folders, files in os.walk(folder, onerror=fail):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if left_out is not None:
            folders[:] = [name for name in folders if Path(parent, name).resolve() != left_out]
        for name in sorted(files):
            path = Path(parent, name)
            if not name.startswith(".") and path.is_file():
                yield path


def _looks_like_text(path: Path) -> bool:
    try:
        with open_stream(path, str(path)) as stream:
            head = stream.peek(_BINARY)
    except InputError:
        return True  # a fault is reported when the file is read, with the others
    return b"\0" not in head or head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE))


__all__ = ["FORMATS", "Opened", "Source", "find_sources", "open_source"]
