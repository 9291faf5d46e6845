"""The scout: it sends on what is injected, spares most of clean text, and sees no neighbours."""

from __future__ import annotations

import functools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cleaner import Cleaner
from cleaner.cases import read_cases
from cleaner.detect import Detector
from cleaner.scout import NAMES
from tests.quality import CASES
from tests.strategies import pages

FORUM = "爱上海419论坛"
# Nothing but promotional words; only the lines around tell them, and these the scout does not see.
WORD_LISTS = {"neg-337", "neg-338", "neg-343"}


@functools.cache
def detector() -> Detector:
    return Cleaner()._finder._detector


def seen(*texts: str) -> list[list[tuple[float, ...]]]:
    """Return per page what is known of each of its cores, and whether it is worth a look."""
    survey = detector().survey(texts)
    found: list[list[tuple[float, ...]]] = [[] for _ in texts]
    if len(survey.cores):
        rows = np.column_stack((detector().glances(survey), survey.worth)).tolist()
        for page, row in zip(survey.block.page_of(survey.cores.start).tolist(), rows, strict=True):
            found[page].append(tuple(row))
    return found


def test_columns() -> None:
    """Every column has a name of its own; all are finite."""
    rows = detector().glances(detector().survey([case.text for case in read_cases(CASES / "in_the_wild.jsonl")]))
    assert rows.shape[1] == len(NAMES) == len(set(NAMES))
    assert np.isfinite(rows).all()


def test_a_phrase_is_sent_on() -> None:
    """A core on an injected phrase is worth a look wherever it stands."""
    for text in (f"{FORUM} The council met.", f"The council met. {FORUM}", f"One line.\n{FORUM}\nAnother line."):
        (found,) = seen(text)
        assert any(row[-1] for row in found)


def test_most_of_clean_text_is_spared() -> None:
    """Of the cores on clean pages made to look like trouble not all are looked at, of the infected ones most are."""
    shares = {}
    for name in ("in_the_wild", "negative"):
        texts = [case.text for case in read_cases(CASES / f"{name}.jsonl") if case.id not in WORD_LISTS]
        shares[name] = detector().survey(texts).worth.mean()
    assert shares["negative"] < 0.75 * shares["in_the_wild"]


@given(st.lists(pages(), min_size=1, max_size=6))
def test_neighbours_are_not_seen(texts: list[str]) -> None:
    """What is known of a core is the same alone and in company."""
    assert seen(*texts) == [seen(text)[0] for text in texts]
