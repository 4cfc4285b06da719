"""Loading: variables of a commit become objects again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ._bridge import Loading
from .errors import DamagedError, LoadError, cloudpickle_needed
from .keeping import Lost, StoredFile
from .lazy import Unloaded, defer, forget_unused
from .lost import lost_error
from .namespace import Namespace, lend
from .revision import revision_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .place import Place
    from .unpickler import Loader

__all__ = [
    "Loaded",
    "bind",
    "load_each",
    "load_into",
    "load_lazily",
    "load_values",
    "load_what_can_be",
    "unbind",
]


class Loaded(NamedTuple):
    """Values on their way into a namespace.

    *references* is what functions among them refer to, *head* the session's HEAD, *changes* what
    its workspace has since, *recomputed* the names of what was made again, *lost* what could not
    be loaded, where that is not an error, *unmade* what was never stored and could not be made
    again, with the reasons, and *files* what is a pickle that was written as a file.
    """

    values: dict[str, Any]
    references: dict[str, Any]
    head: int | None
    changes: dict[str, int]
    recomputed: tuple[str, ...] = ()
    lost: Mapping[str, Lost] = {}
    unmade: Mapping[str, str] = {}
    files: Mapping[str, Loading] = {}


def load_into(
    namespace: dict[str, Any],
    place: Place,
    revision: int | str | None,
    names: Iterable[str] | None = None,
    *,
    recompute: bool | Iterable[str] = False,
) -> Loaded:
    """Load into *namespace* at once, and return what was loaded."""
    partly = names is None
    loaded = load_values(namespace, place, revision, names, recompute=recompute, partly=partly)
    bind(namespace, loaded)
    return loaded


def load_what_can_be(
    namespace: dict[str, Any], place: Place, revision: int | str | None, names: Iterable[str]
) -> Loaded:
    """Load those of *names* into *namespace* that can be loaded; the others are *lost*."""
    with cloudpickle_needed():
        from .unpickler import Loader
    loaded = load_each(Loader(namespace), place, revision, names)
    bind(namespace, loaded)
    return loaded


def bind(namespace: dict[str, Any], loaded: Loaded) -> None:
    """Put *loaded* into *namespace*, in place of what it has by these names.

    What is lost has no value there: the old one is not that of its name any more.
    """
    unbind(namespace, loaded.lost)
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
        try:
            values, file = _co_variable(loader, loading, index)
        except (DamagedError, LoadError) as error:
            names = loading.co_variables[index].names
            raise lost_error(dict.fromkeys(names, error), place, revision_text(revision)) from error
        if file is not None:
            place.note_file(namespace, loading.co_variables[index].names[0], values[0], file)
        return values

    loading = _begin(place, revision, None)
    defer(namespace, Unloaded(namespace, loading, load, loader.references))
    return loading


def load_values(
    namespace: dict[str, Any],
    place: Place,
    revision: int | str | None,
    names: Iterable[str] | None = None,
    *,
    recompute: bool | Iterable[str] = False,
    partly: bool = False,
) -> Loaded:
    """Load values whose functions run in *namespace*, but do not change it.

    With *recompute*, what cannot be loaded is made again by running cells, and so are those of
    *names*, or of the names that *recompute* has, that could not be stored. What cannot be made
    again is an error, unless the load can be done *partly*.
    """
    with cloudpickle_needed():
        from .unpickler import Loader
    loader = Loader(namespace)
    wanted = [names] if isinstance(names, str) else names
    if recompute is not False:
        from .recompute import load_or_make

        asked = () if recompute is True else recompute
        text = revision_text(revision)
        return load_or_make(loader, place, text, wanted, asked, partly=partly)
    loaded = load_each(loader, place, revision, wanted)
    if loaded.lost:
        errors = {name: lost.error for name, lost in loaded.lost.items()}
        raise lost_error(errors, place, revision_text(revision))
    return loaded


def load_each(
    loader: Loader, place: Place, revision: int | str | None, names: Iterable[str] | None
) -> Loaded:
    """Load values; those that cannot be loaded are *lost*, each with its error."""
    values: dict[str, Any] = {}
    lost: dict[str, Lost] = {}
    files: dict[str, Loading] = {}
    with _begin(place, revision, names) as loading:
        for index, co_variable in enumerate(loading.co_variables):
            try:
                found, file = _co_variable(loader, loading, index)
            except (DamagedError, LoadError) as error:
                lost.update(dict.fromkeys(co_variable.names, Lost(error, loading.part(index))))
                continue
            values.update(zip(co_variable.names, found))
            if file is not None:
                files[co_variable.names[0]] = file
        head, changes = loading.head, loading.changes
        return Loaded(values, loader.references, head, changes, lost=lost, files=files)


def _begin(place: Place, revision: int | str | None, names: Iterable[str] | None) -> Loading:
    wanted = [names] if isinstance(names, str) else names
    return Loading(place.handle, place.number, revision_text(revision), wanted)


def _co_variable(
    loader: Loader, loading: Loading, index: int
) -> tuple[tuple[Any, ...], Loading | None]:
    """Return the values of a co-variable, in the order of their names.

    If it is a pickle that no save has made, which have protocol 5, return it as it is stored, too.
    """
    file, content, is_pickle = loading.file(index)
    co_variable = loading.co_variables[index]
    with file:
        try:
            if not is_pickle:
                return (StoredFile(file.read(), loading.part(index)),), None
            is_file = file.peek(2)[:2] != b"\x80\x05" and len(co_variable.names) == 1
            loaded = loader.load(file)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # the values' own code can raise anything
            if error is content.error:
                raise
            raise LoadError(_told(error)) from error
    values = (loaded,) if co_variable.is_raw else loaded
    return values, loading.part(index) if is_file or co_variable.is_raw else None


def _told(error: BaseException) -> str:
    """Return the type of *error* and what it says, if it can say that."""
    try:
        text = str(error)
    except KeyboardInterrupt:
        raise
    except BaseException:
        text = ""
    return " ".join(f"{type(error).__name__}: {text}".split())
