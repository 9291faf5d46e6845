"""Texts as one block of numbers: what the detectors read, with the way back to every source offset.

A page is a text, or a piece of a long one. Pages are joined with line ends between them, so that no
n-gram and no window sees two pages, and the answer for one page does not depend on its neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cleaner.alphabet import IGNORABLE
from cleaner.ngrams import hash_codes

PAD = 8  # line ends around every page: as long as the longest n-gram and the window
PIECE = 65_536  # code points of a page at most; the temporaries of one block then stay in the cache
_PADDING = "\n" * PAD


@dataclass(slots=True)
class Block:
    """Joined pages. ``first[p]`` to ``last[p]`` are page ``p``'s bounds in ``codes``, ``classes`` and ``hashes``.

    ``kept`` maps a place in the block to its place in the joined source (``None``: the same place), for
    zero-width characters are dropped; ``source_first`` are the pages' starts in the joined source.
    """

    codes: npt.NDArray[np.int64]
    classes: npt.NDArray[np.uint8]
    hashes: npt.NDArray[np.uint32]
    first: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    source_first: npt.NDArray[np.int64]
    kept: npt.NDArray[np.int64] | None

    def page_of(self, places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the page on which each place stands."""
        return np.searchsorted(self.first, places, "right") - 1

    def to_source(
        self, page: int, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
    ) -> tuple[list[int], list[int]]:
        """Return block ranges of one page as code-point ranges of that page's text."""
        if self.kept is not None:
            starts, ends = self.kept[starts], self.kept[ends - 1] + 1
        base = self.source_first[page]
        return (starts - base).tolist(), (ends - base).tolist()


class Reader:
    """Turns texts into blocks with the model's tables."""

    def __init__(self, classes: npt.NDArray[np.uint8], fold: npt.NDArray[np.uint32]) -> None:
        # The class rides in the low byte of the hash: one look-up a character instead of two.
        self.table = (hash_codes(fold) & np.uint32(0xFFFFFF00)) | classes

    def read(self, pages: Sequence[str]) -> Block:
        """Return one block of all pages."""
        joined = _PADDING + "".join([page + _PADDING for page in pages])
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
        hashes = self.table.take(codes, mode="clip")
        classes = hashes.astype(np.uint8)
        lengths = np.fromiter(map(len, pages), np.int64, len(pages))
        last = np.cumsum(lengths + PAD)
        first = last - lengths
        source_first = first
        kept = None
        ignorable = classes == IGNORABLE
        if ignorable.any():
            kept = np.flatnonzero(~ignorable)
            codes, classes, hashes = codes[kept], classes[kept], hashes[kept]
            first, last = np.searchsorted(kept, first), np.searchsorted(kept, last)
        return Block(codes, classes, hashes, first, last, source_first, kept)


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
