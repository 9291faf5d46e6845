"""The texts that the speed benchmark runs on, made from clean documents: same input, same texts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from common import Document, bytes_of, spread

# A small generator in the manner of real campaigns; --phrases takes a list instead.
_STEMS = {
    "{}419论坛": ("爱上海", "夜杭州", "苏州桑拿", "广州龙凤", "魔都夜网"),
    "{}品茶工作室": ("上海", "南京", "成都", "深圳外卖"),
    "{}官网登录": ("华亿体育", "金冠娱乐城", "九游棋牌", "博盈彩票"),
    "{} slot gacor maxwin": ("dewa88", "raja777", "situs mpo", "naga303"),
    "best {} bonus no deposit": ("online casino", "sportsbook", "crypto casino"),
    "buy {} without prescription": ("generic viagra", "cialis online", "tramadol"),
    "{} играть на деньги": ("казино вулкан", "игровые автоматы", "1хбет зеркало"),
    "{} 먹튀검증 사이트": ("토토", "안전놀이터", "바카라"),
    "{} güvenilir bahis": ("deneme bonusu", "canlı casino"),
}
_NEAR = 3_000  # bytes of the document that latency is measured on
_FROM, _TO = 2_500, 3_500


def phrases(path: Path | None) -> list[str]:
    """Return the phrases to infect with: the first column of a file, or what the generator makes."""
    if path is None:
        return [stem.format(name) for stem, names in _STEMS.items() for name in names]
    cells = (line.split("\t")[0].strip() for line in path.read_text("utf-8").split("\n"))
    return [cell for cell in cells if cell]


def read(documents: Sequence[Document], megabytes: float) -> list[str]:
    """Return the texts of documents spread evenly over all, ``megabytes`` of UTF-8 at most."""
    chosen = spread(documents, (bytes_of((document.text,)) for document in documents), megabytes * 1e6)
    return [document.text for document in chosen]


def every_line(texts: Sequence[str], words: Sequence[str]) -> list[str]:
    """Return the texts with a phrase before every line that is not blank."""
    rng = random.Random(0)
    return ["\n".join(_prefixed(line, words, rng) for line in text.split("\n")) for text in texts]


def articles(texts: Sequence[str], count: int) -> list[str]:
    """Return texts of about 3 KB, longer ones cut at the end of a line, spread evenly over all."""
    found = [text for text in map(_about_3_kb, texts) if text]
    return spread(found, [1] * len(found), count)


def infected(texts: Sequence[str], words: Sequence[str]) -> list[str]:
    """Return the texts with phrases before one to three of their lines."""
    rng = random.Random(1)
    changed = []
    for text in texts:
        lines = text.split("\n")
        for index in rng.sample(range(len(lines)), min(len(lines), rng.choice((1, 2, 3)))):
            lines[index] = _prefixed(lines[index], words, rng)
        changed.append("\n".join(lines))
    return changed


def lines_of(texts: Sequence[str]) -> list[str]:
    """Return the lines that are not blank."""
    return [line for text in texts for line in text.split("\n") if line.strip()]


def _prefixed(line: str, words: Sequence[str], rng: random.Random) -> str:
    return f"{rng.choice(words)} {line}" if line.strip() else line


def _about_3_kb(text: str) -> str:
    kept: list[str] = []
    size = 0
    for line in text.split("\n"):
        longer = size + bytes_of((line,)) + 1
        if longer > _TO or size >= _NEAR:
            break
        kept.append(line)
        size = longer
    return "\n".join(kept) if size >= _FROM else ""
