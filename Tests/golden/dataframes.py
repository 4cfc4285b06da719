"""Frames, series, indexes and arrays of pandas."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

_DAYS = pd.date_range("2020-01-30", periods=4)


def _frame() -> pd.DataFrame:
    return pd.DataFrame(
        {"a": [1, 2, 3], "b": [0.5, -1e20, 1e-7], "c": ["x", "y,z", 'q"r']},
        index=pd.Index(["r1", "r2", "r3"], name="key"),
    )


def _mixed() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "int": [1, 2, 3, 4],
            "float": [0.1, np.nan, np.inf, -0.0],
            "f4": np.array([0.1, 1, 2, 3], "f4"),
            "bool": [True, False, True, False],
            "object": pd.Series(["NaN", None, np.nan, ""], dtype=object),
            "things": pd.Series([[1, 2], {"a": 1}, 5, "5"], dtype=object),
            "category": pd.Categorical(["u", "v", None, "u"]),
            "day": _DAYS,
            "utc": _DAYS.tz_localize("UTC"),
            "berlin": _DAYS.tz_localize("Europe/Berlin"),
            "fixed": _DAYS.tz_localize(
                datetime.timezone(datetime.timedelta(hours=-3, minutes=-30))
            ),
            "span": pd.to_timedelta([0, 1, -1, None], unit="s"),
            "Int64": pd.array([1, None, 3, 4], dtype="Int64"),
            "UInt8": pd.array([1, None, 3, 4], dtype="UInt8"),
            "Float64": pd.array([1.5, None, 3, 4], dtype="Float64"),
            "boolean": pd.array([True, None, False, True], dtype="boolean"),
            "python": pd.array(["a", None, "", "<NA>"], dtype="string[python]"),
            "interval": pd.arrays.IntervalArray.from_breaks([0, 1, 2, 3, 4]),
            "sparse": pd.arrays.SparseArray([0, 0, 7, 0]),
            "blocks": pd.arrays.SparseArray([1.5, 1.5, np.nan, np.nan], kind="block"),
            "month": pd.period_range("2019-11", periods=4, freq="M"),
            "week": pd.period_range("2020-01-01", periods=4, freq="W-WED"),
            "hour": pd.period_range("2020-01-01", periods=4, freq="h"),
            "complex": np.array([1 + 2j, 0, 1j, 1e20]),
        }
    )


def _text_columns() -> pd.DataFrame:
    return pd.DataFrame(
        {"s": ["a", None, "", "NaN", "line\nline", "grüße, ja", "'q'", "5"]}, dtype="str"
    )


def _many_levels() -> pd.DataFrame:
    columns = pd.MultiIndex.from_product([["x", "y"], [1, 2]], names=["first", "second"])
    index = pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["key", None])
    return pd.DataFrame(np.arange(12.0).reshape(3, 4), index=index, columns=columns)


def _assigned() -> pd.DataFrame:
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4], "c": [1.5, 2.5], "d": [5, 6]})
    del frame["b"]
    frame.insert(1, "e", [7, 8])
    return frame


def _described() -> pd.DataFrame:
    frame = _frame()
    frame.attrs["source"] = "a file"
    frame.flags.allows_duplicate_labels = False
    return frame.rename_axis(columns="what")


def _duplicates() -> pd.DataFrame:
    return pd.DataFrame([[1, 2.5, "x"], [3, 4.5, "y"]], columns=["a", "a", 5])


CASES: dict[str, Callable[[], object]] = {
    "simple": _frame,
    "mixed": _mixed,
    "text": _text_columns,
    "many levels": _many_levels,
    "assigned": _assigned,
    "described": _described,
    "duplicates": _duplicates,
    "numbers": lambda: pd.DataFrame(np.arange(20.0).reshape(5, 4) / 7, columns=list("abcd")),
    "integers": lambda: pd.DataFrame({"a": [2**63 - 1, -(2**63)], "b": [2**31, 0]}),
    "transposed": lambda: pd.DataFrame(np.arange(6).reshape(2, 3)).T,
    "sliced": lambda: pd.DataFrame(np.arange(40).reshape(10, 4))[::-2],
    "empty": lambda: pd.DataFrame({"a": [], "b": []}),
    "no columns": lambda: pd.DataFrame(index=[1, 2]),
    "nothing": lambda: pd.DataFrame(),
    "long": lambda: pd.DataFrame({"i": np.arange(3000), "x": np.arange(3000) / 8}),
    "dates": lambda: pd.DataFrame({"v": [1, 2, 3, 4]}, index=pd.DatetimeIndex(_DAYS, freq="D")),
    "in a dict": lambda: {"frames": {"one": _frame(), "two": _assigned()}, "n": 1},
    "series": lambda: pd.Series([1.5, None, 3], name="v"),
    "series unnamed": lambda: pd.Series([1, 2], index=["a", "b"]),
    "series of text": lambda: pd.Series(["a", "b"], index=pd.RangeIndex(5, 7, name="n")),
    "index": lambda: pd.Index([3, 1, 2], name="k"),
    "index of text": lambda: pd.Index(["a", "b"], dtype=object),
    "range index": lambda: pd.RangeIndex(2, 10, 3, name="n"),
    "datetime index": lambda: pd.DatetimeIndex(_DAYS, freq="D", name="when"),
    "datetime index ns": lambda: pd.DatetimeIndex(np.array([1, 10**9, 1500], "M8[ns]")),
    "timedelta index": lambda: pd.timedelta_range("1D", periods=3, freq="36h"),
    "period index": lambda: pd.period_range("2020Q1", periods=3, freq="Q-NOV"),
    "business days": lambda: pd.period_range("2020-01-01", periods=5, freq="B"),
    "interval index": lambda: pd.interval_range(0.0, 2.0, closed="both"),
    "interval of times": lambda: pd.interval_range(_DAYS[0], _DAYS[2]),
    "categorical index": lambda: pd.CategoricalIndex(["a", "b", "a"], ordered=True),
    "multi index": lambda: pd.MultiIndex.from_product([[1, 2], ["a", "b"]], names=["x", "y"]),
    "categorical": lambda: pd.Categorical([3, 1, None], categories=[1, 2, 3]),
    "many categories": lambda: pd.Categorical([f"c{n:03}" for n in range(100)]),
    "integer array": lambda: pd.array([1, None], dtype="Int8"),
    "scalars": lambda: [
        *(pd.NA, pd.NaT, pd.Timestamp("2020-01-02 03:04:05.000006"), pd.Timedelta("1h")),
        *(pd.Timestamp("2020", tz="UTC"), pd.Timestamp("2020-07-01", tz="Europe/Berlin")),
        *(pd.Period("2020-03"), pd.Interval(0, 1.5), pd.offsets.Day(2), pd.Timestamp(5)),
        *(pd.CategoricalDtype(["a"]), pd.Int64Dtype(), pd.StringDtype("python")),
    ],
}


def _csv(value: object) -> str:
    assert isinstance(value, (pd.DataFrame, pd.Series))
    return "".join(f"  {line}\n" for line in value.to_csv(na_rep="NaN").splitlines())


PYTHON: dict[str, Callable[[Any], str]] = dict.fromkeys(
    (
        *("simple", "assigned", "duplicates", "numbers", "integers", "transposed", "sliced"),
        *("empty", "long", "series", "series unnamed", "series of text"),
    ),
    _csv,
)
