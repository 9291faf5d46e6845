"""What makes a span the same span again: its normalised text and what stands around it.

Decisions are bound to content, never to a place in one model's output, so they hold for the next model
and for the next crawl. The rules here are part of the store's format: a change of them is a new format.
"""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Final

CONTEXT: Final = 40  # code points kept on each side of a span; what a reviewer reads, and `scan` writes
_COMPARED: Final = 16  # normalised characters on each side that have to agree
_PIECE: Final = 2048  # NFKC takes quadratic time on runs of combining marks; piece by piece it is linear
_INVISIBLE: Final = frozenset({"Cf", "Cc", "Cs", "Co", "Cn"})


def normalise(text: str) -> str:
    r"""Return a phrase as it is compared: NFKC, casefolded, nothing invisible, single blanks.

    >>> normalise("  ＡＢＣ\u200b\n Ｄ４１９ ")
    'abc d419'
    """
    folded = "".join(
        unicodedata.normalize("NFKC", text[start : start + _PIECE]) for start in range(0, len(text), _PIECE)
    )
    # White space of other kinds (tabs, line ends) is a control character too: make it a blank first.
    blanks = "".join(" " if character.isspace() else character for character in folded.casefold())
    seen = "".join(character for character in blanks if unicodedata.category(character) not in _INVISIBLE)
    return " ".join(seen.split())


def content_key(text: str, before: str, after: str) -> str:
    """Return a short hash of a span and its surroundings (the last and first characters next to it).

    ``before`` and ``after`` may be longer than :data:`CONTEXT` code points; the rest is not looked at.
    """
    left = normalise(before[-CONTEXT:]).replace(" ", "")[-_COMPARED:]
    right = normalise(after[:CONTEXT]).replace(" ", "")[:_COMPARED]
    return _hash("\0".join((normalise(text), left, right)))


def document_hash(text: str) -> str:
    """Return the hash by which a document's source text is known."""
    return _hash(text)


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
