"""Values of every kind that a notebook holds, and what tells whether two are alike."""

from __future__ import annotations

import array
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import ipaddress
import operator
import pathlib
import random
import re
import sys
import uuid
import zoneinfo
from collections.abc import Callable
from typing import Any, NamedTuple

import networkx
import numpy as np
import pandas as pd
import scipy.sparse
import sklearn.datasets
import sklearn.ensemble
import sklearn.linear_model
import sklearn.pipeline
import sklearn.preprocessing


class Color(enum.Enum):
    RED = 1
    GREEN = "g"


class Flags(enum.Flag):
    A = 1
    B = 2


@dataclasses.dataclass
class Point:
    x: float
    y: list[int] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Frozen:
    names: frozenset[str]


class Pair(NamedTuple):
    left: Any
    right: Any


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a: Any) -> None:
        self.a = a


class ListWithName(list):  # type: ignore[type-arg]
    name = ""


class DictWithName(dict):  # type: ignore[type-arg]
    pass


class SetWithName(set):  # type: ignore[type-arg]
    pass


class Node:
    """Has a parent and children: a cycle through attributes."""

    def __init__(self, name: str, parent: Node | None = None) -> None:
        self.name = name
        self.parent = parent
        self.children: list[Node] = []
        if parent is not None:
            parent.children.append(self)


class ReducedWithSelf:
    """The arguments of its reduction hold a list that holds the object."""

    def __init__(self, box: list[Any]) -> None:
        self.box = box

    def __reduce__(self) -> tuple[Any, ...]:
        return ReducedWithSelf, (self.box,)


class NewArguments:
    def __new__(cls, *args: Any, **kwargs: Any) -> NewArguments:
        made = super().__new__(cls)
        made.args, made.kwargs = args, kwargs
        return made

    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return self.args, self.kwargs


def _set_state(target: SetterState, state: Any) -> None:
    target.state = state


class SetterState:
    """Gives its state by a function: the six-tuple of __reduce__."""

    state: Any = None

    def __reduce__(self) -> tuple[Any, ...]:
        return SetterState, (), self.state, None, None, _set_state


def recursive_tuple() -> Any:
    box: list[Any] = []
    value = (1, box)
    box.append(value)
    return value


def long_recursive_tuple() -> Any:
    box: list[Any] = []
    value = (1, 2, 3, 4, box)
    box.append(value)
    return value


def self_list() -> Any:
    value: list[Any] = [1]
    value.append(value)
    return value


def self_dict() -> Any:
    value: dict[str, Any] = {}
    value["me"] = value
    return value


def reduced_with_self() -> Any:
    box: list[Any] = []
    value = ReducedWithSelf(box)
    box.append(value)
    return value


def setter_cycle() -> Any:
    value = SetterState()
    value.state = [value, {"me": value}]
    return value


def tree() -> Any:
    root = Node("root")
    for index in range(10):
        Node(f"leaf {index}", Node(f"branch {index}", root))
    return root


def with_attribute(value: Any) -> Any:
    value.name = ["attribute"]
    return value


def frame() -> Any:
    generator = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "a": generator.normal(size=1000),
            "b": generator.integers(0, 9, 1000),
            "c": [f"row {i}" for i in range(1000)],
            "d": pd.Categorical(["x", "y"] * 500),
            "e": pd.date_range("2020-01-01", periods=1000, freq="h"),
        }
    )


def estimator(make: Callable[[], Any]) -> Any:
    data, target = sklearn.datasets.load_iris(return_X_y=True)
    return make().fit(data, target)


def nested() -> Any:
    value: list[Any] = []
    # CPython 3.12 pickles nothing deeper than 500, whatever the limit of recursion is.
    for _ in range(450 if sys.version_info[:2] == (3, 12) else 900):
        value = [value]
    return value


rows = [{"id": i, "name": f"name {i}", "x": i / 7, "tags": ["a", i % 5]} for i in range(5000)]
shared = [1, 2]

ZOO: dict[str, Callable[[], Any]] = {
    "none": lambda: None,
    "true": lambda: True,
    "int": lambda: 7,
    "ints": lambda: [0, 255, 256, 65535, 65536, -1, 2**31 - 1, 2**31, -(2**31), 2**63, -(2**200)],
    "huge int": lambda: 1 << 3000,
    "float": lambda: [0.1, -0.0, float("inf"), 1e300],
    "complex": lambda: 1 + 2j,
    "str": lambda: "grüße \ud800 \U0001f600",
    "long str": lambda: "x" * 300 + "y" * 100_000,
    "strings": lambda: [str(i) for i in range(3000)],
    "bytes": lambda: [b"", b"abc", b"x" * 300, bytes(range(256)) * 400],
    "bytearray": lambda: [bytearray(), bytearray(b"abc"), bytearray(70_000)],
    "empty": lambda: [(), [], {}, set(), frozenset(), "", b""],
    "list 1": lambda: [1],
    "list 999": lambda: list(range(999)),
    "list 1000": lambda: list(range(1000)),
    "list 1001": lambda: list(range(1001)),
    "list 2000": lambda: [str(i) for i in range(2000)],
    "dict 1": lambda: {"a": 1},
    "dict 1000": lambda: {i: i for i in range(1000)},
    "dict 1001": lambda: {i: i for i in range(1001)},
    "dict 2000": lambda: {str(i): [i] for i in range(2000)},
    "set": lambda: {1, "a", (2, 3), frozenset({4})},
    "set 1000": lambda: set(range(1000)),
    "set strings": lambda: {f"s{i}" for i in range(5000)},
    "frozenset": lambda: frozenset(["a", "b"]),
    "tuples": lambda: [(1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((),)],
    "shared": lambda: [shared, shared, (shared, {"k": shared})],
    "self list": self_list,
    "self dict": self_dict,
    "recursive tuple": recursive_tuple,
    "long recursive tuple": long_recursive_tuple,
    "parent cycle": tree,
    "reduce arguments that hold the object": reduced_with_self,
    "state setter": setter_cycle,
    "deque": lambda: collections.deque([1, [2], 3], maxlen=5),
    "deque 1001": lambda: collections.deque(range(1001)),
    "defaultdict": lambda: collections.defaultdict(list, {"a": [1]}),
    "OrderedDict": lambda: collections.OrderedDict((i, str(i)) for i in range(1001)),
    "Counter": lambda: collections.Counter("abracadabra"),
    "ChainMap": lambda: collections.ChainMap({"a": 1}, {"b": 2}),
    "namedtuple": lambda: Pair(1, [2]),
    "enum": lambda: [Color.RED, Color.GREEN, Flags.A | Flags.B],
    "dataclass": lambda: Point(1.5, [1]),
    "frozen dataclass": lambda: Frozen(frozenset({"a"})),
    "slots": lambda: Slotted([1]),
    "list subclass": lambda: with_attribute(ListWithName(range(5))),
    "dict subclass": lambda: with_attribute(DictWithName(a=1)),
    "set subclass": lambda: with_attribute(SetWithName({1, 2})),
    "new arguments": lambda: NewArguments(1, [2], key="x"),
    "range and slice": lambda: [range(5), slice(1, None, 2)],
    "datetimes": lambda: [
        datetime.datetime(2026, 11, 21, tzinfo=datetime.timezone.utc),
        datetime.date(2020, 2, 29),
        datetime.timedelta(days=1, microseconds=5),
        datetime.datetime(2026, 1, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")),
    ],
    "decimal": lambda: [decimal.Decimal("1.10"), fractions.Fraction(1, 3)],
    "uuid": lambda: uuid.UUID(int=5),
    "path": lambda: [pathlib.PurePosixPath("/a/b"), ipaddress.ip_address("::1")],
    "pattern": lambda: re.compile("a+", re.I),
    "array": lambda: array.array("d", [1, 2, 3]),
    "functions by reference": lambda: [len, operator.itemgetter(1), np.mean, dict.fromkeys],
    "random": lambda: random.Random(3),
    "numpy": lambda: [np.arange(10), np.zeros((3, 4), order="F"), np.float32(1.5)],
    "numpy large": lambda: np.random.default_rng(0).normal(size=200_000),
    "numpy structured": lambda: np.zeros(5, dtype=[("a", "<i4"), ("b", "S3")]),
    "numpy object": lambda: np.array([[1], "a", None], dtype=object),
    "numpy big-endian": lambda: np.arange(5, dtype=">i8"),
    "numpy datetime": lambda: np.array(["2020-01-01"], dtype="datetime64[D]"),
    "numpy shared": lambda: (lambda a: [a, a])(np.arange(5)),
    "numpy masked": lambda: np.ma.masked_array([1, 2], mask=[True, False]),
    "numpy generator": lambda: np.random.default_rng(5),
    "frame": frame,
    "series": lambda: pd.Series([1.5, None], name="s", index=["a", "b"]),
    "multi-index": lambda: pd.DataFrame(
        {"v": range(4)}, index=pd.MultiIndex.from_product([["a", "b"], [1, 2]])
    ),
    "nullable": lambda: pd.array([1, None, 3], dtype="Int64"),
    "timestamps": lambda: [pd.Timestamp("2020-01-01", tz="UTC"), pd.Timedelta("1h")],
    "networkx": lambda: networkx.karate_club_graph(),
    "sparse": lambda: scipy.sparse.random(50, 60, density=0.1, random_state=1, format="csr"),
    "forest": lambda: estimator(
        lambda: sklearn.ensemble.RandomForestClassifier(n_estimators=3, random_state=0)
    ),
    "pipeline": lambda: estimator(
        lambda: sklearn.pipeline.make_pipeline(
            sklearn.preprocessing.StandardScaler(), sklearn.linear_model.LogisticRegression()
        )
    ),
    "rows": lambda: rows,
    "nested": nested,
    "deep dict": lambda: {"a": {"b": {"c": [1, {"d": (2, 3)}]}}},
}
