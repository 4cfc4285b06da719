"""Variables that saves keep as they are stored: files, and values that cannot be loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .lazy import bound_items

if TYPE_CHECKING:
    from ._bridge import Loading, StoreHandle
    from .errors import DamagedError, LoadError

__all__ = ["Lost", "StoredFile", "kept_files"]


class Lost(NamedTuple):
    """A variable that cannot be loaded: why, and its co-variable as it is stored."""

    error: DamagedError | LoadError
    stored: Loading


class StoredFile(bytes):
    """The bytes of a workspace file that is not a pickle.

    A save leaves the file as it is stored while its variable has this object. In other places it is
    stored as bytes.
    """

    #: Whether this process has made any.
    exist = False
    stored: Loading

    def __new__(cls, data: bytes, stored: Loading) -> StoredFile:
        """Make the value of a variable that is the only one of *stored*."""
        self = super().__new__(cls, data)
        self.stored = stored
        StoredFile.exist = True
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return bytes, (bytes(self),)


def kept_files(namespace: dict[str, Any], store: StoreHandle) -> dict[str, Loading]:
    """Return the variables of *namespace* that are still the files of *store* that they were."""
    if not StoredFile.exist:
        return {}
    files = [item for item in bound_items(namespace) if type(item[1]) is StoredFile]
    return {name: file.stored for name, file in files if file.stored.is_of(store, name)}
