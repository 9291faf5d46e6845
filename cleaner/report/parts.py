"""Pieces of the page: safe text, numbers, bars, the histogram. Everything from a crawl goes through :func:`shown`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

# Joiners make emoji and Persian readable and move nothing.
_HARMLESS = "\u200c\u200d"
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_WIDTH, _BASE = 480, 150  # of the histogram, in its own units: the room above the axis
_NAMES = {"\n": "↵", "\r": "↵", "\t": "⇥"}


def shown(text: str, most: int = 160) -> str:
    r"""Return scraped text as HTML: escaped, invisible characters named, its direction kept to itself.

    >>> shown("<b>\u202eabc")
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


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """Return a table that scrolls by itself on narrow screens. Cells are HTML.

    ``columns`` are ``"Name|class"``; the class is given to all cells of the column, ``kind`` to the table.
    """
    named = [column.partition("|")[::2] for column in columns]
    head = "".join(f'<th scope="col"{_class(style)}>{escape(name)}</th>' for name, style in named)
    body: list[str] = []
    for row in rows:
        cells = [f'<th scope="row">{row[0]}</th>']
        cells += [f"<td{_class(style)}>{cell}</td>" for cell, (_, style) in zip(row[1:], named[1:], strict=True)]
        body.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(caption)}"><table{_class(kind)}>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def histogram(scores: Sequence[dict[str, Any]], threshold: float | None, review: float | None) -> str:
    """Return the spans by score as an inline SVG, with the run's two limits as lines."""
    most = max((one["cut"] + one["review"] for one in scores), default=0) or 1
    step = _WIDTH / len(scores)
    parts = [_column(place * step, step, one, most) for place, one in enumerate(scores)]
    parts += [
        _edge(limit, name) for limit, name in ((review, "review from"), (threshold, "cut from")) if limit is not None
    ]
    for tick in range(0, 11, 2):
        anchor = "start" if tick == 0 else "end" if tick == 10 else "middle"
        parts.append(_words(tick / 10 * _WIDTH, _BASE + 18, f"{tick / 10:g}", anchor))
    cut, left = sum(one["cut"] for one in scores), sum(one["review"] for one in scores)
    told = f"Histogram of span scores from 0 to 1: {cut} cut, {left} left for review"
    return (
        f'<svg class="hist" viewBox="0 0 {_WIDTH} {_BASE + 26}" role="img" aria-label="{told}">'
        f'<line class="axis" x1="0" x2="{_WIDTH}" y1="{_BASE}" y2="{_BASE}"/>{"".join(parts)}</svg>'
    )


def _column(left: float, step: float, one: dict[str, Any], most: int) -> str:
    parts: list[str] = []
    top = float(_BASE)
    for name, kind in (("cut", "cut"), ("review", "rev")):
        if one[name]:
            size = max(1.5, (_BASE - 24) * one[name] / most)  # a single span can be seen beside a million
            top -= size
            place = f'x="{left + 1.5:.1f}" y="{top:.1f}" width="{step - 3:.1f}" height="{size:.1f}"'
            parts.append(f'<rect class="{kind}" {place}/>')
    return "".join(parts)


def _edge(limit: float, name: str) -> str:
    x = limit * _WIDTH
    # The words stand on the side that has room, and those of the two limits in two rows.
    y = 12 if name == "cut from" else 26
    right = limit <= 0.4
    words = _words(x + 5 if right else x - 5, y, f"{name} {limit:g}", "start" if right else "end")
    return f'<line class="edge" x1="{x:.1f}" x2="{x:.1f}" y1="2" y2="{_BASE}"/>{words}'


def _words(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text class="tick" x="{x:.1f}" y="{y}" text-anchor="{anchor}">{text}</text>'


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
