"""Pickles that make a file when they are unpickled, each by another way of hiding how."""

from __future__ import annotations

import marshal
import os
import pickle
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle

__all__ = ["Runs", "every_kind"]


class Runs:
    """A value that runs a program when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (_command(self.marker),)


class RunsLater:
    """A value whose state is given by a function that runs a program."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        return dict, (), {"state": None}, None, None, _Setter(self.marker)


class _Setter:
    """Stands for a function of code that is hidden in bytes."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        scope: dict[str, Any] = {}
        command = _command(self.marker)
        exec(f"def setter(*_): __import__('os').system({command!r})", scope)
        return types.FunctionType, (_Loaded(scope["setter"].__code__), {})

    def __call__(self, *arguments: object) -> None:
        raise NotImplementedError


class _Loaded:
    """Stands for a code object that marshal makes."""

    def __init__(self, code: types.CodeType) -> None:
        self.code = code

    def __reduce__(self) -> Any:
        return marshal.loads, (marshal.dumps(self.code),)


def _command(marker: Path) -> str:
    return f"touch '{marker}'"


def _text(text: str) -> bytes:
    encoded = text.encode()
    return b"X" + len(encoded).to_bytes(4, "little") + encoded


def _global(module: str, name: str) -> bytes:
    return _text(module) + _text(name) + b"\x93"


def _called(function: bytes, *arguments: bytes) -> bytes:
    return function + b"(" + b"".join(arguments) + b"tR"


def every_kind(marker: Path) -> dict[str, tuple[bytes, str]]:
    """Return pickles by a name, each with what must be warned of.

    All of them make the file *marker* when they are loaded, even those that fail afterwards.
    """
    command = _command(marker)
    text = _text(command)
    line = command.encode().replace(b"'", b"\\'")

    def protocol(body: bytes) -> bytes:
        return b"\x80\x04" + body + b"."

    def by_value() -> int:
        return os.system(command)

    by_value.__module__ = "__main__"
    stored = cloudpickle.dumps(by_value)[2:-1].split(b"\x95", 1)[1][8:]
    plain = pickle.dumps([1, 2, {"a": 3}])
    inner = pickle.dumps(Runs(marker))
    system = _called(_global("posix", "system"), text)
    return {
        "reduced": (pickle.dumps({"in": [Runs(marker)]}), "posix.system"),
        "old": (b"cposix\nsystem\n(S'" + line + b"'\ntR.", "posix.system"),
        "python2": (pickle.dumps(Runs(marker), protocol=2), "posix.system"),
        "instance": (b"(S'" + line + b"'\nios\nsystem\n.", "os.system"),
        "object": (b"(cos\nsystem\nS'" + line + b"'\no.", "os.system"),
        "escaped": (protocol(b"S'\\x6fs'\nV\\u0073ystem\n\x93(" + text + b"tR"), "os.system"),
        "dotted": (protocol(_called(_global("logging", "os.system"), text)), "logging.os.system"),
        "attribute": (
            protocol(
                _called(
                    _called(
                        _global("builtins", "getattr"), _global("logging", "os"), _text("system")
                    ),
                    text,
                )
            ),
            "logging.os.system",
        ),
        "getter": (
            protocol(
                _called(
                    _called(
                        _called(_global("operator", "attrgetter"), _text("system")),
                        _global("logging", "os"),
                    ),
                    text,
                )
            ),
            "logging.os.system",
        ),
        "method": (
            protocol(
                _called(
                    _called(_global("operator", "methodcaller"), _text("system"), text),
                    _called(_global("cloudpickle.cloudpickle", "subimport"), _text("os")),
                )
            ),
            "os.system",
        ),
        "imported": (
            protocol(
                _called(
                    _called(
                        _global("builtins", "getattr"),
                        _called(_global("builtins", "__import__"), _text("os")),
                        _text("system"),
                    ),
                    text,
                )
            ),
            "os.system",
        ),
        "computed": (
            protocol(
                _text("posix")
                + _called(
                    _called(_global("builtins", "getattr"), _text("sys"), _text("__add__")),
                    _text("tem"),
                )
                + b"\x93("
                + text
                + b"tR"
            ),
            "<a name that is computed>",
        ),
        "evaluated": (
            protocol(
                _called(_global("builtins", "eval"), _text(f"__import__('os').system({command!r})"))
            ),
            "builtins.eval",
        ),
        "partial": (
            protocol(
                _called(_called(_global("functools", "partial"), _global("os", "system"), text))
            ),
            "os.system",
        ),
        "mapped": (
            protocol(
                _called(
                    _global("builtins", "list"),
                    _called(_global("builtins", "map"), _global("os", "system"), text + b"\x85"),
                )
            ),
            "os.system",
        ),
        "dropped": (protocol(system + b"0" + _text("harmless")), "posix.system"),
        "memoized": (
            protocol(_global("posix", "system") + b"\x940]h\x00(" + text + b"tR0"),
            "posix.system",
        ),
        "broken": (b"\x80\x04" + system + b"\xff", "posix.system"),
        "second": (plain + protocol(system), "posix.system"),
        "nested": (
            protocol(_called(_global("pickle", "loads"), b"C" + bytes([len(inner)]) + inner)),
            "pickle.loads",
        ),
        "setter": (cloudpickle.dumps(RunsLater(marker)), "marshal.loads"),
        "stored": (b"\x80\x05" + stored + b")R.", "<the function by_value that is stored in it>"),
        "changed": (
            protocol(
                _global("json", "loads")
                + b"N}"
                + _text("x")
                + _global("os", "system")
                + b"s\x86b0"
                + system
            ),
            "<a change of json.loads>",
        ),
    }
