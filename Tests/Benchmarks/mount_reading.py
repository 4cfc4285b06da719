"""Arrays read through a mount, beside the same bytes in a file of the disk."""

from __future__ import annotations

import functools
import random
import time
from typing import TYPE_CHECKING, Any

import numpy
import podfs
from measuring import Options, Row, drop_caches
from mounting import MIB, Cost, Mounted, best, command, cost, forget, read_all, read_randomly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["measure"]

_SIZE = 256 * MIB


def arrays(mebibytes: int) -> dict[str, Any]:
    """Return two arrays: one that no codec makes smaller, and one of small whole numbers."""
    rng = numpy.random.default_rng(1)
    count = mebibytes * MIB // 8
    return {
        "random": rng.random(count),
        "whole": rng.integers(0, 1000, count).astype(numpy.float64),
    }


def _rate(taken: Cost) -> float:
    return _SIZE / 1e6 / taken.wall


def _speed(taken: Cost, native: Cost) -> str:
    return (
        f"{_rate(taken):.0f} MB/s, {native.wall / taken.wall:.2f} of ext4, "
        f"daemon {taken.daemon:.2f} s of the processor"
    )


def _row(what: str, taken: Cost, native: Cost, reach: str, is_reached: bool | None) -> Row:
    return Row(what, _speed(taken, native), reach, is_reached, f"ext4 {_rate(native):.0f} MB/s")


def measure(options: Options) -> Iterator[Row]:
    """Measure reading: first and again, whole and in places, cold and warm."""
    store = options.folder / "store"
    session = podfs.Store(str(store)).session("bench")
    session.save({**arrays(_SIZE // MIB), "large": arrays(1024)["random"]})
    reading = _Reading(options, store)
    for name, least in (("random", 2000), ("whole", 400)):
        yield from reading.first(name, least)
    yield from reading.again()
    yield from reading.copied()
    yield from reading.places()
    yield from reading.beginning()


class _Reading:
    def __init__(self, options: Options, store: Path) -> None:
        self.options = options
        self.store = store
        self.native = options.folder / "native"
        self.buffer = bytearray(MIB)
        with self._mounted() as mount:
            (self.native / "a").parent.mkdir()
            for name in ("random", "whole"):
                (self.native / name).write_bytes(self._file(mount, name).read_bytes())

    def _mounted(self) -> Mounted:
        return Mounted(self.options, self.store)

    def _file(self, mount: Mounted, name: str) -> Path:
        return mount.path / "bench" / "commits" / "1" / name

    def _reads(self, file: Path) -> Callable[[], None]:
        return functools.partial(read_all, file, self.buffer)

    def first(self, name: str, least: float) -> Iterator[Row]:
        """Read a file of which the kernel has nothing, by a daemon that is new."""
        native = self.native / name
        codec = {"random": "kept as it is", "whole": "compressed"}[name]

        def cold_native() -> Cost:
            forget(native)
            return cost(self._reads(native))

        def first(*, is_cold: bool) -> Cost:
            with self._mounted() as mount:
                if is_cold:
                    drop_caches(self.store)
                return mount.cost(self._reads(self._file(mount, name)))

        warm_native = best(cost, self._reads(native))
        warm = best(first, is_cold=False)
        yield _row(
            f"first read of an array of 256 MiB, {codec}, the store's files cached",
            warm,
            warm_native,
            f"{least:.0f} MB/s, 0.25 of ext4",
            _rate(warm) >= least and warm.wall <= 4 * warm_native.wall,
        )
        cold_disk = best(cold_native)
        cold = best(first, is_cold=True)
        yield _row(
            "the same, all from the disk",
            cold,
            cold_disk,
            "0.25 of ext4",
            cold.wall <= 4 * cold_disk.wall,
        )

    def again(self) -> Iterator[Row]:
        """Read a file that the kernel has, and one that it has dropped."""
        native = best(cost, self._reads(self.native / "random"))
        with Mounted(self.options, self.store, "-o", "copies=0") as mount:
            file = self._file(mount, "random")
            read_all(file, self.buffer)
            again = best(mount.cost, self._reads(file))
            yield _row(
                "second read, from the kernel's cache of the mount",
                again,
                native,
                "0.6 of ext4, no work of the daemon",
                again.wall <= native.wall / 0.6 and again.daemon == 0,
            )

            def dropped() -> Cost:
                forget(file)
                return mount.cost(self._reads(file))

            yield _row("read again after the kernel dropped it", best(dropped), native, "", None)

    def copied(self) -> Iterator[Row]:
        """Read a file of which there is a copy that the kernel reads itself."""
        native = best(cost, self._reads(self.native / "random"))
        with self._mounted() as mount:
            file = self._file(mount, "random")
            plain = self._plain(mount, file)
        if plain:
            yield _row(
                "the same of a copy, which the kernel reads itself",
                plain,
                native,
                "0.95 of ext4",
                plain.wall <= native.wall / 0.95 and plain.daemon == 0,
            )

    def _plain(self, mount: Mounted, file: Path) -> Cost | None:
        """Read a file that is opened again, once there is a copy; None if there is never one."""
        for _ in range(2):
            read_all(file, self.buffer)
        end = time.monotonic() + 20
        while file.stat().st_size not in mount.copies():
            if time.monotonic() > end:
                return None
            time.sleep(0.1)
        read_all(file, self.buffer)
        return best(mount.cost, self._reads(file))

    def places(self) -> Iterator[Row]:
        """Read 4 KiB in a thousand places."""
        rng = random.Random(1)
        offsets = [rng.randrange(0, _SIZE - 4096) for _ in range(1000)]

        def native() -> Cost:
            forget(self.native / "random")
            return cost(read_randomly, self.native / "random", offsets)

        def places() -> Cost:
            with self._mounted() as mount:
                drop_caches(self.store)
                file = self._file(mount, "random")
                return mount.cost(read_randomly, file, offsets)

        disk, taken = best(native), best(places)
        yield Row(
            "1,000 random reads of 4 KiB, all from the disk",
            f"{taken.wall:.2f} s, daemon {taken.daemon:.2f} s of the processor",
            "0.3 s",
            taken.wall <= 0.3,
            f"ext4 {disk.wall:.2f} s",
        )

    def beginning(self) -> Iterator[Row]:
        """Read the beginning of a file of a GiB, and copy it into a workspace."""

        def head() -> Cost:
            with self._mounted() as mount:
                return mount.cost(command, "head", "-c", 100, self._file(mount, "large"))

        taken, floor = best(head), best(cost, command, "head", "-c", 0, "/dev/null")
        yield Row(
            "`head -c 100` of a variable of a GiB",
            f"{1000 * taken.wall:.1f} ms",
            "10 ms",
            taken.wall <= 0.01,
            f"`head -c 0` of nothing {1000 * floor.wall:.1f} ms",
        )

        with self._mounted() as mount:
            target = mount.path / "bench" / "workspace" / "copy"

            def copy() -> Cost:
                target.unlink(missing_ok=True)
                return mount.cost(command, "cp", self._file(mount, "large"), target)

            taken = best(copy)
            target.unlink()
        empty = self.native / "empty"
        empty.touch()
        floor = best(cost, command, "cp", empty, self.native / "target")
        yield Row(
            "`cp` of a variable of a GiB into a workspace",
            f"{1000 * taken.wall:.1f} ms",
            "10 ms",
            taken.wall <= 0.01,
            f"`cp` of an empty file on ext4 {1000 * floor.wall:.1f} ms",
        )
