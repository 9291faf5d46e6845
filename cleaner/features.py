"""Named features of a candidate in its context: what separates the injected from the legitimate.

Every feature is computed for all candidates of a block at once, from whole-number counts, so it does not
depend on what else is in the batch. :data:`NAMES` is the contract between training and the judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cleaner.alphabet import (
    BLANK,
    CLAUSE,
    CLOSE,
    CYRILLIC,
    DIGIT,
    GREEK,
    LATIN,
    LETTER,
    MARKER,
    NEWLINE,
    OPEN,
    QUOTE,
    SEPARATOR,
    STOP,
    SYMBOL,
    flags,
    is_wordlike,
    script_of,
)
from cleaner.gates import (
    ADDRESS,
    BRAND,
    LOWER_START,
    MARKER_SECOND,
    OPENING,
    SCRIPT,
    SEAM,
    SHORT_LINE,
    WORDS,
    Cores,
    Places,
    Signs,
    warmest,
)
from cleaner.ngrams import WINDOW
from cleaner.openings import UNIT, Openings
from cleaner.propose import Candidates, Lines
from cleaner.tally import Stretches, kind_table, near, per_page
from cleaner.view import Block

Matrix = npt.NDArray[np.float32]


LEFT_KINDS: Final = ("line", "sentence", "clause", "word", "glued", "open", "quote", "marker", "other")
RIGHT_KINDS: Final = (
    "line", "marker", "upper", "lower", "digit", "glued", "close", "quote", "stop", "clause", "open", "other",
)  # fmt: skip

NAMES: Final = (
    "words_sum", "words_mean", "words_peak", "words_left", "words_right", "words_line", "words_page",
    "hot_cores_page", "embedded_page", "length", "letters_share", "digits", "digits_glued", "blanks", "uppercase",
    "separators", "clauses", "stops_inside", "quotes_inside", "symbols", "ends_stop", "ends_clause", "starts_upper",
    "starts_lower", "first_line", "line_index", "page_lines", "page_length", "whole_line", "line_length", "line_rest",
    "position", "rest_like_next", "rest_like_previous", "listed_lines",
    "foreign_share", "foreign_elsewhere", "foreign_lines", "foreign_runs", "latin_in_host", "host_unspaced",
    "switch_left", "switch_right", "surprise",
    "gate_words", "gate_script", "gate_marker", "gate_address", "gate_brand", "gate_lower", "gate_seam", "gate_short",
    "goes_on", "opens_here", "opens_right", "opens_inside", "words_contrast", "words_hot",
    "naked", "quoted_pair", "repeats", "token_elsewhere", "line_quotes", "in_quotes", "blank_left", "blank_right",
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
    openings: Openings
    surprise: Matrix  # per core
    echoes: Matrix  # per core: how often it recurs on its page, the share of its words found elsewhere there


class Columns:
    """The features being computed, by name; a row of ``rows`` each."""

    def __init__(self, size: int) -> None:
        self.rows = np.empty((len(NAMES), size), np.float32)

    def __setitem__(self, name: str, values: npt.NDArray[Any]) -> None:
        self.rows[_ROW[name]] = values

    def one_hot(self, first: str, kinds: npt.NDArray[np.uint8], count: int) -> None:
        """Set ``count`` columns from ``first`` on: which kind each value is."""
        row = _ROW[first]
        self.rows[row : row + count] = kinds == np.arange(count, dtype=np.uint8)[:, None]


_ROW: Final = {name: row for row, name in enumerate(NAMES)}


def compute(block: Block, cores: Cores, candidates: Candidates, lines: Lines, context: Context) -> Matrix:
    """Return the feature matrix, one row a candidate, columns as :data:`NAMES`."""
    if not len(candidates):
        return np.zeros((0, len(NAMES)), np.float32)
    columns = Columns(len(candidates))
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
        ("address", ADDRESS), ("brand", BRAND), ("lower", LOWER_START), ("seam", SEAM), ("short", SHORT_LINE),
    ):  # fmt: skip
        columns[f"gate_{name}"] = gate == bit
    _seams(columns, classes, start, end, begin, finish)
    _opens(columns, block, context.openings, stretches, start, end, finish)
    columns["repeats"], columns["token_elsewhere"] = context.echoes[core, 0], context.echoes[core, 1]
    columns["surprise"] = context.surprise[core]
    return np.ascontiguousarray(columns.rows.T)


def _words(
    columns: Columns, block: Block, candidates: Candidates, cores: Cores, context: Context,
    lines: Lines, stretches: Stretches, page: Places, begin: Places, finish: Places,
) -> None:  # fmt: skip
    start, end = candidates.start, candidates.end
    unit, signs = context.scale, context.signs
    total = stretches.count(context.scores[stretches.places])
    columns["words_sum"] = total * unit
    columns["words_mean"] = total * unit / (end - start)
    columns["words_peak"] = (warmest(signs, cores.start, cores.end) * unit)[candidates.core]
    columns["words_left"] = near(context.scores, start - 1, -1, begin, finish) * unit
    columns["words_right"] = near(context.scores, end, 1, begin, finish) * unit

    def heat(left: Places, right: Places) -> Places:
        return signs.hot.searchsorted(right) - signs.hot.searchsorted(left)

    line_heat = heat(begin, finish)
    columns["words_line"] = line_heat - heat(start, end)
    first, last = block.first[page], block.last[page]
    columns["words_page"] = (heat(first, last) - line_heat) * 1000.0 / np.maximum(last - first, 200)
    columns["words_hot"] = heat(start, end) / (end - start)
    columns["words_contrast"] = (total / (end - start) - signs.usual[page] / WINDOW) * unit
    columns["hot_cores_page"] = per_page(block, cores.start[cores.gate == WORDS])[page]
    columns["embedded_page"] = _embedded(block, cores, lines, page, begin)


def _opens(
    columns: Columns, block: Block, openings: Openings, stretches: Stretches,
    start: Places, end: Places, finish: Places,
) -> None:  # fmt: skip
    """How like the beginning of a sentence the candidate, what follows it, and some word inside it read."""
    classes = block.classes
    after = np.minimum(end + (classes[end] == BLANK), finish)
    columns["opens_here"] = openings.at(block, start) * UNIT
    columns["goes_on"] = (after > end) & _CASED_SMALL[classes[after]]
    columns["opens_right"] = openings.at(block, after) * UNIT
    places = stretches.places
    inner = (classes[places - 1] == BLANK) & OPENING[classes[places]]
    values = np.full(len(places), -128, np.int16)
    values[inner] = openings.at(block, places[inner])
    columns["opens_inside"] = stretches.most(values) * UNIT


def _embedded(block: Block, cores: Cores, lines: Lines, page: Places, begin: Places) -> Places:
    """Return how many other lines' cores stand inside a sentence: on a page about the topic its words do."""
    classes = block.classes
    words = np.flatnonzero(cores.gate == WORDS)
    first = lines.words[np.maximum(lines.words.searchsorted(cores.start[words], "right") - 1, 0)]
    last = lines.words[np.minimum(lines.words.searchsorted(cores.end[words]), len(lines.words) - 1)]
    before = classes[first - 1 - (classes[first - 1] == BLANK)]
    after = classes[np.minimum(last + (classes[last] == BLANK), len(classes) - 1)]
    inside = cores.start[words[(before >= LETTER) & (after >= LETTER)]]
    core_begin = np.sort(lines.bounds(inside)[0])
    own = core_begin.searchsorted(begin, "right") - core_begin.searchsorted(begin)
    return np.minimum(per_page(block, inside)[page] - own, 20)


def _inside(
    columns: Columns, classes: npt.NDArray[np.uint8], stretches: Stretches,
    start: Places, end: Places,
) -> None:  # fmt: skip
    length = end - start
    within = classes[stretches.places]
    before = classes[stretches.places - 1]

    def count(flags: npt.NDArray[np.bool_]) -> Places:
        return stretches.count(flags[within])

    columns["length"] = length
    columns["letters_share"] = stretches.count(within >= LETTER) / length
    columns["digits"] = stretches.count(within == DIGIT)
    columns["digits_glued"] = stretches.count((within == DIGIT) & (before >= LETTER))
    blanks = stretches.count(within == BLANK)
    columns["blanks"] = blanks
    columns["uppercase"] = stretches.count((within >= LETTER) & (within & 1 == 1)) / (blanks + 1)
    columns["separators"] = count(_JOINING)
    columns["clauses"] = stretches.count(within == CLAUSE)
    columns["stops_inside"] = stretches.count(within == STOP) - (classes[end - 1] == STOP)
    columns["quotes_inside"] = count(_QUOTING)
    columns["symbols"] = stretches.count(within == SYMBOL)
    columns["ends_stop"] = classes[end - 1] == STOP
    columns["ends_clause"] = classes[end - 1] == CLAUSE
    columns["starts_upper"] = (classes[start] >= LETTER) & (classes[start] & 1 == 1)
    columns["starts_lower"] = classes[start] == LETTER + 2 * LATIN


_JOINING: Final = flags((SEPARATOR, MARKER))
_QUOTING: Final = flags((QUOTE, OPEN, CLOSE))
_LISTED: Final = flags((MARKER, DIGIT, OPEN))
_QUOTED: Final = flags((QUOTE, OPEN))


def _position(
    columns: Columns, block: Block, lines: Lines, signs: Signs, page: Places,
    start: Places, end: Places, begin: Places, finish: Places,
) -> None:  # fmt: skip
    first, last = block.first[page], block.last[page]
    full = lines.newlines[1:][np.diff(lines.newlines) > 1]  # ends of lines that hold something
    index = full.searchsorted(start) - full.searchsorted(first)
    columns["line_index"] = np.minimum(index, 30)
    columns["first_line"] = index == 0
    columns["page_lines"] = np.minimum(full.searchsorted(last + 1) - full.searchsorted(first), 60)
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


def _siblings(
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


def _foreign(
    columns: Columns, block: Block, lines: Lines, context: Context,
    cores: Cores, candidates: Candidates, stretches: Stretches, page: Places,
) -> None:  # fmt: skip
    classes = block.classes
    start, end = candidates.start, candidates.end
    foreign = context.signs.foreign
    within = classes[stretches.places]
    own = np.maximum(stretches.count(within >= LETTER), 1)
    inside = foreign.searchsorted(end) - foreign.searchsorted(start)
    columns["foreign_share"] = inside / own
    letters = block.last - block.first - per_page(block, context.signs.marks)
    columns["foreign_elsewhere"] = (per_page(block, foreign)[page] - inside) / np.maximum(letters[page] - own, 1)
    latin = stretches.count((within == LETTER) | (within == LETTER + 1)) / own
    columns["latin_in_host"] = np.where(context.host_scripts[page] != LATIN, latin, 0.0)
    columns["host_unspaced"] = context.unspaced_hosts[page]
    touched = lines.newlines[np.unique(lines.newlines.searchsorted(foreign)) - 1] + 1
    columns["foreign_lines"] = np.minimum(per_page(block, touched)[page], 40)
    columns["foreign_runs"] = np.minimum(per_page(block, cores.start[cores.gate == SCRIPT])[page], 40)
    columns["switch_left"] = _switches(classes, start - 1 - (classes[start - 1] == BLANK), start)
    columns["switch_right"] = _switches(classes, end - 1, end + (classes[end] == BLANK))


def _switches(classes: npt.NDArray[np.uint8], one: Places, other: Places) -> npt.NDArray[np.bool_]:
    a, b = classes[one], classes[np.minimum(other, len(classes) - 1)]
    found: npt.NDArray[np.bool_] = (a >= LETTER) & (b >= LETTER) & (script_of(a) != script_of(b))
    return found


def _seams(
    columns: Columns, classes: npt.NDArray[np.uint8],
    start: Places, end: Places, begin: Places, finish: Places,
) -> None:  # fmt: skip
    """What stands before and after, blanks skipped: the grammar of the seam."""
    left = classes[start - 1]
    blank_left = left == BLANK
    before = classes[start - 1 - blank_left]
    before[start - blank_left <= begin] = NEWLINE
    kinds = _LEFT[before]
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


_CASED_SMALL: Final = flags(tuple(LETTER + 2 * script for script in (LATIN, CYRILLIC, GREEK)))
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
