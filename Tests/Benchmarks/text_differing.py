"""The part ``differing`` of the benchmark ``text``: two commits compared."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
from measuring import Row
from mounting import Mounted
from text_values import Took, differing, medians, save, taking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from measuring import Options

__all__ = ["measure"]

_TIMES = 5


def measure(options: Options) -> Iterator[Row]:
    """Measure ``diff -r`` of the texts in a mount, and ``podfs diff``."""
    store = options.folder / "store"
    save(store, "alice", *differing())
    yield from _mounted(options, store)
    yield _compared(options, store, "the same", ["alice@1", "alice@2"], 0.15)
    array: Any = np.arange(1 << 27, dtype=np.int64)
    save(store, "large", {"x": array})
    array[100_000_000] = -1
    save(store, "large", {"x": array})
    del array
    what = "two arrays of 1 GiB that differ in one element"
    yield _compared(options, store, what, ["large@1", "large@2"], 0.1)


def _diff(folder: Path) -> list[str]:
    return ["diff", "-r", str(folder / "1"), str(folder / "2")]


def _mounted(options: Options, store: Path) -> Iterator[Row]:
    first, again, rivals = [], [], []
    plain = options.folder / "plain"
    for _ in range(_TIMES):
        with Mounted(options, store) as mounted:
            folder = mounted.path / "alice/text"
            first.append(taking(_diff(folder), expects=1).wall)
            again.append(taking(_diff(folder), expects=1).wall)
            if not plain.exists():
                plain.mkdir()
                for commit in ("1", "2"):
                    shutil.copytree(folder / commit, plain / commit)
        rivals.append(taking(_diff(plain), expects=1).wall)
    size = sum(file.stat().st_size for file in (plain / "1").iterdir())
    beside = f"of the same {size / 1e6:.0f} MB in plain files {medians(rivals)}"
    what = "`diff -r` of the texts of 41 variables, 4 of which differ, "
    yield Row(what + "first", medians(first), "1.5 s", min(first) <= 1.5, beside)
    yield Row(what + "again", medians(again), "0.2 s", min(again) <= 0.2, beside)


def _compared(options: Options, store: Path, what: str, commits: list[str], reach: float) -> Row:
    command = [str(options.podfs), "diff", "--store", str(store), *commits]
    took: list[Took] = [taking(command, expects=1) for _ in range(_TIMES)]
    best = min(each.wall for each in took)
    return Row(
        f"`podfs diff` of {what}",
        medians([each.wall for each in took]),
        f"{reach} s",
        best <= reach,
        f"{min(each.processor for each in took):.3f} CPU s, "
        f"{min(each.memory for each in took) >> 20} MiB",
    )
