"""Candidates: among the few stretches around a core, one is the injection itself."""

from __future__ import annotations

import numpy as np
import pytest
from _pytest.mark import ParameterSet
from hypothesis import given
from hypothesis import strategies as st

from cleaner import boundaries, propose
from cleaner.alphabet import NEWLINE
from cleaner.detect import Survey
from cleaner.propose import Candidates
from tests.parts import openings, stretches, survey
from tests.strategies import pages

PROSE = "The council met on Tuesday and put off the vote until the autumn."
SLOT, PILLS, FORUM, DIPLOMA = "slot gacor maxwin", "buy cheap pills online", "爱上海419论坛", "купить диплом недорого"
MESSAGE = f"If you want to {PILLS}, you have come to the right place."

# What is injected, and the page with a gap for it.
PLACES = {
    "before a list marker": (SLOT, "- One item\n{} - Two items\n- Three items"),
    "before a numbered item": (FORUM, "1. One\n{} 2. Two\n3. Three"),
    "before a heading": (FORUM, "One.\n{} What Comes Next\nTwo."),
    "before a paragraph": (SLOT, "One.\n{} The council met on Tuesday and put off the vote until the autumn."),
    "before a paragraph, two blanks": (DIPLOMA, "{}  The council met on Tuesday."),
    "on a line of its own": (FORUM, f"{PROSE}\n{{}}\n{PROSE}"),
    "on a line of its own, with an address": (f"{SLOT} www.green.com", f"{PROSE}\n{{}}\n{PROSE}"),
    "on the first line": (PILLS, f"{{}}\n{PROSE}"),
    "on the last line": (PILLS, f"{PROSE}\n{{}}"),
    "as all there is": (SLOT, "{}"),
    "between sentences": (SLOT, f"{PROSE} {{}} {PROSE}"),
    "between Chinese sentences": (FORUM, "市议会周二讨论了预算。{}代表们决定推迟表决。"),
    "between Japanese sentences": (FORUM, "市議会は予算を審議した。{}採決は秋に延期する。"),
    "at the end of a line": (SLOT, f"{PROSE} {{}}\n{PROSE}"),
    "glued to a title": (FORUM, f"{{}}Harbour city without captains\n{PROSE}"),
    "glued to a Chinese title": (FORUM, "{}市议会讨论预算\n代表们决定推迟表决。"),
    "behind a title": (SLOT, f"Harbour city without captains - {{}}\n{PROSE}"),
    "in a tag": (FORUM, f"Tags: {{}}\n{PROSE}"),
    "behind a label of its script": (FORUM, f"标签归档 {{}}\n{PROSE}"),
    "in a byline": (SLOT, f"By {{}}\n{PROSE}"),
    "between two words": (SLOT, "The council met on {} and put off the vote."),
    "keywords in a row": (f"{SLOT}, {SLOT} 88, {PILLS}", f"{{}}\n{PROSE}"),
    "keywords, bars": (f"{SLOT} | {PILLS} | {SLOT}", f"{{}}\n{PROSE}"),
    "a clause at the end": (f", and you can {PILLS}", "The council met on Tuesday{}."),
    "a clause in front": (f"If you {PILLS},", f"{{}} the council met on Tuesday. {PROSE}"),
    "a sentence": (MESSAGE, f"{PROSE} {{}} {PROSE}"),
    "a sentence in front": (MESSAGE, f"{{}} {PROSE}"),
    "two sentences": (f"{MESSAGE} Order now.", f"{PROSE} {{}} {PROSE}"),
    "a sentence on its line": (MESSAGE, f"{PROSE}\n{{}}\n{PROSE}"),
    "in brackets": (SLOT, "The council ({}) met on Tuesday."),
    "in quotes": (PILLS, 'The council said "{}" on Tuesday.'),
    "zero-width characters inside": ("\u200b".join(FORUM), f"{PROSE} {{}} {PROSE}"),
    "full width": ("ｓｌｏｔ ｇａｃｏｒ ｍａｘｗｉｎ", f"{PROSE}\n{{}} Heading"),
    "CRLF": (SLOT, "One.\r\n{}\r\nTwo."),
    "a brand": ("Luckybet88", f"{PROSE} {{}} {PROSE}"),
    "an address": ("https://www.green.com/a", f"{PROSE} {{}} {PROSE}"),
    "an unknown foreign phrase": ("猫猫狗狗", f"{PROSE} {{}} {PROSE}"),
}
# A window of words may begin in the host text before the phrase, where no boundary parts the two.
MISSED = ("between Chinese sentences", "between Japanese sentences", "between two words", "in quotes")


def places() -> list[ParameterSet]:
    missed = pytest.mark.xfail(strict=True, reason="the stretch is not proposed yet")
    return [pytest.param(*case, id=name, marks=missed if name in MISSED else ()) for name, case in PLACES.items()]


def candidates(found: Survey) -> Candidates:
    lines = boundaries.find_lines(found.block, found.signs.newlines, found.cores, openings())
    return propose.find_candidates(found.block, found.scores, found.cores, lines, np.arange(len(found.cores)))


def proposed(text: str) -> list[str]:
    """Return the candidates of a page as its own text."""
    found = survey(text)
    some = candidates(found)
    return stretches(found, some.start, some.end, (text,))


@pytest.mark.parametrize(("phrase", "page"), places())
def test_the_injection_is_a_candidate(phrase: str, page: str) -> None:
    """Wherever it stands, exactly what was put in is among the candidates."""
    assert phrase in proposed(page.format(phrase))


@pytest.mark.parametrize(("phrase", "page"), PLACES.values(), ids=PLACES)
def test_there_are_few(phrase: str, page: str) -> None:
    """A core has a few dozen candidates."""
    assert np.bincount(candidates(survey(page.format(phrase))).core).max() <= 64


@pytest.mark.parametrize(
    "whole", ["https://slot99web.transport.example/Home", "slot99web.transport.example", "1slot99th", "slot99x4"]
)
def test_addresses_and_figures_stay_whole(whole: str) -> None:
    """No candidate begins or ends inside an address, or between a figure and the small letters glued to it."""
    text = f"{PROSE}\n{SLOT} {whole} {PROSE}"
    there = text.index(whole), text.index(whole) + len(whole)
    found = survey(text)
    some = candidates(found)
    starts, ends = found.block.to_source(0, some.start, some.end)
    assert not any(there[0] < place < there[1] for place in (*starts, *ends))


def test_an_address_ends_where_its_letters_end() -> None:
    """The mark of the sentence and letters of another script do not belong to it."""
    assert f"{SLOT}. www.green.com" in proposed(f"{PROSE} {SLOT}. www.green.com. {PROSE}")
    assert "爱上海419论坛www.green.com" in proposed(f"{PROSE}\n爱上海419论坛www.green.com市议会讨论预算")


def test_no_clause_reaches_over_a_full_stop() -> None:
    """What begins with a comma ends in its own sentence."""
    assert not any(text.startswith(",") for text in proposed(f"The rain stopped, they said. And then {SLOT} came."))
    assert f", and you can {PILLS}" in proposed(f"The rain stopped. They left, and you can {PILLS}.")


def test_nothing_without_cores() -> None:
    """A page that no gate opens has no candidates."""
    found = survey(PROSE)
    lines = boundaries.find_lines(found.block, found.signs.newlines, survey(PILLS).cores, openings())
    assert len(propose.find_candidates(found.block, found.scores, found.cores, lines, np.zeros(0, np.int64))) == 0


@given(pages())
def test_candidates_are_tidy(text: str) -> None:
    """Candidates lie on one line, begin and end on no blank, are told once per core and are not too long."""
    found = survey(text)
    if not len(found.cores):
        return
    some = candidates(found)
    classes = found.block.classes
    assert (some.end - some.start >= 2).all()
    assert (some.end - some.start <= 400).all()
    assert not any((classes[left:right] == NEWLINE).any() for left, right in zip(some.start, some.end, strict=True))
    told = list(zip(some.core.tolist(), some.start.tolist(), some.end.tolist(), strict=True))
    assert told == sorted(set(told))


@given(pages())
def test_candidates_overlap_their_cores(text: str) -> None:
    """Every candidate holds a part of the core it comes from."""
    found = survey(text)
    if not len(found.cores):
        return
    some = candidates(found)
    for core, start, end in zip(some.core, some.start, some.end, strict=True):
        assert start < found.cores.end[core]
        assert end > found.cores.start[core]


@given(st.lists(pages(), min_size=2, max_size=4))
def test_neighbours_change_nothing(batch: list[str]) -> None:
    """A page has the candidates it has alone."""
    whole = survey(*batch)
    if not len(whole.cores):
        return
    some = candidates(whole)
    page = whole.block.page_of(some.start)
    for number, text in enumerate(batch):
        alone = survey(text)
        base = whole.block.first[number] - alone.block.first[0]
        mine = np.stack([some.start, some.end])[:, page == number] - base
        expected = candidates(alone) if len(alone.cores) else None
        assert mine.tolist() == ([expected.start.tolist(), expected.end.tolist()] if expected else [[], []])


def test_blanks_at_the_edges_fall_away() -> None:
    """A candidate of a line with blanks around its phrase is the phrase."""
    assert SLOT in proposed(f"One.\n   {SLOT}   \nTwo.")
    assert all(text == text.strip() for text in proposed(f"One.\n   {SLOT}   \nTwo."))
