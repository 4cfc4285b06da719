"""Lets fio write into a workspace and verify what it reads, by all the ways that it has.

    python Tests/FileModel/fio.py [--minutes M] [--size BYTES] [SEED]

Ends with 1, after what fio says, when a block was wrong or a call failed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from mounted import mounted

WORKLOAD = Path(__file__).with_name("workload.fio")


def run(seed: int, size: int, folder: Path) -> bool:
    """Run the workload with a seed; tell whether all was right."""
    environment = {
        **os.environ,
        "PODFS_FOLDER": str(folder),
        "PODFS_SIZE": str(size),
        "PODFS_SEED": str(seed),
    }
    done = subprocess.run(
        ["fio", WORKLOAD],
        cwd=folder.parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 or "verify:" in done.stderr:
        print(f"fio with seed {seed} and size {size}:\n{done.stderr}{done.stdout}")
        return False
    return True


def main() -> int:
    """Run what the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--size", type=int, default=16 << 20)
    parser.add_argument("--minutes", type=float, default=1)
    options = parser.parse_args()
    end = time.monotonic() + 60 * options.minutes
    seed = options.seed
    with mounted() as mount:
        while seed == options.seed or time.monotonic() < end:
            if not run(seed, options.size, mount.workspace(mount.session())):
                return 1
            seed += 1
    print(f"{seed - options.seed} runs of fio: every block is right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
