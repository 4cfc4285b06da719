"""The part ``rendering`` of the benchmark ``text``: values as text."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from measuring import Row
from mounting import MIB, Mounted, forget, read_all
from text_values import Took, frame, medians, save, taking, values

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from measuring import Options

__all__ = ["measure"]

_TIMES = 5
#: What pandas is asked to do in a process of its own, as podfs is.
_TO_CSV = """
import pickle, sys, time
frame = pickle.load(open(sys.argv[1], "rb"))
times = []
for _ in range(2):
    start = time.process_time()
    frame.to_csv(sys.argv[2])
    times.append(time.process_time() - start)
print(min(times))
"""


def measure(options: Options) -> Iterator[Row]:
    """Measure the text of a frame, of other values, and of what nobody has read yet."""
    store = options.folder / "store"
    save(store, "frame", {"df": frame()})
    save(store, "others", values())
    save(store, "many", {f"v{index}": [index, str(index)] for index in range(1000)})
    yield from _frame(options, store)
    for name in values():
        yield _rendered(options, store, name)
    yield _listed(options, store)


def _cat(options: Options, store: Path, place: str) -> list[Took]:
    command = [str(options.podfs), "cat", "--text", "--store", str(store), place]
    return [taking(command) for _ in range(_TIMES)]


def _frame(options: Options, store: Path) -> Iterator[Row]:
    """Measure a frame whose text is over the usual limit, read to its end through a mount."""
    pickled = options.folder / "frame.pickle"
    command = [str(options.podfs), "cat", "--raw", "--store", str(store), "frame@1:df"]
    taking(command, pickled)
    value = pickled.stat().st_size
    walls, processors, peaks = [], [], []
    buffer = bytearray(MIB)
    for _ in range(_TIMES):
        with Mounted(options, store, "-o", "text_limit=1G") as mounted:
            before = mounted.processor()
            idle = mounted.memory("VmHWM")
            text = mounted.path / "frame/text/1/df"
            start = time.perf_counter()
            read_all(text, buffer)
            walls.append(time.perf_counter() - start)
            processors.append(mounted.processor() - before)
            peaks.append(mounted.memory("VmHWM") - idle)
            size = text.stat().st_size
            forget(text)
    rival = float(_python(_TO_CSV, str(pickled), str(options.folder / "frame.csv")))
    rival_size = (options.folder / "frame.csv").stat().st_size
    speed = size / min(walls) / 1e6
    yield Row(
        f"first read of the text of a frame of {value / 1e6:.0f} MB: {size / 1e6:.0f} MB",
        f"{speed:.0f} MB/s (median {size / statistics.median(walls) / 1e6:.0f}), "
        f"{min(processors):.2f} CPU s",
        "150 MB/s",
        speed >= 150,
        f"pandas to_csv {rival_size / rival / 1e6:.0f} MB/s of its text, {rival:.2f} CPU s",
    )
    over = (min(peaks) - value) / MIB
    yield Row(
        "memory of the daemon over that of the value",
        f"{over:.0f} MiB",
        "64 MiB",
        over <= 64,
        f"the value has {value / MIB:.0f} MiB",
    )
    took = _cat(options, store, "frame@1:df")
    yield Row(
        "`podfs cat --text` of the same, cut at 64 MiB",
        f"{medians([each.wall for each in took])}, {min(each.memory for each in took) >> 20} MiB",
        "",
        None,
        f"{min(each.processor for each in took):.2f} CPU s",
    )


def _rendered(options: Options, store: Path, name: str) -> Row:
    text = options.folder / "text"
    command = [str(options.podfs), "cat", "--text", "--store", str(store), f"others@1:{name}"]
    taking(command, text)
    size = text.stat().st_size
    took = _cat(options, store, f"others@1:{name}")
    return Row(
        f"`podfs cat --text` of {name}: {size / 1e6:.0f} MB of text",
        f"{size / min(each.wall for each in took) / 1e6:.0f} MB/s",
        "",
        None,
        f"{min(each.processor for each in took):.2f} CPU s, "
        f"{min(each.memory for each in took) >> 20} MiB",
    )


def _listed(options: Options, store: Path) -> Row:
    times = []
    for _ in range(_TIMES):
        with Mounted(options, store) as mounted:
            took = taking(["ls", "-l", str(mounted.path / "many/text/1")])
            times.append(took.wall)
    return Row("`ls -l` of the texts of 1,000 variables, none read", medians(times), "", None)


def _python(script: str, *arguments: str) -> str:
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
