"""What people read on a terminal: safe, fitting and coloured text.

Nothing of a scraped text is printed before :func:`cleaner.terminal.safe` has seen it.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from bisect import bisect_right

import click

from cleaner.errors import OutputError
from cleaner.terminal import fit_end, fit_start, middle_out, safe, width
from cleaner.types import Span

_LINE_END = re.compile("\r\n|\r|\n")
_COLOURS = {"remove": "red", "review": "yellow"}
_MARKS = {"remove": ("[-", "-]"), "review": ("[?", "?]")}


def message(text: str) -> None:
    """Print a line on standard error. It must be :func:`safe` already."""
    click.echo(text, err=True)


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
        return fit_start(text, max(8, room))

    def snippet(self, text: str, lines: Lines, span: Span, indent: int = 6) -> str:
        """Return the span, marked, with as much of its line around it as fits the screen."""
        room = self.columns - indent - 4  # the marks
        before, after = lines.around(span.start, span.end)
        shown = middle_out(text[span.start : span.end], room * 2 // 3)
        spare = room - width(shown)
        wanted = width(safe(after[: 2 * spare]))  # what the right side leaves over goes to the left
        left = fit_end(before, max(spare // 2, spare - wanted))
        right = fit_start(after, spare - width(left))
        return " " * indent + left + self.mark(shown, span.action) + right


def _on_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _encoding() -> str:
    return (getattr(sys.stdout, "encoding", None) or "utf-8").lower()


__all__ = ["Lines", "Screen", "count", "message", "safe", "width"]
