"""Reading files in tests, and outcomes made by hand."""

from __future__ import annotations

from pathlib import Path

from cleaner.io.readers import Source, open_source
from cleaner.io.records import Document, Reading, Record
from cleaner.repair import apply_edits
from cleaner.types import Cleaning, Edit


class Held:
    """A sink in memory."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    def cut(self) -> None: ...


def source(path: Path) -> Source:
    """Return the input for a path."""
    return Source(path, str(path), Path(path.name))


def read(path: Path, form: str = "auto", longest: int = 1 << 28) -> list[Record]:
    """Return all records of a file."""
    with open_source(source(path), Reading(form, max_document=longest)) as opened:
        return list(opened.records)


def texts(path: Path, form: str = "auto", longest: int = 1 << 28) -> list[str]:
    """Return the texts of a file."""
    return [record.text for record in read(path, form, longest) if isinstance(record, Document)]


def cleaning(text: str, *edits: Edit) -> Cleaning:
    """Return the outcome with these edits."""
    return Cleaning(apply_edits(text, edits), (), edits, "changed", "", "en", "test")
