"""TRAINED CLASSIFIER, between the stages: which cores are worth a closer look.

Of the cores on clean pages hardly one in twenty can be told from an injection by more than a glance, and a closer
look costs a hundred times as much: some forty candidates, each with all features and hundreds of trees. So a small
ensemble sees every core first, with what can be had without candidates: its words, its place, what stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner import compiled
from cleaner.alphabet import BLANK, LETTER
from cleaner.columns import Matrix
from cleaner.gates import Cores
from cleaner.judge import Trees
from cleaner.ngrams import WINDOW
from cleaner.signs import Classes, Places, Signs, every_place, line_bounds, warmest
from cleaner.tally import count_in, per_page
from cleaner.view import Block

NAMES: Final = (
    "gate", "peak", "mean", "contrast", "usual", "before", "after", "line_hot", "page_hot", "same_gate", "length",
    "blanks", "foreign", "page_foreign", "indent", "rest", "page_length", "left", "right", "capital",
)  # fmt: skip
_FARTHEST: Final = 400  # characters


@dataclass(frozen=True, slots=True)
class Scout:
    """The ensemble over :data:`NAMES`, and the log-odds from which a core is looked at."""

    trees: Trees
    least: float

    def worth(self, rows: Matrix) -> npt.NDArray[np.bool_]:
        """Return which cores are worth a closer look."""
        found: npt.NDArray[np.bool_] = self.trees.glance(rows) >= self.least
        return found


def core_rows(
    block: Block, signs: Signs, scores: npt.NDArray[np.int16], cores: Cores, scale: float
) -> Matrix:
    """Return what is known of each core at a glance, columns as :data:`NAMES`."""
    start, end, classes = cores.start, cores.end, block.classes
    if compiled.core:
        rows = np.empty((len(cores), len(NAMES)), np.float32)
        compiled.core.glances(
            classes, scores, signs.sums, signs.newlines, signs.hot, signs.foreign, block.first, block.last, signs.usual,
            start, end, cores.gate, scale, rows,
        )  # fmt: skip
        return rows
    page = block.page_of(start)
    begin, finish = line_bounds(signs.newlines, start)
    first, last = block.first[page], block.last[page]
    length = end - start
    places, edges = every_place(start, end), np.cumsum(length) - length
    mean = np.add.reduceat(scores[places], edges, dtype=np.int64) * WINDOW / length
    columns = (
        np.log2(cores.gate),
        warmest(signs, start, end) * scale,
        mean * scale,
        (mean - signs.usual[page]) * scale,
        signs.usual[page] * scale,
        signs.sums[np.maximum(start - WINDOW, begin)] * scale,
        signs.sums[np.minimum(end, finish - 1)] * scale,  # a window that begins on the line end may see the next page
        count_in(signs.hot, begin, finish) - count_in(signs.hot, start, end),
        per_page(block, signs.hot)[page],
        _alike(cores.gate, page),
        length,
        np.add.reduceat(classes[places] == BLANK, edges, dtype=np.int64),
        count_in(signs.foreign, start, end) / length,
        per_page(block, signs.foreign)[page],
        np.minimum(start - begin, _FARTHEST),
        np.minimum(finish - end, _FARTHEST),
        last - first,
        _kinds(classes[start - 1 - (classes[start - 1] == BLANK)]),
        _kinds(classes[np.minimum(end + (classes[end] == BLANK), finish)]),
        (classes[start] >= LETTER) & (classes[start] & 1 == 1),
    )
    return np.array(columns, np.float32).T


def _alike(gate: Places, page: Places) -> Places:
    """Return how many cores of its page are of the same gate, for each core."""
    _, number, count = np.unique((page << 8) + gate, return_inverse=True, return_counts=True)
    found: Places = count[number]
    return found


def _kinds(classes: Classes) -> Classes:
    """Return classes with all small letters as one and all capitals as one."""
    return np.where(classes >= LETTER, LETTER + (classes & 1), classes)
