"""Loading: variables of a commit become objects again."""

from __future__ import annotations

import pickle
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from ._bridge import Loading
from .errors import LoadError, PodfsError, cloudpickle_needed
from .lazy import Pending, defer, forget_unused
from .namespace import Namespace, lend
from .revision import revision_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from io import BufferedReader

    from .place import Place
    from .unpickler import Loader

__all__ = ["Loaded", "bind", "load_into", "load_lazily", "load_values", "unbind"]


class Loaded(NamedTuple):
    """Values on their way into a namespace.

    *references* is what functions among them refer to, *head* the session's HEAD, and *changes*
    what its workspace has since.
    """

    values: dict[str, Any]
    references: dict[str, Any]
    head: int | None
    changes: dict[str, int]


def load_into(
    namespace: dict[str, Any],
    place: Place,
    revision: int | str | None,
    names: Iterable[str] | None = None,
) -> Loaded:
    """Load into *namespace* at once, and return what was loaded."""
    loaded = load_values(namespace, place, revision, names)
    bind(namespace, loaded)
    return loaded


def bind(namespace: dict[str, Any], loaded: Loaded) -> None:
    """Put *loaded* into *namespace*, in place of what it has by these names."""
    forget_unused(namespace, loaded.values)
    dict.update(namespace, loaded.values)
    lend(namespace, loaded.references)


def unbind(namespace: dict[str, Any], names: Iterable[str]) -> None:
    """Take *names*, used or not, out of *namespace*."""
    forget_unused(namespace, names)
    for name in names:
        dict.pop(namespace, name, None)


def load_lazily(namespace: Namespace, place: Place, revision: int | str | None) -> Loading:
    """Let the variables of a commit be loaded into *namespace* when they are used; it has none."""
    with cloudpickle_needed():
        from .unpickler import Loader
    loader = Loader(namespace)

    def load(loading: Loading, index: int) -> tuple[Any, ...]:
        return _co_variable(loader, loading, index, place)

    loading = _begin(place, revision, None)
    defer(namespace, Pending(namespace, loading, load, loader.references))
    return loading


def load_values(
    namespace: dict[str, Any],
    place: Place,
    revision: int | str | None,
    names: Iterable[str] | None = None,
) -> Loaded:
    """Load values whose functions run in *namespace*, but do not change it."""
    with cloudpickle_needed():
        from .unpickler import Loader
    loader = Loader(namespace)
    values: dict[str, Any] = {}
    with _begin(place, revision, names) as loading:
        for index, co_variable in enumerate(loading.co_variables):
            found = _co_variable(loader, loading, index, place)
            values.update(zip(co_variable.names, found))
        return Loaded(values, loader.references, loading.head, loading.changes)


def _begin(place: Place, revision: int | str | None, names: Iterable[str] | None) -> Loading:
    wanted = [names] if isinstance(names, str) else names
    return Loading(place.handle, place.number, revision_text(revision), wanted)


def _co_variable(loader: Loader, loading: Loading, index: int, place: Place) -> tuple[Any, ...]:
    """Return the values of a co-variable, in the order of their names."""
    co_variable = loading.co_variables[index]
    with loading.file(index) as file:
        return _values(loader, file, co_variable.names, co_variable.is_raw, place)


def _values(
    loader: Loader, file: BufferedReader, names: tuple[str, ...], is_raw: bool, place: Place
) -> tuple[Any, ...]:
    """Return the values of the variables *names* from the content of their co-variable."""
    try:
        if is_raw:
            return (_load_raw(loader, file),)
        values: tuple[Any, ...] = loader.load(file)
    except (KeyboardInterrupt, SystemExit, MemoryError, PodfsError):
        raise
    except BaseException as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise LoadError(
            f"{', '.join(names)} of session '{place.name}' cannot be loaded: {reason}; "
            "make importable what is missing, or load the others by their names",
            names,
        ) from error
    return values


def _load_raw(loader: Loader, file: BufferedReader) -> Any:
    """Return the value pickled in *file*, or its bytes if it is no pickle."""
    data = file.read()
    if data[:1] == b"\x80" and data[-1:] == b".":
        try:
            return loader.load(BytesIO(data))
        except (pickle.UnpicklingError, EOFError):
            return data
    return data
