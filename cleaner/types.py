"""The values that travel through the library: frozen, comparable, picklable.

Every offset is a half-open code-point offset into the *source* text, as ``text[start:end]`` reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cleaner.errors import InputError

Action = Literal["remove", "review"]
Status = Literal["clean", "changed", "review", "spam_page", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for a span.

    ``name`` is a stable identifier of the feature, ``weight`` its share of the score in log-odds
    (positive speaks for an injection), ``detail`` says the same in words.
    """

    name: str
    weight: float
    detail: str

    def to_dict(self) -> dict[str, object]:
        """Return the evidence as plain JSON values."""
        return {"name": self.name, "weight": self.weight, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the source text that was judged to be injected.

    ``label`` names the family (``"gambling"``, ``"escort"``, ...), ``score`` is a calibrated
    probability in [0, 1], ``action`` says whether it is cut (``"remove"``) or only reported (``"review"``).

    >>> Span(0, 9, "escort", 0.99, "remove").end
    9
    """

    start: int
    end: int
    label: str
    score: float
    action: Action
    evidence: tuple[Evidence, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise InputError(f"span [{self.start}, {self.end}) is empty or starts below 0")

    def to_dict(self) -> dict[str, object]:
        """Return the span as plain JSON values, evidence included."""
        return {
            "start": self.start,
            "end": self.end,
            "label": self.label,
            "score": self.score,
            "action": self.action,
            "evidence": [item.to_dict() for item in self.evidence],
        }


@dataclass(frozen=True, slots=True)
class Edit:
    """One cut: ``removed`` stood at ``start`` of the source text and ``inserted`` stands there now.

    A list of edits is replayable (``repair.apply_edits``) and reversible (``repair.restore``).
    """

    start: int
    removed: str
    inserted: str = ""

    @property
    def end(self) -> int:
        """Return the end of the cut, a code-point offset into the source text."""
        return self.start + len(self.removed)

    def to_dict(self) -> dict[str, object]:
        """Return the edit as plain JSON values."""
        return {"start": self.start, "removed": self.removed, "inserted": self.inserted}


@dataclass(frozen=True, slots=True)
class Cleaning:
    """The outcome for one text.

    ``status`` is ``"clean"`` (nothing found), ``"changed"`` (something was cut), ``"review"`` (only
    spans for a person to look at), ``"spam_page"`` (spam from end to end, left whole for the caller to
    drop), ``"skipped"`` (a limit was met) or ``"failed"`` (an internal error; please report it). For the
    last three ``text`` is the source text unchanged, and ``reason`` says why in words.
    ``language`` is the host language (ISO 639, ``"und"`` when unknown), ``model`` the model's name and digest.
    """

    text: str
    spans: tuple[Span, ...]
    edits: tuple[Edit, ...]
    status: Status
    reason: str
    language: str
    model: str

    @property
    def changed(self) -> bool:
        """Return whether ``text`` differs from the source text."""
        return bool(self.edits)

    def restore(self) -> str:
        """Return the source text, rebuilt from ``text`` and ``edits`` alone."""
        from cleaner.repair import restore

        return restore(self.text, self.edits)

    def to_dict(self) -> dict[str, object]:
        """Return the outcome as plain JSON values."""
        return {
            "text": self.text,
            "spans": [span.to_dict() for span in self.spans],
            "edits": [edit.to_dict() for edit in self.edits],
            "status": self.status,
            "reason": self.reason,
            "language": self.language,
            "model": self.model,
        }
