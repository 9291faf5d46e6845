"""Taking a stream apart into lines, many at a time, with bounded memory whatever their length. Only LF ends a line."""

from __future__ import annotations

import io
from collections.abc import Iterator

from cleaner.errors import InputError
from cleaner.io.records import Reading, Unit
from cleaner.io.streams import Stream

_BLOCK = 1 << 20
_LINES = 8192  # at a time: a megabyte of line feeds is a million lines


def line_blocks(stream: Stream, longest: int) -> Iterator[tuple[list[bytes], bool]]:
    """Yield lists of lines, a megabyte together at the most unless they are long, and whether the last one is whole.

    A line is whole up to ``longest`` bytes at least. When it is not, :func:`rest_of_line` has to be read
    before going on. Where the stream is damaged the whole lines before that are yielded, then it raises.
    """
    fault: InputError | None = None
    while fault is None:
        block, fault = _block(stream)
        whole = block.endswith(b"\n") or not block
        if not whole and fault is None:
            try:
                end = stream.readline(longest)
                whole = len(end) < longest or end.endswith(b"\n")
                block += end
            except InputError as error:
                fault = error
        if fault is not None:
            block, whole = block[: block.rfind(b"\n") + 1], True
        elif not block:
            return
        lines = io.BytesIO(block).readlines()
        for start in range(0, len(lines), _LINES):
            yield lines[start : start + _LINES], whole or start + _LINES < len(lines)
    if fault is not None:
        raise fault


def _block(stream: Stream) -> tuple[bytes, InputError | None]:
    """Return the next megabyte, less at the end or before a fault, which comes with it.

    What a look-ahead left over is filled up: the engine is half as fast on blocks of that size.
    """
    pieces: list[bytes] = []
    size = _BLOCK
    try:
        while size > 0 and (piece := stream.read(size)):
            pieces.append(piece)
            size -= len(piece)
    except InputError as error:
        return b"".join(pieces), error
    return b"".join(pieces), None


def rest_of_line(stream: Stream) -> Iterator[bytes]:
    """Yield what is left of the line under way, in pieces."""
    while piece := stream.readline(_BLOCK):
        yield piece
        if piece.endswith(b"\n"):
            return


def line_units(stream: Stream, name: str, reading: Reading, size: int) -> Iterator[Unit]:
    """Yield parts of about ``size`` bytes that end with a line; they depend on the content alone."""
    start, number = 0, 1
    while True:
        length = lines = 0
        piece = b""
        while length < size and (piece := stream.read(min(_BLOCK, size - length))):
            length, lines = length + len(piece), lines + piece.count(b"\n")
        if piece and not piece.endswith(b"\n"):
            for piece in rest_of_line(stream):
                length, lines = length + len(piece), lines + piece.count(b"\n")
        if length:
            yield Unit(start, start + length, number, number)
        if not piece:
            return
        start, number = start + length, number + lines


def too_long(limit: int) -> str:
    """Return the reason for passing a record on unread."""
    return f"longer than {limit >> 20} MiB" if limit >> 20 else f"longer than {limit} bytes"
