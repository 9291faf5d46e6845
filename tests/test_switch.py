"""The language-switch detector: which script is the page's own, and which stretches are of another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import switch
from cleaner.alphabet import LETTER, SCRIPTS
from tests.parts import reader, stretches, survey
from tests.strategies import pages

HOSTS = {
    "Latin": "The council met on Tuesday and put off the vote on the new tram line until the autumn.",
    "Latin, few accents": "Der Stadtrat hat über den Haushalt beraten und die Abstimmung vertagt.",
    "Cyrillic": "Городской совет перенёс голосование по бюджету на осень.",
    "Greek": "Το δημοτικό συμβούλιο ανέβαλε την ψηφοφορία για το φθινόπωρο.",
    "Han": "市议会周二讨论了明年的预算，并决定推迟表决。",
    "Kana": "市議会は火曜日に来年度の予算を審議し、採決を秋まで延期することを決めた。",
    "Kana, much Han": "東京都議会定例会開会、都知事施政方針演説を実施した。",
    "Hangul": "시의회는 화요일에 내년 예산을 논의하고 표결을 가을로 미뤘다.",
    "Thai": "สภาเมืองเลื่อนการลงมติออกไปจนถึงฤดูใบไม้ร่วง",
    "Arabic": "ناقش مجلس المدينة ميزانية العام المقبل وقرر تأجيل التصويت إلى الخريف.",
    "Devanagari": "नगर परिषद ने मंगलवार को अगले वर्ष के बजट पर चर्चा की।",
    "Hebrew": "מועצת העיר דנה ביום שלישי בתקציב ודחתה את ההצבעה לסתיו.",
    "Tamil": "நகர சபை செவ்வாயன்று அடுத்த ஆண்டு வரவு செலவுத் திட்டத்தை விவாதித்தது.",
}
BRANDS = {
    "Han": "苹果公司的 iPhone 17 和微软的 Windows 12 今年销量都在上升，分析师说。",
    "Kana": "アップルの iPhone 17 と Microsoft の Windows は今年も売れている。",
    "Hangul": "애플의 iPhone 17 과 Microsoft 의 Windows 판매가 올해도 늘었다고 한다.",
    "Cyrillic": "Продажи iPhone 17 и Windows 12 компании Microsoft в этом году выросли, говорят аналитики.",
}
ENGLISH = "Officials said the rail link had eased the pressure on commuters, but rents keep rising in the city. "


def host(text: str) -> str:
    index = int(switch.host_scripts(reader().read((text,)))[0])
    return SCRIPTS[index] if index < len(SCRIPTS) else "none"


def runs(text: str) -> list[str]:
    """Return the foreign runs of a page as its own text."""
    found = survey(text)
    return stretches(found, *switch.runs(found.block, found.signs.foreign), (text,))


@pytest.mark.parametrize(("name", "text"), HOSTS.items(), ids=HOSTS)
def test_the_host_script(name: str, text: str) -> None:
    """A page's script is that of most of its letters; a page with Kana is Japanese however much Han it has."""
    assert host(text) == name.split(",")[0]
    assert host(f"{text}\n- {text}") == name.split(",")[0]


@pytest.mark.parametrize(("name", "text"), BRANDS.items(), ids=BRANDS)
def test_brand_names_do_not_make_a_page_latin(name: str, text: str) -> None:
    """Latin names stand in texts of every script."""
    assert host(text) == name


@pytest.mark.parametrize("text", ["", "12.5 % – 3 : 1", "\n\n\n", "🎰🎰", "\u200b"], ids=ascii)
def test_pages_without_letters(text: str) -> None:
    """They have no script, and nothing on them is foreign."""
    assert host(text) == "none"
    assert runs(text) == []


@pytest.mark.parametrize("text", [*HOSTS.values(), *BRANDS.values()], ids=[*HOSTS, *(f"{n}, brands" for n in BRANDS)])
def test_nothing_is_foreign_at_home(text: str) -> None:
    """No letter of the page's own script is foreign, no Latin one anywhere, no Han on a Japanese page."""
    assert runs(text) == []


FOREIGN = {
    "Chinese in English": (f"爱上海论坛 Heading\n{ENGLISH}", ["爱上海论坛"]),
    "Russian in English": (f"{ENGLISH}купить диплом недорого", ["купить диплом недорого"]),
    "Korean in Chinese": (f"{HOSTS['Han']}카지노 사이트", ["카지노 사이트"]),
    "Japanese in Chinese": (f"{HOSTS['Han'] * 12}オンラインカジノ", ["オンラインカジノ"]),
    "Chinese in Korean": (f"{HOSTS['Hangul']} 品茶论坛", ["品茶论坛"]),
    "Arabic in Persian's script": (f"{HOSTS['Arabic']} موقع مراهنات", []),
    "Thai in English": (f"สล็อตเว็บตรง Heading\n{ENGLISH}", ["สล็อตเว็บตรง"]),
    "digits inside": (f"{ENGLISH}爱上海88论坛", ["爱上海88论坛"]),
    "a tail at the end": (f"{ENGLISH}爱上海sh419", ["爱上海sh419"]),
    "digits in front": (f"{ENGLISH}419爱上海", ["419爱上海"]),
    "a word in front": (f"{ENGLISH}see爱上海", ["爱上海"]),
    "separators inside": (f"{ENGLISH}爱-上-海-论-坛", ["爱-上-海-论-坛"]),
    "two on one line": (f"爱上海论坛 {ENGLISH}品茶论坛", ["爱上海论坛", "品茶论坛"]),
    "two lines": (f"{ENGLISH}\n爱上海论坛\n品茶论坛", ["爱上海论坛", "品茶论坛"]),
    "two sentences": (f"{ENGLISH}爱上海论坛。品茶论坛", ["爱上海论坛", "品茶论坛"]),
    "a gloss": (f"{ENGLISH}Mayor Li Hua (李华) said", ["李华"]),
    "a gloss beside": (f"{ENGLISH}上海(李华)北京", ["上海", "李华", "北京"]),
    "a quotation": (f"{ENGLISH}“欢迎”上海", ["欢迎", "上海"]),
    "look-alikes": (f"{ENGLISH}cаsino", ["аsino"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FOREIGN.values(), ids=FOREIGN)
def test_foreign_runs(text: str, expected: list[str]) -> None:
    """A run holds its glued digits and letters, and stops at line ends, sentence ends, brackets and quotes."""
    assert runs(text) == expected


def test_three_digits_inside_a_run() -> None:
    """A group of three digits is bridged: the phrase is one run, not two that overlap."""
    assert runs(f"{ENGLISH}爱上海419论坛") == ["爱上海419论坛"]


def test_the_distance_inside_a_run() -> None:
    """A blank or a digit group is bridged, a word of the host is not."""
    assert runs(f"{ENGLISH}爱上海 品茶") == ["爱上海 品茶"]
    assert runs(f"{ENGLISH}爱上海 and then 品茶") == ["爱上海", "品茶"]


@given(pages())
def test_runs_are_sorted_and_hold_no_line_end(text: str) -> None:
    """On any page the runs begin and end with a letter or digit of one line, one after the other."""
    found = survey(text)
    start, end = switch.runs(found.block, found.signs.foreign)
    assert (start < end).all()
    assert (np.diff(start) > 0).all()
    classes = found.block.classes
    assert all((classes[left:right] > 0).all() for left, right in zip(start, end, strict=True))
    assert not len(start) or (classes[found.signs.foreign] >= LETTER).all()


@given(st.lists(pages(), min_size=2, max_size=5))
def test_neighbours_change_nothing(batch: list[str]) -> None:
    """Script and runs of a page are those it has alone."""
    whole = survey(*batch)
    alone = [survey(text) for text in batch]
    assert whole.scripts.tolist() == [int(found.scripts[0]) for found in alone]
    foreign = whole.signs.foreign
    for page, (text, found) in enumerate(zip(batch, alone, strict=True)):
        mine = foreign[whole.block.page_of(foreign) == page] - whole.block.first[page]
        assert mine.tolist() == (found.signs.foreign - found.block.first[0]).tolist(), text


def test_unspaced_hosts() -> None:
    """Chinese, Japanese and Korean pages are told apart from the rest."""
    block = reader().read(tuple(HOSTS.values()))
    flags = switch.is_unspaced_host(switch.host_scripts(block)).tolist()
    assert {name.split(",")[0] for name, flag in zip(HOSTS, flags, strict=True) if flag} == {"Han", "Kana", "Hangul"}
