"""The benchmark ``store``: long histories, many variables, large arrays, garbage, versions on disk.

    mount-scripts/bench store [PART…] [--commits N] [--gib N]

Prints a table in Markdown for docs/performance.md; not a test, and nothing fails on a slow machine.
What bounds a figure, or a rival, is measured in the same run and stands in the last column. A part
is one of `PARTS`; without any, all are measured, which takes half an hour and 40 GB in $TMPDIR.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import store_arrays
import store_garbage
import store_history
import store_namespace
import store_versions
from measuring import Options, run

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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="bench store")
    parser.add_argument("--gib", type=float, default=10.0, help="the size of the store of garbage")
    sys.exit(run(parser, PARTS))
