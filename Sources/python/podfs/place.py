"""Where a session is, and which namespaces are in step with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .namespace import Namespace
from .revision import Unsaved, revision_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ._bridge import Loading, StoreHandle
    from .files import PickledFile
    from .loading import Loaded

__all__ = ["Place"]


@dataclass
class _Followed:
    """A plain dict that a session is kept in step with."""

    namespace: dict[str, Any]
    is_hidden: Callable[[str], bool]
    base: int
    changes: dict[str, int] = field(default_factory=dict)
    held: dict[str, Loading] = field(default_factory=dict)
    files: dict[str, PickledFile] = field(default_factory=dict)
    #: Whether it has had nothing to do with the session yet, and only begins after that commit.
    is_new: bool = True


class Place:
    """The store and the number of a session, which is what its parts know it by."""

    def __init__(self, handle: StoreHandle, name: str, number: int) -> None:
        self.handle = handle
        self.name = name
        self.number = number
        #: By identity: a dict cannot be referred to weakly, so each is kept until it is let go.
        self._followed: dict[int, _Followed] = {}

    def follow(self, namespace: dict[str, Any], is_hidden: Callable[[str], bool]) -> None:
        """Keep track of *namespace*, a plain dict, as of one that podfs made.

        Names for which *is_hidden* holds are no variables.
        """
        base = int(self.handle.head(self.number) or 0)
        self._followed[id(namespace)] = _Followed(namespace, is_hidden, base)

    def unfollow(self, namespace: dict[str, Any]) -> None:
        """Forget *namespace*."""
        self._followed.pop(id(namespace), None)

    def hidden(self, namespace: dict[str, Any]) -> Callable[[str], bool] | None:
        """Return what tells which names of *namespace* are no variables, if anything does."""
        followed = self._followed.get(id(namespace))
        return None if followed is None else followed.is_hidden

    def knows(self, namespace: dict[str, Any]) -> bool:
        """Tell whether *namespace* was in step with the session once."""
        step = self._step(namespace)
        return step is not None and not (isinstance(step, _Followed) and step.is_new)

    def step_of(self, namespace: dict[str, Any]) -> tuple[int | None, dict[str, int]]:
        """Return what *namespace* was last in step with: a commit, and changes since."""
        step = self._step(namespace)
        return (None, {}) if step is None else (step.base, step.changes)

    def note_step(
        self, namespace: dict[str, Any], head: int | None, changes: dict[str, int] | None = None
    ) -> None:
        """Note that *namespace* knows of commit *head* of the session, and of *changes* since."""
        if isinstance(namespace, Namespace):
            namespace.session = self._identity
        step = self._step(namespace)
        if step is not None:
            step.base = int(head or 0)
            step.changes = changes or {}
        if isinstance(step, _Followed):
            step.is_new = False

    def note_loaded(
        self, namespace: dict[str, Any], loaded: Loaded, removed: Iterable[str] = ()
    ) -> None:
        """Note what *namespace* got, and what it could not get: saves keep that as it is stored."""
        step = self._step(namespace)
        if step is not None:
            for name in (*loaded.values, *removed):
                step.held.pop(name, None)
            step.held.update((name, lost.stored) for name, lost in loaded.lost.items())
            for name in (*loaded.values, *removed, *loaded.lost):
                step.files.pop(name, None)
        for name, stored in loaded.files.items():
            self.note_file(namespace, name, loaded.values[name], stored)

    def note_file(self, namespace: dict[str, Any], name: str, value: Any, stored: Loading) -> None:
        """Note that *namespace* just got *value* from a pickle that is the file *stored*."""
        from .files import pickled_file

        step = self._step(namespace)
        file = None if step is None else pickled_file(value, stored, namespace)
        if step is not None and file is not None:
            step.files[name] = file

    def files(self, namespace: dict[str, Any]) -> dict[str, PickledFile]:
        """Return the variables that *namespace* has from pickles that are files."""
        step = self._step(namespace)
        return {} if step is None else step.files

    def not_loaded(self, loaded: Loaded, revision: int | str | None) -> list[Unsaved]:
        """Return what is told of the variables of a commit that are not among the values."""
        reasons = {name: str(lost.error) for name, lost in loaded.lost.items()}
        reasons.update(loaded.unmade)
        if not reasons:
            return []
        answers = self.handle.variables(self.number, revision_text(revision))
        types = {answer["name"]: answer["value"]["type"] for answer in answers}
        return [
            Unsaved(name, types.get(name, ""), " ".join(reason.split()))
            for name, reason in sorted(reasons.items())
        ]

    def held(self, namespace: dict[str, Any]) -> dict[str, Loading]:
        """Return the variables that *namespace* could not load, as they are stored.

        One that is bound now is forgotten.
        """
        step = self._step(namespace)
        if step is None:
            return {}
        for name in [name for name in step.held if name in namespace]:
            del step.held[name]
        return step.held

    def _step(self, namespace: dict[str, Any]) -> Namespace | _Followed | None:
        if isinstance(namespace, Namespace) and namespace.session == self._identity:
            return namespace
        return self._followed.get(id(namespace))

    @property
    def _identity(self) -> tuple[str, int]:
        return self.handle.path, self.number
