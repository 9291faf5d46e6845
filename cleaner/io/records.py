"""What a reader yields: documents, and the bytes between them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from cleaner.io.text import encode
from cleaner.types import Cleaning


@dataclass(frozen=True, slots=True)
class Record:
    """A piece of an input. Its ``raw`` bytes, in order over all records, are the whole input.

    A plain record holds no document and is passed on as it is; ``problem`` says why when that is a fault.
    ``file`` names the input, ``line`` the record's line (1, 2, ...) or is 0 where a file is one document.
    """

    file: str
    line: int
    raw: bytes
    problem: str = ""

    @property
    def place(self) -> str:
        """Return ``file:line``, or the file alone."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Document(Record, ABC):
    """A record with a text to clean. ``note`` says what was odd about it, or is empty."""

    id: str | int = ""
    text: str = ""
    note: str = ""

    @abstractmethod
    def render(self, cleaning: Cleaning) -> bytes:
        """Return the record's bytes with the cleaning's edits carried out; every other byte stays."""


@dataclass(frozen=True, slots=True)
class TextDocument(Document):
    """A whole file of plain text."""

    encoding: str = "utf-8"

    def render(self, cleaning: Cleaning) -> bytes:
        """Return the cleaned text in the encoding of the source."""
        return encode(cleaning.text, self.encoding) if cleaning.changed else self.raw
