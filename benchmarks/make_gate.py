"""Writes the frozen gate cases of ``cleaner learn``: run once, then the files stay as they are.

Infected pages and clean pages with legitimate mentions, made from the side of the corpus that neither training
nor learning reads (sites and campaigns from the 84th percentile of their hashes on), and the clean documents
of that side as they are. Run again only with a reason: figures of other cases cannot be compared.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cleaner import resources
from cleaner.training.campaigns import expand
from cleaner.training.sides import share_of
from cleaner.training.sources import read_material
from cleaner.training.synthesize import Synthesizer

_SIDE = 0.84
_SEED = 90210
_INFECTED, _MENTIONS, _GLOSSED = 400, 120, 80


def main() -> None:
    """Write infected.jsonl and clean.jsonl below the folder gate of the corpus."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="another corpus than the shipped one")
    with resources.corpus_folder(parser.parse_args().corpus) as corpus:
        material = read_material(corpus, ())
        phrases = [phrase for phrase in expand(material.grammars, random.Random(_SEED)) if _gates(phrase.campaign)]
        hosts = list({host.text: host for host in material.hosts if _gates(host.site)}.values())
        plain = [host for host in (*hosts, *material.negatives) if _gates(host.site)]
        maker = Synthesizer(hosts, phrases, [], material.frames, _SEED)
        infected = [maker.infected() for _ in range(_INFECTED)]
        mentions = [maker.legitimate() for _ in range(_MENTIONS)] + [maker.glossed() for _ in range(_GLOSSED)]
        _write(corpus / "gate" / "infected.jsonl", _infected(infected))
        _write(corpus / "gate" / "clean.jsonl", [*_clean("plain", plain), *_clean("mention", mentions)])


def _gates(key: str) -> bool:
    return share_of(key) >= _SIDE


def _infected(cases: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for number, case in enumerate(cases):
        spans = [list(span) for span in case.spans]
        about = {"lang": case.lang, "family": case.family, "mechanism": case.mechanism}
        yield {"id": f"infected-{number:03}", "text": case.text, "spans": spans, **about}


def _clean(kind: str, cases: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for number, case in enumerate(cases):
        yield {"id": f"{kind}-{number:03}", "text": case.text, "spans": [], "lang": case.lang}


def _write(path: Path, records: Iterable[dict[str, Any]]) -> None:
    path.parent.mkdir(exist_ok=True)
    lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in records]
    path.write_text("".join(lines), "utf-8")


if __name__ == "__main__":
    main()
