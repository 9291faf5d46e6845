"""The store: append-only, for several at once, nothing decided is lost, readable by any SQLite program."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cleaner
from cleaner.errors import InputError
from cleaner.keys import content_key, document_hash, normalise
from cleaner.review.schema import APPLICATION_ID, VERSION
from cleaner.review.store import Occurrence, Store, StoreError, occurrence

WRITER = """
import sys
from cleaner.review.store import Store, occurrence
store, name, many, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with Store(store) as opened:
    for number in range(many):
        spans = [occurrence(f"{name} {number} {place}", "", "", 0, document=name) for place in range(size)]
        print(opened.decide(spans, "accept", reviewer=name), flush=True)
"""


def span(text: str = "AB419", before: str = "read ", after: str = " today", document: str = "d") -> Occurrence:
    return occurrence(text, before, after, len(before), document=document, document_id=document, label="gambling")


def writer(store: Path, name: str, many: int, size: int = 3) -> subprocess.Popen[str]:
    everything = {**os.environ, "PYTHONPATH": str(Path(cleaner.__file__).parents[1])}
    command = [sys.executable, "-c", WRITER, str(store), name, str(many), str(size)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=everything)


def test_what_counts_is_the_last_decision_not_taken_back(tmp_path: Path) -> None:
    """Later decisions win; an undo brings the earlier one back; nothing is ever deleted."""
    with Store(tmp_path / "s.sqlite") as store:
        first = store.decide([span()], "accept", reviewer="ann")
        second = store.decide([span()], "reject", reviewer="bob", scope="site")
        assert [(one.verdict, one.reviewer, one.scope) for one in store.verdicts()] == [("reject", "bob", "site")]
        assert {one.reviewer for one in store.verdicts(each_reviewer=True)} == {"ann", "bob"}
        assert store.undo(second, reviewer="bob")
        assert [one.decision for one in store.verdicts()] == [first]
        assert not store.undo(second, reviewer="ann"), "twice"
        assert not store.undo(99, reviewer="ann")
        assert [(one.id, one.undone) for one in store.history() if one.undone] == [(second, 1)]
    with closing(sqlite3.connect(tmp_path / "s.sqlite")) as plain:
        assert plain.execute("SELECT count(*) FROM decisions").fetchone() == (3,)


def test_undo_reaches_over_sessions(tmp_path: Path) -> None:
    """The last decision of a reviewer is known after a restart, and those of others are left alone."""
    with Store(tmp_path / "s.sqlite") as store:
        mine = store.decide([span()], "accept", reviewer="ann")
        store.decide([span("other")], "accept", reviewer="bob")
    with Store(tmp_path / "s.sqlite") as store:
        assert store.last_decision("ann") == mine
        assert store.undo(mine, reviewer="ann")
        assert store.last_decision("ann") is None
        assert [one.reviewer for one in store.verdicts()] == ["bob"]


def test_other_programs_can_read_it(tmp_path: Path) -> None:
    """Plain SQL over the view ``verdicts``; the file says what it is; offsets fit the text."""
    with Store(tmp_path / "s.sqlite") as store:
        store.decide([span("😀slot", "a😀 ")], "accept", reviewer="ann")
    with closing(sqlite3.connect(tmp_path / "s.sqlite")) as plain:
        assert plain.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert plain.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        row = plain.execute('SELECT verdict, reviewer, text, start, "end", before FROM verdicts').fetchone()
    assert row == ("accept", "ann", "😀slot", 3, 8, "a😀 ")


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    """Three processes on one store: every decision of each is there, with all its spans."""
    processes = [writer(tmp_path / "s.sqlite", name, 25) for name in ("ann", "bob", "cy")]
    numbers = [int(line) for process in processes for line in process.communicate(timeout=60)[0].split()]
    assert len(set(numbers)) == 75
    with Store(tmp_path / "s.sqlite") as store:
        assert len(list(store.verdicts())) == 75 * 3


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 here")
@pytest.mark.parametrize("wait", [0.0, 0.02, 0.1])
def test_a_kill_loses_nothing_that_was_decided(tmp_path: Path, wait: float) -> None:
    """After kill -9 every decision that was reported is there whole, and none is there in part."""
    process = writer(tmp_path / "s.sqlite", "ann", 100_000, size=40)
    assert process.stdout is not None
    reported = [int(process.stdout.readline())]
    time.sleep(wait)
    process.send_signal(signal.SIGKILL)
    reported += [int(line) for line in process.stdout.read().split()]
    process.wait()
    process.stdout.close()
    with Store(tmp_path / "s.sqlite") as store:
        assert {decision.id for decision in store.history(1_000_000)} >= set(reported)
        assert all(decision.spans == 40 for decision in store.history(1_000_000))
        store.decide([span()], "accept", reviewer="bob")
    with closing(sqlite3.connect(tmp_path / "s.sqlite")) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    """One line that names the file; the file stays as it is."""
    text = tmp_path / "notes.txt"
    text.write_text(
        "not a database, only a few words that are long enough to look like a header" * 20, encoding="utf-8"
    )
    other = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(other)) as plain:
        plain.execute("CREATE TABLE x (y)")
    newer = tmp_path / "newer.sqlite"
    Store(newer).close()
    with closing(sqlite3.connect(newer)) as plain:
        plain.execute("PRAGMA user_version = 99")
    for path, words in ((text, "not SQLite"), (other, "not a store"), (newer, "newer cleaner")):
        with pytest.raises(InputError, match=words):
            Store(path)
    with pytest.raises(InputError, match="no such store"):
        Store(tmp_path / "missing.sqlite", create=False)
    with pytest.raises(StoreError):
        Store(tmp_path / "no" / "folder.sqlite")
    assert text.read_text("utf-8").startswith("not a database")


def test_lone_surrogates_do_not_stop_a_decision(tmp_path: Path) -> None:
    """SQLite stores UTF-8 only; the keys still come from the real text, and lengths stay."""
    odd = span("slot\ud83d", "\udcff ")
    with Store(tmp_path / "s.sqlite") as store:
        store.decide([odd], "accept", reviewer="ann")
        (found,) = store.verdicts()
    assert found.span.key == odd.key
    assert found.span.text == "slot\ufffd"
    assert len(found.span.text) == odd.end - odd.start


@given(st.text(max_size=60), st.text(max_size=120), st.text(max_size=120))
def test_keys_look_no_further_than_the_context_that_is_kept(text: str, before: str, after: str) -> None:
    """The key from a full page and the one from the 40 code points that records keep are the same."""
    whole = content_key(text, before, after)
    assert whole == content_key(text, before[-40:], after[:40])
    assert occurrence(text, before, after, 0).key == whole


@given(st.text(max_size=80))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    """A normalised phrase is a fixed point for the phrases people compare."""
    once = normalise(text)
    assert normalise(once) == normalise(normalise(once))
    assert "\u200b" not in once and "\n" not in once


def test_keys_see_through_camouflage_but_not_other_places() -> None:
    """Width, case and zero-width characters do not change a key; another context does."""
    assert content_key("ＡＢ\u200b419", "Read  ", " today") == content_key("ab419", "read ", " today")
    assert content_key("ab419", "read ", " today") != content_key("ab419", "never ", " today")
    assert document_hash("a") != document_hash("b")
    start = time.process_time()
    normalise("a" + "\u0300\u0316" * 200_000)
    assert time.process_time() - start < 5.0, "quadratic on combining marks"
