"""TRAINED CLASSIFIER, first stage: a weight for every character from hashed character n-grams.

The weight at a place is the sum of the weights of the n-grams that begin there; the weight of a stretch
is the sum over its characters, in units of ``scale`` log-odds. All arithmetic is on whole numbers, so
the answer does not depend on batch size, order, block size or machine. The technique (rolling hash,
small weights, preallocated buffers) follows the "hashing trick": Weinberger et al., ICML 2009.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaner import compiled

# Characters per n-gram. 2 to 4 carry Chinese, Thai and Korean words, 6 the longer Latin ones.
ORDERS: Final = (2, 3, 4, 6)
WINDOW: Final = 8
_STEP: Final = np.uint32(0x9E3779B1)  # 2**32 / golden ratio, as in Knuth's multiplicative hashing
_STEP_TWICE: Final = np.uint32(0x9E3779B1**2 & 0xFFFFFFFF)
_CHUNK: Final = 16_384  # characters at a time: the buffers stay in the second-level cache

_Work = tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64], npt.NDArray[np.int8]]


def hash_codes(folded: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Return a well-mixed 32-bit number for every folded code point (splitmix64's finaliser)."""
    mixed = (folded.astype(np.uint64) + np.uint64(12_345)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    return (mixed >> np.uint64(32)).astype(np.uint32)


def buckets(hashes: npt.NDArray[np.uint32], bits: int) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """Yield ``(order, bucket of the n-gram that begins at each place)`` for every order in turn."""
    shift = np.uint32(32 - bits)
    rolling = hashes.copy()
    for order in range(1, ORDERS[-1] + 1):
        if order > 1:
            rolling = rolling[:-1]
            rolling *= _STEP
            rolling += hashes[order - 1 :]
        if order in ORDERS and len(rolling):
            yield order, (rolling >> shift).astype(np.int64)


class Scorer:
    """Adds up the n-gram weights of every character. Thread-safe: each thread has its own buffers."""

    def __init__(self, weights: npt.NDArray[np.int8]) -> None:
        self._weights = weights
        self._shift = np.uint32(32 - (len(weights).bit_length() - 1))
        self._local = threading.local()

    def score(self, hashes: npt.NDArray[np.uint32]) -> npt.NDArray[np.int16]:
        """Return the weight of every character of a block."""
        size = len(hashes)
        out = np.empty(size, np.int16)
        if compiled.core:
            compiled.core.score(hashes, self._weights, int(self._shift), out)
            return out
        overlap = ORDERS[-1] - 1
        for start in range(0, size, _CHUNK):
            stop = min(size, start + _CHUNK)
            self._chunk(hashes[start : min(size, stop + overlap)], out[start:stop])
        return out

    def _chunk(self, hashes: npt.NDArray[np.uint32], out: npt.NDArray[np.int16]) -> None:
        """Score ``len(out)`` characters; ``hashes`` holds the characters after them too, as far as there are any."""
        pairs, triples, fours, work = self._buffers()
        size = len(hashes)
        out[:] = 0
        # An n-gram's number is that of two shorter ones side by side, so that four orders take four steps.
        for order, whole, left, right, step in (
            (2, pairs, hashes, hashes[1:], _STEP),
            (3, triples, pairs, hashes[2:], _STEP),
            (4, fours, pairs, pairs[2:], _STEP_TWICE),
            (6, triples, fours, pairs[4:], _STEP_TWICE),
        ):
            count = size - order + 1
            if count <= 0:
                return
            np.multiply(left[:count], step, out=whole[:count])
            np.add(whole[:count], right[:count], out=whole[:count])
            self._look_up(whole[: min(count, len(out))], out, work)

    def _look_up(self, rolling: npt.NDArray[np.uint32], out: npt.NDArray[np.int16], work: _Work) -> None:
        """Add the weights of the n-grams to the characters they begin at."""
        count = len(rolling)
        shifted, index, gathered = work[0][:count], work[1][:count], work[2][:count]
        np.right_shift(rolling, self._shift, out=shifted)
        np.copyto(index, shifted)  # a look-up by numbers of 64 bits is twice as fast
        self._weights.take(index, out=gathered, mode="wrap")
        np.add(out[:count], gathered, out=out[:count])

    def _buffers(self) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32], npt.NDArray[np.uint32], _Work]:
        found: tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32], npt.NDArray[np.uint32], _Work] | None
        found = getattr(self._local, "buffers", None)
        if found is None:
            size = _CHUNK + ORDERS[-1]
            pairs, triples, fours, shifted = (np.empty(size, np.uint32) for _ in range(4))
            found = pairs, triples, fours, (shifted, np.empty(size, np.int64), np.empty(size, np.int8))
            self._local.buffers = found
        return found


def window_sums(scores: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """Return the sum of the :data:`WINDOW` scores from each place on (by doubling)."""
    pairs = scores[:-1] + scores[1:]
    fours = pairs[:-2] + pairs[2:]
    return fours[:-4] + fours[4:]
