"""Which site a document is from: the registered domain of its address, without asking the network."""

from __future__ import annotations

import re
from typing import Final

_ADDRESS: Final = re.compile(r"(?:[a-z][a-z0-9+.\-]*:)?//(?:[^/?#@]*@)?([^/?#:\s]+|\[[0-9a-f:.]+\])", re.IGNORECASE)
_DOMAIN: Final = re.compile(r"(?:[\w\-]+\.)+[^\W\d][\w\-]+\.?(?::\d+)?(?=[/?#]|$)")
_NUMBERS: Final = re.compile(r"[\d.]+|\[.*\]")

# Second-level names under which countries register: news.co.uk is a site, co.uk is none.
_SECOND: Final = frozenset(
    ("ac", "asn", "co", "com", "ed", "edu", "gen", "go", "gob", "gouv", "gov", "gv", "id", "info", "ltd", "mil",
     "muni", "ne", "net", "nhs", "nic", "nom", "or", "org", "plc", "sch", "web")
)  # fmt: skip
# Hosts whose customers have a name each below them: a name there is a site of its own.
_SHARED: Final = frozenset(
    ("appspot.com", "azurewebsites.net", "blogspot.com", "canalblog.com", "cloudfront.net", "github.io", "gitlab.io",
     "herokuapp.com", "livejournal.com", "medium.com", "netlify.app", "over-blog.com", "pages.dev", "substack.com",
     "tistory.com", "tumblr.com", "typepad.com", "vercel.app", "weebly.com", "wixsite.com", "wordpress.com")
)  # fmt: skip


def site_of(source: str) -> str:
    """Return the site that a URL or source name stands for; names that are no address stay as they are.

    A heuristic, not the public suffix list: two labels, or three below a country's ``co``, ``com``, ``ac``
    and below well-known blog hosts. Never raises.

    >>> site_of("https://www.news.example.co.uk/a?b=1"), site_of("Example.com/page"), site_of(" The Herald ")
    ('example.co.uk', 'example.com', 'the herald')
    """
    source = source.strip().lower()
    found = _ADDRESS.match(source)
    if found:
        host = found[1]
    elif _DOMAIN.match(source):
        host = re.split(r"[/?#:]", source, maxsplit=1)[0]
    else:
        return source
    host = host.rstrip(".")
    if _NUMBERS.fullmatch(host):
        return host
    labels = host.split(".")
    deep = ".".join(labels[-2:]) in _SHARED or (len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND)
    return ".".join(labels[-3 if deep else -2 :])
