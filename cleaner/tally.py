"""Counting for the features: sums over many stretches at once, tables by class of character."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cleaner.signs import Places, every_place
from cleaner.view import Block


class Stretches:
    """Characters of many stretches, gathered once, to count kinds of them in each.

    Candidates overlap many times over: ``places`` holds every character once, and a count is the difference of
    a running sum at both ends.
    """

    def __init__(self, start: Places, end: Places) -> None:
        length = np.maximum(end - start, 0)
        order = np.argsort(start, kind="stable")
        sorted_start = start[order]
        reach = np.maximum.accumulate((start + length)[order])
        opens = np.flatnonzero(sorted_start[1:] > reach[:-1]) + 1
        first = sorted_start[np.concatenate(([0], opens))[: len(start)]]
        last = reach[np.concatenate((opens, [len(start)]))[: len(first)] - 1]
        offset = np.cumsum(last - first) - (last - first)
        self.places = every_place(first, last)
        self._left = start + (offset - first)[first.searchsorted(start, "right") - 1]
        self._right = self._left + length

    def count(self, flags: npt.NDArray[np.bool_] | npt.NDArray[np.int16]) -> Places:
        """Return per stretch the sum of ``flags``, which are those of ``places``."""
        running = np.zeros(len(flags) + 1, np.int64)
        np.cumsum(flags, out=running[1:])
        sums: Places = running[self._right] - running[self._left]
        return sums

    def coldest(self, scores: npt.NDArray[np.int16], size: int) -> Places:
        """Return per stretch the smallest sum of ``size`` of its scores in a row (of all, if it has no more)."""
        if not len(self._left):
            return np.zeros(0, np.int64)
        running = np.concatenate(([0], np.cumsum(scores, dtype=np.int64), np.zeros(size, np.int64)))
        windows = running[size:] - running[:-size]
        edges = np.stack((self._left, np.maximum(self._right - size, self._left) + 1), axis=1).ravel()
        found: Places = np.minimum.reduceat(windows, edges)[::2]
        return np.where(self._right - self._left > size, found, running[self._right] - running[self._left])

    def most(self, values: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """Return per stretch the largest of ``values`` after its first place."""
        least = np.int16(np.iinfo(np.int16).min)
        if not len(self._left):
            return np.zeros(0, np.int16)
        edges = np.stack((self._left + 1, self._right), axis=1).ravel()
        found = np.maximum.reduceat(np.append(values, (least, least)), edges)[::2]
        return np.where(self._right - self._left > 1, found, least)


def count_in(places: Places, start: Places, end: Places) -> Places:
    """Return how many of the sorted places stand in each stretch."""
    count: Places = places.searchsorted(end) - places.searchsorted(start)
    return count


def per_page(block: Block, places: Places) -> Places:
    """Return how many of the places stand on each page."""
    return count_in(places, block.first, block.last)


def kind_table(names: tuple[str, ...], of: dict[str, tuple[int, ...]]) -> npt.NDArray[np.uint8]:
    """Return a table from a character's class to the number of its kind; the last kind is everything else."""
    table = np.full(256, len(names) - 1, np.uint8)
    for name, classes in of.items():
        table[list(classes)] = names.index(name)
    return table
