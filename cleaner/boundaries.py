"""Boundaries: where on the lines of cores words, clauses, sentences and addresses begin and end."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner.alphabet import (
    BLANK,
    CASED_SMALL,
    CLAUSE,
    CLOSE,
    DIGIT,
    LETTER,
    MARKER,
    NEWLINE,
    OPEN,
    QUOTE,
    SEPARATOR,
    STOP,
    SYMBOL,
    UNSPACED_LETTER,
    flags,
    is_wordlike,
)
from cleaner.gates import Cores
from cleaner.openings import Openings
from cleaner.shapes import OPENING
from cleaner.signs import Classes, Places, every_place, line_bounds
from cleaner.view import Block

_OPENS: Final = 16  # steps of the table of openings from which a sentence may begin


@dataclass(slots=True)
class Lines:
    """Boundaries: all line ends of a block, and what else parts the lines on which cores stand. All sorted."""

    newlines: Places
    filled: Places  # ends of the lines that hold something
    words: Places
    tokens: Places  # blanks only
    capitals: Places  # words that begin with a capital
    switches: Places  # letters of another script than the letter before them
    joints: Places  # inside a token: digits then letters, another script, a capital after a small letter
    commas: Places
    openings: Places  # where a sentence seems to begin, though none ended before it
    addresses: tuple[Places, Places]  # starts and ends of domains and URLs
    clause_starts: Places
    clause_ends: Places
    sentence_starts: Places
    sentence_ends: Places

    def bounds(self, places: Places) -> tuple[Places, Places]:
        """Return the start and end of the line on which each place stands."""
        return line_bounds(self.newlines, places)


def find_lines(block: Block, newlines: Places, cores: Cores, openings: Openings) -> Lines:
    """Return the boundaries of the lines on which cores stand; other lines are not looked at."""
    line = np.unique(newlines.searchsorted(cores.start))
    opening, closing = newlines[np.maximum(line - 1, 0)], newlines[np.minimum(line, len(newlines) - 1)] + 1
    where = every_place(opening, closing)
    classes, codes = block.classes[where], block.codes[where]
    before, here = classes[:-1], classes[1:]
    unspaced = UNSPACED_LETTER[classes]
    wordlike = is_wordlike(classes) & ~unspaced
    words = ~(wordlike[:-1] & wordlike[1:])
    clausal = _CLAUSAL[classes]
    clause_starts = clausal[:-1] | ((before == MARKER) & ((here == BLANK) | unspaced[1:]))
    clause_ends = clausal[1:] | ((here == MARKER) & ~is_wordlike(before))
    stops = (before == STOP) & (here != STOP)
    wide = np.zeros(len(stops), np.bool_)
    wide[stops] = np.isin(codes[:-1][stops], _WIDE_STOPS)
    closes = stops & (wide | (here == BLANK) | (here == NEWLINE) | (here == CLOSE) | (here == QUOTE))
    opened = (stops & (wide | (here == BLANK))) | (before == NEWLINE)
    after_stop = np.concatenate(([False], before[:-1] == STOP))
    opened |= ((before == CLOSE) | (before == QUOTE)) & after_stop & (here == BLANK)

    def places(flags: npt.NDArray[np.bool_]) -> Places:
        return where[np.flatnonzero(flags) + 1]

    letters, scripts = classes >= LETTER, classes >> 1
    upper = letters[1:] & (here & 1 == 1) & ((before == BLANK) | (before == NEWLINE))
    switched = letters[:-1] & letters[1:] & (scripts[:-1] != scripts[1:])
    switched[1:] |= letters[:-2] & letters[2:] & (scripts[:-2] != scripts[2:]) & (before[1:] == BLANK)
    return Lines(
        newlines=newlines,
        filled=newlines[1:][np.diff(newlines) > 1],
        words=places(words),
        capitals=places(upper | (here == NEWLINE)),
        switches=places(switched | (here == NEWLINE)),
        joints=places(_joints(before, here)),
        openings=_openings(block, openings, where, before, here),
        addresses=_addresses(codes, where),
        commas=places((here == CLAUSE) | (before == NEWLINE)),
        tokens=places((before <= BLANK) != (here <= BLANK)),
        clause_starts=_skip_blanks(block.classes, places(clause_starts)),
        clause_ends=places(clause_ends),
        sentence_starts=_skip_blanks(block.classes, places(opened)),
        sentence_ends=places(closes | (here == NEWLINE)),
    )


def _joints(before: Classes, here: Classes) -> npt.NDArray[np.bool_]:
    letters = (before >= LETTER) & (here >= LETTER)
    joint = letters & ((before >> 1 != here >> 1) | _small_before_capital(before, here))
    joint |= (before == DIGIT) & (here >= LETTER) & ~CASED_SMALL[here]
    found: npt.NDArray[np.bool_] = joint | (before == NEWLINE) | (here == NEWLINE)
    return found


def _openings(block: Block, openings: Openings, where: Places, before: Classes, here: Classes) -> Places:
    begins = ((before == BLANK) | UNSPACED_LETTER[before]) & OPENING[here]
    places = where[1:][begins | (before == NEWLINE) | (here == NEWLINE)]
    bounds = (block.classes[places] == NEWLINE) | (block.classes[places - 1] == NEWLINE)
    kept: Places = places[(openings.at(block, places) >= _OPENS) | bounds]
    return kept


def _addresses(codes: npt.NDArray[np.uint32], where: Places) -> tuple[Places, Places]:
    """Return starts and ends of the domains and URLs in the characters ``codes``, which stand at ``where``."""
    known = _IN_ADDRESS[np.minimum(codes, 127)]
    dots = np.flatnonzero(codes[1:-1] == ord(".")) + 1
    dots = dots[_IN_DOMAIN[np.minimum(codes[dots - 1], 127)] & _SMALL_ASCII[np.minimum(codes[dots + 1], 127)]]
    slashes = np.flatnonzero((codes[:-2] == ord(":")) & (codes[1:-1] == ord("/")) & (codes[2:] == ord("/")))
    inside = np.sort(np.concatenate((dots, slashes)))
    if not len(inside):
        return inside, inside
    others = np.concatenate((np.flatnonzero(~known), [len(codes) - 1]))  # a line end closes the last line
    place = others.searchsorted(inside)
    start, end = np.where(place > 0, others[place - 1] + 1, 0), others[place]
    first = np.diff(start, prepend=-1) > 0
    start, end = start[first], end[first]
    for _ in range(2):
        end = end - _AFTER_ADDRESS[np.minimum(codes[end - 1], 127)]
    return where[start], where[end - 1] + 1


def parts_nothing(block: Block, lines: Lines, places: Places) -> npt.NDArray[np.bool_]:
    """Return at which places a candidate may begin or end: they part no word, no figure and no address."""
    return ~_in_word(block.classes, places) & ~_in_address(*lines.addresses, places)


def _in_word(classes: npt.NDArray[np.uint8], places: Places) -> npt.NDArray[np.bool_]:
    """Return which places part two letters of one script that has blanks between its words, or its figures."""
    before, after = classes[places - 1], classes[np.minimum(places, len(classes) - 1)]
    found: npt.NDArray[np.bool_] = _SPACED_LETTER[before] & ((before >> 1 == after >> 1) | (after == DIGIT))
    found &= ~_small_before_capital(before, after)
    found |= (before == DIGIT) & (CASED_SMALL[after] | (after == DIGIT))
    return found


def _small_before_capital(before: Classes, after: Classes) -> npt.NDArray[np.bool_]:
    """Return where a capital follows a small letter of its script: two words were glued together."""
    found: npt.NDArray[np.bool_] = (before >= LETTER) & (before & 1 == 0) & (after == before + 1)
    return found


def _in_address(start: Places, end: Places, places: Places) -> npt.NDArray[np.bool_]:
    """Return which places part one of the addresses."""
    if not len(start):
        return np.zeros(places.shape, np.bool_)
    nearest = start.searchsorted(places) - 1
    found: npt.NDArray[np.bool_] = (nearest >= 0) & (places < end[np.maximum(nearest, 0)])
    return found


def _skip_blanks(classes: npt.NDArray[np.uint8], places: Places) -> Places:
    for _ in range(3):
        places = places + (classes[np.minimum(places, len(classes) - 1)] == BLANK)
    return places


_CLAUSAL: Final = flags((CLAUSE, STOP, OPEN, CLOSE, QUOTE, SEPARATOR, SYMBOL, NEWLINE))
_SPACED_LETTER: Final = ~UNSPACED_LETTER & (np.arange(256) >= LETTER)
_WIDE_STOPS: Final = np.array([ord(char) for char in "。！？．।۔"], np.uint32)


def _ascii(chars: str) -> npt.NDArray[np.bool_]:
    """Return a table of the first 128 code points: which of them these are; the last stands for all above."""
    table = np.zeros(128, np.bool_)
    table[[ord(char) for char in chars]] = True
    return table


_SMALL_ASCII: Final = _ascii(string.ascii_lowercase)
_IN_DOMAIN: Final = _ascii(string.ascii_letters + string.digits + "-")
_IN_ADDRESS: Final = _ascii(string.ascii_letters + string.digits + "-._~:/?#@%&=+")
_AFTER_ADDRESS: Final = _ascii(".:?")
