"""Verdicts in other tools' formats and back, and the agreement between reviewers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.review.agreement import alpha, kappa, pairs, ratings
from cleaner.review.exchange import FORMATS, Task, from_utf16, read_tasks, task_of, to_utf16
from cleaner.review.store import Choice, Store
from tests.review_parts import flag
from tests.test_review_session import records, run

EMOJI = flag("🎰slot gacor🔥", "Fun 😀👩\u200d🚀 today. ", " Parents 🎉 may", label="gambling", site="s.example")
TEXT = EMOJI.span.before + EMOJI.span.text + EMOJI.span.after
CODE_POINTS = (len(EMOJI.span.before), len(EMOJI.span.before) + len(EMOJI.span.text))
UTF16 = tuple(len(TEXT[:place].encode("utf-16-le")) // 2 for place in CODE_POINTS)


def task(verdict: Choice | None = "accept") -> Task:
    return Task(EMOJI.span, verdict, "site", "ann", "2026-01-02T03:04:05.000+00:00")


def back(record: object, name: str, units: str | None = None) -> list[Task | str]:
    return list(read_tasks([("here", json.loads(json.dumps(record)))], name, units))


def test_offsets_are_in_the_units_of_the_tool() -> None:
    """Code points for Prodigy, UTF-16 code units for the tools that run in a browser."""
    assert UTF16[0] > CODE_POINTS[0]
    prodigy: Any = FORMATS["prodigy"].write(task())
    assert (prodigy["spans"][0]["start"], prodigy["spans"][0]["end"], prodigy["answer"]) == (*CODE_POINTS, "accept")
    doccano: Any = FORMATS["doccano"].write(task())
    assert doccano["label"] == [[*UTF16, "INJECTED"]]
    studio: Any = FORMATS["label-studio"].write(task())
    value = studio["annotations"][0]["result"][0]["value"]
    assert (value["start"], value["end"], value["text"]) == (*UTF16, EMOJI.span.text)
    argilla: Any = FORMATS["argilla"].write(task())
    assert argilla["responses"]["span"][0]["value"] == [{"start": UTF16[0], "end": UTF16[1], "label": "INJECTED"}]
    for record in (prodigy, doccano):
        assert record["text"] == TEXT


@given(st.text(max_size=30), st.data())
def test_utf16_there_and_back(text: str, data: st.DataObject) -> None:
    """Every place between two characters survives; a place inside one is refused."""
    place = data.draw(st.integers(0, len(text)))
    units = to_utf16(text, place)
    assert units == len(text[:place].encode("utf-16-le", "surrogatepass")) // 2
    assert from_utf16(text, units) == place
    for offset in (-1, to_utf16(text, len(text)) + 1):
        with pytest.raises(ValueError, match="no place"):
            from_utf16(text, offset)
    with pytest.raises(ValueError, match="no place"):
        from_utf16("a😀b", 2)


@pytest.mark.parametrize("name", list(FORMATS))
@pytest.mark.parametrize("verdict", ["accept", "reject", "flag"])
def test_verdicts_come_back_as_they_went(name: str, verdict: Choice) -> None:
    """Span, offsets, scope, reviewer and time."""
    if verdict == "flag" and not FORMATS[name].flags:
        return
    assert back(FORMATS[name].write(task(verdict)), name) == [task(verdict)]


@pytest.mark.parametrize("name", list(FORMATS)[1:])
def test_ends_that_were_moved_in_the_tool_come_back(name: str) -> None:
    """The annotator leaves the last emoji out: one character, two units in a browser."""
    record: Any = FORMATS[name].write(task())
    less = 1 if name == "prodigy" else 2
    if name == "prodigy":
        record["spans"][0]["end"] -= less
    elif name == "doccano":
        record["label"][0][1] -= less
    elif name == "label-studio":
        value = record["annotations"][0]["result"][0]["value"]
        value.update(end=value["end"] - less, text=value["text"][:-1])
    else:
        record["responses"]["span"][0]["value"][0]["end"] -= less
    (found,) = back(record, name)
    assert isinstance(found, Task)
    assert (found.span.text, found.span.start) == ("🎰slot gacor", EMOJI.span.start)
    assert (found.span.flagged_end, found.span.flagged_key) == (EMOJI.span.end, EMOJI.span.key)
    assert found.span.after.startswith("🔥 Parents")


def test_label_studio_in_either_unit() -> None:
    """Some versions count code points: the text beside the offsets tells."""
    record: Any = FORMATS["label-studio"].write(task())
    record["annotations"][0]["result"][0]["value"].update(start=CODE_POINTS[0], end=CODE_POINTS[1])
    assert back(record, "label-studio") == [task()]


def test_annotations_of_other_origin_are_taken_in() -> None:
    """Every labelled span of a foreign record is a span to remove; unanswered tasks are passed over."""
    foreign = {"text": "a😀 bet now, end", "label": [[4, 11, "SPAM"], [13, 16, "SPAM"]], "id": 7}
    found = [one.span.text for one in back(foreign, "doccano") if isinstance(one, Task)]
    assert found == ["bet now", "end"]
    assert back(FORMATS["prodigy"].write(task(None)), "prodigy") == []
    assert back(FORMATS["label-studio"].write(task(None)), "label-studio") == []
    assert back(FORMATS["argilla"].write(task(None)), "argilla") == []


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("prodigy", {"answer": "accept"}),
        ("prodigy", {"text": "abc", "answer": "maybe", "spans": [{"start": 0, "end": 1}]}),
        ("prodigy", {"text": "abc", "answer": "accept", "spans": [{"start": 0, "end": 9}]}),
        ("doccano", {"text": "😀", "label": [[0, 1, "X"]]}),
        ("doccano", [1]),
        ("jsonl", {"text": "x", "verdict": "accept", "phrase": 3}),
        ("jsonl", {"text": "x", "verdict": "perhaps"}),
        ("jsonl", {"text": "x", "verdict": "accept", "scope": "universe"}),
        ("argilla", {"fields": {}, "responses": {"span": [{"value": []}]}, "metadata": {"cleaner": "{"}}),
    ],
)
def test_records_that_cannot_be_used_are_named(name: str, record: object) -> None:
    """A reason with the place, never an exception."""
    (found,) = back(record, name)
    assert isinstance(found, str) and found.startswith("here: no record of ")


@pytest.mark.parametrize("name", list(FORMATS))
def test_export_and_import_by_command(tmp_path: Path, name: str) -> None:
    """What is to decide goes out, verdicts come back; importing twice adds nothing; bad files have one line."""
    spans = records(tmp_path, [EMOJI, flag("loan now", "One. ", " Two")])
    code, out, errors = run(tmp_path, "verdicts", "export", "--to", name, "spans.jsonl")
    assert (code, errors) == (0, "")
    assert len(json.loads(out) if not FORMATS[name].lines else out.splitlines()) == 2
    run(tmp_path, "review", "--plain", "--reviewer", "ann", spans, stdin="a\na\na\na\n")
    assert run(tmp_path, "verdicts", "export", "--to", name, "-o", "out.json")[0] == 0
    arguments = ("verdicts", "import", "--store", "new.sqlite", "--from", name, "out.json")
    assert run(tmp_path, *arguments) == (0, "", "cleaner: 2 verdicts added, 0 known already\n")
    assert run(tmp_path, *arguments) == (0, "", "cleaner: 0 verdicts added, 2 known already\n")
    with Store(tmp_path / "verdicts.sqlite") as one, Store(tmp_path / "new.sqlite") as two:
        assert {task_of(v).span for v in one.verdicts()} == {task_of(v).span for v in two.verdicts()}
    (tmp_path / "out.json").write_text("nonsense\n", encoding="utf-8")
    code, _, errors = run(tmp_path, *arguments)
    assert code in (3, 65) and "Traceback" not in errors


def test_agreement_is_measured(tmp_path: Path) -> None:
    """Two reviewers on ten spans, one disagreement: counts, kappa and alpha, as text and as JSON."""
    items = [flag(f"phrase {number}", f"{number}\n") for number in range(10)]
    with Store(tmp_path / "verdicts.sqlite") as store:
        store.decide([item.span for item in items[:6]], "accept", reviewer="ann")
        store.decide([item.span for item in items[6:]], "reject", reviewer="ann")
        store.decide([item.span for item in items[:5]], "accept", reviewer="bob")
        store.decide([item.span for item in items[5:]], "reject", reviewer="bob")
        store.decide([items[0].span], "flag", reviewer="cy")
        rated = ratings(store.verdicts(each_reviewer=True))
    (pair,) = pairs(rated)
    assert (pair.first, pair.second, pair.spans, pair.equal) == ("ann", "bob", 10, 9)
    assert pair.kappa == pytest.approx(0.8)
    # By hand: 11 of 20 verdicts accept, 9 reject; 2 of 20 ordered pairs disagree.
    assert alpha(rated) == pytest.approx(1 - 19 * 2 / (20**2 - 11**2 - 9**2))
    code, out, _ = run(tmp_path, "verdicts", "stats")
    assert code == 0
    assert "10 spans decided in 10 documents" in out
    assert "ann and bob: 9 of 10 equal, kappa 0.80" in out
    found = json.loads(run(tmp_path, "verdicts", "stats", "--format", "json")[1])
    assert found["reviewers"]["ann"] == {"accept": 6, "reject": 4}


def test_agreement_that_is_not_defined() -> None:
    """One verdict only, or nobody twice: no figure rather than a wrong one."""
    assert kappa([("accept", "accept")]) is None
    assert kappa([("accept", "reject"), ("reject", "accept")]) == -1.0
    assert alpha({"a": {"ann": "accept", "bob": "accept"}}) is None
    assert alpha({"a": {"ann": "accept"}}) is None
    assert alpha({}) is None
