"""The store: who decided what, about which span, when. SQLite, append-only, safe for several reviewers at once.

Every decision is one transaction that is on the disk before the call returns. :mod:`cleaner.review.schema`
describes the tables for other programs. WAL needs a local disk: a store on a network share is for one
process at a time.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import Final, Literal

from cleaner.errors import InputError, OutputError
from cleaner.keys import CONTEXT, content_key, normalise
from cleaner.review.schema import APPLICATION_ID, SCHEMA, VERSION

Choice = Literal["accept", "reject", "flag"]
Scope = Literal["document", "site", "everywhere"]
CHOICES: Final[tuple[Choice, ...]] = ("accept", "reject", "flag")
SCOPES: Final[tuple[Scope, ...]] = ("document", "site", "everywhere")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_BUSY_SECONDS: Final = 30.0  # a group of 100,000 spans is written in about a second


class StoreError(OutputError):
    """A store that cannot be opened, read or written."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A span a decision is about. Offsets are half-open code points of the document's source text.

    ``document`` is :func:`~cleaner.keys.document_hash` of that text, or ``""``. ``start``, ``end``
    and ``text`` are as decided; ``flagged_*`` as the model flagged them (the same unless adjusted).
    ``before`` and ``after`` are up to 40 code points. Make one with :func:`occurrence`.
    """

    document: str
    document_id: str
    site: str
    start: int
    end: int
    text: str
    before: str
    after: str
    phrase: str
    key: str
    flagged_start: int
    flagged_end: int
    flagged_key: str
    label: str
    score: float
    model: str
    language: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What counts today for one span: the last decision about it that was not taken back."""

    decision: int
    verdict: Choice
    scope: Scope
    reviewer: str
    decided_at: str
    grouped_by: str
    note: str
    span: Occurrence


@dataclass(frozen=True, slots=True)
class Decision:
    """One key that was pressed, about one span or a group of ``spans`` in ``documents``."""

    id: int
    verdict: Choice
    scope: Scope
    reviewer: str
    decided_at: str
    grouped_by: str
    spans: int
    documents: int
    example: str
    undone: int  # 1 when it was taken back


def occurrence(
    text: str, before: str, after: str, start: int, *,
    document: str = "", document_id: str = "", site: str = "", label: str = "", score: float = 0.0, model: str = "",
    language: str = "und",
) -> Occurrence:  # fmt: skip
    """Return the occurrence of a flagged span, with its keys.

    >>> occurrence("ＡＢ419", "on ", " today", 3).phrase
    'ab419'
    """
    key = content_key(text, before, after)
    end = start + len(text)
    return Occurrence(
        document, document_id, site, start, end, text, before[-CONTEXT:], after[:CONTEXT], normalise(text), key,
        start, end, key, label, score, model, language,
    )  # fmt: skip


_COLUMNS: Final = tuple(field.name for field in fields(Occurrence))
_NAMES: Final = ", ".join(f'"{name}"' for name in _COLUMNS)
_INSERT: Final = f"INSERT INTO occurrences (decision, {_NAMES}) VALUES (?{', ?' * len(_COLUMNS)})"
_SELECT: Final = f"SELECT decision, verdict, scope, reviewer, decided_at, grouped_by, note, {_NAMES} FROM "
_INSERT_DECISION: Final = (
    "INSERT INTO decisions (verdict, scope, reviewer, decided_at, grouped_by, note) VALUES (?, ?, ?, ?, ?, ?)"
)
_INSERT_UNDO: Final = (
    "INSERT OR IGNORE INTO decisions (verdict, scope, reviewer, decided_at, grouped_by, note, undoes) "
    "SELECT 'undo', scope, ?, ?, grouped_by, '', id FROM decisions WHERE id = ? AND verdict != 'undo'"
)
_STANDING: Final = "verdict != 'undo' AND id NOT IN (SELECT undoes FROM decisions WHERE undoes IS NOT NULL)"
_HISTORY: Final = """
SELECT d.id, d.verdict, d.scope, d.reviewer, d.decided_at, d.grouped_by, count(o.id), count(DISTINCT o.document_id),
       min(o.text), EXISTS (SELECT 1 FROM decisions AS u WHERE u.undoes = d.id)
FROM decisions AS d JOIN occurrences AS o ON o.decision = d.id
GROUP BY d.id ORDER BY d.id DESC LIMIT ?
"""


class Store:
    """Decisions in a SQLite file, made when it is not there. Use it in a ``with`` block.

    Several processes may hold the same store; no decision of one is lost to another. Raises
    :class:`StoreError` for what cannot be opened or written, :class:`~cleaner.errors.InputError` for a file
    that is no store.

    >>> with Store(":memory:") as store:
    ...     number = store.decide([occurrence("AB419", "", " today", 0)], "accept", reviewer="ann")
    ...     [verdict.verdict for verdict in store.verdicts()]
    ['accept']
    """

    def __init__(self, path: str | Path, *, create: bool = True) -> None:
        self.path = str(path)
        if not create and not os.path.exists(self.path):
            raise InputError(f"{self.path}: no such store of verdicts")
        with _named(self.path):
            self._connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the store; what was decided is already on the disk."""
        self._connection.close()

    def decide(
        self, spans: Sequence[Occurrence], verdict: Choice, *,
        reviewer: str, scope: Scope = "document", grouped_by: str = "", note: str = "", decided_at: str = "",
    ) -> int:  # fmt: skip
        """Write one decision about one or more spans and return its number. It is on the disk when this returns."""
        if not spans:
            raise ValueError("a decision needs a span")
        row = (verdict, scope, reviewer, decided_at or _now(), grouped_by, note)
        with _named(self.path), self._transaction():
            cursor = self._connection.execute(_INSERT_DECISION, row)
            number = int(cursor.lastrowid or 0)
            self._connection.executemany(_INSERT, ((number, *map(_storable, astuple(span))) for span in spans))
        return number

    def undo(self, decision: int, *, reviewer: str) -> bool:
        """Take a decision back; ``False`` when it is not there or was taken back already. Nothing is deleted."""
        with _named(self.path), self._transaction():
            cursor = self._connection.execute(_INSERT_UNDO, (reviewer, _now(), decision))
        return cursor.rowcount > 0

    def last_decision(self, reviewer: str) -> int | None:
        """Return the last decision of a reviewer that still counts: what undo takes back, in any session."""
        row = self._one(f"SELECT max(id) FROM decisions WHERE reviewer = ? AND {_STANDING}", (reviewer,))
        return row[0] if row is not None else None

    def verdicts(self, *, each_reviewer: bool = False) -> Iterator[Verdict]:
        """Yield what counts today, in the order of decisions; ``each_reviewer``: the last one of every reviewer."""
        view = "verdicts_by_reviewer" if each_reviewer else "verdicts"
        with _named(self.path):
            for row in self._connection.execute(f"{_SELECT} {view} ORDER BY decision, id"):
                number, verdict, scope, reviewer, when, grouped_by, note, *span = row
                yield Verdict(number, verdict, scope, reviewer, when, grouped_by, note, Occurrence(*span))

    def spans_of(self, decision: int) -> list[Occurrence]:
        """Return the spans that a decision was about."""
        with _named(self.path):
            query = f"SELECT {_NAMES} FROM occurrences WHERE decision = ? ORDER BY id"
            return [Occurrence(*row) for row in self._connection.execute(query, (decision,))]

    def history(self, limit: int = 100) -> list[Decision]:
        """Return the last decisions, the newest first, with those that were taken back."""
        with _named(self.path):
            return [Decision(*row) for row in self._connection.execute(_HISTORY, (limit,))]

    def changed_since(self, mark: int) -> tuple[int, bool]:
        """Return a mark, and whether anything was decided by anyone since an earlier one."""
        row = self._one("SELECT coalesce(max(id), 0) FROM decisions", ())
        newest = int(row[0]) if row is not None else 0
        return newest, newest != mark

    def _one(self, query: str, values: Iterable[object]) -> tuple[int, ...] | None:
        with _named(self.path):
            row: tuple[int, ...] | None = self._connection.execute(query, tuple(values)).fetchone()
            return row

    def _prepare(self) -> None:
        connection = self._connection
        connection.execute("PRAGMA foreign_keys = ON")
        # FULL: a decision survives a power cut, not only the end of the process.
        connection.execute("PRAGMA synchronous = FULL")
        if self._is_empty():
            connection.execute("PRAGMA journal_mode = WAL")
            with self._transaction():
                if self._is_empty():  # another process may have been first
                    for statement in _statements(SCHEMA):
                        connection.execute(statement)
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise InputError(f"{self.path}: a SQLite file, but not a store of verdicts")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise InputError(f"{self.path}: made by a newer cleaner (format {version}, this one knows {VERSION})")

    def _is_empty(self) -> bool:
        return bool(self._connection.execute("SELECT count(*) = 0 FROM sqlite_master").fetchone()[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Take the writer's place at once: a later upgrade of a reading transaction could fail as busy."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def _storable(value: object) -> object:
    """SQLite takes UTF-8 only: a lone surrogate becomes U+FFFD. Its keys were made before, from the real text."""
    return _SURROGATE.sub("\ufffd", value) if isinstance(value, str) else value


def _statements(script: str) -> list[str]:
    """Return the statements of a script one by one; ``executescript`` would commit first."""
    found: list[str] = []
    statement = ""
    for part in script.split(";"):
        statement += part + ";"
        if sqlite3.complete_statement(statement):
            found.append(statement)
            statement = ""
    return [one for one in found if one.strip("; \n")]


@contextmanager
def _named(path: str) -> Iterator[None]:
    """Turn SQLite's errors into one line that names the store."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if "not a database" in str(error):
            raise InputError(f"{path}: not a store of verdicts (not SQLite)") from None
        raise StoreError(f"{path}: {error}") from None
