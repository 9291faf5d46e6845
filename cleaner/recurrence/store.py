"""The object that collects phrases over a corpus and hands what it knows to the decision."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace
from typing import Final

import numpy as np

from cleaner.detect import Findings
from cleaner.errors import ConfigError, InputError
from cleaner.recurrence import saved
from cleaner.recurrence.keys import number_of, page_number, phrase_key
from cleaner.recurrence.sites import site_of
from cleaner.recurrence.sketch import Seen, Sketch
from cleaner.types import Evidence, Span

NEAR: Final = 0.25  # probability from which a candidate is counted and may be raised
_PER_DOCUMENT: Final = 400  # phrases counted of one document, the likeliest first; bounds what a page of spam costs
_EXAMPLES: Final = 3  # kept of a phrase, each from another site
_AROUND: Final = 40  # code points of context on each side of an example
_SHOWN: Final = 120  # code points of an example
_FULL: Final = 0.6  # share of cells in use at which one rare phrase in a million would seem to be on five sites
_BASE: Final = 0.4  # log-odds added, and the logarithm of the number of sites: 0.5 is cut at 5, 0.25 at about a dozen
# A line of a page template stands on most pages of its sites, an injected phrase on few of each. Where sites
# have fewer pages than this in the corpus, the two cannot be told apart and recurrence says nothing.
_DEPTH: Final = 3.0
_UNPLACED: Final = 0.1  # share of documents with phrases but without a site above which it says nothing either
_SPARSE: Final = 0.1  # of a site's pages: at most so many may carry a phrase that is raised
_DENSE: Final = 0.25  # from here on it is taken for part of the template ...
_REPEATED: Final = 4.0  # ... if it also stands on so many pages of a site ...
_LOWER: Final = -2.0  # ... and its log-odds sink by so much: what is surely spam is still cut


@dataclass(frozen=True, slots=True, order=True)
class Example:
    """A place where a phrase was seen: site, document id, and the phrase with what stands around it."""

    site: str
    id: str
    before: str
    text: str
    after: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of the list: a form in which it was seen, its family, its figures and a few examples."""

    text: str
    label: str
    seen: Seen
    examples: tuple[Example, ...]


@dataclass(slots=True)
class _Listed:
    text: str
    label: str
    examples: list[Example]

    def join(self, other: _Listed) -> None:
        """Take in another entry of the same phrase; the result does not depend on the order."""
        self.text, self.label = min((len(item.text), item.text, item.label) for item in (self, other))[1:]
        by_site: dict[str, Example] = {}
        for example in sorted(self.examples + other.examples, reverse=True):
            by_site[example.site] = example
        self.examples = sorted(by_site.values(), key=_rank)[:_EXAMPLES]


def _rank(example: Example) -> tuple[int, Example]:
    return number_of(example.site), example  # any sites, not those whose names begin with an a


class Recurrence:
    """Counts of phrases over a corpus, in bounded memory, as evidence for a :class:`cleaner.Cleaner`.

    A phrase on many unrelated sites, on few pages of each, is raised: the more sites, the more. ``sites`` is the
    least number; sites that carry copies of one text count as one. A phrase on a large part of its sites'
    pages is taken for a line of their template and lowered. Both need sites with several pages in the corpus;
    with fewer than three on average recurrence says nothing. It alone never marks a span: only candidates
    of probability 0.25 and more can be raised.

    ``bits``: size of the sketch, ``2 ** bits`` cells in each of three rows (19: 57 MB, good for half a
    million different phrases; see :attr:`overfull`). ``phrases``: how many phrases are kept by name for
    :meth:`phrases`; the decision does not depend on that list.

    ``counted`` is the number of documents with a phrase so far, ``unplaced`` how many of them had no site.

    Merging is exact: what is decided does not depend on how a corpus was divided. Picklable, saved as plain
    arrays. Not thread-safe while it collects.

    >>> recurrence = Recurrence(sites=2)
    >>> for site in ("https://a.example/1", "https://b.example/2", "https://c.example/3"):
    ...     recurrence.add(f"spam phrase News from {site}", [Span(0, 11, "loans", 0.6, "review")], site=site)
    >>> recurrence.seen("Spam-Phrase").sites
    3
    """

    def __init__(self, *, sites: int = 5, bits: int = 19, phrases: int = 20_000) -> None:
        for name, value, low, high in (("sites", sites, 2, 200), ("bits", bits, 8, 26), ("phrases", phrases, 0, 10**7)):
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                raise ConfigError(f"{name} must be a whole number from {low} to {high}, not {value!r}")
        self.sites = sites
        self.sketch = Sketch(bits)
        self.counted = 0
        self.unplaced = 0
        self._most = phrases
        self._listed: dict[str, _Listed] = {}

    def add(self, text: str, spans: Iterable[Span], *, site: str = "", id: str = "") -> None:
        """Count one document and its spans. Call it for documents without spans too: they tell how large sites are.

        ``spans`` may overlap: what :meth:`cleaner.Cleaner.candidates` returns, or the spans of a cleaning.
        ``site`` is a URL or a name; documents without one count as one site, and so never as evidence.
        Every phrase counts once per document.
        """
        site = site_of(site)
        number = number_of(site)
        if site:
            self.sketch.visit(number)
        ranked = sorted((span for span in spans if span.score >= NEAR), key=_likeliest)
        found: dict[str, Span] = {}
        for span in ranked[:_PER_DOCUMENT]:
            key = phrase_key(text[span.start : span.end])
            if key and (key not in found or not found[key].label):
                found[key] = replace(span, score=max(span.score, found[key].score)) if key in found else span
        if not found:
            return
        self.counted += 1
        self.unplaced += not site
        page = page_number(text)
        for key, span in found.items():
            self.sketch.add(number_of(key), number, page, span.score)
            if span.label and self._most:
                self._list(key, _Listed(*_shown(text, span, site, id)))

    def seen(self, phrase: str) -> Seen:
        """Return where a phrase was seen, whatever its case, width, spacing and digits."""
        key = phrase_key(phrase)
        return self.sketch.seen(number_of(key)) if key else Seen(0, 0, 0, 0.0)

    def evidence(self, phrase: str) -> tuple[Evidence, ...]:
        """Return what speaks for a phrase, if it was seen in more than one document."""
        seen = self.seen(phrase)
        if seen.documents < 2:
            return ()
        places = f"{seen.sites} {'site' if seen.sites == 1 else 'sites'}"
        detail = f"on {places}, in {seen.documents} documents"
        if seen.pages < min(seen.sites, seen.documents):
            detail += f", {seen.pages} of them different"
        return (Evidence("recurrence", round(self.weight(seen), 3), detail),)

    def weight(self, seen: Seen) -> float:
        """Return what recurrence adds to a candidate's log-odds; 0 when it cannot tell."""
        if self.overfull or self.depth < _DEPTH or not seen.documents:
            return 0.0
        per_site = seen.documents / seen.sites
        if per_site >= max(_REPEATED, _DENSE * self.depth):
            return _LOWER
        unrelated = min(seen.sites, seen.pages)
        if unrelated < self.sites or per_site > 1.0 + _SPARSE * self.depth:
            return 0.0
        return _BASE + math.log(unrelated)

    @property
    def depth(self) -> float:
        """Return how many documents a site has in the corpus, on average; 0.0 where too many have no known site."""
        if self.unplaced > _UNPLACED * self.counted:
            return 0.0
        return self.sketch.placed / max(1, self.sketch.site_count())

    @property
    def overfull(self) -> bool:
        """Return whether more was collected than ``bits`` has room for; the figures then weigh nothing."""
        return self.sketch.load() > _FULL

    def weigh(self, page: str, findings: Findings) -> Findings:
        """Return judged candidates of a page with the weight of recurrence added to their probabilities."""
        near = np.flatnonzero(findings.pure >= NEAR).tolist()
        pure = findings.pure.copy()
        for number in near:
            weight = self.weight(self.seen(page[findings.start[number] : findings.end[number]]))
            if weight:
                odds = findings.pure[number] / max(1e-5, 1.0 - findings.pure[number]) * math.exp(weight)
                pure[number] = round(odds / (1.0 + odds), 5)
        return replace(findings, pure=pure)

    def phrases(self, limit: int | None = None, *, sites: int = 1) -> list[Phrase]:
        """Return the phrases that were kept by name and seen on ``sites`` unrelated sites, the widest spread first."""
        ranked = self._ranked(sites)
        return [Phrase(item.text, item.label, seen, tuple(item.examples)) for seen, _, item in ranked[:limit]]

    def merge(self, other: Recurrence) -> None:
        """Add what another one collected. Raises ConfigError if their ``bits`` differ."""
        if self.sketch.bits != other.sketch.bits:
            raise ConfigError(f"recurrence of bits={other.sketch.bits} cannot be merged into bits={self.sketch.bits}")
        self.sketch.merge(other.sketch)
        self.counted += other.counted
        self.unplaced += other.unplaced
        for key, item in other._listed.items():
            self._list(key, replace(item, examples=list(item.examples)))

    def digest(self) -> str:
        """Return a short hash of all that decisions depend on."""
        settings = f"{self.sites};{self.sketch.bits};{self.depth}"
        hashed = hashlib.blake2b(settings.encode(), digest_size=6)
        for name in Sketch.ARRAYS:
            hashed.update(getattr(self.sketch, name).astype("<u8"))
        return hashed.hexdigest()

    def to_bytes(self) -> bytes:
        """Return everything collected as bytes for a file: plain arrays and JSON, no pickle."""
        listed = {
            key: (item.text, item.label, [astuple(one) for one in item.examples]) for key, item in self._listed.items()
        }
        rest = {"sites": self.sites, "phrases": self._most, "counted": self.counted, "unplaced": self.unplaced}
        return saved.pack(self.sketch, {**rest, "listed": listed})

    @classmethod
    def from_bytes(cls, data: bytes) -> Recurrence:
        """Return what :meth:`to_bytes` wrote. Raises InputError when the bytes are damaged or something else."""
        sketch, rest = saved.unpack(data)
        try:
            made = cls(sites=rest["sites"], bits=8, phrases=rest["phrases"])
            made.counted, made.unplaced = int(rest["counted"]), int(rest["unplaced"])
            for key, (text, label, examples) in rest["listed"].items():
                made._listed[key] = _Listed(text, label, [Example(*map(str, one)) for one in examples])
        except (KeyError, TypeError, ValueError, AttributeError, ConfigError) as error:
            raise InputError(f"not a file of recurrence figures ({error}); collect them anew") from error
        made.sketch = sketch
        return made

    def __reduce__(self) -> tuple[object, ...]:
        return Recurrence.from_bytes, (self.to_bytes(),)

    def _list(self, key: str, item: _Listed) -> None:
        if key in self._listed:
            item.join(self._listed[key])
        self._listed[key] = item
        if len(self._listed) > 2 * self._most:
            self._listed = {key: item for _, key, item in self._ranked(0)[: self._most]}

    def _ranked(self, sites: int) -> list[tuple[Seen, str, _Listed]]:
        every = ((self.sketch.seen(number_of(key)), key, item) for key, item in self._listed.items())
        some = (entry for entry in every if min(entry[0].sites, entry[0].pages) >= sites)
        return sorted(some, key=_widest)


def _likeliest(span: Span) -> tuple[float, bool, int, int]:
    return -span.score, not span.label, span.start, span.end


def _widest(entry: tuple[Seen, str, _Listed]) -> tuple[int, int, str]:
    seen, key, _ = entry
    return -min(seen.sites, seen.pages), -seen.documents, key


def _shown(text: str, span: Span, site: str, id: str) -> tuple[str, str, list[Example]]:
    phrase = text[span.start : span.end][:_SHOWN]
    before, after = text[max(0, span.start - _AROUND) : span.start], text[span.end : span.end + _AROUND]
    return phrase, span.label, [Example(site, id, before, phrase, after)]
