"""The log of the database: empty once nobody uses the store."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

from conftest import SECONDS, Podfs

SAVING = """
import os, podfs, signal, sys
session = podfs.Store().session("alice")
for number in range(3):
    session.save({"x": number})
if sys.argv[1] == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
"""


def save(podfs: Podfs, ending: str) -> int:
    """Save three commits in a process of its own; return how it ended."""
    return subprocess.run(
        [sys.executable, "-c", SAVING, ending],
        env={"PODFS_STORE": str(podfs.store), "PYTHONPATH": ":".join(sys.path)},
        timeout=SECONDS,
        check=False,
    ).returncode


def log_size(podfs: Podfs) -> int:
    """Return how many bytes the log has."""
    return (podfs.store / "podfs.db-wal").stat().st_size


def expect_commits(podfs: Podfs, count: int) -> None:
    """The database alone has all commits."""
    copy = Podfs(podfs.store.with_name("copy"))
    shutil.copytree(podfs.store, copy.store)
    for suffix in ("-wal", "-shm"):
        Path(f"{copy.store}/podfs.db{suffix}").unlink()
    assert len(copy.json("log", "alice")) == count
    assert copy("check", "--data").startswith("no damage")
    shutil.rmtree(copy.store)


def test_commands_and_python_leave_no_log(podfs: Podfs) -> None:
    """Every process that ends as usual writes the log back."""
    assert save(podfs, "exit") == 0
    assert log_size(podfs) == 0
    expect_commits(podfs, 3)
    podfs("tag", "alice", "good")
    assert log_size(podfs) == 0
    expect_commits(podfs, 3)


def test_the_log_of_a_killed_process_is_written_back(podfs: Podfs) -> None:
    """Whoever uses the store next writes it back, if only to read."""
    assert save(podfs, "kill") == -signal.SIGKILL
    assert log_size(podfs) > 0
    assert len(podfs.json("log", "alice")) == 3
    assert log_size(podfs) == 0
    expect_commits(podfs, 3)
