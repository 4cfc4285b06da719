"""A large file written into a workspace, beside the same on the disk."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy
import podfs
from measuring import Options, Row
from mounting import MIB, Cost, Mounted, cost

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["measure"]

_COUNT = 256
_RUNS = 5


def _write(file: Path, blocks: list[bytes], *, is_durable: bool) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT)
    for block in blocks:
        os.write(descriptor, block)
    if is_durable:
        os.fsync(descriptor)
    os.close(descriptor)


def measure(options: Options) -> Iterator[Row]:
    """Measure by turns, so that what else the disk does hits all."""
    store = options.folder / "store"
    podfs.Store(str(store)).session("bench").save({"x": 1})
    rng = numpy.random.default_rng(1)
    mounted: list[Cost] = []
    plain: list[Cost] = []
    durable: list[Cost] = []
    with Mounted(options, store) as mount:
        for run in range(_RUNS):
            # New bytes each time: what is stored already would not be written.
            blocks = [rng.bytes(MIB) for _ in range(_COUNT)]
            target = mount.path / "bench" / "workspace" / f"array{run}"
            native = options.folder / f"array{run}"
            mounted.append(mount.cost(_write, target, blocks, is_durable=False))
            plain.append(cost(_write, native, blocks, is_durable=False))
            native.unlink()
            durable.append(cost(_write, native, blocks, is_durable=True))
            native.unlink()
    taken, cached, flushed = min(mounted), min(plain), min(durable)

    def rate(cost: Cost) -> float:
        return _COUNT * MIB / 1e6 / cost.wall

    yield Row(
        "write 256 MiB in blocks of 1 MiB into a workspace, close included, which is durable",
        f"{rate(taken):.0f} MB/s, {cached.wall / taken.wall:.2f} of ext4, "
        f"{flushed.wall / taken.wall:.2f} of ext4 with fsync, "
        f"daemon {taken.daemon:.2f} s of the processor",
        "0.5 of ext4",
        taken.wall <= 2 * cached.wall,
        f"ext4 {rate(cached):.0f} MB/s, with fsync {rate(flushed):.0f}",
    )
