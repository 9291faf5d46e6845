"""A reviewer at work: the queue, what is pending, decisions, undo. The screen and the prompt both drive this."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cleaner.keys import CONTEXT, content_key, normalise
from cleaner.review.flagged import Flagged
from cleaner.review.groups import GROUPS, Group, group_flagged
from cleaner.review.store import SCOPES, Choice, Occurrence, Scope, Store, Verdict

VERBS: Final[dict[Choice, str]] = {"accept": "remove", "reject": "keep", "flag": "flag"}
PAST: Final[dict[str, str]] = {"accept": "removed", "reject": "kept", "flag": "flagged"}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the queue is decided, in spans and in groups."""

    spans: int
    all_spans: int
    groups: int
    all_groups: int


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a group: one phrase with its pending spans, or one span of an opened phrase."""

    items: tuple[Flagged, ...]

    @property
    def text(self) -> str:
        """Return the text of the phrase, as it first stands."""
        return self.items[0].span.text

    @property
    def documents(self) -> int:
        """Return the number of distinct documents."""
        return len(set(map(_document, self.items)))


class Session:
    """The queue of one reviewer over one store.

    Spans that were decided before, in this crawl or another, under this model or another, are not asked
    again. ``independent`` asks again what only others have decided, to measure agreement.
    """

    def __init__(
        self, store: Store, items: Iterable[Flagged], reviewer: str, *,
        scope: Scope = "document", groups: int = GROUPS, independent: bool = False,
    ) -> None:  # fmt: skip
        self.store = store
        self.reviewer = reviewer
        self.scope: Scope = scope
        self._independent = independent
        self._mark = 0
        self._decided: dict[str, Verdict] = {}
        self._skipped: list[tuple[Group, int]] = []  # with the reviewer's last decision at that time
        self.sync()
        every = list(items)
        self.already = sum(self.verdict(item) is not None for item in every)
        self.groups = group_flagged([item for item in every if self.verdict(item) is None], groups)
        self._spans = sum(len(group.items) for group in self.groups)

    def verdict(self, item: Flagged) -> Verdict | None:
        """Return what was decided about a span, found by its content, or ``None``."""
        return self._decided.get(item.span.flagged_key)

    def pending(self, group: Group) -> list[Flagged]:
        """Return the spans of a group that nobody decided yet."""
        return [item for item in group.items if self.verdict(item) is None]

    def view(self, group: Group) -> Group:
        """Return the group with its pending members alone."""
        return Group(group.name, self.pending(group), group.core, group.order)

    def rows(self, group: Group) -> list[Row]:
        """Return the pending phrases of a group, the most doubtful first."""
        rows = ([item for item in phrase if self.verdict(item) is None] for phrase in group.phrases())
        return [Row(tuple(row)) for row in rows if row]

    def queue(self) -> list[Group]:
        """Return the groups with something pending: first in their order, then those that were skipped."""
        skipped = [group for group, _ in self._skipped]
        waiting = [group for group in self.groups if not any(group is one for one in skipped)]
        return [group for group in (*waiting, *skipped) if self.pending(group)]

    def progress(self) -> Progress:
        """Return how far the queue is decided."""
        left = [len(self.pending(group)) for group in self.groups]
        return Progress(self._spans - sum(left), self._spans, left.count(0), len(self.groups))

    def decide(self, items: Sequence[Flagged], verdict: Choice, group: Group | None = None) -> int:
        """Write one decision about spans and return its number; it is saved when this returns."""
        return self._write([item.span for item in items], verdict, group)

    def adjust(self, items: Sequence[Flagged], start: int, end: int, group: Group | None = None) -> int:
        """Accept spans with their ends moved by ``start`` and ``end`` code points (negative: to the left).

        Raises ``ValueError`` when nothing would be left of one, or its context does not reach so far.
        """
        return self._write([adjusted(item, start, end) for item in items], "accept", group)

    def skip(self, group: Group) -> None:
        """Put a group at the end of the queue. Nothing is written: it comes back in the next session too."""
        self._skipped = [one for one in self._skipped if one[0] is not group]
        self._skipped.append((group, self.store.last_decision(self.reviewer) or 0))

    def undo(self) -> tuple[str, Group | None]:
        """Take back the last skip of this session or else the reviewer's last decision, of any session.

        Returns in words what was taken back (``""``: there is nothing) and the group it is in, if it is here.
        """
        number = self.store.last_decision(self.reviewer)
        if self._skipped and (number or 0) <= self._skipped[-1][1]:
            group, _ = self._skipped.pop()
            return "skipped group back in its place", group
        if number is None:
            return "", None
        spans = self.store.spans_of(number)
        self.store.undo(number, reviewer=self.reviewer)
        self.sync(force=True)
        keys = {span.flagged_key for span in spans}
        homes = (one for one in self.groups if any(item.span.flagged_key in keys for item in one.items))
        return f"{counted(len(spans), 'span')} undecided again", next(homes, None)

    def sync(self, *, force: bool = False) -> bool:
        """Take in what others decided; return whether there was anything."""
        mark, changed = self.store.changed_since(self._mark)
        if changed or force:
            self._mark = mark
            self._decided = {}
            for verdict in self.store.verdicts(each_reviewer=self._independent):
                if not self._independent or verdict.reviewer == self.reviewer:
                    self._learn(verdict)
        return changed

    def next_scope(self) -> Scope:
        """Change to the next scope of decisions and return it."""
        self.scope = SCOPES[(SCOPES.index(self.scope) + 1) % len(SCOPES)]
        return self.scope

    def preview(self, items: Sequence[Flagged]) -> str:
        """Return what a decision about the spans would reach: ``1,204 spans in 913 documents``."""
        documents = len(set(map(_document, items)))
        where = {"document": "", "site": ", and the same on their sites", "everywhere": ", and the same everywhere"}
        return f"{counted(len(items), 'span')} in {counted(documents, 'document')}{where[self.scope]}"

    def find(self, words: str) -> list[Group]:
        """Return the groups of the queue whose name or phrases hold the words."""
        wanted = normalise(words)
        return [
            group
            for group in self.queue()
            if wanted in normalise(group.name) or any(wanted in item.span.phrase for item in self.pending(group))
        ]

    def _write(self, spans: Sequence[Occurrence], verdict: Choice, group: Group | None) -> int:
        name = group.name if group is not None else ""
        number = self.store.decide(spans, verdict, reviewer=self.reviewer, scope=self.scope, grouped_by=name)
        if number == self._mark + 1:  # nobody else was at it
            self._mark = number
            for span in spans:
                self._learn(Verdict(number, verdict, self.scope, self.reviewer, "", name, "", span))
        else:
            self.sync(force=True)
        return number

    def _learn(self, verdict: Verdict) -> None:
        self._decided[verdict.span.flagged_key] = verdict
        self._decided.setdefault(verdict.span.key, verdict)


def adjusted(item: Flagged, start: int, end: int) -> Occurrence:
    """Return the occurrence of a span with its ends moved; how it was flagged stays on record."""
    span = item.span
    whole = item.before + span.text + item.after
    left, right = len(item.before) + start, len(item.before) + len(span.text) + end
    if not 0 <= left < right <= len(whole):
        raise ValueError("the ends would cross, or leave the text that is at hand")
    text, before, after = whole[left:right], whole[:left][-CONTEXT:], whole[right : right + CONTEXT]
    return replace(
        span, start=span.start + start, end=span.end + end, text=text, before=before, after=after,
        phrase=normalise(text), key=content_key(text, before, after),
    )  # fmt: skip


def counted(number: int, noun: str) -> str:
    """Return ``1 span``, ``1,204 spans``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _document(item: Flagged) -> str:
    return item.span.document or item.span.document_id
