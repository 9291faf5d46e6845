"""Texts as one block of numbers: what the detectors read, with the way back to every source offset.

A page is a text, or a piece of a long one. Pages are joined with line ends between them, so that no
n-gram and no window sees two pages, and the answer for one page does not depend on its neighbours.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from cleaner import compiled
from cleaner.alphabet import IGNORABLE
from cleaner.ngrams import hash_codes

PAD = 12  # line ends around every page: no window of scores, each of an n-gram, sees two pages (8 + 6 - 2)
PIECE = 65_536  # code points of a page at most; the temporaries of one block then stay in the cache
_PADDING = "\n" * PAD
_CHUNK = 32_768  # code points looked up at a time

_Number = TypeVar("_Number", bound=np.generic)


@dataclass(slots=True)
class Block:
    """Joined pages. ``first[p]`` to ``last[p]`` are page ``p``'s bounds in ``codes``, ``classes`` and ``hashes``.

    Zero-width characters are dropped: ``dropped[k]`` is the place in the block before which the first
    ``k + 1`` of them stood (``None``: there were none); ``source_first`` are the pages' starts with them.
    """

    codes: npt.NDArray[np.uint32]
    classes: npt.NDArray[np.uint8]
    hashes: npt.NDArray[np.uint32]
    first: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    source_first: npt.NDArray[np.int64]
    dropped: npt.NDArray[np.int64] | None

    def page_of(self, places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the page on which each place stands."""
        return self.first.searchsorted(places, "right") - 1

    def to_source(
        self, page: int, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
    ) -> tuple[list[int], list[int]]:
        """Return block ranges of one page as code-point ranges of that page's text."""
        if self.dropped is not None:
            starts = starts + self.dropped.searchsorted(starts, "right")
            ends = ends + self.dropped.searchsorted(ends - 1, "right")
        base = self.source_first[page]
        return (starts - base).tolist(), (ends - base).tolist()

    def from_source(self, page: int, offset: int) -> int:
        """Return the place in the block of a code-point offset into a page's text."""
        place = int(self.source_first[page]) + offset
        if self.dropped is None:
            return place
        return place - int((self.dropped + np.arange(len(self.dropped))).searchsorted(place))


def around(block: Block, pages: npt.NDArray[np.int64]) -> list[slice]:
    """Return where some pages of a block stand, the line ends before each included."""
    bounds = zip((block.first[pages] - PAD).tolist(), block.last[pages].tolist(), strict=True)
    return [slice(start, end) for start, end in bounds]


def join(parts: Sequence[tuple[Block, npt.NDArray[np.int64]]]) -> Block:
    """Return one block of some pages of several blocks, in their order."""
    pieces = [(block, piece) for block, pages in parts for piece in around(block, pages)]
    tail = parts[0][0], slice(-PAD, None)
    codes = np.concatenate([block.codes[piece] for block, piece in (*pieces, tail)])
    hashes = np.concatenate([block.hashes[piece] for block, piece in (*pieces, tail)])
    lengths = np.array([piece.stop - piece.start for _, piece in pieces])
    last = np.cumsum(lengths)
    first = last - lengths + PAD
    hidden = []  # zero-width characters: before which place of the new block each stood
    for (block, piece), shift in zip(pieces, (last - [piece.stop for _, piece in pieces]).tolist(), strict=True):
        if block.dropped is not None:
            some = slice(*block.dropped.searchsorted((piece.start + PAD, piece.stop + 1)).tolist())
            hidden.append(block.dropped[some] + shift)
    dropped = np.concatenate(hidden) if hidden else None
    earlier = 0 if dropped is None else dropped.searchsorted(first)
    return Block(codes, hashes.astype(np.uint8), hashes, first, last, first + earlier, dropped)


class Reader:
    """Turns texts into blocks with the model's tables."""

    def __init__(self, classes: npt.NDArray[np.uint8], fold: npt.NDArray[np.uint32]) -> None:
        # The class rides in the low byte of the hash: one look-up a character instead of two.
        self.table = (hash_codes(fold) & np.uint32(0xFFFFFF00)) | classes

    def read(self, pages: Sequence[str]) -> Block:
        """Return one block of all pages."""
        codes, classes, hashes, places = self._look_up(pages)
        lengths = np.fromiter(map(len, pages), np.int64, len(pages))
        last = np.cumsum(lengths + PAD)
        first = last - lengths
        source_first = first
        dropped = None
        if len(places):
            first, last = first - places.searchsorted(first), last - places.searchsorted(last)
            dropped = places - np.arange(len(places))
        return Block(codes, classes, hashes, first, last, source_first, dropped)

    def _look_up(
        self, pages: Sequence[str]
    ) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8], npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
        """Return the code points that are not ignorable, their classes and hashes, and where the others stood."""
        if compiled.core:
            return self._look_up_compiled(compiled.core, pages)
        joined = _PADDING.join(("", *pages, "")) if pages else _PADDING
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        hashes = np.empty(len(codes), np.uint32)
        index = np.empty(min(len(codes), _CHUNK), np.int64)
        for start in range(0, len(codes), _CHUNK):
            # In pieces: a fresh large array costs more than the arithmetic on it.
            part = codes[start : start + _CHUNK]
            np.copyto(index[: len(part)], part)
            self.table.take(index[: len(part)], out=hashes[start : start + _CHUNK], mode="clip")
        classes = hashes.astype(np.uint8)
        places = np.flatnonzero(classes == IGNORABLE)
        if len(places):
            codes, classes, hashes = _without(codes, places), _without(classes, places), _without(hashes, places)
        return codes, classes, hashes, places

    def _look_up_compiled(
        self, core: compiled.Core, pages: Sequence[str]
    ) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8], npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
        size = sum(map(len, pages)) + PAD * (len(pages) + 1)
        codes, hashes, classes = np.empty(size, np.uint32), np.empty(size, np.uint32), np.empty(size, np.uint8)
        places = np.frombuffer(core.read(list(pages), PAD, self.table, IGNORABLE, codes, hashes, classes), np.int64)
        kept = slice(size - len(places))
        return codes[kept], classes[kept], hashes[kept], places


def _without(values: npt.NDArray[_Number], places: npt.NDArray[np.int64]) -> npt.NDArray[_Number]:
    """Return the values but for those at some places; for few of them ten times as fast as picking by a mask."""
    if len(places) > len(values) // 64:
        return np.delete(values, places)
    bounds = [-1, *places.tolist(), len(values)]
    return np.concatenate([values[left + 1 : right] for left, right in itertools.pairwise(bounds)])


def pieces(text: str) -> list[str]:
    """Cut a long text into pages, at a line end or blank where there is one.

    >>> [len(piece) for piece in pieces("x" * 70_000)]
    [65536, 4464]
    """
    if len(text) <= PIECE:
        return [text]
    found: list[str] = []
    start = 0
    while len(text) - start > PIECE:
        limit = start + PIECE
        cut = max(text.rfind("\n", start, limit), text.rfind(" ", limit - 200, limit)) + 1
        if cut <= start + PIECE // 2:
            cut = limit
        found.append(text[start:cut])
        start = cut
    found.append(text[start:])
    return found


def whole_characters(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a stretch so that it parts no base letter from its combining marks.

    >>> whole_characters("e\u0301a", 0, 1)
    (0, 2)
    """
    while start > 0 and _joins(text[start]):
        start -= 1
    while end < len(text) and _joins(text[end]):
        end += 1
    return start, end


def _joins(char: str) -> bool:
    return unicodedata.category(char)[0] == "M" or char == "\u200d"
