"""Candidates: for every core, the stretches around it that an injection may really cover.

The n-gram weights say roughly where the words are; where an injection begins and ends is decided by the
structure of the line. So each core gives the few sensible pairs of a start and an end (words, script
run, clause, sentence, line), and the judge picks among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner.alphabet import (
    BLANK,
)
from cleaner.boundaries import Lines, parts_nothing
from cleaner.gates import Cores
from cleaner.signs import Places
from cleaner.view import Block

_REACH: Final = 120  # characters from the middle of a core in which the words may end
_LONGEST: Final = 400  # characters of a candidate; real injections were seen up to about 350

# Start and end of a candidate, by the names of the boundaries below.
_PAIRS: Final = (
    ("word", "word"), ("token", "token"), ("line", "line"), ("run", "run"), ("clause", "clause"),
    ("sentence", "sentence"),
    ("line", "word"), ("line", "run"), ("line", "clause"), ("line", "sentence"), ("word", "line"),
    ("run", "line"), ("sentence", "word"), ("sentence", "clause"), ("word", "sentence"), ("clause", "word"),
    ("word", "clause"), ("clause", "sentence"), ("word", "word+"), ("word", "word-"), ("word+", "word"),
    ("word-", "word"), ("run", "word"), ("word", "run"), ("sentence", "run"), ("line", "word+"),
    ("line", "word-"), ("sentence", "word+"), ("sentence", "word-"), ("clause", "clause+"), ("line", "clause+"),
    ("sentence", "clause+"), ("core", "core"), ("sentence", "line"), ("clause", "line"), ("raw", "raw"),
    ("line", "raw"), ("sentence", "sentence2"), ("sentence", "sentence3"), ("line", "token"), ("clause", "token"),
    ("sentence", "token"), ("token", "line"), ("raw", "token"), ("token", "clause"),
    ("comma", "clause"), ("comma", "sentence-"), ("comma", "line"), ("sentence", "sentence-"), ("clause", "sentence-"),
    ("sentence>", "word"), ("sentence>", "sentence"), ("sentence>", "line"), ("clause>", "word"), ("clause>", "clause"),
    ("clause>", "line"), ("tight", "word"), ("tight", "clause"), ("tight", "line"), ("line", "capital"),
    ("line", "opening"), ("word", "opening"), ("sentence", "opening"), ("raw", "opening"), ("raw", "opening-"),
    ("line", "joint"), ("line", "joint-"), ("word", "joint-"),
    ("word", "capital"), ("sentence", "capital"), ("line", "switch"), ("run", "switch"), ("tight", "capital"),
    ("token>", "token"), ("token>", "clause"), ("token>", "line"),
)  # fmt: skip


@dataclass(slots=True)
class Candidates:
    """Stretches ``[start, end)`` of a block; ``core`` is the index of the core each comes from."""

    start: Places
    end: Places
    core: Places

    def __len__(self) -> int:
        return len(self.start)


def find_candidates(
    block: Block, scores: npt.NDArray[np.int16], cores: Cores, lines: Lines, only: Places
) -> Candidates:
    """Return the candidates of the cores numbered ``only``, each stretch once per core, in their order."""
    core_start, core_end = cores.start[only], cores.end[only]
    begin, finish = lines.bounds(core_start)
    middle = (core_start + core_end) // 2
    tight, right = _extent(scores, middle, begin, finish)
    left, right = np.minimum(tight, np.maximum(core_start, begin)), np.maximum(right, tight + 1)
    starts = _starts(lines, core_start, left, tight, begin)
    ends = _ends(lines, core_end, right, finish)
    start, may_start = _tidy(block, lines, starts, 0, begin, finish)
    end, may_end = _tidy(block, lines, ends, -1, begin, finish)
    may_start &= start <= middle
    may_end &= end > middle
    # Each boundary is looked at once; the pairs only put them together.
    one, other = [list(starts).index(name) for name, _ in _PAIRS], [list(ends).index(name) for _, name in _PAIRS]
    length = end[other] - start[one]
    keep = (may_start[one] & may_end[other] & (length >= 2) & (length <= _LONGEST)).nonzero()
    # The key says all: sorting the keys alone takes a tenth of the time of sorting places by them.
    key = np.sort((only[keep[1]] << 44) + (start[one][keep] << 12) + length[keep])
    key = key[np.diff(key, prepend=-1) > 0]
    found = (key >> 12) & 0xFFFFFFFF
    return Candidates(found, found + (key & 0xFFF), key >> 44)


def _extent(scores: npt.NDArray[np.int16], middle: Places, begin: Places, finish: Places) -> tuple[Places, Places]:
    """Return the stretch around ``middle`` with the largest weight, within the line."""
    # Where all lines are short there is no need to look far.
    steps = np.arange(min(_REACH, int((finish - begin).max(initial=1))))
    right = middle[:, None] + steps
    gained = np.where(right < finish[:, None], scores[np.minimum(right, len(scores) - 1)], -1)
    left = middle[:, None] - 1 - steps
    gained_left = np.where(left >= begin[:, None], scores[np.maximum(left, 0)], -1)
    best = gained.cumsum(axis=1, dtype=np.int32).argmax(axis=1) + 1
    sums = gained_left.cumsum(axis=1, dtype=np.int32)
    back = np.where(sums.max(axis=1) > 0, sums.argmax(axis=1) + 1, 0)
    return np.maximum(middle - back, begin), np.minimum(middle + best, finish)


def _starts(lines: Lines, core: Places, left: Places, tight: Places, begin: Places) -> dict[str, Places]:
    word, own_sentence = _at_or_before(lines.words, left), _at_or_before(lines.sentence_starts, tight)
    return {
        "raw": left,
        "core": core,
        "word": word,
        "word+": _at_or_before(lines.words, word - 1),
        "word-": _after(lines.words, word),
        "token": _at_or_before(lines.tokens, left),
        "token>": _after(lines.tokens, left),  # the value of a label
        "run": np.minimum(core, word),
        "clause": _at_or_before(lines.clause_starts, left),
        "sentence": _at_or_before(lines.sentence_starts, left),
        "line": begin,
        "tight": _at_or_after(lines.words, tight),
        "comma": np.maximum(_at_or_before(lines.commas, left), own_sentence),  # no clause reaches over a full stop
        "clause>": _at_or_after(lines.clause_starts, left),
        "sentence>": _at_or_after(lines.sentence_starts, left),
    }


def _ends(lines: Lines, core: Places, right: Places, finish: Places) -> dict[str, Places]:
    word = _at_or_after(lines.words, right)
    clause = _at_or_after(lines.clause_ends, right)
    sentence = _at_or_after(lines.sentence_ends, right)
    second = _at_or_after(lines.sentence_ends, sentence + 1)
    return {
        "raw": right,
        "core": core,
        "word": word,
        "word+": _at_or_after(lines.words, word + 2),
        "word-": _at_or_before(lines.words, word - 1),
        "token": _at_or_after(lines.tokens, right),
        "run": np.maximum(core, word),
        "clause": clause,
        "clause+": clause + 1,
        "sentence": sentence,
        "sentence-": sentence - 1,
        "capital": _at_or_after(lines.capitals, right),
        "switch": _at_or_after(lines.switches, right),
        "opening": _at_or_after(lines.openings, right),
        "joint": _at_or_after(lines.joints, right),
        "joint-": _at_or_before(lines.joints, right),
        "opening-": _at_or_before(lines.openings, right),
        "sentence2": second,
        "sentence3": _at_or_after(lines.sentence_ends, second + 1),
        "line": finish,
    }


def _tidy(
    block: Block, lines: Lines, places: dict[str, Places], before: int, begin: Places, finish: Places
) -> tuple[Places, npt.NDArray[np.bool_]]:
    """Return boundaries without the blanks beside them, and which part no word and no address; a row a name."""
    classes = block.classes
    tidied = np.minimum(np.maximum(np.array(list(places.values())), begin), finish)
    for _ in range(3):
        blank = classes[np.minimum(np.maximum(tidied + before, 0), len(classes) - 1)] == BLANK
        tidied = tidied - blank if before else tidied + blank
    return tidied, parts_nothing(block, lines, tidied)


def _at_or_before(sorted_places: Places, places: Places) -> Places:
    return sorted_places[np.maximum(sorted_places.searchsorted(places, "right") - 1, 0)]


def _at_or_after(sorted_places: Places, places: Places) -> Places:
    return sorted_places[np.minimum(sorted_places.searchsorted(places), len(sorted_places) - 1)]


def _after(sorted_places: Places, places: Places) -> Places:
    return _at_or_after(sorted_places, places + 1)
