"""pandas: a Series of texts in, a Series of clean texts or a frame of records out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaner import Cleaner
from cleaner.adapters._values import need, outcomes

if TYPE_CHECKING:
    import pandas

_COLUMNS = ("text", "spans", "edits", "status", "reason", "language", "model")


def clean(texts: pandas.Series, cleaner: Cleaner | None = None) -> pandas.Series:
    """Return the texts cleaned, with the same index, name and dtype; what is not a text stays as it is.

    >>> import pandas                                                           # doctest: +SKIP
    >>> clean(pandas.Series(["爱上海419论坛 Semiconductor Sovereignty"]))[0]    # doctest: +SKIP
    'Semiconductor Sovereignty'
    """
    values = texts.tolist()
    found = outcomes(cleaner or Cleaner(), values)
    changed = [number for number, cleaning in enumerate(found) if cleaning is not None and cleaning.changed]
    result = texts.copy()
    if changed:
        # One assignment by place; the rows that stay are not built again.
        result.iloc[changed] = [found[number].text for number in changed]  # type: ignore[union-attr]
    return result


def records(texts: pandas.Series, cleaner: Cleaner | None = None) -> pandas.DataFrame:
    """Return a frame with the index of ``texts`` and what :meth:`cleaner.Cleaning.to_dict` says in its columns.

    A row whose value is not a text holds missing values throughout.
    """
    found = [None if item is None else item.to_dict() for item in outcomes(cleaner or Cleaner(), texts.tolist())]
    columns = {name: [None if item is None else item[name] for item in found] for name in _COLUMNS}
    frame: pandas.DataFrame = need("pandas", "pandas").DataFrame(columns, index=texts.index)
    return frame


__all__ = ["clean", "records"]
