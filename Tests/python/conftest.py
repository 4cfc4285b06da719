"""What the tests of the package share."""

from __future__ import annotations

import io
import os
import pickletools
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "Sources" / "python"
sys.path.insert(0, str(PACKAGE))

from podfs.capturing import Capture, capture  # noqa: E402
from podfs.namespace import Namespace  # noqa: E402
from podfs.unpickler import Loader  # noqa: E402


def run(code: str, namespace: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run *code* as the cell of a notebook, in *namespace* or a new one, and return that."""
    namespace = Namespace() if namespace is None else namespace
    exec(compile(code, "<cell>", "exec", dont_inherit=True), namespace)
    return namespace


def one_pickle(captured: Capture) -> bytes:
    """Return the parts of *captured* as one pickle of a tuple."""
    parts = b"".join(bytes(part.stream)[2:-1] for part in captured.parts)
    body = b"\x80\x05(" + parts + b"t."
    pieces = []
    position = 0
    for opcode, _, start in pickletools.genops(body):
        if opcode.name == "FRAME" and start is not None:  # its length no longer fits
            pieces.append(body[position:start])
            position = start + 9
    return b"".join(pieces) + body[position:]


def reload(captured: Capture, namespace: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the variables of *captured*, loaded into *namespace* or a new one."""
    namespace = Namespace() if namespace is None else namespace
    buffers = [bytearray(buffer) for part in captured.parts for buffer in part.buffers]
    values = Loader(namespace).load(io.BytesIO(one_pickle(captured)), buffers)
    namespace.update({part.name: value for part, value in zip(captured.parts, values)})
    return namespace


def saved(namespace: dict[str, Any]) -> dict[str, Any]:
    """Return the variables of *namespace* after a save and a load, all of which must work."""
    captured = capture(namespace)
    assert captured.unsaved == []
    return reload(captured)


def streams(namespace: dict[str, Any]) -> dict[str, bytes]:
    """Return what each variable of *namespace* is pickled to."""
    return {part.name: bytes(part.stream) for part in capture(namespace).parts}


def python(code: str, **environment: str) -> str:
    """Run *code* in a new process, and return what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE), **environment}
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def podfs_program(store: str, *arguments: str) -> str:
    """Run the podfs that was built last on *store*, and return what it prints."""
    places = [ROOT / ".build/debug/podfs", ROOT / ".build-bridge/release/podfs"]
    built = [place for place in places if place.exists()]
    assert built, "podfs is not built; run mount-scripts/build"
    program = max(built, key=lambda place: place.stat().st_mtime)
    return subprocess.run(
        [program, "--store", store, *arguments], check=True, capture_output=True, text=True
    ).stdout
