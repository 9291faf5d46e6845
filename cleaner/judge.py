"""TRAINED CLASSIFIER, second stage: a small ensemble of trees over the named features.

Two ensembles share the features: ``pure`` gives the probability that a candidate holds nothing of the
host, ``exact`` the one that it is the whole injection. scikit-learn grows them (gradient boosting); here
they are arrays, walked for all candidates at once. Leaf values are whole numbers of 1/4096 log-odds, so
sums do not depend on their order or on the machine.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner import compiled
from cleaner.columns import Matrix

UNIT: Final = 1 / 4096  # log-odds of one step of a leaf value
FIRST: Final = 48  # trees after which a row may be given up
HOPELESS: Final = -2.0  # log-odds after them; of the rows that ended above 0.85, 0.4 % had been below
_CELLS: Final = 32_768  # rows times trees at a time, so that the temporaries stay in the cache
_FEATURE_BITS: Final = 12
_FEATURE: Final = (1 << _FEATURE_BITS) - 1
_NODE: Final = (1 << 32 - _FEATURE_BITS) - 1
_UPPER: Final = int(sys.byteorder == "little")


@dataclass(frozen=True, slots=True)
class Trees:
    """An ensemble as flat arrays, ``[tree, node]``; a leaf points at itself on both sides.

    ``value`` holds for inner nodes the mean of the leaves below, so that each step of a walk has a weight.
    """

    feature: npt.NDArray[np.int16]
    threshold: npt.NDArray[np.float32]
    left: npt.NDArray[np.int16]
    right: npt.NDArray[np.int16]
    value: npt.NDArray[np.int32]
    base: int
    depth: int
    _edges: npt.NDArray[np.int64] = field(init=False, repr=False, compare=False)
    _values: npt.NDArray[np.int32] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Lay the nodes out for the walk: a number for each edge says all about the node it leads to.

        Edge ``2 * node + goes_right``; its number holds the threshold's bits, the node's own first edge and its
        feature. A step of the walk is then two look-ups, this number and the feature's value, not five.
        """
        trees, nodes = self.feature.shape
        if 2 * trees * nodes > _NODE or self.feature.max() > _FEATURE:
            raise ValueError(f"{trees} trees of {nodes} nodes are too large")
        child = np.stack([self.left, self.right], axis=-1).astype(np.int64)
        child = (child + (np.arange(trees) * nodes)[:, None, None]).ravel()
        edges = (2 * child << _FEATURE_BITS) | self.feature.ravel()[child]
        edges |= self.threshold.ravel()[child].view(np.uint32).astype(np.int64) << 32
        object.__setattr__(self, "_edges", edges)
        object.__setattr__(self, "_values", self.value.ravel()[child])

    def log_odds(self, rows: Matrix) -> npt.NDArray[np.float64]:
        """Return the log-odds of every row.

        Rows that the first trees find hopeless are not walked to the end and get ``-inf``: most candidates
        in clean text are of that kind, and the first trees of a boosted ensemble do most of the work.
        """
        sums = self.glance(rows)
        result = np.full(len(rows), -np.inf)
        alive = np.flatnonzero(sums > HOPELESS)
        if len(alive):
            result[alive] = sums[alive] + self._walk(rows[alive], slice(FIRST, None)) * UNIT
        return result

    def glance(self, rows: Matrix) -> npt.NDArray[np.float64]:
        """Return the log-odds of every row after the first trees."""
        return (self._walk(rows, slice(0, FIRST)) + self.base).astype(np.float64) * UNIT

    def _walk(self, rows: Matrix, some: slice) -> npt.NDArray[np.int64]:
        """Return the sum of the leaf values that each row reaches in some of the trees."""
        trees = np.arange(len(self.feature))[some]
        size = max(1, _CELLS // max(1, len(trees)))
        sums = np.zeros(len(rows), np.int64)
        if compiled.core:
            first, last, _ = some.indices(len(self.feature))
            compiled.core.walk(
                np.ascontiguousarray(rows), rows.shape[1], self._edges, self._values, self.feature.shape[1],
                self.feature, self.threshold, first, last, self.depth, _FEATURE_BITS, sums,
            )  # fmt: skip
            return sums
        for start in range(0, len(rows), size):
            sums[start : start + size] = self._walk_few(rows[start : start + size], trees)
        return sums

    def _walk_few(self, rows: Matrix, trees: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        right = rows.take(self.feature[trees, 0], axis=1) > self.threshold[trees, 0]
        edges = trees * (2 * self.feature.shape[1]) + right
        flat = np.ascontiguousarray(rows).ravel()
        start_of_row = (np.arange(len(rows)) * rows.shape[1])[:, None]
        numbers, values = np.empty(edges.shape, np.int64), np.empty(edges.shape, np.float32)
        thresholds = numbers.view(np.float32)[:, _UPPER::2]
        for _ in range(self.depth - 1):
            self._edges.take(edges, out=numbers, mode="clip")
            np.bitwise_and(numbers, _FEATURE, out=edges)
            np.add(edges, start_of_row, out=edges)
            flat.take(edges, out=values, mode="clip")
            np.greater(values, thresholds, out=right)
            np.right_shift(numbers, _FEATURE_BITS, out=edges)
            np.bitwise_and(edges, _NODE, out=edges)
            np.add(edges, right, out=edges)
        sums: npt.NDArray[np.int64] = self._values.take(edges).sum(axis=1, dtype=np.int64)
        return sums

    def shares(self, rows: Matrix) -> npt.NDArray[np.float64]:
        """Return what each feature added to each row's log-odds (path attribution, Saabas 2014)."""
        sums = np.zeros(rows.shape)
        size = max(1, _CELLS // max(1, len(self.feature)))
        for start in range(0, len(rows), size):
            sums[start : start + size] = self._shares_few(rows[start : start + size])
        return sums * UNIT

    def _shares_few(self, rows: Matrix) -> npt.NDArray[np.float64]:
        trees, nodes = self.feature.shape
        feature, threshold, value = self.feature.ravel(), self.threshold.ravel(), self.value.ravel()
        node = np.broadcast_to(np.arange(trees, dtype=np.int64) * nodes, (len(rows), trees))
        flat, start_of_row = rows.ravel(), (np.arange(len(rows)) * rows.shape[1])[:, None]
        sums = np.zeros(rows.size)
        for _ in range(self.depth):
            cells = feature.take(node) + start_of_row
            edge = 2 * node + (flat.take(cells) > threshold.take(node))
            following = self._edges.take(edge) >> _FEATURE_BITS + 1 & _NODE >> 1
            steps = self._values.take(edge) - value.take(node)
            sums += np.bincount(cells.ravel(), steps.ravel(), len(sums))
            node = following
        return sums.reshape(rows.shape)


def probability(log_odds: npt.NDArray[np.float64], slope: float, intercept: float) -> npt.NDArray[np.float64]:
    """Return calibrated probabilities (Platt scaling), rounded so that they print and compare alike."""
    return np.round(1.0 / (1.0 + np.exp(-(slope * log_odds + intercept))), 5)
