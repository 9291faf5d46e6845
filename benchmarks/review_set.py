"""A review queue with known answers: pages with injected phrases and honest mentions, and what the engine flags.

Two kinds of crawl. ``campaigns``: 90 campaigns, each a grammar's pattern, the largest on many pages (the
n-th as often as 1/n), as crawls look. ``independent``: every phrase drawn by itself over all languages
and families, so that hardly two share a campaign; the hardest case for deciding groups.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cleaner import Cleaner
from cleaner.io.plain import TextDocument
from cleaner.review.flagged import Flagged, read_flagged

KINDS: Final = ("campaigns", "independent")
_SLOT = re.compile(r"\{(\w+)\}")
_CAMPAIGNS: Final = 90
_SITES: Final = 60
_CIRCLED: Final = str.maketrans("123456789", "①②③④⑤⑥⑦⑧⑨")
_WIDE: Final = {place: place + 0xFEE0 for place in range(0x21, 0x7F)}
_LOOKALIKE: Final = str.maketrans("aeocpx", "аеосрх")


@dataclass(frozen=True, slots=True)
class Queue:
    """Flagged spans, and for each whether it lies on an injected phrase."""

    items: list[Flagged]
    injected: list[bool]
    documents: int


@dataclass(frozen=True, slots=True)
class _Pattern:
    lang: str
    pattern: str
    slots: dict[str, list[str]]

    def fill(self, rng: random.Random) -> str:
        """Return one phrase of the campaign."""
        filled = _SLOT.sub(lambda found: rng.choice(self.slots[found[1]]), self.pattern)
        return " ".join(filled.split())


def make_queue(kind: str, spans: int, corpus: Path, data: Path | None = None, seed: int = 5, lead: str = "") -> Queue:
    """Return a queue of ``spans`` flagged spans from pages made of the corpus (and of a folder of open data).

    ``lead`` is the largest campaign's pattern, with the slots city, code, num and venue of the Chinese grammar.
    """
    rng = random.Random(f"{kind}-{seed}")
    weaver = _Weaver(kind, corpus, data, rng, lead)
    cleaner = Cleaner()
    items: list[Flagged] = []
    injected: list[bool] = []
    number = 0
    while len(items) < spans:
        pages = [weaver.page() for _ in range(100)]
        truth = {}
        records = []
        for text, places in pages:
            identity = f"https://site-{rng.randrange(_SITES)}.example/{number}"
            number += 1
            truth[identity] = places
            records.append(TextDocument(identity, 0, 0, b"", id=identity, text=text))
        for item in read_flagged(records, cleaner.clean_many, lambda place, reason: None):
            span = item.span
            covered = sum(max(0, min(span.end, end) - max(span.start, start)) for start, end in truth[span.document_id])
            items.append(item)
            injected.append(2 * covered >= span.end - span.start)
    return Queue(items[:spans], injected[:spans], number)


class _Weaver:
    """Makes pages: six in ten infected, two with an honest mention of such phrases, two untouched."""

    def __init__(self, kind: str, corpus: Path, data: Path | None, rng: random.Random, lead: str) -> None:
        self._rng = rng
        self._patterns = list(_patterns(corpus))
        self._lists = list(_listed(data)) if data else []
        self._frames = {path.stem: json.loads(path.read_text("utf-8")) for path in (corpus / "frames").glob("*.json")}
        self._hosts = [text for folder in ("hosts", "negatives") for text in _texts(corpus / folder)]
        if data:
            self._hosts += list(_texts(data / "clean" / "dev"))
        self._hosts.sort()
        self._campaigns = rng.sample(self._patterns, _CAMPAIGNS) if kind == "campaigns" else []
        if lead:
            slots = next(pattern.slots for pattern in self._patterns if pattern.pattern == "{city}{code}{num}{venue}")
            self._campaigns.insert(0, _Pattern("zh", lead, slots))

    def page(self) -> tuple[str, list[tuple[int, int]]]:
        """Return a page and where phrases were injected."""
        rng = self._rng
        lines = [line for line in rng.choice(self._hosts)[:1800].split("\n") if line.strip()] or ["."]
        form = rng.random()
        if form < 0.6:
            return self._infected(lines)
        if form < 0.8:
            lang = rng.choice(sorted(self._frames))
            sentence = rng.choice(self._frames[lang]["legit"]).replace("{p}", self._phrase(lang))
            lines.insert(rng.randrange(len(lines) + 1), sentence)
        return "\n".join(lines), []

    def _infected(self, lines: list[str]) -> tuple[str, list[tuple[int, int]]]:
        rng = self._rng
        first = self._phrase()
        marked: dict[int, tuple[str, str, str]] = {}
        for _ in range(rng.choice((1, 1, 2, 3))):
            phrase = self._disguised(first if rng.random() < 0.3 else self._phrase())
            marked[rng.randrange(len(lines))] = (rng.choice(("prefix", "suffix", "own", "between")), phrase, "")
        text, places = "", []
        for number, line in enumerate(lines):
            form, phrase, _ = marked.get(number, ("", "", ""))
            left, right = _around(line, form)
            if phrase:
                places.append((len(text) + len(left), len(text) + len(left) + len(phrase)))
            text += left + phrase + right + "\n"
        return text, places

    def _phrase(self, lang: str = "") -> str:
        rng = self._rng
        if self._campaigns:
            weights = [1 / rank for rank in range(1, len(self._campaigns) + 1)]
            return rng.choices(self._campaigns, weights)[0].fill(rng)
        if self._lists and rng.random() < 0.4:
            return rng.choice(self._lists)
        fitting = [pattern for pattern in self._patterns if pattern.lang == lang] or self._patterns
        return rng.choice(fitting).fill(rng)

    def _disguised(self, phrase: str) -> str:
        form = self._rng.randrange(16)
        if form == 0:
            return phrase.translate(_WIDE)
        if form == 1:
            return phrase.translate(_CIRCLED).translate(_LOOKALIKE)
        if form == 2:
            return "\u200b".join(phrase)
        if form == 3 and len(phrase) <= 16:
            return self._rng.choice(" .-*").join(phrase.replace(" ", ""))
        if form == 4:
            return self._rng.choice("🔥✨💰👉") + phrase
        return phrase


def _around(line: str, form: str) -> tuple[str, str]:
    if form == "prefix":
        return "", " " + line
    if form == "suffix":
        return line + " ", ""
    if form == "own":
        return line + "\n", ""
    if form == "between":
        end = max(line.find(mark) for mark in (". ", "。", "? ", "! ")) + 1
        return (line[:end] + " ", line[end:]) if end else (line + " ", "")
    return line, ""


def _patterns(corpus: Path) -> Iterator[_Pattern]:
    for path in sorted((corpus / "phrases").glob("*.json")):
        grammar = json.loads(path.read_text("utf-8"))
        for _, family in sorted(grammar["families"].items()):
            for pattern in family["patterns"]:
                yield _Pattern(grammar["lang"], pattern, family["slots"])


def _listed(data: Path) -> Iterator[str]:
    for line in (data / "spam" / "phrases.tsv").read_text("utf-8").split("\n"):
        phrase = line.split("\t")[0]
        if 4 <= len(phrase) <= 60:
            yield phrase


def _texts(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.jsonl*")):
        opener: Any = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)["text"]
