"""Variables that are loaded when they are first used."""

from __future__ import annotations

import builtins
import dis
import threading
import types
from typing import TYPE_CHECKING, Any, NamedTuple

from .namespace import Namespace, PartialNamespace, lend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ._bridge import Capturing, Loading

__all__ = ["Unloaded", "Unused", "defer", "forget_unused", "unused_in"]

#: Loads a co-variable by its index: the values of its names, and what functions among them need.
Load = "Callable[[int], tuple[dict[str, Any], dict[str, Any]]]"


class Unused(NamedTuple):
    """Co-variables of a load, by their indices, that nobody has used yet."""

    loading: Loading
    indices: list[int]

    def give_to(self, capturing: Capturing) -> None:
        """Tell a capture that they stay as they are stored."""
        for index in self.indices:
            capturing.add_kept(self.loading, index)


class Unloaded:
    """The variables of a load that nobody has used yet, by co-variables.

    What the namespace binds itself goes before what is here, whoever bound it: code that runs in a
    dict can do so past the methods of the dict's class. *load* returns the values of a co-variable.
    """

    def __init__(
        self,
        namespace: Namespace,
        loading: Loading,
        load: Callable[[Loading, int], tuple[Any, ...]],
        references: dict[str, Any],
    ) -> None:
        self._namespace = namespace
        #: Until all is loaded; what it holds is freed with it.
        self._loading: Loading | None = loading
        self._load = load
        self._references = references
        self._lock = threading.RLock()
        self._groups = [entry.names for entry in loading.co_variables]
        self._indices = {name: index for index, names in enumerate(self._groups) for name in names}
        self._under_way: set[int] = set()

    def __contains__(self, name: object) -> bool:
        return name in self._indices and not dict.__contains__(self._namespace, name)

    def __iter__(self) -> Iterator[str]:
        return iter([name for name in list(self._indices) if name in self])

    def __bool__(self) -> bool:
        return bool(self._indices)

    def load(self, name: str) -> None:
        """Bind the variables that are stored with *name*.

        Raises KeyError if that is under way: then code of its own asks for it.
        """
        with self._lock:
            index = self._indices.get(name)
            if index is None or self._loading is None:  # another thread was here first
                return
            if index in self._under_way:
                raise KeyError(name)
            self._under_way.add(index)
            try:
                values = self._load(self._loading, index)
            finally:
                self._under_way.discard(index)
            for found, value in zip(self._groups[index], values):
                dict.setdefault(self._namespace, found, value)
            self._forget(index)
            lend(self._namespace, self._references)
            for value in values:
                self.prepare(value)

    def load_all(self) -> None:
        """Bind all variables."""
        for name in list(self._indices):
            self.load(name)

    def prepare(self, value: object) -> None:
        """Load what *value*, if it is code, would fail to remove from its globals."""
        for name in _deleted_globals(value):
            self.load(name)

    def drop(self, name: str) -> None:
        """Forget the variable *name*, which is bound otherwise or removed.

        Those that share objects with it are loaded, so that they go on sharing them.
        """
        with self._lock:
            index = self._indices.get(name)
            if index is None:
                return
            if len(self._groups[index]) > 1:
                self.load(name)
            else:
                self._forget(index)

    def forget(self, names: Iterable[str]) -> None:
        """Forget the variables *names*, and those that are stored with them, for others instead."""
        with self._lock:
            for index in {self._indices[name] for name in names if name in self._indices}:
                self._forget(index)

    def unused(self) -> Unused | None:
        """Return the variables that are still here, which a save keeps as they are stored.

        Those that share objects with what was bound in passing are loaded before.
        """
        with self._lock:
            for name in list(self._indices):
                if name in self._indices and name not in self:
                    self.drop(name)
            indices = sorted(set(self._indices.values()))
            return Unused(self._loading, indices) if self._loading and indices else None

    def _forget(self, index: int) -> None:
        for name in self._groups[index]:
            self._indices.pop(name, None)
        if not self._indices:
            self._loading = None
            _settle(self._namespace)


class _LazyNamespace(PartialNamespace):
    """A namespace some of whose variables are loaded when they are first used.

    Names that are found in the dict itself are not asked for here, which is as fast as ever.
    """

    __slots__ = ()
    unloaded: Unloaded

    def __missing__(self, name: str) -> Any:
        if name in self.unloaded:
            self.unloaded.load(name)
            return self[name]
        return super().__missing__(name)

    def __contains__(self, name: object) -> bool:
        return dict.__contains__(self, name) or name in self.unloaded

    def __iter__(self) -> Iterator[str]:
        return iter([*super().__iter__(), *self.unloaded])

    def __reversed__(self) -> Iterator[str]:
        return reversed(list(self))

    def __setitem__(self, name: str, value: Any) -> None:
        self.unloaded.drop(name)
        self.unloaded.prepare(value)
        super().__setitem__(name, value)

    def __delitem__(self, name: str) -> None:
        was_unloaded = name in self.unloaded
        self.unloaded.drop(name)
        if not was_unloaded or dict.__contains__(self, name):
            super().__delitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return the variable *name*, or *default* if there is none."""
        return self[name] if name in self else default  # noqa: SIM401

    def pop(self, name: str, *default: Any) -> Any:
        """Remove the variable *name*, and return it, or *default* if there is none."""
        if name in self.unloaded:
            self.unloaded.load(name)
        return super().pop(name, *default)

    def setdefault(self, name: str, default: Any = None) -> Any:
        """Return the variable *name*, which gets the value *default* if there is none."""
        if name not in self:
            self[name] = default
        return self[name]

    def __or__(self, other: Any) -> Any:
        return {**self, **other} if isinstance(other, dict) else NotImplemented

    def __ror__(self, other: Any) -> Any:
        return {**other, **self} if isinstance(other, dict) else NotImplemented


def defer(namespace: Namespace, unloaded: Unloaded) -> None:
    """Let the variables in *unloaded* be loaded when they are first used in *namespace*."""
    if unloaded:
        namespace.unloaded = unloaded
        namespace.__class__ = _LazyNamespace
        dict.__setitem__(namespace, "__builtins__", _Builtins(namespace))


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
        if isinstance(dict.get(namespace, "__builtins__"), _Builtins):
            dict.__setitem__(namespace, "__builtins__", builtins)


class _Builtins(dict[str, Any]):
    """The builtins of code that runs in a namespace, some of whose variables are not loaded yet.

    The body of a class looks for a name in its own dict, in that of the globals, without asking its
    class, and then here.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        super().__init__(vars(builtins))
        self._namespace = namespace

    def __missing__(self, name: str) -> Any:
        if name in self._namespace:
            return self._namespace[name]
        return vars(builtins)[name]  # what was added since


def _deleted_globals(value: object) -> set[str]:
    """Return the names that *value*, if it is code, removes from its globals.

    That happens without the globals' class being asked, and fails for what is not loaded.
    """
    names: set[str] = set()
    seen: set[int] = set()
    rest = [value]
    while rest:
        item = rest.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, types.FunctionType):
            rest += [item.__code__, getattr(item, "__wrapped__", None)]
            rest += [cell.cell_contents for cell in item.__closure__ or () if _is_full(cell)]
        elif isinstance(item, types.CodeType):
            rest += item.co_consts
            names |= {
                str(step.argval)
                for step in dis.get_instructions(item)
                if step.opname == "DELETE_GLOBAL"
            }
        elif isinstance(item, type) and item.__module__ == "__main__":
            rest += list(vars(item).values())
        elif isinstance(item, (classmethod, staticmethod)):
            rest.append(item.__func__)
        elif isinstance(item, property):
            rest += [item.fget, item.fset, item.fdel]
    return names


def _is_full(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True
