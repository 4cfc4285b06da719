"""Short runs of what ``mount-scripts/posix`` does for long."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from conftest import EXECUTABLE, ROOT, SECONDS


def run(program: str, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, ROOT / "Tests" / "FileModel" / program, *arguments],
        env={**os.environ, "PODFS_EXECUTABLE": str(EXECUTABLE)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def test_workspace_does_what_a_directory_does() -> None:
    output = run("state_machine.py", "--steps", "150", "--seeds", "2", "7")
    assert "2 seeds of 150 operations: no difference" in output


@pytest.mark.parametrize("operation", ["chmod", "utimens"])
def test_what_is_left_out_is_found(operation: str) -> None:
    output = run("state_machine.py", "--forget", operation, "7", code=1)
    assert output.startswith("seed 7: ")
    assert output.splitlines()[-1].strip().startswith(f"('{operation}', ")


def test_every_byte_is_right() -> None:
    output = run("exerciser.py", "--steps", "200", "7")
    assert "1 seeds of 200 operations: every byte is right" in output
