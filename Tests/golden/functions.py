"""Functions, classes and enumerations that cloudpickle stores by value, and what is made of them.

The code of a function looks different in each version of Python: run this with those from 3.9 on.
Each makes the cases with its own number in the name.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable

import cloudpickle
from make import Pickled

_SOURCE = '''
import abc
import collections
import dataclasses
import enum
import functools
import math
import typing

LIMIT = [3]


def plain(a, b=1, *, c: int = 2) -> str:
    """Adds.

    And more.
    """
    return a + b + c


def everything(p, /, q, *args, key=("x", None), mutable=[1], **rest):
    try:
        return [math.sin(p + LIMIT[0] + item) for item in args]
    except ValueError:
        return lambda x: x + q


def outer(n):
    total = [n]

    def inner(step):
        nonlocal n
        n += step
        total.append(n)
        return total

    inner.label = "counts"
    return inner


def generator():
    yield 1


async def coroutine(x):
    return x


def recursive(n):
    return n and recursive(n - 1)


class Point(typing.NamedTuple):
    x: int
    y: int = 0


@dataclasses.dataclass
class Account:
    """An account."""

    owner: str
    balance: float = 0.0
    history: list = dataclasses.field(default_factory=list)

    def deposit(self, amount):
        self.balance += amount


class Color(enum.Enum):
    RED = 1
    GREEN = "g"
    BLUE = (0, 0, 255)

    def shout(self):
        return self.name + "!"


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Base(abc.ABC):
    count = 0

    @abc.abstractmethod
    def run(self): ...


class Derived(Base):
    __slots__ = ("a", "b")
    names: typing.ClassVar[list] = ["x"]

    def run(self):
        return super().run()

    @property
    def size(self):
        return 1

    @size.setter
    def size(self, value):
        pass

    @staticmethod
    def make():
        return Derived()

    @classmethod
    def other(cls):
        return cls


class State:
    def __getstate__(self):
        return ("any", {"form": 1})

    def __setstate__(self, state):
        self.state = state


class Rows(list):
    pass


class Table(dict):
    pass


def derived():
    made = Derived()
    made.a = [1]
    made.c = "dict"
    return made


def rows():
    made = Rows([1, [2]])
    made.title = "t"
    return made


def table():
    made = Table(a=1)
    made.title = "t"
    return made


def cached():
    account = Account("me", 2.5, [1])
    return [account, account.deposit, Account("you")]
'''


def _namespace() -> dict[str, object]:
    """What the source defines, as if a script had run it."""
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    exec(compile(_SOURCE, "/work/script.py", "exec", dont_inherit=True), module.__dict__)
    return module.__dict__


def _case(make: Callable[[dict[str, object]], object]) -> Callable[[], object]:
    def case() -> object:
        main = sys.modules["__main__"]
        try:
            value = make(_namespace())
            return Pickled(value, cloudpickle.dumps(value))
        finally:
            sys.modules["__main__"] = main

    return case


def _call(name: str, *arguments: object) -> Callable[[], object]:
    def make(namespace: dict[str, object]) -> object:
        function = namespace[name]
        assert callable(function)
        return function(*arguments)

    return _case(make)


def _name(name: str) -> Callable[[], object]:
    return _case(lambda namespace: namespace[name])


_EVERYWHERE: dict[str, Callable[[], object]] = {
    name: _name(name)
    for name in ("plain", "everything", "generator", "coroutine", "recursive", "Derived", "Color")
} | {"closure": _call("outer", 5)}

_ONCE: dict[str, Callable[[], object]] = {
    "Point": _name("Point"),
    "Account": _name("Account"),
    "point": _call("Point", 1, 2),
    "account": _call("cached"),
    "color": _case(lambda names: [*names["Color"], names["Color"].RED]),  # type: ignore[attr-defined,misc]
    "access": _case(lambda names: [*names["Access"], names["Access"](3)]),  # type: ignore[misc,operator]
    "derived": _call("derived"),
    "state": _call("State"),
    "rows": _call("rows"),
    "table": _call("table"),
    "lambda": _case(lambda names: eval("lambda x, *y: (x, y)", names)),
}

_VERSION = f"{sys.version_info.major}{sys.version_info.minor}"
_IS_MAIN = sys.version_info[:2] == (3, 11)

CASES: dict[str, Callable[[], object]] = {
    f"{name}-{_VERSION}": make for name, make in _EVERYWHERE.items()
} | (_ONCE if _IS_MAIN else {})
