"""Domains and URLs as injections drop them: expired sites of any trade, whose names tell nothing."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from typing import Final

_WORD: Final = re.compile(r"(?<![^\W\d_])[A-Za-z]{3,11}(?![^\W\d_])")
_READ: Final = 600  # characters of a text that are read for words
_ENDINGS: Final = (
    *("com",) * 12, *("net",) * 3, *("org",) * 4, "info", "xyz", "online", "site", "top", "club", "vip", "cc", "co",
    "id", "ru", "cn", "io", "de", "fr", "it", "es", "nl", "pl", "us", "me", "biz", "live", "pro", "co.uk", "co.id",
    "web.id", "com.br", "com.tr", "in", "shop", "app", "tv", "eu", "ch", "jp", "co.kr", "vn", "com.au", "ca", "edu",
    "asia",
)  # fmt: skip
_CONSONANTS: Final = "bcdfghjklmnpqrstvwxz"


def site_words(texts: Iterable[str]) -> list[str]:
    """Return the different words in Latin letters that texts hold: what names of sites are made of."""
    return sorted({word.lower() for text in texts for word in _WORD.findall(text[:_READ])}) or ["site"]


def site_name(words: Sequence[str], rng: random.Random) -> str:
    """Return a name without its ending: consonants now and then, words mostly, with a number at times."""
    if rng.random() < 0.12:
        return "".join(rng.choice(_CONSONANTS) for _ in range(rng.randrange(3, 7)))
    name = rng.choice(("", "", "", "-")).join(rng.choice(words) for _ in range(rng.choice((1, 2, 2, 2, 3))))
    return name + str(rng.randrange(1, 999)) if rng.random() < 0.2 else name


def address(words: Sequence[str], rng: random.Random) -> str:
    """Return a domain or URL of an innocent-looking site, as expired domains are."""
    host = f"{site_name(words, rng)}.{rng.choice(_ENDINGS)}"
    form = rng.random()
    if form < 0.35:
        return host
    if form < 0.5:
        return f"www.{host}"
    return f"http{rng.choice(('', 's', 's'))}://{rng.choice(('', 'www.'))}{host}{_path(words, rng)}"


def _path(words: Sequence[str], rng: random.Random) -> str:
    form = rng.random()
    if form < 0.4:
        return ""
    if form < 0.75:
        return "/"
    slug = "-".join(rng.choice(words) for _ in range(rng.randrange(1, 5)))
    return rng.choice((f"/{slug}", f"/{slug}/", f"/{rng.randrange(2012, 2027)}/{slug}", f"/{slug}.html", f"/?p={slug}"))
