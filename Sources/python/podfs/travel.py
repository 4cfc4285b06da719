"""Going to another commit of a session, in place: checkout, undo and redo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._bridge import Travel
from .errors import DamagedError, LoadError
from .loading import Loaded, bind, load_values, unbind
from .namespace import is_dunder
from .revision import Checkout, Unsaved
from .telling import type_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .place import Place
    from .saving import Saver

__all__ = ["Traveller"]

_TITLES = {Travel.UNDO: "before undo", Travel.REDO: "before redo"}


class Traveller:
    """Takes a session, and a namespace with it, to other commits."""

    def __init__(self, place: Place, saver: Saver) -> None:
        self._place = place
        self._saver = saver

    def go(
        self,
        travel: Travel,
        revision: str | None,
        namespace: dict[str, Any] | None,
        *,
        force: bool = False,
        recompute: bool | Iterable[str] = False,
    ) -> Checkout:
        """Go to another commit; see :meth:`podfs.Session.checkout`."""
        self._saver.join()
        handle, session = self._place.handle, self._place.number
        if namespace is None:
            return Checkout(handle.travel(session, travel, revision, -1, force=force))
        if not isinstance(namespace, dict):
            raise TypeError(f"a namespace is a dict, not {type(namespace).__name__}")
        message = _TITLES.get(travel, f"before checkout of {revision}")
        unsaved = self._save(message, namespace)
        plan = handle.plan(session, travel, revision)
        target, start = plan["target"], plan["start"]
        wanted = plan["loaded"] if unsaved is not None else None
        # Nothing is changed before all is here: not the session, and not the namespace.
        loaded = self._load(namespace, target, wanted, recompute)
        # What others have written meanwhile is committed on the way.
        handle.travel(session, travel, revision, start or -1, force=force, message=message)
        made = loaded.recomputed
        missing = [Unsaved(*entry) for entry in plan["unsaved"] if entry[0] not in made]
        gone = [name for name in plan["removed"] if name in namespace]
        left, removed = _sort_out(namespace, gone, missing, unsaved or [])
        unbind(namespace, removed)
        bind(namespace, loaded)
        self._place.note_step(namespace, target)
        self._place.note_loaded(namespace, loaded, plan["removed"])
        not_loaded = self._place.not_loaded(loaded, target)
        return Checkout(target, loaded.values, removed, left, missing, made, not_loaded)

    def _load(
        self,
        namespace: dict[str, Any],
        target: int,
        names: list[str] | None,
        recompute: bool | Iterable[str],
    ) -> Loaded:
        """Load *names* or all variables of the commit *target*."""
        place = self._place
        if recompute is not False:
            return load_values(namespace, place, target, names, recompute=recompute, partly=True)
        try:
            return load_values(namespace, place, target, names)
        except (DamagedError, LoadError) as error:
            if "recompute=True" in str(error):
                raise
            text = f"{error}; load with recompute=True leaves it out"
            raise type(error)(text, error.names) from error.__cause__

    def _save(self, title: str, namespace: dict[str, Any]) -> list[Unsaved] | None:
        """Commit what *namespace* has and HEAD has not; return what cannot be saved.

        A namespace without variables that the session does not know has nothing to lose, and is
        not at HEAD: None is returned.
        """
        hidden = self._place.hidden(namespace)
        names = [n for n in namespace if not is_dunder(n) and not (hidden and hidden(n))]
        if not self._place.knows(namespace) and not names:
            return None
        return list(self._saver.save(namespace, title, only_if_changed=True).told(wait=False))


def _sort_out(
    namespace: dict[str, Any],
    removed: list[str],
    missing: list[Unsaved],
    unsaved: list[Unsaved],
) -> tuple[list[str], list[str]]:
    """Return what of *unsaved* can stay as it is, and what is to be removed from *namespace*.

    Neither commit has a value for what cannot be saved. If both tell of one by the same name and of
    the same type, a connection for instance, it stays.
    """
    told = {entry.name: entry.type for entry in missing}
    here = [entry.name for entry in unsaved if entry.name in namespace]
    left = [name for name in here if told.get(name) == type_name(namespace[name])]
    return left, [*removed, *(name for name in here if name not in left)]
