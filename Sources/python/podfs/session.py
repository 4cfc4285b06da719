"""Sessions: lines of work, each with a namespace and its history."""

from __future__ import annotations

import pickle
import warnings
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from io import BytesIO
from typing import TYPE_CHECKING, Any

from ._bridge import Capturing, Loading
from .environment import environment
from .errors import LibraryError, LoadError, PodfsError
from .namespace import Namespace, lend
from .revision import Cell, Commit, Revision, Unsaved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import BufferedReader

    from .pickler import Capture, NameOrder, TupleCapture
    from .store import Store
    from .unpickler import Loader

__all__ = ["Session"]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Session:
    """One line of work in a store; :meth:`podfs.Store.session` makes it."""

    def __init__(self, store: Store, name: str, number: int) -> None:
        self.store = store
        self.name = name
        self._number = number
        #: What could not be saved last time, so that it is tried by itself next time.
        self._suspects: frozenset[str] = frozenset()
        self._order: NameOrder | None = None

    def __repr__(self) -> str:
        return f"<podfs session {self.name!r} in {self.store.path!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopen, (self.store, self.name)

    def namespace(self) -> Namespace:
        """Return an empty namespace that code can run in, to be saved in this session.

        It begins anew: what the session has now is not in the next commit. To go on with that,
        begin with :meth:`load`.
        """
        namespace = Namespace()
        self._note_step(namespace, self.head())
        return namespace

    def head(self) -> int | None:
        """Return the number of the commit that is checked out, or None before the first one."""
        return self.store.handle.head(self._number)

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
            for entry in self.store.handle.log(self._number)
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
        if not isinstance(namespace, dict):
            raise TypeError(f"a namespace is a dict, not {type(namespace).__name__}")
        captured = self._capture(namespace)
        self._suspects = frozenset(left_out.name for left_out in captured.unsaved)
        base, changes = self._base(namespace)
        with Capturing(self.store.handle, self._number, base, message or "") as capturing:
            for name, version in changes.items():
                capturing.add_seen(name, version)
            capturing.add_environment(environment())
            if cell is not None:
                capturing.add_cell(*(Cell(cell) if isinstance(cell, str) else cell))
            for left_out in captured.unsaved:
                capturing.add_unsaved(*left_out)
            captured.give_to(capturing)
            answer = capturing.commit()
        adopted, dropped = answer["adopted"], answer["dropped"]
        unsaved = [*captured.unsaved, *(Unsaved(*left_out) for left_out in answer["unsaved"])]
        revision = Revision(answer["number"], answer["changed"], unsaved, adopted + dropped)
        if self._adopt(revision, adopted, dropped, namespace):
            self._note_step(namespace, revision)
        return revision

    def _capture(self, namespace: dict[str, Any]) -> Capture | TupleCapture:
        """Pickle *namespace*: at once, or one by one if a variable cannot be pickled."""
        with _cloudpickle_needed():
            from .pickler import NameOrder, capture, capture_tuple
        self._order = self._order or NameOrder()
        at_once = capture_tuple(namespace, self._suspects, self._order)
        return at_once or capture(namespace, self._suspects)

    def load(
        self, revision: int | str | None = None, names: Iterable[str] | None = None
    ) -> Namespace:
        """Return the variables of a commit, or of the workspace if *revision* is None.

        With *names*, only these variables, and only what they consist of is read. Objects that
        variables share are shared again. Loading unpickles, which can run code: load what you
        trust.
        """
        namespace = Namespace()
        head, changes = self._load(namespace, revision, names)
        if names is None:
            self._note_step(namespace, head, changes)
        return namespace

    def _load(
        self,
        namespace: dict[str, Any],
        revision: int | str | None,
        names: Iterable[str] | None,
    ) -> tuple[int | None, dict[str, int]]:
        """Load into *namespace*; return the session's HEAD, and what its workspace has since."""
        loader = _loader(namespace)
        text = str(int(revision)) if isinstance(revision, int) else revision
        wanted = [names] if isinstance(names, str) else names
        loaded: dict[str, Any] = {}
        with Loading(self.store.handle, self._number, text, wanted) as loading:
            for index, co_variable in enumerate(loading.co_variables):
                with loading.file(index) as file:
                    values = self._values(loader, file, co_variable.names, co_variable.is_raw)
                loaded.update(zip(co_variable.names, values))
            step = loading.head, loading.changes
        namespace.update(loaded)
        lend(namespace, loader.references)
        return step

    def _values(
        self, loader: Loader, file: BufferedReader, names: tuple[str, ...], is_raw: bool
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
                f"{', '.join(names)} of session '{self.name}' cannot be loaded: {reason}; "
                "make importable what is missing, or load the others by their names",
                names,
            ) from error
        return values

    def _adopt(
        self,
        revision: Revision,
        adopted: list[str],
        dropped: list[str],
        namespace: dict[str, Any],
    ) -> bool:
        """Bring into *namespace* what the commit has from elsewhere; return whether that worked."""
        try:
            if adopted:
                self._load(namespace, revision, adopted)
        except LoadError as error:
            warnings.warn(str(error), RuntimeWarning, stacklevel=3)
            return False
        for name in dropped:
            namespace.pop(name, None)
        return True

    def _base(self, namespace: dict[str, Any]) -> tuple[int | None, dict[str, int]]:
        """Return what *namespace* was last in step with: a commit, and changes since."""
        if isinstance(namespace, Namespace) and namespace.session == self._identity:
            return namespace.base, namespace.changes
        return None, {}

    def _note_step(
        self, namespace: dict[str, Any], head: int | None, changes: dict[str, int] | None = None
    ) -> None:
        """Note that *namespace* knows of commit *head* of the session, and of *changes* since."""
        if isinstance(namespace, Namespace):
            namespace.session = self._identity
            namespace.base = int(head or 0)
            namespace.changes = changes or {}

    @property
    def _identity(self) -> tuple[str, int]:
        return self.store.path, self._number


def _reopen(store: Store, name: str) -> Session:
    return store.session(name)


def _loader(namespace: dict[str, Any]) -> Loader:
    with _cloudpickle_needed():
        from .unpickler import Loader
    return Loader(namespace)


@contextmanager
def _cloudpickle_needed() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise LibraryError(f"{error}; run 'pip install cloudpickle'") from error


def _load_raw(loader: Loader, file: BufferedReader) -> Any:
    """Return the value pickled in *file*, or its bytes if it is no pickle."""
    data = file.read()
    if data[:1] == b"\x80" and data[-1:] == b".":
        try:
            return loader.load(BytesIO(data))
        except (pickle.UnpicklingError, EOFError):
            return data
    return data
