"""The benchmark ``mount``: a store read, written and listed as files, beside native ext4.

    mount-scripts/bench mount [PART…] [--commits N]

Prints a table in Markdown for docs/performance.md; not a test, and nothing fails on a slow machine.
Each figure is the best of several. A part is one of `PARTS`; without any, all are measured, which
takes ten minutes and 8 GB in $TMPDIR, which should be on the disk to compare with.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import mount_listing
import mount_reading
import mount_writing
from measuring import Options, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from measuring import Row

#: What is measured, in the order of the table.
PARTS: dict[str, Callable[[Options], Iterator[Row]]] = {
    "reading": mount_reading.measure,
    "writing": mount_writing.measure,
    "listing": mount_listing.measure,
}

if __name__ == "__main__":
    sys.exit(run(argparse.ArgumentParser(prog="bench mount"), PARTS))
