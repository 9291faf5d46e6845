"""Where to look closer: cheap signs of an injection, found on every character of a block.

A gate gives cores: short stretches ``[start, end)`` that some injection may cover. Cores decide nothing;
pages without any are clean, and nothing else is computed for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner import switch
from cleaner.alphabet import (
    BLANK,
    CLAUSE,
    CLOSE,
    DIGIT,
    HAN,
    LATIN,
    LETTER,
    MARKER,
    NEWLINE,
    OPEN,
    QUOTE,
    SEPARATOR,
    STOP,
    UNSPACED,
    flags,
    is_wordlike,
)
from cleaner.ngrams import WINDOW, window_sums
from cleaner.openings import Openings
from cleaner.view import Block

Places = npt.NDArray[np.int64]
Classes = npt.NDArray[np.uint8]

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
_SAMPLE: Final = np.arange(32)  # windows of a page, evenly spread
_RUNS: Final = 8  # stretches of another script on a page from which it counts as bilingual
_PREFIX: Final = 48  # characters before a marker in second place, at most
_SHORTEST_LINE: Final = 3
_CONTRAST_LINE: Final = 1.6  # times ``hot`` a window; of unseen injected lines 7 % lie below, of clean short lines 95 %
_CONTRAST_SEAM: Final = 1.2  # of unseen prefixes 3 % lie below
_PHRASE: Final = 64  # characters after the end of a sentence, at most
_TOKEN: Final = 120  # characters of a domain or brand, at most
_SMALL: Final = LETTER + 2 * LATIN
_CAPITAL: Final = _SMALL + 1
_HEADING_OPENS: Final = np.array([ord(char) for char in "【［〔[「"], np.uint32)
_SEAMS: Final = flags((NEWLINE, STOP, OPEN, CLOSE, QUOTE, CLAUSE, SEPARATOR, MARKER))
_OPENERS: Final = flags((MARKER, DIGIT, OPEN))
_OPENS: Final = 24  # steps of the table of openings: about four times as often at a beginning as elsewhere
_UNSPACED_LETTER: Final = flags(tuple(LETTER + 2 * script for script in UNSPACED))
# Letters with which a sentence may begin: capitals, and those of scripts without blanks and capitals.
OPENING: Final = flags(tuple(range(LETTER + 1, 256, 2))) | _UNSPACED_LETTER
_BEGINS: Final = flags((NEWLINE, STOP))


@dataclass(slots=True)
class Cores:
    """Stretches to look at, sorted by start; ``gate`` says which gate found each."""

    start: Places
    end: Places
    gate: Places

    def __len__(self) -> int:
        return len(self.start)


@dataclass(slots=True)
class Signs:
    """Sorted places of a block: ``marks`` (all but letters; ``kinds`` are their classes), ``newlines``, starts of
    ``hot`` windows and ``foreign`` letters; ``sums`` are the window sums at every place, ``usual`` their
    mean on each page (of a sample).
    """

    marks: Places
    kinds: Classes
    newlines: Places
    hot: Places
    foreign: Places
    sums: npt.NDArray[np.int16]
    usual: npt.NDArray[np.float64]


def read_signs(block: Block, scores: npt.NDArray[np.int16], hosts: Places, hot: int) -> Signs:
    """Return the signs of a block. ``hot`` is the window sum from which words count."""
    marks = (block.classes < LETTER).nonzero()[0]
    kinds = block.classes.take(marks)
    sums = window_sums(scores)
    foreign = switch.foreign_letters(block, hosts)
    usual = _usual(block, sums)
    newlines = marks.take((kinds == NEWLINE).nonzero()[0])
    return Signs(marks, kinds, newlines, (sums >= hot).nonzero()[0], foreign, sums, usual)


def _usual(block: Block, sums: npt.NDArray[np.int16]) -> npt.NDArray[np.float64]:
    places = block.first[:, None] + (block.last - block.first)[:, None] * _SAMPLE // len(_SAMPLE)
    found: npt.NDArray[np.float64] = sums[places].sum(axis=1, dtype=np.int64) / len(_SAMPLE)
    return found


def find_cores(
    block: Block, signs: Signs, scores: npt.NDArray[np.int16], hot: int, openings: Openings
) -> Cores:
    """Return the cores of all gates."""
    classes = block.classes
    cold = _COLD * hot
    found = [
        (WORDS, *_at_seams(classes, signs, hot, *_hot_windows(classes, signs))),
        (SCRIPT, *_bilingual(block, signs, *_warm(signs, cold, *switch.runs(block, signs.foreign)))),
        (MARKER_SECOND, *_warm(signs, cold, *_markers_second(block, signs))),
        (ADDRESS, *_addresses(classes)),
        (BRAND, *_warm(signs, cold, *_brands(classes, signs))),
        (LOWER_START, *_warm(signs, cold, *_lower_starts(classes))),
        (SHORT_LINE, *_short_lines(block, signs, scores, hot)),
        (SEAM, *_standing_out(block, signs, scores, _CONTRAST_SEAM * hot, *_seams(block, signs, openings))),
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


def warmest(signs: Signs, start: Places, end: Places) -> npt.NDArray[np.int16]:
    """Return the largest window sum of each stretch."""
    stop = np.maximum(end - WINDOW // 2, start + 1)
    edges = np.minimum(np.stack([start, stop], axis=1).ravel(), len(signs.sums) - 1)
    return np.maximum.reduceat(signs.sums, edges)[::2]


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


def _markers_second(block: Block, signs: Signs) -> tuple[Places, Places]:
    classes, marks, here = block.classes, signs.marks, signs.kinds
    # A blank is a mark too, so what follows a blank is the mark after it or no mark at all. First by the kinds of
    # neighbouring marks, the two last ones (line ends) left out; whether letters stand between them is seen below.
    blank, kind = here == BLANK, here[1:-2]
    opener = ((kind == MARKER) & blank[2:-1]) | ((kind == DIGIT) & (here[2:-1] == STOP) & blank[3:]) | (kind == OPEN)
    places = marks[1:-2].take((blank[:-3] & opener).nonzero()[0])
    if not len(places):
        return places, places
    places = places[classes[places - 1] == BLANK]
    kinds, after = classes[places], classes[places + 1]
    bullet = (kinds == MARKER) & (after == BLANK)
    number = (kinds == DIGIT) & (after == STOP) & (classes[np.minimum(places + 2, len(classes) - 1)] == BLANK)
    heading = (kinds == OPEN) & (_HEADING_OPENS[:, None] == block.codes[places]).any(axis=0)
    begin = signs.newlines[np.maximum(signs.newlines.searchsorted(places) - 1, 0)] + 1
    length = places - 1 - begin
    keep = (bullet | number | heading) & (length >= 2) & (length <= _PREFIX)
    places, begin, kinds = places[keep], begin[keep], kinds[keep]
    if not len(places):
        return places, places
    # Only where another line of the page opens with such a marker is this one the odd one out.
    openers = signs.newlines[:-1] + 1
    openers = openers[_OPENERS[classes[openers]]]
    known = np.zeros((len(block.first) + 1) * LETTER, np.bool_)
    known[(block.page_of(openers) + 1) * LETTER + classes[openers]] = True
    keep = known[(block.page_of(begin) + 1) * LETTER + kinds]
    return begin[keep], places[keep] - 1


def _addresses(classes: Classes) -> tuple[Places, Places]:
    small = classes == _SMALL
    dots = ((classes[:-2] == STOP) & small[1:-1] & small[2:]).nonzero()[0]
    dots = dots[is_wordlike(classes[dots - 1])]
    if not len(dots):
        return dots, dots
    start, end = _between_blanks(classes, dots)
    # "visit example.org" and "(example.org)" are ordinary; after a full stop or on its own it is not.
    before = classes[start - 1 - (classes[start - 1] == BLANK)]
    keep = (before == STOP) | (before == NEWLINE) | (before == SEPARATOR) | (before == MARKER)
    return start[keep], end[keep]


def _brands(classes: Classes, signs: Signs) -> tuple[Places, Places]:
    marks = signs.marks
    # The first of several digits: the mark after it is the next place, the one before it is not.
    digits = marks.take(((signs.kinds[:-1] == DIGIT) & (signs.kinds[1:] == DIGIT)).nonzero()[0])
    digits = digits[classes[digits - 1] >= LETTER]
    for back in (1, 2, 3):
        before = classes[digits - back]
        digits = digits[(before == _SMALL) | (before == _CAPITAL)]
    return _between_blanks(classes, digits)


def _lower_starts(classes: Classes) -> tuple[Places, Places]:
    stops = ((classes[:-2] == STOP) & (classes[1:-1] == BLANK) & (classes[2:] == _SMALL)).nonzero()[0]
    places = stops[(classes[stops - 1] == _SMALL) & (classes[stops - 2] == _SMALL)] + 2
    if not len(places):
        return places, places
    after = classes[np.minimum(places[:, None] + np.arange(_PHRASE), len(classes) - 1)]
    capital = (after[:, 1:] == _CAPITAL) & (after[:, :-1] == BLANK)
    barrier = (after == NEWLINE) | (after == STOP) | (after == CLOSE)
    barrier[:, -1] = True
    following = capital.argmax(axis=1) + 1
    keep = capital.any(axis=1) & (following > 3) & (following < barrier.argmax(axis=1))
    return places[keep], (places + following)[keep] - 1


def _short_lines(
    block: Block, signs: Signs, scores: npt.NDArray[np.int16], hot: int
) -> tuple[Places, Places]:
    """Short lines whose words weigh more than those of the page by far, promotional or not."""
    start, end = signs.newlines[:-1] + 1, signs.newlines[1:]
    length = end - start
    keep = (length >= _SHORTEST_LINE) & (length <= _PHRASE)
    start, end, length = start[keep], end[keep], length[keep]
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
    offset = np.cumsum(length) - length
    places = np.arange(int(length.sum())) + np.repeat(start - offset, length)
    weight = np.add.reduceat(scores[places], offset, dtype=np.int64) * WINDOW / length
    keep = weight - signs.usual[block.page_of(start)] >= least
    return start[keep], end[keep]


def _seams(block: Block, signs: Signs, openings: Openings) -> tuple[Places, Places]:
    """Stretches from the start of a line or sentence up to where another one seems to begin, no mark between."""
    classes, marks = block.classes, signs.marks
    # On the whole block only what compares bytes: capitals, and all letters from Han on.
    after = classes[1:]
    begins = ((after & 1 == 1) | (after >= LETTER + 2 * HAN)) & (after > LETTER) & (classes[:-1] == BLANK)
    blanks = begins.nonzero()[0]
    blanks = blanks[OPENING[classes[blanks + 1]]]
    blanks = blanks[is_wordlike(classes[blanks - 1])]
    if not len(blanks):
        return blanks, blanks
    kinds = signs.kinds
    barriers = marks.take(((kinds == NEWLINE) | ((kinds >= STOP) & (kinds <= SEPARATOR))).nonzero()[0])
    last = barriers[np.maximum(barriers.searchsorted(blanks) - 1, 0)]
    start = last + 1 + (classes[last + 1] == BLANK)
    length = blanks - start
    keep = (length >= 2) & (length <= _PREFIX) & _BEGINS[classes[last]]
    start, blanks = start[keep], blanks[keep]
    likely = openings.at(block, blanks + 1) >= np.where(_UNSPACED_LETTER[classes[blanks + 1]], 0, _OPENS)
    start, blanks = start[likely], blanks[likely]
    first = np.concatenate(([True], np.diff(start) > 0))[: len(start)]
    return start[first], blanks[first]


def _between_blanks(classes: Classes, places: Places) -> tuple[Places, Places]:
    """Return the tokens around the places, long ones left out, each once."""
    if not len(places):
        return places, places
    steps = np.arange(_TOKEN)
    before = classes[np.maximum(places[:, None] - steps, 0)] <= BLANK
    after = classes[np.minimum(places[:, None] + steps, len(classes) - 1)] <= BLANK
    start, end = places + 1 - before.argmax(axis=1), places + after.argmax(axis=1)
    keep = before.any(axis=1) & after.any(axis=1) & np.concatenate(([True], np.diff(start) > 0))
    return start[keep], end[keep]
