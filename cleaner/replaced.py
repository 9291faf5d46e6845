"""Find-and-replace: a noun of the host that was exchanged for a product throughout a page.

Nothing can be cut there without a hole, and the noun is lost; so the places are only reported. The sign is
one and the same promotional phrase inside several sentences of a page that holds no other promotional words:
on pages *about* the product the words vary.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Final

import numpy as np

from cleaner.ngrams import WINDOW
from cleaner.signs import Signs
from cleaner.view import Block

_OFTEN: Final = 3  # places of a page
_SHARE: Final = 0.8  # of the promotional places that must hold the phrase
_INSIDE: Final = 0.6  # of the phrase's places that must stand between words
_SHORTEST: Final = 3  # characters
_LONGEST: Final = 32
_MOST: Final = 40  # promotional places; with more the page is spam or about the topic

Range = tuple[int, int]


def hot_places(block: Block, signs: Signs) -> Iterator[tuple[int, list[Range]]]:
    """Yield the pages with several promotional places, with these as ranges of the page's text."""
    if len(signs.hot) < _OFTEN:
        return
    breaks = (signs.hot[1:] - signs.hot[:-1] > WINDOW).nonzero()[0] + 1
    if len(breaks) + 1 < _OFTEN:
        return
    first = signs.hot[[0, *breaks.tolist()]]
    last = signs.hot[[*(breaks - 1).tolist(), -1]] + WINDOW
    page = block.page_of(first + WINDOW - 1)  # a window may begin on the line ends before its page
    first, last = np.maximum(first, block.first[page]), np.minimum(last, block.last[page])
    edges = np.flatnonzero(np.diff(page, prepend=-1, append=-1)).tolist()
    for start, stop in pairwise(edges):
        if _OFTEN <= stop - start <= _MOST:
            number = int(page[start])
            yield number, list(zip(*block.to_source(number, first[start:stop], last[start:stop]), strict=True))


def find_replaced(text: str, places: Sequence[Range]) -> list[Range]:
    """Return where the phrase that was put in stands in ``text``; ``places`` are its promotional ranges.

    >>> text = "Two 代孕妈妈 waited. The 代孕妈妈 had a ticket, and the other 代孕妈妈 went home."
    >>> [text[start:end] for start, end in find_replaced(text, [(4, 8), (21, 25), (54, 58)])]
    ['代孕妈妈', '代孕妈妈', '代孕妈妈']
    """
    phrase = _shared([text[max(0, start) : end].lower() for start, end in places])
    if len(phrase) < _SHORTEST:
        return []
    lowered = text.lower()
    if len(lowered) != len(text):
        return []
    found: list[Range] = []
    at = lowered.find(phrase)
    while at >= 0:
        found.append((at, at + len(phrase)))
        at = lowered.find(phrase, at + len(phrase))
    inside = sum(_between_words(text, start, end) for start, end in found)
    return found if len(found) >= _OFTEN and inside >= _INSIDE * len(found) else []


def _shared(parts: Sequence[str]) -> str:
    """Return the longest phrase that nearly all parts hold."""
    least = max(_OFTEN, _SHARE * len(parts))
    # Most pages end here: not even as many letters as the shortest phrase has are shared. What so many parts hold
    # stands in one of the first few; else too many would be without it.
    few = parts[: len(parts) - math.ceil(least) + 1]
    letters = {part[start : start + _SHORTEST] for part in few for start in range(len(part) - _SHORTEST + 1)}
    if not any(sum(some in part for part in parts) >= least for some in letters):
        return ""
    counts = Counter(chain.from_iterable(set(_phrases(part)) for part in parts))
    often = [phrase for phrase, count in counts.items() if count >= least]
    return max(often, key=lambda phrase: (len(phrase), phrase), default="")


def _phrases(part: str) -> Iterator[str]:
    """Yield what a phrase may be: runs of words, or of letters where no blanks part words."""
    for start in range(len(part)):
        if start and _joined(part[start - 1], part[start]):
            continue
        for end in range(start + _SHORTEST, min(len(part), start + _LONGEST) + 1):
            if end < len(part) and _joined(part[end - 1], part[end]):
                continue
            phrase = part[start:end]
            if phrase[0].isalnum() and phrase[-1].isalnum():
                yield phrase


def _joined(one: str, other: str) -> bool:
    """Return whether two characters are of one word: letters of a script that has blanks between its words."""
    return one.isalnum() and other.isalnum() and ord(one) < 0x0E00 and ord(other) < 0x0E00


def _between_words(text: str, start: int, end: int) -> bool:
    """Return whether words of the same sentence stand on both sides."""
    before, after = text[:start].rstrip(" ")[-1:], text[end : end + 2].lstrip(" ")[:1]
    return before.isalnum() and (after.isalnum() or after in ",，、")
