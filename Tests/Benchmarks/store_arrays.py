"""A GiB of new arrays, durable, beside dd with fdatasync."""

from __future__ import annotations

import shutil
import subprocess
import time
from typing import TYPE_CHECKING

from measuring import Options, Row, figures, user_steps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["measure"]

_RUNS = 4
_MIB = 1024


def _dd(file: Path) -> float:
    """Return the MB/s of dd of a GiB with fdatasync."""
    start = time.perf_counter()
    subprocess.run(
        ["dd", "if=/dev/zero", f"of={file}", "bs=1M", f"count={_MIB}", "conv=fdatasync"],
        check=True,
        capture_output=True,
    )
    seconds = time.perf_counter() - start
    file.unlink()
    return _MIB * 1.048576 / seconds


def measure(options: Options) -> Iterator[Row]:
    """Measure by turns, so that what else the disk does hits both."""
    store = options.folder / "store"
    dd, swift, user = [], [], []
    for _ in range(_RUNS):
        dd.append(_dd(options.folder / "zeros"))
        swift.append(figures(options, "arrays", store, 8, _MIB // 8)["save"])
        shutil.rmtree(store)
        dd.append(_dd(options.folder / "zeros"))
        user.append(user_steps("arrays", store, _MIB)["wall"])
        shutil.rmtree(store)
    best = max(dd)
    for name, seconds in (("`Store.capture`", min(swift)), ("`s.save(ns)`", min(user))):
        rate = _MIB * 1.048576 / seconds
        yield Row(
            f"1 GiB of new arrays of random numbers, durable: {name}, the best of {_RUNS}",
            f"{rate:.0f} MB/s, {rate / best:.2f} of dd",
            "0.8 of dd",
            rate >= 0.8 * best,
            f"dd with fdatasync {best:.0f} MB/s at best, {min(dd):.0f} at worst",
        )
