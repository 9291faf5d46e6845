"""The tables under everything else: what a character is, and what it folds to."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from cleaner import alphabet
from cleaner.alphabet import (
    BLANK,
    CLAUSE,
    CLOSE,
    DIGIT,
    IGNORABLE,
    LETTER,
    MARK,
    MARKER,
    NEWLINE,
    OPEN,
    QUOTE,
    SCRIPTS,
    SEPARATOR,
    STOP,
    SYMBOL,
    TABLE_SIZE,
    build_classes,
    build_fold,
    is_wordlike,
    script_of,
)  # fmt: skip

CLASSES, FOLD = build_classes(), build_fold(["体體", "发發髮"])

KINDS = {
    "newline": (NEWLINE, "\n\r\x0b\x0c\x85\u2028\u2029"),
    "blank": (BLANK, " \t\u00a0\u3000\u2003\u202f"),
    "ignorable": (IGNORABLE, "\u200b\u200c\u200d\u200e\u202a\u202e\u2066\u2069\u2060\u00ad\ufeff\ufe0f"),
    "digit": (DIGIT, "09０９٣४๕②𝟗²"),
    "stop": (STOP, ".!?。！？…؟۔।"),
    "open": (OPEN, "([{（【「《«“"),
    "close": (CLOSE, ")]}）】」》»”"),
    "quote": (QUOTE, "\"'`＂"),
    "clause": (CLAUSE, ",;:，、；：،"),
    "marker": (MARKER, "-–•●▪→★*#·"),
    "separator": (SEPARATOR, "|_/\\+=@&~｜／＠"),
    "symbol": (SYMBOL, "€£♥😀🎰§"),
    "mark": (MARK, "\u0301\u0323"),
}
LETTERS = {
    "Latin": "aZéßÑﬁａ", "Cyrillic": "аЯё", "Greek": "αΩ", "Han": "爱上𠮷々〇", "Kana": "あアーｱ", "Hangul": "한ᄒ",
    "Thai": "กิ", "Arabic": "عپ", "Devanagari": "अा", "Hebrew": "א", "Bengali": "অ", "Tamil": "அ", "Georgian": "ა",
    "Armenian": "ա", "Ethiopic": "አ", "Khmer": "ក", "Lao": "ກ", "Myanmar": "က", "Tibetan": "ཀ", "Other": "ᚠ",
}  # fmt: skip
FOLDS = {
    "full width": ("ＡＢＣａｂｃ４１９", "abcabc000"),
    "mathematical": ("𝐒𝗅𝘰𝚝", "slot"),
    "circled": ("ⓈⓁⓞⓣ①", "slot0"),
    "case": ("SLOTÄЖΩ", "slotäжω"),
    "look-alikes": ("сasinо CАSІNO αv", "casino casino av"),
    "variants": ("體育發髮", "体育发发"),
    "digits": ("0123456789٣४๕²", "0" * 14),
    "half-width kana": ("ｱｶ", "アカ"),
    "blanks": ("\t\u00a0\u3000\u2003", "    "),
    "line ends": ("\r\x0b\u2028\x85", "\n\n\n\n"),
    "what has one form": ("爱上海한กع", "爱上海한กع"),
    "what is longer when unfolded": ("ﬁ℡ﷺ", "ﬁ℡ﷺ"),
}


def kinds(text: str) -> list[int]:
    codes = [min(ord(char), TABLE_SIZE - 1) for char in text]
    found: list[int] = CLASSES[codes].tolist()
    return found


@pytest.mark.parametrize(("kind", "chars"), KINDS.values(), ids=KINDS)
def test_kinds_of_marks(kind: int, chars: str) -> None:
    """Every mark is of the kind that the gates and seams take it for."""
    assert kinds(chars) == [kind] * len(chars)


@pytest.mark.parametrize(("script", "chars"), LETTERS.items(), ids=LETTERS)
def test_letters_know_their_script(script: str, chars: str) -> None:
    """Letters, their vowel signs and length marks carry the script's number."""
    found = np.array(kinds(chars), np.uint8)
    assert (found >= LETTER).all()
    assert {SCRIPTS[index] for index in script_of(found)} == {script}


def test_capitals_are_odd() -> None:
    """The lowest bit of a letter's class says whether it is a capital; scripts without case have none."""
    assert [kind & 1 for kind in kinds("aAжЖωΩǅ爱한")] == [0, 1, 0, 1, 0, 1, 1, 0, 0]


def test_styled_letters_are_latin() -> None:
    """Circled and full-width letters are Latin letters, not symbols; mathematical ones are letters."""
    assert {SCRIPTS[index] for index in script_of(np.array(kinds("ⓈⓣＡａ"), np.uint8))} == {"Latin"}
    assert min(kinds("𝐒𝚝")) >= LETTER


def test_look_alikes_are_not() -> None:
    """Cyrillic letters that look Latin stay Cyrillic: the switch of script gives them away."""
    assert {SCRIPTS[index] for index in script_of(np.array(kinds("аеосрхіАВО"), np.uint8))} == {"Cyrillic"}


@pytest.mark.parametrize(("text", "plain"), FOLDS.values(), ids=FOLDS)
def test_folding(text: str, plain: str) -> None:
    """A character in disguise folds to the plain one; every digit to 0; what has several letters stays."""
    assert "".join(map(chr, FOLD[[ord(char) for char in text]].tolist())) == plain


def test_folding_twice_changes_nothing() -> None:
    """A folded character is its own folded form."""
    inside = FOLD[FOLD < TABLE_SIZE - 1]
    assert (FOLD[inside] == inside).all()


def test_a_letter_in_disguise_is_a_letter() -> None:
    """Where a letter or digit folds to another character, that one is a letter or digit too."""
    codes = np.arange(TABLE_SIZE)
    moved = codes[(codes != FOLD) & is_wordlike(CLASSES) & (codes != 0x2F01)]  # the radical of U+4E28, see below
    assert is_wordlike(CLASSES[np.minimum(FOLD[moved], TABLE_SIZE - 1)]).all()


def test_every_code_point_has_an_entry() -> None:
    """The tables have one entry a code point of two planes, and one for all above, which are Han."""
    assert len(CLASSES) == len(FOLD) == TABLE_SIZE
    assert SCRIPTS[int(script_of(CLASSES[-1:])[0])] == "Han"
    assert CLASSES.max() < LETTER + 2 * len(SCRIPTS)
    assert CLASSES[0xD800:0xE000].max() < LETTER, "surrogates are no letters"


def test_assigned_letters_are_letters() -> None:
    """No letter of this Python's Unicode is taken for a mark, nor the other way round.

    One exception: U+4E28 is a Han letter in name, and a vertical bar between keywords in practice.
    """
    for code in range(TABLE_SIZE - 1):
        category = unicodedata.category(chr(code))
        if category in ("Lu", "Ll", "Lo") and code != 0x4E28:
            assert CLASSES[code] >= LETTER, f"U+{code:04X}"
        if category in ("Pd", "Ps", "Pe", "Po", "Sm", "Sc", "Zs", "Zl"):
            assert CLASSES[code] < LETTER, f"U+{code:04X}"


def test_building_again_gives_the_same() -> None:
    """The tables depend on the Unicode versions alone."""
    assert (build_classes() == CLASSES).all()
    assert (build_fold(["体體", "发發髮"]) == FOLD).all()


def test_scripts_without_blanks_are_scripts() -> None:
    """The list of unspaced scripts names scripts, and none that parts its words."""
    names = {SCRIPTS[index] for index in alphabet.UNSPACED}
    assert {"Han", "Kana", "Thai"} <= names
    assert not names & {"Latin", "Cyrillic", "Hangul", "Arabic", "Devanagari"}
