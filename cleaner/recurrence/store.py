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
_BASE: Final = 1.0  # log-odds added at the smallest number of sites ...
_SLOPE: Final = 1.0  # ... and with every e times as many


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

    ``sites``: on how many unrelated sites a phrase has to be seen before it counts as recurring; the more it
    is seen on, the more that weighs. Sites that carry copies of one text count as one. A phrase on few
    sites gets no weight in either direction: on one site it may be boilerplate or an infection of that site.
    Recurrence alone never marks a span: only candidates of probability 0.25 and more can be raised.

    ``bits``: size of the sketch, ``2 ** bits`` cells in each of three rows (19: 44 MB, good for half a
    million different phrases; see :attr:`overfull`). ``phrases``: how many phrases are kept by name for
    :meth:`phrases`; the decision does not depend on that list.

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
        self._most = phrases
        self._listed: dict[str, _Listed] = {}

    def add(self, text: str, spans: Iterable[Span], *, site: str = "", id: str = "") -> None:
        """Count the spans of one document.

        ``spans`` may overlap: what :meth:`cleaner.Cleaner.candidates` returns, or the spans of a cleaning.
        ``site`` is a URL or a name; documents without one count as one site, and so never as evidence.
        Every phrase counts once per document.
        """
        ranked = sorted((span for span in spans if span.score >= NEAR), key=_likeliest)
        found: dict[str, Span] = {}
        for span in ranked[:_PER_DOCUMENT]:
            key = phrase_key(text[span.start : span.end])
            if key and (key not in found or not found[key].label):
                found[key] = replace(span, score=max(span.score, found[key].score)) if key in found else span
        if not found:
            return
        site = site_of(site)
        number, page = number_of(site), page_number(text)
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
        """Return what recurrence adds to a candidate's log-odds; 0 below ``sites`` unrelated sites."""
        unrelated = min(seen.sites, seen.pages)
        if unrelated < self.sites or self.overfull:
            return 0.0
        return _BASE + _SLOPE * math.log(unrelated / self.sites)

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
        for key, item in other._listed.items():
            self._list(key, replace(item, examples=list(item.examples)))

    def digest(self) -> str:
        """Return a short hash of all that decisions depend on."""
        hashed = hashlib.blake2b(f"{self.sites};{self.sketch.bits};".encode(), digest_size=6)
        for name in Sketch.ARRAYS:
            hashed.update(getattr(self.sketch, name).astype("<u8"))
        return hashed.hexdigest()

    def to_bytes(self) -> bytes:
        """Return everything collected as bytes for a file: plain arrays and JSON, no pickle."""
        listed = {
            key: (item.text, item.label, [astuple(one) for one in item.examples]) for key, item in self._listed.items()
        }
        return saved.pack(self.sketch, {"sites": self.sites, "phrases": self._most, "listed": listed})

    @classmethod
    def from_bytes(cls, data: bytes) -> Recurrence:
        """Return what :meth:`to_bytes` wrote. Raises InputError when the bytes are damaged or something else."""
        sketch, rest = saved.unpack(data)
        try:
            made = cls(sites=rest["sites"], bits=8, phrases=rest["phrases"])
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
