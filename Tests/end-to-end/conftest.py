"""What the end-to-end tests share: the real executable, stores, and real mounts."""

from __future__ import annotations

import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import podfs as python
import pytest

ROOT = Path(__file__).resolve().parents[2]
EXECUTABLE = Path(os.environ.get("PODFS_EXECUTABLE", ROOT / ".build" / "debug" / "podfs"))
# Long enough for a busy machine, short enough that a hang is a failure and not a timeout of CI.
SECONDS = 60


@dataclass
class Podfs:
    """The command line, at work on one store."""

    store: Path
    mounts: list[Path] = field(default_factory=list)

    def run(self, *arguments: object, **options: Any) -> subprocess.CompletedProcess[bytes]:
        """Run a command line as it stands, without adding the store."""
        environment = {**os.environ, "PODFS_STORE": str(self.store), **options.pop("env", {})}
        return subprocess.run(
            [EXECUTABLE, *map(str, arguments)],
            env=environment,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
            **options,
        )

    def __call__(self, *arguments: object, code: int = 0, **options: Any) -> str:
        """Run a command that says nothing on standard error; return its output."""
        done = self.run(*arguments, **options)
        assert (done.returncode, done.stderr.decode()) == (code, "")
        return done.stdout.decode()

    def json(self, *arguments: object, code: int = 0) -> list[Any]:
        """Run a command with ``--json``; return the value of each line."""
        return [json.loads(line) for line in self(*arguments, "--json", code=code).splitlines()]

    def error(self, *arguments: object, code: int = 1, **options: Any) -> str:
        """Run a command that fails; return the one line that it says."""
        done = self.run(*arguments, **options)
        line = done.stderr.decode()
        assert done.returncode == code, (done.returncode, line, done.stdout)
        assert done.stdout == b""
        assert line.startswith("podfs: ")
        assert line.endswith("\n")
        assert line.count("\n") == 1
        return line.removeprefix("podfs: ").rstrip("\n")

    def mount(self, mount_point: Path) -> Path:
        """Mount the store; it is unmounted after the test."""
        mount_point.mkdir(exist_ok=True)
        self.mounts.append(mount_point)
        assert self("mount", mount_point) == ""
        return mount_point

    def daemon(self) -> int:
        """Return the process that serves the last mount."""
        process: int = self.json("status")[0]["mounts"][-1]["process"]
        return process

    def close(self) -> None:
        """Unmount all that is still mounted, in use or not."""
        for mount_point in self.mounts:
            if is_mounted(mount_point) and self.run("umount", mount_point).returncode != 0:
                self("umount", "--lazy", mount_point)


def is_mounted(path: Path) -> bool:
    """Tell whether anything is mounted at *path*, without touching what is there."""
    return f" {path} " in Path("/proc/self/mountinfo").read_text(encoding="utf-8")


def run_script(script: str, *arguments: str, seconds: float) -> str:
    """Run a program of ``Tests`` on what was built, which must succeed; return its output."""
    environment = {
        **os.environ,
        "PODFS_EXECUTABLE": str(EXECUTABLE),
        "PYTHONPATH": str(ROOT / "Sources" / "python"),
        "PODFS_LIBRARY": str(ROOT / ".build-bridge" / "libpodfs.so"),
    }
    done = subprocess.run(
        [sys.executable, ROOT / "Tests" / script, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wait_until(condition: Callable[[], bool]) -> None:
    """Return when *condition* holds, which it must soon, however busy the machine is."""
    limit = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < limit


def shell(command: str, folder: Path, code: int = 0) -> str:
    """Run a line of shell in *folder*, as a person would; return what it prints."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout


def save(podfs: Podfs, session: str, *namespaces: dict[str, Any]) -> None:
    """Commit namespaces, one after the other."""
    with python.Store(podfs.store) as store:
        for namespace in namespaces:
            store.session(session).save(namespace)


def has_ended(handle: int) -> bool:
    """Wait until the process behind a pidfd has ended, and close the pidfd."""
    try:
        return bool(select.select([handle], [], [], SECONDS)[0])
    finally:
        os.close(handle)


def kill(process: int) -> None:
    """End a process that is no child of ours, and wait until it has ended."""
    handle = os.pidfd_open(process)
    os.kill(process, signal.SIGKILL)
    assert has_ended(handle)


def noise(count: int) -> bytes:
    """Return bytes that no codec makes smaller, the same on every run."""
    return random.Random(count).randbytes(count)


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skip a test, and say so, where a program is missing."""
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)}")


def pack_bytes(store: Path) -> int:
    """Return the number of bytes in all packs of a store."""
    return sum(pack.stat().st_size for pack in (store / "packs").iterdir())


@pytest.fixture
def podfs(tmp_path: Path) -> Iterator[Podfs]:
    """The command line, with an empty store of the test's own."""
    command = Podfs(tmp_path / "store")
    command("init")
    yield command
    command.close()


@pytest.fixture
def mount(podfs: Podfs, tmp_path: Path) -> Path:
    """A mount of the test's store."""
    return podfs.mount(tmp_path / "mount")
