"""Speeds: how long each step takes on one core, beside what bounds it."""

from __future__ import annotations

import functools
import pickle
import subprocess
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy
from sequences import frame, records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["measure", "table"]


class Speeds(NamedTuple):
    """What was measured of one value: CPU seconds by step, of a pickle of so many bytes."""

    name: str
    size: int
    seconds: dict[str, float]


#: The steps of the table, and what they are.
STEPS = {
    "memcpy": "memcpy",
    "xxh3": "xxh3 of the stream: the fingerprint of what did not change",
    "sha256": "SHA-256 of the stream",
    "dumps": "pickle.dumps",
    "loads": "pickle.loads",
    "scan": "scan",
    "count": "count of the bytes of emit",
    "co-variables": "co-variables",
    "scan-split-hash": "scan, split and SHA-256",
    "join": "join into a graph",
    "emit": "emit of a graph, copied together",
    "join-emit": "join and emit at once, copied together",
    "capture": "capture into a new store, zlib and fsync included",
    "capture-again": "capture of the same bytes again",
}

#: MB/s to be reached, by value and step.
REACH = {
    ("records", "scan"): 250,
    ("records", "scan-split-hash"): 120,
    ("records", "join-emit"): 250,
    ("records", "capture-again"): 5000,
    ("frame", "scan"): 1400,
    ("frame", "scan-split-hash"): 1000,
    ("frame", "capture-again"): 5000,
    ("array", "join-emit"): 1500,
    ("array", "capture-again"): 5000,
}


def _fastest(body: Callable[[], Any]) -> float:
    times = []
    for _ in range(3):
        start = time.process_time()
        body()
        times.append(time.process_time() - start)
    return min(times)


def _values() -> Iterator[tuple[str, Any]]:
    yield "records", records(1_000_000)
    yield "frame", frame(1_000_000)
    yield "array", numpy.random.default_rng(14).standard_normal(25_000_000)


def measure(program: Path, folder: Path) -> Iterator[Speeds]:
    """Measure a list of a million dicts, a frame of a million rows and an array of 200 MB."""
    for name, value in _values():
        stream = pickle.dumps(value, protocol=5)
        seconds = {
            "dumps": _fastest(functools.partial(pickle.dumps, value, protocol=5)),
            "loads": _fastest(functools.partial(pickle.loads, stream)),
        }
        file = folder / name
        file.write_bytes(stream)
        lines = subprocess.run(
            [program, "run", file], check=True, capture_output=True, text=True
        ).stdout
        for line in lines.splitlines():
            step, figure, _ = line.split()
            seconds[step] = float(figure)
        file.unlink()
        yield Speeds(name, len(stream), seconds)


def table(speeds: list[Speeds]) -> Iterator[str]:
    """Yield the lines of the table: CPU seconds, MB/s, what is to be reached."""
    for speed in speeds:
        yield f"### {speed.name}: a pickle of {speed.size / 1e6:.0f} MB"
        yield ""
        yield "| step | CPU s | MB/s | to reach | reached |"
        yield "|---|---|---|---|---|"
        for step, text in STEPS.items():
            seconds = speed.seconds[step]
            rate = speed.size / 1e6 / max(seconds, 1e-6)
            shown = f"{rate:.0f}" if seconds >= 0.0005 else "reads no payload"
            target = REACH.get((speed.name, step))
            reached = "" if target is None else "yes" if rate >= target else "no"
            yield f"| {text} | {seconds:.3f} | {shown} | {target or ''} | {reached} |"
        times = speed.seconds["scan-memory"] / speed.size
        yield (
            f"| memory of scan beside the stream | | {times:.2f} times the stream | under 3 times "
            f"| {'yes' if times < 3 else 'no'} |"
        )
        yield ""
