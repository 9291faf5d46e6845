"""Web archives. Of a WET file the plain text is cleaned in place; of a WARC file the text of HTML pages is extracted.

A record is kept as the bytes it is, so the little framing there is is done here; what HTTP does to a page
(chunks, packing) is left to fastwarc and the extraction to trafilatura, both imported when a page is met.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import importlib
import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from cleaner.errors import InputError, MissingExtra
from cleaner.io.lines import too_long
from cleaner.io.records import Chunk, Document, Reading, Record, Row, Unit
from cleaner.io.streams import Stream
from cleaner.io.text import as_text, encode
from cleaner.io.writers import Sink
from cleaner.repair import restore
from cleaner.types import Cleaning, Edit

_VERSION: Final = b"WARC/"
_CHUNK_BYTES: Final = 1 << 20
_PIECE: Final = 1 << 20
_HEADER: Final = 1 << 18  # bytes of a header; real ones have one or two thousand
_TAIL: Final = b"\r\n\r\n"
_HTML = ("text/html", "application/xhtml+xml")
_DIGESTS: Final = (b"WARC-Block-Digest", b"WARC-Payload-Digest")
_ESCAPED = re.compile("[\udc80-\udcff]")
_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # of URLs, by RFC 4122


@dataclass(frozen=True, slots=True)
class Parts:
    """The bytes of a record: its header with the blank line, its block, and what ends it."""

    header: bytes
    block: bytes
    tail: bytes

    def value(self, name: str) -> str:
        """Return the value of a header field, or ``""``."""
        found = _field(name.encode()).search(self.header)
        return as_text(found[2]) if found else ""

    def with_block(self, block: bytes) -> bytes:
        """Return the record with another block, its length and digests put right."""
        header = _field(b"Content-Length").sub(rb"\g<1>%d" % len(block), self.header, count=1)
        for name in _DIGESTS:
            header = _field(name).sub(lambda found: found[1] + _digest(found[2], block), header)
        return header + block + self.tail


@dataclass(slots=True)
class ArchiveDocument(Document):
    """A record of plain text."""

    parts: Parts = Parts(b"", b"", b"")

    def render(self, cleaning: Cleaning) -> bytes:
        """Return the record with the cleaned text."""
        return self.parts.with_block(encode(cleaning.text)) if cleaning.changed else self.raw

    def undo(self, cleaning: Cleaning) -> dict[str, str]:
        """Return nothing, or the whole record where its length or digests were not right."""
        again = self.parts.with_block(self.parts.block)
        return {} if again == self.raw else {"raw": as_text(self.raw)}

    def row(self, text: str) -> Row:
        """Return id, address, date and text."""
        names = {"url": "WARC-Target-URI", "date": "WARC-Date", "language": "WARC-Identified-Content-Language"}
        row: Row = {"id": self.id}
        row.update({name: value for name, field in names.items() if (value := self.parts.value(field))})
        return {**row, "text": text}

    def _revert(self, edits: Sequence[Edit], undo: dict[str, str]) -> bytes:
        return self.parts.with_block(encode(restore(self.text, edits)))


@dataclass(slots=True)
class PageDocument(ArchiveDocument):
    """A page as a server sent it. Its text is written as a record of plain text, also when nothing was cut."""

    def render(self, cleaning: Cleaning) -> bytes:
        """Return the record of plain text that replaces the page; the same page gives the same bytes."""
        block = encode(cleaning.text)
        fields = {
            "WARC-Type": "conversion",
            "WARC-Target-URI": self.parts.value("WARC-Target-URI"),
            "WARC-Date": self.parts.value("WARC-Date"),
            "WARC-Record-ID": f"<urn:uuid:{uuid.uuid5(_NAMESPACE, str(self.id))}>",
            "WARC-Refers-To": str(self.id),
            "WARC-Block-Digest": _digest(b"sha1:", block).decode(),
            "Content-Type": "text/plain",
            "Content-Length": str(len(block)),
        }
        lines = [f"{name}: {value}\r\n" for name, value in fields.items() if value]
        return encode("WARC/1.0\r\n" + "".join(lines) + "\r\n") + block + _TAIL


class ArchiveWriter:
    """Writes records of plain text, each into a gzip member of its own, as readers of archives expect.

    Of a WARC file it takes the pages with a text, the records on the file itself and those that could not
    be used; requests, images and the like have no place among texts.
    """

    def __init__(self, sink: Sink, came_as: str) -> None:
        self._sink = sink
        self._all = came_as == "wet"

    def write(self, chunk: Chunk, cleanings: Sequence[Cleaning | None]) -> list[Record]:
        """Write the records of a chunk."""
        for record, cleaning in zip(chunk.records, cleanings, strict=True):
            if isinstance(record, Document) and cleaning is not None:
                self._sink.write(record.render(cleaning))
            elif self._all or record.bad or b"\nWARC-Type: warcinfo" in record.raw[:_HEADER]:
                self._sink.write(record.raw)
            else:
                continue
            if not record.bad or record.raw.endswith(_TAIL):
                self._sink.cut()
        return []

    def close(self) -> None:
        """Do nothing: an archive just ends."""


def read_archive(stream: Stream, name: str, reading: Reading, unit: Unit) -> Iterator[Chunk]:
    """Yield the records of a web archive."""
    stream.narrow(unit.start, unit.end)
    at, number = unit.start, unit.number
    batch: list[Record] = []
    size = 0
    fault: InputError | None = None
    records = _records(stream, name, number, reading)
    while True:
        try:
            record = next(records, None)
        except InputError as error:
            record, fault = None, error
        goes_on = record is not None and record.rest
        if batch and (record is None or goes_on or size >= _CHUNK_BYTES):
            first, after = batch[0].number, batch[-1].number + 1
            end = at + size
            follows = None if goes_on else Unit(end, None, after, after)
            yield Chunk(Unit(at, end, first, first), batch, follows)
            at, batch, size = end, [], 0
        if record is None:
            break
        batch.append(record)
        size += len(record.raw)
    if fault is not None:
        raise fault


def looks_like(head: bytes) -> str:
    """Return ``"wet"`` or ``"warc"`` for the beginning of a web archive, ``""`` for anything else."""
    if not head.startswith(_VERSION):
        return ""
    return "wet" if b"\nWARC-Type: conversion" in head and b"\nWARC-Type: response" not in head else "warc"


def _records(stream: Stream, name: str, number: int, reading: Reading) -> Iterator[Record]:
    while True:
        header = _read_header(stream)
        if not header:
            return
        length = _length(header)
        if length is None:
            yield Record(name, number, number, header, "not a WARC record")
            while (line := stream.peek(len(_VERSION))) and line != _VERSION:
                yield Record(name, number, number, stream.readline(_PIECE), rest=True)
        elif length > reading.max_document:
            yield Record(name, number, number, header, too_long(reading.max_document))
            while length and (piece := stream.read(min(length, _PIECE))):
                length -= len(piece)
                yield Record(name, number, number, piece, rest=True)
            yield Record(name, number, number, _read_tail(stream), rest=True)
        else:
            block = stream.read_fully(length)
            parts = Parts(header, block, _read_tail(stream))
            yield _record(parts, name, number, "" if len(block) == length else "the record is cut short", reading)
        number += 1


def _read_header(stream: Stream) -> bytes:
    lines: list[bytes] = []
    size = 0
    while (line := stream.readline(_HEADER)) and size < _HEADER:
        lines.append(line)
        size += len(line)
        if not line.strip() or not lines[0].startswith(_VERSION):
            break
    return b"".join(lines)


def _read_tail(stream: Stream) -> bytes:
    """Return the line ends after a block: two by the standard, now and then one or none."""
    ahead = stream.peek(len(_TAIL))
    ends = len(ahead) - len(ahead.lstrip(b"\r\n"))
    return stream.read_fully(ends) if ends else b""


def _length(header: bytes) -> int | None:
    found = _field(b"Content-Length").search(header)
    whole = header.startswith(_VERSION) and header.endswith((b"\n\r\n", b"\n\n"))
    return int(found[2]) if found and whole and found[2].isdigit() and len(found[2]) < 19 else None


def _record(parts: Parts, name: str, number: int, problem: str, reading: Reading) -> Record:
    raw = parts.header + parts.block + parts.tail
    kind, media = parts.value("WARC-Type"), parts.value("Content-Type").partition(";")[0].strip().lower()
    identity = parts.value("WARC-Record-ID") or f"{name}:{number}"
    if not problem and kind == "conversion" and media in ("text/plain", ""):
        text = as_text(parts.block)
        note = "not UTF-8; such bytes are kept as they are" if _ESCAPED.search(text) else ""
        return ArchiveDocument(name, number, number, raw, "", False, identity, text, note, parts)
    if not problem and kind == "response" and media == "application/http":
        page = _page(raw, reading.max_document)
        if isinstance(page, str) and page:
            return PageDocument(name, number, number, raw, "", False, identity, page, "", parts)
        problem = "" if page is None else "no text could be extracted"
    return Record(name, number, number, raw, problem)


def _page(raw: bytes, longest: int) -> str | None:
    """Return the text of a page, ``""`` where none was found, ``None`` for what is no page (an image, an error)."""
    fastwarc = _library("fastwarc.warc", "fastwarc", "warc")
    try:
        record = next(iter(fastwarc.ArchiveIterator(BytesIO(raw), parse_http=True, auto_decode="all")), None)
        if record is None or record.http_headers is None or record.http_headers.status_code != 200:
            return None
        if (record.http_content_type or "").lower() not in _HTML:
            return None
        page: bytes = record.reader.read(longest)
        charset = record.http_charset
    except (OSError, ValueError, RuntimeError):
        return ""  # what a server sent is broken
    extract = _library("trafilatura", "trafilatura", "html").extract
    return extract(_decoded(page, charset), include_comments=False) or ""


def _decoded(page: bytes, charset: str | None) -> str | bytes:
    try:
        return page.decode(charset) if charset else page
    except (LookupError, UnicodeDecodeError):
        return page  # then the extraction finds out itself


@functools.cache
def _field(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?im)^(%s:[ \t]*)([^\r\n]*?)(?=[ \t]*\r?$)" % re.escape(name))


def _digest(former: bytes, block: bytes) -> bytes:
    """Return the digest of a block by the method and in the letters of the former one."""
    method, _, letters = former.partition(b":")
    name = method.decode("ascii", "replace").lower()
    summer = hashlib.new(name if name in ("md5", "sha1", "sha256", "sha512") else "sha1", block, usedforsecurity=False)
    written = base64.b32encode(summer.digest()).rstrip(b"=")
    if len(letters) == 2 * summer.digest_size:
        written = summer.hexdigest().encode()
    return (method if name == summer.name else b"sha1") + b":" + (written.lower() if letters.islower() else written)


def _library(module: str, package: str, extra: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        raise MissingExtra(f"pages in WARC need the package {package}: pip install 'cleaner[{extra}]'") from None
