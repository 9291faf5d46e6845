"""What all tests share: one open model, and how hard hypothesis tries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from cleaner import Cleaner
from cleaner.resources import model_folder

# The everyday profile tries the same examples each time, so that a red build is a change and not a chance.
# Look for new ones with: pytest --hypothesis-profile=explore
_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("everyday", max_examples=60, deadline=None, derandomize=True, suppress_health_check=_SLOW)
settings.register_profile("explore", max_examples=3000, deadline=None, suppress_health_check=_SLOW)
settings.load_profile("everyday")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def engine() -> Cleaner:
    """Give the shipped model with default settings, opened once."""
    return Cleaner()


@pytest.fixture(scope="session")
def shipped() -> Iterator[Path]:
    """Give the folder of the shipped model."""
    with model_folder(None) as folder:
        yield folder


@pytest.fixture(scope="session")
def sample(root: Path) -> tuple[str, str]:
    """Give the sample article as it was scraped and as it must come out."""
    infected, clean = (
        (root / "samples" / name).read_bytes().decode() for name in ("harbour_city.txt", "harbour_city.clean.txt")
    )
    return infected, clean
