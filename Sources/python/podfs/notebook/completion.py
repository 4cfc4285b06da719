"""What can follow the words after ``%podfs``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .commands import COMMANDS
from .settings import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .attachment import Attachment

__all__ = ["completions"]

#: So many of the newest commits are proposed by their numbers.
_COMMITS = 20


def completions(attachment: Attachment | None, line: str) -> list[str]:
    """Return what can take the place of the last word of *line*, or follow it."""
    words = line.split()
    if line[-1:].isspace():
        words.append("")
    if len(words) < 2:
        return []
    if len(words) == 2:
        return _beginning(words[-1], COMMANDS)
    command = COMMANDS.get(words[1])
    if command is None:
        return []
    if words[-1].startswith("-"):
        flags = [flag for argument in command.arguments for flag in argument.flags]
        return _beginning(words[-1], [flag for flag in flags if flag.startswith("--")])
    kinds = [
        kind
        for argument in command.arguments
        if not argument.flags[0].startswith("-")
        for kind in argument.kind.split() or [""]
    ]
    place = sum(1 for word in words[2:-1] if not word.startswith("-"))
    if place < len(kinds):
        kind = kinds[place]
    else:
        is_many = any(argument.options.get("nargs") == "*" for argument in command.arguments)
        kind = kinds[-1] if kinds and is_many else ""
    return _beginning(words[-1], _proposals(kind, attachment))


def _beginning(start: str, proposals: Iterable[str]) -> list[str]:
    return [proposal for proposal in proposals if proposal.startswith(start)]


def _proposals(kind: str, attachment: Attachment | None) -> list[str]:
    if kind == "command":
        return list(COMMANDS)
    if kind == "option":
        return list(OPTIONS)
    if attachment is None:
        return []
    session: Any = attachment.session
    if kind == "session":
        return list(session.store.sessions())
    if kind == "branch":
        return sorted(session.branches())
    if kind == "tag":
        return sorted(session.tags())
    if kind == "variable":
        return sorted({*session.variables(), *map(str, attachment.variables())})
    if kind == "revision":
        numbers = [f"{commit.number}" for commit in session.log(_COMMITS)]
        return ["HEAD", "HEAD~1", *sorted({*session.branches(), *session.tags()}), *numbers]
    return []
