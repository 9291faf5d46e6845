"""Text that is safe on a terminal, and how wide it is there.

Scraped text is hostile to terminals. Nothing of it is shown before :func:`safe` has seen it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

# Joiners are what makes emoji and Persian readable, and they move no cursor.
_HARMLESS = "\u200c\u200d"
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


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


def fit_start(text: str, room: int) -> str:
    """Return the beginning of a raw text, safe, in at most ``room`` columns; an ellipsis says that more follows."""
    if _fits(text, room):
        return safe(text)
    return "".join(_taken(text[: 2 * room], room - 1)) + "…" if room > 0 else ""


def fit_end(text: str, room: int) -> str:
    """Return the end of a raw text like :func:`fit_start`."""
    if _fits(text, room):
        return safe(text)
    return "…" + "".join(reversed(_taken(reversed(text[-2 * room :]), room - 1))) if room > 0 else ""


def middle_out(text: str, room: int) -> str:
    """Return a raw text, safe, with its middle left out when it is too wide."""
    if _fits(text, room):
        return safe(text)
    half = room // 2
    return fit_start(text, half) + fit_end(text, room - half).removeprefix("…")


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
