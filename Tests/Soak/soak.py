"""Many processes use one store at once; in the end everything that they were told is compared.

    python Tests/Soak/soak.py SECONDS

Eight processes commit, four to sessions of their own and four to one session; four read what was
committed; a mount is written, copied and read by ordinary calls; garbage is collected, history
pruned and sessions removed all the time; and processes that have the store open fork. There must be
no error, every commit that was acknowledged must be read as it was saved, and no reader may wait
for anybody else: what is measured are calls in which a reader gave the processor up by itself, less
the time that it was ready to run and did not get it back.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import podfs

ROOT = Path(__file__).resolve().parents[2]
EXECUTABLE = Path(os.environ.get("PODFS_EXECUTABLE", ROOT / ".build" / "debug" / "podfs"))
# What a reader may wait, in milliseconds.
LIMIT = 50

# A dict with what a process has to tell in the end, or where it failed.
Report = dict[str, Any]


class Process:
    """A process that does one thing until it is told to stop."""

    def __init__(self, body: Callable[..., Report], *arguments: object) -> None:
        context = multiprocessing.get_context("spawn")
        self.name = " ".join([body.__name__, *map(str, arguments[1:])])
        self._receiver, sender = context.Pipe(duplex=False)
        self.stop: Event = context.Event()
        self._process = context.Process(
            target=_run, args=(sender, body, (*arguments, self.stop)), name=self.name
        )
        self._process.start()
        sender.close()

    def end(self) -> Report:
        """Stop the process and return its report."""
        self.stop.set()
        try:
            report: Report = self._receiver.recv() if self._receiver.poll(120) else {}
        except EOFError:
            report = {}
        self._process.join(10)
        if self._process.exitcode is None:
            self._process.kill()
        if not report:
            report = {"error": f"it ended with {self._process.exitcode} and said nothing"}
        return report


def _run(sender: Any, body: Callable[..., Report], arguments: tuple[object, ...]) -> None:
    try:
        sender.send(body(*arguments))
    except BaseException:
        sender.send({"error": traceback.format_exc()})


def value(seed: int) -> dict[str, Any]:
    """Return a value that is told by *seed*: records, a shared list, and bytes."""
    generator = random.Random(seed)
    shared = [generator.random() for _ in range(50)]
    return {
        "records": [{"name": f"row {n}", "value": generator.random()} for n in range(100)],
        "left": shared,
        "right": [shared, seed],
        "bytes": random.Random(seed // 5).randbytes(60_000),
    }


def committer(path: str, session: str, number: int, stop: Event) -> Report:
    """Commit to a session, which others may do too; each process has a variable of its own."""
    store = podfs.Store(path)
    handle = store.session(session)
    namespace = handle.namespace()
    saved: dict[int, int] = {}
    seed = number * 1_000_000
    while not stop.is_set():
        seed += 1
        namespace[f"v{number}"] = value(seed)
        if seed % 50 == 0:
            fork(store)
        saved[int(handle.save(namespace, message=str(seed)))] = seed
        if seed % 20 == 0:
            time.sleep(0.05)
    return {"session": session, "number": number, "saved": saved}


def fork(store: podfs.Store) -> None:
    """Fork as multiprocessing does in a notebook; the child saves and loads, too."""
    child = os.fork()
    if child == 0:
        try:
            handle = store.session(f"child-{os.getpid()}")
            namespace = handle.namespace()
            namespace["x"] = value(os.getpid())
            revision = handle.save(namespace)
            os._exit(0 if handle.load(revision)["x"] == value(os.getpid()) else 1)
        except BaseException:
            traceback.print_exc()
            os._exit(2)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        raise AssertionError("a forked child could not save and load")


def reader(path: str, stop: Event) -> Report:
    """Read what the last commits have, and measure for how long that waits."""
    store = podfs.Store(path)
    waits: list[float] = []
    while not stop.is_set():
        for number in range(8):
            read(store.session("shared" if number % 2 else f"own-{number}"), waits)
    return {"waits": waits}


def read(session: podfs.Session, waits: list[float]) -> None:
    """Load what the last three commits of a session have, and compare it."""
    for commit in measured(session.log, waits)[:3]:
        name = f"v{int(commit.message) // 1_000_000}"
        loaded = measured(partial(session.load, commit.number, [name]), waits)
        if loaded[name] != value(int(commit.message)):
            raise AssertionError(f"{session.name}@{commit.number}:{name} has another value")


def measured(call: Callable[[], Any], waits: list[float]) -> Any:
    """Call, and note for how many milliseconds the thread waited for something."""
    before = _schedule()
    result = call()
    after = _schedule()
    wall, ran, ready, switches = (b - a for a, b in zip(before, after, strict=True))
    waits.append(max(0, wall - ran - ready) * 1000 if switches else 0)
    return result


def _schedule() -> tuple[float, float, float, int]:
    ran, ready, _ = Path("/proc/thread-self/schedstat").read_text(encoding="ascii").split()
    switches = resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw
    return time.monotonic(), int(ran) / 1e9, int(ready) / 1e9, switches


def filer(path: str, mount_point: str, stop: Event) -> Report:
    """Write, copy, read and list files of a mount."""
    mount = Path(mount_point)
    (mount / "files").mkdir(exist_ok=True)
    workspace = mount / "files" / "workspace"
    rounds = 0
    while not stop.is_set():
        rounds += 1
        data = random.Random(rounds).randbytes(30_000 + rounds % 1000)
        (workspace / "raw").write_bytes(data)
        if (workspace / "raw").read_bytes() != data:
            raise AssertionError("a file has other bytes than were written")
        commits = sorted(
            (mount / "shared" / "commits").iterdir(), key=lambda entry: int(entry.name)
        )
        for entry in commits[-2:]:
            for file in entry.iterdir():
                file.read_bytes()
        if commits:
            source = next(commits[-1].iterdir())
            shutil.copyfile(source, workspace / "copy")
            if (workspace / "copy").read_bytes() != source.read_bytes():
                raise AssertionError("a copy has other bytes")
        (mount / "files" / "commit").write_text(f"round {rounds}")
        subprocess.run(["diff", "-r", str(mount / "README"), str(mount / "README")], check=True)
    return {"rounds": rounds}


def collector(path: str, stop: Event) -> Report:
    """Make garbage and collect it: prune, remove sessions, collect, and check."""
    rounds = 0
    freed = 0
    while not stop.is_set():
        rounds += 1
        make_garbage(path, f"gone-{rounds}")
        command(path, "prune", "files", "--keep-last", "5")
        command(path, "rm", "-r", f"gone-{rounds}")
        freed += json.loads(command(path, "gc", "--json"))["bytes"]
    return {"rounds": rounds, "freed": freed}


def make_garbage(path: str, session: str) -> None:
    """Commit to a session that will be removed, and let go of the store and its pack."""
    handle = podfs.Store(path).session(session)
    namespace = handle.namespace()
    for seed in range(3):
        namespace["x"] = value(hash(session) + seed)
        handle.save(namespace)


def command(path: str, *arguments: str) -> str:
    """Run podfs, which must succeed."""
    done = subprocess.run(
        [EXECUTABLE, "--store", path, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise AssertionError(f"podfs {' '.join(arguments)}: {done.returncode} {done.stderr}")
    return done.stdout


def compare(path: str, reports: list[Report]) -> int:
    """Load every commit that was acknowledged and compare it; return how many."""
    store = podfs.Store(path)
    count = 0
    for report in reports:
        session = store.session(report["session"])
        name = f"v{report['number']}"
        for number, seed in report["saved"].items():
            if session.load(number, [name])[name] != value(seed):
                raise AssertionError(f"{session.name}@{number}:{name} was lost")
            count += 1
    shared = [set(report["saved"]) for report in reports if report["session"] == "shared"]
    if sum(map(len, shared)) != len(set().union(*shared)):
        raise AssertionError("two writers were told of the same commit")
    return count


def soak(path: str, mount_point: str, seconds: float) -> int:
    """Run it all; print what came of it, and return the number of failures."""
    store = podfs.Store(path)
    for number in range(4):
        handle = store.session(f"own-{2 * number}")
        handle.save({f"v{number}": value(number * 1_000_000)}, message=str(number * 1_000_000))
    store.session("shared").save({"v7": value(7_000_000)}, message="7000000")
    # The collector prunes it, whoever is first.
    store.session("files")
    command(path, "mount", mount_point)
    committers = [Process(committer, path, f"own-{2 * number}", number) for number in range(4)]
    committers += [Process(committer, path, "shared", number) for number in range(4, 8)]
    readers = [Process(reader, path) for _ in range(4)]
    others = [Process(filer, path, mount_point), Process(collector, path)]
    time.sleep(seconds)
    everyone = [*committers, *readers, *others]
    for process in everyone:
        process.stop.set()
    reports = {process.name + f" #{index}": process.end() for index, process in enumerate(everyone)}
    failures = 0
    for name, report in reports.items():
        if "error" in report:
            failures += 1
            print(f"FAILED {name}:\n{report['error']}")
    good = [report for report in reports.values() if "error" not in report]
    count = compare(path, [report for report in good if "saved" in report])
    print(f"{count} commits of 8 processes, each loaded and equal")
    failures += late_calls(good)
    for name, report in reports.items():
        if "rounds" in report:
            freed = f", {report['freed'] >> 10} KiB freed" if "freed" in report else ""
            print(f"{name.split()[0]}: {report['rounds']} rounds{freed}")
    command(path, "umount", mount_point)
    print(command(path, "check", "--data").strip())
    return failures


def late_calls(reports: list[Report]) -> int:
    """Print how long readers waited; return how often it was too long."""
    waits = sorted(wait for report in reports for wait in report.get("waits", []))
    late = sum(wait > LIMIT for wait in waits)
    print(
        f"{sum(wait > 0 for wait in waits)} of {len(waits)} calls of readers waited for something, "
        f"{waits[-1]:.1f} ms at most; {late} over {LIMIT} ms"
    )
    return int(late)


def main() -> None:
    """Soak a store in a directory of its own."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 120
    with tempfile.TemporaryDirectory(prefix="podfs-soak-") as directory:
        mount_point = Path(directory) / "mount"
        mount_point.mkdir()
        try:
            failures = soak(str(Path(directory) / "store"), str(mount_point), seconds)
        finally:
            subprocess.run(["umount", "-l", mount_point], capture_output=True, check=False)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
