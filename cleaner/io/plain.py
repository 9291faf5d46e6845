"""Plain text: a file is one document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cleaner.io.lines import too_long
from cleaner.io.records import Chunk, Document, Reading, Record, Row, Unit
from cleaner.io.streams import Stream
from cleaner.io.text import as_text, decode, encode
from cleaner.repair import restore
from cleaner.types import Cleaning, Edit

_PIECE = 1 << 20


@dataclass(slots=True)
class TextDocument(Document):
    """A whole file of plain text."""

    encoding: str = "utf-8"

    def render(self, cleaning: Cleaning) -> bytes:
        """Return the cleaned text in the encoding of the source."""
        return encode(cleaning.text, self.encoding) if cleaning.changed else self.raw

    def undo(self, cleaning: Cleaning) -> dict[str, str]:
        """Return ``{}``; the whole text where the cut took the mark that tells the encoding."""
        output = document(self.file, self.render(cleaning))
        return {} if output.revert(cleaning.edits, {}) == self.raw else {"raw": as_text(self.raw)}

    def row(self, text: str) -> Row:
        """Return the file's name as the id, and the text."""
        return {"id": self.id, "text": text}

    def _revert(self, edits: Sequence[Edit], undo: dict[str, str]) -> bytes:
        return encode(restore(self.text, edits), self.encoding)


def document(name: str, data: bytes) -> TextDocument:
    """Return the document in a file's bytes."""
    decoded = decode(data)
    return TextDocument(name, 0, 0, data, "", False, name, decoded.text, decoded.note, decoded.encoding)


def read_text(stream: Stream, name: str, reading: Reading, unit: Unit) -> Iterator[Chunk]:
    """Yield the whole input as one document, or in pieces when it is too long for one."""
    data = stream.read_fully(reading.max_document + 1)
    long = len(data) > reading.max_document
    yield Chunk(unit, [Record(name, 0, 0, data, too_long(reading.max_document)) if long else document(name, data)])
    while long and (piece := stream.read(_PIECE)):
        yield Chunk(unit, [Record(name, 0, 0, piece, rest=True)])
