"""A database that podfs cannot have written: the mount answers with errors, and lives on."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import podfs as python
import pytest
from conftest import SECONDS, Podfs

# With this every value is put into every column, which takes minutes; otherwise what is in WORST.
EVERYTHING = "PODFS_HOSTILE_EVERYTHING" in os.environ
WORST = [
    ("session", "name", ".."),
    ("session", "created", 2**63 - 1),
    ("binding", "name", "/etc/passwd"),
    ("workspace", "name", "../.."),
    ("root", "size", 2**63 - 1),
    ("pack", "name", "../../outside"),
    ("pack", "bytes", 2**63 - 1),
    ("commit_", "number", 2**36),
    ("tag", "name", "../commits/1"),
]

HOSTILE: dict[str, list[object]] = {
    "INTEGER": [-1, 0, 2**22, 2**36, 2**63 - 1, -(2**63), 77],
    "TEXT": ["", ".", "..", "../..", "a/b", "/etc/passwd", "nul\0x", "two\nlines", "\x1b[31m"],
    "BLOB": [b"", b"\0" * 32, b"\xff" * 32, b"x" * 31, b"y" * 1000],
    "REAL": [-1.0, 1e308, -1e308],
}
HOSTILE["TEXT"] += [
    "x" * 300,
    "HEAD",
    "7",
    "README",
    "../commits/1",
    "e\u0301",
    "(1, -5, 99999999999)",
]

# Looks at everything below a directory as programs do; whatever has another name than a file can
# have, or leads out of it, is told.
WALK = """
import os, sys
root = os.path.realpath(sys.argv[1])
def look(path, depth):
    try:
        status = os.lstat(path)
        assert 0 <= status.st_size < 1 << 62, (path, status)
        for name in os.listxattr(path, follow_symlinks=False):
            os.getxattr(path, name, follow_symlinks=False)
        if os.path.islink(path):
            target = os.path.realpath(path)
            assert target.startswith(root + "/"), (path, target)
            return
        if not os.path.isdir(path):
            with open(path, "rb") as file:
                file.read(100_000)
                file.seek(2**62)
                file.read(10)
            return
        names = os.listdir(path)
    except OSError:
        return
    assert len(set(names)) == len(names), names
    for name in names:
        assert name not in ("", ".", "..") and len(os.fsencode(name)) < 256, name
        if depth < 6:
            look(os.path.join(path, name), depth + 1)
look(root, 0)
assert open(root + "/README").read(), "the mount is gone"
"""


@pytest.fixture
def rich(podfs: Podfs) -> Podfs:
    """A store with rows in as many tables as possible."""
    with python.Store(podfs.store) as store:
        alice = store.session("alice")
        shared = [1, 2, 3]
        alice.save({"x": shared, "y": [shared], "large": random.Random(1).randbytes(50_000)})
        alice.save({"x": 5, "text": "hello", "bad": (number for number in range(3))})
        store.session("bob").save({"z": {"a": 1}})
    tree = podfs.mount(podfs.store.parent / "first")
    (tree / "alice/workspace/file").write_bytes(b"uncommitted")
    os.setxattr(tree / "alice/workspace/file", "user.note", b"kept")
    (tree / "alice/tags/first").symlink_to("../commits/1")
    podfs("umount", tree)
    return podfs


def mutations(database: Path) -> list[tuple[str, str, object]]:
    """Return every table, column and hostile value of a database."""
    connection = sqlite3.connect(database)
    tables = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    found: list[tuple[str, str, object]] = []
    for (table,) in tables.fetchall():
        if connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0:
            continue
        for column, kind in connection.execute(
            f"SELECT name, type FROM pragma_table_info('{table}')"
        ).fetchall():
            found += [(table, column, value) for value in [*HOSTILE[kind], None]]
    connection.close()
    return found


def mutate(database: Path, table: str, column: str, value: object) -> bool:
    """Put a value into the first and the last row of a table; false if its rules forbid that."""
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        changed = 0
        for order in ("", "DESC"):
            try:
                update = connection.execute(
                    f"UPDATE {table} SET {column} = ? WHERE {column} IS "
                    f"(SELECT {column} FROM {table} ORDER BY 1 {order} LIMIT 1)",
                    (value,),
                )
            except sqlite3.IntegrityError:
                continue
            changed += update.rowcount
    connection.close()
    return changed > 0


def restore(database: Path, original: bytes) -> None:
    """Put the original bytes of all tables back, while nobody uses them."""
    for suffix in ("-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    database.write_bytes(original)


def faults(podfs: Podfs, tree: Path, walker: Path, commands: list[list[str]]) -> Iterator[str]:
    """Mount a store, look at all of it, and run commands; yield what went wrong."""
    podfs.mount(tree)
    daemons = os.listdir(podfs.store / "mounts")
    try:
        walked = subprocess.run(
            [sys.executable, walker, tree],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if walked.returncode != 0:
            yield walked.stderr
        for words in commands:
            try:
                ended = podfs.run(*words)
            except subprocess.TimeoutExpired:
                yield f"{words} hangs"
                continue
            # A signal or a trap of Swift would be another code.
            if ended.returncode not in (0, 1, 3) or b"\x1b" in ended.stdout + ended.stderr:
                yield f"{words}: {ended.returncode} {ended.stderr.decode()}"
        if os.listdir(podfs.store / "mounts") != daemons:
            yield "the daemon died"
    finally:
        podfs("umount", tree)


def test_mutated_rows(rich: Podfs, tmp_path: Path) -> None:
    database = rich.store / "podfs.db"
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    original = database.read_bytes()
    everything = mutations(database)
    assert {trial[:2] for trial in WORST} <= {trial[:2] for trial in everything}
    walker = tmp_path / "walk.py"
    walker.write_text(WALK)
    commands = [["status"], ["sessions"], ["log", "alice"], ["show", "alice@1"], ["check"]]
    found: list[str] = []
    for number, trial in enumerate(everything if EVERYTHING else WORST):
        if not mutate(database, *trial):
            continue
        some = commands if EVERYTHING else [commands[number % len(commands)]]
        for fault in faults(rich, tmp_path / "tree", walker, some):
            print(trial, fault, flush=True)
            found.append(f"{trial}: {fault}")
        restore(database, original)
    assert found == []
    assert rich("check", "--data").startswith("no damage")
