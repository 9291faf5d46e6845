"""What a store teaches: its decisions, brought together by phrase.

A phrase that was accepted a thousand times is one lesson, so that neither one campaign nor one reviewer
drowns the others. The lessons depend on what was decided alone: not on who decided, when, or in what order.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cleaner.review.store import Verdict

_CONTEXTS: Final = 8  # places of a phrase that are learnt from


@dataclass(frozen=True, slots=True)
class Sample:
    """A phrase as it stood: ``text[start:end]`` is what was decided, around it what stood there."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Deciding:
    """A decision a lesson comes from: its number in the store, who made it, and when (ISO 8601)."""

    number: int
    reviewer: str
    at: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """A phrase that is to be learnt as promotional (``remove``) or as ordinary.

    ``id`` names it on the screen and for ``--confirm``. ``samples`` are a few of the places it stood at;
    ``spans``, ``documents`` and ``decisions`` say how it was decided and teach nothing.
    """

    id: str
    phrase: str
    remove: bool
    samples: tuple[Sample, ...]
    spans: int
    documents: int
    decisions: tuple[Deciding, ...]

    @property
    def text(self) -> str:
        """Return the phrase as it was written in one place."""
        sample = self.samples[0]
        return sample.text[sample.start : sample.end]

    @property
    def reviewers(self) -> tuple[str, ...]:
        """Return who decided it."""
        return tuple(sorted({decision.reviewer for decision in self.decisions}))


def lessons_of(verdicts: Iterable[Verdict]) -> tuple[list[Lesson], list[str]]:
    """Return the lessons of a store, sorted by phrase, and the phrases that nothing can be learnt from.

    What was accepted in one place and rejected in another is left out: its words cannot tell them apart.
    """
    by_phrase: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.verdict != "flag" and verdict.span.phrase:
            by_phrase[verdict.span.phrase].append(verdict)
    lessons: list[Lesson] = []
    disputed: list[str] = []
    for phrase, some in sorted(by_phrase.items()):
        if len({verdict.verdict for verdict in some}) > 1:
            disputed.append(phrase)
        else:
            lessons.append(_lesson(phrase, some))
    return lessons, disputed


def digest(lessons: Sequence[Lesson]) -> str:
    """Return a hash of all that the lessons teach."""
    parts = [f"{lesson.phrase}\0{lesson.remove}\0{lesson.samples!r}" for lesson in lessons]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _lesson(phrase: str, verdicts: Sequence[Verdict]) -> Lesson:
    spans = [verdict.span for verdict in verdicts]
    remove = verdicts[0].verdict == "accept"
    samples = sorted({_sample(span.before, span.text, span.after) for span in spans}, key=_order)
    return Lesson(
        id=hashlib.blake2b(f"{remove}\0{phrase}".encode("utf-8", "surrogatepass"), digest_size=4).hexdigest(),
        phrase=phrase,
        remove=remove,
        samples=tuple(samples[:_CONTEXTS]),
        spans=len(spans),
        documents=len({span.document or span.document_id for span in spans}),
        decisions=tuple(sorted({_deciding(verdict) for verdict in verdicts}, key=lambda one: one.number)),
    )


def _deciding(verdict: Verdict) -> Deciding:
    return Deciding(verdict.decision, verdict.reviewer, verdict.decided_at)


def _sample(before: str, text: str, after: str) -> Sample:
    return Sample(f"{before}{text}{after}", len(before), len(before) + len(text))


def _order(sample: Sample) -> bytes:
    """Mix the samples without chance, so that the few that are kept are of all kinds."""
    return hashlib.blake2b(sample.text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
