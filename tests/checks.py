"""What every outcome promises, to be asserted of any text."""

from __future__ import annotations

from cleaner import Cleaning
from cleaner.repair import apply_edits, restore

BRACKETS = "()[]{}（）【】「」『』《》〈〉"
STATUSES = {"clean", "changed", "review", "spam_page", "skipped", "failed"}


def check(text: str, cleaning: Cleaning) -> None:
    """Assert all that one outcome promises: I1, I2, I3 and that status and edits tell the same story."""
    assert cleaning.status in STATUSES
    assert cleaning.status != "failed", cleaning.reason
    # I2
    assert apply_edits(text, cleaning.edits) == cleaning.text
    assert restore(cleaning.text, cleaning.edits) == cleaning.restore() == text
    # I3
    places = [0, *(place for span in cleaning.spans for place in (span.start, span.end)), len(text)]
    assert places == sorted(places)
    assert all(span.start < span.end and 0.0 <= span.score <= 1.0 for span in cleaning.spans)
    # I1
    assert cleaning.changed == (cleaning.status == "changed") == bool(cleaning.edits)
    assert cleaning.changed or cleaning.text == text
    # A page of spam is known by its words; spans need a host that they break.
    assert cleaning.spans or cleaning.status not in ("changed", "review")
    assert not cleaning.spans or cleaning.status in ("changed", "review", "spam_page")
    if cleaning.changed:
        check_conservation(text, cleaning)


def check_conservation(text: str, cleaning: Cleaning) -> None:
    """Assert that only spans, white space and emptied brackets were cut, and that all spans to remove were."""
    inside = {place for span in cleaning.spans if span.action == "remove" for place in range(span.start, span.end)}
    gone = {place for edit in cleaning.edits for place in range(edit.start, edit.end)}
    assert inside <= gone
    assert all(text[place].isspace() or text[place] in BRACKETS for place in gone - inside)
