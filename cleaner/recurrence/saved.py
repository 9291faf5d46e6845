"""Recurrence as bytes: arrays and JSON in one zip, no pickle. Only cells in use are written."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any, Final

import numpy as np

from cleaner.errors import InputError
from cleaner.recurrence.sketch import Sketch

_FORMAT: Final = 1
_MEMBERS: Final = ("cells", *Sketch.ARRAYS, "all_sites", "rest")
_LARGEST: Final = 1 << 32  # bytes of one member, unpacked; far more than the largest sketch holds


def pack(sketch: Sketch, rest: dict[str, Any]) -> bytes:
    """Return a sketch and JSON values as bytes; the same content gives the same bytes."""
    cells = np.flatnonzero(sketch.documents)
    arrays: dict[str, Any] = {"cells": cells.astype("<u4")}
    for name in Sketch.ARRAYS:
        arrays[name] = getattr(sketch, name).ravel()[cells]
    arrays["all_sites"] = np.packbits(sketch.all_sites)
    own = {"format": _FORMAT, "bits": sketch.bits, "placed": sketch.placed}
    settings = json.dumps({**own, **rest}, ensure_ascii=True, sort_keys=True)
    arrays["rest"] = np.frombuffer(settings.encode(), np.uint8)
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def unpack(data: bytes) -> tuple[Sketch, dict[str, Any]]:
    """Return what :func:`pack` was given. Raises InputError for anything else."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if any(item.file_size > _LARGEST for item in packed.infolist()):
                raise ValueError("a member is too large")
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            parts = {name: arrays[name] for name in _MEMBERS}
        rest = json.loads(parts.pop("rest").tobytes())
        if rest.pop("format") != _FORMAT:
            raise ValueError("of another format")
        sketch = Sketch(int(rest.pop("bits")))
        sketch.placed = int(rest.pop("placed"))
        sketch.all_sites[:] = np.unpackbits(parts.pop("all_sites"))
        cells = parts.pop("cells").astype(np.int64)
        for name, values in parts.items():
            getattr(sketch, name).reshape(-1)[cells] = values
        sketch.recount()
    except (ValueError, KeyError, TypeError, IndexError, OSError, EOFError, MemoryError, zipfile.BadZipFile) as error:
        raise InputError(f"not a file of recurrence figures ({error}); collect them anew") from error
    return sketch, rest
