"""Hidden text: what CSS hides is told from what it shows, and alone it never costs a character."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import Cleaner, Span
from cleaner.cases import read_cases
from cleaner.html import NOFOLLOW, Page, host_of

pytest.importorskip("lxml", reason="reading HTML needs lxml: pip install '.[html]'")

PHRASE = "slot gacor88"
INFECTED = "爱上海419论坛 Semiconductor Sovereignty"

TRICKS = {
    '<p style="display:none">{}</p>': "display:none",
    '<div style="DISPLAY : none !important"><b>{}</b></div>': "display:none",
    "<p hidden>{}</p>": "hidden attribute",
    '<p style="visibility:hidden">{}</p>': "visibility:hidden",
    '<span style="font-size:0">{}</span>': "font-size:0",
    '<span style="font-size:0px"><i>{}</i></span>': "font-size:0",
    '<div style="position:absolute;left:-9999px">{}</div>': "off screen",
    '<div style="text-indent:-999em">{}</div>': "off screen",
    '<div style="transform:translateX(-2000px)">{}</div>': "off screen",
    '<div style="opacity:0">{}</div>': "opacity:0",
    '<div style="height:0;overflow:hidden">{}</div>': "no size",
    '<div style="position:absolute;clip:rect(0 0 0 0)">{}</div>': "clipped",
    '<span style="color:#fff">{}</span>': "same colour as its background",
    '<font color="white">{}</font>': "same colour as its background",
    '<div style="background:#222222"><b style="color:rgb(36, 34, 34)">{}</b></div>': "same colour as its background",
    '<style>.z{{font-size:0}}</style><b class="a z">{}</b>': "font-size:0",
    '<style>p#x , .y {{ display: none }}</style><p id="x">{}</p>': "display:none",
    '<link rel="canonical" href="https://news.example/1"><a rel="ugc nofollow" href="//shop.example/">{}</a>': NOFOLLOW,
}
SEEN = (
    "<p>{}</p>",
    '<p style="color:#fff;background:#000">{}</p>',
    '<div style="background:url(night.jpg)"><h1 style="color:#fff">{}</h1></div>',
    '<div style="font-size:0"><span style="font-size:16px">{}</span></div>',
    '<div style="visibility:hidden"><b style="visibility:visible">{}</b></div>',
    '<div style="left:-9999px">{}</div>',
    "<style>@media print {{ p {{ display:none }} }}</style><p>{}</p>",
    "<style>/* p {{ display:none }} */ .menu p {{ display:none }}</style><p>{}</p>",
    '<a rel="nofollow" href="/archive">{}</a>',
    '<a href="https://shop.example/">{}</a>',
)


@pytest.mark.parametrize(("page", "trick"), TRICKS.items())
def test_each_trick_is_named(page: str, trick: str) -> None:
    """The detail of the evidence says how the text was hidden."""
    assert Page("<p>Before.</p>" + page.format("Slot\n <b>gacor</b>88") + " after").tricks([PHRASE]) == [trick]


@pytest.mark.parametrize("page", SEEN)
def test_what_is_seen_is_not_hidden(page: str) -> None:
    """Print styles, white on black, a size that a child takes back: readers see those."""
    assert Page(page.format(PHRASE), "https://news.example/").tricks([PHRASE]) == [""]


def test_a_page_without_a_body_is_read() -> None:
    """Many pages leave out the tags that HTML lets them leave out."""
    page = f"<!doctype html><meta charset=utf-8><title>{PHRASE}</title><article><p>x<p style='opacity:0'>{PHRASE}"
    assert Page(page).tricks([PHRASE]) == ["opacity:0"]


def test_a_text_that_also_stands_in_sight_is_not_hidden() -> None:
    """Menus stand twice in many pages, once for small screens."""
    assert Page(f'<p>{PHRASE}</p><div style="display:none">{PHRASE}</div>').tricks([PHRASE]) == [""]


def test_a_hidden_menu_with_one_odd_entry_stays() -> None:
    """The element has to hold the found phrases and nothing else to speak of."""
    menu = "<li>Home</li><li>News</li><li>Weather</li>"
    assert Page(f'<ul style="display:none">{menu}<li>{PHRASE}</li></ul>').tricks([PHRASE]) == [""]
    two = Page(f'<ul style="display:none"><li>{PHRASE}</li><li>togel online</li></ul>')
    assert two.tricks(["togel online", PHRASE]) == ["display:none"] * 2
    assert two.tricks(["Togel Online"]) == [""]


def spans(score: float) -> list[Span]:
    return [Span(0, len(PHRASE), "gambling", score, "review")]


def test_a_doubtful_span_that_is_hidden_is_cut() -> None:
    """The score rises, the reason is on record, and at the threshold the span goes."""
    page = Page(f'<i style="font-size:0">{PHRASE}</i>')
    (span,) = page.weigh(PHRASE + " and more", spans(0.6), 0.85)
    assert (span.action, span.score > 0.85) == ("remove", True)
    assert [(item.name, item.detail) for item in span.evidence] == [("hidden", "font-size:0 in the page")]
    assert page.weigh(PHRASE, spans(0.6), 0.99)[0].action == "review"


def test_a_paid_link_raises_the_score_and_is_left_to_a_person() -> None:
    """Honest pages mark their links so too."""
    page = Page(f'<a rel=nofollow href="https://shop.example">{PHRASE}</a>', "https://news.example/1")
    (span,) = page.weigh(PHRASE, spans(0.84), 0.85)
    assert (span.action, span.score > 0.85, span.evidence[0].detail) == ("review", True, f"{NOFOLLOW} in the page")


def paragraphs(text: str, style: str) -> str:
    return "".join(f'<p style="{style}">{html.escape(line)}</p>' for line in text.split("\n"))


def negatives(root: Path) -> Iterator[str]:
    return (case.text for case in read_cases(root / "tests" / "cases" / "negative.jsonl"))


def test_being_hidden_alone_never_cuts(engine: Cleaner, root: Path) -> None:
    """Clean text with every line hidden: where the words found nothing, nothing happens."""
    texts = list(negatives(root))
    quiet = [text for text, found in zip(texts, engine.clean_many(texts), strict=True) if found.status == "clean"]
    assert len(quiet) > 200
    for text in quiet:
        assert engine.clean_page(text, paragraphs(text, "display:none")) == engine.clean(text)


def test_an_accordion_is_not_harmed(engine: Cleaner, root: Path) -> None:
    """Honest text that looks suspicious, folded away as a whole: not a character more is cut."""
    for text in negatives(root):
        page = f'<div class="accordion" style="display:none">{paragraphs(text, "")}</div>'
        assert engine.clean_page(text, page) == engine.clean(text)


def test_hidden_phrases_of_real_shapes_are_found_more_often(engine: Cleaner, root: Path) -> None:
    """The evidence earns its place: more pages come out whole, and none that did before is lost."""
    better = 0
    for case in read_cases(root / "tests" / "cases" / "in_the_wild.jsonl"):
        if case.fields["mechanism"] == "replaced":
            continue  # a noun that was replaced by the product: no cut makes that page whole
        page, place = "", 0
        for start, end in case.spans:
            hidden = f'<span style="font-size:0">{html.escape(case.text[start:end])}</span>'
            page += html.escape(case.text[place:start]) + hidden
            place = end
        page += html.escape(case.text[place:])
        plain, seen = engine.clean(case.text), engine.clean_page(case.text, f"<body>{page}")
        assert seen.restore() == case.text
        assert engine.clean_page(seen.text, f"<body>{page}").text == seen.text
        assert plain.text != case.cleaned or seen.text == case.cleaned
        better += seen.text == case.cleaned != plain.text
    assert better > 0


def test_what_the_words_are_sure_of_keeps_its_reasons(engine: Cleaner) -> None:
    """The reason is added to those of the words."""
    page = "<p><i style='opacity:0'>爱上海419论坛</i> Semiconductor Sovereignty</p>"
    (span,) = engine.clean_page(INFECTED, page).spans
    assert span.action == "remove"
    assert span.evidence[-1].detail == "opacity:0 in the page"
    assert len(span.evidence) > 1


@given(st.text(alphabet="<>/\"'=:;{}#.-a1 \n\0\ud800é爱") | st.text(), st.text())
def test_no_html_ever_raises(page: str, url: str) -> None:
    """Any text may be handed in as HTML and as an address."""
    assert Page(page, url).tricks(["a1"]) in ([""], *([trick] for trick in set(TRICKS.values())))
    host_of(url)


@pytest.mark.parametrize(
    "page",
    ["<div style='display:none'>" * 60_000, "<p style='" + "color:red;" * 100_000, "<style>" + "a{" * 100_000,
     "<style>" + ".a,.b{color:#fff}" * 30_000 + "</style>" + "<p class='a b'>x</p>" * 3_000, "<a " * 300_000],
    ids=["deep", "declarations", "braces", "rules", "tags"],
)  # fmt: skip
def test_hostile_html_takes_little_time(page: str, engine: Cleaner) -> None:
    """No depth, no sheet and no attribute stops the crawl; the text is cleaned all the same."""
    assert engine.clean_page(INFECTED, page).text == "Semiconductor Sovereignty"


def test_a_page_too_long_to_read_is_said_so(engine: Cleaner) -> None:
    """The limit costs the evidence, not the document, and stands in the record."""
    found = engine.clean_page(INFECTED, "<p>" + " " * 5_000_000)
    assert found.text == "Semiconductor Sovereignty"
    assert "not read" in found.spans[0].evidence[-1].detail
