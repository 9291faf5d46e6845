"""Scrapy: an item pipeline that cleans text fields, counts, and tells other components what it found.

>>> ITEM_PIPELINES = {"cleaner.adapters.scrapy.CleanPipeline": 300}  # doctest: +SKIP
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from cleaner import Cleaner, Cleaning, ConfigError
from cleaner.adapters._values import make_cleaner, need, record
from cleaner.html import Page, host_of

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

_LOG = logging.getLogger(__name__)

#: Signal ``(item, cleaning, spider)``: sent for every text that was changed, flagged or spam from end to end.
infected_page = object()


class CleanPipeline:
    """Cleans the text fields of items of any kind that ``itemadapter`` knows.

    Settings, all optional:

    - ``CLEANER_FIELDS`` (``["text"]``): the fields to clean. One that is missing or no text is left alone.
    - ``CLEANER_HTML_FIELD``: a field with the page's HTML, as text; what it hides weighs against a span.
    - ``CLEANER_RECORD_FIELD``: a field to hold ``{field: record}``: spans, edits, status and reasons.
    - ``CLEANER_DROP_SPAM_PAGES`` (``False``): drop an item when a text is spam from end to end.
    - ``CLEANER_URL_FIELD`` (``"url"``): the page's address, for the statistics of each site.
    - ``CLEANER_SITE_STATS`` (``True``): keep those; about 200 bytes for each site that was crawled.
    - ``CLEANER_THRESHOLD``, ``CLEANER_REVIEW``, ``CLEANER_MODEL``: as for :class:`cleaner.Config`.

    Cleaning runs in a thread, so that the reactor goes on with the crawl.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self._fields = settings.getlist("CLEANER_FIELDS", ["text"])
        self._html_field = settings.get("CLEANER_HTML_FIELD")
        self._record_field = settings.get("CLEANER_RECORD_FIELD")
        self._url_field = settings.get("CLEANER_URL_FIELD", "url")
        self._drop = settings.getbool("CLEANER_DROP_SPAM_PAGES")
        self._by_site = settings.getbool("CLEANER_SITE_STATS", True)
        self._pages: Counter[str] = Counter()
        self._infected: Counter[str] = Counter()
        self._cleaner = _cleaner(settings)
        if self._html_field:
            Page("")  # without lxml the crawl ends here, not at its first page
        self._adapter = need("itemadapter", "scrapy").ItemAdapter
        self._drop_item = need("scrapy.exceptions", "scrapy").DropItem

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CleanPipeline:
        """Return a pipeline with the settings of the crawl, as Scrapy calls it."""
        return cls(crawler)

    async def process_item(self, item: Any, spider: Spider | None = None) -> Any:
        """Return the item with its texts cleaned; raises ``DropItem`` for a page of spam, if that was asked for."""
        adapter = self._adapter(item)
        texts = {name: adapter.get(name) for name in self._fields}
        texts = {name: text for name, text in texts.items() if isinstance(text, str)}
        html = adapter.get(self._html_field) if self._html_field else None
        url = str(adapter.get(self._url_field) or "")
        found = await _in_thread(self._clean, texts, html, url)
        for name, cleaning in found.items():
            if cleaning.changed:
                adapter[name] = cleaning.text
        if self._record_field:
            self._keep(adapter, {name: record(cleaning) for name, cleaning in found.items()})
        self._count(found.values(), host_of(url))
        self._tell(item, found.values())
        if self._drop and any(cleaning.status == "spam_page" for cleaning in found.values()):
            raise self._drop_item(f"spam from end to end: {url or 'no url'}")
        return item

    def close_spider(self, spider: Spider | None = None) -> None:
        """Write the figures of the infected sites into the crawl's statistics."""
        for site, infected in self._infected.items():
            self._crawler.stats.set_value(f"cleaner/site/{site}/infected", infected)
            self._crawler.stats.set_value(f"cleaner/site/{site}/pages", self._pages[site])

    def _keep(self, adapter: Any, records: dict[str, dict[str, object]]) -> None:
        try:
            adapter[self._record_field] = records
        except KeyError:  # the item goes on without it
            if not self._crawler.stats.get_value("cleaner/records_lost"):
                _LOG.error("CLEANER_RECORD_FIELD: %s has no field %r", type(adapter.item), self._record_field)
            self._crawler.stats.inc_value("cleaner/records_lost")

    def _clean(self, texts: dict[str, str], html: object, url: str) -> dict[str, Cleaning]:
        if isinstance(html, str) and html:
            return {name: self._cleaner.clean_page(text, html, url=url) for name, text in texts.items()}
        return dict(zip(texts, self._cleaner.clean_many(texts.values()), strict=True))

    def _count(self, found: Collection[Cleaning], site: str) -> None:
        stats = self._crawler.stats
        stats.inc_value("cleaner/items")
        for cleaning in found:
            stats.inc_value(f"cleaner/texts/{cleaning.status}")
            if cleaning.changed:
                cut = sum(span.action == "remove" for span in cleaning.spans)
                stats.inc_value("cleaner/spans_removed", cut)
                stats.inc_value("cleaner/characters_removed", sum(len(edit.removed) for edit in cleaning.edits))
        if self._by_site and site:
            self._pages[site] += 1
            if any(cleaning.status in ("changed", "spam_page") for cleaning in found):
                self._infected[site] += 1

    def _tell(self, item: Any, found: Collection[Cleaning]) -> None:
        for cleaning in found:
            if cleaning.spans:
                self._crawler.signals.send_catch_log(
                    infected_page, item=item, cleaning=cleaning, spider=self._crawler.spider
                )


def _cleaner(settings: BaseSettings) -> Cleaner:
    def number(name: str) -> float | None:
        value = settings.get(name)
        try:
            return None if value is None else float(value)  # -s NAME=0.9 gives a text
        except (TypeError, ValueError):
            raise ConfigError(f"{name} must be a number from 0 to 1, not {value!r}") from None

    return make_cleaner(number("CLEANER_THRESHOLD"), number("CLEANER_REVIEW"), settings.get("CLEANER_MODEL"))


async def _in_thread(function: Any, *arguments: Any) -> Any:
    """Run a function in a thread of whatever loop this Scrapy runs on."""
    try:
        from scrapy.utils.asyncio import run_in_thread  # Scrapy 2.15 or later, with a reactor or without one
    except ImportError:
        from scrapy.utils.defer import maybe_deferred_to_future
        from twisted.internet.threads import deferToThread

        return await maybe_deferred_to_future(deferToThread(function, *arguments))
    return await run_in_thread(function, *arguments)


__all__ = ["CleanPipeline", "infected_page"]
