"""What the adapters share: a cleaner from plain settings, and outcomes for values of any kind."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cleaner import Cleaner, Cleaning, Config
from cleaner.errors import MissingExtra


def make_cleaner(
    threshold: float | None = None, review: float | None = None, model: str | Path | None = None
) -> Cleaner:
    """Return a cleaner with the settings that every adapter takes; see :class:`cleaner.Config`."""
    return Cleaner(Config(threshold=threshold, review=review), model=model)


class ColumnCleaner:
    """The settings of a callable that cleans one column of a batch. Each process opens the model once."""

    def __init__(
        self,
        column: str = "text",
        record_column: str | None = None,
        threshold: float | None = None,
        review: float | None = None,
        model: str | Path | None = None,
    ) -> None:
        self.column = column
        self.record_column = record_column
        self.cleaner = make_cleaner(threshold, review, model)
        # For the fingerprint of a cached result: a folder may hold another model tomorrow.
        self.model_id = self.cleaner.model_id


def outcomes(cleaner: Cleaner, values: Sequence[object]) -> list[Cleaning | None]:
    """Return one outcome per value, in order; ``None`` for a value that is not a text."""
    found = cleaner.clean_many(value for value in values if isinstance(value, str))
    return [next(found) if isinstance(value, str) else None for value in values]


def record(cleaning: Cleaning) -> dict[str, object]:
    """Return all that an outcome holds besides its text, as plain JSON values."""
    found = cleaning.to_dict()
    del found["text"]
    return found


def need(module: str, extra: str) -> Any:
    """Import a framework's module. Raises :class:`MissingExtra` with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        top = module.partition(".")[0]
        why = "" if (error.name or "").partition(".")[0] in ("", top) else f" ({error})"
        raise MissingExtra(f"cleaner.adapters.{extra} needs {top}{why}: pip install 'cleaner[{extra}]'") from None
