"""Named features of a candidate in its context: what separates the injected from the legitimate.

Every feature is computed for all candidates of a block at once, from whole-number counts, so it does not
depend on what else is in the batch. Their names stand in :mod:`cleaner.columns`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cleaner import surroundings
from cleaner.alphabet import (
    BLANK,
    CASED_SMALL,
    CLAUSE,
    CLOSE,
    DIGIT,
    LATIN,
    LETTER,
    MARKER,
    OPEN,
    QUOTE,
    SEPARATOR,
    STOP,
    SYMBOL,
    flags,
    script_of,
)
from cleaner.boundaries import Lines
from cleaner.columns import NAMES, Columns, Matrix
from cleaner.gates import (
    ADDRESS,
    BRAND,
    LOWER_START,
    MARKER_SECOND,
    SCRIPT,
    SEAM,
    SHORT_LINE,
    WORDS,
    Cores,
)
from cleaner.ngrams import WINDOW
from cleaner.openings import UNIT, Openings
from cleaner.propose import Candidates
from cleaner.shapes import OPENING
from cleaner.signs import Places, Signs, warmest
from cleaner.tally import Stretches, count_in, per_page
from cleaner.view import Block

_NEAR: Final = 8  # characters on either side of a candidate's bounds that are looked at
_FAR: Final = 24


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
    surroundings.position(columns, block, lines, context.signs, page, start, end, begin, finish)
    surroundings.siblings(columns, block, lines, page, start, end, begin)
    surroundings.parallels(columns, block, lines, start)
    _foreign(columns, block, lines, context, cores, candidates, stretches, page)
    gate = cores.gate[core]
    for name, bit in (
        ("words", WORDS), ("script", SCRIPT), ("marker", MARKER_SECOND),
        ("address", ADDRESS), ("brand", BRAND), ("lower", LOWER_START), ("seam", SEAM), ("short", SHORT_LINE),
    ):  # fmt: skip
        columns[f"gate_{name}"] = gate == bit
    surroundings.seams(columns, block, start, end, begin, finish)
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
    running = np.zeros(len(context.scores) + 1, np.int32)
    np.cumsum(context.scores, out=running[1:])

    def weight(first: Places, last: Places) -> npt.NDArray[np.floating[Any]]:
        return (running[last] - running[first]) * unit

    total = running[end] - running[start]
    columns["words_sum"] = total * unit
    columns["words_mean"] = total * unit / (end - start)
    columns["words_peak"] = (warmest(signs, cores.start, cores.end) * unit)[candidates.core]
    columns["words_left"] = weight(np.maximum(start - _NEAR, begin), start)
    columns["words_right"] = weight(end, np.minimum(end + _NEAR, finish))
    # A candidate that goes on into the host ends in cold words; one that is cut short has hot ones beside it.
    columns["words_first"] = weight(start, np.minimum(start + _FAR, end))
    columns["words_last"] = weight(np.maximum(end - _FAR, start), end)
    columns["words_coldest"] = stretches.coldest(context.scores[stretches.places], _FAR) * unit
    columns["words_before"] = weight(np.maximum(start - _FAR, begin), start)
    columns["words_after"] = weight(end, np.minimum(end + _FAR, finish))

    own_heat, line_heat = count_in(signs.hot, start, end), count_in(signs.hot, begin, finish)
    columns["words_line"] = line_heat - own_heat
    first, last = block.first[page], block.last[page]
    columns["words_page"] = (count_in(signs.hot, first, last) - line_heat) * 1000.0 / np.maximum(last - first, 200)
    columns["words_hot"] = own_heat / (end - start)
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
    columns["goes_on"] = (after > end) & CASED_SMALL[classes[after]]
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


def _foreign(
    columns: Columns, block: Block, lines: Lines, context: Context,
    cores: Cores, candidates: Candidates, stretches: Stretches, page: Places,
) -> None:  # fmt: skip
    classes = block.classes
    start, end = candidates.start, candidates.end
    foreign = context.signs.foreign
    within = classes[stretches.places]
    own = np.maximum(stretches.count(within >= LETTER), 1)
    inside = count_in(foreign, start, end)
    columns["foreign_share"] = inside / own
    letters = block.last - block.first - per_page(block, context.signs.marks)
    columns["foreign_elsewhere"] = (per_page(block, foreign)[page] - inside) / np.maximum(letters[page] - own, 1)
    latin = stretches.count((within == LETTER) | (within == LETTER + 1)) / own
    columns["latin_in_host"] = np.where(context.host_scripts[page] != LATIN, latin, 0.0)
    columns["host_unspaced"] = context.unspaced_hosts[page]
    touched = lines.newlines[np.unique(lines.newlines.searchsorted(foreign)) - 1] + 1
    columns["foreign_lines"] = np.minimum(per_page(block, touched)[page], 40)
    columns["foreign_runs"] = np.minimum(per_page(block, cores.start[cores.gate == SCRIPT])[page], 40)
    columns["switches_inside"] = count_in(lines.switches, start + 1, end)
    columns["switch_left"] = _switches(classes, start - 1 - (classes[start - 1] == BLANK), start)
    columns["switch_right"] = _switches(classes, end - 1, end + (classes[end] == BLANK))


def _switches(classes: npt.NDArray[np.uint8], one: Places, other: Places) -> npt.NDArray[np.bool_]:
    a, b = classes[one], classes[np.minimum(other, len(classes) - 1)]
    found: npt.NDArray[np.bool_] = (a >= LETTER) & (b >= LETTER) & (script_of(a) != script_of(b))
    return found
