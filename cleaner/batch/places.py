"""Where a batch run keeps its side data: ``.cleaner`` in the output folder."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

STATE: Final = ".cleaner"
TEXT: Final = "text"
AUDIT: Final = "audit"
ASIDE: Final = "aside"
ATTRIBUTES: Final = "attributes"
# In the order of their commit: what is on record about a text is there before the text.
KINDS: Final = (AUDIT, ASIDE, ATTRIBUTES, TEXT)

_LONGEST_NAME = 255  # bytes, on nearly every file system


@dataclass(frozen=True, slots=True)
class Places:
    """The paths of an output folder. ``attributes`` is the folder of attribute files, if they are wanted."""

    folder: Path
    attributes: Path | None = None

    @property
    def state(self) -> Path:
        """The folder of all side data."""
        return self.folder / STATE

    @property
    def ledger(self) -> Path:
        """The ledger."""
        return self.state / "ledger.db"

    @property
    def lock(self) -> Path:
        """The lock file."""
        return self.state / "lock"

    @property
    def parts(self) -> Path:
        """The folder of parts whose files are not complete yet."""
        return self.state / "parts"

    def part(self, output: str, number: int, kind: str) -> Path:
        """The place of a finished part of an output, of its audit and so on."""
        key = hashlib.blake2b(os.fsencode(output), digest_size=12).hexdigest()
        return self.parts / f"{key}-{number}.{kind}"

    def final(self, kind: str, output: str) -> Path:
        """The place of an output, of its audit, of what was put aside of it, or of its attributes."""
        if kind == TEXT:
            return self.folder / output
        if kind == ATTRIBUTES:
            return (self.attributes or self.state / ATTRIBUTES) / output
        if kind == ASIDE:
            return self.state / ASIDE / output
        *above, name = output.split("/")
        return Path(self.state, AUDIT, *above, _with_suffix(name))


def _with_suffix(name: str) -> str:
    if len(os.fsencode(name)) + len(".jsonl") <= _LONGEST_NAME:
        return name + ".jsonl"
    digest = hashlib.blake2b(os.fsencode(name), digest_size=12).hexdigest()
    return os.fsdecode(os.fsencode(name)[:200]) + f"-{digest}.jsonl"
