"""The windows over the review: help, history, search, and the one that moves a span's ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from cleaner.review.flagged import Flagged
from cleaner.review.keymap import ACTIONS, shown
from cleaner.review.paint import DIM, HEAD, SPAN, WARN, fit, steady
from cleaner.review.session import PAST, counted
from cleaner.review.store import Decision

_CLOSE: list[BindingType] = [Binding("escape,q,enter", "close", "close", show=False)]


class Window(ModalScreen[None]):
    """A text in a frame that any closing key takes away."""

    BINDINGS: ClassVar[list[BindingType]] = _CLOSE

    def __init__(self, title: str, body: Text) -> None:
        super().__init__()
        self._title, self._body = title, body

    def compose(self) -> ComposeResult:
        """Lay the window out."""
        with Vertical(classes="window") as frame:
            frame.border_title = self._title
            frame.border_subtitle = "esc closes"
            with VerticalScroll():
                yield Static(self._body)

    def action_close(self) -> None:
        """Take the window away."""
        self.dismiss()


def help_window(keys: Mapping[str, str]) -> Window:
    """Return the window that explains the keys."""
    body = Text()
    for action, (_, words) in ACTIONS.items():
        names = ", ".join(shown(key) for key in keys[action].split(","))
        body.append(f"{names:>12}  ", HEAD)
        body.append(f"{words}\n")
    body.append("        ↑, ↓  ", HEAD)
    body.append("move among the rows\n\n")
    body.append(
        "A decision is about the whole group, or about the marked rows when there are any,\n"
        "or about one span when a phrase is open. The line above the keys always says which.\n"
        "Where the members of a group differ, the key has to be pressed twice.\n",
        DIM,
    )
    body.append("Red spans are removed by clean, yellow ones are only reported.", DIM)
    return Window("Keys", body)


def history_window(decisions: Sequence[Decision]) -> Window:
    """Return the window with the last decisions."""
    body = Text()
    for decision in decisions:
        when = decision.decided_at[:16].replace("T", " ")
        style = f"strike {DIM}" if decision.undone else ""
        body.append(f"{when}  ", DIM)
        body.append(f"{fit(decision.reviewer, 8):8} {PAST[decision.verdict]:8}", style)
        body.append(f"{counted(decision.spans, 'span'):>11}  ", style or "bold")
        body.append(f"{fit(decision.grouped_by or decision.example, 30)}\n", style)
    return Window("History, the last first", body if decisions else Text("nothing decided yet"))


class SearchWindow(ModalScreen[str]):
    """Asks for words; gives ``""`` when the reviewer thinks better of it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "close", show=False)]

    def compose(self) -> ComposeResult:
        """Lay the window out."""
        with Vertical(classes="window small") as frame:
            frame.border_title = "Search groups and phrases"
            yield Input(placeholder="words of a phrase, or of a group's name")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the words back."""
        self.dismiss(event.value)

    def action_close(self) -> None:
        """Give nothing back."""
        self.dismiss("")


class AdjustWindow(ModalScreen[tuple[int, int]]):
    """Moves the ends of a span; gives by how many code points, or ``(0, 0)`` for a change of mind."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "move(-1)", "left", show=False),
        Binding("right,l", "move(1)", "right", show=False),
        Binding("tab,space", "swap", "other end", show=False),
        Binding("enter", "done", "done", show=False),
        Binding("escape,q", "close", "close", show=False),
    ]

    def __init__(self, item: Flagged) -> None:
        super().__init__()
        self._item = item
        self._moved = [0, 0]
        self._end = 1

    def compose(self) -> ComposeResult:
        """Lay the window out."""
        with Vertical(classes="window small") as frame:
            frame.border_title = "Adjust the span's ends"
            yield Static(id="ends")

    def on_mount(self) -> None:
        """Show where the ends stand."""
        self._show()

    def action_move(self, by: int) -> None:
        """Move the current end by one character, never over the other one or out of the text at hand."""
        before, text = self._item.before, self._item.span.text
        start, end = (self._moved[place] + (by if place == self._end else 0) for place in (0, 1))
        left, right = len(before) + start, len(before) + len(text) + end
        if 0 <= left < right <= len(before) + len(text) + len(self._item.after):
            self._moved = [start, end]
            self._show()

    def action_swap(self) -> None:
        """Take the other end."""
        self._end = 1 - self._end
        self._show()

    def action_done(self) -> None:
        """Give the moves back."""
        self.dismiss((self._moved[0], self._moved[1]))

    def action_close(self) -> None:
        """Give no move back."""
        self.dismiss((0, 0))

    def _show(self) -> None:
        item, (start, end) = self._item, self._moved
        whole = item.before + item.span.text + item.after
        left, right = len(item.before) + start, len(item.before) + len(item.span.text) + end
        body = Text(fit(whole[:left], 60, end=True), DIM)
        body.append("▏" if self._end else "▶", WARN)
        body.append(steady(whole[left:right]), SPAN["remove"])
        body.append("◀" if self._end else "▕", WARN)
        body.append(fit(whole[right:], 60), DIM)
        which = ("beginning", "end")[self._end]
        body.append(f"\n\n← → move the {which} · tab: other end · ⏎ removes · esc leaves", DIM)
        self.query_one("#ends", Static).update(body)
