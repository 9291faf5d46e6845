"""Flagged spans for the tests of the review."""

from __future__ import annotations

from cleaner.keys import document_hash
from cleaner.review.flagged import Flagged
from cleaner.review.store import occurrence

VENUES = ("论坛", "会所", "网", "群")
CODES = ("龙凤", "千花", "品茶", "贵族", "后花园", "夜网")


def flag(
    text: str, before: str = "", after: str = "", *,
    score: float = 0.99, label: str = "gambling", document: str = "", site: str = "", action: str = "",
) -> Flagged:  # fmt: skip
    """Return a flagged span that stands in a document of its own, unless told otherwise."""
    identity = document or f"{before}{text}{after}"
    span = occurrence(
        text, before, after, len(before), document=document_hash(identity), document_id=identity[:40], site=site,
        label=label, score=score, model="news@1", language="en",
    )  # fmt: skip
    reasons = ((2.5, "its words weigh 3.1 as promotional text"), (-0.5, "the page has 120 characters"))
    return Flagged(
        span, action or ("remove" if score >= 0.85 else "review"), f"{identity[:20]}:1", before, after, reasons
    )


def campaign(many: int = 24) -> list[Flagged]:
    """Return one Chinese campaign on many pages: city, code, number, venue."""
    return [
        flag(
            f"上海{CODES[number % 6]}419{VENUES[number % 4]}", f"Page {number} of the news.\n", f" Section {number}",
            label="escort", site=f"s{number % 5}.example", score=0.9 + number / 1000,
        )
        for number in range(many)
    ]  # fmt: skip


def queue() -> list[Flagged]:
    """Return a small queue: a campaign, brands, the same sentence on many pages, and doubtful false alarms."""
    items = campaign()
    items += [
        flag(f"slot{name}88 gacor", f"{name}. ", " More", score=0.97) for name in ("kota", "raja", "dewa", "maxi")
    ]
    sentence = "Buy cheap pills online without any prescription today."
    items += [flag(sentence, f"Story {number}.\n", "\nEnd", label="pharma", score=0.93) for number in range(5)]
    quoted = ("said the court had banned ", " from its lists")
    items += [flag(f"casino licence {number}", f"{number} {quoted[0]}", quoted[1], score=0.6) for number in range(4)]
    return items
