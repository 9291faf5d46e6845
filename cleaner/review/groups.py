"""Thousands of spans become some dozens of groups, each fit for one decision.

Spans are first parted by what separates injections from false alarms best: whether the engine is sure,
and whether the span stands apart or inside a running sentence. Within such a part the same template
makes a group when enough spans share it; what is left over is grouped by family and script, then by
family, then all together. "Enough" grows with the number of spans, so that the groups stay few.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from cleaner.keys import normalise
from cleaner.review.flagged import Flagged
from cleaner.review.templates import ADDRESS, BRAND, script_of, template, undress, units

GROUPS: Final = 18  # about twice as many are made, and half of those take a second key for exceptions
_LEAST: Final = 3
# Shares of the mean size of a group: the least that makes a group of its own among spans the engine is sure and
# unsure of, and the most doubtful phrases without a template in one group (never fewer than a tall screen holds).
_SURE_SHARE, _DOUBTFUL_SHARE, _SCREEN_SHARE = 0.5, 0.4, 0.5
_SCREEN: Final = 20
_STOPS: Final = ".!?。！？…:：।۔"
_OPEN, _CLOSE = "\"'“”„«»‘’([{（「『《【", "\"'“”»«‘’)]}）」』》】"
_SURE: Final = 0.85  # above it, one in some dozens of spans was a false alarm; below, one in three


@dataclass
class Group:
    """Spans to be decided together. ``name`` is their template, or says in words what they share."""

    name: str
    items: list[Flagged]
    core: str = ""
    order: float = field(default=0.0, repr=False)

    @cached_property
    def documents(self) -> int:
        """Return the number of distinct documents."""
        return len({item.span.document or item.span.document_id for item in self.items})

    @cached_property
    def sites(self) -> int:
        """Return the number of distinct sites, 0 when none is known."""
        return len({item.span.site for item in self.items} - {""})

    @cached_property
    def label(self) -> str:
        """Return the family most members were given."""
        return Counter(item.span.label for item in self.items).most_common(1)[0][0]

    def phrases(self) -> list[list[Flagged]]:
        """Return the members by phrase, the most doubtful phrase first."""
        found: dict[str, list[Flagged]] = defaultdict(list)
        for item in self.items:
            found[item.span.phrase].append(item)
        return sorted(found.values(), key=lambda members: (-max(map(doubt, members)), members[0].span.phrase))

    def warning(self) -> str:
        """Return in words how the members differ, or ``""`` where one decision fits all as far as can be told."""
        parts: list[str] = []
        kept = sum(item.action == "review" for item in self.items)
        if 0 < kept < len(self.items):
            parts.append(f"{kept} of {len(self.items)} are doubtful for the engine, the others not")
        scores = [item.span.score for item in self.items]
        if max(scores) - min(scores) > 0.35:
            parts.append(f"scores from {min(scores):.2f} to {max(scores):.2f}")
        inside = sum(placement(item) == "inside" for item in self.items)
        if 0 < inside < len(self.items):
            parts.append(f"{inside} stand inside a sentence, {len(self.items) - inside} apart")
        labels = Counter(item.span.label for item in self.items)
        if len(labels) > 1 and not self.core:
            parts.append(f"{len(labels)} families")
        return "; ".join(parts)


def doubt(item: Flagged) -> float:
    """Return how unsure a score is: 0 at 0 and 1, 1 at 0.5."""
    return 1.0 - abs(2.0 * item.span.score - 1.0)


def placement(item: Flagged) -> str:
    """Return where a span stands: ``"inside"`` a sentence, ``"quoted"``, or ``"apart"`` from the text around it."""
    before, after = item.before.rstrip(" \u3000"), item.after.lstrip(" \u3000")
    if before[-1:] in _OPEN and after[:1] in _CLOSE and before and after:
        return "quoted"
    opened = not before or before[-1] in "\n\r" + _STOPS
    closed = not after or after[0] in "\n\r"
    if opened and (closed or not (after[0].islower() or after[0] in ",;，、；")):
        return "apart"
    return "apart" if closed and item.span.text[-1] not in _STOPS and not item.span.text[0].islower() else "inside"


def group_flagged(items: Sequence[Flagged], groups: int = GROUPS) -> list[Group]:
    """Return the groups of flagged spans in the order to review them, about ``groups`` many.

    Deterministic; every span is in exactly one group. Order: doubt times reach, the largest first.
    """
    ordinary = _ordinary(items)
    parts: dict[tuple[bool, str], list[_Spoken]] = defaultdict(list)
    for item in items:
        parts[_is_sure(item), placement(item)].append(_Spoken(item, ordinary))
    found: list[Group] = []
    for (sure, place), members in sorted(parts.items()):
        # A key is better spent where the engine is unsure: smaller groups there.
        share = _SURE_SHARE if sure else _DOUBTFUL_SHARE
        least = max(_LEAST, round(len(items) * share / max(1, groups)))
        part = _part(members, least)
        screen = max(_SCREEN, round(len(items) * _SCREEN_SHARE / max(1, groups)))
        found += part if sure else [piece for group in part for piece in _screens(group, _PLACES[place], screen)]
    for group in found:
        group.items.sort(key=lambda item: (-doubt(item), item.span.phrase, item.place, item.span.start))
        group.order = sum(map(doubt, group.items)) / len(group.items) * group.documents
    return sorted(found, key=lambda group: (-group.order, group.name))


def _screens(group: Group, place: str, screen: int) -> list[Group]:
    """Cut a large doubtful group without a template into screens by score: the false alarms gather in the lowest."""
    items = sorted(group.items, key=lambda item: (-item.span.score, item.span.phrase))
    many = 1 if group.core else -(-len(items) // screen)
    pieces = [items[len(items) * number // many : len(items) * (number + 1) // many] for number in range(many)]
    return [Group(f"{place}, {_range(piece)}: {group.name}", piece, group.core) for piece in pieces]


def _range(items: Sequence[Flagged]) -> str:
    low, high = (f"{choose(item.span.score for item in items):.2f}" for choose in (min, max))
    return low if low == high else f"{low}–{high}"


_PLACES: Final = {"inside": "in a sentence", "quoted": "quoted", "apart": "apart"}


def _is_sure(item: Flagged) -> bool:
    return item.action == "remove" or item.span.score >= _SURE


def _ordinary(items: Sequence[Flagged]) -> frozenset[str]:
    """Return the units that stand around the spans as often as in them: no template is named by such a word."""
    inside: Counter[str] = Counter()
    around: Counter[str] = Counter()
    for item in items:
        inside.update(units(undress(item.span.text)))
        around.update(units(normalise(item.span.before + " " + item.span.after)))
    return frozenset(unit for unit, times in inside.items() if around[unit] >= times)


class _Spoken:
    """A span with the words it is grouped by."""

    def __init__(self, item: Flagged, ordinary: frozenset[str]) -> None:
        self.item = item
        self.text = undress(item.span.text)
        self.units = units(self.text) - ordinary
        self.label = item.span.label
        self.script = script_of(self.text)


def _part(members: list[_Spoken], least: int) -> list[Group]:
    found: list[Group] = []
    rest: list[_Spoken] = []
    for family in _by(members, lambda one: (one.script,)):
        shared, left = _templates(family, least)
        found += [Group(_named(same, core), [one.item for one in same], core) for core, same in shared]
        rest += left
    # What shares no template is kept together as far as it goes: family and script, family, all.
    for key, name in _FAMILIES:
        left = []
        for family in _by(rest, key):
            if len(family) >= least or name == _MIXED:
                text = name.format(label=family[0].label, script=family[0].script)
                found.append(Group(text, [one.item for one in family]))
            else:
                left += family
        rest = left
    return found


_MIXED: Final = "mixed phrases"
_Key = Callable[[_Spoken], tuple[str, ...]]
_FAMILIES: Final[tuple[tuple[_Key, str], ...]] = (
    (lambda one: (one.label, one.script), "{label} in {script}"),
    (lambda one: (one.label,), "{label} in several scripts"),
    (lambda one: (one.script,), "mixed phrases in {script}"),
    (lambda one: (), _MIXED),
)


def _by(members: Iterable[_Spoken], key: _Key) -> list[list[_Spoken]]:
    found: dict[tuple[str, ...], list[_Spoken]] = defaultdict(list)
    for one in members:
        found[key(one)].append(one)
    return [found[name] for name in sorted(found)]


def _templates(members: list[_Spoken], least: int) -> tuple[list[tuple[str, list[_Spoken]]], list[_Spoken]]:
    """Take out, again and again, the largest set of spans that share a unit; return the sets and what is left."""
    found: list[tuple[str, list[_Spoken]]] = []
    left = members
    counts = Counter(unit for one in left for unit in one.units)
    while counts:
        # Of units that stand together equally often the longer one names the group.
        best = max(counts, key=lambda unit: (counts[unit], len(unit), unit))
        if counts[best] < least:
            break
        same = [one for one in left if best in one.units]
        left = [one for one in left if best not in one.units]
        counts.subtract(unit for one in same for unit in one.units)
        found.append((best, same))
    return found, left


def _named(members: Sequence[_Spoken], core: str) -> str:
    counts = Counter(one.text for one in members)
    if core in (ADDRESS, BRAND):
        return f"{core} in {members[0].script}" if members[0].script != "Latin" else core
    return template([text for text, _ in counts.most_common()]) or "{X}" + core + "{X}"
