"""What kind of character a code point is, and what it folds to: the tables under everything else.

One byte a code point says its class: below :data:`LETTER` a kind of mark, from there on a letter of a
script, ``LETTER + 2 * script + is_upper``. One number a code point is its folded form: lower case, full
width and circled and mathematical letters as plain ones (NFKC where that is one character), letters that
look alike as one, traditional Chinese as simplified, every digit as ``0``. Both are built once by training
and travel in the model, so that opening it takes milliseconds and results do not depend on the Unicode
version of the Python that runs it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt
import regex

NEWLINE: Final = 0
BLANK: Final = 1
IGNORABLE: Final = 2  # zero width, bidi, variation selectors: dropped from the view
DIGIT: Final = 3
STOP: Final = 4  # ends a sentence
OPEN: Final = 5
CLOSE: Final = 6
QUOTE: Final = 7  # opens or closes
CLAUSE: Final = 8
MARKER: Final = 9  # may open a list item
SEPARATOR: Final = 10  # joins keywords
SYMBOL: Final = 11
MARK: Final = 12  # combining, of no script of its own
OTHER: Final = 13
LETTER: Final = 16

SCRIPTS: Final = (
    "Latin", "Cyrillic", "Greek", "Han", "Kana", "Hangul", "Thai", "Arabic", "Devanagari", "Hebrew",
    "Bengali", "Tamil", "Telugu", "Kannada", "Malayalam", "Gujarati", "Gurmukhi", "Oriya", "Sinhala",
    "Lao", "Khmer", "Myanmar", "Tibetan", "Georgian", "Armenian", "Ethiopic", "Other",
)  # fmt: skip
LATIN, CYRILLIC, GREEK, HAN, KANA, HANGUL, THAI, ARABIC, DEVANAGARI = range(9)
OTHER_SCRIPT: Final = len(SCRIPTS) - 1
# Scripts written without blanks between words: a word boundary may lie between any two letters.
UNSPACED: Final = (HAN, KANA, THAI, SCRIPTS.index("Lao"), SCRIPTS.index("Khmer"), SCRIPTS.index("Myanmar"))

# The tables cover the first two planes; every code point above shares the last entry.
TABLE_SIZE: Final = 0x20000 + 1

_STOPS = ".!?。！？…؟۔।॥։።．｡‼⁇⁈⁉︒"
_OPENS = "([{（【「『《〈〔［｛«“‘‹„‚〝｢⟨⟦"
_CLOSES = ")]}）】」』》〉〕］｝»”’›〞｣⟩⟧"
_QUOTES = "\"'`´＂＇"
_CLAUSES = ",;:，、；：،؛､‚"
_MARKERS = "-–—−―•●○◦▪▫■□◆◇→►▶▸※★☆✓✔✦·・*#>❖➤➢➔⇒◉‣⁃∙＊＃－"
_SEPARATORS = "|_/\\+=@&~^%｜＿／＋＝＠＆～\u00a6丨"
_NEWLINES = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
# Folded letters are only compared with folded letters, so those that look alike may become one (a selection of the
# single letters of Unicode's confusables, UTS 39).
_LOOKALIKES = dict(zip("аеосрхіуѕјԁһԛԝӏαοıνɡ", "aeocpxiysjdhqwlaoivg", strict=True))
_FIXED = {
    char: kind
    for chars, kind in (
        (_STOPS, STOP), (_OPENS, OPEN), (_CLOSES, CLOSE), (_QUOTES, QUOTE), (_CLAUSES, CLAUSE),
        (_MARKERS, MARKER), (_SEPARATORS, SEPARATOR), (_NEWLINES, NEWLINE), ("\t", BLANK),
    )
    for char in chars
}  # fmt: skip

_SCRIPT_PATTERNS = {
    "Kana": r"[\p{Hiragana}\p{Katakana}\u30fc\uff70]",
    "Han": r"[\p{Han}\u3005\u3007]",
    "Hangul": r"\p{Hangul}",
}


def build_classes() -> npt.NDArray[np.uint8]:
    """Return the class of every code point below :data:`TABLE_SIZE`; takes about a second."""
    table = np.full(TABLE_SIZE, OTHER, np.uint8)
    table[-1] = LETTER + 2 * HAN  # planes 2 and 3 hold nothing but Han
    scripts = _scripts()
    for code in range(TABLE_SIZE - 1):
        char = chr(code)
        kind = _FIXED.get(char)
        table[code] = _class(char, int(scripts[code])) if kind is None else kind
    return table


def build_fold(variants: Iterable[str] = ()) -> npt.NDArray[np.uint32]:
    """Return the folded code point of every code point below :data:`TABLE_SIZE`.

    ``variants`` are characters, each followed by those that become it: ``"体體"``.
    """
    table = np.arange(TABLE_SIZE, dtype=np.uint32)
    alike = _LOOKALIKES | {other: group[0] for group in variants for other in group[1:]}
    for code in range(TABLE_SIZE - 1):
        char = chr(code)
        category = unicodedata.category(char)
        if char in _NEWLINES:
            table[code] = ord("\n")
        elif category == "Zs" or char == "\t":
            table[code] = ord(" ")
        elif category == "Nd":
            table[code] = ord("0")
        elif category[0] in "LNS":
            # NFKC of one character is short work; whole texts are never normalised (it is quadratic).
            plain = unicodedata.normalize("NFKC", char).lower()
            if len(plain) == 1:
                table[code] = ord("0") if plain.isdigit() else ord(alike.get(plain, plain))
    return table


def flags(kinds: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Return a table of all classes: which of them are of these kinds."""
    table = np.zeros(256, np.bool_)
    table[list(kinds)] = True
    return table


# Small letters of scripts that have capitals.
CASED_SMALL: Final = flags(tuple(LETTER + 2 * script for script in (LATIN, CYRILLIC, GREEK)))
# Of all classes, the letters of scripts without blanks between words (none of them has capitals).
UNSPACED_LETTER: Final = flags(tuple(LETTER + 2 * script for script in UNSPACED))


def is_wordlike(classes: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return where a letter, digit or combining mark stands."""
    found: npt.NDArray[np.bool_] = (classes >= LETTER) | (classes == DIGIT) | (classes == MARK)
    return found


def script_of(classes: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Return the script index of letters; the value of other characters means nothing."""
    return (classes.astype(np.int64) - LETTER) >> 1


def _scripts() -> npt.NDArray[np.uint8]:
    table = np.full(TABLE_SIZE, OTHER_SCRIPT, np.uint8)
    everything = "".join(map(chr, (code for code in range(TABLE_SIZE - 1) if not 0xD800 <= code < 0xE000)))
    for index, name in enumerate(SCRIPTS[:-1]):
        pattern = _SCRIPT_PATTERNS.get(name, rf"\p{{Script={name}}}")
        for match in regex.finditer(pattern, everything):
            table[ord(match.group())] = index
    return table


def _class(char: str, script: int) -> int:
    category = unicodedata.category(char)
    if category == "Zs":
        return BLANK
    if category == "Nd" or (category == "No" and unicodedata.normalize("NFKC", char).isdigit()):
        return DIGIT
    if category == "Cf" or 0xFE00 <= ord(char) <= 0xFE0F:
        return IGNORABLE
    if category[0] == "M" and script == OTHER_SCRIPT:
        return MARK
    if category[0] in "LM" or category == "Nl":
        return LETTER + 2 * script + (category in ("Lu", "Lt"))
    folded = unicodedata.normalize("NFKC", char)
    if category[0] == "S" and len(folded) == 1 and folded.isalpha():
        return LETTER + 2 * LATIN + folded.isupper()  # circled letters
    return SYMBOL if category[0] in "SP" else OTHER
