"""podfs keeps every version of every variable of a Python session.

    import podfs
    session = podfs.Store("work").session("alice")
    namespace = session.namespace()         # a dict to run code in
    revision = session.save(namespace)      # the number of the commit
    session.load(revision)                  # all variables as they were

The functions of the module do the same with the default store and its session ``default``.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Any

from .errors import DamagedError, LibraryError, LoadError, NotFoundError, PodfsError
from .excluding import Exclude
from .namespace import Namespace
from .pending import Pending
from .revision import (
    Cell,
    Checkout,
    Commit,
    Difference,
    Revision,
    Status,
    Unsaved,
    Value,
    Version,
)
from .session import Session
from .store import Store
from .why import Step

if TYPE_CHECKING:
    from collections.abc import Iterable

__version__ = "0.1.0"

__all__ = [
    "Cell",
    "Checkout",
    "Commit",
    "DamagedError",
    "Difference",
    "Exclude",
    "LibraryError",
    "LoadError",
    "Namespace",
    "NotFoundError",
    "Pending",
    "PodfsError",
    "Revision",
    "Session",
    "Status",
    "Step",
    "Store",
    "Unsaved",
    "Value",
    "Version",
    "load",
    "log",
    "new_managed_namespace",
    "save",
]


def new_managed_namespace() -> Namespace:
    """Return an empty namespace that code can run in, to be saved in the default session."""
    return _default_session().namespace()


def save(
    namespace: dict[str, Any], message: str | None = None, cell: Cell | str | None = None
) -> Revision:
    """Commit all variables of *namespace* to the default session; see :meth:`Session.save`."""
    return _default_session().save(namespace, message, cell)


def load(revision: int | str | None = None, names: Iterable[str] | None = None) -> Namespace:
    """Return variables of the default session; see :meth:`Session.load`."""
    return _default_session().load(revision, names)


def log() -> list[Commit]:
    """Return the commits of the default session, the newest first."""
    return _default_session().log()


def _default_session() -> Session:
    return _open_default(os.environ.get("PODFS_STORE"), os.environ.get("HOME"))


@functools.lru_cache(maxsize=1)
def _open_default(*_: str | None) -> Session:
    """Open the default session, once for each setting of the variables that name its store."""
    return Store().session("default")


def load_ipython_extension(shell: Any) -> None:
    """Begin to commit after each cell: what ``%load_ext podfs`` calls."""
    from .notebook.extension import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Leave IPython as it was: what ``%unload_ext podfs`` calls."""
    from .notebook.extension import unload

    unload(shell)
