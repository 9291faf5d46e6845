"""Why a span was flagged, in words: the features that weighed most, each as a short phrase."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner.columns import NAMES
from cleaner.types import Evidence

_MOST: Final = 6  # reasons per span
_LEAST: Final = 0.05  # log-odds below which a reason is not worth a line

# What each feature says; {} is its value.
_WORDS: Final = {
    "words_sum": "its words weigh {:.1f} as promotional text",
    "words_mean": "its words weigh {:.2f} a character",
    "words_peak": "its strongest words weigh {:.1f}",
    "words_left": "the words before it weigh {:.1f}",
    "words_right": "the words after it weigh {:.1f}",
    "words_line": "{:.0f} more promotional places on its line",
    "words_page": "{:.1f} promotional places per 1,000 characters elsewhere on the page",
    "words_first": "the first of its words weigh {:.1f}",
    "words_last": "the last of its words weigh {:.1f}",
    "words_coldest": "its weakest words weigh {:.1f}",
    "words_before": "all words shortly before it weigh {:.1f}",
    "words_after": "all words shortly after it weigh {:.1f}",
    "switches_inside": "{:.0f} changes of script inside",
    "hot_cores_page": "{:.0f} promotional places on the page",
    "embedded_page": "{:.0f} such places inside sentences elsewhere on the page",
    "length": "{:.0f} characters long",
    "letters_share": "{:.0%} of it are letters",
    "digits": "{:.0f} digits",
    "digits_glued": "digits glued to a word: {:.0f}",
    "blanks": "{:.0f} blanks inside",
    "uppercase": "{:.1f} capitals a word",
    "separators": "{:.0f} separators inside",
    "clauses": "{:.0f} commas or colons inside",
    "stops_inside": "{:.0f} sentence ends inside",
    "quotes_inside": "{:.0f} quotes or brackets inside",
    "symbols": "{:.0f} symbols or emoji inside",
    "ends_stop": "ends like a sentence: {:.0f}",
    "ends_clause": "ends with a comma or colon: {:.0f}",
    "starts_upper": "begins with a capital: {:.0f}",
    "starts_lower": "begins with a small letter: {:.0f}",
    "first_line": "stands on the first line: {:.0f}",
    "line_index": "stands on line {:.0f}",
    "page_lines": "the page has {:.0f} lines",
    "page_length": "the page has {:.0f} characters",
    "whole_line": "a line of its own: {:.0f}",
    "line_length": "its line has {:.0f} characters",
    "line_rest": "{:.0f} characters of its line remain without it",
    "position": "{:.0%} into the page",
    "rest_like_next": "without it the line opens like the next one: {:.0f}",
    "rest_like_previous": "without it the line opens like the one before: {:.0f}",
    "listed_lines": "{:.0f} lines of the page open with a list marker",
    "twofold_line": "its line holds two scripts, as in a word list: {:.0f}",
    "twofold_near": "{:.0f} of the eight lines around it hold two scripts",
    "foreign_share": "{:.0%} of its letters are of another script than the page",
    "foreign_elsewhere": "{:.1%} of the other letters on the page are of another script",
    "foreign_lines": "{:.0f} lines of the page hold another script",
    "foreign_runs": "{:.0f} stretches of another script on the page",
    "latin_in_host": "{:.0%} of its letters are Latin on a page that is not",
    "host_unspaced": "the page is Chinese, Japanese or Korean: {:.0f}",
    "switch_left": "the script changes where it begins: {:.0f}",
    "switch_right": "the script changes where it ends: {:.0f}",
    "surprise": "another language fits it better by {:.2f} a letter",
    "gate_words": "found by its words: {:.0f}",
    "gate_script": "found by its script: {:.0f}",
    "gate_marker": "stands before a list marker that should come first: {:.0f}",
    "gate_address": "a domain or link: {:.0f}",
    "gate_brand": "a word with digits glued to it: {:.0f}",
    "gate_lower": "a small letter follows a full stop: {:.0f}",
    "gate_seam": "a sentence seems to begin right after it: {:.0f}",
    "gate_short": "a short line of other words than the page's: {:.0f}",
    "goes_on": "the line goes on with a small letter: {:.0f}",
    "opens_here": "begins like a sentence: {:.1f}",
    "opens_right": "what follows begins like a sentence: {:.1f}",
    "opens_inside": "a sentence seems to begin inside it: {:.1f}",
    "words_contrast": "its words weigh {:.2f} a character more than the page's",
    "words_hot": "{:.0%} of it are promotional places",
    "naked": "stands between sentences or lines with no punctuation of its own: {:.0f}",
    "quoted_pair": "quoted or in brackets: {:.0f}",
    "repeats": "repeated {:.0f} times on the page",
    "token_elsewhere": "{:.0%} of its words stand elsewhere near by",
    "line_quotes": "{:.0f} quotes or brackets on its line",
    "in_quotes": "inside a quotation or bracket: {:.0f}",
    "blank_left": "a blank before it: {:.0f}",
    "blank_right": "a blank after it: {:.0f}",
}
_SIDES: Final = {
    "line": "a line end", "sentence": "the end of a sentence", "clause": "a comma or colon", "word": "a word",
    "glued": "letters glued to it", "open": "an opening bracket", "quote": "a quotation mark",
    "marker": "a list marker or separator", "other": "a symbol", "upper": "a capital letter",
    "lower": "a small letter", "digit": "a digit", "close": "a closing bracket", "stop": "a full stop",
}  # fmt: skip


def describe(name: str, value: float) -> str:
    """Return a feature's value in words.

    >>> describe("left_line", 1.0)
    'before it: a line end'
    """
    if name in _WORDS:
        words = _WORDS[name].format(value)
        if words.endswith((": 0", ": 1")):  # yes or no
            return words[:-3] if value else f"{words[:-1]}no"
        return words
    side, kind = name.split("_", 1)
    words = f"{'before' if side == 'left' else 'after'} it: {_SIDES[kind]}"
    return words if value else f"not {words}"


def explain(rows: npt.NDArray[np.float32], shares: npt.NDArray[np.float64]) -> Iterator[tuple[Evidence, ...]]:
    """Yield the weightiest evidence of every row, strongest first."""
    for row, share in zip(rows, shares, strict=True):
        order = np.argsort(-np.abs(share), kind="stable")[:_MOST]
        yield tuple(
            Evidence(NAMES[index], round(float(share[index]), 3), describe(NAMES[index], float(row[index])))
            for index in order.tolist()
            if abs(share[index]) >= _LEAST
        )
