"""The benchmark ``python``: sessions saved cell by cell, with podfs and with its rivals.

    mount-scripts/bench python [PART…] [--gib N] [--runs N] [--small]

Prints tables in Markdown for docs/performance.md; not a test, and nothing fails on a slow machine.
A part is one of `session_rows.PARTS`; without any, all are measured, which takes half an hour, 12
GB of memory and 5 GB in $TMPDIR. Times are CPU seconds of all threads of a process that runs
nothing else, the least of several runs, commit by commit.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from measuring import machine, table
from session_measuring import Runs
from session_rows import PARTS, Asked, bounds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from measuring import Row


def _figures(runs: Runs) -> Iterator[str]:
    """Yield the lines of a table of all runs."""
    yield "| session | saved by | CPU s of the commits | of the cells | wall s | MB | peak MB |"
    yield "|---|---|---|---|---|---|---|"
    for (workload, saver), run in runs.made.items():
        yield (
            f"| {workload} | {saver} | {sum(run.commits):.3f} | {sum(run.cells):.2f} "
            f"| {sum(run.walls):.3f} | {run.stored / 1e6:.2f} | {run.peak / 1e6:.0f} |"
        )


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="bench python")
    parser.add_argument("--gib", type=float, default=8.0, help="the arrays of the part 'large'")
    parser.add_argument("--runs", type=int, default=3, help="how often each session is run")
    parser.add_argument("--small", action="store_true", help="one run, and 1 GiB of arrays")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    given = parser.parse_args()
    unknown = [part for part in given.parts if part not in PARTS]
    if unknown:
        parser.error(f"no part '{unknown[0]}'; there is: {', '.join(PARTS)}")
    print(machine(), flush=True)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="podfs-bench.") as name:
        folder = Path(name)
        runs = Runs(folder, 1 if given.small else given.runs)
        asked = Asked(runs, folder, 1.0 if given.small else given.gib)
        for part, measure in PARTS.items():
            if not given.parts or part in given.parts:
                rows.extend(measure(asked))
        rows.extend(bounds(asked))
    print()
    print("\n".join(table(rows)))
    print()
    print("\n".join(_figures(runs)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
