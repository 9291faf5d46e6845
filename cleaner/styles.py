"""What a page's CSS hides: inline declarations and the plain rules of its ``<style>`` elements.

No browser: external sheets, scripts, media queries and selectors with more than one part are not followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

Declarations = Mapping[str, str]
Colour = tuple[int, int, int]

WHITE: Final = (255, 255, 255)
BLACK: Final = (0, 0, 0)
_NAMES: Final = {"white": WHITE, "black": BLACK}
_NEAR: Final = 16  # of 255 in each channel: nobody reads #fff on #f4f4f4
_OFF: Final = {"px": 900, "": 900, "em": 50, "rem": 50, "%": 100, "vw": 100, "vh": 100}
_MOST_CSS: Final = 300_000  # code points of a page's sheets that are read
_MOST_CHECKS: Final = 500_000  # of a rule against an element, per page; sheets of real pages need far fewer

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SELECTOR = re.compile(r"(?P<tag>[a-z][\w-]*)?(?P<rest>(?:[.#][\w-]+)*)", re.IGNORECASE)
_BRACE = re.compile(r"[{}]")
_PART = re.compile(r"[.#][\w-]+")
_LENGTH = re.compile(r"(-?\d*\.?\d+)(px|em|rem|%|vw|vh|pt)?")
_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*(?:[,/]\s*([\d.]+%?)\s*)?\)")
_SHIFT = re.compile(r"translate(?:x|y|3d)?\(\s*(-?\d*\.?\d+)(px|em|rem|%|vw|vh)?")


def declarations(style: str) -> dict[str, str]:
    """Return the declarations of a ``style`` attribute, names and values in small letters.

    >>> declarations("Display: NONE !important; color:#fff")
    {'display': 'none', 'color': '#fff'}
    """
    found: dict[str, str] = {}
    for part in style.split(";"):
        name, colon, value = part.partition(":")
        if colon:
            found[name.strip().lower()] = value.lower().replace("!important", "").strip()
    return found


class Sheet:
    """The rules of a page whose selector is a tag, an id, classes, or those together."""

    def __init__(self, css: Iterable[str]) -> None:
        self._rules: dict[str, dict[frozenset[str], dict[str, str]]] = {}
        self._checks = 0
        for selectors, body in _rules("\n".join(css)[:_MOST_CSS]):
            for selector in selectors.split(","):
                parts = _parts(selector.strip())
                if parts:
                    # Filed under its most special part, so that an element looks at few rules.
                    key = max(parts, key=_rank)
                    self._rules.setdefault(key, {}).setdefault(parts, {}).update(declarations(body))

    def of(self, tag: str, identity: str, classes: Iterable[str]) -> dict[str, str]:
        """Return what the rules say of an element; ids count more than classes, and those more than tags."""
        if not self._rules or self._checks > _MOST_CHECKS:
            return {}
        own = {tag, f"#{identity}", *(f".{name}" for name in classes)}
        found: dict[str, str] = {}
        for part in sorted(own & self._rules.keys(), key=_rank):
            self._checks += len(self._rules[part])
            for parts, said in self._rules[part].items():
                if parts <= own:
                    found.update(said)
        return found


def hard_trick(said: Declarations) -> str:
    """Return what hides an element with all that is in it, or ``""``."""
    if said.get("display") == "none":
        return "display:none"
    if _is_zero(said.get("opacity")):
        return "opacity:0"
    placed = said.get("position") in ("absolute", "fixed")
    edges = ("left", "top", "right", "bottom") if placed else ()
    if any(_far(said.get(name, "")) for name in (*edges, "text-indent", "margin-left", "margin-top")):
        return "off screen"
    shift = _SHIFT.search(said.get("transform", ""))
    if shift and _is_off(shift[1], shift[2]):
        return "off screen"
    if said.get("overflow") in ("hidden", "clip") and any(
        _is_zero(said.get(name)) or said.get(name) == "1px" for name in ("height", "width", "max-height", "max-width")
    ):
        return "no size"
    if placed and re.match(r"rect\(\s*[01](?:px)?\b", said.get("clip", "")):
        return "clipped"
    return ""


def zero_font(said: Declarations) -> bool | None:
    """Return whether the text is of no size; ``None`` where nothing is said of it."""
    size = said.get("font-size")
    if size is None:
        return None
    match = _LENGTH.match(size)
    if not match:
        return False if size not in ("inherit", "unset") else None
    number = float(match[1])
    if match[2] in ("em", "%") and number:
        return None  # of a parent's nothing it is nothing still
    return number == 0 or (match[2] in ("px", "pt", None) and number <= 1)


def colour_of(value: str | None) -> Colour | None:
    """Return a colour as red, green and blue, ``None`` for what is not known (gradients, most names)."""
    value = (value or "").strip()
    if value in _NAMES:
        return _NAMES[value]
    if match := _HEX.fullmatch(value):
        digits = match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if (match := _RGB.fullmatch(value)) and not _is_zero(match[4]):
        return int(match[1]), int(match[2]), int(match[3])
    return None


def alike(one: Colour | None, other: Colour | None) -> bool:
    """Return whether two known colours cannot be told apart."""
    if one is None or other is None:
        return False
    return all(abs(first - second) < _NEAR for first, second in zip(one, other, strict=True))


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """Yield selectors and body of each plain rule; what an at-rule holds (print, small screens) is left out."""
    css = _COMMENT.sub("", css)
    at = 0
    while (opened := css.find("{", at)) >= 0:
        prelude = css[at:opened].rpartition(";")[2].strip()
        if not prelude.startswith("@"):
            closed = css.find("}", opened)
            closed = len(css) if closed < 0 else closed
            yield prelude.lstrip("} \t\r\n"), css[opened + 1 : closed]
            at = closed + 1
            continue
        depth, at = 1, opened + 1
        while depth and (brace := _BRACE.search(css, at)):
            depth += 1 if brace[0] == "{" else -1
            at = brace.end()
        if depth:
            return


def _rank(part: str) -> tuple[int, str]:
    """Return the place of a selector's part: tags, then classes, then ids."""
    return ".#".find(part[0]), part


def _parts(selector: str) -> frozenset[str]:
    match = _SELECTOR.fullmatch(selector)
    if not match:
        return frozenset()
    tag = {match["tag"].lower()} if match["tag"] else set()
    return frozenset(tag | set(_PART.findall(match["rest"])))


def _is_zero(value: str | None) -> bool:
    match = _LENGTH.fullmatch(value or "")
    return match is not None and float(match[1]) == 0


def _far(value: str) -> bool:
    match = _LENGTH.fullmatch(value)
    return match is not None and _is_off(match[1], match[2])


def _is_off(number: str, unit: str | None) -> bool:
    return float(number) <= -_OFF.get(unit or "", 900)
