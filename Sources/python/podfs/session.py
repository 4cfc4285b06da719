"""Sessions: lines of work, each with a namespace and its history."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, overload

from ._bridge import Travel
from .excluding import Exclude
from .loading import load_into, load_lazily
from .namespace import Namespace
from .place import Place
from .revision import (
    Cell,
    Checkout,
    Commit,
    Difference,
    Revision,
    Status,
    Value,
    Version,
    revision_text,
)
from .saving import Saver
from .travel import Traveller
from .why import Step, steps_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Literal

    from ._bridge import StoreHandle
    from .pending import Pending
    from .store import Store

__all__ = ["Session"]


class Session:
    """One line of work in a store; :meth:`podfs.Store.session` makes it."""

    def __init__(self, store: Store, name: str, number: int) -> None:
        self.store = store
        self.name = name
        self._place = Place(store.handle, name, number)
        self._saver = Saver(self._place)
        self._traveller = Traveller(self._place, self._saver)

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
        return self._handle.head(self._place.number)

    def branch(self) -> str | None:
        """Return the branch that is checked out, which the next commit moves, if there is one."""
        branch: str | None = self._references["head"]
        return branch

    def log(self, limit: int | None = None) -> list[Commit]:
        """Return the commits of the session, the newest first, at most *limit* of them."""
        count = sys.maxsize if limit is None else limit
        answers = self._handle.log(self._place.number, count)
        return [Commit.from_answer(answer) for answer in answers]

    def resolve(self, revision: int | str) -> int:
        """Return the number of the commit that *revision* means."""
        return self._handle.resolve(self._place.number, revision_text(revision))

    def variables(self, revision: int | str | None = None) -> dict[str, Value]:
        """Return what is told of the variables of a commit, or of the workspace, by their names.

        Nothing is loaded.
        """
        answers = self._handle.variables(self._place.number, revision_text(revision))
        return {answer["name"]: Value.from_answer(answer) for answer in answers}

    def history(self, name: str) -> list[Version]:
        """Return the versions of the variable *name*, the newest first."""
        answers = self._handle.history(self._place.number, name)
        return [Version.from_answer(answer) for answer in answers]

    def why(self, name: str, revision: int | str | None = None) -> list[Step]:
        """Return the cells that lead to the value of a variable, the oldest first.

        The variable is that of a commit, or of the workspace if *revision* is None; it may be one
        that could not be saved. A cell may be named that had no part in the value; none is missing,
        unless the note of a step says so.
        """
        return steps_to([name], self._place, revision_text(revision))

    def diff(self, one: int | str | None, other: int | str | None = None) -> Difference:
        """Return what commit *other* has otherwise than *one*; None means the workspace."""
        return Difference.between(self.variables(one), self.variables(other))

    def status(self) -> Status:
        """Return what is checked out, and what the workspace has otherwise."""
        head = self.head()
        committed = {} if head is None else self.variables(head)
        changes = Difference.between(committed, self.variables())
        return Status(head, self.branch(), changes)

    def set_message(self, revision: int | str, message: str) -> int:
        """Make a commit say something else; return its number."""
        text = str(revision_text(revision))
        return self._handle.set_message(self._place.number, text, message)

    def branches(self) -> dict[str, int]:
        """Return the branches, and the commits that they name."""
        return dict(self._references["branches"])

    def tags(self) -> dict[str, int]:
        """Return the tags, and the commits that they name."""
        return dict(self._references["tags"])

    def set_branch(self, name: str, revision: int | str = "HEAD", *, replace: bool = False) -> int:
        """Make a branch at a commit, and return its number; with *replace*, move one there."""
        return self._set_reference(name, revision, is_tag=False, replace=replace)

    def set_tag(self, name: str, revision: int | str = "HEAD", *, replace: bool = False) -> int:
        """Make a tag at a commit, and return its number; with *replace*, move one there."""
        return self._set_reference(name, revision, is_tag=True, replace=replace)

    def remove_branch(self, name: str) -> None:
        """Remove a branch; its commits stay."""
        self._handle.set_reference(self._place.number, name, None, is_tag=False, replace=False)

    def remove_tag(self, name: str) -> None:
        """Remove a tag; its commit stays."""
        self._handle.set_reference(self._place.number, name, None, is_tag=True, replace=False)

    def checkout(
        self,
        revision: int | str,
        into: dict[str, Any] | None = None,
        *,
        force: bool = False,
        recompute: bool | Iterable[str] = False,
    ) -> Checkout:
        """Check out a commit, and make the namespace *into* what it has.

        The name of a branch checks the branch out: the next commit moves it. Of *into*, what the
        commit has otherwise is loaded, what it does not have is removed, and all else stays the
        objects that it is. What no commit has yet is committed before. If anything cannot be
        loaded, nothing is changed at all.

        Without *into*, only the session's workspace is changed, and uncommitted changes there are
        an error. With *force* they are lost; so is, with *into*, what others write into the
        workspace while the values are loaded, which is committed otherwise.

        With *recompute*, values that cannot be loaded are made again by running cells; see
        :meth:`load`. Those that cannot be made again either do not stop the checkout: the
        ``not_loaded`` of the result names them, and later saves keep them as they are stored.
        """
        text = revision_text(revision)
        return self._traveller.go(Travel.CHECKOUT, text, into, force=force, recompute=recompute)

    def undo(
        self,
        into: dict[str, Any] | None = None,
        *,
        force: bool = False,
        recompute: bool | Iterable[str] = False,
    ) -> Checkout:
        """Go back to the commit before; the branch moves along. See :meth:`checkout`."""
        return self._traveller.go(Travel.UNDO, None, into, force=force, recompute=recompute)

    def redo(
        self,
        into: dict[str, Any] | None = None,
        *,
        force: bool = False,
        recompute: bool | Iterable[str] = False,
    ) -> Checkout:
        """Take the last :meth:`undo` back, if no commit or checkout came after it."""
        return self._traveller.go(Travel.REDO, None, into, force=force, recompute=recompute)

    def follow(
        self, namespace: dict[str, Any], is_hidden: Callable[[str], bool] = lambda _: False
    ) -> None:
        """Keep *namespace*, which is a plain dict, in step as one of :meth:`namespace`.

        Names for which *is_hidden* holds are no variables. The session keeps the dict until
        :meth:`unfollow`.
        """
        self._place.follow(namespace, is_hidden)

    def unfollow(self, namespace: dict[str, Any]) -> None:
        """Let go of *namespace*."""
        self._place.unfollow(namespace)

    @overload
    def save(
        self,
        namespace: dict[str, Any],
        message: str | None = None,
        cell: Cell | str | None = None,
        *,
        wait: Literal[True] = True,
    ) -> Revision: ...

    @overload
    def save(
        self,
        namespace: dict[str, Any],
        message: str | None = None,
        cell: Cell | str | None = None,
        *,
        wait: Literal[False],
    ) -> Pending: ...

    def save(
        self,
        namespace: dict[str, Any],
        message: str | None = None,
        cell: Cell | str | None = None,
        *,
        wait: bool = True,
    ) -> Revision | Pending:
        """Commit all variables of *namespace*, and return the commit's number.

        A variable that cannot be pickled, or that is over a limit of the store, is left out and
        named in the ``unsaved`` of the result.
        What others wrote into the session's workspace since *namespace* was last in step with it
        becomes part of the commit and of *namespace*, unless both changed the same variable: then
        *namespace* wins.

        Without *wait*, the return comes as soon as *namespace* may be changed again; it is stored
        meanwhile. The next call of the session, :meth:`join`, a fork and the end of the program
        wait for that, and the next call raises an error of it. What others wrote comes into
        *namespace* with the next save.
        """
        if not wait:
            return self._saver.begin(namespace, message, cell)
        return self._saver.save(namespace, message, cell)

    def load(
        self,
        revision: int | str | None = None,
        names: Iterable[str] | None = None,
        *,
        recompute: bool | Iterable[str] = False,
    ) -> Namespace:
        """Return the variables of a commit, or of the workspace if *revision* is None.

        Each is loaded when it is first used, with those that share objects with it; they share them
        again. With *names*, only these variables, and at once: only what they consist of is read.
        Loading unpickles, which can run code: load what you trust.

        With *recompute*, all is loaded at once, and what cannot be is made again by running the
        cells that lead to it; so is what could not be saved, if it is among *names* or the names
        given as *recompute*. The ``recomputed`` of the result names it: it need not be what it was.
        What cannot be made again is an error if it is among *names*. Otherwise the ``not_loaded``
        of the result names it, and later saves keep it as it is stored.
        """
        self._saver.join()
        namespace = Namespace()
        if recompute is not False:
            loaded = load_into(namespace, self._place, revision, names, recompute=recompute)
            namespace.recomputed = loaded.recomputed
            namespace.not_loaded = tuple(self._place.not_loaded(loaded, revision))
            if names is None:
                self._place.note_step(namespace, loaded.head, loaded.changes)
                self._place.note_loaded(namespace, loaded)
        elif names is None:
            loading = load_lazily(namespace, self._place, revision)
            self._place.note_step(namespace, loading.head, loading.changes)
        else:
            load_into(namespace, self._place, revision, names)
        return namespace

    def join(self) -> Revision | None:
        """Wait for what :meth:`save` stores in the background, and return it, if there is anything.

        What others wrote is brought into the namespace, and an error of the storing raised.
        """
        return self._saver.join()

    @property
    def _handle(self) -> StoreHandle:
        """The store, which has what was being saved."""
        self._saver.join()
        return self.store.handle

    @property
    def _references(self) -> dict[str, Any]:
        return self._handle.references(self._place.number)

    def _set_reference(self, name: str, revision: int | str, *, is_tag: bool, replace: bool) -> int:
        number = self._handle.set_reference(
            self._place.number, name, revision_text(revision), is_tag=is_tag, replace=replace
        )
        return int(number or 0)


def _reopen(store: Store, name: str) -> Session:
    return store.session(name)
