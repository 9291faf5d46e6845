"""The inner loops in C, where they could be built: the same answers as their twins in numpy, sooner.

What runs on every character, core or tree has a twin in the ``*.c`` beside this file. Installing builds them when there
is a C compiler and does without when there is none; so does a Python that reads the package from a zip file.
``CLEANER_PURE=1`` in the environment leaves them out.

>>> from cleaner import compiled
>>> compiled.core is None or compiled.core.VERSION == compiled.VERSION
True
"""

from __future__ import annotations

import importlib
import os
from typing import Any, Final, Protocol

import numpy.typing as npt

VERSION: Final = 1  # of the functions' arguments and answers; core.h has the same

Array = npt.NDArray[Any]  # contiguous, of the type its twin works on; the last ones of a call are filled


class Core(Protocol):
    """The compiled module; each function names its twin."""

    VERSION: int

    def read(
        self, pages: list[str], pad: int, table: Array, ignorable: int, codes: Array, hashes: Array, classes: Array
    ) -> bytes:
        """Twin of the look-up in :class:`cleaner.view.Reader`; returns the places of what is not kept."""

    def score(self, hashes: Array, weights: Array, shift: int, scores: Array) -> None:
        """Twin of :meth:`cleaner.ngrams.Scorer.score`."""

    def host_scripts(self, classes: Array, first: Array, last: Array, found: Array) -> None:
        """Twin of :func:`cleaner.switch.host_scripts`."""

    def hosts(
        self, hashes: Array, first: Array, last: Array, scripts: Array, rows: Array, languages: int, shift: int,
        allowed: Array, tabled: Array, shortest: int, found: Array,
    ) -> None:  # fmt: skip
        """Twin of :meth:`cleaner.language.Languages.hosts`."""

    def signs(
        self, classes: Array, scores: Array, hot: int, first: Array, last: Array, hosts: Array, allowed: Array,
        sums: Array, usual: Array,
    ) -> tuple[bytes, bytes, bytes, bytes]:  # fmt: skip
        """Twin of :func:`cleaner.signs.read_signs`; returns marks, line ends, hot windows, foreign letters."""

    def cores(
        self, classes: Array, scores: Array, sums: Array, newlines: Array, hot: Array, foreign: Array, first: Array,
        last: Array, usual: Array, codes: Array, hashes: Array, marks: Array, openings: Array, tables: Array,
        limits: tuple[int, int, int, int], contrasts: tuple[float, float, float],
    ) -> bytes:  # fmt: skip
        """Twin of :func:`cleaner.gates.find_cores`; returns start, end and gate of each core, one after the other."""

    def glances(
        self, classes: Array, scores: Array, sums: Array, newlines: Array, hot: Array, foreign: Array, first: Array,
        last: Array, usual: Array, starts: Array, ends: Array, gates: Array, scale: float, rows: Array,
    ) -> None:  # fmt: skip
        """Twin of :func:`cleaner.scout.core_rows`."""

    def walk(
        self, rows: Array, columns: int, edges: Array, values: Array, nodes: int, features: Array, thresholds: Array,
        first: int, last: int, depth: int, feature_bits: int, sums: Array,
    ) -> None:  # fmt: skip
        """Twin of the walk in :class:`cleaner.judge.Trees`."""


def _load() -> Core | None:
    """Return the compiled module; none where it is missing, unwanted or left over from other sources."""
    if os.environ.get("CLEANER_PURE", "") not in ("", "0"):
        return None
    try:
        found: Any = importlib.import_module("cleaner.compiled._core")
    except ImportError:
        return None
    return found if found.VERSION == VERSION else None


core = _load()
