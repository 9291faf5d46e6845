"""Continuing the n-gram weights: what the decided phrases say, held by the corpus and by the weights there are.

Only n-grams of decided phrases move, those of accepted ones up, those of rejected ones down; every other weight,
the judge, its calibration and the tables stay as they are. So clean text can change only where it shares n-grams
with a decision, and what a decision did can be read off. The change is a penalised logistic regression on

- windows of accepted phrases (promotional) and of rejected ones (ordinary),
- every stretch of the corpus' clean text that holds one of their n-grams (ordinary),
- the corpus' phrases that do (promotional),

each row beginning from its log-odds under the model there is. It is convex: one answer, the same for the
same decisions in any order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner import ngrams
from cleaner.learning.lessons import Lesson
from cleaner.model import Model
from cleaner.ngrams import ORDERS, WINDOW
from cleaner.view import Block, Reader

Places = npt.NDArray[np.int64]
Weights = npt.NDArray[np.int8]
Bounds = tuple[float, float]

_SIZES: Final = (6, 10, 16, 32)  # characters of the windows of a phrase, besides the whole
_LONGEST: Final = 80  # characters of a phrase that is also learnt as a whole
_STRIDE: Final = 4  # characters between the windows of clean text
_PAGES: Final = 256
_STEPS: Final = 120  # of the optimiser; it ends after about 40
_FURTHEST: Final = 4.0  # log-odds that one n-gram may move


@dataclass(frozen=True, slots=True)
class Strength:
    """How much each kind of row weighs, and how dear a change of the weights is.

    ``lesson`` is the weight of a phrase, ``clean`` that of a stretch of clean text, ``known`` that of a
    phrase of the corpus; ``penalty`` multiplies half the squared change, in log-odds.
    """

    lesson: float = 20.0
    clean: float = 0.25
    known: float = 0.5
    penalty: float = 0.3


_USUAL: Final = Strength()


class _Rows:
    """Stretches as counts of the n-grams that may move, each with a label, a weight and its log-odds until now."""

    def __init__(self, model: Model, buckets: Places, size: int) -> None:
        self._model = model
        self._column = np.full(size, -1, np.int32)
        self._column[buckets] = np.arange(len(buckets), dtype=np.int32)
        self._columns: list[npt.NDArray[np.int32]] = []
        self._sizes: list[Places] = []
        self._start: list[npt.NDArray[np.float64]] = []
        self._labels: list[npt.NDArray[np.float64]] = []
        self._weights: list[npt.NDArray[np.float64]] = []

    def add(self, block: Block, starts: Places, ends: Places, label: float, weight: float, every: bool = False) -> None:
        """Add the stretches ``[start, end)`` of a block that hold an n-gram that may move; ``every``: all."""
        columns = self._column[_grams(block.hashes, len(self._column))]
        hits = np.concatenate(([0], np.cumsum((columns >= 0).sum(axis=1))))
        counts = hits[ends] - hits[starts]
        kept = np.flatnonzero((counts > 0) | every)
        starts, ends, counts = starts[kept], ends[kept], counts[kept]
        sums = np.concatenate(([0], np.cumsum(self._model.scorer.score(block.hashes), dtype=np.int64)))
        found = columns[_places(starts, ends)]
        self._columns.append(found[found >= 0])
        self._sizes.append(counts)
        self._start.append((sums[ends] - sums[starts]) * self._model.scale)
        self._labels.append(np.full(len(kept), label))
        self._weights.append(np.full(len(kept), weight))

    def solve(self, bounds: Sequence[Bounds], penalty: float) -> npt.NDArray[np.float64]:
        """Return the change of each weight, in log-odds, within its bounds."""
        from scipy.optimize import minimize
        from scipy.sparse import csr_matrix

        columns, ends = np.concatenate(self._columns), np.concatenate(([0], np.cumsum(np.concatenate(self._sizes))))
        rows = csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(ends) - 1, len(bounds)))
        start, dear = np.concatenate(self._start), np.concatenate(self._weights)
        signs = np.concatenate(self._labels) * 2.0 - 1.0
        turned = rows.T.tocsr()

        def loss(change: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
            margin = signs * (start + rows @ change)
            value = float(dear @ np.logaddexp(0.0, -margin)) + 0.5 * penalty * float(change @ change)
            slope = -dear * signs / (1.0 + np.exp(np.minimum(margin, 500.0)))
            return value, turned @ slope + penalty * change

        begin = np.zeros(len(bounds))
        found = minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": _STEPS})
        change: npt.NDArray[np.float64] = found.x
        return change


def continued(
    model: Model, weights: Weights, lessons: Sequence[Lesson], clean: Sequence[str], known: Sequence[str],
    strength: Strength = _USUAL,
) -> Weights:  # fmt: skip
    """Return the n-gram ``weights`` of a model as the lessons move them.

    ``clean`` are texts of the corpus, ``known`` its phrases. Needs SciPy.
    """
    reader = Reader(model.classes, model.fold)
    taught = [_stretches(reader, lesson) for lesson in lessons]
    size = len(weights)
    found = [_grams(block.hashes, size)[_places(starts, ends)].ravel() for block, starts, ends in taught]
    moved = np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)
    if not len(moved):
        return weights.copy()
    sides = [_holding(moved, found, lessons, remove) for remove in (False, True)]
    bounds = [(-_FURTHEST if down else 0.0, _FURTHEST if up else 0.0) for down, up in zip(*sides, strict=True)]
    rows = _Rows(model, moved, size)
    for lesson, (block, starts, ends) in zip(lessons, taught, strict=True):
        rows.add(block, starts, ends, float(lesson.remove), strength.lesson / len(starts), every=True)
    for block in _blocks(reader, clean):
        starts = np.arange(0, len(block.hashes) - WINDOW, _STRIDE)
        rows.add(block, starts, starts + WINDOW, 0.0, strength.clean)
    for block in _blocks(reader, known):
        rows.add(block, block.first, block.last, 1.0, strength.known)
    now = weights.astype(np.float64)
    now[moved] += rows.solve(bounds, strength.penalty) / model.scale
    return np.clip(np.round(now), -127, 127).astype(np.int8)


def buckets_of(reader: Reader, text: str, size: int) -> Places:
    """Return the different n-gram buckets of a text, in a table of ``size``."""
    block = reader.read([text])
    return np.unique(_grams(block.hashes, size)[block.first[0] : block.last[0]])


def _holding(moved: Places, found: Sequence[Places], lessons: Sequence[Lesson], remove: bool) -> list[bool]:
    """Return which of the n-grams some accepted phrase holds (``remove``), or some rejected one."""
    some = [grams for grams, lesson in zip(found, lessons, strict=True) if lesson.remove == remove]
    return np.isin(moved, np.concatenate(some)).tolist() if some else [False] * len(moved)


def _stretches(reader: Reader, lesson: Lesson) -> tuple[Block, Places, Places]:
    """Return what is learnt of a phrase: where it stood, whole and in windows."""
    block = reader.read([sample.text for sample in lesson.samples])
    found = [
        window
        for page, sample in enumerate(lesson.samples)
        for window in _windows(block.from_source(page, sample.start), block.from_source(page, sample.end))
    ]
    starts, ends = np.array(found, np.int64).reshape(-1, 2).T
    return block, starts, ends


def _windows(start: int, end: int) -> Iterator[tuple[int, int]]:
    if end - start <= _LONGEST:
        yield start, end
    for size in _SIZES:
        if size < end - start:
            for left in range(start, end - size + 1, max(1, size // 2)):
                yield left, left + size


def _blocks(reader: Reader, texts: Sequence[str]) -> Iterator[Block]:
    for begin in range(0, len(texts), _PAGES):
        yield reader.read(texts[begin : begin + _PAGES])


def _places(starts: Places, ends: Places) -> Places:
    """Return the places of all stretches, one after the other."""
    lengths = ends - starts
    offset = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))[:-1]
    places: Places = np.arange(int(lengths.sum())) + np.repeat(starts - offset, lengths)
    return places


def _grams(hashes: npt.NDArray[np.uint32], size: int) -> Places:
    """Return the buckets of the n-grams that begin at each place, an order a column."""
    columns = np.zeros((len(hashes), len(ORDERS)), np.int64)
    for index, (_, found) in enumerate(ngrams.buckets(hashes, size.bit_length() - 1)):
        columns[: len(found), index] = found
    return columns
