"""The stages of the engine with weights made by hand, so that their tests need no trained model."""

from __future__ import annotations

import functools
from typing import Final

import numpy as np

from cleaner import gates, ngrams, switch
from cleaner.alphabet import build_classes, build_fold
from cleaner.detect import Survey
from cleaner.ngrams import Scorer
from cleaner.openings import BITS as OPENING_BITS
from cleaner.openings import Openings, opening_rows
from cleaner.signs import Places, read_signs
from cleaner.view import Reader

# The only words that weigh anything here; all others count a little against.
WARM: Final = ("爱上海419论坛", "slot gacor maxwin", "buy cheap pills online", "купить диплом недорого")
HOT: Final = 40
_BITS: Final = 18


@functools.cache
def reader() -> Reader:
    """Return a reader with freshly built tables."""
    return Reader(build_classes(), build_fold())


@functools.cache
def scorer() -> Scorer:
    """Return weights that know the n-grams of :data:`WARM`."""
    weights = np.full(1 << _BITS, -1, np.int8)
    for phrase in WARM:
        block = reader().read((phrase,))
        for order, found in ngrams.buckets(block.hashes[block.first[0] : block.last[0]], _BITS):
            if order > 2:  # pairs of letters are everybody's
                weights[found] = 16
    return Scorer(weights)


@functools.cache
def openings() -> Openings:
    """Return a table that knows "The" and "当地" as words that begin sentences."""
    rows = np.zeros(1 << OPENING_BITS, np.int8)
    block = reader().read(("The ", "当地"))
    rows[opening_rows(block.hashes, block.classes, block.first)] = 48
    return Openings(rows)


def survey(*pages: str) -> Survey:
    """Return what the engine knows of the pages before any candidate is judged (languages left out)."""
    block = reader().read(pages)
    scores = scorer().score(block.hashes)
    scripts = switch.host_scripts(block)
    signs = read_signs(block, scores, scripts, HOT)
    cores = gates.find_cores(block, signs, scores, HOT, openings())
    worth = np.ones(len(cores), np.bool_)
    return Survey(block, scores, cores, scripts, np.full(len(pages), -1, np.int64), worth, signs)


def stretches(found: Survey, start: Places, end: Places, pages: tuple[str, ...]) -> list[str]:
    """Return stretches of a block as the source text they stand for."""
    numbers = found.block.page_of(start).tolist()
    texts = []
    for index, number in enumerate(numbers):
        (left,), (right,) = found.block.to_source(number, start[index : index + 1], end[index : index + 1])
        texts.append(pages[number][left:right])
    return texts
