"""The benchmark ``text``: values rendered and compared, beside pandas and diff.

    mount-scripts/bench text [PART…]

Prints a table in Markdown for docs/performance.md; not a test, and nothing fails on a slow machine.
Each figure is the best of several, with the median behind it and the seconds of the processor. A
part is one of `PARTS`; without any, all are measured, which takes some minutes and 6 GB in $TMPDIR.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import text_differing
import text_rendering
from measuring import Options, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from measuring import Row

#: What is measured, in the order of the table.
PARTS: dict[str, Callable[[Options], Iterator[Row]]] = {
    "rendering": text_rendering.measure,
    "differing": text_differing.measure,
}

if __name__ == "__main__":
    sys.exit(run(argparse.ArgumentParser(prog="bench text"), PARTS, needs_program=False))
