"""The beginning of what ``mount-scripts/faults`` does at length: a stopped store loses nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path

from conftest import EXECUTABLE, SECONDS

STOPS, FAULTS, KILLS = 50, 10, 2


def test_stopped_stores_lose_nothing(tmp_path: Path) -> None:
    command = [EXECUTABLE.parent / "StoreFaults", tmp_path, "1", STOPS, FAULTS, KILLS]
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=5 * SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = dict(line.split(maxsplit=1) for line in done.stdout.splitlines() if "," not in line)
    assert int(rows["stopped"].split()[0]) == STOPS
    assert int(rows["failed"].split()[0]) == FAULTS
