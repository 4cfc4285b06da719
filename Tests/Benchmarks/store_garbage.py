"""gc of a store half of which is garbage, beside copying the other half."""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING

import numpy
import podfs
from measuring import Options, Row, stored_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["measure"]

#: The bytes of the array of one commit.
_ARRAY = 64 << 20


def _fill(path: Path, count: int) -> None:
    """Make two sessions of *count* commits each, by turns, all of other random numbers."""
    store = podfs.Store(path)
    sessions = [store.session(name) for name in ("kept", "removed")]
    namespaces = [session.namespace() for session in sessions]
    rng = numpy.random.default_rng(16)
    for _ in range(count):
        for session, namespace in zip(sessions, namespaces):
            namespace["array"] = rng.standard_normal(_ARRAY // 8)
            session.save(namespace)
    store.close()


def _copy(folder: Path, count: int) -> float:
    """Return the seconds to copy *count* files of the size of an array, durable."""
    source = folder / "source"
    rng = numpy.random.default_rng(17)
    with source.open("wb") as file:
        for _ in range(count):
            file.write(rng.bytes(_ARRAY))
        file.flush()
        os.fsync(file.fileno())
    start = time.perf_counter()
    subprocess.run(["cp", "--reflink=never", source, folder / "copy"], check=True)
    descriptor = os.open(folder / "copy", os.O_RDONLY)
    os.fdatasync(descriptor)
    os.close(descriptor)
    seconds = time.perf_counter() - start
    source.unlink()
    (folder / "copy").unlink()
    return seconds


def measure(options: Options) -> Iterator[Row]:
    """Measure, if this podfs removes sessions and collects garbage."""
    store = options.folder / "store"
    count = max(1, round(options.gib * 2**30 / 2 / _ARRAY))
    _fill(store, count)
    before = stored_bytes(store)
    command = [str(options.podfs), "--store", str(store)]
    removed = subprocess.run(
        [*command, "rm", "--recursive", "removed"], capture_output=True, check=False
    )
    if removed.returncode != 0:
        return
    copies = [_copy(options.folder, count)]
    start = time.perf_counter()
    if subprocess.run([*command, "gc"], capture_output=True, check=False).returncode != 0:
        return
    seconds = time.perf_counter() - start
    copies.append(_copy(options.folder, count))
    after = stored_bytes(store)
    ratio = seconds / min(copies)
    yield Row(
        f"gc of {before / 2**30:.1f} GiB, of which {after / 2**30:.1f} are kept",
        f"{seconds:.1f} s, {ratio:.2f} times the copy",
        "1.5 times the copy",
        ratio <= 1.5,
        f"cp and fdatasync of the kept half {min(copies):.1f} s",
    )
