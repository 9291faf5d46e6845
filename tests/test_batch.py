"""The batch run: what it writes, what is on record, and the way back."""

from __future__ import annotations

import gzip
import itertools
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cleaner import Cleaner, Cleaning
from cleaner.batch import audit
from cleaner.batch.job import BadPolicy, Job
from cleaner.batch.ledger import Ledger
from cleaner.batch.lock import locked
from cleaner.batch.places import Places
from cleaner.batch.restore import restore
from cleaner.config import Config
from cleaner.errors import CleanerError, InputError, LockedError
from cleaner.io.records import Reading
from cleaner.repair import apply_edits
from tests.batches import CLEAN, INFECTED, PHRASE, SMALL, corpus, go, ledger_states, left_over, line, tree


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give the little corpus and what became of it."""
    folder = tmp_path_factory.mktemp("batch")
    go(corpus(folder / "in"), folder / "out")
    return folder / "in", folder / "out"


def back(out: Path, to: Path) -> dict[str, bytes]:
    """Restore a folder; nothing may fail."""
    faults: list[CleanerError] = []
    result = restore(out, to, faults.append)
    assert not faults and result.failed == 0
    return tree(to)


def test_only_the_phrases_go(cleaned: tuple[Path, Path]) -> None:
    """The tree is mirrored; nothing is gone but the phrases, in raw letters or escaped."""
    source, out = cleaned
    before, after = tree(source), tree(out, state=False)
    assert before.keys() == after.keys()
    escaped = json.dumps(PHRASE)[1:-1].encode()
    for name, data in before.items():
        found = after[name]
        if name.endswith(".gz"):
            data, found = gzip.decompress(data), gzip.decompress(found)
        assert found == data.replace(PHRASE.encode(), b"").replace(escaped, b"")
    assert ledger_states(out) == {"done"} and not left_over(out)


def test_a_packed_file_without_a_finding_stays_as_it_is(cleaned: tuple[Path, Path]) -> None:
    """Not even its packing changes."""
    source, out = cleaned
    assert (source / "clean.jsonl.gz").read_bytes() == (out / "clean.jsonl.gz").read_bytes()


@pytest.mark.parametrize("workers", [2, 3])
def test_the_number_of_workers_is_not_in_the_bytes(cleaned: tuple[Path, Path], tmp_path: Path, workers: int) -> None:
    """Outputs and audit are the same."""
    source, out = cleaned
    summary, _ = go(source, tmp_path / "out", workers=workers)
    assert tree(tmp_path / "out") == tree(out)
    assert summary.counts.documents == 120 * 2 + 2 + 6 + 2 + 1 and summary.counts.changed == 24 * 2 + 3 + 2


def test_restore_gives_the_inputs_back(cleaned: tuple[Path, Path], tmp_path: Path) -> None:
    """Byte for byte, the content of packed files; without the model."""
    source, out = cleaned
    before, after = tree(source), back(out, tmp_path / "back")
    assert before.keys() == after.keys()
    for name, data in before.items():
        if name.endswith("packed.jsonl.gz"):
            assert gzip.decompress(after[name]) == gzip.decompress(data)
        else:
            assert after[name] == data


def test_restore_refuses_what_was_changed_meanwhile(cleaned: tuple[Path, Path], tmp_path: Path) -> None:
    """An output or an audit that was edited is named, and no file is written for it; the others come back."""
    source, _ = cleaned
    out = tmp_path / "out"
    go(source, out)
    data = (out / "large.jsonl").read_bytes()
    (out / "large.jsonl").write_bytes(data.replace(b"Monday", b"Sunday", 1))
    (out / ".cleaner/audit/deep/1.txt.jsonl").unlink()
    faults: list[CleanerError] = []
    result = restore(out, tmp_path / "back", faults.append)
    assert result.failed == len(faults) == 2 and result.code == 65
    assert {str(error).split(":")[0] for error in faults} == {str(out / "large.jsonl"), str(out / "deep/1.txt")}
    assert not (tmp_path / "back/large.jsonl").exists() and (tmp_path / "back/deep/3.txt").exists()


def test_restore_needs_a_ledger(tmp_path: Path) -> None:
    """Any other folder is refused with one line."""
    with pytest.raises(InputError, match="no ledger there"):
        restore(tmp_path, tmp_path / "back", lambda error: None)


def test_i14_the_audit_replays(cleaned: tuple[Path, Path]) -> None:
    """Each record holds what was cut, why, and by what; its edits give the text that was written."""
    source, out = cleaned
    records = [item for item in audit.read(out) if item["file"] == "large.jsonl"]
    assert [item["record"] for item in records] == list(range(1, 121, 5))
    written = [json.loads(text) for text in (out / "large.jsonl").read_bytes().split(b"\n")[:-1]]
    read = [json.loads(text) for text in (source / "large.jsonl").read_bytes().split(b"\n")[:-1]]
    for item in records:
        number = item["record"] - 1
        text = read[number]["text"]
        assert apply_edits(text, audit.edits_of(item)) == written[number]["text"]
        assert item["hash"] == audit.text_hash(text)
        assert (item["id"], item["url"], item["status"]) == (f"d{number}", read[number]["url"], "changed")
        span = item["spans"][0]
        assert text[span["start"] : span["end"]] == span["text"] and PHRASE.strip() in span["text"]
        assert span["evidence"] and span["label"] and 0 < span["score"] <= 1
        assert text.endswith(span["after"]) or span["after"] in text
        assert item["model"] and item["config"]


def test_totals_count_all_documents(cleaned: tuple[Path, Path]) -> None:
    """The clean ones too: shares can be told."""
    values = audit.totals(cleaned[1])
    assert (values["documents"], values["changed"], values["bad"]) == (251, 53, 3)
    assert values["spans"]["remove"] == 53 and sum(values["languages"].values()) == 251
    assert values["bytes"] > 50_000 and values["files"] == 11 and 0 < values["threshold"] < 1


def test_sites_are_counted_when_asked(tmp_path: Path) -> None:
    """For the shares of a report."""
    source = corpus(tmp_path / "in")
    go(source, tmp_path / "out", replace(SMALL, sites=True))
    sites = audit.totals(tmp_path / "out")["sites"]
    assert sum(sites.values()) == 251 and sites["site0.example"] >= 80


def test_bad_records_pass_and_are_on_record(cleaned: tuple[Path, Path]) -> None:
    """With file, record and reason."""
    records = [item for item in audit.read(cleaned[1], ["bad.jsonl"]) if item["status"] == "bad"]
    assert [item["record"] for item in records] == [2, 4, 6]
    assert "broken JSON" in records[0]["reason"] and "no field 'text'" in records[1]["reason"]


def test_bad_records_are_put_aside(tmp_path: Path) -> None:
    """They leave the output for a file of their own, and a restore puts them back where they were."""
    source = corpus(tmp_path / "in")
    job = replace(SMALL, bad="skip")
    summary, _ = go(source, tmp_path / "out", job)
    aside = (tmp_path / "out/.cleaner/aside/bad.jsonl").read_bytes()
    assert aside == b'{"id": 1, "text"\n' + b'{"id": 2}\n' + b"[]"
    written = (tmp_path / "out/bad.jsonl").read_bytes()
    assert written.count(b"\n") == 3 and summary.counts.bad == 3
    assert back(tmp_path / "out", tmp_path / "back")["bad.jsonl"] == (source / "bad.jsonl").read_bytes()


@pytest.mark.parametrize("bad", ["pass", "skip"])
def test_a_line_too_long_to_be_held(tmp_path: Path, bad: BadPolicy) -> None:
    """It is one bad record however many pieces it comes in, and a restore has it where it was."""
    (tmp_path / "in").mkdir()
    endless = b'{"id": "long", "text": "' + b"x" * 5_000_000 + b'"}\n'
    data = line(0) + endless + line(1) + line(5)
    (tmp_path / "in/a.jsonl").write_bytes(data)
    job = replace(SMALL, bad=bad, reading=Reading(max_document=100_000))
    summary, watched = go(tmp_path / "in", tmp_path / "out", job)
    assert (summary.counts.documents, summary.counts.changed, summary.counts.bad) == (3, 2, 1)
    assert [reason for done in watched.parts for _, reason in done.problems] == ["longer than 100000 bytes"]
    written = (tmp_path / "out/a.jsonl").read_bytes()
    assert (endless in written) == (bad == "pass") and written.count(b"\n") == (4 if bad == "pass" else 3)
    assert back(tmp_path / "out", tmp_path / "back") == {"a.jsonl": data}


def test_a_bad_record_may_stop_the_run(tmp_path: Path) -> None:
    """With its place in the message; the file is not written."""
    source = corpus(tmp_path / "in")
    with pytest.raises(CleanerError, match=r"bad.jsonl:2: broken JSON.*--bad stop") as caught:
        go(source, tmp_path / "out", replace(SMALL, bad="stop"))
    assert caught.value.exit_code == 65 and not (tmp_path / "out/bad.jsonl").exists()


def test_a_file_that_is_cut_short_keeps_what_can_be_read(tmp_path: Path) -> None:
    """The damage is counted and on record; with another policy the file is left out."""
    (tmp_path / "in").mkdir()
    packed = gzip.compress(b"".join(line(number) for number in range(5000)))
    (tmp_path / "in/a.jsonl.gz").write_bytes(packed[: len(packed) * 3 // 4])
    (tmp_path / "in/b.txt").write_text(CLEAN, "utf-8")
    summary, _ = go(tmp_path / "in", tmp_path / "out", replace(SMALL, part_bytes=100_000))
    assert summary.counts.bad >= 1 and summary.failed == 0
    read = gzip.decompress((tmp_path / "out/a.jsonl.gz").read_bytes())
    assert read.count(b"\n") > 100 and PHRASE.encode() not in read
    reasons = [item["reason"] for item in audit.read(tmp_path / "out") if item["status"] == "bad"]
    assert "cut short" in reasons[-1]
    summary, watched = go(tmp_path / "in", tmp_path / "skip", replace(SMALL, bad="skip"))
    assert summary.failed == 1 and summary.code == 65 and "cut short" in watched.failures[0][0]
    assert sorted(tree(tmp_path / "skip", state=False)) == ["b.txt"]


def test_annotations_cut_nothing(tmp_path: Path) -> None:
    """Records with a finding get a last member, all others stay; and it can be taken out again."""
    (tmp_path / "in").mkdir()
    data = b"".join(line(number) for number in range(30))
    (tmp_path / "in/a.jsonl").write_bytes(data)
    go(tmp_path / "in", tmp_path / "out", replace(SMALL, annotate=True))
    before = [json.loads(text) for text in data.split(b"\n")[:-1]]
    after = [json.loads(text) for text in (tmp_path / "out/a.jsonl").read_bytes().split(b"\n")[:-1]]
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        found = new.pop("cleaner", None)
        assert new == old and (found is not None) == (number % 5 == 0)
        if found:
            assert apply_edits(old["text"], audit.edits_of(found)) == old["text"].replace(PHRASE, "")
    assert back(tmp_path / "out", tmp_path / "back") == {"a.jsonl": data}


def test_attributes_have_the_rows_of_the_documents(tmp_path: Path) -> None:
    """As dolma has them: same files, rows and order; cutting their spans gives the cleaned text."""
    source = corpus(tmp_path / "in")
    go(source, tmp_path / "out", replace(SMALL, attributes=True))
    folder = tmp_path / "attributes"
    assert sorted(tree(folder)) == sorted(tree(source))
    rows = [json.loads(text) for text in (folder / "large.jsonl").read_bytes().split(b"\n")[:-1]]
    documents = [json.loads(text) for text in (source / "large.jsonl").read_bytes().split(b"\n")[:-1]]
    written = [json.loads(text) for text in (tmp_path / "out/large.jsonl").read_bytes().split(b"\n")[:-1]]
    for row, document, clean in zip(rows, documents, written, strict=True):
        assert row["id"] == document["id"]
        text = document["text"]
        for start, end, score in reversed(row["attributes"]["cleaner__cleaner__remove"]):
            assert 0 < score <= 1
            text = text[:start] + text[end:]
        assert text == clean["text"]


def test_nothing_is_done_twice(tmp_path: Path) -> None:
    """A second run finds all done; one with other settings does everything again."""
    source = corpus(tmp_path / "in")
    first, watched = go(source, tmp_path / "out")
    assert first.files == 11 and not watched.done_before
    second, watched = go(source, tmp_path / "out", workers=2)
    assert second.before == 11 and not watched.parts and second.counts == first.counts
    third, _ = go(source, tmp_path / "out", replace(SMALL, config=Config(threshold=0.99)))
    assert third.before == 0 and third.files == 11


def test_changed_inputs_and_lost_outputs_are_done_again(tmp_path: Path) -> None:
    """Exactly these: an edited input, an output that somebody removed or touched, a new input."""
    source, out = corpus(tmp_path / "in"), tmp_path / "out"
    go(source, out)
    (source / "deep/0.txt").write_text(INFECTED, "utf-8")
    (source / "new.txt").write_text(INFECTED, "utf-8")
    (out / "deep/1.txt").unlink()
    (out / "deep/2.txt").write_text("x", "utf-8")
    _, watched = go(source, out)
    assert [name for name, _ in watched.names] == ["deep/0.txt", "deep/1.txt", "deep/2.txt", "new.txt"]
    go(source, tmp_path / "fresh")
    assert tree(out) == tree(tmp_path / "fresh")


def test_only_the_changed_parts_of_a_large_file_are_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One edited line is one part; appended lines are the last part and the new ones."""
    (tmp_path / "in").mkdir()
    path, out = tmp_path / "in/a.jsonl", tmp_path / "out"
    lines = [line(number) for number in range(120)]
    path.write_bytes(b"".join(lines))
    parts = len(go(tmp_path / "in", out)[1].names)
    seen: list[str] = []
    original = Cleaner.clean_many

    def watched(self: Cleaner, texts: Iterable[str], sites: Iterable[str] | None = None) -> Iterator[Cleaning]:
        texts = list(texts)
        seen.extend(texts)
        return original(self, texts, sites)

    monkeypatch.setattr(Cleaner, "clean_many", watched)
    lines[60] = lines[60].replace(b"Monday", b"Sunday")
    path.write_bytes(b"".join(lines))
    go(tmp_path / "in", out)
    assert 0 < len(seen) < 2 * 120 / parts and any("Sunday" in text for text in seen)
    seen.clear()
    lines += [line(number) for number in range(120, 125)]
    path.write_bytes(b"".join(lines))
    go(tmp_path / "in", out)
    assert 5 <= len(seen) < 3 * 120 / parts
    go(tmp_path / "in", tmp_path / "fresh")
    assert tree(out) == tree(tmp_path / "fresh")


def test_an_audit_that_is_no_longer_true_goes(tmp_path: Path) -> None:
    """An input that was infected and is clean now has no audit."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text(INFECTED, "utf-8")
    go(tmp_path / "in", tmp_path / "out")
    assert (tmp_path / "out/.cleaner/audit/a.txt.jsonl").exists()
    (tmp_path / "in/a.txt").write_text(CLEAN, "utf-8")
    go(tmp_path / "in", tmp_path / "out")
    assert tree(tmp_path / "out") == {"a.txt": CLEAN.encode()}


def test_only_one_run_writes_to_a_folder(tmp_path: Path) -> None:
    """The second one is told whose turn it is, at once."""
    source = corpus(tmp_path / "in")
    places = Places(tmp_path / "out")
    places.parts.mkdir(parents=True)
    with locked(places.lock), pytest.raises(LockedError, match=f"process {os.getpid()}") as caught:
        go(source, tmp_path / "out")
    assert caught.value.exit_code == 75
    go(source, tmp_path / "out")


def test_names_of_all_kinds(tmp_path: Path) -> None:
    """Names of 255 bytes, with line feeds and with bytes that are not UTF-8 go there and back."""
    (tmp_path / "in").mkdir()
    names = [b"a\nb.txt", b"caf\xe9.txt", b"n" * 251 + b".txt", b"-x.txt"]
    for name in names:
        with open(os.path.join(os.fsencode(tmp_path / "in"), name), "wb") as file:
            file.write(INFECTED.encode())
    go(tmp_path / "in", tmp_path / "out")
    assert len(list(audit.read(tmp_path / "out"))) == 4
    assert back(tmp_path / "out", tmp_path / "back") == tree(tmp_path / "in")


def test_the_ledger_can_be_read_by_others(cleaned: tuple[Path, Path]) -> None:
    """Parts follow each other without a gap, in bytes and in records."""
    ledger = Ledger(Places(cleaned[1]).ledger, readonly=True)
    parts = ledger.parts("large.jsonl")
    ledger.close()
    assert len(parts) > 3 and [part.number for part in parts] == list(range(len(parts)))
    assert parts[0].unit.start == 0 and parts[-1].unit.end == (cleaned[0] / "large.jsonl").stat().st_size
    for one, other in itertools.pairwise(parts):
        assert one.unit.end == other.unit.start and one.follows.number == other.unit.number
    assert [part.last for part in parts] == [False] * (len(parts) - 1) + [True]


def test_the_digest_holds_all_that_counts() -> None:
    """Each setting that may change the output changes it; where the model lies does not."""
    base = Job()
    others = [
        replace(base, bad="skip"), replace(base, annotate=True), replace(base, config=Config(review=0.1)),
        replace(base, to="csv"), replace(base, attributes=True), replace(base, part_bytes=5),
    ]  # fmt: skip
    digests = {job.digest("m") for job in (base, *others)} | {base.digest("other model")}
    assert len(digests) == len(others) + 2
    assert replace(base, model="x").digest("m") == base.digest("m")
