"""Stores that cannot be written: snapshots, backups, other users' stores."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import podfs as python
import pytest
from conftest import EXECUTABLE, SECONDS, Podfs, is_mounted, noise, save, shell, wait_until

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts disks as root")

READING: list[tuple[str, ...]] = [
    ("sessions",),
    ("log", "alice"),
    ("ls", "alice@1"),
    ("ls", "alice"),
    ("cat", "--text", "alice@1:x"),
    ("cat", "alice@2:large"),
    ("diff", "alice@1", "alice@2"),
    ("show", "alice@2"),
    ("show", "alice@2:x"),
    ("history", "alice:x"),
    ("why", "alice@2:x"),
    ("branch", "alice"),
    ("stats",),
    ("stats", "alice"),
    ("check",),
    ("check", "--data"),
    ("config",),
]


@pytest.fixture
def alice(podfs: Podfs) -> Podfs:
    """A session with two commits."""
    save(
        podfs,
        "alice",
        {"x": [1, 2, 3], "large": noise(300_000)},
        {"x": [1, 2, 3, 4], "large": noise(300_000)},
    )
    return podfs


def with_log(store: Path) -> None:
    """Commit once more, and leave it in the log alone, as a killed process does."""
    program = """
import os, sys, podfs
store = podfs.Store(sys.argv[1])
store.session("alice").save({"x": "in the log"})
os._exit(0)
"""
    subprocess.run(
        [sys.executable, "-c", program, store],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
    )
    assert (store / "podfs.db-wal").stat().st_size > 0


class Disk:
    """A disk that is filled and then made read-only."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()
        self._mount("-t", "tmpfs", "none", place)

    @staticmethod
    def _mount(*words: object) -> None:
        subprocess.run(["mount", *map(str, words)], check=True)

    def close(self) -> None:
        """Let nothing be changed from now on."""
        self._mount("-o", "remount,ro", self.place)

    def unmount(self) -> None:
        """Take it away; fails while anybody uses it."""
        subprocess.run(["umount", self.place], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """An empty disk."""
    disk = Disk(tmp_path / "disk")
    yield disk
    if is_mounted(disk.place):
        subprocess.run(["umount", "-l", disk.place], check=True)


def outputs(podfs: Podfs) -> list[tuple[list[str], int, bytes, bytes]]:
    """Return what the reading commands say."""
    done = [podfs.run(*words) for words in READING]
    # A log takes room that the database does not take once it is written back.
    size = re.compile(rb"\S+ \S+ in the database")
    return [(run.args[1:], run.returncode, size.sub(b"", run.stdout), run.stderr) for run in done]


@needs_root
@pytest.mark.parametrize(
    ("missing", "logged"),
    [
        ((), False),
        (("-shm",), False),
        (("-wal",), False),
        (("-shm", "-wal"), False),
        ((), True),
        (("-shm",), True),
    ],
)
def test_store_on_a_read_only_disk(
    alice: Podfs, disk: Disk, tmp_path: Path, missing: tuple[str, ...], logged: bool
) -> None:
    if logged:
        with_log(alice.store)
    copy = Podfs(disk.place / "a store?#%")
    shutil.copytree(alice.store, copy.store)
    for suffix in missing:
        (copy.store / f"podfs.db{suffix}").unlink(missing_ok=True)
    expected = outputs(alice)
    disk.close()
    assert outputs(copy) == expected
    if logged:
        assert "in the log" in copy("cat", "--text", "alice@3:x")
    assert copy.json("status")[0]["writable"] is False
    for command in (
        ("commit", "alice", "-m", "no", "--allow-empty"),
        ("tag", "alice", "no", "1"),
        ("gc",),
        ("undo", "alice"),
    ):
        line = copy.error(*command)
        assert "read-only" in line, line

    runtime = {"XDG_RUNTIME_DIR": str(tmp_path)}
    mount = tmp_path / "mount"
    mount.mkdir()
    copy.mounts.append(mount)
    line = copy("mount", mount, env=runtime)
    assert line == f"'{copy.store}' cannot be written, so the mount is read-only\n"
    (entry,) = json.loads(copy("status", "--json", env=runtime))["mounts"]
    assert (entry["path"], entry["alive"], entry["options"]) == (str(mount), True, ["ro"])
    assert entry["process"]
    copies = alice.mount(tmp_path / "writable")
    shell(f"diff -r {copies}/alice/commits {mount}/alice/commits", tmp_path)
    shell(f"diff -r {copies}/alice/text {mount}/alice/text", tmp_path)
    shell(f"diff -r {copies}/alice/workspace {mount}/alice/workspace", tmp_path)
    for change in ("touch new", "rm x", "echo 1 > x"):
        assert "Read-only file system" in shell(
            f"({change}) 2>&1 || true", mount / "alice/workspace"
        )
    copy("umount", mount, env=runtime)
    # Whoever unmounts waits for the daemon, so the disk is free.
    disk.unmount()


@needs_root
def test_read_only_mount_without_a_word(alice: Podfs, disk: Disk, tmp_path: Path) -> None:
    """Without a folder for records, too: then nobody is waited for, and status says so."""
    copy = Podfs(disk.place / "store")
    shutil.copytree(alice.store, copy.store)
    disk.close()
    mount = tmp_path / "mount"
    mount.mkdir()
    copy.mounts.append(mount)
    nowhere = {"XDG_RUNTIME_DIR": str(tmp_path / "none")}
    assert copy("mount", "-o", "ro", mount, env=nowhere) == ""
    assert "a process that left no record" in copy("status", env=nowhere)
    assert (mount / "alice/commits/1/x").read_bytes()
    copy("umount", mount, env=nowhere)
    assert not is_mounted(mount)


@needs_root
@pytest.mark.parametrize("is_open", [True, False])
def test_store_that_is_written_elsewhere(alice: Podfs, tmp_path: Path, is_open: bool) -> None:
    """Behind a read-only bind mount, as containers have it, the store goes on."""
    if not is_open:
        # Nobody shares anything yet; whoever writes first begins to.
        for suffix in ("-wal", "-shm"):
            (alice.store / f"podfs.db{suffix}").unlink(missing_ok=True)
    view = tmp_path / "view"
    view.mkdir()
    subprocess.run(["mount", "--bind", alice.store, view], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", view], check=True)
        seen = Podfs(view)
        mount = tmp_path / "mount"
        mount.mkdir()
        seen.mounts.append(mount)
        runtime = {"XDG_RUNTIME_DIR": str(tmp_path)}
        seen("mount", "-o", "ro", mount, env=runtime)
        assert not (mount / "alice/commits/3").exists()
        for number in range(3, 8):
            with python.Store(alice.store) as store:
                store.session("alice").save({"x": number})
            assert f"alice@{number}" in seen("show", f"alice@{number}")
            assert seen("cat", "--text", f"alice@{number}:x").strip() == str(number)
        wait_until((mount / "alice/commits/7").exists)
        assert (mount / "alice/text/7/x").read_text().strip() == "7"
        seen("umount", mount, env=runtime)
    finally:
        subprocess.run(["umount", "-l", view], check=True)


@needs_root
def test_store_of_another_user(alice: Podfs, tmp_path: Path) -> None:
    """A store that others may read is read without a trace of it."""
    for path in (alice.store, *alice.store.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    for folder in (tmp_path, *tmp_path.parents)[:3]:
        folder.chmod(folder.stat().st_mode | 0o111)
    expected = outputs(alice)
    for suffix in ("", "-shm", "-wal"):
        if suffix:
            (alice.store / f"podfs.db{suffix}").unlink(missing_ok=True)
        before = sorted(alice.store.rglob("*"))
        for words, code, stdout, _ in expected:
            done = subprocess.run(
                [EXECUTABLE, *words, "--store", alice.store],
                user=12345,
                group=12345,
                extra_groups=[],
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
            assert (words, done.returncode, done.stderr) == (words, code, b"")
            # The mode of the store is told to whoever may change it.
            if words[0] not in ("check", "stats"):
                assert done.stdout == stdout
        assert sorted(alice.store.rglob("*")) == before
