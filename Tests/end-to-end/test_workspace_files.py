"""Files that are written into a workspace beside a Python session that goes on saving."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import podfs as python
import pytest
from conftest import Podfs, wait_until

#: Files that are not one whole pickle and nothing else, with something that their texts show.
FILES: dict[str, tuple[bytes, str]] = {
    "text": (b'{"a": 1}', '{"a": 1}'),
    "settings.json": (b"[1, 2]\n", "[1, 2]"),
    "two pickles": (pickle.dumps(["one"]) + pickle.dumps({"second": 2}), "'second': 2"),
    "a pickle and text": (pickle.dumps(["one"]) + b"more behind it", "more behind it"),
    "a pickle and bytes": (pickle.dumps(["one"]) + b"\x00\xff\xfe", "00fffe"),
    "empty": (b"", ""),
    "cut": (pickle.dumps(["one", "two"])[:-3], "6f6e65"),
    "pickle of protocol 0": (pickle.dumps(["one"], 0), "Vone"),
    "image": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "<PNG image"),
}
UNLOADABLE = b"\x80\x04\x8c\x07nomodul\x94\x8c\x01x\x94\x93."


class Alice:
    """A session that goes on, and its workspace as a folder."""

    def __init__(self, store: Path, mount: Path) -> None:
        self.store = python.Store(store)
        self.session = self.store.session("alice")
        self.namespace: dict[str, Any] = self.session.namespace()
        self.namespace["x"] = 0
        self.session.save(self.namespace)
        self.folder = mount / "alice"
        self.workspace = self.folder / "workspace"

    def work(self) -> python.Revision:
        """Change a variable, and save."""
        self.namespace["x"] += 1
        return self.session.save(self.namespace)

    def file(self, name: str) -> bytes:
        """Return a workspace file, which the last commit must have just so."""
        data = (self.workspace / name).read_bytes()
        commit = self.folder / "commits" / str(self.session.head())
        assert (commit / name).read_bytes() == data
        return data


@pytest.fixture
def alice(podfs: Podfs, mount: Path) -> Iterator[Alice]:
    alice = Alice(podfs.store, mount)
    yield alice
    alice.store.close()


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_not_a_pickle_keeps_its_bytes(alice: Alice, name: str) -> None:
    data, shown = FILES[name]
    (alice.workspace / name).write_bytes(data)
    # An empty file is stored when the kernel has let go of it, which close() does not wait for.
    wait_until(lambda: name in alice.session.variables())
    assert alice.session.save(alice.namespace).adopted == (name,)
    inode = (alice.workspace / name).stat().st_ino
    assert alice.namespace[name] == data
    assert isinstance(alice.namespace[name], bytes)
    for _ in range(3):
        assert alice.work().changed == ("x",)
    assert alice.file(name) == data

    head = alice.session.head() or 0
    alice.session.checkout(1, into=alice.namespace)
    assert name not in alice.namespace
    alice.session.checkout("main", into=alice.namespace)
    assert alice.namespace[name] == data
    alice.session.undo(alice.namespace)
    alice.session.undo(alice.namespace)
    alice.session.redo(alice.namespace)
    alice.work()
    assert alice.file(name) == data

    for loaded in (alice.session.load(), alice.session.load(head)):
        assert loaded[name] == data
        loaded["x"] = "loaded"
        alice.session.save(loaded)
        assert alice.file(name) == data
        dict(loaded)
        loaded["x"] = "loaded and read"
        alice.session.save(loaded)
        assert alice.file(name) == data
    plain: dict[str, Any] = {}
    alice.session.checkout(head, into=plain)
    alice.session.save({**plain, "x": "plain"})
    assert alice.file(name) == data
    assert (alice.workspace / name).stat().st_ino == inode
    for text in ("workspace", str(alice.session.head())):
        assert shown in (alice.folder / "text" / text / name).read_text()


def test_all_of_a_file_is_in_its_text(alice: Alice) -> None:
    lines = [{"number": number} for number in range(500)]
    data = b"".join(pickle.dumps(line) for line in lines)
    (alice.workspace / "lines").write_bytes(data + b"\x80the end")
    text = (alice.folder / "text/workspace/lines").read_text()
    assert text.count("<pickle, ") == 500
    assert all(f"'number': {number}," in text for number in range(500))
    assert "no pickle, 8 bytes" in text
    assert b"\x80the end".hex() in text


def test_a_file_is_a_variable_of_its_value_from_an_assignment_on(alice: Alice) -> None:
    (alice.workspace / "note").write_bytes(b"text")
    alice.session.save(alice.namespace)
    alice.namespace["kept"] = [alice.namespace["note"]]
    alice.work()
    assert alice.file("note") == b"text"
    assert type(alice.session.load()["kept"][0]) is bytes
    alice.namespace["note"] += b" and more"
    assert alice.session.save(alice.namespace).changed == ("note",)
    assert pickle.loads(alice.file("note")) == b"text and more"
    alice.namespace["other"] = alice.namespace["note"]
    del alice.namespace["note"]
    alice.session.save(alice.namespace)
    assert not (alice.workspace / "note").exists()


def test_a_file_that_is_removed_or_replaced_follows(alice: Alice) -> None:
    (alice.workspace / "note").write_bytes(b"text")
    (alice.workspace / "gone").write_bytes(b"text")
    alice.session.save(alice.namespace)
    (alice.workspace / "note").write_bytes(b"other text")
    (alice.workspace / "gone").unlink()
    alice.work()
    assert alice.namespace["note"] == b"other text"
    assert "gone" not in alice.namespace
    assert alice.file("note") == b"other text"
    del alice.namespace["note"]
    alice.work()
    assert not (alice.workspace / "note").exists()


def test_a_file_that_cannot_be_loaded_keeps_no_other_out(alice: Alice) -> None:
    (alice.workspace / "bad").write_bytes(UNLOADABLE)
    (alice.workspace / "good").write_bytes(pickle.dumps([7]))
    (alice.workspace / "note").write_bytes(b"text")
    revision = alice.session.save(alice.namespace)
    assert alice.namespace["good"] == [7]
    assert alice.namespace["note"] == b"text"
    assert "bad" not in alice.namespace
    assert [entry.name for entry in revision.not_loaded] == ["bad"]
    assert "nomodul" in revision.not_loaded[0].reason
    assert "not loaded: bad (" in repr(revision)
    for _ in range(2):
        assert alice.work().not_loaded == ()
        assert alice.file("bad") == UNLOADABLE
    alice.session.checkout(1, into=alice.namespace)
    with pytest.raises(python.LoadError, match="load with recompute=True leaves it out"):
        alice.session.checkout("main", into=alice.namespace)
    assert alice.session.head() == 1
    done = alice.session.checkout("main", into=alice.namespace, recompute=True)
    assert [entry.name for entry in done.not_loaded] == ["bad"]
    assert alice.namespace["good"] == [7]
    alice.work()
    assert alice.file("bad") == UNLOADABLE

    loaded = alice.session.load(recompute=True)
    assert [entry.name for entry in loaded.not_loaded] == ["bad"]
    loaded["x"] = "loaded"
    alice.session.save(loaded)
    assert alice.file("bad") == UNLOADABLE


def test_what_cannot_be_loaded_is_bound_anew_or_removed(alice: Alice) -> None:
    for name in ("assigned", "deleted", "removed", "rewritten"):
        (alice.workspace / name).write_bytes(UNLOADABLE)
    alice.session.save(alice.namespace)
    alice.namespace["assigned"] = [1]
    del alice.namespace["deleted"]
    with pytest.raises(KeyError):
        del alice.namespace["deleted"]
    (alice.workspace / "removed").unlink()
    (alice.workspace / "rewritten").write_bytes(pickle.dumps([2]))
    alice.session.save(alice.namespace)
    assert pickle.loads(alice.file("assigned")) == [1]
    assert sorted(os.listdir(alice.workspace)) == ["assigned", "rewritten", "x"]
    assert alice.namespace["rewritten"] == [2]
    del alice.namespace["assigned"]
    alice.session.save(alice.namespace)
    assert sorted(os.listdir(alice.workspace)) == ["rewritten", "x"]


def test_a_variable_that_becomes_a_bad_file_is_not_written_back(alice: Alice) -> None:
    alice.namespace["y"] = [1]
    alice.session.save(alice.namespace)
    (alice.workspace / "y").write_bytes(UNLOADABLE)
    revision = alice.work()
    assert [entry.name for entry in revision.not_loaded] == ["y"]
    assert "y" not in alice.namespace
    alice.work()
    assert alice.file("y") == UNLOADABLE


def test_a_plain_dict_that_is_followed_keeps_them(alice: Alice) -> None:
    plain: dict[str, Any] = {}
    session = alice.store.session("alice")
    session.follow(plain)
    session.checkout("main", into=plain)
    (alice.workspace / "bad").write_bytes(UNLOADABLE)
    (alice.workspace / "note").write_bytes(b"text")
    session.save(plain)
    assert plain["note"] == b"text"
    for number in range(3):
        plain["x"] = number
        session.save(plain, wait=False).result()
    assert alice.file("note") == b"text"
    assert alice.file("bad") == UNLOADABLE
