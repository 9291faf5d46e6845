"""The model: plain arrays and one JSON file, checked before anything is used. No code is ever loaded.

``manifest.json`` names every file with its size and SHA-256; arrays are ``.npy`` files read with
``allow_pickle=False``. The digest of the manifest names the model in every record.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cleaner.alphabet import TABLE_SIZE
from cleaner.columns import NAMES
from cleaner.errors import ConfigError, ModelError
from cleaner.judge import Trees
from cleaner.language import Languages
from cleaner.ngrams import Scorer
from cleaner.openings import BITS as OPENING_BITS
from cleaner.openings import Openings
from cleaner.scout import NAMES as SCOUT_NAMES
from cleaner.scout import Scout
from cleaner.view import Block

FORMAT: Final = 3  # raise it with every change of the features, the tables or the files
_LARGEST: Final = 64 * 2**20  # bytes of one file
_DTYPES: Final = {
    "classes": "uint8", "fold": "uint32", "weights": "int8", "languages": "int8", "families": "int8",
    "openings": "int8",
    "pure_feature": "int16", "pure_threshold": "float32", "pure_left": "int16", "pure_right": "int16",
    "pure_value": "int32", "exact_feature": "int16", "exact_threshold": "float32", "exact_left": "int16",
    "exact_right": "int16", "exact_value": "int32", "scout_feature": "int16", "scout_threshold": "float32",
    "scout_left": "int16", "scout_right": "int16", "scout_value": "int32",
}  # fmt: skip
_NUMBERS: Final = ("scale", "threshold", "review", "floor", "slope", "intercept", "scout_least")


@dataclass(slots=True)
class Model:
    """A loaded model. ``hot`` is the window sum that opens a core, ``scale`` the log-odds of one weight
    step, ``calibration`` slope and intercept of the probabilities, ``floor`` the least probability kept,
    ``curve`` thresholds from the lowest up, each with the upper bound of its harm (characters per million).
    """

    name: str
    digest: str
    classes: npt.NDArray[np.uint8]
    fold: npt.NDArray[np.uint32]
    scorer: Scorer
    languages: Languages
    openings: Openings
    families: tuple[str, ...]
    family_weights: npt.NDArray[np.int8]
    pure: Trees
    exact: Trees
    scout: Scout
    hot: int
    scale: float
    calibration: tuple[float, float]
    threshold: float
    review: float
    floor: float
    curve: tuple[tuple[float, float], ...]

    @property
    def id(self) -> str:
        """Return name and digest, as records carry them."""
        return f"{self.name}@{self.digest[:12]}"

    def threshold_for(self, max_harm: float) -> float:
        """Return the lowest threshold whose harm surely stays within ``max_harm`` characters per million.

        Raises ConfigError for a budget smaller than the clean text behind the model can vouch for.
        """
        for threshold, bound in self.curve:
            if bound <= max_harm:
                return threshold
        least = min((bound for _, bound in self.curve), default=math.inf)
        raise ConfigError(
            f"max_harm {max_harm:g}: the model {self.name} was measured on too little clean text to promise that; "
            f"the least is {least:g} characters per million"
        )

    def families_of(self, block: Block) -> list[str]:
        """Return for every page of a block the family whose n-grams fit it best."""
        shift = np.uint32(32 - (len(self.family_weights).bit_length() - 1))
        size = len(block.hashes)
        rows = family_rows(block.hashes, shift)
        # The n-grams of each length follow one another; those that reach over the end of a page count for nothing.
        begin = np.concatenate([np.arange(size - order) for order in range(4)])
        reach = np.repeat(np.arange(4), size - np.arange(4))
        page = np.maximum(block.page_of(begin), 0)
        inside = (begin >= block.first[page]) & (begin + reach < block.last[page])
        order = np.argsort(page[inside], kind="stable")
        weights = self.family_weights.take(rows[inside][order], axis=0)
        pages = np.arange(len(block.first))
        edges = page[inside][order].searchsorted(pages)
        weights = np.concatenate((weights, np.zeros((1, weights.shape[1]), np.int8)))
        sums = np.add.reduceat(weights, edges, axis=0, dtype=np.int64)
        sums[block.last - block.first == 0] = 0
        return [self.families[family] for family in sums.argmax(axis=1).tolist()]


def family_rows(hashes: npt.NDArray[np.uint32], shift: np.uint32) -> npt.NDArray[np.int64]:
    """Return the rows of the 1- to 4-grams inside a stretch."""
    step = np.uint32(0x9E3779B1)
    rolling = hashes.copy()
    parts = [(rolling >> shift)]
    for order in (2, 3, 4):
        rolling = rolling[:-1] * step
        rolling += hashes[order - 1 :]
        parts.append(rolling >> shift)
    return np.concatenate(parts).astype(np.int64)


def load(folder: Path) -> Model:
    """Return the model in ``folder``. Raises ModelError when any file is missing, damaged or of another format."""
    manifest_bytes = _read(folder / "manifest.json", 2**20)
    try:
        manifest = json.loads(manifest_bytes)
        if manifest["format"] != FORMAT:
            raise ModelError(f"{folder}: model format {manifest['format']}, this version reads {FORMAT}; train it anew")
        arrays = {name: _array(folder, manifest["files"], name) for name in _DTYPES}
        settings = manifest["settings"]
        if settings["features"] != list(NAMES) or settings["scout_features"] != list(SCOUT_NAMES):
            raise ModelError(f"{folder}: trained with other features; train it anew with 'cleaner train'")
        return _assemble(manifest["name"], hashlib.sha256(manifest_bytes).hexdigest(), arrays, settings)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OverflowError) as error:
        raise ModelError(f"{folder}: damaged model ({error}); install or train it anew") from error


def _assemble(name: str, digest: str, arrays: dict[str, npt.NDArray[Any]], settings: dict[str, Any]) -> Model:
    if len(arrays["classes"]) != TABLE_SIZE or len(arrays["fold"]) != TABLE_SIZE:
        raise ValueError("tables of another size")
    for key in ("weights", "families"):
        size = len(arrays[key])
        if size < 2 or size & (size - 1):
            raise ValueError(f"{key}: size {size} is not a power of two")
    scripts = np.array(settings["language_scripts"], np.int64)
    names = [str(item) for item in settings["languages"]]
    if arrays["languages"].shape != (65536, len(names)) or len(scripts) != len(names):
        raise ValueError("language table of another shape")
    if arrays["openings"].shape != (1 << OPENING_BITS,):
        raise ValueError("table of openings of another shape")
    families = tuple(str(item) for item in settings["families"])
    if arrays["families"].ndim != 2 or arrays["families"].shape[1] != len(families):
        raise ValueError("family table of another shape")
    numbers = [float(settings[key]) for key in _NUMBERS]
    if not all(np.isfinite(numbers)):
        raise ValueError("a setting is not a number")
    scale, threshold, review, floor, slope, intercept, least = numbers
    curve = tuple((float(row["threshold"]), float(row["harmed_upper_95"])) for row in settings["curve"])
    return Model(
        name=str(name), digest=digest, classes=arrays["classes"], fold=arrays["fold"],
        scorer=Scorer(arrays["weights"]), languages=Languages(names, scripts, arrays["languages"]),
        openings=Openings(arrays["openings"]), families=families, family_weights=arrays["families"],
        pure=_trees("pure", len(NAMES), arrays, settings), exact=_trees("exact", len(NAMES), arrays, settings),
        scout=Scout(_trees("scout", len(SCOUT_NAMES), arrays, settings), least),
        hot=int(settings["hot"]), scale=scale, calibration=(slope, intercept),
        threshold=threshold, review=review, floor=floor, curve=curve,
    )  # fmt: skip


def _trees(kind: str, columns: int, arrays: dict[str, npt.NDArray[Any]], settings: dict[str, Any]) -> Trees:
    parts = {part: arrays[f"{kind}_{part}"] for part in ("feature", "threshold", "left", "right", "value")}
    shape = parts["feature"].shape
    if len(shape) != 2 or any(part.shape != shape for part in parts.values()):
        raise ValueError(f"{kind}: arrays of different shapes")
    for part, limit in (("feature", columns), ("left", shape[1]), ("right", shape[1])):
        if parts[part].min() < 0 or parts[part].max() >= limit:
            raise ValueError(f"{kind}_{part}: a number out of range")
    if not np.isfinite(parts["threshold"]).all():
        raise ValueError(f"{kind}_threshold: not a number")
    depth = int(settings[f"{kind}_depth"])
    if not 1 <= depth <= shape[1]:
        raise ValueError(f"{kind}_depth: {depth} is not from 1 to {shape[1]}")
    return Trees(**parts, base=int(settings[f"{kind}_base"]), depth=depth)


def _array(folder: Path, files: dict[str, Any], name: str) -> npt.NDArray[Any]:
    path = folder / f"{name}.npy"
    entry = files[f"{name}.npy"]
    data = _read(path, _LARGEST)
    if len(data) != entry["bytes"] or hashlib.sha256(data).hexdigest() != entry["sha256"]:
        raise ModelError(f"{path}: size or SHA-256 differs from the manifest; install or train the model anew")
    _check_size(path, data)
    array = np.load(io.BytesIO(data), allow_pickle=False)
    if array.dtype != np.dtype(_DTYPES[name]):
        raise ModelError(f"{path}: holds {array.dtype}, not {_DTYPES[name]}")
    return array  # type: ignore[no-any-return]


def _check_size(path: Path, data: bytes) -> None:
    """Refuse a header that claims more than the file holds, before any memory is taken for it."""
    stream = io.BytesIO(data)
    version = np.lib.format.read_magic(stream)
    read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in read_header:
        raise ModelError(f"{path}: .npy version {version} is not known here")
    shape, _, dtype = read_header[version](stream)
    if dtype.hasobject or math.prod(shape) * dtype.itemsize != len(data) - stream.tell():
        raise ModelError(f"{path}: its header does not fit its size")


def _read(path: Path, limit: int) -> bytes:
    try:
        with open(path, "rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); is this a model folder?") from error
    if len(data) > limit:
        raise ModelError(f"{path}: larger than {limit} bytes; this is no model file")
    return data
