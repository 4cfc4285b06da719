"""All commands of ``%podfs``."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from . import looking, travelling
from .parsing import Argument, Command, WrongWordsError, split
from .settings import OPTIONS
from .tables import Table

if TYPE_CHECKING:
    import argparse

    from .extension import Extension

__all__ = ["COMMANDS", "run_line"]


def run_line(extension: Extension, line: str) -> Table | None:
    """Do what *line*, the words after ``%podfs``, says; return what is to be shown."""
    words = split(line) or ["help"]
    command = COMMANDS.get("help" if words[0] in ("-h", "--help") else words[0])
    if command is None:
        near = difflib.get_close_matches(words[0], COMMANDS, 1)
        hint = f"did you mean '{near[0]}'?" if near else "'%podfs help' lists the commands"
        raise WrongWordsError(f"there is no such command; {hint}")
    if {"-h", "--help"} & set(words[1:]):
        return _text(command.help())
    return command.run(extension, command.parse(words[1:]))


def _config(extension: Extension, arguments: argparse.Namespace) -> Table:
    if arguments.words:
        extension.configure(arguments.option, arguments.words)
    wanted = [arguments.option] if arguments.option else list(OPTIONS)
    if wanted[0] not in OPTIONS:
        raise WrongWordsError(f"there is no option '{wanted[0]}'; '%podfs config' lists them")
    rows = [[option, extension.settings.shown(option), OPTIONS[option]] for option in wanted]
    return Table(["option", "value", "what it is"], rows)


def _help(_: Extension, arguments: argparse.Namespace) -> Table:
    if arguments.command is None:
        rows = [[f"%podfs {name}", command.summary] for name, command in COMMANDS.items()]
        note = "'%podfs help COMMAND' says more"
        return Table(["command", "what it does"], rows, note=note)
    command = COMMANDS.get(arguments.command)
    if command is None:
        raise WrongWordsError(f"there is no command '{arguments.command}'")
    return _text(command.help())


def _text(text: str) -> Table:
    return Table([], [], title=text)


_OTHERS = (
    Command(
        "config",
        "show the options, or set one",
        _config,
        (
            Argument("option", nargs="?", metavar="OPTION", kind="option"),
            Argument("words", nargs="*", metavar="VALUE"),
        ),
    ),
    Command(
        "help",
        "the commands, or one of them",
        _help,
        (Argument("command", nargs="?", metavar="COMMAND", kind="command"),),
    ),
)

#: All commands by their names.
COMMANDS = {
    command.name: command for command in (*looking.COMMANDS, *travelling.COMMANDS, *_OTHERS)
}
