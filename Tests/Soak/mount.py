"""Many programs use one mount at once; every byte that is read is compared with what was written.

    python Tests/Soak/mount.py SECONDS

Sixty-four threads read and sixteen write, in eight processes, while others commit, check out,
prune and collect. What is written says itself what it must be: a file begins with the seed of
its bytes and their number. Half of the writers put a new file in the place of the old one, half
write in place under a lock that readers take too. A file of a commit must always be whole; a
file that is open must stay readable, whatever is pruned meanwhile. In the end 10,000 files are
opened and closed, and the daemon may need neither more descriptors nor more memory for it.
"""

from __future__ import annotations

import errno
import fcntl
import json
import mmap
import os
import random
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path

from soak import Process, Report, command

# Four that are written all the time, and one in which old commits are checked out.
SESSIONS = ["s0", "s1", "s2", "s3", "old"]
READERS, WRITERS, PROCESSES = 64, 16, 4
HEADER = struct.Struct("<QQ")
# What happens to a name between looking at it and opening it, when others rename and prune.
GONE = {errno.ENOENT, errno.ESTALE}
# What a daemon may need more after 10,000 files, in descriptors and KiB.
DESCRIPTORS, MEMORY = 16, 16 << 10


def contents(seed: int) -> bytes:
    """Return a file that says what it must be; one in fifty is large."""
    generator = random.Random(seed)
    size = generator.randrange(3_000_000 if seed % 50 == 0 else 60_000)
    return HEADER.pack(seed, size) + generator.randbytes(size)


def verify(data: bytes, path: Path) -> int:
    """Fail unless a file is whole; return its seed."""
    if len(data) < HEADER.size:
        raise AssertionError(f"{path} has {len(data)} bytes")
    seed, _ = HEADER.unpack_from(data)
    if data != contents(seed):
        raise AssertionError(f"{path} has other bytes than were written with seed {seed}")
    return int(seed)


def in_threads(count: int, body: Callable[[int], None]) -> None:
    """Run a body in threads; fail if one of them does."""
    errors: list[str] = []

    def run(number: int) -> None:
        try:
            body(number)
        except BaseException:
            errors.append(traceback.format_exc())

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise AssertionError(f"{len(errors)} of {count} threads failed: {errors[0]}")


def writers(mount: str, process: int, stop: Event) -> Report:
    """Write files of a session, in threads: two in place, two by renaming."""
    workspace = Path(mount) / f"s{process}" / "workspace"
    written = [0] * (WRITERS // PROCESSES)

    def write(number: int) -> None:
        seed = (process * 100 + number) * 1_000_000
        while not (stop.is_set() and written[number]):
            seed += 1
            path = workspace / f"w{number}-{seed % 3}"
            (in_place if number % 2 else by_renaming)(path, contents(seed))
            if locked(path) != contents(seed):
                raise AssertionError(f"{path} has not what was just written")
            written[number] += 1

    in_threads(len(written), write)
    return {"written": sum(written)}


def in_place(path: Path, data: bytes) -> None:
    """Write a file over what it has, under a lock."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
        with open(descriptor, "r+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not is_named(file.fileno(), path):
                continue
            for start in range(0, len(data), 1 << 17):
                file.write(data[start : start + (1 << 17)])
            file.truncate(len(data))
            return


def by_renaming(path: Path, data: bytes) -> None:
    """Put a new file in the place of the old one."""
    new = path.with_name("new-" + path.name)
    new.write_bytes(data)
    new.rename(path)


def is_named(descriptor: int, path: Path) -> bool:
    """Tell whether a name still leads to the file that was opened by it."""
    try:
        return os.fstat(descriptor).st_ino == path.stat().st_ino
    except FileNotFoundError:
        return False


def locked(path: Path) -> bytes:
    """Read a file of a workspace, under a lock, in one of two ways."""
    while True:
        with path.open("rb", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            if not is_named(file.fileno(), path):
                continue
            size = os.fstat(file.fileno()).st_size
            if size > 0 and size % 2:
                with mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapping:
                    return mapping[:]
            return file.read()


def readers(mount: str, process: int, stop: Event) -> Report:
    """Read files of commits and workspaces, in threads."""
    count = READERS // PROCESSES
    reads = [0] * count
    total = [0] * count

    def read(number: int) -> None:
        generator = random.Random(process * count + number)
        while not (stop.is_set() and reads[number]):
            session = Path(mount) / generator.choice(SESSIONS)
            data = read_one(session, generator)
            if data is not None:
                reads[number] += 1
                total[number] += len(data)

    in_threads(count, read)
    return {"reads": sum(reads), "bytes": sum(total)}


def read_one(session: Path, generator: random.Random) -> bytes | None:
    """Read and verify one file; return None if it was gone before it was open."""
    try:
        if generator.random() < 0.3:
            folder = session / "workspace"
            names = [name for name in os.listdir(folder) if not name.startswith("new-")]
        else:
            folder = (
                session / "commits" / generator.choice(os.listdir(session / "commits") or ["0"])
            )
            names = os.listdir(folder)
            names = [name for name in names if not name.startswith("new-")]
        if not names:
            return None
        path = folder / generator.choice(names)
        if folder.name == "workspace":
            data = locked(path)
            if not data:
                # It was made, and its writer waits for the lock.
                return None
        else:
            file = path.open("rb", buffering=0)
    except OSError as error:
        if error.errno in GONE:
            return None
        raise
    if folder.name != "workspace":
        # Once it is open, nothing may fail.
        with file:
            if generator.random() < 0.2:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            data = file.read()
    verify(data, path)
    return data


def committer(mount: str, stop: Event) -> Report:
    """Commit all sessions by their files, and check out old commits of one by its link."""
    rounds = checkouts = 0
    session = Path(mount) / SESSIONS[-1]
    while not (stop.is_set() and rounds):
        rounds += 1
        by_renaming(session / "workspace" / f"c{rounds % 5}", contents(10**9 + rounds))
        for name in SESSIONS:
            (Path(mount) / name / "commit").write_text(f"round {rounds}")
        for commit in random.sample(os.listdir(session / "commits"), 2):
            try:
                (session / "link").symlink_to(f"commits/{commit}")
                (session / "link").rename(session / "HEAD")
                checkouts += 1
            except OSError as error:
                # It was pruned.
                if error.errno not in GONE:
                    raise
                (session / "link").unlink(missing_ok=True)
        time.sleep(0.05)
    return {"rounds": rounds, "checkouts": checkouts}


def collector(path: str, stop: Event) -> Report:
    """Prune and collect."""
    freed = 0
    while not stop.is_set():
        for name in SESSIONS:
            command(path, "prune", name, "--keep-last", "6")
        try:
            freed += json.loads(command(path, "gc", "--json"))["bytes"]
        except AssertionError as error:
            # The daemon puts small packs together just now.
            if "locked by another process" not in str(error):
                raise
        time.sleep(0.3)
    return {"freed": freed}


def soak(path: str, mount: str, seconds: float) -> int:
    """Run it all; print what came of it, and return the number of failures."""
    for name in SESSIONS:
        (Path(mount) / name).mkdir()
        (Path(mount) / name / "workspace" / "first").write_bytes(contents(len(name)))
        (Path(mount) / name / "commit").write_text("first")
    everyone = [Process(writers, mount, number) for number in range(PROCESSES)]
    everyone += [Process(readers, mount, number) for number in range(PROCESSES)]
    everyone += [Process(committer, mount), Process(collector, path)]
    time.sleep(seconds)
    for process in everyone:
        process.stop.set()
    reports = [process.end() for process in everyone]
    for process, report in zip(everyone, reports, strict=True):
        if "error" in report:
            print(f"FAILED {process.name}:\n{report['error']}")
    sums = {
        word: sum(report.get(word, 0) for report in reports)
        for word in ("written", "reads", "bytes", "rounds", "checkouts", "freed")
    }
    print(
        f"{sums['written']} files written by {WRITERS} threads, {sums['reads']} files of "
        f"{sums['bytes'] >> 20} MiB read by {READERS} and equal; {sums['rounds']} rounds of "
        f"commits, {sums['checkouts']} checkouts, {sums['freed'] >> 20} MiB collected"
    )
    # In a short run there may be nothing to collect yet.
    needed = sums if seconds >= 20 else ("written", "reads", "rounds")
    failed = ["error" in report for report in reports] + [sums[word] == 0 for word in needed]
    return failed.count(True)


def daemon(path: str) -> int:
    """Return the process that serves the mount."""
    return int(json.loads(command(path, "status", "--json"))["mounts"][0]["process"])


def resources(process: int) -> tuple[int, int]:
    """Return how many descriptors a process has, and how many KiB of memory of its own."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    anonymous = next(line for line in status.splitlines() if line.startswith("RssAnon"))
    return len(os.listdir(f"/proc/{process}/fd")), int(anonymous.split()[1])


def leaks(path: str, mount: str, count: int) -> int:
    """Open and close files; return 1 if the daemon needs more for it than before."""
    process = daemon(path)
    session = Path(mount) / "s1"
    commit = session / "commits" / max(os.listdir(session / "commits"), key=int)
    names = os.listdir(commit)

    def use(count: int) -> None:
        for number in range(count):
            verify((commit / names[number % len(names)]).read_bytes(), commit)
            (session / "workspace" / f"leak-{number % 10}").write_bytes(contents(number * 50 + 1))
            os.listdir(session / "workspace")

    use(count // 5)
    before = resources(process)
    use(count)
    after = resources(process)
    print(
        f"{count} files opened and closed: {before[0]} descriptors before and {after[0]} after, "
        f"{before[1]} KiB before and {after[1]} after"
    )
    return int(after[0] > before[0] + DESCRIPTORS or after[1] > before[1] + MEMORY)


def main() -> None:
    """Soak a mount of a store in a directory of its own."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 120
    with tempfile.TemporaryDirectory(prefix="podfs-soak-") as directory:
        path, mount = f"{directory}/store", f"{directory}/mount"
        Path(mount).mkdir()
        command(path, "init")
        command(path, "mount", mount)
        try:
            failures = soak(path, mount, seconds)
            failures += leaks(path, mount, 10_000 if seconds >= 60 else 50)
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
