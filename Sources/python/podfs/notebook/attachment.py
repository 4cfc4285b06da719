"""The namespace of a shell, kept in step with a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import LoadError, PodfsError
from ..loading import bind, load_each, load_values
from ..namespace import is_dunder
from ..revision import Difference

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..pending import Pending
    from ..revision import Cell, Checkout, Revision, Unsaved
    from ..session import Session
    from .naming import Claim

__all__ = ["Attachment", "Returned", "Saved"]


class Returned(NamedTuple):
    """What was brought back, and what was not since its name means something else now or it failed.

    *recomputed* has those of *loaded* that were made again by running cells.
    """

    loaded: list[str]
    kept: list[str]
    failed: list[tuple[str, str]]
    recomputed: tuple[str, ...]


class Saved(NamedTuple):
    """A commit, and what of the one before it others had written that the namespace has its own of.

    *parent* is the commit that has their values.
    """

    revision: Revision
    overridden: list[str]
    parent: int


class Attachment:
    """What connects *namespace*, a plain dict, with *session*."""

    def __init__(
        self,
        session: Session,
        claim: Claim,
        namespace: dict[str, Any],
        is_hidden: Callable[[Any], bool],
    ) -> None:
        self.session = session
        self.claim = claim
        self.namespace = namespace
        #: The commit that the session was at: what to go on with after a restart.
        self.found = session.head()
        #: What the last commit could not keep.
        self.unsaved: tuple[Unsaved, ...] = ()
        self._is_hidden = is_hidden
        self._is_travelling = False
        #: What is being stored, and the commit before it.
        self._begun: tuple[Pending, int | None] | None = None
        session.follow(namespace, is_hidden)

    def variables(self) -> list[str]:
        """Return the names of the variables of the namespace."""
        return [
            name
            for name in list(self.namespace)
            if not self._is_hidden(name) and not (isinstance(name, str) and is_dunder(name))
        ]

    def save(
        self,
        cell: Cell | None = None,
        message: str | None = None,
        *,
        only_if_changed: bool = False,
    ) -> Saved:
        """Commit the namespace.

        After a :meth:`travel`, only if there is something new: a commit ends what can be redone.
        """
        self.finish()
        before = self._step()[0]
        newest = self._newest() if self.is_behind() else None
        revision = self.session._saver.save(
            self.namespace,
            message,
            cell,
            only_if_changed=only_if_changed or self._is_travelling,
        )
        return self._saved(revision, before, newest)

    def begin(self, cell: Cell) -> Saved | None:
        """Commit the namespace as it is now; it may be stored later, which :meth:`finish` tells.

        What others wrote is brought in at once, and so the commit is waited for.
        """
        self.finish()
        if self.is_behind():
            return self.save(cell)
        before = self._step()[0]
        pending = self.session._saver.begin(
            self.namespace, None, cell, only_if_changed=self._is_travelling
        )
        self.unsaved = pending.unsaved
        self._begun = pending, before
        return self.finish() if pending.done() else None

    def finish(self) -> Saved | None:
        """Wait for what :meth:`begin` began, if there is anything, and return what it is."""
        if self._begun is None:
            return None
        pending, before = self._begun
        pending.wait()
        self._begun = None
        return self._saved(pending.result(), before, None)

    def _saved(self, revision: Revision, before: int | None, newest: int | None) -> Saved:
        """Note what a save made of the session that was at the commit *before*.

        *newest* is the last commit that there was, if somebody had changed the session since.
        """
        is_old = newest is not None and revision <= newest
        # Where somebody else took the session to another commit, there may be something to redo.
        self._is_travelling = is_old or (self._is_travelling and revision == before)
        self.unsaved = revision.told(wait=False)
        if newest is None or is_old:
            return Saved(revision, [], 0)
        return Saved(revision, *self._overridden(before, revision))

    def _newest(self) -> int:
        """Return the number of the last commit, 0 if there is none."""
        return next((commit.number for commit in self.session.log(1)), 0)

    def is_behind(self) -> bool:
        """Tell whether the session has what the namespace has not: what others wrote."""
        place = self.session._place
        head, changes = place.handle.step(place.number)
        return (head or 0, changes) != self._step()

    def _overridden(self, before: int | None, revision: Revision) -> tuple[list[str], int]:
        """Return what others changed since the commit *before*, and the new commit did too.

        The number is that of the commit that has their values.
        """
        parent = next(iter(self.session.log(1)[0].parents), 0)
        if parent in (before, 0):
            return [], parent
        theirs = Difference.between(
            self.session.variables(before) if before else {}, self.session.variables(parent)
        )
        ours = self.session.diff(parent, revision)
        both = set(_names(ours)) & set(_names(theirs))
        return sorted(both.difference(revision.adopted)), parent

    def travel(self, go: Callable[[dict[str, Any]], Checkout]) -> Checkout:
        """Let *go* take the namespace to another commit."""
        done = go(self.namespace)
        self._is_travelling = True
        return done

    def bring_back(self, *, recompute: bool | list[str] = False) -> Returned:
        """Load what the session had when it was attached, and the namespace has not.

        With *recompute*, what cannot be loaded is made again by running cells. What could not be
        brought back stays in later commits as it is stored.
        """
        if self.found is None:
            return Returned([], [], [], ())
        from ..unpickler import Loader

        place = self.session._place
        there = list(self.session.variables(self.found))
        kept = [name for name in there if name in self.namespace]
        wanted = [name for name in there if name not in self.namespace]
        if recompute is not False:
            loaded = load_values(
                self.namespace, place, self.found, wanted, recompute=recompute, partly=True
            )
        else:
            loaded = load_each(Loader(self.namespace), place, self.found, wanted)
        bind(self.namespace, loaded)
        place.note_loaded(self.namespace, loaded)
        failed = [(name, _reason(lost.error)) for name, lost in loaded.lost.items()]
        failed += loaded.unmade.items()
        return Returned(sorted(loaded.values), kept, failed, loaded.recomputed)

    def close(self) -> None:
        """Leave the session to others."""
        self.session.unfollow(self.namespace)
        self.claim.release()

    def _step(self) -> tuple[int | None, dict[str, int]]:
        """Return what of the session the namespace knows."""
        return self.session._place.step_of(self.namespace)


def _names(difference: Difference) -> tuple[str, ...]:
    return *difference.added, *difference.removed, *difference.changed


def _reason(error: PodfsError) -> str:
    cause = error.__cause__
    if isinstance(error, LoadError) and cause is not None:
        return f"{type(cause).__name__}: {cause}"
    return str(error)
