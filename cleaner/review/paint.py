"""What the full screen shows, as styled lines: the group, its rows, the context of one span, the reasons."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from cleaner.review.flagged import Flagged
from cleaner.review.groups import Group
from cleaner.review.session import Progress, Row, counted
from cleaner.terminal import safe

# Colours that keep their meaning on 256-colour terminals and on both dark and light backgrounds.
SPAN: Final = {"remove": "bold #ffffff on #a8323e", "review": "bold #1c1500 on #e0af4c"}
DIM: Final = "#8a93a3"
HEAD: Final = "bold #7cc7ff"
WARN: Final = "#ffb454"
GOOD: Final = "#7fd88f"
BAD: Final = "#ff7a85"
_CURRENT: Final = "on #222b38"
_BLOCKS: Final = " ▁▂▃▄▅▆▇█"
_BAR: Final = 10
_MARKS: Final = 3  # combining marks on one character; more would climb over other lines
_GAP = re.compile(r"(\{[^{}]*\}|‹[^‹›]*›)")


def steady(text: str) -> str:
    r"""Return a text safe to show, of the same width on every terminal.

    Beyond what :func:`cleaner.terminal.safe` escapes: joiners between emoji and skin tones (some terminals
    draw one emoji, some three), variation selectors and the fourth combining mark in a row go.

    >>> steady("a\x1bb👩\u200d🚀\nc")
    'a\\x1bb👩\\u200d🚀⏎c'
    """
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks, last = 0, ""
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if character == "\n":
            shown.append("⏎")
        elif (
            character == "\u200d" and unicodedata.category(last or " ") == "So"
        ) or "\U0001f3fb" <= character <= "\U0001f3ff":
            shown.append(f"\\u{ord(character):04x}" if character == "\u200d" else f"\\U{ord(character):08x}")
        elif marks <= _MARKS and not "\ufe00" <= character <= "\ufe0f":
            shown.append(safe(character))
        last = character
    return "".join(shown)


def fit(text: str, room: int, *, end: bool = False) -> str:
    """Return the beginning (or the ``end``) of a raw text that fits into ``room`` columns, steady, with an ellipsis."""
    piece = steady(text[-4 * room :] if end else text[: 4 * room])
    if len(text) <= 4 * room and cell_len(piece) <= room:
        return piece
    if room < 1:
        return ""
    kept, left = [], room - 1
    for character in reversed(piece) if end else piece:
        left -= cell_len(character)
        if left < 0:
            break
        kept.append(character)
    return "…" + "".join(reversed(kept)) if end else "".join(kept) + "…"


def head(reviewer: str, scope: str, progress: Progress, columns: int) -> Text:
    """Return the first line: who, how far, and how far decisions reach."""
    done = progress.spans / progress.all_spans if progress.all_spans else 1.0
    size = 10 if columns < 100 else 24
    full = int(done * size)
    left = Text.assemble((" cleaner review ", "bold"), ("  ", ""), (fit(reviewer, 16), DIM))
    right = Text.assemble(
        ("━" * full, GOOD), ("━" * (size - full), "#3a4352"),
        (f"  {progress.spans:,}/{progress.all_spans:,} spans", "bold"),
        (f"  {progress.groups}/{progress.all_groups} groups", DIM), ("  reach ", DIM), (scope + " ", WARN),
    )  # fmt: skip
    return spread(left, right, columns)


def group_lines(group: Group, columns: int) -> Text:
    """Return a group's name and figures, and how its members differ."""
    name = Text(" ")
    for part in _GAP.split(fit(group.name, columns - 2)):
        name.append(part, "#c792ea" if _GAP.fullmatch(part) else HEAD)
    facts = [counted(len(group.items), "span"), counted(group.documents, "document")]
    facts += [counted(group.sites, "site")] if group.sites else []
    labels = len({item.span.label for item in group.items})
    family = fit(group.label, 16) if labels == 1 else f"{labels} families"
    line = Text.assemble((" " + " · ".join(facts), "bold"), (f" · {family} · scores ", DIM), spark(group))
    warning = group.warning()
    last = Text(fit(f" ⚠ {warning}", columns - 1), WARN) if warning else Text("")
    return Text("\n").join((name, line, last))


def spark(group: Group) -> Text:
    """Return the scores of the members as a small histogram from 0.5 to 1."""
    counts = [0] * 8
    for item in group.items:
        counts[min(7, max(0, int((item.span.score - 0.5) * 16)))] += 1
    bars = "".join(_BLOCKS[-(-8 * many // max(counts))] for many in counts)
    return Text.assemble(("0.5", DIM), (bars, "#5fb3b3"), ("1", DIM))


def row_lines(rows: Sequence[Row], cursor: int, marks: frozenset[int], columns: int, height: int) -> Text:
    """Return as many rows around the cursor as fit, each a phrase in its context, the spans one under the other."""
    first = max(0, min(cursor - height // 2, len(rows) - height))
    times = max(len(f"{len(row.items):,}") for row in rows) + 1 if any(len(row.items) > 1 for row in rows) else 0
    layout = _Layout(columns, times + bool(times), min(30, (columns - 9 - times) // 3))
    lines = []
    for number, row in enumerate(rows[first : first + height], first):
        lines.append(_row(row, number == cursor, number in marks, layout))
    return Text("\n").join(lines)


@dataclass(frozen=True, slots=True)
class _Layout:
    """The columns of a screen, of the counts in it, and of the text before a span."""

    columns: int
    times: int
    left: int


def _row(row: Row, current: bool, marked: bool, layout: _Layout) -> Text:
    item = row.items[0]
    many = f"{len(row.items):,}×" if len(row.items) > 1 else ""
    line = Text(no_wrap=True, style=_CURRENT if current else "")
    line.append("▌" if current else " ", HEAD)
    line.append("● " if marked else "  ", WARN)
    line.append(f"{item.span.score:.2f} ", DIM if item.action == "remove" else WARN)
    line.append(many.rjust(layout.times - 1) + " " if layout.times else "", "bold")
    before = fit(item.before.rpartition("\n")[2], layout.left, end=True)
    line.append(" " * (layout.left - cell_len(before)) + before, DIM)
    room = layout.columns - cell_len(line.plain) - 1
    shown = fit(item.span.text, room)
    line.append(shown, SPAN[item.action if item.action in SPAN else "review"])
    line.append(fit(item.after.partition("\n")[0], room - cell_len(shown)), DIM)
    if current:
        line.append(" " * max(0, layout.columns - cell_len(line.plain)))
    return line


def context(item: Flagged, columns: int, height: int) -> Text:
    """Return a span in its surroundings, over ``height`` lines, and above them where it stands."""
    span = item.span
    place = [fit(item.place, columns // 2, end=True), span.label, f"score {span.score:.3f}"]
    line = Text(" " + " · ".join(part for part in place if part), DIM)
    room = max(20, (columns - 3) * height - 2)
    shown = fit(span.text, room * 2 // 3)
    spare = room - cell_len(shown)
    before = fit(item.before, spare // 2, end=True)
    after = fit(item.after, spare - cell_len(before))
    body = Text.assemble((before, ""), (shown, SPAN.get(item.action, SPAN["review"])), (after, ""))
    return Text("\n").join((line, *(Text(" ") + part for part in _broken(body, columns - 3)[:height])))


def reasons(item: Flagged, columns: int, height: int) -> Text:
    """Return the weightiest reasons with their weights as bars."""
    if not item.evidence:
        return Text(" no evidence in the record", DIM)
    top = max(abs(weight) for weight, _ in item.evidence) or 1.0
    lines = []
    for weight, words in item.evidence[:height]:
        colour = BAD if weight > 0 else GOOD
        bar = "▇" * max(1, round(abs(weight) / top * _BAR))
        lines.append(
            Text.assemble((f" {weight:+5.1f} ", colour), (bar.ljust(_BAR + 1), colour), fit(words, columns - _BAR - 10))
        )
    return Text("\n").join(lines)


def queue_lines(
    groups: Sequence[Group], sizes: Sequence[int], current: Group | None, columns: int, height: int
) -> Text:
    """Return the groups that wait, with the number of their pending spans, around the current one."""
    place = next((number for number, group in enumerate(groups) if group is current), 0)
    first = max(0, min(place - height // 3, len(groups) - height))
    lines = []
    for group, size in list(zip(groups, sizes, strict=True))[first : first + height]:
        line = Text(no_wrap=True, style=_CURRENT if group is current else "")
        line.append(f"{size:>6,} ", "bold" if group is current else DIM)
        line.append(fit(group.name, columns - 9), HEAD if group is current else "")
        if group is current:
            line.append(" " * max(0, columns - cell_len(line.plain)))
        lines.append(line)
    return Text("\n").join(lines)


def _broken(text: Text, columns: int) -> list[Text]:
    """Break a styled text into lines by columns; a wide character never straddles two lines."""
    cuts, used = [], 0
    for place, character in enumerate(text.plain):
        size = cell_len(character)
        if used + size > columns:
            cuts.append(place)
            used = 0
        used += size
    return list(text.divide(cuts))


def spread(left: Text, right: Text, columns: int) -> Text:
    """Return one line with a left and a right part."""
    return Text.assemble(
        left, " " * max(1, columns - cell_len(left.plain) - cell_len(right.plain)), right, no_wrap=True
    )
