"""Infected and clean training documents: mechanisms x phrases x hosts x hard negatives.

Clean documents get the same layouts (lists, headings, template lines) as infected ones and legitimate
mentions of the same phrases, so that neither layout nor vocabulary alone tells the two apart.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from cleaner.training.campaigns import Pool
from cleaner.training.fields import field_line, topic
from cleaner.training.layout import UNSPACED, base, blank, lay_out, sentences
from cleaner.training.sources import Frames, Host, Phrase
from cleaner.training.weave import MECHANISMS, WEIGHTS, Weaver, render

__all__ = ["MECHANISMS", "Case", "Synthesizer"]

_ABROAD = ("zh",) * 9 + ("en",) * 3 + ("id", "ko", "ru", "ja", "th", "vi", "tr", "ar")
_GLOSSES = ("zh", "zh", "ja", "ko", "ru", "ar", "th", "en", "hi", "el")


@dataclass(frozen=True, slots=True)
class Case:
    """A document with the injected spans in it (none: clean)."""

    text: str
    spans: tuple[tuple[int, int], ...]
    lang: str
    inject_lang: str
    family: str
    mechanism: str
    site: str


def untouched(host: Host) -> Case:
    """Return a host as a clean document, as it is."""
    return Case(host.text, (), host.lang, "", "", "clean", host.site)


class Synthesizer:
    """Makes documents from one side of a split. The same seed gives the same documents."""

    def __init__(
        self, hosts: list[Host], phrases: list[Phrase], messages: list[Phrase], frames: dict[str, Frames], seed: int,
        mechanisms: Collection[str] | None = None,
    ) -> None:  # fmt: skip
        self._rng = random.Random(seed)
        hosts = [host for host in hosts if host.text.strip()]
        self._hosts: dict[str, list[Host]] = defaultdict(list)
        for host in hosts:
            self._hosts[base(host.lang)].append(host)
        self._all = hosts
        self._pool = Pool(phrases, self._rng)
        said: dict[str, list[Phrase]] = defaultdict(list)
        for message in messages:
            said[message.lang].append(message)
        self._frames = frames
        self._weaver = Weaver(self._pool, said, frames, self._hosts, self._rng)
        self._mechanisms = [name for name in MECHANISMS if mechanisms is None or name in mechanisms]

    def infected(self) -> Case:
        """Return one infected document."""
        rng = self._rng
        inject, host = self._pair()
        lines = self._lines(host)
        name = rng.choices(self._mechanisms, [WEIGHTS[name] for name in self._mechanisms])[0]
        marked, family = self._weaver.weave(name, lines, inject, host)
        text, spans = render(marked)
        return Case(text, spans, host.lang, inject, family, name, host.site)

    def legitimate(self) -> Case:
        """Return one clean document in which promotional phrases are mentioned legitimately."""
        rng = self._rng
        lang = rng.choice([name for name in sorted(self._frames) if self._hosts.get(base(name))])
        host = rng.choice(self._hosts[base(lang)])
        lines = self._lines(host)
        languages = self._pool.languages()
        guests = [name for name in _ABROAD if name in self._frames and name in languages]
        drawn = self._pool.draw(lang if lang in languages else rng.choice(languages))
        for _ in range(rng.choice((1, 1, 2, 3, 5))):
            abroad = lang not in languages or rng.random() < 0.15
            drawn = self._pool.draw(rng.choice(languages)) if abroad else self._pool.draw(lang, drawn.family)
            phrase = self._weaver.address() if rng.random() < 0.1 else drawn.text
            speaks = lang
            if guests and rng.random() < 0.08:  # for readers of another language: a headline, a paragraph
                speaks = rng.choice(guests)
                phrase = self._pool.draw(speaks).text
            sentence = self._weaver.said("legit", speaks, phrase)
            if speaks != lang or rng.random() < 0.3:
                lines.insert(rng.randrange(len(lines) + 1), sentence)
            else:
                index = rng.randrange(len(lines))
                lines[index] = _between(lines[index], sentence, lang, rng)
        return Case("\n".join(lines), (), host.lang, "", "", "legit", host.site)

    def clean(self, host: Host) -> Case:
        """Return a host in a random layout, untouched."""
        return Case("\n".join(self._lines(host)), (), host.lang, "", "", "clean", host.site)

    def glossed(self) -> Case:
        """Return a clean document with foreign names, quotations or lines of ordinary text in it."""
        rng = self._rng
        host = rng.choice(self._all)
        lines = self._lines(host)
        other = rng.choice(self._hosts[rng.choice(_GLOSSES)] or self._all)
        for _ in range(rng.choice((1, 2, 4))):
            source = rng.choice(sentences(other.text))
            words = source.split() if " " in source else [source[i : i + 6] for i in range(0, len(source), 6)]
            begin = rng.randrange(max(1, len(words) - 4))
            joint = "" if other.lang[:2] in UNSPACED else " "
            piece = joint.join(words[begin : begin + rng.randrange(1, 5)]).strip(" .,。，")
            index = rng.randrange(len(lines))
            form = rng.random()
            if form < 0.07:
                lines[index:index] = _glossary(lines, other, rng)
            elif form < 0.1:
                listed = _words(other)
                lines.insert(index, " ".join(rng.sample(listed, min(len(listed), rng.randrange(8, 90)))))
            elif form < 0.18:
                lines.insert(0, _navigation(lines, piece, rng))
            elif form < 0.22:
                lines.insert(rng.choice((0, 0, index)), piece)  # a caption, the name of a picture
            elif form < 0.5:
                opened, closed = rng.choice(("()", "（）", "“”", '""', "「」", "«»", "[]"))
                lines[index] = _inside(lines[index], f"{opened}{piece}{closed}", rng)
            elif form < 0.78:
                lines.insert(index, source)
            else:
                lines[index] = f"{lines[index]} {source}"
        return Case("\n".join(lines), (), host.lang, other.lang, "", "glossed", host.site)

    def sentences(self, count: int) -> list[Case]:
        """Return ``count`` promotional sentences, half as many clauses and as many legitimate sentences a language,
        each a document of its own: in whole documents few of them are met.
        """
        cases = []
        for lang in sorted(set(self._frames) & set(self._pool.languages())):
            for kind, share in (("spun", 1.0), ("blend", 0.5), ("legit", 1.0)):
                for _ in range(round(count * share)):
                    drawn = self._pool.draw(lang)
                    text = self._weaver.said(kind, lang, drawn.text)
                    spans = () if kind == "legit" else ((0, len(text)),)
                    cases.append(Case(text, spans, lang, lang, drawn.family, kind, ""))
        return cases

    def _lines(self, host: Host) -> list[str]:
        """Return the lines of a host in a random layout, now and then with template lines: the site's own, one about
        the page's words, and addresses as honest pages list them.
        """
        rng = self._rng
        lines = lay_out(host, rng)
        frames = self._frames.get(host.lang) or self._frames.get(base(host.lang)) or self._frames.get("en")
        if frames and frames.site and rng.random() < 0.3:
            for line in rng.sample(frames.site, min(len(frames.site), rng.choice((1, 1, 2, 4)))):
                lines.insert(rng.choice((0, len(lines), len(lines), rng.randrange(len(lines) + 1))), line)
        if rng.random() < 0.15:
            before, after = field_line(base(host.lang), lines, rng)
            value = topic(lines, rng) if rng.random() < 0.75 else self._weaver.address()
            lines.insert(rng.choice((0, 0, 1, len(lines))), before + value + after)
        if rng.random() < 0.1:
            at = rng.choice((1, len(lines), len(lines), rng.randrange(len(lines) + 1)))
            lines[at:at] = self._links()
        elif rng.random() < 0.08:
            at = rng.randrange(len(lines))
            lines[at] = _between(lines[at], rng.choice(_LED).replace("{}", self._weaver.address()), host.lang, rng)
        return lines

    def _links(self) -> list[str]:
        """Return lines of addresses: a list of links, some led by a word."""
        rng, lead = self._rng, self._rng.choice(_LEADS)
        links = [rng.choice(_NETWORKS).replace("{}", self._weaver.name()) for _ in range(rng.choice((0, 0, 1, 2, 3)))]
        links += [self._weaver.address() for _ in range(rng.choice((1, 1, 2, 3)))]
        rng.shuffle(links)
        return [" ".join(links)] if rng.random() < 0.15 else [lead + link for link in links]

    def _pair(self) -> tuple[str, Host]:
        rng = self._rng
        languages = self._pool.languages()
        if rng.random() < 0.62:
            at_home = [name for name in languages if self._hosts.get(base(name))]
            often: list[str] = [name for name in ("zh", "zh", "zh", "en", "en", "en", "id") if name in at_home]
            lang = rng.choice((at_home + often) or languages)
            if not at_home:
                return lang, rng.choice(self._all)
            return lang, rng.choice(self._hosts[base(lang)])
        inject = rng.choice([name for name in _ABROAD if name in languages] or languages)
        english = self._hosts["en"] if rng.random() < 0.5 else []
        return inject, rng.choice(english or self._all)


def _glossary(lines: list[str], other: Host, rng: random.Random) -> list[str]:
    """Return a word list: words of the page beside words of another text."""
    here = [word.strip(".,;:()") for word in " ".join(lines).split() if len(word) > 3] or ["word"]
    there = _words(other)
    joint = rng.choice((" = ", " - ", " – ", ": ", " (", " / ", "\t"))
    closing = ")" if joint == " (" else ""
    pairs = [(rng.choice(here), rng.choice(there).strip(".,;:()，。") or "x") for _ in range(rng.randrange(3, 9))]
    if rng.random() < 0.5:
        pairs = [(second, first) for first, second in pairs]
    return [f"{first}{joint}{second}{closing}" for first, second in pairs]


def _words(host: Host) -> list[str]:
    """Return the words of a text, or pieces of it where no blanks part words."""
    text = "".join(char if char.isalnum() else " " for char in host.text)
    if base(host.lang) in UNSPACED:
        return [piece[i : i + 2] for piece in text.split() for i in range(0, len(piece), 2)] or ["x"]
    return text.split() or ["x"]


def _navigation(lines: list[str], piece: str, rng: random.Random) -> str:
    """Return a menu line: words of the page and names of languages."""
    words = [word.strip(".,;:()").title() for word in " ".join(lines).split() if len(word) > 3][:40] or ["Home"]
    items = [rng.choice(words) for _ in range(rng.randrange(2, 7))] + rng.sample(_LANGUAGES, rng.randrange(1, 4))
    if rng.random() < 0.3:
        items.append(piece)
    rng.shuffle(items)
    return rng.choice((" | ", " / ", " · ", " > ", " ", " - ")).join(items)


# What leads to an address on honest pages: nothing, a bullet, a label, a word of the line.
_LEADS = ("", "", "", "- ", "• ", "* ", "[1] ", "1. ", "→ ", "Web: ", "Website: ", "URL: ", "Source: ", "More: ")
# Sentences that lead to one; the English ones stand on pages of all languages.
_LED = (
    "More info at {}.", "See {} for details.", "Visit {}.", "Read more at {}", "Details: {}.", "Source: {}", "({})",
    "Register at {} by Friday.", "The form is at {}.", "{}: the official site.", "Download it from {} first.",
    "Tickets at {} or at the door.", "[{}]", "Info: {}", "详见{}。", "网址：{}", "官网 {}。",
    "詳しくは {} をご覧ください。", "Подробнее: {}.", "Más información en {}.", "Plus d'informations sur {}.",
    "Mehr unter {}.", "Info selengkapnya: {}.", "التفاصيل: {}.",
)  # fmt: skip
_NETWORKS = (
    "https://twitter.com/{}", "https://www.facebook.com/{}", "http://facebook.com/{}", "https://t.me/{}",
    "https://www.instagram.com/{}", "https://www.youtube.com/@{}", "https://vk.com/{}", "https://weibo.com/{}",
    "https://www.linkedin.com/company/{}", "https://github.com/{}/{}", "https://plus.google.com/+{}", "t.me/{}",
    "https://x.com/{}", "https://www.tiktok.com/@{}", "https://wa.me/{}", "facebook.com/{}", "https://ok.ru/{}",
)  # fmt: skip
_LANGUAGES = (
    "中文", "English", "Español", "العربية", "Русский", "日本語", "한국어", "Français", "Deutsch", "Português",
    "Italiano", "हिन्दी", "ไทย", "Tiếng Việt", "Türkçe", "Bahasa Indonesia", "Українська", "Polski", "فارسی", "繁體中文",
)  # fmt: skip


def _between(line: str, sentence: str, lang: str, rng: random.Random) -> str:
    parts = sentences(line) if line else []
    parts.insert(rng.randrange(len(parts) + 1), sentence)
    return blank(base(lang)).join(parts)


def _inside(line: str, piece: str, rng: random.Random) -> str:
    words = line.split(" ")
    words.insert(rng.randrange(len(words)) + 1, piece)
    return " ".join(words)
