"""Checkout, undo and redo in a namespace that is in use, and what is told of the history."""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import podfs
import pytest
from conftest import podfs_program, run
from podfs import PodfsError
from podfs.errors import LoadError, NotFoundError
from podfs.loading import load_values


@pytest.fixture
def session(tmp_path: Path) -> podfs.Session:
    return podfs.Store(tmp_path / "store").session("alice")


def cells(session: podfs.Session, *codes: str) -> podfs.Namespace:
    namespace = session.namespace()
    for code in codes:
        run(code, namespace)
        session.save(namespace, code)
    return namespace


def test_only_what_differs_is_loaded(session: podfs.Session) -> None:
    namespace = cells(
        session,
        "x = 1; data = list(range(1000)); pair = [data]; a = [1]; b = a\ndef f(): return x",
        "x = 2; a.append(2); new = 3",
    )
    before = dict(namespace)
    done = session.checkout(1, into=namespace)
    assert done == 1
    assert sorted(done.loaded) == ["a", "b", "x"]
    assert done.removed == ("new",)
    assert namespace.keys() == {"x", "data", "pair", "a", "b", "f"}
    for name in ("data", "pair", "f"):
        assert namespace[name] is before[name]
    assert namespace["a"] == [1]
    assert namespace["b"] is namespace["a"]
    assert before["a"] == [1, 2]  # the object that others may hold is not changed
    assert namespace["f"]() == 1
    assert session.head() == 1


def test_undo_and_redo_any_number_of_times(session: podfs.Session) -> None:
    namespace = cells(session, *(f"x = {value}" for value in range(1, 6)))
    for _ in range(3):
        for expected in (4, 3, 2, 1):
            assert session.undo(namespace) == expected == namespace["x"]
        with pytest.raises(NotFoundError, match="nothing before"):
            session.undo(namespace)
        for expected in (2, 3, 4, 5):
            assert session.redo(namespace) == expected == namespace["x"]
        with pytest.raises(NotFoundError, match="undone"):
            session.redo(namespace)
    assert session.branches() == {"main": 5}
    assert len(session.log()) == 5


def test_what_is_not_saved_yet_is_committed_before(session: podfs.Session) -> None:
    namespace = cells(session, "x = 1", "x = 2")
    run("x = 3; y = [4]", namespace)
    assert session.undo(namespace) == 2
    assert dict(namespace) == {"x": 2}
    assert session.redo(namespace) == 3
    assert dict(namespace) == {"x": 3, "y": [4]}
    run("y.append(5)", namespace)
    session.checkout(1, into=namespace)
    newest = session.log(1)[0]
    assert newest.message == "before checkout of 1"
    assert session.load(newest.number)["y"] == [4, 5]


def test_an_undo_in_place_of_an_alias_and_a_view(session: podfs.Session) -> None:
    pytest.importorskip("numpy")
    namespace = cells(
        session,
        "import numpy; a = numpy.arange(100.0); v = a[2:10:2]; other = numpy.ones(100)",
        "v[:] = -1",
    )
    other = namespace["other"]
    session.undo(namespace)
    assert namespace["a"].tolist() == list(range(100))
    namespace["v"][0] = 77
    assert namespace["a"][2] == 77
    assert namespace["other"] is other


def test_a_checkout_fails_as_a_whole(session: podfs.Session) -> None:
    namespace = cells(
        session,
        "class Gone:\n    pass",
        "import gone_module\nthing = gone_module.Thing()\nx = 1",
        "del thing, gone_module; x = 2",
    )
    before, head = dict(namespace), session.head()
    module = sys.modules.pop("gone_module")
    try:
        with pytest.raises(LoadError, match="gone_module"):
            session.checkout(2, into=namespace)
    finally:
        sys.modules["gone_module"] = module
    assert dict(namespace) == before
    assert session.head() == head


@pytest.fixture(autouse=True)
def _gone_module() -> Any:
    module = types.ModuleType("gone_module")
    exec("class Thing:\n    pass", module.__dict__)
    sys.modules["gone_module"] = module
    yield
    sys.modules.pop("gone_module", None)


def test_what_cannot_be_saved_stays_if_both_commits_tell_of_it(session: podfs.Session) -> None:
    namespace = cells(
        session,
        "import threading; lock = threading.Lock(); x = 1",
        "x = 2",
        "late = iter([]).__iter__",
    )
    lock = namespace["lock"]
    done = session.checkout(1, into=namespace)
    assert done.left == ("lock",)
    assert namespace["lock"] is lock
    assert done.missing == ()
    del namespace["lock"]
    done = session.checkout(2, into=namespace)
    assert [entry.name for entry in done.missing] == ["lock"]
    assert "lock" not in namespace


def test_a_generator_is_not_taken_for_another_type(session: podfs.Session) -> None:
    namespace = cells(session, "g = (i for i in [1])", "import threading; g = threading.Lock()")
    done = session.checkout(1, into=namespace)
    assert "g" not in namespace
    assert set(done.removed) == {"g", "threading"}
    assert [entry.name for entry in done.missing] == ["g"]


def test_a_plain_dict(session: podfs.Session) -> None:
    cells(session, "x = 1", "x = 2; y = 3")
    plain: dict[str, Any] = {}
    session.checkout(2, into=plain)
    assert plain == {"x": 2, "y": 3}
    assert len(session.log()) == 2
    session.follow(plain, lambda name: name.startswith("_"))
    plain["_1"] = 5
    plain["x"] = 4
    assert session.save(plain).changed == ("x",)
    session.checkout(1, into=plain)
    assert plain == {"x": 1, "_1": 5}
    session.unfollow(plain)


def test_branches_and_tags(session: podfs.Session) -> None:
    namespace = cells(session, "x = 1", "x = 2", "x = 3")
    assert session.branch() == "main"
    assert session.set_branch("idea", 1) == 1
    assert session.set_tag("first", 1) == 1
    session.checkout("idea", into=namespace)
    assert session.branch() == "idea"
    namespace["x"] = 10
    session.save(namespace)
    assert session.branches() == {"idea": 4, "main": 3}
    assert session.tags() == {"first": 1}
    assert session.resolve("idea~1") == 1
    with pytest.raises(PodfsError, match="exists already"):
        session.set_tag("first", 2)
    session.set_tag("first", 2, replace=True)
    session.remove_tag("first")
    assert session.tags() == {}
    with pytest.raises(PodfsError, match="is checked out"):
        session.remove_branch("idea")
    session.checkout("main", into=namespace)
    session.remove_branch("idea")
    assert namespace["x"] == 3


def test_a_branch_moved_by_a_checkout_of_another_process(
    session: podfs.Session, tmp_path: Path
) -> None:
    namespace = cells(session, "x = 1; y = 1", "x = 2")
    podfs_program(str(tmp_path / "store"), "checkout", "alice", "1")
    namespace["y"] = 5
    revision = session.save(namespace)
    assert revision.adopted == ("x",)
    assert dict(namespace) == {"x": 1, "y": 5}


def test_what_is_told_of_the_history(session: podfs.Session) -> None:
    namespace = cells(session, "x = 1; text = 'a'", "x = [1, 2]", "del text; z = 1.5")
    versions = session.history("x")
    assert [(version.commit, version.value.type) for version in versions] == [
        (2, "list"),
        (1, "int"),
    ]
    assert versions[0].message == "x = [1, 2]"
    assert versions[0].value.shape == (2,)
    with pytest.raises(NotFoundError):
        session.history("nothing")
    difference = session.diff(1, 3)
    assert difference.added.keys() == {"z"}
    assert difference.removed.keys() == {"text"}
    assert difference.changed.keys() == {"x"}
    assert not session.diff(3, 3)
    assert not session.status().changes
    podfs_program(session.store.path, "rm", "alice:z")
    assert session.status().changes.removed.keys() == {"z"}
    assert session.status().head == 3
    assert namespace["z"] == 1.5
    assert session.set_message("HEAD~2", "the beginning") == 1
    assert session.log()[-1].message == "the beginning"


def test_the_log_has_cells(session: podfs.Session) -> None:
    namespace = session.namespace()
    session.save(namespace, cell=podfs.Cell("x = 1/0", 3, 0.25, "out\n", "ZeroDivisionError"))
    assert session.log()[0].cell == podfs.Cell("x = 1/0", 3, 0.25, "out\n", "ZeroDivisionError")


def write_while_loading(
    session: podfs.Session, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let another process write a workspace file each time a checkout loads its values."""
    load = load_values
    number = 0

    def load_slowly(*arguments: Any, **options: Any) -> Any:
        nonlocal number
        number += 1
        file.write_text(f"late {number}")
        podfs_program(session.store.path, "cp", str(file), f"{session.name}:late{number}")
        return load(*arguments, **options)

    monkeypatch.setattr("podfs.travel.load_values", load_slowly)


def test_what_others_write_meanwhile_is_committed_on_the_way(
    session: podfs.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    namespace = cells(session, "x = 1", "x = 2", "x = 3")
    write_while_loading(session, tmp_path / "file", monkeypatch)
    assert session.undo(namespace) == 2 == namespace["x"]
    assert session.log(1)[0].message == "before undo"
    assert session.log(1)[0].parents == (3,)
    assert session.variables(4).keys() == {"late1", "x"}
    assert session.branches() == {"main": 2}
    assert "late1" not in namespace
    assert session.redo(namespace) == 4
    assert (namespace["x"], namespace["late1"]) == (3, b"late 1")
    assert session.variables(5).keys() == {"late2", "x"}
    assert session.checkout(1, into=namespace) == 1
    assert session.variables(6).keys() == {"late1", "late3", "x"}
    assert session.save(namespace) == 7
    assert session.variables(7).keys() == {"x"}


@pytest.mark.parametrize("travel", ["undo", "redo", "checkout"])
def test_force_loses_what_others_write(
    session: podfs.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, travel: str
) -> None:
    namespace = cells(session, "x = 1", "x = 2", "x = 3")
    session.undo(namespace)
    write_while_loading(session, tmp_path / "file", monkeypatch)
    if travel == "checkout":
        assert session.checkout(3, into=namespace, force=True) == 3
    else:
        assert getattr(session, travel)(namespace, force=True) == (1 if travel == "undo" else 3)
    assert len(session.log()) == 3
    assert session.variables().keys() == {"x"}


@pytest.mark.parametrize("travel", ["undo", "redo", "checkout"])
def test_uncommitted_changes_are_refused_or_lost_without_a_namespace(
    session: podfs.Session, tmp_path: Path, travel: str
) -> None:
    cells(session, "x = 1", "x = 2", "x = 3")
    session.undo()
    (tmp_path / "file").write_text("text")
    podfs_program(session.store.path, "cp", str(tmp_path / "file"), "alice:uncommitted")
    go: dict[str, Callable[..., podfs.Checkout]] = {
        "undo": session.undo,
        "redo": session.redo,
        "checkout": functools.partial(session.checkout, 3),
    }
    with pytest.raises(PodfsError, match=r"lose them with --force \(in Python: force=True\)"):
        go[travel]()
    assert session.head() == 2
    assert go[travel](force=True) == (1 if travel == "undo" else 3)
    assert session.variables().keys() == {"x"}


def test_an_undo_makes_again_what_is_lost_and_names_the_rest(
    session: podfs.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vanishing.py").write_text("class Thing: pass\ndef make(): return Thing()")
    monkeypatch.syspath_prepend(str(tmp_path))
    namespace = session.namespace()
    codes = ["import vanishing", "a = vanishing.make()", "b = vanishing.Thing()", "c = [1]"]
    for code in codes:
        run(code, namespace)
        session.save(namespace, cell=code)
    run("a = b = c = 0", namespace)
    session.save(namespace)
    module = namespace["vanishing"]
    del module.Thing
    module.make = lambda: "made again"
    monkeypatch.setitem(module.make.__globals__, "vanishing", module)
    with pytest.raises(LoadError, match="recompute=True"):
        session.undo(namespace)
    assert session.head() == 5
    done = session.undo(namespace, recompute=True)
    assert (namespace["a"], namespace["c"]) == ("made again", [1])
    assert "b" not in namespace
    assert done.recomputed == ("a",)
    assert [entry.name for entry in done.not_loaded] == ["b"]
    assert "the cell of commit 3 failed" in done.not_loaded[0].reason
    assert "\n" not in repr(done)
    namespace["c"] = [2]
    assert session.save(namespace).changed == ("a", "c")
    assert session.variables()["b"] == session.variables(4)["b"]
    run("b = 5", namespace)
    assert session.save(namespace).changed == ("b",)
