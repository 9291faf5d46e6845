"""The gates: what makes the engine look closer, and what does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import gates
from cleaner.gates import ADDRESS, BRAND, LOWER_START, MARKER_SECOND, SCRIPT, SEAM, SHORT_LINE, WORDS
from cleaner.signs import read_signs
from tests.parts import HOT, openings, reader, stretches, survey
from tests.strategies import pages

PROSE = "The council met on Tuesday and put off the vote on the new tram line until the autumn."


def cores(text: str, gate: int) -> list[str]:
    """Return the stretches that a gate finds on a page."""
    found = survey(text)
    some = found.cores.gate == gate
    return stretches(found, found.cores.start[some], found.cores.end[some], (text,))


SECOND = {
    "a bullet": ("- One item\nbest rooms - Two items\n- Three", ["best rooms"]),
    "a round bullet": ("• One item\n苏州品茶 • Two items\n• Three", ["苏州品茶"]),
    "a number": ("1. One\nbest rooms 2. Two\n3. Three", ["best rooms"]),
    "a heading in brackets": ("【一】甲\n品茶网 【二】乙", ["品茶网"]),
    "no other line opens so": (f"{PROSE}\nbest rooms - Two items\n{PROSE}", []),
    "another kind of marker opens lines": ("1. One\nbest rooms - Two items\n2. Two", []),
    "the marker is first": ("- One item\n- Two items\n- Three", []),
    "glued to a word": ("- One\nwell-known rooms\n- Three", []),
    "too much before it": (f"- One\n{PROSE} - Two\n- Three", []),
    "a number that is none of a list": ("1. One\nabout 2 cats\n2. Two", []),
}
ADDRESSES = {
    "after a sentence": ("One sentence here. greenkitchen.com Next sentence.", ["greenkitchen.com"]),
    "a link": ("One sentence here. https://www.green.com/x?y=1 Next.", ["https://www.green.com/x?y=1"]),
    "a line of its own": ("One.\ngreenkitchen.com\nTwo.", ["greenkitchen.com"]),
    "the first line": ("greenkitchen.com\nTwo.", ["greenkitchen.com"]),
    "glued to the next word": ("One. greenkitchen.comNext sentence.", ["greenkitchen.comNext"]),
    "a word leads to it": ("Please visit greenkitchen.com for more.", []),
    "in brackets": ("The kitchen (greenkitchen.com) is open.", []),
    "no domain": ("It cost 3.50 in all. See p. 12 of the report, e.g. here", []),
}
BRANDS = {
    "digits glued": ("Win at Luckybet88 now", ["Luckybet88"]),
    "three digits": ("Win at luckybet777 now", ["luckybet777"]),
    "digits inside": ("Win at lucky77bet now", ["lucky77bet"]),
    "one digit": ("The file mp3 and Windows7 are here", []),
    "a short word": ("The A380 and GT40 and PS12", []),
    "a hyphen": ("The Covid-19 wave", []),
    "another script": ("会所888", []),
    "a year": ("In 2024 and 1999", []),
}
LOWER = {
    "a phrase without a capital": ("One sentence here. bonus rooms Next one here.", ["bonus rooms"]),
    "an exclamation": ("One sentence here! bonus rooms Next one.", ["bonus rooms"]),
    "an abbreviation": ("See fig. two on page four for the Plan.", ["two on page four for the"]),
    "a sentence end comes first": ("One sentence here. bonus rooms are here. Next one.", []),
    "no capital follows": ("One sentence here. bonus rooms are here", []),
    "a capital begins": ("One sentence here. Bonus rooms Next one.", []),
    "a number before the stop": ("It cost 3. bonus rooms Next", []),
}
SEAMS = {
    "before a paragraph": (f"cheap pills The council met. {PROSE}", ["cheap pills"]),
    "after a sentence": (f"It was late. cheap pills The council met. {PROSE}", ["cheap pills"]),
    "in Chinese": ("爱上海419论坛 当地居民周二表示支持。" + "市议会讨论了明年的预算。" * 4, ["爱上海419论坛"]),
    "with digits glued to it": (f"cheap pills24 The council met. {PROSE}", ["cheap pills24"]),
    "as cold as the page": (f"warm rooms The council met. {PROSE}", []),
    "an ordinary capital": (f"cheap pills Council members met. {PROSE}", []),
    "a comma comes first": (f"After that, cheap pills The council met. {PROSE}", []),
    "a bracket comes first": (f"It was (cheap pills The council {PROSE}", []),
    "the sentence ended": (f"cheap pills. The council met. {PROSE}", []),
    "too far away": ("cheap pills " * 5 + f"The council met. {PROSE}", []),
}
SHORT_LINES = {
    "warmer than the page": (f"{PROSE}\ncheap pills\n{PROSE}", ["cheap pills"]),
    "as cold as the page": (f"{PROSE}\nwarm rooms\n{PROSE}", []),
    "most of the page": ("cheap pills\nwarm rooms", []),
}
WORDY = {
    "a phrase": (f"{PROSE} slot gacor maxwin {PROSE}", 1),
    "a phrase in disguise": (f"{PROSE} ＳＬＯＴ gacor\u200b ⓜaxwin {PROSE}", 1),
    "two lines of phrases": (f"slot gacor maxwin\nslot gacor maxwin\n{PROSE}", 2),
    "two phrases far apart": (f"slot gacor maxwin {PROSE} slot gacor maxwin", 2),
    "ordinary text": (PROSE, 0),
    "nothing": ("", 0),
}


@pytest.mark.parametrize(("text", "expected"), SECOND.values(), ids=SECOND)
def test_a_marker_in_second_place(text: str, expected: list[str]) -> None:
    """What stands before a list marker is looked at, where other lines open with such a marker."""
    assert cores(text, MARKER_SECOND) == expected


@pytest.mark.parametrize(("text", "expected"), ADDRESSES.values(), ids=ADDRESSES)
def test_addresses(text: str, expected: list[str]) -> None:
    """A domain or link is looked at when no word leads to it."""
    assert cores(text, ADDRESS) == expected


@pytest.mark.parametrize(("text", "expected"), BRANDS.values(), ids=BRANDS)
def test_brands(text: str, expected: list[str]) -> None:
    """A word of three letters or more with two digits or more glued to it is looked at."""
    assert cores(text, BRAND) == expected


@pytest.mark.parametrize(("text", "expected"), LOWER.values(), ids=LOWER)
def test_small_letters_after_a_sentence(text: str, expected: list[str]) -> None:
    """What begins small after a sentence and runs into a capital is looked at."""
    assert cores(text, LOWER_START) == expected


@pytest.mark.parametrize(("text", "expected"), SEAMS.values(), ids=SEAMS)
def test_seams(text: str, expected: list[str]) -> None:
    """What runs from the start of a line or sentence into the beginning of another one is looked at."""
    assert cores(text, SEAM) == expected


@pytest.mark.parametrize(("text", "expected"), SHORT_LINES.values(), ids=SHORT_LINES)
def test_short_lines(text: str, expected: list[str]) -> None:
    """A short line is looked at when its words are much warmer than those of its page."""
    assert cores(text, SHORT_LINE) == expected


@pytest.mark.parametrize(("text", "count"), WORDY.values(), ids=WORDY)
def test_words(text: str, count: int) -> None:
    """Each stretch of promotional words is one core, which overlaps it and stays on its line."""
    found = cores(text, WORDS)
    assert len(found) == count
    assert all("gacor" in core and "\n" not in core for core in found)


def test_foreign_letters_open_a_core() -> None:
    """Every foreign run is looked at, whatever its words weigh."""
    assert cores(f"{PROSE} 猫猫狗狗 {PROSE}", SCRIPT) == ["猫猫狗狗"]
    assert cores(f"{PROSE} {PROSE}", SCRIPT) == []


def test_cold_stretches_are_passed_by() -> None:
    """What is far colder than ordinary text is not worth a look, whatever its structure."""
    block = reader().read((f"{PROSE} 猫猫狗狗 Luckybet88",))
    scores = np.full(len(block.codes), -HOT, np.int16)
    signs = read_signs(block, scores, np.zeros(1, np.int64), HOT)
    assert len(signs.foreign) == 4
    assert len(gates.find_cores(block, signs, scores, HOT, openings())) == 0


def test_a_page_of_prose_has_no_core() -> None:
    """Clean pages end here: nothing more is computed for them."""
    assert len(survey(PROSE, f"- {PROSE}\n- {PROSE}", "市议会周二讨论了明年的预算，并决定推迟表决。").cores) == 0


@given(st.lists(pages(), min_size=1, max_size=5))
def test_cores_lie_on_their_pages(batch: list[str]) -> None:
    """Cores are sorted, not empty, on one page each, and the same whatever stands beside the page."""
    found = survey(*batch)
    start, end, gate = found.cores.start, found.cores.end, found.cores.gate
    assert (start < end).all()
    assert (np.diff(start) >= 0).all()
    page = found.block.page_of(start)
    assert (start >= found.block.first[page]).all()
    assert (end <= found.block.last[page]).all()
    for number, text in enumerate(batch):
        alone = survey(text)
        mine, base = page == number, found.block.first[number] - alone.block.first[0]
        assert (start[mine] - base).tolist() == alone.cores.start.tolist()
        assert (end[mine] - base).tolist() == alone.cores.end.tolist()
        assert gate[mine].tolist() == alone.cores.gate.tolist()
