"""The containers of builtins, `collections` and `array`."""

from __future__ import annotations

import array
import pickle
from collections import (
    ChainMap,
    Counter,
    OrderedDict,
    UserDict,
    UserList,
    UserString,
    defaultdict,
    deque,
)
from collections.abc import Callable

from make import Pickled


def _shared() -> object:
    inner = [1, 2, 3]
    cycle: dict[str, object] = {"inner": inner, "again": (inner, "text")}
    cycle["self"] = cycle
    cycle["deep"] = {"cycle": [cycle]}
    return cycle


def _protocol(number: int) -> Callable[[], object]:
    def make() -> object:
        value = [b"ab\xff", bytearray(b"x"), {3, 1, 2}, frozenset("ba"), "é\n", 10**30, True, 1.5]
        return Pickled(value, pickle.dumps(value, number))

    return make


CASES: dict[str, Callable[[], object]] = {
    "empty": lambda: [[], (), {}, set(), frozenset(), "", b"", bytearray(), deque(), Counter()],
    "nested": lambda: {"a": [1, [2, (3,)]], "b": {"c": {}, (1, 2): None}, 3.5: b"x", None: ...},
    "tuple": lambda: (1, "two", (3.0, [4])),
    "shared": _shared,
    "sets": lambda: [
        {10, 9, 2.5, -1, 10**20, True},
        {"b", "a", "B", "aa", 3, None},
        frozenset({(2, "x"), (1, "y"), frozenset({2, 1})}),
        set(range(30)),
    ],
    "deques": lambda: [deque([1, [2]]), deque("abc", maxlen=5), deque(maxlen=0)],
    "mappings": lambda: [
        defaultdict(list, a=[1]),
        defaultdict(None, {1: 2}),
        OrderedDict(b=1, a=2),
        Counter("abracadabra"),
        ChainMap({"a": 1}, {"b": 2}),
        UserDict(a=1),
        UserList([1, 2]),
        UserString("text"),
    ],
    "arrays": lambda: [
        array.array("i", [1, -2, 3]),
        array.array("d", [0.1, float("nan")]),
        array.array("B", b"\x00\xff"),
        array.array("Q", [2**64 - 1]),
        array.array("u", "aé"),
        array.array("f"),
    ],
    "buffers": lambda: [bytearray(b"abc"), b"a" * 100, bytearray(range(70))],
    "protocol0": _protocol(0),
    "protocol1": _protocol(1),
    "protocol2": _protocol(2),
    "protocol3": _protocol(3),
    "protocol4": _protocol(4),
}
