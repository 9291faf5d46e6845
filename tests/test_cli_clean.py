"""`cleaner clean` as a user runs it: real processes, real files."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import cleaner
from cleaner.repair import restore
from cleaner.types import Edit

PHRASE = "爱上海419论坛 "
ARTICLE = (
    "The river district has become home to thousands of young companies since the tunnel was opened last spring.\n"
    "Officials said on Monday that the new rail link had eased the pressure on commuters, but rents keep rising.\n"
    f"{PHRASE}Semiconductor Sovereignty\n"
    "At the heart of the change lies the chip industry, which makes more than a quarter of the country's output.\n"
    "The report names three more towns where factories are being built, and it warns of a shortage of engineers.\n"
)
CLEANED = ARTICLE.replace(PHRASE, "")
PLAIN = "The council met on Tuesday.\nIt will meet again in May.\n"

IDENTICAL = {
    "nothing": b"",
    "one byte": b"x",
    "a zero": b"\0",
    "mark only": b"\xef\xbb\xbf",
    "blanks only": b" \t\r\n \n",
    "mark, CRLF, zeros": b"\xef\xbb\xbf" + PLAIN.replace("\n", "\r\n").encode() + b"\0\0",
    "no last line end": PLAIN.encode().rstrip(),
    "odd line ends": "one\rtwo\x85three\u2028four\x0bfive\x0csix\x1cseven\n\r".encode(),
    "all bytes": bytes(range(256)),
    "not UTF-8": PLAIN.encode() + b"caf\xe9 \xc0\xaf \xed\xa0\x80\n",
    "UTF-16": ("\ufeff" + PLAIN).encode("utf-16-le"),
    "UTF-16 without mark": PLAIN.encode("utf-16-be"),
    "emoji, tags, private use": "family 👩‍👩‍👧‍👦 flag 🏴\U000e0067\U000e007f own \ue000 selector ❤️\n".encode(),
}
HOSTILE = {
    "marks without end": "a" + "\u0300\u0316" * 64_000,
    "one that grows": "\ufdfa" * 1_000_000,
    "masked": "Chip makers. 爱\u200b上\u200b海４１９论坛 上 海 品 茶 &#19978;&#28023; 壹贰 \u202e坛论\u202c ⿰⿱ end\n",
    "look-alikes": "Mayor Li Hua (李华) quoted “上海欢迎你” and ¥150 billion.\nНовости: 東京\nPoem: 床前明月光\n",
    "only spam": PHRASE.strip(),
    "astral": "𠮷野家 𝒳 😀 \U0010ffff\n",
}


def run(*arguments: object, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own."""
    env = {**os.environ, "PYTHONPATH": str(Path(cleaner.__file__).parents[1])}
    command = [sys.executable, "-m", "cleaner", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, cwd=cwd, env=env, timeout=60)


def records(*items: object) -> bytes:
    """Return the items as JSON lines."""
    return b"".join(json.dumps(item).encode() + b"\n" for item in items)


def test_a_file_goes_to_standard_output(tmp_path: Path) -> None:
    """The phrase is cut, everything else stays; the figures stand on standard error."""
    (tmp_path / "a.txt").write_text(ARTICLE, encoding="utf-8")
    result = run("clean", "a.txt", cwd=tmp_path)
    assert (result.returncode, result.stdout.decode()) == (0, CLEANED)
    assert b"1 document, 1 changed, 1 span removed" in result.stderr
    assert result.stderr.count(b"\n") == 1


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_standard_input_is_the_default(arguments: tuple[str, ...]) -> None:
    """A text piped in comes out clean, and `-q` says nothing."""
    result = run("clean", "-q", *arguments, stdin=ARTICLE.encode())
    assert (result.returncode, result.stdout.decode(), result.stderr) == (0, CLEANED, b"")


def test_utf16_stays_utf16(tmp_path: Path) -> None:
    """A page in UTF-16 is cleaned and written in UTF-16."""
    result = run("clean", stdin=("\ufeff" + ARTICLE).encode("utf-16-le"))
    assert result.stdout.decode("utf-16-le") == "\ufeff" + CLEANED


def test_other_bytes_around_a_cut_stay(tmp_path: Path) -> None:
    """CRLF, NUL and bytes that are not UTF-8 stay in a document that is changed."""
    end = b"\r\n\0 caf\xe9\xff end"
    result = run("clean", stdin=ARTICLE.replace("\n", "\r\n").encode() + end)
    assert result.stdout == CLEANED.replace("\n", "\r\n").encode() + end


@pytest.mark.parametrize("name", IDENTICAL)
def test_i1_what_holds_no_span_stays_byte_for_byte(name: str, tmp_path: Path) -> None:
    """Through a pipe and through files."""
    data = IDENTICAL[name]
    assert run("clean", "--input-format", "text", stdin=data).stdout == data
    (tmp_path / "a.txt").write_bytes(data)
    assert run("clean", "a.txt", "-o", "b.txt", cwd=tmp_path).returncode == 0
    assert (tmp_path / "b.txt").read_bytes() == data


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_lose_nothing(name: str) -> None:
    """No exception, and the edits give the source text back (whatever was found in it)."""
    result = run("clean", "--records", "--input-format", "text", stdin=HOSTILE[name].encode())
    assert result.returncode == 0, result.stderr
    record = json.loads(result.stdout)
    edits = [Edit(item["start"], item["removed"], item["inserted"]) for item in record["edits"]]
    assert restore(record["text"], edits) == HOSTILE[name]
    assert record["id"] == "stdin"


def test_a_folder_is_mirrored(tmp_path: Path) -> None:
    """The same tree, the same formats, packed where it was packed; I7: no document is lost."""
    (tmp_path / "in/deep").mkdir(parents=True)
    (tmp_path / "in/a.txt").write_text(ARTICLE, encoding="utf-8")
    (tmp_path / "in/deep/-b.txt.gz").write_bytes(gzip.compress(ARTICLE.encode()))
    (tmp_path / "in/deep/c d.jsonl.gz").write_bytes(gzip.compress(records({"id": 1, "text": ARTICLE})))
    (tmp_path / "in/plain.txt").write_text(PLAIN)
    result = run("clean", "in", "-o", "out", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, b"")
    assert b"4 documents, 3 changed" in result.stderr
    assert (tmp_path / "out/a.txt").read_text(encoding="utf-8") == CLEANED
    assert gzip.decompress((tmp_path / "out/deep/-b.txt.gz").read_bytes()).decode() == CLEANED
    packed = gzip.decompress((tmp_path / "out/deep/c d.jsonl.gz").read_bytes())
    assert packed == records({"id": 1, "text": CLEANED})
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [".cleaner", "a.txt", "deep", "plain.txt"]


def test_the_output_may_lie_in_the_input(tmp_path: Path) -> None:
    """`clean . -o out` does not clean its own output the second time."""
    (tmp_path / "a.txt").write_text(PLAIN)
    for _ in range(2):
        assert b"1 document," in run("clean", ".", "-o", "out", cwd=tmp_path).stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [".cleaner", "a.txt"]


def test_one_file_may_go_into_a_folder(tmp_path: Path) -> None:
    """As with cp: an existing folder, or a name that ends with a slash."""
    (tmp_path / "a.txt").write_text(PLAIN)
    (tmp_path / "there").mkdir()
    for folder in ("there", "new/"):
        assert run("clean", "a.txt", "-o", folder, cwd=tmp_path).returncode == 0
        assert (tmp_path / folder / "a.txt").read_text() == PLAIN


def test_several_inputs_need_a_place(tmp_path: Path) -> None:
    """Two texts are not run together on standard output."""
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(PLAIN)
    for inputs in (("a.txt", "b.txt"), (".",)):
        result = run("clean", *inputs, cwd=tmp_path)
        assert (result.returncode, result.stdout) == (2, b"")
        assert b"-o FOLDER" in result.stderr


def test_json_lines_keep_all_but_the_phrase(tmp_path: Path) -> None:
    """Numbers, order, spacing, escapes, repeated keys, line ends, other fields with the phrase: all stay."""
    text = json.dumps(ARTICLE)
    phrase = json.dumps(PHRASE)[1:-1]
    lines = [
        b'{"n": 1e400, "text": %s, "m": NaN,"k":-0.10, "other": "%s"}\r\n' % (text.encode(), phrase.encode()),
        b'\xef\xbb\xbf{"text" :%s}\n' % json.dumps(ARTICLE, ensure_ascii=False).encode(),
        b'{"text": 5, "text": %s}\n' % text.encode(),
        b'{"text": "lone \\ud800 \\/ \xe2\x80\xa8 inside", "x": {"text": "y"}}\n',
        b"\n",
        b'{"text": "last line without end"}',
    ]
    result = run("clean", stdin=b"".join(lines))
    assert result.returncode == 0, result.stderr
    in_text = text.encode(), text.replace(phrase, "").encode()
    raw = json.dumps(ARTICLE, ensure_ascii=False).encode(), json.dumps(CLEANED, ensure_ascii=False).encode()
    expected = [line.replace(*in_text).replace(*raw) for line in lines]
    assert result.stdout == b"".join(expected)
    assert b"5 documents, 3 changed" in result.stderr


def test_i7_bad_records_pass_are_named_and_counted(tmp_path: Path) -> None:
    """They come out as they went in, each with one line on standard error; the exit code is 3."""
    bad = [b'{"id": 1\n', b'{"id": 2}\n', b'{"text": null}\n', b'{"text": "\xff"}\n', b"[" * 50_000 + b"\n"]
    bad.append(b'{"a": ' + b"[" * 50_000 + b"\n")
    data = b"".join(line + records({"text": PLAIN}) for line in bad)
    (tmp_path / "a.jsonl").write_bytes(data)
    result = run("clean", "a.jsonl", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (3, data)
    errors = result.stderr.decode().splitlines()
    assert [line.split(": ")[0] for line in errors[:-1]] == [f"a.jsonl:{number}" for number in range(1, 12, 2)]
    assert "6 documents" in errors[-1] and "6 bad records passed on unchanged" in errors[-1]


def test_i7_records_keep_ids_and_order(tmp_path: Path) -> None:
    """As many records come out as documents went in, with their ids, repeated or missing ones too."""
    items = [{"id": f"d{number % 700}", "text": ARTICLE if number % 2 else PLAIN} for number in range(1500)]
    (tmp_path / "a.jsonl").write_bytes(records(*items) + b'{"id": "bad"}\n' + records({"text": PLAIN}))
    (tmp_path / "b.txt").write_text(PLAIN)
    result = run("clean", "--records", "a.jsonl", "b.txt", cwd=tmp_path)
    out = [json.loads(line) for line in result.stdout.splitlines()]
    assert [record["id"] for record in out] == [item["id"] for item in items] + [
        "a.jsonl:1501",
        "a.jsonl:1502",
        "b.txt",
    ]
    assert [record["text"] for record in out[:4]] == [PLAIN, CLEANED, PLAIN, CLEANED]
    assert out[1500]["status"] == "failed" and "no field 'text'" in out[1500]["reason"]
    assert {"status", "reason", "language", "model", "spans", "edits"} <= set(out[1])
    assert result.returncode == 3


def test_records_go_to_a_file(tmp_path: Path) -> None:
    """`--records -o FILE` gathers everything in one file, packed by its name."""
    (tmp_path / "a.txt").write_text(ARTICLE, encoding="utf-8")
    result = run("clean", "--records", "a.txt", "a.txt", "-o", "r.jsonl.gz", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    lines = gzip.decompress((tmp_path / "r.jsonl.gz").read_bytes()).splitlines()
    assert [json.loads(line)["text"] for line in lines] == [CLEANED, CLEANED]


def test_fields_and_format_can_be_named(tmp_path: Path) -> None:
    """A feed with other field names, and a text that looks like a record."""
    item = {"key": "k1", "body": ARTICLE, "text": PHRASE}
    (tmp_path / "feed").write_bytes(records(item))
    result = run("clean", "--text-field", "body", "--id-field", "key", "--records", "feed", cwd=tmp_path)
    assert [json.loads(result.stdout)[name] for name in ("id", "text")] == ["k1", CLEANED]
    result = run("clean", "--input-format", "text", stdin=b'{"text": 5}\nx')
    assert (result.returncode, result.stdout) == (0, b'{"text": 5}\nx')


def test_an_empty_outcome_is_kept(tmp_path: Path) -> None:
    """Nothing but spam, nothing at all: the document stays, with its id."""
    data = records({"id": "a", "text": PHRASE.strip()}, {"id": "b", "text": ""}, {"id": "c", "text": "\ufeff \n"})
    result = run("clean", "--records", stdin=data)
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["a", "b", "c"]
    assert len(run("clean", stdin=data).stdout.splitlines()) == 3


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    """Cleaning what is clean is the identity."""
    assert run("clean", stdin=CLEANED.encode()).stdout.decode() == CLEANED


def test_i13_nothing_is_written_outside_the_output(tmp_path: Path) -> None:
    """Every file opened for writing lies in the output folder; ids and names lead nowhere else."""
    (tmp_path / "in").mkdir()
    item = {"id": "../../escape\0/etc/passwd", "text": ARTICLE}
    (tmp_path / "in/a.jsonl").write_bytes(records(item))
    (tmp_path / "in/b\n.txt").write_text(ARTICLE, encoding="utf-8")
    (tmp_path / "watch.py").write_text(
        "import os, sys\n"
        "written = []\n"
        "def watch(event, arguments):\n"
        "    if event == 'open' and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR):\n"
        "        written.append(str(arguments[0]))\n"
        "    if event in ('os.rename', 'os.mkdir'):\n"
        "        written.append(str(arguments[1] if event == 'os.rename' else arguments[0]))\n"
        "sys.addaudithook(watch)\n"
        "from cleaner.cli import run\n"
        "code = run(['clean', 'in', '-o', 'out'])\n"
        "print(*(os.path.realpath(name) for name in written if name != os.devnull), sep='\\0')\n"
        "sys.exit(code)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(cleaner.__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"}
    result = subprocess.run([sys.executable, "watch.py"], cwd=tmp_path, env=env, capture_output=True, timeout=60)
    assert result.returncode == 0, result.stderr
    written = result.stdout.decode().rstrip("\n").split("\0")
    outside = [name for name in written if not Path(name).is_relative_to((tmp_path / "out").resolve())]
    assert len(written) >= 5 and not outside
    assert {path.name for path in (tmp_path / "out").iterdir()} == {".cleaner", "a.jsonl", "b\n.txt"}


def test_cleaning_loads_no_training_code(tmp_path: Path) -> None:
    """The command starts fast: scikit-learn, scipy and joblib stay where they are."""
    script = (
        "import sys\n"
        "from cleaner.cli import run\n"
        "code = run(['clean', '-q'])\n"
        "assert not {'sklearn', 'scipy', 'joblib', 'cleaner.training'} & set(sys.modules)\n"
        "sys.exit(code)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(cleaner.__file__).parents[1])}
    command = [sys.executable, "-c", script]
    result = subprocess.run(command, input=ARTICLE.encode(), env=env, capture_output=True, timeout=60)
    assert (result.returncode, result.stdout.decode()) == (0, CLEANED), result.stderr
