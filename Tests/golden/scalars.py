"""Numbers and what else has no parts."""

from __future__ import annotations

from collections.abc import Callable

_FLOATS = [
    *(0.0, -0.0, 1.0, 0.1, -2.5, 1 / 3, 1e-4, 1e-5, 1.5e-7, 123456789.125),
    *(1e15, 9007199254740993.0, 1e16, 1.2e16, 2.0**54, -(2.0**54), 1.8014398509481982e16),
    *(9802553744106246.0, -9230800164207170.0, 9.5e15, 9999999999999998.0),
    *(1e17, 1e22, 1e23, 1.7976931348623157e308, 5e-324, float("inf"), float("-inf"), float("nan")),
]
_INTEGERS = [
    *(0, -1, 255, 2**31, -(2**31), 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**40, -(7**99)),
]

CASES: dict[str, Callable[[], object]] = {
    "floats": lambda: _FLOATS,
    "integers": lambda: _INTEGERS,
    "none": lambda: None,
    "true": lambda: True,
}


def _lines(value: object) -> str:
    assert isinstance(value, list)
    return "".join(f"  {item!r},\n" for item in value) + "]\n"


def _line(value: object) -> str:
    return f"{value!r}\n"


PYTHON: dict[str, Callable[[object], str]] = {
    "floats": _lines,
    "integers": _lines,
    "none": _line,
    "true": _line,
}
