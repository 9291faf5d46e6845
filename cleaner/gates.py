"""Where to look closer: cheap signs of an injection, found on every character of a block.

A gate gives cores: short stretches ``[start, end)`` that some injection may cover. Cores decide nothing;
pages without any are clean, and nothing else is computed for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner import compiled, shapes, switch
from cleaner.alphabet import (
    BLANK,
    CLAUSE,
    CLOSE,
    MARKER,
    NEWLINE,
    OPEN,
    QUOTE,
    SEPARATOR,
    STOP,
    UNSPACED_LETTER,
    flags,
)
from cleaner.ngrams import WINDOW
from cleaner.openings import Openings
from cleaner.signs import Classes, Places, Signs, every_place, warmest
from cleaner.view import Block

# Bits of ``Cores.gate``.
WORDS: Final = 1  # the n-gram weights of a window
SCRIPT: Final = 2  # letters of another script
MARKER_SECOND: Final = 4  # a list marker in second place on its line
ADDRESS: Final = 8  # a domain or URL that no word leads to
BRAND: Final = 16  # a word with two to four digits glued to it
LOWER_START: Final = 32  # a small letter after the end of a sentence
SHORT_LINE: Final = 128  # a short line whose words are much warmer than the page's
SEAM: Final = 64  # what follows begins like a sentence where none should begin

_COLD: Final = -2  # times ``hot``: cost 3 % of the injected stretches in another script, spared half of the others
_NEAR_SEAM: Final = (
    12  # characters; with the next line it cost 0.5 % of the injected spans, spared a quarter of the cores
)
_HOTTEST: Final = 1.75  # times ``hot``
_RUNS: Final = 8  # stretches of another script on a page from which it counts as bilingual
_SHORTEST_LINE: Final = 3
_CONTRAST_LINE: Final = 1.6  # times ``hot`` a window; of unseen injected lines 7 % lie below, of clean short lines 95 %
_CONTRAST_SEAM: Final = 1.2  # of unseen prefixes 3 % lie below
_PHRASE: Final = 64  # characters after the end of a sentence, at most
_SEAMS: Final = flags((NEWLINE, STOP, OPEN, CLOSE, QUOTE, CLAUSE, SEPARATOR, MARKER))
_TABLES: Final = np.concatenate((_SEAMS, switch.BARRIER, shapes.OPENING, UNSPACED_LETTER))  # as core.cores reads them


@dataclass(slots=True)
class Cores:
    """Stretches to look at, sorted by start; ``gate`` says which gate found each."""

    start: Places
    end: Places
    gate: Places

    def __len__(self) -> int:
        return len(self.start)

    def columns(self, some: Places) -> tuple[Places, Places, Places]:
        """Return starts, ends and gates of some of the cores."""
        return self.start[some], self.end[some], self.gate[some]


def find_cores(
    block: Block, signs: Signs, scores: npt.NDArray[np.int16], hot: int, openings: Openings
) -> Cores:
    """Return the cores of all gates."""
    if compiled.core:
        return _compiled_cores(compiled.core, block, signs, scores, hot, openings)
    classes = block.classes
    cold, stops = _COLD * hot, shapes.stops(signs)
    found = [
        (WORDS, *_at_seams(classes, signs, hot, *_hot_windows(classes, signs))),
        (SCRIPT, *_bilingual(block, signs, *_warm(signs, cold, *switch.runs(block, signs.foreign)))),
        (MARKER_SECOND, *_warm(signs, cold, *shapes.markers_second(block, signs))),
        (ADDRESS, *shapes.addresses(classes, stops)),
        (BRAND, *_warm(signs, cold, *shapes.brands(classes, signs))),
        (LOWER_START, *_warm(signs, cold, *shapes.lower_starts(classes, stops))),
        (SHORT_LINE, *_short_lines(block, signs, scores, hot)),
        (SEAM, *_standing_out(block, signs, scores, _CONTRAST_SEAM * hot, *shapes.seams(block, signs, openings))),
    ]
    found = [part for part in found if len(part[1])]
    if not found:
        nowhere = np.zeros(0, np.int64)
        return Cores(nowhere, nowhere, nowhere)
    start = np.concatenate([part[1] for part in found])
    end = np.concatenate([part[2] for part in found])
    gate = np.concatenate([np.full(len(part[1]), part[0], np.int64) for part in found])
    order = np.lexsort((gate, end, start))
    return Cores(start[order], end[order], gate[order])


def _compiled_cores(
    core: compiled.Core, block: Block, signs: Signs, scores: npt.NDArray[np.int16], hot: int, openings: Openings
) -> Cores:
    found = core.cores(
        block.classes, scores, signs.sums, signs.newlines, signs.hot, signs.foreign, block.first, block.last,
        signs.usual, block.codes, block.hashes, signs.marks, openings.rows, _TABLES,
        (_NEAR_SEAM, _RUNS, _COLD * hot, shapes.OPENS), (_HOTTEST * hot, _CONTRAST_LINE * hot, _CONTRAST_SEAM * hot),
    )  # fmt: skip
    return Cores(*np.ascontiguousarray(np.frombuffer(found, np.int64).reshape(-1, 3).T))


def _at_seams(classes: Classes, signs: Signs, hot: int, start: Places, end: Places) -> tuple[Places, Places]:
    """Keep hot words near a seam of the text (line, sentence, clause); elsewhere only the hottest."""
    if not len(start):
        return start, end
    steps = np.arange(_NEAR_SEAM + 1)
    beside = np.concatenate((start[:, None] - 1 - steps, end[:, None] + steps), axis=1)
    keep = _SEAMS[classes.take(beside, mode="clip")].any(axis=1) | (warmest(signs, start, end) >= _HOTTEST * hot)
    return start[keep], end[keep]


def _bilingual(block: Block, signs: Signs, start: Places, end: Places) -> tuple[Places, Places]:
    """On pages with many runs of another script keep those with warm words only."""
    if not len(start):
        return start, end
    page = block.page_of(start)
    many = np.bincount(page + 1, minlength=len(block.first) + 1)[page + 1] > _RUNS
    keep = ~many | (warmest(signs, start, end) > 0)
    return start[keep], end[keep]


def _warm(signs: Signs, cold: int, start: Places, end: Places) -> tuple[Places, Places]:
    """Keep the stretches whose best window is no colder than ordinary text; nearly all injections are warmer."""
    if not len(start):
        return start, end
    keep = warmest(signs, start, end) >= cold
    return start[keep], end[keep]


def _hot_windows(classes: Classes, signs: Signs) -> tuple[Places, Places]:
    places, lines = signs.hot, signs.newlines
    if not len(places):
        return places, places
    ends = places + WINDOW
    # A window that begins on line ends or blanks belongs to the text after them.
    for _ in range(WINDOW):
        places = places + (classes[np.minimum(places, len(classes) - 1)] <= BLANK)
    keep = places < ends
    places, ends = places[keep], ends[keep]
    line = lines.searchsorted(places)
    ends = np.minimum(ends, lines[np.minimum(line, len(lines) - 1)])
    if not len(places):
        return places, places
    breaks = ((places[1:] > np.maximum.accumulate(ends)[:-1]) | (np.diff(line) > 0)).nonzero()[0] + 1
    first = np.concatenate(([0], breaks))
    return places[first], np.maximum.reduceat(ends, first)


def _short_lines(
    block: Block, signs: Signs, scores: npt.NDArray[np.int16], hot: int
) -> tuple[Places, Places]:
    """Short lines whose words weigh more than those of the page by far, promotional or not."""
    start, end = signs.newlines[:-1] + 1, signs.newlines[1:]
    length = end - start
    short = (length >= _SHORTEST_LINE) & (length <= _PHRASE)
    start, end, length = start[short], end[short], length[short]
    if not len(start):
        return start, end
    page = block.page_of(start)
    keep = (length * 3 < block.last[page] - block.first[page]) & (warmest(signs, start, end) >= 0)
    return _standing_out(block, signs, scores, _CONTRAST_LINE * hot, start[keep], end[keep])


def _standing_out(
    block: Block, signs: Signs, scores: npt.NDArray[np.int16], least: float, start: Places, end: Places
) -> tuple[Places, Places]:
    """Keep the stretches whose mean weight exceeds that of their page by ``least`` a window."""
    if not len(start):
        return start, end
    length = end - start
    gathered = scores[every_place(start, end)]
    weight = np.add.reduceat(gathered, np.cumsum(length) - length, dtype=np.int64) * WINDOW / length
    keep = weight - signs.usual[block.page_of(start)] >= least
    return start[keep], end[keep]
