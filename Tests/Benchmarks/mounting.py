"""Mounts, files to compare them with, and clocks, for the parts of the benchmark ``mount``."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from measuring import Options

__all__ = [
    "MIB",
    "Cost",
    "Mounted",
    "best",
    "command",
    "cost",
    "forget",
    "read_all",
    "read_randomly",
]

MIB = 1 << 20

_TICKS = os.sysconf("SC_CLK_TCK")


class Cost(NamedTuple):
    """What something took."""

    wall: float
    #: Seconds of the processor that the daemon took meanwhile.
    daemon: float = 0.0


class Mounted:
    """A store that is mounted by a daemon of its own, until the block ends."""

    def __init__(self, options: Options, store: Path, *arguments: str) -> None:
        self.path = options.folder / "mount"
        self.path.mkdir(exist_ok=True)
        self._command = [
            str(options.podfs),
            "mount",
            "--foreground",
            "--store",
            str(store),
            *arguments,
            str(self.path),
        ]

    def __enter__(self) -> Mounted:
        """Mount, and return when the mount answers."""
        self._daemon = subprocess.Popen(self._command)
        while not os.path.ismount(self.path):
            if self._daemon.poll() is not None:
                raise RuntimeError(f"the daemon ended with {self._daemon.returncode}")
            time.sleep(0.001)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Unmount, and wait for the daemon."""
        self._daemon.terminate()
        try:
            self._daemon.wait(30)
        except subprocess.TimeoutExpired:
            self._daemon.kill()
            subprocess.run(["umount", "-l", str(self.path)], check=False)

    def processor(self) -> float:
        """Return the seconds of the processor that the daemon took so far."""
        fields = self._proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self, field: str = "VmRSS") -> int:
        """Return the bytes of memory that the daemon has."""
        lines = dict(line.partition(":")[::2] for line in self._proc("status").splitlines())
        return int(lines[field].split()[0]) * 1024

    def copies(self) -> list[int]:
        """Return how many bytes the copies have that the kernel reads itself."""
        folder = Path(f"/proc/{self._daemon.pid}/fd")
        return [link.stat().st_size for link in folder.iterdir() if "/cache/" in os.readlink(link)]

    def _proc(self, name: str) -> str:
        return Path(f"/proc/{self._daemon.pid}/{name}").read_text()

    def cost(self, function: Callable[..., object], *arguments: object, **options: object) -> Cost:
        """Return what a call of *function* takes."""
        before = self.processor()
        wall = cost(function, *arguments, **options).wall
        return Cost(wall, self.processor() - before)


def cost(function: Callable[..., object], *arguments: object, **options: object) -> Cost:
    """Return what a call of *function* takes where no daemon takes part."""
    start = time.perf_counter()
    function(*arguments, **options)
    return Cost(time.perf_counter() - start)


def best(measure: Callable[..., Cost], *arguments: object, **options: object) -> Cost:
    """Return the fastest of several calls of *measure*."""
    return min(measure(*arguments, **options) for _ in range(5))


def forget(file: Path) -> None:
    """Have the kernel drop what it keeps of the bytes of *file*."""
    descriptor = os.open(file, os.O_RDONLY)
    with contextlib.suppress(OSError):
        os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def read_all(file: Path, buffer: bytearray) -> None:
    """Read *file* from its beginning to its end, as much at a time as *buffer* holds."""
    descriptor = os.open(file, os.O_RDONLY)
    while os.readv(descriptor, [buffer]):
        pass
    os.close(descriptor)


def read_randomly(file: Path, offsets: list[int]) -> None:
    """Read 4 KiB of *file* at each offset."""
    descriptor = os.open(file, os.O_RDONLY)
    for offset in offsets:
        os.pread(descriptor, 4096, offset)
    os.close(descriptor)


def command(*words: object) -> None:
    """Run a program as a user does, with its output going nowhere."""
    subprocess.run([str(word) for word in words], stdout=subprocess.DEVNULL, check=False)
