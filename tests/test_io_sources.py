"""Finding inputs: what is taken, what is passed over, and names of every kind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cleaner.errors import OutputError
from cleaner.io.readers import find_sources
from cleaner.io.streams import MissingInput
from cleaner.io.writers import AtomicFile, make_parents, output_paths
from tests.records import read


def test_folders_are_walked_in_order(tmp_path: Path) -> None:
    """Files by name; hidden ones, links to folders, the output and what is no text are passed over."""
    for name in ("b.txt", "a/z.jsonl", "a/c", ".hidden", ".git/x.txt", "out/old.txt", "nul.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"text\0" if name == "nul.txt" else b"text")
    (tmp_path / "image.png").write_bytes(b"\x89PNG\0\0")
    (tmp_path / "loop").symlink_to(tmp_path)
    sources, passed_over = find_sources([str(tmp_path)], leave_out=tmp_path / "out")
    assert [str(item.relative) for item in sources] == ["b.txt", "nul.txt", "a/c", "a/z.jsonl"]
    assert passed_over == [str(tmp_path / "image.png")]


def test_several_folders_keep_their_names(tmp_path: Path) -> None:
    """Equal file names in two folders do not meet in the output; equal outputs are refused."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text("text")
    sources, _ = find_sources([str(tmp_path / "one"), str(tmp_path / "two")])
    assert output_paths(sources, Path("out")) == [Path("out/one/a.txt"), Path("out/two/a.txt")]
    with pytest.raises(OutputError, match="both"):
        output_paths(find_sources([str(item.path) for item in sources])[0], Path("out"))


@pytest.mark.parametrize("name", ["none.txt", "a\0b", "x" * 300])
def test_missing_inputs_are_named(name: str) -> None:
    """An input that is not there ends everything before anything is written."""
    with pytest.raises(MissingInput, match="no such file"):
        find_sources([name])


NAMES = [b"a\nb.txt", b"-rf.txt", b"caf\xe9.txt", b"x" * 251 + b".txt", b" a b ", b"a\t;$(x).txt", "上海".encode()]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_every_kind(name: bytes, tmp_path: Path) -> None:
    """A name is never taken for anything but a name: it is found, read, and written under the same name."""
    (tmp_path / "in").mkdir()
    try:
        Path(os.fsdecode(os.fsencode(tmp_path / "in") + b"/" + name)).write_bytes(b"text")
    except OSError:
        pytest.skip("not a name on this file system")
    sources, _ = find_sources([str(tmp_path / "in")])
    assert [os.fsencode(item.relative) for item in sources] == [name]
    (path,) = output_paths(sources, tmp_path / "out")
    make_parents(path, tmp_path / "out")
    assert sources[0].path is not None
    with AtomicFile(path) as file:
        file.write(read(sources[0].path)[0].raw)
    assert os.listdir(os.fsencode(tmp_path / "out")) == [name]
