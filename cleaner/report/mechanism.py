"""How an injected phrase was put into its page, told from what stands around it."""

from __future__ import annotations

import re
from typing import Final

from cleaner.repair import NEWLINES

_LIST_ITEM: Final = re.compile(r"\s*(?:[-–—•●○◦▪■□◆→►▶※★☆✓✔·・*#]|\d{1,3}[.)、．]|[(（【\[]\d{1,3}[)）】\]])\s*\S")
# "Tag:", "作者：", a bookmark or clock before it: the line is a field of a template.
_FIELD: Final = re.compile(
    r"(?:^|[|·•])\s*[^\s:：|][^:：|]{0,24}[:：]\s*$|[\U0001f300-\U0001faff\u2300-\u27bf]\ufe0f?\s*$"
)
_STOPS: Final = ".!?\u2026\u3002\uff01\uff1f\uff0e\u061f\u06d4\u0964\u0965\u0589\u1362\u300d\u300f\u201d\"')\uff09"
_CONTEXT: Final = 40  # code points that an audit shows at least of a line that goes on


def mechanism_of(before: str, text: str, after: str, *, starts: bool = False) -> str:
    r"""Return where a span stands, in words. ``starts``: ``before`` reaches back to the start of the text.

    >>> mechanism_of("News\n", "spam phrase", " - First item")
    'before a list item'
    >>> mechanism_of("It rained. ", "spam phrase", " Then it stopped.", starts=True)
    'between sentences'
    """
    if any(char in NEWLINES for char in text.strip(NEWLINES)):
        return "several lines"
    left, begins = _line_part(before, last=True)
    right, ends = _line_part(after, last=False)
    opens = not left.strip() and (begins or starts)
    closes = not right.strip() and (ends or len(after) < _CONTEXT)
    if opens and closes:
        return "own line"
    if _FIELD.search(left) and (begins or starts):
        return "field"
    if opens:
        if _LIST_ITEM.match(right):
            return "before a list item"
        return "start of a line" if right[:1].isspace() else "glued to its line"
    if closes:
        return "end of a line"
    return "between sentences" if left.rstrip()[-1:] in _STOPS else "inside a sentence"


def _line_part(context: str, *, last: bool) -> tuple[str, bool]:
    """Return the part of a context that is on the span's line, and whether a line end bounds it."""
    places = [place for place, char in enumerate(context) if char in NEWLINES]
    if not places:
        return context, False
    return (context[places[-1] + 1 :] if last else context[: places[0]]), True
