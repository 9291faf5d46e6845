"""Recurrence: a phrase on many sites and many different pages is injected, on one site it is boilerplate.

Collected in a first pass over a corpus, used as evidence in a second one.
"""

from __future__ import annotations

from cleaner.recurrence.collect import SITE_FIELDS, chunk_sites, collect, site_of_id, site_of_row
from cleaner.recurrence.sites import site_of
from cleaner.recurrence.sketch import Seen
from cleaner.recurrence.store import NEAR, Example, Phrase, Recurrence

__all__ = [
    "NEAR",
    "SITE_FIELDS",
    "Example",
    "Phrase",
    "Recurrence",
    "Seen",
    "chunk_sites",
    "collect",
    "site_of",
    "site_of_id",
    "site_of_row",
]
