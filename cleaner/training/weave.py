"""The mechanisms of injection: how a phrase gets into the lines of a page.

Lines become lists of pieces, and an injected piece is a tuple of one string; :func:`render` joins them
and says where the injected ones stand. The nine mechanisms are those of real infections.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence

from cleaner.training.addresses import address, site_name, site_words
from cleaner.training.campaigns import Pool, camouflage, fill
from cleaner.training.fields import field_line
from cleaner.training.layout import UNSPACED, base, blank, sentences, short
from cleaner.training.sources import Frames, Host, Phrase

Piece = str | tuple[str]
Marked = list[list[Piece]]

_COMMAS = ",，、،"
_JOINTS = (",", "-", "_", "|", "、", " ", "，", "/", " - ", " | ", ", ")
_LUCKY = ("419", "1314", "88", "888", "520", "365", "138", "168", "66", "99", "777", "sh419", "vx", "app", "v")


class Weaver:
    """Draws phrases and weaves them into pages, from one side of a split."""

    def __init__(
        self,
        pool: Pool,
        sentences_by: Mapping[str, Sequence[Phrase]],
        frames: Mapping[str, Frames],
        hosts: Mapping[str, Sequence[Host]],
        rng: random.Random,
    ) -> None:
        self._pool, self._sentences, self._frames, self._hosts, self._rng = pool, sentences_by, frames, hosts, rng
        self._words = site_words(host.text for some in hosts.values() for host in some)
        self._page = self._page_lang = ""

    def weave(self, name: str, lines: list[str], inject: str, host: Host) -> tuple[Marked, str]:
        """Return the lines with injected pieces and the family of what was injected."""
        self._page, self._page_lang = "\n".join(lines), host.lang
        mechanism = getattr(self, name)
        marked, family = mechanism(lines, inject, base(host.lang))
        return marked, family

    def phrase(self, lang: str, family: str | None = None) -> Phrase:
        """Draw a phrase, sometimes in camouflage."""
        phrase = self._pool.draw(lang, family)
        if self._rng.random() < 0.3:
            phrase = self._localized(phrase)
        if self._rng.random() < 0.1:
            return Phrase(camouflage(phrase.text, self._rng), phrase.lang, phrase.family, phrase.campaign)
        return phrase

    def address(self) -> str:
        """Return a random domain or URL."""
        return address(self._words, self._rng)

    def name(self) -> str:
        """Return a random name of a site, without its ending."""
        return site_name(self._words, self._rng)

    def said(self, kind: str, lang: str, phrase: str = "") -> str:
        """Return a random sentence of a kind with a phrase in it."""
        frames = self._frames[lang]
        return fill(self._rng.choice(getattr(frames, kind)), frames.slots, self._rng).replace("{p}", phrase)

    def line_prefix(self, lines: list[str], lang: str, host: str) -> tuple[Marked, str]:
        """Put phrases before list items, headings or paragraphs."""
        rng = self._rng
        marked: Marked = [[line] for line in lines]
        family = None
        filled = [index for index, line in enumerate(lines) if line]
        listed = [index for index in filled if re.match(r"\W|\d", lines[index])]
        headed = [index for index in filled if len(lines[index]) < 40]
        for index in rng.sample(filled, min(len(filled), rng.choice((1, 2, 2, 3, 4)))):
            if listed and rng.random() < 0.6:
                index = rng.choice(listed)
            elif headed and rng.random() < 0.3:
                index = rng.choice(headed)
            if len(marked[index]) > 1:
                continue
            phrase = self.phrase(lang, family)
            family = phrase.family
            joint = rng.choice((" ", " ", " ", " ", "", "  ", "\u3000")) if host in UNSPACED else " "
            marked[index] = [(phrase.text,), joint, lines[index]]
        # The same campaign leaves some of its phrases on lines of their own.
        for _ in range(rng.choice((0, 0, 0, 1, 2))):
            marked.insert(rng.randrange(len(marked) + 1), [(self.phrase(lang, family).text,)])
        return marked, family or "other"

    def own_line(self, lines: list[str], lang: str, host: str) -> tuple[Marked, str]:
        """Put phrases on lines of their own."""
        rng = self._rng
        marked: Marked = [[line] for line in lines]
        family = None
        for _ in range(rng.choice((1, 1, 2, 3, 4))):
            phrase = self.phrase(lang, family)
            family = phrase.family
            text, form = phrase.text, rng.random()
            if form < 0.12 and lang in self._frames:  # a title
                text = self.said("spun", lang, phrase.text).rstrip(" .!。！।")
            elif form < 0.3:
                text = f"{phrase.text} {self.address()}"
            marked.insert(rng.randrange(len(marked) + 1), [(text,)])
        return marked, family or "other"

    def header(self, lines: list[str], lang: str, host: str) -> tuple[Marked, str]:
        """Put a line of keywords on top (or, now and then, at the end)."""
        rng = self._rng
        family = rng.choice(("adult", "gambling", "gambling", None))
        first = self.phrase(lang, family)
        phrases = [first.text] + [self.phrase(lang, first.family).text for _ in range(rng.randrange(1, 9))]
        line = rng.choice(_JOINTS).join(phrases)[:390]
        marked: Marked = [[text] for text in lines]
        at = 0 if rng.random() < 0.8 else len(marked)
        marked[at:at] = [[(line,)], [""]] if rng.random() < 0.4 else [[(line,)]]
        return marked, first.family

    def field(self, lines: list[str], lang: str, host: str) -> tuple[Marked, str]:
        """Put a phrase into a tag, byline or template line."""
        rng = self._rng
        phrase = self.phrase(lang)
        # The site's own language is now and then that of the phrase, not that of the article.
        before, after = field_line(base(lang) if rng.random() < 0.3 else host, lines, rng)
        marked: Marked = [[line] for line in lines]
        marked.insert(rng.choice((0, 1, 1, 2)), [before, (phrase.text,), after])
        return marked, phrase.family

    def glued_title(self, lines: list[str], lang: str, host: str) -> tuple[Marked, str]:
        """Glue a phrase to the first line."""
        rng = self._rng
        phrase = self.phrase(lang)
        if rng.random() < 0.3:
            phrase = self._brand(phrase)
        glued = lang[:2] in UNSPACED or host in UNSPACED or phrase.text[-1:].isdigit()
        joint = "" if glued or lang[:2] != host else " "
        title = short(lines[0], 40) if rng.random() < 0.6 else lines[0]
        text = phrase.text + (rng.choice((":", "：", "-", "|", "_")) if rng.random() < 0.25 else "")
        rest: Marked = [[line] for line in lines[1:]] if rng.random() < 0.75 else []
        if rng.random() < 0.2:
            return [[title, rng.choice((joint, " ", "_", "-", " - ")), (phrase.text,)], *rest], phrase.family
        return [[(text,), joint, title], *rest], phrase.family

    def _brand(self, phrase: Phrase) -> Phrase:
        """Make a brand of a phrase: one word, mostly with digits glued to it."""
        rng = self._rng
        word = max(phrase.text.split(), key=len)[:12]
        form = rng.choice((str.upper, str.lower, str.capitalize))
        tail = rng.choice(_LUCKY) if rng.random() < 0.8 else rng.choice(("bet", "win", "slot", "4d"))
        return Phrase(form(word) + tail, phrase.lang, phrase.family, phrase.campaign)

    def naked_anchor(self, lines: list[str], lang: str, host: str) -> tuple[Marked, str]:
        """Put a phrase, brand, link or link words between two sentences."""
        rng = self._rng
        marked: Marked = [[line] for line in lines]
        phrase = self.phrase(lang)
        family, form = phrase.family, rng.random()
        if form < 0.28:
            text = self.address()
        elif form < 0.36 and lang in self._frames:
            text, family = self.said("cta", lang), "seo"
        else:
            text = phrase.text
        index = self._paragraph(lines)
        parts = sentences(lines[index])
        at = rng.choice((1, 1, len(parts), rng.randrange(len(parts) + 1)))
        joint = "" if host in UNSPACED and rng.random() < 0.4 else " "
        marked[index] = _woven(parts, at, text, blank(host), joint)
        return marked, family

    def mid_sentence(self, lines: list[str], lang: str, host: str) -> tuple[Marked, str]:
        """Put a phrase between two words."""
        rng = self._rng
        marked: Marked = [[line] for line in lines]
        phrase = self.phrase(lang)
        index = self._paragraph(lines)
        words = lines[index].split(" ")
        if len(words) < 3:
            return self.naked_anchor(lines, lang, host)
        at = rng.randrange(1, len(words))
        marked[index] = [" ".join(words[:at]) + " ", (phrase.text,), " " + " ".join(words[at:])]
        return marked, phrase.family

    def spun(self, lines: list[str], lang: str, host: str) -> tuple[Marked, str]:
        """Put one to four promotional sentences into a paragraph or on a line."""
        rng = self._rng
        marked: Marked = [[line] for line in lines]
        family = None
        said: list[str] = []
        for _ in range(rng.choice((1, 1, 2, 3))):
            phrase = self._pool.draw(lang, family)
            family = phrase.family
            if self._sentences.get(lang) and (rng.random() < 0.3 or lang not in self._frames):
                message = rng.choice(self._sentences[lang])
                said.append(message.text)
            elif lang in self._frames:
                said.append(self.said("spun", lang, phrase.text))
            else:
                said.append(phrase.text)
        text = blank(lang).join(said)[:390].strip()
        index = self._paragraph(lines)
        if rng.random() < 0.3:
            marked.insert(index, [(text,)])
            return marked, family or "other"
        parts = sentences(lines[index])
        marked[index] = _woven(parts, rng.choice((0, 1, len(parts))), text, blank(host))
        return marked, family or "other"

    def blend(self, lines: list[str], lang: str, host: str) -> tuple[Marked, str]:
        """Put a clause that carries the phrase before or after a sentence."""
        rng = self._rng
        if lang not in self._frames or base(lang) != host:
            return self.spun(lines, lang, host)
        marked: Marked = [[line] for line in lines]
        phrase = self._pool.draw(lang)
        clause = self.said("blend", lang, phrase.text).strip()
        index = self._paragraph(lines)
        parts = sentences(lines[index])
        at = rng.randrange(len(parts))
        joint = blank(host)
        before, sentence, after = joint.join(parts[:at]), parts[at], joint.join(parts[at + 1 :])
        if clause[:1] in _COMMAS:
            commas = [place for place, char in enumerate(sentence) if char in _COMMAS and place > 8]
            end = len(sentence) - (not sentence[-1].isalnum())
            cut = self._rng.choice(commas) if commas and self._rng.random() < 0.4 else end
            head, tail = before + joint * bool(before), joint * bool(after) + after
            marked[index] = [head + sentence[:cut], (clause,), sentence[cut:] + tail]
        else:
            lowered = sentence[:1].lower() + sentence[1:]
            marked[index] = [before + joint * bool(before), (clause,), joint + lowered + joint * bool(after) + after]
        return marked, phrase.family

    def _paragraph(self, lines: list[str]) -> int:
        filled = [index for index, line in enumerate(lines) if line]
        long = [index for index in filled if len(lines[index]) > 60]
        return self._rng.choice(long[:3] or filled or [0])

    def _localized(self, phrase: Phrase) -> Phrase:
        """Add a word of the page (a city, a name, a filler) to a phrase, as campaigns aim at a page's topic."""
        rng = self._rng
        unspaced = phrase.lang[:2] in UNSPACED
        text = self._page
        if (self._page_lang[:2] in UNSPACED) != unspaced:
            text = rng.choice(self._hosts[base(phrase.lang)] or self._hosts["en"]).text
        if unspaced:
            at = rng.randrange(max(1, len(text) - 3))
            word = "".join(char for char in text[at : at + rng.choice((1, 2, 2, 3))] if char.isalpha())
            if rng.random() < 0.25:
                word = rng.choice(_LUCKY)
            cut = rng.choice((0, 0, len(phrase.text), rng.randrange(len(phrase.text) + 1)))
            joined = phrase.text[:cut] + word + phrase.text[cut:]
        else:
            words = [word.strip(".,;:!?()\"'«»“”") for word in text.split()[:200]]
            word = rng.choice([word for word in words if len(word) > 3] or [""])
            parts = phrase.text.split()
            parts.insert(rng.choice((0, 0, len(parts), rng.randrange(len(parts) + 1))), word)
            joined = " ".join(parts)
        return Phrase(joined.strip(), phrase.lang, phrase.family, phrase.campaign)


# How often each is made, roughly as often as it is seen.
WEIGHTS = {
    "line_prefix": 7, "own_line": 5, "header": 2, "field": 3, "glued_title": 3,
    "naked_anchor": 5, "mid_sentence": 1, "spun": 3, "blend": 3,
}  # fmt: skip
MECHANISMS = tuple(WEIGHTS)


def render(marked: Marked) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return the text and the injected ranges in it."""
    text, spans = "", []
    for number, pieces in enumerate(marked):
        text += "\n" if number else ""
        for piece in pieces:
            if isinstance(piece, tuple):
                spans.append((len(text), len(text) + len(piece[0])))
                text += piece[0]
            else:
                text += piece
    return text, tuple(spans)


def _woven(parts: list[str], at: int, text: str, blank: str, joint: str = " ") -> list[Piece]:
    before, after = blank.join(parts[:at]), blank.join(parts[at:])
    closing = blank or ("" if text[-1:] in "。！？" else joint)
    return [before + (blank or joint) * bool(before), (text,), closing * bool(after) + after]
