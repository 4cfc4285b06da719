"""What no numpy and no pandas would write: it has the form of objects, and does no harm."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
from make import Pickled


class _Call:
    """Something that is pickled as a call, which nobody makes."""

    def __init__(self, function: Any, *arguments: Any, state: Any = None) -> None:
        self.reduced = (function, arguments) if state is None else (function, arguments, state)

    def __reduce__(self) -> Any:
        return self.reduced


def _pickled(value: object) -> Callable[[], object]:
    return lambda: Pickled(None, pickle.dumps(value, 5))


def _view(shape: Any, offset: int, strides: Any, dtype: str = "i8") -> Callable[[], object]:
    base = np.arange(4)
    return _pickled(_Call(np.ndarray, shape, np.dtype(dtype), base, offset, strides))


def _buffer(shape: Any, dtype: Any = "i8", data: bytes = bytes(32)) -> Callable[[], object]:
    make = np.zeros(2).__reduce_ex__(5)[0]
    return _pickled(_Call(make, data, np.dtype(dtype), shape, "C"))


def _series(placement: Any, count: int, rows: int) -> Callable[[], object]:
    import pandas as pd

    series = pd.Series(np.arange(count))
    index = pd.RangeIndex(rows)
    inner = {"axes": [index], "blocks": [{"values": series.to_numpy(), "mgr_locs": placement}]}
    state = ([index], [series.to_numpy()], [index], {"0.14.1": inner})
    manager = _Call(type(series._mgr), state=state)
    return _pickled(_Call(pd.Series, state={"_mgr": manager, "_name": None}))


def _categorical() -> Any:
    import pandas as pd

    good = pd.Categorical(["a", "b", "a", "b"])
    make, arguments, state = good.__reduce__()
    codes = np.array([0, 7, -5, 1], "i1")
    return Pickled(None, pickle.dumps(_Call(make, *arguments, state=(state[0], codes)), 5))


CASES: dict[str, Callable[[], object]] = {
    "beyond": _view((4,), 8, (8,)),
    "before": _view((4,), 0, (-8,)),
    "negative offset": _view((1,), -8, (8,)),
    "negative shape": _view((-1,), 0, (8,)),
    "overflow": _view((2**62, 2**62), 0, (8, 8)),
    "far strides": _view((2, 2), 0, (2**62, 2**62)),
    "many for little": _view((2**40,), 0, (0,)),
    "fewer strides": _view((2, 2), 0, (8,)),
    "short": _buffer((5,)),
    "long": _buffer((3,)),
    "no width": _buffer((2**50,), "V0", b""),
    "no rows": _buffer((2**50, 0), "f8", b""),
    "series without rows": _series(slice(0, 4, 1), 4, 2**60),
    "series with few": _series(slice(0, 4, 1), 4, 3),
    "codes of nothing": _categorical,
}
