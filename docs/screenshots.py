"""Make the screenshots of the README from the running app.

    python docs/screenshots.py docs/images

The queue is made of the corpus (``benchmarks/review_set.py``). Needs Chromium and a font with Chinese
characters for PNG; without Chromium the pictures are SVG.
"""

from __future__ import annotations

import asyncio
import html
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.cells import cell_len

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

from review_set import make_queue  # noqa: E402

from cleaner.review.app import ReviewApp  # noqa: E402
from cleaner.review.keymap import read_keys  # noqa: E402
from cleaner.review.session import Session  # noqa: E402
from cleaner.review.store import Store  # noqa: E402

CELL = 12.2  # the width of a column in Textual's SVG
SHOTS = {
    "review-wide": ((120, 36), ["down"]),
    "review": ((80, 24), ["n", "m", "down", "m"]),
}


async def shoot(folder: Path) -> None:
    """Press the keys of each screenshot and save what the screen shows."""
    items = make_queue("campaigns", 1000, ROOT / "corpus", lead="上海{code}419{venue}").items
    for name, (size, keys) in SHOTS.items():
        with Store(":memory:") as store:
            session = Session(store, items, "ann")
            session.groups.sort(key=lambda group: "419" not in group.name)
            for group in session.groups[6:18]:
                session.decide(session.pending(group), "accept", group)
            app = ReviewApp(session, read_keys(None))
            async with app.run_test(size=size) as pilot:
                await pilot.press(*keys)
                await pilot.pause()
                (folder / f"{name}.svg").write_text(_widened(app.export_screenshot()), encoding="utf-8")
        _to_png(folder / f"{name}.svg")


def _widened(svg: str) -> str:
    """Give every text the width of its columns: Textual counts characters, and wide ones take two columns."""

    def widen(found: re.Match[str]) -> str:
        columns = cell_len(html.unescape(found[3]))
        return f'{found[1]}textLength="{columns * CELL:.1f}"{found[2]}>{found[3]}</text>'

    return re.sub(r'(<text [^>]*?)textLength="[^"]*"([^>]*)>([^<]*)</text>', widen, svg)


def _to_png(svg: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg.read_text("utf-8"))
    if browser is None or size is None:
        return
    with tempfile.TemporaryDirectory() as profile:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]
        window = f"--window-size={int(float(size[1])) + 1},{int(float(size[2])) + 1}"
        target = f"--screenshot={svg.with_suffix('.png')}"
        where = f"--user-data-dir={profile}"
        subprocess.run(
            [browser, *options, where, window, target, svg.resolve().as_uri()],
            check=True,
            timeout=120,
            capture_output=True,
        )
    svg.unlink()


if __name__ == "__main__":
    asyncio.run(shoot(Path(sys.argv[1])))
