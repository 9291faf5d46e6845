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
from cleaner.decide import choose, is_spam_page
from cleaner.detect import Detector
from cleaner.evidence import explain
from cleaner.model import Model, load
from cleaner.repair import apply_edits, make_edits, to_source
from cleaner.types import Cleaning, Edit, Span, Status
from cleaner.view import pieces

_BATCH_CHARS: Final = 262_144  # code points worked on at a time; more cost memory and gained nothing
_BATCH_TEXTS: Final = 1024
_ROUNDS: Final = 3  # cuts may bring two parts of a phrase together; more rounds were never needed

Found = tuple[tuple[Span, ...], str]  # spans and host language


class Cleaner:
    """Finds and takes out injected promotional text.

    Opens the shipped model unless ``model`` names a folder made by ``cleaner train``. Thread-safe and
    picklable; the same text gives the same answer in any thread, batch or order. Methods never raise on
    any ``str``; opening raises :class:`~cleaner.errors.ModelError` for a missing or damaged model.

    >>> cleaner = Cleaner()
    >>> result = cleaner.clean("爱上海419论坛 Semiconductor Sovereignty")
    >>> result.text
    'Semiconductor Sovereignty'
    >>> result.restore()
    '爱上海419论坛 Semiconductor Sovereignty'
    """

    def __init__(self, config: Config | None = None, *, model: str | Path | None = None) -> None:
        self.config = config or Config()
        self._folder = None if model is None else Path(model)
        self._detector = Detector(_open(self._folder))
        opened = self._detector.model
        self.model_id = opened.id
        self._threshold = opened.threshold if self.config.threshold is None else self.config.threshold
        review = opened.review if self.config.review is None else self.config.review
        self._review = min(review, self._threshold)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.config, self._folder)

    def find(self, text: str) -> tuple[Span, ...]:
        """Return the spans of a text, without cutting; offsets are code points of ``text``."""
        return self.clean(text).spans

    def clean(self, text: str) -> Cleaning:
        """Return the cleaned text with spans, edits and status."""
        return next(self.clean_many((text,)))

    def clean_many(self, texts: Iterable[str]) -> Iterator[Cleaning]:
        """Yield one :class:`Cleaning` per text, in order; the fast path for many texts."""
        for batch in _batches(texts):
            try:
                yield from self._clean_batch(batch)
            except MemoryError:
                for text in batch:
                    yield self._untouched(text, "failed", "out of memory")

    def _clean_batch(self, batch: Sequence[str]) -> list[Cleaning]:
        limit = self.config.max_chars
        found = self._find_batch([text if len(text) <= limit else "" for text in batch])
        results: list[Cleaning] = []
        for text, (spans, language) in zip(batch, found, strict=True):
            if len(text) > limit:
                reason = f"longer than max_chars ({len(text)} > {limit} code points)"
                results.append(self._untouched(text, "skipped", reason))
            elif not spans:
                results.append(Cleaning(text, (), (), "clean", "", language, self.model_id))
            else:
                results.append(self._mend(text, spans, language))
        return results

    def _mend(self, text: str, spans: tuple[Span, ...], language: str) -> Cleaning:
        """Cut, and look again at what is left, until nothing more is found: cleaning twice changes nothing."""
        cut = [(span.start, span.end) for span in spans if span.action == "remove"]
        if is_spam_page(text, cut, self.config.max_removed):
            reason = "spam from end to end; left whole for the caller to drop"
            return Cleaning(text, spans, (), "spam_page", reason, language, self.model_id)
        for _ in range(_ROUNDS):
            edits = make_edits(text, spans)
            cleaned = apply_edits(text, edits)
            if not edits:
                return Cleaning(text, spans, (), "review", _count(spans, "review"), language, self.model_id)
            again = [span for span in self._find_batch((cleaned,))[0][0] if span.action == "remove"]
            if not again:
                return Cleaning(cleaned, spans, edits, "changed", _count(spans, "remove"), language, self.model_id)
            spans = _merge(spans, [_moved(span, edits) for span in again])
        spans = tuple(replace(span, action="review") for span in spans)
        reason = f"not stable after {_ROUNDS} rounds of cutting; kept for review"
        return Cleaning(text, spans, (), "review", reason, language, self.model_id)

    def _find_batch(self, texts: Sequence[str]) -> list[Found]:
        pages: list[str] = []
        owners: list[tuple[int, int]] = []  # text, offset of the page in it
        for number, text in enumerate(texts):
            offset = 0
            for piece in pieces(text):
                pages.append(piece)
                owners.append((number, offset))
                offset += len(piece)
        survey, findings = self._detector.find(pages)
        model = self._detector.model
        languages = [""] * len(texts)
        for (number, _), column, script in zip(owners, survey.languages.tolist(), survey.scripts.tolist(), strict=True):
            if not languages[number]:
                languages[number] = model.languages.name(column, script)
        spans: list[list[Span]] = [[] for _ in texts]
        for page, found in findings.items():
            number, offset = owners[page]
            choices = choose(found, self._threshold, self._review)
            if not choices:
                continue
            picked = np.array([choice.number for choice in choices])
            reasons = explain(found.rows[picked], model.pure.shares(found.rows[picked]))
            for choice, evidence in zip(choices, reasons, strict=True):
                score = float(found.pure[choice.number])
                start, end = choice.start + offset, choice.end + offset
                label = self._detector.label(texts[number][start:end])
                spans[number].append(Span(start, end, label, score, choice.action, evidence))
        return [(tuple(some), language) for some, language in zip(spans, languages, strict=True)]

    def _untouched(self, text: str, status: Status, reason: str) -> Cleaning:
        return Cleaning(text, (), (), status, reason, "und", self.model_id)


def clean(text: str) -> Cleaning:
    """Return ``text`` cleaned with the shipped model and default settings."""
    return _default().clean(text)


def find(text: str) -> tuple[Span, ...]:
    """Return the spans of ``text`` with the shipped model and default settings."""
    return _default().find(text)


@functools.cache
def _default() -> Cleaner:
    return Cleaner()


def _rebuild(config: Config, folder: Path | None) -> Cleaner:
    return Cleaner(config, model=folder)


@functools.lru_cache(maxsize=4)
def _open(folder: Path | None) -> Model:
    with resources.model_folder(folder) as path:
        return load(path)


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= _BATCH_CHARS or len(batch) >= _BATCH_TEXTS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


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
