"""Compares two objects by value, type, aliasing and cycles."""

from __future__ import annotations

import copyreg
import pickle
import types
from typing import Any


class Likeness:
    """Walks two values side by side, by what their reductions hold.

    An object met again on the left must be met again on the right at the same place, and the
    other way round. Strings, numbers and other values without identity are compared by value.
    """

    def __init__(self) -> None:
        self._right_of: dict[int, int] = {}
        self._left_of: dict[int, int] = {}
        self._alive: list[Any] = []

    def check(self, left: Any, right: Any) -> str | None:
        """Returns where the values differ, or None."""
        work = [(left, right, "")]
        while work:
            left, right, path = work.pop()
            if type(left) is not type(right):
                return f"{path}: {type(left)} and {type(right)}"
            if self._is_plain(left):
                if left != right and not (left != left and right != right):
                    return f"{path}: {left!r:.80} and {right!r:.80}"
                continue
            known = self._right_of.get(id(left)), self._left_of.get(id(right))
            if known != (None, None):
                if known != (id(right), id(left)):
                    return f"{path}: shared otherwise"
                continue
            self._right_of[id(left)], self._left_of[id(right)] = id(right), id(left)
            self._alive += [left, right]
            ours, theirs = self._parts(left), self._parts(right)
            if len(ours) != len(theirs):
                return f"{path}: {len(ours)} parts and {len(theirs)}"
            work += [(a, b, f"{path}/{i}") for i, (a, b) in enumerate(zip(ours, theirs))]
        return None

    @staticmethod
    def _is_plain(value: Any) -> bool:
        plain = (int, float, complex, str, bytes, type(None), type(...), type(NotImplemented))
        by_name = (type, types.BuiltinFunctionType, types.FunctionType, types.ModuleType)
        return type(value) in plain or isinstance(value, by_name) or _is_empty_tuple(value)

    def _parts(self, value: Any) -> list[Any]:
        if type(value) in (list, tuple):
            return list(value)
        if type(value) is dict:
            return [part for item in value.items() for part in item]
        if type(value) in (set, frozenset):
            return sorted(value, key=lambda v: (str(type(v)), repr(v)))
        if type(value) is bytearray:
            return [bytes(value)]
        if _is_array(value) and value.dtype.kind != "O":
            return [value.shape, str(value.dtype), value.strides, value.tobytes()]
        reducer = copyreg.dispatch_table.get(type(value))
        reduced = reducer(value) if reducer else value.__reduce_ex__(4)
        if isinstance(reduced, str):
            return [reduced]
        parts = list(reduced)
        parts[3:4] = [list(parts[3])] if len(parts) > 3 and parts[3] is not None else parts[3:4]
        parts[4:5] = [list(parts[4])] if len(parts) > 4 and parts[4] is not None else parts[4:5]
        self._alive += parts
        if parts[0] is copyreg.__newobj__:  # type: ignore[attr-defined]
            parts[1] = list(parts[1])
        return [part if type(part) is not tuple else list(part) for part in parts]


def _is_empty_tuple(value: Any) -> bool:
    return type(value) is tuple and not value


def _is_array(value: Any) -> bool:
    return type(value).__module__ == "numpy" and type(value).__name__ == "ndarray"


def difference(left: Any, right: Any) -> str | None:
    """Returns where two values differ in value, type, aliasing or cycles, or None."""
    return Likeness().check(left, right)


def dumps(value: Any, protocol: int = 5) -> bytes:
    """Pickles with CPython's C pickler."""
    return pickle.dumps(value, protocol)
