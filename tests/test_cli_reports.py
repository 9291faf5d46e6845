"""`cleaner scan`, `explain`, `evaluate` and `train`: what people and programs read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import cleaner
from cleaner.cli._screen import Lines, Screen, safe, width
from cleaner.types import Span

PHRASE = "爱上海419论坛"
ARTICLE = (
    "The river district has become home to thousands of young companies since the tunnel was opened last spring.\n"
    "Officials said on Monday that the new rail link had eased the pressure on commuters, but rents keep rising.\n"
    f"{PHRASE} Semiconductor Sovereignty\n"
    "At the heart of the change lies the chip industry, which makes more than a quarter of the country's output.\n"
    "The report names three more towns where factories are being built, and it warns of a shortage of engineers.\n"
)
START = ARTICLE.index(PHRASE)
PLAIN = "The council met on Tuesday.\nIt will meet again in May.\n"


def run(*arguments: object, stdin: bytes = b"", cwd: Path | None = None, **env: str) -> tuple[int, str, str]:
    """Run the command; return exit code, standard output and standard error."""
    everything = {**os.environ, "PYTHONPATH": str(Path(cleaner.__file__).parents[1]), **env}
    command = [sys.executable, "-m", "cleaner", *map(str, arguments)]
    result = subprocess.run(command, input=stdin, capture_output=True, cwd=cwd, env=everything, timeout=60)
    return result.returncode, result.stdout.decode(), result.stderr.decode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with an infected text, a clean one and a file of records."""
    (tmp_path / "a.txt").write_text(ARTICLE, encoding="utf-8")
    (tmp_path / "b.txt").write_text(PLAIN)
    items = ({"id": "first", "text": PLAIN}, {"id": "second", "text": ARTICLE})
    (tmp_path / "f.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items))
    return tmp_path


def test_scan_shows_spans_in_their_line(folder: Path) -> None:
    """File, line and column, the verdict, the marked span; the totals; nothing is written."""
    code, out, errors = run("scan", ".", cwd=folder)
    assert (code, errors) == (0, "")
    assert f"      [-{PHRASE}-] Semiconductor Sovereignty\n" in out
    assert "f.jsonl:2  (id second)\n  3:1  " in out
    assert out.endswith("2 spans in 2 of 4 documents: 2 to remove, 0 for review\n")
    assert sorted(os.listdir(folder)) == ["a.txt", "b.txt", "f.jsonl"]


def test_scan_colours_only_for_terminals_or_on_demand(folder: Path) -> None:
    """With colours the span needs no brackets."""
    assert "\x1b" not in run("scan", "a.txt", cwd=folder)[1]
    assert "\x1b" not in run("scan", "a.txt", "--color", "never", cwd=folder)[1]
    coloured = run("scan", "a.txt", "--color", "always", cwd=folder)[1]
    assert f"\x1b[7m{PHRASE}\x1b[0m Semiconductor" in coloured


def test_scan_check_is_for_scripts(folder: Path) -> None:
    """1 when something was found, 0 when not; records that could not be checked win."""
    assert run("scan", "--check", "a.txt", cwd=folder)[0] == 1
    assert run("scan", "--check", "b.txt", cwd=folder) == (0, "nothing found in 1 document\n", "")
    (folder / "bad.jsonl").write_text("{}\n")
    assert run("scan", "--check", ".", cwd=folder)[0] == 3


def test_scan_json_is_a_record_per_span(folder: Path) -> None:
    """Offsets count in the document's text; the context says where it stood."""
    code, out, _ = run("scan", "--format", "json", "a.txt", "f.jsonl", cwd=folder)
    first, second = map(json.loads, out.splitlines())
    assert code == 0
    assert (first["file"], first["record"], second["record"], second["id"]) == ("a.txt", None, 2, "second")
    assert (first["start"], first["end"], first["text"]) == (START, START + len(PHRASE), PHRASE)
    assert (first["line"], first["column"], first["action"]) == (3, 1, "remove")
    assert first["after"].startswith(" Semiconductor") and first["before"].endswith("rising.\n")
    assert 0 <= first["score"] <= 1 and first["label"] and isinstance(first["evidence"], list)


def test_explain_gives_reasons(folder: Path) -> None:
    """Every span has at least one reason with a weight and words."""
    code, out, _ = run("explain", "a.txt", cwd=folder)
    assert code == 0 and f"[-{PHRASE}-]" in out and "█" in out
    code, out, _ = run("explain", "--format", "json", "--text", ARTICLE)
    (span,) = json.loads(out)["spans"]
    assert code == 0 and span["start"] == START
    assert all(isinstance(item["weight"], float) and item["name"] and item["detail"] for item in span["evidence"])
    assert span["evidence"]


def test_explain_says_when_there_is_nothing(folder: Path) -> None:
    """A clean text is an answer too."""
    assert "nothing found" in run("explain", "b.txt", cwd=folder)[1]


def test_evaluate_prints_figures(folder: Path) -> None:
    """A table for people, with groups; JSON for programs; the wrong documents on demand."""
    cases = [
        {"id": "i1", "text": ARTICLE, "spans": [[START, START + len(PHRASE)]], "lang": "en"},
        {"id": "c1", "text": PLAIN, "spans": [], "lang": "en"},
        {"id": "w1", "text": PLAIN, "spans": [[0, 11]], "lang": "xx"},
    ]
    (folder / "cases.jsonl").write_text("\ufeff" + "".join(json.dumps(case) + "\n" for case in cases))
    code, out, _ = run("evaluate", "cases.jsonl", "--by", "lang", "--failures", "3", cwd=folder)
    assert code == 0
    assert "3 documents: 2 infected, 1 clean" in out and "(1 of 2)" in out
    assert "w1  clean" in out and "[?The council?]" in out and "expected" in out
    assert [line.split()[:3] for line in out.splitlines() if line.startswith(("en ", "xx "))] == [
        ["en", "2", "1"],
        ["xx", "1", "1"],
    ]
    report = json.loads(run("evaluate", "cases.jsonl", "--format", "json", "--by", "lang", cwd=folder)[1])
    assert report["groups"]["lang"]["en"]["f1"] == 1.0
    assert report["overall"]["touched"] == 0


@pytest.mark.parametrize("spans", [[[0, 999]], [[3, 3]], [[-1, 2]], [["a", 2]], "all", [[True, 2]]])
def test_evaluate_names_bad_cases(folder: Path, spans: object) -> None:
    """File and line of a case that cannot be used; exit code 65."""
    (folder / "cases.jsonl").write_text(json.dumps({"text": "abc", "spans": spans}) + "\n")
    code, out, errors = run("evaluate", "cases.jsonl", cwd=folder)
    assert (code, out) == (65, "")
    assert errors.startswith("cleaner: cases.jsonl:1: ") and errors.count("\n") == 1


def test_train_without_scikit_learn_says_what_to_install(folder: Path) -> None:
    """One line, exit code 69."""
    script = (
        "import sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.startswith('cleaner.training'): raise ImportError('none', name='sklearn')\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from cleaner.cli import run\n"
        "sys.exit(run(['train', 'a.txt']))\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(cleaner.__file__).parents[1])}
    result = subprocess.run([sys.executable, "-c", script], cwd=folder, env=env, capture_output=True, timeout=60)
    assert result.returncode == 69
    assert b"training needs scikit-learn: pip install 'cleaner[train]'" in result.stderr


@pytest.mark.parametrize("command", ["clean", "scan", "explain", "train", "evaluate"])
def test_help_has_examples(command: str) -> None:
    """Help is good enough to work from, and every line fits a terminal of 110 columns."""
    code, out, errors = run(command, "--help")
    assert (code, errors) == (0, "")
    assert f"  cleaner {command} " in out.split("Examples:")[1]
    assert max(map(len, out.splitlines())) <= 110


def test_called_with_nothing_it_shows_help() -> None:
    """On standard error, as wrong usage."""
    code, out, errors = run()
    assert (code, out) == (2, "")
    assert "Usage: cleaner" in errors


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain text", "plain text"),
        ("上海 é 😀 שלום", "上海 é 😀 שלום"),
        ("\x1b]0;title\x07\x1b[2J", "\\x1b]0;title\\x07\\x1b[2J"),
        ("over\rwrite\tand\nbreak", "over\\rwrite\\tand\\nbreak"),
        ("\u202eabc\u2066\u200f", "\\u202eabc\\u2066\\u200f"),
        ("\x85\x9b\u2028\u200b\ufeff\ud800\U000e0041", "\\x85\\x9b\\u2028\\u200b\\ufeff\\ud800\\U000e0041"),
    ],
)
def test_safe_escapes_what_steers_or_hides(text: str, expected: str) -> None:
    """Control, direction, invisible and half characters are shown as escapes; letters stay."""
    assert safe(text) == expected


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("上海", 4), ("e\u0301", 1), ("ｆ", 2), ("", 0)])
def test_width_counts_columns(text: str, columns: int) -> None:
    """Wide characters take two columns, combining ones none."""
    assert width(text) == columns


@pytest.mark.parametrize("columns", [40, 80, 200, 5000])
@pytest.mark.parametrize(
    ("before", "span", "after"),
    [
        ("", "spam", ""),
        ("a" * 300, "spam", "b" * 300),
        ("上" * 300, "海" * 300, "论" * 300),
        ("x\u0300" * 300, "\u0301" * 3000, "\x1b[2J" * 300),
        ("", "\u202e" * 1000, "end"),
        ("line\n", "two\nlines", " rest\nnext"),
        ("a" * 1_000_000, "b" * 1_000_000, "c" * 1_000_000),
    ],
)
def test_a_snippet_fits_the_screen(
    before: str, span: str, after: str, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long and odd the text is: one line, no control characters, never wider than the terminal or 200."""
    monkeypatch.setenv("COLUMNS", str(columns))
    text = before + span + after
    flagged = Span(len(before), len(before) + len(span), "x", 1.0, "remove")
    shown = Screen("never").snippet(text, Lines(text), flagged)
    assert width(shown) <= min(columns, 200)
    assert len(shown) < 1500
    assert safe(shown) == shown
    assert "[-" in shown and "-]" in shown


def test_places_count_from_one() -> None:
    """LF, CR and CRLF end lines; other separators do not."""
    lines = Lines("ab\r\nc\rd\ne\u2028f")
    assert [lines.place(offset) for offset in (0, 1, 4, 6, 8, 10)] == [(1, 1), (1, 2), (2, 1), (3, 1), (4, 1), (4, 3)]
