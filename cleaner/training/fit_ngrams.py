"""Learning the n-gram weights: stretches of documents, promotional or not, as hashed n-gram counts.

The rows are built with the code of inference (``ngrams.buckets``), so that a weight means the same there.
A logistic regression without intercept makes the weights of a stretch add up to its log-odds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cleaner import ngrams
from cleaner.ngrams import ORDERS, WINDOW
from cleaner.signs import every_place
from cleaner.training.synthesize import Case
from cleaner.view import Reader

BITS = 22
_PAGES = 64


class Rows:
    """Stretches as rows of a sparse matrix, gathered block by block."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._columns: list[npt.NDArray[np.int32]] = []
        self._sizes: list[npt.NDArray[np.int64]] = []
        self._labels: list[npt.NDArray[np.int8]] = []

    def add(self, cases: Sequence[Case], rng: np.random.Generator, clean_rows: int) -> None:
        """Add the injected spans (whole and in windows) and ``clean_rows`` clean stretches of every case,
        and one more for every 200 characters.
        """
        for begin in range(0, len(cases), _PAGES):
            some = cases[begin : begin + _PAGES]
            block = self._reader.read([case.text for case in some])
            found: list[tuple[int, int, int]] = []
            for page, case in enumerate(some):
                base, limit = int(block.first[page]), int(block.last[page])
                taken = np.zeros(limit - base + 1, np.bool_)
                for start, end in case.spans:
                    start, end = block.from_source(page, start) - base, block.from_source(page, end) - base
                    taken[start:end] = True
                    for left, right in _windows(start, end, rng):
                        found.append((base + left, base + right, 1))
                for _ in range(clean_rows + (limit - base) // 200 if clean_rows else 0):
                    size = int(rng.choice((6, 8, 8, 12, 16, 24, 40, 64)))
                    left = int(rng.integers(0, max(1, limit - base - size)))
                    right = min(left + size, limit - base)
                    if right - left > 3 and not taken[left:right].any():
                        found.append((base + left, base + right, 0))
            starts, ends, labels = np.array(found, np.int64).reshape(-1, 3).T
            self._collect(block.hashes, starts, ends, labels.tolist())

    def add_places(self, texts: Sequence[str], weights: npt.NDArray[np.int8], hot: int) -> int:
        """Add clean stretches that the weights take for promotional (hard negatives); return how many."""
        scorer = ngrams.Scorer(weights)
        count = 0
        for begin in range(0, len(texts), _PAGES):
            block = self._reader.read(texts[begin : begin + _PAGES])
            sums = ngrams.window_sums(scorer.score(block.hashes))
            places = np.flatnonzero(sums >= hot)
            if not len(places):
                continue
            places = places[np.concatenate(([True], np.diff(places) > WINDOW // 2))]
            self._collect(block.hashes, places, places + WINDOW, [0] * len(places))
            count += len(places)
        return count

    def fit(self, seed: int, alpha: float = 1e-6) -> npt.NDArray[np.float64]:
        """Return the weights of all buckets."""
        from scipy.sparse import csr_matrix
        from sklearn.linear_model import SGDClassifier

        columns = np.concatenate(self._columns)
        bounds = np.concatenate(([0], np.cumsum(np.concatenate(self._sizes))))
        labels = np.concatenate(self._labels)
        matrix = csr_matrix((np.ones(len(columns), np.float32), columns, bounds), shape=(len(labels), 1 << BITS))
        learner = SGDClassifier(
            loss="log_loss", alpha=alpha, fit_intercept=False, average=True, max_iter=6, tol=None, random_state=seed,
            learning_rate="constant", eta0=0.02,
        )  # fmt: skip
        learner.fit(matrix, labels)
        return np.asarray(learner.coef_[0], np.float64)

    def _collect(
        self,
        hashes: npt.NDArray[np.uint32],
        starts: npt.NDArray[np.int64],
        ends: npt.NDArray[np.int64],
        labels: list[int],
    ) -> None:
        if not len(starts):
            return
        place = every_place(starts, ends)
        columns = np.empty((len(place), len(ORDERS)), np.int32)
        for index, (_, found) in enumerate(ngrams.buckets(hashes, BITS)):
            columns[:, index] = found[np.minimum(place, len(found) - 1)]
        self._columns.append(columns.ravel())
        self._sizes.append((ends - starts) * len(ORDERS))
        self._labels.append(np.array(labels, np.int8))


def quantize(weights: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int8], float]:
    """Return the weights as whole numbers from -127 to 127, and the log-odds of one step."""
    scale = float(np.quantile(np.abs(weights[weights != 0]), 0.9995)) / 127
    return np.clip(np.round(weights / scale), -127, 127).astype(np.int8), scale


def _windows(start: int, end: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    found = [(start, end)] if end - start <= 80 else []
    for _ in range(1 if end - start <= 40 else 4):
        size = min(int(rng.choice((6, 8, 10, 16, 32))), end - start)
        left = int(rng.integers(start, end - size + 1))
        found.append((left, left + size))
    return found
