"""Saving: a namespace becomes a commit of a session."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from ._bridge import Capturing
from .cells import reads_of
from .environment import environment
from .errors import cloudpickle_needed
from .excluding import Exclude
from .keeping import kept_files
from .lazy import unused_in
from .loading import load_what_can_be, unbind
from .pending import Pending
from .revision import Cell, Revision, Unsaved
from .trial import Trials

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container

    from ._bridge import Loading
    from .capturing import Capture, TupleCapture
    from .place import Place
    from .variables import NameOrder

__all__ = ["Saver"]


class _Captured(NamedTuple):
    """What could not be saved of a namespace, and the types that what was saved consists of."""

    unsaved: list[Unsaved]
    kinds: Collection[type]


class Saver:
    """Saves the namespaces of one session, and remembers what helps to save the next."""

    def __init__(self, place: Place) -> None:
        self._place = place
        #: What is left out of all saves.
        self.exclude = Exclude()
        self._trials = Trials(place)
        #: What could not be saved last time, so that it is tried by itself next time.
        self._suspects: frozenset[str] = frozenset()
        self._order: NameOrder | None = None
        self._pending: Pending | None = None

    def save(
        self,
        namespace: dict[str, Any],
        message: str | None,
        cell: Cell | str | None = None,
        *,
        only_if_changed: bool = False,
    ) -> Revision:
        """Commit all variables of *namespace*; see :meth:`podfs.Session.save`.

        With *only_if_changed*, return the commit that is checked out if it has all of them.
        """
        self.join()
        return self._save(namespace, message, cell, only_if_changed, {})

    def begin(
        self,
        namespace: dict[str, Any],
        message: str | None,
        cell: Cell | str | None = None,
        *,
        only_if_changed: bool = False,
    ) -> Pending:
        """Capture all variables of *namespace*, and commit them while the program goes on.

        Where too much would have to be copied for that, they are committed before the return.
        """
        self.join()
        capturing, captured = self._told(namespace, message, cell, only_if_changed, {})
        is_begun = capturing.store()
        again = partial(self._save, namespace, message, cell, only_if_changed)
        finish = partial(self._finish, namespace, captured, again, {}, is_late=is_begun)
        pending = Pending(capturing, self._place.handle, captured.unsaved, finish)
        if is_begun:
            self._pending = pending
        else:
            pending.result()
        return pending

    def join(self) -> Revision | None:
        """Wait for what :meth:`begin` began, and return it; raise its error if nobody knows it."""
        pending, self._pending = self._pending, None
        if pending is None or pending.is_told or not pending.is_here:
            return None
        try:
            return pending.result()
        except KeyboardInterrupt:
            self._pending = pending
            raise

    def _save(
        self,
        namespace: dict[str, Any],
        message: str | None,
        cell: Cell | str | None,
        only_if_changed: bool,
        refused: dict[str, str | None],
    ) -> Revision:
        """Commit *namespace* without what the library has *refused*, with its reasons."""
        capturing, captured = self._told(namespace, message, cell, only_if_changed, refused)
        again = partial(self._save, namespace, message, cell, only_if_changed)
        with capturing:
            return self._finish(namespace, captured, again, refused, capturing.commit())

    def _told(
        self,
        namespace: dict[str, Any],
        message: str | None,
        cell: Cell | str | None,
        only_if_changed: bool,
        refused: dict[str, str | None],
    ) -> tuple[Capturing, _Captured]:
        """Tell the library all of *namespace*; return what could not be saved, too."""
        if not isinstance(namespace, dict):
            raise TypeError(f"a namespace is a dict, not {type(namespace).__name__}")
        # Before the capture, which may use some of them: they are what they were all the same.
        unused = unused_in(namespace)
        kept = {**self._place.held(namespace), **kept_files(namespace, self._place.handle)}
        unloadable = self._trials.refused(namespace)
        left = {told.name for told in unloadable}.union(kept)
        captured, files = self._capture_around(namespace, refused, left)
        kept.update(files)
        self._suspects = frozenset(left_out.name for left_out in captured.unsaved)
        base, changes = self._place.step_of(namespace)
        capturing = Capturing(self._place.handle, self._place.number, base, message or "")
        for name, version in changes.items():
            capturing.add_seen(name, version)
        if only_if_changed:
            capturing.skip_unchanged()
        capturing.add_environment(environment())
        if cell is not None:
            capturing.add_cell(*_with_reads(cell, namespace))
        unsaved = [*captured.unsaved, *unloadable]
        for left_out in unsaved:
            capturing.add_unsaved(*left_out)
        captured.give_to(capturing)
        if unused is not None:
            unused.give_to(capturing)
        for stored in {id(stored): stored for stored in kept.values()}.values():
            names = [name for name in stored.co_variables[0].names if name in kept]
            capturing.add_kept(stored, 0, names)
        return capturing, _Captured(unsaved, captured.kinds)

    def _finish(
        self,
        namespace: dict[str, Any],
        captured: _Captured,
        again: Callable[[dict[str, str | None]], Revision],
        refused: dict[str, str | None],
        answer: dict[str, Any],
        *,
        is_late: bool = False,
    ) -> Revision:
        """Bring into *namespace* what the commit has from elsewhere, and return the commit.

        If the program has gone on meanwhile, that is left to the next save: what was changed since
        must not be replaced, and only a capture tells what that is.

        If a pickle was refused, nothing was stored: it is done *again*, one by one to learn which
        one it was, and then without it.
        """
        if "refused" in answer:
            return again({**refused, **dict([answer["refused"] or ("", None)])})
        adopted, dropped = answer["adopted"], answer["dropped"]
        is_left = is_late and bool(adopted or dropped)
        unsaved = [*captured.unsaved, *(Unsaved(*left_out) for left_out in answer["unsaved"])]
        number, changed = answer["number"], answer["changed"]
        trial = self._trials.begin(captured.kinds, namespace, number, changed)
        if is_left:
            return Revision(number, changed, unsaved, trial=trial)
        loaded = load_what_can_be(namespace, self._place, number, adopted)
        unbind(namespace, dropped)
        self._place.note_step(namespace, number)
        self._place.note_loaded(namespace, loaded, dropped)
        not_loaded = self._place.not_loaded(loaded, number)
        return Revision(number, changed, unsaved, adopted + dropped, not_loaded, trial)

    def _capture_around(
        self, namespace: dict[str, Any], refused: dict[str, str | None], left: set[str]
    ) -> tuple[Capture | TupleCapture, dict[str, Loading]]:
        """Pickle *namespace* without what is *left*, and without pickled files nobody changed.

        Those are returned too, as they are stored.
        """
        files = self._place.files(namespace)
        if not files:
            return self._capture(namespace, refused, left), {}
        from .files import unchanged_files, without_shared

        hidden = self._place.hidden(namespace)

        def is_left(name: str, value: Any) -> bool:
            is_hidden = name in left or (hidden is not None and hidden(name))
            return is_hidden or self.exclude.reason(name, value) is not None

        kept = unchanged_files(files, namespace, is_left)
        while True:
            captured = self._capture(namespace, refused, left.union(kept))
            alone = without_shared(kept, captured.pickler)
            if len(alone) == len(kept):
                return captured, {name: files[name].stored for name in kept}
            kept = alone

    def _capture(
        self, namespace: dict[str, Any], refused: dict[str, str | None], kept: Container[str]
    ) -> Capture | TupleCapture:
        """Pickle *namespace*, without what is excluded, or cannot be pickled, or was *refused*."""
        with cloudpickle_needed():
            from .capturing import capture_namespace
            from .variables import Choice, NameOrder
        self._order = self._order or NameOrder()
        choice = Choice(self.exclude, self._place.hidden(namespace), refused, kept)
        order = None if refused else self._order
        return capture_namespace(namespace, self._suspects, order, choice)


def _with_reads(cell: Cell | str, namespace: dict[str, Any]) -> Cell:
    """Return *cell* with what its code reads, if nobody asked for that before it ran."""
    told = Cell(cell) if isinstance(cell, str) else cell
    if told.reads is not None:
        return told
    return told._replace(reads=reads_of(told.source, namespace, late=True))
