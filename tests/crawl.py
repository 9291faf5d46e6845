"""A small real crawl, to be run as a program: ``crawl.py URL``. Prints its items, then what was counted."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from typing import Any

import scrapy
from itemadapter import ItemAdapter
from scrapy.crawler import CrawlerProcess

from cleaner.adapters.scrapy import infected_page


@dataclasses.dataclass
class Page:
    """An item of another kind than a dict."""

    url: str
    text: str
    html: str
    cleaner: dict[str, Any] = dataclasses.field(default_factory=dict)


class Article(scrapy.Item):
    """Scrapy's own kind of item."""

    url = scrapy.Field()
    text = scrapy.Field()
    html = scrapy.Field()
    cleaner = scrapy.Field()


SIGNALS: list[tuple[str, str]] = []
ITEMS: list[dict[str, Any]] = []


class Keep:
    """Keeps what came through the pipeline before it."""

    def process_item(self, item: Any) -> Any:
        """Keep an item."""
        ITEMS.append({name: value for name, value in ItemAdapter(item).asdict().items() if name != "html"})
        return item


class Golden(scrapy.Spider):
    """Follows the links of the first page."""

    name = "golden"
    custom_settings: dict[str, Any] = {  # noqa: RUF012 (as Scrapy wants it)
        "ITEM_PIPELINES": {"cleaner.adapters.scrapy.CleanPipeline": 300, Keep: 900},
        "CLEANER_HTML_FIELD": "html",
        "CLEANER_RECORD_FIELD": "cleaner",
        "CLEANER_DROP_SPAM_PAGES": "True",
        "TELNETCONSOLE_ENABLED": False,
        "LOG_LEVEL": "ERROR",
    }

    @classmethod
    def from_crawler(cls, crawler: Any, *args: Any, **kwargs: Any) -> Golden:
        """Listen for infected pages from the start."""
        spider: Golden = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.infected, signal=infected_page)
        return spider

    def infected(self, item: Any, cleaning: Any, spider: scrapy.Spider) -> None:
        """Note a signal."""
        SIGNALS.append((cleaning.status, spider.name))

    async def start(self) -> Any:
        """Begin at the address that was given."""
        yield scrapy.Request(sys.argv[1])

    def parse(self, response: Any) -> Iterator[Any]:
        """Follow each link."""
        yield from response.follow_all(css="nav a", callback=self.parse_page)

    def parse_page(self, response: Any) -> Iterator[Any]:
        """Make an item, of another kind for each page."""
        kind = {"prefix": Article, "hidden": Page}.get(response.url.rpartition("/")[2].partition(".")[0], dict)
        text = "\n".join(" ".join(part.css("::text").getall()) for part in response.css("article > *"))
        yield kind(url=response.url, text=text, html=response.text)


def main() -> None:
    """Crawl, and print a line of JSON for each item and one for the figures."""
    process = CrawlerProcess()
    crawler = process.create_crawler(Golden)
    process.crawl(crawler)
    process.start()
    stats = crawler.stats.get_stats()
    for item in ITEMS:
        print(json.dumps(item))
    counted = {name: value for name, value in stats.items() if name.startswith("cleaner/")}
    print(json.dumps({"signals": SIGNALS, "stats": counted, "dropped": stats.get("item_dropped_count", 0)}))


if __name__ == "__main__":
    main()
