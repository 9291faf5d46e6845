"""Counting for the features: sums over many stretches at once, tables by class of character."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cleaner.gates import Places
from cleaner.view import Block

_NEAR = 8  # characters on either side that are looked at


class Stretches:
    """Characters of many stretches, gathered once, to count kinds of them in each."""

    def __init__(self, start: Places, end: Places) -> None:
        length = np.maximum(end - start, 0)
        self._offsets = np.concatenate(([0], np.cumsum(length + 1)[:-1]))
        self.places = np.arange(int(length.sum()) + len(length)) + np.repeat(start - self._offsets, length + 1)
        # One place more than each stretch holds, never counted: reduceat cannot take an empty stretch.
        self._last = self._offsets + length

    def count(self, flags: npt.NDArray[np.bool_] | npt.NDArray[np.int16]) -> Places:
        """Return per stretch the sum of ``flags``, which are those of ``places``."""
        if not len(self._offsets):
            return np.zeros(0, np.int64)
        sums: Places = np.add.reduceat(flags, self._offsets, dtype=np.int64) - flags[self._last]
        return sums

    def most(self, values: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """Return per stretch the largest of ``values`` after its first place."""
        if not len(self._offsets):
            return np.zeros(0, np.int16)
        values[self._offsets] = values[self._last] = np.iinfo(np.int16).min
        return np.maximum.reduceat(values, self._offsets)


def near(scores: npt.NDArray[np.int16], place: Places, step: int, begin: Places, finish: Places) -> Places:
    """Return the weight of the characters next to a seam, on its line."""
    places = place[:, None] + step * np.arange(_NEAR)
    inside = (places >= begin[:, None]) & (places < finish[:, None])
    weights = scores[np.clip(places, 0, len(scores) - 1)]
    sums: Places = (weights * inside).sum(axis=1, dtype=np.int64)
    return sums


def per_page(block: Block, places: Places) -> Places:
    """Return how many of the places stand on each page."""
    return places.searchsorted(block.last) - places.searchsorted(block.first)


def kind_table(names: tuple[str, ...], of: dict[str, tuple[int, ...]]) -> npt.NDArray[np.uint8]:
    """Return a table from a character's class to the number of its kind; the last kind is everything else."""
    table = np.full(256, len(names) - 1, np.uint8)
    for name, classes in of.items():
        table[list(classes)] = names.index(name)
    return table
