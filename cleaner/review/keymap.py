"""The keys of the review, and where to move them: the table ``[review.keys]`` of ``cleaner.toml``.

Names of keys are Textual's (``a``, ``space``, ``f2``, ``ctrl+z``); several are parted by commas.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cleaner.errors import ConfigError, MissingExtra

# action: default keys, what it does
ACTIONS: Final[dict[str, tuple[str, str]]] = {
    "accept": ("a", "remove: it was injected"),
    "reject": ("x", "keep: it belongs to the text"),
    "skip": ("space", "come back to it later"),
    "undo": ("backspace", "take the last decision back, of any session"),
    "flag": ("f", "set aside for somebody to look at"),
    "mark": ("m", "mark the row; marked rows are decided apart"),
    "adjust": ("e", "move the ends of the span, and remove it"),
    "open": ("enter", "open the phrase: its spans one by one"),
    "close": ("escape", "back to the group; forget marks"),
    "next": ("right,n", "next group"),
    "previous": ("left,p", "previous group"),
    "search": ("slash", "search groups and phrases"),
    "scope": ("s", "reach of a decision: document, site, everywhere"),
    "history": ("h", "what was decided, by whom"),
    "help": ("question_mark", "this help"),
    "quit": ("q", "end; everything decided is saved"),
}
_SHOWN: Final = {
    "slash": "/", "question_mark": "?", "backspace": "⌫", "enter": "⏎", "escape": "esc", "left": "←", "right": "→",
    "space": "space",
}  # fmt: skip


def read_keys(path: Path | None) -> dict[str, str]:
    """Return the keys of all actions: the defaults, changed by a settings file.

    ``None`` looks for ``cleaner.toml`` in the working folder. Raises :class:`~cleaner.errors.ConfigError`
    for a file that cannot be read, an unknown action and a key given twice.
    """
    file = path or Path("cleaner.toml")
    table = _table(file) if path is not None or file.exists() else {}
    return merged(table, str(file))


def merged(table: Mapping[str, Any], file: str = "settings") -> dict[str, str]:
    """Return the default keys with those of a table in their place."""
    keys = {action: default for action, (default, _) in ACTIONS.items()}
    for action, key in table.items():
        if action not in ACTIONS:
            raise ConfigError(f"{file}: [review.keys] knows no {action!r}; it knows {', '.join(ACTIONS)}")
        if not isinstance(key, str) or not key.strip():
            raise ConfigError(f'{file}: [review.keys] {action}: a key is a word like "a" or "space", not {key!r}')
        keys[action] = key
    owners: dict[str, str] = {}
    for action, several in keys.items():
        for key in several.split(","):
            if (other := owners.setdefault(key.strip(), action)) != action:
                raise ConfigError(f"{file}: [review.keys] {key.strip()!r} is given to {other} and to {action}")
    return keys


def shown(keys: str) -> str:
    """Return a key as people read it: ``"slash"`` is ``/``.

    >>> shown("right,n")
    '→'
    """
    first = keys.split(",")[0].strip()
    return _SHOWN.get(first, first)


def _table(file: Path) -> Mapping[str, Any]:
    try:
        settings = _toml().loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:  # a TOML error is a ValueError
        raise ConfigError(f"{file}: {getattr(error, 'strerror', None) or error}") from None
    found = settings.get("review", {})
    keys = found.get("keys", {}) if isinstance(found, dict) else {}
    if not isinstance(keys, dict):
        raise ConfigError(f"{file}: review.keys must be a table")
    return keys


def _toml() -> Any:
    for name in ("tomllib", "tomli"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise MissingExtra("reading cleaner.toml on Python 3.10 needs tomli: pip install 'cleaner[review]'")
