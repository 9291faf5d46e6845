"""``cleaner mine``: which phrases spread over a corpus, grouped by the pattern they come from."""

from __future__ import annotations

from collections.abc import Sequence

import click

from cleaner import Cleaner, InputError
from cleaner.cli._options import (
    Engine,
    Faults,
    colour_option,
    engine_options,
    finish,
    input_options,
    sources_of,
)
from cleaner.cli._screen import Screen, count, message, safe
from cleaner.io.readers import Source, open_source
from cleaner.io.records import Document, Reading
from cleaner.io.text import json_line
from cleaner.io.writers import StandardOutput
from cleaner.recurrence import Phrase, Recurrence, collect
from cleaner.recurrence.families import Family, group

_GROUPED = 5_000  # phrases; the rarer ones are left out
_MEMBERS = 4  # shown of a family on a screen


@click.command(
    short_help="List the phrases that spread over a corpus, by the pattern they come from.",
    epilog="""\b
Examples:
  cleaner mine crawl/
  cleaner mine crawl/ --min-sites 10 --new       what spreads and is not surely cut today
  cleaner mine feed.jsonl.gz --site-field domain
  cleaner mine crawl/ --format json | jq -r '.members[].text'

\b
How to read it:
  爱{…}{0}论坛   escort   12 sites   40 documents   certainty 0.93
      {…} stands for what changes, {0} for digits. Sites and documents are those of the family's
      widest phrase and the sum of all; certainty is the mean probability of being an injection.
  A site is the registered domain of the record's url, or its source; without such a field all
  documents count as one site (use --min-sites 1). Lines that stand on a large part of the pages of
  their sites belong to templates and are left out.

\b
JSON: one record per family with template, label, sites, documents, certainty and members; a member
has text, label, sites, pages (of different text), documents, certainty and examples.""",
)
@input_options
@click.option("--site-field", metavar="NAME", help="The field that tells the site. Default: url, else source.")
@click.option(
    "--min-sites", type=click.IntRange(1), default=3, show_default=True, metavar="N", help="Rarer: not shown."
)
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, metavar="N", help="Families shown.")
@click.option("--new", "new_only", is_flag=True, help="Only families that are not surely cut today.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@colour_option
@engine_options
@click.option("-q", "--quiet", is_flag=True, help="No totals at the end.")
def mine(
    inputs: tuple[str, ...],
    reading: Reading,
    site_field: str | None,
    min_sites: int,
    limit: int,
    new_only: bool,
    form: str,
    colour: str,
    engine: Engine,
    quiet: bool,
) -> None:
    """List phrase families in INPUTS (files, folders, or "-" for standard input, the default)."""
    cleaner = engine.open()
    faults = Faults()
    recurrence = _collected(cleaner, sources_of(inputs), reading, site_field, faults)
    phrases = [one for one in recurrence.phrases(sites=min_sites) if recurrence.weight(one.seen) >= 0]
    families = group(phrases[:_GROUPED])
    if new_only:
        families = [family for family in families if _certainty(family) < cleaner.thresholds[0]]
    if form == "json":
        for family in families[:limit]:
            StandardOutput().write(json_line(_record(family)))
    else:
        screen = Screen(colour)
        for family in families[:limit]:
            _show(screen, family)
    if not quiet:
        message(_summary(recurrence, families, limit))
    finish(faults.exit_code())


def _collected(
    cleaner: Cleaner, sources: Sequence[Source], reading: Reading, site_field: str | None, faults: Faults
) -> Recurrence:
    recurrence = Recurrence()
    for source in sources:
        try:
            with open_source(source, reading) as opened:
                for chunk in opened.chunks():
                    for record in chunk.records:
                        if record.problem:
                            faults.record(record.place, record.problem)
                    documents = [record for record in chunk.records if isinstance(record, Document)]
                    collect(cleaner, documents, recurrence, site_field)
        except InputError as error:
            faults.source(error)
    return recurrence


def _certainty(family: Family) -> float:
    """Return the mean probability over the places of all members."""
    weights = [phrase.seen.documents for phrase in family.members]
    summed = sum(phrase.seen.certainty * weight for phrase, weight in zip(family.members, weights, strict=True))
    return summed / max(1, sum(weights))


def _show(screen: Screen, family: Family) -> None:
    name = screen.style(screen.fit(family.template, screen.columns - 56), "cyan", bold=True)
    figures = (
        f"{count(family.sites, 'site')}   {count(family.documents, 'document')}   certainty {_certainty(family):.2f}"
    )
    screen.line(f"{name}   {safe(family.label)}   {figures}")
    for phrase in family.members[:_MEMBERS]:
        screen.line(f"    {screen.fit(phrase.text, screen.columns - 24)}  ({count(phrase.seen.sites, 'site')})")
    if len(family.members) > _MEMBERS:
        screen.line(f"    and {len(family.members) - _MEMBERS} more")
    for example in family.members[0].examples[:1]:
        place = f"{example.site or 'no site'} · {example.id}: "
        room = max(20, screen.columns - 30)
        context = screen.fit(f"{example.before[-24:]}[{example.text}]{example.after[:24]}", room)
        screen.line(f"    {screen.fit(place, 40)}{context}")


def _record(family: Family) -> dict[str, object]:
    return {
        "template": family.template,
        "label": family.label,
        "sites": family.sites,
        "documents": family.documents,
        "certainty": round(_certainty(family), 3),
        "members": [_member(phrase) for phrase in family.members],
    }


def _member(phrase: Phrase) -> dict[str, object]:
    names = ("sites", "pages", "documents", "certainty")
    examples = [
        {name: getattr(one, name) for name in ("site", "id", "before", "text", "after")} for one in phrase.examples
    ]
    figures = {name: getattr(phrase.seen, name) for name in names}
    return {"text": phrase.text, "label": phrase.label, **figures, "examples": examples}


def _summary(recurrence: Recurrence, families: Sequence[Family], limit: int) -> str:
    told = f"cleaner: {count(len(families), 'family', 'families')}"
    if len(families) > limit:
        told += f", {limit} shown"
    told += f"; {count(recurrence.counted, 'document')} with suspicious phrases"
    if recurrence.unplaced:
        told += f", {recurrence.unplaced} of them without a site"
    return told
