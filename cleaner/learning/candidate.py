"""Writing a candidate: a copy of a model folder with other n-gram weights, under a manifest of its own."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cleaner.model import load

WEIGHTS: Final = "weights.npy"


def read_weights(folder: Path) -> npt.NDArray[np.int8]:
    """Return the n-gram weights of a model folder; :func:`cleaner.model.load` has found it sound."""
    weights: npt.NDArray[np.int8] = np.load(folder / WEIGHTS, allow_pickle=False)
    return weights


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a model folder that was loaded before."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return manifest


def write_candidate(
    base: Path, weights: npt.NDArray[np.int8], output: Path, name: str, learning: Mapping[str, Any]
) -> str:
    """Write ``output``: the model in ``base`` with other weights; return the digest that names it.

    ``learning`` says in the manifest what it was made from. The same base, weights and learning give the
    same bytes. ``output`` must not be there yet. The candidate is loaded once, so it is sound.
    """
    manifest = read_manifest(base)
    output.mkdir(parents=True)
    for file in manifest["files"]:
        if file != WEIGHTS:
            shutil.copyfile(base / file, output / file)
    buffer = io.BytesIO()
    np.save(buffer, weights, allow_pickle=False)
    data = buffer.getvalue()
    (output / WEIGHTS).write_bytes(data)
    manifest["files"][WEIGHTS] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    manifest["name"] = name
    manifest["learning"] = dict(learning)
    (output / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", "utf-8")
    return load(output).digest
