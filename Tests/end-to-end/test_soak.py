"""Short runs of ``mount-scripts/soak``."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from conftest import EXECUTABLE, ROOT, SECONDS


@pytest.mark.parametrize(
    ("program", "length"), [("soak.py", "5"), ("mount.py", "1"), ("memory.py", "600")]
)
def test_short_run(program: str, length: str) -> None:
    """Nothing fails, nothing is lost, no reader waits, and memory does not grow."""
    environment = {
        **os.environ,
        "PODFS_EXECUTABLE": str(EXECUTABLE),
        "PYTHONPATH": str(ROOT / "Sources" / "python"),
        "PODFS_LIBRARY": str(ROOT / ".build-bridge" / "libpodfs.so"),
    }
    done = subprocess.run(
        [sys.executable, ROOT / "Tests" / "Soak" / program, length],
        env=environment,
        capture_output=True,
        text=True,
        timeout=2 * SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no damage in " in done.stdout
