"""Makes the pickles whose differences Tests/PodTextTests compares.

    python Tests/golden/pairs.py [NAME…]

`PAIRS` maps names to a value and what became of it: Tests/PodTextTests/Pairs/NAME.before and
NAME.after. The differences, NAME.txt, are written by podfs where PODFS_UPDATE_GOLDEN is set when
the tests run, and read by a person before they are committed.
"""

from __future__ import annotations

import collections
import copy
import datetime
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd

FOLDER = Path(__file__).parent.parent / "PodTextTests" / "Pairs"


def _items() -> tuple[Any, Any]:
    before: list[Any] = list(range(3000))
    after = copy.copy(before)
    after.insert(10, "new")
    del after[1500]
    after[2000] = [1, 2]
    return before, after


def _records() -> tuple[Any, Any]:
    before: list[dict[str, Any]] = [
        {"id": number, "name": f"n{number}", "tags": ["a", "b"]} for number in range(200)
    ]
    after = copy.deepcopy(before)
    after[20]["name"] = "other"
    after[30]["tags"].append("c")
    del after[40:43]
    after[50]["id"] = -1
    after.append({"id": 200})
    return before, after


def _cycle() -> tuple[Any, Any]:
    def ring(names: list[str]) -> Any:
        nodes: list[dict[str, Any]] = [{"name": name} for name in names]
        for node, follower in zip(nodes, nodes[1:] + nodes[:1]):
            node["next"], follower["last"] = follower, node
        return nodes[0]

    return ring(list("abcdef")), ring(list("abcxef"))


def _shared() -> tuple[Any, Any]:
    part: list[Any] = [1, 2]
    return {"a": part, "b": part, "c": [part]}, {"a": part, "b": [1, 2], "c": [part]}


def _deep() -> tuple[Any, Any]:
    def nest(inner: Any) -> Any:
        for _ in range(100):
            inner = [inner]
        return inner

    return nest(1), nest(2)


def _text() -> tuple[Any, Any]:
    lines = [f"line {number}" for number in range(100)]
    other = [*lines[:10], "put in", *lines[10:50], "fifty", *lines[51:]]
    return "\n".join(lines), "\n".join(other)


class Point:
    """Something with attributes."""

    def __init__(self, **attributes: object) -> None:
        self.__dict__.update(attributes)


def _objects() -> tuple[Any, Any]:
    return (
        [Point(x=1, y=[2]), Point(gone=1, same=2)],
        [Point(x=1.5, y=[2, 3]), Point(same=2, new=None)],
    )


def _array(change: Callable[[Any], Any]) -> tuple[Any, Any]:
    before = np.arange(6000.0).reshape(50, 40, 3)
    return before, change(before.copy())


def _cells(array: Any) -> Any:
    array[3, 7:9, 1] = -1
    array[20, 0, 2] = np.nan
    return array


def _masked() -> tuple[Any, Any]:
    data = np.arange(6)
    before: Any = np.ma.masked_array(data, mask=[0, 1, 0, 0, 1, 1])
    after: Any = np.ma.masked_array([9, 9, 2, 3, 4, 9], mask=[0, 1, 1, 0, 0, 1])
    return before, after


def _frame() -> Any:
    return pd.DataFrame(
        {
            "price": np.arange(50) / 4,
            "name": [f"n{number}" for number in range(50)],
            "day": pd.date_range("2020-01-01", periods=50),
            "kind": pd.Categorical(["a", "b"] * 25),
        },
        index=[f"row {number}" for number in range(50)],
    )


def _frames(change: Callable[[Any], Any]) -> tuple[Any, Any]:
    before = _frame()
    return before, change(before.copy())


def _frame_cells(frame: Any) -> Any:
    frame.loc["row 7", "price"] = -1.0
    frame.loc["row 8", "name"] = "it's, other"
    frame.loc["row 9", "kind"] = None
    return frame


def _frame_columns(frame: Any) -> Any:
    frame = frame.rename(columns={"price": "cost"}).drop(columns=["day"])
    frame["new"] = 1
    return frame.assign(name=frame["name"].astype("category"))


def _frame_rows(frame: Any) -> Any:
    frame = frame.drop(index=["row 3", "row 4"])
    frame.loc["late"] = [0.5, "l", pd.Timestamp("2021-01-01"), "a"]
    frame.loc["row 40", "price"] = 1e9
    return frame


def _frame_default_index() -> tuple[Any, Any]:
    before = _frame().reset_index(drop=True)
    part = before.iloc[:1].assign(name="put in")
    after = pd.concat([before.iloc[:20], part, before.iloc[20:]], ignore_index=True)
    after.loc[30, "price"] = 0.0
    return before, after


def _classes() -> tuple[Any, Any]:
    def made(limit: int, names: tuple[str, ...]) -> Any:
        methods: dict[str, Any] = {"__module__": "__main__", "limit": limit}
        methods |= {name: (lambda self, number=limit: number) for name in names}
        kind = type("Kept", (), methods)
        return [kind(), kind()]

    return made(1, ("call",)), made(2, ("call", "more"))


PAIRS: dict[str, Callable[[], tuple[Any, Any]]] = {
    "items": _items,
    "records": _records,
    "cycle": _cycle,
    "shared": _shared,
    "deep": _deep,
    "text": _text,
    "objects": _objects,
    "same": lambda: ({1: [2]}, {1: [2]}),
    "keys": lambda: (
        {"a": 1, (1, 2): "t", 3: {"x": 1}, "gone": 0},
        {"a": 2, (1, 2): "u", 3: {"x": 1, "y": [1]}, "new": b"x"},
    ),
    "order": lambda: ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "sets": lambda: ({1, "two", (3, 4)}, {1, (3, 5), "two", "more"}),
    "empty set": lambda: (set(), {1}),
    "types": lambda: ([1, True, "1", None, [1], (1,)], [1.0, 1, b"1", 0, (1,), [1]]),
    "long strings": lambda: ("ä" * 500 + "x" + "ö" * 500, "ä" * 500 + "y" + "ö" * 500),
    "bytes": lambda: (bytes(range(256)) * 9, bytes(range(256)) * 8 + b"!" * 256),
    "numbers": lambda: ([0.0, float("nan"), 10**30], [-0.0, float("nan"), 10**30 + 1]),
    "array cells": lambda: _array(_cells),
    "array rows": lambda: _array(lambda array: np.delete(array, [3, 20], axis=0)),
    "array in Fortran order": lambda: (
        np.asfortranarray(np.arange(12).reshape(3, 4)),
        np.asfortranarray(np.array([[0, 1, 2, 3], [4, 5, -6, 7], [8, 9, 10, 11]])),
    ),
    "array view": lambda: (np.arange(20)[::2], np.array([*range(9), -1] * 2)[::2]),
    "array types": lambda: (np.arange(3), np.arange(3.0)),
    "array lengths": lambda: (np.arange(1000), np.insert(np.arange(1000), [10, 500], -1)),
    "array shapes": lambda: (np.arange(6).reshape(2, 3), np.arange(6).reshape(3, 2)),
    "array of none": lambda: (np.array(1.5), np.array(2.5)),
    "array masked": _masked,
    "array of fields": lambda: (
        np.array([(1, 2.0), (3, 4.0)], dtype=[("a", "i4"), ("b", "f8")]),
        np.array([(1, 2.0), (3, 5.0)], dtype=[("a", "i4"), ("b", "f8")]),
    ),
    "array of objects": lambda: (
        np.array([1, "a", [1]], dtype=object),
        np.array([1, "b", [1, 2]], dtype=object),
    ),
    "frame cells": lambda: _frames(_frame_cells),
    "frame columns": lambda: _frames(_frame_columns),
    "frame rows": lambda: _frames(_frame_rows),
    "frame sorted": lambda: _frames(lambda frame: frame.iloc[::-1]),
    "frame of default index": _frame_default_index,
    "frame of other type": lambda: _frames(
        lambda frame: frame.assign(price=frame["price"].astype("float32"))
    ),
    "frame of integers": lambda: (
        pd.DataFrame({"a": [1, 2, 3]}),
        pd.DataFrame({"a": [1.0, 2.5, 3.0]}),
    ),
    "frame of two levels": lambda: (
        pd.DataFrame({"v": [1, 2]}, index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
        pd.DataFrame({"v": [1, 3]}, index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
    ),
    "classes": _classes,
    "series": lambda: (
        pd.Series([1.5, 2.5], index=["a", "b"], name="s"),
        pd.Series([1.5, 3.5], index=["a", "b"], name="t"),
    ),
    "index": lambda: (pd.Index(["a", "b"]), pd.Index(["a", "c", "d"])),
    "standard": lambda: (
        [datetime.date(2020, 1, 1), collections.Counter("aab"), collections.deque([1, 2])],
        [datetime.date(2020, 1, 2), collections.Counter("abb"), collections.deque([1, 2, 3])],
    ),
}


def main(names: list[str]) -> None:
    """Writes the pickles of some pairs, or of all."""
    FOLDER.mkdir(exist_ok=True)
    for name in names or PAIRS:
        for value, side in zip(PAIRS[name](), ("before", "after")):
            (FOLDER / f"{name}.{side}").write_bytes(cloudpickle.dumps(value, 5))


if __name__ == "__main__":
    main(sys.argv[1:])
