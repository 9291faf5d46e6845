"""JSON lines: one document per line. Only the characters that are cut change; all other bytes stay.

Writing a parsed record again would lose duplicate keys, ``1e400``, spacing and escapes. So the text's
place inside the raw line is found, and the cuts are made there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cleaner.io.records import Document, Record
from cleaner.types import Cleaning, Edit

_BLANK = re.compile(r"[ \t\r\n]*")
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)")
# Numbers are never written again, so an integer too long for Python's own limit may stay text.
_DECODER = json.JSONDecoder(parse_int=lambda digits: int(digits) if len(digits) < 4000 else digits)


class _BadRecord(ValueError):
    """The reason why a line is passed on as it is."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The names of the fields that hold a record's text and its id."""

    text: str = "text"
    id: str = "id"


@dataclass(frozen=True, slots=True)
class _Member:
    """A value of the record and where its JSON stands in the line."""

    start: int
    end: int
    value: object


@dataclass(frozen=True, slots=True)
class JsonDocument(Document):
    """A line of JSON whose text stands, as a JSON string, in ``source[start:end]``."""

    source: str = ""
    start: int = 0
    end: int = 0

    def render(self, cleaning: Cleaning) -> bytes:
        """Return the line with the edits made inside its JSON string."""
        if not cleaning.changed:
            return self.raw
        literal = cut_literal(self.source[self.start : self.end], cleaning.edits)
        return (self.source[: self.start] + literal + self.source[self.end :]).encode()


def parse_line(raw: bytes, file: str, line: int, fields: Fields) -> Record:
    """Return the document in a line, or a plain record for a blank line and for one that cannot be used."""
    try:
        source = raw.decode("utf-8")
        if not source.strip(" \t\r\n\ufeff"):
            return Record(file, line, raw)
        members = _members(source)
        text = _text_member(members, fields.text)
    except UnicodeDecodeError as error:
        return Record(file, line, raw, f"not UTF-8 at byte {error.start + 1} of the line")
    except json.JSONDecodeError as error:
        return Record(file, line, raw, f"broken JSON: {error.msg} at column {error.pos + 1}")
    except RecursionError:
        return Record(file, line, raw, "broken JSON: nested too deeply")
    except _BadRecord as error:
        return Record(file, line, raw, str(error))
    identity = members[fields.id].value if fields.id in members else None
    if isinstance(identity, bool) or not isinstance(identity, (str, int)):
        identity = f"{file}:{line}"
    return JsonDocument(file, line, raw, "", identity, str(text.value), "", source, text.start, text.end)


def is_object(raw: bytes) -> bool:
    """Return whether a line is a JSON object: what an input of unknown format is told by."""
    try:
        _members(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        return False
    return True


def cut_literal(literal: str, edits: Iterable[Edit]) -> str:
    r"""Return a JSON string (quotes included) with edits made that count in decoded code points.

    >>> cut_literal(r'"\u7231\ud83d\ude00\/ x"', [Edit(0, "\u7231\U0001f600")])
    '"\\/ x"'
    """
    pieces: list[str] = []
    escapes = _ESCAPE.finditer(literal)
    escape = next(escapes, None)
    shift = 1  # from decoded code points to places in the literal, beginning after the quote
    position = 0
    for edit in edits:
        places = []
        for point in (edit.start, edit.end):
            while escape is not None and escape.start() < point + shift:
                shift += len(escape[0]) - 1
                escape = next(escapes, None)
            places.append(point + shift)
        pieces += (literal[position : places[0]], json.dumps(edit.inserted)[1:-1])
        position = places[1]
    pieces.append(literal[position:])
    return "".join(pieces)


def _text_member(members: dict[str, _Member], name: str) -> _Member:
    if name not in members:
        raise _BadRecord(f"no field {name!r}")
    if not isinstance(members[name].value, str):
        raise _BadRecord(f"field {name!r} is not a string")
    return members[name]


def _members(source: str) -> dict[str, _Member]:
    """Parse a JSON object, one member at a time. Of a key that stands twice the last counts, as everywhere."""
    members: dict[str, _Member] = {}
    at = _after_blanks(source, 1 if source.startswith("\ufeff") else 0)
    if not source.startswith("{", at):
        raise _BadRecord("not a JSON object")
    at = _after_blanks(source, at + 1)
    closed = source.startswith("}", at)
    while not closed:
        if not source.startswith('"', at):
            raise json.JSONDecodeError("expected a name in double quotes", source, at)
        name, at = _DECODER.raw_decode(source, at)
        at = _after_blanks(source, _expect(source, _after_blanks(source, at), ":"))
        value, end = _DECODER.raw_decode(source, at)
        members[name] = _Member(at, end, value)
        at = _after_blanks(source, end)
        closed = source.startswith("}", at)
        if not closed:
            at = _after_blanks(source, _expect(source, at, ","))
    end = _after_blanks(source, at + 1)
    if end < len(source):
        raise json.JSONDecodeError("something follows the object", source, end)
    return members


def _after_blanks(source: str, at: int) -> int:
    found = _BLANK.match(source, at)
    return found.end() if found else at


def _expect(source: str, at: int, mark: str) -> int:
    if not source.startswith(mark, at):
        raise json.JSONDecodeError(f"expected {mark!r}", source, at)
    return at + 1
