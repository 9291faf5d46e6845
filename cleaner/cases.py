"""Golden cases: texts whose injected spans are known."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cleaner.errors import InputError
from cleaner.io.streams import open_stream
from cleaner.repair import apply_edits, make_edits
from cleaner.types import Span

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Case:
    """A text with its injected spans (half-open code points, sorted) and the expected cleaned text."""

    id: str
    text: str
    spans: tuple[Range, ...]
    cleaned: str
    fields: Mapping[str, object] = field(default_factory=dict)


def read_cases(path: Path) -> Iterator[Case]:
    """Yield the cases of a file of JSON lines (gz too). A bad one raises :class:`InputError` with ``file:line``."""
    with open_stream(path, str(path)) as stream:
        number = 0
        while raw := stream.readline(1 << 28):
            number += 1
            if raw.strip():
                yield make_case(_parsed(raw, f"{path}:{number}"), f"{path}:{number}")


def make_case(value: object, place: str) -> Case:
    """Return the case in ``{"id", "text", "spans": [[start, end], ...], ...}``; ``place`` is for the error.

    ``"cleaned"`` gives the expected text; without it the known spans are cut as the cleaner cuts.
    """
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise InputError(f"{place}: a case needs a field 'text' that is a string")
    text: str = value["text"]
    spans = _ranges(value.get("spans", []), len(text), place)
    cleaned = value.get("cleaned")
    if not isinstance(cleaned, str):
        edits = make_edits(text, [Span(start, end, "", 1.0, "remove") for start, end in _merged(spans)])
        cleaned = apply_edits(text, edits)
    further = {name: item for name, item in value.items() if name not in ("text", "spans", "cleaned")}
    return Case(str(value.get("id", place)), text, spans, cleaned, further)


def _parsed(raw: bytes, place: str) -> object:
    try:
        value: object = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: broken JSON ({error})") from None
    return value


def _ranges(value: object, length: int, place: str) -> tuple[Range, ...]:
    ranges: list[Range] = []
    for item in value if isinstance(value, list) else [value]:
        pair = item[:2] if isinstance(item, list) else item
        if not (isinstance(pair, list) and [type(end) for end in pair] == [int, int]):
            raise InputError(f"{place}: 'spans' must be [[start, end], ...], not {json.dumps(value)[:60]}")
        start, end = pair
        if not 0 <= start < end <= length:
            raise InputError(f"{place}: span [{start}, {end}] is outside the text (0 to {length}) or empty")
        ranges.append((start, end))
    return tuple(sorted(ranges))


def _merged(ranges: Iterable[Range]) -> list[Range]:
    merged: list[Range] = []
    for start, end in ranges:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
