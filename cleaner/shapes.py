"""Shapes that injections take, whatever their words: places that break the form of a line or list."""

from __future__ import annotations

from typing import Final

import numpy as np

from cleaner.alphabet import (
    BLANK,
    CLOSE,
    DIGIT,
    HAN,
    LATIN,
    LETTER,
    MARKER,
    NEWLINE,
    OPEN,
    SCRIPTS,
    SEPARATOR,
    STOP,
    THAI,
    UNSPACED_LETTER,
    flags,
    is_wordlike,
)
from cleaner.openings import Openings
from cleaner.signs import Classes, Places, Signs
from cleaner.view import Block

_PREFIX: Final = 48  # characters before a marker in second place, at most
_PHRASE: Final = 64  # characters after the end of a sentence, at most
_TOKEN: Final = 120  # characters of a domain or brand, at most
_SMALL: Final = LETTER + 2 * LATIN
_CAPITAL: Final = _SMALL + 1
_HEADING_OPENS: Final = np.array([ord(char) for char in "【［〔[「"], np.uint32)
_OPENERS: Final = flags((MARKER, DIGIT, OPEN))
OPENS: Final = 24  # steps of the table of openings: about four times as often at a beginning as elsewhere
# Two ranges hold the scripts without capitals in which a sentence may begin anywhere, and a few others.
_FROM_HAN: Final = np.uint8(LETTER + 2 * HAN)
_TO_THAI: Final = np.uint8(2 * (THAI - HAN))
_FROM_LAO: Final = np.uint8(LETTER + 2 * SCRIPTS.index("Lao"))
# Letters with which a sentence may begin: capitals, and those of scripts without blanks and capitals.
OPENING: Final = flags(tuple(range(LETTER + 1, 256, 2))) | UNSPACED_LETTER
_BEGINS: Final = flags((NEWLINE, STOP))


def markers_second(block: Block, signs: Signs) -> tuple[Places, Places]:
    """Return what stands before a list marker in second place on its line, where other lines open with one."""
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
    keep = bullet | number | heading  # of ordinary text, with its brackets and figures, little
    places, kinds = places[keep], kinds[keep]
    begin = signs.newlines[np.maximum(signs.newlines.searchsorted(places) - 1, 0)] + 1
    length = places - 1 - begin
    keep = (length >= 2) & (length <= _PREFIX)
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


def stops(signs: Signs) -> Places:
    """Return all places of full stops and the like."""
    places: Places = signs.marks.take((signs.kinds == STOP).nonzero()[0])
    return places


def addresses(classes: Classes, stops: Places) -> tuple[Places, Places]:
    """Return domains and URLs that no word leads to."""
    dots = stops[(classes[stops + 1] == _SMALL) & (classes[stops + 2] == _SMALL)]
    dots = dots[is_wordlike(classes[dots - 1])]
    if not len(dots):
        return dots, dots
    start, end = _between_blanks(classes, dots)
    # "visit example.org" and "(example.org)" are ordinary; after a full stop or on its own it is not.
    before = classes[start - 1 - (classes[start - 1] == BLANK)]
    keep = (before == STOP) | (before == NEWLINE) | (before == SEPARATOR) | (before == MARKER)
    return start[keep], end[keep]


def brands(classes: Classes, signs: Signs) -> tuple[Places, Places]:
    """Return Latin words with digits glued to them."""
    marks = signs.marks
    # The first of several digits: the mark after it is the next place, the one before it is not.
    digits = marks.take(((signs.kinds[:-1] == DIGIT) & (signs.kinds[1:] == DIGIT)).nonzero()[0])
    digits = digits[classes[digits - 1] >= LETTER]
    for back in (1, 2, 3):
        before = classes[digits - back]
        digits = digits[(before == _SMALL) | (before == _CAPITAL)]
    return _between_blanks(classes, digits)


def lower_starts(classes: Classes, stops: Places) -> tuple[Places, Places]:
    """Return what begins small after a sentence (not after an ellipsis) and runs into a capital."""
    stops = stops[(classes[stops + 1] == BLANK) & (classes[stops + 2] == _SMALL)]
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


def seams(block: Block, signs: Signs, openings: Openings) -> tuple[Places, Places]:
    """Stretches from the start of a line or sentence up to where another one seems to begin, no mark between."""
    classes, marks = block.classes, signs.marks
    # On the whole block only what compares bytes: a blank between a word and a capital, or a letter that has none.
    before, after = classes[:-2], classes[2:]
    begins = after & 1 == 1
    begins |= after - _FROM_HAN <= _TO_THAI
    begins |= after >= _FROM_LAO
    begins &= after > LETTER
    begins &= classes[1:-1] == BLANK
    begins &= is_wordlike(before)
    blanks = begins.nonzero()[0] + 1
    blanks = blanks[OPENING[classes[blanks + 1]]]
    if not len(blanks):
        return blanks, blanks
    kinds = signs.kinds
    barriers = marks.take(((kinds == NEWLINE) | ((kinds >= STOP) & (kinds <= SEPARATOR))).nonzero()[0])
    last = barriers[np.maximum(barriers.searchsorted(blanks) - 1, 0)]
    near = (blanks - last <= _PREFIX + 2).nonzero()[0]
    near = near[_BEGINS[classes[last[near]]]]
    blanks, last = blanks[near], last[near]
    start = last + 1 + (classes[last + 1] == BLANK)
    length = blanks - start
    keep = (length >= 2) & (length <= _PREFIX)
    start, blanks = start[keep], blanks[keep]
    likely = openings.at(block, blanks + 1) >= np.where(UNSPACED_LETTER[classes[blanks + 1]], 0, OPENS)
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
