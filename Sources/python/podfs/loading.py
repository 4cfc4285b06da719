"""Loading: variables of a commit become objects again."""

from __future__ import annotations

import pickle
from io import BytesIO
from typing import TYPE_CHECKING, Any

from ._bridge import Loading
from .errors import LoadError, PodfsError, cloudpickle_needed
from .namespace import lend

if TYPE_CHECKING:
    from collections.abc import Iterable
    from io import BufferedReader

    from .place import Place
    from .unpickler import Loader

__all__ = ["load_into"]


def load_into(
    namespace: dict[str, Any],
    place: Place,
    revision: int | str | None,
    names: Iterable[str] | None = None,
) -> tuple[int | None, dict[str, int]]:
    """Load into *namespace*; return the session's HEAD, and what its workspace has since."""
    with cloudpickle_needed():
        from .unpickler import Loader
    loader = Loader(namespace)
    text = str(int(revision)) if isinstance(revision, int) else revision
    wanted = [names] if isinstance(names, str) else names
    loaded: dict[str, Any] = {}
    with Loading(place.handle, place.number, text, wanted) as loading:
        for index, co_variable in enumerate(loading.co_variables):
            with loading.file(index) as file:
                values = _values(loader, file, co_variable.names, co_variable.is_raw, place)
            loaded.update(zip(co_variable.names, values))
        step = loading.head, loading.changes
    namespace.update(loaded)
    lend(namespace, loader.references)
    return step


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
