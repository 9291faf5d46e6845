"""Recurrence: a phrase on many sites and many different pages is injected, on one site it is boilerplate.

Collected in a first pass over a corpus, used as evidence in a second one.
"""

from __future__ import annotations

from cleaner.recurrence.sites import site_of
from cleaner.recurrence.sketch import Seen
from cleaner.recurrence.store import NEAR, Example, Phrase, Recurrence

__all__ = ["NEAR", "Example", "Phrase", "Recurrence", "Seen", "site_of"]
