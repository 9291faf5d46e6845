"""The full screen of ``cleaner review``. What it shows is in :mod:`cleaner.review.paint`, what it does in
:mod:`cleaner.review.session`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.widgets import Static

from cleaner.errors import CleanerError
from cleaner.review import paint
from cleaner.review.dialogs import AdjustWindow, SearchWindow, help_window, history_window
from cleaner.review.flagged import Flagged
from cleaner.review.groups import Group
from cleaner.review.keymap import shown
from cleaner.review.session import PAST, Row, Session, counted
from cleaner.review.store import CHOICES, Choice

_SIDE: Final = 118  # columns from which the queue has a place of its own
_OTHERS_SECONDS: Final = 2.0  # how often the decisions of other reviewers are taken in
_FOOT: Final = ("accept", "reject", "skip", "undo", "flag", "mark", "adjust", "open", "search", "help", "quit")
_SHORT: Final = {"accept": "remove", "reject": "keep", "adjust": "ends"}

_CSS: Final = """
Screen { background: #12161d; color: #d5dae3; }
#head { height: 1; background: #1d2430; }
#side { width: 40; height: 1fr; border-right: vkey #2d3646; display: none; }
#side-title { height: 2; color: #8a93a3; padding: 1 0 0 1; }
#queue { height: 1fr; }
.wide #side { display: block; }
#group { height: 4; padding: 1 0 0 0; }
#rows { height: 1fr; min-height: 3; }
#context { border-top: solid #2d3646; padding: 0; }
#why { color: #b6bdc9; }
#preview { height: 1; background: #1d2430; }
#foot { height: 1; background: #12161d; color: #8a93a3; }
ModalScreen { align: center middle; background: #0b0e13 70%; }
.window { width: 90%; max-width: 96; height: auto; max-height: 90%; border: round #4a5a75; background: #171c25;
          padding: 1 2; border-title-color: #7cc7ff; border-subtitle-color: #8a93a3; }
.window VerticalScroll { height: auto; max-height: 100%; scrollbar-size-vertical: 1; scrollbar-color: #4a5a75;
                         scrollbar-background: #171c25; }
.window Input { border: tall #2d3646; background: #12161d; }
"""


class ReviewApp(App[None]):
    """Shows one group after the other and writes what is decided."""

    TITLE = "cleaner review"
    CSS = _CSS
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "row(-1)", show=False),
        Binding("down,j", "row(1)", show=False),
        Binding("pageup", "row(-10)", show=False),
        Binding("pagedown", "row(10)", show=False),
        Binding("home", "row(-1000000)", show=False),
        Binding("end", "row(1000000)", show=False),
    ]

    def __init__(self, session: Session, keys: Mapping[str, str]) -> None:
        super().__init__()
        self.session = session
        self.keys = keys
        self.group: Group | None = None
        self.rows: list[Row] = []
        self.cursor = 0
        self.marks: frozenset[int] = frozenset()
        self.opened: Row | None = None
        self._armed: tuple[Choice, Group] | None = None
        self._said = Text("")

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield Static(id="head")
        with Horizontal():
            with Vertical(id="side"):
                yield Static("waiting", id="side-title")
                yield Static(id="queue")
            with Vertical(id="main"):
                yield Static(id="group")
                yield Static(id="rows")
                yield Static(id="context")
                yield Static(id="why")
        yield Static(id="preview")
        yield Static(id="foot")

    def on_mount(self) -> None:
        """Bind the keys where the settings put them and show the first group."""
        for action, several in self.keys.items():
            name = f"decide('{action}')" if action in CHOICES else action
            for key in several.split(","):
                self.bind(key.strip(), name, show=False)
        self._show_group(next(iter(self.session.queue()), None))
        self.set_interval(_OTHERS_SECONDS, self._take_in_others)

    def on_resize(self, event: Resize) -> None:
        """Give the queue a place where there is one."""
        self.set_class(event.size.width >= _SIDE, "wide")
        self.call_after_refresh(self._paint)

    def action_decide(self, verdict: Choice) -> None:
        """Decide the marked rows, the span under the cursor of an opened phrase, or the whole group."""
        if self.group is None:
            return
        items, whole = self._target()
        if whole and self.session.view(self.group).warning() and self._armed != (verdict, self.group):
            self._armed = verdict, self.group
            self._paint()
            return
        preview = self.session.preview(items)
        if self._saved(lambda: self.session.decide(items, verdict, self.group)):
            self._said = Text.assemble((f" {PAST[verdict]} ", paint.GOOD), preview)
            self._go_on()

    def action_adjust(self) -> None:
        """Move the ends of the span under the cursor."""
        if not self.rows:
            return
        row = self.rows[self.cursor]
        self.push_screen(AdjustWindow(row.items[0]), lambda moved: self._adjusted(row, moved or (0, 0)))

    def _adjusted(self, row: Row, moved: tuple[int, int]) -> None:
        if moved == (0, 0):
            return
        if self._saved(lambda: self.session.adjust(row.items, *moved, self.group)):
            self._said = Text.assemble((" removed, adjusted ", paint.GOOD), self.session.preview(row.items))
            self._go_on()

    def action_skip(self) -> None:
        """Put the group at the end of the queue."""
        if self.group is not None:
            self.session.skip(self.group)
            self._said = Text(" skipped; it comes back at the end", paint.DIM)
            self._show_group(next(iter(self.session.queue()), None))

    def action_undo(self) -> None:
        """Take back the last decision or skip, and show its group."""
        done = ""
        try:
            done, group = self.session.undo()
        except CleanerError as error:
            self._fail(error)
            return
        self._said = Text(f" {done or 'there is nothing to undo'}", paint.WARN)
        self._show_group(group or self.group)

    def action_mark(self) -> None:
        """Mark the row, or take its mark away, and go to the next one."""
        self.marks ^= {self.cursor}
        self.action_row(1)

    def action_open(self) -> None:
        """Show the spans of the phrase under the cursor one by one."""
        if self.opened is None and self.rows:
            self.opened = self.rows[self.cursor]
            self.rows = [Row((item,)) for item in self.opened.items]
            self.cursor, self.marks = 0, frozenset()
            self._paint()

    def action_close(self) -> None:
        """Go back from a phrase to its group; forget marks."""
        if self.group is not None:
            self._show_group(self.group)

    def action_row(self, by: int) -> None:
        """Move the cursor."""
        self.cursor = max(0, min(len(self.rows) - 1, self.cursor + by))
        self._armed = None
        self._paint()

    def action_next(self) -> None:
        """Go to the next group without deciding this one."""
        self._step(1)

    def action_previous(self) -> None:
        """Go to the group before."""
        self._step(-1)

    def action_scope(self) -> None:
        """Change how far decisions reach."""
        self.session.next_scope()
        self._paint()

    def action_search(self) -> None:
        """Ask for words and go to the next group that holds them."""
        self.push_screen(SearchWindow(), self._found)

    def action_history(self) -> None:
        """Show what was decided."""
        self.push_screen(history_window(self.session.store.history()))

    def action_help(self) -> None:
        """Show the keys."""
        self.push_screen(help_window(self.keys))

    async def action_quit(self) -> None:
        """End; everything decided is saved."""
        self.exit()

    def _target(self) -> tuple[list[Flagged], bool]:
        """Return the spans a decision would be about, and whether they are a whole group."""
        if self.marks:
            return [item for number in sorted(self.marks) for item in self.rows[number].items], False
        if self.opened is not None:
            return list(self.rows[self.cursor].items), False
        return (self.session.pending(self.group) if self.group is not None else []), True

    def _found(self, words: str | None) -> None:
        found = self.session.find(words) if words else []
        if words and not found:
            self._said = Text(f" not found: {paint.fit(words, 30)}", paint.WARN)
        elif found:
            places = [number for number, group in enumerate(found) if group is self.group]
            self._said = Text(f" {counted(len(found), 'group')} found", paint.GOOD)
            self._show_group(found[(places[0] + 1) % len(found) if places else 0])
        self._paint()

    def _step(self, by: int) -> None:
        queue = self.session.queue()
        places = [number for number, group in enumerate(queue) if group is self.group]
        if queue:
            self._said = Text("")
            self._show_group(queue[((places[0] if places else 0) + by) % len(queue)])

    def _saved(self, write: Callable[[], object]) -> bool:
        try:
            write()
        except (CleanerError, ValueError) as error:
            self._fail(error)
            return False
        return True

    def _fail(self, error: Exception) -> None:
        self._said = Text(f" not saved: {paint.fit(str(error), 100)}", paint.BAD)
        self._paint()

    def _go_on(self) -> None:
        """Stay while the group has something pending, in the opened phrase too; else take the next group."""
        if self.group is not None and self.session.pending(self.group):
            opened = [item for item in self.opened.items if not self.session.verdict(item)] if self.opened else []
            self._show_group(self.group)
            if opened:
                self.opened = Row(tuple(opened))
                self.rows = [Row((item,)) for item in opened]
        else:
            self._show_group(next(iter(self.session.queue()), None))
        self._paint()

    def _show_group(self, group: Group | None) -> None:
        self.group = group
        self.rows = self.session.rows(group) if group is not None else []
        self.cursor, self.marks, self.opened, self._armed = 0, frozenset(), None, None
        self._paint()

    def _take_in_others(self) -> None:
        try:
            changed = self.session.sync()
        except CleanerError as error:
            self._fail(error)
            return
        if changed:
            self._said = Text(" another reviewer decided something", paint.DIM)
            self._go_on()

    def _paint(self) -> None:
        """Draw everything anew; the parts are small."""
        if not self.query("#head"):
            return
        columns, session = self.size.width, self.session
        main = columns - (41 if columns >= _SIDE else 0)
        self._draw("head", paint.head(session.reviewer, session.scope, session.progress(), columns))
        if columns >= _SIDE:
            queue = session.queue()
            sizes = [len(session.pending(group)) for group in queue]
            self._draw("queue", paint.queue_lines(queue, sizes, self.group, 39, max(3, self.size.height - 6)))
        if self.group is None or not self.rows:
            self._paint_end()
        else:
            self._paint_group(self.group, main)
        self._draw("foot", self._keys(columns))

    def _paint_group(self, group: Group, columns: int) -> None:
        tall = self.size.height >= 34
        view = self.session.view(group)
        item = self.rows[self.cursor].items[0]
        self._draw("group", paint.group_lines(view, columns))
        lines, reasons = (5, 6) if tall else (3, 3)
        height = self.size.height - 1 - 4 - (lines + 2) - reasons - 2
        self._draw("rows", paint.row_lines(self.rows, self.cursor, self.marks, columns, max(3, height)))
        self._draw("context", paint.context(item, columns, lines))
        self._draw("why", paint.reasons(item, columns, reasons))
        self._draw("preview", self._preview(columns))

    def _paint_end(self) -> None:
        progress = self.session.progress()
        done = f"\n {counted(progress.spans, 'span')} decided in this queue."
        self._draw("group", Text.assemble((" Nothing is left to decide.", paint.HEAD), done))
        for name in ("rows", "context", "why"):
            self._draw(name, Text(""))
        saved = f" Everything is saved in {paint.fit(self.session.store.path, 60)}"
        self._draw("preview", Text.assemble(self._said, "  ") if self._said.plain else Text(saved, paint.GOOD))

    def _preview(self, columns: int) -> Text:
        items, whole = self._target()
        reach = self.session.preview(items)
        if self._armed is not None:
            again = shown(self.keys[self._armed[0]])
            return Text(f" The members differ. {again} again: {_verb(self._armed[0])} {reach}", f"bold {paint.WARN}")
        what = "" if whole else "marked: " if self.marks else "this span: "
        accept, reject = shown(self.keys["accept"]), shown(self.keys["reject"])
        line = Text.assemble(
            " ", (accept, paint.BAD), " removes  ", (reject, paint.GOOD), " keeps  ", (what + reach, "bold")
        )
        return paint.spread(line, self._said, columns - 1)

    def _keys(self, columns: int) -> Text:
        line = Text(" ", no_wrap=True)
        for action in _FOOT:
            piece = Text.assemble((shown(self.keys[action]), paint.HEAD), f" {_SHORT.get(action, action)}  ")
            if line.cell_len + piece.cell_len <= columns:
                line.append_text(piece)
        return line

    def _draw(self, name: str, text: Text) -> None:
        self.query_one(f"#{name}", Static).update(text)


def _verb(verdict: Choice) -> str:
    return {"accept": "removes", "reject": "keeps", "flag": "flags"}[verdict]


def run(session: Session, keys: Mapping[str, str]) -> None:
    """Show the screen until the reviewer ends."""
    ReviewApp(session, keys).run()
