"""What a save and the history of a session are told in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .cells import Reads
    from .trial import Trial

__all__ = [
    "Cell",
    "Checkout",
    "Commit",
    "Difference",
    "Revision",
    "Status",
    "Unsaved",
    "Value",
    "Version",
    "revision_text",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Unsaved(NamedTuple):
    """A variable that a commit could not keep: its name, the type of its value, and why."""

    name: str
    type: str
    reason: str


class Cell(NamedTuple):
    """The code whose run made a commit, and what came of it.

    *reads* is what :func:`podfs.cells.reads_of` says of the code before it runs. Without it, that
    is found out when the commit is made.
    """

    source: str
    execution_count: int | None = None
    duration: float | None = None
    stdout: str = ""
    error: str | None = None
    reads: Reads | None = None


@dataclass(frozen=True)
class Commit:
    """An entry of a session's history; *cell* is the code that made it, if that is known."""

    number: int
    time: datetime
    message: str
    digest: str
    parents: tuple[int, ...]
    cell: Cell | None = None

    @classmethod
    def from_answer(cls, answer: dict[str, Any]) -> Commit:
        """Return the commit that the library told of."""
        cell = answer["cell"]
        return cls(
            number=answer["number"],
            time=_time(answer["time"]),
            message=answer["message"],
            digest=answer["digest"],
            parents=tuple(answer["parents"]),
            cell=cell
            and Cell(
                *(cell["source"], cell["count"], cell["duration"], cell["output"], cell["error"])
            ),
        )


@dataclass(frozen=True)
class Value:
    """What is told of a value without reading it.

    *shape* has the lengths of what has dimensions, *size* is that of the file that shows it.
    """

    type: str
    shape: tuple[int, ...] | None
    dtype: str | None
    size: int
    #: Equal for equal contents.
    content: str = field(default="", repr=False)

    @classmethod
    def from_answer(cls, answer: dict[str, Any]) -> Value:
        """Return the value that the library told of."""
        value = answer["value"]
        shape = value["shape"]
        lengths = None if shape is None else tuple(shape)
        content = answer.get("content", "")
        return cls(value["type"], lengths, value["dtype"], value["size"], content)


@dataclass(frozen=True)
class Version:
    """One value of a variable, and the commit that introduced it."""

    commit: int
    time: datetime
    message: str
    value: Value

    @classmethod
    def from_answer(cls, answer: dict[str, Any]) -> Version:
        """Return the version that the library told of."""
        time, value = _time(answer["time"]), Value.from_answer(answer)
        return cls(answer["commit"], time, answer["message"], value)


@dataclass(frozen=True)
class Difference:
    """What a namespace, a commit or a workspace has otherwise than another one."""

    added: dict[str, Value]
    removed: dict[str, Value]
    changed: dict[str, tuple[Value, Value]]

    @classmethod
    def between(cls, one: dict[str, Value], other: dict[str, Value]) -> Difference:
        """Return what became of the variables *one* on the way to *other*."""
        return cls(
            {name: value for name, value in other.items() if name not in one},
            {name: value for name, value in one.items() if name not in other},
            {
                name: (value, other[name])
                for name, value in one.items()
                if name in other and other[name].content != value.content
            },
        )

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True)
class Status:
    """Where a session is.

    *changes* is what its workspace has otherwise than the commit *head*, which *branch* names.
    """

    head: int | None
    branch: str | None
    changes: Difference


def _time(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def revision_text(revision: int | str | None) -> str | None:
    """Return *revision* as the library reads it; a number may be of any kind of int."""
    return str(int(revision)) if isinstance(revision, int) else revision


class Revision(int):
    """The number of a commit, with what became of the variables in it.

    *changed* has the names of those that the commit has otherwise than its parent, removed ones
    included; *unsaved* those that were left out, and why; *adopted* those that somebody else
    changed in the session's workspace meanwhile, and that the namespace now has from there, except
    for those in *not_loaded*: these cannot be loaded, and stay as they are stored in later commits
    until the namespace binds their names.
    """

    changed: tuple[str, ...]
    adopted: tuple[str, ...]
    not_loaded: tuple[Unsaved, ...]
    _left_out: tuple[Unsaved, ...]
    _trial: Trial | None

    def __new__(
        cls,
        number: int,
        changed: Iterable[str] = (),
        unsaved: Iterable[Unsaved] = (),
        adopted: Iterable[str] = (),
        not_loaded: Iterable[Unsaved] = (),
        trial: Trial | None = None,
    ) -> Revision:
        """Return *number* with these attributes."""
        self = super().__new__(cls, number)
        self.changed = tuple(changed)
        self._left_out = tuple(unsaved)
        self._trial = trial
        self.adopted = tuple(adopted)
        self.not_loaded = tuple(not_loaded)
        return self

    @property
    def unsaved(self) -> tuple[Unsaved, ...]:
        """The variables that the commit could not keep, and why.

        If a trial load of the commit goes on, this waits for it.
        """
        return self.told(wait=True)

    def told(self, *, wait: bool) -> tuple[Unsaved, ...]:
        """Return what could not be kept, as far as that is known without *wait*."""
        failed = [] if self._trial is None else self._trial.failures(wait=wait)
        return *self._left_out, *failed

    def __str__(self) -> str:
        return int.__repr__(self)

    def __repr__(self) -> str:
        parts = [str(self)]
        parts += [f"changed: {', '.join(self.changed)}"] if self.changed else []
        parts += [f"adopted: {', '.join(self.adopted)}"] if self.adopted else []
        parts += [f"not saved: {name} ({reason})" for name, _, reason in self.told(wait=False)]
        parts += [f"not loaded: {name} ({reason})" for name, _, reason in self.not_loaded]
        return escaped(f"<commit {'; '.join(parts)}>")


class Checkout(int):
    """The number of the commit that was checked out, with what became of the namespace.

    *loaded* has the names that were bound anew, *removed* those that the commit does not have. All
    other variables are the objects that they were. *left* are variables of which no commit has a
    value, and which stay as they are; *missing* tells of what the commit could not keep.
    *recomputed* has those of *loaded* that were made again by running cells. *not_loaded* tells of
    what could be neither loaded nor made again, which stays as it is stored in later commits.
    """

    loaded: tuple[str, ...]
    removed: tuple[str, ...]
    left: tuple[str, ...]
    missing: tuple[Unsaved, ...]
    recomputed: tuple[str, ...]
    not_loaded: tuple[Unsaved, ...]

    def __new__(
        cls,
        number: int,
        loaded: Iterable[str] = (),
        removed: Iterable[str] = (),
        left: Iterable[str] = (),
        missing: Iterable[Unsaved] = (),
        recomputed: Iterable[str] = (),
        not_loaded: Iterable[Unsaved] = (),
    ) -> Checkout:
        """Return *number* with these attributes."""
        self = super().__new__(cls, number)
        self.loaded = tuple(loaded)
        self.removed = tuple(removed)
        self.left = tuple(left)
        self.missing = tuple(entry for entry in missing if entry.name not in self.left)
        self.recomputed = tuple(recomputed)
        self.not_loaded = tuple(not_loaded)
        return self

    def __str__(self) -> str:
        return int.__repr__(self)

    def __repr__(self) -> str:
        parts = [f"at commit {self}"]
        parts += [f"loaded: {', '.join(self.loaded)}"] if self.loaded else []
        parts += [f"made again: {', '.join(self.recomputed)}"] if self.recomputed else []
        parts += [f"removed: {', '.join(self.removed)}"] if self.removed else []
        parts += [f"left as it is: {', '.join(self.left)}"] if self.left else []
        parts += [f"not there: {name} ({reason})" for name, _, reason in self.missing]
        parts += [f"not loaded: {name} ({reason})" for name, _, reason in self.not_loaded]
        return escaped(f"<{'; '.join(parts)}>")
