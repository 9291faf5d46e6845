"""The page: figures in, one HTML document out. No script, nothing loaded, readable on a phone and in the dark."""

from __future__ import annotations

from html import escape
from typing import Any, Final

from cleaner.report.parts import bar, histogram, number, percent, shown, table
from cleaner.report.style import STYLE

Figures = dict[str, Any]

_SITES: Final = 100  # on the page; the JSON figures hold more
_PHRASES: Final = 40
_REVIEW: Final = 25
_LANGUAGES: Final = 20
_BLOCKED: Final = 0.2  # infected share from which a site is proposed for blocking
_KEY: Final = '<p class="key"><span>cut</span><span class="r">left for review</span></p>'
_UNKNOWN: Final = '<span class="note">no address</span>'


def render(figures: Figures, title: str) -> str:
    """Return the whole page."""
    name = escape(title)
    sections = (
        _harm(figures), _pair(_families(figures), _mechanisms(figures)), _sites(figures), _phrases(figures),
        _review(figures), _pair(_languages(figures), _run(figures)),
    )  # fmt: skip
    links = (("harm", "Harm"), ("families", "Families"), ("sites", "Sites"), ("phrases", "Phrases"), ("review", "Review"))
    menu = "".join(f'<a href="#{mark}">{words}</a>' for mark, words in links)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">'
        f"<title>{name} – cleaning report</title><style>{STYLE}</style></head><body>"
        f'<header><h1>{name}</h1>{_lead(figures)}<nav aria-label="Sections">{menu}</nav></header>'
        f"<main>{_tiles(figures)}{''.join(sections)}</main>"
        '<footer><p>Written by cleaner from the audit of this output. Everything that was cut is in the audit and can be '
        "put back with <code>cleaner restore</code>. Scraped text is shown with its invisible characters named; "
        "addresses are not links.</p></footer></body></html>\n"
    )


def _lead(figures: Figures) -> str:
    totals = figures["totals"]
    changed, documents = totals["changed"], totals["documents"]
    if not documents:
        return '<p class="lead">No documents were read.</p>'
    share = percent(changed / documents)
    cut = totals["spans"]["remove"]
    words = f"{number(changed)} of {number(documents)} documents ({share}) held injected text; {_count(cut, 'span')} were cut."
    if not changed:
        words = f"Nothing was cut in {number(documents)} documents."
    return f'<p class="lead">{words}</p>'


def _tiles(figures: Figures) -> str:
    totals, harm = figures["totals"], figures.get("harm")
    documents, characters = totals["documents"], totals["characters"]
    removed = totals["removed"]
    tiles = [
        ("Documents", number(documents), f"{number(characters)} characters"),
        ("Infected", percent(totals["changed"] / documents if documents else None), f"{number(totals['changed'])} documents"),
        ("Spans cut", number(totals["spans"]["remove"]), f"{number(removed)} characters"),
        ("Left for review", number(totals["spans"]["review"]), "spans, nothing changed"),
        ("Pages of spam", number(totals["spam_pages"]), "left whole, to drop"),
    ]
    if harm:
        tiles.append(("Expected mistakes", number(harm["expected_documents"]), f"documents; 95% sure: ≤ {number(harm['upper_documents'])}"))
    trouble = totals["bad"] + totals["skipped"] + totals["failed"]
    if trouble:
        parts = [f"{number(totals[name])} {name}" for name in ("bad", "skipped", "failed") if totals[name]]
        tiles.append(("Passed on untouched", number(trouble), ", ".join(parts)))
    cells = "".join(
        f'<div><dt>{name}</dt><dd><span class="big">{big}</span><br><span class="small">{small}</span></dd></div>'
        for name, big, small in tiles
    )
    return f'<dl class="tiles">{cells}</dl>'


def _harm(figures: Figures) -> str:
    totals, harm = figures["totals"], figures.get("harm")
    limits = f"Spans from {_limit(totals['threshold'])} are cut, from {_limit(totals['review_threshold'])} shown for review."
    if harm:
        words = (
            f"<p>On {number(harm['clean_documents'])} clean documents that the model had never seen, this threshold cut "
            f"<b>{number(harm['harmed_ppm'])}</b> of a million characters and touched "
            f"<b>{number(harm['clean_touched'])}</b> documents (at most {percent(harm['touched_upper_95'])}, 95% sure). "
            f"For the {number(totals['documents'])} documents of this run that means about "
            f"<b>{_count(harm['expected_documents'], 'clean document')}</b> touched, hardly more than "
            f"<b>{number(harm['upper_documents'])}</b>, and about {_count(harm['expected_characters'], 'character')} of host text."
            "</p>"
        )
    else:
        words = '<p class="note">The card of the model that was used is not at hand, so no harm can be foretold here.</p>'
    chart = histogram(figures["scores"], totals["threshold"], totals["review_threshold"])
    return _section("harm", "Harm and certainty", f"{words}<p class=\"note\">{limits}</p>{chart}{_KEY}")


def _families(figures: Figures) -> str:
    return _section("families", "Families", _bars("Spans by family", "Family", figures["families"]) + _KEY)


def _mechanisms(figures: Figures) -> str:
    return _section("mechanisms", "How it was put in", _bars("Spans by place in the page", "Place", figures["mechanisms"]))


def _bars(caption: str, name: str, rows: list[Figures]) -> str:
    if not rows:
        return '<p class="note">Nothing was found.</p>'
    most = max(row["cut"] + row["review"] for row in rows)
    cells = (
        (shown(row["name"].replace("_", " ")), bar(row["cut"], row["review"], most), number(row["cut"]),
         number(row["review"]), number(row["documents"]), number(row["sites"]))
        for row in rows
    )  # fmt: skip
    columns = (name, "|bar", "Cut|n", "Review|n", "Documents|n wide", "Sites|n wide")
    return table(caption, columns, cells, caption)


def _languages(figures: Figures) -> str:
    rows = figures["languages"][:_LANGUAGES]
    cells = (
        (shown(row["name"]), number(row["read"]), number(row["documents"]),
         percent(row["documents"] / row["read"] if row["read"] else None), number(row["cut"]), number(row["review"]))
        for row in rows
    )  # fmt: skip
    columns = ("Language", "Documents|n wide", "Flagged|n", "Share|n", "Cut|n", "Review|n")
    rest = f'<p class="note">and {len(figures["languages"]) - len(rows)} more</p>' if len(figures["languages"]) > len(rows) else ""
    shape = table("Host language of the documents", columns, cells, "Languages") if rows else '<p class="note">Nothing was found.</p>'
    return _section("languages", "Languages", shape + rest)


def _sites(figures: Figures) -> str:
    sites = [site for site in figures["sites"] if site["infected"] or site["review_documents"]]
    if not sites:
        return _section("sites", "Sites", '<p class="note">Nothing was found.</p>')
    rows = (
        (shown(site["site"], 60) if site["site"] else _UNKNOWN, number(site["infected"]), number(site["documents"]),
         percent(site["share"]), bar(round(1000 * (site["share"] or 0)), 0, 1000), number(site["spam_pages"]),
         number(site["cut"]), number(site["review"]), shown(", ".join(site["families"]).replace("_", " ")),
         "<br>".join(shown(text, 40) for text in site["phrases"][:2]))
        for site in sites[:_SITES]
    )  # fmt: skip
    columns = (
        "Site", "Infected|n", "Documents|n", "Share|n", "|share", "Spam pages|n wide", "Cut|n", "Review|n wide",
        "Families|wide", "For example|wide",
    )  # fmt: skip
    caption = "Most infected documents first; a site is a registered domain, or the record's source"
    known = [site for site in sites if site["site"] and (site["share"] or 0) >= _BLOCKED]
    listed = "\n".join(sorted(site["site"] for site in known))
    block = (
        f"<details><summary>{_count(len(known), 'site')} with {percent(_BLOCKED)} or more of the documents infected, as a "
        f"list for a crawl's block list</summary><pre>{escape(listed)}</pre></details>" if known else ""
    )  # fmt: skip
    rest = f'<p class="note">and {number(len(sites) - _SITES)} more in the JSON figures</p>' if len(sites) > _SITES else ""
    return _section("sites", "Sites", table(caption, columns, rows, "Infected sites") + rest + block)


def _phrases(figures: Figures) -> str:
    phrases = figures["phrases"][:_PHRASES]
    words = "Forms that differ in case, width, spacing or digits are one phrase. Contexts are from different sites."
    entries = "".join(_entry(phrase) for phrase in phrases) or '<p class="note">Nothing was cut.</p>'
    return _section("phrases", "Phrases cut most", f'<p class="note">{words}</p>{entries}')


def _review(figures: Figures) -> str:
    phrases = figures["review"][:_REVIEW]
    words = "These looked like injections, but not surely enough to cut. The documents were left as they are."
    entries = "".join(_entry(phrase) for phrase in phrases) or '<p class="note">Nothing is left for review.</p>'
    return _section("review", "Left for review", f'<p class="note">{words}</p>{entries}', "maybe")


def _entry(phrase: Figures) -> str:
    facts = f"{_count(phrase['documents'], 'document')} · {_count(phrase['sites'], 'site')} · {_count(phrase['spans'], 'span')}"
    contexts = "".join(
        f"<li><bdi>{shown(one['before'][-48:])}<mark>{shown(one['text'])}</mark>{shown(one['after'][:48])}</bdi>"
        f"<small>{shown(one['site'], 60) if one['site'] else _UNKNOWN} · {shown(_place(one), 80)} · score {one['score']:.2f}</small></li>"
        for one in phrase["contexts"]
    )
    label = f'<span class="tag">{shown(phrase["label"].replace("_", " "))}</span>'
    return (
        f'<div class="entry"><p><span class="phrase">{shown(phrase["text"])}</span> {label}</p>'
        f'<p class="facts">{facts}</p><ul class="where">{contexts}</ul></div>'
    )


def _run(figures: Figures) -> str:
    totals = figures["totals"]
    facts = (
        ("Files", number(totals.get("files"))), ("Text read", f"{number(totals['bytes'] / 1e6)} MB"),
        ("Model", shown(str(totals["model"]))), ("Settings", shown(str(totals["config"]))),
        ("Cut from", _limit(totals["threshold"])), ("Review from", _limit(totals["review_threshold"])),
    )  # fmt: skip
    rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts)
    return _section("run", "The run", f'<dl class="run">{rows}</dl>')


def _section(mark: str, title: str, body: str, kind: str = "") -> str:
    return f'<section id="{mark}"{f" class={chr(34)}{kind}{chr(34)}" if kind else ""} aria-labelledby="{mark}-title"><h2 id="{mark}-title">{title}</h2>{body}</section>'


def _pair(first: str, second: str) -> str:
    return f'<div class="pair">{first}{second}</div>'


def _count(value: float, noun: str) -> str:
    return f"{number(value)} {noun if value == 1 else noun + 's'}"


def _limit(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def _place(context: Figures) -> str:
    return f"{context['file']}:{context['record']}" if context["record"] else str(context["file"])
