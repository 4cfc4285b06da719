"""A directory and the files that are open in it, to which everything can be done by name.

Each operation returns what a program learns by it, or raises `OSError`. What differs between two
good file systems, such as the number of an inode, is left out.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import mmap
import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
AT_FDCWD = -100
OMIT = (1 << 30) - 2
NOW = (1 << 30) - 1
KEEP_SIZE, PUNCH_HOLE, ZERO_RANGE = 1, 2, 16
F_OFD_SETLK = 37
# The times that operations set are far from now.
LONG_AGO, FAR_OFF = 1_500_000_000, 4_000_000_000

Result = object


def _checked(answer: int) -> int:
    if answer < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return answer


def fallocate(file: int, mode: int, offset: int, count: int) -> None:
    """Call the system, of whose modes Python has only 0."""
    _checked(LIBC.fallocate(file, mode, ctypes.c_long(offset), ctypes.c_long(count)))


def rename(source: str, target: str, flags: int) -> None:
    """Call renameat2(2)."""
    _checked(LIBC.renameat2(AT_FDCWD, os.fsencode(source), AT_FDCWD, os.fsencode(target), flags))


def set_times(file: str | int, times: tuple[tuple[int, int], tuple[int, int]]) -> None:
    """Call utimensat(2) or futimens(3) with (seconds, nanoseconds) of atime and mtime."""
    both = struct.pack("qqqq", *times[0], *times[1])
    if isinstance(file, int):
        _checked(LIBC.futimens(file, both))
    else:
        _checked(LIBC.utimensat(AT_FDCWD, os.fsencode(file), both, 0))


@contextlib.contextmanager
def mapped(file: int, count: int, flags: int) -> Iterator[memoryview]:
    """Map a file to the end of the last page of *count* bytes, which Python's mmap refuses to."""
    count = -(-count // mmap.PAGESIZE) * mmap.PAGESIZE
    LIBC.mmap.restype = ctypes.c_void_p
    start = LIBC.mmap(None, ctypes.c_long(count), mmap.PROT_READ | mmap.PROT_WRITE, flags, file, 0)
    if start == ctypes.c_void_p(-1).value:
        _checked(-1)
    try:
        yield memoryview((ctypes.c_char * count).from_address(start)).cast("B")
        _checked(LIBC.msync(ctypes.c_void_p(start), ctypes.c_long(count), 4))
    finally:
        LIBC.munmap(ctypes.c_void_p(start), ctypes.c_long(count))


class World:
    """A directory with slots for open files."""

    def __init__(
        self, folder: Path, commit: Callable[[], Path], remount: Callable[[], None]
    ) -> None:
        self.folder = folder
        self.open: dict[int, int] = {}
        self._commits: list[Path] = []
        # An operation that is left out, as a bad file system does.
        self.forgets = ""
        self._commit = commit
        self._remount = remount

    def _path(self, name: str) -> str:
        return str(self.folder / name)

    def close_all(self) -> None:
        """Close whatever is open."""
        while self.open:
            os.close(self.open.popitem()[1])

    def do(self, operation: str, *arguments: object) -> Result:
        """Do one operation; return its result, or the name of its errno."""
        if operation == self.forgets:
            return None
        try:
            result: Result = getattr(self, f"do_{operation}")(*arguments)
            return result
        except OSError as error:
            return errno.errorcode[error.errno or 0]

    def state(self) -> dict[str, object]:
        """Return all that can be seen of the directory and of what is open."""
        state: dict[str, object] = {"names": sorted(os.listdir(self.folder))}
        for name in os.listdir(self.folder):
            state[name] = self._file_state(self._path(name))
            state[name + " bytes"] = (self.folder / name).read_bytes()
        for slot, file in sorted(self.open.items()):
            state[f"slot {slot}"] = (*self._file_state(file), os.lseek(file, 0, os.SEEK_CUR))
        return state

    def _file_state(self, file: str | int) -> tuple[object, ...]:
        status = os.stat(file)
        attributes = {
            name: os.getxattr(file, name)
            for name in os.listxattr(file)
            if not name.startswith("user.podfs.")
        }
        return (
            status.st_size,
            oct(status.st_mode),
            status.st_nlink,
            _explicit(status.st_mtime_ns),
            sorted(attributes.items()),
        )

    def times(self) -> dict[str, tuple[int, int]]:
        """Return mtime and ctime of each name."""
        times = {}
        for name in os.listdir(self.folder):
            status = os.stat(self._path(name))
            times[name] = (status.st_mtime_ns, status.st_ctime_ns)
        return times

    def do_open(self, slot: int, name: str, flags: int, mode: int) -> Result:
        if slot in self.open:
            os.close(self.open.pop(slot))
        self.open[slot] = os.open(self._path(name), flags | os.O_CLOEXEC, mode)
        return None

    def do_close(self, slot: int) -> Result:
        if slot in self.open:
            os.close(self.open.pop(slot))
        return None

    def do_dup(self, slot: int, other: int) -> Result:
        if slot in self.open and other not in self.open:
            self.open[other] = os.dup(self.open[slot])
        return None

    def do_write(self, slot: int, data: bytes) -> Result:
        return os.write(self.open[slot], data) if slot in self.open else None

    def do_writev(self, slot: int, parts: list[bytes]) -> Result:
        return os.writev(self.open[slot], parts) if slot in self.open else None

    def do_pwrite(self, slot: int, data: bytes, offset: int) -> Result:
        return os.pwrite(self.open[slot], data, offset) if slot in self.open else None

    def do_append(self, name: str, data: bytes) -> Result:
        file = os.open(self._path(name), os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        try:
            return os.write(file, data)
        finally:
            os.close(file)

    def do_read(self, slot: int, count: int) -> Result:
        return os.read(self.open[slot], count) if slot in self.open else None

    def do_pread(self, slot: int, count: int, offset: int) -> Result:
        return os.pread(self.open[slot], count, offset) if slot in self.open else None

    def do_seek(self, slot: int, offset: int, whence: int) -> Result:
        return os.lseek(self.open[slot], offset, whence) if slot in self.open else None

    def do_seek_range(self, slot: int, offset: int, whence: int) -> Result:
        """Look for data or a hole: where holes are may differ, but not what is in them."""
        if slot not in self.open:
            return None
        file = self.open[slot]
        place = os.lseek(file, 0, os.SEEK_CUR)
        size = os.fstat(file).st_size
        try:
            found = os.lseek(file, offset, whence)
        except OSError:
            # One that kept no hole finds data; then there is none but zeros.
            if offset >= size:
                raise
            found = size
        os.lseek(file, place, os.SEEK_SET)
        if not offset <= found <= size:
            return ("outside", found)
        if whence == os.SEEK_DATA:
            try:
                skipped = os.pread(file, found - offset, offset)
            except OSError:
                # It is open for writing only.
                return "ok"
            if skipped.strip(b"\0"):
                return ("data skipped", found)
        return "ok"

    def do_truncate(self, name: str, size: int) -> Result:
        os.truncate(self._path(name), size)
        return None

    def do_ftruncate(self, slot: int, size: int) -> Result:
        if slot in self.open:
            os.ftruncate(self.open[slot], size)
        return None

    def do_fallocate(self, slot: int, mode: int, offset: int, count: int) -> Result:
        if slot in self.open:
            fallocate(self.open[slot], mode, offset, count)
        return None

    def do_rename(self, name: str, new_name: str, flags: int) -> Result:
        rename(self._path(name), self._path(new_name), flags)
        return None

    def do_unlink(self, name: str) -> Result:
        os.unlink(self._path(name))
        return None

    def do_stat(self, name: str) -> Result:
        return os.stat(self._path(name)).st_size

    def do_access(self, name: str, mode: int) -> Result:
        return os.access(self._path(name), mode)

    def do_chmod(self, name: str, mode: int) -> Result:
        os.chmod(self._path(name), mode)
        return None

    def do_fchmod(self, slot: int, mode: int) -> Result:
        if slot in self.open:
            os.fchmod(self.open[slot], mode)
        return None

    def do_chown(self, name: str) -> Result:
        os.chown(self._path(name), os.geteuid(), -1)
        return None

    def do_utimens(self, name: str, times: tuple[tuple[int, int], tuple[int, int]]) -> Result:
        set_times(self._path(name), times)
        return None

    def do_futimens(self, slot: int, times: tuple[tuple[int, int], tuple[int, int]]) -> Result:
        if slot in self.open:
            set_times(self.open[slot], times)
        return None

    def do_setxattr(self, name: str, attribute: str, value: bytes, flags: int) -> Result:
        os.setxattr(self._path(name), attribute, value, flags)
        return None

    def do_fsetxattr(self, slot: int, attribute: str, value: bytes) -> Result:
        if slot in self.open:
            os.setxattr(self.open[slot], attribute, value)
        return None

    def do_getxattr(self, name: str, attribute: str) -> Result:
        return os.getxattr(self._path(name), attribute)

    def do_removexattr(self, name: str, attribute: str) -> Result:
        os.removexattr(self._path(name), attribute)
        return None

    def do_map(self, slot: int, offset: int, data: bytes, is_shared: bool) -> Result:
        """Write into a mapping; return what the mapping shows to the end of its last page."""
        if slot not in self.open:
            return None
        file = self.open[slot]
        size = os.fstat(file).st_size
        if size == 0:
            return None
        flags = mmap.MAP_SHARED if is_shared else mmap.MAP_PRIVATE
        with mapped(file, size, flags) as mapping:
            start = min(offset, size)
            data = data[: size - start]
            mapping[start : start + len(data)] = data
            return bytes(mapping)

    def do_fsync(self, slot: int) -> Result:
        if slot in self.open:
            os.fsync(self.open[slot])
        return None

    def do_fdatasync(self, slot: int) -> Result:
        if slot in self.open:
            os.fdatasync(self.open[slot])
        return None

    def do_drop_cache(self, slot: int) -> Result:
        if slot in self.open:
            os.posix_fadvise(self.open[slot], 0, 0, os.POSIX_FADV_DONTNEED)
        return None

    def do_copy(self, source: int, target: int, count: int, start: int, end: int) -> Result:
        if source not in self.open or target not in self.open:
            return None
        return os.copy_file_range(self.open[source], self.open[target], count, start, end)

    def do_flock(self, slot: int, mode: int) -> Result:
        if slot in self.open:
            fcntl.flock(self.open[slot], mode | fcntl.LOCK_NB)
        return None

    def do_lock(self, slot: int, mode: int, start: int, count: int) -> Result:
        if slot in self.open:
            lock = struct.pack("hhqqi4x", mode, os.SEEK_SET, start, count, 0)
            fcntl.fcntl(self.open[slot], F_OFD_SETLK, lock)
        return None

    def do_readdir(self) -> Result:
        with os.scandir(self.folder) as entries:
            return sorted((entry.name, entry.is_file()) for entry in entries)

    def do_commit(self) -> Result:
        """Commit what is closed, which then is everything; return what the commit has."""
        self.close_all()
        self._commits.append(self._commit())
        return {path.name: path.read_bytes() for path in self._commits[-1].iterdir()}

    def do_restore(self, number: int, name: str, new_name: str) -> Result:
        """Copy a file of a commit, as cp does."""
        if not self._commits:
            return None
        source = self._commits[number % len(self._commits)] / name
        done = 0
        with source.open("rb") as one, (self.folder / new_name).open("wb") as two:
            while step := os.copy_file_range(one.fileno(), two.fileno(), 1 << 30, done, done):
                done += step
        return done

    def do_remount(self) -> Result:
        self.close_all()
        self._remount()
        return None


def _explicit(time: int) -> int | str:
    """Return a time if an operation set it; "now" for one that a change left."""
    return time if not LONG_AGO < time // 10**9 < FAR_OFF else "now"
