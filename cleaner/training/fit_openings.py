"""Counting which words begin sentences in clean text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner.alphabet import (
    BLANK,
    CLOSE,
    DIGIT,
    LETTER,
    MARK,
    MARKER,
    NEWLINE,
    OPEN,
    QUOTE,
    STOP,
    UNSPACED_LETTER,
    flags,
)
from cleaner.openings import BITS, UNIT, opening_rows
from cleaner.view import Block, Reader

_PAGES: Final = 256
_SMOOTH: Final = 30.0  # beginnings: names begin sentences too, but each only a few
_SKIPPED: Final = flags((BLANK, MARKER, OPEN, QUOTE))
_BEFORE: Final = flags((DIGIT, MARK, CLOSE, QUOTE, *range(LETTER, 256)))


def opening_table(reader: Reader, texts: Sequence[str]) -> npt.NDArray[np.int8]:
    """Return the table of :class:`cleaner.openings.Openings` for clean texts."""
    counts = np.zeros((2, 1 << BITS))
    for begin in range(0, len(texts), _PAGES):
        block = reader.read(texts[begin : begin + _PAGES])
        for row, places in enumerate(_places(block)):
            counts[row] += np.bincount(opening_rows(block.hashes, block.classes, places), minlength=1 << BITS)
    begun, other = counts / counts.sum(axis=1, keepdims=True)
    least = _SMOOTH / counts[0].sum()
    odds = np.log((begun + least) / (other + least))
    table: npt.NDArray[np.int8] = np.clip(np.round(odds / UNIT), -127, 127).astype(np.int8)
    return table


def _places(block: Block) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return where sentences begin, and where other words do (where no blanks part words: other letters)."""
    classes = block.classes
    letters = np.flatnonzero(classes >= LETTER)
    before = letters - 1
    for _ in range(3):
        before = before - _SKIPPED[classes[before]]
    moved = before < letters - 1
    unspaced = UNSPACED_LETTER[classes[letters]]
    first = (classes[before] == NEWLINE) | ((classes[before] == STOP) & (moved | unspaced))
    blank = classes[letters - 1] == BLANK
    inner = np.where(unspaced, UNSPACED_LETTER[classes[letters - 1]], blank & _BEFORE[classes[letters - 2]])
    return letters[first], letters[inner & ~first]
