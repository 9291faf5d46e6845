"""Training documents: the spans are what was put in, and what is learnt from never meets what is measured on."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest

from cleaner.repair import apply_edits, make_edits
from cleaner.training.addresses import address, site_words
from cleaner.training.campaigns import camouflage, expand
from cleaner.training.fit_judge import labels
from cleaner.training.layout import lay_out, sentences
from cleaner.training.sides import SHARES, dealt, share_of, side_of
from cleaner.training.sources import Frames, Host, Material, Phrase, read_material
from cleaner.training.synthesize import MECHANISMS, Case, Synthesizer
from cleaner.training.train import Side, _side
from cleaner.training.weave import render
from cleaner.types import Span
from tests.material import WORDS, write


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """Give a little training material."""
    corpus, source = write(tmp_path_factory.mktemp("material"))
    return read_material(corpus, [source])


@pytest.fixture(scope="module")
def phrases(material: Material) -> list[Phrase]:
    """Give the phrases that its grammars make."""
    return expand(material.grammars, random.Random(3)) + material.phrases


def maker(material: Material, phrases: list[Phrase], seed: int = 4, **more: list[str]) -> Synthesizer:
    return Synthesizer(material.hosts, phrases, material.sentences, material.frames, seed, **more)


def cut(case: Case) -> str:
    """Return a document without its spans, mended as the cleaner mends."""
    spans = [Span(start, end, "x", 1.0, "remove") for start, end in case.spans]
    return apply_edits(case.text, make_edits(case.text, spans))


def test_spans_are_what_was_woven_in() -> None:
    """Rendering joins the pieces and says where the injected ones stand."""
    text, spans = render([["One ", ("spam",), " two"], [("junk",)], [""], ["three"]])
    assert text == "One spam two\njunk\n\nthree"
    assert [text[start:end] for start, end in spans] == ["spam", "junk"]


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_every_mechanism_marks_what_it_puts_in(material: Material, phrases: list[Phrase], mechanism: str) -> None:
    """Outside the spans stands nothing but the host: no promotional word is left when they are cut."""
    promotional = {word for phrase in phrases if phrase.lang == "en" for word in phrase.text.split()}
    promotional -= set(" ".join(WORDS["en"]).split()) | {"pills"}
    made = maker(material, phrases, mechanisms=[mechanism])
    seen = 0
    for _ in range(150):
        case = made.infected()
        assert (case.mechanism, bool(case.spans)) == (mechanism, True)
        assert all(0 <= start < end <= len(case.text) for start, end in case.spans)
        assert all(one[1] <= other[0] for one, other in zip(case.spans, case.spans[1:], strict=False))
        assert "\n" not in "".join(case.text[start:end] for start, end in case.spans)
        rest = set(cut(case).lower().replace(",", " ").replace(".", " ").split())
        assert not rest & {"gacor", "maxwin", "casino", "jackpot", "cialis", "viagra", "levitra"}, case
        assert not any(word in cut(case) for word in ("爱上海", "419", "娱乐城", "百家乐", "澳门"))
        seen += len(case.spans)
    assert seen >= 150


def test_cutting_the_spans_gives_the_page_back(material: Material, phrases: list[Phrase]) -> None:
    """For prefixes and lines of their own the cut restores the lines of the host, blanks apart."""
    known = {line for host in material.hosts for line in host.text.split("\n")}
    made = maker(material, phrases, mechanisms=["own_line", "line_prefix"])
    whole = 0
    for _ in range(200):
        case = made.infected()
        lines = [line for line in cut(case).split("\n") if line]
        whole += sum(line in known for line in lines)
        assert not any(line.startswith((" ", "\u3000")) for line in lines)
    assert whole > 200


def test_clean_documents_have_no_spans(material: Material, phrases: list[Phrase]) -> None:
    """Mentions, glosses and plain pages are clean, and of a site."""
    made = maker(material, phrases)
    cases = [case for _ in range(60) for case in (made.legitimate(), made.glossed(), made.clean(material.hosts[0]))]
    assert not any(case.spans for case in cases)
    assert all(case.text and case.site for case in cases)
    mentioned = [case.text for case in cases if case.mechanism == "legit"]
    assert any(phrase.text in text for text in mentioned for phrase in phrases)


def test_a_sentence_on_an_empty_line_begins_it(material: Material, phrases: list[Phrase]) -> None:
    """No blank parts it from a sentence that is not there."""
    made = maker(material, phrases)
    texts = [made.legitimate().text for _ in range(150)]
    assert not any(line.startswith(" ") for text in texts for line in text.split("\n"))


def test_pages_report_in_other_languages_too(material: Material, phrases: list[Phrase]) -> None:
    """A foreign sentence is no injection for being foreign."""
    made = maker(material, phrases)
    english = [case.text for case in (made.legitimate() for _ in range(200)) if case.lang == "en"]
    assert any(any("\u4e00" <= char <= "\u9fff" for char in text) and "\n" in text for text in english)


def test_a_clause_parts_no_word(material: Material, phrases: list[Phrase]) -> None:
    """A clause stands before the end of a sentence or a comma in it; without it the page is whole."""
    text = "When the rain stopped, the market opened again and stayed open until late in the evening"
    some = replace(material, hosts=[Host(f"{text}{end}", "en", f"site{end}") for end in (".", "", "!")])
    made = maker(some, phrases, mechanisms=["blend"])
    followers = set()
    for _ in range(200):
        case = made.infected()
        (start, end), rest = case.spans[0], cut(case)
        if case.lang == case.inject_lang and case.text[start] == "," and text in rest:
            followers.add(case.text[end : end + 1])
    assert {",", ".", "!", ""} <= followers
    assert not any(char.isalnum() for char in followers)


def test_the_same_seed_makes_the_same_documents(material: Material, phrases: list[Phrase]) -> None:
    """Documents depend on the seed alone."""
    one, other, third = (maker(material, phrases, seed) for seed in (4, 4, 5))
    first = [(one.infected(), one.legitimate(), one.glossed()) for _ in range(20)]
    assert first == [(other.infected(), other.legitimate(), other.glossed()) for _ in range(20)]
    assert first != [(third.infected(), third.legitimate(), third.glossed()) for _ in range(20)]


def sides(material: Material, phrases: list[Phrase]) -> list[Side]:
    return [_side(material, phrases, name, 7) for name in ("a", "b", "tune")]


def test_sides_share_no_site_and_no_campaign(material: Material, phrases: list[Phrase]) -> None:
    """What the judge learns on, the weights did not; what the threshold is chosen on, nothing did."""
    for name, key in (
        ("hosts", "site"), ("negatives", "site"), ("ham", "site"), ("phrases", "campaign"), ("sentences", "campaign")
    ):  # fmt: skip
        groups = [{getattr(item, key) for item in getattr(side, name)} for side in sides(material, phrases)]
        assert all(not one & other for one, other in ((groups[0], groups[1]), (groups[0], groups[2]), groups[1:]))
        everything = {getattr(item, key) for item in (phrases if name == "phrases" else getattr(material, name))}
        assert set().union(*groups) == everything, name


def test_documents_stay_on_their_side(material: Material, phrases: list[Phrase]) -> None:
    """The documents of a side stand on its sites."""
    for side in sides(material, phrases):
        sites = {host.site for host in side.hosts}
        made = [case for _ in range(40) for case in (side.maker.infected(), side.maker.legitimate())]
        assert {case.site for case in made} <= sites


def test_shares_are_stable() -> None:
    """The side of a site never changes; sites are spread evenly."""
    assert share_of("example") == share_of("example") != share_of("example2")
    values = [share_of(f"site-{number}") for number in range(2000)]
    assert 0 <= min(values) < 0.01 < 0.99 < max(values) < 1
    assert abs(sum(values) / len(values) - 0.5) < 0.02


def test_words_are_dealt_too() -> None:
    """Every side knows most words of a slot; the others are one side's own, so that each side meets new ones."""
    words = [f"word{number}" for number in range(400)]
    known = {side: set(dealt(words, "en/gambling/brand", side)) for side in SHARES}
    common = set.intersection(*known.values())
    assert 0.6 < len(common) / len(words) < 0.9
    own = [some - common for some in known.values()]
    assert all(own)
    assert sum(map(len, own)) == len(set().union(*own)) == len(words) - len(common)
    assert dealt(words[:5], "en/gambling/brand", "a") == words[:5]


def test_sentences_are_dealt(material: Material, phrases: list[Phrase]) -> None:
    """A sentence stands on one side only: the weights that find it for the judge have not read it."""
    spun = tuple(f"Sentence {number} sells {{p}} to {{who}}." for number in range(60))
    everyone = tuple(f"reader{number}" for number in range(60))
    frames = Frames(spun, ("like {p},",), ("click",), ("Police warned of {p}.",), slots={"who": everyone})
    changed = Material(material.hosts, material.negatives, phrases, material.sentences, material.ham, {"en": frames})
    said = {}
    for name in SHARES:
        made = _side(changed, phrases, name, 7).maker.sentences(600)
        said[name] = {case.text.split(" sells")[0] for case in made if case.mechanism == "spun"}
        assert said[name] == {text.split(" sells")[0] for text in spun if side_of(f"en/spun/{text}") == name}
        assert all("{" not in case.text for case in made)
        assert all(case.spans == ((0, len(case.text)),) for case in made if case.mechanism in ("spun", "blend"))
        assert not any(case.spans for case in made if case.mechanism == "legit")
    assert len(set().union(*said.values())) == len(spun)


def test_addresses_are_of_any_trade() -> None:
    """A name is made of the words of texts, so that no list of names is learnt."""
    words = site_words(["The quiet Harbour bakery", "Привет, мир", "museum2024 sentrum"])
    assert words == ["bakery", "harbour", "museum", "quiet", "sentrum", "the"]
    rng = random.Random(6)
    made = [address(words, rng) for _ in range(400)]
    assert len(set(made)) > 300
    assert all(re.fullmatch(r"(https?://)?(www\.)?[a-z0-9-]+(\.[a-z]+)+(/[\w./?=-]*)?", text) for text in made)
    assert site_words([]) == ["site"]


def test_a_pattern_is_a_campaign(material: Material, phrases: list[Phrase]) -> None:
    """All phrases of a pattern, however its slots are filled, are one campaign."""
    made = [phrase for phrase in phrases if phrase.campaign == "zh/escort/0"]
    assert len({phrase.text for phrase in made}) == len(made) > 3
    assert all(phrase.text.endswith("论坛") for phrase in made)
    assert phrases == expand(material.grammars, random.Random(3)) + material.phrases


def test_camouflage_keeps_a_phrase_on_one_line() -> None:
    """A disguised phrase is still one line that begins and ends with something to see."""
    rng = random.Random(8)
    for text in ("slot gacor 88", "爱上海419论坛", "купить диплом", "a"):
        for _ in range(200):
            hidden = camouflage(text, rng)
            assert hidden.strip()
            assert "\n" not in hidden


def test_labels() -> None:
    """Pure: nothing but the injection (and blanks); exact: one whole injection."""
    case = Case("One spam junk two.", ((4, 8), (9, 13)), "en", "en", "x", "own_line", "s")
    stretches = {(4, 8): (1, 1), (4, 13): (1, 0), (5, 7): (1, 0), (0, 8): (0, 0), (3, 4): (0, 0), (8, 9): (0, 0)}
    starts, ends = zip(*stretches, strict=True)
    pure, exact = labels(case, starts, ends)
    assert [*zip(pure.astype(int).tolist(), exact.astype(int).tolist(), strict=True)] == list(stretches.values())


def test_layouts_keep_the_words(material: Material) -> None:
    """A layout makes lists and headings of a page and invents no sentence."""
    rng = random.Random(9)
    for host in material.hosts[:40]:
        known = set(host.text.lower().replace(".", " ").replace(",", " ").split())
        for line in lay_out(host, rng):
            words = [word.strip(".").lower() for word in line.split() if word.strip(".").isalpha() and word.isascii()]
            assert set(words) <= known | {"section", "part"}
    assert sentences("One. Two! 三。四") == ["One.", "Two!", "三。", "四"]


def test_an_empty_page_of_a_source_is_no_trouble(material: Material, phrases: list[Phrase]) -> None:
    """Crawled sources hold empty pages; they are passed over, not stumbled on."""
    empty = [Host("", "en", "empty"), Host("\n \n", "zh", "empty")]
    made = Synthesizer([*empty, *material.hosts[:3]], phrases, material.sentences, material.frames, 4)
    for _ in range(200):
        made.infected()
