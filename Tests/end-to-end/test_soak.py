"""A short run of ``mount-scripts/soak``."""

from __future__ import annotations

import os
import subprocess
import sys

from conftest import EXECUTABLE, ROOT, SECONDS


def test_many_processes_use_one_store() -> None:
    """Nothing fails, nothing is lost, and no reader waits."""
    environment = {
        **os.environ,
        "PODFS_EXECUTABLE": str(EXECUTABLE),
        "PYTHONPATH": str(ROOT / "Sources" / "python"),
        "PODFS_LIBRARY": str(ROOT / ".build-bridge" / "libpodfs.so"),
    }
    done = subprocess.run(
        [sys.executable, ROOT / "Tests" / "Soak" / "soak.py", "5"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=2 * SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no damage in " in done.stdout
