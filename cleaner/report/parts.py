"""Pieces of the page: safe text, numbers, bars, the histogram. Everything from a crawl goes through :func:`shown`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

# Joiners make emoji and Persian readable and move nothing.
_HARMLESS = "\u200c\u200d"
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NAMES = {"\n": "↵", "\r": "↵", "\t": "⇥"}


def shown(text: str, most: int = 160) -> str:
    """Return scraped text as HTML: escaped, invisible characters named, its direction kept to itself.

    >>> shown("<b>\\u202eabc")
    '<bdi>&lt;b&gt;<span class="code">U+202E</span>abc</bdi>'
    """
    if len(text) > most:
        text = text[: most * 2 // 3] + "…" + text[-most // 3 :]
    pieces = [_visible(char) for char in text]
    return f"<bdi>{''.join(pieces)}</bdi>"


def _visible(char: str) -> str:
    if char in _HARMLESS or unicodedata.category(char) not in _HIDDEN:
        return escape(char)
    return f'<span class="code">{_NAMES.get(char) or f"U+{ord(char):04X}"}</span>'


def number(value: float | None) -> str:
    """Return a number as people read it: thousands parted by commas, ``–`` for none."""
    if value is None:
        return "–"
    if isinstance(value, int) or value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:,.1f}" if value >= 1 else f"{value:.2g}"


def percent(share: float | None) -> str:
    """Return a share in percent with as many digits as it takes to tell small ones apart."""
    if share is None:
        return "–"
    value = 100 * share
    return f"{value:.0f}%" if value >= 10 or value == 0 else f"{value:.1f}%" if value >= 0.1 else f"{value:.2g}%"


def bar(cut: int, review: int, most: int) -> str:
    """Return a bar of two parts, scaled so that ``most`` fills the width. Its figures stand in the table beside it."""
    scale = 100 / max(1, most)
    first, second = cut * scale, review * scale
    return (
        '<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="8" rx="1"/>'
        f'<rect class="cut" width="{first:.2f}" height="8"/>'
        f'<rect class="rev" x="{first:.2f}" width="{second:.2f}" height="8"/></svg>'
    )


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]], label: str) -> str:
    """Return a table that scrolls by itself on narrow screens. Cells are HTML; ``|class`` marks a column's class."""
    named = [column.partition("|")[::2] for column in columns]
    head = "".join(f'<th scope="col"{_class(kind)}>{escape(name)}</th>' for name, kind in named)
    body: list[str] = []
    for row in rows:
        cells = [f'<th scope="row">{row[0]}</th>']
        cells += [f"<td{_class(kind)}>{cell}</td>" for cell, (_, kind) in zip(row[1:], named[1:], strict=True)]
        body.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(label)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def histogram(scores: Sequence[dict[str, Any]], threshold: float | None, review: float | None) -> str:
    """Return the spans by score as an inline SVG, with the run's two limits as lines."""
    width, height, base, gap = 640, 190, 160, 4
    most = max((one["cut"] + one["review"] for one in scores), default=0) or 1
    step = width / len(scores)
    parts: list[str] = []
    for place, one in enumerate(scores):
        top = 0.0
        for name, kind in (("cut", "cut"), ("review", "rev")):
            size = (base - 24) * one[name] / most
            if size:
                size = max(size, 1.5)
                x, y = place * step + gap / 2, base - top - size
                parts.append(f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{step - gap:.1f}" height="{size:.1f}"/>')
                top += size
    for limit, name in ((review, "review from"), (threshold, "cut from")):
        if limit is not None:
            x = limit * width
            anchor = "end" if limit > 0.7 else "start"
            words = f'<text class="tick" x="{x + (-5 if anchor == "end" else 5):.1f}" y="12" text-anchor="{anchor}">'
            parts.append(f'<line class="edge" x1="{x:.1f}" x2="{x:.1f}" y1="2" y2="{base}"/>{words}{name} {limit:g}</text>')
    for tick in range(0, 11, 2):
        anchor = "start" if tick == 0 else "end" if tick == 10 else "middle"
        parts.append(f'<text class="tick" x="{tick / 10 * width:.0f}" y="{base + 18}" text-anchor="{anchor}">{tick / 10:g}</text>')
    cut, left = sum(one["cut"] for one in scores), sum(one["review"] for one in scores)
    words = f"Histogram of span scores from 0 to 1: {cut} cut, {left} left for review"
    return (
        f'<svg class="hist" viewBox="0 0 {width} {height}" role="img" aria-label="{words}">'
        f'<line class="axis" x1="0" x2="{width}" y1="{base}" y2="{base}"/>{"".join(parts)}</svg>'
    )


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
