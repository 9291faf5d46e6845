"""The command: ``cleaner clean``, ``scan``, ``review`` and the others; each stands in a module of its name.

:func:`run` is the only place that turns errors into exit codes.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress

import click

from cleaner import CleanerError, __version__
from cleaner.cli._screen import message, safe
from cleaner.errors import OutputError
from cleaner.io.writers import StandardOutput

EXIT_BUG = 70
EXIT_OUTPUT = 74
EXIT_INTERRUPTED = 130
EXIT_PIPE = 141
EXIT_TERMINATED = 143


class _Group(click.Group):
    """A group that imports a command when it is asked for, so that each starts with what it needs alone."""

    names = (
        "clean", "restore", "report", "scan", "explain", "review", "verdicts", "learn", "model", "mine", "evaluate",
        "train",
    )  # fmt: skip

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, the everyday ones first."""
        return list(self.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; each stands in a module of its name."""
        if cmd_name not in self.names:
            return None
        command: click.Command = getattr(importlib.import_module(f"cleaner.cli.{cmd_name}"), cmd_name)
        return command


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  cleaner clean article.txt > clean.txt
  cleaner clean pages/ -o cleaned/
  cleaner restore cleaned/ -o again/
  cleaner scan feed.jsonl
  cleaner explain --text "爱上海419论坛 Semiconductor Sovereignty"

\b
Exit codes:
  0 done   1 found (scan --check)   2 wrong usage   3 some records could not be used
  65 damaged input   66 no such input or model   69 a package is missing   70 bug
  74 output failed   75 another run writes there   130 interrupted   141 the reader went away""",
)
@click.version_option(__version__, prog_name="cleaner")
def main() -> None:
    """Find and cut injected promotional text in scraped news; everything else stays in place.

    Data goes to standard output, messages to standard error.
    """


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code. Never lets an exception out, and prints one line for it."""
    _open_missing_streams()
    with suppress(ValueError):  # only the main thread may; another caller has its own way to stop
        signal.signal(signal.SIGTERM, _terminate)
    try:
        code = _guarded(list(sys.argv[1:] if arguments is None else arguments))
        StandardOutput().flush() if sys.stdout is not None else None
    except BrokenPipeError:
        code = EXIT_PIPE
    except CleanerError as error:
        code = _fail(str(error), error.exit_code)
    except OSError as error:
        code = _fail(f"{error.filename or 'standard output'}: {error.strerror or error}", EXIT_OUTPUT)
    except KeyboardInterrupt as error:
        code = _fail(str(error) or "interrupted", EXIT_INTERRUPTED)
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 0
    except Exception as error:  # a bug; the user gets a line to report, a developer the trace
        code = _bug(error)
    _abandon_output()
    return code


def _guarded(arguments: list[str]) -> int:
    """Run click without its own handling of errors: that one exits 1 for a closed pipe."""
    if os.environ.get("_CLEANER_COMPLETE"):
        main.main(arguments, prog_name="cleaner")
    try:
        with main.make_context("cleaner", arguments) as context:
            main.invoke(context)
    except click.exceptions.Exit as request:
        if request.exit_code == 0 and sys.stdout is None:
            raise OutputError("standard output is closed") from None  # a help text went nowhere
        return request.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        return _wrong_usage(error)
    return 0


def _wrong_usage(error: click.ClickException) -> int:
    context = getattr(error, "ctx", None)
    if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):
        click.echo(error.format_message(), err=True)
        return error.exit_code
    place = context.command_path if context else "cleaner"
    return _fail(f"{error.format_message().rstrip('.')} (see {place} --help)", error.exit_code)


def _bug(error: Exception) -> int:
    if os.environ.get("CLEANER_DEBUG") == "1":
        traceback.print_exc()
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return _fail(f"internal error: {what}; please report it (CLEANER_DEBUG=1 shows where)", EXIT_BUG)


def _fail(text: str, code: int) -> int:
    with suppress(OSError):  # nobody listens; the exit code still says it
        message(f"cleaner: {safe(text)}")
    return code


def _terminate(number: int, frame: object) -> None:
    raise SystemExit(EXIT_TERMINATED)  # so that half-written files are taken away


def _open_missing_streams() -> None:
    """Fill closed standard descriptors: else the first file opened would take their place, and their writes."""
    try:
        while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(handle)
    except OSError:
        pass
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (it lives as long as the process)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a character


def _abandon_output() -> None:
    """Flush what is left; after a failure point standard output to nowhere, or Python fails once more at exit."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
