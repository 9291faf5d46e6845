"""`cleaner report` and `cleaner mine`: figures that add up, and a page that hostile text cannot harm."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from cleaner.cli import run
from cleaner.report import read_figures, write_report
from cleaner.report.figures import collect
from cleaner.report.mechanism import mechanism_of
from cleaner.report.parts import number, percent, shown
from tests.material import SAYS, WORDS

PHRASE = "爱上海419论坛"
HOSTILE = '<script>alert(1)</script>\u202e"><img src=x onerror=alert(2)>\x1b[2J'
VOID = {"meta", "rect", "line", "br", "img", "link", "input"}


def article(seed: int, infected: bool) -> str:
    """Return a short text of its own, with a phrase before one of its lines or without."""
    rng = random.Random(seed)
    lines: list[str] = []
    for _ in range(5):
        first, second, third, fourth = rng.sample(WORDS["en"], 4)
        lines.append(f"The {first} {rng.choice(SAYS)} the {second} on Monday, and the {third} was near the {fourth}.")
    lines.insert(2, f"{PHRASE} Semiconductor Sovereignty" if infected else "Semiconductor Sovereignty")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that was cleaned with a report: six sites of eight pages, one page of each infected."""
    folder = tmp_path_factory.mktemp("report")
    records: list[dict[str, Any]] = [
        {
            "id": f"{site}-{page}",
            "url": f"https://www.site{site}.example/{page}",
            "text": article(100 * site + page, page == 0),
        }
        for site in range(6)
        for page in range(8)
    ]
    records.append({"id": HOSTILE, "source": HOSTILE, "text": f"{HOSTILE}\n{article(7, True)}"})
    lines = [json.dumps(record) for record in records]
    (folder / "in").mkdir()
    (folder / "in" / "crawl.jsonl").write_text("\n".join([*lines, '{"text": 5}']) + "\n", encoding="utf-8")
    page, figures = str(folder / "report.html"), str(folder / "report.json")
    code = run(
        ["clean", str(folder / "in"), "-o", str(folder / "out"), "--report", page, "--report-json", figures, "-q"]
    )
    assert code == 3  # the record without a text
    return folder


def figures_of(cleaned: Path) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads((cleaned / "report.json").read_text("utf-8"))
    return figures


def page_of(cleaned: Path) -> str:
    return (cleaned / "report.html").read_text("utf-8")


def test_the_figures_add_up(cleaned: Path) -> None:
    """Every table counts the same spans."""
    figures = figures_of(cleaned)
    totals = figures["totals"]
    assert (totals["documents"], totals["changed"], totals["bad"]) == (49, 7, 1)
    for kind, name in (("cut", "remove"), ("review", "review")):
        for table in ("families", "mechanisms", "languages", "scores", "sites"):
            assert sum(row[kind] for row in figures[table]) == totals["spans"][name], (table, kind)
    assert sum(site["removed_characters"] for site in figures["sites"]) == totals["removed"]


def test_the_phrase_is_told_with_its_contexts(cleaned: Path) -> None:
    """How often, on how many sites, and what stood around it, each time on another site."""
    top = figures_of(cleaned)["phrases"][0]
    assert (top["text"], top["label"], top["documents"], top["sites"]) == (PHRASE, "escort", 7, 7)
    assert len({context["site"] for context in top["contexts"]}) == len(top["contexts"]) == 3
    assert all(context["after"].startswith(" Semiconductor") for context in top["contexts"])


def test_sites_have_their_share(cleaned: Path) -> None:
    """What a crawl team blocks sites by."""
    sites = {site["site"]: site for site in figures_of(cleaned)["sites"]}
    assert len(sites) == 7
    assert (sites["site3.example"]["infected"], sites["site3.example"]["documents"]) == (1, 8)
    assert sites["site3.example"]["share"] == 0.125


def test_the_place_is_told(cleaned: Path) -> None:
    """All seven stand at the start of a line."""
    places = {row["name"]: row["cut"] for row in figures_of(cleaned)["mechanisms"]}
    assert places["start of a line"] == 7


def test_harm_follows_from_the_model_card(cleaned: Path) -> None:
    """The measured share, times the size of the run; an upper bound is never below the expectation."""
    figures = figures_of(cleaned)
    harm, totals = figures["harm"], figures["totals"]
    assert harm["measured_at"] <= totals["threshold"]
    assert harm["expected_characters"] == pytest.approx(totals["characters"] * harm["harmed_ppm"] / 1e6, abs=0.06)
    assert 0 <= harm["expected_documents"] <= harm["upper_documents"]
    assert 0 <= harm["expected_characters"] <= harm["upper_characters"]


def test_another_model_foretells_no_harm(cleaned: Path, tmp_path: Path) -> None:
    """The card must be that of the model that was used."""
    assert read_figures(cleaned / "out", model=tmp_path)["harm"] is None
    write_report(cleaned / "out", tmp_path / "r.html", model=tmp_path)
    assert "no harm can be foretold" in (tmp_path / "r.html").read_text("utf-8")


def test_the_page_loads_and_runs_nothing(cleaned: Path) -> None:
    """No script, no address but those of its own sections, and a policy that forbids the rest."""
    html = page_of(cleaned)
    assert "<script" not in html
    assert "default-src 'none'" in html
    assert set(re.findall(r'(?:src|href|action)="([^"#]*)', html)) <= {""}
    assert "url(" not in html
    assert not re.search(r"<[^>]*\son\w+=", html)


def test_hostile_text_is_shown_harmless(cleaned: Path) -> None:
    """Tags are text; characters that steer a terminal or turn the direction are named."""
    html = page_of(cleaned)
    assert "&lt;script&gt;" in html
    assert not {"\u202e", "\x1b"} & set(html)
    assert "U+202E" in html


class _Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if tag == "a" else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag, tag


def test_the_page_is_well_formed(cleaned: Path) -> None:
    """Tags close in order, ids are unique, links of the menu lead somewhere, tables have captions and scopes."""
    html = page_of(cleaned)
    balance = _Balance()
    balance.feed(html)
    assert balance.open == []
    assert len(balance.ids) == len(set(balance.ids))
    assert {link.removeprefix("#") for link in balance.links} <= set(balance.ids)
    assert html.count("<table") == html.count("<caption>") > 3
    assert html.count("<th") - html.count("<thead") == html.count("<th scope=")


def test_report_alone_says_the_same(cleaned: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """From the audit, without the inputs; the figures go to standard output when no file is named."""
    out = str(cleaned / "out")
    assert run(["report", out]) == 0
    assert json.loads(capfdbinary.readouterr().out) == figures_of(cleaned)
    assert run(["report", out, "-o", str(tmp_path / "r.html"), "--title", "A <b>title</b>"]) == 0
    assert "<h1>A &lt;b&gt;title&lt;/b&gt;</h1>" in (tmp_path / "r.html").read_text("utf-8")


def test_a_folder_without_an_audit_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """One line and an exit code; no page is left behind."""
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "missing"):
        assert run(["report", str(tmp_path / folder), "-o", str(tmp_path / "r.html")]) in (65, 66)
        error = capfd.readouterr().err
        assert error.count("\n") == 1
        assert folder in error
    assert not (tmp_path / "r.html").exists()


def test_a_run_without_findings_has_a_page(tmp_path: Path) -> None:
    """And the page says so."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(article(1, False), encoding="utf-8")
    page = tmp_path / "r.html"
    assert run(["clean", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--report", str(page), "-q"]) == 0
    assert "Nothing was cut in 1 document." in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("A line.\n", "\nAnother.", "own line"),
        ("A line.\n", "", "own line"),
        ("A line.\n", " - An item\n", "before a list item"),
        ("A line.\n", " • An item\n", "before a list item"),
        ("A line.\n", " 12. An item\n", "before a list item"),
        ("A line.\n", " The council met again on Monday, and it", "start of a line"),
        ("A line.\n", "The council met again on Monday, and it w", "glued to its line"),
        ("\nTag: ", "\nThe council met", "field"),
        ("\n2025-06-10 00:19 🔖 ", " 📢0\nThe council", "field"),
        ("The council met on Monday. ", " It will meet again in May, a spokesman sa", "between sentences"),
        ("said that the council had met and ", " would meet again in May, a spokesman said", "inside a sentence"),
        ("said that the council had met. ", "\nIt will", "end of a line"),
    ],
)
def test_mechanisms(before: str, after: str, place: str) -> None:
    """Told from what stands around a span."""
    assert mechanism_of(before, PHRASE, after) == place


def test_several_lines_are_told() -> None:
    """A block of spam is no line."""
    assert mechanism_of("\n", f"{PHRASE}\n{PHRASE}", "\n") == "several lines"


def test_counting_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """With more phrases than are kept the frequent ones stay."""
    monkeypatch.setattr("cleaner.report.figures._KEPT", 50)

    def entry(word: str, place: int) -> dict[str, Any]:
        span = {
            "start": 0, "end": 9, "label": "loans", "score": 0.9, "action": "remove", "evidence": [],
            "text": word, "before": "", "after": "\n",
        }  # fmt: skip
        edit = {"start": 0, "removed": word, "inserted": ""}
        return {
            "file": "a", "record": place, "id": place, "url": f"http://s{place % 900}.example/", "source": "",
            "status": "changed", "language": "en", "spans": [span], "edits": [edit],
        }  # fmt: skip

    words = ["often seen here", *("".join(random.Random(one).choices("abcdefgh", k=9)) for one in range(900))]
    figures = collect((entry(words[0 if place % 3 == 0 else place], place) for place in range(1, 900)), {})
    assert figures["phrases"][0]["text"] == "often seen here"
    assert len(figures["phrases"]) <= 50


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0, "0"), (1234567, "1,234,567"), (4.44, "4.4"), (0.0321, "0.032"), (5.0, "5")]
)
def test_numbers_are_readable(value: float | None, text: str) -> None:
    """As people write them."""
    assert number(value) == text


def test_shares_and_texts_are_readable() -> None:
    """Small shares are not rounded to nothing; long texts keep both ends."""
    assert [percent(share) for share in (0.0, 0.5, 0.012, 0.00004)] == ["0%", "50%", "1.2%", "0.004%"]
    assert shown("a" * 300 + "z").endswith("z</bdi>")
    assert len(shown("a" * 300)) < 200


def test_mine_lists_what_spreads(cleaned: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """On a screen and as JSON; the record without a text is reported."""
    assert run(["mine", str(cleaned / "in"), "--color", "never"]) == 3
    out, errors = capfd.readouterr()
    assert PHRASE.replace("419", "{0}") in out
    assert re.search(r"[67] sites   7 documents", out)  # sites are estimated
    assert "crawl.jsonl:50" in errors
    assert run(["mine", str(cleaned / "in"), "--format", "json", "--min-sites", "6", "-q"]) == 3
    family = json.loads(capfd.readouterr().out.split("\n")[0])
    assert (family["label"], family["documents"]) == ("escort", 7)
    assert family["sites"] in (6, 7)
    assert family["members"][0]["text"] == PHRASE
    assert len({example["site"] for example in family["members"][0]["examples"]}) == 3


def test_mine_takes_another_field_and_hides_the_known(cleaned: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """`--site-field` says where sites are; `--new` leaves out what is surely cut today."""
    assert run(["mine", str(cleaned / "in"), "--site-field", "section", "-q"]) == 3
    assert capfd.readouterr().out == ""
    assert run(["mine", str(cleaned / "in"), "--site-field", "section", "--min-sites", "1", "-q"]) == 3
    assert PHRASE.replace("419", "{0}") in capfd.readouterr().out
    assert run(["mine", str(cleaned / "in"), "--new", "-q"]) == 3
    assert capfd.readouterr().out == ""


BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SWITCHES = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--allow-file-access-from-files",
    "--virtual-time-budget=5000",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no Chromium here")
@pytest.mark.parametrize("columns", [360, 1280])
def test_a_browser_shows_it_without_scrolling_sideways(cleaned: Path, tmp_path: Path, columns: int) -> None:
    """On a phone and on a desk the page is as wide as the window, and its chart is drawn."""
    frame = tmp_path / "frame.html"
    frame.write_text(
        f'<iframe id="f" width="{columns}" height="800" style="border:0" '
        f'src="{(cleaned / "report.html").as_uri()}"></iframe>'
        "<p id=told></p><script>f.onload = () => { const page = f.contentDocument; told.textContent = JSON.stringify("
        "[page.documentElement.scrollWidth, page.querySelector('.hist').getBoundingClientRect().width, "
        "page.querySelectorAll('section').length, page.scripts.length]) }</script>",
        encoding="utf-8",
    )
    assert BROWSER is not None
    command = [BROWSER, *SWITCHES, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", frame.as_uri()]
    dom = subprocess.run(command, capture_output=True, timeout=120).stdout.decode()
    told = re.search(r"<p id=\"told\">\[([\d.,]+)\]", dom)
    assert told, dom[-300:]
    wide, chart, sections, scripts = map(float, told[1].split(","))
    assert wide <= columns
    assert 250 < chart < columns
    assert (sections, scripts) == (8, 0)
