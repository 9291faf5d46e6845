"""The cleaner itself: detect, decide, mend; for one text or millions, with the same answers."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from cleaner import resources
from cleaner.config import Config
from cleaner.decide import Choice, choose, is_spam_page
from cleaner.detect import Detector, Findings, Search
from cleaner.evidence import explain
from cleaner.model import Model, load
from cleaner.recurrence import NEAR, Recurrence
from cleaner.repair import apply_edits, make_edits, to_source
from cleaner.replaced import Range, find_replaced, hot_places
from cleaner.types import Cleaning, Edit, Evidence, Span, Status
from cleaner.view import PIECE, pieces, whole_characters

_BATCH_CHARS: Final = 1_048_576  # code points of the texts that are taken and given at a time
_BATCH_TEXTS: Final = 4_096
_BLOCK_CHARS: Final = 131_072  # code points that are numbers at the same time; the caches hold no more
_ROUNDS: Final = 3  # cuts may bring two parts of a phrase together; more rounds were never needed

Found = tuple[tuple[Span, ...], str]  # spans and host language


class Cleaner:
    """Finds and takes out injected promotional text.

    Opens the shipped model unless ``model`` names a folder made by ``cleaner train``. ``recurrence`` is what was
    collected over the corpus that the texts are from (:class:`cleaner.recurrence.Recurrence`). Thread-safe and
    picklable; the same text gives the same answer in any thread, batch or order. Methods never raise on
    any ``str``; opening raises :class:`~cleaner.errors.ModelError` for a missing or damaged model.

    >>> cleaner = Cleaner()
    >>> result = cleaner.clean("爱上海419论坛 Semiconductor Sovereignty")
    >>> result.text
    'Semiconductor Sovereignty'
    >>> result.restore()
    '爱上海419论坛 Semiconductor Sovereignty'
    """

    def __init__(
        self,
        config: Config | None = None,
        *,
        model: str | Path | None = None,
        recurrence: Recurrence | None = None,
    ) -> None:
        self.config = config or Config()
        self.recurrence = recurrence
        self._folder = None if model is None else Path(model)
        self._detector = Detector(_open(self._folder))
        opened = self._detector.model
        self.model_id = opened.id
        self._threshold = _threshold(opened, self.config)
        review = opened.review if self.config.review is None else self.config.review
        self._review = min(review, self._threshold)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.config, self._folder, self.recurrence)

    @property
    def thresholds(self) -> tuple[float, float]:
        """The probabilities from which spans are removed and reported: the settings', else the model's."""
        return self._threshold, self._review

    def find(self, text: str) -> tuple[Span, ...]:
        """Return the spans of a text, without cutting; offsets are code points of ``text``."""
        return self.clean(text).spans

    def clean(self, text: str) -> Cleaning:
        """Return the cleaned text with spans, edits and status."""
        return next(self.clean_many((text,)))

    def clean_many(self, texts: Iterable[str]) -> Iterator[Cleaning]:
        """Yield one :class:`Cleaning` per text, in order; the fast path for many texts."""
        for batch in _batches(texts, _BATCH_CHARS):
            try:
                yield from self._clean_batch(batch)
            except MemoryError:
                for text in batch:
                    yield self._untouched(text, "failed", "out of memory")

    def candidates_many(self, texts: Iterable[str]) -> Iterator[tuple[Span, ...]]:
        """Yield what might be injected in each text, for :meth:`cleaner.recurrence.Recurrence.add`.

        Candidates overlap: the same place with its edges drawn differently. Of those at one place, the
        one that would be chosen has a label, the others have none; no evidence is given.
        """
        limit = self.config.max_chars
        for batch in _batches(texts, _BATCH_CHARS):
            every = [pieces(text if len(text) <= limit else "") for text in batch]
            found = iter(self._candidates([page for pages in every for page in pages]))
            for pages in every:
                moved: list[Span] = []
                offset = 0
                for page in pages:
                    moved += [replace(span, start=span.start + offset, end=span.end + offset) for span in next(found)]
                    offset += len(page)
                yield tuple(moved)

    def _candidates(self, pages: Sequence[str]) -> list[tuple[Span, ...]]:
        found: list[tuple[Span, ...]] = [()] * len(pages)
        search = Search(self._detector)
        for some in _batches(pages, _BLOCK_CHARS):
            search.add(some)
        for number, judged in search.findings().items():
            choices = choose(judged, 1.0, NEAR)
            if not choices:
                continue
            named = self._detector.labels([pages[number][choice.start : choice.end] for choice in choices])
            labels = {choice.number: label for choice, label in zip(choices, named, strict=True)}
            found[number] = tuple(
                Span(judged.start[place], judged.end[place], labels.get(place, ""), float(judged.pure[place]), "review")
                for place in np.flatnonzero(judged.pure >= NEAR).tolist()
            )
        return found

    def _clean_batch(self, batch: Sequence[str]) -> list[Cleaning]:
        limit = self.config.max_chars
        whole = max(map(len, batch)) <= limit
        found = self._find_batch(batch if whole else [text if len(text) <= limit else "" for text in batch])
        results: list[Cleaning] = []
        cut: dict[int, Found] = {}
        for number, (text, (spans, language)) in enumerate(zip(batch, found, strict=True)):
            if len(text) > limit:
                reason = f"longer than max_chars ({len(text)} > {limit} code points)"
                results.append(self._untouched(text, "skipped", reason))
                continue
            status, reason = self._outcome(text, spans)
            if status == "changed":
                cut[number] = spans, language
            results.append(Cleaning(text, spans, (), status, reason, language, self.model_id))
        for number, mended in self._mend(batch, cut).items():
            results[number] = mended
        return results

    def _outcome(self, text: str, spans: tuple[Span, ...]) -> tuple[Status, str]:
        if not spans:
            return "clean", ""
        if is_spam_page(text, [(span.start, span.end) for span in spans], self.config.max_removed):
            return "spam_page", "spam from end to end; left whole for the caller to drop"
        if any(span.action == "remove" for span in spans):
            return "changed", ""
        return "review", _count(spans, "review")

    def _mend(self, batch: Sequence[str], cut: dict[int, Found]) -> dict[int, Cleaning]:
        """Cut, and look again at what is left, until nothing more is found: cleaning twice changes nothing."""
        mended: dict[int, Cleaning] = {}
        for _ in range(_ROUNDS):
            edits = {number: make_edits(batch[number], spans) for number, (spans, _) in cut.items()}
            texts = [apply_edits(batch[number], edits[number]) for number in cut]
            found = self._find_batch(texts, cuts_only=True) if texts else []
            for (number, (spans, language)), text, (again, _) in zip(list(cut.items()), texts, found, strict=True):
                more = [_moved(span, edits[number]) for span in again if span.action == "remove"]
                if more:
                    cut[number] = _merge(spans, more), language
                    continue
                del cut[number]
                reason = _count(spans, "remove")
                mended[number] = Cleaning(text, spans, edits[number], "changed", reason, language, self.model_id)
        for number, (spans, language) in cut.items():
            spans = tuple(replace(span, action="review") for span in spans)
            reason = f"not stable after {_ROUNDS} rounds of cutting; kept for review"
            mended[number] = Cleaning(batch[number], spans, (), "review", reason, language, self.model_id)
        return mended

    def _find_batch(self, texts: Sequence[str], cuts_only: bool = False) -> list[Found]:
        cut = [(number, pieces(text)) for number, text in enumerate(texts) if len(text) > PIECE]
        if not cut:
            return self._find_pages(texts, cuts_only)
        # Long texts fall into pages; their spans move back to where the page began.
        parts: list[list[str]] = [[text] for text in texts]
        for number, pages in cut:
            parts[number] = pages
        found = iter(self._find_pages([page for pages in parts for page in pages], cuts_only))
        joined: list[Found] = []
        for pages in parts:
            spans: list[Span] = []
            offset, language = 0, ""
            for page in pages:
                some, named = next(found)
                spans += [replace(span, start=span.start + offset, end=span.end + offset) for span in some]
                offset, language = offset + len(page), language or named
            joined.append((tuple(spans), language))
        return joined

    def _find_pages(self, pages: Sequence[str], cuts_only: bool) -> list[Found]:
        search = Search(self._detector)
        name = self._detector.model.languages.name
        found: list[Found] = []
        several: list[tuple[int, list[Range]]] = []
        for some in _batches(pages, _BLOCK_CHARS):
            survey = search.add(some)
            if not cuts_only:
                several += [(len(found) + number, places) for number, places in hot_places(survey.block, survey.signs)]
            languages = zip(survey.languages.tolist(), survey.scripts.tolist(), strict=True)
            found += [((), name(column, script)) for column, script in languages]
        chosen = []
        for number, judged in search.findings().items():
            if self.recurrence is not None:
                judged = self.recurrence.weigh(pages[number], judged)
            choices = choose(judged, self._threshold, self._review)
            chosen += [(number, judged, item) for item in _ranges(pages[number], choices)]
        if cuts_only:
            chosen = [item for item in chosen if item[2].action == "remove"]
        for number, spans in self._explained(pages, chosen).items():
            found[number] = tuple(spans), found[number][1]
        for number, places in several:
            replaced = find_replaced(pages[number], places)
            if replaced:
                found[number] = (_with_replaced(found[number][0], replaced, self._review), found[number][1])
        return found

    def _explained(
        self, pages: Sequence[str], chosen: Sequence[tuple[int, Findings, Choice]]
    ) -> dict[int, list[Span]]:
        """Return the spans of all pages, by page; labels and reasons are found for all of them at once."""
        spans: dict[int, list[Span]] = {}
        if not chosen:
            return spans
        detector = self._detector
        rows = np.stack([judged.rows[choice.number] for _, judged, choice in chosen])
        labels = detector.labels([pages[number][choice.start : choice.end] for number, _, choice in chosen])
        reasons = explain(rows, detector.model.pure.shares(rows))
        for (number, _, choice), label, evidence in zip(chosen, labels, reasons, strict=True):
            if self.recurrence is not None:
                evidence += self.recurrence.evidence(pages[number][choice.start : choice.end])
            span = Span(choice.start, choice.end, label, choice.score, choice.action, evidence)
            spans.setdefault(number, []).append(span)
        return spans

    def _untouched(self, text: str, status: Status, reason: str) -> Cleaning:
        return Cleaning(text, (), (), status, reason, "und", self.model_id)


def clean(text: str) -> Cleaning:
    """Return ``text`` cleaned with the shipped model and default settings."""
    return _default().clean(text)


def find(text: str) -> tuple[Span, ...]:
    """Return the spans of ``text`` with the shipped model and default settings."""
    return _default().find(text)


def _threshold(model: Model, config: Config) -> float:
    if config.max_harm is not None:
        return model.threshold_for(config.max_harm)
    return model.threshold if config.threshold is None else config.threshold


@functools.cache
def _default() -> Cleaner:
    return Cleaner()


def _rebuild(config: Config, folder: Path | None, recurrence: Recurrence | None) -> Cleaner:
    return Cleaner(config, model=folder, recurrence=recurrence)


@functools.lru_cache(maxsize=4)
def _open(folder: Path | None) -> Model:
    with resources.model_folder(folder) as path:
        return load(path)


def _batches(texts: Iterable[str], chars: int) -> Iterator[list[str]]:
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


def _with_replaced(spans: tuple[Span, ...], places: Sequence[Range], score: float) -> tuple[Span, ...]:
    """Add the places of a find-and-replace that no span covers, for review: nothing can be cut there."""
    reason = Evidence("replaced", 0.0, f"the same phrase stands for a word in {len(places)} places of the page")
    more = [Span(start, end, "replaced", score, "review", (reason,)) for start, end in places]
    free = [item for item in more if all(item.end <= span.start or span.end <= item.start for span in spans)]
    return tuple(sorted((*spans, *free), key=lambda span: span.start))


def _ranges(page: str, choices: Iterable[Choice]) -> Iterator[Choice]:
    """Yield the choices, none of which parts a letter from its marks or reaches into the one before."""
    last = 0
    for choice in choices:
        start, end = whole_characters(page, choice.start, choice.end)
        start = max(start, last)
        if start < end:
            last = end
            yield replace(choice, start=start, end=end)


def _moved(span: Span, edits: Sequence[Edit]) -> Span:
    start, end = to_source(edits, span.start, span.end)
    return replace(span, start=start, end=end)


def _merge(old: Sequence[Span], new: Sequence[Span]) -> tuple[Span, ...]:
    """Return disjoint spans that cover both; a new one takes in the old ones it touches."""
    merged: list[Span] = []
    for span in sorted((*old, *new), key=lambda item: (item.start, item.end)):
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            best = max(last, span, key=lambda item: (item.action == "remove", item.score))
            merged[-1] = replace(best, start=last.start, end=max(last.end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def _count(spans: Sequence[Span], action: str) -> str:
    count = sum(span.action == action for span in spans)
    return f"{count} {'span' if count == 1 else 'spans'} to {action}"


__all__ = ["Cleaner", "clean", "find"]
