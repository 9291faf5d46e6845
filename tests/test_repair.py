"""Mending: the cut takes the phrase and the blank it came with, and never a character of the host."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.repair import apply_edits, make_edits, restore, to_source
from cleaner.types import Edit, Span
from tests.strategies import texts

SPAM = "爱上海419论坛"
BRACKETS = "()[]{}（）【】「」『』《》〈〉"

SEAMS = {
    "before a heading": (f"One.\n{SPAM} Heading\nTwo.", "One.\nHeading\nTwo."),
    "before a heading, two blanks": (f"{SPAM}  Heading", "Heading"),
    "before a heading, ideographic blank": (f"{SPAM}\u3000Heading", "Heading"),
    "before a heading, glued": (f"One.\n{SPAM}Heading", "One.\nHeading"),
    "after blanks at the start of a line": (f"One.\n  {SPAM} Two.", "One.\n  Two."),
    "before a list marker": (f"- one\n{SPAM} - two", "- one\n- two"),
    "at the end of a line": (f"One. {SPAM}\nTwo.", "One.\nTwo."),
    "at the end of the text": (f"One. {SPAM}", "One."),
    "a line of its own": (f"One.\n{SPAM}\nTwo.", "One.\nTwo."),
    "a line of its own, blanks around": (f"One.\n  {SPAM} \nTwo.", "One.\nTwo."),
    "a line of its own between blank lines": (f"One.\n\n{SPAM}\n\nTwo.", "One.\n\n\nTwo."),
    "a line of its own, CRLF": (f"One.\r\n{SPAM}\r\nTwo.", "One.\r\nTwo."),
    "a line of its own, U+2028": (f"One.\u2028{SPAM}\u2028Two.", "One.\u2028Two."),
    "the first line": (f"{SPAM}\nOne.", "One."),
    "the last line": (f"One.\n{SPAM}", "One."),
    "the last line, CRLF": (f"One.\r\n{SPAM}", "One."),
    "the last line, closed": (f"One.\n{SPAM}\n", "One.\n"),
    "all there is": (SPAM, ""),
    "all there is but a line end": (f"{SPAM}\n", ""),
    "inside a sentence": (f"One {SPAM} two.", "One two."),
    "inside a sentence, more blanks": (f"One  {SPAM} two.", "One  two."),
    "inside a sentence, glued": (f"One{SPAM}two.", "Onetwo."),
    "inside a sentence, glued to the right": (f"One {SPAM}two.", "One two."),
    "alone in brackets": (f"One ({SPAM}) two.", "One two."),
    "alone in brackets at the end": (f"One （{SPAM}）", "One"),
    "alone in brackets twice": (f"One 【[{SPAM}]】 two.", "One two."),
    "brackets that are no pair": (f"One ({SPAM}] two.", "One (] two."),
}  # fmt: skip


def span(start: int, end: int, action: str = "remove") -> Span:
    return Span(start, end, "x", 1.0, action)  # type: ignore[arg-type]


def cut(text: str, *phrases: str) -> str:
    spans = [span(text.index(phrase), text.index(phrase) + len(phrase)) for phrase in phrases]
    return apply_edits(text, make_edits(text, spans))


@pytest.mark.parametrize(("infected", "mended"), SEAMS.values(), ids=SEAMS)
def test_seams(infected: str, mended: str) -> None:
    """The line reads as it did before the phrase was put in."""
    assert cut(infected, SPAM) == mended


def test_two_phrases_with_blanks_between_are_one_cut() -> None:
    """The blanks between two phrases belong to neither, and go with them."""
    text = "One.\nspam1 spam2\nTwo."
    spans = [span(5, 10), span(11, 16)]
    edits = make_edits(text, spans)
    assert apply_edits(text, edits) == "One.\nTwo."
    assert len(edits) == 1


def test_two_lines_of_phrases() -> None:
    """Two infected lines in a row leave no blank line."""
    assert cut("One.\nspam1\nspam2\nTwo.", "spam1", "spam2") == "One.\nTwo."


def test_review_is_never_cut() -> None:
    """A span for a person to look at stays."""
    assert make_edits("spam One", [span(0, 4, "review")]) == ()


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[Span]]:
    """Draw a text with sorted, disjoint spans in it."""
    text = draw(texts())
    places = draw(st.lists(st.integers(0, len(text)), max_size=10, unique=True).map(sorted))
    pairs = zip(places[::2], places[1::2], strict=False)
    return text, [span(start, end, draw(st.sampled_from(["remove", "remove", "review"]))) for start, end in pairs]


@given(marked())
def test_i2_edits_replay_and_reverse(case: tuple[str, list[Span]]) -> None:
    """I2: the edits make the cleaned text, and the cleaned text with the edits makes the source."""
    text, spans = case
    edits = make_edits(text, spans)
    assert all(text.startswith(edit.removed, edit.start) for edit in edits)
    assert all(first.end <= second.start for first, second in pairwise(edits))
    assert restore(apply_edits(text, edits), edits) == text


@given(marked())
def test_i2_no_character_of_the_host_is_cut(case: tuple[str, list[Span]]) -> None:
    """I2: outside the spans only white space and brackets left empty may go, and nothing is put in."""
    text, spans = case
    inside = {place for item in spans if item.action == "remove" for place in range(item.start, item.end)}
    edits = make_edits(text, spans)
    gone = {place for edit in edits for place in range(edit.start, edit.end)}
    assert inside <= gone
    assert all(text[place].isspace() or text[place] in BRACKETS for place in gone - inside)
    assert not any(edit.inserted for edit in edits)


@given(marked())
def test_no_host_lines_are_joined_or_split(case: tuple[str, list[Span]]) -> None:
    """Words that stood on two lines still do: a line break goes only with a whole line."""
    text, spans = case
    for edit in make_edits(text, spans):
        outside = [
            place for place in range(edit.start, edit.end)
            if not any(item.start <= place < item.end for item in spans if item.action == "remove")
        ]  # fmt: skip
        if any(text[place] in "\n\r" for place in outside):
            opens = edit.start == 0 or text[edit.start - 1] in "\n\r\x0b\x0c\x85\u2028\u2029"
            closes = edit.end == len(text) or text[edit.end] in "\n\r\x0b\x0c\x85\u2028\u2029"
            assert opens or closes


@given(marked(), st.data())
def test_places_are_found_again(case: tuple[str, list[Span]], data: st.DataObject) -> None:
    """A stretch of the cleaned text is found in the source: same ends, cuts inside it covered."""
    text, spans = case
    edits = make_edits(text, spans)
    cleaned = apply_edits(text, edits)
    if not cleaned:
        return
    start = data.draw(st.integers(0, len(cleaned) - 1))
    end = data.draw(st.integers(start + 1, len(cleaned)))
    first, last = to_source(edits, start, end)
    within = [Edit(edit.start - first, edit.removed) for edit in edits if first <= edit.start and edit.end <= last]
    assert apply_edits(text[first:last], within) == cleaned[start:end]
