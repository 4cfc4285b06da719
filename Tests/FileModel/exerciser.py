"""Reads, writes, cuts and maps files of a workspace at random, and knows every byte of them.

    python Tests/FileModel/exerciser.py [--steps N] [--seeds N | --minutes M] [--size BYTES] [SEED]

What is read, by whatever means, must be what was written there last, or zeros; behind the end of a
file, a mapped page shows zeros. Files are closed and opened, renamed, committed, copied and mounted
anew in between, and what commits had is compared in the end. The first wrong byte is printed with
its seed, and the operations before it.
"""

from __future__ import annotations

import argparse
import collections
import mmap
import os
import random
import sys
import time
from pathlib import Path

from mounted import Mounted, mounted
from world import KEEP_SIZE, PUNCH_HOLE, ZERO_RANGE, fallocate, mapped


class WrongBytesError(Exception):
    """A file is not what was written."""


class File:
    """A file, with the bytes that it must have."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content = bytearray()
        self.handle = -1
        self.open(os.O_CREAT)

    def open(self, flags: int = 0) -> None:
        """Open it, unless it is open."""
        if self.handle < 0:
            self.handle = os.open(self.path, os.O_RDWR | os.O_CLOEXEC | flags)

    def close(self) -> None:
        """Close it."""
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1

    def put(self, offset: int, data: bytes) -> None:
        """Note what was written."""
        if not data:
            return
        self.content.extend(bytes(max(0, offset - len(self.content))))
        self.content[offset : offset + len(data)] = data

    def check(self, what: str, offset: int, found: bytes, count: int) -> None:
        """Compare what was found with what must be there."""
        expected = bytes(self.content[offset : offset + count])
        if found == expected:
            return
        pairs = zip(found, expected)
        first = next((i for i, (one, other) in enumerate(pairs) if one != other), None)
        place = f"at byte {offset + first}" if first is not None else "in length"
        raise WrongBytesError(
            f"{what} of {self.path.name} is wrong {place}: {len(found)} bytes of {len(expected)}"
        )


class Exerciser:
    """Some files at work."""

    def __init__(self, seed: int, mount: Mounted, size: int) -> None:
        self._random = random.Random(seed)
        self._mount = mount
        self._session = mount.session()
        self._size = size
        self._folder = mount.workspace(self._session)
        self._files = [File(self._folder / name) for name in ("x", "y", "z")]
        self._commits: list[dict[str, bytes]] = []
        self.log: collections.deque[str] = collections.deque(maxlen=40)
        kinds = {
            "read": 6,
            "write": 6,
            "append": 2,
            "write_only": 3,
            "map_read": 4,
            "map_write": 4,
            "truncate": 3,
            "allocate": 1,
            "punch": 2,
            "zero": 2,
            "copy": 2,
            "reopen": 3,
            "drop": 2,
            "fsync": 1,
            "replace": 1,
            "take": 0.5,
            "commit": 0.3,
            "remount": 0.03,
        }
        self._kinds, self._weights = list(kinds), list(kinds.values())

    def run(self, steps: int) -> None:
        """Do so many operations, then compare everything."""
        for _ in range(steps):
            kind = self._random.choices(self._kinds, self._weights)[0]
            file = self._random.choice(self._files)
            offset = self._random.choice([self._random.randrange(self._size), 0, len(file.content)])
            count = self._random.choice([1, 4096, self._random.randrange(1, 1 << 16)])
            count = min(count, self._size)
            self.log.append(f"{kind} {file.path.name} {offset} {count} of {len(file.content)}")
            file.open()
            getattr(self, f"_{kind}")(file, offset, count)
            size = os.fstat(file.handle).st_size if file.handle >= 0 else len(file.content)
            if size != len(file.content):
                raise WrongBytesError(f"{file.path.name} has {size} bytes")
        self._remount(self._files[0], 0, 0)
        for file in self._files:
            file.check("all", 0, file.path.read_bytes(), len(file.content))
        for number, commit in enumerate(self._commits, start=1):
            folder = self._mount.root / self._session / "commits" / str(number)
            for name, content in commit.items():
                if (folder / name).read_bytes() != content:
                    raise WrongBytesError(f"{name} of commit {number}")

    def end(self) -> None:
        """Close everything, also after a failure."""
        for file in self._files:
            file.close()

    def _read(self, file: File, offset: int, count: int) -> None:
        file.check("read", offset, os.pread(file.handle, count, offset), count)

    def _write(self, file: File, offset: int, count: int) -> None:
        data = self._random.randbytes(count)
        file.put(offset, data[: os.pwrite(file.handle, data, offset)])

    def _append(self, file: File, offset: int, count: int) -> None:
        if len(file.content) + count > 2 * self._size:
            return
        data = self._random.randbytes(count)
        handle = os.open(file.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        try:
            file.put(len(file.content), data[: os.write(handle, data)])
        finally:
            os.close(handle)

    def _write_only(self, file: File, offset: int, count: int) -> None:
        """Write through another handle, which cannot read, while the file may be mapped."""
        data = self._random.randbytes(count)
        handle = os.open(file.path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            with mapped(file.handle, max(1, len(file.content)), mmap.MAP_SHARED) as mapping:
                # The page is there before it is written behind the mapping's back.
                shown = bytes(mapping[:1]) if file.content else b""
                file.put(offset, data[: os.pwrite(handle, data, offset)])
                if shown and bytes(mapping[:1]) != file.content[:1]:
                    raise WrongBytesError(f"a mapping of {file.path.name} is old")
        finally:
            os.close(handle)

    def _map_read(self, file: File, offset: int, count: int) -> None:
        if not file.content:
            return
        with mapped(file.handle, len(file.content), mmap.MAP_SHARED) as mapping:
            shown = bytes(mapping)
        file.check("mapping", 0, shown[: len(file.content)], len(file.content))
        if shown[len(file.content) :].strip(b"\0"):
            raise WrongBytesError(f"behind the end of {file.path.name} are bytes")

    def _map_write(self, file: File, offset: int, count: int) -> None:
        data = self._random.randbytes(count)[: max(0, len(file.content) - offset)]
        if not data:
            return
        with mapped(file.handle, len(file.content), mmap.MAP_SHARED) as mapping:
            mapping[offset : offset + len(data)] = data
        file.put(offset, data)

    def _truncate(self, file: File, offset: int, count: int) -> None:
        os.ftruncate(file.handle, offset)
        file.content[offset:] = b""
        file.content.extend(bytes(offset - len(file.content)))

    def _allocate(self, file: File, offset: int, count: int) -> None:
        fallocate(file.handle, 0, offset, count)
        file.content.extend(bytes(max(0, offset + count - len(file.content))))

    def _punch(self, file: File, offset: int, count: int) -> None:
        fallocate(file.handle, PUNCH_HOLE | KEEP_SIZE, offset, count)
        end = min(offset + count, len(file.content))
        file.put(offset, bytes(max(0, end - offset)))

    def _zero(self, file: File, offset: int, count: int) -> None:
        fallocate(file.handle, ZERO_RANGE, offset, count)
        file.put(offset, bytes(count))

    def _copy(self, file: File, offset: int, count: int) -> None:
        other = self._random.choice(self._files)
        other.open()
        target = self._random.randrange(self._size)
        if other is file and abs(target - offset) < count:
            return
        done = os.copy_file_range(file.handle, other.handle, count, offset, target)
        other.put(target, bytes(file.content[offset : offset + done]))

    def _reopen(self, file: File, offset: int, count: int) -> None:
        file.close()
        file.check("all", 0, file.path.read_bytes(), len(file.content))

    def _drop(self, file: File, offset: int, count: int) -> None:
        os.posix_fadvise(file.handle, 0, 0, os.POSIX_FADV_DONTNEED)
        self._read(file, offset, count)

    def _fsync(self, file: File, offset: int, count: int) -> None:
        os.fsync(file.handle)

    def _replace(self, file: File, offset: int, count: int) -> None:
        """Write another file and give it the name, while the old one is open."""
        old, content = file.handle, bytes(file.content)
        file.content[:] = self._random.randbytes(count)
        temporary = file.path.with_suffix(".tmp")
        temporary.write_bytes(file.content)
        os.rename(temporary, file.path)
        found = os.pread(old, len(content) + 1, 0)
        if found != content:
            raise WrongBytesError(f"{file.path.name} that was replaced is not what it was")
        file.close()

    def _take(self, file: File, offset: int, count: int) -> None:
        """Take the whole of another file over, as cp does."""
        other = self._random.choice(self._files)
        if other is file:
            return
        other.close()
        os.ftruncate(file.handle, 0)
        source = os.open(other.path, os.O_RDONLY | os.O_CLOEXEC)
        done = 0
        try:
            while True:
                step = os.copy_file_range(source, file.handle, 1 << 30, done, done)
                if step == 0:
                    break
                done += step
        finally:
            os.close(source)
        file.content[:] = other.content

    def _commit(self, file: File, offset: int, count: int) -> None:
        for each in self._files:
            each.close()
        self._mount.commit(self._session)
        self._commits.append({each.path.name: bytes(each.content) for each in self._files})

    def _remount(self, file: File, offset: int, count: int) -> None:
        for each in self._files:
            each.close()
        self._mount.unmount()
        self._mount.mount()


def run(seed: int, steps: int, size: int, mount: Mounted) -> bool:
    """Exercise with a seed; print what is wrong, and tell whether nothing was."""
    exerciser = Exerciser(seed, mount, size)
    try:
        exerciser.run(steps)
    except (WrongBytesError, OSError) as error:
        print(f"seed {seed}, {steps} steps, size {size}: {error}")
        for line in exerciser.log:
            print("  ", line)
        return False
    finally:
        exerciser.end()
    return True


def main() -> int:
    """Run what the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--size", type=int, default=300_000)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--minutes", type=float)
    options = parser.parse_args()
    end = time.monotonic() + 60 * options.minutes if options.minutes else None
    seed = options.seed
    with mounted() as mount:
        while time.monotonic() < end if end else seed < options.seed + options.seeds:
            if not run(seed, options.steps, options.size, mount):
                return 1
            seed += 1
    print(f"{seed - options.seed} seeds of {options.steps} operations: every byte is right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
