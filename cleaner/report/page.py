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
_LANGUAGES: Final = 12
_BLOCKED: Final = 0.2  # infected share from which a site is proposed for blocking
_KEY: Final = '<p class="key"><span>cut</span><span class="r">left for review</span></p>'
_NOTHING: Final = '<p class="note">Nothing was found.</p>'
_UNKNOWN: Final = '<span class="note">no address</span>'


def render(figures: Figures, title: str) -> str:
    """Return the whole page."""
    name = escape(title)
    beside = (
        f'<div class="pair"><div>{_families(figures)}</div><div>{_mechanisms(figures)}{_languages(figures)}</div></div>'
    )
    sections = (_harm(figures), beside, _sites(figures), _phrases(figures), _review(figures), _run(figures))
    links = (
        ("harm", "Harm"),
        ("families", "Families"),
        ("sites", "Sites"),
        ("phrases", "Phrases"),
        ("review", "Review"),
    )
    menu = "".join(f'<a href="#{mark}">{words}</a>' for mark, words in links)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">'
        f"<title>{name} – cleaning report</title><style>{STYLE}</style></head><body>"
        f'<header><h1>{name}</h1>{_lead(figures)}<nav aria-label="Sections">{menu}</nav></header>'
        f"<main>{_tiles(figures)}{''.join(sections)}</main>"
        "<footer><p>Written by cleaner from the audit of this output. Everything that was cut can be "
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
    held = f"{number(changed)} of {number(documents)} documents ({share}) held injected text"
    words = f"{held}; {_count(cut, 'span')} {'was' if cut == 1 else 'were'} cut."
    if not changed:
        words = f"Nothing was cut in {_count(documents, 'document')}."
    return f'<p class="lead">{words}</p>'


def _tiles(figures: Figures) -> str:
    totals, harm = figures["totals"], figures.get("harm")
    documents, characters = totals["documents"], totals["characters"]
    removed = totals["removed"]
    tiles = [
        ("Documents", number(documents), f"{number(characters)} characters"),
        (
            "Infected",
            percent(totals["changed"] / documents if documents else None),
            f"{number(totals['changed'])} documents",
        ),
        ("Spans cut", number(totals["spans"]["remove"]), f"{number(removed)} characters"),
        ("Left for review", number(totals["spans"]["review"]), "spans, nothing changed"),
        ("Pages of spam", number(totals["spam_pages"]), "left whole, to drop"),
    ]
    if harm:
        tiles.append(
            (
                "Expected mistakes",
                number(harm["expected_documents"]),
                f"documents; 95% sure: ≤ {number(harm['upper_documents'])}",
            )
        )
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
    limits = (
        f"Spans from {_limit(totals['threshold'])} are cut, from {_limit(totals['review_threshold'])} shown for review."
    )
    told = f'{_foretold(harm, totals)}<p class="note">{limits}</p>'
    chart = histogram(figures["scores"], totals["threshold"], totals["review_threshold"])
    named = f'<p class="note">Spans by probability of being an injection</p>{chart}{_KEY}'
    return _section("harm", "Harm and certainty", f'<div class="split"><div>{told}</div><div>{named}</div></div>')


def _foretold(harm: Figures | None, totals: Figures) -> str:
    if harm is None:
        return '<p class="note">The card of the model that was used is not at hand: no harm can be foretold here.</p>'
    measured = (
        f"On {number(harm['clean_documents'])} clean documents that the model had never seen, this threshold cut "
        f"<b>{number(harm['harmed_ppm'])}</b> of a million characters (95% sure: at most "
        f"{number(harm['harmed_upper_95'])}) and touched <b>{_count(harm['clean_touched'], 'document')}</b> "
        f"(at most {percent(harm['touched_upper_95'])})."
    )
    meant = (
        f"For the {number(totals['documents'])} documents of this run that means about "
        f"<b>{_count(harm['expected_documents'], 'clean document')}</b> touched, 95% sure no more than "
        f"<b>{number(harm['upper_documents'])}</b>; of {number(totals['characters'])} characters about "
        f"<b>{number(harm['expected_characters'])}</b> cut by mistake, no more than "
        f"<b>{number(harm['upper_characters'])}</b>. It holds for text like the measured one."
    )
    return f"<p>{measured}</p><p>{meant}</p>"


def _families(figures: Figures) -> str:
    return _section("families", "Families", _bars("Spans by family", "Family", figures["families"]) + _KEY)


def _mechanisms(figures: Figures) -> str:
    return _section(
        "mechanisms", "How it was put in", _bars("Spans by place in the page", "Place", figures["mechanisms"])
    )


def _bars(caption: str, name: str, rows: list[Figures]) -> str:
    if not rows:
        return _NOTHING
    most = max(row["cut"] + row["review"] for row in rows)
    cells = (
        (shown(row["name"].replace("_", " ")), bar(row["cut"], row["review"], most), number(row["cut"]),
         number(row["review"]), number(row["documents"]), number(row["sites"]))
        for row in rows
    )  # fmt: skip
    columns = (name, "|bar", "Cut|n", "Review|n", "Documents|n wide", "Sites|n wide")
    return table(caption, columns, cells, "bars")


def _languages(figures: Figures) -> str:
    rows = figures["languages"][:_LANGUAGES]
    cells = (
        (shown(row["name"]), number(row["read"]), number(row["documents"]),
         percent(row["documents"] / row["read"] if row["read"] else None), number(row["cut"]), number(row["review"]))
        for row in rows
    )  # fmt: skip
    columns = ("Language", "Documents|n wide", "Flagged|n", "Share|n", "Cut|n", "Review|n")
    if not rows:
        return _section("languages", "Languages", _NOTHING)
    more = len(figures["languages"]) - len(rows)
    rest = f'<p class="note">and {more} more</p>' if more else ""
    return _section("languages", "Languages", table("Host language of the documents", columns, cells) + rest)


def _sites(figures: Figures) -> str:
    sites = [site for site in figures["sites"] if site["infected"]]
    if not sites:
        return _section("sites", "Infected sites", '<p class="note">None.</p>')
    rows = (
        (shown(site["site"], 60) if site["site"] else _UNKNOWN, number(site["infected"]), number(site["documents"]),
         percent(site["share"]), bar(round(1000 * (site["share"] or 0)), 0, 1000), number(site["spam_pages"]),
         number(site["cut"]), number(site["review"]), shown(", ".join(site["families"]).replace("_", " ")),
         "<br>".join(shown(text, 26) for text in site["phrases"][:2]))
        for site in sites[:_SITES]
    )  # fmt: skip
    columns = (
        "Site", "Infected|n", "Documents|n", "Share|n", "|share", "Spam pages|n wide", "Cut|n", "Review|n wide",
        "Families|wide", "For example|wide",
    )  # fmt: skip
    caption = "Most infected documents first; a site is a registered domain, or the record's source"
    more = len(sites) - _SITES
    rest = f'<p class="note">and {number(more)} more in the JSON figures</p>' if more > 0 else ""
    return _section("sites", "Infected sites", table(caption, columns, rows, "sites") + rest + _block_list(sites))


def _block_list(sites: list[Figures]) -> str:
    known = sorted(site["site"] for site in sites if site["site"] and (site["share"] or 0) >= _BLOCKED)
    if not known:
        return ""
    words = f"{_count(len(known), 'site')} with {percent(_BLOCKED)} or more of the documents infected"
    listed = "\n".join(shown(name) for name in known)
    return f"<details><summary>{words}, as a list for a crawl's block list</summary><pre>{listed}</pre></details>"


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
    counts = (("documents", "document"), ("sites", "site"), ("spans", "span"))
    facts = " · ".join(_count(phrase[name], noun) for name, noun in counts)
    label = f'<span class="tag">{shown(phrase["label"].replace("_", " "))}</span>'
    return (
        f'<div class="entry"><p><span class="phrase">{shown(phrase["text"])}</span> {label}</p>'
        f'<p class="facts">{facts}</p><ul class="where">{"".join(map(_context, phrase["contexts"]))}</ul></div>'
    )


def _context(one: Figures) -> str:
    site = shown(one["site"], 60) if one["site"] else _UNKNOWN
    line = f"{shown(one['before'][-48:])}<mark>{shown(one['text'])}</mark>{shown(one['after'][:48])}"
    return f"<li><bdi>{line}</bdi><small>{site} · {shown(_place(one), 80)} · score {one['score']:.2f}</small></li>"


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
    head = f'<section id="{mark}" class="{kind}" aria-labelledby="{mark}-title">'
    return f'{head}<h2 id="{mark}-title">{title}</h2>{body}</section>'


def _count(value: float, noun: str) -> str:
    return f"{number(value)} {noun if value == 1 else noun + 's'}"


def _limit(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def _place(context: Figures) -> str:
    return f"{context['file']}:{context['record']}" if context["record"] else str(context["file"])
