"""What is known of every phrase, in a fixed amount of memory.

A Count-Min sketch (Cormode & Muthukrishnan 2005): a key has one cell in each row, and the row whose cell was
hit least tells its figures. To count distinct sites and pages the cells are bitmaps for linear counting
(Whang, Vander-Zanden & Taylor 1990): each site sets one of 64 bits. Other keys in the same cell can only add.
Sums and bits are the same in any order, so sketches of parts of a corpus join to exactly the sketch of the
whole, however the work was divided.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

ROWS: Final = 3
_CELL: Final = 64  # bits of a bitmap
# Distinct things by number of set bits: -m ln(share of bits not set). All set: at least so many.
_ESTIMATE: Final = [round(-_CELL * math.log(1 - bits / _CELL)) for bits in range(_CELL)] + [266]
_MIX: Final = 0x9E3779B97F4A7C15
_WORD: Final = (1 << 64) - 1
_SHARE: Final = 1000  # probabilities are summed in thousandths: whole numbers add up alike in any order


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a phrase was seen. ``sites`` and ``pages`` are estimates: exact to one up to ten, within a
    fifth up to 100, never above 266. ``pages`` counts pages of different text; copies of one count once.
    ``certainty`` is the mean probability that the places it stood in were injections.
    """

    documents: int
    sites: int
    pages: int
    certainty: float


class Sketch:
    """Figures of phrases by 64-bit keys. ``bits``: a row has ``2 ** bits`` cells of 28 bytes."""

    ARRAYS: Final = ("sites", "pages", "documents", "certainty")

    def __init__(self, bits: int) -> None:
        if not 8 <= bits <= 26:
            raise ValueError(f"bits must be from 8 to 26, not {bits}")
        self.bits = bits
        shape = (ROWS, 1 << bits)
        self.sites: npt.NDArray[np.uint64] = np.zeros(shape, np.uint64)
        self.pages: npt.NDArray[np.uint64] = np.zeros(shape, np.uint64)
        self.documents: npt.NDArray[np.uint32] = np.zeros(shape, np.uint32)
        self._used = 0
        self.certainty: npt.NDArray[np.uint64] = np.zeros(shape, np.uint64)

    def add(self, key: int, site: int, page: int, certainty: float) -> None:
        """Note a phrase on a page of a site."""
        site_bit, page_bit = np.uint64(1 << _bit_of(site)), np.uint64(1 << _bit_of(page))
        share = np.uint64(round(certainty * _SHARE))
        for cell in self._cells(key):
            self.sites[cell] |= site_bit
            self.pages[cell] |= page_bit
            self._used += not self.documents[cell]
            self.documents[cell] += np.uint32(1)
            self.certainty[cell] += share

    def seen(self, key: int) -> Seen:
        """Return the figures of a key."""
        cells = self._cells(key)
        documents, certainty = min((int(self.documents[cell]), int(self.certainty[cell])) for cell in cells)
        sites = min(int(self.sites[cell]).bit_count() for cell in cells)
        pages = min(int(self.pages[cell]).bit_count() for cell in cells)
        mean = certainty / (_SHARE * documents) if documents else 0.0
        # A bitmap cannot know better than the count of documents.
        return Seen(documents, min(_ESTIMATE[sites], documents), min(_ESTIMATE[pages], documents), round(mean, 3))

    def merge(self, other: Sketch) -> None:
        """Add the figures of another sketch of the same size."""
        self.sites |= other.sites
        self.pages |= other.pages
        self.documents += other.documents
        self.certainty += other.certainty
        self.recount()

    def recount(self) -> None:
        """Count the cells in use, after the arrays were changed from outside."""
        self._used = int(np.count_nonzero(self.documents))

    def load(self) -> float:
        """Return the share of cells in use."""
        return self._used / self.documents.size

    def _cells(self, key: int) -> list[tuple[int, int]]:
        # Each row reads other bits of the key, which is a cryptographic hash already.
        return [(row, (key * (_MIX + 2 * row) & _WORD) >> (64 - self.bits)) for row in range(ROWS)]


def _bit_of(thing: int) -> int:
    return (thing * _MIX & _WORD) >> 58
