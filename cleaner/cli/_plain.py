"""``cleaner review --plain``: groups as paragraphs, decisions as typed words; for pipes and screen readers too."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import click

from cleaner.cli._screen import Screen, count
from cleaner.review.flagged import Flagged
from cleaner.review.groups import Group
from cleaner.review.session import PAST, VERBS, Row, Session
from cleaner.review.store import SCOPES, Choice
from cleaner.terminal import fit_end, fit_start, middle_out, safe, width

_ROWS = 8
_HELP = """\
  a            accept: remove the spans of this group        a 2 4-6   only rows 2, 4, 5 and 6
  x            reject: keep them                             x 2       only row 2
  f            flag: set them aside                          f 2
  skip         come back to the group later (also: an empty line with a space)
  u            undo the last decision, of any session
  l            list all rows                                 o 2       the spans of row 2, one by one
  e 2 +1 -3    move the ends of row 2 (begin 1 to the right, end 3 to the left) and remove it
  / words      go to the next group that holds the words
  s            change the scope of decisions: this document, this site, everywhere
  h            what was decided                              q         end; everything decided is saved"""
_WORDS: dict[str, Choice] = {
    "a": "accept", "accept": "accept", "x": "reject", "reject": "reject", "f": "flag", "flag": "flag",
}  # fmt: skip


def run_plain(session: Session, colour: str) -> None:
    """Ask about one group after the other until the queue is empty or the reviewer ends."""
    _Prompt(session, Screen(colour)).run()


class _Prompt:
    """The conversation. ``shown`` are the rows that numbers refer to."""

    def __init__(self, session: Session, screen: Screen) -> None:
        self._session = session
        self._screen = screen
        self._shown: list[Row] = []
        self._group: Group | None = None
        self._confirmed: Group | None = None
        self._commands: dict[str, Callable[[Sequence[str]], None]] = {
            "s": self._scope, "scope": self._scope, "l": self._list, "list": self._list, "o": self._open,
            "open": self._open, "u": self._undo, "undo": self._undo, "e": self._adjust, "adjust": self._adjust,
            "/": self._search, "h": self._history, "history": self._history, "?": self._help, "help": self._help,
            "skip": self._skip,
        }  # fmt: skip

    def run(self) -> None:
        self._show_start()
        while True:
            queue = self._session.queue()
            if not queue:
                break
            if self._group is None or not any(self._group is group for group in queue):
                self._group = queue[0]
                self._show_group(_ROWS)
            line = self._ask()
            if line is None or line.strip() in ("q", "quit"):
                break
            self._answer(line)
        self._show_end()

    def _ask(self) -> str | None:
        """Return the next line, ``None`` at the end of the input."""
        click.echo("[a]ccept [x] reject [skip] [u]ndo [f]lag [?] > ", nl=False, color=self._screen.colour)
        sys.stdout.flush()
        line = sys.stdin.readline() if sys.stdin is not None else ""
        if not sys.stdin or not sys.stdin.isatty():
            self._screen.line()
        return line.rstrip("\n") if line else None

    def _answer(self, line: str) -> None:
        self._session.sync()
        words = line.split()
        if not words:
            self._skip(()) if line else self._show_group(_ROWS)
            return
        name, rest = (words[0][:1], [words[0][1:], *words[1:]]) if words[0].startswith("/") else (words[0], words[1:])
        try:
            if name in _WORDS:
                self._decide(_WORDS[name], rest)
            elif name in self._commands:
                self._commands[name](rest)
            else:
                self._say(f"not known: {safe(name)} (? for help)")
        except ValueError as error:
            self._say(str(error))

    def _decide(self, verdict: Choice, rest: Sequence[str]) -> None:
        assert self._group is not None
        group = self._group
        items = [item for row in self._chosen(rest) for item in row.items] if rest else self._session.pending(group)
        warning = self._session.view(group).warning()
        if warning and not rest and self._confirmed is not group:
            self._confirmed = group
            self._say(f"the members differ: {warning}.")
            self._say(f"{VERBS[verdict]} {self._session.preview(items)}? Say it again to do it.")
            return
        preview = self._session.preview(items)
        self._session.decide(items, verdict, group)
        self._say(f"{PAST[verdict]}: {preview}")
        if rest and self._session.pending(group):
            self._show_group(_ROWS)

    def _chosen(self, rest: Sequence[str]) -> list[Row]:
        """Return the rows that words like ``2`` and ``4-6`` name."""
        rows: list[Row] = []
        for word in " ".join(rest).replace(",", " ").split():
            first, _, last = word.partition("-")
            if not first.isdecimal() or (last and not last.isdecimal()):
                raise ValueError(f"not a row: {safe(word)}")
            numbers = range(int(first), int(last or first) + 1)
            if not numbers or numbers[0] < 1 or numbers[-1] > len(self._shown):
                raise ValueError(f"there are rows 1 to {len(self._shown)}, not {safe(word)}")
            rows += [self._shown[number - 1] for number in numbers]
        return rows

    def _adjust(self, rest: Sequence[str]) -> None:
        if len(rest) != 3:
            raise ValueError("say: e ROW START END, as in e 2 +1 -3")
        row = self._chosen(rest[:1])[0]
        try:
            start, end = int(rest[1]), int(rest[2])
        except ValueError:
            raise ValueError("START and END are whole numbers, as in e 2 +1 -3") from None
        self._session.adjust(row.items, start, end, self._group)
        item = row.items[0]
        whole, at = item.before + row.text + item.after, len(item.before)
        self._say(f"removed, adjusted: {safe(whole[at + start : at + len(row.text) + end])}")

    def _scope(self, rest: Sequence[str]) -> None:
        self._session.next_scope()
        if rest and rest[0] in SCOPES:
            self._session.scope = next(scope for scope in SCOPES if scope == rest[0])
        self._say(f"decisions now reach: {self._session.scope}")

    def _skip(self, rest: Sequence[str]) -> None:
        assert self._group is not None
        self._session.skip(self._group)
        self._group = None

    def _undo(self, rest: Sequence[str]) -> None:
        done, group = self._session.undo()
        self._say(done or "there is nothing to undo")
        if group is not None:
            self._group = group
            self._show_group(_ROWS)

    def _search(self, rest: Sequence[str]) -> None:
        found = self._session.find(" ".join(rest))
        if not found:
            self._say("not found in what is pending")
            return
        places = [number for number, group in enumerate(found) if group is self._group]
        self._group = found[(places[0] + 1) % len(found) if places else 0]
        self._say(count(len(found), "group"))
        self._show_group(_ROWS)

    def _history(self, rest: Sequence[str]) -> None:
        for decision in reversed(self._session.store.history(15)):
            undone = "  (taken back)" if decision.undone else ""
            what = f"{PAST[decision.verdict]} {count(decision.spans, 'span')}: {self._screen.fit(decision.example, 40)}"
            self._say(f"{decision.decided_at[:16]}  {safe(decision.reviewer)}  {what}{undone}")

    def _help(self, rest: Sequence[str]) -> None:
        self._screen.line(_HELP)

    def _list(self, rest: Sequence[str]) -> None:
        self._show_group(len(self._group.items) if self._group else 0)

    def _open(self, rest: Sequence[str]) -> None:
        self._shown = [Row((item,)) for row in self._chosen(rest) for item in row.items]
        for number, row in enumerate(self._shown, 1):
            self._show_row(number, row)
            self._say(f"     {safe(row.items[0].place)}")

    def _show_start(self) -> None:
        progress = self._session.progress()
        already = f"; {self._session.already:,} were decided before" if self._session.already else ""
        spans = f"{progress.all_spans:,} spans in {count(progress.all_groups, 'group')}"
        self._say(f"{spans} to review as {safe(self._session.reviewer)}{already}. ? for help, q to end.")

    def _show_end(self) -> None:
        progress = self._session.progress()
        self._say(
            f"{progress.spans:,} of {progress.all_spans:,} spans decided, saved in {safe(self._session.store.path)}"
        )

    def _show_group(self, most: int) -> None:
        assert self._group is not None
        session, screen, group = self._session, self._screen, self._session.view(self._group)
        rows = session.rows(group)
        self._shown = rows
        items = group.items
        progress = session.progress()
        screen.line()
        place = f"group {progress.groups + 1} of {progress.all_groups}"
        screen.line(screen.style(f"{place}: {safe(group.name)}", "cyan", bold=True))
        where = f", {count(group.sites, 'site')}" if group.sites else ""
        self._say(f"{session.preview(items)}{where}; family {safe(group.label)}")
        if warning := group.warning():
            screen.line(screen.style(f"  the members differ: {warning}", "yellow"))
        for number, row in enumerate(rows[:most], 1):
            self._show_row(number, row)
        if len(rows) > most:
            self._say(f"... and {count(len(rows) - most, 'more phrase')} (l lists them)")
        if items[0].evidence:
            self._say("why: " + safe("; ".join(f"{words} ({weight:+.1f})" for weight, words in items[0].evidence[:3])))

    def _show_row(self, number: int, row: Row) -> None:
        item = row.items[0]
        times = f" x{len(row.items)}" if len(row.items) > 1 else ""
        head = f"  {number:3}. {item.span.score:.2f}{times}  "
        self._screen.line(head + _context(self._screen, item, self._screen.columns - width(head) - 4))

    def _say(self, text: str) -> None:
        self._screen.line(f"  {text}")


def _context(screen: Screen, item: Flagged, room: int) -> str:
    shown = middle_out(item.span.text, room * 2 // 3)
    before, after = item.before.rpartition("\n")[2], item.after.partition("\n")[0]
    spare = room - width(shown)
    left = fit_end(before, spare // 2)
    return left + screen.mark(shown, "remove") + fit_start(after, spare - width(left))
