"""Deciding: judged candidates become disjoint choices. Nothing here looks at the text again."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner.columns import NAMES, Matrix
from cleaner.detect import Findings
from cleaner.types import Action

_COLUMN: Final = {name: number for number, name in enumerate(NAMES)}
_STAKE: Final = 10.0  # host characters a cut may be expected to take: (1 - probability) x length
# How sure the judge has to be of a stretch around one it is sure of. That something was injected here is settled; what
# is left is where it ends. Chosen on generated documents: .5 finds no more, .9 cuts injections in part.
_AROUND: Final = 0.7
_WORD: Final = 14  # characters
# Of the places on pages of nothing but phrases half were hot (33 to 80 %), on clean pages 17 % at most, 28 % on those
# about spam.
_HOT_SHARE: Final = 0.75
_FEW: Final = 4  # lines; real infections touched at most five lines of a page, and a third of them
_MANY: Final = 6
_SHORT_LIST: Final = 3  # lines of two scripts
_PARALLEL: Final = 4  # of the eight lines around; of the lines of a list that was hit most were left alone


@dataclass(frozen=True, slots=True)
class Choice:
    """A candidate that was chosen: its number in the findings, its place, what to do with it, how sure that is."""

    number: int
    start: int
    end: int
    action: Action
    score: float


def choose(findings: Findings, threshold: float, review: float) -> list[Choice]:
    """Return disjoint choices in order of their start.

    Candidates whose probability to be free of host text reaches ``threshold``, and likely ones around these, are
    taken first, the most exact first; those from ``review`` on fill what room is left and are only reported.
    Ties go to the longer, then to the earlier one, so that the answer does not depend on the order of the
    candidates. The longer a candidate, the surer the judge has to be: what a cut may be expected to cost is
    bounded. And what stands where host text stands is only reported, however sure the judge is (:func:`in_doubt`).
    """
    start, end = findings.start, findings.end
    first = np.array(start)
    length = np.array(end) - first
    sound = ~in_doubt(findings.rows) & ((1.0 - findings.pure) * length <= _STAKE)
    scores = _certainty(findings, sound, threshold)
    surely = sound & (scores >= threshold)
    taken: list[Choice] = []  # always sorted by start
    passes: tuple[tuple[Action, npt.NDArray[np.bool_]], ...] = (
        ("remove", surely),
        ("review", (findings.pure >= review) & ~surely),
    )
    for action, chosen in passes:
        numbers = np.flatnonzero(chosen)
        for number in numbers[np.lexsort((first[numbers], -length[numbers], -findings.exact[numbers]))].tolist():
            place = bisect_left(taken, start[number], key=_start_of)
            before_is_over = place == 0 or taken[place - 1].end <= start[number]
            if before_is_over and (place == len(taken) or end[number] <= taken[place].start):
                taken.insert(place, Choice(number, start[number], end[number], action, float(scores[number])))
    return taken


def _certainty(findings: Findings, sound: npt.NDArray[np.bool_], threshold: float) -> npt.NDArray[np.float64]:
    """Return how sure it is that there is an injection: a likely candidate is as sure as the surest it holds."""
    scores = findings.pure.copy()
    sure = np.flatnonzero(sound & (scores >= threshold))
    if not len(sure):
        return scores
    start, end = np.array(findings.start), np.array(findings.end)
    sure = sure[np.argsort(start[sure], kind="stable")]
    starts = start[sure]
    for number in np.flatnonzero(sound & (scores >= _AROUND) & (scores < threshold)).tolist():
        held = sure[slice(*starts.searchsorted((start[number], end[number])).tolist())]
        scores[number] = findings.pure[held[end[held] <= end[number]]].max(initial=scores[number])
    return scores


def in_doubt(rows: Matrix) -> npt.NDArray[np.bool_]:
    """Return which candidates stand where legitimate mentions stand; those are left to a person.

    - in quotation marks or brackets: injections come with none (field surveys of infected pages);
    - between two words of a sentence in the page's own script, or a word and a figure, or after a word and with a
      small letter to the end of the line, unless it is a brand with digits;
    - in a second script that most lines of the page hold, or nearly all of a short one, or in a line of two scripts
      among such lines, or on a short page of little else: glossaries, lessons, menus, parallel text;
    - in another script and followed by a bracket: a name with its gloss;
    - an address on a line of its own: pages list their links so;
    - before a small letter that goes on in the same line: the sentence has not ended;
    - words none of which is promotional, in the page's own script, unless their form breaks the line's (a list
      marker in second place, a small letter between two sentences): their place alone tells too little;
    - a single word of a page written with blanks, without digits and no address: too little to tell.
    """

    def column(name: str) -> npt.NDArray[np.float32]:
        return rows[:, _COLUMN[name]]

    foreign = column("foreign_share") > 0.5
    quoted = column("in_quotes") > 0
    before_word = column("right_lower") + column("right_upper") + column("right_digit") > 0
    before_word |= (column("right_line") > 0) & (column("starts_lower") > 0)
    between_words = (column("left_word") > 0) & before_word & ~foreign & (column("gate_brand") == 0)
    listed_link = (column("gate_address") > 0) & (column("whole_line") > 0)
    touched = column("foreign_lines")
    lines = column("page_lines")
    bilingual = foreign & (touched >= _FEW) & (touched >= np.where(touched >= _MANY, 0.5, 0.9) * lines)
    twofold = column("twofold_line") + column("twofold_near")
    bilingual |= (column("twofold_line") > 0) & (twofold > _PARALLEL)
    bilingual |= (twofold >= _SHORT_LIST) & (twofold >= 0.75 * lines)
    glossed = foreign & (column("right_open") > 0) & (column("blank_right") + column("left_line") > 0)
    unfinished = (column("goes_on") > 0) & (column("ends_stop") + column("ends_clause") == 0)
    unfinished &= ~foreign & (column("gate_brand") + column("gate_address") == 0)
    structural = column("gate_brand") + column("gate_address") + column("gate_marker") + column("gate_lower") > 0
    ordinary = (column("words_hot") == 0) & ~foreign & ~structural
    plain = (column("digits") == 0) & (column("gate_address") == 0) & (column("host_unspaced") == 0) & ~foreign
    one_word = plain & (column("blanks") == 0) & (column("length") <= _WORD) & (column("separators") == 0)
    glossed &= column("gate_marker") == 0
    found: npt.NDArray[np.bool_] = (
        one_word | listed_link | quoted | between_words | unfinished | ordinary | bilingual | glossed
    )
    return found


def _start_of(choice: Choice) -> int:
    return choice.start


def is_spam_page(text: str, found: Sequence[tuple[int, int]], hot: int, share: float, least: int = 300) -> bool:
    """Return whether what was found is the page rather than in it: a ``share`` of its characters.

    ``found`` are spans, ``hot`` counts the places where promotional words begin: on a page of nothing else no place
    breaks the form of the text, and the judge, who looks for such breaks, sees little. ``least`` code points: a
    short text that is one phrase is an infected field, not a page.
    """
    size = len(text.strip())
    if len(text) < least:
        return False
    covered = sum(end - start for start, end in found)
    # With a share of 1 everything may go, so that words alone make no page a spam page.
    return (covered > 0 and covered >= share * size) or (share < 1.0 and hot >= _HOT_SHARE * share * size > 0)
