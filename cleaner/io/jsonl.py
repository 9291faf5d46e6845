"""JSON lines: one document per line. Only the characters that are cut change; all other bytes stay.

Writing a parsed record again would lose duplicate keys, ``1e400``, spacing and escapes. So the text's
place inside the raw line is found, and the cuts are made there. That is done for changed records alone:
most have no finding, and of these only the text and the id are taken.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cleaner.io.lines import line_blocks, rest_of_line, too_long
from cleaner.io.records import Chunk, Document, Fields, Reading, Record, Row, Unit, inverse
from cleaner.io.streams import Stream
from cleaner.io.text import as_text, json_string
from cleaner.types import Cleaning, Edit

_BLANK = re.compile(r"[ \t\r\n]*")
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)")
# Numbers are never written again, so an integer too long for Python's own limit may stay text.
_DECODER = json.JSONDecoder(parse_int=lambda digits: int(digits) if len(digits) < 4000 else digits)
# How deep the fast parser goes; the exact one has to follow it.
_DEPTH = 1024


def _loads() -> Callable[[bytes], Any]:
    """Return the fastest parser at hand. What it refuses is looked at again by the exact one."""
    try:
        loads: Callable[[bytes], Any] = importlib.import_module("orjson").loads
    except ImportError:
        return lambda raw: _DECODER.decode(raw.decode("utf-8"))
    return loads


_LOADS = _loads()


class _BadRecord(ValueError):
    """The reason why a line is passed on as it is."""


@dataclass(frozen=True, slots=True)
class _Member:
    """A value of the record and where its JSON stands in the line."""

    start: int
    end: int
    value: object


@dataclass(slots=True)
class JsonDocument(Document):
    """A line of JSON. ``field`` names the member that holds the text."""

    field: str = "text"

    def render(self, cleaning: Cleaning) -> bytes:
        """Return the line with the edits made inside its JSON string."""
        return self._cut(cleaning.edits, False) if cleaning.changed else self.raw

    def undo(self, cleaning: Cleaning) -> dict[str, str]:
        """Return nothing, ``{"style": "ascii"}`` where characters were written as escapes, or the whole line."""
        output = parse_line(self.render(cleaning), self.file, self.line, Fields(self.field))
        for undo in ({}, {"style": "ascii"}):
            if isinstance(output, Document) and output.revert(cleaning.edits, undo) == self.raw:
                return undo
        return {"raw": as_text(self.raw)}

    def row(self, text: str) -> Row:
        """Return the members of the object."""
        value: Row = {name: member.value for name, member in _deep_members(self.raw.decode("utf-8")).items()}
        value[self.field] = text
        return value

    def _revert(self, edits: Sequence[Edit], undo: dict[str, str]) -> bytes:
        return self._cut(inverse(edits), undo.get("style") == "ascii")

    def _cut(self, edits: Iterable[Edit], ascii_only: bool) -> bytes:
        source = self.raw.decode("utf-8")
        text = _deep_members(source)[self.field]
        literal = cut_literal(source[text.start : text.end], edits, ascii_only)
        return (source[: text.start] + literal + source[text.end :]).encode()


def read_jsonl(stream: Stream, name: str, reading: Reading, unit: Unit) -> Iterator[Chunk]:
    """Yield the documents of the lines, some thousand at a time."""
    stream.narrow(unit.start, unit.end)
    number, at = unit.number, unit.start
    for lines, whole in line_blocks(stream, reading.max_document):
        records = _parse_lines(lines, name, number, reading)
        number += len(lines)
        yield (chunk := _chunk(records, at, number, whole))
        at = chunk.unit.end or 0
        if not whole:
            for piece in rest_of_line(stream):
                rest: list[Record] = [Record(name, number - 1, number - 1, piece, rest=True)]
                yield (chunk := _chunk(rest, at, number, piece.endswith(b"\n")))
                at = chunk.unit.end or 0


def _chunk(records: list[Record], at: int, after: int, whole: bool) -> Chunk:
    """Return the chunk that begins at a byte; ``after`` is the number of the line after it."""
    end = at + sum(len(record.raw) for record in records)
    first = records[0].number
    return Chunk(Unit(at, end, first, first), records, Unit(end, None, after, after) if whole else None)


def _parse_lines(lines: Sequence[bytes], name: str, first: int, reading: Reading) -> list[Record]:
    """Return the records of lines; the everyday ones without looking at them twice."""
    records: list[Record] = []
    field, id_field, longest = reading.fields.text, reading.fields.id, reading.max_document
    for number, raw in enumerate(lines, first):
        if raw == b"\n":
            records.append(Record(name, number, number, raw))
            continue
        if len(raw) > longest:
            records.append(Record(name, number, number, raw, too_long(longest)))
            continue
        try:
            value = _LOADS(raw)
            text, identity = value[field], value.get(id_field)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            text = identity = None
        if type(text) is str and (type(identity) is str or type(identity) is int):
            records.append(JsonDocument(name, number, number, raw, "", False, identity, text, "", field))
        else:
            records.append(parse_line(raw, name, number, reading.fields))
    return records


def parse_line(raw: bytes, file: str, line: int, fields: Fields) -> Record:
    """Return the document in a line, or a plain record for a blank line and for one that cannot be used."""
    try:
        source = raw.decode("utf-8")
        if not source.strip(" \t\r\n\ufeff"):
            return Record(file, line, line, raw)
        members = _members(source)
        text = _text_member(members, fields.text)
    except UnicodeDecodeError as error:
        return Record(file, line, line, raw, f"not UTF-8 at byte {error.start + 1} of the line")
    except json.JSONDecodeError as error:
        return Record(file, line, line, raw, f"broken JSON: {error.msg.removesuffix(' at')} at column {error.pos + 1}")
    except RecursionError:
        return Record(file, line, line, raw, "broken JSON: nested too deeply")
    except _BadRecord as error:
        return Record(file, line, line, raw, str(error))
    identity = members[fields.id].value if fields.id in members else None
    if isinstance(identity, bool) or not isinstance(identity, (str, int)):
        identity = f"{file}:{line}"
    return JsonDocument(file, line, line, raw, "", False, identity, str(text.value), "", fields.text)


def is_object(raw: bytes) -> bool:
    """Return whether a line is a JSON object: what an input of unknown format is told by."""
    try:
        _members(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        return False
    return True


def cut_literal(literal: str, edits: Iterable[Edit], ascii_only: bool = True) -> str:
    r"""Return a JSON string (quotes included) with edits made that count in decoded code points.

    What they insert is written with ``\u`` escapes, or without where ``ascii_only`` is false.

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
        pieces += (literal[position : places[0]], json_string(edit.inserted, ascii_only)[1:-1])
        position = places[1]
    pieces.append(literal[position:])
    return "".join(pieces)


def _text_member(members: dict[str, _Member], name: str) -> _Member:
    if name not in members:
        raise _BadRecord(f"no field {name!r}")
    if not isinstance(members[name].value, str):
        raise _BadRecord(f"field {name!r} is not a string")
    return members[name]


def _deep_members(source: str) -> dict[str, _Member]:
    """Parse an object that was parsed before, perhaps by a parser that goes deeper than Python's usual limit."""
    try:
        return _members(source)
    except RecursionError:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + 2 * _DEPTH)
        try:
            return _members(source)
        finally:
            sys.setrecursionlimit(limit)


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
