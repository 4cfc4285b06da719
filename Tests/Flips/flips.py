"""Bits are flipped in the files of a store, one at a time: no value may be wrong, no loss unsaid.

    python Tests/Flips/flips.py FLIPS [SEED [KEEP]]

The store is as it is after an ordinary exit. After each flip everything in it is read: commits with
their messages, times and cells; branches, tags and what is checked out; the type, the size and the
value of every variable. What differs from what was written must be an error, never another value;
and if anything differs, ``podfs check --data`` must report damage. Then ``podfs check --repair``
runs, which must end, and all of it is read again: still nothing may be wrong.

Prints what became of the flips in each file. Ends with 1 if anything was wrong, and says which
flips did it; with KEEP, a directory, the stores stay there.
"""

from __future__ import annotations

import collections
import os
import pickle
import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import podfs

ROOT = Path(__file__).resolve().parents[2]
EXECUTABLE = Path(os.environ.get("PODFS_EXECUTABLE", ROOT / ".build" / "debug" / "podfs"))
SECONDS = 120
# What is read: by kind, place and name.
Seen = dict[tuple[Any, ...], Any]
DAMAGED = "damaged"


def write(path: str) -> None:
    """Write a history with all that a store has."""
    generator = random.Random(7)
    store = podfs.Store(path)
    alice = store.session("alice")
    shared = [1, 2, 3]
    namespace = alice.namespace()
    namespace["shared"], namespace["alias"] = shared, [shared]
    namespace["rows"] = [{"id": i, "text": f"row {i}"} for i in range(200)]
    namespace["noise"] = generator.randbytes(20_000)
    for number in range(25):
        namespace["x"] = [number] * 10
        namespace["rows"][generator.randrange(200)]["text"] = f"changed in {number}"
        if number % 5 == 0:
            shared.append(number)
            namespace[f"y{number}"] = f"made in {number}"
        alice.save(namespace, f"step {number}", podfs.Cell(f"x = [{number}] * 10", number))
    alice.set_tag("good", 7)
    alice.set_branch("idea", 3)
    alice.set_message(5, "said later")
    bob = store.session("bob")
    for number in range(25):
        bob.save({"x": number, "bad": (i for i in range(3))}, message=f"bob {number}")


def make_store(path: Path) -> None:
    """Have a store written, by processes that exit as usual."""
    subprocess.run([sys.executable, __file__, "write", path], check=True)
    for arguments in (
        ("prune", "bob", "--keep-last", "10"),
        ("cp", "alice@3:rows", "bob:copied"),
        ("undo", "alice"),
    ):
        assert run(path, *arguments).returncode == 0
    assert (path / "podfs.db-wal").stat().st_size == 0


def run(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run podfs."""
    return subprocess.run(
        [EXECUTABLE, "--store", path, *arguments],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=SECONDS,
        check=False,
    )


def look(path: Path) -> Seen:
    """Read everything in a store."""
    seen: Seen = {}

    def note(key: tuple[Any, ...], read: Any) -> Any:
        try:
            seen[key] = read()
        except podfs.PodfsError:
            seen[key] = DAMAGED
        return seen[key]

    store = note(("store",), lambda: None) or podfs.Store(path)
    for name in note(("sessions",), store.sessions):
        if (session := note(("open", name), lambda name=name: store.session(name))) == DAMAGED:
            continue
        seen["open", name] = name
        note(("head", name), session.head)
        note(("branches", name), session.branches)
        note(("tags", name), session.tags)
        note(("names", name), lambda: sorted(session.variables()))
        for commit in list_of(note(("log", name), session.log)):
            read_commit(session, commit.number, note)
        read_commit(session, None, note)
    return seen


def read_commit(session: podfs.Session, revision: int | None, note: Any) -> None:
    """Read what is known of a commit, or of the workspace, and each of its values."""
    key = (session.name, revision)
    values = note(("variables", *key), lambda: session.variables(revision))
    for name in values if isinstance(values, dict) else []:
        note(("value", *key, name), lambda name=name: read_value(session, revision, name))


def read_value(session: podfs.Session, revision: int | None, name: str) -> bytes:
    """Read the value of a variable, in a form that can be compared."""
    loaded = session.load(revision, names=[name])
    return pickle.dumps(loaded[name])


def list_of(answer: Any) -> list[Any]:
    """Return an answer that is a list; nothing if it is damaged."""
    return answer if isinstance(answer, list) else []


def look_apart(path: Path) -> Seen | str:
    """Read everything in a store in a process of its own; return how that ended, if it died."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        try:
            try:
                seen: Seen | str = look(path)
            except podfs.PodfsError as error:
                seen = {("store",): DAMAGED, ("error",): str(error)}
            with os.fdopen(writing, "wb") as pipe:
                pickle.dump(seen, pipe)
        except BaseException as error:
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        text = pipe.read()
    status = os.waitpid(child, 0)[1]
    return pickle.loads(text) if status == 0 else f"reading ended with {status}"


def differences(truth: Seen, seen: Seen) -> tuple[list[Any], list[Any]]:
    """Return what is wrong, and what is an error or missing, of what was read."""
    wrong: list[Any] = []
    lost: list[Any] = []
    for key, expected in truth.items():
        found = seen.get(key, DAMAGED)
        if found == DAMAGED and expected != DAMAGED:
            lost.append(key)
        elif found != expected:
            (wrong if key[0] == "value" else lost).append(key)
    wrong += [
        key for key in seen if key[0] == "value" and key not in truth and seen[key] != DAMAGED
    ]
    return wrong, lost


@dataclass
class Outcome:
    """What became of one flip."""

    failures: list[str]
    was_found: bool
    had_losses: bool
    is_mended: bool


def try_flip(path: Path, truth: Seen) -> Outcome:
    """Read, check, repair and read again a store in which a bit was flipped."""
    failures: list[str] = []
    seen = look_apart(path)
    if isinstance(seen, str):
        return Outcome([seen], False, True, False)
    wrong, lost = differences(truth, seen)
    failures += [f"wrong: {key}" for key in wrong[:3]]
    check = run(path, "check", "--data")
    was_found = check.returncode != 0
    if check.returncode not in (0, 1, 3):
        failures.append(f"check ended with {check.returncode}: {check.stderr}")
    if (wrong or lost) and not was_found:
        failures.append(f"not found by check: {(wrong + lost)[:3]}")
    repair = run(path, "check", "--repair")
    if repair.returncode not in (0, 1, 3) or (repair.returncode == 1 and check.returncode != 1):
        failures.append(f"repair ended with {repair.returncode}: {repair.stderr}")
    seen = look_apart(path)
    if isinstance(seen, str):
        return Outcome([*failures, "after repair " + seen], was_found, True, False)
    wrong, still = differences(truth, seen)
    failures += [f"wrong after repair: {key}" for key in wrong[:3]]
    if still and run(path, "check", "--data").returncode == 0 and not lost_with_word(repair):
        failures.append(f"lost without a word after repair: {still[:3]}")
    return Outcome(failures, was_found, bool(wrong or lost), not still)


def lost_with_word(repair: subprocess.CompletedProcess[str]) -> bool:
    """Tell whether a repair said that something cannot be mended, or took something away."""
    return repair.returncode == 3


def kind(file: Path) -> str:
    """Return which kind of file a file of a store is."""
    return "pack" if file.suffix == ".pack" else file.name


def main() -> None:
    """Flip bits, and print a table of what became of them."""
    flips = int(sys.argv[1])
    generator = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    keep = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    bad = 0
    with tempfile.TemporaryDirectory(prefix="podfs-flips-") as folder:
        original = Path(folder, "store")
        make_store(original)
        truth = look_apart(original)
        assert isinstance(truth, dict) and DAMAGED not in truth.values(), truth
        files = [
            file
            for file in sorted(original.rglob("*"))
            if file.is_file() and file.stat().st_size > 0 and "leases" not in file.parts
        ]
        # What the database says is known nowhere else, so most flips are there.
        kinds = ["pack", "podfs.db", "podfs.db", "podfs.db"] * 2
        kinds += ["podfs.db", "podfs.db", "format", "podfs.db-shm"]
        for number in range(flips):
            wanted = kinds[number % len(kinds)]
            file = generator.choice([file for file in files if kind(file) == wanted] or files)
            place = generator.randrange(file.stat().st_size * 8)
            copy = Path(folder, "copy")
            shutil.copytree(original, copy)
            target = copy / file.relative_to(original)
            content = bytearray(target.read_bytes())
            content[place // 8] ^= 1 << place % 8
            target.write_bytes(content)
            outcome = try_flip(copy, truth)
            row = counts[kind(file)]
            row["flips"] += 1
            row["found"] += outcome.was_found
            row["losses"] += outcome.had_losses
            row["mended"] += outcome.had_losses and outcome.is_mended
            row["failures"] += bool(outcome.failures)
            for failure in outcome.failures:
                print(f"{kind(file)}, bit {place}: {failure}", flush=True)
            bad += bool(outcome.failures)
            if outcome.failures and keep is not None:
                shutil.copytree(copy, keep / f"{number}-{kind(file)}-{place}")
            shutil.rmtree(copy)
    for name, row in counts.items():
        print(
            f"{name:14} {row['flips']:6} flips, {row['found']:5} found, "
            f"{row['losses']:5} in the way of reading, {row['mended']:5} of them mended, "
            f"{row['failures']:3} failures"
        )
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(sys.argv[2])
    else:
        main()
