"""Stores: the directories that sessions are kept in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._bridge import StoreHandle
from .pending import finish_all
from .session import Session

if TYPE_CHECKING:
    import os

    from .excluding import Exclude

__all__ = ["Store"]


class Store:
    """The store in the directory *path*, which is made if there is none.

    Without a path, the one named by ``$PODFS_STORE``, else ``~/.podfs``. Any number of processes
    may use a store at once. It can be closed by :meth:`close` or a with statement, and need not be.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        name = None if path is None else str(Path(path).expanduser().resolve())
        self.handle = StoreHandle(name, create=True)

    @property
    def path(self) -> str:
        """The directory of the store."""
        return self.handle.path

    def session(self, name: str, *, create: bool = True, exclude: Exclude | None = None) -> Session:
        """Return the session *name*, which is made if there is none, unless *create* is false.

        Its saves leave out what *exclude* says.
        """
        session = Session(self, name, self.handle.session(name, create=create))
        session.exclude = exclude or session.exclude
        return session

    def sessions(self) -> list[str]:
        """Return the names of all sessions, in order."""
        return [session["name"] for session in self.handle.sessions()]

    def close(self) -> None:
        """Close the store, once what is being saved is stored; what was saved stays."""
        try:
            finish_all(self.handle)
        finally:
            self.handle.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<podfs store {self.path!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Store, (self.path,)
