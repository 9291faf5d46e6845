"""cleaner takes injected promotional text out of scraped news and leaves everything else in place.

>>> from cleaner import clean
>>> clean("爱上海419论坛 Semiconductor Sovereignty").text
'Semiconductor Sovereignty'
"""

from cleaner.config import Config
from cleaner.errors import CleanerError, ConfigError, InputError, ModelError
from cleaner.pipeline import Cleaner, clean, find
from cleaner.types import Cleaning, Edit, Evidence, Span

__version__ = "0.1.0"

__all__ = [
    "Cleaner",
    "CleanerError",
    "Cleaning",
    "Config",
    "ConfigError",
    "Edit",
    "Evidence",
    "InputError",
    "ModelError",
    "Span",
    "clean",
    "find",
]
