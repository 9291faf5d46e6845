"""Finding known phrases in texts: exact but for width, case, blanks and zero-width characters, by hash lookup.

The time does not depend on how many phrases there are: a look-up of the first characters passes over nearly
all places, the hash of a whole phrase over nearly all of the rest, and what is left is compared.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner.alphabet import IGNORABLE, UNSPACED_LETTER
from cleaner.keys import normalise
from cleaner.ngrams import hash_codes

HEAD: Final = 4  # characters, blanks not counted, that a phrase has at least
_BITS: Final = 20
_SHIFT: Final = np.uint64(64 - _BITS)
_WHOLE_SHIFT: Final = np.uint64(64 - _BITS - 2)  # 4 MB: at 100,000 phrases one look-up in 40 is in vain
_BASE: Final = 0x9E3779B97F4A7C15  # any odd number; 2**64 / golden ratio mixes well
_INVERSE: Final = pow(_BASE, -1, 2**64)
_CHUNK: Final = 1 << 18  # characters hashed at a time: bounds the temporaries to some 20 MB
_GLUED: Final = 6  # characters from which a Chinese, Japanese or Thai phrase may be glued to a word on one side
_QUOTES: Final = frozenset("\"'`“”„‟‘’‚«»‹›「」『』《》〈〉【】〝〞（）()[]{}")

Hashes = npt.NDArray[np.uint64]
_FIRST: Final = np.zeros(1, np.int64)


class Phrases:
    """A set of phrases to look for. Phrases of fewer than :data:`HEAD` characters are left out.

    ``classes`` and ``fold`` are the model's tables. Not changed after it is made; thread-safe.
    """

    def __init__(self, phrases: Iterable[str], classes: npt.NDArray[np.uint8], fold: npt.NDArray[np.uint32]) -> None:
        self._seen = classes > IGNORABLE  # neither blanks nor line ends nor zero width
        self._mixed = hash_codes(fold).astype(np.uint64)
        known: dict[int, set[int]] = defaultdict(set)
        self._heads = np.zeros(1 << _BITS, np.bool_)
        self._wholes = np.zeros(1 << (_BITS + 2), np.bool_)
        for phrase in phrases:
            stretches = _Stretches(self._hashes(phrase)[0])
            if len(stretches) >= HEAD:
                self._heads[stretches.hashes(_FIRST, HEAD) >> _SHIFT] = True
                whole = stretches.hashes(_FIRST, len(stretches))
                self._wholes[whole >> _WHOLE_SHIFT] = True
                known[len(stretches)].add(int(whole[0]))
        self._known = {length: np.array(sorted(some), np.uint64) for length, some in sorted(known.items())}
        self._longest = max(known, default=0)

    def __bool__(self) -> bool:
        return bool(self._known)

    def find(self, texts: Sequence[str]) -> Iterator[tuple[int, int, int, str]]:
        """Yield ``(number of the text, start, end, normalised stretch)`` wherever a phrase may stand.

        Two different phrases of one hash cannot be told apart here; the caller looks the stretch up.
        Where several begin at one place all are given.
        """
        joined = "".join(texts)
        last = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
        for begin in range(0, len(joined), _CHUNK):
            # As much again as the longest phrase, some blanks in it; it is found from the chunk it begins in.
            part = joined[begin : begin + _CHUNK + 2 * self._longest]
            hashes, places = self._hashes(part)
            limit = int(places.searchsorted(_CHUNK))
            for first, length in self._found(_Stretches(hashes), limit):
                start, end = begin + int(places[first]), begin + int(places[first + length - 1]) + 1
                number = int(last.searchsorted(start, "right"))
                if end <= last[number]:
                    offset = int(last[number]) - len(texts[number])
                    yield number, start - offset, end - offset, normalise(joined[start:end])

    def _found(self, stretches: _Stretches, limit: int) -> Iterator[tuple[int, int]]:
        """Yield the place and length of every stretch, beginning before ``limit``, with the hash of a phrase."""
        places = np.arange(max(0, min(limit, len(stretches) - HEAD + 1)))
        places = places[self._heads[stretches.hashes(places, HEAD) >> _SHIFT]]
        for length, known in self._known.items():
            some = places[: places.searchsorted(len(stretches) - length, "right")]
            wholes = stretches.hashes(some, length)
            likely = np.flatnonzero(self._wholes[wholes >> _WHOLE_SHIFT])
            for place in some[likely[np.isin(wholes[likely], known)]].tolist():
                yield place, length

    def _hashes(self, text: str) -> tuple[Hashes, npt.NDArray[np.int64]]:
        """Return the hashes of the characters that count, and where they stand."""
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        codes = np.minimum(codes, len(self._seen) - 1)
        places = np.flatnonzero(self._seen[codes])
        return self._mixed[codes[places]], places


def is_whole(text: str, start: int, end: int, classes: npt.NDArray[np.uint8]) -> bool:
    """Return whether a stretch stands in its text as a phrase of its own.

    It parts no word, nothing is quoted or in brackets right there; in scripts without blanks between words
    (where any two letters may part words) one side may be glued if the other is free and the phrase is long.
    """
    if start > 0 and end < len(text) and text[start - 1] in _QUOTES and text[end] in _QUOTES:
        return False
    sides = (_side(text, start - 1, start, classes), _side(text, end, end - 1, classes))
    return sides == ("free", "free") or ("parts" not in sides and "free" in sides and end - start >= _GLUED)


def _side(text: str, outside: int, inside: int, classes: npt.NDArray[np.uint8]) -> str:
    """Return ``free``, ``glued`` (two letters of a script without blanks) or ``parts`` (a word)."""
    if not 0 <= outside < len(text) or not _is_wordlike(text[outside]) or not _is_wordlike(text[inside]):
        return "free"
    unspaced = [is_unspaced(text[place], classes) for place in (outside, inside)]
    if all(unspaced):
        return "glued"
    return "free" if any(unspaced) else "parts"


def is_unspaced(character: str, classes: npt.NDArray[np.uint8]) -> bool:
    """Return whether a character is a letter of a script without blanks between words."""
    return bool(UNSPACED_LETTER[classes[min(ord(character), len(classes) - 1)]])


def _is_wordlike(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM"


class _Stretches:
    """The polynomial hash, modulo 2**64, of any stretch of characters, from sums over their beginnings."""

    def __init__(self, hashes: Hashes) -> None:
        size = len(hashes)
        sums = np.cumsum(hashes * _powers(_BASE, size), dtype=np.uint64)
        self._sums = np.concatenate((np.zeros(1, np.uint64), sums))
        self._shifts = _powers(_INVERSE, size)  # back to the first place: the same stretch, the same hash

    def __len__(self) -> int:
        return len(self._shifts)

    def hashes(self, places: npt.NDArray[np.int64], length: int) -> Hashes:
        """Return the hash of the ``length`` characters from each place on."""
        sums: Hashes = (self._sums[places + length] - self._sums[places]) * self._shifts[places]
        return sums


def _powers(base: int, size: int) -> Hashes:
    return np.full(size, base, np.uint64).cumprod(dtype=np.uint64)
