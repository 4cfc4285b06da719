"""Capturing a namespace: what is kept, what is left out, and that nothing else happens."""

from __future__ import annotations

import io
import pickle
import random
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from conftest import reload, run, saved
from podfs.arrays import BUFFER_LIMIT
from podfs.capturing import capture, capture_tuple
from podfs.revision import Unsaved
from podfs.variables import Choice, NameOrder


class Raising:
    """A value that raises *error* when it is pickled."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __reduce__(self) -> Any:
        raise self.error


class MuteError(Exception):
    """An error that cannot even be printed."""

    def __str__(self) -> str:
        raise ValueError("no text")


class OtherBase(BaseException):
    """An error that ``except Exception`` lets pass."""


def reasons(namespace: dict[str, Any]) -> dict[str, str]:
    return {name: reason for name, _, reason in capture(namespace).unsaved}


def test_one_object_under_two_names_stays_one() -> None:
    items = ["a"]
    loaded = saved({"x": items, "y": [items], "z": {"k": items}})
    assert loaded["y"][0] is loaded["x"] is loaded["z"]["k"]


def test_a_cycle_through_two_variables_is_kept() -> None:
    left: list[Any] = []
    right = {"left": left}
    left.append(right)
    loaded = saved({"left": left, "right": right})
    assert loaded["left"][0] is loaded["right"]
    assert loaded["right"]["left"] is loaded["left"]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (threading.Lock(), "cannot pickle '_thread.lock' object"),
        ((item for item in [1]), "cannot pickle 'generator' object"),
        (Raising(ValueError("no\n  way")), "ValueError: no way"),
        (Raising(OtherBase()), "OtherBase"),
        (Raising(MuteError()), "MuteError"),
        (Raising(ValueError("long " * 1000)), "ValueError: " + "long " * 57 + "lo…"),
        (Raising(ValueError("\ud800")), r"ValueError: \ud800"),
    ],
)
def test_a_value_that_cannot_be_pickled_is_named_with_its_reason(value: Any, reason: str) -> None:
    captured = capture({"before": 1, "bad": value, "after": 2})
    assert captured.unsaved == [Unsaved("bad", captured.unsaved[0].type, reason)]
    assert reload(captured) == {"before": 1, "after": 2}


def test_the_type_of_a_value_is_named_with_its_module() -> None:
    (left_out,) = capture({"lock": threading.Lock()}).unsaved
    assert left_out.type == "_thread.lock"
    (left_out,) = capture({"generator": (item for item in [1])}).unsaved
    assert left_out.type == "generator"


def test_sockets_and_files_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("text")
    with socket.socket() as sock, path.open() as text, path.open("rb") as data:
        assert set(reasons({"sock": sock, "text": text, "data": data})) == {"sock", "text", "data"}
        assert "open file" in reasons({"text": text})["text"]
        assert text.tell() == 0


def test_the_standard_streams_are_kept_by_name() -> None:
    output = io.TextIOWrapper(io.BytesIO())
    before, sys.stdout = sys.stdout, output
    try:
        assert saved({"out": output})["out"] is output
    finally:
        sys.stdout = before


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_is_not_swallowed(error: type[BaseException]) -> None:
    with pytest.raises(error):
        capture({"x": Raising(error())})


def test_many_values_that_fail_cost_one_more_pass() -> None:
    class Counted:
        count = 0

        def __reduce__(self) -> Any:
            Counted.count += 1
            return int, (7,)

    namespace = {f"bad{number}": threading.Lock() for number in range(50)}
    captured = capture({"first": Counted(), **namespace, "last": Counted()})
    assert len(captured.unsaved) == 50
    assert Counted.count <= 4
    assert reload(captured) == {"first": 7, "last": 7}


def test_a_value_that_failed_before_is_tried_by_itself_first() -> None:
    class Counted:
        count = 0

        def __reduce__(self) -> Any:
            Counted.count += 1
            return int, (7,)

    namespace = {"first": Counted(), "bad": threading.Lock()}
    assert len(capture(namespace, ["bad", "gone"]).unsaved) == 1
    assert Counted.count == 1


def test_a_failure_in_the_midst_of_shared_objects_spoils_nothing() -> None:
    shared = [1, 2]
    captured = capture({"bad": [shared, threading.Lock()], "x": shared, "y": [shared]})
    assert [left_out.name for left_out in captured.unsaved] == ["bad"]
    loaded = reload(captured)
    assert loaded["y"][0] is loaded["x"] == [1, 2]


def test_a_value_that_fails_only_at_times_is_left_out() -> None:
    class Fickle:
        calls = 0

        def __reduce__(self) -> Any:
            Fickle.calls += 1
            if Fickle.calls > 1:
                raise ValueError("not again")
            return int, (1,)

    captured = capture({"lock": threading.Lock(), "fickle": Fickle(), "x": 1})
    assert {left_out.name for left_out in captured.unsaved} == {"lock", "fickle"}
    assert reload(captured) == {"x": 1}


def test_a_value_nested_too_deeply_is_left_out_and_the_limit_stays() -> None:
    deep: list[Any] = []
    for _ in range(200_000):
        deep = [deep]
    limit = sys.getrecursionlimit()
    assert "recursion" in reasons({"deep": deep, "x": 1})["deep"]
    assert sys.getrecursionlimit() == limit
    while deep:
        deep = deep.pop()


def test_hostile_names() -> None:
    namespace: dict[Any, Any] = {
        "x": 0,
        "with space": 1,
        "größe": 2,
        "a" * 255: 3,
        "a" * 256: 4,
        "": 5,
        ".": 6,
        "..": 7,
        "a/b": 8,
        "a\0b": 9,
        "\ud800": 10,
        3: 11,
        None: 12,
        ("t",): 13,
        "__name__": 14,
        "__all__": 15,
        "__": 16,
        "line\nbreak": 17,
    }
    captured = capture(namespace)
    kept = [part.name for part in captured.parts]
    assert kept == ["__", "a" * 255, "größe", "line\nbreak", "with space", "x"]
    assert [left_out.name for left_out in captured.unsaved] == [
        *("a" * 256, "", ".", "..", "a/b", "a\0b", r"\ud800", "3", "None", "('t',)")
    ]
    assert all(reason and "\n" not in reason for _, _, reason in captured.unsaved)


def test_a_key_that_cannot_be_printed_is_named_all_the_same() -> None:
    class Key:
        def __repr__(self) -> str:
            raise ValueError

    (left_out,) = capture({Key(): 1}).unsaved  # type: ignore[dict-item]
    assert "Key object" in left_out.name


def test_a_name_of_a_subclass_of_str_is_kept() -> None:
    class Name(str):
        __slots__ = ()

    assert saved({Name("x"): 1}) == {"x": 1}


def test_large_buffers_stay_where_they_are() -> None:
    numpy = pytest.importorskip("numpy")
    large = numpy.arange(BUFFER_LIMIT)
    (part,) = capture({"large": large}).parts
    (buffer,) = part.buffers
    assert len(part.stream) < 200
    large[7] = -1
    assert buffer.cast("q")[7] == -1
    (part,) = capture({"small": numpy.arange(9)}).parts
    assert part.buffers == []


def test_memoryviews_stay_memoryviews() -> None:
    data = bytearray(b"abcdef")
    loaded = saved({"data": data, "view": memoryview(data), "fixed": memoryview(data).toreadonly()})
    loaded["view"][0] = ord("z")
    assert loaded["data"] == b"zbcdef"
    assert loaded["fixed"].readonly
    assert loaded["fixed"].tobytes() == b"zbcdef"
    assert "memoryview" in reasons({"part": memoryview(data)[1:3]})["part"]


def test_saving_draws_no_random_numbers_and_changes_no_memo() -> None:
    namespace = run("class C: pass\nc = C()\ndef f(): return c\nx = [1, 2]")
    state = random.getstate()
    capture(namespace)
    assert random.getstate() == state


def test_unhashable_types_are_kept() -> None:
    namespace = run(
        "class Meta(type):\n"
        "    def __eq__(cls, other): return True\n"
        "class Odd(metaclass=Meta):\n"
        "    pass\n"
        "x = 1\n"
    )
    captured = capture(namespace)
    assert "x" in {part.name for part in captured.parts}


def test_variables_are_pickled_at_once_or_not_at_all() -> None:
    order = NameOrder()
    shared = ["a"]
    captured = capture_tuple({"y": [shared], "x": shared}, (), order)
    assert captured is not None
    assert captured.names == b"x\0y"
    x, y = pickle.loads(captured.stream)
    assert y[0] is x == ["a"]
    assert capture_tuple({"x": 1, "lock": threading.Lock()}, (), order) is None
    without = capture_tuple({"x": 1, "lock": threading.Lock()}, {"lock"}, order)
    assert without is not None
    assert (without.names, pickle.loads(without.stream)) == (b"x", (1,))
    assert [left_out.name for left_out in without.unsaved] == ["lock"]


class Liar(str):
    """A name that equals ``b``."""

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other) or other == "b"

    def __hash__(self) -> int:
        return hash("b")


def test_names_are_those_of_the_present_keys() -> None:
    order = NameOrder()
    namespaces: list[dict[Any, Any]] = [
        {"b": 1, "a": 2},
        {"b": 3, "a": 4},
        {Liar("c"): 5, "a": 6},
        {"a": 7, "b": 8},
        {"b": 9, "a": 10},
        {"b": 11, "a": 12, "__name__": "x", "e/f": 13},
        {"b": 14},
        {},
    ]
    for namespace in namespaces:
        names, values, block, unsaved = order.sort(namespace, Choice())
        expected = sorted(
            (str.__str__(key), value)
            for key, value in namespace.items()
            if str.__str__(key) not in ("__name__", "e/f")
        )
        assert (names, values) == ([name for name, _ in expected], tuple(v for _, v in expected))
        assert block == "\0".join(names).encode()
        assert len(unsaved) == sum(str.__str__(key) == "e/f" for key in namespace)
