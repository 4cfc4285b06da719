"""Commits are made, read through a mount and pruned; the daemon's memory must not grow with them.

    python Tests/Soak/memory.py COMMITS

A workspace is written and committed again and again. The files of each commit and their texts are
read, and of some also what is known of them, and the links that lead there. Meanwhile all but the
last ten commits are pruned. The memory of the daemon is printed as it goes on.

The caches have their usual sizes in a long run. In a short one they are so small that they are full
soon, and then nothing may be added.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from multiprocessing.synchronize import Event
from pathlib import Path

from mount import GONE, daemon
from soak import Process, Report, command

SESSION = "s"
# Limits for the daemon's memory, and for its growth in the second half of a short run, in KiB.
LIMIT, GROWTH = 120 << 10, 2 << 10
KEPT = 10
SHORT = 10_000


def pruner(path: str, stop: Event) -> Report:
    """Prune all but the last commits again and again."""
    rounds = 0
    while not stop.wait(0.2):
        command(path, "prune", SESSION, "--keep-last", str(KEPT))
        rounds += 1
    return {"rounds": rounds}


def commit(session: Path, number: int) -> int:
    """Write a file and commit it; return the commit's number."""
    value = [number, "and", {"some": "objects"}]
    (session / "workspace" / f"name{number % 3}").write_bytes(pickle.dumps(value, protocol=4))
    (session / "commit").write_text(f"commit {number}")
    return int(os.readlink(session / "HEAD").rpartition("/")[2])


def read_all(folder: Path) -> int:
    """Read all files of a folder, and where its links lead; return how many there were."""
    count = 0
    for entry in os.scandir(folder):
        count += 1
        if entry.is_symlink():
            os.readlink(entry.path)
        elif entry.is_file():
            entry.stat()
            Path(entry.path).read_bytes()
    return count


def read_commit(session: Path, number: int) -> int:
    """Read all that the mount shows of a commit; return how many files there were."""
    count = read_all(session / "commits" / str(number)) + read_all(session / "text" / str(number))
    if number % 20 == 0:
        folders = (f"info/{number}", "vars/name1", "by-time")
        count += sum(read_all(session / folder) for folder in folders)
    return count


def resident(process: int) -> int:
    """Return how many KiB of memory a process holds."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1])


def soak(path: str, mount: str, count: int) -> int:
    """Make, read and prune so many commits; return the number of failures."""
    process = daemon(path)
    session = Path(mount) / SESSION
    files = most = half = 0
    pruning = Process(pruner, path)
    for number in range(1, count + 1):
        made = commit(session, number)
        # It may be pruned before or while it is read.
        try:
            files += read_commit(session, made)
        except OSError as error:
            if error.errno not in GONE:
                raise
        most = max(most, resident(process))
        if number == count // 2:
            half = most
        if number % max(1, count // 20) == 0:
            print(f"{number:8} commits, {files:9} files read: {resident(process)} KiB", flush=True)
    report = pruning.end()
    if "error" in report:
        print(f"FAILED: {report['error']}")
        return 1
    print(f"{report['rounds']} prunes; at most {most} KiB, {half} after half of the commits")
    return int(most > LIMIT) + int(count < SHORT and most > half + GROWTH)


def main() -> None:
    """Soak a mount of a store in a directory of its own."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    options = ["-o", "cache=256K"] if count < SHORT else []
    with tempfile.TemporaryDirectory(prefix="podfs-soak-") as directory:
        path, mount = f"{directory}/store", f"{directory}/mount"
        Path(mount).mkdir()
        command(path, "init")
        command(path, "mount", *options, mount)
        try:
            (Path(mount) / SESSION).mkdir()
            failures = soak(path, mount, count)
            log = Path(path, "log").read_text(encoding="utf-8")
            if log:
                failures += 1
                print(f"FAILED: the daemon had to tell: {log[:2000]}")
            command(path, "umount", mount)
            print(command(path, "check", "--data").strip())
        finally:
            subprocess.run(["umount", "-l", mount], capture_output=True, check=False)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
