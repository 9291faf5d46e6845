"""The layouts of web pages: lists, headings, blank lines; and how text falls into sentences."""

from __future__ import annotations

import random
import re

from cleaner.training.fields import topic
from cleaner.training.sources import Host

UNSPACED = ("zh", "ja", "th", "lo", "km", "my", "bo")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=\S)|(?<=[。！？।؟۔])\s*(?=\S)")
_BULLETS = ("- ", "• ", "* ", "– ", "→ ", "· ", "● ", "▪ ", "# ")
_HEADINGS = ("{}. ", "Section {}: ", "【{}】", "{}) ", "第{}章 ", "Part {} - ", "{}、", "", "", "", "## ")


def lay_out(host: Host, rng: random.Random) -> list[str]:
    """Return the host's lines, some turned into the lists and headings of web pages."""
    lines = [line for line in host.text.split("\n") if line.strip()]
    if len(lines) > 14:
        begin = rng.randrange(len(lines) - 10)
        lines = lines[begin : begin + rng.randrange(5, 14)]
    form = rng.random()
    if form < 0.3:
        lines = _listed(lines, rng)
    if form > 0.75:
        lines = [line for pair in lines for line in (pair, "")][:-1]
    if rng.random() < 0.35:
        number = rng.choice(_HEADINGS)
        count = 0
        for index in range(0, len(lines), 3):
            if lines[index]:
                count += 1
                text = short(lines[index]) if rng.random() < 0.4 else _heading(lines, rng)
                lines.insert(index, number.format(count) + text)
    return lines or [host.text]


def _heading(lines: list[str], rng: random.Random) -> str:
    """Return a heading of few words, other words than its paragraph begins with."""
    text = topic(lines, rng)
    return text[:1].upper() + text[1:]


def _listed(lines: list[str], rng: random.Random) -> list[str]:
    bullet = rng.choice(_BULLETS)
    numbered = rng.random() < 0.25
    out: list[str] = []
    for line in lines:
        parts = sentences(line)
        if len(parts) > 1 and rng.random() < 0.7:
            items = [short(part, rng.randrange(20, 110)) for part in parts[:6]]
            out += [f"{i}. {item}" if numbered else bullet + item for i, item in enumerate(items, 1)]
        else:
            out.append(line)
    return out


def sentences(line: str) -> list[str]:
    """Return the sentences of a line."""
    return [part for part in _SENTENCE.split(line) if part] or [line]


def short(line: str, size: int = 40) -> str:
    """Return the beginning of a line, cut at a word, as headings and list items are."""
    cut = line[:size]
    if " " in cut and len(line) > size:
        cut = cut.rsplit(" ", 1)[0]
    return cut.strip(" .,;:。，、")


def blank(lang: str) -> str:
    """Return what stands between two sentences of a language."""
    return "" if lang[:2] in ("zh", "ja") else " "


def base(lang: str) -> str:
    """Return the plain language of a code: ``zh`` for ``zh-Hant``, ``en`` for ``en+zh``."""
    return lang.split("-")[0].split("+")[0]
