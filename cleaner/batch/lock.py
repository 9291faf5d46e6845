"""One run per output folder."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cleaner.errors import LockedError, OutputError


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file ``path``. Raises :class:`LockedError` at once when another process holds it.

    The system lets go of the lock when the process ends, however it ends: a lock is never left over.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}") from None
    try:
        if not _take(handle):
            owner = os.read(handle, 32).decode("ascii", "replace").strip() or "unknown"
            raise LockedError(f"{path.parent.parent}: another run is writing there (process {owner})")
        _sign(handle, path)
        yield
    finally:
        os.close(handle)


def _sign(handle: int, path: Path) -> None:
    """Write down whose lock it is."""
    try:
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, f"{os.getpid()}\n".encode())
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}") from None


def _take(handle: int) -> bool:
    if sys.platform == "win32":
        locking: Any = importlib.import_module("msvcrt")
        with suppress(OSError):
            # Far behind the end: a locked byte cannot be read by others, and they want the number.
            os.lseek(handle, 1 << 20, os.SEEK_SET)
            locking.locking(handle, locking.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
            return True
        os.lseek(handle, 0, os.SEEK_SET)
        return False
    fcntl: Any = importlib.import_module("fcntl")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
