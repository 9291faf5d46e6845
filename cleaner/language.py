"""The host language of a whole page, and how foreign a stretch of it is.

langdetect's profiles (character n-gram counts of 55 languages, N. Shuyo 2010) are turned by training
into one table of small numbers: deterministic, thread-safe and two orders of magnitude faster than the
original, which is random, keeps global state and calls short Chinese phrases Korean. The table is asked
about pages and about long stretches, never about a phrase alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner import compiled
from cleaner.alphabet import SCRIPTS
from cleaner.view import Block

ORDER: Final = 3
BITS: Final = 16
_STEP: Final = np.uint32(0x85EBCA6B)
_WINDOWS: Final = np.array([[0.1], [0.6]])  # places in the page that are read: its top is often a menu
_WIDTH: Final = 40
_READ: Final = np.arange(_WIDTH + 2)[:, None]
# Scripts that tell the language by themselves.
_BY_SCRIPT: Final = {
    "Han": "zh", "Kana": "ja", "Hangul": "ko", "Thai": "th", "Greek": "el", "Hebrew": "he", "Bengali": "bn",
    "Tamil": "ta", "Telugu": "te", "Kannada": "kn", "Malayalam": "ml", "Gujarati": "gu", "Gurmukhi": "pa",
    "Oriya": "or", "Sinhala": "si", "Lao": "lo", "Khmer": "km", "Myanmar": "my", "Tibetan": "bo",
    "Georgian": "ka", "Armenian": "hy", "Ethiopic": "am",
}  # fmt: skip
_SCRIPT_LANGUAGES: Final = tuple(_BY_SCRIPT.get(script, "und") for script in SCRIPTS)
_SHORTEST: Final = 24  # characters from which the table is asked


def trigram_rows(hashes: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
    """Return the table row of the trigram that begins at each place (its last axis shrinks by two)."""
    mixed = hashes[..., :-2] * _STEP
    mixed += hashes[..., 1:-1]
    mixed *= _STEP
    mixed += hashes[..., 2:]
    return (mixed >> np.uint32(32 - BITS)).astype(np.int64)


class Languages:
    """The table: ``rows[trigram, language]`` is 8 ln(p / 1e-6), ``scripts`` the script of each language."""

    def __init__(self, names: Sequence[str], scripts: npt.NDArray[np.int64], rows: npt.NDArray[np.int8]) -> None:
        self.names = tuple(names)
        self._rows = rows
        self._scripts = scripts
        # Which columns a page of each script may get; one row more for pages without letters.
        self._allowed = np.arange(len(SCRIPTS) + 1)[:, None] == scripts
        self._tabled = self._allowed.any(axis=1)

    def hosts(self, block: Block, scripts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return each page's language as a column of the table, -1 where its script settles it or it is too short."""
        found = np.full(len(scripts), -1, np.int64)
        if compiled.core:
            compiled.core.hosts(
                block.hashes, block.first, block.last, scripts, self._rows, len(self.names), 32 - BITS,
                self._allowed, self._tabled, _SHORTEST, found,
            )  # fmt: skip
            return found
        pages = np.flatnonzero(self._tabled[scripts] & (block.last - block.first >= _SHORTEST))
        if len(pages):
            found[pages] = np.where(self._allowed[scripts[pages]], self._sums(block, pages), -1).argmax(axis=1)
        return found

    def name(self, column: int, script: int) -> str:
        """Return the ISO 639 code for a page's language column and script, ``"und"`` when neither tells."""
        if column >= 0:
            return self.names[column]
        return _SCRIPT_LANGUAGES[script] if 0 <= script < len(_SCRIPT_LANGUAGES) else "und"

    def surprise(
        self,
        hashes: npt.NDArray[np.uint32],
        starts: npt.NDArray[np.int64],
        hosts: npt.NDArray[np.int64],
        lengths: npt.NDArray[np.int64],
    ) -> npt.NDArray[np.float32]:
        """Return per stretch how much better (log per trigram) its best language fits than the host's."""
        width = 48
        places = np.arange(width + 2)[:, None] + starts
        np.minimum(places, len(hashes) - 1, out=places)
        rows = self._rows.take(trigram_rows(hashes.take(places).T).T, axis=0)
        counted = np.clip(lengths - 2, 0, width)
        rows *= (np.arange(width)[:, None] < counted)[:, :, None]
        sums = rows.sum(axis=0, dtype=np.int16).astype(np.int32)
        known = np.maximum(hosts, 0)
        same = self._scripts[None, :] == self._scripts[known][:, None]
        best = np.where(same, sums, 0).max(axis=1)
        gain = (best - sums[np.arange(len(sums)), known]) / np.maximum(counted, 1) / 8.0
        return np.where((hosts >= 0) & (counted > 3), gain, 0.0).astype(np.float32)

    def _sums(self, block: Block, pages: npt.NDArray[np.int64]) -> npt.NDArray[np.int16]:
        first, length = block.first[pages], block.last[pages] - block.first[pages]
        offsets = (length * _WINDOWS).astype(np.int64)
        places = _READ + (first + offsets)[:, None, :]
        np.minimum(places, block.last[pages] + 1, out=places)
        # Trigram by trigram, all pages beside each other: sums of long rows, small enough for 16 bits.
        trigrams = trigram_rows(block.hashes.take(places).swapaxes(1, 2)).swapaxes(1, 2)
        rows = self._rows.take(trigrams.reshape(-1, len(pages)), axis=0)
        sums: npt.NDArray[np.int16] = rows.sum(axis=0, dtype=np.int16)
        return sums
