"""The namespace of a shell, kept in step with a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._bridge import Loading

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..namespace import Namespace
    from ..revision import Cell, Revision
    from ..session import Session
    from .naming import Claim

__all__ = ["Attachment"]


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
        self._is_hidden = is_hidden
        #: The variables, in a namespace that the session knows.
        self._mirror: Namespace = session.namespace()
        #: The commit that the session was at: what to go on with after a restart.
        self.found = session.head()

    def variables(self) -> dict[str, Any]:
        """Return the variables of the namespace."""
        return {name: value for name, value in self.namespace.items() if not self._is_hidden(name)}

    def save(self, cell: Cell | None = None, message: str | None = None) -> Revision:
        """Commit the namespace."""
        self._mirror.clear()
        self._mirror.update(self.variables())
        revision = self.session.save(self._mirror, message, cell)
        for name in revision.adopted:
            if name in self._mirror:
                self.namespace[name] = self._mirror[name]
            else:
                self.namespace.pop(name, None)
        return revision

    def is_behind(self) -> bool:
        """Tell whether the session has what the namespace has not: what others wrote."""
        place = self.session._place
        with Loading(place.handle, place.number, None, None) as loading:
            return (loading.head or 0, loading.changes) != place.step_of(self._mirror)

    def close(self) -> None:
        """Leave the session to others."""
        self.claim.release()
