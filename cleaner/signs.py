"""The signs of a block: where marks, line ends, promotional words and letters of other scripts stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner import compiled, switch
from cleaner.alphabet import LETTER, NEWLINE
from cleaner.ngrams import WINDOW, window_sums
from cleaner.view import Block

Places = npt.NDArray[np.int64]
Classes = npt.NDArray[np.uint8]

_SAMPLE: Final = np.arange(32)  # windows of a page, evenly spread


@dataclass(slots=True)
class Signs:
    """Sorted places of a block: ``marks`` (all but letters; ``kinds`` are their classes), ``newlines``, starts of
    ``hot`` windows and ``foreign`` letters; ``sums`` are the window sums at every place, ``usual`` their
    mean on each page (of a sample).
    """

    marks: Places
    kinds: Classes
    newlines: Places
    hot: Places
    foreign: Places
    sums: npt.NDArray[np.int16]
    usual: npt.NDArray[np.float64]


def read_signs(block: Block, scores: npt.NDArray[np.int16], hosts: Places, hot: int) -> Signs:
    """Return the signs of a block. ``hot`` is the window sum from which words count."""
    if compiled.core:
        return _compiled_signs(compiled.core, block, scores, hosts, hot)
    marks = (block.classes < LETTER).nonzero()[0]
    kinds = block.classes.take(marks)
    sums = window_sums(scores)
    foreign = switch.foreign_letters(block, hosts)
    usual = _usual(block, sums)
    newlines = marks.take((kinds == NEWLINE).nonzero()[0])
    return Signs(marks, kinds, newlines, (sums >= hot).nonzero()[0], foreign, sums, usual)


def _compiled_signs(
    core: compiled.Core, block: Block, scores: npt.NDArray[np.int16], hosts: Places, hot: int
) -> Signs:
    sums, usual = np.empty(len(scores) - WINDOW + 1, np.int16), np.empty(len(block.first), np.float64)
    found = core.signs(block.classes, scores, hot, block.first, block.last, hosts, switch.ALLOWED, sums, usual)
    marks, newlines, warm, foreign = (np.frombuffer(places, np.int64) for places in found)
    return Signs(marks, block.classes.take(marks), newlines, warm, foreign, sums, usual)


def _usual(block: Block, sums: npt.NDArray[np.int16]) -> npt.NDArray[np.float64]:
    places = block.first[:, None] + (block.last - block.first)[:, None] * _SAMPLE // len(_SAMPLE)
    found: npt.NDArray[np.float64] = sums[places].sum(axis=1, dtype=np.int64) / len(_SAMPLE)
    return found


def every_place(start: Places, end: Places) -> Places:
    """Return the places of all stretches ``[start, end)``, one after the other.

    >>> every_place(np.array([3, 9]), np.array([5, 12])).tolist()
    [3, 4, 9, 10, 11]
    """
    length = end - start
    offset = np.cumsum(length) - length
    places: Places = np.arange(int(length.sum())) + np.repeat(start - offset, length)
    return places


def line_bounds(newlines: Places, places: Places) -> tuple[Places, Places]:
    """Return the start and end of the line on which each place stands."""
    line = newlines.searchsorted(places)
    return newlines[np.maximum(line - 1, 0)] + 1, newlines[np.minimum(line, len(newlines) - 1)]


def warmest(signs: Signs, start: Places, end: Places) -> npt.NDArray[np.int16]:
    """Return the largest window sum of each stretch."""
    stop = np.maximum(end - WINDOW // 2, start + 1)
    edges = np.minimum(np.stack([start, stop], axis=1).ravel(), len(signs.sums) - 1)
    return np.maximum.reduceat(signs.sums, edges)[::2]
