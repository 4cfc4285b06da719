"""Sessions: lines of work, each with a namespace and its history."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from .excluding import Exclude
from .loading import load_into
from .namespace import Namespace
from .place import Place
from .revision import Cell, Commit, Revision
from .saving import Saver

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .store import Store

__all__ = ["Session"]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Session:
    """One line of work in a store; :meth:`podfs.Store.session` makes it."""

    def __init__(self, store: Store, name: str, number: int) -> None:
        self.store = store
        self.name = name
        self._place = Place(store.handle, name, number)
        self._saver = Saver(self._place)

    def __repr__(self) -> str:
        return f"<podfs session {self.name!r} in {self.store.path!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopen, (self.store, self.name)

    @property
    def exclude(self) -> Exclude:
        """What saves leave out; assign another :class:`podfs.Exclude` to change it."""
        return self._saver.exclude

    @exclude.setter
    def exclude(self, exclude: Exclude | None) -> None:
        self._saver.exclude = exclude or Exclude()

    def namespace(self) -> Namespace:
        """Return an empty namespace that code can run in, to be saved in this session.

        It begins anew: what the session has now is not in the next commit. To go on with that,
        begin with :meth:`load`.
        """
        namespace = Namespace()
        self._place.note_step(namespace, self.head())
        return namespace

    def head(self) -> int | None:
        """Return the number of the commit that is checked out, or None before the first one."""
        return self.store.handle.head(self._place.number)

    def log(self) -> list[Commit]:
        """Return the commits of the session, the newest first."""
        return [
            Commit(
                number=entry["number"],
                time=_EPOCH + timedelta(microseconds=entry["time"]),
                message=entry["message"],
                digest=entry["digest"],
                parents=tuple(entry["parents"]),
            )
            for entry in self.store.handle.log(self._place.number)
        ]

    def save(
        self, namespace: dict[str, Any], message: str | None = None, cell: Cell | str | None = None
    ) -> Revision:
        """Commit all variables of *namespace*, and return the commit's number.

        A variable that cannot be pickled, or that is over a limit of the store, is left out and
        named in the ``unsaved`` of the result.
        What others wrote into the session's workspace since *namespace* was last in step with it
        becomes part of the commit and of *namespace*, unless both changed the same variable: then
        *namespace* wins.
        """
        return self._saver.save(namespace, message, cell)

    def load(
        self, revision: int | str | None = None, names: Iterable[str] | None = None
    ) -> Namespace:
        """Return the variables of a commit, or of the workspace if *revision* is None.

        With *names*, only these variables, and only what they consist of is read. Objects that
        variables share are shared again. Loading unpickles, which can run code: load what you
        trust.
        """
        namespace = Namespace()
        head, changes = load_into(namespace, self._place, revision, names)
        if names is None:
            self._place.note_step(namespace, head, changes)
        return namespace


def _reopen(store: Store, name: str) -> Session:
    return store.session(name)
