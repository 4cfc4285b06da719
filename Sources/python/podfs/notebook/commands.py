"""The commands of ``%podfs``: what each takes, does and shows."""

from __future__ import annotations

import argparse
import difflib
import shlex
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from ..errors import PodfsError
from .tables import Table, one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from .attachment import Attachment
    from .extension import Extension

__all__ = ["COMMANDS", "run_line"]


class _UsageError(PodfsError):
    """A line that is no command."""


class _Parser(argparse.ArgumentParser):
    """A parser that raises what is wrong, and does not end the process."""

    def error(self, message: str) -> NoReturn:
        raise _UsageError(f"{message}; '%podfs help {self.prog.split()[-1]}' says more")


class Command(NamedTuple):
    """One word after ``%podfs``."""

    name: str
    summary: str
    prepare: Callable[[_Parser], Any]
    run: Callable[[Extension, argparse.Namespace], Table | None]

    def parser(self) -> _Parser:
        """Return what reads the words after the name."""
        parser = _Parser(prog=f"%podfs {self.name}", description=self.summary, add_help=False)
        self.prepare(parser)
        return parser


def run_line(extension: Extension, line: str) -> None:
    """Do what *line*, the words after ``%podfs``, says."""
    with extension.telling(f"%podfs {line.split()[0] if line.split() else 'help'}"):
        shown = _run(extension, line)
        if shown is not None:
            _display(shown)


def _run(extension: Extension, line: str) -> Table | None:
    try:
        words = shlex.split(line, comments=True) or ["help"]
    except ValueError as error:
        raise _UsageError(f"{error}") from None
    command = COMMANDS.get(words[0])
    if command is None:
        near = difflib.get_close_matches(words[0], COMMANDS, 1)
        hint = f"did you mean '{near[0]}'?" if near else "'%podfs help' lists the commands"
        raise _UsageError(f"there is no such command; {hint}")
    return command.run(extension, command.parser().parse_args(words[1:]))


def _display(table: Table) -> None:
    from IPython.display import display

    display(table)


def _attached(extension: Extension) -> Attachment:
    if extension.attachment is None:
        raise PodfsError("no session is attached; '%podfs attach [NAME]' attaches one")
    return extension.attachment


def _log(extension: Extension, arguments: argparse.Namespace) -> Table:
    session = _attached(extension).session
    head = session.head()
    commits = session.log()
    shown = commits if arguments.count <= 0 else commits[: arguments.count]
    rows = [
        [
            "*" if commit.number == head else "",
            str(commit.number),
            f"{commit.time.astimezone():%Y-%m-%d %H:%M:%S}",
            one_line(commit.message),
        ]
        for commit in shown
    ]
    left_out = len(commits) - len(shown)
    note = f"{left_out} older commits; '%podfs log -n 0' shows all" if left_out else ""
    return Table(
        ["", "commit", "time", "cell"],
        rows,
        numbers=["commit"],
        note=note if commits else f"{session.name} has no commits yet",
    )


def _status(extension: Extension, _: argparse.Namespace) -> Table:
    attachment = _attached(extension)
    session = attachment.session
    rows = [
        ["session", session.name],
        ["store", session.store.path],
        ["HEAD", str(session.head() or "no commit yet")],
        ["variables", str(len(attachment.variables()))],
    ]
    return Table(["", ""], rows)


def _attach(extension: Extension, arguments: argparse.Namespace) -> None:
    extension.attach(arguments.name)


def _detach(extension: Extension, _: argparse.Namespace) -> None:
    name = _attached(extension).session.name
    extension.detach()
    extension.say(f"detached from {name}; what was committed stays")


def _help(_: Extension, arguments: argparse.Namespace) -> Table:
    if arguments.command is None:
        rows = [[f"%podfs {name}", command.summary] for name, command in COMMANDS.items()]
        return Table(["command", "what it does"], rows)
    command = COMMANDS.get(arguments.command)
    if command is None:
        raise _UsageError(f"there is no command '{arguments.command}'")
    return Table([], [], title=command.parser().format_help())


def _nothing(_: _Parser) -> None:
    pass


#: All commands by their names.
COMMANDS = {
    command.name: command
    for command in (
        Command(
            "log",
            "the commits, the newest first",
            lambda parser: parser.add_argument(
                "-n", dest="count", type=int, default=20, metavar="COUNT", help="0 for all"
            ),
            _log,
        ),
        Command("status", "what is attached", _nothing, _status),
        Command(
            "attach",
            "attach to a session, and bring its variables back",
            lambda parser: parser.add_argument("name", nargs="?", metavar="SESSION"),
            _attach,
        ),
        Command("detach", "commit no more cells", _nothing, _detach),
        Command(
            "help",
            "the commands, or one of them",
            lambda parser: parser.add_argument("command", nargs="?", metavar="COMMAND"),
            _help,
        ),
    )
}
