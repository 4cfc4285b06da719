"""The namespace of a session: a dict to run code in, which shows its variables only."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._bridge import Loading
    from .files import PickledFile
    from .lazy import Unloaded
    from .revision import Unsaved

__all__ = ["Namespace", "PartialNamespace", "is_dunder", "lend", "name_problem"]

_BYTE_LIMIT = 255


def is_dunder(key: object) -> bool:
    """Tell whether *key* is a name such as ``__name__``, which belongs to Python."""
    return isinstance(key, str) and len(key) > 4 and key[:2] == "__" == key[-2:]


def name_problem(key: object) -> str | None:
    """Return why a variable with the name *key* cannot be kept, or None if it can."""
    if not isinstance(key, str):
        return f"its name is no string but of type {type(key).__name__}"
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        return "its name has a lone surrogate"
    if size == 0:
        return "its name is empty"
    if size > _BYTE_LIMIT:
        return f"its name has {size} bytes; {_BYTE_LIMIT} is the limit"
    if key in (".", ".."):
        return "its name means a directory"
    if "/" in key or "\0" in key:
        return "its name has a '/' or a NUL in it"
    return None


class Namespace(dict[str, Any]):
    """The variables of a session, as a dict that code can run in: ``exec(code, namespace)``.

    The dunder names that code needs (``__name__``, and ``__builtins__`` which exec() adds) can be
    read by name, but are not listed, counted or compared, and clear() leaves them.
    """

    __slots__ = (
        *("base", "changes", "files", "held", "not_loaded", "recomputed", "references", "session"),
        "unloaded",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dict.setdefault(self, "__name__", "__main__")
        #: The session that the namespace belongs to, as its store's path and its number there,
        #: and the commit that was the session's HEAD when the two were last in step, 0 for none.
        self.session: tuple[str, int] | None = None
        self.base = 0
        #: The changes of the session's workspace since that commit that the namespace has too.
        self.changes: dict[str, int] = {}
        #: The variables of the session that could not be loaded, as they are stored; saves keep
        #: them.
        self.held: dict[str, Loading] = {}
        #: The variables that were loaded from pickles that are files; saves keep those that nobody
        #: has changed.
        self.files: dict[str, PickledFile] = {}
        #: What functions refer to and could import, and no variable is.
        self.references: dict[str, Any] = {}
        #: The variables that were made again by running cells, since they could not be loaded.
        self.recomputed: tuple[str, ...] = ()
        #: The variables that could be neither loaded nor made again.
        self.not_loaded: tuple[Unsaved, ...] = ()
        #: The variables that are loaded when they are first used, if there were any.
        self.unloaded: Unloaded | None = None

    def __iter__(self) -> Iterator[str]:
        return (key for key in dict.keys(self) if not is_dunder(key))

    def __reversed__(self) -> Iterator[str]:
        return (key for key in reversed(list(dict.keys(self))) if not is_dunder(key))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __delitem__(self, name: str) -> None:
        if self.held.pop(name, None) is None or dict.__contains__(self, name):
            dict.__delitem__(self, name)

    def keys(self) -> KeysView[str]:  # type: ignore[override]
        """Return a view of the names of the variables."""
        return _Keys(self)

    def values(self) -> ValuesView[Any]:  # type: ignore[override]
        """Return a view of the values of the variables."""
        return _Values(self)

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]
        """Return a view of the variables as pairs of name and value."""
        return _Items(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, dict):
            return NotImplemented
        return dict(self) == dict(other)

    __hash__ = None

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __repr__(self) -> str:
        return f"Namespace({dict(self)!r})"

    def copy(self) -> dict[str, Any]:
        """Return the variables as a plain dict."""
        return dict(self)

    def clear(self) -> None:
        """Remove all variables."""
        for name in list(self):
            del self[name]

    def popitem(self) -> tuple[str, Any]:
        """Remove and return the variable that was added last."""
        for name in reversed(self):
            return name, self.pop(name)
        raise KeyError("the namespace has no variables")

    def __reduce__(self) -> tuple[Any, ...]:
        return Namespace, (), None, None, iter(self.items())


class _Keys(KeysView[str]):
    """The view of the names, which has an order as that of a dict has."""

    _mapping: Namespace

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._mapping)


class _Values(ValuesView[Any]):
    """The view of the values."""

    _mapping: Namespace

    def __reversed__(self) -> Iterator[Any]:
        return (self._mapping[name] for name in reversed(self._mapping))


class _Items(ItemsView[str, Any]):
    """The view of the pairs of name and value."""

    _mapping: Namespace

    def __reversed__(self) -> Iterator[tuple[str, Any]]:
        return ((name, self._mapping[name]) for name in reversed(self._mapping))


class PartialNamespace(Namespace):
    """A namespace without some of what its functions refer to and could import.

    They find it here, and nobody else sees it.
    """

    __slots__ = ()

    def __missing__(self, name: str) -> Any:
        return self.references[name]


def lend(namespace: dict[str, Any], references: dict[str, Any]) -> None:
    """Let the functions of *namespace* find *references*, as far as no variable has their names.

    A plain dict gets them as variables. The class is changed only where something is missing:
    ``__missing__`` slows down every look-up of a builtin from the functions of a namespace.
    """
    missing = {name: value for name, value in references.items() if name not in namespace}
    if not isinstance(namespace, Namespace):
        namespace.update(missing)
    elif missing:
        namespace.references.update(missing)
        if type(namespace) is Namespace:
            namespace.__class__ = PartialNamespace
