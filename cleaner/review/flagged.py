"""Flagged spans, wherever they come from: records of ``scan`` and ``clean``, audits, or raw text.

Four kinds of JSON records are told apart by their fields: a span with its surroundings (``scan --format
json``), a document with text, spans and edits (``clean --records``), a document with spans that carry
their surroundings (an audit), and a document with a text alone, which is looked at now.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cleaner.errors import InputError
from cleaner.io.records import Document, Record
from cleaner.keys import document_hash
from cleaner.recurrence import site_of_id, site_of_row
from cleaner.repair import apply_edits, restore
from cleaner.review.store import Occurrence, occurrence
from cleaner.types import Cleaning, Edit, Span

WIDE: Final = 160  # code points kept on each side for the screen: two lines of 80 columns
_BATCH: Final = 256

Clean = Callable[[list[str]], Iterable[Cleaning]]
Report = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Flagged:
    """A span that waits for a verdict, with what a reviewer needs to see.

    ``before`` and ``after`` are its surroundings, as long as the input has them (up to :data:`WIDE` code
    points). ``action`` is what ``cleaner clean`` does with it, ``place`` where it stands, ``evidence``
    pairs of a weight in log-odds and a reason in words.
    """

    span: Occurrence
    action: str
    place: str
    before: str
    after: str
    evidence: tuple[tuple[float, str], ...] = ()


def site_of(fields: Mapping[str, object], identity: object = "") -> str:
    """Return the site of a record: from its site or URL fields, or from an id that is a URL; else ``""``.

    >>> site_of({"url": "https://News.example.org/a"}), site_of({}, "page-7")
    ('example.org', '')
    """
    return site_of_row(fields) or site_of_id(identity)


def read_flagged(records: Iterable[Record], clean: Clean, report: Report) -> Iterator[Flagged]:
    """Yield the flagged spans of an input, in order.

    ``clean`` is asked for texts that nobody has looked at yet. ``report(place, reason)`` hears of records
    that cannot be used; the others go on.
    """
    waiting: list[tuple[Document, dict[str, Any]]] = []
    for record in records:
        if not isinstance(record, Document):
            if _is_span_line(record):
                yield from _guarded(record, _fields(record), report)
            elif record.problem:
                report(record.place, record.problem)
            continue
        fields = _fields(record)
        if isinstance(fields.get("spans"), list) or _is_span(fields):
            yield from _guarded(record, fields, report)
            continue
        waiting.append((record, fields))
        if len(waiting) >= _BATCH:
            yield from _looked_at(waiting, clean, report)
            waiting = []
    yield from _looked_at(waiting, clean, report)


def _is_span_line(record: Record) -> bool:
    """Return whether a record without a text is one of an audit or a span all the same."""
    return bool(record.problem) and isinstance(_fields(record).get("spans"), list)


def _fields(record: Record) -> dict[str, Any]:
    if not record.line:
        return {}
    try:
        found = json.loads(record.raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_span(fields: Mapping[str, object]) -> bool:
    return isinstance(fields.get("start"), int) and isinstance(fields.get("before"), str)


def _guarded(record: Record, fields: dict[str, Any], report: Report) -> Iterator[Flagged]:
    """Yield what a record holds; a record with a field of another type than it should be is reported."""
    try:
        found = [_from_span(record, fields)] if _is_span(fields) else list(_from_document(record, fields))
    except (KeyError, TypeError, ValueError, InputError) as error:
        reason = f"no field {error}" if isinstance(error, KeyError) else str(error)
        report(record.place, f"not a record of scan, clean or an audit: {reason}")
        return
    yield from found


def _from_span(record: Record, fields: dict[str, Any]) -> Flagged:
    identity = fields.get("id", record.place)
    origin = _Origin(str(fields.get("document") or ""), str(identity), site_of(fields, identity), _model(fields))
    place = f"{fields.get('file') or record.file}:{fields.get('record') or fields.get('line') or ''}".rstrip(":")
    return origin.flagged(fields, place, str(fields["text"]), str(fields["before"]), str(fields["after"]))


def _from_document(record: Record, fields: dict[str, Any]) -> Iterator[Flagged]:
    text = fields.get("text")
    identity = fields.get("id", record.place)
    place = f"{fields.get('file') or record.file}:{fields.get('record') or ''}".rstrip(":")
    if isinstance(text, str):
        edits = [Edit(int(e["start"]), str(e["removed"]), str(e["inserted"])) for e in fields.get("edits") or ()]
        text = restore(text, edits) if edits else text
        if edits and apply_edits(text, edits) != fields["text"]:
            raise ValueError("the edits do not fit the text")
        hashed = document_hash(text)
    else:
        text = None
        hashed = str(fields.get("hash") or "")
    origin = _Origin(hashed, str(identity), site_of(fields, identity), _model(fields))
    for span in fields["spans"]:
        if text is None:
            yield origin.flagged(span, place, str(span["text"]), str(span["before"]), str(span["after"]))
        else:
            yield origin.flagged(span, place, *_cut_out(text, int(span["start"]), int(span["end"])))


def _looked_at(waiting: list[tuple[Document, dict[str, Any]]], clean: Clean, report: Report) -> Iterator[Flagged]:
    cleanings = clean([document.text for document, _ in waiting]) if waiting else ()
    for (document, fields), cleaning in zip(waiting, cleanings, strict=True):
        if cleaning.status in ("skipped", "failed"):
            report(document.place, f"{cleaning.status}: {cleaning.reason}")
        site = site_of(fields, document.id)
        model = cleaning.model, cleaning.language
        origin = _Origin(document_hash(document.text), str(document.id), site, model)
        for span in cleaning.spans:
            yield origin.flagged(_plain(span), document.place, *_cut_out(document.text, span.start, span.end))


def _plain(span: Span) -> dict[str, Any]:
    return span.to_dict()


def _model(fields: Mapping[str, object]) -> tuple[str, str]:
    return str(fields.get("model") or ""), str(fields.get("language") or "und")


def _cut_out(text: str, start: int, end: int) -> tuple[str, str, str]:
    if not 0 <= start < end <= len(text):
        raise ValueError(f"the span [{start}, {end}) is not inside the text ({len(text)} code points)")
    return text[start:end], text[max(0, start - WIDE) : start], text[end : end + WIDE]


@dataclass(frozen=True, slots=True)
class _Origin:
    """What the spans of one document share."""

    document: str
    identity: str
    site: str
    model: tuple[str, str]

    def flagged(self, span: Mapping[str, Any], place: str, text: str, before: str, after: str) -> Flagged:
        if not text:
            raise ValueError("an empty span")
        seen = occurrence(
            text, before, after, int(span["start"]),
            document=self.document, document_id=self.identity, site=self.site, label=str(span.get("label") or ""),
            score=min(1.0, max(0.0, float(span.get("score") or 0.0))), model=self.model[0], language=self.model[1],
        )  # fmt: skip
        reasons = [(float(item["weight"]), str(item["detail"])) for item in span.get("evidence") or ()]
        reasons.sort(key=lambda reason: -abs(reason[0]))
        return Flagged(seen, str(span.get("action") or "review"), place, before, after, tuple(reasons))
