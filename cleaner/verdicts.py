"""Applying decisions: what reviewers accepted goes and what they rejected stays, at once, without training.

A ruling holds at its own place in its own document, and, by its scope, wherever the same phrase stands on
the site or anywhere. The narrower scope wins; where two of one scope differ the text is kept. An accepted
phrase is also cut where the detector sees nothing, but only as a whole (:func:`cleaner.phrases.is_whole`)
and only if it is no phrase that clean text is made of (``Applier.unfit``).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from cleaner.errors import InputError
from cleaner.keys import CONTEXT, content_key, document_hash, normalise
from cleaner.model import Model
from cleaner.phrases import HEAD, Phrases, is_unspaced, is_whole
from cleaner.types import Evidence, Span
from cleaner.view import Reader

Scope = Literal["document", "site", "everywhere"]
Place = tuple[int, int]

# Log-odds a character under the n-gram weights below which a phrase counts as ordinary words. Of random
# stretches of two to five words of English news 69 % lie below, of English phrases of campaigns never taught 0.2 %.
_ORDINARY: Final = -0.05
# A phrase of fewer words, or in scripts without blanks of fewer characters, needs words that speak for themselves.
_TELLING: Final = 0.1
_FEW_WORDS: Final = 3
_FEW_CHARACTERS: Final = 6
_UNNAMED: Final = "other"  # the family of a phrase of which no better is known
_BATCH: Final = 4096  # phrases weighed at a time
_SAYS: Final = {"document": "this document", "site": "this site", "everywhere": "everywhere"}


@dataclass(frozen=True, slots=True)
class Ruling:
    """What somebody decided about one flagged stretch: ``remove`` it, or keep it.

    ``text`` is the stretch as decided, ``document`` the hash of its document's source text
    (:func:`cleaner.keys.document_hash`; ``""``: not known), ``start`` and ``end`` its place there, ``flagged``
    the place that had been flagged. ``key`` (:func:`cleaner.keys.content_key` of what had been flagged) tells
    the place where the document is not known. ``on`` is an ISO 8601 date or time.
    """

    remove: bool
    scope: Scope
    text: str
    who: str
    on: str
    label: str = ""
    site: str = ""
    document: str = ""
    start: int = 0
    end: int = 0
    flagged: Place = (0, 0)
    key: str = ""

    def kept(self) -> tuple[Place, ...]:
        """Return the places of its document that are to stay."""
        if not self.remove:
            return ((self.start, self.end),)
        return ((self.flagged[0], self.start), (self.end, self.flagged[1]))

    def evidence(self) -> Evidence:
        """Return who decided it, when, and how far it reaches, as a span shows it."""
        return Evidence("verdict", 0.0, f"decided by {self.who} on {self.on[:10]} ({_SAYS[self.scope]})")


class Verdicts:
    """Rulings, ordered for looking them up. Picklable; about half a kilobyte a ruling.

    >>> verdicts = Verdicts([Ruling(True, "everywhere", "Kasino ＡＢ99", "ann", "2026-11-23")])
    >>> verdicts.of("kasino ab99", "").who
    'ann'
    """

    def __init__(self, rulings: Iterable[Ruling]) -> None:
        self.documents: dict[str, list[Ruling]] = defaultdict(list)
        self.keys: dict[str, Ruling] = {}  # where the document is not known
        self.sites: dict[str, dict[str, Ruling]] = defaultdict(dict)
        self.everywhere: dict[str, Ruling] = {}
        for ruling in rulings:
            if ruling.scope not in _SAYS:
                raise InputError(f"scope must be one of {', '.join(_SAYS)}, not {ruling.scope!r}")
            if ruling.document:
                self.documents[ruling.document].append(ruling)
            elif ruling.key:
                self.keys[ruling.key] = ruling
            if ruling.scope == "everywhere":
                _settle(self.everywhere, ruling)
            elif ruling.scope == "site" and ruling.site:
                _settle(self.sites[ruling.site], ruling)
        self.documents.default_factory = self.sites.default_factory = None

    def __bool__(self) -> bool:
        return bool(self.documents or self.keys or self.sites or self.everywhere)

    def digest(self) -> str:
        """Return a short hash of all that decisions depend on."""
        known = [*self.documents.values(), self.keys.values(), *(item.values() for item in self.sites.values())]
        rulings = sorted(repr(ruling) for some in (*known, self.everywhere.values()) for ruling in some)
        return hashlib.blake2b("\n".join(rulings).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

    def of(self, phrase: str, site: str) -> Ruling | None:
        """Return what holds for a normalised phrase on a site (``""``: not known)."""
        known = self.sites.get(site) if site else None
        return (known.get(phrase) if known else None) or self.everywhere.get(phrase)

    def wide(self) -> Iterator[tuple[str, Ruling]]:
        """Yield the normalised phrases that hold beyond their document, with their rulings."""
        for known in (self.everywhere, *self.sites.values()):
            yield from known.items()


class Applier:
    """Verdicts at work with one model. Thread-safe.

    ``unfit`` are the accepted phrases that are cut only where they were decided, each with the reason.
    """

    def __init__(self, verdicts: Verdicts, model: Model) -> None:
        self._verdicts = verdicts
        self._classes = model.classes
        accepted = {phrase: ruling.text for phrase, ruling in verdicts.wide() if ruling.remove}
        self.unfit = _unfit(accepted, model)
        # Rejected ones are looked for too: an accepted phrase inside a rejected one stays.
        wide = [ruling.text for phrase, ruling in verdicts.wide() if phrase not in self.unfit]
        self._phrases = Phrases(wide, model.classes, model.fold)

    def revise(
        self, texts: Sequence[str], found: Sequence[Sequence[Span]], sites: Sequence[str]
    ) -> list[tuple[Span, ...]]:
        """Return the spans of each text as the verdicts have it; ``found`` are the detector's, sorted."""
        hits = self._hits(texts, sites)
        return [
            self._revised(text, spans, sites[number], hits.get(number, []))
            for number, (text, spans) in enumerate(zip(texts, found, strict=True))
        ]

    def spared(self, text: str, spans: Sequence[Span]) -> list[Span]:
        """Return the spans that touch no place of the text that was rejected there, or cut off by moved ends."""
        kept = [place for ruling in self._decided(text) for place in ruling.kept()]
        spans = [span for span in spans if not any(_touches(span, start, end) for start, end in kept)]
        return [span for span in spans if (ruling := self._keyed(text, span)) is None or ruling.remove]

    def _decided(self, text: str) -> list[Ruling]:
        documents = self._verdicts.documents
        return documents.get(document_hash(text), []) if documents else []

    def _hits(self, texts: Sequence[str], sites: Sequence[str]) -> dict[int, list[Span]]:
        """Return, per text, the disjoint whole accepted phrases in it, the earliest and longest first."""
        if not self._phrases:
            return {}
        found: dict[int, list[tuple[int, int, Ruling]]] = defaultdict(list)
        for number, start, end, phrase in self._phrases.find(texts):
            ruling = self._verdicts.of(phrase, sites[number])
            if ruling is not None and phrase not in self.unfit:
                found[number].append((start, -end, ruling))
        hits: dict[int, list[Span]] = {}
        for number, some in found.items():
            some.sort(key=lambda item: item[:2])
            kept = [(start, -end) for start, end, ruling in some if not ruling.remove]
            hits[number] = []
            free = 0
            for start, negative, ruling in some:
                end = -negative
                if not ruling.remove or start < free or _inside(start, end, kept):
                    continue
                if is_whole(texts[number], start, end, self._classes):
                    hits[number].append(_span(start, end, ruling))
                    free = end
        return hits

    def _keyed(self, text: str, span: Span) -> Ruling | None:
        keys = self._verdicts.keys
        if not keys:
            return None
        before = text[max(0, span.start - CONTEXT) : span.start]
        return keys.get(content_key(text[span.start : span.end], before, text[span.end : span.end + CONTEXT]))

    def _revised(self, text: str, spans: Sequence[Span], site: str, hits: Sequence[Span]) -> tuple[Span, ...]:
        decided = self._decided(text)
        if not (spans or hits or decided):
            return ()
        revised = _joined([kept for span in spans if (kept := self._ruled(text, span, site)) is not None], hits)
        return tuple(_settled(text, revised, decided) if decided else revised)

    def _ruled(self, text: str, span: Span, site: str) -> Span | None:
        """Return a span of the detector as it was decided, or nothing if it is to stay in the text."""
        phrase = normalise(text[span.start : span.end])
        ruling = self._keyed(text, span)
        if ruling is not None and ruling.remove:  # its ends may have been moved
            start = span.start + ruling.start - ruling.flagged[0]
            end = span.end + ruling.end - ruling.flagged[1]
            if normalise(text[max(0, start) : end]) == normalise(ruling.text):
                return _span(start, end, ruling)
        if ruling is None and phrase not in self.unfit:
            ruling = self._verdicts.of(phrase, site)
        if ruling is None:
            return span
        evidence = (ruling.evidence(), *span.evidence)
        label = ruling.label or span.label
        return replace(span, label=label, score=1.0, action="remove", evidence=evidence) if ruling.remove else None


def _settle(known: dict[str, Ruling], ruling: Ruling) -> None:
    """Note a ruling on a phrase; of two that differ the one that keeps the text holds, else the later one."""
    phrase = normalise(ruling.text)
    before = known.get(phrase)
    if phrase and (before is None or before.remove or not ruling.remove):
        known[phrase] = ruling


def _unfit(accepted: Mapping[str, str], model: Model) -> dict[str, str]:
    """Return which phrases (normalised, with the text as decided) clean text may hold, and why."""
    found: dict[str, str] = {}
    reader = Reader(model.classes, model.fold)
    names = list(accepted)
    for begin in range(0, len(names), _BATCH):
        phrases = names[begin : begin + _BATCH]
        block = reader.read([accepted[phrase] for phrase in phrases])
        scores = model.scorer.score(block.hashes)
        for phrase, first, last in zip(phrases, block.first.tolist(), block.last.tolist(), strict=True):
            weight = float(scores[first:last].mean()) * model.scale if last > first else 0.0
            reason = _reason(phrase, weight, model.classes)
            if reason:
                found[phrase] = reason
    return found


def _reason(phrase: str, weight: float, classes: npt.NDArray[np.uint8]) -> str:
    """Return why a phrase is not to be cut wherever it stands, or nothing; ``weight``: log-odds a character."""
    if len(phrase.replace(" ", "")) < HEAD:
        return "too short"
    unspaced = any(is_unspaced(character, classes) for character in phrase)
    if phrase.isalpha() and not unspaced:
        return "a single word"
    plain = phrase.replace(" ", "").isalpha()
    few = len(phrase) < _FEW_CHARACTERS if unspaced else phrase.count(" ") + 1 < _FEW_WORDS
    return "ordinary words" if weight < (_TELLING if plain and few else _ORDINARY) else ""


def _span(start: int, end: int, ruling: Ruling) -> Span:
    return Span(start, end, ruling.label or _UNNAMED, 1.0, "remove", (ruling.evidence(),))


def _inside(start: int, end: int, places: Sequence[Place]) -> bool:
    return any(first <= start and end <= last for first, last in places)


def _touches(span: Span, start: int, end: int) -> bool:
    return start < end and span.start < end and start < span.end


def _joined(spans: Sequence[Span], hits: Sequence[Span]) -> list[Span]:
    """Return disjoint spans: a hit takes in what the detector cuts there, and the place of what it only reports."""
    joined: list[Span] = []
    for hit in hits:
        met = [span for span in spans if _touches(span, hit.start, hit.end)]
        spans = [span for span in spans if not _touches(span, hit.start, hit.end)]
        for span in (span for span in met if span.action == "remove"):
            evidence = hit.evidence + tuple(item for item in span.evidence if item not in hit.evidence)
            start, end = min(hit.start, span.start), max(hit.end, span.end)
            label = span.label if hit.label == _UNNAMED else hit.label
            hit = replace(span, start=start, end=end, label=label, score=1.0, evidence=evidence)
        if joined and hit.start < joined[-1].end:  # both reach into one span of the detector
            joined[-1] = replace(joined[-1], end=max(hit.end, joined[-1].end))
        else:
            joined.append(hit)
    return sorted([*spans, *joined], key=lambda span: span.start)


def _settled(text: str, spans: Sequence[Span], rulings: Sequence[Ruling]) -> list[Span]:
    """Return the spans with what was decided about places of this very text."""
    settled = list(spans)
    for ruling in rulings:
        for start, end in (ruling.flagged, (ruling.start, ruling.end)):
            settled = [span for span in settled if not _touches(span, start, end)]
        if ruling.remove and normalise(text[ruling.start : ruling.end]) == normalise(ruling.text):
            settled.append(_span(ruling.start, ruling.end, ruling))
    return sorted(settled, key=lambda span: span.start)
