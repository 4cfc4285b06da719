"""A store with a mount, for programs that compare it with something else."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXECUTABLE = Path(os.environ.get("PODFS_EXECUTABLE", ROOT / ".build" / "debug" / "podfs"))
SECONDS = 120


class Mounted:
    """A mount of an empty store, in a folder that holds other things as well."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "mount"
        self.root.mkdir()
        self._sessions = 0
        self.run("init")
        self.mount()

    def run(self, *arguments: str) -> str:
        """Run a command of podfs; return what it prints."""
        done = subprocess.run(
            [EXECUTABLE, *arguments, "--store", self.folder / "store"],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"podfs {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def mount(self) -> None:
        """Mount the store."""
        self.run("mount", str(self.root))

    def unmount(self) -> None:
        """End the mount; nothing may be open."""
        self.run("umount", str(self.root))

    def session(self) -> str:
        """Make a session; return its name."""
        self._sessions += 1
        name = f"s{self._sessions}"
        (self.root / name).mkdir()
        return name

    def workspace(self, session: str) -> Path:
        """Return the workspace of a session."""
        return self.root / session / "workspace"

    def commit(self, session: str) -> Path:
        """Commit the workspace of a session, as a person does; return the commit's folder."""
        (self.root / session / "commit").write_text("step")
        return (self.root / session / "HEAD").resolve()


@contextlib.contextmanager
def mounted() -> Iterator[Mounted]:
    """Give a mount that is gone in the end, with its store."""
    with tempfile.TemporaryDirectory(prefix="podfs-model-") as name:
        mount = Mounted(Path(name))
        try:
            yield mount
        finally:
            subprocess.run([EXECUTABLE, "umount", "--lazy", mount.root], check=False)
