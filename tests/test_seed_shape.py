"""The main job: an article with three phrases in it comes out without them, and otherwise as it was."""

from __future__ import annotations

import pytest

from cleaner import Cleaner

PHRASES = ("杭州夜宴588论坛", "成都锦鲤419会所", "南京听雨喝茶论坛")


def test_exactly_the_three_phrases_go(engine: Cleaner, sample: tuple[str, str]) -> None:
    """The spans are the phrases and nothing else; what comes out is the article as it was written."""
    infected, clean = sample
    result = engine.clean(infected)
    removed = [infected[span.start : span.end] for span in result.spans if span.action == "remove"]
    assert removed == list(PHRASES)
    assert len(result.edits) == 3
    assert result.text == clean
    assert result.restore() == infected
    assert (result.status, result.language) == ("changed", "en")


@pytest.mark.parametrize("phrase", PHRASES)
def test_each_phrase_goes_alone(engine: Cleaner, sample: tuple[str, str], phrase: str) -> None:
    """One phrase is found without the help of the others."""
    alone, clean = sample
    for other in PHRASES:
        if other != phrase:
            alone = alone.replace(f"{other} ", "").replace(f"{other}\n", "")
    assert [other for other in PHRASES if other in alone] == [phrase]
    assert engine.clean(alone).text == clean


def test_the_clean_article_stays(engine: Cleaner, sample: tuple[str, str]) -> None:
    """Nothing is found in the article as it was written."""
    result = engine.clean(sample[1])
    assert (result.status, result.spans, result.text) == ("clean", (), sample[1])


def test_the_article_survives_other_line_ends(engine: Cleaner, sample: tuple[str, str]) -> None:
    """CRLF stays CRLF, and the same phrases go."""
    infected, clean = (text.replace("\n", "\r\n") for text in sample)
    assert engine.clean(infected).text == clean


def test_the_example_of_the_readme(engine: Cleaner) -> None:
    """What the README shows first is what happens, in pages of that kind."""
    city = (
        "The delta now trades as one region, and its ports share a single customs desk.\n"
        'The Rise of "Huangpu Valley"\n{}Semiconductor Sovereignty\n'
        "The region's cities each keep to what they do best:\n"
        "- Suzhou: advanced manufacturing\n{}- Ningbo: cargo port\n- Hefei: quantum computing\n"
    )
    assert engine.clean(city.format("爱上海419论坛 ", "夜上海品茶 ")).text == city.format("", "")
    school = "The school opens its new wing after the holidays. Classes begin on Monday. {}Parents may attend.\n"
    assert engine.clean(school.format("situs slot gacor88 ")).text == school.format("")
