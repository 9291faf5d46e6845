"""Texts for hypothesis: honest prose, injected phrases, seams between them, and noise of any kind."""

from __future__ import annotations

from hypothesis import strategies as st

PROSE = (
    "The council met on Tuesday and put off the vote on the new tram line until the autumn.",
    "Officials said the rail link had eased the pressure on commuters, but rents keep rising.",
    "A School for Captains Ashore",
    "- Open from Monday to Friday, 9:00 to 17:30",
    "Der Stadtrat hat am Dienstag über den Haushalt beraten und die Abstimmung vertagt.",
    "市议会周二讨论了明年的预算，并决定推迟表决。",
    "Городской совет перенёс голосование по бюджету на осень.",
    "Belediye meclisi bütçe oylamasını sonbahara erteledi.",
    "سعادة رئيس المجلس قال إن التصويت تأجل إلى الخريف.",
    "สภาเมืองเลื่อนการลงมติออกไปจนถึงฤดูใบไม้ร่วง",
    "Mayor Li Hua (李华) quoted “上海欢迎你” and ¥150 billion.",
)
PHRASES = (
    "爱上海419论坛",
    "成都锦鲤419会所",
    "slot gacor maxwin 88",
    "купить диплом недорого с доставкой",
    "buy cheap viagra online without prescription",
    "สล็อตเว็บตรงแตกง่าย",
    "카지노사이트 추천 주소",
    "爱\u200b上\u200b海４１９论坛",
)
SEAMS = ("", " ", "\n", "\n\n", "  ", "\r\n", "\u3000", " (", ") ", " - ", "\t", "\u2028", "\u0085", "\x0b")
ODD = (
    "\ufeff", "\0", "\ud800", "\udfff", "\u202e", "e\u0301\u0323", "👩‍👩‍👧", "𠮷",
    "\ufdfa", "\U0010ffff", "\x1c", "ﷺ", "𝒳",
)  # fmt: skip


def any_text(max_size: int = 80) -> st.SearchStrategy[str]:
    """Give any ``str`` at all, lone surrogates included."""
    return st.text(st.characters(exclude_categories=()), max_size=max_size)


def pages() -> st.SearchStrategy[str]:
    """Give pages as scrapers bring them: mostly prose and phrases, now and then something odd."""
    piece = st.one_of(
        st.sampled_from(PROSE),
        st.sampled_from(PROSE),
        st.sampled_from(PHRASES),
        st.sampled_from(ODD),
        any_text(12),
    )
    pair = st.tuples(piece, st.sampled_from(SEAMS))
    return st.lists(pair, max_size=12).map(lambda parts: "".join(text + seam for text, seam in parts))


def texts() -> st.SearchStrategy[str]:
    """Give pages, or any string."""
    return st.one_of(pages(), pages(), pages(), any_text())
