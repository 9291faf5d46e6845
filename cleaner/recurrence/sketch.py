"""What is known of every phrase, in a fixed amount of memory.

A Count-Min sketch (Cormode & Muthukrishnan 2005): a key has one cell in each row, and the row whose cell was
hit least tells its figures. To count distinct sites and pages the cells are bitmaps for linear counting
(Whang, Vander-Zanden & Taylor 1990): each site sets one of 64 bits. A second bitmap takes one site in 64, for
phrases on thousands of them (Estan, Varghese & Fisk 2003). Other keys in the same cell can only add. Sums and
bits are the same in any order, so sketches of parts of a corpus join to exactly the sketch of the whole,
however the work was divided.
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
_NEARLY_FULL: Final = 56  # set bits from which the sampled bitmap knows better
_MIX: Final = 0x9E3779B97F4A7C15
_WORD: Final = (1 << 64) - 1
_SHARE: Final = 1000  # probabilities are summed in thousandths: whole numbers add up alike in any order
_SITE_BITS: Final = 20  # log2 of the bits that count the sites of the corpus: good for millions


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a phrase was seen.

    ``sites`` and ``pages`` are estimates: exact to one up to ten, within a fifth above. ``pages`` counts pages of
    different text, copies of one count once; it does not go above 266. ``certainty`` is the mean probability
    that the places it stood in were injections.
    """

    documents: int
    sites: int
    pages: int
    certainty: float


class Sketch:
    """Figures of phrases by 64-bit keys. ``bits``: a row has ``2 ** bits`` cells of 36 bytes.

    ``placed`` counts the documents of the corpus with a known site, phrases or not.
    """

    ARRAYS: Final = ("sites", "sampled", "pages", "documents", "certainty")

    def __init__(self, bits: int) -> None:
        if not 8 <= bits <= 26:
            raise ValueError(f"bits must be from 8 to 26, not {bits}")
        self.bits = bits
        shape = (ROWS, 1 << bits)
        self.sites: npt.NDArray[np.uint64] = np.zeros(shape, np.uint64)
        self.sampled: npt.NDArray[np.uint64] = np.zeros(shape, np.uint64)
        self.pages: npt.NDArray[np.uint64] = np.zeros(shape, np.uint64)
        self.documents: npt.NDArray[np.uint32] = np.zeros(shape, np.uint32)
        self.certainty: npt.NDArray[np.uint64] = np.zeros(shape, np.uint64)
        self.all_sites: npt.NDArray[np.bool_] = np.zeros(1 << _SITE_BITS, np.bool_)
        self.placed = 0
        self._used = self._sites_used = 0

    def visit(self, site: int) -> None:
        """Note a document of a site."""
        self.placed += 1
        place = _mixed(site) >> (64 - _SITE_BITS)
        self._sites_used += not self.all_sites[place]
        self.all_sites[place] = True

    def add(self, key: int, site: int, page: int, certainty: float) -> None:
        """Note a phrase on a page of a site."""
        mixed = _mixed(site)
        site_bit, page_bit = np.uint64(1 << (mixed >> 58)), np.uint64(1 << (_mixed(page) >> 58))
        sampled = mixed >> 52 & 63 == 0
        sample_bit = np.uint64(1 << (mixed >> 46 & 63))
        share = np.uint64(round(certainty * _SHARE))
        for cell in self._cells(key):
            self._used += not self.documents[cell]
            self.sites[cell] |= site_bit
            if sampled:
                self.sampled[cell] |= sample_bit
            self.pages[cell] |= page_bit
            self.documents[cell] += np.uint32(1)
            self.certainty[cell] += share

    def seen(self, key: int) -> Seen:
        """Return the figures of a key."""
        cells = self._cells(key)
        documents, certainty = min((int(self.documents[cell]), int(self.certainty[cell])) for cell in cells)
        sites = min(_sites(int(self.sites[cell]), int(self.sampled[cell])) for cell in cells)
        pages = min(_ESTIMATE[int(self.pages[cell]).bit_count()] for cell in cells)
        mean = certainty / (_SHARE * documents) if documents else 0.0
        # A bitmap cannot know better than the count of documents.
        return Seen(documents, min(sites, documents), min(pages, documents), round(mean, 3))

    def merge(self, other: Sketch) -> None:
        """Add the figures of another sketch of the same size."""
        self.sites |= other.sites
        self.sampled |= other.sampled
        self.pages |= other.pages
        self.documents += other.documents
        self.certainty += other.certainty
        self.all_sites |= other.all_sites
        self.placed += other.placed
        self.recount()

    def recount(self) -> None:
        """Count the cells in use, after the arrays were changed from outside."""
        self._used = int(np.count_nonzero(self.documents))
        self._sites_used = int(np.count_nonzero(self.all_sites))

    def load(self) -> float:
        """Return the share of cells in use."""
        return self._used / self.documents.size

    def site_count(self) -> int:
        """Return the estimated number of sites of the corpus."""
        size = len(self.all_sites)
        return round(-size * math.log(max(1, size - self._sites_used) / size))

    def _cells(self, key: int) -> list[tuple[int, int]]:
        # The key is a cryptographic hash; each row mixes it in another way.
        return [(row, (key * (_MIX + 2 * row) & _WORD) >> (64 - self.bits)) for row in range(ROWS)]


def _sites(bitmap: int, sampled: int) -> int:
    bits = bitmap.bit_count()
    if bits < _NEARLY_FULL:
        return _ESTIMATE[bits]
    return max(_ESTIMATE[_NEARLY_FULL], _CELL * _ESTIMATE[sampled.bit_count()])


def _mixed(number: int) -> int:
    return number * _MIX & _WORD
