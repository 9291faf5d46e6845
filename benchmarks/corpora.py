"""Large corpora made of little ones: clean text repeated, every copy a little different, some of it infected."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from common import read_documents

PHRASES = ("爱上海419论坛", "上海龙凤419体验", "夜上海品茶", "situs slot gacor88", "купить диплом недорого")


def write_corpus(source: Path, target: Path, size: int, files: int, infected: float, packing: str = "") -> int:
    """Write JSON lines of about ``size`` bytes (unpacked), spread over ``files``; return the number of records.

    Every ``1 / infected``-th record gets a phrase before one of its lines. The same arguments give the same bytes.
    """
    target.mkdir(parents=True, exist_ok=True)
    texts = [document.text for document in read_documents(source) if len(document.text) > 200]
    records = 0
    lines = _lines(texts, infected)
    for number in range(files):
        left = size // files
        with _open(target / f"part-{number:05}.jsonl{packing}") as file:
            while left > 0:
                line = next(lines)
                file.write(line)
                left -= len(line)
                records += 1
    return records


def _lines(texts: Sequence[str], infected: float) -> Iterator[bytes]:
    rng = random.Random(3)
    number = 0
    while True:
        for text in texts:
            # A number of its own in every copy: neither caches nor codecs may know the page already.
            body = f"{text}\nReport {number:,} of {rng.randrange(1 << 30)}."
            if rng.random() < infected:
                rows = body.split("\n")
                rows.insert(rng.randrange(len(rows)), rng.choice(PHRASES))
                body = "\n".join(rows)
            value = {"id": f"doc-{number}", "url": f"https://site{number % 997}.example/{number}", "text": body}
            yield json.dumps(value, ensure_ascii=False).encode() + b"\n"
            number += 1


def _open(path: Path) -> Any:
    return gzip.open(path, "wb", 6) if path.suffix == ".gz" else path.open("wb")
