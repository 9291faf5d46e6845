"""Campaigns: phrases made from the corpus' grammars, and their camouflage."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from cleaner.training.sides import dealt, side_of
from cleaner.training.sources import SLOT, Phrase

_PER_PATTERN = 60
# How much oftener than others these families are seen on real pages (field surveys agree on the order).
_OFTEN = {
    "gambling": 6, "escort": 6, "adult": 3, "pharma": 4, "loans": 2, "essay": 2, "documents": 2, "replica": 2,
    "surrogacy": 2, "private_server": 0.5, "tech_support": 0.5, "spyware": 0.5, "weapons": 0.5,
}  # fmt: skip
_CIRCLED = {str(i): chr(0x2460 + i - 1) for i in range(1, 10)} | {"0": "⓪"}
_LOOKALIKES = {"a": "а", "e": "е", "o": "о", "c": "с", "p": "р", "x": "х", "i": "і", "A": "А", "B": "В", "O": "О"}


def expand(grammars: dict[str, dict[str, Any]], rng: random.Random) -> list[Phrase]:
    """Return phrases from every pattern of every grammar; a pattern is a campaign."""
    phrases: list[Phrase] = []
    for lang, families in sorted(grammars.items()):
        for family, grammar in sorted(families.items()):
            for index, pattern in enumerate(grammar["patterns"]):
                campaign = f"{lang}/{family}/{index}"
                side = side_of(campaign)
                slots = {
                    name: dealt(words, f"{lang}/{family}/{name}", side) for name, words in grammar["slots"].items()
                }
                texts = {" ".join(fill(pattern, slots, rng).split()) for _ in range(_PER_PATTERN)}
                phrases += (Phrase(text, lang, family, campaign) for text in sorted(texts))
            for text in grammar["phrases"]:
                phrases.append(Phrase(text, lang, family, f"{lang}/{family}/{text}"))
    return phrases


def fill(pattern: str, slots: Mapping[str, Sequence[str]], rng: random.Random) -> str:
    """Return a pattern with a random word in each of its slots; ``{p}`` stays."""
    return SLOT.sub(lambda match: rng.choice(slots.get(match.group(1)) or (match.group(),)), pattern)


def camouflage(text: str, rng: random.Random) -> str:
    """Disguise a phrase as spammers do: width, look-alikes, separators, zero-width characters."""
    form = rng.randrange(9)
    if form == 0:
        return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)
    if form == 1:
        return "".join(_CIRCLED.get(char, char) for char in text)
    if form == 2:
        return "".join(_LOOKALIKES.get(char, char) if rng.random() < 0.5 else char for char in text)
    if form == 3:
        joint = rng.choice((".", "-", "_", "*", " ", "·", "/", "丨", "~"))
        return joint.join(text.replace(" ", "")) if len(text) <= 16 else text
    if form == 4:
        joint = rng.choice(("\u200b", "\u200d", "\u2060", "\u00ad", "\ufeff"))
        return "".join(char + (joint if rng.random() < 0.5 else "") for char in text[:-1]) + text[-1]
    if form == 5:
        base = rng.choice((0x1D400, 0x1D5D4, 0x1D434, 0x1D5A0, 0x1D670))
        return "".join(_styled(char, base) for char in text)
    if form == 6:
        return text.translate(str.maketrans("oOiIeEaA", "001133@4")) if text.isascii() else text
    if form == 7:
        return rng.choice("✨🔥⭐💰🎰❤👉") + text + rng.choice(("", "✨", "🔥", "👈"))
    return "".join(char.upper() if rng.random() < 0.5 else char.lower() for char in text)


def _styled(char: str, base: int) -> str:
    if "A" <= char <= "Z":
        return chr(base + ord(char) - ord("A"))
    if "a" <= char <= "z":
        return chr(base + 26 + ord(char) - ord("a"))
    return char


class Pool:
    """Phrases by language and family; draws a family, then a campaign, so that no long list drowns the rest."""

    def __init__(self, phrases: list[Phrase], rng: random.Random) -> None:
        self._rng = rng
        self._groups: dict[str, dict[str, dict[str, list[Phrase]]]] = defaultdict(lambda: defaultdict(dict))
        for phrase in phrases:
            kind = "list" if phrase.campaign.startswith("list:") else phrase.campaign
            self._groups[phrase.lang][phrase.family].setdefault(kind, []).append(phrase)

    def languages(self) -> list[str]:
        """Return the languages there are phrases in."""
        return sorted(self._groups)

    def draw(self, lang: str, family: str | None = None) -> Phrase:
        """Return a random phrase of a language (and family, where the language has it)."""
        families = self._groups[lang]
        chosen = family
        if chosen not in families:
            names = sorted(families)
            chosen = self._rng.choices(names, [_OFTEN.get(name, 1) for name in names])[0]
        kinds = families[chosen]
        if "list" in kinds and self._rng.random() < 0.35:
            return self._rng.choice(kinds["list"])
        return self._rng.choice(kinds[self._rng.choice(list(kinds))])
