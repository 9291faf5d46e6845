"""Reading what training is made from: the corpus of this package and folders given as arguments.

A source folder is searched for ``clean/train/*.jsonl[.gz]`` (host text), ``spam/phrases.tsv`` and
``spam/train/*.jsonl[.gz]``; files of other names are not opened, so ``dev`` folders stay unseen.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cleaner.errors import InputError


@dataclass(frozen=True, slots=True)
class Host:
    """A clean document; ``site`` groups what must stay on one side of a split."""

    text: str
    lang: str
    site: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """A promotional phrase; ``campaign`` groups what must stay on one side of a split."""

    text: str
    lang: str
    family: str
    campaign: str


@dataclass(frozen=True, slots=True)
class Frames:
    """Sentences with one ``{p}``: injected ones, clauses, link words, legitimate mentions; honest sites' own lines."""

    spun: tuple[str, ...]
    blend: tuple[str, ...]
    cta: tuple[str, ...]
    legit: tuple[str, ...]
    site: tuple[str, ...] = ()
    slots: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # words for the other places in braces


@dataclass(slots=True)
class Material:
    """Everything that training reads."""

    hosts: list[Host] = field(default_factory=list)
    negatives: list[Host] = field(default_factory=list)
    phrases: list[Phrase] = field(default_factory=list)
    sentences: list[Phrase] = field(default_factory=list)
    ham: list[Host] = field(default_factory=list)
    frames: dict[str, Frames] = field(default_factory=dict)
    grammars: dict[str, dict[str, Any]] = field(default_factory=dict)
    variants: list[str] = field(default_factory=list)  # characters, each followed by those that are written for it


# The block lists' own family names, as the corpus spells them.
_FAMILIES = {"exam": "essay", "services_local": "services", "investment": "crypto"}
SLOT = re.compile(r"\{(\w+)\}")
_LONGEST_SENTENCE = 300
_CORPUS_HOSTS = 3


def read_material(corpus: Path, sources: Sequence[Path]) -> Material:
    """Return all training material. Raises InputError when a folder holds nothing of use."""
    material = Material()
    if (corpus / "variants.txt").exists():
        material.variants = (corpus / "variants.txt").read_text("utf-8").split()
    for path in sorted((corpus / "phrases").glob("*.json")):
        grammar = _read_json(path)
        material.grammars[grammar["lang"]] = _checked(path, grammar)
    for path in sorted((corpus / "frames").glob("*.json")):
        frames = _read_json(path)
        parts = {name: tuple(frames.get(name, ())) for name in ("spun", "blend", "cta", "legit")}
        if not all(parts.values()):
            raise InputError(f"{path}: needs the lists spun, blend, cta and legit, none of them empty")
        slots = {name: tuple(words) for name, words in frames.get("slots", {}).items()}
        missing = {name for lines in parts.values() for text in lines for name in SLOT.findall(text)} - {"p", *slots}
        if missing:
            raise InputError(f"{path}: the sentences name no slot of theirs: {min(missing)}")
        material.frames[frames["lang"]] = Frames(**parts, site=tuple(frames.get("site", ())), slots=slots)
    for path in sorted((corpus / "negatives").glob("*.jsonl")):
        for index, record in enumerate(_records(path)):
            lang = record.get("lang", path.stem)
            material.negatives.append(Host(record["text"], lang, f"{path.stem}-{index}"))
    for path in sorted((corpus / "hosts").glob("*.jsonl")):
        for index, record in enumerate(_records(path)):
            # Few and of the kind that matters most: every one counts like several pages of a source.
            material.hosts += [
                Host(record["text"], record.get("lang", path.stem), f"corpus/{path.stem}-{index}")
            ] * _CORPUS_HOSTS
    if not material.grammars:
        raise InputError(f"{corpus}: no phrases/*.json; is this the corpus folder?")
    for source in sources:
        _read_source(source, material)
    return material


def _checked(path: Path, grammar: dict[str, Any]) -> dict[str, Any]:
    """Return the families of a grammar whose patterns name only slots it has."""
    try:
        for family, parts in grammar["families"].items():
            for pattern in parts["patterns"]:
                missing = [slot for slot in SLOT.findall(pattern) if not parts["slots"].get(slot)]
                if missing:
                    raise InputError(f"{path}: {family}: pattern {pattern!r} names no slot of its own: {missing[0]}")
            if not isinstance(parts["phrases"], list):
                raise TypeError("phrases is not a list")
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: not a grammar ({error}); see corpus/README.md") from error
    return dict(grammar["families"])


def _read_source(source: Path, material: Material) -> None:
    clean = sorted((source / "clean" / "train").glob("*.jsonl*"))
    phrases = source / "spam" / "phrases.tsv"
    if not clean and not phrases.exists():
        raise InputError(f"{source}: neither clean/train/*.jsonl nor spam/phrases.tsv below it")
    for path in clean:
        name = path.name.split(".")[0]
        for record in _records(path):
            site = f"{name}:{str(record.get('id', '')).rsplit('-', 1)[0]}"
            material.hosts.append(Host(record["text"], record.get("lang", "und"), site))
    if phrases.exists():
        try:
            rows = phrases.read_text("utf-8").split("\n")
        except (OSError, ValueError) as error:
            raise InputError(f"{phrases}: cannot be read ({error})") from error
        for line in rows:
            cells = line.split("\t")
            if len(cells) >= 3 and len(cells[0]) > 2:
                family = _FAMILIES.get(cells[2], cells[2])
                material.phrases.append(Phrase(cells[0], cells[1], family, f"list:{_skeleton(cells[0])}"))
    for path in sorted((source / "spam" / "train").glob("*.jsonl*")):
        _read_messages(path, material)


def _read_messages(path: Path, material: Material) -> None:
    for record in _records(path):
        text = " ".join(record["text"].split())
        family = _FAMILIES.get(record.get("family") or "", record.get("family") or "other")
        if record.get("label") == "ham":
            material.ham.append(Host(text, record.get("lang", "und"), f"ham:{_skeleton(text)}"))
        elif 8 <= len(text) <= _LONGEST_SENTENCE:
            material.sentences.append(Phrase(text, record.get("lang", "und"), family, f"message:{_skeleton(text)}"))


def _skeleton(text: str) -> str:
    """Return what the variants of one template share: its letters, without digits and blanks."""
    return "".join(char for char in text.lower() if char.isalpha())[:24]


def _records(path: Path) -> Iterator[dict[str, Any]]:
    number = 0
    try:
        opener: Any = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):  # noqa: B007 (the message below names it)
                record = json.loads(line)
                if not isinstance(record["text"], str):
                    raise TypeError("text is not a string")
                if record["text"].strip():
                    yield record
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path}:{number}: not a training record ({error})") from error


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
        if not isinstance(found["lang"], str):
            raise TypeError("lang is not a string")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path}: not a file of the corpus ({error})") from error
    return dict(found)
