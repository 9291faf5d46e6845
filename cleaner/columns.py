"""The named features: what the judge is asked about, and where they stand while they are computed.

:data:`NAMES` is the contract between training and the judge.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]

LEFT_KINDS: Final = ("line", "sentence", "clause", "word", "glued", "open", "quote", "marker", "other")
RIGHT_KINDS: Final = (
    "line", "marker", "upper", "lower", "digit", "glued", "close", "quote", "stop", "clause", "open", "other",
)  # fmt: skip

NAMES: Final = (
    "words_sum", "words_mean", "words_peak", "words_left", "words_right", "words_line", "words_page",
    "words_first", "words_last", "words_coldest", "words_before", "words_after", "switches_inside",
    "hot_cores_page", "embedded_page", "length", "letters_share", "digits", "digits_glued", "blanks", "uppercase",
    "separators", "clauses", "stops_inside", "quotes_inside", "symbols", "ends_stop", "ends_clause", "starts_upper",
    "starts_lower", "first_line", "line_index", "page_lines", "page_length", "whole_line", "line_length", "line_rest",
    "position", "rest_like_next", "rest_like_previous", "listed_lines",
    "twofold_line", "twofold_near",
    "foreign_share", "foreign_elsewhere", "foreign_lines", "foreign_runs", "latin_in_host", "host_unspaced",
    "switch_left", "switch_right", "surprise",
    "gate_words", "gate_script", "gate_marker", "gate_address", "gate_brand", "gate_lower", "gate_seam", "gate_short",
    "goes_on", "opens_here", "opens_right", "opens_inside", "words_contrast", "words_hot",
    "naked", "quoted_pair", "repeats", "token_elsewhere", "line_quotes", "in_quotes", "blank_left", "blank_right",
    *(f"left_{kind}" for kind in LEFT_KINDS), *(f"right_{kind}" for kind in RIGHT_KINDS),
)  # fmt: skip


class Columns:
    """The features being computed, by name; a row of ``rows`` each."""

    def __init__(self, size: int) -> None:
        self.rows = np.empty((len(NAMES), size), np.float32)

    def __setitem__(self, name: str, values: npt.NDArray[Any]) -> None:
        self.rows[_ROW[name]] = values

    def one_hot(self, first: str, kinds: npt.NDArray[np.uint8], count: int) -> None:
        """Set ``count`` columns from ``first`` on: which kind each value is."""
        row = _ROW[first]
        self.rows[row : row + count] = kinds == np.arange(count, dtype=np.uint8)[:, None]


_ROW: Final = {name: row for row, name in enumerate(NAMES)}
