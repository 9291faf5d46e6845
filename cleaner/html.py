"""HIDDEN TEXT: what a page's HTML keeps from its readers, as evidence for spans of the extracted text.

Menus, accordions and text for screen readers are hidden too. So being hidden is never a reason of its
own: it only raises the score of spans that the words already made suspicious.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from cleaner.errors import MissingExtra
from cleaner.styles import BLACK, WHITE, Colour, Sheet, alike, colour_of, declarations, hard_trick, zero_font
from cleaner.types import Evidence, Span

NOFOLLOW: Final = "nofollow link to another site"
# Log-odds that a trick adds, set by hand: there are no labelled pages to fit them. Even odds by the words
# become 0.88. A nofollow link stands in plain sight and honest pages mark theirs so too (wikis, comments): it
# raises the score of a span and leaves what is done with it.
_HIDDEN: Final = 2.0
_LINKED: Final = 1.0
_COVERED: Final = 0.9  # share of a hidden element that has to be spans; a menu with one odd entry stays
_MOST: Final = 5_000_000  # code points of HTML that are read
_PHRASES: Final = 200  # that are looked for; a page with more spans is past doubt without its HTML

_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//(?:[^/?#@]*@)?(?:www\.)?([^/?#:]+)", re.IGNORECASE)
# Not "head": the parser leaves an <article> in it that follows a <meta> without a <body>.
_UNSEEN = frozenset(("script", "style", "template", "noscript", "title"))


@dataclass(frozen=True, slots=True)
class Hidden:
    """The text of an element that readers do not see, without white space, and the ``trick`` that hides it."""

    text: str
    trick: str


@dataclass(frozen=True, slots=True)
class _Look:
    """How an element looks, as far as its children inherit it. ``owner`` is the element that hides."""

    hard: str = ""
    invisible: bool = False
    no_size: bool = False
    colour: Colour | None = BLACK
    background: Colour | None = WHITE
    owner: int = 0

    @property
    def trick(self) -> str:
        """Return the trick that hides the element's text, or ``""``."""
        if self.hard or self.invisible or self.no_size:
            return self.hard or ("visibility:hidden" if self.invisible else "font-size:0")
        return "same colour as its background" if alike(self.colour, self.background) else ""


class Page:
    """A page's HTML, read when it is first asked about. Never raises on any ``str``.

    ``url`` is the page's address; without it the one that the page gives itself is used. Opening raises
    :class:`~cleaner.errors.MissingExtra` when lxml is not installed.
    """

    def __init__(self, html: str, url: str = "") -> None:
        self._parser = _lxml()
        self._html = html
        self._host = host_of(url)
        self._read: tuple[list[Hidden], str] | None = None
        self._fault = f"the page's HTML is longer than {_MOST} code points, not read" if len(html) > _MOST else ""

    @property
    def hidden(self) -> tuple[Hidden, ...]:
        """Return the hidden elements and the nofollow links to other sites, in no particular order."""
        return tuple(self._content()[0])

    def tricks(self, phrases: Sequence[str]) -> list[str]:
        """Return for each phrase the trick that hides it, ``""`` where readers see it.

        A phrase counts as hidden where the phrases make up (nearly) all of the hidden element, and where it
        does not stand in the page's visible text too.
        """
        hidden, visible = self._content()
        wanted = [_squeezed(phrase) for phrase in phrases]
        found = {phrase: "" for phrase in wanted[:_PHRASES] if phrase and phrase not in visible}
        for element in hidden:
            inside = [phrase for phrase in found if phrase in element.text]
            covered = sum(len(phrase) * element.text.count(phrase) for phrase in inside)
            if inside and covered >= _COVERED * len(element.text):
                # A link is the weaker reason of the two.
                found.update((phrase, element.trick) for phrase in inside if found[phrase] in ("", NOFOLLOW))
        return [found.get(phrase, "") for phrase in wanted]

    def weigh(self, text: str, spans: Sequence[Span], threshold: float) -> tuple[Span, ...]:
        """Return the spans of ``text`` with raised scores for the hidden ones; at ``threshold`` they are cut."""
        if not spans:
            return ()
        tricks = self.tricks([text[span.start : span.end] for span in spans])
        if self._fault:
            note = Evidence("hidden", 0.0, self._fault)
            return tuple(replace(span, evidence=(*span.evidence, note)) for span in spans)
        return tuple(
            _raised(span, trick, threshold) if trick else span for span, trick in zip(spans, tricks, strict=True)
        )

    def _content(self) -> tuple[list[Hidden], str]:
        if self._read is None:
            try:
                self._read = ([], "") if self._fault else self._parse()
            except Exception as error:  # a parser's limit met by hostile HTML must not cost the document
                self._fault = f"the page's HTML could not be read ({type(error).__name__})"
                self._read = [], ""
        return self._read

    def _parse(self) -> tuple[list[Hidden], str]:
        data = self._html.replace("\0", "").encode("utf-8", "replace")
        parser = self._parser.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        root = self._parser.fromstring(data, parser) if data.strip() else None
        if root is None:
            return [], ""
        host = self._host or _own_host(root)
        hidden: dict[tuple[int, str], list[str]] = {}
        visible: list[str] = []
        for text, look, link in _texts(root, Sheet(style.text or "" for style in root.iter("style"))):
            place = look.owner, look.trick
            if not look.trick and link is not None and host and host_of(link.get("href", "")) not in ("", host):
                place = id(link), NOFOLLOW
            if place[1]:
                hidden.setdefault(place, []).append(text)
            else:
                visible.append(text)
        found = [Hidden(_squeezed("".join(texts)), trick) for (_, trick), texts in hidden.items()]
        return [element for element in found if element.text], _squeezed("".join(visible))


def host_of(url: str) -> str:
    """Return the host of an absolute address in small letters, without ``www.``; else ``""``.

    >>> host_of("https://www.Example.org:8080/news?x=1")
    'example.org'
    """
    match = _HOST.match(url.strip())
    return match[1].lower() if match else ""


def _raised(span: Span, trick: str, threshold: float) -> Span:
    weight = _LINKED if trick == NOFOLLOW else _HIDDEN
    odds = span.score / max(1e-9, 1.0 - span.score) * math.exp(weight)
    score = max(span.score, round(odds / (1.0 + odds), 5))
    evidence = (*span.evidence, Evidence("hidden", weight, f"{trick} in the page"))
    surely = score >= threshold and trick != NOFOLLOW
    return replace(span, score=score, evidence=evidence, action="remove" if surely else span.action)


def _texts(root: Any, sheet: Sheet) -> Iterator[tuple[str, _Look, Any]]:
    """Yield each text of the page with its look and the nofollow link that it stands in, in order."""
    waiting: list[tuple[Any, _Look, Any, bool]] = [(root, _Look(), None, False)]
    number = 0
    while waiting:
        element, look, link, tail = waiting.pop()
        if tail:
            yield element.tail, look, link
            continue
        if element.tag in _UNSEEN:
            continue
        number += 1
        inner = _look(element, look, sheet, number)
        if element.tag == "a" and "nofollow" in element.get("rel", "").lower().split():
            link = element
        if element.text:
            yield element.text, inner, link
        for child in reversed(element):
            if child.tail:
                waiting.append((child, inner, link, True))
            waiting.append((child, inner, link, False))


def _look(element: Any, outer: _Look, sheet: Sheet, number: int) -> _Look:
    said = sheet.of(str(element.tag), element.get("id", ""), element.get("class", "").split())
    if "color" in element.attrib:
        said["color"] = element.get("color").lower()  # <font color="white">
    said.update(declarations(element.get("style", "")))
    hard = "" if element.get("hidden") is None else "hidden attribute"
    if not said and not hard:
        return outer
    size, seen = zero_font(said), said.get("visibility")
    painted = said.get("background-color") or said.get("background")
    inner = replace(
        outer,
        hard=outer.hard or hard_trick(said) or hard,
        invisible=seen in ("hidden", "collapse") if seen in ("hidden", "collapse", "visible") else outer.invisible,
        no_size=outer.no_size if size is None else size,
        colour=colour_of(said["color"]) if "color" in said else outer.colour,
        background=outer.background if painted in (None, "none", "transparent", "inherit") else colour_of(painted),
    )
    return inner if inner.trick == outer.trick else replace(inner, owner=number)


def _own_host(root: Any) -> str:
    """Return the host that a page gives as its own."""
    for element in root.iter("link", "meta", "base"):
        if element.get("rel", "").lower() == "canonical" or element.tag == "base":
            own = host_of(element.get("href", ""))
        else:
            own = host_of(element.get("content", "")) if element.get("property", "").lower() == "og:url" else ""
        if own:
            return own
    return ""


def _squeezed(text: str) -> str:
    """Return the text without white space, which extractors change, and without case."""
    return "".join(text.split()).casefold()


def _lxml() -> Any:
    try:
        from lxml import etree
    except ImportError:
        raise MissingExtra("reading HTML needs lxml: pip install 'cleaner[html]'") from None
    return etree


__all__ = ["Hidden", "Page", "host_of"]
