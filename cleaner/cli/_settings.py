"""Settings from ``cleaner.toml`` or ``[tool.cleaner]`` in ``pyproject.toml``, and what ``--show-config`` prints.

A file gives other defaults for the options of a command; the command line goes first. The names are those of the
options, with ``-`` or ``_``.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource

from cleaner.errors import ConfigError
from cleaner.io.streams import MissingInput

FILES: Final = ("cleaner.toml", "pyproject.toml")
# What belongs to one call and not to a project.
_PER_CALL: Final = {"inputs", "output", "config_file", "show_config", "help", "given", "quiet", "verbose"}
_ORIGIN: Final = "cleaner.settings"  # where a context keeps the name of the file


class SettingsCommand(click.Command):
    """A command whose options take their defaults from a settings file in the working folder."""

    def make_context(self, *arguments: Any, **further: Any) -> click.Context:
        """Read the file before the options are looked at; ``--config`` names another one."""
        given: list[str] = list(arguments[1])
        path, values = _settings(_named_file(given))
        own = {parameter.name for parameter in self.params}
        known = known_settings()
        for name in values:
            if name not in known:
                names = ", ".join(sorted(item.replace("_", "-") for item in known))
                raise ConfigError(f"{path}: there is no setting {name!r}; the settings are: {names}")
        further["default_map"] = {name: value for name, value in values.items() if name in own}
        context = super().make_context(*arguments, **further)
        context.meta[_ORIGIN] = str(path)
        return context


def settings_option(command: Any) -> Any:
    """Add ``--config`` and ``--show-config``."""
    about = "Settings. Default: cleaner.toml, or [tool.cleaner] in pyproject.toml."
    command = click.option("--show-config", is_flag=True, help="Print the settings, each with its origin.")(command)
    return click.option("--config", "config_file", metavar="FILE", help=about)(command)


def known_settings() -> set[str]:
    """Return the names of all settings: the options of ``cleaner clean`` that are not for one call alone."""
    command: click.Command = importlib.import_module("cleaner.cli.clean").clean
    return {parameter.name for parameter in command.params if parameter.name} - _PER_CALL


def shown_settings(context: click.Context) -> Iterator[str]:
    """Yield a line of TOML per setting, with its origin as a comment; a line without a value is commented out."""
    file = context.meta.get(_ORIGIN, "")
    origins = {ParameterSource.COMMANDLINE: "command line", ParameterSource.DEFAULT_MAP: file}
    for parameter in context.command.params:
        name = parameter.name or ""
        if name in _PER_CALL:
            continue
        value = context.params[name]
        source = context.get_parameter_source(name)
        origin = origins.get(source, "default") if source is not None else "default"
        shown = name.replace("_", "-")
        text = f"# {shown} =" if value is None else f"{shown} = {_toml(value)}"
        yield f"{text:<32}  # {origin}"


def _named_file(arguments: list[str]) -> str | None:
    for place, argument in enumerate(arguments):
        if argument == "--":
            return None
        if argument == "--config" and place + 1 < len(arguments):
            return arguments[place + 1]
        if argument.startswith("--config="):
            return argument.partition("=")[2]
    return None


def _settings(named: str | None) -> tuple[Path, dict[str, Any]]:
    """Return the settings file and what stands in it; without one nothing."""
    for path in map(Path, (named,) if named is not None else FILES):
        try:
            text = path.read_bytes().decode("utf-8")
        except OSError as error:
            if named is None:
                continue
            raise MissingInput(f"{path}: {error.strerror or error}") from None
        except UnicodeDecodeError:
            raise ConfigError(f"{path}: not UTF-8") from None
        if path.name == "pyproject.toml" and "tool.cleaner" not in text:
            continue  # somebody else's, and perhaps not for us to judge
        values = _parsed(path, text)
        if path.name == "pyproject.toml":
            values = values.get("tool", {}).get("cleaner", {})
        return path, {name.replace("-", "_"): _plain(path, name, value) for name, value in values.items()}
    return Path(FILES[0]), {}


def _parsed(path: Path, text: str) -> dict[str, Any]:
    library = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        values: dict[str, Any] = library.loads(text)
    except library.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from None
    return values


def _plain(path: Path, name: str, value: object) -> object:
    if isinstance(value, Mapping | list) or not isinstance(value, str | int | float):
        raise ConfigError(f"{path}: {name} must be a text, a number, true or false")
    return value


def _toml(value: object) -> str:
    # JSON writes texts, numbers and truth values as TOML does.
    return json.dumps(value, ensure_ascii=False, default=str)
