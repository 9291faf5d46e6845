"""What one would use instead: each peer is a function from a text to the ranges it would take out.

The peers were not made for this job. Each is used the plain way its documentation shows, with what helps
it where that costs one line (main language per document, variants of one language counted as the same).
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import regex
from common import Missing, load

from cleaner.repair import apply_edits, make_edits
from cleaner.types import Cleaning, Span

Range = tuple[int, int]
Rule = Callable[[str], list[Range]]

_LINE = regex.compile(r"[^\n\r\u2028\u2029]+")
_HAN_RUN = regex.compile(r"\p{Han}[\p{Han}\d]*")
_EAST = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]+")
_OTHER = regex.compile(r"[\p{L}--[\p{Han}\p{Hiragana}\p{Katakana}]]+", regex.V1)
_CONTROL = regex.compile(r"[\p{Cc}\p{Cs}--\n]", regex.V1)


class Peer:
    """A rule in the shape of a :class:`cleaner.Cleaner`, for ``cleaner.evaluate``; cuts get our seams."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule

    def clean_many(self, texts: Iterable[str]) -> Iterator[Cleaning]:
        """Yield one :class:`Cleaning` per text."""
        for text in texts:
            spans = tuple(Span(start, end, "", 1.0, "remove") for start, end in merged(self._rule(text)))
            edits = make_edits(text, spans)
            yield Cleaning(apply_edits(text, edits), spans, edits, "changed" if edits else "clean", "", "und", "")


@dataclass(frozen=True, slots=True)
class Entry:
    """A peer by name; ``make`` raises :class:`common.Missing` when its package is not installed."""

    key: str
    name: str
    make: Callable[[], Rule]


def lines(text: str) -> Iterator[Range]:
    """Yield the ranges of the lines that are not blank, without white space at the edges."""
    for match in _LINE.finditer(text):
        line = match.group()
        stripped = line.strip()
        if stripped:
            start = match.start() + len(line) - len(line.lstrip())
            yield start, start + len(stripped)


def plain(text: str) -> str:
    """Return the text with control characters, which some peers refuse, as blanks; byte offsets stay right."""
    return str(_CONTROL.sub(lambda match: " " * len(match.group().encode("utf-8", "surrogatepass")), text))


def merged(ranges: Iterable[Range]) -> list[Range]:
    """Return the ranges sorted, those that overlap joined, empty ones left out."""
    joined: list[Range] = []
    for start, end in sorted(ranges):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return joined


def han_rule() -> Rule:
    """Take out runs of Han characters and digits in documents that are not mostly Chinese or Japanese."""

    def rule(text: str) -> list[Range]:
        runs = [match.span() for match in _HAN_RUN.finditer(text)]
        if not runs or _letters(_EAST, text) >= _letters(_OTHER, text):
            return []
        return runs

    return rule


def _letters(script: regex.Pattern[str], text: str) -> int:
    return sum(map(len, script.findall(text)))


def other_lines(language: Callable[[str], str]) -> Rule:
    """Drop the lines whose language is known and not the whole document's."""

    def rule(text: str) -> list[Range]:
        main = language(text)
        if not main:
            return []
        return [place for place in lines(text) if language(text[slice(*place)]) not in ("", main)]

    return rule


def langdetect() -> Callable[[str], str]:
    """Return langdetect as a function to a language code, ``""`` for unknown; seeded, its own profiles."""
    module = load("langdetect.detector_factory", "langdetect")
    failed = load("langdetect.lang_detect_exception", "langdetect").LangDetectException
    factory = module.DetectorFactory()
    factory.load_profile(module.PROFILES_DIRECTORY)
    factory.set_seed(0)

    def language(text: str) -> str:
        detector = factory.create()
        detector.append(text)
        try:
            found = str(detector.detect())
        except failed:
            return ""
        return "" if found == "unknown" else found.partition("-")[0]

    return language


def lingua() -> Callable[[str], str]:
    """Return lingua with all its languages as a function to a language's name, ``""`` for unknown."""
    builder = load("lingua", "lingua-language-detector").LanguageDetectorBuilder
    detector = builder.from_all_languages().with_preloaded_language_models().build()

    def language(text: str) -> str:
        found = detector.detect_language_of(plain(text))
        return "" if found is None else str(found.name)

    return language


def vectors(cld2: Any, data: bytes) -> tuple[str, list[tuple[int, int, str]]]:
    """Return the main language and the stretches ``(first byte, size, language)`` that pycld2 finds."""
    _, _, details, found = cld2.detect(data, isPlainText=True, returnVectors=True)
    return details[0][1], [(start, size, code) for start, size, _, code in found]


def pycld2_spans() -> Rule:
    """Take out the stretches whose language is known and not the document's main one."""
    cld2 = load("pycld2", "pycld2")

    def rule(text: str) -> list[Range]:
        main, found = vectors(cld2, plain(text).encode())
        if main == "un":
            return []
        places = _Places(text)
        kind = main.partition("-")[0]
        return [
            (places.of(start), places.of(start + size))
            for start, size, code in found
            if code.partition("-")[0] not in (kind, "un")
        ]

    return rule


class _Places:
    """Code-point offsets of byte offsets that only grow: one pass over the text."""

    def __init__(self, text: str) -> None:
        self._data = text.encode("utf-8", "surrogatepass")
        self._byte = 0
        self._place = 0

    def of(self, byte: int) -> int:
        self._place += sum((value & 0xC0) != 0x80 for value in self._data[self._byte : byte])
        self._byte = max(byte, self._byte)
        return self._place


# Languages that jusText has stop words for; the others get its mode without.
_STOPLISTS = {
    "ar": "Arabic", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "hi": "Hindi", "hu": "Hungarian", "id": "Indonesian",
    "it": "Italian", "ko": "Korean", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian",
    "ru": "Russian", "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese",
}  # fmt: skip


def justext() -> Rule:
    """Drop the lines that jusText calls boilerplate; every line is given to it as a paragraph."""
    module = load("justext", "jusText lxml_html_clean")
    language = langdetect()
    known = module.get_stoplists()

    def rule(text: str) -> list[Range]:
        places = list(lines(text))
        if not places:
            return []
        page = "".join(f"<p>{html.escape(plain(text[slice(*place)]))}</p>" for place in places)
        name = _STOPLISTS.get(language(text), "")
        if name in known:
            paragraphs = module.justext(page, module.get_stoplist(name))
        else:
            paragraphs = module.justext(page, frozenset(), stopwords_low=0, stopwords_high=0)
        bad = Counter(_number(item.xpath) for item in paragraphs if item.is_boilerplate)
        return [place for number, place in enumerate(places, 1) if number in bad]

    return rule


def _number(path: str) -> int:
    match = regex.search(r"/p\[(\d+)\]", path)
    return int(match[1]) if match else 1


def c4_lines() -> Rule:
    """Drop lines by the rules of C4 (Raffel et al. 2020): an end mark, five words, no "javascript"."""

    def rule(text: str) -> list[Range]:
        return [place for place in lines(text) if not _c4_keeps(text[slice(*place)])]

    return rule


def _c4_keeps(line: str) -> bool:
    ends = line.endswith((".", "!", "?", '"')) and not line.endswith("...")
    return ends and len(line.split()) >= 5 and "javascript" not in line.lower()


PEERS = (
    Entry("han", "Han rule (regex)", han_rule),
    Entry("langdetect", "langdetect, lines", lambda: other_lines(langdetect())),
    Entry("pycld2", "pycld2, spans", pycld2_spans),
    Entry("lingua", "lingua, lines", lambda: other_lines(lingua())),
    Entry("justext", "jusText, lines", justext),
    Entry("c4", "C4 line rules", c4_lines),
)

__all__ = ["PEERS", "Entry", "Missing", "Peer", "han_rule", "langdetect", "lines", "plain", "vectors"]
