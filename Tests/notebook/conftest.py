"""What the tests of the extension share: shells and kernels with stores of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import podfs
import pytest
from IPython.core.interactiveshell import InteractiveShell
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from podfs.pending import finish_all
from traitlets.config import Config

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "Sources" / "python"


def podfs_program(store: str, *arguments: str) -> str:
    """Run the podfs that was built last on *store*, and return what it prints."""
    places = [ROOT / ".build/debug/podfs", ROOT / ".build-bridge/release/podfs"]
    places += [Path(os.environ["PODFS_EXECUTABLE"])] if "PODFS_EXECUTABLE" in os.environ else []
    built = [place for place in places if place.exists()]
    assert built, "podfs is not built; run mount-scripts/build"
    program = max(built, key=lambda place: place.stat().st_mtime)
    return subprocess.run(
        [program, "--store", store, *arguments], check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> podfs.Store:
    """A new store, which is the default one; nothing else of the person's is read or written."""
    path = tmp_path / "store"
    monkeypatch.setenv("PODFS_STORE", str(path))
    monkeypatch.setenv("PYTHONPATH", str(PACKAGE))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return podfs.Store(path)


def settle() -> None:
    """Wait until what this process saves is stored; errors are told by the shell."""
    with suppress(podfs.PodfsError):
        finish_all()


class Shell:
    """IPython in this process; what it prints is read from *capture*."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        self.shell: Any = InteractiveShell.instance(config=config)

    @property
    def variables(self) -> dict[str, Any]:
        """The namespace that cells run in."""
        namespace: dict[str, Any] = self.shell.user_ns
        return namespace

    def run(self, source: str, **options: Any) -> str:
        """Run a cell, and return what it prints."""
        self._capture.readouterr()
        self.shell.run_cell(source, **{"store_history": True, **options})
        settle()
        return self._capture.readouterr().out

    def fail(self, source: str) -> str:
        """Run a cell that fails, and return what it says of that."""
        self._capture.readouterr()
        assert not self.shell.run_cell(source, store_history=True).success
        return self._capture.readouterr().err

    def complete(self, code: str) -> list[str]:
        """Return what is proposed at the end of *code*, in its order."""
        line = code.splitlines()[-1]
        _, matches = self.shell.complete("", line, len(line))
        return list(matches)


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    """A plain IPython without the extension."""
    main = sys.modules["__main__"]
    shell = Shell(capsys)
    yield shell
    shell.run("%unload_ext podfs")
    InteractiveShell.clear_instance()
    sys.modules["__main__"] = main


class Kernel:
    """A notebook in a kernel of its own, run cell by cell."""

    def __init__(self, folder: Path) -> None:
        self.notebook = nbformat.v4.new_notebook()
        self._client = NotebookClient(
            self.notebook, timeout=60, allow_errors=True, resources={"metadata": {"path": folder}}
        )
        self._client.create_kernel_manager()
        self._start()

    def _start(self) -> None:
        self._client.start_new_kernel()
        self._client.start_new_kernel_client()

    def run(self, source: str) -> str:
        """Run a cell, and return its outputs as text."""
        cell = nbformat.v4.new_code_cell(source)
        self.notebook.cells.append(cell)
        self._client.execute_cell(cell, len(self.notebook.cells) - 1)
        # What a notebook does not wait for: that the commit is stored.
        code = "__import__('podfs.pending').pending.finish_all()"
        self._client.kc.execute(code, silent=True, store_history=False)
        self._ask(self._client.kc.kernel_info)
        return "".join(map(_as_text, cell.outputs))

    def outputs(self) -> list[Any]:
        """Return the outputs of the last cell."""
        outputs: list[Any] = self.notebook.cells[-1].outputs
        return outputs

    def complete(self, line: str) -> list[str]:
        """Return what the kernel proposes at the end of *line*."""
        reply = self._ask(self._client.kc.complete, line)
        matches: list[str] = reply["content"]["matches"]
        return matches

    @staticmethod
    def _ask(request: Any, *arguments: Any) -> Any:
        async def ask() -> Any:
            return await request(*arguments, reply=True, timeout=60)

        return run_sync(ask)()

    def restart(self) -> None:
        """End the kernel, with all that it has in memory, and start another."""
        self.stop()
        self._client.create_kernel_manager()
        self._start()

    def stop(self) -> None:
        """End the kernel."""
        self._client._cleanup_kernel()


def _as_text(output: Any) -> str:
    if output.output_type == "stream":
        return str(output.text)
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}\n"
    return str(output.data.get("text/plain", "")) + "\n"


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    """A notebook whose kernel was just started."""
    kernel = Kernel(tmp_path)
    yield kernel
    kernel.stop()
