"""Values of the standard library that Python shows on a line: the text is their `repr`."""

from __future__ import annotations

import datetime as dt
import fractions
import functools
import http
import importlib
import io
import ipaddress
import itertools
import operator
import pathlib
import pickle
import re
import types
import typing
import uuid
import zoneinfo
from collections.abc import Callable
from decimal import Decimal

from make import Pickled

_BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")

_DATES = [
    dt.date(2024, 2, 29),
    dt.date.min,
    dt.date.max,
    dt.time(1, 2),
    dt.time(1, 2, 3),
    dt.time(0, 0, 0, 4),
    dt.time(1, 2, fold=1),
    dt.time(1, 2, tzinfo=dt.timezone.utc),
    dt.datetime(2024, 2, 29, 12, 0),
    dt.datetime(2024, 2, 29, 12, 30, 5, 123456),
    dt.datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=_BERLIN),
    dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc),
    dt.datetime(2024, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=-3, minutes=-30))),
    dt.datetime(2024, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1), "CET")),
    dt.timedelta(0),
    dt.timedelta(days=-1, seconds=5, microseconds=7),
    dt.timedelta(hours=1),
    dt.timezone.utc,
    dt.timezone(dt.timedelta(hours=5, minutes=30)),
    _BERLIN,
]
_NUMBERS = [
    *(1j, 1 + 2j, -1.5 - 0j, complex(0.0, -1.0), complex(-0.0, 1.0), complex(1e16, float("nan"))),
    *(complex(float("inf"), float("-inf")), Decimal("1.50"), Decimal("-Infinity"), Decimal("NaN")),
    *(Decimal("1E+100"), fractions.Fraction(1, 3), fractions.Fraction(-4)),
    *(range(10), range(1, 10, 2), range(0), slice(1, None, 2), slice(None), ..., NotImplemented),
]
_NAMES = [
    uuid.UUID("12345678-1234-5678-1234-567812345678"),
    uuid.UUID(int=1),
    uuid.UUID(int=2**128 - 1),
    pathlib.PurePosixPath("/usr/lib/x.so"),
    pathlib.PurePosixPath("a/b c"),
    pathlib.PurePosixPath("."),
    pathlib.PurePosixPath("/"),
    pathlib.PosixPath("it's"),
    pathlib.PureWindowsPath("c:/Users/x"),
    pathlib.PureWindowsPath("//host/share/x"),
    re.compile("a.b"),
    re.compile("x", re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE),
    re.compile(rb"\d+'"),
    re.compile(r"\w", re.ASCII),
    ipaddress.ip_address("192.168.0.1"),
    ipaddress.ip_network("10.0.0.0/8"),
    ipaddress.ip_interface("10.0.0.5/24"),
    ipaddress.ip_address("::1"),
    ipaddress.ip_address("2001:db8::1:0:0:1"),
    ipaddress.ip_address("1:0:2:3:4:5:6:7"),
    ipaddress.ip_address("::"),
    ipaddress.ip_network("2001:db8::/32"),
]


def _old(values: list[object], protocol: int) -> Callable[[], object]:
    def make() -> object:
        stream = pickle.dumps(values, protocol)
        # Old protocols keep no `fold`.
        return Pickled(pickle.loads(stream), stream)

    return make


def _zones() -> object:
    tz = importlib.import_module("dateutil.tz")
    pytz = importlib.import_module("pytz")
    oslo = pytz.timezone("Europe/Oslo")
    return [
        dt.datetime(2024, 7, 1, tzinfo=tz.tzutc()),
        dt.datetime(2024, 7, 1, tzinfo=tz.tzoffset("X", 3600)),
        dt.datetime(2024, 7, 1, tzinfo=pytz.utc),
        oslo.localize(dt.datetime(2024, 7, 1)),
        oslo.localize(dt.datetime(2024, 1, 1)),
        pytz.FixedOffset(90),
        dt.datetime(2024, 7, 1, tzinfo=tz.tzrange("EST", -18000)),
    ]


def _streams() -> object:
    text = io.StringIO("some text\nof two lines")
    text.seek(5)
    return [text, io.BytesIO(b"bytes")]


def _note(error: Exception) -> Exception:
    error.__notes__ = ["a note"]
    return error


_TYPING = typing.cast(typing.Any, typing)

CASES: dict[str, Callable[[], object]] = {
    "dates": lambda: _DATES,
    "dates0": _old(_DATES, 0),
    "dates2": _old(_DATES, 2),
    "date": lambda: _DATES[0],
    "numbers": lambda: _NUMBERS,
    "numbers0": _old(_NUMBERS, 0),
    "numbers2": _old(_NUMBERS, 2),
    "names": lambda: _NAMES,
    "names0": _old(_NAMES, 0),
    "names2": _old(_NAMES, 2),
    "zones": _zones,
    "streams": _streams,
    "calls": lambda: [
        functools.partial(int, base=2),
        functools.partial(print, "a", [1], sep=""),
        operator.itemgetter(1, "b"),
        operator.attrgetter("a.b"),
        operator.methodcaller("split", ",", maxsplit=1),
        [1].append,
        dict.fromkeys,
        "-".join,
        int.__add__,
        len,
        itertools.count(3),
        itertools.islice([1, 2, 3], 2),
        iter([1, 2]),
        enumerate("ab"),
        zip([1], [2]),
        map(str, [1]),
    ],
    "types": lambda: [
        int,
        dict,
        type(None),
        type(...),
        pathlib.PurePosixPath,
        list[int],
        dict[str, list[int]],
        tuple[int, ...],
        int | None,
        int | str | list[int],
        _TYPING.Optional[int],
        _TYPING.Union[int, str],
        _TYPING.List[str],
        _TYPING.Callable[[int, str], None],
        _TYPING.Literal["a", 1],
        _TYPING.Any,
    ],
    "exceptions": lambda: [
        ValueError("a", 1),
        KeyError(),
        FileNotFoundError(2, "No such file", "x"),
        _note(RuntimeError("noted")),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"),
    ],
    "others": lambda: [
        types.SimpleNamespace(a=1, b=[1, {"c": 2}]),
        http.HTTPStatus.NOT_FOUND,
        re.IGNORECASE | re.MULTILINE,
        object(),
    ],
}


def _lines(value: object) -> str:
    assert isinstance(value, list)
    return "".join(f"  {item!r},\n" for item in value) + "]\n"


PYTHON: dict[str, Callable[[object], str]] = {
    name + protocol: _lines for name in ("dates", "numbers", "names") for protocol in ("", "0", "2")
}
