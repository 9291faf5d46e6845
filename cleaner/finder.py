"""Texts in, spans out: detection, decision, names and reasons together. Nothing here edits.

Long texts are looked at in pages; short ones share blocks. The answer for a text does not depend on either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final, NamedTuple

import numpy as np

from cleaner.config import Config
from cleaner.decide import Choice, choose
from cleaner.detect import Detector, Findings, Search, Survey
from cleaner.evidence import explain
from cleaner.model import Model
from cleaner.recurrence import NEAR, Recurrence
from cleaner.replaced import Range, find_replaced, hot_places
from cleaner.tally import per_page
from cleaner.types import Evidence, Span
from cleaner.view import PIECE, pieces, whole_characters

_BATCH_TEXTS: Final = 4_096
_BLOCK_CHARS: Final = 262_144  # code points that are numbers at the same time; the caches hold no more

Spans = tuple[Span, ...]


class Found(NamedTuple):
    """What was found in a text: the spans, its host language, how many of its places open promotional windows."""

    spans: Spans
    language: str
    hot: int


class Finder:
    """Finds the spans of texts with one model and its thresholds. Thread-safe."""

    def __init__(self, model: Model, config: Config, recurrence: Recurrence | None = None) -> None:
        self.threshold = _threshold(model, config)
        self.review = min(model.review if config.review is None else config.review, self.threshold)
        self._detector = Detector(model)
        self._recurrence = recurrence

    def find(self, texts: Sequence[str], cuts_only: bool = False) -> list[Found]:
        """Return spans and host language of each text; with ``cuts_only`` none that are only for review."""
        pages, counts = _pages(texts)
        found = self._find_pages(pages, cuts_only)
        if len(pages) == len(texts):
            return found
        parts = iter(found)
        together = _together(pages, counts, [item.spans for item in found])
        return [_of_pages(list(islice(parts, count)), spans) for count, spans in zip(counts, together, strict=True)]

    def candidates(self, texts: Sequence[str]) -> list[Spans]:
        """Return what might be injected in each text, as :meth:`cleaner.Cleaner.candidates_many` gives it."""
        pages, counts = _pages(texts)
        search = Search(self._detector)
        for some in batches(pages, _BLOCK_CHARS):
            search.add(some)
        found: list[Spans] = [()] * len(pages)
        for number, judged in search.findings().items():
            chosen = choose(judged, 1.0, NEAR)
            names = self._detector.labels([pages[number][choice.start : choice.end] for choice in chosen])
            labels = {choice.number: name for choice, name in zip(chosen, names, strict=True)}
            found[number] = tuple(
                Span(judged.start[place], judged.end[place], labels.get(place, ""), float(judged.pure[place]), "review")
                for place in np.flatnonzero(judged.pure >= NEAR).tolist()
            )
        return list(_together(pages, counts, found))

    def _find_pages(self, pages: Sequence[str], cuts_only: bool) -> list[Found]:
        search = Search(self._detector)
        known: dict[tuple[int, int, int], Found] = {}
        found: list[Found] = []
        several: list[tuple[int, list[Range]]] = []
        for some in batches(pages, _BLOCK_CHARS):
            survey = search.add(some)
            if not cuts_only:
                several += [(len(found) + number, places) for number, places in hot_places(survey.block, survey.signs)]
            found += self._empty(survey, known)
        chosen: list[tuple[int, Findings, Choice]] = []
        for number, judged in search.findings().items():
            weighed = judged if self._recurrence is None else self._recurrence.weigh(pages[number], judged)
            if weighed.pure.max() < self.review:
                continue  # nothing can be chosen, and most pages with cores are of that kind
            choices = choose(weighed, self.threshold, self.review)
            chosen += [(number, judged, item) for item in _whole(pages[number], choices)]
        if cuts_only:
            chosen = [item for item in chosen if item[2].action == "remove"]
        for number, spans in self._explained(pages, chosen).items():
            found[number] = found[number]._replace(spans=tuple(spans))
        for number, places in several:
            replaced = find_replaced(pages[number], places)
            if replaced:
                spans_too = _with_replaced(found[number].spans, replaced, self.review)
                found[number] = found[number]._replace(spans=spans_too)
        return found

    def _empty(self, survey: Survey, known: dict[tuple[int, int, int], Found]) -> Iterator[Found]:
        """Yield what is known of pages before anything is found on them; pages alike share one value."""
        name = self._detector.model.languages.name
        hot = per_page(survey.block, survey.signs.hot)
        keys = list(zip(survey.languages.tolist(), survey.scripts.tolist(), hot.tolist(), strict=True))
        for column, script, count in set(keys) - known.keys():
            known[column, script, count] = Found((), name(column, script), count)
        return map(known.__getitem__, keys)

    def _explained(
        self, pages: Sequence[str], chosen: Sequence[tuple[int, Findings, Choice]]
    ) -> dict[int, list[Span]]:
        """Return the spans of all pages, by page; labels and reasons are found for all of them at once."""
        spans: dict[int, list[Span]] = {}
        if not chosen:
            return spans
        detector = self._detector
        rows = np.stack([judged.rows[choice.number] for _, judged, choice in chosen])
        phrases = [pages[number][choice.start : choice.end] for number, _, choice in chosen]
        reasons = explain(rows, detector.model.pure.shares(rows))
        for (number, _, choice), phrase, label, evidence in zip(
            chosen, phrases, detector.labels(phrases), reasons, strict=True
        ):
            if self._recurrence is not None:
                evidence += self._recurrence.evidence(phrase)
            span = Span(choice.start, choice.end, label, choice.score, choice.action, evidence)
            spans.setdefault(number, []).append(span)
        return spans


def batches(texts: Iterable[str], chars: int) -> Iterator[list[str]]:
    """Yield the texts in lists of about ``chars`` code points."""
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= chars or len(batch) >= _BATCH_TEXTS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _threshold(model: Model, config: Config) -> float:
    if config.max_harm is not None:
        return model.threshold_for(config.max_harm)
    return model.threshold if config.threshold is None else config.threshold


def _pages(texts: Sequence[str]) -> tuple[list[str], list[int]]:
    """Return the pages of all texts, long texts in pieces, and how many each text has."""
    if max(map(len, texts), default=0) <= PIECE:
        return list(texts), [1] * len(texts)
    parts = [pieces(text) for text in texts]
    return [page for pages in parts for page in pages], [len(pages) for pages in parts]


def _of_pages(found: Sequence[Found], spans: Spans) -> Found:
    """Return what was found on the pages of one text; its language is that of the first page that has one."""
    language = next((item.language for item in found if item.language), "")
    return Found(spans, language, sum(item.hot for item in found))


def _together(pages: Sequence[str], counts: Sequence[int], found: Sequence[Spans]) -> Iterator[Spans]:
    """Yield the spans of each text, those of its pages moved to where the pages stand in it."""
    parts = iter(zip(pages, found, strict=True))
    for count in counts:
        moved: list[Span] = []
        offset = 0
        for page, spans in islice(parts, count):
            moved += [replace(span, start=span.start + offset, end=span.end + offset) for span in spans]
            offset += len(page)
        yield tuple(moved)


def _whole(page: str, choices: Iterable[Choice]) -> Iterator[Choice]:
    """Yield the choices, none of which parts a letter from its marks or reaches into the one before."""
    last = 0
    for choice in choices:
        start, end = whole_characters(page, choice.start, choice.end)
        start = max(start, last)
        if start < end:
            last = end
            yield replace(choice, start=start, end=end)


def _with_replaced(spans: Spans, places: Sequence[Range], score: float) -> Spans:
    """Add the places of a find-and-replace that no span covers, for review: nothing can be cut there."""
    reason = Evidence("replaced", 0.0, f"the same phrase stands for a word in {len(places)} places of the page")
    more = [Span(start, end, "replaced", score, "review", (reason,)) for start, end in places]
    free = [item for item in more if all(item.end <= span.start or span.end <= item.start for span in spans)]
    return tuple(sorted((*spans, *free), key=lambda span: span.start))
