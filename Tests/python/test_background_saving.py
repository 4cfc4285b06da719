"""Saves that are stored while the program goes on."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import podfs
import pytest
from conftest import PACKAGE, python, run


@pytest.fixture
def store(tmp_path: Path) -> podfs.Store:
    return podfs.Store(str(tmp_path / "store"))


@pytest.fixture
def session(store: podfs.Store) -> podfs.Session:
    return store.session("a")


def random(count: int, seed: int = 1) -> Any:
    return np.random.default_rng(seed).integers(0, 256, count, dtype="u1")


@pytest.mark.parametrize("count", [4096, 5000, 100_000, (1 << 20) + 17, 9 << 20])
def test_what_changes_after_the_return_is_not_stored(session: podfs.Session, count: int) -> None:
    namespace = session.namespace()
    namespace.update(array=random(count), other=random(count, 2), text=["x"])
    saved: dict[podfs.Pending, Any] = {}
    for step in range(8):
        if step == 3:
            namespace["array"] = random(count, 3)
        expected = namespace["array"].copy(), namespace["other"].copy(), list(namespace["text"])
        pending = session.save(namespace, wait=False)
        namespace["array"][:: step * 1000 + 1] ^= 255
        namespace["other"][-1 - step] ^= 1
        namespace["text"].append("y" * step)
        saved[pending] = expected
    assert [int(pending) for pending in saved] == list(range(1, 9))
    for pending, (array, other, text) in saved.items():
        loaded = session.load(pending.result())
        assert np.array_equal(loaded["array"], array)
        assert np.array_equal(loaded["other"], other)
        assert loaded["text"] == text


def test_a_pending_commit_becomes_its_number(session: podfs.Session) -> None:
    namespace = session.namespace()
    namespace.update(x=1, lock=threading.Lock())
    pending = session.save(namespace, "message", wait=False)
    assert [name for name, _, _ in pending.unsaved] == ["lock"]
    revision = session.join()
    assert revision is not None
    assert revision == 1 == int(pending) == pending.result()
    assert pending.done()
    assert revision.changed == ("x",)
    assert session.join() is None
    assert [commit.message for commit in session.log()] == ["message"]


def test_what_reads_the_session_waits(session: podfs.Session) -> None:
    namespace = session.namespace()
    for number in range(1, 6):
        namespace["array"] = random(3 << 20, number)
        session.save(namespace, wait=False)
        assert session.head() == number
    namespace["array"] = random(3 << 20, 9)
    session.save(namespace, wait=False)
    assert int(session.undo(namespace)) == 5
    assert np.array_equal(namespace["array"], random(3 << 20, 5))


def test_too_much_to_copy_is_stored_before_the_return(session: podfs.Session) -> None:
    array: Any = np.zeros(300 << 20, "u1")
    pending = session.save({"array": array}, wait=False)
    assert pending.done()
    assert session.load(pending.result(), {"array"})["array"].size == array.size


def test_what_others_write_comes_with_the_next_save(
    store: podfs.Store, session: podfs.Session
) -> None:
    namespace = session.namespace()
    run("x = 1; y = [1]; z = 1; w = 1", namespace)
    session.save(namespace)
    other = store.session("a")
    theirs = other.load()
    run("x = 2; y.append(2); z = 2; del w; new = 2", theirs)
    other.save(theirs)
    session.save(namespace, wait=False)
    # What is changed meanwhile, in place too, is not replaced by what others wrote.
    run("x = 3; y.append(3)", namespace)
    assert session.join() == 3
    assert dict(namespace) == {"x": 3, "y": [1, 3], "z": 1, "w": 1}
    revision = session.save(namespace)
    assert set(revision.adopted) == {"z", "w", "new"}
    assert dict(namespace) == {"x": 3, "y": [1, 3], "z": 2, "new": 2}
    assert session.load(revision) == namespace
    assert session.load(2)["y"] == [1, 2]


@pytest.fixture
def full_disk() -> Iterator[Callable[[], None]]:
    """No file can have more than a megabyte, until what this is says otherwise."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, limits[1]))
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_an_error_is_raised_by_the_next_call(
    session: podfs.Session, full_disk: Callable[[], None]
) -> None:
    namespace = session.namespace()
    namespace["x"] = random(5 << 20)
    pending = session.save(namespace, wait=False)
    pending.wait()
    full_disk()
    with pytest.raises(podfs.PodfsError):
        session.save(namespace)
    assert session.save(namespace) == 1
    assert np.array_equal(session.load(1)["x"], namespace["x"])
    with pytest.raises(podfs.PodfsError):
        pending.result()


def test_an_error_that_was_told_is_not_raised_again(
    session: podfs.Session, full_disk: Callable[[], None]
) -> None:
    pending = session.save({"x": random(5 << 20)}, wait=False)
    with pytest.raises(podfs.PodfsError):
        pending.result()
    full_disk()
    assert session.save({"x": random(5 << 20)}) == 1


def test_an_error_at_the_end_is_printed(tmp_path: Path) -> None:
    code = CODE.format(store=str(tmp_path / "store"))
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))"
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    result = subprocess.run(
        [sys.executable, "-c", f"{limit}{code}"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "PodfsError" in result.stderr


def test_a_fork_waits_and_both_go_on(session: podfs.Session) -> None:
    namespace = session.namespace()
    namespace["array"] = random(20 << 20)
    pending = session.save(namespace, wait=False)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with pytest.raises(podfs.PodfsError, match="forked"):
                pending.result()
            namespace["array"][5] ^= 1
            code = 0 if int(session.save(namespace, wait=False)) == 2 else 2
        finally:
            os._exit(code)
    assert int(pending) == 1
    assert os.waitpid(child, 0)[1] == 0
    assert session.head() == 2


def test_a_child_of_c_does_not_wait_for_the_thread_of_its_parent(session: podfs.Session) -> None:
    import ctypes

    namespace = session.namespace()
    namespace["array"] = random(20 << 20)
    pending = session.save(namespace, wait=False)
    child = ctypes.PyDLL(None).fork()
    if child == 0:
        os._exit(0 if session.join() is None else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert session.join() == 1 == int(pending)


CODE = """
import numpy as np, podfs, os, sys, threading
session = podfs.Store({store!r}).session("a")
namespace = session.namespace()
namespace["array"] = np.random.default_rng(1).integers(0, 256, 30 << 20, dtype="u1")
pending = session.save(namespace, wait=False)
namespace["array"][:] = 0
"""


@pytest.mark.parametrize(
    "end",
    [
        "",
        "del session, pending",
        "sys.exit(0)",
        "threading.Thread(target=threading.Event().wait, daemon=True).start()",
        "session.store.close()",
    ],
)
def test_the_end_of_the_program_waits(tmp_path: Path, end: str) -> None:
    path = str(tmp_path / "store")
    python(CODE.format(store=path) + end)
    session = podfs.Store(path).session("a")
    assert session.head() == 1
    assert session.load()["array"].sum() == random(30 << 20).sum()


def test_what_a_signal_ends_is_whole_or_not_there(tmp_path: Path) -> None:
    path = str(tmp_path / "store")
    code = CODE.format(store=path) + "print('saving', flush=True); session.join()"
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.terminate()
    process.wait()
    process.stdout.close()
    session = podfs.Store(path).session("a")
    if session.head() is not None:
        assert session.load()["array"].sum() == random(30 << 20).sum()
    assert session.save({"x": 1}) in (1, 2)


def test_an_interrupt_ends_the_wait_and_nothing_else(session: podfs.Session) -> None:
    namespace = session.namespace()
    namespace["array"] = random(60 << 20)
    pending = session.save(namespace, wait=False)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    old = signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    try:
        while not pending.done():
            session.join()
    except KeyboardInterrupt:
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    assert session.join() in (1, None)
    assert int(pending) == 1


def test_other_threads_run_while_it_is_stored(session: podfs.Session) -> None:
    namespace = session.namespace()
    namespace["array"] = random(40 << 20)
    pending = session.save(namespace, wait=False)
    count = 0
    while not pending.done():
        count += 1
    assert count > 0
    assert int(pending) == 1


class _Writer:
    """Changes arrays of a namespace in all ways, and moves them in memory."""

    def __init__(self, seed: int, namespace: podfs.Namespace) -> None:
        self._random = np.random.default_rng(seed)
        self._namespace = namespace
        for index in range(6):
            namespace[f"a{index}"] = self._new()

    def _new(self) -> Any:
        count = int(self._random.integers(1 << 20, 5 << 20))
        return self._random.integers(0, 256, count, dtype="u1")

    def step(self) -> None:
        name = self._random.choice(sorted(self._namespace))
        array = self._namespace[name]
        start = int(self._random.integers(len(array)))
        end = min(len(array), start + int(self._random.integers(1, 200_000)))
        way = self._random.integers(6)
        if way == 0:
            array[start] ^= 1
        elif way == 1:
            array[start:end] = self._random.integers(0, 256, end - start, dtype="u1")
        elif way == 2:
            ctypes.memset(array.ctypes.data + start, 0, end - start)
        elif way == 3:  # pages of zeros from now on, which nobody wrote
            place = array.ctypes.data
            first, last = -(-(place + start) // 4096), (place + end) // 4096
            if first < last:
                size = ctypes.c_size_t((last - first) * 4096)
                ctypes.CDLL(None).madvise(ctypes.c_void_p(first * 4096), size, 4)
        elif way == 4:
            self._namespace[name] = array.copy()
        else:
            self._namespace[name] = self._new()


@pytest.mark.parametrize("seed", [5, 6])
def test_random_writes_between_and_during_saves(session: podfs.Session, seed: int) -> None:
    """What is copied for the background may stand where an array was that was saved before."""
    random_numbers = np.random.default_rng(seed)
    namespace = session.namespace()
    writer = _Writer(seed, namespace)
    for _ in range(10):
        for _ in range(random_numbers.integers(4)):
            writer.step()
        expected = {name: array.copy() for name, array in namespace.items()}
        revision: podfs.Revision | podfs.Pending
        if random_numbers.integers(2):
            revision = session.save(namespace)
        else:
            revision = session.save(namespace, wait=False)
        for _ in range(random_numbers.integers(3)):
            writer.step()
        loaded = session.load(int(revision), names=sorted(expected))
        for name, array in expected.items():
            assert np.array_equal(loaded[name], array), name
