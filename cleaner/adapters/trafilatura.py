"""trafilatura: HTML in, clean article out."""

from __future__ import annotations

import functools
from typing import Any

from cleaner import Cleaner, Cleaning
from cleaner.adapters._values import need


def extract(html: str, *, url: str = "", cleaner: Cleaner | None = None, **options: Any) -> Cleaning | None:
    """Extract the article of a page with trafilatura and clean it; what the HTML hides weighs against a span.

    ``options`` go to ``trafilatura.extract`` as they are. Returns ``None`` where it finds no text. Raises
    :class:`~cleaner.errors.MissingExtra` when trafilatura is not installed.
    """
    text = need("trafilatura", "trafilatura").extract(html, url=url or None, **options)
    if text is None:
        return None
    return (cleaner or _default()).clean_page(text, html, url=url)


@functools.cache
def _default() -> Cleaner:
    return Cleaner()


__all__ = ["extract"]
