"""Counting: audit records in, figures out, as plain JSON values. Memory is bounded whatever the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, Generic, TypeVar

from cleaner.recurrence import site_of_row
from cleaner.recurrence.keys import number_of, phrase_key
from cleaner.report.mechanism import mechanism_of

Figures = dict[str, Any]
Entry = dict[str, Any]

BINS: Final = 20  # of the histogram of scores
_KEPT: Final = 100_000  # phrases and sites that are counted at a time; beyond, the rarest half is forgotten
_SITES: Final = 2_000  # listed in the JSON figures; the page shows fewer
_PHRASES: Final = 200
_CONTEXTS: Final = 3
_MEMBERS: Final = 400  # sites counted of one phrase


@dataclass(slots=True)
class Site:
    """What was found on one site."""

    weight: int = 0  # infected documents
    cut: int = 0
    review: int = 0
    review_documents: int = 0
    spam_pages: int = 0
    removed: int = 0
    families: Counter[str] = field(default_factory=Counter)
    phrases: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Phrase:
    """One phrase, in all its disguises."""

    weight: int = 0  # documents
    spans: int = 0
    text: str = ""
    label: str = ""
    sites: set[str] = field(default_factory=set)
    contexts: list[Figures] = field(default_factory=list)


Kept = TypeVar("Kept", Site, Phrase)


class Top(Generic[Kept]):
    """The heaviest of very many things; the lightest half is forgotten when there are too many (lossy counting)."""

    def __init__(self, kind: type[Kept]) -> None:
        self._kind: type[Kept] = kind
        self._kept: dict[str, Kept] = {}
        self.forgotten = 0

    def get(self, key: str) -> Kept:
        """Return what is counted under a key."""
        if key not in self._kept:
            if len(self._kept) >= _KEPT:
                kept = list(islice(self.ranked(), _KEPT // 2))
                self.forgotten += len(self._kept) - len(kept)
                self._kept = dict(kept)
            self._kept[key] = self._kind()
        return self._kept[key]

    def ranked(self) -> Iterable[tuple[str, Kept]]:
        """Yield keys and counts, the heaviest first."""
        return iter(sorted(self._kept.items(), key=lambda item: (-item[1].weight, item[0])))


@dataclass(slots=True)
class _Group:
    cut: int = 0
    review: int = 0
    documents: int = 0
    characters: int = 0
    sites: set[int] = field(default_factory=set)


class _Counting:
    def __init__(self) -> None:
        self.families: dict[str, _Group] = {}
        self.languages: dict[str, _Group] = {}
        self.mechanisms: dict[str, _Group] = {}
        self.sites = Top(Site)
        self.phrases = Top(Phrase)
        self.doubtful = Top(Phrase)
        self.scores = [[0, 0] for _ in range(BINS)]

    def add(self, entry: Entry) -> None:
        spans = entry["spans"]
        site_name = site_of_row(entry)
        changed = entry["status"] == "changed"
        if not spans:
            return
        site = self.sites.get(site_name)
        site.weight += changed or entry["status"] == "spam_page"
        site.spam_pages += entry["status"] == "spam_page"
        site.review_documents += entry["status"] == "review"
        site.removed += sum(len(edit["removed"]) - len(edit["inserted"]) for edit in entry["edits"])
        touched: set[int] = set()
        seen: set[str] = set()
        for span in spans:
            cut = changed and span["action"] == "remove"
            self.scores[min(BINS - 1, int(span["score"] * BINS))][0 if cut else 1] += 1
            mechanism = mechanism_of(
                span["before"], span["text"], span["after"], starts=span["start"] == len(span["before"])
            )
            groups = (
                self.families.setdefault(span["label"], _Group()),
                self.languages.setdefault(entry["language"], _Group()),
                self.mechanisms.setdefault(mechanism, _Group()),
            )
            for group in groups:
                _count(group, span, cut, site_name, touched)
            site.cut += cut
            site.review += not cut
            site.families[span["label"]] += 1
            if cut and len(site.phrases) < _MEMBERS:
                site.phrases[span["text"][:80]] += 1
            if entry["status"] != "spam_page":
                self._phrase(entry, span, cut, site_name, seen)

    def _phrase(self, entry: Entry, span: Entry, cut: bool, site: str, seen: set[str]) -> None:
        key = phrase_key(span["text"]) or span["text"]
        phrase = (self.phrases if cut else self.doubtful).get(key)
        phrase.spans += 1
        mark = f"{cut}{key}"
        if mark in seen:
            return
        seen.add(mark)
        phrase.weight += 1
        if not phrase.text or len(span["text"]) < len(phrase.text):
            phrase.text, phrase.label = span["text"], span["label"]
        fresh = site not in phrase.sites
        if len(phrase.sites) < _MEMBERS:
            phrase.sites.add(site)
        if len(phrase.contexts) < _CONTEXTS and (fresh or not phrase.contexts):
            names = ("before", "text", "after", "score", "start")
            place = {"site": site, "file": entry["file"], "record": entry["record"], "id": entry["id"]}
            phrase.contexts.append({**place, **{name: span[name] for name in names}, "why": _why(span)})


def collect(entries: Iterable[Entry], totals: Figures) -> Figures:
    """Return the figures of a run from its audit records and the counts over all its documents.

    Counts of sites per phrase stop at 400. Sites and phrases are the most frequent ones of those met.
    """
    counting = _Counting()
    for entry in entries:
        counting.add(entry)
    documents = totals.get("sites") or {}
    by_language = totals.get("languages") or {}
    return {
        "totals": {name: value for name, value in totals.items() if name not in ("sites", "languages")},
        "families": _groups(counting.families),
        "mechanisms": _groups(counting.mechanisms),
        "languages": [{**one, "read": by_language.get(one["name"])} for one in _groups(counting.languages)],
        "scores": [
            {"from": number / BINS, "cut": cut, "review": left} for number, (cut, left) in enumerate(counting.scores)
        ],
        "sites": [_site(name, site, documents) for name, site in islice(counting.sites.ranked(), _SITES)],
        "phrases": [_phrase(phrase) for _, phrase in islice(counting.phrases.ranked(), _PHRASES)],
        "review": [_phrase(phrase) for _, phrase in islice(counting.doubtful.ranked(), _PHRASES)],
    }


def _count(group: _Group, span: Entry, cut: bool, site: str, touched: set[int]) -> None:
    group.cut += cut
    group.review += not cut
    group.characters += span["end"] - span["start"] if cut else 0
    if id(group) not in touched:
        touched.add(id(group))
        group.documents += 1
    if site and len(group.sites) < _KEPT:
        group.sites.add(number_of(site))


def _groups(groups: dict[str, _Group]) -> list[Figures]:
    ranked = sorted(groups.items(), key=lambda item: (-item[1].cut, -item[1].review, item[0]))
    return [
        {"name": name, "cut": one.cut, "review": one.review, "documents": one.documents,
         "characters": one.characters, "sites": len(one.sites)}
        for name, one in ranked
    ]  # fmt: skip


def _site(name: str, site: Site, documents: dict[str, int]) -> Figures:
    read = documents.get(name)
    return {
        "site": name,
        "documents": read,
        "infected": site.weight,
        "share": round(site.weight / read, 4) if read else None,
        "cut": site.cut,
        "review": site.review,
        "review_documents": site.review_documents,
        "spam_pages": site.spam_pages,
        "removed_characters": site.removed,
        "families": [label for label, _ in site.families.most_common(3)],
        "phrases": [text for text, _ in site.phrases.most_common(3)],
    }


def _phrase(phrase: Phrase) -> Figures:
    names = ("text", "label", "spans", "contexts")
    return {
        **{name: getattr(phrase, name) for name in names},
        "documents": phrase.weight,
        "sites": len(phrase.sites),
    }


def _why(span: Entry) -> list[str]:
    strongest = sorted(span.get("evidence", ()), key=lambda item: -abs(item["weight"]))[:3]
    return [str(item["detail"]) for item in strongest]
