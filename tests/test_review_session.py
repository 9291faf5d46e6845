"""A reviewer's session, and the plain prompt on it: what is asked, what is saved, what is taken back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import cleaner
from cleaner.errors import ConfigError
from cleaner.io.text import json_line
from cleaner.review.flagged import Flagged, site_of
from cleaner.review.keymap import ACTIONS, merged, read_keys
from cleaner.review.session import Session, adjusted
from cleaner.review.store import Store
from tests.review_parts import campaign, flag, queue

HOSTILE = "slot\x1b]0;owned\x07\x1b[2J\u202e88 gacor"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a fresh store."""
    with Store(tmp_path / "s.sqlite") as opened:
        yield opened


def records(folder: Path, items: list[Flagged]) -> Path:
    """Write spans as ``cleaner scan --format json`` does."""
    path = folder / "spans.jsonl"
    lines = [
        json_line(
            {
                "file": item.place, "record": None, "id": item.span.document_id, "document": item.span.document,
                "start": item.span.start, "end": item.span.end, "text": item.span.text, "label": item.span.label,
                "score": item.span.score, "action": item.action, "before": item.before, "after": item.after,
                "evidence": [{"name": "x", "weight": weight, "detail": words} for weight, words in item.evidence],
            }
        )
        for item in items
    ]  # fmt: skip
    path.write_bytes(b"".join(lines))
    return path


def run(folder: Path, *arguments: object, stdin: str = "") -> tuple[int, str, str]:
    everything = {**os.environ, "PYTHONPATH": str(Path(cleaner.__file__).parents[1]), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "cleaner", *map(str, arguments)]
    result = subprocess.run(command, input=stdin.encode(), capture_output=True, cwd=folder, env=everything, timeout=60)
    return result.returncode, result.stdout.decode(), result.stderr.decode()


def test_one_decision_is_about_the_whole_group(store: Store) -> None:
    """The preview says how much; afterwards nothing of it is pending and the progress moved."""
    session = Session(store, queue(), "ann", groups=5)
    group = next(one for one in session.groups if "419" in one.name)
    assert session.preview(session.pending(group)) == "24 spans in 24 documents"
    session.decide(session.pending(group), "accept", group)
    assert session.pending(group) == []
    assert group not in session.queue()
    assert session.progress().spans == 24
    (decision,) = store.history()
    assert (decision.spans, decision.documents, decision.grouped_by) == (24, 24, group.name)


def test_decisions_hold_for_the_next_model_and_the_next_crawl(store: Store) -> None:
    """By content: other scores, labels, offsets and documents do not bring a span back, other words around it do."""
    Session(store, queue(), "ann").decide(queue(), "reject")
    again = [
        flag(i.span.text, i.before, i.after, score=0.7, label="other", document=f"moved {n}")
        for n, i in enumerate(queue())
    ]
    moved = flag(queue()[0].span.text, "Quite another place. ", " And other words")
    session = Session(store, [*again, moved], "ann")
    assert session.already == len(again)
    assert [item for group in session.groups for item in group.items] == [moved]


def test_undo_over_sessions_and_skips(store: Store) -> None:
    """Skips of this session come back first, then decisions of any session."""
    first = Session(store, queue(), "ann", groups=5)
    group = first.queue()[0]
    first.decide(first.pending(group), "accept", group)
    second = Session(store, queue(), "ann", groups=5)
    skipped = second.queue()[0]
    second.skip(skipped)
    assert second.queue()[-1] is skipped
    assert second.undo()[1] is skipped
    assert second.queue()[0] is skipped
    words, _ = second.undo()
    assert "undecided again" in words
    assert list(store.verdicts()) == []
    assert second.undo() == ("", None)


def test_two_reviewers_take_in_each_others_work(tmp_path: Path) -> None:
    """What one decides leaves the other's queue at the next look; undo takes back only one's own."""
    with Store(tmp_path / "s.sqlite") as one, Store(tmp_path / "s.sqlite") as two:
        ann, bob = Session(one, queue(), "ann", groups=5), Session(two, queue(), "bob", groups=5)
        group = ann.queue()[0]
        ann.decide(ann.pending(group), "accept", group)
        assert bob.sync()
        assert len(bob.queue()) == len(ann.queue())
        bob.decide(bob.pending(bob.queue()[0]), "reject")
        assert bob.undo()[0]
        assert {verdict.reviewer for verdict in one.verdicts()} == {"ann"}
        assert bob.undo() == ("", None)
        alone = Session(two, queue(), "bob", independent=True)
        assert alone.already == 0, "asked again, to measure agreement"


def test_ends_can_be_moved(store: Store) -> None:
    """The adjusted span is what counts; how it was flagged stays on record and does not come back."""
    item = flag("gacor 88 Parents", "Classes begin. slot ", " may attend.")
    session = Session(store, [item], "ann")
    session.adjust([item], -5, -8)
    (verdict,) = store.verdicts()
    span = verdict.span
    assert (span.text, span.before, span.after) == ("slot gacor 88", "Classes begin. ", " Parents may attend.")
    assert (span.start, span.end, span.flagged_start, span.flagged_end) == (15, 28, 20, 36)
    assert Session(store, [item], "ann").already == 1
    better = flag("slot gacor 88", "Classes begin. ", " Parents may attend.")
    assert Session(store, [better], "ann").already == 1, "a model that flags it right is not asked again"
    with pytest.raises(ValueError, match="cross"):
        adjusted(item, 10, -10)
    with pytest.raises(ValueError, match="leave the text"):
        adjusted(item, -500, 0)


def test_the_plain_prompt_decides_groups_and_rows(tmp_path: Path) -> None:
    """Typed words; numbers for rows; a group whose members differ asks twice; everything is in the store."""
    spans = records(tmp_path, queue())
    talk = "/ 419\na\nu\n/ 419\nx 2-3\nf 1\na\nh\nq\n"
    code, out, errors = run(tmp_path, "review", "--plain", "--reviewer", "ann", "--groups", 5, spans, stdin=talk)
    assert (code, errors) == (0, "")
    assert "上海{X}419{X}" in out
    assert "removed: 24 spans in 24 documents" in out and "24 spans undecided again" in out
    assert "kept: 4 spans in 4 documents" in out and "flagged: 2 spans in 2 documents" in out
    assert "removed: 18 spans in 18 documents" in out
    assert "24 of 37 spans decided, saved in verdicts.sqlite" in out
    with Store(tmp_path / "verdicts.sqlite") as store:
        kinds = [verdict.verdict for verdict in store.verdicts()]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"accept": 18, "reject": 4, "flag": 2}


def test_the_plain_prompt_warns_where_members_differ(tmp_path: Path) -> None:
    """The first answer shows why, the second decides; wrong answers are explained and lose nothing."""
    items = [flag("slot one"), flag("slot two", score=0.86, action="review", label="adult"), flag("slot three")]
    talk = "a\nhm\nx 9\ne 1\ne 1 +99 0\nx\nx\n"
    code, out, _ = run(tmp_path, "review", "--plain", "--groups", 1, records(tmp_path, items), stdin=talk)
    assert code == 0
    assert "the members differ: 1 of 3 are doubtful" in out
    assert "remove 3 spans in 3 documents? Say it again to do it." in out
    for words in ("not known: hm", "rows 1 to 3, not 9", "say: e ROW START END", "would cross", "kept: 3 spans"):
        assert words in out


def test_a_prompt_that_is_killed_keeps_what_was_decided(tmp_path: Path) -> None:
    """Kill -9 after an answer: the decision is there, and the next session asks only for the rest."""
    spans = records(tmp_path, queue())
    everything = {**os.environ, "PYTHONPATH": str(Path(cleaner.__file__).parents[1]), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "cleaner", "review", "--plain", "--groups", "5", str(spans)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path, env=everything, encoding="utf-8"
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write("/ 419\na\n")
        process.stdin.flush()
        while "removed: 24 spans" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    code, out, _ = run(tmp_path, "review", "--plain", spans, stdin="q\n")
    assert code == 0
    assert "24 were decided before" in out


def test_hostile_text_never_reaches_the_terminal(tmp_path: Path) -> None:
    """Escapes, bidi overrides and control characters of text, ids and families are shown escaped."""
    items = [flag(HOSTILE, "a\x1b[31m ", "\rb", label="x\x1b[0m", document="\x1b[5mdoc")]
    code, out, errors = run(
        tmp_path, "review", "--plain", "--color", "never", records(tmp_path, items), stdin="l\no 1\nh\na\n"
    )
    assert code == 0
    assert "\x1b" not in out + errors and "\u202e" not in out and "\r" not in out
    assert "\\x1b]0;owned\\x07" in out


def test_review_reads_all_kinds_of_records(tmp_path: Path) -> None:
    """Raw text, ``scan``, ``clean --records`` and audits give the same spans: deciding one form settles the others."""
    first = "Officials said on Monday that the new rail link had eased the pressure on commuters."
    page = f"{first}\n爱上海419论坛 Semiconductor Sovereignty\n"
    raw = tmp_path / "raw.jsonl"
    raw.write_text(json.dumps({"id": "https://news.example/a", "text": page}) + "\n", encoding="utf-8")
    (tmp_path / "scan.jsonl").write_text(run(tmp_path, "scan", "--format", "json", raw)[1], encoding="utf-8")
    (tmp_path / "clean.jsonl").write_text(run(tmp_path, "clean", "-q", "--records", raw)[1], encoding="utf-8")
    record = json.loads((tmp_path / "scan.jsonl").read_text("utf-8"))
    audit = {
        "file": "a",
        "id": 1,
        "url": "https://news.example/a",
        "hash": record["document"],
        "spans": [record],
        "edits": [],
    }
    (tmp_path / "audit.jsonl").write_text(json.dumps(audit) + "\n", encoding="utf-8")
    code, out, _ = run(tmp_path, "review", "--plain", "raw.jsonl", stdin="a\na\n")
    assert (code, out.count("removed: 1 span in 1 document")) == (0, 1)
    for name in ("scan", "clean", "audit", "raw"):
        code, out, errors = run(tmp_path, "review", "--plain", f"{name}.jsonl", stdin="a\n")
        assert (code, out, errors) == (0, "", "cleaner: nothing to review; 1 decided before\n"), name
    with Store(tmp_path / "verdicts.sqlite") as store:
        (verdict,) = store.verdicts()
    assert (verdict.span.site, verdict.span.text) == ("news.example", "爱上海419论坛")
    assert page[verdict.span.start : verdict.span.end] == verdict.span.text


def test_bad_records_are_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    """One line each, exit code 3; spans outside their text and edits that do not fit among them."""
    good = records(tmp_path, campaign(3)).read_text("utf-8")
    bad = [
        "{",
        '{"spans": [{"start": 4, "end": 2}], "text": "abc"}',
        '{"spans": [{"start": 0, "end": 99, "score": 1}], "text": "abc"}',
        '{"spans": [], "text": "abc", "edits": [{"start": 9, "removed": "x", "inserted": ""}]}',
        '{"start": 0, "end": 1, "before": "", "text": 5}',
        '{"spans": 5}',
    ]
    path = tmp_path / "mixed.jsonl"
    path.write_text(good + "\n".join(bad) + "\n", encoding="utf-8")
    code, out, errors = run(tmp_path, "review", "--plain", path, stdin="a\na\n")
    assert code == 3
    assert "removed: 3 spans" in out
    assert "Traceback" not in errors
    for number in (4, 5, 6, 9):
        assert f"mixed.jsonl:{number}: " in errors


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("review",), 2, "give files"),
        (("review", "-"), 2, "standard input is for the answers"),
        (("review", "--plain", "missing.jsonl"), 66, "missing.jsonl"),
        (("review", "--plain", "--store", "no/folder.sqlite", "spans.jsonl"), 74, "no/folder.sqlite"),
        (("review", "spans.jsonl"), 2, "needs a terminal"),
        (("review", "--config", "bad.toml", "--plain", "spans.jsonl"), 2, "knows no 'acept'"),
        (("review", "--config", "none.toml", "--plain", "spans.jsonl"), 2, "none.toml"),
        (("verdicts", "stats", "--store", "none.sqlite"), 65, "no such store"),
        (("verdicts", "stats", "--store", "bad.toml"), 65, "not SQLite"),
    ],
)
def test_faults_have_one_line_and_a_code(tmp_path: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    """What, where, how to fix; never a traceback."""
    records(tmp_path, campaign(2))
    (tmp_path / "bad.toml").write_text('[review.keys]\nacept = "y"\n' + "#" * 200, encoding="utf-8")
    result, _, errors = run(tmp_path, *arguments)
    assert (result, errors.count("\n")) == (code, 1), errors
    assert words in errors


def test_keys_can_be_moved(tmp_path: Path) -> None:
    """From a settings file; every action keeps a key; one key has one meaning."""
    (tmp_path / "cleaner.toml").write_text(
        '[review.keys]\naccept = "y"\nreject = "n"\nnext = "right"\n', encoding="utf-8"
    )
    keys = read_keys(tmp_path / "cleaner.toml")
    assert (keys["accept"], keys["reject"], keys["undo"]) == ("y", "n", "backspace")
    assert set(keys) == set(ACTIONS)
    for table, words in (
        ({"accept": "x"}, "given to"),
        ({"accept": 5}, "a key is a word"),
        ({"nope": "x"}, "knows no"),
    ):
        with pytest.raises(ConfigError, match=words):
            merged(table)


@pytest.mark.parametrize(
    ("fields", "identity", "site"),
    [
        ({"url": "https://News.Example.org:8080/a?b"}, "", "example.org"),
        ({"site": "example.net"}, "x", "example.net"),
        ({}, "http://user@example.com/a", "example.com"),
        ({"url": 5, "source": "Feed"}, "page 7", "feed"),
        ({}, 12, ""),
    ],
)
def test_sites_come_from_urls(fields: dict[str, object], identity: object, site: str) -> None:
    """From the record's fields, or an id that is a URL."""
    assert site_of(fields, identity) == site


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals")
def test_the_plain_prompt_on_a_terminal(tmp_path: Path) -> None:
    """On a real terminal: colours, the prompt, answers; wide characters and emoji do not break the lines."""
    pexpect = pytest.importorskip("pexpect")
    items = [*campaign(6), flag("🎰 slot 👩\u200d🚀 gacor", "Fun. ", " More")]
    spans = records(tmp_path, items)
    everything = {**os.environ, "PYTHONPATH": str(Path(cleaner.__file__).parents[1]), "TERM": "xterm-256color"}
    arguments = ["-m", "cleaner", "review", "--plain", "--groups", "2", str(spans)]
    child = pexpect.spawn(
        sys.executable, arguments, cwd=str(tmp_path), env=everything, encoding="utf-8", timeout=30, dimensions=(24, 80)
    )
    child.expect("7 spans in")
    child.expect("> ")
    child.sendline("/ 419")
    child.expect("\x1b\\[7m上海")
    child.expect("> ")
    child.sendline("a")
    child.expect("removed: 6 spans in 6 documents")
    child.expect("> ")
    child.sendline("q")
    child.expect("6 of 7 spans decided")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals")
def test_the_full_screen_on_a_terminal_that_dies(tmp_path: Path) -> None:
    """A decision that the screen reports is in the store, whatever happens to the terminal next."""
    pytest.importorskip("textual")
    pexpect = pytest.importorskip("pexpect")
    spans = records(tmp_path, campaign(6))
    everything = {**os.environ, "PYTHONPATH": str(Path(cleaner.__file__).parents[1]), "TERM": "xterm-256color"}
    arguments = ["-m", "cleaner", "review", "--groups", "2", str(spans)]
    child = pexpect.spawn(
        sys.executable, arguments, cwd=str(tmp_path), env=everything, encoding="utf-8", timeout=60, dimensions=(24, 80)
    )
    child.expect("6 spans in 6 documents")
    child.send("a")
    child.expect("Nothing is left to decide")
    child.kill(signal.SIGKILL)
    child.wait()
    child.close()
    with Store(tmp_path / "verdicts.sqlite") as store:
        assert [verdict.verdict for verdict in store.verdicts()] == ["accept"] * 6
