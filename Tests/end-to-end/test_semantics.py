"""Does what ``docs/semantics.md`` says: each row of its table, each statement about workspaces."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import mmap
import os
import pickle
import random
import re
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import podfs as python
import pytest
from conftest import ROOT, Podfs, pack_bytes, wait_until

PAGE = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
LIBC = ctypes.CDLL(None, use_errno=True)
AT_FDCWD = -100
NOREPLACE, EXCHANGE, WHITEOUT = 1, 2, 4
MIB = 1 << 20

Attempt = Callable[[], object]


class Place:
    """A mount with two sessions, of which alice has two commits, a branch and a tag."""

    def __init__(self, podfs: Podfs, folder: Path) -> None:
        self.podfs = podfs
        self.tree = tree = podfs.mount(folder / "mount")
        # No process is started where it matters what is open: a child closes what it inherits.
        self.other = podfs.mount(folder / "other") / "alice"
        self.alice = tree / "alice"
        self.work = self.alice / "workspace"
        self.old = self.alice / "commits" / "1"

    def file(self, name: str, data: bytes | str = b"one") -> Path:
        """Write a file of the workspace."""
        path = self.work / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    def sealed(self, name: str) -> bytes | None:
        """Return what other processes find under the name, or nothing."""
        try:
            return (self.other / "workspace" / name).read_bytes()
        except FileNotFoundError:
            return None


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("semantics")
    podfs = Podfs(folder / "store")
    podfs("init")
    with python.Store(podfs.store) as store:
        for name in ("alice", "bob"):
            store.session(name).save({"x": [1], "y": "text"})
            store.session(name).save({"x": [2], "y": "text"})
    podfs("tag", "alice", "first", "1")
    podfs("branch", "alice", "idea", "1")
    try:
        yield Place(podfs, folder)
    finally:
        podfs.close()


def call(function: Any, *arguments: object) -> None:
    """Call a function of the C library."""
    if function(*arguments) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def rename(source: Path, target: Path, flags: int) -> None:
    call(LIBC.renameat2, AT_FDCWD, os.fsencode(source), AT_FDCWD, os.fsencode(target), flags)


def opened(path: Path | bytes, flags: int) -> None:
    os.close(os.open(path, flags | os.O_CLOEXEC, 0o644))


def closed_after(path: Path, data: bytes) -> None:
    """Write into a file and close it: what is refused then is what is asked for."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC)
    try:
        os.write(file, data)
    except OSError:
        os.close(file)
        raise
    os.close(file)


# What the page says is refused


def rows() -> dict[str, tuple[str, str]]:
    """Return what each row of the table says is refused: where, and with which errno."""
    table = re.findall(r"^\| (.+) \| (.+) \| (.+) \| (.+) \|$", PAGE, flags=re.M)
    return {what: (where, code) for what, where, code, _ in table if what != "what"}


REFUSALS: dict[str, Callable[[Place], Iterator[Attempt]]] = {}


def refused(what: str) -> Callable[[Callable[[Place], Iterator[Attempt]]], None]:
    """Say which row's attempts a function makes."""

    def add(attempts: Callable[[Place], Iterator[Attempt]]) -> None:
        REFUSALS[what] = attempts

    return add


@refused(
    "any change: write, truncate, create, remove, rename, chmod, chown, touch, setxattr",
)
def _(place: Place) -> Iterator[Attempt]:
    for file in (place.old / "x", place.alice / "text" / "1" / "x", place.alice / "vars/x/1"):
        yield partial(opened, file, os.O_WRONLY)
        yield partial(os.truncate, file, 0)
        yield partial(file.unlink)
    x = place.old / "x"
    yield lambda: opened(place.old / "new", os.O_CREAT | os.O_WRONLY)
    yield lambda: x.rename(place.old / "z")
    yield lambda: x.chmod(0o600)
    yield lambda: os.chown(x, os.geteuid(), -1)
    yield lambda: os.utime(x)
    yield lambda: os.setxattr(x, "user.a", b"1")
    yield lambda: os.removexattr(x, "user.podfs.type")
    for folder in (place.tree, place.alice, place.old, place.alice / "text" / "workspace"):
        yield partial(folder.chmod, 0o700)
        yield partial(os.utime, folder)
        yield partial(os.setxattr, folder, "user.a", b"1")


@refused("mkdir, symlink, link, mkfifo, mknod")
def _(place: Place) -> Iterator[Attempt]:
    new, file = place.work / "new", place.file("file")
    yield lambda: new.mkdir()
    yield lambda: new.symlink_to("file")
    yield lambda: os.link(file, new)
    yield lambda: os.mkfifo(new)
    yield lambda: os.mknod(new, stat.S_IFREG | 0o600)
    yield lambda: socket.socket(socket.AF_UNIX).bind(os.path.relpath(new))


@refused("open with O_TMPFILE")
def _(place: Place) -> Iterator[Attempt]:
    yield lambda: opened(place.work, os.O_TMPFILE | os.O_RDWR)


@refused("creating and removing files, and symlinks in the root")
def _(place: Place) -> Iterator[Attempt]:
    for folder in (place.tree, place.alice, place.alice / "branches", place.alice / "tags"):
        yield partial(opened, folder / "new", os.O_CREAT | os.O_WRONLY)
    yield lambda: (place.tree / "README").unlink()
    yield lambda: (place.alice / "log").unlink()
    yield lambda: (place.tree / "link").symlink_to("alice")


@refused("rmdir of a session with commits or files")
def _(place: Place) -> Iterator[Attempt]:
    yield lambda: place.alice.rmdir()


@refused("rename of a session to a name that no session can have")
def _(place: Place) -> Iterator[Attempt]:
    for name in ("7", "HEAD", "a@b", "-x", ".x"):
        yield partial(place.alice.rename, place.tree / name)


@refused("rename of a session to a name that another one has")
def _(place: Place) -> Iterator[Attempt]:
    (place.tree / "dora").mkdir(exist_ok=True)
    yield lambda: place.alice.rename(place.tree / "dora")


@refused(
    "a symlink that does not lead to a commit, a branch, a tag or `HEAD` of the session",
)
def _(place: Place) -> Iterator[Attempt]:
    for target in ("../log", "/etc/passwd", "../commits/1/x"):
        yield partial((place.alice / "branches" / "new").symlink_to, target)
    yield lambda: (place.alice / "tags" / "new").symlink_to("../workspace")
    yield lambda: (place.alice / "new").symlink_to("log")


@refused("a symlink to a commit, branch or tag that is not there")
def _(place: Place) -> Iterator[Attempt]:
    yield lambda: (place.alice / "branches" / "new").symlink_to("../commits/99")
    yield lambda: (place.alice / "tags" / "new").symlink_to("../branches/none")


@refused("a symlink to another session")
def _(place: Place) -> Iterator[Attempt]:
    target = place.tree / "bob" / "commits" / "1"
    yield lambda: (place.alice / "branches" / "new").symlink_to(target)


@refused("a symlink, or a rename without replacing, where the name is taken")
def _(place: Place) -> Iterator[Attempt]:
    branches = place.alice / "branches"
    yield lambda: (branches / "idea").symlink_to("../commits/1")
    yield lambda: (place.alice / "tags" / "first").symlink_to("../commits/1")
    yield lambda: rename(branches / "idea", branches / "main", NOREPLACE)


@refused("rm or moving of the branch that is checked out")
def _(place: Place) -> Iterator[Attempt]:
    yield lambda: (place.alice / "branches" / "main").unlink()


@refused("checking out by `ln -sfn TARGET HEAD` with uncommitted changes")
def _(place: Place) -> Iterator[Attempt]:
    place.file("changed")
    (place.alice / "temporary").symlink_to("commits/1")
    yield lambda: (place.alice / "temporary").rename(place.alice / "HEAD")


@refused("rm of `HEAD`, rename of `HEAD` or to another fixed name")
def _(place: Place) -> Iterator[Attempt]:
    yield lambda: (place.alice / "HEAD").unlink()
    yield lambda: (place.alice / "HEAD").rename(place.alice / "new")


@refused("rename of branches to tags, or between sessions")
def _(place: Place) -> Iterator[Attempt]:
    idea = place.alice / "branches" / "idea"
    yield lambda: idea.rename(place.alice / "tags" / "idea")
    yield lambda: idea.rename(place.tree / "bob" / "branches" / "idea")


@refused("mkdir with a name that no session can have (`7`, `HEAD`, `a@b`, `-x`, `.x`)")
def _(place: Place) -> Iterator[Attempt]:
    for name in ("7", "HEAD", "a@b", "-x", ".x"):
        yield partial((place.tree / name).mkdir)


@refused("a name of more than 255 bytes")
def _(place: Place) -> Iterator[Attempt]:
    name = "ä" * 128
    for folder in (place.tree, place.alice, place.work, place.old):
        yield partial(os.stat, folder / name)
    file = place.file("file")
    yield lambda: opened(place.work / name, os.O_CREAT | os.O_WRONLY)
    yield lambda: file.rename(place.work / name)
    yield lambda: (place.work / name).unlink()
    yield lambda: (place.tree / name).mkdir()


@refused("a name that is not UTF-8")
def _(place: Place) -> Iterator[Attempt]:
    work, file = os.fsencode(place.work), place.file("file")
    yield lambda: opened(work + b"/\xff", os.O_CREAT | os.O_WRONLY)
    yield lambda: os.stat(work + b"/\xff")
    yield lambda: os.rename(os.fsencode(file), work + b"/\xff")
    yield lambda: os.mkdir(os.fsencode(place.tree) + b"/\xff")


@refused("rename between two workspaces")
def _(place: Place) -> Iterator[Attempt]:
    file = place.file("file")
    yield lambda: file.rename(place.tree / "bob" / "workspace" / "file")
    yield lambda: rename(file, place.tree / "bob" / "workspace" / "x", EXCHANGE)


@refused("rename with RENAME_WHITEOUT")
def _(place: Place) -> Iterator[Attempt]:
    file = place.file("file")
    yield lambda: rename(file, place.work / "new", WHITEOUT)


@refused("fallocate with a mode other than 0, KEEP_SIZE, PUNCH_HOLE and ZERO_RANGE")
def _(place: Place) -> Iterator[Attempt]:
    path = place.file("file", bytes(MIB))
    for mode in (0x08, 0x20, 0x40):
        with path.open("r+b") as file:
            yield partial(
                call, LIBC.fallocate, file.fileno(), mode, ctypes.c_long(0), ctypes.c_long(4096)
            )


@refused("a file that is larger than the disk of the store, and than 64 GiB")
def _(place: Place) -> Iterator[Attempt]:
    file = place.file("file")
    disk = os.statvfs(place.podfs.store)
    limit = max(64 << 30, disk.f_frsize * disk.f_blocks)
    for size in (limit + 1, 1 << 62):
        yield partial(os.truncate, file, size)
        with file.open("r+b", buffering=0) as handle:
            yield partial(os.ftruncate, handle.fileno(), size)
            yield partial(os.pwrite, handle.fileno(), b"x", size - 1)
            yield partial(os.posix_fallocate, handle.fileno(), size - 1, 1)


@refused("FICLONE (`cp --reflink=always`)")
def _(place: Place) -> Iterator[Attempt]:
    source, target = place.file("file"), place.file("other")
    with source.open("rb") as one, target.open("r+b") as two:
        yield lambda: fcntl.ioctl(two.fileno(), 0x40049409, one.fileno())


@refused("chown to another owner")
def _(place: Place) -> Iterator[Attempt]:
    for file in (place.file("file"), place.work):
        yield partial(os.chown, file, 12345, -1)
        yield partial(os.chown, file, -1, 12345)


@refused("chmod with set-user-ID or set-group-ID")
def _(place: Place) -> Iterator[Attempt]:
    for file in (place.file("file"), place.work):
        yield partial(file.chmod, 0o4755)
        yield partial(file.chmod, 0o2755)


@refused("setxattr and removexattr of `user.podfs.*`")
def _(place: Place) -> Iterator[Attempt]:
    file = place.file("file")
    yield lambda: os.setxattr(file, "user.podfs.type", b"list")
    yield lambda: os.setxattr(file, "user.podfs.new", b"1")
    yield lambda: os.removexattr(file, "user.podfs.type")
    yield lambda: os.setxattr(place.work, "user.podfs.new", b"1")
    yield lambda: os.removexattr(place.work, "user.podfs.type")


@refused("setxattr, when a file's attributes take 1 MiB, or their names 32 KiB")
def _(place: Place) -> Iterator[Attempt]:
    file = place.file("file")
    for number in range(15):
        os.setxattr(file, f"user.{number}", bytes(64 << 10))
    yield lambda: os.setxattr(file, "user.more", bytes(64 << 10))
    other = place.file("other")
    with other.open("ab") as handle:
        for number in range(133):
            os.setxattr(handle.fileno(), f"user.{number:0240}", b"")
        yield lambda: os.setxattr(handle.fileno(), f"user.{'x' * 240}", b"")
    for number in range(15):
        os.setxattr(place.work, f"user.{number}", bytes(64 << 10))
    yield lambda: os.setxattr(place.work, "user.more", bytes(64 << 10))
    for name in os.listxattr(place.work):
        os.removexattr(place.work, name)


@refused("extended attributes outside `user.*`")
def _(place: Place) -> Iterator[Attempt]:
    for file in (place.file("file"), place.old / "x"):
        for name in ("security.a", "trusted.a", "system.posix_acl_access"):
            yield partial(os.getxattr, file, name)
    yield lambda: os.setxattr(place.work / "file", "security.a", b"1")


@contextlib.contextmanager
def configured(place: Place, setting: str, value: str) -> Iterator[None]:
    """Give the store a limit for a while."""
    place.podfs("config", setting, value)
    try:
        yield
    finally:
        place.podfs("config", setting, "default")


def _too_large(place: Place, data: bytes) -> Iterator[Attempt]:
    file = place.file("file", b"old")
    yield lambda: closed_after(file, data)
    with contextlib.suppress(OSError), file.open("r+b", buffering=0) as handle:
        handle.write(data)
        yield lambda: os.fsync(handle.fileno())
    # A moment later the last descriptor is gone, and with it what was refused.
    wait_until(lambda: file.read_bytes() == b"old")


@refused("a file over `largest-variable`")
def _(place: Place) -> Iterator[Attempt]:
    with configured(place, "largest-variable", "1KiB"):
        yield from _too_large(place, bytes(2000))


@refused("a file that would make the store larger than `largest-store`")
def _(place: Place) -> Iterator[Attempt]:
    with configured(place, "largest-store", "1000"):
        yield from _too_large(place, random.Random(1).randbytes(9000))


@refused("a message of more than 64 KiB")
def _(place: Place) -> Iterator[Attempt]:
    yield lambda: closed_after(place.alice / "commit", b"m" * (65 << 10))


@refused("a message that is not UTF-8")
def _(place: Place) -> Iterator[Attempt]:
    yield lambda: closed_after(place.alice / "commit", b"\xff")


def outcome(attempt: Attempt) -> str:
    """Return the name of the errno with which an attempt fails, as the page has it."""
    try:
        attempt()
    except OSError as error:
        return errno.errorcode[error.errno or 0].replace("ENOTSUP", "EOPNOTSUPP")
    return "no error"


@pytest.mark.parametrize("what", list(rows()))
def test_what_is_refused(what: str, place: Place) -> None:
    """Every attempt of a row fails with the row's errno."""
    assert what in REFUSALS, f"the row '{what}' of docs/semantics.md has no test"
    expected = rows()[what][1].split()[0]
    count = 0
    for attempt in REFUSALS[what](place):
        count += 1
        assert outcome(attempt) == expected, f"attempt {count}"
    assert count > 0


def test_every_refusal_that_is_tested_is_told() -> None:
    assert set(REFUSALS) == set(rows())


# What the page says of workspaces

SECTIONS = ["When a file becomes a version", "What is remembered of a workspace file"]
STATEMENTS: dict[str, Callable[[Place], None]] = {}
# What needs more than a mount, and so is tried by a test of its own.
ELSEWHERE = {"A file whose writer had an error of `write`": "test_endings.test_disk_that_is_full"}


def statements() -> list[str]:
    """Return what the sections about workspaces say, each in one line."""
    lines: list[str] = []
    for name in SECTIONS:
        section = PAGE.split(f"## {name}\n")[1].split("\n## ")[0]
        lines += [" ".join(item.split()) for item in section.split("\n- ")[1:]]
    return lines


def stated(beginning: str) -> Callable[[Callable[[Place], None]], None]:
    """Say which statement a function tries, by how it begins."""

    def add(trial: Callable[[Place], None]) -> None:
        STATEMENTS[beginning] = trial

    return add


@stated("Bytes that are written are staged")
def _(place: Place) -> None:
    path = place.file("staged", b"old")
    with path.open("r+b", buffering=0) as file:
        file.write(b"new")
        assert path.read_bytes() == b"new"
        assert place.sealed("staged") == b"old"
    assert place.sealed("staged") == b"new"
    with configured(place, "largest-variable", "1KiB"), pytest.raises(OSError, match="too large"):
        path.write_bytes(bytes(2000))
    wait_until(lambda: path.read_bytes() == b"new")


@stated("`fsync` seals at once")
def _(place: Place) -> None:
    path = place.work / "synced"
    with path.open("wb", buffering=0) as file, path.open("r+b", buffering=0):
        file.write(b"now")
        os.fsync(file.fileno())
        assert place.sealed("synced") == b"now"
    os.truncate(path, 1)
    assert place.sealed("synced") == b"n"


@stated("A close before the first byte is no end")
def _(place: Place) -> None:
    file = os.open(place.work / "early", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC)
    os.close(os.dup(file))
    assert place.sealed("early") is None
    os.close(file)
    wait_until(lambda: place.sealed("early") == b"")
    # A commit does not miss what is closed.
    for number in range(20):
        opened(place.work / f"empty{number}", os.O_WRONLY | os.O_CREAT)
        (place.alice / "commit").write_text("empty")
        assert (place.alice / "HEAD" / f"empty{number}").exists()


@stated("`dup` and `fork` make one open file")
def _(place: Place) -> None:
    file = os.open(place.work / "twice", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC)
    other = os.dup(file)
    os.write(file, b"a")
    os.close(other)
    assert place.sealed("twice") == b"a"
    os.write(file, b"b")
    os.close(file)
    assert place.sealed("twice") == b"ab"


@stated("With several writers the last one to close publishes")
def _(place: Place) -> None:
    path = place.file("shared", b"old")
    with path.open("r+b", buffering=0) as last:
        with path.open("r+b", buffering=0) as first:
            first.write(b"new")
        assert place.sealed("shared") == b"old"
        last.write(b"N")
    assert place.sealed("shared") == b"New"


@stated("A mapping that is written after `close`")
def _(place: Place) -> None:
    path = place.file("mapped", b"old")
    with path.open("r+b") as file:
        mapping = mmap.mmap(file.fileno(), 3)
    mapping[:] = b"new"
    mapping.close()
    wait_until(lambda: place.sealed("mapped") == b"new")


@stated("Bytes of a writer that was killed")
def _(place: Place) -> None:
    place.file("killed", b"old")
    staging = place.podfs.store / "staging"
    kept = set(staging.glob("kept-*"))
    writer = "import sys; f = open(sys.argv[1], 'w'); f.write('half'); f.flush(); print(flush=True)"
    writer += "; input()"
    command = ["python3", "-c", writer, str(place.work / "killed")]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with child:
        assert child.stdout is not None
        child.stdout.readline()
        child.send_signal(signal.SIGKILL)
    wait_until(lambda: set(staging.glob("kept-*")) > kept)
    assert place.sealed("killed") == b"old"
    assert (place.work / "killed").read_bytes() == b"old"
    (new,) = set(staging.glob("kept-*")) - kept
    assert new.read_bytes() == b"half"


@stated("`rename` seals the file first")
def _(place: Place) -> None:
    with (place.work / "before").open("wb", buffering=0) as file:
        file.write(b"one")
        (place.work / "before").rename(place.work / "after")
        assert place.sealed("after") == b"one"
        file.write(b"two")
    assert place.sealed("after") == b"onetwo"
    assert place.sealed("before") is None


@stated("Writing the bytes that are there already")
def _(place: Place) -> None:
    path = place.file("again")
    version = os.getxattr(path, "user.podfs.version")
    place.file("again")
    assert os.getxattr(path, "user.podfs.version") == version


@stated("When another process binds a name")
def _(place: Place) -> None:
    data = random.Random(1).randbytes(MIB)
    with python.Store(place.podfs.store) as store:
        # What the daemon writes itself stays in its pack; what others wrote is collected.
        store.session("carol").save({"bound": data})
        store.session("carol").save({"bound": b"new"})
    carol = place.tree / "carol"
    shutil.copyfile(carol / "commits/1/bound", carol / "workspace/bound")
    with (carol / "workspace" / "bound").open("rb") as reader:
        old = os.fstat(reader.fileno()).st_ino
        place.podfs("cp", "carol@2:bound", "carol:bound")
        assert os.stat(carol / "workspace" / "bound").st_ino != old
        assert pickle.loads((carol / "workspace" / "bound").read_bytes()) == b"new"
        place.podfs("rm", "-r", "carol")
        place.podfs("gc")
        os.posix_fadvise(reader.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        assert pickle.loads(reader.read()) == data
    path = place.file("bound", b"old")
    with path.open("r+b", buffering=0) as writer:
        writer.write(b"mine")
        shutil.copyfile(place.other / "commits/1/x", place.other / "workspace/bound")
        assert place.sealed("bound") == (place.old / "x").read_bytes()
    assert place.sealed("bound") == b"mine"


@stated("A write while the file is sealed")
def _(place: Place) -> None:
    path = place.file("waiting", bytes(8 * MIB))
    with path.open("r+b", buffering=0) as one, path.open("r+b", buffering=0) as other:
        one.write(random.Random(1).randbytes(8 * MIB))
        if (child := os.fork()) == 0:
            os.fsync(one.fileno())
            os._exit(0)
        other.write(b"later")
        assert os.waitpid(child, 0)[1] == 0
    assert path.read_bytes()[:5] == b"later"


@stated("Copying a whole file of the mount")
def _(place: Place) -> None:
    place.file("large", random.Random(1).randbytes(4 * MIB))
    before = pack_bytes(place.podfs.store)
    # Else `cp -a`, which copies them, would read it all.
    assert "user.podfs.sha256" not in os.listxattr(place.work / "large")
    for command in ("cp", "cp -a", "cp -r"):
        subprocess.run(f"{command} large copy", shell=True, cwd=place.work, check=True)
    subprocess.run("cat large > other", shell=True, cwd=place.work, check=True)
    assert pack_bytes(place.podfs.store) == before
    assert (place.work / "other").read_bytes() == (place.work / "large").read_bytes()


def remounted(place: Place) -> None:
    place.podfs("umount", place.tree)
    place.podfs("mount", place.tree)


@stated("Permissions of a workspace file belong to its version")
def _(place: Place) -> None:
    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    path = place.file("closed")
    path.chmod(0o640)
    (place.alice / "commit").write_text("closed")
    commit = (place.alice / "HEAD").resolve()
    assert mode(commit / "closed") == 0o440
    assert mode(place.alice / "text" / commit.name / "closed") == 0o440
    assert mode(place.alice / "text" / "workspace" / "closed") == 0o440
    place.podfs("cp", "alice@1:x", "alice:closed")
    path.rename(place.work / "renamed")
    (place.alice / "commit").write_text("another value")
    path = place.work / "renamed"
    assert mode(path) == 0o640
    path.chmod(0o600)
    assert mode(place.alice / "HEAD" / "renamed") == 0o400
    assert mode(commit / "closed") == 0o440
    path.unlink()
    place.file("renamed")
    assert mode(path) == 0o644
    (place.alice / "commit").write_text("no longer closed")
    place.podfs("checkout", "alice", commit.name)
    assert mode(place.work / "closed") == 0o640
    place.podfs("checkout", "alice", "main")
    remounted(place)


@stated("`user.*` attributes of a workspace file belong to its name")
def _(place: Place) -> None:
    path = place.file("named")
    os.setxattr(path, "user.colour", b"red")
    place.podfs("cp", "alice@1:x", "alice:named")
    path.rename(place.work / "renamed")
    remounted(place)
    renamed = place.work / "renamed"
    assert os.getxattr(renamed, "user.colour") == b"red"
    names = os.listxattr(renamed)
    assert {"user.colour", "user.podfs.type"} <= set(names)
    renamed.unlink()
    place.file("renamed")
    assert "user.colour" not in os.listxattr(renamed)


@stated("Times of a workspace file belong to its value as well")
def _(place: Place) -> None:
    for seconds in (-315_619_200, 4_102_444_800):
        path = place.file("timed", str(seconds))
        times = (seconds * 10**9 + 1, seconds * 10**9 + 999_999_999)
        os.utime(path, ns=times)
        path.read_bytes()
        (place.alice / "commit").write_text("times")
        remounted(place)
        status = path.stat()
        assert (status.st_atime_ns, status.st_mtime_ns) == times
    before = time.time()
    place.podfs("cp", "alice@1:x", "alice:timed")
    assert before - 1 < path.stat().st_mtime < time.time() + 1


@stated("`st_blocks` of a workspace file that is written")
def _(place: Place) -> None:
    path = place.work / "sparse"
    with path.open("wb", buffering=0) as file:
        os.pwrite(file.fileno(), b"x" * 4096, 16 * MIB)
        assert path.stat().st_blocks < 100
        assert os.lseek(file.fileno(), 0, os.SEEK_DATA) == 16 * MIB
    wait_until(lambda: path.stat().st_blocks == (16 * MIB + 4096) // 512)
    with path.open("rb") as reader:
        assert os.lseek(reader.fileno(), 5, os.SEEK_DATA) == 5
        assert os.lseek(reader.fileno(), 5, os.SEEK_HOLE) == 16 * MIB + 4096


@stated("Permissions, times and `user.*` attributes of `workspace/` itself")
def _(place: Place) -> None:
    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    assert (mode(place.work), mode(place.alice)) == (0o755, 0o755)
    (place.alice / "commit").write_text("nothing is uncommitted")
    shared = place.other / "workspace"
    os.setxattr(place.work, "user.colour", b"red")
    with pytest.raises(FileExistsError):
        os.setxattr(place.work, "user.colour", b"blue", os.XATTR_CREATE)
    place.work.chmod(0o1710)
    place.podfs("checkout", "alice", "1")
    place.podfs("checkout", "alice", "main")
    os.utime(place.work, ns=(-315_619_199_000_000_001, 4_102_444_800_123_456_789))
    remounted(place)
    for folder in (place.work, shared):
        wait_until(lambda folder=folder: mode(folder) == 0o1710)  # type: ignore[misc]
        status = folder.stat()
        times = (-315_619_199_000_000_001, 4_102_444_800_123_456_789)
        assert (status.st_atime_ns, status.st_mtime_ns) == times
        assert os.listxattr(folder) == ["user.colour"]
        assert os.getxattr(folder, "user.colour") == b"red"
    # The directory of the session lets in nobody else, and its owner always.
    assert (mode(place.alice), mode(place.other)) == (0o710, 0o710)
    place.work.chmod(0o000)
    assert mode(place.alice) == 0o700
    place.work.chmod(0o777)
    assert mode(place.alice) == 0o755
    place.work.chmod(0o755)
    os.removexattr(place.work, "user.colour")
    mask = os.umask(0o077)
    (place.tree / "private").mkdir()
    os.umask(mask)
    assert (mode(place.tree / "private"), mode(place.tree / "private/workspace")) == (0o700, 0o700)
    (place.tree / "private").rmdir()


@stated("mtime of `workspace/` moves")
def _(place: Place) -> None:
    os.utime(place.work)
    times = [place.work.stat().st_mtime_ns]

    def moved() -> bool:
        times.append(place.work.stat().st_mtime_ns)
        return times[-1] > times[-2]

    path = place.file("fresh")
    wait_until(moved)
    path.rename(place.work / "stale")
    wait_until(moved)
    (place.work / "stale").unlink()
    wait_until(moved)
    opened(place.work / "made", os.O_WRONLY | os.O_CREAT)
    (place.alice / "commit").write_text("a name more")
    wait_until(moved)
    place.podfs("rm", "alice:made")
    wait_until(moved)
    before = times[-1]
    remounted(place)
    assert place.work.stat().st_mtime_ns == before
    os.utime(place.work, ns=(5, 1_234_567_890_123_456_789))
    place.work.chmod(0o755)
    path = place.file("x", b"a new value is no new name")
    assert place.work.stat().st_mtime_ns == 1_234_567_890_123_456_789
    times.append(place.work.stat().st_mtime_ns)
    place.file("later")
    wait_until(moved)


@stated("mtime moves for what was written into a mapping")
def _(place: Place) -> None:
    path = place.file("page", b"one")
    os.utime(path, (5, 5))
    with path.open("r+b") as file:
        with mapped(file.fileno()) as page:
            page[:3] = b"new"
            page[10:13] = b"far"
        assert path.stat().st_mtime > 5
        os.ftruncate(file.fileno(), 100)
    assert path.read_bytes() == b"new" + bytes(97)


@contextlib.contextmanager
def mapped(file: int) -> Iterator[memoryview]:
    """Map the whole first page of a shorter file, and write it back."""
    LIBC.mmap.restype = ctypes.c_void_p
    size, access = ctypes.c_long(mmap.PAGESIZE), mmap.PROT_READ | mmap.PROT_WRITE
    start = LIBC.mmap(None, size, access, mmap.MAP_SHARED, file, ctypes.c_long(0))
    yield memoryview((ctypes.c_char * mmap.PAGESIZE).from_address(start)).cast("B")
    call(LIBC.msync, ctypes.c_void_p(start), size, 4)
    call(LIBC.munmap, ctypes.c_void_p(start), size)


@stated("`flock` and `fcntl` locks work")
def _(place: Place) -> None:
    path = place.file("locked")
    other = "import fcntl, sys; fcntl.{}(open(sys.argv[1], 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    for call, lock in (("flock", fcntl.flock), ("lockf", fcntl.lockf)):
        command = ["python3", "-c", other.format(call), str(path)]
        with path.open("r+b") as file:
            lock(file, fcntl.LOCK_EX)
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert "BlockingIOError" in done.stderr
        subprocess.run(command, check=True)


@stated("`mmap`, shared and private")
def _(place: Place) -> None:
    path = place.file("usual", b"one")
    with path.open("ab", buffering=0) as one, path.open("ab", buffering=0) as other:
        for _ in range(100):
            one.write(b"1")
            other.write(b"2")
    assert sorted(path.read_bytes()[3:]) == sorted(b"12" * 100)
    with pytest.raises(FileExistsError):
        path.open("xb")
    direct = os.open(path, os.O_RDWR | os.O_DIRECT | os.O_TRUNC | os.O_CLOEXEC)
    os.pwrite(direct, b"odd", 5001)
    os.close(direct)
    assert path.read_bytes() == bytes(5001) + b"odd"
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE) as private:
        private[:3] = b"own"
        path.unlink()
        assert os.fstat(file.fileno()).st_nlink == 0
        file.write(b"gone")
        file.seek(0)
        assert file.read(5) == b"gone\0"
    assert not path.exists()


@pytest.mark.parametrize("statement", statements())
def test_what_is_stated(statement: str, place: Place) -> None:
    """A statement about workspaces holds."""
    if statement.startswith(tuple(ELSEWHERE)):
        return
    trials = [trial for start, trial in STATEMENTS.items() if statement.startswith(start)]
    assert len(trials) == 1, f"'{statement}' of docs/semantics.md has no test"
    trials[0](place)


def test_every_statement_that_is_tested_is_made() -> None:
    for beginning in [*STATEMENTS, *ELSEWHERE]:
        assert any(statement.startswith(beginning) for statement in statements()), beginning
    for test in ELSEWHERE.values():
        module, name = test.split(".")
        assert f"def {name}(" in (Path(__file__).parent / f"{module}.py").read_text()
