"""What is counted over a run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any, Final

from cleaner.types import Cleaning


@dataclass(slots=True)
class Counts:
    """Counts over documents; two are added with :meth:`add`.

    ``documents`` are all that were read, ``changed`` to ``failed`` those of that status, ``bad`` the records that
    could not be used, ``cut`` and ``review`` spans, ``bytes`` of unpacked input, ``characters`` of text in,
    ``removed`` characters, ``reviews`` the documents with spans for review only, ``languages`` documents by
    host language, ``sites`` documents by site where that was asked for.
    """

    documents: int = 0
    changed: int = 0
    reviews: int = 0
    spam_pages: int = 0
    skipped: int = 0
    failed: int = 0
    bad: int = 0
    cut: int = 0
    review: int = 0
    bytes: int = 0
    characters: int = 0
    removed: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    sites: Counter[str] = field(default_factory=Counter)

    @property
    def faults(self) -> int:
        """How many records were not cleaned because something was wrong with them."""
        return self.bad + self.skipped + self.failed

    @property
    def touched(self) -> bool:
        """Whether an output may differ from its input at all."""
        return bool(self.changed or self.review or self.spam_pages or self.bad)

    def note(self, cleaning: Cleaning) -> None:
        """Count what stands in an outcome that is not simply clean."""
        self.changed += cleaning.changed
        self.reviews += cleaning.status == "review"
        self.spam_pages += cleaning.status == "spam_page"
        self.skipped += cleaning.status == "skipped"
        self.failed += cleaning.status == "failed"
        if cleaning.changed:
            self.cut += sum(span.action == "remove" for span in cleaning.spans)
            self.removed += sum(len(edit.removed) - len(edit.inserted) for edit in cleaning.edits)
        self.review += sum(span.action == "review" for span in cleaning.spans)

    def add(self, other: Counts) -> None:
        """Add the counts of another part."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.languages.update(other.languages)
        self.sites.update(other.sites)

    def to_dict(self) -> dict[str, object]:
        """Return the counts as plain JSON values."""
        numbers = {name: getattr(self, name) for name in _NUMBERS}
        return {**numbers, "languages": dict(sorted(self.languages.items())), "sites": dict(sorted(self.sites.items()))}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Counts:
        """Return the counts that :meth:`to_dict` wrote."""
        counts = cls(languages=Counter(values.get("languages", {})), sites=Counter(values.get("sites", {})))
        for name in _NUMBERS:
            setattr(counts, name, int(values.get(name, 0)))
        return counts


_NUMBERS: Final = tuple(item.name for item in fields(Counts) if item.type == "int")
