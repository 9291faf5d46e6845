"""Committing files: whole under their name or not at all, never over an input."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cleaner.errors import OutputError
from cleaner.io.writers import AtomicFile, make_parents, refuse_inputs
from tests.records import source


def test_a_failed_write_leaves_the_former_file(tmp_path: Path) -> None:
    """A file under its final name is always whole; nothing is left beside it."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"former")
    with pytest.raises(RuntimeError), AtomicFile(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"former"
        raise RuntimeError
    assert path.read_bytes() == b"former"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_only_regular_files_are_replaced(tmp_path: Path) -> None:
    """A folder, a pipe or a device is never replaced by a file."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(OutputError, match="not a regular file"), AtomicFile(path):
            pass
    assert not Path("/dev/null").is_file()


def test_inputs_are_never_outputs(tmp_path: Path) -> None:
    """Neither by name nor through a symbolic or hard link."""
    path = tmp_path / "a.txt"
    path.write_text("text")
    (tmp_path / "soft").symlink_to(path)
    os.link(path, tmp_path / "hard")
    for output in (path, tmp_path / "soft", tmp_path / "hard", tmp_path / "x" / ".." / "a.txt"):
        (tmp_path / "x").mkdir(exist_ok=True)
        with pytest.raises(OutputError, match="this is the input"):
            refuse_inputs([output], [source(path)])
    refuse_inputs([tmp_path / "other"], [source(path)])


def test_links_do_not_lead_out_of_the_output_folder(tmp_path: Path) -> None:
    """A link inside the output folder does not send files elsewhere."""
    (tmp_path / "out").mkdir()
    (tmp_path / "else").mkdir()
    (tmp_path / "out" / "sub").symlink_to(tmp_path / "else")
    with pytest.raises(OutputError, match="leads out"):
        make_parents(tmp_path / "out" / "sub" / "deep" / "a.txt", tmp_path / "out")
    assert not list((tmp_path / "else").iterdir())
