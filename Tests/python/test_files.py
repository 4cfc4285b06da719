"""Pickles that were written as files keep their bytes until somebody changes their values."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import cloudpickle
import numpy
import podfs
import pytest
from conftest import podfs_program
from podfs import Namespace, Session


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return podfs.Store(tmp_path / "store").session("alice")


@pytest.fixture
def namespace(session: Session) -> Namespace:
    """A namespace that the session is in step with, with one variable."""
    namespace = session.namespace()
    namespace["x"] = 0
    session.save(namespace)
    return namespace


def function() -> bytes:
    """Return a function that is stored by value, as another program pickles it."""
    variables: dict[str, Any] = {"__name__": "__main__"}
    exec("def f(): return g() + 1\ndef g(): return 2", variables)
    return bytes(cloudpickle.dumps(variables["f"], protocol=4))


def frame() -> bytes:
    return pickle.dumps(pytest.importorskip("pandas").DataFrame({"a": [1, 2], "b": ["x", "y"]}), 4)


FILES = {
    "int": lambda: pickle.dumps(5, 4),
    "str": lambda: pickle.dumps("text", 4),
    "bytes": lambda: pickle.dumps(b"bytes", 4),
    "bytearray": lambda: pickle.dumps(bytearray(b"bytes"), 4),
    "function": function,
    "dict": lambda: pickle.dumps({"one": [1, 2.5], "more": {"name": None}}, 4),
    "protocol 2": lambda: pickle.dumps(["one", ("two", {3})], 2),
    "array": lambda: pickle.dumps(numpy.arange(10), 4),
    "frame": frame,
}


def write(session: Session, tmp_path: Path, name: str, data: bytes) -> None:
    """Write a file into the workspace, as another process does."""
    (tmp_path / "file").write_bytes(data)
    podfs_program(session.store.path, "cp", str(tmp_path / "file"), f"{session.name}:{name}")


def stored(session: Session, tmp_path: Path, name: str) -> bytes:
    """Return the bytes of a workspace file."""
    podfs_program(session.store.path, "cp", f"{session.name}:{name}", str(tmp_path / "copy"))
    return (tmp_path / "copy").read_bytes()


@pytest.mark.parametrize("kind", FILES)
def test_a_pickle_keeps_its_bytes(
    session: Session, namespace: Namespace, tmp_path: Path, kind: str
) -> None:
    data = FILES[kind]()
    write(session, tmp_path, "k", data)
    assert session.save(namespace).adopted == ("k",)
    for number in range(3):
        namespace["x"] += 1
        assert session.save(namespace).changed == ("x",), number
    assert stored(session, tmp_path, "k") == data

    head = session.head()
    assert session.undo(namespace) != head
    assert session.redo(namespace) == head
    session.checkout(1, into=namespace)
    assert "k" not in namespace
    session.checkout("main", into=namespace)
    namespace["x"] = "checked out"
    assert session.save(namespace).changed == ("x",)

    loaded = session.load()
    assert loaded["k"] is not None
    loaded["x"] = "loaded"
    assert session.save(loaded).changed == ("x",)
    plain: dict[str, Any] = {}
    session.follow(plain)
    session.checkout("main", into=plain)
    plain["x"] = "followed"
    assert session.save(plain).changed == ("x",)
    assert stored(session, tmp_path, "k") == data


def bring(session: Session, namespace: Namespace, tmp_path: Path, name: str, value: Any) -> None:
    write(session, tmp_path, name, pickle.dumps(value, 4))
    session.save(namespace)


def test_a_value_that_is_changed_in_place_is_saved(
    session: Session, namespace: Namespace, tmp_path: Path
) -> None:
    bring(session, namespace, tmp_path, "k", {"inner": [1], "array": numpy.zeros(3)})
    namespace["k"]["inner"].append(2)
    assert session.save(namespace).changed == ("k",)
    assert session.load()["k"]["inner"] == [1, 2]
    namespace["k"]["inner"].pop()
    session.save(namespace)
    namespace["k"]["array"][1] = 7
    session.save(namespace)
    assert session.load()["k"]["array"].tolist() == [0, 7, 0]
    loaded = session.load()
    loaded["k"]["inner"].append("first use")
    session.save(loaded)
    assert session.load()["k"]["inner"][-1] == "first use"


def test_a_name_that_is_assigned_is_saved(
    session: Session, namespace: Namespace, tmp_path: Path
) -> None:
    bring(session, namespace, tmp_path, "k", [1])
    namespace["k"] = [2]
    session.save(namespace)
    assert session.load()["k"] == [2]
    bring(session, namespace, tmp_path, "k", [3])
    assert namespace["k"] == [3]
    del namespace["k"]
    session.save(namespace)
    assert "k" not in session.variables()


def test_variables_that_come_to_share_objects_with_it_still_do(
    session: Session, namespace: Namespace, tmp_path: Path
) -> None:
    bring(session, namespace, tmp_path, "k", {"inner": [1]})
    bring(session, namespace, tmp_path, "m", {"inner": [1]})
    namespace["y"] = [namespace["k"]["inner"]]
    session.save(namespace)
    loaded = session.load()
    assert loaded["y"][0] is loaded["k"]["inner"]
    namespace["m"]["inner"] = namespace["k"]["inner"]
    del namespace["y"]
    session.save(namespace)
    loaded = session.load()
    assert loaded["m"]["inner"] is loaded["k"]["inner"]


def test_two_files_that_come_to_share_an_object_still_do(
    session: Session, namespace: Namespace, tmp_path: Path
) -> None:
    bring(session, namespace, tmp_path, "k", [[1]])
    bring(session, namespace, tmp_path, "m", [[1]])
    namespace["m"][0] = namespace["k"][0]
    session.save(namespace)
    loaded = session.load()
    assert loaded["m"][0] is loaded["k"][0]


def test_views_of_an_array_of_a_file_stay_views(
    session: Session, namespace: Namespace, tmp_path: Path
) -> None:
    bring(session, namespace, tmp_path, "k", numpy.arange(10))
    bring(session, namespace, tmp_path, "m", {"arrays": [numpy.arange(4), numpy.arange(4)]})
    namespace["view"] = namespace["k"][2:5]
    arrays = namespace["m"]["arrays"]
    arrays[1] = arrays[0][:]
    session.save(namespace)
    loaded = session.load()
    loaded["k"][2] = 100
    assert loaded["view"][0] == 100
    loaded["m"]["arrays"][0][1] = 100
    assert loaded["m"]["arrays"][1][1] == 100


def test_texts_that_others_have_too_do_not_matter(
    session: Session, namespace: Namespace, tmp_path: Path
) -> None:
    """Two variables may have one immutable object."""
    bring(session, namespace, tmp_path, "k", ["a text", b"bytes", 1.5])
    namespace["y"] = list(namespace["k"])
    assert session.save(namespace).changed == ("y",)
    file = io.BytesIO(stored(session, tmp_path, "k"))
    assert pickle.load(file) == ["a text", b"bytes", 1.5]
    assert file.getvalue() == pickle.dumps(["a text", b"bytes", 1.5], 4)


def running(code: str) -> bytes:
    """Return a pickle whose load runs *code*."""
    text = code.encode()
    head = b"\x80\x04\x8c\x08builtins\x8c\x04exec\x93\x8c"
    return head + bytes([len(text)]) + text + b"\x85R."


SILENT = "class Silent(Exception):\n def __str__(self): raise SystemExit\nraise Silent(1)"
ENDINGS = {
    "SystemExit": running("import sys; sys.exit(3)"),
    "MemoryError": running("bytearray(1 << 60)"),
    "NotFoundError": running("import podfs; raise podfs.NotFoundError('nothing')"),
    "Silent": running(SILENT),
    "GeneratorExit": running("raise GeneratorExit"),
}


@pytest.mark.parametrize("kind", ENDINGS)
def test_a_file_whose_load_would_end_the_program_keeps_no_other_out(
    session: Session, namespace: Namespace, tmp_path: Path, kind: str
) -> None:
    write(session, tmp_path, "bad", ENDINGS[kind])
    write(session, tmp_path, "good", pickle.dumps([7]))
    revision = session.save(namespace)
    assert [entry.name for entry in revision.not_loaded] == ["bad"]
    assert kind in revision.not_loaded[0].reason
    assert namespace["good"] == [7]
    namespace["x"] = 1
    assert session.save(namespace).changed == ("x",)
    assert stored(session, tmp_path, "bad") == ENDINGS[kind]
    with pytest.raises(podfs.LoadError, match=kind):
        session.load(names=["bad"])


def test_an_interrupt_of_a_load_is_the_users(
    session: Session, namespace: Namespace, tmp_path: Path
) -> None:
    write(session, tmp_path, "bad", running("raise KeyboardInterrupt"))
    with pytest.raises(KeyboardInterrupt):
        session.load(names=["bad"])


def test_errors_say_nothing_to_a_terminal(
    session: Session, namespace: Namespace, tmp_path: Path
) -> None:
    name = "n\x1b]0;PWN\x07\nline\u202e"
    write(session, tmp_path, name, running("raise ValueError('\\x1b[31m\\x9b')"))
    with pytest.raises(podfs.LoadError) as caught:
        session.load(names=[name])
    assert caught.value.names == (name,)
    revision = session.save(namespace)
    (told,) = revision.not_loaded
    assert told.name == name
    done = session.checkout("main", into={}, recompute=True)
    with pytest.raises(podfs.NotFoundError) as missing:
        session.load(names=["\x1b[31mnothing"])
    with pytest.raises(podfs.PodfsError) as unnamed:
        session.set_branch(name)
    for error in (caught.value, missing.value, unnamed.value):
        assert str(error).isprintable()
    for text in (str(caught.value), repr(revision), repr(done), told.reason):
        assert text.isprintable()
        assert "\\x1b[31m\\x9b" in text
    assert "n\\x1b]0;PWN\\x07\\nline\\u202e of session" in str(caught.value)
