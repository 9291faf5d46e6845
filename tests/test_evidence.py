"""Evidence: every feature can be said in words, and the weightiest come first."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from cleaner import Cleaner
from cleaner.cases import read_cases
from cleaner.columns import NAMES
from cleaner.evidence import describe, explain
from tests.quality import CASES

VALUES = (0.0, 0.25, 1.0, 2.0, 7.5, -3.0, 400.0)


@pytest.mark.parametrize("name", NAMES)
def test_every_feature_has_words(name: str) -> None:
    """Any value of any feature becomes one short line without code in it."""
    for value in VALUES:
        words = describe(name, value)
        assert words == words.strip()
        assert 8 <= len(words) <= 100
        assert not set("{}_\n") & set(words)


def test_no_two_features_say_the_same() -> None:
    """A reader can tell which feature speaks."""
    words = [describe(name, 2.0) for name in NAMES]
    assert len(words) == len(set(words))


SAID = {
    ("left_line", 1.0): "before it: a line end",
    ("left_line", 0.0): "not before it: a line end",
    ("right_upper", 1.0): "after it: a capital letter",
    ("whole_line", 1.0): "a line of its own",
    ("whole_line", 0.0): "a line of its own: no",
    ("foreign_share", 0.5): "50% of its letters are of another script than the page",
    ("words_sum", 1.66): "its words weigh 1.7 as promotional text",
    ("length", 11.0): "11 characters long",
    ("digits_glued", 3.0): "digits glued to a word: 3",
}


@pytest.mark.parametrize(("name", "value", "words"), [(*key, words) for key, words in SAID.items()])
def test_words(name: str, value: float, words: str) -> None:
    """Yes, no, counts and shares read like that."""
    assert describe(name, value) == words


def test_two_digits_stay_two_digits() -> None:
    """A count that begins with 1 is not mistaken for a yes."""
    assert describe("digits_glued", 10.0) == "digits glued to a word: 10"


def test_a_share_is_said_as_a_share() -> None:
    """Half of the words found elsewhere is not told as none."""
    assert describe("token_elsewhere", 0.4) != describe("token_elsewhere", 0.0)


def test_explanations_are_sorted() -> None:
    """Strongest first, whatever its sign; six at most; nothing too weak to matter; ties in order of the names."""
    rows = np.ones((3, len(NAMES)), np.float32)
    shares = np.zeros(rows.shape)
    shares[0, :10] = [0.1, -0.9, 0.3, 0.04, 0.5, -0.2, 0.6, 0.7, 0.06, 0.0]
    shares[1, 3] = shares[1, 5] = 0.25
    first, second, third = explain(rows, shares)
    assert [item.weight for item in first] == [-0.9, 0.7, 0.6, 0.5, 0.3, -0.2]
    assert [item.name for item in second] == [NAMES[3], NAMES[5]]
    assert third == ()
    assert all(item.detail == describe(item.name, 1.0) for item in (*first, *second))


def test_spans_are_explained(engine: Cleaner) -> None:
    """Every span of the golden cases has reasons; what is cut has one that speaks for cutting."""
    spans = [span for case in read_cases(CASES / "in_the_wild.jsonl") for span in engine.find(case.text)]
    assert len(spans) > 200
    for span in spans:
        assert 1 <= len(span.evidence) <= 6
        assert all(abs(one.weight) >= abs(other.weight) for one, other in pairwise(span.evidence))
        assert {item.name for item in span.evidence} <= set(NAMES)
        assert span.action == "review" or max(item.weight for item in span.evidence) > 0
