"""How many decisions a queue of flagged spans takes, and how many spans end up wrong.

The reviewer of this measurement knows the answers. Three ways of working, each over the groups as
``cleaner review`` shows them:

- ``one key``: every group is decided once, as most of its spans deserve.
- ``first rows``: phrases that deserve the other verdict are marked and decided together, but only among
  the first twelve rows, which are on the screen at 80x24 (the most doubtful stand first); then the group.
- ``all rows``: the same, with scrolling.

    python benchmarks/review.py
    python benchmarks/review.py --data FOLDER     with clean/dev/*.jsonl.gz and spam/phrases.tsv in it
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from common import Table, add_output_options, show
from review_set import KINDS, Queue, make_queue

from cleaner.review.groups import GROUPS, Group, group_flagged

ROWS = 12


@dataclass(slots=True)
class Work:
    """What a way of working took: keys that decide, rows that were marked, spans decided wrongly."""

    decisions: int = 0
    marks: int = 0
    wrong: int = 0


def work(queue: Queue, groups: Sequence[Group], rows: int) -> Work:
    """Decide all groups, marking exceptions among the first ``rows`` rows of each."""
    injected = {id(item): value for item, value in zip(queue.items, queue.injected, strict=True)}
    done = Work()
    for group in groups:
        most = 2 * sum(injected[id(item)] for item in group.items) >= len(group.items)
        phrases = group.phrases()
        marked = [
            phrase for phrase in phrases[:rows] if sum(injected[id(item)] != most for item in phrase) * 2 > len(phrase)
        ]
        done.decisions += 1 + bool(marked)
        done.marks += len(marked)
        chosen = {id(item) for phrase in marked for item in phrase}
        done.wrong += sum((injected[id(item)] != most) != (id(item) in chosen) for item in group.items)
    return done


def measure(queue: Queue, groups: int = GROUPS) -> tuple[list[Group], dict[str, Work]]:
    """Return the groups of a queue and what each way of working takes."""
    found = group_flagged(queue.items, groups)
    ways = {"one key": 0, "first rows": ROWS, "all rows": len(queue.items)}
    return found, {name: work(queue, found, rows) for name, rows in ways.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--spans", type=int, default=1000)
    parser.add_argument("--groups", type=int, default=GROUPS)
    parser.add_argument("--data", type=Path, help="a folder of open collections; without it only corpus/ is used")
    parser.add_argument("--list", action="store_true", help="print the groups too")
    add_output_options(parser)
    options = parser.parse_args(arguments)
    corpus = Path(__file__).resolve().parent.parent / "corpus"
    columns = ("crawl", "way", "spans", "documents", "false alarms", "phrases", "groups", "decisions", "marks", "wrong")
    table = Table("Decisions for a review queue", columns)
    found: dict[str, dict[str, object]] = {}
    for kind in KINDS:
        queue = make_queue(kind, options.spans, corpus, options.data)
        groups, ways = measure(queue, options.groups)
        phrases = len({item.span.phrase for item in queue.items})
        found[kind] = {"spans": len(queue.items), "false alarms": queue.injected.count(False), "groups": len(groups)}
        for way, done in ways.items():
            found[kind][way] = asdict(done)
            figures = (len(queue.items), queue.documents, queue.injected.count(False), phrases, len(groups))
            last = f"{done.wrong} ({done.wrong / len(queue.items):.1%})"
            table.rows.append((kind, way, *map(str, figures), str(done.decisions), str(done.marks), last))
        if options.list:
            for group in groups:
                sys.stdout.write(f"{group.order:7.2f} {len(group.items):4} {group.name}  [{group.warning()}]\n")
    show(options, {"crawls": found}, [table], ["one decision is one key that decides; marking a row is a key more"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
