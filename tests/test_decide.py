"""Deciding: of overlapping candidates the best ones, none of which touch each other."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import Cleaner, Config
from cleaner.columns import NAMES, Matrix
from cleaner.decide import Choice, choose, is_spam_page
from cleaner.detect import Findings

Candidate = tuple[int, int, float, float]  # start, end, pure, exact


def findings(*candidates: Candidate) -> Findings:
    start, end, pure, exact = zip(*candidates, strict=True) if candidates else ((), (), (), ())
    return Findings(list(start), list(end), np.array(pure, float), np.array(exact, float), rows(len(candidates)))


def rows(count: int, **features: float) -> Matrix:
    """Return features of phrases of several words on a line of their own, but for those given."""
    plain = {"blanks": 2.0, "length": 18.0, "left_line": 1.0, "right_line": 1.0, "words_hot": 0.5}
    found = np.zeros((count, len(NAMES)), np.float32)
    for name, value in (plain | features).items():
        found[:, NAMES.index(name)] = value
    return found


def told(choices: list[Choice]) -> list[tuple[int, int, str]]:
    return [(choice.start, choice.end, choice.action) for choice in choices]


DECISIONS: dict[str, tuple[list[Candidate], list[tuple[int, int, str]]]] = {
    "nothing": ([], []),
    "one above": ([(0, 9, 0.95, 0.5)], [(0, 9, "remove")]),
    "exactly at the threshold": ([(0, 9, 0.9, 0.5)], [(0, 9, "remove")]),
    "one between": ([(0, 9, 0.7, 0.5)], [(0, 9, "review")]),
    "exactly at the review": ([(0, 9, 0.5, 0.5)], [(0, 9, "review")]),
    "one below": ([(0, 9, 0.49, 1.0)], []),
    "the more exact of two": ([(0, 9, 0.99, 0.3), (0, 12, 0.91, 0.8)], [(0, 12, "remove")]),
    "the longer of two alike": ([(0, 9, 0.95, 0.5), (0, 12, 0.95, 0.5)], [(0, 12, "remove")]),
    "the earlier of two alike": ([(3, 12, 0.95, 0.5), (0, 9, 0.95, 0.5)], [(0, 9, "remove")]),
    "two that touch": ([(9, 12, 0.95, 0.5), (0, 9, 0.95, 0.6)], [(0, 9, "remove"), (9, 12, "remove")]),
    "a sure one before an exact one": ([(0, 9, 0.95, 0.1), (4, 12, 0.6, 0.9)], [(0, 9, "remove")]),
    "review in what room is left": ([(0, 9, 0.95, 0.1), (9, 12, 0.6, 0.9)], [(0, 9, "remove"), (9, 12, "review")]),
    "a part that is surer than the whole": ([(3, 12, 0.95, 0.0), (0, 12, 0.6, 0.7)], [(3, 12, "remove")]),
    "a likely whole around a sure part": ([(3, 12, 0.95, 0.0), (0, 12, 0.75, 0.7)], [(0, 12, "remove")]),
    "a likely one around nothing sure": ([(0, 12, 0.75, 0.7)], [(0, 12, "review")]),
    "a likely one that overlaps a sure one": ([(0, 9, 0.95, 0.1), (4, 14, 0.8, 0.9)], [(0, 9, "remove")]),
    "a likely one around one of two sure ones": (
        [(0, 9, 0.95, 0.1), (20, 29, 0.95, 0.1), (18, 30, 0.8, 0.9)], [(0, 9, "remove"), (18, 30, "remove")],
    ),
    "in order of place": ([(20, 29, 0.95, 0.9), (0, 9, 0.95, 0.5)], [(0, 9, "remove"), (20, 29, "remove")]),
}


@pytest.mark.parametrize(("candidates", "expected"), DECISIONS.values(), ids=DECISIONS)
def test_decisions(candidates: list[Candidate], expected: list[tuple[int, int, str]]) -> None:
    """What may be removed goes first, the most exact first; review only fills the gaps."""
    assert told(choose(findings(*candidates), 0.9, 0.5)) == expected


DOUBTS: dict[str, dict[str, float]] = {
    "inside a quotation": {"in_quotes": 1},
    "between two words": {"left_line": 0, "left_word": 1, "right_line": 0, "right_lower": 1},
    "a line of a bilingual page": {"foreign_share": 1, "foreign_lines": 10, "page_lines": 20},
    "between a word and a figure": {"left_line": 0, "left_word": 1, "right_line": 0, "right_digit": 1},
    "an entry of a word list": {"twofold_line": 1, "twofold_near": 4, "page_lines": 20},
    "the heading of a short word list": {"twofold_near": 3, "page_lines": 4},
    "a line of a menu": {"foreign_share": 1, "foreign_lines": 4, "page_lines": 4},
    "a foreign name with a gloss": {"foreign_share": 1, "right_line": 0, "right_open": 1, "blank_right": 1},
    "before a small letter": {"right_line": 0, "goes_on": 1},
    "the last words of a heading": {"left_line": 0, "left_word": 1, "starts_lower": 1},
    "no promotional word": {"words_hot": 0},
    "a single word": {"blanks": 0, "length": 8},
}
SURE: dict[str, dict[str, float]] = {
    "a phrase": {},
    "a phrase in another script": {"foreign_share": 1, "foreign_lines": 1, "page_lines": 20},
    "a phrase on a few lines of a short page": {"foreign_share": 1, "foreign_lines": 4, "page_lines": 5},
    "all of a text of three lines": {"foreign_share": 1, "foreign_lines": 3, "page_lines": 3},
    "a phrase before one word in another script": {"twofold_line": 1, "twofold_near": 3, "page_lines": 20},
    "a phrase among entries of a word list": {"twofold_near": 8, "page_lines": 20},
    "a phrase on a short page, two lines in two scripts": {"twofold_near": 2, "page_lines": 3},
    "a sentence before a small letter": {"right_line": 0, "goes_on": 1, "ends_stop": 1},
    "unknown words in small letters between two sentences": {"words_hot": 0, "gate_lower": 1},
    "a brand between two words": {"left_word": 1, "right_lower": 1, "gate_brand": 1, "digits": 2},
    "a word with digits": {"blanks": 0, "length": 10, "digits": 2},
    "a domain": {"blanks": 0, "length": 12, "gate_address": 1},
    "a word of a Chinese page": {"blanks": 0, "length": 5, "host_unspaced": 1},
}


def decided(features: dict[str, float], threshold: float = 0.9, review: float = 0.5) -> list[str]:
    judged = Findings([0], [9], np.array([0.99]), np.array([0.9]), rows(1, **features))
    return [choice.action for choice in choose(judged, threshold, review)]


@pytest.mark.parametrize("features", DOUBTS.values(), ids=DOUBTS)
def test_what_stands_where_host_text_stands_is_reported(features: dict[str, float]) -> None:
    """However sure the judge is, such a stretch is left to a person."""
    assert decided(features) == ["review"]


@pytest.mark.parametrize("features", SURE.values(), ids=SURE)
def test_what_stands_where_injections_stand_is_removed(features: dict[str, float]) -> None:
    """Where no host text stands the probability decides."""
    assert decided(features) == ["remove"]


def test_doubtful_ones_are_reported_at_any_threshold() -> None:
    """With review and threshold at one value (as a low threshold makes them) they are still reported."""
    assert decided(DOUBTS["inside a quotation"], 0.5, 0.5) == ["review"]


@st.composite
def some(draw: st.DrawFn) -> list[Candidate]:
    """Draw candidates, many of them alike."""
    candidates = []
    for _ in range(draw(st.integers(0, 12))):
        start = draw(st.integers(0, 30))
        score = st.sampled_from([0.1, 0.5, 0.6, 0.75, 0.9, 0.95, 1.0])
        candidates.append((start, start + draw(st.integers(1, 12)), draw(score), draw(score)))
    return candidates


@given(some())
def test_choices_are_disjoint_and_sorted(candidates: list[Candidate]) -> None:
    """Choices never overlap, stand in order, and are candidates whose probability allows the action."""
    choices = choose(findings(*candidates), 0.9, 0.5)
    assert all(first.end <= second.start for first, second in pairwise(choices))
    for choice in choices:
        start, end, pure, _ = candidates[choice.number]
        assert (start, end) == (choice.start, choice.end)
        assert choice.action == ("remove" if choice.score >= 0.9 else "review")
        assert pure >= 0.5 or choice.action == "remove"
        assert choice.score >= pure


@given(some(), st.randoms(use_true_random=False))
def test_the_order_of_candidates_does_not_matter(candidates: list[Candidate], order: object) -> None:
    """The answer is that of the candidates, not of the order in which they were found."""
    shuffled = list(candidates)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert told(choose(findings(*candidates), 0.9, 0.5)) == told(choose(findings(*shuffled), 0.9, 0.5))


@given(some())
def test_nothing_likely_is_left_out(candidates: list[Candidate]) -> None:
    """What is not chosen is too unlikely or overlaps what is."""
    choices = choose(findings(*candidates), 0.9, 0.5)
    for start, end, pure, _ in candidates:
        if pure >= 0.5:
            assert any(start < choice.end and choice.start < end for choice in choices)


@pytest.mark.parametrize(
    ("size", "removed", "expected"),
    [
        (1000, [(0, 700)], True),
        (1000, [(0, 600)], True),
        (1000, [(0, 599)], False),
        (1000, [(0, 300), (500, 800)], True),
        (1000, [], False),
        (299, [(0, 299)], False),
        (300, [(0, 300)], True),
    ],
)
def test_spam_pages(size: int, removed: list[tuple[int, int]], expected: bool) -> None:
    """From the given share on it is a page of spam; a short text is an infected field instead."""
    assert is_spam_page("x" * size, removed, 0, 0.6) is expected


@pytest.mark.parametrize(("hot", "expected"), [(450, True), (449, False)])
def test_a_page_of_nothing_but_promotional_words(hot: int, expected: bool) -> None:
    """It is a page of spam though no place of it stands out."""
    assert is_spam_page("x" * 1000, [], hot, 0.6) is expected


def test_white_space_does_not_hide_a_spam_page() -> None:
    """Blank lines around the spam are no host."""
    assert is_spam_page("\n" * 2000 + "x" * 400 + "\n" * 2000, [(2000, 2400)], 0, 0.6)


SPAM = "\n".join(f"爱上海{number}419论坛 上海龙凤{number}419体验" for number in range(40))


def test_a_spam_page_is_left_whole(engine: Cleaner) -> None:
    """The caller gets the page as it was, with the spans found and the reason."""
    result = engine.clean(SPAM)
    assert (result.status, result.text, result.edits) == ("spam_page", SPAM, ())
    assert result.spans
    assert "spam" in result.reason


def test_the_share_can_be_chosen(engine: Cleaner) -> None:
    """Where all but everything may go, the same page with a line of its own is cleaned like any other."""
    page = f"{SPAM}\nThe council met on Tuesday and put off the vote."
    assert engine.clean(page).status == "spam_page"
    assert Cleaner(Config(max_removed=1.0)).clean(page).status in ("changed", "review")


def test_nothing_removed_is_no_spam_page() -> None:
    """A page of which nothing would be cut is no page of spam, whatever the share."""
    assert not is_spam_page("x" * 1000, [], 0, 0.0)
