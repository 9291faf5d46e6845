"""Features of what stands around a candidate: its place, its seams, quotations, the lines beside it."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner.alphabet import (
    BLANK,
    CASED_SMALL,
    CLAUSE,
    CLOSE,
    DIGIT,
    HAN,
    KANA,
    LETTER,
    MARKER,
    NEWLINE,
    OPEN,
    QUOTE,
    SEPARATOR,
    STOP,
    flags,
    is_wordlike,
)
from cleaner.boundaries import Lines
from cleaner.columns import LEFT_KINDS, RIGHT_KINDS, Columns
from cleaner.signs import Places, Signs, every_place
from cleaner.tally import kind_table, per_page
from cleaner.view import Block

_BESIDE: Final = np.arange(-4, 5)  # lines that stand near another one, itself among them
_LONGEST: Final = 120  # code points of an entry in a word list
_MOST_SWITCHES: Final = 3  # a word, the same in another script, a remark
_LISTED: Final = flags((MARKER, DIGIT, OPEN))
_QUOTED: Final = flags((QUOTE, OPEN))


def position(
    columns: Columns, block: Block, lines: Lines, signs: Signs, page: Places,
    start: Places, end: Places, begin: Places, finish: Places,
) -> None:  # fmt: skip
    """Set where the candidate stands on its page and line."""
    first, last = block.first[page], block.last[page]
    line, top, bottom = lines.filled.searchsorted((start, first, last + 1))
    index = line - top
    columns["line_index"] = np.minimum(index, 30)
    columns["first_line"] = index == 0
    columns["page_lines"] = np.minimum(bottom - top, 60)
    columns["page_length"] = np.minimum(last - first, 4000)
    columns["position"] = (start - first) / np.maximum(last - first, 1)
    rest = (finish - begin) - (end - start)
    columns["line_length"] = np.minimum(finish - begin, 600)
    columns["line_rest"] = np.minimum(rest, 600)
    columns["whole_line"] = rest <= 1
    quotes = signs.marks[_QUOTED[signs.kinds]]
    columns["in_quotes"] = _in_quotes(block, signs, begin, start)
    outside = quotes.searchsorted(finish) - quotes.searchsorted(begin)
    columns["line_quotes"] = np.minimum(outside - quotes.searchsorted(end) + quotes.searchsorted(start), 8)


def _in_quotes(block: Block, signs: Signs, begin: Places, start: Places) -> npt.NDArray[np.bool_]:
    """Return which stretches begin inside a quotation or bracket that opened on their line."""

    def before(kind: int, code: int = 0, other: int = 0) -> Places:
        places = signs.marks[signs.kinds == kind]
        codes = block.codes[places]
        chosen = places[codes == code] if code else places[codes != other]
        count: Places = chosen.searchsorted(start) - chosen.searchsorted(begin)
        return count

    # In German the left curly mark closes what a low one opened; a right single one is mostly an apostrophe.
    low, curly = before(OPEN, ord("„")), before(OPEN, ord("“"))
    depth = before(OPEN) - before(CLOSE, other=ord("’")) - 2 * np.where(low > 0, curly, 0)
    found: npt.NDArray[np.bool_] = (depth > 0) | (before(QUOTE, ord('"')) % 2 == 1)
    return found


def siblings(
    columns: Columns, block: Block, lines: Lines, page: Places,
    start: Places, end: Places, begin: Places,
) -> None:  # fmt: skip
    """Tell the odd one out: the line whose rest opens as the lines around it open as a whole."""
    classes, newlines = block.classes, lines.newlines
    size = len(classes)
    after = np.minimum(end + (classes[end] == BLANK), size - 1)
    opener = np.minimum(classes[after], LETTER)
    line = newlines.searchsorted(begin)
    following = newlines[np.minimum(line, len(newlines) - 1)] + 1
    previous = newlines[np.maximum(line - 2, 0)] + 1
    prefix = (start - begin) <= 1
    for name, other in (("next", following), ("previous", previous)):
        alike = np.minimum(classes[np.minimum(other, size - 1)], LETTER) == opener
        columns[f"rest_like_{name}"] = prefix & alike & _LISTED[classes[after]]
    openers = newlines[:-1] + 1
    listed = openers[_LISTED[classes[openers]]]
    columns["listed_lines"] = np.minimum(per_page(block, listed)[page], 20)


def parallels(columns: Columns, block: Block, lines: Lines, start: Places) -> None:
    """Tell word lists, lessons and menus: lines near the candidate's that hold a second script as it does."""
    full = lines.filled
    own, line = np.unique(full.searchsorted(start), return_inverse=True)
    near = own[:, None] + _BESIDE
    page = block.page_of(full[own])
    top, bottom = full.searchsorted((block.first[page], block.last[page] + 1))
    there = (near >= top[:, None]) & (near < bottom[:, None])
    asked = np.unique(near[there])
    twofold = _twofold(block.classes, *lines.bounds(full[asked]))
    alike = there & twofold[np.minimum(asked.searchsorted(near), len(asked) - 1)]
    columns["twofold_line"] = alike[line, len(_BESIDE) // 2]
    columns["twofold_near"] = alike.sum(axis=1)[line] - alike[line, len(_BESIDE) // 2]


def _twofold(classes: npt.NDArray[np.uint8], start: Places, end: Places) -> npt.NDArray[np.bool_]:
    """Return which lines are short and change their script, but a few times only."""
    short = np.flatnonzero(end - start <= _LONGEST)
    where = every_place(start[short], end[short])
    number = np.repeat(short, (end - start)[short])
    letters = classes[where] >= LETTER
    scripts, number = _WRITING[classes[where[letters]]], number[letters]
    switched = (scripts[1:] != scripts[:-1]) & (number[1:] == number[:-1])
    switches = np.bincount(number[1:][switched], minlength=len(start))
    found: npt.NDArray[np.bool_] = (switches >= 1) & (switches <= _MOST_SWITCHES)
    return found


def seams(columns: Columns, block: Block, start: Places, end: Places, begin: Places, finish: Places) -> None:
    """What stands before and after, blanks skipped: the grammar of the seam."""
    classes = block.classes
    left = classes[start - 1]
    blank_left = left == BLANK
    before = classes[start - 1 - blank_left]
    before[start - blank_left <= begin] = NEWLINE
    kinds = _LEFT[before]
    pausing = CASED_SMALL[classes[start]] & _pauses(block, start - 1 - blank_left)
    kinds[pausing & (kinds == LEFT_KINDS.index("sentence"))] = LEFT_KINDS.index("clause")
    kinds[~blank_left & is_wordlike(left) & (kinds != 0)] = LEFT_KINDS.index("glued")
    columns.one_hot("left_line", kinds, len(LEFT_KINDS))
    right = classes[end]
    blank_right = right == BLANK
    after = classes[np.minimum(end + blank_right, len(classes) - 1)]
    after[end + blank_right >= finish] = NEWLINE
    ends = _RIGHT[after]
    ends[is_wordlike(right) & (ends != 0)] = RIGHT_KINDS.index("glued")
    columns.one_hot("right_line", ends, len(RIGHT_KINDS))
    columns["blank_left"], columns["blank_right"] = blank_left, blank_right
    columns["naked"] = (kinds <= 1) & (ends <= 2) & (classes[end - 1] != STOP)
    columns["quoted_pair"] = ((kinds == 5) | (kinds == 6)) & ((ends == 6) | (ends == 7))


def _pauses(block: Block, places: Places) -> npt.NDArray[np.bool_]:
    """Return at which places an ellipsis stands; before a small letter it ends no sentence."""
    dots = (block.codes[places] == ord(".")) & (block.codes[places - 1] == ord("."))
    found: npt.NDArray[np.bool_] = dots | (block.codes[places] == ord("…"))
    return found


_WRITING: Final = np.arange(256) >> 1  # the script of a letter's class; Japanese mixes two of them
_WRITING[LETTER + 2 * KANA] = _WRITING[LETTER + 2 * HAN]
_SMALL: Final = tuple(range(LETTER, 256, 2))
_CAPITAL: Final = tuple(range(LETTER + 1, 256, 2))
_LEFT: Final = kind_table(
    LEFT_KINDS,
    {
        "line": (NEWLINE,), "sentence": (STOP,), "clause": (CLAUSE,), "open": (OPEN,), "quote": (QUOTE,),
        "marker": (MARKER, SEPARATOR), "word": _SMALL + _CAPITAL,
    },
)  # fmt: skip
_RIGHT: Final = kind_table(
    RIGHT_KINDS,
    {
        "line": (NEWLINE,), "marker": (MARKER,), "digit": (DIGIT,), "upper": _CAPITAL, "lower": _SMALL,
        "close": (CLOSE,), "quote": (QUOTE,), "stop": (STOP,), "clause": (CLAUSE,), "open": (OPEN,),
    },
)  # fmt: skip
