"""Mounts of one store in several mount and PID namespaces, as containers have them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import podfs as python
import pytest
from conftest import EXECUTABLE, SECONDS, Podfs, has_ended, is_mounted

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="makes mount namespaces as root")


class Container:
    """A shell in namespaces of its own, which runs lines until it is ended."""

    def __init__(self, store: Path, *options: str) -> None:
        self.shell = subprocess.Popen(
            ["unshare", "--mount", *options, "bash"],
            env={**os.environ, "PODFS_STORE": str(store), "podfs": str(EXECUTABLE)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, line: str) -> str:
        """Run a line of shell; return what it prints."""
        assert self.shell.stdin
        assert self.shell.stdout
        self.shell.stdin.write(f"{line}\necho; echo END\n")
        self.shell.stdin.flush()
        lines: list[str] = []
        while (text := self.shell.stdout.readline()) not in ("END\n", ""):
            lines.append(text)
        return "".join(lines)[:-1]

    def status(self) -> Any:
        """Return what the store says of itself, seen from here."""
        return json.loads(self.run('"$podfs" status --json'))

    def end(self) -> None:
        """End everything in it."""
        self.run("for m in $(grep -o '[^ ]*/mount ' /proc/self/mountinfo); do umount -l $m; done")
        self.shell.communicate("exit\n", timeout=SECONDS)


@pytest.fixture
def containers(podfs: Podfs) -> Iterator[list[Container]]:
    """Two containers with the store at the same path, whose processes have the same numbers."""
    with python.Store(podfs.store) as store:
        store.session("alice").save({"x": 1})
    pair = [Container(podfs.store, "--pid", "--fork", "--mount-proc") for _ in range(2)]
    yield pair
    for container in pair:
        container.end()


def test_umount_waits_for_its_own_daemon(
    podfs: Podfs, containers: list[Container], tmp_path: Path
) -> None:
    (tmp_path / "mount").mkdir()
    mount = tmp_path / "mount"
    for container in containers:
        assert container.run(f'"$podfs" mount {mount}; ls {mount}') == "README\nalice\n"
    states = [container.status() for container in containers]
    # The numbers are equal, and mean different processes.
    assert states[0]["mounts"] == states[1]["mounts"]
    for state in states:
        (here,), (elsewhere,) = state["mounts"], state["elsewhere"]
        assert (here["path"], here["alive"]) == (str(mount), True)
        assert (elsewhere["path"], elsewhere["process"]) == (str(mount), None)
    assert [entry["process"] for entry in podfs.json("status")[0]["elsewhere"]] == [None, None]
    assert podfs.json("status")[0]["mounts"] == []
    assert "another mount namespace" in podfs("status")

    assert containers[0].run(f'timeout 20 "$podfs" umount {mount}; echo $?') == "0\n"
    process = states[0]["mounts"][0]["process"]
    # The shell is the parent of all that is left, and its wait for the end may come later.
    assert "ended" in containers[0].run(
        f"while kill -0 {process} 2>/dev/null; do :; done; echo ended"
    )
    assert containers[0].status()["mounts"] == []
    assert containers[1].status()["mounts"] == states[1]["mounts"]
    assert containers[1].status()["elsewhere"] == []
    assert containers[1].run(f"ls {mount}") == "README\nalice\n"
    assert containers[1].run(f'timeout 20 "$podfs" umount {mount}; echo $?') == "0\n"
    assert list((podfs.store / "mounts").iterdir()) == []


def test_umount_of_a_mount_that_another_namespace_has_a_copy_of(
    podfs: Podfs, tmp_path: Path
) -> None:
    mount = podfs.mount(tmp_path / "mount")
    with_copy = Container(podfs.store)
    try:
        # What is unmounted here stays there: unshare(1) makes the copies private.
        assert with_copy.run(f"ls {mount}") == "README\n"
        assert "another mount namespace; its daemon goes on" in podfs("umount", mount)
        assert not is_mounted(mount)
        assert podfs.json("status")[0]["mounts"] == []
        assert with_copy.run(f"ls {mount}") == "README\n"
        assert with_copy.status()["mounts"][0]["alive"] is True
        handle = os.pidfd_open(with_copy.status()["mounts"][0]["process"])
        assert with_copy.run(f'timeout 20 "$podfs" umount {mount}; echo $?') == "0\n"
        assert has_ended(handle)
    finally:
        with_copy.end()


def test_records_that_podfs_did_not_write(podfs: Podfs, tmp_path: Path) -> None:
    """Nothing is removed, waited for or believed because of what stands in mounts/."""
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "4711").touch()
    (podfs.store / "mounts").symlink_to(victim)
    assert podfs.json("status")[0]["elsewhere"] == []
    assert (victim / "4711").exists()
    (tmp_path / "mount").mkdir()
    assert "mounts" in podfs.error("mount", tmp_path / "mount")
    assert not is_mounted(tmp_path / "mount")
    assert (victim / "4711").exists()
    (podfs.store / "mounts").unlink()
    (podfs.store / "mounts").mkdir()
    os.mkfifo(podfs.store / "mounts" / "fifo")
    (podfs.store / "mounts" / "link").symlink_to(victim / "4711")
    (podfs.store / "mounts" / "nonsense").write_bytes(b"\x00\xff\n\n\n")
    mount = podfs.mount(tmp_path / "mount")
    assert [entry["path"] for entry in podfs.json("status")[0]["mounts"]] == [str(mount)]
    assert (victim / "4711").exists()
    podfs("umount", mount)
