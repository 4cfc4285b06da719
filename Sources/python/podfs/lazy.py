"""Variables that are loaded when they are first used."""

from __future__ import annotations

import dis
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import DamagedError, LoadError
from .namespace import Namespace, PartialNamespace, is_dunder, lend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType

    from ._bridge import Capturing, Loading

__all__ = [
    "Unloaded",
    "Unused",
    "bound_items",
    "bound_value",
    "defer",
    "forget_unused",
    "is_lazy",
    "unused_in",
]

_DELETE = dis.opmap["DELETE_GLOBAL"]

#: The instructions that bind or remove a global without reading it.
_REBINDING = frozenset({dis.opmap["STORE_GLOBAL"], _DELETE})


class Unused(NamedTuple):
    """The variables of a load that nobody has used yet: co-variables by index, with names."""

    loading: Loading
    names: dict[int, list[str]]

    def give_to(self, capturing: Capturing) -> None:
        """Tell a capture to keep them as they are stored."""
        for index, names in self.names.items():
            is_whole = len(names) == len(self.loading.co_variables[index].names)
            capturing.add_kept(self.loading, index, None if is_whole else names)


class UnloadedName(str):
    """A key that stands in a namespace for the name of a variable that is not loaded yet.

    The two have the same hash, so every lookup of the variable compares them, whatever code it is
    made by. The comparison loads the variable and replaces this key by the name. It returns False,
    and a dict that was changed by a comparison repeats the lookup.
    """

    __slots__ = ("_unloaded",)
    _unloaded: Unloaded

    def __new__(cls, name: str, unloaded: Unloaded) -> UnloadedName:
        """Make the key for the variable *name*."""
        key = super().__new__(cls, name)
        key._unloaded = unloaded
        return key

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        if self is not other and str.__eq__(self, other) is True:
            self._unloaded.answer(str(self), sys._getframe(1))
        return self is other

    def __ne__(self, other: object) -> bool:
        return not self == other


class Unloaded:
    """The variables of a load that nobody has used yet, by co-variables.

    *load* returns the values of a co-variable. It is called once for each that is used.
    """

    def __init__(
        self,
        namespace: Namespace,
        loading: Loading,
        load: Callable[[Loading, int], tuple[Any, ...]],
        references: dict[str, Any],
    ) -> None:
        self._namespace = namespace
        #: None once everything is loaded, which frees what it holds.
        self._loading: Loading | None = loading
        self._load = load
        self._references = references
        self._lock = threading.RLock()
        #: The names of all variables of the load, in the order in which they are listed. The dict
        #: has them in another: it gets a name when the variable is loaded.
        self._order: dict[str, None] = {}
        self._keys: dict[str, UnloadedName] = {}
        self._indices: dict[str, int] = {}
        self._under_way: set[int] = set()
        for index, entry in enumerate(loading.co_variables):
            for name in entry.names:
                self._order[name] = None
                self._indices[name] = index
                self._keys[name] = key = UnloadedName(name, self)
                dict.__setitem__(namespace, key, None)

    def __contains__(self, name: object) -> bool:
        return name in self._indices

    def __bool__(self) -> bool:
        return bool(self._indices)

    def listed(self, bound: dict[str, None]) -> list[str]:
        """Return the names of all variables of the namespace, of which those in *bound* are bound.

        Those of the load come first, in its order.
        """
        with self._lock:
            stored = [name for name in self._order if name in self._indices or name in bound]
            return stored + [name for name in bound if name not in self._order]

    def answer(self, name: str, frame: FrameType) -> None:
        """Make ready what the code in *frame* looks up by *name*.

        An instruction that binds or removes the variable needs no value.
        """
        operation = frame.f_code.co_code[frame.f_lasti]
        if operation not in _REBINDING or frame.f_globals is not self._namespace:
            self.load(name)
        elif self.take(name) and operation == _DELETE:
            dict.__setitem__(self._namespace, name, None)  # for the instruction to remove
            self.move_to_end(name)

    def load(self, name: str) -> None:
        """Bind the variables that are stored with *name*.

        While that is under way, code of the values does not find them.
        """
        with self._lock:
            index = self._indices.get(name)
            if index is None or index in self._under_way or self._loading is None:
                return
            names = self._loading.co_variables[index].names
            self._under_way.add(index)
            try:
                values = self._load(self._loading, index)
                for found, value in zip(names, values):
                    if found in self._indices:
                        dict.__setitem__(self._namespace, found, value)
            finally:
                self._under_way.discard(index)
            lend(self._namespace, self._references)
            self._forget(names)

    def take(self, name: str) -> bool:
        """Remove the variable *name*; return whether it was here.

        Those that share objects with it are loaded first, if that works, and go on sharing them.
        """
        with self._lock:
            index = self._indices.get(name)
            if index is None or self._loading is None:
                return False
            if len(self._loading.co_variables[index].names) > 1:
                with suppress(DamagedError, LoadError):
                    self.load(name)
            self._forget([name])
            dict.pop(self._namespace, name, None)
            return True

    def move_to_end(self, name: str) -> None:
        """List the variable *name*, which was removed, after all others if it is bound again."""
        with self._lock:
            self._order.pop(name, None)

    def forget(self, names: Iterable[str]) -> None:
        """Forget the variables *names*, and those that are stored with them, for others instead."""
        with self._lock:
            indices = {self._indices[name] for name in names if name in self._indices}
            self._forget([name for name, index in self._indices.items() if index in indices])

    def unused(self) -> Unused | None:
        """Return the variables that are still here, which a save keeps as they are stored."""
        with self._lock:
            if self._loading is None:
                return None
            names: dict[int, list[str]] = {}
            for name, index in self._indices.items():
                names.setdefault(index, []).append(name)
            return Unused(self._loading, names)

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            if self._indices.pop(name, None) is not None:
                dict.pop(self._namespace, self._keys.pop(name), None)
        if not self._indices:
            self._loading = None
            _settle(self._namespace)


class _LazyNamespace(PartialNamespace):
    """A namespace some of whose variables are loaded when they are first used.

    It becomes an ordinary one with the last of them, which may be in the middle of a method: no
    method can use super().
    """

    __slots__ = ()
    unloaded: Unloaded

    def __new__(cls, *args: Any, **kwargs: Any) -> Namespace:  # type: ignore[misc]
        """Make an ordinary namespace, which has nothing to load."""
        return Namespace(*args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.update(*args, **kwargs)

    def __contains__(self, name: object) -> bool:
        return name in self.unloaded or dict.__contains__(self, name)

    def __iter__(self) -> Iterator[str]:
        keys = list(dict.keys(self))
        bound = {key: None for key in keys if type(key) is not UnloadedName and not is_dunder(key)}
        return iter(self.unloaded.listed(bound))

    def __reversed__(self) -> Iterator[str]:
        return reversed(list(self))

    def __setitem__(self, name: str, value: Any) -> None:
        self.unloaded.take(name)
        dict.__setitem__(self, name, value)

    def __delitem__(self, name: str) -> None:
        if not self.unloaded.take(name):
            Namespace.__delitem__(self, name)
        self.unloaded.move_to_end(name)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Bind the variables of a mapping, or of pairs, and of *kwargs*."""
        variables = dict(*args, **kwargs)
        for name in variables:
            self.unloaded.take(name)
        dict.update(self, variables)

    def __ior__(self, other: Any) -> Namespace:  # type: ignore[misc, override]
        self.update(other)
        return self

    def clear(self) -> None:
        """Remove all variables."""
        self.unloaded.forget(self)
        Namespace.clear(self)


def defer(namespace: Namespace, unloaded: Unloaded) -> None:
    """Let the variables in *unloaded* be loaded when they are first used in *namespace*."""
    if unloaded:
        namespace.unloaded = unloaded
        namespace.__class__ = _LazyNamespace


def is_lazy(namespace: dict[str, Any]) -> bool:
    """Tell whether *namespace* has variables that are not loaded yet."""
    return isinstance(namespace, _LazyNamespace)


def bound_items(namespace: dict[str, Any]) -> list[tuple[Any, Any]]:
    """Return the items of *namespace* that need no load, dunder names included."""
    items = list(dict.items(namespace))
    if is_lazy(namespace):
        items = [item for item in items if type(item[0]) is not UnloadedName]
    return items


def bound_value(namespace: dict[str, Any], name: str) -> Any:
    """Return the value of the variable *name*, or None if there is none or it needs a load."""
    if isinstance(namespace, _LazyNamespace) and name in namespace.unloaded:
        return None
    return dict.get(namespace, name)


def unused_in(namespace: dict[str, Any]) -> Unused | None:
    """Return the variables of *namespace* that nobody has used yet, if there are any."""
    if not isinstance(namespace, Namespace) or namespace.unloaded is None:
        return None
    return namespace.unloaded.unused()


def forget_unused(namespace: dict[str, Any], names: Iterable[str]) -> None:
    """Forget those of *names* that nobody has used yet: they get other values, or go."""
    if isinstance(namespace, Namespace) and namespace.unloaded is not None:
        namespace.unloaded.forget(names)


def _settle(namespace: Namespace) -> None:
    """Make *namespace* an ordinary one: all of its variables are loaded."""
    if type(namespace) is _LazyNamespace:
        kind: type[Namespace] = PartialNamespace if namespace.references else Namespace
        namespace.__class__ = kind  # type: ignore[assignment]
