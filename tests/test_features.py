"""Features: named, finite, and those of the text alone, whatever it is batched with."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import Cleaner
from cleaner.cases import read_cases
from cleaner.columns import LEFT_KINDS, NAMES, RIGHT_KINDS, Matrix
from cleaner.detect import Detector
from cleaner.tally import Stretches
from tests.quality import CASES
from tests.strategies import pages

PROSE = "The council met on Tuesday and put off the vote on the new tram line until the autumn."
FORUM = "爱上海419论坛"


@functools.cache
def detector() -> Detector:
    return Cleaner()._finder._detector


def rows(*texts: str) -> list[dict[str, Matrix]]:
    """Return per page the features of all its candidates, by their source text."""
    survey = detector().survey(texts)
    found: list[dict[str, Matrix]] = [{} for _ in texts]
    if not len(survey.cores):
        return found
    candidates, matrix = detector().candidates(survey, texts, promising=False)
    page = survey.block.page_of(candidates.start)
    for index, number in enumerate(page.tolist()):
        some = slice(index, index + 1)
        (start,), (end,) = survey.block.to_source(number, candidates.start[some], candidates.end[some])
        found[number][f"{start}:{candidates.core[index] - candidates.core[page == number][0]}:{end}"] = matrix[index]
    return found


def of(text: str, phrase: str) -> dict[str, float]:
    """Return the features by name of the candidate that is the phrase."""
    start = text.index(phrase)
    (found,) = rows(text)
    key = next(key for key in found if key.startswith(f"{start}:") and key.endswith(f":{start + len(phrase)}"))
    return dict(zip(NAMES, found[key].tolist(), strict=True))


def same(one: dict[str, Matrix], other: dict[str, Matrix]) -> bool:
    return one.keys() == other.keys() and all((one[key] == other[key]).all() for key in one)


def test_names() -> None:
    """Every column has a name of its own, and every side its kinds."""
    assert len(set(NAMES)) == len(NAMES)
    assert {f"left_{kind}" for kind in LEFT_KINDS} | {f"right_{kind}" for kind in RIGHT_KINDS} <= set(NAMES)


@given(st.lists(pages(), min_size=1, max_size=4))
def test_rows_are_finite(batch: list[str]) -> None:
    """Whatever the page, every feature is a number; shares lie between 0 and 1."""
    for page in rows(*batch):
        for row in page.values():
            assert row.shape == (len(NAMES),)
            assert row.dtype == np.float32
            assert np.isfinite(row).all()
            named = dict(zip(NAMES, row.tolist(), strict=True))
            for name in ("letters_share", "foreign_share", "foreign_elsewhere", "position", "token_elsewhere"):
                assert 0.0 <= named[name] <= 1.0, name
            for side, kinds in (("left", LEFT_KINDS), ("right", RIGHT_KINDS)):
                assert sum(named[f"{side}_{kind}"] for kind in kinds) == 1.0, side


@given(st.lists(pages(), min_size=2, max_size=5))
def test_neighbours_change_nothing(batch: list[str]) -> None:
    """The rows of a page in a batch are the rows it has alone, bit for bit."""
    for text, page in zip(batch, rows(*batch), strict=True):
        assert same(page, rows(text)[0])


def test_neighbours_change_nothing_on_real_pages() -> None:
    """The same on golden cases, forwards and backwards."""
    texts = [case.text for case in read_cases(CASES / "in_the_wild.jsonl")][::6]
    alone = [rows(text)[0] for text in texts]
    assert sum(map(len, alone)) > 500
    assert all(map(same, rows(*texts), alone))
    assert all(map(same, rows(*texts[::-1]), alone[::-1]))


def test_no_candidates() -> None:
    """Pages without candidates have no rows."""
    assert rows(PROSE, "") == [{}, {}]


SEAMS = {
    "a line of its own": (f"{PROSE}\n{FORUM}\n{PROSE}", {"whole_line": 1, "left_line": 1, "right_line": 1, "naked": 1}),
    "before a heading": (f"{PROSE}\n{FORUM} Heading here\n", {"left_line": 1, "right_upper": 1, "naked": 1}),
    "before a marker": (f"- One\n{FORUM} - Two\n- Three", {"right_marker": 1, "rest_like_next": 1, "listed_lines": 2}),
    "between sentences": (f"{PROSE} {FORUM} {PROSE}", {"left_sentence": 1, "right_upper": 1, "naked": 1}),
    "between words": (f"The council {FORUM} met on Tuesday.", {"left_word": 1, "right_lower": 1, "naked": 0}),
    "in brackets": (f"The council ({FORUM}) met.", {"left_open": 1, "right_close": 1, "line_quotes": 1}),
    "in quotes": (f'The council "{FORUM}" met.', {"left_quote": 1, "right_quote": 1, "quoted_pair": 1}),
    "after a colon": (f"Tags: {FORUM}\n{PROSE}", {"left_clause": 1, "right_line": 1}),
    "glued to a title": (f"{FORUM}Harbour city\n{PROSE}", {"left_line": 1, "right_glued": 1, "first_line": 1}),
    "in another script": (f"{PROSE} {FORUM} {PROSE}", {"foreign_share": 1, "switch_left": 0, "host_unspaced": 0}),
    "with digits glued": (f"{PROSE}\n{FORUM}\n", {"digits": 3, "digits_glued": 1, "length": 8, "blanks": 0}),
    "on the third line": (f"{PROSE}\n{PROSE}\n{FORUM}\n{PROSE}", {"line_index": 2, "first_line": 0, "page_lines": 4}),
    "told twice": (f"{FORUM}\n{PROSE}\n{FORUM}", {"repeats": 1}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SEAMS.values(), ids=SEAMS)
def test_what_stands_around(text: str, expected: dict[str, float]) -> None:
    """The features say in numbers what a reader sees around the phrase."""
    found = of(text, FORUM)
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("stop", ["...", "…"])
def test_an_ellipsis_before_a_small_letter_ends_no_sentence(stop: str) -> None:
    """What pauses goes on: the words after it are no sentence of their own."""
    phrase = "slot gacor maxwin"
    found = of(f"{PROSE} He waited{stop} {phrase}\n{PROSE}", phrase)
    assert (found["left_sentence"], found["left_clause"]) == (0, 1)
    found = of(f"{PROSE} He waited. {phrase}\n{PROSE}", phrase)
    assert (found["left_sentence"], found["left_clause"]) == (1, 0)


def test_zero_width_characters_are_not_counted() -> None:
    """A phrase with hidden characters has the features of the phrase."""
    hidden = "\u200b".join(FORUM)
    plain, disguised = of(f"{PROSE}\n{FORUM}\n{PROSE}", FORUM), of(f"{PROSE}\n{hidden}\n{PROSE}", hidden)
    assert plain == disguised


def test_stretches_count_their_characters() -> None:
    """Counts are per stretch; an empty stretch, the last one too, counts nothing."""
    start, end = np.array([0, 3, 3, 5]), np.array([3, 3, 7, 5])
    stretches = Stretches(start, end)
    flags = np.array([True, False, True, True, True, False, True, True])
    assert stretches.count(flags[stretches.places]).tolist() == [2, 0, 3, 0]


def test_the_coldest_part_of_a_stretch() -> None:
    """It is the smallest sum of so many scores in a row, or the sum of a stretch that is no longer."""
    scores = np.array([5, -1, -2, 4, 4, -9, 3], np.int16)
    stretches = Stretches(np.array([0, 0, 3, 4, 2]), np.array([7, 3, 5, 7, 2]))
    assert stretches.coldest(scores[stretches.places], 2).tolist() == [-6, -3, 8, -6, 0]
    assert stretches.coldest(scores[stretches.places], 7).tolist() == [4, 2, 8, -2, 0]
    assert not len(Stretches(np.zeros(0, np.int64), np.zeros(0, np.int64)).coldest(scores[:0], 2))


def test_host_text_in_a_candidate_shows_at_its_ends() -> None:
    """A candidate that runs on into the host ends in colder words than the phrase, and holds colder ones."""
    line = f"cheap viagra online pharmacy. {PROSE}"
    phrase, whole = of(line, "cheap viagra online pharmacy."), of(line, line)
    assert phrase["words_first"] == whole["words_first"] > 0
    assert phrase["words_last"] > 0 > whole["words_last"]
    assert phrase["words_coldest"] > whole["words_coldest"]
    assert phrase["words_after"] < 0


def test_word_lists() -> None:
    """Of eight lines around, those are counted that hold two scripts; Japanese writing is one."""
    listed = "wind: 风\nrain: 雨\n"
    found = of(f"{PROSE}\n{listed}{FORUM}: forum\n{listed}{PROSE}", FORUM)
    assert (found["twofold_line"], found["twofold_near"]) == (1, 4)
    found = of(f"{listed}{FORUM}\n{listed}{listed}{listed}", FORUM)
    assert (found["twofold_line"], found["twofold_near"]) == (0, 6)
    found = of(f"お茶を飲む\n雨が降る\n{FORUM} カフェ\n風の音", FORUM)
    assert (found["twofold_line"], found["twofold_near"]) == (0, 0)


def test_word_lists_are_those_of_the_page() -> None:
    """The lines of the page before and after it in a batch do not count."""
    listed = "wind: 风\nrain: 雨\nsnow: 雪"
    found = rows(listed, f"{FORUM}: forum\n{PROSE}", listed)[1]
    assert found
    assert {row[NAMES.index("twofold_near")] for row in found.values()} == {0}


def test_changes_of_script_inside() -> None:
    """They are counted, blanks between two scripts too."""
    text = f"{FORUM} Getting there\n{PROSE}"
    assert of(text, FORUM)["switches_inside"] == 0
    assert of(text, f"{FORUM} Getting")["switches_inside"] == 1
