"""The benchmark ``pickles``: sizes of versions, and speeds of capture and reading.

    mount-scripts/bench pickles

Prints tables in Markdown for docs/performance.md; not a test, and nothing fails on a slow machine.
It ends with 1 only if a version does not load equal.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from measuring import machine


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="bench pickles")
    parser.add_argument("--speed-program", type=Path, required=True)
    parser.add_argument("parts", nargs="*", default=["sizes", "speeds"])
    options = parser.parse_args()
    import sizes
    import speeds

    print(machine(), flush=True)
    is_wrong = False
    with tempfile.TemporaryDirectory(prefix="podfs-bench.") as name:
        folder = Path(name)
        if "sizes" in options.parts:
            print("\nNew KB (1000 bytes) per version after the first:\n")
            found = []
            for size in sizes.measure(options.speed_program, folder):
                print(f"  measured: {size.name}", file=sys.stderr, flush=True)
                found.append(size)
            print("\n".join(sizes.table(found)), flush=True)
            is_wrong = any(size.wrong for size in found)
        if "speeds" in options.parts:
            print()
            measured = list(speeds.measure(options.speed_program, folder))
            print("\n".join(speeds.table(measured)))
    return 1 if is_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
