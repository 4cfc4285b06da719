"""Sessions of the benchmark ``python``, each measured in a process of its own."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from session_savers import SAVERS
from session_workloads import WORKLOADS

__all__ = ["Run", "Runs", "steps"]

#: Savers that take so long that once must do.
_SLOW = ("dill", "shelve")


class Run(NamedTuple):
    """What a session took: CPU seconds of all threads, and bytes."""

    #: Of each cell by itself, which pays for what the last commit left to it.
    cells: list[float]
    #: Of each commit, and the same by the clock.
    commits: list[float]
    walls: list[float]
    #: The most memory that a commit took beside what was there before.
    peak: int
    #: Bytes of the files beyond those of an empty store: of all commits, and of all but the first
    #: if that one makes what the others work on.
    stored: int
    stored_later: int
    left_out: list[str]


class MeasuringError(Exception):
    """A process that measures has failed; the text is its last line."""


def _output(script: str, *arguments: object) -> Any:
    command = [sys.executable, str(Path(__file__).with_name(script)), *map(str, arguments)]
    # Threads of OpenBLAS wait busily for some time after the cell that they worked for.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    # An installed package is compiled but once.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        raise MeasuringError((done.stderr.strip().splitlines() or ["no reason is told"])[-1])
    return json.loads(done.stdout)


def steps(step: str, *arguments: object) -> dict[str, float]:
    """Run a step of ``session_steps.py``, and return its figures."""
    figures: dict[str, float] = _output("session_steps.py", step, *arguments)
    return figures


class Runs:
    """The runs of one call of the benchmark, each made when it is first asked for."""

    def __init__(self, folder: Path, count: int) -> None:
        self._folder = folder
        self._count = count
        self._run = functools.cache(self._measure)
        self.made: dict[tuple[str, str], Run] = {}

    def run(self, workload: str, saver: str, gib: float = 0) -> Run:
        """Return the best run of a session: the least of each figure, commit by commit."""
        return self._run(workload, saver, gib)

    def _measure(self, workload: str, saver: str, gib: float) -> Run:
        assert saver in SAVERS and workload in (*WORKLOADS, "beside")
        count = 1 if saver in _SLOW else self._count
        print(f"  {workload}, {saver}: {count} runs", file=sys.stderr, flush=True)
        runs = []
        for _ in range(count):
            folder = Path(tempfile.mkdtemp(dir=self._folder))
            runs.append(Run(**_output("session_run.py", workload, saver, folder, gib)))
            shutil.rmtree(folder)
        best = runs[0]._replace(
            cells=[min(times) for times in zip(*(run.cells for run in runs))],
            commits=[min(times) for times in zip(*(run.commits for run in runs))],
            walls=[min(times) for times in zip(*(run.walls for run in runs))],
            peak=min(run.peak for run in runs),
        )
        self.made[workload, saver] = best
        return best
