"""Byte streams: files and standard input, plain or packed, read piece by piece with bounded memory."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from cleaner.errors import InputError
from cleaner.io.packing import MAGIC, Unpacker, codec, packing_by_content, packing_of

_PIECE = 1 << 20
_LINE = 1 << 16


class MissingInput(InputError):
    """An input that is not there or must not be opened."""

    exit_code = 66


class Readable(Protocol):
    """What a stream is made from: a file, a pipe, an unpacker."""

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes, ``b""`` at the end."""


class Stream:
    """A byte stream with look-ahead; every fault becomes an :class:`InputError` naming the input.

    ``packing`` names what was taken off: ``"gzip"``, ``"zstd"`` or nothing. ``path`` is the file, if the
    stream is its bytes as they are.
    """

    def __init__(self, source: Readable, name: str, *, ahead: bytes = b"", packing: str = "") -> None:
        self._source = source
        self._name = name
        self._ahead = io.BytesIO(ahead)
        self._left: int | None = None  # bytes that may still be read
        self.packing = packing
        self.path: Path | None = None

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes (all of them when negative), ``b""`` at the end only."""
        if size < 0:
            return b"".join(iter(lambda: self.read(_PIECE), b""))
        if self._left is not None:
            size = min(size, self._left)
        piece = self._ahead.read(size)
        if not piece and size:
            with _named(self._name):
                piece = self._source.read(size)
        if self._left is not None:
            self._left -= len(piece)
        return piece

    def readline(self, size: int) -> bytes:
        """Return the next line with its line feed, or its first ``size`` bytes. Only LF ends a line."""
        if self._left is not None:
            size = min(size, self._left)
        line = self._ahead.readline(size)
        if len(line) < size and not line.endswith(b"\n"):
            line = self._long_line(line, size)
        if self._left is not None:
            self._left -= len(line)
        return line

    def _long_line(self, line: bytes, size: int) -> bytes:
        pieces = [line]
        size -= len(line)
        with _named(self._name):
            while size > 0 and not line.endswith(b"\n") and (piece := self._source.read(_LINE)):
                self._ahead = io.BytesIO(piece)
                line = self._ahead.readline(size)
                size -= len(line)
                pieces.append(line)
        return b"".join(pieces)

    def read_fully(self, size: int) -> bytes:
        """Return ``size`` bytes, fewer at the end only."""
        pieces: list[bytes] = []
        while size > 0 and (piece := self.read(min(size, _PIECE))):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def peek(self, size: int) -> bytes:
        """Return what :meth:`read_fully` will return, without taking it."""
        place = self._ahead.tell()
        head = self._ahead.read(size)
        if len(head) < size:
            with _named(self._name):
                while len(head) < size and (piece := self._source.read(max(size - len(head), _LINE))):
                    head += piece
            self._ahead, place = io.BytesIO(head), 0
            head = head[:size]
        self._ahead.seek(place)
        return head if self._left is None else head[: self._left]

    def narrow(self, start: int, end: int | None) -> None:
        """Go on to ``start`` (bytes from here) and end the stream at ``end``; a plain file is not read until then."""
        left = start - len(self._ahead.read(start))
        seek = getattr(self._source, "seek", None)
        with _named(self._name):
            if seek is not None and left:
                seek(left, io.SEEK_CUR)
                left = 0
        while left and (piece := self.read(min(left, _PIECE))):
            left -= len(piece)
        self._left = None if end is None else end - start


@contextmanager
def open_stream(path: Path | None, name: str) -> Iterator[Stream]:
    """Open a file, or standard input for ``None``. Packing is known by its content, not by the file's name."""
    if path is None:
        yield _unpacked(_Pipe(_standard_input()), name)
        return
    try:
        file = path.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise MissingInput(f"{name}: {getattr(error, 'strerror', None) or error}") from None
    with file:
        stream = _unpacked(file, name)
        stream.path = None if stream.packing else path
        yield stream


class _Pipe:
    """Standard input, which may be a file but is never wound on: others may read it after us."""

    def __init__(self, source: Readable) -> None:
        self.read = source.read


def _unpacked(source: Readable, name: str) -> Stream:
    with _named(name):
        head = source.read(4)
    packed = Stream(source, name, ahead=head)
    packing = packing_by_content(head)
    if packing:
        return Stream(Unpacker(packed, name, codec(packing)), name, packing=packing)
    if (asked := packing_of(name)) and MAGIC[asked].startswith(head):
        raise InputError(f"{name}: the {asked} data is cut short")
    return packed


def _standard_input() -> Readable:
    if sys.stdin is None:
        raise MissingInput("standard input is closed")
    return sys.stdin.buffer


@contextmanager
def _named(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{name}: {error.strerror or error}") from None
