"""Runs one session of the benchmark ``python`` with one saver, in a process of its own.

    python session_run.py WORKLOAD SAVER FOLDER [GIB]

Prints what it took as JSON: see `session_measuring.Run`.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from session_savers import SAVERS
from session_workloads import WORKLOADS, beside


def _resident() -> int:
    """Return the bytes of memory that this process has now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _peak() -> int:
    """Return the most memory that this process had since `_forget_peak`."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM"))
    return int(line.split()[1]) << 10


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def run(name: str, saver_name: str, folder: Path, gib: float) -> dict[str, Any]:
    """Run all cells, with a commit after each."""
    workload = beside(gib) if name == "beside" else WORKLOADS[name]()
    saver = SAVERS[saver_name](folder)
    cells, commits, walls, peaks, sizes = [], [], [], [], []
    for number, cell in enumerate(workload.cells):
        start = time.process_time()
        saver.run(cell)
        cells.append(time.process_time() - start)
        if len(workload.cells) < 100:
            gc.collect()  # The commit is not to pay for what the cell left.
        before = _resident()
        _forget_peak()
        start, wall = time.process_time(), time.perf_counter()
        saver.commit(number)
        commits.append(time.process_time() - start)
        walls.append(time.perf_counter() - wall)
        peaks.append(_peak() - before)
        if number < workload.made_by:
            sizes.append(saver.grown())
    return {
        "cells": cells,
        "commits": commits,
        "walls": walls,
        "peak": max(peaks),
        "stored": saver.grown(),
        "stored_later": saver.grown() - (sizes[-1] if sizes else 0),
        "left_out": sorted(saver.left_out),
    }


if __name__ == "__main__":
    workload, saver, folder, *gib = sys.argv[1:]
    print(json.dumps(run(workload, saver, Path(folder), float(gib[0]) if gib else 8.0)))
