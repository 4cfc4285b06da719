"""Steps of the benchmark ``store`` as a user takes them, each in a process of its own.

    python store_user.py open|save|many|arrays STORE [NUMBER]

Prints lines of a name and a figure.
"""

from __future__ import annotations

import datetime
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy
import podfs


def _report(name: str, figure: float) -> None:
    print(name, figure)


def _resident() -> int:
    """Return the bytes of memory that this process has now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _opened(path: str) -> podfs.Session:
    return podfs.Store(path).session("speed")


def open_store(path: str) -> None:
    """Open a store and list what a commit binds."""
    before = _resident()
    start = time.perf_counter()
    session = _opened(path)
    session.head()
    _report("open", time.perf_counter() - start)
    _report("memory", _resident() - before)


def save_one(path: str, count: int) -> None:
    """Go on with the namespace of a session: change one variable and save, *count* times."""
    before = _resident()
    session = _opened(path)
    namespace = session.load()
    names = sorted(namespace)
    session.save(namespace)
    wall, processor = _saves(session, namespace, names, count)
    _report("wall", wall)
    _report("processor", processor)
    _report("memory", _resident() - before)


def _saves(
    session: podfs.Session, namespace: dict[str, Any], names: list[str], count: int
) -> tuple[float, float]:
    """Return the median seconds, of the clock and the processor, to save one changed variable."""
    walls, processors = [], []
    for number in range(count):
        namespace[names[(number * 7919) % len(names)]] = [number, f"changed at {time.time_ns()}"]
        start = time.perf_counter(), time.process_time()
        session.save(namespace)
        walls.append(time.perf_counter() - start[0])
        processors.append(time.process_time() - start[1])
    return statistics.median(walls), statistics.median(processors)


def _value(number: int) -> Any:
    """Return a value such as cells leave: numbers, texts, small containers, arrays and dates."""
    kinds: list[Any] = [
        number,
        number * 0.37,
        f"text of variable {number}",
        (f"item {number}", number),
        [number * 0.5 + step for step in range(5)],
        {"id": number, "name": f"name {number}", "tags": [number % 7, number % 11]},
        number % 3 == 0,
        [{"x": number, "y": step} for step in range(3)],
        numpy.arange(10) * number if number % 20 == 8 else {number, number + 1},
        datetime.datetime(2026, 1, 1) + datetime.timedelta(hours=number),
    ]
    return kinds[number % len(kinds)]


def save_many(path: str, count: int) -> None:
    """Save a namespace of *count* variables; then change one and save, thirty times."""
    session = _opened(path)
    namespace = session.namespace()
    names = [f"variable{number}" for number in range(count)]
    namespace.update((name, _value(number)) for number, name in enumerate(names))
    start = time.perf_counter()
    session.save(namespace)
    _report("first", time.perf_counter() - start)
    session.save(namespace)
    wall, processor = _saves(session, namespace, names, 30)
    _report("wall", wall)
    _report("processor", processor)


def save_arrays(path: str, count: int) -> None:
    """Save *count* MiB of new random numbers, in arrays of 128 MiB at most."""
    session = _opened(path)
    namespace = session.namespace()
    rng = numpy.random.default_rng(count)
    for start in range(0, count, 128):
        size = min(128, count - start) << 17
        namespace[f"array{start}"] = rng.integers(0, 1 << 64, size, dtype=numpy.uint64)
    begin = time.perf_counter(), time.process_time()
    session.save(namespace)
    _report("wall", time.perf_counter() - begin[0])
    _report("processor", time.process_time() - begin[1])


def main() -> None:
    """Run one step."""
    step, path, *numbers = sys.argv[1:]
    if step == "open":
        open_store(path)
    else:
        {"save": save_one, "many": save_many, "arrays": save_arrays}[step](path, int(numbers[0]))


if __name__ == "__main__":
    main()
