"""What people read on a terminal: safe, fitting and coloured text.

Scraped text is hostile to terminals. Nothing of it is printed before :func:`safe` has seen it.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable

import click

from cleaner.errors import OutputError
from cleaner.types import Span

# Joiners are what makes emoji and Persian readable, and they move no cursor.
_HARMLESS = "\u200c\u200d"
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_LINE_END = re.compile("\r\n|\r|\n")
_COLOURS = {"remove": "red", "review": "yellow"}
_MARKS = {"remove": ("[-", "-]"), "review": ("[?", "?]")}


def message(text: str) -> None:
    """Print a line on standard error. It must be :func:`safe` already."""
    click.echo(text, err=True)


def safe(text: str) -> str:
    r"""Return the text with every character escaped that could steer a terminal or hide.

    >>> safe("a\x1b[2J\u202eb")
    'a\\x1b[2J\\u202eb'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def width(text: str) -> int:
    """Return the columns a safe text takes: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def count(number: int, noun: str, plural: str = "") -> str:
    """Return ``1 span``, ``2 spans``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


class Lines:
    """Places in a text as people count them: from 1, ``LF``, ``CR`` and ``CRLF`` ending a line."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(found.end() for found in _LINE_END.finditer(text))]

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column of a code point."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def around(self, start: int, end: int) -> tuple[str, str]:
        """Return what stands before and after ``[start, end)`` on its line or lines."""
        line_end = _LINE_END.search(self._text, end)
        before = self._text[self._starts[bisect_right(self._starts, start) - 1] : start]
        return before, self._text[end : line_end.start() if line_end else len(self._text)]


class Screen:
    """Standard output for people: its width, and whether it shows colours (``auto``, ``always``, ``never``)."""

    def __init__(self, colour: str) -> None:
        wanted = "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        self.colour = colour == "always" or (colour == "auto" and wanted and _on_terminal())
        self.columns = max(40, min(200, shutil.get_terminal_size((100, 24)).columns))
        self.block = "█" if _encoding().startswith("utf") else "#"

    def line(self, text: str = "") -> None:
        """Print one line, which must be safe."""
        if sys.stdout is None:
            raise OutputError("standard output is closed")
        click.echo(text, color=self.colour)

    def style(self, text: str, colour: str | None = None, *, bold: bool = False) -> str:
        """Return the text in a colour, or as it is on a screen without."""
        return click.style(text, fg=colour, bold=bold) if self.colour else text

    def mark(self, text: str, action: str) -> str:
        """Return the text of a span so that it stands out, with colours or without."""
        if self.colour:
            return click.style(text, fg=_COLOURS[action], bold=True, reverse=True)
        return text.join(_MARKS[action])

    def fit(self, text: str, room: int) -> str:
        """Return the beginning of a raw text, safe, in at most ``room`` columns."""
        return _fit_start(text, max(8, room))

    def snippet(self, text: str, lines: Lines, span: Span, indent: int = 6) -> str:
        """Return the span, marked, with as much of its line around it as fits the screen."""
        room = self.columns - indent - 4  # the marks
        before, after = lines.around(span.start, span.end)
        shown = _middle_out(text[span.start : span.end], room * 2 // 3)
        spare = room - width(shown)
        wanted = width(safe(after[: 2 * spare]))  # what the right side leaves over goes to the left
        left = _fit_end(before, max(spare // 2, spare - wanted))
        right = _fit_start(after, spare - width(left))
        return " " * indent + left + self.mark(shown, span.action) + right


def _on_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _encoding() -> str:
    return (getattr(sys.stdout, "encoding", None) or "utf-8").lower()


def _shown(character: str) -> str:
    if character in _HARMLESS or unicodedata.category(character) not in _HIDDEN:
        return character
    code = ord(character)
    if code < 0x100:
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _columns(character: str) -> int:
    if character in _HARMLESS or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _fit_start(text: str, room: int) -> str:
    """Return the beginning of a raw text, safe, in at most ``room`` columns; an ellipsis says that more follows."""
    if _fits(text, room):
        return safe(text)
    return "".join(_taken(text[: 2 * room], room - 1)) + "…" if room > 0 else ""


def _fit_end(text: str, room: int) -> str:
    """Return the end of a raw text like :func:`_fit_start`."""
    if _fits(text, room):
        return safe(text)
    return "…" + "".join(reversed(_taken(reversed(text[-2 * room :]), room - 1))) if room > 0 else ""


def _middle_out(text: str, room: int) -> str:
    """Return a raw text, safe, with its middle left out when it is too wide."""
    if _fits(text, room):
        return safe(text)
    half = room // 2
    return _fit_start(text, half) + _fit_end(text, room - half).removeprefix("…")


def _fits(text: str, room: int) -> bool:
    # Twice the room: a mark on every character. More marks than that would climb over other lines.
    return len(text) <= 2 * room and width(safe(text)) <= room


def _taken(characters: Iterable[str], room: int) -> list[str]:
    """Return as many characters, safe, as fit into ``room`` columns."""
    taken: list[str] = []
    for character in characters:
        piece = safe(character)
        room -= width(piece)
        if room < 0:
            break
        taken.append(piece)
    return taken
