"""The full screen, driven by Textual's pilot: keys, previews, windows, and what the screen shows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.review_parts import campaign, flag, queue

pytest.importorskip("textual")

from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widgets import Static

from cleaner.review.app import ReviewApp
from cleaner.review.flagged import Flagged
from cleaner.review.keymap import merged
from cleaner.review.paint import fit, steady
from cleaner.review.session import Session
from cleaner.review.store import Store, StoreError

Step = Callable[[ReviewApp, Pilot[None]], Awaitable[None]]


def drive(folder: Path, items: list[Flagged], step: Step, size: tuple[int, int] = (80, 24), **keys: str) -> Store:
    """Run the app over a fresh store; return the store for questions afterwards."""

    async def work() -> Store:
        store = Store(folder / "s.sqlite")
        app = ReviewApp(Session(store, items, "ann", groups=5), merged(keys))
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await step(app, pilot)
        return store

    return asyncio.run(work())


def shown(app: ReviewApp, name: str = "") -> str:
    """Return what the screen shows, or one part of it, as lines of text."""
    if name:
        return str(app.screen.query_one(f"#{name}", Static).render())
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


async def to(app: ReviewApp, pilot: Pilot[None], words: str) -> None:
    """Go to the group that holds the words."""
    await pilot.press("slash", *words, "enter")
    await pilot.pause()


def test_one_key_decides_the_group_shown(tmp_path: Path) -> None:
    """The preview says what the key would do; one key does it; the next group follows."""

    async def step(app: ReviewApp, pilot: Pilot[None]) -> None:
        await to(app, pilot, "419")
        assert "上海{X}419{X}" in shown(app, "group")
        assert "24 spans · 24 documents · 5 sites" in shown(app, "group")
        assert "a removes  x keeps  24 spans in 24 documents" in shown(app, "preview")
        await pilot.press("a")
        assert "24/37 spans" in shown(app, "head")
        assert "removed 24 spans in 24 documents" in shown(app, "preview")
        assert app.group is not None and "419" not in app.group.name

    with drive(tmp_path, queue(), step) as store:
        assert [verdict.verdict for verdict in store.verdicts()] == ["accept"] * 24


def test_members_that_differ_need_the_key_twice(tmp_path: Path) -> None:
    """The warning stands above the rows; the first press says what the second will do; moving away disarms."""
    items = [flag("slot one"), flag("slot two", score=0.86, action="review", label="adult"), flag("slot three")]

    async def step(app: ReviewApp, pilot: Pilot[None]) -> None:
        assert "⚠ 1 of 3 are doubtful" in shown(app, "group")
        await pilot.press("x")
        assert "The members differ. x again: keeps 3 spans in 3 documents" in shown(app, "preview")
        await pilot.press("down")
        assert "again" not in shown(app, "preview")
        await pilot.press("x", "x")
        assert "Nothing is left to decide" in shown(app)

    with drive(tmp_path, items, step) as store:
        assert [verdict.verdict for verdict in store.verdicts()] == ["reject"] * 3


def test_marked_rows_and_opened_phrases_are_decided_apart(tmp_path: Path) -> None:
    """Marks first, then single spans of a phrase, then the rest."""

    async def step(app: ReviewApp, pilot: Pilot[None]) -> None:
        await to(app, pilot, "419")
        await pilot.press("m", "m")
        assert "marked: 4 spans in 4 documents" in shown(app, "preview")
        await pilot.press("x")
        assert "20 spans" in shown(app, "group")
        await pilot.press("enter")
        assert "this span: 1 span in 1 document" in shown(app, "preview")
        await pilot.press("f")
        assert len(app.rows) == 1, "the other span of the phrase stays open"
        await pilot.press("escape", "a")

    with drive(tmp_path, queue(), step) as store:
        kinds = [verdict.verdict for verdict in store.verdicts()]
        assert {kind: kinds.count(kind) for kind in set(kinds)} == {"accept": 19, "reject": 4, "flag": 1}


def test_undo_skip_and_moving_about(tmp_path: Path) -> None:
    """Backspace takes back decisions and skips and shows the group again; arrows only look."""

    async def step(app: ReviewApp, pilot: Pilot[None]) -> None:
        first = app.group
        await pilot.press("space")
        assert app.group is not first
        await pilot.press("backspace")
        assert app.group is first
        await pilot.press("right", "left")
        assert app.group is first
        await to(app, pilot, "419")
        await pilot.press("a", "backspace")
        assert "24 spans undecided again" in shown(app, "preview")
        assert app.group is not None and "419" in app.group.name
        await pilot.press("backspace")
        assert "there is nothing to undo" in shown(app, "preview")

    with drive(tmp_path, queue(), step) as store:
        assert list(store.verdicts()) == []
        assert len(store.history()) == 1, "undone, not deleted"


def test_ends_are_moved_in_a_window(tmp_path: Path) -> None:
    """Arrows move the end, tab takes the beginning, enter removes what is marked."""
    item = flag("gacor 88 Par", "Classes begin. slot ", "ents may attend.")

    async def step(app: ReviewApp, pilot: Pilot[None]) -> None:
        await pilot.press("e", *["left"] * 4, "tab", *["left"] * 5)
        assert "slot gacor 88" in shown(app)
        await pilot.press("enter")
        await pilot.pause()
        assert "removed, adjusted" in shown(app, "preview")

    with drive(tmp_path, [item], step) as store:
        assert [verdict.span.text for verdict in store.verdicts()] == ["slot gacor 88"]


def test_help_history_scope_and_moved_keys(tmp_path: Path) -> None:
    """Windows open and close; the settings' keys are bound and shown."""

    async def step(app: ReviewApp, pilot: Pilot[None]) -> None:
        await pilot.press("question_mark")
        assert "remove: it was injected" in shown(app) and "  y  " in shown(app)
        await pilot.press("escape", "s")
        assert "reach site" in shown(app, "head")
        await to(app, pilot, "419")
        await pilot.press("a")
        assert app.session.progress().spans == 0, "no longer bound"
        await pilot.press("y", "h")
        await pilot.pause()
        assert "removed" in shown(app) and "24 spans" in shown(app)

    with drive(tmp_path, queue(), step, accept="y") as store:
        assert {verdict.scope for verdict in store.verdicts()} == {"site"}


def test_others_decisions_are_taken_in(tmp_path: Path) -> None:
    """A second reviewer at the same store: their groups leave this screen."""

    async def step(app: ReviewApp, pilot: Pilot[None]) -> None:
        with Store(tmp_path / "s.sqlite") as other:
            other.decide([item.span for item in campaign()], "reject", reviewer="bob")
        app._take_in_others()
        assert "24/37 spans" in shown(app, "head")
        assert not app.session.find("419")

    drive(tmp_path, queue(), step).close()


def test_a_store_that_fails_is_said_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The group stays; the next try can succeed."""

    async def step(app: ReviewApp, pilot: Pilot[None]) -> None:
        def fail(*arguments: object, **named: object) -> int:
            raise StoreError("s.sqlite: disk full")

        await to(app, pilot, "419")
        with monkeypatch.context() as patch:
            patch.setattr(app.session.store, "decide", fail)
            await pilot.press("a")
        assert "not saved: s.sqlite: disk full" in shown(app, "preview")
        assert app.session.progress().spans == 0
        await pilot.press("a")
        assert app.session.progress().spans == 24

    drive(tmp_path, queue(), step).close()


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 20), (200, 60)])
def test_every_line_fits_and_lines_up(tmp_path: Path, size: tuple[int, int]) -> None:
    """Wide characters, emoji, combining marks and escapes: no line is wider or narrower than the screen."""
    odd = ["🎰🎰 slot", "上海 slot", "👩\u200d🚀 slot", "❤\ufe0f slot", "s\u0300\u0301\u0302\u0303\u0304lot"]
    odd.append("slot\x1b[2J\u202e\u200b")
    items = [flag(text, "前の文。\n漢字 ", " عربي ไทย 한국") for text in odd]
    items += [flag("slot " + "x" * 400, "y" * 400, "z" * 400)]

    async def step(app: ReviewApp, pilot: Pilot[None]) -> None:
        for _ in range(len(items)):
            lines = shown(app).split("\n")
            assert len(lines) == size[1]
            assert {cell_len(line) for line in lines} == {size[0]}
            text = "".join(lines)
            assert not set(text) & set("\x1b\u202e\u200b\u200d\ufe0f\r\t"), "escaped or gone"
            await pilot.press("down")

    drive(tmp_path, items, step, size).close()


def test_spans_stand_one_under_the_other(tmp_path: Path) -> None:
    """Whatever stands before them, counted in columns of the terminal."""
    beginnings = ("One. ", "漢字。", "🎰. ", "", "a long beginning of the line. ")
    items = [flag("slot gacor", before, " more") for before in beginnings]

    async def step(app: ReviewApp, pilot: Pilot[None]) -> None:
        await pilot.press("enter")
        columns = [cell_len(line[: line.index("slot")]) for line in shown(app, "rows").split("\n")]
        assert len(columns) == 5
        assert len(set(columns)) == 1

    drive(tmp_path, items, step).close()


def test_steady_and_fit() -> None:
    """Text of one width on every terminal, cut with an ellipsis."""
    assert steady("a\x1b[2Jb\r") == "a\\x1b[2Jb\\r"
    assert steady("👍🏽") == "👍\\U0001f3fd"
    assert steady("e" + "\u0301" * 50) == "e" + "\u0301" * 3
    assert (fit("上海论坛", 5), fit("上海论坛", 5, end=True), fit("abc", 3)) == ("上海…", "…论坛", "abc")
    assert cell_len(fit("上" * 1000, 33)) <= 33
