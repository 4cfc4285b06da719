"""Long buffers: whether they are proven unchanged or read, the same is stored."""

from __future__ import annotations

import ctypes
import mmap
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import podfs
import pytest
from conftest import python
from podfs._bridge import Capturing

LIBC = ctypes.CDLL(None, use_errno=True)
COUNT = 3 << 20


@pytest.fixture(params=["proven", "read"])
def way(request: pytest.FixtureRequest) -> str:
    """How changes are found in a test, which runs both ways."""
    name: str = request.param
    return name


@pytest.fixture
def session(tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[podfs.Session]:
    store = podfs.Store(str(tmp_path / "store"))
    monkeypatch.setenv("PODFS_PROVE", "0")
    store.session("other").save({"array": filled()})  # what other tests left in memory is forgotten
    if way == "proven":
        monkeypatch.setenv("PODFS_PROVE", "1")
    yield store.session("a")
    store.close()


def can_prove() -> bool:
    """Tell whether the kernel watches memory here."""
    return Capturing.counts()["watched"] > 0


def save(session: podfs.Session, namespace: dict[str, Any]) -> int:
    """Save *namespace*, check what was stored, and return how many bytes were read for it."""
    before = Capturing.counts()
    revision = session.save(namespace)
    read = Capturing.counts()["read"] - before["read"]
    loaded = session.load(revision)
    for name, value in namespace.items():
        assert np.array_equal(loaded[name], value), name
    return read


def filled(seed: int = 1, count: int = COUNT) -> Any:
    return np.random.default_rng(seed).integers(0, 256, count, dtype="u1")


def address(array: Any, offset: int = 0) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data + offset)


def by_thread(array: Any, folder: Path) -> None:
    thread = threading.Thread(target=lambda: np.add(array[7:5000], 1, out=array[7:5000]))
    thread.start()
    thread.join()


def by_read(array: Any, folder: Path) -> None:
    (folder / "bytes").write_bytes(os.urandom(10_000))
    with open(folder / "bytes", "rb", buffering=0) as file:
        assert file.readinto(memoryview(array)[123_456:]) == 10_000


def by_preadv(array: Any, folder: Path) -> None:
    (folder / "bytes").write_bytes(os.urandom(10_000))
    with open(folder / "bytes", "rb") as file:
        view = memoryview(array)
        assert os.preadv(file.fileno(), [view[:10], view[2 << 20 : (2 << 20) + 900]], 5) == 910


def by_direct_read(array: Any, folder: Path) -> None:
    """Read into whole pages past the page cache, as a device does."""
    path = Path(__file__).with_name(f"direct-{os.getpid()}")  # not in memory, as /tmp may be
    path.write_bytes(os.urandom(1 << 16))
    try:
        file = os.open(path, os.O_RDONLY | os.O_DIRECT)
        try:
            start = -array.ctypes.data % 4096 + (1 << 20)
            assert os.preadv(file, [memoryview(array)[start : start + (1 << 16)]], 0) == 1 << 16
        finally:
            os.close(file)
    except OSError:
        pytest.skip("the file system reads through the page cache only")
    finally:
        path.unlink()


def by_c(array: Any, folder: Path) -> None:
    LIBC.memset(address(array, 2_000_000), 7, ctypes.c_size_t(1))


def by_own_memory_file(array: Any, folder: Path) -> None:
    with open("/proc/self/mem", "r+b", buffering=0) as file:
        file.seek(array.ctypes.data + 1_500_000)
        file.write(b"podfs")


def by_dropping_pages(array: Any, folder: Path) -> None:
    start = -array.ctypes.data % 4096 + (1 << 20)
    assert LIBC.madvise(address(array, start), ctypes.c_size_t(1 << 16), 4) == 0
    assert not array[start : start + (1 << 16)].any()


def by_dropping_unread(array: Any, folder: Path) -> None:
    start = -array.ctypes.data % 4096 + (1 << 20)
    assert LIBC.madvise(address(array, start), ctypes.c_size_t(1 << 16), 4) == 0


def at_the_edges(array: Any, folder: Path) -> None:
    array[0] ^= 1
    array[-1] ^= 1


WRITES: dict[str, Callable[[Any, Path], None]] = {
    "one element": lambda array, _: array.__setitem__(5, array[5] ^ 1),
    "ufunc": lambda array, _: np.add(array, 1, out=array),
    "view": lambda array, _: array[100:-100:777].__iadd__(1),
    "frombuffer": lambda array, _: np.frombuffer(array, "u4")[:9].__setitem__(3, 77),
    "sort": lambda array, _: array.sort(),
    "thread": by_thread,
    "read(2)": by_read,
    "preadv": by_preadv,
    "O_DIRECT": by_direct_read,
    "C": by_c,
    "/proc/self/mem": by_own_memory_file,
    "madvise": by_dropping_pages,
    "madvise, unread": by_dropping_unread,
    "edges": at_the_edges,
}


@pytest.mark.parametrize("write", WRITES)
def test_a_write_is_found_whoever_makes_it(
    session: podfs.Session, tmp_path: Path, way: str, write: str
) -> None:
    array = filled() if "madvise" not in write else np.frombuffer(mmap.mmap(-1, COUNT, 34), "u1")
    if "madvise" in write:
        array[:] = filled()
    other = filled(2)
    namespace = {"array": array, "other": other}
    save(session, namespace)
    if way == "proven" and can_prove():
        assert save(session, namespace) == 0
    WRITES[write](array, tmp_path)
    read = save(session, namespace)
    if way == "proven" and can_prove():
        assert 0 < read <= COUNT
        assert save(session, namespace) in (0, COUNT)  # all of one that was written wholly
    else:
        assert read == 2 * COUNT


def test_what_stands_anew_at_an_address_is_read(session: podfs.Session) -> None:
    for seed in range(12):
        namespace = {"array": filled(seed, COUNT + 4096 * (seed % 3))}
        save(session, namespace)
        save(session, namespace)
        del namespace


def test_memory_that_grows_and_moves_is_read(session: podfs.Session) -> None:
    array = filled()
    for count in (COUNT, COUNT + 5000, 4 * COUNT, COUNT + 1, 2 * COUNT):
        array.resize(count, refcheck=False)
        array[::100_000] += 1
        save(session, {"array": array})
        array[-1] += 1
        save(session, {"array": array})


def test_overlapping_buffers_do_not_hide_writes_from_each_other(session: podfs.Session) -> None:
    array = filled()
    views = {"a": array[:-5], "b": array[1 << 20 :], "c": array[4097 : (2 << 20) + 9]}
    for index, name in enumerate("abcabcacbabc" * 2):
        array[(index * 777_777) % COUNT] ^= 1
        if index % 5 == 0:
            array[:] = filled(index)  # most of it: it is not watched until it rests
        save(session, {name: views[name]})


def test_a_file_that_is_mapped_is_read(session: podfs.Session, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(filled().tobytes())
    for mode in ("r+", "c", "r"):
        array: Any = np.memmap(path, "u1", mode)
        namespace = {"array": np.asarray(array)}
        save(session, namespace)
        with open(path, "r+b", buffering=0) as file:
            file.seek(1_000_000)
            file.write(os.urandom(100))
        assert save(session, namespace) == COUNT
        if mode != "r":
            array[5] += 1
            assert save(session, namespace) == COUNT


def test_shared_memory_is_read_when_a_child_writes_it(session: podfs.Session) -> None:
    shared = mmap.mmap(-1, COUNT)
    array = np.frombuffer(shared, "u1")
    save(session, {"array": array})
    child = os.fork()
    if child == 0:
        shared[1_000_000] = 9
        os._exit(0)
    os.waitpid(child, 0)
    assert array[1_000_000] == 9
    assert save(session, {"array": array}) == COUNT


def test_a_child_knows_nothing_and_the_parent_everything(session: podfs.Session, way: str) -> None:
    array = filled()
    save(session, {"array": array})
    child = os.fork()
    if child == 0:
        code = 1
        try:
            array[12_345] += 1
            read = save(session, {"array": array})
            array[54_321] += 1
            save(session, {"array": array})
            code = 0 if read == COUNT else 2
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    array[77] += 1
    read = save(session, {"array": array})
    if way == "proven" and can_prove():
        assert read < COUNT
        assert save(session, {"array": array}) == 0


def test_random_writes(session: podfs.Session) -> None:
    random = np.random.default_rng(5)
    arrays = {f"a{index}": filled(index, (1 << 20) + 4097 * index) for index in range(5)}
    for _ in range(25):
        for name in random.choice(list(arrays), 2):
            array = arrays[name]
            kind = random.integers(0, 6)
            start = int(random.integers(0, array.size))
            stop = start + int(random.integers(1, 30_000))
            if kind == 0:
                arrays[name] = np.concatenate([array[start:], array[:start]])
            elif kind == 1:
                arrays[name] = array.copy()
            elif kind == 2:
                array[:] = array[::-1].copy()
            else:
                array[start:stop] ^= 1
        save(session, arrays)


CODE = """
import os, sys
import numpy as np, podfs
from podfs._bridge import Capturing
session = podfs.Store(sys.argv[1]).session("a")
array = np.arange(1 << 20)
session.save({"array": array})
{setup}
for _ in range(3):
    array[5] += 1
    assert session.load(session.save({"array": array}))["array"][5] == array[5]
print(Capturing.counts()["watched"], Capturing.counts()["proven"])
"""

#: Ends what the kernel told this process through, behind the back of the library.
CLOSE = """
for entry in os.listdir("/proc/self/fd"):
    try:
        path = os.readlink(f"/proc/self/fd/{entry}")
    except FileNotFoundError:
        continue
    if path == "anon_inode:[userfaultfd]" or path.endswith("/pagemap"):
        os.close(int(entry))
"""


@pytest.mark.parametrize(
    "setup",
    [
        "kept = os.open('/proc/self/exe', os.O_RDONLY | os.O_DIRECT)",
        "os.environ['PODFS_PROVE'] = '0'",
        CLOSE,
    ],
    ids=["direct file", "setting", "closed"],
)
def test_without_a_proof_everything_is_read(tmp_path: Path, setup: str) -> None:
    code = CODE.replace("{setup}", setup).replace("sys.argv[1]", repr(str(tmp_path / "store")))
    watched, proven = map(int, python(code).split())
    assert (watched, proven) == (0, 0)


def test_what_c_writes_while_it_is_stored_is_in_the_next_commit(session: podfs.Session) -> None:
    ours, theirs = socket.socketpair()
    arrays: dict[str, Any] = {f"a{size}": np.zeros(size, "u1") for size in (20_000, 200_000, COUNT)}
    stream = filled(3, sum(map(len, arrays.values())))

    def receive() -> None:
        for array in arrays.values():
            view = memoryview(array)
            assert ours.recv_into(view, len(view), socket.MSG_WAITALL) == len(view)

    def send() -> None:
        for start in range(0, stream.size, 10_000):
            theirs.sendall(stream[start : start + 10_000])

    threads = [threading.Thread(target=receive), threading.Thread(target=send)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        session.load(session.save(arrays))  # whatever was there when it was read
    for thread in threads:
        thread.join()
    save(session, arrays)
    for array in arrays.values():
        array[:] = 0
    save(session, arrays)
    ours.close()
    theirs.close()
