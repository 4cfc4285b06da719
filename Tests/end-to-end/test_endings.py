"""How a mount ends, or does not: signals, full disks, programs that stop, stores that go."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import pickle
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import podfs as python
import pytest
from conftest import SECONDS, Podfs, has_ended, is_mounted, kill, noise, wait_until

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts disks as root")


@pytest.fixture
def alice(podfs: Podfs) -> Podfs:
    """A session with one commit."""
    with python.Store(podfs.store) as store:
        store.session("alice").save({"x": [1, 2, 3], "large": noise(3_000_000)})
    return podfs


@pytest.fixture
def tree(alice: Podfs, tmp_path: Path) -> Path:
    """A mount of the store."""
    return alice.mount(tmp_path / "mount")


class Program:
    """A program in Python that stops itself where it calls ``stop()``, and then is let go on."""

    def __init__(self, text: str, *arguments: object) -> None:
        stop = "import os, sys, signal\ndef stop(): os.kill(os.getpid(), signal.SIGSTOP)\n"
        self.process = subprocess.Popen(
            [sys.executable, "-c", stop + textwrap.dedent(text), *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_for_stop(self) -> None:
        """Return when it has stopped itself."""
        _, status = os.waitpid(self.process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), self.process.stdout and self.process.stdout.read()

    def go_on(self) -> str:
        """Let it run to its end; return what it prints."""
        self.process.send_signal(signal.SIGCONT)
        output, _ = self.process.communicate(timeout=SECONDS)
        assert self.process.returncode == 0, output
        return output


@pytest.fixture
def programs() -> Iterator[list[Program]]:
    """Programs that are ended with the test."""
    started: list[Program] = []
    yield started
    for program in started:
        program.process.kill()
        program.process.wait()


def kept(store: Path) -> list[bytes]:
    """Return the bytes that were set aside."""
    return [file.read_bytes() for file in sorted((store / "staging").glob("kept-*"))]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_to_an_idle_daemon(alice: Podfs, tree: Path, number: signal.Signals) -> None:
    daemon = alice.daemon()
    handle = os.pidfd_open(daemon)
    os.kill(daemon, number)
    assert has_ended(handle)
    assert not is_mounted(tree)
    assert os.listdir(tree) == []
    assert alice.json("status")[0]["mounts"] == []
    assert os.listdir(alice.store / "mounts") == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_while_a_file_is_written(
    alice: Podfs, tree: Path, programs: list[Program], number: signal.Signals
) -> None:
    # A program of its own: a child of this one would close what it inherits.
    programs.append(
        Program(
            """
            file = open(sys.argv[1], "r+b", buffering=0)
            file.write(b"half of it")
            stop()
            try:
                file.close()
            except OSError as error:
                print(error.errno)
            """,
            tree / "alice/workspace/x",
        )
    )
    programs[0].wait_for_stop()
    daemon = alice.daemon()
    handle = os.pidfd_open(daemon)
    os.kill(daemon, number)
    assert has_ended(handle)
    assert not is_mounted(tree)
    assert int(programs[0].go_on()) in (errno.ENOTCONN, errno.ECONNABORTED)
    (data,) = kept(alice.store)
    assert data.startswith(b"half of it")
    assert "'x' were not published" in (alice.store / "log").read_text()
    alice("mount", tree)
    assert pickle.loads((tree / "alice/workspace/x").read_bytes()) == [1, 2, 3]
    assert alice("check", "--data").startswith("no damage")


def test_lazy_umount_while_a_file_is_written(alice: Podfs, tree: Path) -> None:
    handle = os.pidfd_open(alice.daemon())
    with (tree / "alice/workspace/new").open("w") as file:
        file.write("begun")
        file.flush()
        assert "is in use; " in alice.error("umount", tree)
        alice("umount", "--lazy", tree)
        assert not is_mounted(tree)
        file.write(" and ended")
    assert has_ended(handle)
    assert alice.run("cat", "alice:new").stdout == b"begun and ended"
    assert kept(alice.store) == []


def test_store_that_is_removed(alice: Podfs, tree: Path) -> None:
    daemon = alice.daemon()
    log = Path(f"/proc/{daemon}/fd/2").open()  # noqa: SIM115
    shutil.rmtree(alice.store)
    workspace = tree / "alice/workspace"
    for change in (
        lambda: (tree / "bob").mkdir(),
        lambda: (workspace / "new").write_text("new"),
        lambda: (workspace / "x").unlink(),
        lambda: os.rename(workspace / "x", workspace / "y"),
        lambda: (tree / "alice/commit").write_text("why"),
        lambda: (tree / "alice/commits/1/large").read_bytes(),
        lambda: os.listdir(workspace),
        lambda: os.statvfs(tree),
    ):
        with pytest.raises(OSError) as caught:
            change()
        assert caught.value.errno in (errno.EIO, errno.ENOENT)
    with log:
        assert "was removed or replaced while it was open" in log.read()
    handle = os.pidfd_open(daemon)
    assert alice("umount", tree) == ""
    assert has_ended(handle)
    assert not is_mounted(tree)


@needs_root
def test_disk_that_is_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "none", disk], check=True)
    podfs = Podfs(disk / "store")
    try:
        podfs("init")
        tree = podfs.mount(tmp_path / "mount")
        (tree / "alice").mkdir()
        file = tree / "alice/workspace/file"
        old = noise(1_000_000)
        file.write_bytes(old)
        filler = disk / "filler"
        with filler.open("wb", buffering=0) as handle, contextlib.suppress(OSError):
            while handle.write(bytes(1 << 16)):
                pass
        with pytest.raises(OSError, match="No space left") as caught:
            file.write_bytes(noise(4_000_000))
        assert caught.value.errno == errno.ENOSPC
        assert file.read_bytes() == old
        filler.unlink()
        new = noise(2_000_000)
        file.write_bytes(new)
        assert file.read_bytes() == new
        (tree / "alice/commit").write_text("there is room")
        assert (tree / "alice/commits/1/file").read_bytes() == new
        assert podfs("check", "--data").startswith("no damage")
    finally:
        podfs.close()
        subprocess.run(["umount", "-l", disk], check=True)


def test_reader_in_the_middle_of_a_collection(
    alice: Podfs, tree: Path, programs: list[Program]
) -> None:
    data = (tree / "alice/commits/1/large").read_bytes()
    programs.append(
        Program(
            """
            import hashlib
            with open(sys.argv[1], "rb", buffering=0) as file:
                data = file.read(100_000)
                stop()
                # What the kernel has of it is dropped, so the pods are read.
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                file.seek(0)
                print(hashlib.sha256(file.read()).hexdigest(), os.fstat(file.fileno()).st_size)
            """,
            tree / "alice/commits/1/large",
        )
    )
    programs[0].wait_for_stop()
    with python.Store(alice.store) as store:
        store.session("alice").save({"x": "other"})
    alice("prune", "alice", "--keep-last", "1")
    alice("gc")
    wait_until(lambda: not (tree / "alice/commits/1").exists())
    assert programs[0].go_on().split() == [hashlib.sha256(data).hexdigest(), str(len(data))]
    wait_until(lambda: "removed" in alice("gc"))


def test_program_that_stops_while_it_writes(
    alice: Podfs, tree: Path, programs: list[Program]
) -> None:
    workspace = tree / "alice/workspace"
    for _ in range(2):
        programs.append(
            Program(
                """
                with open(sys.argv[1], "wb", buffering=0) as file:
                    file.write(b"begun")
                    stop()
                    file.write(b" and ended")
                """,
                workspace / f"stopped-{len(programs)}",
            )
        )
        programs[-1].wait_for_stop()
    (workspace / "other").write_text("other")
    os.rename(workspace / "other", workspace / "renamed")
    assert sorted(os.listdir(workspace)) == ["large", "renamed", "stopped-0", "stopped-1", "x"]
    assert (workspace / "stopped-0").read_text() == "begun"
    (tree / "alice/commit").write_text("meanwhile")
    assert "renamed" in os.listdir(tree / "alice/commits/2")
    assert "no damage" in alice("check")
    programs[0].go_on()
    assert (workspace / "stopped-0").read_text() == "begun and ended"
    kill(programs[1].process.pid)
    wait_until(lambda: not (workspace / "stopped-1").exists())
    assert kept(alice.store) == [b"begun"]


class Readers:
    """Threads that read files again and again until they fail or are told to stop."""

    def __init__(self, paths: list[Path], expected: list[bytes]) -> None:
        self.stopped = False
        self.errors: list[OSError] = []
        self.reads = 0
        self._everyone = threading.Barrier(len(paths) + 1)
        self._threads = [
            threading.Thread(target=self._read, args=pair)
            for pair in zip(paths, expected, strict=True)
        ]
        for thread in self._threads:
            thread.start()
        self._everyone.wait(SECONDS)

    def _read(self, path: Path, expected: bytes) -> None:
        with path.open("rb", buffering=0) as file:
            self._everyone.wait(SECONDS)
            try:
                while not self.stopped:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                    file.seek(0)
                    assert file.read() == expected
                    self.reads += 1
            except OSError as error:
                self.errors.append(error)

    def join(self) -> None:
        """Wait until all have ended."""
        for thread in self._threads:
            thread.join(SECONDS)
            assert not thread.is_alive()


@pytest.fixture
def many(alice: Podfs, tree: Path) -> tuple[list[Path], list[bytes]]:
    """Sixty-four files and what is in them."""
    with python.Store(alice.store) as store:
        store.session("alice").save({f"v{n}": noise(200_000 + n) for n in range(64)})
    paths = [tree / f"alice/commits/2/v{n}" for n in range(64)]
    return paths, [path.read_bytes() for path in paths]


def test_umount_while_64_threads_read(
    alice: Podfs, tree: Path, many: tuple[list[Path], list[bytes]]
) -> None:
    handle = os.pidfd_open(alice.daemon())
    readers = Readers(*many)
    assert "is in use; " in alice.error("umount", tree)
    alice("umount", "--lazy", tree)
    before = readers.reads
    wait_until(lambda: readers.reads > before + 64)
    readers.stopped = True
    readers.join()
    assert readers.errors == []
    assert has_ended(handle)
    alice("mount", tree)
    assert (tree / "README").exists()


def test_sigterm_while_64_threads_read(
    alice: Podfs, tree: Path, many: tuple[list[Path], list[bytes]]
) -> None:
    daemon = alice.daemon()
    handle = os.pidfd_open(daemon)
    readers = Readers(*many)
    os.kill(daemon, signal.SIGTERM)
    assert has_ended(handle)
    readers.join()
    assert len(readers.errors) == 64
    wrong = {error.errno for error in readers.errors}
    assert wrong <= {errno.ENOTCONN, errno.ECONNABORTED, errno.EIO}
    assert not is_mounted(tree)
    assert alice.json("status")[0]["mounts"] == []
    alice("mount", tree)
    assert many[0][0].read_bytes() == many[1][0]


def resources(process: int) -> tuple[int, int]:
    """Return how many descriptors a process has, and how many KiB of memory of its own."""
    status = Path(f"/proc/{process}/status").read_text()
    anonymous = next(line for line in status.splitlines() if line.startswith("RssAnon"))
    return len(os.listdir(f"/proc/{process}/fd")), int(anonymous.split()[1])


def open_and_close(tree: Path, count: int) -> None:
    """Open, read, write, list and close files of a mount."""
    for number in range(count):
        (tree / "alice/commits/1/x").read_bytes()
        (tree / "alice/text/1/x").read_bytes()
        (tree / f"alice/workspace/w{number % 10}").write_bytes(b"%d" % number)
        os.listdir(tree / "alice/workspace")


def test_opening_and_closing_leaks_nothing(alice: Podfs, tree: Path) -> None:
    daemon = alice.daemon()
    # Until the caches, and the threads beside the requests, have what they need.
    open_and_close(tree, 100)
    descriptors, memory = resources(daemon)
    open_and_close(tree, 100)
    # Some of them are opened when several requests come at once, and stay.
    assert resources(daemon)[0] <= descriptors + 16
    assert resources(daemon)[1] <= memory + 4096


def has_lines(log: Path, count: int) -> bool:
    """Tell whether a log, which may just be begun anew, has lines of unfinished files."""
    return log.exists() and log.read_text().count("unfinished") == count


def test_log_begins_anew_when_it_is_long(alice: Podfs, tmp_path: Path) -> None:
    log = alice.store / "log"
    log.write_bytes(b"x\n" * (3 << 20))
    first, second = (alice.mount(tmp_path / name) for name in ("first", "second"))
    (alice.store / "log.old").write_text("older")
    for number, tree in enumerate((first, second), 1):
        # The daemon has a line to tell about each that is ended while it writes.
        program = Program(
            "file = open(sys.argv[1], 'wb', buffering=0); file.write(b'x'); stop()",
            tree / "alice/workspace/unfinished",
        )
        program.wait_for_stop()
        kill(program.process.pid)
        program.process.wait()
        wait_until(partial(has_lines, log, number))
    assert log.stat().st_size < 1000
    assert (alice.store / "log.old").stat().st_size == 6 << 20
