"""The tables of a store, for any program that reads SQLite.

``decisions``: one row per key a reviewer pressed; rows are only ever added. ``undoes`` names the decision
that a row takes back. ``occurrences``: the spans a decision was about. The view ``verdicts`` holds what
counts today: for every span the last decision that was not taken back. ``verdicts_by_reviewer`` holds
the same per reviewer. All offsets are half-open code points of the document's source text.
"""

from __future__ import annotations

from typing import Final

APPLICATION_ID: Final = 0x636C6E72  # "clnr": tells a store from another SQLite file
VERSION: Final = 1

_CURRENT = """
CREATE VIEW {name} AS
SELECT * FROM (
    SELECT o.*, d.verdict, d.scope, d.reviewer, d.decided_at, d.grouped_by, d.note,
           ROW_NUMBER() OVER (PARTITION BY {partition} ORDER BY d.id DESC) AS newest
    FROM occurrences AS o JOIN decisions AS d ON d.id = o.decision
    WHERE d.id NOT IN (SELECT undoes FROM decisions WHERE undoes IS NOT NULL)
) WHERE newest = 1;
"""

SCHEMA: Final = (
    """
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    verdict TEXT NOT NULL CHECK (verdict IN ('accept', 'reject', 'flag', 'undo')),
    scope TEXT NOT NULL CHECK (scope IN ('document', 'site', 'everywhere')),
    reviewer TEXT NOT NULL,
    decided_at TEXT NOT NULL,          -- UTC, ISO 8601
    grouped_by TEXT NOT NULL,          -- the template of the group that was decided, or ''
    note TEXT NOT NULL,                -- where an imported decision came from, or ''
    undoes INTEGER UNIQUE REFERENCES decisions (id),
    CHECK ((verdict = 'undo') = (undoes IS NOT NULL))
);
CREATE TABLE occurrences (
    id INTEGER PRIMARY KEY,
    decision INTEGER NOT NULL REFERENCES decisions (id),
    document TEXT NOT NULL,            -- hash of the source text (blake2b-128), or '' when it was not at hand
    document_id TEXT NOT NULL,
    site TEXT NOT NULL,                -- host name, or ''
    start INTEGER NOT NULL,            -- as decided
    "end" INTEGER NOT NULL,
    text TEXT NOT NULL,                -- text[start:end] as decided
    before TEXT NOT NULL,              -- up to 40 code points on each side
    after TEXT NOT NULL,
    phrase TEXT NOT NULL,              -- text, normalised
    key TEXT NOT NULL,                 -- hash of text and context, as decided
    flagged_start INTEGER NOT NULL,    -- as the model flagged it, before a reviewer moved the ends
    flagged_end INTEGER NOT NULL,
    flagged_key TEXT NOT NULL,
    label TEXT NOT NULL,
    score REAL NOT NULL,
    model TEXT NOT NULL,
    language TEXT NOT NULL
);
CREATE INDEX occurrences_by_decision ON occurrences (decision);
CREATE INDEX occurrences_by_key ON occurrences (flagged_key);
CREATE INDEX occurrences_by_phrase ON occurrences (phrase);
"""
    + _CURRENT.format(name="verdicts", partition="o.document, o.flagged_key")
    + _CURRENT.format(name="verdicts_by_reviewer", partition="d.reviewer, o.document, o.flagged_key")
    + f"PRAGMA application_id = {APPLICATION_ID};\nPRAGMA user_version = {VERSION};\n"
)
