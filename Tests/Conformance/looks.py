"""A value as plain data, so that two of different processes can be compared as text."""

from __future__ import annotations

import functools
import hashlib
import re
import sys
import types
from collections import deque
from typing import Any

__all__ = ["plain", "text"]

_SIMPLE = (int, float, complex, bool, str, bytes, bytearray, type(None), type(...))


def text(value: Any) -> str:
    """Return *value* as text that is equal for equal values, in any process."""
    shown = repr(_Look().plain(value))
    if len(shown) <= 4000:
        return shown
    return f"{shown[:3000]}… {hashlib.sha256(shown.encode()).hexdigest()}"


def plain(value: Any) -> Any:
    """Return *value* as nested lists of texts."""
    return _Look().plain(value)


class _Look:
    """One look at a value: an object that is met again stands for itself."""

    def __init__(self) -> None:
        self._met: dict[int, tuple[int, Any]] = {}

    def plain(self, value: Any) -> Any:
        kind = type(value)
        if kind in _SIMPLE:
            shown = repr(value)
            if len(shown) > 200:
                shown = hashlib.sha256(shown.encode()).hexdigest()
            return f"{kind.__name__} {shown}"
        if isinstance(value, type):
            return f"class {value.__module__}.{value.__qualname__}"
        if id(value) in self._met:
            return f"met {self._met[id(value)][0]}"
        self._met[id(value)] = len(self._met), value
        for look in (self._numpy, self._pandas, self._code, self._container):
            found = look(value)
            if found is not None:
                return [f"{kind.__module__}.{kind.__qualname__}", *found]
        return [f"{kind.__module__}.{kind.__qualname__}", *self._state(value)]

    def _items(self, values: Any) -> list[Any]:
        return [self.plain(value) for value in values]

    def _numpy(self, value: Any) -> list[Any] | None:
        numpy = sys.modules.get("numpy")
        if numpy is None:
            return None
        if isinstance(value, numpy.ma.MaskedArray):
            parts = [numpy.asarray(value.data), numpy.ma.getmaskarray(value), value.fill_value]
            return self._items([*parts, value.hardmask])
        if isinstance(value, numpy.ndarray):
            facts = [str(value.dtype), value.shape, value.flags.writeable]
            if value.dtype.hasobject:
                return [facts, self._items(value.ravel().tolist())]
            return [facts, hashlib.sha256(value.tobytes()).hexdigest()]
        if isinstance(value, (numpy.generic, numpy.dtype)):
            return [repr(value)]
        return None

    def _pandas(self, value: Any) -> list[Any] | None:
        pandas = sys.modules.get("pandas")
        if pandas is None or not hasattr(pandas, "DataFrame"):
            return None
        if isinstance(value, pandas.DataFrame):
            columns = [value.iloc[:, number] for number in range(value.shape[1])]
            return [self.plain(value.columns), *self._items(columns), self.plain(value.attrs)]
        if isinstance(value, pandas.Series):
            return self._items([value.name, value.index, value.array, value.attrs])
        if isinstance(value, pandas.Index):
            names = list(value.names)
            return [str(value.dtype), self._items(value.tolist()), self.plain(names)]
        if isinstance(value, pandas.api.extensions.ExtensionArray):
            return [str(value.dtype), self._items(list(value))]
        return None

    def _code(self, value: Any) -> list[Any] | None:
        if isinstance(value, types.FunctionType):
            made = value.__code__
            cells = [cell.cell_contents for cell in value.__closure__ or ()]
            kept = [value.__defaults__, value.__kwdefaults__, value.__dict__, cells]
            return [value.__qualname__, made.co_code.hex(), *self._items(kept)]
        if isinstance(value, (types.BuiltinFunctionType, types.ModuleType)):
            return [value.__name__]
        if isinstance(value, types.MethodType):
            return self._items([value.__func__, value.__self__])
        if isinstance(value, functools.partial):
            return self._items([value.func, value.args, value.keywords, value.__dict__])
        return None

    def _container(self, value: Any) -> list[Any] | None:
        items: list[Any]
        if isinstance(value, (dict, types.MappingProxyType)):
            items = [self._items([*pair]) for pair in value.items()]
        elif isinstance(value, (list, tuple, deque)):
            items = self._items(value)
        elif isinstance(value, (set, frozenset)):
            items = sorted(map(text, value))
        else:
            return None
        return items + ([] if type(value).__module__ == "builtins" else self._state(value))

    def _state(self, value: Any) -> list[Any]:
        """Return the attributes of *value*, or else what it says of itself."""
        found = dict(getattr(value, "__dict__", None) or {})
        for kind in type(value).__mro__:
            slots = kind.__dict__.get("__slots__", ())
            for name in (slots,) if isinstance(slots, str) else tuple(slots):
                if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                    found[name] = getattr(value, name)
        if found:
            return [[name, self.plain(found[name])] for name in found]
        if isinstance(value, (list, tuple, dict, set, frozenset, deque)):
            return []
        return [re.sub(r" at 0x[0-9a-f]+", "", repr(value))]
