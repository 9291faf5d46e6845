"""Phrases that come of one pattern: campaigns change words, numbers and places, and keep the rest."""

from __future__ import annotations

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cleaner.recurrence.keys import phrase_key
from cleaner.recurrence.store import Phrase

_PIECE: Final = 3  # characters of a key that two phrases have to share for being compared
_ALIKE: Final = 0.34  # share of the pieces of both that are the same, from which phrases are one family
_COMMON: Final = 300  # phrases with one piece; a piece of more phrases tells nothing
_ALIGNED: Final = 12  # members that a template is drawn from
_SLOT: Final = "{…}"
_NUMBER: Final = "{0}"
_DIGITS: Final = re.compile(r"\d+")
_TOKEN: Final = re.compile(r"\{0\}|[^\W\d_]+|\s+|.", re.DOTALL)
_UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class Family:
    """Phrases of one template. ``documents`` is the sum over them, ``sites`` the widest spread of one."""

    template: str
    label: str
    documents: int
    sites: int
    members: tuple[Phrase, ...]


def group(phrases: Sequence[Phrase]) -> list[Family]:
    """Return phrases grouped by likeness, the families on most sites first.

    Each phrase joins the family whose first member shares most character triples with it (leader clustering), so
    the phrases of the widest spread, which come first, name the families.
    """
    leaders: list[set[str]] = []
    members: list[list[Phrase]] = []
    holders: dict[str, list[int]] = defaultdict(list)
    for phrase in phrases:
        pieces = _pieces(phrase.text)
        shared = Counter(number for piece in pieces for number in holders.get(piece, ()))
        likeness = [(count / len(pieces | leaders[number]), -number) for number, count in shared.items()]
        best = max(likeness, default=(0.0, 0))
        if best[0] >= _ALIKE:
            members[-best[1]].append(phrase)
            continue
        for piece in pieces:
            if len(holders[piece]) < _COMMON:
                holders[piece].append(len(leaders))
        leaders.append(pieces)
        members.append([phrase])
    families = [_family(some) for some in members]
    return sorted(families, key=lambda one: (-one.sites, -one.documents, one.template))


def _family(members: list[Phrase]) -> Family:
    label = Counter(phrase.label for phrase in members).most_common(1)[0][0]
    documents = sum(phrase.seen.documents for phrase in members)
    sites = max(phrase.seen.sites for phrase in members)
    return Family(template([phrase.text for phrase in members[:_ALIGNED]]), label, documents, sites, tuple(members))


def template(texts: Sequence[str]) -> str:
    """Return what texts share, with slots for what differs.

    >>> template(["situs slot gacor", "situs slot dana"]), template(["爱上海419论坛", "爱杭州88论坛"])
    ('situs slot {…}', '爱{…}{0}论坛')
    """
    shared = _tokens(texts[0])
    for text in texts[1:]:
        shared = _aligned(shared, _tokens(text))
    pieces: list[str] = []
    for token in shared:
        if token != _SLOT or not pieces or pieces[-1] != _SLOT:
            pieces.append(token)
    return "".join(pieces).strip()


def _aligned(first: list[str], second: list[str]) -> list[str]:
    matcher = difflib.SequenceMatcher(None, first, second, autojunk=False)
    merged: list[str] = []
    at_first = at_second = 0
    for block in matcher.get_matching_blocks():
        if block.a > at_first or block.b > at_second:
            merged.append(_SLOT)
        merged += first[block.a : block.a + block.size]
        at_first, at_second = block.a + block.size, block.b + block.size
    return merged


def _tokens(text: str) -> list[str]:
    """Words, or single characters where no blanks part words; runs of digits are one."""
    plain = _DIGITS.sub(_NUMBER, text.lower())
    found: list[str] = _TOKEN.findall(plain)
    return [part for token in found for part in (token if _UNSPACED.search(token) else (token,))]


def _pieces(text: str) -> set[str]:
    key = phrase_key(text) or text
    return {key[place : place + _PIECE] for place in range(max(1, len(key) - _PIECE + 1))}
