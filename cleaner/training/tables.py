"""Tables that training builds without learning: langdetect's profiles, hashed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cleaner.alphabet import ARABIC, CYRILLIC, DEVANAGARI, LATIN
from cleaner.language import BITS, trigram_rows
from cleaner.view import Reader

_CYRILLIC = ("ru", "uk", "bg", "mk")
_ARABIC = ("ar", "fa", "ur")
_DEVANAGARI = ("hi", "mr", "ne")
# Scripts that name their language by themselves need no columns.
_SETTLED = ("bn", "el", "gu", "he", "ja", "kn", "ko", "ml", "pa", "ta", "te", "th", "zh-cn", "zh-tw")
_FLOOR = 1e-6


def language_table(
    classes: npt.NDArray[np.uint8], fold: npt.NDArray[np.uint32]
) -> tuple[list[str], list[int], npt.NDArray[np.int8]]:
    """Return names, scripts and the table ``[hashed trigram, language]`` of 8 ln(p / 1e-6)."""
    from langdetect.detector_factory import PROFILES_DIRECTORY

    names = sorted(path.name for path in Path(PROFILES_DIRECTORY).iterdir() if path.name not in _SETTLED)
    names = [name for name in names if not name.startswith((".", "_"))]
    hashes = Reader(classes, fold).table
    table = np.zeros((1 << BITS, len(names)), np.float64)
    for column, name in enumerate(names):
        profile = json.loads((Path(PROFILES_DIRECTORY) / name).read_text("utf-8"))
        grams = {gram: count for gram, count in profile["freq"].items() if len(gram) == 3}
        codes = np.array([[ord(char) for char in gram] for gram in grams], np.int64)
        rows = trigram_rows(hashes[np.minimum(codes, len(hashes) - 1)])[:, 0]
        shares = np.array(list(grams.values()), np.float64) / profile["n_words"][2]
        np.add.at(table[:, column], rows, shares)
    scaled = np.round(8.0 * np.log(np.maximum(table, _FLOOR) / _FLOOR))
    return names, [_script(name) for name in names], np.clip(scaled, 0, 127).astype(np.int8)


def _script(name: str) -> int:
    if name in _CYRILLIC:
        return CYRILLIC
    if name in _ARABIC:
        return ARABIC
    return DEVANAGARI if name in _DEVANAGARI else LATIN
