"""Find-and-replace: the same product in place of a noun, all over a page."""

from __future__ import annotations

import pytest

from cleaner.replaced import find_replaced, hot_places
from tests.parts import survey

HOST = "The {p} met on Tuesday. A second {p} was late, and no {p} came by train."


def ranges(text: str, phrase: str) -> list[tuple[int, int]]:
    found, at = [], text.find(phrase)
    while at >= 0:
        found.append((at, at + len(phrase)))
        at = text.find(phrase, at + 1)
    return found


@pytest.mark.parametrize("phrase", ["slot gacor maxwin", "代孕妈妈", "replica watches"])
def test_the_same_phrase_for_a_noun(phrase: str) -> None:
    """Every place of it is reported, with exact ranges, though the promotional places run over its ends."""
    text = HOST.format(p=phrase)
    places = ranges(text, phrase)
    wider = [(start, end + 3) for start, end in places]
    assert find_replaced(text, wider) == places


@pytest.mark.parametrize(
    "text",
    [
        "The slot gacor maxwin met. A replica watch was late, and no casino bonus came.",  # about the topic
        "slot gacor maxwin\nslot gacor maxwin\nslot gacor maxwin\nThe council met.",  # lines of their own
        "The slot gacor maxwin met on Tuesday. A second slot gacor maxwin was late.",  # only twice
    ],
)
def test_what_is_no_replacement(text: str) -> None:
    """Pages about a product, repeated lines and a single mention are none."""
    phrases = ("slot gacor maxwin", "replica watch", "casino bonus")
    assert find_replaced(text, sorted(item for phrase in phrases for item in ranges(text, phrase))) == []


def test_the_places_come_from_the_words() -> None:
    """A page with three promotional places is looked at, one with two is not."""
    text = HOST.format(p="slot gacor maxwin")
    found = survey(text, "slot gacor maxwin and nothing else of the kind on this page of the council")
    assert [number for number, _ in hot_places(found.block, found.signs)] == [0]
    ((_, places),) = hot_places(found.block, found.signs)
    assert find_replaced(text, places) == ranges(text, "slot gacor maxwin")


def test_a_page_whose_letters_change_length_is_left_alone() -> None:
    """Lower case may be longer than the text (Turkish İ); then places would not be those of the text."""
    assert find_replaced("İ " + HOST.format(p="slot gacor maxwin"), [(0, 9)] * 3) == []
