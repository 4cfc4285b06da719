"""The examples of docs/text.md."""

from __future__ import annotations

import collections
import datetime
import decimal
import sys
import types
from collections.abc import Callable

import cloudpickle
from make import Pickled

_SCRIPT = '''
class Account:
    """Money of somebody."""

    def __init__(self, owner):
        self.owner = owner


def counter(start, /, step=1, *, name: str = "n"):
    """Counts on."""
    return lambda: start + step


account = Account("me")
count = counter(5)
'''


def _config() -> object:
    rates = [0.1, 0.01]
    return {
        "name": "it's",
        "rates": rates,
        "best": {"rates": rates, "when": datetime.date(2024, 2, 29)},
        "seen": {10, 9, "b", "a", None},
        "left": collections.deque([decimal.Decimal("1.50")], maxlen=3),
        "path": [["a", "b"], 10**20],
    }


def _text() -> object:
    return [
        "a short text\n",
        "A text of several lines that is longer than the line that it would stand on\n"
        "has a line for each of its own, so that a change is a change of one line.\n",
    ]


def _scripted(name: str) -> Callable[[], object]:
    def make() -> object:
        main = sys.modules["__main__"]
        module = sys.modules["__main__"] = types.ModuleType("__main__")
        try:
            code = compile(_SCRIPT, "/work/bank.py", "exec", dont_inherit=True)
            exec(code, module.__dict__)
            value = module.__dict__[name]
            return Pickled(value, cloudpickle.dumps(value))
        finally:
            sys.modules["__main__"] = main

    return make


CASES: dict[str, Callable[[], object]] = {
    "config": _config,
    "text": _text,
    "account": _scripted("account"),
    "counter": _scripted("counter"),
    "count": _scripted("count"),
}
