"""The cleaner itself: find, revise, mend; for one text or millions, with the same answers."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Final

from cleaner import resources
from cleaner.config import Config
from cleaner.decide import is_spam_page
from cleaner.finder import Finder, Found, Spans, batches
from cleaner.html import Page
from cleaner.model import Model, load
from cleaner.recurrence import Recurrence
from cleaner.repair import apply_edits, make_edits, to_source
from cleaner.types import Cleaning, Edit, Span, Status
from cleaner.verdicts import Applier, Verdicts

_BATCH_CHARS: Final = 1_048_576  # code points of the texts that are taken and given at a time
_ROUNDS: Final = 3  # cuts may bring two parts of a phrase together; more rounds were never needed


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a text comes from, as far as it is known: its site, the HTML it was taken from."""

    site: str = ""
    page: Page | None = None


_NOWHERE: Final = _Origin()


class Cleaner:
    """Finds and takes out injected promotional text.

    Opens the shipped model unless ``model`` names a folder made by ``cleaner train``. With ``verdicts`` what
    reviewers accepted is cut and what they rejected is kept; with ``recurrence`` phrases seen on many sites
    weigh more. Thread-safe and picklable; the same text gives the same answer in any thread, batch or order.
    Methods never raise on any ``str``; opening raises :class:`~cleaner.errors.ModelError` for a missing or
    damaged model, :class:`~cleaner.errors.ConfigError` for a ``max_harm`` that the model cannot vouch for.

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
        verdicts: Verdicts | None = None,
    ) -> None:
        self.config = config or Config()
        self.recurrence = recurrence
        self._folder = None if model is None else Path(model)
        opened = _open(self._folder)
        self.model_id = opened.id
        self._finder = Finder(opened, self.config, recurrence)
        self._verdicts = verdicts
        self._decided = Applier(verdicts, opened) if verdicts else None

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.config, self._folder, self.recurrence, self._verdicts)

    @property
    def thresholds(self) -> tuple[float, float]:
        """The probabilities from which spans are removed and reported: the settings', else the model's."""
        return self._finder.threshold, self._finder.review

    def unfit_phrases(self) -> dict[str, str]:
        """Return the accepted phrases that are cut only where they were decided, each with the reason."""
        return {} if self._decided is None else dict(self._decided.unfit)

    def find(self, text: str) -> Spans:
        """Return the spans of a text, without cutting; offsets are code points of ``text``."""
        return self.clean(text).spans

    def clean(self, text: str, *, site: str = "") -> Cleaning:
        """Return the cleaned text with spans, edits and status. ``site``: whose verdicts hold, if known."""
        return next(self.clean_many((text,), (site,)))

    def clean_page(self, text: str, html: str, *, url: str = "", site: str = "") -> Cleaning:
        """Clean the ``text`` that an extractor took from ``html``; what the page hides weighs against a span.

        ``url`` is the page's address, if known: it tells links to other sites. Spans hidden by CSS, and the
        text of nofollow links to other sites, get a higher score and the evidence ``"hidden"``. Being hidden
        alone never makes a span: without one in ``text`` the HTML is not even read. Needs lxml: raises
        :class:`~cleaner.errors.MissingExtra` without it.
        """
        return self._clean_safely((text,), (_Origin(site, Page(html, url)),))[0]

    def clean_many(self, texts: Iterable[str], sites: Iterable[str] | None = None) -> Iterator[Cleaning]:
        """Yield one :class:`Cleaning` per text, in order; the fast path for many texts.

        ``sites`` names the site of each text for verdicts that hold on one site; ``""``: not known.
        """
        known = chain(sites or (), repeat(""))
        for batch in batches(texts, _BATCH_CHARS):
            origins = [_Origin(site) if site else _NOWHERE for site in islice(known, len(batch))]
            yield from self._clean_safely(batch, origins)

    def candidates_many(self, texts: Iterable[str]) -> Iterator[Spans]:
        """Yield what might be injected in each text, for :meth:`cleaner.recurrence.Recurrence.add`.

        Candidates overlap: the same place with its edges drawn differently. Of those at one place, the
        one that would be chosen has a label, the others have none; no evidence is given.
        """
        for batch in batches(texts, _BATCH_CHARS):
            yield from self._finder.candidates([self._allowed(text) for text in batch])

    def _allowed(self, text: str) -> str:
        return text if len(text) <= self.config.max_chars else ""

    def _clean_safely(self, batch: Sequence[str], origins: Sequence[_Origin]) -> list[Cleaning]:
        try:
            return self._clean_batch(batch, origins)
        except MemoryError:
            return [self._untouched(text, "failed", "out of memory") for text in batch]

    def _clean_batch(self, batch: Sequence[str], origins: Sequence[_Origin]) -> list[Cleaning]:
        limit = self.config.max_chars
        found = self._find([self._allowed(text) for text in batch], origins)
        results: list[Cleaning] = []
        cut: dict[int, Found] = {}
        for number, (text, item) in enumerate(zip(batch, found, strict=True)):
            if len(text) > limit:
                reason = f"longer than max_chars ({len(text)} > {limit} code points)"
                results.append(self._untouched(text, "skipped", reason))
                continue
            status, reason = self._outcome(text, item)
            if status == "changed":
                cut[number] = item
            results.append(Cleaning(text, item.spans, (), status, reason, item.language, self.model_id))
        for number, mended in self._mend(batch, origins, cut).items():
            results[number] = mended
        return results

    def _find(self, texts: Sequence[str], origins: Sequence[_Origin], again: bool = False) -> list[Found]:
        """Return the spans of each text, revised by what is known beyond it: its HTML, then what people decided."""
        paged = any(origin.page for origin in origins)
        # What is only for review is of no use when mended texts are looked at again, unless it may be raised.
        found = self._finder.find(texts, cuts_only=again and not paged)
        if paged:
            threshold = self._finder.threshold
            found = [
                item._replace(spans=origin.page.weigh(text, item.spans, threshold)) if origin.page else item
                for text, origin, item in zip(texts, origins, found, strict=True)
            ]
        if self._decided is not None:
            sites = [origin.site for origin in origins]
            revised = self._decided.revise(texts, [item.spans for item in found], sites)
            found = [item._replace(spans=spans) for spans, item in zip(revised, found, strict=True)]
        return found

    def _outcome(self, text: str, found: Found) -> tuple[Status, str]:
        spans = found.spans
        if not spans and not found.hot:
            return "clean", ""
        if is_spam_page(text, [(span.start, span.end) for span in spans], found.hot, self.config.max_removed):
            return "spam_page", "spam from end to end; left whole for the caller to drop"
        if not spans:
            return "clean", ""
        if any(span.action == "remove" for span in spans):
            return "changed", ""
        return "review", _count(spans, "review")

    def _mend(self, batch: Sequence[str], origins: Sequence[_Origin], cut: dict[int, Found]) -> dict[int, Cleaning]:
        """Cut, and look again at what is left, until nothing more is found: cleaning twice changes nothing."""
        mended: dict[int, Cleaning] = {}
        for _ in range(_ROUNDS):
            edits = {number: make_edits(batch[number], item.spans) for number, item in cut.items()}
            texts = [apply_edits(batch[number], edits[number]) for number in cut]
            found = self._find(texts, [origins[number] for number in cut], again=True) if texts else []
            for (number, item), text, again in zip(list(cut.items()), texts, found, strict=True):
                more = [_moved(span, edits[number]) for span in again.spans if span.action == "remove"]
                if more and self._decided:
                    more = self._decided.spared(batch[number], more)
                if more:
                    cut[number] = item._replace(spans=_merge(item.spans, more))
                    continue
                del cut[number]
                reason = _count(item.spans, "remove")
                mended[number] = Cleaning(
                    text, item.spans, edits[number], "changed", reason, item.language, self.model_id
                )
        for number, item in cut.items():
            spans = tuple(replace(span, action="review") for span in item.spans)
            reason = f"not stable after {_ROUNDS} rounds of cutting; kept for review"
            mended[number] = Cleaning(batch[number], spans, (), "review", reason, item.language, self.model_id)
        return mended

    def _untouched(self, text: str, status: Status, reason: str) -> Cleaning:
        return Cleaning(text, (), (), status, reason, "und", self.model_id)


def clean(text: str) -> Cleaning:
    """Return ``text`` cleaned with the shipped model and default settings."""
    return _default().clean(text)


def find(text: str) -> Spans:
    """Return the spans of ``text`` with the shipped model and default settings."""
    return _default().find(text)


@functools.cache
def _default() -> Cleaner:
    return Cleaner()


def _rebuild(
    config: Config, folder: Path | None, recurrence: Recurrence | None, verdicts: Verdicts | None
) -> Cleaner:
    return Cleaner(config, model=folder, recurrence=recurrence, verdicts=verdicts)


@functools.lru_cache(maxsize=4)
def _open(folder: Path | None) -> Model:
    with resources.model_folder(folder) as path:
        return load(path)


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
