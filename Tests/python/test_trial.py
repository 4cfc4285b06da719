"""Values of libraries that can be pickled and not loaded are found out by a trial load."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import podfs
import pytest
from conftest import podfs_program, python
from podfs import trial

LIBRARY = """
import os, signal, sys, time

class Sound:
    pass

class Lossy:
    def __init__(self, needed): self.needed = needed
    def __reduce__(self): return Lossy, ()

class Slow:
    def __setstate__(self, state): time.sleep(600)
    def __getstate__(self): return {"state": 1}

class Ending:
    def __setstate__(self, state): os._exit(3)
    def __getstate__(self): return {"state": 1}

class Leaving:
    def __setstate__(self, state): sys.exit(0)
    def __getstate__(self): return {"state": 1}

class Interrupting:
    def __setstate__(self, state): raise KeyboardInterrupt
    def __getstate__(self): return {"state": 1}

class Forking:
    def __init__(self, path): self.path = path
    def __setstate__(self, state):
        child = os.fork()
        if child == 0:
            signal.pause()
        with open(state["path"], "w") as file: file.write(str(child))

class Noisy:
    def __getstate__(self): return {"state": 1}
    def __setstate__(self, state):
        print("noise")
        print("noise", file=sys.stderr)
        os.write(1, b"noise")

class Large:
    def __getstate__(self): return {"state": 1}
    def __setstate__(self, state): self.kept = bytearray(1 << 44)

class Missing:
    def __getstate__(self): return {"state": 1}
    def __setstate__(self, state): import nothing_of_this_name

class Witness:
    def __init__(self, path): self.path = path
    def __setstate__(self, state):
        self.__dict__ = state
        with open(self.path, "a") as file: file.write(f"{os.getpid()}\\n")
"""


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of an installed package."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "lossy.py").write_text(LIBRARY)
    monkeypatch.syspath_prepend(str(folder))
    yield __import__("lossy")
    del sys.modules["lossy"]


@pytest.fixture
def session(tmp_path: Path) -> podfs.Session:
    return podfs.Store(tmp_path / "store").session("alice")


def names(unsaved: tuple[podfs.Unsaved, ...]) -> list[str]:
    return [entry.name for entry in unsaved]


def test_what_cannot_be_loaded_is_named_and_left_out_of_later_saves(
    session: podfs.Session, library: Any
) -> None:
    namespace = session.namespace()
    namespace.update(bad=library.Lossy(1), inside=[library.Lossy(1)], good=library.Sound(), x=1)
    revision = session.save(namespace)
    (bad, inside) = revision.unsaved
    assert (bad.name, bad.type, inside.name, inside.type) == (
        *("bad", "lossy.Lossy"),
        *("inside", "list"),
    )
    assert bad.reason.startswith("its pickle cannot be loaded: ")
    assert "missing 1 required positional argument" in bad.reason
    assert "not saved: bad (its pickle" in repr(revision)

    namespace["x"] = 2
    second = session.save(namespace)
    assert names(second.unsaved) == ["bad", "inside"]
    assert session.variables(second).keys() == {"good", "x"}
    assert "cannot be loaded" in podfs_program(session.store.path, "show", "alice@2")

    namespace["bad"] = [1]
    third = session.save(namespace)
    assert names(third.unsaved) == ["inside"]
    assert session.load(third)["bad"] == [1]

    namespace["another"] = library.Lossy(2)
    assert names(session.save(namespace).unsaved) == ["inside", "another"]
    namespace["nested"] = {"another": library.Lossy(3)}
    assert names(session.save(namespace).unsaved) == ["inside", "another", "nested"]
    assert session.save(namespace).changed == ("nested",)
    assert session.save(namespace).told(wait=False) == session.save(namespace).unsaved


def test_a_save_does_not_wait_for_it(session: podfs.Session, library: Any) -> None:
    namespace = session.namespace()
    namespace["slow"] = library.Slow()
    revision = session.save(namespace)
    assert revision.told(wait=False) == ()
    assert "not saved" not in repr(revision)
    assert session.save(namespace).changed == ()
    for thread in threading.enumerate():
        assert thread.name != "podfs-trial" or thread.daemon


def test_it_is_done_once_for_each_type(
    session: podfs.Session, library: Any, tmp_path: Path
) -> None:
    path = tmp_path / "witnesses"
    namespace = session.namespace()
    for number in range(3):
        namespace[f"x{number}"] = library.Witness(str(path))
        assert session.save(namespace).unsaved == ()
    assert len(path.read_text().splitlines()) == 1
    assert path.read_text() != f"{os.getpid()}\n"


@pytest.mark.parametrize("kind", ["Noisy", "Large", "Missing"])
def test_what_goes_wrong_there_stays_there(
    session: podfs.Session, library: Any, capfd: pytest.CaptureFixture[str], kind: str
) -> None:
    namespace = session.namespace()
    namespace["x"] = getattr(library, kind)()
    assert session.save(namespace).unsaved == ()
    assert session.save(namespace).unsaved == ()
    assert capfd.readouterr() == ("", "")


def test_a_trial_that_takes_too_long_tells_nothing(
    session: podfs.Session, library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "_SECONDS", 1)
    namespace = session.namespace()
    namespace["x"] = library.Slow()
    assert session.save(namespace).unsaved == ()


def test_what_is_of_no_library_is_not_tried(
    session: podfs.Session, library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "Trial", None)
    namespace = session.namespace()
    exec("class Own: pass\nown = Own(); import decimal; number = decimal.Decimal(1)", namespace)
    session.save(namespace)
    monkeypatch.setattr(trial, "_known_types", lambda: {"lossy.Sound": "loaded"})
    namespace["sound"] = library.Sound()
    session.save(namespace)
    with pytest.raises(TypeError):
        session.save({**namespace, "bad": library.Lossy(1)})


@pytest.mark.parametrize(("setting", "said"), [("0", "()\n"), ("1", "cannot be loaded")])
def test_it_can_be_turned_off(tmp_path: Path, library: Any, setting: str, said: str) -> None:
    code = f"""
import sys; sys.path.insert(0, {str(tmp_path / "site-packages")!r})
import podfs, lossy
session = podfs.Store({str(tmp_path / "store")!r}).session("alice")
print(session.save({{"x": lossy.Lossy(1)}}).unsaved)
"""
    assert said in python(code, PODFS_TRIAL=setting)


@pytest.mark.parametrize("kind", ["Ending", "Leaving", "Interrupting"])
def test_a_value_that_ends_the_process_is_named(
    session: podfs.Session, library: Any, kind: str
) -> None:
    namespace = session.namespace()
    namespace.update(bad=getattr(library, kind)(), good=library.Sound(), lossy=library.Lossy(1))
    assert names(session.save(namespace).unsaved) == ["bad", "lossy"]
    session.save(namespace)
    assert session.variables().keys() == {"good"}


def test_what_a_value_starts_ends_with_its_trial(
    session: podfs.Session, library: Any, tmp_path: Path
) -> None:
    namespace = session.namespace()
    namespace["x"] = library.Forking(str(tmp_path / "child"))
    start = time.monotonic()
    assert session.save(namespace).unsaved == ()
    assert time.monotonic() - start < trial._SECONDS
    child = Path("/proc") / (tmp_path / "child").read_text() / "stat"
    # It was sent a signal that ends it; a test that hangs here is a failure.
    while child.exists() and child.read_text().rpartition(")")[2].split()[0] not in "ZX":
        assert time.monotonic() - start < trial._SECONDS
