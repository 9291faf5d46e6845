"""Spans for people and for programs, as ``scan`` and ``explain`` show them."""

from __future__ import annotations

from cleaner.cli._screen import Lines, Screen, safe
from cleaner.io.records import Document
from cleaner.keys import document_hash
from cleaner.types import Cleaning, Span

_CONTEXT = 40  # code points on each side of a span in JSON: a phrase or two
_BAR = 12
_COLOURS = {"remove": "red", "review": "yellow"}


def origin(document: Document) -> dict[str, object]:
    """Return where a document comes from. ``record`` is its line in a file of JSON lines, else null."""
    return {"file": document.file, "record": document.number or None, "id": document.id}


def span_record(document: Document, span: Span, lines: Lines) -> dict[str, object]:
    """Return a span as plain JSON values; ``line`` and ``column`` are those of the document's text."""
    text = document.text
    line, column = lines.place(span.start)
    return {
        **origin(document),
        "document": document_hash(text),
        "line": line,
        "column": column,
        "start": span.start,
        "end": span.end,
        "text": text[span.start : span.end],
        "label": span.label,
        "score": span.score,
        "action": span.action,
        "before": text[max(0, span.start - _CONTEXT) : span.start],
        "after": text[span.end : span.end + _CONTEXT],
        "evidence": [item.to_dict() for item in span.evidence],
    }


def show_heading(screen: Screen, document: Document, cleaning: Cleaning) -> None:
    """Print where the following spans stand."""
    name = safe(document.place)
    if document.line and str(document.id) != document.place:
        name += f"  (id {safe(str(document.id))})"
    if cleaning.status == "spam_page":
        name += "  spam from end to end, left whole by clean"
    screen.line(screen.style(name, "cyan", bold=True))


def show_span(screen: Screen, document: Document, span: Span, lines: Lines) -> None:
    """Print a span's place and verdict, and its line of text with the span marked."""
    line, column = lines.place(span.start)
    action = screen.style(span.action, _COLOURS[span.action], bold=True)
    screen.line(f"  {line}:{column}  {safe(span.label)}  {span.score:.2f}  {action}")
    screen.line(screen.snippet(document.text, lines, span))


def show_evidence(screen: Screen, span: Span) -> None:
    """Print the reasons for a span, the weightiest first, each with its weight as a bar."""
    rows = sorted(span.evidence, key=lambda item: -abs(item.weight))
    top = max((abs(item.weight) for item in rows), default=1.0) or 1.0
    names = max((len(safe(item.name)) for item in rows), default=0)
    for item in rows:
        bar = screen.block * max(1, round(abs(item.weight) / top * _BAR))
        colour = "red" if item.weight > 0 else "green"
        words = screen.fit(item.detail, screen.columns - names - _BAR - 19)
        weight = f"{item.weight:+6.2f}"
        screen.line(f"      {weight}  {screen.style(bar.ljust(_BAR), colour)}  {safe(item.name).ljust(names)}  {words}")
