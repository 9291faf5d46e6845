"""The errors a caller may meet. Each carries the exit code with which the command ends."""

from __future__ import annotations


class CleanerError(Exception):
    """Base of all errors of this package; the message is one line: what, where, how to fix."""

    exit_code = 70


class InputError(CleanerError):
    """Bad data: an unreadable record, a span outside its text."""

    exit_code = 65


class ConfigError(CleanerError):
    """A setting that cannot be used; the message names the valid ones."""

    exit_code = 2


class ModelError(CleanerError):
    """A model that is missing, damaged or of another format. Nothing of it was used."""

    exit_code = 66


class OutputError(CleanerError):
    """Output that could not be written; nothing is left under its final name."""

    exit_code = 74


class MissingExtra(CleanerError, ImportError):
    """An optional package is needed; the message says how to install it."""

    exit_code = 69


class LockedError(CleanerError):
    """Another run is writing to the same output folder."""

    exit_code = 75
