"""A store of many commits over 1,000 variables: to open it, to commit, to list, its memory."""

from __future__ import annotations

import random
import statistics
import subprocess
from typing import TYPE_CHECKING

from measuring import Options, Row, drop_caches, durable_writes, figures, stored_bytes, user_steps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["measure"]

_VARIABLES = 1000


def _commit(options: Options, store: Path, count: int) -> list[float]:
    """Make *count* commits from Swift, and return the seconds of each."""
    command = [str(options.program), "commits", str(store), str(_VARIABLES), str(count)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [float(line.split()[1]) for line in output.splitlines()]


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


def measure(options: Options) -> Iterator[Row]:
    """Measure, through Swift's Store and through the Python package."""
    store = options.folder / "store"
    last = max(options.commits // 10, 1000)
    seconds = _commit(options, store, options.commits - last)
    size = stored_bytes(store)
    seconds += _commit(options, store, last)
    metadata = (stored_bytes(store) - size) / last
    yield from _opening(options, store)
    transaction, append = durable_writes(options.folder)
    late = statistics.median(seconds[-500:])
    early = statistics.median(seconds[100:600])
    beside = (
        f"a bare durable transaction {_milliseconds(transaction)}, an append with fdatasync "
        f"{_milliseconds(append)}"
    )
    yield Row(
        f"commit one changed small variable of {_VARIABLES}, durable: `PodWriter.save`, median",
        _milliseconds(late),
        "3 ms",
        late <= 0.003,
        beside,
    )
    yield Row(
        f"the same at commits 100 to 600, against the last 500 of {options.commits:,}",
        f"{_milliseconds(early)}, {late / early:.2f} times",
        "flat",
        late < 1.2 * early,
    )
    captured = figures(options, "capture", store, _VARIABLES, 200)
    capture = statistics.median(list(captured.values())[2:])
    yield Row("the same: `Store.capture`", _milliseconds(capture), "3 ms", capture <= 0.003, beside)
    user = user_steps("save", store, 200)
    yield Row(
        f"the same: `s.save(ns)`, {_milliseconds(user['processor'])} of the processor",
        _milliseconds(user["wall"]),
        "3 ms",
        user["wall"] <= 0.003,
        beside,
    )
    yield Row(
        "new bytes of such a commit, of database and pack",
        f"{metadata:.0f} bytes",
        "4 KiB",
        metadata < 4096,
    )
    yield Row(
        "memory of a Python process that opened it, loaded 1,000 variables and saved 200 times, "
        "without that of the interpreter",
        f"{user['memory'] / 2**20:.0f} MiB",
        "64 MiB",
        user["memory"] < 64 << 20,
    )


def _opening(options: Options, store: Path) -> Iterator[Row]:
    def cold(*arguments: object) -> dict[str, float]:
        drop_caches(store)
        return figures(options, *arguments)

    runs = [cold("open", store) for _ in range(5)]
    opened = statistics.median(run["open"] for run in runs)
    yield Row(
        f"open a store of {options.commits:,} commits, cold: `Store(openingAt:)`, session, head",
        _milliseconds(opened),
        "50 ms",
        opened <= 0.05,
    )
    drop_caches(store)
    user = user_steps("open", store)
    yield Row(
        "the same: `podfs.Store(path)`, session, head, libpodfs.so loaded",
        _milliseconds(user["open"]),
        "50 ms",
        user["open"] <= 0.05,
    )
    rng = random.Random(1)
    numbers = [rng.randrange(1, options.commits) for _ in range(9)]
    lists = [cold("list", store, number) for number in numbers]
    listed = max(run["list"] for run in lists)
    yield Row(
        f"list a commit's {_VARIABLES} variables, cold: `Store.manifest`, the slowest of nine",
        _milliseconds(listed),
        "10 ms",
        listed <= 0.01,
    )
    memory = max(run["memory"] for run in lists)
    yield Row(
        "memory of a process that opened it and listed a commit",
        f"{memory / 2**20:.0f} MiB",
        "64 MiB",
        memory < 64 << 20,
    )
