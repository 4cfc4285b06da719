"""How the words after ``%podfs`` are read."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from ..errors import PodfsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .extension import Extension
    from .tables import Table

__all__ = ["Argument", "Command", "WrongWordsError", "revision", "split"]


class WrongWordsError(PodfsError):
    """Words that mean no command."""


class _Parser(argparse.ArgumentParser):
    """A parser that raises what is wrong, and does not end the process."""

    def error(self, message: str) -> NoReturn:
        raise WrongWordsError(f"{message}; '%podfs help {self.prog.split()[-1]}' says more")


class Argument:
    """A word or an option of a command, as argparse takes it; *kind* is what it is completed to."""

    def __init__(self, *flags: str, kind: str = "", **options: Any) -> None:
        self.flags = flags
        self.kind = kind
        self.options = options

    @property
    def usage(self) -> str:
        """How it is written, in brackets if it can be left out."""
        is_flag = self.flags[0].startswith("-")
        value = self.options.get("metavar", "")
        count = self.options.get("nargs")
        if count == "*":
            value = f"[{value} ...]"
        text = f"{self.flags[0]} {value}".rstrip() if is_flag else value
        return f"[{text}]" if is_flag or count == "?" else text


def revision(**options: Any) -> Argument:
    """Return the argument that names a commit; *options* say whether it can be left out."""
    what = "a number, HEAD~2, a branch, a tag, the beginning of a digest, a time"
    return Argument("revision", metavar="REVISION", kind="revision", help=what, **options)


class Command(NamedTuple):
    """A word after ``%podfs``: what it does, the words that follow it, and what runs it."""

    name: str
    summary: str
    run: Callable[[Extension, argparse.Namespace], Table | None]
    arguments: tuple[Argument, ...] = ()

    def parse(self, words: list[str]) -> argparse.Namespace:
        """Return what *words* mean."""
        return self._parser().parse_args(words)

    def help(self) -> str:
        """Return what there is to know of the command."""
        return self._parser().format_help().removeprefix("usage: ").rstrip()

    def _usages(self) -> list[str]:
        words = [argument.usage for argument in self.arguments if argument.flags[0][0] != "-"]
        options = [argument.usage for argument in self.arguments if argument.flags[0][0] == "-"]
        return words + options

    def _parser(self) -> _Parser:
        parser = _Parser(
            prog=f"%podfs {self.name}",
            # Words before options: an option that takes several would take them, too.
            usage=" ".join([f"%podfs {self.name}", *self._usages()]).replace("%", "%%"),
            description=self.summary,
            add_help=False,
            allow_abbrev=False,
            formatter_class=lambda prog: argparse.HelpFormatter(prog, width=78),
        )
        for argument in self.arguments:
            parser.add_argument(*argument.flags, **argument.options)
        return parser


def split(line: str) -> list[str]:
    """Return the words of *line*, as a shell reads them."""
    try:
        return shlex.split(line, comments=True)
    except ValueError as error:
        raise WrongWordsError(f"{error}".lower()) from None
