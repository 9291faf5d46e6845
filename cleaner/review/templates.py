"""What phrases of one campaign have in common: undressed text, the units it is made of, the template.

A template shows the fixed parts and, in braces, what varies: ``上海{X}419{论坛|会所}``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from cleaner.keys import normalise

ADDRESS: Final = "‹address›"
BRAND: Final = "‹brand+number›"
_ALIKE: Final = str.maketrans("аеосрхіукмтнвαοερτνικ", "aeocpxiykmthbaoeptvik")  # Cyrillic and Greek look-alikes
_ADDRESS = re.compile(r"https?://\S+|(?:www\.)?(?:[a-z0-9-]{2,63}\.)+(?:[a-z]{2,12})(?:/\S*)?", re.I | re.A)
# Letters kept apart by blanks or by one sign: "s l o t 8 8", "上.海.龙.凤".
_SPACED = re.compile(r"(?<!\w)\w(?:([ .\-_*·/~丨])\w)(?:\1\w){2,}(?!\w)")
_TOKEN = re.compile(r"\d+|[^\W\d_]+(?:['’]\w+)*", re.UNICODE)
# Scripts that write no blanks between words; their units are pairs of characters.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_PIECE = re.compile(_UNSPACED.pattern[:-1] + r"|\d+|[^\W\d_]+|\s+|.", re.UNICODE | re.DOTALL)
_LONGEST: Final = 400  # code points looked at: enough to know a page of keywords again
_MEMBERS: Final = 24  # phrases laid side by side for a template; more change it hardly ever
_ALTERNATIVES: Final = 3
_SHORT_WORD: Final = 3


def undress(text: str) -> str:
    """Return a phrase without its camouflage: width, styled letters, look-alikes, signs between letters, emoji.

    >>> undress("✨Ｓ.Ｌ.О.Т 88🔥")
    'slot 88'
    """
    plain = normalise(text[:_LONGEST])
    plain = _SPACED.sub(lambda found: found[0].replace(found[1], ""), plain)
    plain = re.sub(r"\w+", _same_letters, plain)
    # Emoji are decoration, and so are the marks that choose their look (U+FE00 to U+FE0F).
    plain = "".join(character for character in plain if not "\ufe00" <= character <= "\ufe0f")
    kept = "".join(" " if unicodedata.category(character) in ("So", "Sk") else character for character in plain)
    return " ".join(kept.split())


def _same_letters(found: re.Match[str]) -> str:
    word = found[0]
    latin = sum("a" <= character <= "z" for character in word)
    changed = word.translate(_ALIKE)
    # A word of another script stays; one that becomes all Latin was Latin in disguise.
    return changed if latin and changed.isascii() else word


def units(text: str) -> frozenset[str]:
    """Return what an undressed phrase is made of: words, pairs of characters, numbers, addresses, brands.

    >>> sorted(units("situs slot88 kota.xyz"))
    ['situs', 'slot', '‹address›', '‹brand+number›']
    """
    found: set[str] = set()
    rest = _ADDRESS.sub(" ", text)
    if rest != text:
        found.add(ADDRESS)
    if re.search(r"[a-z]\d{2,}\b", rest):
        found.add(BRAND)
    for token in _TOKEN.findall(rest):
        if token.isdigit():
            found.update((token,) if 3 <= len(token) <= 6 else ())
        elif _UNSPACED.match(token):
            for run in _UNSPACED.findall(token):
                found.update(run[place : place + 2] for place in range(len(run) - 1))
        elif len(token) >= _SHORT_WORD:
            found.add(token)
    return frozenset(found)


def script_of(text: str) -> str:
    """Return the script most letters of a phrase are in, as people name it: ``Latin``, ``Han``, ``Cyrillic``.

    >>> script_of("上海419 vx")
    'Han'
    """
    counts: dict[str, int] = {}
    for character in text:
        if character.isalpha():
            name = unicodedata.name(character, "OTHER").split(" ")[0].split("-")[0]
            counts[name] = counts.get(name, 0) + 1
    if not counts:
        return "signs"
    if counts.keys() & {"HIRAGANA", "KATAKANA"}:
        return "Japanese"
    best = max(counts, key=lambda name: counts[name])
    return {"CJK": "Han", "HANGUL": "Hangul"}.get(best, best.capitalize())


def template(phrases: Sequence[str]) -> str:
    """Return the template of undressed phrases, the most frequent first; ``""`` when they share too little.

    >>> template(["上海龙凤419论坛", "上海千花419会所", "上海品茶419论坛", "上海后花园419会所", "上海贵族419论坛"])
    '上海{X}419{会所|论坛}'
    """
    chosen = [_pieces(phrase) for phrase in phrases[:_MEMBERS]]
    if not chosen:
        return ""
    common = chosen[0]
    for other in chosen[1:]:
        matcher = SequenceMatcher(None, common, other, autojunk=False)
        common = [piece for block in matcher.get_matching_blocks() for piece in common[block.a : block.a + block.size]]
    fixed = sum(map(len, common))
    if not any(piece.strip() and (piece.isalnum() or len(piece) > 1) for piece in common):
        return ""
    if 4 * fixed < sum(len("".join(pieces)) for pieces in chosen) / len(chosen):
        return ""
    return _with_gaps(common, chosen)


def _pieces(phrase: str) -> list[str]:
    return _PIECE.findall(phrase)[:120]


def _with_gaps(common: Sequence[str], chosen: Sequence[Sequence[str]]) -> str:
    gaps: list[set[str]] = [set() for _ in range(len(common) + 1)]
    for pieces in chosen:
        at = 0
        for number, piece in enumerate(common):
            place = pieces.index(piece, at) if piece in pieces[at:] else at
            gaps[number].add("".join(pieces[at:place]))
            at = place + 1
        gaps[-1].add("".join(pieces[at:]))
    shown: list[str] = []
    for number, gap in enumerate(gaps):
        shown.append(_gap(gap))
        shown += common[number : number + 1]
    return " ".join("".join(shown).split())


def _gap(found: set[str]) -> str:
    """Return what stands in a gap; a blank that all variants share stands outside the braces."""
    words = sorted({text.strip() for text in found} - {""})
    if not words:
        return " " if "" not in found else ""
    filled = [text for text in found if text.strip()]
    left = " " if all(text[0].isspace() for text in filled) else ""
    right = " " if all(text[-1].isspace() for text in filled) else ""
    empty = [""] if len(filled) < len(found) else []
    few = len(words) <= _ALTERNATIVES and max(map(len, words)) <= 16
    return left + ("{" + "|".join(words + empty) + "}" if few else "{X}") + right
