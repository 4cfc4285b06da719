"""Does the same to a plain directory and to a workspace, and compares all that a program can see.

    python Tests/FileModel/state_machine.py [--steps N] [--seeds N | --minutes M] [SEED]

Operations come from a seed. After each one its result or errno, the names, and bytes, size,
permissions, links, times and attributes of every file and of whatever is open must be equal. What
differs is printed with the seed and the shortest sequence of operations that was found to show it.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from mounted import Mounted, mounted
from world import FAR_OFF, KEEP_SIZE, LONG_AGO, NOW, OMIT, PUNCH_HOLE, ZERO_RANGE, World

Operation = tuple[object, ...]

NAMES = ["a", "b", "c", "d"]
ATTRIBUTES = ["user.a", "user.b", "user.c"]
SIZE = 20_000
MODES = [0o644, 0o600, 0o444, 0o755, 0o1644, 0o000]
# What leaves no trace in a file, so that no time of it may move.
QUIET = {"read", "pread", "seek", "seek_range", "stat", "access", "getxattr", "readdir", "fsync"}
QUIET |= {"fdatasync", "flock", "lock", "dup", "drop_cache", "commit"}


class Source:
    """Random operations."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        kinds = [name for name in dir(self) if name.startswith("_make_")]
        # Files that are open are written more than anything else is done to them.
        heavy = {"_make_open": 5, "_make_pwrite": 4, "_make_write": 3, "_make_close": 2}
        light = {"_make_remount": 0.05, "_make_commit": 0.4}
        self._kinds = kinds
        self._weights = [heavy.get(kind, light.get(kind, 1.0)) for kind in kinds]

    def operation(self) -> Operation:
        """Return the next one."""
        kind = self._random.choices(self._kinds, self._weights)[0]
        made: Operation = getattr(self, kind)()
        return (kind.removeprefix("_make_"), *made)

    def _name(self) -> str:
        return self._random.choice(NAMES)

    def _slot(self) -> int:
        return self._random.randrange(5)

    def _offset(self) -> int:
        choice = self._random.choice
        return choice([0, 0, 1, 4095, 4096, 4097, 8192, self._random.randrange(SIZE)])

    def _data(self) -> bytes:
        count = self._random.choice([0, 1, 100, 4096, self._random.randrange(9000)])
        return self._random.randbytes(count)

    def _mode(self) -> int:
        return self._random.choice(MODES)

    def _time(self) -> tuple[int, int]:
        seconds = self._random.choice([-315_619_200, 0, LONG_AGO - 1, FAR_OFF + 102_444_800])
        nanoseconds = self._random.choice([0, 1, 999_999_999, NOW, OMIT])
        return (seconds, nanoseconds)

    def _make_open(self) -> Operation:
        flags = self._random.choice([os.O_RDONLY, os.O_WRONLY, os.O_RDWR, os.O_RDWR])
        extra = [os.O_CREAT, os.O_CREAT, os.O_EXCL, os.O_TRUNC, os.O_APPEND, os.O_NOFOLLOW]
        for flag in extra:
            if self._random.random() < 0.4:
                flags |= flag
        if self._random.random() < 0.03:
            flags |= os.O_DIRECTORY & ~os.O_CREAT
            flags &= ~os.O_CREAT
        return (self._slot(), self._name(), flags, self._random.choice([0o644, 0o600, 0o444]))

    def _make_close(self) -> Operation:
        return (self._slot(),)

    def _make_dup(self) -> Operation:
        return (self._slot(), self._slot())

    def _make_write(self) -> Operation:
        return (self._slot(), self._data())

    def _make_writev(self) -> Operation:
        return (self._slot(), [self._data(), self._data()])

    def _make_pwrite(self) -> Operation:
        return (self._slot(), self._data(), self._offset())

    def _make_append(self) -> Operation:
        return (self._name(), self._data())

    def _make_read(self) -> Operation:
        return (self._slot(), self._offset())

    def _make_pread(self) -> Operation:
        return (self._slot(), self._offset(), self._offset())

    def _make_seek(self) -> Operation:
        whence = self._random.choice([os.SEEK_SET, os.SEEK_CUR, os.SEEK_END])
        return (self._slot(), self._random.choice([-1, -5000, 0, self._offset()]), whence)

    def _make_seek_range(self) -> Operation:
        return (self._slot(), self._offset(), self._random.choice([os.SEEK_DATA, os.SEEK_HOLE]))

    def _make_truncate(self) -> Operation:
        return (self._name(), self._random.choice([-1, self._offset(), self._offset()]))

    def _make_ftruncate(self) -> Operation:
        return (self._slot(), self._random.choice([-1, self._offset(), self._offset()]))

    def _make_fallocate(self) -> Operation:
        modes = [0, KEEP_SIZE, PUNCH_HOLE | KEEP_SIZE, ZERO_RANGE, ZERO_RANGE | KEEP_SIZE]
        return (
            self._slot(),
            self._random.choice([*modes, PUNCH_HOLE]),
            self._offset(),
            self._offset(),
        )

    def _make_rename(self) -> Operation:
        return (self._name(), self._name(), self._random.choice([0, 0, 1, 2, 2, 3]))

    def _make_unlink(self) -> Operation:
        return (self._name(),)

    def _make_stat(self) -> Operation:
        return (self._name(),)

    def _make_access(self) -> Operation:
        return (self._name(), self._random.choice([os.F_OK, os.R_OK, os.W_OK]))

    def _make_chmod(self) -> Operation:
        return (self._name(), self._mode())

    def _make_fchmod(self) -> Operation:
        return (self._slot(), self._mode())

    def _make_chown(self) -> Operation:
        return (self._name(),)

    def _make_utimens(self) -> Operation:
        return (self._name(), (self._time(), self._time()))

    def _make_futimens(self) -> Operation:
        return (self._slot(), (self._time(), self._time()))

    def _make_setxattr(self) -> Operation:
        value = self._random.randbytes(self._random.choice([0, 1, 200]))
        flags = self._random.choice([0, os.XATTR_CREATE, os.XATTR_REPLACE])
        return (self._name(), self._random.choice(ATTRIBUTES), value, flags)

    def _make_fsetxattr(self) -> Operation:
        return (self._slot(), self._random.choice(ATTRIBUTES), self._random.randbytes(30))

    def _make_getxattr(self) -> Operation:
        return (self._name(), self._random.choice(ATTRIBUTES))

    def _make_removexattr(self) -> Operation:
        return (self._name(), self._random.choice(ATTRIBUTES))

    def _make_map(self) -> Operation:
        return (self._slot(), self._offset(), self._data(), self._random.random() < 0.7)

    def _make_fsync(self) -> Operation:
        return (self._slot(),)

    def _make_fdatasync(self) -> Operation:
        return (self._slot(),)

    def _make_drop_cache(self) -> Operation:
        return (self._slot(),)

    def _make_copy(self) -> Operation:
        count = self._random.choice([SIZE * 2, self._offset()])
        both = self._random.choice([(0, 0), (0, 0), (self._offset(), self._offset())])
        return (self._slot(), self._slot(), count, *both)

    def _make_flock(self) -> Operation:
        return (self._slot(), self._random.choice([fcntl.LOCK_EX, fcntl.LOCK_SH, fcntl.LOCK_UN]))

    def _make_lock(self) -> Operation:
        mode = self._random.choice([fcntl.F_RDLCK, fcntl.F_WRLCK, fcntl.F_UNLCK])
        return (self._slot(), mode, self._offset(), self._offset())

    def _make_readdir(self) -> Operation:
        return ()

    def _make_commit(self) -> Operation:
        return ()

    def _make_restore(self) -> Operation:
        return (self._random.randrange(100), self._name(), self._name())

    def _make_remount(self) -> Operation:
        return ()


def difference(operations: list[Operation], mount: Mounted, forgets: str) -> tuple[int, str] | None:
    """Do operations to both; return the number of the first that shows, and what it shows."""
    session = mount.session()

    def remount() -> None:
        mount.unmount()
        mount.mount()

    with tempfile.TemporaryDirectory(prefix="podfs-model-plain-", dir=mount.folder) as folder:
        plain, saved = Path(folder) / "plain", Path(folder) / "saved"
        plain.mkdir()
        saved.mkdir()

        def save() -> Path:
            target = saved / str(len(os.listdir(saved)))
            return Path(shutil.copytree(plain, target))

        real = World(mount.workspace(session), lambda: mount.commit(session), remount)
        model = World(plain, save, lambda: None)
        real.forgets = forgets
        try:
            return _first_difference(operations, model, real)
        finally:
            model.close_all()
            real.close_all()


def _first_difference(
    operations: list[Operation], model: World, real: World
) -> tuple[int, str] | None:
    model_times, real_times = model.times(), real.times()
    for number, (name, *arguments) in enumerate(operations):
        expected = model.do(str(name), *arguments)
        found = real.do(str(name), *arguments)
        if expected != found:
            return number, f"the result is {_short(found)}, not {_short(expected)}"
        expected_state, found_state = model.state(), real.state()
        for key in expected_state.keys() | found_state.keys():
            left, right = expected_state.get(key), found_state.get(key)
            if left != right:
                return number, f"{key} is {_short(right)}, not {_short(left)}"
        # A clock may be coarse, so not to move proves nothing of the model.
        new_model_times, new_real_times = model.times(), real.times()
        for key, times in new_real_times.items():
            if key not in model_times or key not in real_times:
                continue
            for what, index in (("mtime", 0), ("ctime", 1)):
                moved = times[index] != real_times[key][index]
                if new_model_times[key][index] != model_times[key][index] and not moved:
                    return number, f"{what} of {key} did not move"
                if name in QUIET and moved:
                    return number, f"{what} of {key} moved from {real_times[key]} to {times}"
        model_times, real_times = new_model_times, new_real_times
    return None


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) < 120 else f"{text[:80]} … {text[-20:]} ({len(text)} characters)"


def shortened(
    operations: list[Operation], mount: Mounted, forgets: str
) -> tuple[list[Operation], str]:
    """Leave out of operations that show a difference those that it does not need."""
    found = difference(operations, mount, forgets)
    if found is None:
        return operations, "it does not show again"
    operations, reason = operations[: found[0] + 1], found[1]
    size = max(1, len(operations) // 2)
    while size > 0:
        start = 0
        while start < len(operations):
            fewer = operations[:start] + operations[start + size :]
            found = difference(fewer, mount, forgets)
            if found is None:
                start += size
            else:
                operations, reason = fewer[: found[0] + 1], found[1]
        size //= 2
    return operations, reason


def run(seed: int, steps: int, mount: Mounted, forgets: str) -> bool:
    """Compare with the operations of a seed; print what differs, and tell whether nothing did."""
    source = Source(seed)
    operations = [source.operation() for _ in range(steps)]
    found = difference(operations, mount, forgets)
    if found is None:
        return True
    number, reason = found
    print(f"seed {seed}: operation {number}, {_short(operations[number])}: {reason}")
    operations, reason = shortened(operations[: number + 1], mount, forgets)
    print(f"{len(operations)} operations of them show: {reason}")
    for operation in operations[-50:]:
        print("  ", _short(operation))
    return False


def main() -> int:
    """Run what the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--forget", default="", help="leave this out, to see that it is found")
    options = parser.parse_args()
    os.umask(0o022)
    end = time.monotonic() + 60 * options.minutes if options.minutes else None
    seed = options.seed
    with mounted() as mount:
        while time.monotonic() < end if end else seed < options.seed + options.seeds:
            if not run(seed, options.steps, mount, options.forget):
                return 1
            seed += 1
    print(f"{seed - options.seed} seeds of {options.steps} operations: no difference")
    return 0


if __name__ == "__main__":
    sys.exit(main())
