"""How far reviewers agree: Cohen's kappa for two, Krippendorff's alpha for any number (nominal data)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from cleaner.review.store import Verdict

Ratings = Mapping[str, Mapping[str, str]]  # span: reviewer: verdict


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two reviewers on the spans both decided. ``kappa`` is ``None`` when both gave one verdict only."""

    first: str
    second: str
    spans: int
    equal: int
    kappa: float | None


def ratings(verdicts: Iterable[Verdict]) -> Ratings:
    """Return each reviewer's verdict on each span; flags are no verdict."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for verdict in verdicts:
        if verdict.verdict != "flag":
            found[verdict.span.document + verdict.span.flagged_key][verdict.reviewer] = verdict.verdict
    return found


def pairs(rated: Ratings) -> list[Agreement]:
    """Return the agreement of every two reviewers who share a span."""
    names = sorted({name for given in rated.values() for name in given})
    found = []
    for first, second in combinations(names, 2):
        both = [(given[first], given[second]) for given in rated.values() if first in given and second in given]
        if both:
            equal = sum(one == other for one, other in both)
            found.append(Agreement(first, second, len(both), equal, kappa(both)))
    return found


def kappa(both: list[tuple[str, str]]) -> float | None:
    """Return Cohen's kappa of pairs of verdicts: 1 is full agreement, 0 what chance would give.

    >>> kappa([("accept", "accept"), ("reject", "reject"), ("accept", "reject"), ("reject", "reject")])
    0.5
    """
    total = len(both)
    first, second = Counter(one for one, _ in both), Counter(other for _, other in both)
    chance = sum(first[name] * second[name] for name in first) / total**2
    seen = sum(one == other for one, other in both) / total
    return None if chance == 1.0 else (seen - chance) / (1.0 - chance)


def alpha(rated: Ratings) -> float | None:
    """Return Krippendorff's alpha over all reviewers, ``None`` when it is not defined (one verdict only)."""
    units = [list(given.values()) for given in rated.values() if len(given) > 1]
    totals: Counter[str] = Counter(value for values in units for value in values)
    number = sum(totals.values())
    expected = number**2 - sum(times**2 for times in totals.values())
    if number < 2 or expected == 0:
        return None
    # Disagreeing ordered pairs within a span, weighted so that every verdict counts once.
    observed = sum((len(v) ** 2 - sum(t**2 for t in Counter(v).values())) / (len(v) - 1) for v in units)
    return 1.0 - (number - 1) * observed / expected
