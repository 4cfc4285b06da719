"""Where a session is, and which namespaces are in step with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .namespace import Namespace

if TYPE_CHECKING:
    from ._bridge import StoreHandle

__all__ = ["Place"]


class Place:
    """The store and the number of a session, which is what its parts know it by."""

    def __init__(self, handle: StoreHandle, name: str, number: int) -> None:
        self.handle = handle
        self.name = name
        self.number = number

    def step_of(self, namespace: dict[str, Any]) -> tuple[int | None, dict[str, int]]:
        """Return what *namespace* was last in step with: a commit, and changes since."""
        if isinstance(namespace, Namespace) and namespace.session == self._identity:
            return namespace.base, namespace.changes
        return None, {}

    def note_step(
        self, namespace: dict[str, Any], head: int | None, changes: dict[str, int] | None = None
    ) -> None:
        """Note that *namespace* knows of commit *head* of the session, and of *changes* since."""
        if isinstance(namespace, Namespace):
            namespace.session = self._identity
            namespace.base = int(head or 0)
            namespace.changes = changes or {}

    @property
    def _identity(self) -> tuple[str, int]:
        return self.handle.path, self.number
