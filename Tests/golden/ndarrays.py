"""Arrays of numpy of every type, order and shape."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
from make import Pickled


def _numbers(code: str) -> Callable[[], object]:
    return lambda: np.array([0, 1, 2, 100], dtype=code)


def _floats(code: str) -> Callable[[], object]:
    return lambda: np.array(_FLOATS).astype(code)


def _view(base: np.ndarray[Any, Any], offset: int, shape: Any, strides: Any) -> Pickled:
    """Return an array pickled as podfs does one that shares the memory of another."""
    array = np.ndarray(shape, base.dtype, base, offset, strides)

    class Views(pickle.Pickler):
        def reducer_override(self, value: object) -> Any:
            if value is array:
                return np.ndarray, (array.shape, array.dtype, base, offset, array.strides)
            return NotImplemented

    stream = io.BytesIO()
    Views(stream, 5).dump(array)
    return Pickled(array, stream.getvalue())


def _masked() -> np.ma.MaskedArray[Any, Any]:
    return np.ma.array([[1.5, 2.0], [3.0, float("nan")]], mask=[[0, 1], [0, 0]], fill_value=-1.0)


_PADDED = np.dtype([("a", "i1"), ("b", "<f8", (2,)), ("c", ">u2")], align=True)
_NESTED = np.dtype([("name", "U4"), ("at", [("x", "f4"), ("y", "f4")]), ("raw", "S3")])

_FLOATS = ["0", "-0.0", "0.1", "1e-4", "1e-5", "123456.78", "6.5e4", "inf", "-inf", "nan"]


CASES: dict[str, Callable[[], object]] = {
    **{
        code: _numbers(code)
        for code in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "bool", "c8", "c16")
    },
    **{
        f"big-{code}": _numbers(">" + code)
        for code in ("i2", "i4", "i8", "u8", "f2", "f4", "f8", "c8", "c16")
    },
    **{code: _floats(code) for code in ("f2", "f4", "f8", "longdouble", "clongdouble")},
    "big-longdouble": lambda: np.array(_FLOATS, "longdouble").astype(">f16"),
    "limits": lambda: np.array([-(2**63), 2**63 - 1, 0]),
    "unsigned-limits": lambda: np.array([2**64 - 1, 2**63, 0], "u8"),
    "complex-signs": lambda: np.array([complex(0, -0.0), complex(-0.0, 1), complex("nan+infj")]),
    "zero-dimensions": lambda: np.array(3.25),
    "empty": lambda: np.zeros(0, "i4"),
    "empty-2d": lambda: np.zeros((0, 3)),
    "empty-inner": lambda: np.zeros((3, 0)),
    "rows": lambda: np.arange(12.0).reshape(4, 3),
    "wide-rows": lambda: np.arange(40).reshape(2, 20),
    "three-dimensions": lambda: np.arange(12).reshape(2, 3, 2),
    "fortran": lambda: np.asfortranarray(np.arange(12).reshape(3, 4)),
    "fortran-3d": lambda: np.asfortranarray(np.arange(24).reshape(2, 3, 4)),
    "large": lambda: np.arange(3000, dtype="i4"),
    "large-fortran": lambda: np.asfortranarray(np.arange(2000).reshape(200, 10)),
    "datetime-days": lambda: np.array(["2020-02-29", "NaT", "1969-12-31", "0005-03-01"], "M8[D]"),
    "datetime-ns": lambda: np.array(["2020-01-01T00:00:00.000000001", "NaT"], "M8[ns]"),
    "datetime-units": lambda: tuple(
        np.array(["2020-05-06T07:08:09.123456", "NaT"]).astype(f"M8[{unit}]")
        for unit in ("Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as", "25s")
    ),
    "datetime-big": lambda: np.array(["2020-01-01"], ">M8[s]"),
    "timedelta": lambda: np.array([0, -5, 10**6, "NaT"], "m8[ms]"),
    "timedelta-multiple": lambda: np.array([1, 2], "m8[7D]"),
    "bytes": lambda: np.array([b"a", b"", b"b\0c", b"'\xff"], "S4"),
    "text": lambda: np.array(["a", "grüße", "😀", "it's", "x\ny"]),
    "text-big": lambda: np.array(["ab", "c"], ">U3"),
    "void": lambda: np.array([b"\x01\x02", b"\xff\x00"], "V2"),
    "structured": lambda: np.array([(1, 0.5), (-2, 1e20)], [("a", "i4"), ("b", "f8")]),
    "structured-padded": lambda: np.array([(1, (2, 3), 4)], _PADDED),
    "structured-nested": lambda: np.array([("ab", (1, 2.5), b"raw")], _NESTED),
    "record": lambda: np.rec.array([(1, "x")], dtype=[("a", "i4"), ("b", "U1")]),
    "objects": lambda: np.array([1, "two", None, [3, 4], {"five": 5.5}], object),
    "objects-2d": lambda: np.array([[1, "a"], [None, (2,)]], object),
    "objects-fortran": lambda: np.asfortranarray(np.array([[1, "a"], [None, 2]], object)),
    "objects-shared": lambda: (lambda x: np.array([x, 0, x, None], object))([1, 2]),
    "strings": lambda: np.array(["a", "", "grüße", "line\n"], np.dtypes.StringDType()),
    "masked": _masked,
    "masked-none": lambda: np.ma.array([1, 2]),
    "masked-constant": lambda: np.ma.masked,
    "matrix": lambda: np.matrix([[1, 2], [3, 4]]),
    "view-strided": lambda: _view(np.arange(10.0), 8, (3,), (24,)),
    "view-reversed": lambda: _view(np.arange(10), 72, (10,), (-8,)),
    "view-transposed": lambda: _view(np.arange(6), 0, (3, 2), (8, 24)),
    "view-broadcast": lambda: _view(np.arange(3), 0, (2, 3), (0, 8)),
    "scalars": lambda: [
        *(np.float64(0.1), np.float32(0.1), np.float16(0.1), np.int8(-3), np.bool_(True)),
        *(np.complex64(1 + 2j), np.datetime64("2020-01-02"), np.timedelta64(3, "h")),
        *(np.str_("a'b"), np.bytes_(b"x"), np.longdouble("0.1"), np.uint64(2**64 - 1)),
        *(np.void(b"ab"), np.datetime64("NaT"), np.array((1, 2.5), [("a", "i4"), ("b", "f8")])[()]),
    ],
    "dtypes": lambda: (
        [np.dtype(code) for code in ("f8", ">i4", "U3", "M8[ns]", "O", "S5")]
        + [_PADDED, _NESTED, np.dtype(("i4", (2, 3)))]
    ),
    "generator": lambda: np.random.default_rng(7),
    "poly1d": lambda: np.poly1d([1, 2, 3]),
}


def _element(item: Any) -> str:
    """Return an element as Python's types show it; floats by the shortest digits of their type."""
    if isinstance(item, np.floating):
        magnitude = abs(item)
        if np.isfinite(item) and item != 0 and not type(item)("1e-4") <= magnitude < 1e16:
            return str(np.format_float_scientific(item, unique=True, trim="-", exp_digits=2))
        if np.isfinite(item):
            return str(np.format_float_positional(item, unique=True, trim="0"))
        return str(item)
    if isinstance(item, (np.str_, np.bytes_)):
        return repr(item.item())
    return str(item)


def _lines(value: object) -> str:
    """Return the elements, one a line, or one row a line where it is short."""
    array: np.ndarray[Any, Any] = np.asarray(value)
    last = array.shape[-1] if array.ndim > 1 and array.shape[-1] <= 16 else 1
    items: list[str] = [_element(item) for item in array.ravel()]
    rows = [items[start : start + last] for start in range(0, len(items), max(last, 1))]
    return "".join(f"  {', '.join(row)}\n" for row in rows)


PYTHON: dict[str, Callable[[object], str]] = dict.fromkeys(
    (
        *("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "bool", "f2", "f4", "f8", "longdouble"),
        *("big-i2", "big-i4", "big-i8", "big-u8", "big-f2", "big-f4", "big-f8", "big-longdouble"),
        *("limits", "unsigned-limits", "zero-dimensions", "empty", "empty-2d", "rows", "wide-rows"),
        *("three-dimensions", "fortran", "fortran-3d", "large", "large-fortran", "datetime-days"),
        *("datetime-ns", "datetime-big", "timedelta", "bytes", "text", "text-big", "matrix"),
        *("view-strided", "view-reversed", "view-transposed", "view-broadcast"),
    ),
    _lines,
)
