"""Why a variable has its value: the cells that lead to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .place import Place

__all__ = ["Step", "steps_to"]

#: Why it is not known what a cell made its values from.
_NOTES = {
    "noCell": "no code is known",
    "historyRemoved": "what it read was removed with the commits before it",
    "readElsewhere": "it read what others had changed meanwhile",
    "notUnderstood": "what it reads is not known",
    "readsEverything": "it may have read more",
}


class Step(NamedTuple):
    """A commit whose cell made values that are asked for, or that led to them.

    *makes* has the names of these values. *takes* has what the code read, and what is stored
    together with that, with the commits that introduced these values: None for what could not be
    stored. *note* says why *takes* may not be all there is, if so.
    """

    commit: int
    makes: tuple[str, ...]
    takes: dict[str, int | None]
    code: str | None
    error: str | None
    note: str | None
    #: The commit whose variables the cell began with.
    parent: int | None
    #: What the commit has otherwise than that one.
    changed: frozenset[str]
    #: What the code read as it was before others changed it.
    elsewhere: tuple[str, ...]

    @property
    def obstacle(self) -> str | None:
        """Why the cell cannot be run once more, if so."""
        if self.code is None:
            return f"no code is known of commit {self.commit}"
        if self.elsewhere:
            read = ", ".join(self.elsewhere)
            return f"the cell of commit {self.commit} read {read} as no commit has it"
        if self.note == _NOTES["historyRemoved"]:
            return f"the commits before commit {self.commit} were removed"
        return None

    @classmethod
    def from_answer(cls, answer: dict[str, Any]) -> Step:
        """Return what the library told of a step."""
        return cls(
            commit=answer["commit"],
            makes=tuple(answer["gives"]),
            takes=dict(answer["takes"]),
            code=answer["source"],
            error=answer["error"],
            note=_NOTES.get(answer["end"]),
            parent=answer["parent"],
            changed=frozenset(answer["changed"]),
            elsewhere=tuple(answer["elsewhere"]),
        )


def steps_to(
    names: Iterable[str], place: Place, revision: str | None, *, follow: bool = True
) -> list[Step]:
    """Return the cells that lead to *names*, the oldest first.

    Without *follow*, it is not asked how stored values came about that the cells read.
    """
    lineage = place.handle.lineage(place.number, revision, names, follow=follow)
    return [Step.from_answer(answer) for answer in lineage["steps"]]
