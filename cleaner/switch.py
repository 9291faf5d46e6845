"""LANGUAGE-SWITCH DETECTOR: the host's script, and the runs of letters in another one.

It works on Unicode scripts. A switch is evidence, never a verdict: native names, glosses and parallel
text switch too, and two of three injections do not switch at all.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner import compiled
from cleaner.alphabet import (
    CLOSE,
    DIGIT,
    HAN,
    HANGUL,
    KANA,
    LATIN,
    LETTER,
    NEWLINE,
    OPEN,
    OTHER_SCRIPT,
    QUOTE,
    SCRIPTS,
    STOP,
    flags,
    is_wordlike,
    script_of,
)
from cleaner.view import Block

_SAMPLE: Final = 64  # characters of a page that are looked at, evenly spread
_KANA_SHARE: Final = 0.05  # of Han and Kana together: from here on the page is Japanese
_GAP: Final = 3  # other characters inside one run at most: a blank, a digit group, a separator
_TAIL: Final = 8  # characters glued to a run at most
_NONE: Final = len(SCRIPTS)  # the "script" of a page without letters
_CELLS: Final = _NONE + 1
_STEPS: Final = np.arange(_SAMPLE)
BARRIER: Final = flags((NEWLINE, STOP, OPEN, CLOSE, QUOTE))
_SCRIPT: Final = np.full(256, _NONE)  # of every class
_SCRIPT[LETTER : LETTER + 2 * _NONE] = np.arange(2 * _NONE) >> 1


def host_scripts(block: Block) -> npt.NDArray[np.int64]:
    """Return the main script of every page (an index of ``SCRIPTS``; ``len(SCRIPTS)``: no letters)."""
    found: npt.NDArray[np.int64] = np.empty(len(block.first), np.int64)
    if compiled.core:
        compiled.core.host_scripts(block.classes, block.first, block.last, found)
        return found
    length = block.last - block.first
    places = block.first[:, None] + length[:, None] * _STEPS // _SAMPLE
    sample = block.classes.take(places)
    highest = sample.max(axis=1)
    found = np.where(highest >= LETTER, LATIN, _NONE)
    others = np.flatnonzero(highest >= LETTER + 2)  # few pages hold any but Latin letters
    if len(others):
        found[others] = _commonest(sample[others])
    return found


def _commonest(sample: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Return the main script of each page, given the classes of some of its characters."""
    pages = len(sample)
    cells = _SCRIPT[sample] + np.arange(0, pages * _CELLS, _CELLS)[:, None]
    counts = np.bincount(cells.ravel(), minlength=pages * _CELLS).reshape(pages, _CELLS)
    counts[:, _NONE] = 0
    eastern = counts[:, HAN] + counts[:, KANA]
    japanese = counts[:, KANA] > _KANA_SHARE * eastern
    counts[:, KANA] = eastern * japanese
    counts[:, HAN] *= ~japanese
    # A Chinese, Arabic, ... letter carries more text than a Latin one; brand names are Latin everywhere.
    counts[:, 1:] *= 2
    best: npt.NDArray[np.int64] = counts.argmax(axis=1)
    best[counts.max(axis=1) == 0] = _NONE
    return best


def _allowed() -> npt.NDArray[np.bool_]:
    table = np.eye(_NONE + 1, dtype=np.bool_)
    table[:, LATIN] = True
    table[KANA, HAN] = True
    table[:, OTHER_SCRIPT] = True  # letters of no script of their own: µ, apostrophes, the Arabic stretch
    table[_NONE] = True
    return table


ALLOWED: Final = _allowed()


def foreign_letters(block: Block, hosts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the places of letters of a script that is neither the page's own nor Latin."""
    classes = block.classes
    if (hosts == LATIN).all():
        places = (classes >= LETTER + 2).nonzero()[0]
    else:
        sizes = np.diff(np.concatenate((block.first, [len(classes)])))
        # The first page's opening pad holds no letters, so the pages may be taken to begin at its end.
        own = np.repeat((LETTER + 2 * hosts).astype(np.uint8), sizes)
        before = len(classes) - len(own)
        rest = classes[before:]
        places = ((rest >= LETTER + 2) & ((rest & 0xFE) != own)).nonzero()[0] + before
    if not len(places):
        return places
    return places[~ALLOWED[hosts[block.page_of(places)], script_of(classes[places])]]


def runs(block: Block, letters: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Join foreign letters to runs ``[start, end)``; digits and letters glued to a run belong to it.

    A run never crosses a line end, the end of a sentence, a bracket or a quotation mark.
    """
    if not len(letters):
        return letters, letters
    classes = block.classes
    gap = np.diff(letters)
    apart = gap > _GAP + 1
    for step in range(1, _GAP + 1):
        apart |= (gap > step) & BARRIER[classes[letters[:-1] + step]]
    breaks = apart.nonzero()[0] + 1
    starts = letters[np.concatenate(([0], breaks))]
    ends = letters[np.concatenate((breaks - 1, [len(letters) - 1]))] + 1
    return _glue(classes, starts, ends)


def _glue(
    classes: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    starts, tails = starts.copy(), ends.copy()
    for _ in range(_TAIL):
        tails += is_wordlike(classes[tails])
        starts -= classes[starts - 1] == DIGIT
    # A glued tail (sh419, vx, 1314) is short; what goes on is a word of the host.
    return starts, np.where(is_wordlike(classes[tails]), ends, tails)


def is_unspaced_host(hosts: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return which pages are written in Chinese, Japanese or Korean letters."""
    found: npt.NDArray[np.bool_] = (hosts == HAN) | (hosts == KANA) | (hosts == HANGUL)
    return found
