"""The benchmark ``store``: long histories, many variables, large arrays, garbage, versions on disk.

    mount-scripts/bench store [PART…] [--commits N] [--gib N]

Prints a table in Markdown for docs/performance.md; not a test, and nothing fails on a slow machine.
What bounds a figure, or a rival, is measured in the same run and stands in the last column. A part
is one of `PARTS`; without any, all are measured, which takes half an hour and 40 GB in $TMPDIR.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import store_arrays
import store_garbage
import store_history
import store_namespace
import store_versions
from measuring import Options, machine, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from measuring import Row

#: What is measured, in the order of the table.
PARTS: dict[str, Callable[[Options], Iterator[Row]]] = {
    "history": store_history.measure,
    "namespace": store_namespace.measure,
    "arrays": store_arrays.measure,
    "garbage": store_garbage.measure,
    "versions": store_versions.measure,
}


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="bench store")
    parser.add_argument("--speed-program", type=Path, required=True)
    parser.add_argument("--commits", type=int, default=100_000)
    parser.add_argument("--gib", type=float, default=10.0, help="the size of the store of garbage")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    given = parser.parse_args()
    unknown = [part for part in given.parts if part not in PARTS]
    if unknown:
        parser.error(f"no part '{unknown[0]}'; there is: {', '.join(PARTS)}")
    print(machine(), flush=True)
    rows: list[Row] = []
    for part, measure in PARTS.items():
        if given.parts and part not in given.parts:
            continue
        with tempfile.TemporaryDirectory(prefix="podfs-bench.") as folder:
            options = Options(
                given.speed_program,
                Path(os.environ["PODFS"]),
                Path(folder),
                given.commits,
                given.gib,
            )
            for row in measure(options):
                print(f"  measured: {row.what}: {row.reached}", file=sys.stderr, flush=True)
                rows.append(row)
    print()
    print("\n".join(table(rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
