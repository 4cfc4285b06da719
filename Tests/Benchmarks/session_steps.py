"""Steps of the benchmark ``python`` that go back to what was saved, each in a process of its own.

    python session_steps.py checkout|undo|load|start FOLDER

Prints the figures as JSON: CPU seconds of all threads, and seconds by the clock.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from session_savers import Podfs
from session_workloads import WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Callable


def _timed(body: Callable[[], object]) -> dict[str, float]:
    start, wall = time.process_time(), time.perf_counter()
    body()
    return {"cpu": time.process_time() - start, "wall": time.perf_counter() - wall}


def _saved(workload: str, folder: Path) -> Podfs:
    """Run the cells of *workload*, with a commit after each."""
    saver = Podfs(folder)
    for number, cell in enumerate(WORKLOADS[workload]().cells):
        saver.run(cell)
        saver.commit(number)
    return saver


def checkout(folder: Path) -> dict[str, float]:
    """Go back from the last commit of the dict of arrays to the first."""
    import numpy

    saver = _saved("arrays", folder)
    namespace = saver.namespace
    figures = _timed(lambda: saver.session.checkout(1, into=namespace))
    first = numpy.random.default_rng(4).standard_normal(250_000)
    assert numpy.array_equal(namespace["layers"]["layer0"], first)
    return figures


def undo(folder: Path) -> dict[str, float]:
    """Undo the last change beside a frame of 100 MB."""
    saver = _saved("frame", folder)
    namespace, table = saver.namespace, saver.namespace["table"]
    figures = _timed(lambda: saver.session.undo(into=namespace))
    assert namespace["notes"][-1] == "step 8" and namespace["table"] is table
    return figures


def load(folder: Path) -> dict[str, float]:
    """Load a small variable of a commit of 1 GB: in this process, which did not save it."""
    import subprocess

    saver = Podfs(folder)
    saver.run(
        "import numpy as np\n"
        "data = {f'part{n}': np.random.default_rng(n).standard_normal(1 << 24) for n in range(8)}\n"
        "small = {'rate': 0.5, 'names': ['a', 'b']}"
    )
    saver.commit(0)
    command = [sys.executable, __file__, "load_saved", str(folder)]
    figures: dict[str, float] = json.loads(subprocess.check_output(command))
    return figures


def load_saved(folder: Path) -> dict[str, float]:
    """Load ``small`` of the only commit; the first time opens the store, too."""
    import podfs

    found: list[Any] = []

    def body() -> None:
        session = podfs.Store(folder / "store").session("bench")
        found.append(session.load(1, names={"small"})["small"])

    first = _timed(body)
    session = podfs.Store(folder / "store").session("bench")
    again = _timed(lambda: session.load(1, names={"small"}))
    assert found == [{"rate": 0.5, "names": ["a", "b"]}]
    return {"cpu": again["cpu"], "wall": again["wall"], "first": first["cpu"]}


def start(folder: Path) -> dict[str, float]:
    """Import the package, open a store and save for the first time."""

    def body() -> None:
        import podfs

        session = podfs.Store(folder / "store").session("bench")
        namespace = session.namespace()
        namespace["x"] = 1
        session.save(namespace)

    interpreter = time.process_time()
    return {**_timed(body), "interpreter": interpreter}


if __name__ == "__main__":
    step, folder = sys.argv[1:]
    print(json.dumps(globals()[step](Path(folder))))
