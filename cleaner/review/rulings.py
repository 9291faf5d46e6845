"""A store's decisions in the form in which the cleaner applies them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from cleaner.review.store import Store, Verdict
from cleaner.verdicts import Ruling, Verdicts


def read_verdicts(path: str | Path) -> Verdicts:
    """Return what counts today in a store, for ``Cleaner(verdicts=...)``.

    Raises :class:`~cleaner.errors.InputError` for a file that is missing or no store.
    """
    with Store(path, create=False) as store:
        return Verdicts(rulings(store.verdicts()))


def rulings(verdicts: Iterable[Verdict]) -> Iterator[Ruling]:
    """Yield the verdicts that say what to do; those flagged for somebody else to look at say nothing yet."""
    for verdict in verdicts:
        span = verdict.span
        if verdict.verdict != "flag":
            yield Ruling(
                verdict.verdict == "accept", verdict.scope, span.text, verdict.reviewer, verdict.decided_at,
                span.label, span.site, span.document, span.start, span.end, (span.flagged_start, span.flagged_end),
                span.flagged_key,
            )  # fmt: skip
