"""Figures: what a cleaner finds, cuts and harms on cases with known spans.

Characters that are white space count nowhere: who owns a blank at a seam is a matter of taste.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import tee

from cleaner.cases import Case, Range
from cleaner.pipeline import Cleaner
from cleaner.types import Cleaning

# Intersection over union from which a span counts as found: a phrase with a stray mark or word at its edge.
_SAME = 0.8


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted over a set of cases; counts of two sets add up. Characters are those of spans with
    action ``"remove"`` unless named otherwise; ``harmed`` are characters outside the known spans that were cut.
    """

    documents: int = 0
    infected: int = 0
    gold: int = 0
    cut: int = 0
    cut_gold: int = 0
    cut_infected: int = 0
    flagged_gold: int = 0
    spans: int = 0
    found_spans: int = 0
    exact_spans: int = 0
    cut_spans: int = 0
    right_spans: int = 0
    review_spans: int = 0
    restored: int = 0
    host: int = 0
    harmed: int = 0
    clean_host: int = 0
    clean_harmed: int = 0
    clean_touched: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, item.name) + getattr(other, item.name) for item in fields(Counts)))


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a set of cases; ``None`` where there was nothing to divide by.

    - ``precision``, ``recall``, ``f1``: characters, all documents; ``f1_infected``: infected documents only;
    - ``flagged``: recall of characters when spans for review count too;
    - ``span_recall``, ``span_precision``: spans that overlap by at least 0.8 (intersection over union);
    - ``span_exact``: known spans found with both edges right;
    - ``restored``: share of infected documents whose cleaned text is the expected one, character for character;
    - ``harmed``: host characters cut, per million, in clean documents; ``harmed_all``: in all documents;
    - ``touched``: clean documents that were changed at all.
    """

    counts: Counts
    precision: float | None
    recall: float | None
    f1: float | None
    f1_infected: float | None
    flagged: float | None
    span_recall: float | None
    span_precision: float | None
    span_exact: float | None
    restored: float | None
    harmed: float | None
    harmed_all: float | None
    touched: int

    @classmethod
    def of(cls, counts: Counts) -> Figures:
        """Return the figures that follow from the counts."""
        return cls(
            counts=counts,
            precision=_share(counts.cut_gold, counts.cut),
            recall=_share(counts.cut_gold, counts.gold),
            f1=_share(2 * counts.cut_gold, counts.cut + counts.gold),
            f1_infected=_share(2 * counts.cut_gold, counts.cut_infected + counts.gold),
            flagged=_share(counts.flagged_gold, counts.gold),
            span_recall=_share(counts.found_spans, counts.spans),
            span_precision=_share(counts.right_spans, counts.cut_spans),
            span_exact=_share(counts.exact_spans, counts.spans),
            restored=_share(counts.restored, counts.infected),
            harmed=_share(counts.clean_harmed * 1_000_000, counts.clean_host),
            harmed_all=_share(counts.harmed * 1_000_000, counts.host),
            touched=counts.clean_touched,
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """A case whose cleaned text is not the expected one."""

    case: Case
    cleaning: Cleaning


@dataclass(frozen=True, slots=True)
class Report:
    """The figures over all cases and, per field and value, over the groups; the first failures."""

    overall: Figures
    groups: Mapping[str, Mapping[str, Figures]]
    failures: tuple[Failure, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the figures as plain JSON values (without the failures' texts: their ids only)."""
        return {
            "overall": asdict(self.overall),
            "groups": {
                name: {value: asdict(figures) for value, figures in group.items()}
                for name, group in self.groups.items()
            },
            "failures": [failure.case.id for failure in self.failures],
        }


def evaluate(cleaner: Cleaner, cases: Iterable[Case], by: Sequence[str] = (), *, keep_failures: int = 0) -> Report:
    """Clean every case and count; ``by`` names fields of the cases to group by, each on its own.

    Cases are taken one after the other and not kept, so any number of them can be measured; only the
    first ``keep_failures`` wrong ones are.
    """
    overall = Counts()
    groups: dict[str, dict[str, Counts]] = {name: {} for name in by}
    failures: list[Failure] = []
    ours, theirs = tee(cases)
    for case, cleaning in zip(ours, cleaner.clean_many(case.text for case in theirs), strict=True):
        counts = measure(case, cleaning)
        overall += counts
        for name, group in groups.items():
            value = _group_name(case.fields.get(name))
            group[value] = group.get(value, Counts()) + counts
        if cleaning.text != case.cleaned and len(failures) < keep_failures:
            failures.append(Failure(case, cleaning))
    tables = {name: {value: Figures.of(group[value]) for value in sorted(group)} for name, group in groups.items()}
    return Report(Figures.of(overall), tables, tuple(failures))


def measure(case: Case, cleaning: Cleaning) -> Counts:
    """Return the counts of one case."""
    text = case.text
    gold = _characters(text, case.spans)
    removed = [(span.start, span.end) for span in cleaning.spans if span.action == "remove"]
    cut = _characters(text, removed)
    flagged = _characters(text, [(span.start, span.end) for span in cleaning.spans])
    host = len("".join(text.split())) - len(gold)
    harmed = len(_characters(text, [(edit.start, edit.end) for edit in cleaning.edits]) - gold)
    infected = bool(case.spans)
    known, found = _trimmed(text, case.spans), _trimmed(text, removed)
    return Counts(
        documents=1,
        infected=infected,
        gold=len(gold),
        cut=len(cut),
        cut_gold=len(cut & gold),
        cut_infected=len(cut) if infected else 0,
        flagged_gold=len(flagged & gold),
        spans=len(known),
        found_spans=_matches(known, found),
        exact_spans=len(set(known) & set(found)),
        cut_spans=len(found),
        right_spans=_matches(found, known),
        review_spans=sum(span.action == "review" for span in cleaning.spans),
        restored=infected and cleaning.text == case.cleaned,
        host=host,
        harmed=harmed,
        clean_host=0 if infected else host,
        clean_harmed=0 if infected else harmed,
        clean_touched=not infected and cleaning.changed,
    )


def _characters(text: str, ranges: Iterable[Range]) -> set[int]:
    return {place for start, end in ranges for place in range(start, end) if not text[place].isspace()}


def _trimmed(text: str, ranges: Iterable[Range]) -> list[Range]:
    """Return the ranges without white space at their edges; those of nothing else fall away."""
    trimmed = []
    for start, end in ranges:
        inside = text[start:end]
        stripped = inside.strip()
        if stripped:
            first = start + len(inside) - len(inside.lstrip())
            trimmed.append((first, first + len(stripped)))
    return trimmed


def _matches(wanted: Sequence[Range], given: Sequence[Range]) -> int:
    """Count the wanted ranges that a given one covers well enough; both are sorted."""
    matched = 0
    first = 0
    for start, end in wanted:
        while first < len(given) and given[first][1] <= start:
            first += 1
        place = first
        while place < len(given) and given[place][0] < end:
            other_start, other_end = given[place]
            common = min(end, other_end) - max(start, other_start)
            if common >= _SAME * (max(end, other_end) - min(start, other_start)):
                matched += 1
                break
            place += 1
    return matched


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _group_name(value: object) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
