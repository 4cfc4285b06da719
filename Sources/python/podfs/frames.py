"""The arrays inside of frames, series and indexes of pandas.

pandas counts who else uses the memory of a column, and copies it before it is written to. That
count is not pickled: two frames that were loaded with one array, or as views of one, would change
each other. So each holder is pickled with views of its own in place of its arrays.
"""

from __future__ import annotations

import sys
from copy import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["StandIns", "holds_arrays"]

_HOLDERS = ("pandas.core.internals.blocks", "pandas.core.internals.managers")


def holds_arrays(kind: type) -> bool:
    """Tell whether values of *kind* hold the memory of columns or of an index."""
    pandas = sys.modules.get("pandas")
    try:
        return pandas is not None and (
            issubclass(kind, (pandas.Index, pandas.api.extensions.ExtensionArray))
            or kind.__module__ in _HOLDERS
        )
    except AttributeError:  # pandas is being imported
        return False


class StandIns:
    """The views that stand for the arrays of pandas in the pickles of one save."""

    def __init__(self) -> None:
        #: Each view by the identities of the holder and the array, which are kept alive with it.
        self._views: dict[tuple[int, int], tuple[object, Any, Any]] = {}
        self._ids: set[int] = set()

    def __contains__(self, array: Any) -> bool:
        return id(array) in self._ids

    def put_into(self, reduced: Any, holder: object, depth: int = 8) -> Any:
        """Return *reduced*, which *holder* is reduced to, with views in place of its arrays."""
        kind = type(reduced)
        if depth and kind in (tuple, list):
            return kind(self.put_into(item, holder, depth - 1) for item in reduced)
        if depth and kind is dict:
            return {key: self.put_into(item, holder, depth - 1) for key, item in reduced.items()}
        numpy, pandas = sys.modules["numpy"], sys.modules["pandas"]
        if kind is numpy.ndarray:
            return self._stand_in(reduced, holder, numpy.ndarray.view)
        if issubclass(kind, pandas.api.extensions.ExtensionArray):
            return self._stand_in(reduced, holder, copy)  # its view() forgets a frequency
        return reduced

    def _stand_in(self, array: Any, holder: object, view: Callable[[Any], Any]) -> Any:
        key = id(holder), id(array)
        if key not in self._views:
            self._views[key] = holder, array, view(array)
            self._ids.add(id(self._views[key][2]))
        return self._views[key][2]
