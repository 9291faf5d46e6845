"""Verdicts for other annotation tools, and back: JSON lines, Prodigy, doccano, Label Studio, Argilla.

A task is a span with its surroundings as a short text. Offsets are code points here and in Prodigy; the
other three run in a browser and count UTF-16 code units, so an emoji counts twice. What a tool has no
place for travels in a field ``cleaner`` that the tools keep, and makes the way back exact.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timezone
from typing import Any, Final

from cleaner.errors import InputError
from cleaner.keys import CONTEXT, content_key, normalise
from cleaner.review.store import CHOICES, SCOPES, Choice, Occurrence, Scope, Verdict, occurrence

LABEL: Final = "INJECTED"
_QUESTION: Final = "span"
_ANSWERS: Final = {"accept": "accept", "reject": "reject", "flag": "ignore"}
_Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """A span to be decided, or decided (``verdict``), as it goes to another tool and comes back."""

    span: Occurrence
    verdict: Choice | None = None
    scope: Scope = "document"
    reviewer: str = ""
    decided_at: str = ""

    @property
    def text(self) -> str:
        """Return the span with its surroundings: the text that the other tool shows."""
        return self.span.before + self.span.text + self.span.after

    @property
    def start(self) -> int:
        """Return where the span begins in :attr:`text`, in code points."""
        return len(self.span.before)

    @property
    def end(self) -> int:
        """Return where the span ends in :attr:`text`, in code points."""
        return len(self.span.before) + len(self.span.text)


def task_of(verdict: Verdict) -> Task:
    """Return a verdict of a store as a task."""
    return Task(verdict.span, verdict.verdict, verdict.scope, verdict.reviewer, verdict.decided_at)


def to_utf16(text: str, offset: int) -> int:
    """Return a code-point offset in UTF-16 code units.

    >>> to_utf16("🎰 slot", 2)
    3
    """
    return offset + sum(character > "\uffff" for character in text[:offset])


def from_utf16(text: str, offset: int) -> int:
    """Return an offset in UTF-16 code units in code points. Raises ``ValueError`` where no character begins or ends.

    >>> from_utf16("🎰 slot", 3)
    2
    """
    head = text.encode("utf-16-le", "surrogatepass")[: 2 * max(0, offset)].decode("utf-16-le", "surrogatepass")
    if to_utf16(head, len(head)) != offset or not text.startswith(head):
        raise ValueError(f"offset {offset} is no place between two characters (UTF-16)")
    return len(head)


def _to_jsonl(task: Task) -> _Record:
    return {
        "verdict": task.verdict, "scope": task.scope, "reviewer": task.reviewer, "decided_at": task.decided_at,
        **asdict(task.span),
    }  # fmt: skip


def _from_jsonl(record: _Record, units: str) -> Iterator[Task]:
    if "phrase" in record:
        yield _decided(_span(record), record.get("verdict"), record)
        return
    start = int(record.get("start", 0))
    span = occurrence(
        str(record["text"]), str(record.get("before", "")), str(record.get("after", "")), start,
        document=str(record.get("document", "")), document_id=str(record.get("id", "")),
    )  # fmt: skip
    yield _decided(span, record.get("verdict"), record)


def _to_prodigy(task: Task) -> _Record:
    record: _Record = {
        "text": task.text,
        "spans": [{"start": task.start, "end": task.end, "label": LABEL}],
        "meta": {"family": task.span.label, "score": round(task.span.score, 3), "site": task.span.site},
        "cleaner": _kept(task),
    }
    if task.verdict is not None:
        record |= {"answer": _ANSWERS[task.verdict], "_annotator_id": task.reviewer}
    return record


def _from_prodigy(record: _Record, units: str) -> Iterator[Task]:
    answer = record.get("answer")
    if answer is None:
        return
    verdict = {there: here for here, there in _ANSWERS.items()}.get(answer)
    origin = {"reviewer": record.get("_annotator_id") or record.get("_session_id")}
    ends = [(span["start"], span["end"]) for span in record.get("spans") or ()]
    yield from _answered(record, record["text"], record.get("cleaner"), ends, verdict, origin, units)


def _to_doccano(task: Task) -> _Record:
    shown = [] if task.verdict == "reject" else [[*_utf16(task), LABEL]]
    return {"text": task.text, "label": shown, "cleaner": json.dumps(_kept(task), ensure_ascii=False)}


def _from_doccano(record: _Record, units: str) -> Iterator[Task]:
    labels = record.get("label", record.get("entities")) or ()
    ends = [(item["start_offset"], item["end_offset"]) if isinstance(item, dict) else item[:2] for item in labels]
    verdict = "accept" if ends else "reject"
    origin = {"reviewer": record.get("username")}
    yield from _answered(record, record["text"], record.get("cleaner"), ends, verdict, origin, units)


def _to_label_studio(task: Task) -> _Record:
    start, end = _utf16(task)
    value = {"start": start, "end": end, "text": task.span.text, "labels": [LABEL]}
    result = [{"id": task.span.key[:10], "from_name": "label", "to_name": "text", "type": "labels", "value": value}]
    record: _Record = {"data": {"text": task.text, "cleaner": _kept(task)}}
    if task.verdict is None:
        prediction = {"model_version": task.span.model, "score": task.span.score, "result": result}
        return record | {"predictions": [prediction]}
    shown = [] if task.verdict == "reject" else result
    return record | {"annotations": [{"result": shown, "was_cancelled": task.verdict == "flag"}]}


def _from_label_studio(record: _Record, units: str) -> Iterator[Task]:
    data = record["data"]
    for annotation in record.get("annotations") or ():
        values = [item["value"] for item in annotation.get("result") or () if item.get("type") == "labels"]
        ends = [(value["start"], value["end"]) for value in values]
        # Versions differ in their units; the text they give along tells.
        if values and all(data["text"][value["start"] : value["end"]] == value.get("text") for value in values):
            units = "code-points"
        verdict = "flag" if annotation.get("was_cancelled") else "accept" if ends else "reject"
        by = annotation.get("completed_by")
        origin = {"reviewer": by.get("email") if isinstance(by, dict) else by}
        yield from _answered(record, data["text"], data.get("cleaner"), ends, verdict, origin, units)


def _to_argilla(task: Task) -> _Record:
    start, end = _utf16(task)
    spans = [{"start": start, "end": end, "label": LABEL}]
    record: _Record = {
        "id": task.span.key,
        "fields": {"text": task.text},
        "metadata": {"cleaner": json.dumps(_kept(task), ensure_ascii=False)},
        "suggestions": {_QUESTION: {"value": spans, "score": task.span.score, "agent": task.span.model or "cleaner"}},
    }
    if task.verdict is not None:
        status = "discarded" if task.verdict == "flag" else "submitted"
        value = [] if task.verdict == "reject" else spans
        record["responses"] = {_QUESTION: [{"value": value, "user_id": task.reviewer, "status": status}]}
    return record


def _from_argilla(record: _Record, units: str) -> Iterator[Task]:
    for response in (record.get("responses") or {}).get(_QUESTION) or ():
        ends = [(span["start"], span["end"]) for span in response.get("value") or ()]
        verdict = "flag" if response.get("status") == "discarded" else "accept" if ends else "reject"
        kept = (record.get("metadata") or {}).get("cleaner")
        origin = {"reviewer": response.get("user_id")}
        yield from _answered(record, record["fields"]["text"], kept, ends, verdict, origin, units)


@dataclass(frozen=True, slots=True)
class Format:
    """How one tool writes and reads tasks. ``lines``: JSON lines, else one JSON list. ``units`` of its offsets."""

    write: Callable[[Task], _Record]
    read: Callable[[_Record, str], Iterator[Task]]
    lines: bool
    units: str
    flags: bool = True


FORMATS: Final[Mapping[str, Format]] = {
    "jsonl": Format(_to_jsonl, _from_jsonl, True, "code-points"),
    "prodigy": Format(_to_prodigy, _from_prodigy, True, "code-points"),
    "doccano": Format(_to_doccano, _from_doccano, True, "utf-16", flags=False),  # it knows labels only
    "label-studio": Format(_to_label_studio, _from_label_studio, False, "utf-16"),
    "argilla": Format(_to_argilla, _from_argilla, False, "utf-16"),
}


def read_tasks(records: Iterable[tuple[str, object]], name: str, units: str | None = None) -> Iterator[Task | str]:
    """Yield the decided tasks in records of a tool; for a record that cannot be used, ``place: reason``.

    ``records`` are pairs of a place and a parsed JSON value, ``units`` overrides the tool's unit of offsets.
    """
    form = FORMATS[name]
    for place, record in records:
        try:
            if not isinstance(record, dict):
                raise TypeError("not a JSON object")
            yield from form.read(record, units or form.units)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, InputError) as error:
            yield f"{place}: no record of {name}: {f'no field {error}' if isinstance(error, KeyError) else error}"


def _kept(task: Task) -> _Record:
    return {**_to_jsonl(task), "verdict": None}


def _utf16(task: Task) -> tuple[int, int]:
    return to_utf16(task.text, task.start), to_utf16(task.text, task.end)


def _answered(
    record: _Record, text: str, kept: object, ends: list[tuple[int, int]], verdict: object, origin: _Record, units: str
) -> Iterator[Task]:
    """Yield the answers of one record: about the span that was sent, or about every span of a foreign record."""
    if units == "utf-16":
        ends = [(from_utf16(text, start), from_utf16(text, end)) for start, end in ends]
    if any(not 0 <= start < end <= len(text) for start, end in ends):
        raise ValueError("a span is not inside its text")
    sent = json.loads(kept) if isinstance(kept, str) else kept
    if not isinstance(sent, dict):
        for start, end in ends:
            span = occurrence(text[start:end], text[:start], text[end:], start, document_id=str(record.get("id", "")))
            yield _decided(span, verdict, origin)
        return
    span = _span(sent)
    whole = span.before + span.text + span.after
    if ends and whole == text and verdict == "accept":
        ends.sort(key=lambda item: abs(item[0] - len(span.before)) + abs(item[1] - len(span.before) - len(span.text)))
        span = _moved(span, *ends[0])
    yield _decided(span, verdict, {**sent, **{name: value for name, value in origin.items() if value}})


def _moved(span: Occurrence, start: int, end: int) -> Occurrence:
    """Return the span with other ends, which count in its surroundings."""
    whole, first = span.before + span.text + span.after, span.start - len(span.before)
    if whole[start:end] == span.text and start == len(span.before):
        return span
    text, before, after = whole[start:end], whole[:start][-CONTEXT:], whole[end : end + CONTEXT]
    return replace(
        span, start=first + start, end=first + end, text=text, before=before, after=after,
        phrase=normalise(text), key=content_key(text, before, after),
    )  # fmt: skip


_TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "start": int, "end": int, "flagged_start": int, "flagged_end": int, "score": (int, float),
}  # fmt: skip


def _span(record: Mapping[str, Any]) -> Occurrence:
    values = {field.name: record[field.name] for field in fields(Occurrence)}
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, _TYPES.get(name, str)):
            raise TypeError(f"{name} is {value!r}")
    if not 0 <= values["start"] < values["end"]:
        raise ValueError("the span is empty or starts below 0")
    return Occurrence(**values)


def _decided(span: Occurrence, verdict: object, origin: Mapping[str, Any]) -> Task:
    if verdict not in CHOICES:
        raise ValueError(f"the verdict is {verdict!r}, not one of {', '.join(CHOICES)}")
    scope = origin.get("scope") or "document"
    if scope not in SCOPES:
        raise ValueError(f"the scope is {scope!r}, not one of {', '.join(SCOPES)}")
    when = str(origin.get("decided_at") or "")
    if when:
        datetime.fromisoformat(when.replace("Z", "+00:00")).astimezone(timezone.utc)
    choice: Choice = next(one for one in CHOICES if one == verdict)
    reach: Scope = next(one for one in SCOPES if one == scope)
    return Task(span, choice, reach, str(origin.get("reviewer") or ""), when)
