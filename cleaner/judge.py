"""TRAINED CLASSIFIER, second stage: a small ensemble of trees over the named features.

Two ensembles share the features: ``pure`` gives the probability that a candidate holds nothing of the
host, ``exact`` the one that it is the whole injection. scikit-learn grows them (gradient boosting); here
they are arrays, walked for all candidates at once. Leaf values are whole numbers of 1/4096 log-odds, so
sums do not depend on their order or on the machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner.features import Matrix

UNIT: Final = 1 / 4096  # log-odds of one step of a leaf value
_FIRST: Final = 32  # trees after which a row may be given up
_HOPELESS: Final = -2.0  # log-odds after them; of the rows that ended above 0.85, 0.4 % had been below
_SLICE: Final = 512  # rows at a time, so that the temporaries stay in the cache


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

    def log_odds(self, rows: Matrix) -> npt.NDArray[np.float64]:
        """Return the log-odds of every row.

        Rows that the first trees find hopeless are not walked to the end and get ``-inf``: most candidates
        in clean text are of that kind, and the first trees of a boosted ensemble do most of the work.
        """
        sums = self._walk(rows, slice(0, _FIRST)) + self.base
        result = np.full(len(rows), -np.inf)
        alive = np.flatnonzero(sums * UNIT > _HOPELESS)
        if len(alive):
            result[alive] = (sums[alive] + self._walk(rows[alive], slice(_FIRST, None))) * UNIT
        return result

    def promising(self, rows: Matrix) -> npt.NDArray[np.bool_]:
        """Return which rows the first trees do not find hopeless."""
        found: npt.NDArray[np.bool_] = (self._walk(rows, slice(0, _FIRST)) + self.base) * UNIT > _HOPELESS
        return found

    def _walk(self, rows: Matrix, some: slice) -> npt.NDArray[np.int64]:
        """Return the sum of the leaf values that each row reaches in some of the trees."""
        trees, nodes = self.feature[some].shape
        offset = np.arange(trees, dtype=np.int64) * nodes
        feature, threshold = self.feature[some].ravel(), self.threshold[some].ravel()
        left, right = self.left[some].ravel(), self.right[some].ravel()
        value = self.value[some].ravel()
        flat = np.ascontiguousarray(rows).ravel()
        sums = np.zeros(len(rows), np.int64)
        for start in range(0, len(rows), _SLICE):
            stop = min(len(rows), start + _SLICE)
            base = (np.arange(start, stop, dtype=np.int64) * rows.shape[1])[:, None]
            node = np.broadcast_to(offset, (stop - start, trees))
            for _ in range(self.depth):
                goes_left = flat[base + feature[node]] <= threshold[node]
                node = offset + np.where(goes_left, left[node], right[node])
            sums[start:stop] = value[node].sum(axis=1, dtype=np.int64)
        return sums

    def shares(self, rows: Matrix) -> npt.NDArray[np.float64]:
        """Return what each feature added to each row's log-odds (path attribution, Saabas 2014)."""
        trees, nodes = self.feature.shape
        offset = np.arange(trees, dtype=np.int64) * nodes
        feature, threshold, value = self.feature.ravel(), self.threshold.ravel(), self.value.ravel()
        left, right = self.left.ravel(), self.right.ravel()
        node = np.broadcast_to(offset, (len(rows), trees)).copy()
        line = np.arange(len(rows), dtype=np.int64)[:, None]
        sums = np.zeros(rows.size)
        for _ in range(self.depth):
            tested = feature[node].astype(np.int64)
            following = offset + np.where(rows[line, tested] <= threshold[node], left[node], right[node])
            cells = (line * rows.shape[1] + tested).ravel()
            sums += np.bincount(cells, (value[following] - value[node]).ravel(), len(sums))
            node = following
        return sums.reshape(rows.shape) * UNIT


def probability(log_odds: npt.NDArray[np.float64], slope: float, intercept: float) -> npt.NDArray[np.float64]:
    """Return calibrated probabilities (Platt scaling), rounded so that they print and compare alike."""
    return np.round(1.0 / (1.0 + np.exp(-(slope * log_odds + intercept))), 5)
