"""Finding inputs (files, folders, standard input) and reading their documents.

A format is one entry in ``_READERS`` and its file name suffixes in ``_SUFFIXES``. Compression is not a
format: :mod:`cleaner.io.streams` takes it off before a reader sees the bytes.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cleaner.errors import InputError
from cleaner.io.jsonl import Fields, is_object, parse_line
from cleaner.io.records import Record, TextDocument
from cleaner.io.streams import MissingInput, Stream, open_stream
from cleaner.io.text import decode

# Bytes of one document, unpacked: room for 100 million ASCII letters (Config.max_chars) and for most of
# other scripts; a gzip bomb stops here and is passed on in pieces.
MAX_DOCUMENT = 256 << 20
_PIECE = 1 << 20
_SNIFFED = 8192  # as git does: a NUL in the first bytes means "not text"
_SUFFIXES = {".txt": "text", ".text": "text", ".md": "text", ".jsonl": "jsonl", ".ndjson": "jsonl"}


@dataclass(frozen=True, slots=True)
class Source:
    """An input. ``path`` is ``None`` for standard input; ``relative`` is its place in an output folder."""

    path: Path | None
    name: str
    relative: Path


@dataclass(frozen=True, slots=True)
class Opened:
    """An input while it is read: its format, whether it was packed, and its records in order."""

    format: str
    gzipped: bool
    records: Iterator[Record]


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read: a format or ``"auto"`` (by name, then by content), the fields of a record."""

    format: str = "auto"
    fields: Fields = field(default_factory=Fields)


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


@contextmanager
def open_source(source: Source, reading: Reading) -> Iterator[Opened]:
    """Open an input and read it as its format, or as the one that ``reading`` demands."""
    with open_stream(source.path, source.name) as stream:
        kind = _format(source, stream) if reading.format == "auto" else reading.format
        yield Opened(kind, stream.gzipped, _READERS[kind](stream, source, reading.fields))


def read_text(stream: Stream, source: Source, fields: Fields) -> Iterator[Record]:
    """Yield the whole input as one document."""
    data = b"".join(_pieces(stream, MAX_DOCUMENT + 1))
    if len(data) > MAX_DOCUMENT:
        yield from _too_long(data, iter(lambda: stream.read(_PIECE), b""), source, 0)
        return
    decoded = decode(data)
    yield TextDocument(source.name, 0, data, "", source.name, decoded.text, decoded.note, decoded.encoding)


def read_jsonl(stream: Stream, source: Source, fields: Fields) -> Iterator[Record]:
    """Yield the document of each line."""
    number = 0
    while raw := stream.readline(MAX_DOCUMENT):
        number += 1
        if len(raw) == MAX_DOCUMENT and not raw.endswith(b"\n"):
            yield from _too_long(raw, _rest_of_line(stream), source, number)
        else:
            yield parse_line(raw, source.name, number, fields)


_READERS: dict[str, Callable[[Stream, Source, Fields], Iterator[Record]]] = {"text": read_text, "jsonl": read_jsonl}


def _too_long(head: bytes, rest: Iterable[bytes], source: Source, line: int) -> Iterator[Record]:
    yield Record(source.name, line, head, f"longer than {MAX_DOCUMENT >> 20} MiB, passed on as it is")
    for piece in rest:
        yield Record(source.name, line, piece)


def _pieces(stream: Stream, limit: int) -> Iterator[bytes]:
    while limit > 0 and (piece := stream.read(min(_PIECE, limit))):
        limit -= len(piece)
        yield piece


def _rest_of_line(stream: Stream) -> Iterator[bytes]:
    while piece := stream.readline(_PIECE):
        yield piece
        if piece.endswith(b"\n"):
            return


def _suffix(name: str) -> str:
    lowered = name.lower()
    return Path(lowered[:-3] if lowered.endswith(".gz") else lowered).suffix


def _format(source: Source, stream: Stream) -> str:
    """Name the format by suffix; without a known one, a JSON object as the first line makes JSON lines."""
    by_name = _SUFFIXES.get(_suffix(source.name)) if source.path is not None else None
    return by_name or ("jsonl" if is_object(stream.peek_line(MAX_DOCUMENT)) else "text")


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
            head = b"".join(_pieces(stream, _SNIFFED))
    except InputError:
        return True  # a fault is reported when the file is read, with the others
    return b"\0" not in head or head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE))
