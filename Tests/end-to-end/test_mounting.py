"""Where a store may be mounted, with which options, and for whom."""

from __future__ import annotations

import errno
import os
import select
import stat
import subprocess
from pathlib import Path
from typing import Any

import podfs as python
import pytest
from conftest import EXECUTABLE, Podfs, is_mounted


@pytest.fixture
def alice(podfs: Podfs) -> Podfs:
    """A session with one commit."""
    with python.Store(podfs.store) as store:
        store.session("alice").save({"x": [1, 2, 3], "long": ["text"] * 10_000})
    return podfs


def mounted(podfs: Podfs, folder: Path, options: str) -> Path:
    """Mount with options; the mount goes with the test."""
    folder.mkdir(exist_ok=True)
    podfs.mounts.append(folder)
    assert podfs("mount", "-o", options, folder) == ""
    return folder


def mode(path: Path) -> int:
    """Return the permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_read_only(alice: Podfs, tmp_path: Path) -> None:
    tree = mounted(alice, tmp_path / "mount", "ro,noauto,nofail,x-systemd.automount")
    for change in (
        lambda: (tree / "bob").mkdir(),
        lambda: (tree / "alice/workspace/y").write_text("y"),
        lambda: (tree / "alice/workspace/x").unlink(),
        lambda: (tree / "alice/commit").write_text("a message"),
        lambda: os.utime(tree / "alice/workspace/x"),
    ):
        with pytest.raises(OSError, match="Read-only") as caught:
            change()
        assert caught.value.errno == errno.EROFS
    mount = alice.json("status")[0]["mounts"][0]
    assert mount["options"] == ["ro"]
    assert f"{tree}, process {mount['process']}, ro" in alice("status")


def test_owner_and_permissions(alice: Podfs, tmp_path: Path) -> None:
    tree = alice.mount(tmp_path / "plain")
    for path in (tree, tree / "alice/workspace/x", tree / "alice/commits/1/x", tree / "README"):
        assert (path.stat().st_uid, path.stat().st_gid) == (os.geteuid(), os.getegid())
    assert mode(tree / "alice/commits/1/x") == 0o444
    assert mode(tree / "alice/commits/1") == 0o555
    assert mode(tree / "alice/workspace/x") == 0o644
    assert mode(tree / "alice/workspace") == 0o755
    tree = mounted(alice, tmp_path / "shared", "uid=12,gid=34,umask=027")
    for path in (tree, tree / "alice/workspace/x", tree / "alice/commits/1/x", tree / "README"):
        assert (path.stat().st_uid, path.stat().st_gid) == (12, 34)
    assert mode(tree / "alice/commits/1/x") == 0o440
    assert mode(tree / "alice/commits/1") == 0o550
    assert mode(tree / "alice/workspace/x") == 0o640
    assert mode(tree / "alice/workspace") == 0o750


def test_limit_of_texts(alice: Podfs, tmp_path: Path) -> None:
    tree = mounted(alice, tmp_path / "mount", "text_limit=1K,cache=1M")
    text = (tree / "alice/text/1/long").read_bytes()
    assert 500 < len(text) < 4000
    assert "3" in (tree / "alice/text/1/x").read_text()


@pytest.mark.parametrize("option", ["frob", "uid=nobody-has-this-name", "umask=9", "cache=much"])
def test_unknown_option(alice: Podfs, tmp_path: Path, option: str) -> None:
    (tmp_path / "mount").mkdir()
    assert option.split("=")[-1] in alice.error("mount", "-o", option, tmp_path / "mount", code=2)
    assert not is_mounted(tmp_path / "mount")


def test_mount_is_private_unless_said_otherwise(alice: Podfs, tmp_path: Path) -> None:
    private = alice.mount(tmp_path / "private")
    shared = mounted(alice, tmp_path / "shared", "allow_other,umask=007")
    table = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in table if f" {private} " in line]
    assert "default_permissions" in line
    assert "allow_other" not in line
    (line,) = [line for line in table if f" {shared} " in line]
    assert "default_permissions,allow_other" in line
    assert "nosuid,nodev" in line


def test_places_that_are_refused(alice: Podfs, tmp_path: Path) -> None:
    tree = alice.mount(tmp_path / "mount")
    (tmp_path / "full" / "x").mkdir(parents=True)
    (tmp_path / "file").touch()
    for place, words in {
        tmp_path: "holds the store",
        Path("/"): "holds the store",
        alice.store: "inside the store",
        alice.store / "cache": "inside the store",
        tree: "mounted at",
        tree / "alice/workspace": "inside the podfs",
        tmp_path / "full": "holds files",
        tmp_path / "file": "is a file",
        tmp_path / "none": "make the directory",
    }.items():
        assert words in alice.error("mount", place)
    assert len(alice.json("status")[0]["mounts"]) == 1
    # Another store is no better there.
    other = Podfs(tmp_path / "other")
    other("init")
    assert "inside the podfs" in other.error("mount", tree / "alice/commits/1")
    assert "mounted at" in other.error("mount", tree)


def test_only_one_of_many_mounts_at_one_place(alice: Podfs, tmp_path: Path) -> None:
    place = tmp_path / "mount"
    place.mkdir()
    alice.mounts.append(place)
    command: list[Any] = [EXECUTABLE, "mount", place, "--store", alice.store]
    attempts = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    ends = [(attempt.communicate()[1], attempt.returncode) for attempt in attempts]
    assert sorted(code for _, code in ends) == [0, 1, 1, 1, 1, 1]
    assert all("mount" in line for line, code in ends if code == 1)
    assert len(alice.json("status")[0]["mounts"]) == 1


def test_auto_unmount(alice: Podfs, tmp_path: Path) -> None:
    tree = mounted(alice, tmp_path / "mount", "auto_unmount")
    assert (tree / "README").exists()
    with Path("/proc/self/mountinfo").open() as mounts:
        changes = select.poll()
        changes.register(mounts, select.POLLERR | select.POLLPRI)
        os.kill(alice.daemon(), 9)
        while is_mounted(tree):
            assert changes.poll(10_000)
    assert os.listdir(tree) == []
