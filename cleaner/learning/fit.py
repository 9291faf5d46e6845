"""Continuing the n-gram weights: what the decided phrases say, held by the corpus and by the weights there are.

Only n-grams of decided phrases move, those of accepted ones up, those of rejected ones down: none of addresses,
no short ones of alphabets, which are in everybody's words, and none that were decided both ways. Every other
weight, the judge, its calibration and the tables stay as they are. So clean text can change only where it
shares n-grams with a decision. Up and down are two penalised logistic regressions,

- up: on windows of accepted phrases (promotional), and on all clean text of the corpus that holds one of their
  n-grams, and the rejected phrases (ordinary);
- down: on windows of rejected phrases (ordinary), and on the phrases of the corpus and the accepted ones that
  hold one of their n-grams (promotional),

each row beginning from its log-odds under the model there is. They are convex: one answer, the same for the
same decisions in any order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner import ngrams
from cleaner.learning.lessons import Lesson, Sample
from cleaner.model import Model
from cleaner.ngrams import ORDERS, WINDOW
from cleaner.signs import every_place
from cleaner.view import Block, Reader

Places = npt.NDArray[np.int64]
Weights = npt.NDArray[np.int8]

_SIZES: Final = (6, 10, 16, 32)  # characters of the windows of a phrase, besides the whole
_LONGEST: Final = 80  # characters of a phrase that is also learnt as a whole
_STRIDE: Final = 4  # characters between the windows of clean text
_PAGES: Final = 256
_STEPS: Final = 60  # of the optimiser: twice as many change no figure
_SETTLED: Final = 4.0  # log-odds on the right side from which clean text (2 % doubt) is left out
# Log-odds that one n-gram may rise. N-grams share buckets, so that of 1,000 characters of any text a dozen rise too:
# many small steps teach a phrase as well as few large ones, and harm less.
_UP: Final = 0.5
_DOWN: Final = 1.0  # and fall
# Characters from which an n-gram of an alphabet may move; shorter ones are in the words of all languages. With 3, a
# hundred decisions about essays touched 13 of 4,851 clean documents, with 4 three, at the same recall.
_OWN: Final = 4
_LETTERS_ARE_WORDS: Final = "\u0e00"  # Thai, Chinese, Japanese, Korean: two letters may be a word
_ADDRESS: Final = re.compile(r"[\w./:@-]*(?:://|www\.|[a-z0-9]\.[a-z])[\w./:@?=&%-]*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Strength:
    """How much each kind of row weighs, and how dear a change of the weights is.

    ``accepted`` and ``rejected`` are the weights of a phrase, ``clean`` that of a stretch of clean text, ``known``
    that of a phrase of the corpus; ``penalty`` multiplies half the squared change, in log-odds. A rejected phrase
    weighs less: what was wrong is oftener its place than its words.
    """

    accepted: float = 40.0
    rejected: float = 4.0
    clean: float = 0.5
    known: float = 0.5
    penalty: float = 0.3


_USUAL: Final = Strength()


class _Rows:
    """Stretches as counts of the n-grams that may move, each with a label, a weight and its log-odds until now."""

    def __init__(self, model: Model, buckets: Places, size: int) -> None:
        self._model = model
        self._count = len(buckets)
        self._column = np.full(size, -1, np.int32)
        self._column[buckets] = np.arange(len(buckets), dtype=np.int32)
        self._columns: list[npt.NDArray[np.int32]] = []
        self._sizes: list[Places] = []
        self._start: list[npt.NDArray[np.float64]] = []
        self._labels: list[npt.NDArray[np.float64]] = []
        self._weights: list[npt.NDArray[np.float64]] = []

    def add(
        self, block: Block, starts: Places, ends: Places, label: float, weight: float, settled: float = np.inf
    ) -> None:
        """Add the stretches ``[start, end)`` of a block that hold an n-gram that may move.

        Those from ``settled`` log-odds on on their right side are left out.
        """
        columns = self._column[_grams(block.hashes, len(self._column))]
        hits = np.concatenate(([0], np.cumsum((columns >= 0).sum(axis=1))))
        counts = hits[ends] - hits[starts]
        sums = np.concatenate(([0], np.cumsum(self._model.scorer.score(block.hashes), dtype=np.int64)))
        odds = (sums[ends] - sums[starts]) * self._model.scale * (2.0 * label - 1.0)
        kept = np.flatnonzero((counts > 0) & (odds < settled))
        starts, ends, counts = starts[kept], ends[kept], counts[kept]
        found = columns[every_place(starts, ends)]
        self._columns.append(found[found >= 0])
        self._sizes.append(counts)
        self._start.append((sums[ends] - sums[starts]) * self._model.scale)
        self._labels.append(np.full(len(kept), label))
        self._weights.append(np.full(len(kept), weight))

    def solve(self, bounds: tuple[float, float], penalty: float) -> npt.NDArray[np.float64]:
        """Return the change of each weight, in log-odds, within the bounds."""
        from scipy.optimize import minimize
        from scipy.sparse import csr_matrix

        columns, ends = np.concatenate(self._columns), np.concatenate(([0], np.cumsum(np.concatenate(self._sizes))))
        rows = csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(ends) - 1, self._count))
        start, dear = np.concatenate(self._start), np.concatenate(self._weights)
        signs = np.concatenate(self._labels) * 2.0 - 1.0
        turned = rows.T.tocsr()

        def loss(change: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
            margin = signs * (start + rows @ change)
            value = float(dear @ np.logaddexp(0.0, -margin)) + 0.5 * penalty * float(change @ change)
            slope = -dear * signs / (1.0 + np.exp(np.minimum(margin, 500.0)))
            return value, turned @ slope + penalty * change

        begin = np.zeros(self._count)
        found = minimize(
            loss,
            begin,
            jac=True,
            method="L-BFGS-B",
            bounds=[bounds] * self._count,
            options={"maxiter": _STEPS, "ftol": 1e-6},
        )
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
    taught = [_Taught(lesson, *_stretches(reader, lesson), len(weights)) for lesson in lessons]
    rises, falls = (_own(taught, remove) for remove in (True, False))
    both = np.intersect1d(rises, falls)
    now = weights.astype(np.float64)
    rises, falls = np.setdiff1d(rises, both), np.setdiff1d(falls, both)
    if len(rises):
        rows = _Rows(model, rises, len(weights))
        _add_taught(rows, taught, strength)
        for block in _blocks(reader, clean):
            starts = np.arange(0, len(block.hashes) - WINDOW, _STRIDE)
            rows.add(block, starts, starts + WINDOW, 0.0, strength.clean, _SETTLED)
        now[rises] += rows.solve((0.0, _UP), strength.penalty) / model.scale
    if len(falls):
        rows = _Rows(model, falls, len(weights))
        _add_taught(rows, taught, strength)
        for block in _blocks(reader, known):
            rows.add(block, block.first, block.last, 1.0, strength.known)
        now[falls] += rows.solve((-_DOWN, 0.0), strength.penalty) / model.scale
    return np.clip(np.round(now), -127, 127).astype(np.int8)


class _Taught:
    """A lesson with the block of its samples, the stretches of it that are learnt, and their n-grams."""

    def __init__(self, lesson: Lesson, block: Block, starts: Places, ends: Places, size: int) -> None:
        self.lesson, self.block, self.starts, self.ends = lesson, block, starts, ends
        grams = _grams(block.hashes, size)[every_place(starts, ends)]
        if max(lesson.phrase, default="") < _LETTERS_ARE_WORDS:
            grams = grams[:, [order >= _OWN for order in ORDERS]]
        self.own = np.unique(grams)


def _own(taught: Sequence[_Taught], remove: bool) -> Places:
    """Return the n-grams that the accepted phrases (``remove``) or the rejected ones may move."""
    some = [one.own for one in taught if one.lesson.remove is remove]
    return np.unique(np.concatenate(some)) if some else np.zeros(0, np.int64)


def _add_taught(rows: _Rows, taught: Sequence[_Taught], strength: Strength) -> None:
    for one in taught:
        remove = one.lesson.remove
        weight = (strength.accepted if remove else strength.rejected) / max(1, len(one.starts))
        # A rejected stretch whose words speak against spam anyway was flagged for its place: nothing to unlearn.
        rows.add(one.block, one.starts, one.ends, float(remove), weight, np.inf if remove else 0.0)


def buckets_of(reader: Reader, text: str, size: int) -> Places:
    """Return the different n-gram buckets of a text, in a table of ``size``."""
    block = reader.read([text])
    return np.unique(_grams(block.hashes, size)[block.first[0] : block.last[0]])


def _stretches(reader: Reader, lesson: Lesson) -> tuple[Block, Places, Places]:
    """Return what is learnt of a phrase: where it stood, whole and in windows."""
    block = reader.read([sample.text for sample in lesson.samples])
    found = [
        window
        for page, sample in enumerate(lesson.samples)
        for start, end in _words(sample)
        for window in _windows(block.from_source(page, start), block.from_source(page, end))
    ]
    starts, ends = np.array(found, np.int64).reshape(-1, 2).T
    return block, starts, ends


def _words(sample: Sample) -> Iterator[tuple[int, int]]:
    """Yield the stretches of a phrase between its addresses: what an address is made of is in all addresses."""
    begin = sample.start
    for address in _ADDRESS.finditer(sample.text, sample.start, sample.end):
        if begin < address.start():
            yield begin, address.start()
        begin = address.end()
    if begin < sample.end:
        yield begin, sample.end


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


def _grams(hashes: npt.NDArray[np.uint32], size: int) -> Places:
    """Return the buckets of the n-grams that begin at each place, an order a column."""
    columns = np.zeros((len(hashes), len(ORDERS)), np.int64)
    for index, (_, found) in enumerate(ngrams.buckets(hashes, size.bit_length() - 1)):
        columns[: len(found), index] = found
    return columns
