"""CSV and TSV: rows as they came, and one field written anew."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.errors import InputError
from cleaner.io.delimited import RowDocument
from cleaner.io.readers import Source, open_source
from cleaner.io.records import WHOLE, Document, Reading, Record, Unit
from cleaner.repair import apply_edits
from cleaner.types import Cleaning, Edit

HEAD = b"id,text,n\r\n"


def read(data: bytes, folder: Path, name: str = "a.csv", unit: Unit = WHOLE, longest: int = 1 << 20) -> list[Record]:
    """Return the records of a table."""
    path = folder / name
    path.write_bytes(data)
    with open_source(Source(path, name, Path(name)), Reading(max_document=longest)) as opened:
        assert opened.format == "csv"
        return [record for chunk in opened.chunks(unit) for record in chunk.records]


def documents(data: bytes, folder: Path, name: str = "a.csv") -> list[Document]:
    """Return the documents of a table."""
    return [record for record in read(data, folder, name) if isinstance(record, Document)]


def cut(record: Document, *edits: Edit) -> bytes:
    """Return the record with the edits made, after going back and forth once."""
    cleaning = Cleaning(apply_edits(record.text, edits), (), edits, "changed", "", "en", "test")
    undo = record.undo(cleaning)
    assert "raw" in undo or isinstance(record, RowDocument)
    return record.render(cleaning)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (b'1,spam text,2\r\n', b"1,text,2\r\n"),
        (b'1,"spam text",2\r\n', b'1,"text",2\r\n'),
        (b'"1","spam a ""b"", c","2"\n', b'"1","a ""b"", c","2"\n'),
        (b'1,"spam a\nb\r\n\nc",2\n', b'1,"a\nb\r\n\nc",2\n'),
        (b'1,spam caf\xe9,2\n', b"1,caf\xe9,2\n"),
        (b'1,spam a "b" c,2', b'1,a "b" c,2'),
        (b'1,spam "b" c,2', b'1,"""b"" c",2'),
    ],
)
def test_only_the_text_is_written_anew(row: bytes, expected: bytes, tmp_path: Path) -> None:
    """Its quoting stays; every other byte of the row too."""
    (document,) = documents(HEAD + row, tmp_path)
    assert cut(document, Edit(0, "spam ")) == expected


FIELD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=20)


@given(
    st.lists(st.tuples(FIELD, FIELD, FIELD), max_size=6),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from([",", ";", "|", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.data(),
)
def test_any_table_comes_back(
    rows: list[tuple[str, ...]], quoting: int, mark: str, end: str, data: st.DataObject
) -> None:
    """What the csv module writes has the same values here; cut texts are read back cut, and restored exactly."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=mark, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
    writer.writerow(["id", "text", "n"])
    writer.writerows(rows)
    raw = buffer.getvalue().encode()
    with tempfile.TemporaryDirectory() as folder:
        records = read(raw, Path(folder))
        assert b"".join(record.raw for record in records) == raw
        found = [record for record in records if isinstance(record, Document)]
        assert [(record.id, record.text) for record in found] == [row[:2] for row in rows]
        for record in found:
            start = data.draw(st.integers(0, len(record.text)))
            stop = data.draw(st.integers(start, len(record.text)))
            edits = (Edit(start, record.text[start:stop]),)
            cleaning = Cleaning(apply_edits(record.text, edits), (), edits, "changed", "", "en", "test")
            again = read(f"id{mark}text{mark}n{end}".encode() + record.render(cleaning), Path(folder))[-1]
            assert isinstance(again, Document)
            assert again.text == cleaning.text
            assert again.revert(edits, record.undo(cleaning)) == record.raw


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"1,text\n", "2 fields under 3 columns"),
        (b"1,text,2,3\n", "4 fields under 3 columns"),
        (b'1,"text,2,3\n', "unexpected end"),
        (b'1,"te"xt",2,3\n', "expected after"),
        (b"1,a\rb,2,3\n", "new-line"),
    ],
)
def test_bad_rows_are_named_and_kept(row: bytes, reason: str, tmp_path: Path) -> None:
    """A row that cannot be used costs no other row."""
    good = b"7,other,2\n"
    records = read(HEAD + good + row + good, tmp_path)[1:]
    assert [record.raw for record in records] == [good, row, good]
    assert [record.place for record in records] == ["a.csv:2", "a.csv:3", "a.csv:4"]
    assert reason in records[1].problem
    assert not records[0].problem and not records[2].problem


def test_quotes_may_be_plain_characters(tmp_path: Path) -> None:
    """In tables with tabs a quote is often just a quote."""
    (document,) = documents(b'id\ttext\n1\t"Hello" he said, spam 5" disk\n', tmp_path, "a.tsv")
    assert document.text == '"Hello" he said, spam 5" disk'
    assert cut(document, Edit(17, "spam ")) == b'1\t"Hello" he said, 5" disk\n'


def test_a_text_that_vanishes_leaves_a_row(tmp_path: Path) -> None:
    """In a table of one column an empty text is written as quotes: a blank line would be no row."""
    (document,) = documents(b"text\nspam\n", tmp_path)
    assert cut(document, Edit(0, "spam")) == b'""\n'


def test_rows_are_lines_for_people_and_numbers_for_the_audit(tmp_path: Path) -> None:
    """A row with line breaks counts once, and the next one is found by its line."""
    records = read(HEAD + b'1,"a\nb",2\n\n3,x,4\n', tmp_path)
    assert [(record.line, record.number) for record in records] == [(1, 1), (2, 2), (4, 3), (5, 4)]
    assert isinstance(records[2], Record) and not isinstance(records[2], Document) and not records[2].problem


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"id,body\n1,x\n", "no column 'text'; its columns are id, body"),
        ("\ufeffid,text\n".encode("utf-16"), "UTF-16"),
        (b'"id,text\n', "header cannot be read"),
    ],
)
def test_tables_without_a_text_are_refused(data: bytes, words: str, tmp_path: Path) -> None:
    """One line that says what is there."""
    with pytest.raises(InputError, match=words):
        read(data, tmp_path)


def test_marks_and_delimiters(tmp_path: Path) -> None:
    """A byte order mark is not part of the first name; the delimiter is told by the header."""
    for data in (b"\xef\xbb\xbftext,id\nx,1\n", b"text;id;a,b\nx;1;2\n", b'"te""xt"|text|id\n1|x|1\n'):
        (document,) = documents(data, tmp_path)
        assert (document.id, document.text) == ("1", "x")
    assert documents(b"", tmp_path) == [] == documents(b"text\n", tmp_path)


def test_parts_are_the_table(tmp_path: Path) -> None:
    """Read in parts, each by its own opening, a table gives the same records."""
    rows = [b'%d,"line\n%s",x\r\n' % (number, b"a" * (number % 50)) for number in range(400)]
    data = HEAD + b"".join(rows)
    whole = read(data, tmp_path)
    source = Source(tmp_path / "a.csv", "a.csv", Path("a.csv"))
    for size in (1, 1000, 1 << 20):
        with open_source(source, Reading()) as opened:
            units = list(opened.units(size))
        assert [unit.end for unit in units[:-1]] == [unit.start for unit in units[1:]]
        parts = [record for unit in units for record in read(data, tmp_path, unit=unit)]
        assert parts == whole


@pytest.mark.parametrize("row", [b"1,%s,2\n", b'1,"%s",2\n', b'1,"x\n%s",2\n'])
def test_a_huge_row_is_passed_on_in_pieces(row: bytes, tmp_path: Path) -> None:
    """It is named once, held nowhere as a whole, and the next row is read."""
    data = HEAD + row % (b"a" * (4 << 20)) + b"7,x,8\n"
    records = read(data, tmp_path, longest=100_000)
    assert b"".join(record.raw for record in records) == data
    assert max(len(record.raw) for record in records) <= 2 << 20
    assert [record.text for record in records if isinstance(record, Document)] == ["x"]
    assert 1 <= len([record for record in records if record.problem]) <= 3
