"""The values that the benchmark ``text`` saves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import podfs

__all__ = ["Took", "differing", "frame", "medians", "save", "taking", "values"]


class Took(NamedTuple):
    """What a process took."""

    wall: float
    #: Seconds of the processor, of all threads.
    processor: float
    #: The most bytes of memory that it had.
    memory: int


#: A small process that starts another: what one has forked counts as memory of its own.
_STARTER = """
import os, sys, time
into, *command = sys.argv[1:]
start = time.perf_counter()
child = os.fork()
if not child:
    os.dup2(os.open(into, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 1)
    os.execvp(command[0], command)
_, status, usage = os.wait4(child, 0)
wall = time.perf_counter() - start
processor = usage.ru_utime + usage.ru_stime
print(os.WEXITSTATUS(status), wall, processor, usage.ru_maxrss * 1024)
"""


def taking(command: list[str], into: Path | None = None, expects: int = 0) -> Took:
    """Run a program, with its output going into a file or nowhere; return what it took."""
    starter = [sys.executable, "-I", "-S", "-c", _STARTER, str(into or os.devnull), *command]
    output = subprocess.run(starter, check=True, stdout=subprocess.PIPE, text=True).stdout
    status, wall, processor, memory = output.split()
    if int(status) != expects:
        raise RuntimeError(f"{command[:4]} ended with {status}")
    return Took(float(wall), float(processor), int(memory))


def medians(times: list[float]) -> str:
    """Return the best of some times, and the median behind it."""
    ordered = sorted(times)
    return f"{ordered[0]:.3g} s ({ordered[len(ordered) // 2]:.3g})"


def save(store: Path, session: str, *namespaces: dict[str, Any]) -> None:
    """Commit namespaces, one after the other."""
    with podfs.Store(store) as opened:
        for namespace in namespaces:
            opened.session(session).save(namespace)


def frame(rows: int = 500_000) -> pd.DataFrame:
    """Return a frame of ten columns of floats and two of strings; of 55 MB, as it stands."""
    random = np.random.default_rng(1)
    columns: dict[str, Any] = {
        f"f{index}": random.standard_normal(rows) * 10.0 ** (index - 3) for index in range(10)
    }
    words = np.array([f"word-{index:04}" for index in range(5000)], dtype=object)
    columns["name"] = words[random.integers(0, len(words), rows)]
    columns["place"] = words[random.integers(0, 50, rows)]
    return pd.DataFrame(columns)


def values() -> dict[str, Any]:
    """Return what is rendered besides frames, each of about a hundred megabytes of text or less."""
    random = np.random.default_rng(2)
    return {
        "records": [
            {"id": index, "name": f"name {index}", "score": index / 7, "tags": ["a", "b"]}
            for index in range(200_000)
        ],
        "nested": _nested(8),
        "strings": [bytes(line).hex() for line in random.bytes(50_000_000 // 40 * 40).split(b"\0")],
        "floats": random.standard_normal(4_000_000),
        "integers": random.integers(0, 1 << 40, 4_000_000),
    }


def _nested(depth: int) -> Any:
    if depth == 0:
        return {"leaf": True, "value": 1.5, "name": "a leaf of the tree"}
    return {"children": [_nested(depth - 1) for _ in range(4)], "depth": depth}


def differing() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return two namespaces of 41 variables and a hundred megabytes, four of which differ."""
    random = np.random.default_rng(3)
    before: dict[str, Any] = {}
    for index in range(10):
        before[f"array{index}"] = random.standard_normal(600_000)
    for index in range(10):
        before[f"frame{index}"] = frame(20_000).iloc[:, index:]
    for index in range(10):
        before[f"list{index}"] = random.integers(0, 1 << 30, 50_000).tolist()
    for index in range(11):
        before[f"dict{index}"] = {f"key {number}": number / 3 for number in range(20_000)}
    after = dict(before)
    after["array3"] = before["array3"].copy()
    after["array3"][300_000] = 0.0
    after["frame4"] = before["frame4"].copy()
    after["frame4"].iloc[777, 2] = 1.5
    after["list5"] = [*before["list5"][:1000], -1, *before["list5"][1000:]]
    after["dict6"] = {**before["dict6"], "key 500": "other", "new": 1}
    return before, after
