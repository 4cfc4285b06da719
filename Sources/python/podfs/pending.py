"""Commits that are stored while the program goes on."""

from __future__ import annotations

import atexit
import functools
import os
import threading
from typing import TYPE_CHECKING, Any

from .errors import PodfsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._bridge import Capturing, StoreHandle
    from .revision import Revision, Unsaved

__all__ = ["Pending", "finish_all"]

#: How long a wait goes on before a signal is looked for, in seconds.
_STEP = 0.05

#: What is being stored by this process. It keeps what the library reads.
_unfinished: set[Pending] = set()


class Pending:
    """A commit that is being stored; what :meth:`podfs.Session.save` returns without waiting.

    It can be used as the number of the commit, which is waited for then.
    """

    def __init__(
        self,
        capturing: Capturing,
        store: StoreHandle,
        unsaved: list[Unsaved],
        finish: Callable[[dict[str, Any]], Revision],
    ) -> None:
        #: Gone when it is over: what holds it may still wait in another thread.
        self._capturing: Capturing | None = capturing
        self._store = store
        self._finish = finish
        self._process = os.getpid()
        self._finishing = threading.Lock()
        self._revision: Revision | None = None
        self._error: BaseException | None = None
        #: Whether somebody knows why it failed.
        self.is_told = False
        #: What could not be pickled, and why. The result may have more that is over a limit.
        self.unsaved = tuple(unsaved)
        _watch_for_ends()
        _unfinished.add(self)

    def __repr__(self) -> str:
        return f"<commit {self._revision if self.done() else 'that is being stored'}>"

    @property
    def is_here(self) -> bool:
        """Whether this process stores it, and not one that this was forked off."""
        return self._process == os.getpid()

    def done(self) -> bool:
        """Tell whether it is stored, or failed."""
        return self._is_over(0)

    def wait(self) -> None:
        """Wait until it is stored, or failed. An interrupt ends the wait, and nothing else."""
        if self._capturing is not None and not self.is_here:
            raise PodfsError("the commit is stored by the process that this one was forked off")
        while not self._is_over(_STEP):
            pass

    def _is_over(self, seconds: float) -> bool:
        """Wait at most so long; return whether it is stored, or failed."""
        capturing = self._capturing
        return capturing is None or (self.is_here and capturing.wait(seconds))

    def result(self) -> Revision:
        """Wait, and return the commit. What others wrote comes with the next save.

        An error of the storing is raised here.
        """
        self.wait()
        with self._finishing:
            self._end()
        if self._error is not None:
            self.is_told = True
            raise self._error
        assert self._revision is not None
        return self._revision

    def _end(self) -> None:
        """Take the answer of the library, once."""
        if self._capturing is None:
            return
        _unfinished.discard(self)
        try:
            self._revision = self._finish(self._capturing.commit())
        except BaseException as error:
            self._error = error
        self._capturing = None

    def __int__(self) -> int:
        return int(self.result())

    __index__ = __int__


def finish_all(store: StoreHandle | None = None) -> None:
    """Wait for what is being stored, in *store* or anywhere; raise the first error."""
    error: BaseException | None = None
    for pending in list(_unfinished):
        if pending.is_here and store in (None, pending._store):
            try:
                pending.result()
            except Exception as problem:
                error = error or problem
    if error is not None:
        raise error


@functools.cache
def _watch_for_ends() -> None:
    """Wait for what is being stored when this process ends, and before it is forked."""
    atexit.register(finish_all)
    os.register_at_fork(before=_wait_for_all, after_in_child=_unfinished.clear)


def _wait_for_all() -> None:
    for pending in list(_unfinished):
        pending.wait()
