"""The sides of the split: what is learnt from (``a``, ``b``) and what only tuning sees (``tune``).

Whole sites, campaigns and sentences are dealt, never single documents. The words that fill the slots of a grammar are
dealt too: were all words known to all sides, the judge would learn to trust words, and new campaigns bring new ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

SHARES: Final = {"a": 0.42, "b": 0.84, "tune": 1.0}  # upper bounds of the sides' shares
_COMMON: Final = 0.85  # of a slot's words every side knows
_FEWEST: Final = 6  # words that a slot keeps


def share_of(key: str) -> float:
    """Return a stable number in [0, 1) for a site, a campaign or a sentence."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest(), "big") / 2**32


def side_of(key: str) -> str:
    """Return the side to which a site, a campaign or a sentence is dealt."""
    share = share_of(key)
    return next(name for name, bound in SHARES.items() if share < bound)


def dealt(words: Sequence[str], slot: str, side: str) -> list[str]:
    """Return the words of a slot that a side knows: those known to all, and its own."""
    kept = [word for word in words if share_of(f"{slot}?{word}") < _COMMON or side_of(f"{slot}={word}") == side]
    return kept if len(kept) >= _FEWEST else list(words)
