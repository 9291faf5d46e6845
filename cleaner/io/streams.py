"""Byte streams: files and standard input, plain or gzip, read piece by piece with bounded memory."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from cleaner.errors import InputError

# No member of the gzip family begins otherwise: two magic bytes and the deflate method.
_GZIP_MAGIC = b"\x1f\x8b\x08"


class MissingInput(InputError):
    """An input that is not there or must not be opened."""

    exit_code = 66


class Readable(Protocol):
    """What a stream is made from: a file, a pipe, a gzip reader."""

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes, ``b""`` at the end."""

    def readline(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes, ending after the first line feed."""


class Stream:
    """A byte stream with one line of look-ahead; every fault becomes an :class:`InputError` naming the input."""

    def __init__(self, source: Readable, name: str, *, ahead: bytes = b"", gzipped: bool = False) -> None:
        self._source = source
        self._name = name
        self._ahead = io.BytesIO(ahead)
        self.gzipped = gzipped

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes (all of them when negative), ``b""`` at the end only."""
        if size < 0:
            return b"".join(iter(lambda: self.read(1 << 20), b""))
        if piece := self._ahead.read(size):
            return piece
        with _named(self._name):
            return self._source.read(size)

    def readline(self, size: int) -> bytes:
        """Return the next line with its line feed, or its first ``size`` bytes. Only LF ends a line."""
        line = self._ahead.readline(size)
        if len(line) == size or line.endswith(b"\n"):
            return line
        with _named(self._name):
            return line + self._source.readline(size - len(line))

    def peek_line(self, size: int) -> bytes:
        """Return what :meth:`readline` will return, without taking it."""
        line = self.readline(size)
        self._ahead = io.BytesIO(line + self._ahead.read())
        return line


@contextmanager
def open_stream(path: Path | None, name: str) -> Iterator[Stream]:
    """Open a file, or standard input for ``None``. Gzip is known by its content, not by the file's name."""
    if path is None:
        yield _unpacked(_standard_input(), name)
        return
    try:
        file = path.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise MissingInput(f"{name}: {getattr(error, 'strerror', None) or error}") from None
    with file:
        yield _unpacked(file, name)


def _unpacked(source: Readable, name: str) -> Stream:
    with _named(name):
        head = source.read(len(_GZIP_MAGIC))
    packed = Stream(source, name, ahead=head)
    if head == _GZIP_MAGIC:
        return Stream(gzip.GzipFile(fileobj=packed, mode="rb"), name, gzipped=True)  # type: ignore[call-overload]
    if name.lower().endswith(".gz") and _GZIP_MAGIC.startswith(head):
        raise InputError(f"{name}: the gzip data is cut short")
    return packed


def _standard_input() -> Readable:
    if sys.stdin is None:
        raise MissingInput("standard input is closed")
    return sys.stdin.buffer


@contextmanager
def _named(name: str) -> Iterator[None]:
    try:
        yield
    except EOFError:
        raise InputError(f"{name}: the gzip data is cut short") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{name}: damaged gzip data ({error})") from None
    except OSError as error:
        raise InputError(f"{name}: {error.strerror or error}") from None
