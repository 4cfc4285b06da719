"""What is left out since somebody said so, and what is no variable."""

from __future__ import annotations

import math
import threading
import types
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import podfs_program, run
from podfs import Exclude, Store
from podfs.arrays import BUFFER_LIMIT
from podfs.capturing import capture_namespace
from podfs.variables import Choice, NameOrder


def left_out(namespace: dict[str, Any], exclude: Exclude) -> dict[str, str]:
    captured = capture_namespace(namespace, (), NameOrder(), Choice(exclude))
    return {name: reason for name, _, reason in captured.unsaved}


@pytest.mark.parametrize(
    ("exclude", "reasons"),
    [
        (Exclude(names="tmp*"), {"tmp_a": "excluded by name 'tmp*'"}),
        (Exclude(names=("T*", "x")), {"x": "excluded by name 'x'"}),
        (
            Exclude(types=dict),
            dict.fromkeys(("tmp_a", "ordered"), "excluded by type 'dict'"),
        ),
        (
            Exclude(types=("collections.*", "tuple")),
            {"ordered": "excluded by type 'collections.*'"},
        ),
        (Exclude(types="OrderedDict"), {"ordered": "excluded by type 'OrderedDict'"}),
        (Exclude(types=Iterator), {"numbers": "excluded by type 'collections.abc.Iterator'"}),
        (
            Exclude(modules="collections"),
            dict.fromkeys(("ordered", "Kind"), "excluded by module 'collections'"),
        ),
        (
            Exclude(modules="math"),
            dict.fromkeys(("math", "root"), "excluded by module 'math'"),
        ),
        (Exclude(modules=("mat", "coll")), {}),
        (Exclude(), {}),
    ],
)
def test_what_is_excluded_is_named_with_the_rule(exclude: Exclude, reasons: dict[str, str]) -> None:
    namespace = {
        "x": 1,
        "tmp_a": {},
        "ordered": OrderedDict(),
        "Kind": OrderedDict,
        "math": math,
        "root": math.sqrt,
        "numbers": iter([1]),
    }
    assert left_out(namespace, exclude) == reasons


def test_variables_that_are_too_large_are_left_out() -> None:
    numpy = pytest.importorskip("numpy")
    namespace = {
        "small": 1,
        "text": "x" * 20_000,
        "many": list(range(20_000)),
        "array": numpy.zeros(2 * BUFFER_LIMIT),
        "fits": numpy.zeros(BUFFER_LIMIT // 8),
        "lock": threading.Lock(),
    }
    reasons = left_out(namespace, Exclude(larger_than=10_000))
    assert reasons.pop("lock").startswith("cannot pickle")
    assert reasons == dict.fromkeys(
        ("array", "many", "text"), "excluded by size: more than 10000 bytes"
    )
    assert list(left_out(namespace, Exclude(larger_than=200_000))) == ["lock"]


def test_a_variable_of_the_size_that_is_allowed_is_kept() -> None:
    class Sized:
        def __reduce__(self) -> Any:
            return bytes, (b"x" * 1000,)

    captured = capture_namespace({"x": Sized()}, (), NameOrder())
    alone = sum(
        1 for size in range(900, 1200) if left_out({"x": Sized()}, Exclude(larger_than=size))
    )
    assert 900 + alone <= captured.size <= 900 + alone + 20


def test_what_is_excluded_is_in_the_commit_as_not_saved(tmp_path: Path) -> None:
    session = Store(tmp_path / "store").session("alice", exclude=Exclude(names="tmp*"))
    namespace = run("x = [1]; tmp = [2]; y = {'inside': x}", session.namespace())
    revision = session.save(namespace)
    assert [tuple(entry) for entry in revision.unsaved] == [
        ("tmp", "list", "excluded by name 'tmp*'")
    ]
    loaded = session.load(revision)
    assert loaded == {"x": [1], "y": {"inside": [1]}}
    assert loaded["y"]["inside"] is loaded["x"]
    assert "excluded by name 'tmp*'" in podfs_program(str(tmp_path / "store"), "show", "alice@1")
    session.exclude = Exclude()
    assert session.save(namespace).changed == ("tmp",)
    session.exclude = Exclude(types=list)
    revision = session.save(namespace)
    assert (revision.changed, list(session.load(revision))) == (("tmp", "x", "y"), ["y"])


def test_rules_that_are_none() -> None:
    with pytest.raises(ValueError, match="a number of bytes, not -1"):
        Exclude(larger_than=-1)
    with pytest.raises(TypeError, match="names to exclude cannot be of type int"):
        Exclude(names=(1,))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="types to exclude cannot be of type int"):
        Exclude(types=(1,))  # type: ignore[arg-type]
    assert not Exclude()
    assert Exclude(modules="a") == Exclude(modules=["a"])


def test_a_name_that_is_hidden_is_no_variable() -> None:
    hidden = {"In", "_"}
    choice = Choice(is_hidden=hidden.__contains__)
    order = NameOrder()
    namespace: dict[Any, Any] = {"In": 1, "x": 2, "_": threading.Lock(), "y": 3}
    for _ in range(2):
        names, values, block, unsaved = order.sort(namespace, choice)
        assert (names, values, block, unsaved) == (["x", "y"], (2, 3), b"x\0y", [])
    hidden.discard("In")
    assert order.sort(namespace, choice)[0] == ["In", "x", "y"]
    assert capture_namespace(namespace, (), order, choice).unsaved == []
    namespace[3] = 4
    assert [entry.name for entry in order.sort(namespace, choice)[3]] == ["3"]


def test_a_module_that_lies_about_its_name() -> None:
    odd = types.ModuleType("odd")
    odd.__name__ = 3  # type: ignore[assignment]
    assert left_out({"x": 1, "odd": odd}, Exclude(modules="torch")).get("x") is None


def test_a_save_that_is_too_large_with_unloaded_variables(tmp_path: Path) -> None:
    session = Store(tmp_path / "store").session("alice")
    session.save({"large": [0] * 5000, "small": 1, "unused": 2})
    session.exclude = Exclude(larger_than=1000)
    namespace = session.load()
    namespace["large"].append(1)
    revision = session.save(namespace)
    assert [left_out.name for left_out in revision.unsaved] == ["large"]
    assert session.variables(revision).keys() == {"small", "unused"}
