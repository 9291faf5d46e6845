"""Named features of a candidate in its context: what separates the injected from the legitimate.

Every feature is computed for all candidates of a block at once, from whole-number counts, so it does not
depend on what else is in the batch. :data:`NAMES` is the contract between training and the judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner.alphabet import (
    BLANK,
    CLAUSE,
    CLOSE,
    DIGIT,
    LATIN,
    LETTER,
    MARKER,
    NEWLINE,
    OPEN,
    QUOTE,
    SEPARATOR,
    STOP,
    SYMBOL,
    is_wordlike,
    script_of,
)
from cleaner.gates import ADDRESS, BRAND, LOWER_START, MARKER_SECOND, SCRIPT, WORDS, Cores, Places, Signs
from cleaner.propose import Candidates, Lines
from cleaner.view import Block

Matrix = npt.NDArray[np.float32]

_NEAR: Final = 8  # characters on either side that are looked at

LEFT_KINDS: Final = ("line", "sentence", "clause", "word", "glued", "open", "quote", "marker", "other")
RIGHT_KINDS: Final = (
    "line", "marker", "upper", "lower", "digit", "glued", "close", "quote", "stop", "clause", "open", "other",
)  # fmt: skip

NAMES: Final = (
    "words_sum", "words_mean", "words_peak", "words_left", "words_right", "words_line", "words_page",
    "hot_cores_page", "embedded_page", "length", "letters_share", "digits", "digits_glued", "blanks", "uppercase",
    "separators", "clauses", "stops_inside", "quotes_inside", "symbols", "ends_stop", "ends_clause", "starts_upper",
    "starts_lower", "first_line", "line_index", "page_lines", "page_length", "whole_line", "line_length", "line_rest", "position",
    "rest_like_next", "rest_like_previous", "listed_lines",
    "foreign_share", "foreign_elsewhere", "foreign_lines", "foreign_runs", "latin_in_host", "host_unspaced",
    "switch_left", "switch_right", "surprise",
    "gate_words", "gate_script", "gate_marker", "gate_address", "gate_brand", "gate_lower",
    "naked", "quoted_pair", "repeats", "token_elsewhere", "line_quotes", "blank_left", "blank_right",
    *(f"left_{kind}" for kind in LEFT_KINDS), *(f"right_{kind}" for kind in RIGHT_KINDS),
)  # fmt: skip


@dataclass(slots=True)
class Context:
    """What the features of one block need besides its candidates."""

    scores: npt.NDArray[np.int16]
    signs: Signs
    host_scripts: Places
    unspaced_hosts: npt.NDArray[np.bool_]
    scale: float
    surprise: Matrix  # per core
    echoes: Matrix  # per core: how often it recurs on its page, the share of its words found elsewhere there


class Stretches:
    """Characters of many stretches, gathered once, to count kinds of them in each."""

    def __init__(self, start: Places, end: Places) -> None:
        length = np.maximum(end - start, 0)
        self._offsets = np.concatenate(([0], np.cumsum(length + 1)[:-1]))
        self.places = np.arange(int(length.sum()) + len(length)) + np.repeat(start - self._offsets, length + 1)
        # One place more than each stretch holds, never counted: reduceat cannot take an empty stretch.
        self._last = self._offsets + length

    def count(self, flags: npt.NDArray[np.bool_] | npt.NDArray[np.int16]) -> Places:
        """Return per stretch the sum of ``flags``, which are those of ``places``."""
        if not len(self._offsets):
            return np.zeros(0, np.int64)
        sums: Places = np.add.reduceat(flags, self._offsets, dtype=np.int64) - flags[self._last]
        return sums


def compute(block: Block, cores: Cores, candidates: Candidates, lines: Lines, context: Context) -> Matrix:
    """Return the feature matrix, one row a candidate, columns as :data:`NAMES`."""
    if not len(candidates):
        return np.zeros((0, len(NAMES)), np.float32)
    columns: dict[str, npt.NDArray[np.generic]] = {}
    classes = block.classes
    start, end, core = candidates.start, candidates.end, candidates.core
    page = block.page_of(start)
    begin, finish = lines.bounds(start)
    stretches = Stretches(start, end)
    _words(columns, block, candidates, cores, context, lines, stretches, page, begin, finish)
    _inside(columns, classes, stretches, start, end)
    _position(columns, block, lines, context.signs, page, start, end, begin, finish)
    _siblings(columns, block, lines, page, start, end, begin)
    _foreign(columns, block, lines, context, cores, candidates, stretches, page)
    gate = cores.gate[core]
    for name, bit in (
        ("words", WORDS), ("script", SCRIPT), ("marker", MARKER_SECOND),
        ("address", ADDRESS), ("brand", BRAND), ("lower", LOWER_START),
    ):  # fmt: skip
        columns[f"gate_{name}"] = gate == bit
    _seams(columns, classes, start, end, begin, finish)
    columns["repeats"], columns["token_elsewhere"] = context.echoes[core, 0], context.echoes[core, 1]
    columns["surprise"] = context.surprise[core]
    return np.stack([columns[name].astype(np.float32) for name in NAMES], axis=1)


def _words(
    columns: dict[str, npt.NDArray[np.generic]], block: Block, candidates: Candidates, cores: Cores, context: Context,
    lines: Lines, stretches: Stretches, page: Places, begin: Places, finish: Places,
) -> None:  # fmt: skip
    start, end = candidates.start, candidates.end
    unit, signs = context.scale, context.signs
    total = stretches.count(context.scores[stretches.places])
    columns["words_sum"] = total * unit
    columns["words_mean"] = total * unit / (end - start)
    edges = np.stack([cores.start, np.maximum(cores.end - 4, cores.start + 1)], axis=1).ravel()
    edges = np.minimum(edges, len(signs.sums) - 1)
    columns["words_peak"] = (np.maximum.reduceat(signs.sums, edges)[::2] * unit)[candidates.core]
    columns["words_left"] = _near(context.scores, start - 1, -1, begin, finish) * unit
    columns["words_right"] = _near(context.scores, end, 1, begin, finish) * unit

    def heat(left: Places, right: Places) -> Places:
        return np.searchsorted(signs.hot, right) - np.searchsorted(signs.hot, left)

    line_heat = heat(begin, finish)
    columns["words_line"] = line_heat - heat(start, end)
    first, last = block.first[page], block.last[page]
    columns["words_page"] = (heat(first, last) - line_heat) * 1000.0 / np.maximum(last - first, 200)
    columns["hot_cores_page"] = _per_page(block, cores.start[cores.gate == WORDS])[page]
    columns["embedded_page"] = _embedded(block, cores, lines, page, begin)


def _near(scores: npt.NDArray[np.int16], place: Places, step: int, begin: Places, finish: Places) -> Places:
    """Return the weight of the characters next to a seam, on its line."""
    places = place[:, None] + step * np.arange(_NEAR)
    inside = (places >= begin[:, None]) & (places < finish[:, None])
    weights = scores[np.clip(places, 0, len(scores) - 1)]
    sums: Places = (weights * inside).sum(axis=1, dtype=np.int64)
    return sums


def _per_page(block: Block, places: Places) -> Places:
    """Return how many of the places stand on each page."""
    return np.searchsorted(places, block.last) - np.searchsorted(places, block.first)


def _embedded(block: Block, cores: Cores, lines: Lines, page: Places, begin: Places) -> Places:
    """Return how many other lines' cores stand inside a sentence: on a page about the topic its words do."""
    classes = block.classes
    words = np.flatnonzero(cores.gate == WORDS)
    first = lines.words[np.maximum(np.searchsorted(lines.words, cores.start[words], "right") - 1, 0)]
    last = lines.words[np.minimum(np.searchsorted(lines.words, cores.end[words]), len(lines.words) - 1)]
    before = classes[first - 1 - (classes[first - 1] == BLANK)]
    after = classes[np.minimum(last + (classes[last] == BLANK), len(classes) - 1)]
    inside = cores.start[words[(before >= LETTER) & (after >= LETTER)]]
    core_begin = np.sort(lines.bounds(inside)[0])
    own = np.searchsorted(core_begin, begin, "right") - np.searchsorted(core_begin, begin)
    return np.minimum(_per_page(block, inside)[page] - own, 20)


def _inside(
    columns: dict[str, npt.NDArray[np.generic]], classes: npt.NDArray[np.uint8], stretches: Stretches,
    start: Places, end: Places,
) -> None:  # fmt: skip
    length = end - start
    within = classes[stretches.places]
    before = classes[stretches.places - 1]

    def count(*kinds: int) -> Places:
        return stretches.count(_flags(kinds)[within])

    columns["length"] = length
    columns["letters_share"] = stretches.count(within >= LETTER) / length
    columns["digits"] = count(DIGIT)
    columns["digits_glued"] = stretches.count((within == DIGIT) & (before >= LETTER))
    blanks = columns["blanks"] = count(BLANK)
    columns["uppercase"] = stretches.count((within >= LETTER) & (within & 1 == 1)) / (blanks + 1)
    columns["separators"] = count(SEPARATOR, MARKER)
    columns["clauses"] = count(CLAUSE)
    columns["stops_inside"] = count(STOP) - (classes[end - 1] == STOP)
    columns["quotes_inside"] = count(QUOTE, OPEN, CLOSE)
    columns["symbols"] = count(SYMBOL)
    columns["ends_stop"] = classes[end - 1] == STOP
    columns["ends_clause"] = classes[end - 1] == CLAUSE
    columns["starts_upper"] = (classes[start] >= LETTER) & (classes[start] & 1 == 1)
    columns["starts_lower"] = classes[start] == LETTER + 2 * LATIN


def _flags(kinds: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    table = np.zeros(256, np.bool_)
    table[list(kinds)] = True
    return table


_LISTED: Final = _flags((MARKER, DIGIT, OPEN))
_QUOTED: Final = _flags((QUOTE, OPEN))


def _position(
    columns: dict[str, npt.NDArray[np.generic]], block: Block, lines: Lines, signs: Signs, page: Places,
    start: Places, end: Places, begin: Places, finish: Places,
) -> None:  # fmt: skip
    first, last = block.first[page], block.last[page]
    full = lines.newlines[1:][np.diff(lines.newlines) > 1]  # ends of lines that hold something
    index = np.searchsorted(full, start) - np.searchsorted(full, first)
    columns["line_index"] = np.minimum(index, 30)
    columns["first_line"] = index == 0
    columns["page_lines"] = np.minimum(np.searchsorted(full, last + 1) - np.searchsorted(full, first), 60)
    columns["page_length"] = np.minimum(last - first, 4000)
    columns["position"] = (start - first) / np.maximum(last - first, 1)
    rest = (finish - begin) - (end - start)
    columns["line_length"] = np.minimum(finish - begin, 600)
    columns["line_rest"] = np.minimum(rest, 600)
    columns["whole_line"] = rest <= 1
    quotes = signs.marks[_QUOTED[signs.kinds]]
    outside = np.searchsorted(quotes, finish) - np.searchsorted(quotes, begin)
    columns["line_quotes"] = np.minimum(outside - np.searchsorted(quotes, end) + np.searchsorted(quotes, start), 8)


def _siblings(
    columns: dict[str, npt.NDArray[np.generic]], block: Block, lines: Lines, page: Places,
    start: Places, end: Places, begin: Places,
) -> None:  # fmt: skip
    """Tell the odd one out: the line whose rest opens as the lines around it open as a whole."""
    classes, newlines = block.classes, lines.newlines
    size = len(classes)
    after = np.minimum(end + (classes[end] == BLANK), size - 1)
    opener = np.minimum(classes[after], LETTER)
    line = np.searchsorted(newlines, begin)
    following = newlines[np.minimum(line, len(newlines) - 1)] + 1
    previous = newlines[np.maximum(line - 2, 0)] + 1
    prefix = (start - begin) <= 1
    for name, other in (("next", following), ("previous", previous)):
        alike = np.minimum(classes[np.minimum(other, size - 1)], LETTER) == opener
        columns[f"rest_like_{name}"] = prefix & alike & _LISTED[classes[after]]
    openers = newlines[:-1] + 1
    listed = openers[_LISTED[classes[openers]]]
    columns["listed_lines"] = np.minimum(_per_page(block, listed)[page], 20)


def _foreign(
    columns: dict[str, npt.NDArray[np.generic]], block: Block, lines: Lines, context: Context,
    cores: Cores, candidates: Candidates, stretches: Stretches, page: Places,
) -> None:  # fmt: skip
    classes = block.classes
    start, end = candidates.start, candidates.end
    foreign = context.signs.foreign
    within = classes[stretches.places]
    own = np.maximum(stretches.count(within >= LETTER), 1)
    inside = np.searchsorted(foreign, end) - np.searchsorted(foreign, start)
    columns["foreign_share"] = inside / own
    letters = block.last - block.first - _per_page(block, context.signs.marks)
    columns["foreign_elsewhere"] = (_per_page(block, foreign)[page] - inside) / np.maximum(letters[page] - own, 1)
    latin = stretches.count((within == LETTER) | (within == LETTER + 1)) / own
    columns["latin_in_host"] = np.where(context.host_scripts[page] != LATIN, latin, 0.0)
    columns["host_unspaced"] = context.unspaced_hosts[page]
    touched = lines.newlines[np.unique(np.searchsorted(lines.newlines, foreign)) - 1] + 1
    columns["foreign_lines"] = np.minimum(_per_page(block, touched)[page], 40)
    columns["foreign_runs"] = np.minimum(_per_page(block, cores.start[cores.gate == SCRIPT])[page], 40)
    columns["switch_left"] = _switches(classes, start - 1 - (classes[start - 1] == BLANK), start)
    columns["switch_right"] = _switches(classes, end - 1, end + (classes[end] == BLANK))


def _switches(classes: npt.NDArray[np.uint8], one: Places, other: Places) -> npt.NDArray[np.bool_]:
    a, b = classes[one], classes[np.minimum(other, len(classes) - 1)]
    found: npt.NDArray[np.bool_] = (a >= LETTER) & (b >= LETTER) & (script_of(a) != script_of(b))
    return found


def _seams(
    columns: dict[str, npt.NDArray[np.generic]], classes: npt.NDArray[np.uint8],
    start: Places, end: Places, begin: Places, finish: Places,
) -> None:  # fmt: skip
    """What stands before and after, blanks skipped: the grammar of the seam."""
    wordlike = is_wordlike(classes)
    blank_left = classes[start - 1] == BLANK
    before = classes[start - 1 - blank_left]
    before = np.where(start - blank_left <= begin, NEWLINE, before)
    kinds = np.select(
        [before == NEWLINE, before == STOP, before == CLAUSE, before == OPEN, before == QUOTE,
         (before == MARKER) | (before == SEPARATOR), (before >= LETTER) & blank_left, wordlike[start - 1]],
        [0, 1, 2, 5, 6, 7, 3, 4], 8,
    )  # fmt: skip
    for index, name in enumerate(LEFT_KINDS):
        columns[f"left_{name}"] = kinds == index
    blank_right = classes[end] == BLANK
    after = classes[np.minimum(end + blank_right, len(classes) - 1)]
    after = np.where(end + blank_right >= finish, NEWLINE, after)
    upper = (after >= LETTER) & (after & 1 == 1)
    ends = np.select(
        [after == NEWLINE, wordlike[end], after == MARKER, after == DIGIT, upper, after >= LETTER, after == CLOSE,
         after == QUOTE, after == STOP, after == CLAUSE, after == OPEN],
        [0, 5, 1, 4, 2, 3, 6, 7, 8, 9, 10], 11,
    )  # fmt: skip
    for index, name in enumerate(RIGHT_KINDS):
        columns[f"right_{name}"] = ends == index
    columns["blank_left"], columns["blank_right"] = blank_left, blank_right
    columns["naked"] = (kinds <= 1) & (ends <= 2) & (classes[end - 1] != STOP)
    columns["quoted_pair"] = ((kinds == 5) | (kinds == 6)) & ((ends == 6) | (ends == 7))
