"""A short run of ``mount-scripts/flips``."""

from __future__ import annotations

import os
import subprocess
import sys

from conftest import EXECUTABLE, ROOT, SECONDS


def test_flipped_bits_make_no_value_wrong() -> None:
    """Nothing is wrong after a flip, and nothing is lost that check does not report."""
    environment = {
        **os.environ,
        "PODFS_EXECUTABLE": str(EXECUTABLE),
        "PYTHONPATH": str(ROOT / "Sources" / "python"),
        "PODFS_LIBRARY": str(ROOT / ".build-bridge" / "libpodfs.so"),
    }
    done = subprocess.run(
        [sys.executable, ROOT / "Tests" / "Flips" / "flips.py", "24", "5"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=4 * SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "podfs.db " in done.stdout
