"""Settings of a :class:`cleaner.Cleaner`, every default with its reason."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, fields

from cleaner.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Config:
    """What to cut, what to show to a person, and when to leave a text alone.

    ``threshold`` (probability): spans at or above it are removed. ``None`` takes the model's own value,
    chosen on clean text it was not trained on. Higher is safer for clean text and leaves more spam.

    ``max_harm`` (characters per million): instead of ``threshold``, how much clean text may be harmed. Takes the
    lowest threshold of the model's card at which the upper bound (95 %) of the harm measured on clean text that
    nothing was learnt from stays within the budget. Sure of clean text like that text, of no other.

    ``review`` (probability): spans from here up to ``threshold`` are reported with action ``"review"`` and
    kept. ``None`` takes the model's value.

    ``max_chars`` (code points): longer texts are passed on unchanged with status ``"skipped"``. The work is
    linear in the length; the limit bounds memory (about 25 bytes a code point).

    ``max_removed`` (share of the text's characters): above it a text is no longer a host with injections, but a
    page of spam: status ``"spam_page"``, nothing is cut.

    >>> Config(threshold=0.9).threshold
    0.9
    """

    threshold: float | None = None
    max_harm: float | None = None
    review: float | None = None
    max_chars: int = 100_000_000
    max_removed: float = 0.6

    def __post_init__(self) -> None:
        for name in ("threshold", "review", "max_removed"):
            value = getattr(self, name)
            if value is not None and not _is_share(value):
                raise ConfigError(f"{name} must be a number from 0 to 1, not {value!r}")
        harm = self.max_harm
        if harm is not None and not (_is_number(harm) and harm > 0):
            raise ConfigError(f"max_harm must be a number of characters per million above 0, not {harm!r}")
        if harm is not None and self.threshold is not None:
            raise ConfigError("give threshold or max_harm, not both")
        if not isinstance(self.max_chars, int) or isinstance(self.max_chars, bool) or self.max_chars < 1:
            raise ConfigError(f"max_chars must be a whole number above 0, not {self.max_chars!r}")
        if self.threshold is not None and self.review is not None and self.review > self.threshold:
            raise ConfigError(f"review ({self.review}) must not lie above threshold ({self.threshold})")

    def digest(self) -> str:
        """Return a short hash that changes whenever a setting changes."""
        text = ";".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields(self))
        return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_share(value: object) -> bool:
    return _is_number(value) and 0.0 <= value <= 1.0  # type: ignore[operator]
