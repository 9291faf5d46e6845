"""What makes two spans the same phrase: the letters that are left when the disguise is taken off."""

from __future__ import annotations

import functools
import hashlib
import re
import zlib
from typing import Final

from cleaner import resources
from cleaner.alphabet import DIGIT, LETTER
from cleaner.model import load

_LONGEST: Final = 200  # code points of a span that name it; a longer one is told apart by its beginning
_FEWEST: Final = 3  # letters; the shortest brands seen on infected pages have three
_SPELLED: Final = 6  # letters of an alphabet; fewer are in every second abbreviation
_ALPHABETS_END: Final = "\u0530"  # Latin, Greek and Cyrillic lie below
_DIGITS: Final = re.compile("0+")
_READ: Final = 20_000  # code points of a page that tell it from others
_SHINGLE: Final = 3  # words


class _Folding(dict[int, str]):
    """Folded characters by code point, filled as they are met; what is dropped folds to nothing."""

    def __missing__(self, code: int) -> str:
        classes, fold = _tables()
        last = len(classes) - 1
        kind = int(classes[min(code, last)])
        char = chr(int(fold[code])) if code < last else chr(code)
        folded = "0" if kind == DIGIT else char if kind >= LETTER else ""
        self[code] = folded
        return folded


_folding = _Folding()


def phrase_key(phrase: str) -> str:
    r"""Return the phrase without case, width, styled letters, blanks, marks, zero-width characters and punctuation.

    A run of digits is one ``0``: ``kiss69`` and ``KISS 138`` are one campaign. Returns ``""`` for what holds
    too few letters to be told from chance.

    >>> phrase_key("爱 上海４１９\u200b论坛"), phrase_key("KISS-138 Login"), phrase_key("419")
    ('爱上海0论坛', 'kiss0login', '')
    """
    key = _DIGITS.sub("0", phrase[:_LONGEST].translate(_folding))
    letters = len(key) - key.count("0")
    if letters < (_SPELLED if key < _ALPHABETS_END else _FEWEST):
        return ""
    return key


def number_of(key: str) -> int:
    """Return a 64-bit number for a key, the same in every process and on every machine."""
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def page_number(text: str) -> int:
    """Return a number that copies of a page mostly share: the smallest hash of its word triples (MinHash).

    Two pages agree with a probability equal to the Jaccard similarity of their triples (Broder 1997), so an
    agency's article on forty sites counts about once.
    """
    words = text[:_READ].lower().split()
    triples = ("\n".join(words[place : place + _SHINGLE]) for place in range(max(1, len(words) - _SHINGLE + 1)))
    return min(zlib.crc32(triple.encode("utf-8", "surrogatepass")) for triple in triples)


@functools.cache
def _tables() -> tuple[bytes, list[int]]:
    """Return class and folded character of every code point, as the shipped model holds them."""
    with resources.model_folder(None) as folder:
        model = load(folder)
    return model.classes.tobytes(), model.fold.tolist()
