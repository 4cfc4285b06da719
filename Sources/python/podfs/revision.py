"""What a save and the history of a session are told in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

__all__ = ["Cell", "Commit", "Revision", "Unsaved"]


class Unsaved(NamedTuple):
    """A variable that a commit could not keep: its name, the type of its value, and why."""

    name: str
    type: str
    reason: str


class Cell(NamedTuple):
    """The code whose run made a commit, and what came of it."""

    source: str
    execution_count: int | None = None
    duration: float | None = None
    stdout: str = ""
    error: str | None = None


@dataclass(frozen=True)
class Commit:
    """An entry of a session's history."""

    number: int
    time: datetime
    message: str
    digest: str
    parents: tuple[int, ...]


class Revision(int):
    """The number of a commit, with what became of the variables in it.

    *changed* has the names of those that the commit has otherwise than its parent, removed ones
    included; *unsaved* those that were left out, and why; *adopted* those that somebody else
    changed in the session's workspace meanwhile, and that the namespace now has from there.
    """

    changed: tuple[str, ...]
    unsaved: tuple[Unsaved, ...]
    adopted: tuple[str, ...]

    def __new__(
        cls,
        number: int,
        changed: Iterable[str] = (),
        unsaved: Iterable[Unsaved] = (),
        adopted: Iterable[str] = (),
    ) -> Revision:
        """Return *number* with these attributes."""
        self = super().__new__(cls, number)
        self.changed = tuple(changed)
        self.unsaved = tuple(unsaved)
        self.adopted = tuple(adopted)
        return self

    def __str__(self) -> str:
        return int.__repr__(self)

    def __repr__(self) -> str:
        parts = [str(self)]
        parts += [f"changed: {', '.join(self.changed)}"] if self.changed else []
        parts += [f"adopted: {', '.join(self.adopted)}"] if self.adopted else []
        parts += [f"not saved: {name} ({reason})" for name, _, reason in self.unsaved]
        return f"<commit {'; '.join(parts)}>"
