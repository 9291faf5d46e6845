"""Settings: what is accepted, what is refused in one line, and that they never change by themselves."""

from __future__ import annotations

import dataclasses
import math
import pickle
from typing import Any

import pytest

from cleaner import CleanerError, Config, ConfigError

BAD_SHARES = (math.nan, math.inf, -math.inf, -1, -0.001, 1.001, 2, "0.5", True, [0.5], 1j)
BAD_SIZES = (0, -1, 1.5, "10", True, None, math.inf)


@pytest.mark.parametrize("value", BAD_SHARES, ids=repr)
@pytest.mark.parametrize("name", ["threshold", "review", "max_removed"])
def test_what_is_no_share_is_refused(name: str, value: Any) -> None:
    """The message is one line and names the setting and the value."""
    with pytest.raises(ConfigError) as raised:
        Config(**{name: value})
    message = str(raised.value)
    assert name in message
    assert repr(value) in message
    assert "\n" not in message


@pytest.mark.parametrize("value", BAD_SIZES, ids=repr)
def test_what_is_no_size_is_refused(value: Any) -> None:
    """``max_chars`` is a whole number above 0."""
    with pytest.raises(ConfigError, match="max_chars"):
        Config(max_chars=value)


@pytest.mark.parametrize("value", [0, 0.0, 0.5, 1, 1.0])
def test_the_ends_of_the_range_are_settings(value: float) -> None:
    """0 and 1 are allowed, as whole numbers too."""
    assert Config(threshold=value, review=0).threshold == value


def test_review_must_not_lie_above_threshold() -> None:
    """A span cannot be removed before it is worth a look; equal values switch the review band off."""
    with pytest.raises(ConfigError, match=r"review \(0\.9\)"):
        Config(threshold=0.5, review=0.9)
    assert Config(threshold=0.5, review=0.5).review == 0.5


def test_unknown_settings_are_refused() -> None:
    """A misspelt name does not pass in silence."""
    with pytest.raises(TypeError, match="treshold"):
        Config(treshold=0.5)  # type: ignore[call-arg]


def test_a_config_is_a_value() -> None:
    """Frozen, comparable, hashable, picklable."""
    config = Config(threshold=0.7)
    assert config == Config(threshold=0.7)
    assert hash(config) == hash(Config(threshold=0.7))
    assert pickle.loads(pickle.dumps(config)) == config
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.threshold = 0.1  # type: ignore[misc]


def test_the_digest_names_the_settings() -> None:
    """Every setting counts, and nothing else does."""
    variants = [Config(), Config(threshold=0.7), Config(review=0.2), Config(max_chars=9), Config(max_removed=0.5)]
    assert len({config.digest() for config in variants}) == len(variants)
    assert Config().digest() == Config().digest()


def test_the_error_is_the_users_to_mend() -> None:
    """It is a CleanerError and ends the command as wrong usage."""
    assert issubclass(ConfigError, CleanerError)
    assert ConfigError.exit_code == 2
