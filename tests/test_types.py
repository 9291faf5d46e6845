"""The values that travel: frozen, comparable, picklable, plain JSON on demand."""

from __future__ import annotations

import dataclasses
import json
import pickle
from typing import Any

import pytest

import cleaner
from cleaner import CleanerError, Cleaning, Edit, Evidence, InputError, Span, errors

REASON = Evidence("line.prefix", 1.5, "stands before a heading")
SPAN = Span(0, 5, "escort", 0.98, "remove", (REASON,))
EDIT = Edit(0, "spam ")
CLEANING = Cleaning("Heading", (SPAN,), (EDIT,), "changed", "1 span to remove", "en", "news@abc")


@pytest.mark.parametrize("value", [REASON, SPAN, EDIT, CLEANING], ids=lambda value: type(value).__name__)
def test_values_are_frozen_and_travel(value: Any) -> None:
    """Nothing can be changed or added; copies through pickle are equal and hash the same."""
    name = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, None)
    assert not hasattr(value, "__dict__")
    copy = pickle.loads(pickle.dumps(value))
    assert copy == value
    assert hash(copy) == hash(value)


@pytest.mark.parametrize("value", [REASON, SPAN, EDIT, CLEANING], ids=lambda value: type(value).__name__)
def test_values_become_json(value: Any) -> None:
    """``to_dict`` gives every field as plain JSON, in the order of the class."""
    record = value.to_dict()
    assert json.loads(json.dumps(record)) == record
    assert list(record) == [field.name for field in dataclasses.fields(value)]


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (2, 2), (3, 2), (0, 0)])
def test_a_span_is_never_empty(start: int, end: int) -> None:
    """A span holds at least one character and does not begin before the text."""
    with pytest.raises(InputError, match="empty"):
        Span(start, end, "x", 1.0, "remove")


def test_an_edit_knows_its_end() -> None:
    """The end is where the removed text ended in the source."""
    assert Edit(3, "上海").end == 5


def test_a_cleaning_gives_the_source_back() -> None:
    """From the cleaned text and the edits alone."""
    assert CLEANING.changed
    assert CLEANING.restore() == "spam Heading"
    untouched = dataclasses.replace(CLEANING, spans=(), edits=(), status="clean", reason="")
    assert not untouched.changed
    assert untouched.restore() == untouched.text


def test_every_error_has_an_exit_code_of_its_own_kind() -> None:
    """One base class; codes are those of sysexits.h or click's, never 0 or 1."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, CleanerError)]
    assert len(kinds) >= 5
    codes = {kind.__name__: kind.exit_code for kind in kinds}
    assert len(set(codes.values())) == len(codes)
    assert set(codes.values()) <= {2, *range(64, 79)}


def test_public_names() -> None:
    """What the package promises can be imported from its top, and nothing else is listed."""
    promised = {"clean", "find", "Cleaner", "Cleaning", "Config", "Edit", "Evidence", "Span"}
    promised |= {"CleanerError", "ConfigError", "InputError", "ModelError"}
    assert set(cleaner.__all__) == promised
    assert all(hasattr(cleaner, name) for name in promised)
