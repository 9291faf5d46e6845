"""Lets ``python -m cleaner`` do what the ``cleaner`` command does."""

import sys

from cleaner.cli import run

if __name__ == "__main__":
    sys.exit(run())
