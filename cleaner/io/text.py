"""Bytes to text and back, without losing or changing one byte.

Lines are never taken apart with ``str.splitlines``: it also breaks at U+2028, U+0085 and U+001C.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass

# The longer marks first: the UTF-32 mark begins with the UTF-16 one.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Lone surrogates have no UTF-8 form; the others end a line for readers that split like str.splitlines.
_ESCAPED_IN_JSON = re.compile("[\ud800-\udfff\x85\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded document; ``encode(text, encoding)`` gives its bytes back. ``note`` says what was odd, or is empty."""

    text: str
    encoding: str
    note: str = ""


def decode(data: bytes) -> Decoded:
    r"""Decode a document so that :func:`encode` returns the same bytes, whatever they are.

    UTF-16 and UTF-32 are known by their byte order mark; all else is UTF-8, and a byte that is not UTF-8
    becomes a surrogate escape. The byte order mark stays, as U+FEFF.

    >>> decode(b"caf\xe9").text
    'caf\udce9'
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            decoded = _decode_wide(data, encoding)
            if decoded is not None:
                return decoded
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        note = f"not UTF-8 at byte {error.start}; such bytes are kept as they are"
        return Decoded(data.decode("utf-8", "surrogateescape"), "utf-8", note)


def encode(text: str, encoding: str = "utf-8") -> bytes:
    r"""Return the bytes of a text that came from :func:`decode`, also after cuts.

    >>> encode("caf\udce9")
    b'caf\xe9'
    """
    return text.encode(encoding, "surrogateescape" if encoding == "utf-8" else "surrogatepass")


def as_text(raw: bytes) -> str:
    """Return bytes as a string that JSON can hold; :func:`encode` gives them back."""
    return raw.decode("utf-8", "surrogateescape")


def json_string(text: str, ascii_only: bool) -> str:
    r"""Return a text as a JSON string; without ``ascii_only`` only lone surrogates are escaped besides what must be.

    >>> json_string("\ud800é", False)
    '"\\ud800é"'
    """
    if ascii_only:
        return json.dumps(text)
    return _SURROGATE.sub(_escaped, json.dumps(text, ensure_ascii=False))


def json_line(value: object) -> bytes:
    r"""Return one line of JSON in UTF-8. Lone surrogates are escaped, so every text survives the trip.

    >>> json_line({"text": "\ud800"})
    b'{"text": "\\ud800"}\n'
    """
    text = json.dumps(value, ensure_ascii=False)
    return _ESCAPED_IN_JSON.sub(_escaped, text).encode() + b"\n"


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _decode_wide(data: bytes, encoding: str) -> Decoded | None:
    try:
        text = data.decode(encoding, "surrogatepass")
    except UnicodeDecodeError:
        return None
    # A last guard: what would not come back byte for byte is read as UTF-8 with escapes instead.
    return Decoded(text, encoding) if encode(text, encoding) == data else None
