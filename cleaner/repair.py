"""Mending: spans become edits, edits become text, and back.

The cut never takes a host character. Besides the span it takes only the white space that the phrase
brought along (see :func:`seam`) and a pair of brackets that would be left empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cleaner.types import Edit, Span

# What may end or begin a line here: the line ends of str.splitlines that scraped text really holds.
NEWLINES = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_BLANKS = " \t\u00a0\u3000\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"
_CLINGING = ",.;:!?)]}»”’，。；：！？）】」』、؟،۔।"
_PAIRS = {"(": ")", "[": "]", "{": "}", "（": "）", "【": "】", "「": "」", "『": "』", "《": "》", "〈": "〉"}


def make_edits(text: str, spans: Iterable[Span]) -> tuple[Edit, ...]:
    """Return the cuts for the spans whose action is ``"remove"``, seams mended, in order.

    >>> make_edits("spam Heading", [Span(0, 4, "x", 1.0, "remove")])
    (Edit(start=0, removed='spam ', inserted=''),)
    """
    cuts: list[tuple[int, int]] = []
    for span in spans:
        if span.action != "remove":
            continue
        start, end = seam(text, span.start, span.end)
        if cuts and start <= cuts[-1][1]:
            # Two phrases with only blanks between them: one cut, mended as one.
            first = cuts.pop()[0]
            start, end = seam(text, first, max(end, span.end))
        cuts.append((start, end))
    return tuple(Edit(start, text[start:end]) for start, end in cuts)


def seam(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen ``[start, end)`` by the white space (and empty brackets) that the phrase brought along.

    - at the start of a line the blanks after it go too, so a list marker or heading comes first again;
    - a whole line goes with one line break; the blank lines of the host stay;
    - at the end of a line the blanks before it go;
    - inside a line one of the two blanks stays, none before a comma, full stop or closing bracket.
    """
    start, end = _empty_brackets(text, start, end)
    left = start
    while left > 0 and text[left - 1] in _BLANKS:
        left -= 1
    right = end
    while right < len(text) and text[right] in _BLANKS:
        right += 1
    opens_line = left == 0 or text[left - 1] in NEWLINES
    closes_line = right == len(text) or text[right] in NEWLINES
    if opens_line and closes_line:
        return _whole_line(text, left, right)
    if opens_line:
        return start, right
    if closes_line:
        return left, end
    if left < start and end < right:
        return start, right
    if left < start and text[end] in _CLINGING:
        return left, end
    return start, end


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """Return ``text`` with the edits carried out. They must be sorted and disjoint.

    >>> apply_edits("spam Heading", [Edit(0, "spam ")])
    'Heading'
    """
    pieces: list[str] = []
    position = 0
    for edit in edits:
        pieces += (text[position : edit.start], edit.inserted)
        position = edit.end
    pieces.append(text[position:])
    return "".join(pieces)


def restore(cleaned: str, edits: Sequence[Edit]) -> str:
    """Return the source text from the cleaned text and its edits.

    >>> restore("Heading", [Edit(0, "spam ")])
    'spam Heading'
    """
    pieces: list[str] = []
    position = 0  # in the cleaned text
    source = 0  # the same place in the source text
    for edit in edits:
        kept = edit.start - source
        pieces += (cleaned[position : position + kept], edit.removed)
        position += kept + len(edit.inserted)
        source = edit.end
    pieces.append(cleaned[position:])
    return "".join(pieces)


def _empty_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and end < len(text) and _PAIRS.get(text[start - 1]) == text[end]:
        start, end = start - 1, end + 1
    return start, end


def _whole_line(text: str, left: int, right: int) -> tuple[int, int]:
    if right < len(text):
        right += 2 if text.startswith("\r\n", right) else 1
    elif left > 0:
        left -= 2 if text.endswith("\r\n", 0, left) else 1
    return left, right


def to_source(edits: Sequence[Edit], start: int, end: int) -> tuple[int, int]:
    """Return where ``[start, end)`` of the cleaned text stood in the source text; cuts inside it are covered."""
    shift = 0
    first = last = None
    for edit in edits:
        place = edit.start - shift  # of the cut, in the cleaned text
        if first is None and start < place:
            first = start + shift
        if last is None and end <= place:
            last = end + shift
        shift += len(edit.removed) - len(edit.inserted)
    return (start + shift if first is None else first), (end + shift if last is None else last)
