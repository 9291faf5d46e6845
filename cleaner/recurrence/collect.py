"""The first pass over a corpus: documents in, counts of phrases out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final, Protocol

from cleaner.io.records import Chunk, Document
from cleaner.recurrence.sites import site_of
from cleaner.recurrence.store import Recurrence
from cleaner.types import Span

# The first of them that a record has tells its site; else an id that is an address.
SITE_FIELDS: Final = ("url", "source", "site", "domain", "host", "source_url", "link")
_BATCH: Final = 512


class Finder(Protocol):
    """What names the candidates of texts: a :class:`cleaner.Cleaner`."""

    def candidates_many(self, texts: Iterable[str]) -> Iterator[tuple[Span, ...]]:
        """Yield the candidates of each text."""


def collect(finder: Finder, documents: Iterable[Document], into: Recurrence, site_field: str | None = None) -> None:
    """Count the candidates of documents; the site of each is read from ``site_field`` or :data:`SITE_FIELDS`.

    Parts of a corpus may be collected apart, in other processes too, and merged.
    """
    fields = SITE_FIELDS if site_field is None else (site_field,)
    stream = iter(documents)
    while batch := list(islice(stream, _BATCH)):
        found = finder.candidates_many([document.text for document in batch])
        for document, spans in zip(batch, found, strict=True):
            # Clean documents too: without them nobody knows what share of a site carries a phrase.
            into.add(document.text, spans, site=site_of_row(document.row(""), fields), id=str(document.id))


def chunk_sites(chunk: Chunk) -> list[str]:
    """Return the site of each document of a chunk, ``""`` where nothing tells it."""
    documents = (record for record in chunk.records if isinstance(record, Document))
    return [site_of_row(document.row("")) or site_of_id(document.id) for document in documents]


def site_of_id(identity: object) -> str:
    """Return the site of a document whose id is an address, else ``""``."""
    name = str(identity)
    return site_of(name) if "//" in name else ""


def site_of_row(row: Mapping[str, object], fields: Iterable[str] = SITE_FIELDS) -> str:
    """Return the site of a record from its fields, ``""`` when none of them tells it.

    >>> site_of_row({"url": None, "source": "https://www.example.org/a"})
    'example.org'
    """
    values = (row.get(name) for name in fields)
    return next((site_of(value) for value in values if isinstance(value, str) and value.strip()), "")
