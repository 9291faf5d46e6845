"""How like the beginning of a sentence a place reads: where the host goes on, the injection is over.

An injection stands before or between the host's sentences without any punctuation of its own, so the text
after it begins like a sentence in a place where none should begin ("loan no credit check The council ...").
Which words begin sentences is counted in clean text of many languages; no promotional word is needed.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner.alphabet import LETTER, UNSPACED_LETTER
from cleaner.view import Block

BITS: Final = 16
UNIT: Final = 1 / 16  # log-odds of one step of the table
_STEP: Final = np.uint32(0xC2B2AE35)


def opening_rows(
    hashes: npt.NDArray[np.uint32], classes: npt.NDArray[np.uint8], places: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the table row of each place: its first two letters where no blanks part words, else its first four."""
    two = hashes[places] * _STEP + hashes[places + 1]
    four = (two * _STEP + hashes[places + 2]) * _STEP + hashes[places + 3]
    return (np.where(UNSPACED_LETTER[classes[places]], two, four) >> np.uint32(32 - BITS)).astype(np.int64)


class Openings:
    """The table: ``rows[n-gram]`` is 16 ln(share among beginnings / share among other words)."""

    def __init__(self, rows: npt.NDArray[np.int8]) -> None:
        self.rows = rows

    def at(self, block: Block, places: npt.NDArray[np.int64]) -> npt.NDArray[np.int8]:
        """Return how much oftener what stands at each place begins a sentence than not; 0 where no letter stands."""
        found = self.rows[opening_rows(block.hashes, block.classes, places)]
        return np.where(block.classes[places] >= LETTER, found, np.int8(0))
