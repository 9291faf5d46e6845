"""What a batch run does: the settings that every worker gets, and the digest by which a later run knows them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal

from cleaner import Cleaner, Config, __version__
from cleaner.io.records import Reading
from cleaner.recurrence import Recurrence
from cleaner.verdicts import Verdicts

BadPolicy = Literal["pass", "skip", "stop"]

# Unpacked bytes after which a part of a file ends. A crash costs at most a part per worker; smaller ones cost
# more flushes to the disk, larger ones more memory while their output is gathered.
PART_BYTES: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class Job:
    """One way of cleaning. Picklable; each worker opens its own engine from it.

    ``to`` is the output format (``""``: that of the input). ``bad`` says what becomes of a record that cannot
    be used: ``"pass"`` it on as it is, ``"skip"`` puts it aside, ``"stop"`` ends the run. ``annotate`` adds the
    spans to the records and cuts nothing; ``attributes`` writes them to files of their own as well. ``recurrence``
    is what a first pass has seen, ``verdicts`` what reviewers decided; ``sites`` counts the documents of each site.
    """

    reading: Reading = field(default_factory=Reading)
    config: Config = field(default_factory=Config)
    model: str | None = None
    to: str = ""
    bad: BadPolicy = "pass"
    annotate: bool = False
    attributes: bool = False
    recurrence: Recurrence | None = None
    verdicts: Verdicts | None = None
    sites: bool = False
    part_bytes: int = PART_BYTES

    def open(self) -> Cleaner:
        """Return the engine. Raises :class:`~cleaner.errors.ModelError` when the model cannot be used."""
        model = None if self.model is None else Path(self.model)
        return Cleaner(self.config, model=model, recurrence=self.recurrence, verdicts=self.verdicts)

    def settings(self, cleaner: Cleaner) -> dict[str, Any]:
        """Return what later commands have to know: how it was read, with which model, thresholds and policy."""
        return {
            "text_field": self.reading.fields.text,
            "id_field": self.reading.fields.id,
            "max_document": self.reading.max_document,
            "bad": self.bad,
            "annotated": self.annotate,
            "model": cleaner.model_id,
            "config": self.config.digest(),
            "thresholds": cleaner.thresholds,
        }

    def digest(self, model_id: str) -> str:
        """Return a hash that changes with everything that may change the output, the model included."""
        apart = ("model", "recurrence", "verdicts")
        settings = [f"{item.name}={getattr(self, item.name)!r}" for item in fields(self) if item.name not in apart]
        seen = "" if self.recurrence is None else self.recurrence.digest()
        decided = "" if self.verdicts is None else self.verdicts.digest()
        text = "\n".join([__version__, model_id, seen, decided, *settings])
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
