"""The figures of `cleaner.evaluate`, counted by hand on small cases."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast

import pytest

from cleaner import Cleaner, InputError
from cleaner.cases import Case, make_case, read_cases
from cleaner.evaluate import Figures, evaluate
from cleaner.repair import apply_edits, make_edits
from cleaner.types import Action, Cleaning, Span


class Fake:
    """A cleaner that does what the test says: text to spans."""

    def __init__(self, **answers: list[tuple[int, int, Action]]) -> None:
        self.answers = answers

    def clean_many(self, texts: Iterable[str]) -> Iterator[Cleaning]:
        """Answer each text by its first word."""
        for text in texts:
            given = self.answers.get(text.split()[0], [])
            spans = tuple(Span(start, end, "x", 0.9, action) for start, end, action in given)
            edits = make_edits(text, spans)
            yield Cleaning(apply_edits(text, edits), spans, edits, "clean", "", "en", "fake")


def case(text: str, *spans: tuple[int, int], **fields: object) -> Case:
    """Return a case with the given known spans."""
    return make_case({"id": text[:2], "text": text, "spans": [list(span) for span in spans], **fields}, "test")


def figures(fake: Fake, *cases: Case) -> Figures:
    """Return the figures of a fake cleaner over the cases."""
    return evaluate(cast(Cleaner, fake), cases).overall


def test_a_perfect_cleaner() -> None:
    """Everything found and restored, nothing harmed."""
    result = figures(Fake(A=[(4, 8, "remove")]), case("A b spam c", (4, 8)), case("B plain"))
    assert (result.precision, result.recall, result.f1, result.f1_infected, result.flagged) == (1, 1, 1, 1, 1)
    assert (result.span_recall, result.span_precision, result.span_exact, result.restored) == (1, 1, 1, 1)
    assert (result.harmed, result.harmed_all, result.touched) == (0, 0, 0)
    assert (result.counts.documents, result.counts.infected) == (2, 1)


def test_partial_cuts_count_by_character() -> None:
    """Three of four characters cut, one host character harmed; white space counts nowhere."""
    result = figures(Fake(A=[(3, 8, "remove")]), case("A bcspam d", (4, 8)))
    assert (result.counts.cut, result.counts.cut_gold, result.counts.gold) == (5, 4, 4)
    assert (result.precision, result.recall) == (0.8, 1.0)
    assert (result.span_recall, result.span_exact, result.restored) == (1.0, 0.0, 0.0)
    assert result.harmed is None
    assert result.harmed_all == pytest.approx(1_000_000 / 4)
    blanks = figures(Fake(A=[(3, 10, "remove")]), case("A b  spam  c", (4, 9)))
    assert (blanks.precision, blanks.recall, blanks.span_exact, blanks.restored) == (1, 1, 1, 1)


def test_review_spans_flag_but_cut_nothing() -> None:
    """They raise `flagged` alone."""
    result = figures(Fake(A=[(4, 8, "review")]), case("A b spam c", (4, 8)))
    assert (result.precision, result.recall, result.flagged, result.f1) == (None, 0, 1, 0)
    assert (result.counts.review_spans, result.restored) == (1, 0)


def test_harm_in_clean_documents() -> None:
    """Per million of their characters; touched counts documents."""
    result = figures(Fake(B=[(2, 4, "remove")]), case("B abcdefghi"), case("C x"), case("D spam", (2, 6)))
    assert result.harmed == pytest.approx(2 * 1_000_000 / 12)
    assert result.harmed_all == pytest.approx(2 * 1_000_000 / 13)
    assert (result.touched, result.precision, result.f1_infected) == (1, 0, 0)


@pytest.mark.parametrize(("end", "found"), [(10, 1), (8, 1), (7, 0), (12, 1), (13, 0)])
def test_a_span_counts_from_four_fifths(end: int, found: int) -> None:
    """Intersection over union of at least 0.8 with ten known characters."""
    answer: list[tuple[int, int, Action]] = [(0, end, "remove")]
    fake = Fake(**{"x" * 20: answer})
    assert figures(fake, case("x" * 20, (0, 10))).counts.found_spans == found


def test_expected_text_may_be_given() -> None:
    """`cleaned` decides whether a document was restored."""
    fake = Fake(A=[(4, 8, "remove")])
    assert figures(fake, case("A b spam c", (4, 8), cleaned="A b c")).restored == 1
    assert figures(fake, case("A b spam c", (4, 8), cleaned="A b  c")).restored == 0


def test_overlapping_known_spans_are_cut_once() -> None:
    """The expected text takes their union."""
    assert case("A b spam c", (4, 7), (5, 8)).cleaned == "A b c"


def test_groups_add_up() -> None:
    """Per field and value; missing and null are one group; other values are named as JSON."""
    cases = [
        case("A spam", (2, 6), lang="en", n=1),
        case("B spam", (2, 6), lang=None, n=2),
        case("C plain", lang="en"),
        case("D plain", n=1),
    ]
    report = evaluate(cast(Cleaner, Fake(A=[(2, 6, "remove")])), iter(cases), ["lang", "n"], keep_failures=5)
    assert {value: item.counts.documents for value, item in report.groups["lang"].items()} == {"-": 2, "en": 2}
    assert {value: item.counts.documents for value, item in report.groups["n"].items()} == {"-": 1, "1": 2, "2": 1}
    assert (report.groups["lang"]["en"].recall, report.groups["lang"]["-"].recall) == (1, 0)
    assert [failure.case.id for failure in report.failures] == ["B "]
    assert json.loads(json.dumps(report.to_dict()))["groups"]["n"]["1"]["counts"]["documents"] == 2


def test_no_cases_give_no_figures() -> None:
    """Nothing to divide by is None, not an error."""
    result = figures(Fake())
    assert (result.f1, result.restored, result.counts.documents) == (None, None, 0)


def test_cases_are_read_from_packed_files(tmp_path: Path) -> None:
    """Blank lines and a byte order mark are no fault; other fields are kept."""
    path = tmp_path / "cases.jsonl.gz"
    path.write_bytes(gzip.compress(b'\xef\xbb\xbf{"id": 7, "text": "spam x", "spans": [[0, 4]], "lang": "en"}\n\n'))
    (read,) = read_cases(path)
    assert (read.id, read.spans, read.cleaned, read.fields["lang"]) == ("7", ((0, 4),), "x", "en")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "abc", "spans": [[0, 4]]}', "outside the text"),
        ('{"text": "abc", "spans": [[2, 2]]}', "outside the text"),
        ('{"text": "abc", "spans": [0, 2]}', "must be"),
        ('{"text": "abc", "spans": {"a": 1}}', "must be"),
        ('{"spans": []}', "field 'text'"),
        ("[]", "field 'text'"),
        ("{", "broken JSON"),
        ("[" * 100_000, "broken JSON"),
    ],
)
def test_bad_cases_are_named(tmp_path: Path, line: str, reason: str) -> None:
    """File and line, and what is wrong."""
    path = tmp_path / "cases.jsonl"
    path.write_text('{"text": ""}\n' + line + "\n")
    with pytest.raises(InputError, match=r"cases\.jsonl:2: .*" + reason):
        list(read_cases(path))
