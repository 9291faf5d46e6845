"""Opening a model: whatever is wrong with it is one ModelError, before any of it is used."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import random
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cleaner import Cleaner, ModelError
from cleaner.model import load
from cleaner.resources import model_folder

MANIFEST = "manifest.json"
ARRAYS = (
    "classes", "fold", "weights", "languages", "families", "pure_feature", "pure_threshold", "exact_value",
    "scout_value",
)  # fmt: skip


@pytest.fixture
def copy(shipped: Path, tmp_path: Path) -> Path:
    """Give a copy of the shipped model to damage."""
    return shutil.copytree(shipped, tmp_path / "model")


def manifest(folder: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    return value


def rewrite(folder: Path, value: dict[str, Any]) -> None:
    (folder / MANIFEST).write_text(json.dumps(value), "utf-8")


def replace(folder: Path, name: str, data: bytes) -> None:
    """Put other bytes in place of an array, with a manifest that vouches for them."""
    (folder / f"{name}.npy").write_bytes(data)
    value = manifest(folder)
    value["files"][f"{name}.npy"].update(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    rewrite(folder, value)


def array(folder: Path, name: str) -> np.ndarray[Any, Any]:
    loaded: np.ndarray[Any, Any] = np.load(folder / f"{name}.npy", allow_pickle=False)
    return loaded


def saved(value: np.ndarray[Any, Any], *, allow_pickle: bool = False) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, value, allow_pickle=allow_pickle)
    return buffer.getvalue()


def refusal(folder: Path) -> str:
    """Return the message of the refusal; it is one line that names the folder."""
    with pytest.raises(ModelError) as raised:
        Cleaner(model=folder)
    message = str(raised.value)
    assert "\n" not in message
    assert str(folder) in message
    return message


def test_a_copy_is_the_same_model(copy: Path, engine: Cleaner) -> None:
    """The control: an undamaged copy opens and has the same name and digest."""
    assert Cleaner(model=copy).model_id == engine.model_id
    assert Cleaner(model=str(copy)).model_id == engine.model_id


def test_flipped_bytes(copy: Path) -> None:
    """One changed byte anywhere in an array is seen: 200 tries."""
    rng = random.Random(7)
    for path in rng.choices(sorted(copy.glob("*.npy")), k=200):
        place = rng.randrange(path.stat().st_size)
        with open(path, "r+b") as file:
            file.seek(place)
            byte = file.read(1)[0]
            file.seek(place)
            file.write(bytes([byte ^ 1 << rng.randrange(8)]))
        with pytest.raises(ModelError, match="differs from the manifest"):
            load(copy)
        with open(path, "r+b") as file:
            file.seek(place)
            file.write(bytes([byte]))
    load(copy)


def test_flipped_bytes_of_the_manifest(copy: Path, engine: Cleaner) -> None:
    """A changed manifest is refused, or is another model by name: it never passes for the shipped one."""
    rng = random.Random(8)
    whole = (copy / MANIFEST).read_bytes()
    for _ in range(100):
        place = rng.randrange(len(whole))
        damaged = bytearray(whole)
        damaged[place] ^= 1 << rng.randrange(8)
        (copy / MANIFEST).write_bytes(damaged)
        with suppress(ModelError):
            assert load(copy).id != engine.model_id


@pytest.mark.parametrize("name", [*(f"{name}.npy" for name in ARRAYS), MANIFEST])
def test_cut_files(copy: Path, name: str) -> None:
    """A file that was not copied to its end is refused at every length."""
    whole = (copy / name).read_bytes()
    last = len(whole.rstrip()) - 1
    for length in (0, 1, 10, 64, 127, 128, 129, last // 2, last):
        (copy / name).write_bytes(whole[: min(length, last)])
        refusal(copy)


@pytest.mark.parametrize("name", [*(f"{name}.npy" for name in ARRAYS), MANIFEST])
def test_missing_files(copy: Path, name: str) -> None:
    """The message names the file that is not there."""
    (copy / name).unlink()
    assert name in refusal(copy)


@pytest.mark.parametrize("name", ARRAYS)
def test_other_kinds_of_numbers(copy: Path, name: str) -> None:
    """An array of another dtype is refused, even if the manifest vouches for it."""
    replace(copy, name, saved(array(copy, name).astype("float64")))
    assert "float64" in refusal(copy)


@pytest.mark.parametrize("name", ARRAYS)
def test_other_shapes(copy: Path, name: str) -> None:
    """An array with a row too few or too many dimensions is refused."""
    whole = array(copy, name)
    for other in (whole[:-1], whole[:0], whole[None], whole.reshape(-1)[0]):
        replace(copy, name, saved(np.ascontiguousarray(other)))
        refusal(copy)


def test_numbers_that_are_none(copy: Path) -> None:
    """NaN and infinity have no place in the trees."""
    for bad in (np.nan, np.inf, -np.inf):
        thresholds = array(copy, "pure_threshold").copy()
        thresholds.flat[3] = bad
        replace(copy, "pure_threshold", saved(thresholds))
        refusal(copy)


@pytest.mark.parametrize(
    "name", ["pure_feature", "pure_left", "pure_right", "exact_feature", "exact_left", "scout_feature"]
)
def test_trees_that_point_outside(copy: Path, name: str) -> None:
    """A tree cannot read beside its features or its nodes."""
    whole = array(copy, name)
    for bad in (-1, 32767):
        changed = whole.copy()
        changed.flat[0] = bad
        replace(copy, name, saved(changed))
        refusal(copy)


class Trap:
    """Would leave a mark if it were unpickled."""

    sprung = False

    def __reduce__(self) -> tuple[Any, ...]:
        return setattr, (Trap, "sprung", True)


@pytest.mark.parametrize("as_array", [True, False])
def test_pickles_are_never_opened(copy: Path, as_array: bool) -> None:
    """A pickle under the name of an array is refused, and not run."""
    trap = np.array([Trap()], dtype=object)
    replace(copy, "weights", saved(trap, allow_pickle=True) if as_array else pickle.dumps(Trap()))
    refusal(copy)
    assert not Trap.sprung


@pytest.mark.parametrize("number", [0, 1, 999, "2", None])
def test_other_formats(copy: Path, number: Any) -> None:
    """A model of another version says so, and what to do."""
    value = manifest(copy)
    rewrite(copy, {**value, "format": number})
    assert "format" in refusal(copy)


@pytest.mark.parametrize("settings", [{}, [], None, {"features": []}])
def test_other_settings(copy: Path, settings: Any) -> None:
    """A manifest without the settings is refused."""
    rewrite(copy, {**manifest(copy), "settings": settings})
    refusal(copy)


@pytest.mark.parametrize("key", ["scale", "threshold", "review", "floor", "slope", "intercept", "hot", "languages"])
def test_missing_settings(copy: Path, key: str) -> None:
    """Each setting is needed."""
    value = manifest(copy)
    del value["settings"][key]
    rewrite(copy, value)
    refusal(copy)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), "much", None, []])
def test_settings_that_are_no_numbers(copy: Path, bad: Any) -> None:
    """A threshold has to be a number."""
    value = manifest(copy)
    value["settings"]["threshold"] = bad
    rewrite(copy, value)
    refusal(copy)


@pytest.mark.parametrize("text", [b"", b"[]", b"null", b"{", b'"x"', b"\xff\xfe", b"[" * 100_000, b"1" * 10_000])
def test_manifests_that_are_none(copy: Path, text: bytes) -> None:
    """Bytes that are no manifest are a damaged model, whatever they are."""
    (copy / MANIFEST).write_bytes(text)
    refusal(copy)


def test_files_of_any_size_are_not_read(copy: Path) -> None:
    """A file far larger than a model is refused by its first bytes."""
    with open(copy / "weights.npy", "r+b") as file:
        file.truncate(1 << 33)  # sparse
    assert "larger" in refusal(copy)


def test_arrays_larger_than_their_file(copy: Path) -> None:
    """A header that promises a terabyte is refused; nobody asks for the memory."""
    header = b"{'descr': '|i1', 'fortran_order': False, 'shape': (1099511627776,), }"
    data = b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little") + header.ljust(117) + b"\n"
    replace(copy, "weights", data)
    refusal(copy)


@pytest.mark.parametrize("depth", [-1, 10**9, 10**30, None])
def test_walks_without_end(copy: Path, depth: Any) -> None:
    """A tree is not deeper than it has nodes: the manifest cannot make a walk last for hours."""
    value = manifest(copy)
    value["settings"]["pure_depth"] = depth
    rewrite(copy, value)
    refusal(copy)


@pytest.mark.parametrize("key", ["features", "scout_features"])
def test_other_features(copy: Path, key: str) -> None:
    """Trees that ask about other columns than this version computes are refused."""
    value = manifest(copy)
    value["settings"][key].reverse()
    rewrite(copy, value)
    assert "train it anew" in refusal(copy)


def test_names_of_other_files_are_not_followed(copy: Path) -> None:
    """The manifest cannot point outside its folder: names are ours, not the manifest's."""
    value = manifest(copy)
    value["files"]["../weights.npy"] = value["files"].pop("weights.npy")
    rewrite(copy, value)
    refusal(copy)


def test_no_folder(tmp_path: Path) -> None:
    """A folder that is not there, a file, an empty folder."""
    (tmp_path / "file").write_bytes(b"x")
    for path in (tmp_path / "nowhere", tmp_path / "file", tmp_path):
        refusal(path)


def test_a_failed_opening_is_not_remembered(copy: Path, shipped: Path) -> None:
    """Once the model is mended it opens."""
    (copy / MANIFEST).unlink()
    refusal(copy)
    shutil.copy(shipped / MANIFEST, copy / MANIFEST)
    assert Cleaner(model=copy).model_id


def test_the_model_is_small_plain_data() -> None:
    """A few megabytes of arrays, the manifest and the card; nothing that could be run."""
    with model_folder(None) as folder:
        files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".npy", ".json", ".md"}
    assert sum(path.stat().st_size for path in files) < 10 * 2**20
